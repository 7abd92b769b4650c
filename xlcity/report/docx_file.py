"""A Word document: headings, statements, three-line tables, pictures, numbered captions."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from xlcity.data_files import require_regular
from xlcity.errors import DataError, UsageError, Where
from xlcity.figures.contents import Label
from xlcity.figures.figure import Figure
from xlcity.report.contents import ReportTable, Section, Sentence, is_roomy
from xlcity.report.docx_chart import add_charts
from xlcity.report.docx_parts import (
    bookmark,
    contents_list,
    contents_name,
    field,
    mark,
    names_list,
    number_pages,
    set_fonts,
    set_languages,
)
from xlcity.report.docx_table import tables_xml
from xlcity.report.native import Lines
from xlcity.report.texts import invented, remarks, say

#: Fonts of documents without a template: for Latin and for Chinese letters, of texts and headings.
_FONTS = {"text": ("Times New Roman", "SimSun"), "head": ("Arial", "SimHei")}
#: Points of the styles that a template may lack.
_SIZES = {"Normal": 10.5, "Caption": 9.5, "xlcity note": 8.0, "TOC Heading": 13.0, "toc 1": 9.5}
#: Columns of the list of cities.
_COLUMNS = 4
#: A page of A4 and its margins at the sides and at the ends, in cm.
_PAGE, _MARGINS, _SMALL_MARGINS = (21.0, 29.7), (2.3, 2.5), (1.8, 1.4)
#: Height of pictures on full and on roomy pages of compact documents, and of a title and a heading
#: before a picture, in cm.
_SMALL_PICTURE, _ROOMY_PICTURE, _HEADED = 5.2, 6.5, 4.2
#: Points of the texts and notes of compact documents; how much their pictures may be enlarged.
_SMALL_TEXT, _SMALL_NOTE, _ENLARGED = 9.0, 7.0, 1.4
#: Points before and after paragraphs.
_SPACES = (
    ("Heading 1", 18, 6), ("Heading 2", 12, 4), ("Caption", 4, 2), ("Normal", 0, 6), ("toc 1", 0, 2)
)  # fmt: skip
#: Between a word and its number, which stay in one line.
_NO_BREAK = "\u00a0"
#: English metric units to the cm.
_EMU = 360_000
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
        self._counts = {"table": 0, "figure": 0}
        self._prepare(styled=template is None)
        properties = self.document.core_properties
        properties.title, properties.author = title.text(lang), "xlcity"
        properties.comments = ""
        self.paragraph(title.text(lang), "Title")

    def _prepare(self, *, styled: bool) -> None:
        """Empty the document, and give it the styles it lacks."""
        from docx.enum.style import WD_STYLE_TYPE
        from docx.shared import Cm, Pt, RGBColor

        body = self.document.element.body
        for element in list(body):
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
        section.page_width, section.page_height = (Cm(side) for side in _PAGE)
        across, down = _SMALL_MARGINS if self.compact else _MARGINS
        section.left_margin = section.right_margin = Cm(across)
        section.top_margin = section.bottom_margin = Cm(down)
        number_pages(section)
        set_languages(self.document)
        texts = ("Normal", "xlcity note", "toc 1")
        for name in (*_SIZES, "Title", "Heading 1", "Heading 2"):
            style = styles[name]
            set_fonts(style.element, _FONTS["text" if name in texts else "head"])
            style.font.color.rgb = RGBColor(0x22, 0x22, 0x22)
        styles["Title"].font.size = Pt(13 if self.compact else 20)
        if self.compact:
            styles["Normal"].font.size = Pt(_SMALL_TEXT)
            styles["Normal"].paragraph_format.line_spacing = 1.0
            styles["xlcity note"].font.size = Pt(_SMALL_NOTE)
        styles["Heading 1"].font.size = Pt(15)
        styles["Heading 2"].font.size = Pt(12)
        styles["Caption"].font.bold = False
        for name, before, after in _SPACES:
            styles[name].paragraph_format.space_before = Pt(before)
            styles[name].paragraph_format.space_after = Pt(after)

    @cached_property
    def _styles(self) -> dict[str, Any]:
        # By the style itself: LibreOffice writes names with other capitals than Word.
        return {style.name.casefold(): style for style in self.document.styles}

    @property
    def room(self) -> float:
        """Width of the text in cm."""
        section = self.document.sections[0]
        width = section.page_width - section.left_margin - section.right_margin
        return float(width.cm if hasattr(width, "cm") else width / 360000)

    @property
    def _high(self) -> float:
        """Height of the text in cm."""
        section = self.document.sections[0]
        return float(section.page_height - section.top_margin - section.bottom_margin) / _EMU

    def paragraph(self, text: str, style: str = "Normal") -> Any:
        """Write a paragraph."""
        return self.document.add_paragraph(text, style=self._styles.get(style.casefold()))

    def number(self, sections: Iterable[Section]) -> None:
        """Give tables and figures their numbers, before anything refers to them."""
        for section in sections:
            for item in section.items:
                kind = "table" if isinstance(item, ReportTable) else "figure"
                self._counts[kind] += 1
                self.numbers[item.id] = say(kind, n=self._counts[kind])

    def contents(self, sections: Sequence[Section]) -> None:
        """Write what the document holds: sections with their tables and figures, or cities."""
        self.paragraph(say("html.contents").text(self.lang), "TOC Heading")
        style = self._styles["toc 1"]
        named = [
            (contents_name(section.anchor), section.title.text(self.lang)) for section in sections
        ]
        if self.compact:
            names_list(self.document, named, style, self.room, _COLUMNS)
        else:
            held = [self._held(section.items) for section in sections]
            entries = [(*both, aside) for both, aside in zip(named, held, strict=True)]
            contents_list(self.document, entries, style, self.room)

    def _held(self, items: Sequence[ReportTable | Figure]) -> str:
        """Return the numbers of tables and figures, first and last."""
        named = [item.id for item in items if item.id in self.numbers]
        comma, to = _joined(self.lang)
        return comma.join(to.join(map(self._number, run)) for run in _runs(named, items))

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
        self._marks += 1
        mark(heading, "Start", self._marks, contents_name(section.anchor))
        heading.add_run(section.title.text(self.lang))
        mark(heading, "End", self._marks)
        self.statements(section.sentences, section.items)
        self._used = _HEADED if not section.sentences else 0.0
        self._roomy = is_roomy(section)
        for item in section.items:
            if isinstance(item, ReportTable):
                self.table(item)
            elif item.id in pictures or item.id in charts:
                self.figure(item, pictures.get(item.id), charts.get(item.id, []))

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
        named = [item.id for item in items if item.id in self.numbers]
        if not named:
            return
        before, after = say("see", list="\0").text(self.lang).split("\0")
        comma, to = _joined(self.lang)
        for index, run in enumerate(_runs(named, items)):
            for name, sign in zip(run, (comma if index else before, to), strict=False):
                word, number = self._number(name).rsplit(_NO_BREAK, 1)
                paragraph.add_run(sign + word + _NO_BREAK)
                field(paragraph, f"REF {bookmark(name)} \\h", number)
        paragraph.add_run(after)

    def _caption(self, name: str, title: Label, kind: str) -> Any:
        """Write a caption whose number counts itself, with a bookmark for references."""
        caption = self.paragraph("", "Caption")
        self._marks += 1
        word, number = self._number(name).rsplit(_NO_BREAK, 1)
        caption.add_run(word + _NO_BREAK)
        # A reference shows the number alone: LibreOffice breaks its text at such spaces.
        mark(caption, "Start", self._marks, bookmark(name))
        field(caption, f"SEQ {'Table' if kind == 'table' else 'Figure'} \\* ARABIC", number)
        mark(caption, "End", self._marks)
        caption.add_run(f"  {title.text(self.lang)}")
        return caption

    def table(self, table: ReportTable) -> None:
        """Write a table with its caption, note and source."""
        from docx.oxml import parse_xml

        caption = self._caption(table.id, table.title, "table").paragraph_format
        caption.keep_with_next = True
        caption.space_before, caption.space_after = _points(8), _points(3)
        body = self.document.element.body
        parts = tables_xml(table, self.lang, self.room, small=self.compact and not self._roomy)
        for part, goes_on in parts:
            if goes_on:
                again = say("table.goes_on", table=self.numbers[table.id]).text(self.lang)
                caption = self.paragraph(again, "Caption").paragraph_format
                caption.page_break_before = goes_on == "rows"
                caption.keep_with_next = True
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
        high = self._high - 3.2 - self._used
        if self.compact:
            high = _ROOMY_PICTURE if self._roomy else _SMALL_PICTURE
        self._used = 0.0
        described = figure.title.text(self.lang)
        if picture is not None:
            self._picture(paragraph, picture, high, described)
        if charts:
            wide = max(sum(chart.width for chart in line) for line in charts)
            tall = sum(max(chart.height for chart in line) for line in charts)
            # Their texts keep their size: a chart that is too high for a page stays as wide.
            shares = min(1.0, self.room / wide), min(1.0, high / tall)
            add_charts(paragraph, charts, shares, described)
        caption = self._caption(figure.id, figure.title, "figure")
        caption.alignment = WD_ALIGN_PARAGRAPH.CENTER
        caption.paragraph_format.keep_with_next = True
        self.below(figure)

    def _picture(self, paragraph: Any, picture: bytes, high: float, described: str) -> None:
        """Append a picture that fits the page."""
        shape = paragraph.add_run().add_picture(io.BytesIO(picture))
        most = _ENLARGED if self.compact else 1.0
        share = min(most, self.room * _EMU / shape.width, high * _EMU / shape.height)
        shape.width, shape.height = int(shape.width * share), int(shape.height * share)
        shape._inline.docPr.set("descr", described)

    def below(self, item: ReportTable | Figure) -> None:
        """Write what stands below a table or figure."""
        texts = [text for text in (invented(item, self.lang), remarks(item, self.lang)) if text]
        gap = "" if self.lang == "zh" else " "
        note = self.paragraph(gap.join(texts), "xlcity note").paragraph_format
        note.space_before, note.space_after = _points(3), _points(3 if self.compact else 10)

    def to_bytes(self) -> bytes:
        """Return the file, the same bytes for the same content."""
        # Pictures get the number after the greatest one there is: charts had some of these, too.
        for number, drawn in enumerate(self.document.element.body.iter(f"{_DRAWN}docPr"), 1):
            drawn.set("id", str(number))
        raw, file = io.BytesIO(), io.BytesIO()
        self.document.save(raw)
        with zipfile.ZipFile(raw) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
            for part in old.infolist():
                info = zipfile.ZipInfo(part.filename, _DATE)
                info.compress_type = zipfile.ZIP_DEFLATED
                info.external_attr = 0o600 << 16
                new.writestr(info, old.read(part))
        return file.getvalue()


def _joined(lang: str) -> tuple[str, str]:
    """Return what stands between things in a row, and between first and last."""
    return ("、", "至") if lang == "zh" else (", ", " to ")


def _runs(
    named: Sequence[str], items: Sequence[ReportTable | Figure]
) -> list[tuple[str] | tuple[str, str]]:
    """Return what is referred to, tables first: first and last of several in a row, or each."""
    kinds = {item.id: isinstance(item, ReportTable) for item in items}
    runs: list[tuple[str] | tuple[str, str]] = []
    for kind in (True, False):
        every = [name for name in named if kinds[name] == kind]
        runs += [(every[0], every[-1])] if len(every) > 2 else [(name,) for name in every]
    return runs


def _points(size: float) -> Any:
    from docx.shared import Pt

    return Pt(size)
