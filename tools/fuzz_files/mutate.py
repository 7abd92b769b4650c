"""What is done to a workbook: to its zip, its XML, its cells, formulas, names and styles."""

from __future__ import annotations

import io
import re
import struct
import zipfile
from collections.abc import Callable
from functools import cache
from random import Random
from xml.sax.saxutils import escape

Parts = dict[str, bytes]

VALUES = (
    *(
        "",
        "-1",
        "0",
        "1.5",
        "999999999999",
        "1e400",
        "-0",
        "NaN",
        "INF",
        "abc",
        "1,5",
        "１２",
        "\x00",
    ),
    *(
        "A0",
        "XFE1",
        "A1:B2:C3",
        "$A$1",
        "A1048577",
        "A1:XFD1048576",
        "#REF!",
        "#N/A",
        "TRUE",
    ),
    *(
        "&#xD800;",
        "&#1;",
        "&amp;lt;",
        "&x;",
        "x" * 40_000,
        "_xD83D_",
        "‮abc",
        "../../../etc/passwd",
    ),
    *(
        "http://127.0.0.1:9/x",
        "file:///etc/passwd",
        "rId1",
        "rId999",
        "s",
        "b",
        "e",
        "d",
        "str",
    ),
)
FORMULAS = (
    *(
        "A1",
        "B2:B1048576",
        "SUM(A:XFD)",
        "SUM(A1:XFD1048576)",
        "C9+D9",
        "total",
        "nothing",
        "1/0",
    ),
    *(
        "(" * 500 + "1" + ")" * 500,
        "+".join("1" * 900),
        "IF(1," * 100,
        "-" * 3000 + "1",
        "{",
        "}",
    ),
    *(
        'INDIRECT("A"&1)',
        "OFFSET(A1,1e9,1)",
        'WEBSERVICE("http://127.0.0.1:9/")',
        '"',
        "LET(x,1,x)",
    ),
    *(
        "cmd|'/c calc'!A0",
        "[1]S!A1",
        "'[x.xlsx]S'!A1",
        "LAMBDA(x,x)(1)",
        "A1 B2",
        "SUM(,,,)",
    ),
    *(
        "ZSCORE_WINSOR(B2:B7)",
        "ZSCORE_WINSOR()",
        "ZSCORE_WINSOR(A1:XFD1048576)",
        "{1,2;3}",
    ),
    *(
        'REPT("x",32767)',
        'REPT("x",1E9)',
        "SEQUENCE(1E6,1E3)",
        "ROW(1:1048576)*1",
        "Tab[x]",
    ),
    *(
        "SUMPRODUCT(A1:A1048576*B1:B1048576)",
        "FACT(1E9)",
        "1E308*10",
        "2^1E9",
        "S!A1:其他!B2",
    ),
    *(
        'HYPERLINK("http://x",1)',
        "''!A1",
        "#REF!A1",
        "TODAY()",
        "RAND()",
        "total+总计",
        "A1#",
        "@A1",
    ),
    *(
        'TEXT(1,"' + "0" * 3000 + '")',
        'SUBSTITUTE(REPT("a",32767),"a",REPT("b",32767))',
        "S!1:1",
    ),
)
_ATTRIBUTE = re.compile(rb'([\w:]+)="([^"]*)"')
_ELEMENT = re.compile(rb"<([\w:]+)(?:\s[^<>]*)?(?:/>|>[^<]*</\1>)")
_TEXT = re.compile(rb">([^<>]+)<")
_FORMULA = re.compile(rb"<f([^>]*)>([^<]*)</f>")
_CELL = re.compile(rb'<c r="([A-Z]+\d+)"[^>]*?(?:/>|>.*?</c>)', re.DOTALL)


@cache
def _known_parts(data: bytes) -> Parts:
    return parts_of(data)


def parts_of(data: bytes) -> Parts:
    """Return the parts of a sound workbook."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: Parts) -> bytes:
    """Return a workbook of parts, with no time of writing in it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _spot(
    draw: Random, pattern: re.Pattern[bytes], text: bytes
) -> re.Match[bytes] | None:
    found = list(pattern.finditer(text))
    return draw.choice(found) if found else None


def _put(text: bytes, start: int, end: int, new: bytes) -> bytes:
    return text[:start] + new + text[end:]


def attribute(draw: Random, text: bytes) -> bytes:
    """Give an attribute another value, or take it away."""
    if (at := _spot(draw, _ATTRIBUTE, text)) is None:
        return text
    if draw.random() < 0.25:
        return _put(text, *at.span(), b"")
    return _put(text, *at.span(2), draw.choice(VALUES).encode())


def content(draw: Random, text: bytes) -> bytes:
    """Give an element another text."""
    if (at := _spot(draw, _TEXT, text)) is None:
        return text
    return _put(text, *at.span(1), draw.choice(VALUES).encode())


def element(draw: Random, text: bytes) -> bytes:
    """Drop, double or nest an element, or put it somewhere else."""
    at = _spot(draw, _ELEMENT, text)
    if at is None:
        return text
    way = draw.randrange(4)
    whole = at[0]
    if way == 0:
        return _put(text, *at.span(), b"")
    if way == 1:
        return _put(text, *at.span(), whole * draw.choice((2, 2, 500)))
    if way == 2:
        name = at[1]
        times = draw.choice((1, 3, 5000))
        return _put(
            text, *at.span(), b"<%s>" % name * times + whole + b"</%s>" % name * times
        )
    other = _spot(draw, _ELEMENT, text)
    assert other is not None
    return _put(text, *other.span(), whole)


def formula(draw: Random, text: bytes) -> bytes:
    """Give a cell another formula, or its formula other attributes."""
    at = _spot(draw, _FORMULA, text)
    new = escape(draw.choice(FORMULAS)).encode()
    if at is None:
        cell = _spot(draw, _CELL, text)
        made = b'<c r="%s"><f>%s</f><v>1</v></c>'
        return text if cell is None else _put(text, *cell.span(), made % (cell[1], new))
    kind = draw.choice(
        (
            b"",
            b"",
            b"",
            b"",
            b' t="array" ref="A1:C3"',
            b' t="array" ref="D2:D900000"',
            b' t="shared" si="0"',
            b' t="shared" si="0" ref="D2:D9"',
            b' t="dataTable" ref="A1:C3"',
            b' t="array"',
            b' t="array" ref="x"',
            b' ca="1"',
        )
    )
    return _put(text, *at.span(), b"<f%s>%s</f>" % (kind, new))


def cell(draw: Random, text: bytes) -> bytes:
    """Put a cell elsewhere, twice, without an address, or of another type."""
    at = _spot(draw, _CELL, text)
    if at is None:
        return text
    way = draw.randrange(4)
    whole = at[0]
    if way == 0:
        place = draw.choice((*VALUES, "B3", "ZZ7", "XFD1048576")).encode()
        return _put(text, *at.span(1), place)
    if way == 1:
        return _put(text, *at.span(), whole * 2)
    if way == 2:
        return _put(text, *at.span(), whole.replace(b' r="%s"' % at[1], b""))
    kind = draw.choice((b"s", b"b", b"e", b"d", b"str", b"inlineStr", b"n", b"x"))
    bare = re.sub(rb' t="\w+"', b"", whole, count=1)
    return _put(text, *at.span(), bare.replace(b"<c ", b'<c t="%s" ' % kind, 1))


def noise(draw: Random, text: bytes) -> bytes:
    """Change, cut or insert bytes anywhere."""
    if not text:
        return text
    at = draw.randrange(len(text))
    way = draw.randrange(4)
    if way == 0:
        return text[:at]
    if way == 1:
        return _put(text, at, at + draw.randrange(1, 200), b"")
    extra = (
        b"<",
        b">",
        b"&",
        b'"',
        b"]]>",
        b"<!--",
        b"<![CDATA[",
        b"\x00",
        b"\xff\xfe",
        b"</row>",
    )
    return _put(text, at, at + way - 2, draw.choice(extra))


def encoding(draw: Random, text: bytes) -> bytes:
    """Write a part in another encoding, with a mark, a prefix or a document type."""
    plain = text.decode("utf-8", "replace")
    way = draw.randrange(6)
    if way == 0:
        return plain.encode("utf-16")
    if way == 1:
        return b"\xef\xbb\xbf" + text
    if way == 2:
        return plain.replace("UTF-8", "GB18030").encode("gb18030", "replace")
    if way == 3:
        bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
        return re.sub(r"(\?>)?", rf"\1{bomb}", plain, count=1).encode()
    if way == 4:
        return plain.replace(
            "schemas.openxmlformats.org", "purl.oclc.org/ooxml"
        ).encode()
    tagged = re.sub(r"<(/?)(?=[a-z])", r"<\1x:", plain)
    return tagged.replace("xmlns=", "xmlns:x=").encode()


_OF_XML: tuple[Callable[[Random, bytes], bytes], ...] = (
    attribute,
    attribute,
    content,
    element,
    formula,
    formula,
    formula,
    cell,
    cell,
    noise,
    encoding,
)
_LIKELY = re.compile(r"sheet\d+\.xml|workbook\.xml|sharedStrings|styles|\.rels")


def _of_zip(draw: Random, parts: Parts) -> Parts:
    """Drop, rename, copy or empty a part."""
    name = draw.choice(list(parts))
    way = draw.randrange(4)
    kept = {other: data for other, data in parts.items() if other != name}
    if way == 0:
        return kept
    if way == 1:
        odd = (
            "../../evil.xml",
            "/abs.xml",
            "a\\b.xml",
            name.upper(),
            "x" * 300,
            "书.xml",
        )
        return {**kept, draw.choice(odd): parts[name]}
    if way == 2:
        return {**parts, name: parts[draw.choice(list(parts))]}
    return {**parts, name: b""}


def _of_file(draw: Random, data: bytes) -> bytes:
    """Cut a file short, flip bytes of it, or let its directory lie."""
    way = draw.randrange(3)
    if way == 0:
        return data[: draw.randrange(len(data))]
    made = bytearray(data)
    if way == 1:
        for _ in range(draw.choice((1, 1, 5, 50))):
            made[draw.randrange(len(made))] ^= 1 << draw.randrange(8)
        return bytes(made)
    at = made.find(b"PK\1\2", draw.randrange(len(made)))
    if at >= 0:
        size = draw.choice((0, 1, 100, 1 << 30, 0xFFFFFFFF))
        struct.pack_into("<I", made, at + draw.choice((20, 24)), size)
    return bytes(made)


def broken(number: int, sound: list[bytes]) -> bytes:
    """Return the workbook of a number."""
    draw = Random(number)
    parts = {**_known_parts(draw.choice(sound))}
    for _ in range(draw.choice((1, 1, 1, 2, 3, 5))):
        if draw.random() < 0.07:
            parts = _of_zip(draw, parts)
            continue
        likely = [name for name in parts if _LIKELY.search(name)] or list(parts)
        name = draw.choice(likely if draw.random() < 0.9 else list(parts))
        parts[name] = draw.choice(_OF_XML)(draw, parts[name])
    data = packed(parts)
    return _of_file(draw, data) if draw.random() < 0.08 else data
