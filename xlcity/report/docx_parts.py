"""Small parts of Word documents: fields, bookmarks, lists of what is where, fonts, charts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from xlcity.report.native import Lines, NativeChart
from xlcity.xlsx.text import escape_xml, in_quotes

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_SCHEMAS = "http://schemas.openxmlformats.org"
_OFFICE = f"{_SCHEMAS}/officeDocument/2006/relationships"
_CHART = f"{_SCHEMAS}/drawingml/2006/chart"
_CHART_TYPE = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
_BOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_MIXED = f"{_SCHEMAS}/markup-compatibility/2006"
#: What Word has known since 2010, and programs that draw many charts badly do not.
_WORD = "http://schemas.microsoft.com/office/word/2010/wordprocessingDrawing"
#: English metric units to the cm.
EMU = 360_000


def bookmark(name: str) -> str:
    """Return the name of a bookmark: letters, digits and underscores, at most 40 of them."""
    plain = "".join(c if c.isascii() and c.isalnum() else f"_{ord(c):x}" for c in name)
    short = sha256(plain.encode()).hexdigest()[:8]
    return f"xl_{plain}" if len(plain) < 38 else f"xl_{plain[:28]}_{short}"


def contents_name(anchor: str) -> str:
    """Return the bookmark of a heading, of the form of those that Word makes."""
    return f"_Toc{int(sha256(anchor.encode()).hexdigest()[:8], 16):010d}"


def set_fonts(style: Any, fonts: tuple[str, str]) -> None:
    """Let a style take fonts for Latin and for Chinese letters, and none of the theme."""
    from docx.oxml.ns import qn

    own = style.get_or_add_rPr().get_or_add_rFonts()
    for name in list(own.attrib):
        del own.attrib[name]
    for script, font in zip(("ascii", "hAnsi", "cs", "eastAsia"), (fonts[0],) * 3 + fonts[1:],
                            strict=True):  # fmt: skip
        own.set(qn(f"w:{script}"), font)


def run_xml(text: str, inner: str = "") -> str:
    """Return the XML of a run: something, then a text."""
    shown = f'<w:t xml:space="preserve">{escape_xml(text)}</w:t>' if text else ""
    return f"<w:r>{inner}{shown}</w:r>"


def field_xml(code: str, shown: str, *, is_old: bool = False) -> str:
    """Return the XML of a field with the text that it has until it is updated.

    Parameters
    ----------
    is_old
        Whether Word updates it when it opens the document.
    """
    return begin_xml(code, is_old=is_old) + run_xml(shown) + END_XML


def begin_xml(code: str, *, is_old: bool = False) -> str:
    """Return the XML of the beginning of a field, up to what it shows."""
    dirty = ' w:dirty="true"' if is_old else ""
    instruction = f'<w:instrText xml:space="preserve"> {escape_xml(code)} </w:instrText>'
    return (
        run_xml("", f'<w:fldChar w:fldCharType="begin"{dirty}/>') + run_xml("", instruction)
        + run_xml("", '<w:fldChar w:fldCharType="separate"/>')
    )  # fmt: skip


#: The end of a field.
END_XML = run_xml("", '<w:fldChar w:fldCharType="end"/>')


def link_xml(name: str, text: str, gap: str) -> str:
    """Return the XML of a link to a bookmark, with its page behind a gap; "" is a tab."""
    page = field_xml(f"PAGEREF {name} \\h", "", is_old=True)
    between = run_xml(gap, "" if gap else "<w:tab/>")
    inner = run_xml(text) + between + page
    return f'<w:hyperlink {_W} w:anchor="{name}" w:history="1">{inner}</w:hyperlink>'


def append_xml(paragraph: Any, xml: str) -> None:
    """Append runs, links or bookmarks to a paragraph."""
    from docx.oxml import parse_xml

    for element in [*parse_xml(f"<w:p {_W}>{xml}</w:p>")]:
        paragraph._p.append(element)


def mark_xml(name: str, number: int, inner: str) -> str:
    """Return something inside a bookmark."""
    start = f'<w:bookmarkStart w:id="{number}" w:name="{name}"/>'
    return f'{start}{inner}<w:bookmarkEnd w:id="{number}"/>'


def set_pages(document: Any, pdf: bytes) -> None:
    """Put the pages of bookmarks into their fields, as LibreOffice has printed the document.

    In the names of places of a PDF it writes 5F for each underscore.
    """
    from docx.oxml.ns import qn

    kids = re.search(rb"/Type/Pages.*?/Kids\[([^\]]*)\]", pdf, re.S)
    numbers = re.findall(rb"(\d+) 0 R", kids[1]) if kids else []
    places = dict(re.findall(rb"/(\w+)\[(\d+) 0 R/XYZ", pdf))
    for link in document.element.body.iter(qn("w:hyperlink")):
        page = places.get(link.get(qn("w:anchor")).replace("_", "5F").encode())
        if page in numbers:
            del next(link.iter(qn("w:fldChar"))).attrib[qn("w:dirty")]
            *_, shown, _ = link.iter(qn("w:r"))
            shown.text = str(numbers.index(page) + 1)


def add_charts(paragraph: Any, lines: Lines, shares: tuple[float, float], described: str) -> None:
    """Append the charts of a figure to a paragraph; a picture there is for other programs.

    LibreOffice stretches all but 20 charts of a document, so that it is shown the picture.

    Parameters
    ----------
    shares
        What the width and the height of each chart are multiplied by.
    described
        What they show, for readers who cannot see it.
    """
    from docx.oxml import OxmlElement, parse_xml

    run = paragraph.runs[0]._r if paragraph.runs else paragraph.add_run()._r
    pictures: Sequence[Any] = [*run.iterchildren()]
    drawn = []
    for number, line in enumerate(lines):
        drawn += [OxmlElement("w:br")] if number else []
        drawn += [parse_xml(_drawing(paragraph, chart, shares, described)) for chart in line]
    if not pictures:
        run.extend(drawn)
        return
    both = parse_xml(
        f'<mc:AlternateContent xmlns:mc="{_MIXED}" xmlns:wp14="{_WORD}">'
        '<mc:Choice Requires="wp14"/><mc:Fallback/></mc:AlternateContent>'
    )
    for branch, inside in zip(both, (drawn, pictures), strict=True):
        branch.extend(inside)
    run.append(both)


def _drawing(
    paragraph: Any, chart: NativeChart, shares: tuple[float, float], described: str
) -> str:
    """Add the parts of a chart to the document; return what shows it in the text."""
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part

    document = paragraph.part
    package = document.package
    number = 1 + sum(part_there.content_type == _CHART_TYPE for part_there in package.iter_parts())
    name = PackURI(f"/word/charts/chart{number}.xml")
    part = Part(name, _CHART_TYPE, chart.part, package)
    book = PackURI(f"/word/embeddings/Microsoft_Excel_Sheet{number}.xlsx")
    part.relate_to(Part(book, _BOOK_TYPE, chart.workbook, package), f"{_OFFICE}/package")
    rid = document.relate_to(part, f"{_OFFICE}/chart")
    sides = zip((chart.width, chart.height), shares, strict=True)
    width, height = (round(side * share * EMU) for side, share in sides)
    return (
        f'<w:drawing {_W} xmlns:wp="{_SCHEMAS}/drawingml/2006/wordprocessingDrawing"'
        f' xmlns:a="{_SCHEMAS}/drawingml/2006/main" xmlns:c="{_CHART}" xmlns:r="{_OFFICE}">'
        f'<wp:inline distT="0" distB="0" distL="0" distR="0">'
        f'<wp:extent cx="{width}" cy="{height}"/>'
        f'<wp:docPr id="{number}" name="Chart {number}" descr={in_quotes(described)}/>'
        f'<wp:cNvGraphicFramePr/><a:graphic><a:graphicData uri="{_CHART}">'
        f'<c:chart r:id="{rid}"/></a:graphicData></a:graphic></wp:inline></w:drawing>'
    )
