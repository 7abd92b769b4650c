"""A Word document: contents, headings, statements, three-line tables, pictures, charts, captions.

`document.xml` writes its body; python-docx has the styles, the page and the parts of the file.
"""

from __future__ import annotations

import copy
import io
import itertools
import re
import zipfile
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from xlcity.data_files import template_beside, toml_beside
from xlcity.errors import DataError, UsageError, Where, WorkbookError
from xlcity.figures.alternative import alternative_text
from xlcity.figures.contents import Label
from xlcity.figures.figure import Figure
from xlcity.report.contents import NOTHING, Exhibit, Paragraph, ReportTable, Section
from xlcity.report.docx_table import CELL_SIZES, fits_page, tables_xml
from xlcity.report.native import NativeChart
from xlcity.report.places import (
    Place,
    PlacesFound,
    count_gaps,
    place_of,
    read_places,
    without_gaps,
)
from xlcity.report.texts import invented, remarks, say
from xlcity.xlsx.limits import missing_files, read_file, unpack_parts
from xlcity.xlsx.package import Package

#: Height of pictures of documents with small type in cm; room below a picture, and before one that
#: stands first in a section.
_SMALL_PICTURE = 6.0
_BELOW = 3.2
_HEADED = 4.2
#: Rows of a table up to which two sections with small type share a page.
_SHORT = 6
#: Between a word and its number, which stay in one line.
_NO_BREAK = "\u00a0"
#: English metric units to the cm, and to a twentieth of a point.
_EMU = 360_000
_TWIP = 635
_SCHEMAS = "http://schemas.openxmlformats.org"
#: A picture of one pixel.
_PIXEL = b"GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\1\0\1\0\0\2\2D\1\0;"
#: What a template may raise that is not a Word document, or is one that means harm.
_UNREADABLE = (
    LookupError,
    ValueError,
    OSError,
    SyntaxError,
    zipfile.BadZipFile,
    WorkbookError,
)
#: Level of headings down to which contents list them.
_LISTED = 1
#: Fonts as narrow as that of documents without a template; how much wider others may be.
_NARROW_FONTS = ("Times New Roman", "SimSun", "宋体", "Calibri", "Arial Narrow")
_WIDE_FONT = 1.2
#: The author of documents that nobody has named.
_LIBRARY = "python-docx"
#: Style of letters of what the author must add.
GAP_STYLE = "xlcity gap"
#: Style of all tables.
TABLE_STYLE = "xlcity table"
#: Pictures and charts of figures, by id; what stands before a table or figure, and this.
Pictures = Mapping[str, bytes]
Charts = Mapping[str, Sequence[NativeChart]]
Reference = tuple[str, Mapping[str, Any]]


class _WrittenText(NamedTuple):
    """What an author wrote into a place, as XML, and how many marked gaps it still has."""

    xml: str
    gaps: int


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
        raise UsageError.of("XC290.no_docx") from error


def bookmark(name: str) -> str:
    """Return the name of a bookmark: letters, digits and underscores, at most 40 of them."""
    letters = (c if c.isascii() and c.isalnum() else f"_{ord(c):x}" for c in name)
    plain = "".join(letters)
    short = sha256(plain.encode()).hexdigest()[:8]
    return f"xl_{plain}" if len(plain) < 38 else f"xl_{plain[:28]}_{short}"


def open_document(path: Path, refusal: str) -> Any:
    """Return a Word document that somebody wrote.

    Parameters
    ----------
    refusal
        Key of the message for what is not a Word document.

    Raises
    ------
    DataError
        If there is no such file, or it is not a Word document.
    """
    import docx

    DataError.raise_for(missing_files(refusal.partition(".")[0], path))
    content = read_file(path)
    try:
        unpack_parts(content, str(path))  # no bomb
        document = docx.Document(io.BytesIO(content))
        document.sections[0].page_width  # noqa: B018 - a document has a page
    except _UNREADABLE as error:
        raise DataError.of(refusal, Where(file=str(path))) from error
    return document


def _drop_library_properties(document: Any) -> None:
    """Drop what the library's own template says of its program, dates and sizes."""
    core = document.core_properties._element
    for name in ("created", "modified"):
        for element in core.xpath(f"dcterms:{name}"):
            core.remove(element)
    kind = f"{_SCHEMAS}/officeDocument/2006/relationships/extended-properties"
    own = f"{_SCHEMAS}/officeDocument/2006/extended-properties"
    for relation in document.part.package.rels.values():
        if relation.reltype == kind:
            program = f'<Properties xmlns="{own}"><Application>xlcity</Application>'
            relation.target_part._blob = f"{program}</Properties>".encode()


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
    edition
        What the properties of the document say of the edition.
    compact
        Whether each section begins a page and is made to fit it: small type and margins.

    Raises
    ------
    DataError
        If there is no such template, or it is not a Word document.
    """

    def __init__(
        self,
        title: Label,
        lang: str,
        template: Path | None = None,
        *,
        edition: str = "",
        finding: Label = NOTHING,
        compact: bool = False,
    ) -> None:
        import docx

        self.title = title.text(lang)
        end = "：" if lang == "zh" else ": "
        #: What stands above it all: its title, and what it finds.
        self.heading = self.title
        if finding.zh:
            self.heading += end + finding.text(lang)
        self.lang = lang
        self.compact = compact
        # Its types allow None in places where a document that was read has a value.
        self.document: Any
        if template is None:
            self.document = docx.Document()
            _drop_library_properties(self.document)
        else:
            self.document = open_document(template, "XC291.no_word_document")
        self._prepare(styled=template is None)
        properties = self.document.core_properties
        properties.title = self.title
        properties.subject = edition
        # A house's template names its author and company; the library is neither.
        if properties.author == _LIBRARY:
            properties.author = ""
        properties.last_modified_by = properties.author
        properties.language = "zh-CN" if lang == "zh" else "en"
        properties.keywords = "xlcity"
        properties.comments = ""
        font = self.document.styles["Normal"].font.name
        self._breadth = 1.0 if font in _NARROW_FONTS else _WIDE_FONT
        section = self.document.sections[0]
        #: Width and height of the text in cm.
        self.room = (
            section.page_width - section.left_margin - section.right_margin
        ) / _EMU
        #: The same of a turned page.
        self._across = (
            section.page_height - section.left_margin - section.right_margin
        ) / _EMU
        self._high = (
            section.page_height - section.top_margin - section.bottom_margin
        ) / _EMU
        self._chart_numbers = itertools.count(1)
        self._picture_numbers = itertools.count(1)
        #: What the template writes, and the pages of bookmarks; Word writes those that are 0.
        self.outline = dict[str, Any]()
        self.pages = defaultdict[str, int](int)
        #: What an author wrote into places of an older document, by their names.
        self._written = dict[str, _WrittenText]()
        #: What became of the places of this document and of the older one.
        self.places = PlacesFound("")

    def take_over(self, path: Path) -> None:
        """Take what an author wrote into the places of an older document.

        Raises
        ------
        DataError
            If it is not a Word document.
        """
        from xlcity.report.moved_text import TextMover

        old = open_document(path, "XC296.unreadable_chapter")
        mover = TextMover(old, self.document)
        every = read_places(old)
        for name, content in every.items():
            if content:
                gaps = count_gaps(content)
                self._written[name] = _WrittenText(mover.moved(content), gaps)
        self.places = replace(self.places, lost=not every)

    def _prepare(self, *, styled: bool) -> None:
        """Give the document the styles it lacks, and one without a template a page and fonts."""
        from docx.enum.style import WD_STYLE_TYPE
        from docx.enum.text import WD_ALIGN_PARAGRAPH
        from docx.oxml import parse_xml
        from docx.oxml.ns import qn
        from docx.shared import Cm, Pt, RGBColor

        styles = self.document.styles
        kind = WD_STYLE_TYPE.PARAGRAPH
        present = {style.name.casefold() for style in styles}
        looks = toml_beside(__file__, "document.toml")
        # Letters and digits of the name of a style are its id in every program.
        cells = {
            f"xlcity cell {n}": {"font": "text", "size": n / 2} for n in CELL_SIZES
        }
        every = looks["style"] | cells
        used = "small" if self.compact else "size"
        for name, look in every.items():
            if name.casefold() not in present:
                style = styles.add_style(name, kind)
                style.base_style = styles.default(kind)
                style.font.size = Pt(look.get(used, look["size"]))
        if TABLE_STYLE not in present:
            style = styles.add_style(TABLE_STYLE, WD_STYLE_TYPE.TABLE)
            look = template_beside(__file__, "table_style.xml").render()
            style.element.extend(parse_xml(look))
        if GAP_STYLE not in present:
            self._add_gap_style(looks["gap"])
        if not styled:
            return
        section = self.document.sections[0]
        section.page_width, section.page_height = map(Cm, looks["page"]["size"])
        across, down = looks["page"]["small" if self.compact else "margins"]
        section.left_margin = section.right_margin = Cm(across)
        section.top_margin = section.bottom_margin = Cm(down)
        section.footer_distance = Cm(0.8)
        footer = section.footer.paragraphs[0]
        footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
        number = footer._p.makeelement(qn("w:fldSimple"), {qn("w:instr"): "PAGE"})
        footer._p.append(number)
        # Word took Chinese characters for English.
        for language in styles.element.iter(qn("w:lang")):
            language.set(qn("w:eastAsia"), "zh-CN")
        for name, look in every.items():
            style = styles[name]
            fonts = looks["font"][look["font"]]
            style.font.size = Pt(look.get(used, look["size"]))
            style.font.color.rgb = RGBColor(0x22, 0x22, 0x22)
            own = style.element.get_or_add_rPr().get_or_add_rFonts()
            # None of the theme.
            own.attrib.clear()
            for script in ("ascii", "hAnsi", "cs", "eastAsia"):
                own.set(qn(f"w:{script}"), fonts[script == "eastAsia"])
            if "space" in look:
                space = style.paragraph_format
                space.space_before, space.space_after = map(Pt, look["space"])
        styles["Caption"].font.bold = False
        if self.compact:
            styles["Normal"].paragraph_format.line_spacing = 1.0

    def _add_gap_style(self, look: Mapping[str, str]) -> None:
        """Add the style of what the author must add: letters of a colour on a ground."""
        from docx.enum.style import WD_STYLE_TYPE
        from docx.oxml.ns import qn
        from docx.shared import RGBColor

        style = self.document.styles.add_style(GAP_STYLE, WD_STYLE_TYPE.CHARACTER)
        style.font.color.rgb = RGBColor.from_string(look["color"])
        ground = style.element.makeelement(qn("w:shd"))
        ground.set(qn("w:val"), "clear")
        ground.set(qn("w:fill"), look["ground"])
        style.element.get_or_add_rPr().append(ground)

    def to_bytes(self, *, draft: bool = False) -> bytes:
        """Return the file, the same bytes for the same content.

        Parameters
        ----------
        draft
            Whether it is printed for its pages alone: pictures show nothing, and tables only what
            may have several lines, which moves nothing.
        """
        from docx.oxml import parse_xml

        body = self.document.element.body
        filled = {
            **self.outline,
            "pages": self.pages,
            "setups": self._page_setups(),
            "draft": draft,
            "next_id": partial(next, itertools.count(1)),
        }
        xml = template_beside(__file__, "document.xml").render(filled)
        page_setup = body.sectPr
        body.clear()
        body.extend([*parse_xml(xml), page_setup])
        file = io.BytesIO()
        self.document.save(file)
        with zipfile.ZipFile(file) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        if draft:
            parts |= {name: _PIXEL for name in parts if name.startswith("word/media/")}
        # Its files have no time of their own: the same input gives the same bytes.
        return Package.from_parts(parts).to_bytes()

    def fill(
        self, sections: Sequence[Section], pictures: Pictures, charts: Charts
    ) -> None:
        """Take what the document has: sections, and pictures and charts by id of the figure.

        Where there are both, Word shows the charts.
        """
        # LibreOffice writes names of styles with other capitals than Word.
        styles = {
            style.name.casefold(): style.style_id for style in self.document.styles
        }
        before, after = say("see", list="\0").text(self.lang).split("\0")
        counts = {"Table": 0, "Figure": 0}
        drawn: list[dict[str, Any]] = []
        for number, section in enumerate(sections):
            items = []
            for item in section.items:
                kind = "Table" if isinstance(item, ReportTable) else "Figure"
                counts[kind] += 1
                items.append(
                    self._item(item, kind, counts[kind], section, pictures, charts)
                )
            paragraphs = self._paragraphs(without_gaps(section))
            references = self._references(items, before) if paragraphs else []
            name = (
                f"_Toc{int(sha256(section.anchor.encode()).hexdigest()[:8], 16):010d}"
            )
            title = section.title.text(self.lang)
            tables = [item for item in section.items if isinstance(item, ReportTable)]
            is_short = all(len(table.rows) <= _SHORT for table in tables)
            drawn.append(
                {
                    "name": name,
                    "title": title,
                    "paragraphs": paragraphs,
                    "shown": items,
                    "references": references,
                    "places": self._places_of(section),
                    "level": section.level,
                    "second": is_short and number % 2,
                }
            )
        drawn += self._left_section()
        headings = [
            (section["name"], section["title"])
            for section in drawn
            if section["level"] <= _LISTED
        ]
        contents = [("html.contents", f'TOC \\o "1-{_LISTED}" \\h \\z', headings)]
        for kind in () if self.compact else counts:
            entries = [
                (item["name"], f"{item['word']}{item['number']}  {item['title']}")
                for section in drawn
                for item in section["shown"]
                if item["kind"] == kind
            ]
            contents.append(
                (f"docx.{kind.lower()}s", f'TOC \\h \\z \\c "{kind}"', entries)
            )
        lists = [
            {"title": say(key).text(self.lang), "code": code, "entries": entries}
            for key, code, entries in contents
            if entries
        ]
        room = round(self.room * _EMU / _TWIP)
        self.outline = {
            "title": self.heading,
            "styles": styles,
            "schemas": _SCHEMAS,
            "room": room,
            "compact": self.compact,
            "see_end": after,
            "stop": "。" if self.lang == "zh" else ".",
            "sections": drawn,
            "contents": lists,
            "gaps": say("gaps", n=self.places.gaps).text(self.lang)
            if self.places.gaps
            else "",
        }

    def _places_of(self, section: Section) -> list[dict[str, Any]]:
        """Return the place of a section as the template writes it; none without gap or text."""
        place = place_of(section)
        if self.compact or not (place.gaps or place.name in self._written):
            return []
        written = self._written.pop(place.name, None)
        found = self.places
        gaps = len(place.gaps)
        if written is not None:
            gaps = written.gaps
            found = replace(found, taken=(*found.taken, place.name))
        self.places = replace(found, gaps=found.gaps + gaps)
        return [self._place(place, written)]

    def _left_section(self) -> list[dict[str, Any]]:
        """Return the section of texts whose places are no longer there; none without any."""
        left = self._written
        if not left:
            return []
        gaps = sum(written.gaps for written in left.values())
        found = self.places
        self.places = replace(found, left=tuple(left), gaps=found.gaps + gaps)
        places = [
            self._place(Place(name, Label(name, name)), text)
            for name, text in left.items()
        ]
        title = say("section.left").text(self.lang)
        own = {"name": "_Toc_left", "title": title, "places": places, "level": 1}
        return [
            {**own, "paragraphs": [], "references": [], "shown": [], "second": False}
        ]

    def _place(self, place: Place, written: _WrittenText | None) -> dict[str, Any]:
        """Return a place as the template writes it, with a number that is its own."""
        digest = sha256(place.name.encode()).digest()
        return {
            "name": place.name,
            "title": place.title.text(self.lang),
            "gaps": [gap.text(self.lang) for gap in place.gaps],
            "number": int.from_bytes(digest[:4]) >> 1,
            "written": written.xml if written is not None else "",
        }

    def _paragraphs(self, section: Section) -> list[dict[str, Any]]:
        """Return the paragraphs of a section as the template writes them."""
        return [
            {
                "title": paragraph.title.text(self.lang),
                "text": self._text(paragraph),
                "is_case": paragraph.is_case,
            }
            for paragraph in section.paragraphs
        ]

    def _text(self, paragraph: Paragraph) -> str:
        """Return the sentences of a paragraph as one text."""
        texts = [
            "",
            *(sentence.text.text(self.lang) for sentence in paragraph.sentences),
        ]
        # Invented and printed numbers are marked where they begin, and where the other ones end.
        marks = [
            say(f"{word}_short").text(self.lang) for word in ("synthetic", "printed")
        ]
        text = ("" if self.lang == "zh" else " ").join(
            text.removeprefix(next(filter(before.startswith, marks), ""))
            for before, text in itertools.pairwise(texts)
        )
        # No line of English ends inside "r = 0.91"; of Chinese it would end inside the number.
        return text if self.lang == "zh" else text.replace(" = ", "\u00a0=\u00a0")

    def _references(
        self, items: Sequence[Mapping[str, Any]], before: str
    ) -> list[Reference]:
        """Return what a text refers to, tables first: each, or the first and last of several."""
        comma, to = ("、", "至") if self.lang == "zh" else (", ", " to ")
        references: list[Reference] = []
        for kind in ("Table", "Figure"):
            some = [item for item in items if item["kind"] == kind]
            shown = [some[0], some[-1]] if len(some) > 2 else some
            signs = [comma, to] if len(some) > 2 else [comma] * 2
            references += zip(signs, shown, strict=False)
        return [
            (sign if n else before, item) for n, (sign, item) in enumerate(references)
        ]

    def _item(
        self,
        item: Exhibit,
        kind: str,
        number: int,
        section: Section,
        pictures: Pictures,
        charts: Charts,
    ) -> dict[str, Any]:
        """Return a table or figure as the template writes it, with its caption and its note."""
        lang = self.lang
        label = say(kind.lower(), n=number)
        subtitle = item.subtitle.text(lang) if isinstance(item, Figure) else ""
        end = "。" if lang == "zh" else ". "
        texts = (
            subtitle + end * bool(subtitle),
            invented(item, lang),
            remarks(item, lang),
        )
        gap = "" if lang == "zh" else " "
        drawn: dict[str, Any] = {
            "kind": kind,
            "number": number,
            "name": bookmark(item.id),
            "word": label.text(lang).rpartition(" ")[0] + _NO_BREAK,
            "title": item.title.text(lang),
            "note": gap.join(text.strip() for text in texts if text),
        }
        if isinstance(item, ReportTable):
            again = say("table.goes_on", table=label).text(lang)
            is_turned = self._is_turned(item)
            room = self._across if is_turned else self.room
            parts = tables_xml(
                item,
                lang,
                room,
                drawn["note"],
                small=self.compact,
                breadth=self._breadth,
            )
            return {**drawn, "parts": parts, "again": again, "is_turned": is_turned}
        high = self._high - _BELOW - _HEADED * (not section.paragraphs)
        high = _SMALL_PICTURE if self.compact else high
        native = charts.get(item.id, [])
        share = self.room / (sum(chart.width for chart in native) or 1.0)
        told = alternative_text(item, lang)
        shown = [self._chart(chart, min(1.0, share), high, told) for chart in native]
        picture = (
            self._picture(pictures[item.id], high, told)
            if item.id in pictures
            else None
        )
        return {**drawn, "charts": shown, "picture": picture, "is_turned": False}

    def _is_turned(self, table: ReportTable) -> bool:
        """Tell whether a table has room on a turned page only."""
        has_more = self._across > self.room and not self.compact
        return has_more and not fits_page(table, self.lang, self.room, self._breadth)

    def _page_setups(self) -> dict[str, str]:
        """Return what ends an upright page, and a turned one, as XML."""
        from docx.oxml.ns import qn
        from lxml import etree

        setup = self.document.element.body.sectPr
        upright = etree.tostring(setup, encoding="unicode")
        turned = copy.deepcopy(setup)
        size = turned.find(qn("w:pgSz"))
        names = (qn("w:w"), qn("w:h"))
        sides = [size.get(name) for name in reversed(names)]
        for name, side in zip(names, sides, strict=True):
            size.set(name, side)
        size.set(qn("w:orient"), "landscape")
        return {
            "upright": upright,
            "turned": etree.tostring(turned, encoding="unicode"),
        }

    def _picture(self, png: bytes, high: float, described: str) -> dict[str, Any]:
        """Add a picture that fits the page; return what shows it in the text."""
        from docx.image.image import Image
        from docx.opc.constants import RELATIONSHIP_TYPE
        from docx.opc.packuri import PackURI
        from docx.parts.image import ImagePart

        # python-docx would compare each picture with all before it, for thousands of them.
        image = Image.from_blob(png)
        name = PackURI(f"/word/media/picture{next(self._picture_numbers)}.png")
        part = ImagePart.from_image(image, name)
        rid = self.document.part.relate_to(part, RELATIONSHIP_TYPE.IMAGE)
        share = min(1.0, self.room * _EMU / image.width, high * _EMU / image.height)
        width = int(image.width * share)
        height = int(image.height * share)
        return {"rid": rid, "width": width, "height": height, "described": described}

    def _chart(
        self, chart: NativeChart, share: float, high: float, title: str
    ) -> dict[str, Any]:
        """Add the parts of a chart; return what shows it in the text."""
        from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
        from docx.opc.packuri import PackURI
        from docx.opc.part import Part

        document = self.document.part
        number = next(self._chart_numbers)
        name = PackURI(f"/word/charts/chart{number}.xml")
        part = Part(name, CONTENT_TYPE.DML_CHART, chart.part, document.package)
        book = PackURI(f"/word/embeddings/Microsoft_Excel_Sheet{number}.xlsx")
        numbers = Part(book, CONTENT_TYPE.SML_SHEET, chart.workbook, document.package)
        part.relate_to(numbers, RELATIONSHIP_TYPE.PACKAGE)
        # Its texts keep their size: a chart that is too high for a page stays as wide.
        sides = chart.width * share, min(chart.height, high)
        width, height = (round(side * _EMU) for side in sides)
        rid = document.relate_to(part, RELATIONSHIP_TYPE.CHART)
        return {"rid": rid, "width": width, "height": height, "described": title}


def number_pages(
    files: Sequence[DocxFile],
    printed: Callable[[Sequence[bytes]], Sequence[bytes | None]],
) -> None:
    """Give documents the pages of their contents, as far as something prints them."""
    pdfs = printed([file.to_bytes(draft=True) for file in files]) if files else []
    for file, pdf in zip(files, pdfs, strict=False):
        file.pages |= printed_pages(pdf) if pdf else {}


def printed_pages(pdf: bytes) -> dict[str, int]:
    """Return the page of each bookmark of a document that LibreOffice has printed.

    In the names of places of a PDF it writes 5F for each underscore.
    """
    kids = re.search(rb"/Type/Pages.*?/Kids\[([^\]]*)\]", pdf, re.DOTALL)
    every = re.findall(rb"(\d+) 0 R", kids[1]) if kids else []
    numbers = {page: number for number, page in enumerate(every, 1)}
    places = re.findall(rb"/(\w+)\[(\d+) 0 R/XYZ", pdf)
    pages = (
        (name.decode().replace("5F", "_"), numbers.get(page)) for name, page in places
    )
    return {name: number for name, number in pages if number}
