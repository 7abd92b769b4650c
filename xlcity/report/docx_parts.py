"""Small parts of Word documents: fields, bookmarks, fonts, lists of what a document holds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from xlcity.figures.style import ems
from xlcity.report.contents import ReportTable, shown
from xlcity.xlsx.text import escape_xml

#: Cm of an em of statements and of tables in small type, and how high a row is; cm of a column of
#: numbers; of the caption, heading and note of a table.
_LINE, _ROW, _TALL, _NUMBER, _AROUND = 0.32, 0.25, 0.4, 1.1, 2.2
_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def bookmark(name: str) -> str:
    """Return the name of a bookmark: letters, digits and underscores, at most 40 of them."""
    plain = "".join(c if c.isascii() and c.isalnum() else f"_{ord(c):x}" for c in name)
    return f"xl_{plain}" if len(plain) < 38 else f"xl_{plain[:28]}_{_short_hash(plain)}"


def _short_hash(text: str) -> str:
    from hashlib import sha256

    return sha256(text.encode()).hexdigest()[:8]


def number_pages(section: Any) -> None:
    """Write the number of the page in the middle below."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Cm

    section.footer_distance = Cm(0.8)
    paragraph = section.footer.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    field(paragraph, "PAGE", "1")


def set_fonts(style: Any, fonts: tuple[str, str]) -> None:
    """Let a style take fonts for Latin and for Chinese letters, and none of the theme."""
    from docx.oxml.ns import qn

    found = style.get_or_add_rPr().get_or_add_rFonts()
    for name in list(found.attrib):
        del found.attrib[name]
    for which, font in zip(
        ("ascii", "hAnsi", "cs", "eastAsia"), (fonts[0],) * 3 + fonts[1:], strict=True
    ):
        found.set(qn(f"w:{which}"), font)


def left_on_page(
    texts: Sequence[str], tables: Sequence[ReportTable], lang: str, width: float, high: float
) -> float:
    """Return about how many cm statements and tables in small type leave of a page."""
    used = math.ceil(sum(map(ems, texts)) * _LINE / width) * _TALL
    for table in tables:
        across = table.across if len(table.rows) >= table.across * 3 else 1
        room = width / across - sum(not one.is_text for one in table.fields) * _NUMBER
        names = [shown(row[0], "text", lang) for row in table.rows]
        lines = sum(math.ceil(ems(name) * _ROW / room) for name in names)
        used += lines / across * _TALL + _AROUND
    return high - used


def field(paragraph: Any, code: str, shown: str) -> None:
    """Append a field with the text that it has until it is updated."""
    from docx.oxml import parse_xml

    for inner in (
        '<w:fldChar w:fldCharType="begin"/>',
        f'<w:instrText xml:space="preserve"> {escape_xml(code)} </w:instrText>',
        '<w:fldChar w:fldCharType="separate"/>',
        f'<w:t xml:space="preserve">{escape_xml(shown)}</w:t>',
        '<w:fldChar w:fldCharType="end"/>',
    ):
        paragraph._p.append(parse_xml(f"<w:r {_W}>{inner}</w:r>"))


def mark(paragraph: Any, end: str, number: int, name: str = "") -> None:
    """Append the start or the end of a bookmark."""
    from docx.oxml import parse_xml

    named = f' w:name="{name}"' if name else ""
    paragraph._p.append(parse_xml(f'<w:bookmark{end} {_W} w:id="{number}"{named}/>'))


def set_languages(document: Any) -> None:
    """Tell Word that Chinese characters are Chinese: it took them for English."""
    from docx.oxml.ns import qn

    for one in document.styles.element.iter(qn("w:lang")):
        one.set(qn("w:eastAsia"), "zh-CN")


def contents_name(anchor: str) -> str:
    """Return the bookmark of a heading, of the form of those that Word makes."""
    return f"_Toc{int(_short_hash(anchor), 16):010d}"


def contents_list(
    document: Any, entries: Sequence[tuple[str, str, str]], style: Any, width: float
) -> None:
    """Append a table of contents whose entries are there already, as links.

    Word and LibreOffice write numbers of pages instead when it is updated.

    Parameters
    ----------
    document
        Of python-docx.
    entries
        Bookmark, text, and what stands at the right.
    style
        Of its paragraphs.
    width
        Of the text in cm.
    """
    from docx.enum.text import WD_TAB_ALIGNMENT
    from docx.oxml import parse_xml
    from docx.shared import Cm

    def run(inner: str) -> Any:
        return parse_xml(f"<w:r {_W}>{inner}</w:r>")

    code = ' TOC \\o "1-1" \\h \\z '
    for at, (name, text, aside) in enumerate(entries):
        made = document.add_paragraph(style=style)
        if aside:
            made.paragraph_format.tab_stops.add_tab_stop(Cm(width), WD_TAB_ALIGNMENT.RIGHT)
        if at == 0:
            made._p.append(run('<w:fldChar w:fldCharType="begin"/>'))
            made._p.append(run(f'<w:instrText xml:space="preserve">{code}</w:instrText>'))
            made._p.append(run('<w:fldChar w:fldCharType="separate"/>'))
        tab = f'<w:r><w:tab/><w:t xml:space="preserve">{escape_xml(aside)}</w:t></w:r>'
        made._p.append(
            parse_xml(
                f'<w:hyperlink {_W} w:anchor="{name}" w:history="1"><w:r>'
                f'<w:t xml:space="preserve">{escape_xml(text)}</w:t></w:r>'
                f"{tab if aside else ''}</w:hyperlink>"
            )
        )
        if at == len(entries) - 1:
            made._p.append(run('<w:fldChar w:fldCharType="end"/>'))


def names_list(
    document: Any, entries: Sequence[tuple[str, str]], style: Any, width: float, columns: int
) -> None:
    """Append links side by side, each a bookmark and its text, read across."""
    from docx.oxml import parse_xml
    from docx.shared import Cm

    step = width / columns
    made, used = document.add_paragraph(style=style), 0
    for name, text in entries:
        # A long name takes the room of several: at the next stop it would touch its neighbour.
        takes = min(columns, math.ceil((ems(text) + 1) * _LINE / step))
        if used + takes > columns:
            made, used = document.add_paragraph(style=style), 0
        if used:
            made.paragraph_format.tab_stops.add_tab_stop(Cm(step * used))
            made.add_run().add_tab()
        shown_text = f'<w:t xml:space="preserve">{escape_xml(text)}</w:t>'
        link = f'<w:hyperlink {_W} w:anchor="{name}" w:history="1"><w:r>{shown_text}</w:r>'
        made._p.append(parse_xml(f"{link}</w:hyperlink>"))
        used += takes
