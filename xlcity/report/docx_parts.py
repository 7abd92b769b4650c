"""Small parts of Word documents: fields, bookmarks, fonts, lists of what a document holds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from xlcity.report.table_fit import half_em_cm, half_ems
from xlcity.xlsx.text import escape_xml

#: Half points of the type of a list of names.
_NAMES = 19
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

    own = style.get_or_add_rPr().get_or_add_rFonts()
    for name in list(own.attrib):
        del own.attrib[name]
    for which, font in zip(
        ("ascii", "hAnsi", "cs", "eastAsia"), (fonts[0],) * 3 + fonts[1:], strict=True
    ):
        own.set(qn(f"w:{which}"), font)


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

    for language in document.styles.element.iter(qn("w:lang")):
        language.set(qn("w:eastAsia"), "zh-CN")


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
    for number, (name, text, aside) in enumerate(entries):
        paragraph = document.add_paragraph(style=style)
        if aside:
            paragraph.paragraph_format.tab_stops.add_tab_stop(Cm(width), WD_TAB_ALIGNMENT.RIGHT)
        if number == 0:
            paragraph._p.append(run('<w:fldChar w:fldCharType="begin"/>'))
            paragraph._p.append(run(f'<w:instrText xml:space="preserve">{code}</w:instrText>'))
            paragraph._p.append(run('<w:fldChar w:fldCharType="separate"/>'))
        tab = f'<w:r><w:tab/><w:t xml:space="preserve">{escape_xml(aside)}</w:t></w:r>'
        paragraph._p.append(
            parse_xml(
                f'<w:hyperlink {_W} w:anchor="{name}" w:history="1"><w:r>'
                f'<w:t xml:space="preserve">{escape_xml(text)}</w:t></w:r>'
                f"{tab if aside else ''}</w:hyperlink>"
            )
        )
        if number == len(entries) - 1:
            paragraph._p.append(run('<w:fldChar w:fldCharType="end"/>'))


def names_list(
    document: Any, entries: Sequence[tuple[str, str]], style: Any, width: float, columns: int
) -> None:
    """Append links side by side, each a bookmark and its text, read across."""
    from docx.oxml import parse_xml
    from docx.shared import Cm

    step = width / columns
    paragraph, used = document.add_paragraph(style=style), 0
    for name, text in entries:
        # A long name takes the room of several: at the next stop it would touch its neighbour.
        takes = min(columns, math.ceil((half_ems(text) + 2) * half_em_cm(_NAMES) / step))
        if used + takes > columns:
            paragraph, used = document.add_paragraph(style=style), 0
        if used:
            paragraph.paragraph_format.tab_stops.add_tab_stop(Cm(step * used))
            paragraph.add_run().add_tab()
        shown_text = f'<w:t xml:space="preserve">{escape_xml(text)}</w:t>'
        link = f'<w:hyperlink {_W} w:anchor="{name}" w:history="1"><w:r>{shown_text}</w:r>'
        paragraph._p.append(parse_xml(f"{link}</w:hyperlink>"))
        used += takes
