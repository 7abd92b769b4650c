"""A Word document: headings, statements, three-line tables, pictures, numbered captions."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from xlcity.data_files import require_regular
from xlcity.errors import DataError, UsageError, Where
from xlcity.figures.contents import Label
from xlcity.figures.figure import Figure
from xlcity.report.contents import ReportTable, Section, Sentence, is_roomy
from xlcity.report.docx_parts import (
    EMU,
    END_XML,
    add_charts,
    append_xml,
    begin_xml,
    bookmark,
    contents_name,
    field_xml,
    link_xml,
    mark_xml,
    run_xml,
    set_fonts,
    set_pages,
)
from xlcity.report.docx_table import tables_xml
from xlcity.report.native import Lines
from xlcity.report.texts import invented, remarks, say

#: Fonts of documents without a template: for Latin and for Chinese letters, of texts and headings.
_FONTS = {"text": ("Times New Roman", "SimSun"), "head": ("Arial", "SimHei")}
#: Points of the styles that a template may lack.
_SIZES = {"Normal": 10.5, "Caption": 9.5, "xlcity note": 8.0, "TOC Heading": 13.0, "toc 1": 9.5}
#: A page of A4 and its margins at the sides and at the ends, in cm.
_PAGE, _MARGINS, _SMALL_MARGINS = (21.0, 29.7), (2.3, 2.5), (1.8, 1.4)
#: Height of pictures on full and on roomy pages of compact documents, in cm; how much they may be
#: enlarged. Room for a heading, and for what stands below a picture, in cm.
_SMALL_PICTURE, _ROOMY_PICTURE, _ENLARGED, _HEADED, _BELOW = 5.2, 6.5, 1.4, 4.2, 3.2
#: Points of the texts and notes of compact documents.
_SMALL_TEXT, _SMALL_NOTE = 9.0, 7.0
#: Points before and after paragraphs.
_SPACES = (
    ("Heading 1", 18, 6), ("Heading 2", 12, 4), ("Caption", 4, 2), ("Normal", 0, 6), ("toc 1", 0, 2)
)  # fmt: skip
#: Between a word and its number, which stay in one line.
_NO_BREAK = "\u00a0"
_DRAWN = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
#: The same input gives the same bytes: no file in a document has a time of its own.
_DATE = (1980, 1, 1, 0, 0, 0)


def require_docx() -> None:
    """Refuse to write documents without the library that writes them.

    Raises
    ------
    UsageError
        With the remedy.
    """
    try:
        import docx  # noqa: F401
    except ImportError as error:
        message = "Word documents need python-docx, which is not installed."
        raise UsageError(message, "pip install 'xlcity[report]'", "XC290") from error


class DocxFile:
    """Writes one document.

    Parameters
    ----------
    title
        Title of the document.
    lang
        "zh" or "en".
    template
        A document whose styles, page and header are taken; its text is not.
    compact
        Whether sections of about a page are made to fit one: small type and margins.

    Raises
    ------
    DataError
        If the template is not a Word document.
    """

    def __init__(
        self, title: Label, lang: str, template: Path | None = None, *, compact: bool = False
    ) -> None:
        import docx

        if template is not None:
            require_regular(template)
        self.lang, self.compact = lang, compact
        # Its types allow None in places where a document that was read has a value.
        self.document: Any
        try:
            self.document = docx.Document(None if template is None else str(template))
        except (KeyError, ValueError, OSError, zipfile.BadZipFile) as error:
            where = Where(file=str(template))
            hint = "Save the template as .docx."
            raise DataError("this is not a Word document.", hint, "XC291", where) from error
        self.numbers: dict[str, Label] = {}
        self._marks, self._used, self._roomy = 0, 0.0, False
        self._prepare(styled=template is None)
        self.paragraph(title.text(lang), "Title")

    def _prepare(self, *, styled: bool) -> None:
        """Empty the document, and give it the styles it lacks."""
        from docx.enum.style import WD_STYLE_TYPE
        from docx.enum.text import WD_ALIGN_PARAGRAPH
        from docx.oxml.ns import qn
        from docx.shared import Cm, Pt, RGBColor

        body = self.document.element.body
        for element in [*body.iterchildren()]:
            if not element.tag.endswith("}sectPr"):
                body.remove(element)
        styles = self.document.styles
        present = {style.name.casefold() for style in styles}
        for name, size in _SIZES.items():
            if name.casefold() not in present:
                styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH).font.size = Pt(size)
            elif styled:
                styles[name].font.size = Pt(size)
        if not styled:
            return
        section = self.document.sections[0]
        section.page_width, section.page_height = map(Cm, _PAGE)
        across, down = _SMALL_MARGINS if self.compact else _MARGINS
        section.left_margin = section.right_margin = Cm(across)
        section.top_margin = section.bottom_margin = Cm(down)
        section.footer_distance = Cm(0.8)
        footer = section.footer.paragraphs[0]
        footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
        append_xml(footer, field_xml("PAGE", "1"))
        # Word took Chinese characters for English.
        for language in styles.element.iter(qn("w:lang")):
            language.set(qn("w:eastAsia"), "zh-CN")
        texts = ("Normal", "xlcity note", "toc 1")
        for name in (*_SIZES, "Title", "Heading 1", "Heading 2"):
            style = styles[name]
            set_fonts(style.element, _FONTS["text" if name in texts else "head"])
            style.font.color.rgb = RGBColor(0x22, 0x22, 0x22)
        sizes: dict[str, float] = {
            "Title": 13 if self.compact else 20,
            "Heading 1": 15,
            "Heading 2": 12,
        }
        if self.compact:
            sizes |= {"Normal": _SMALL_TEXT, "xlcity note": _SMALL_NOTE}
            styles["Normal"].paragraph_format.line_spacing = 1.0
        for name, size in sizes.items():
            styles[name].font.size = Pt(size)
        styles["Caption"].font.bold = False
        for name, before, after in _SPACES:
            spacing = styles[name].paragraph_format
            spacing.space_before, spacing.space_after = Pt(before), Pt(after)

    def describe(self, edition: str, title: Label) -> None:
        """Write the properties of the document."""
        properties = self.document.core_properties
        properties.title, properties.author, properties.comments = title.text(self.lang), "", ""
        properties.subject, properties.language = edition, "zh-CN" if self.lang == "zh" else "en"
        properties.keywords = "xlcity"

    @cached_property
    def _styles(self) -> dict[str, Any]:
        # By the style itself: LibreOffice writes names with other capitals than Word.
        return {style.name.casefold(): style for style in self.document.styles}

    @property
    def room(self) -> float:
        """Width of the text in cm."""
        section = self.document.sections[0]
        return float(section.page_width - section.left_margin - section.right_margin) / EMU

    @property
    def _high(self) -> float:
        """Height of the text in cm."""
        section = self.document.sections[0]
        return float(section.page_height - section.top_margin - section.bottom_margin) / EMU

    def paragraph(self, text: str, style: str = "Normal") -> Any:
        """Write a paragraph."""
        return self.document.add_paragraph(text, style=self._styles.get(style.casefold()))

    def number(self, sections: Iterable[Section]) -> None:
        """Give tables and figures their numbers, before anything refers to them."""
        counts = {"table": 0, "figure": 0}
        for section in sections:
            for item in section.items:
                kind = "table" if isinstance(item, ReportTable) else "figure"
                counts[kind] += 1
                self.numbers[item.id] = say(kind, n=counts[kind])

    def contents(self, sections: Sequence[Section]) -> None:
        """Write what the document holds with its pages: sections, tables and figures; or cities."""
        headings = [
            (contents_name(section.anchor), section.title.text(self.lang)) for section in sections
        ]
        self.paragraph(say("html.contents").text(self.lang), "TOC Heading")
        if self.compact:
            gap = run_xml("\u2003 ")
            links = (link_xml(name, text, _NO_BREAK) for name, text in headings)
            append_xml(self.paragraph("", "toc 1"), gap.join(links))
            return
        self._listed('TOC \\o "1-1" \\h \\z', headings)
        for kind, code in ((ReportTable, "Table"), (Figure, "Figure")):
            entries = [
                (bookmark(item.id), f"{self._number(item.id)}  {item.title.text(self.lang)}")
                for section in sections for item in section.items if isinstance(item, kind)
            ]  # fmt: skip
            if entries:
                key = f"docx.{code.lower()}s"
                self.paragraph(say(key).text(self.lang), "TOC Heading")
                self._listed(f'TOC \\h \\z \\c "{code}"', entries)

    def _listed(self, code: str, entries: Sequence[tuple[str, str]]) -> None:
        """Write a list that Word updates: a bookmark, its text and its page in each line."""
        from docx.enum.text import WD_TAB_ALIGNMENT, WD_TAB_LEADER
        from docx.shared import Cm

        for number, (name, text) in enumerate(entries):
            paragraph = self.paragraph("", "toc 1")
            stops = paragraph.paragraph_format.tab_stops
            stops.add_tab_stop(Cm(self.room), WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS)
            xml = link_xml(name, text, "")
            xml = begin_xml(code) + xml if number == 0 else xml
            append_xml(paragraph, xml + END_XML * (number == len(entries) - 1))

    def _number(self, name: str) -> str:
        return self.numbers[name].text(self.lang).replace(" ", _NO_BREAK)

    def section(
        self,
        section: Section,
        pictures: Mapping[str, bytes],
        charts: Mapping[str, Lines],
        *,
        new_page: bool = False,
    ) -> None:
        """Write a section: heading, statements with references, tables and figures."""
        heading = self.paragraph("", "Heading 1")
        heading.paragraph_format.page_break_before = new_page or None
        self._mark(heading, contents_name(section.anchor), run_xml(section.title.text(self.lang)))
        self.statements(section.sentences, section.items)
        self._used = _HEADED if not section.sentences else 0.0
        self._roomy = is_roomy(section)
        for item in section.items:
            if isinstance(item, ReportTable):
                self.table(item)
            elif item.id in pictures or item.id in charts:
                self.figure(item, pictures.get(item.id), charts.get(item.id, []))

    def _mark(self, paragraph: Any, name: str, inner: str) -> None:
        self._marks += 1
        append_xml(paragraph, mark_xml(name, self._marks, inner))

    def statements(
        self, sentences: Sequence[Sentence], items: Sequence[ReportTable | Figure]
    ) -> None:
        """Write sentences as one paragraph, with references to what follows."""
        if not sentences:
            return
        gap = "" if self.lang == "zh" else " "
        # A paragraph of invented numbers says so once, where it begins.
        mark = say("synthetic_short").text(self.lang)
        texts = [sentence.text.text(self.lang) for sentence in sentences]
        texts[1:] = [text.removeprefix(mark) for text in texts[1:]]
        paragraph = self.paragraph(gap.join(texts))
        if not any(item.id in self.numbers for item in items):
            return
        before, after = say("see", list="\0").text(self.lang).split("\0")
        comma, to = ("、", "至") if self.lang == "zh" else (", ", " to ")
        for index, run in enumerate(_runs([item for item in items if item.id in self.numbers])):
            for name, sign in zip(run, (comma if index else before, to), strict=False):
                word, number = self._number(name).rsplit(_NO_BREAK, 1)
                reference = field_xml(f"REF {bookmark(name)} \\h", number)
                append_xml(paragraph, run_xml(sign + word + _NO_BREAK) + reference)
        paragraph.add_run(after)

    def _caption(self, name: str, title: Label, kind: str) -> Any:
        """Write a caption whose number counts itself, with a bookmark for references."""
        caption = self.paragraph("", "Caption")
        word, number = self._number(name).rsplit(_NO_BREAK, 1)
        caption.add_run(word + _NO_BREAK)
        # A reference shows the number alone: LibreOffice breaks its text at such spaces.
        self._mark(caption, bookmark(name), field_xml(f"SEQ {kind} \\* ARABIC", number))
        caption.add_run(f"  {title.text(self.lang)}")
        caption.paragraph_format.keep_with_next = True
        return caption

    def table(self, table: ReportTable) -> None:
        """Write a table with its caption, note and source."""
        from docx.oxml import parse_xml

        caption = self._caption(table.id, table.title, "Table").paragraph_format
        caption.space_before, caption.space_after = _points(8), _points(3)
        body = self.document.element.body
        parts = tables_xml(table, self.lang, self.room, small=self.compact and not self._roomy)
        for number, part in enumerate(parts):
            if number:
                again = say("table.goes_on", table=self.numbers[table.id]).text(self.lang)
                caption = self.paragraph(again, "Caption").paragraph_format
                caption.page_break_before = caption.keep_with_next = True
            body.insert(len(body) - 1, parse_xml(part))
        self.below(table)

    def figure(self, figure: Figure, picture: bytes | None, charts: Lines) -> None:
        """Write a figure with its caption below: a picture, charts line by line, or both.

        Where there are both, Word shows the charts and other programs the picture.
        """
        from docx.enum.text import WD_ALIGN_PARAGRAPH

        paragraph = self.paragraph("")
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.paragraph_format.keep_with_next = True
        high = self._high - _BELOW - self._used
        if self.compact:
            high = _ROOMY_PICTURE if self._roomy else _SMALL_PICTURE
        self._used = 0.0
        described = figure.title.text(self.lang)
        if picture is not None:
            shape = paragraph.add_run().add_picture(io.BytesIO(picture))
            most = _ENLARGED if self.compact else 1.0
            share = min(most, self.room * EMU / shape.width, high * EMU / shape.height)
            shape.width, shape.height = int(shape.width * share), int(shape.height * share)
            shape._inline.docPr.set("descr", described)
        if charts:
            wide = max(sum(chart.width for chart in line) for line in charts)
            tall = sum(max(chart.height for chart in line) for line in charts)
            # Their texts keep their size: a chart that is too high for a page stays as wide.
            shares = min(1.0, self.room / wide), min(1.0, high / tall)
            add_charts(paragraph, charts, shares, described)
        caption = self._caption(figure.id, figure.title, "Figure")
        caption.alignment = WD_ALIGN_PARAGRAPH.CENTER
        self.below(figure)

    def below(self, item: ReportTable | Figure) -> None:
        """Write what stands below a table or figure."""
        texts = [text for text in (invented(item, self.lang), remarks(item, self.lang)) if text]
        gap = "" if self.lang == "zh" else " "
        note = self.paragraph(gap.join(texts), "xlcity note").paragraph_format
        note.space_before, note.space_after = _points(3), _points(3 if self.compact else 10)

    def to_bytes(self, printed: Callable[[bytes], bytes | None] = lambda _: None) -> bytes:
        """Return the file, the same bytes for the same content.

        Parameters
        ----------
        printed
            Returns it as a PDF, where something prints it: then its contents have the pages. Else
            Word writes them.
        """
        # Pictures get the number after the greatest one there is: charts had some of these, too.
        for number, drawn in enumerate(self.document.element.body.iter(f"{_DRAWN}docPr"), 1):
            drawn.set("id", str(number))
        content = self._saved()
        if (pdf := printed(content)) is None:
            return content
        set_pages(self.document, pdf)
        return self._saved()

    def _saved(self) -> bytes:
        raw, file = io.BytesIO(), io.BytesIO()
        self.document.save(raw)
        with zipfile.ZipFile(raw) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
            for part in old.infolist():
                info = zipfile.ZipInfo(part.filename, _DATE)
                info.compress_type = zipfile.ZIP_DEFLATED
                info.external_attr = 0o600 << 16
                new.writestr(info, old.read(part))
        return file.getvalue()


def _runs(items: Sequence[ReportTable | Figure]) -> list[list[str]]:
    """Return what is referred to, tables first: first and last of several in a row, or each."""
    runs: list[list[str]] = []
    for kind in (ReportTable, Figure):
        names = [item.id for item in items if isinstance(item, kind)]
        runs += [[names[0], names[-1]]] if len(names) > 2 else [[name] for name in names]
    return runs


def _points(size: float) -> Any:
    from docx.shared import Pt

    return Pt(size)
