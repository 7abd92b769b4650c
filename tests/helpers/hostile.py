"""Small workbooks of a team, and what strangers do to them."""

import io
import struct
import zipfile

import openpyxl

SHEET = "xl/worksheets/sheet1.xml"
BOOK = "xl/workbook.xml"
MAP = '[data]\nsheet = "S"\nheader = 1\nunit = "城市"\n[columns]\nGDP = "A"\n"绿化" = "B"\n'
CITIES = ("北京", "上海", "广州", "深圳")


def team_workbook(cities=CITIES, **cells):
    """Return a workbook with a table of cities; `cells` are set besides."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "S"
    sheet.append(["城市", "GDP", "绿化"])
    for number, city in enumerate(cities):
        sheet.append([city, 100.0 + number, 3.5 * number])
        # openpyxl makes formulas of such texts.
        sheet.cell(number + 2, 1).data_type = "s"
    for place, value in cells.items():
        sheet[place] = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def parts_of(data):
    """Return the parts of a workbook."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(parts, compression=zipfile.ZIP_DEFLATED):
    """Return a workbook of parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def changed(data, part, old, new):
    """Return a workbook with other bytes in one part."""
    parts = parts_of(data)
    assert old in parts[part]
    return zipped({**parts, part: parts[part].replace(old, new)})


def lying(data, part, content, says):
    """Return a workbook with a further part of which the directory states another size."""
    made = bytearray(zipped({**parts_of(data), part: content}))
    at = made.rfind(part.encode()) - 46
    assert made[at : at + 4] == b"PK\1\2"
    struct.pack_into("<I", made, at + 24, says)
    return bytes(made)


def in_gb18030(data):
    """Return a workbook whose workbook part is in GB18030, with a Chinese sheet name."""
    parts = parts_of(data)
    text = parts[BOOK].decode().partition("<workbook")
    head = '<?xml version="1.0" encoding="GB18030"?>'
    body = (text[1] + text[2]).replace('name="S"', 'name="数据"')
    return zipped({**parts, BOOK: (head + body).encode("gb18030")})


def strict(data):
    """Return a workbook with the namespaces of Strict Open XML."""
    old = "http://schemas.openxmlformats.org/"
    names = {
        f"{old}spreadsheetml/2006/main": "http://purl.oclc.org/ooxml/spreadsheetml/main",
        f"{old}officeDocument/2006/relationships": (
            "http://purl.oclc.org/ooxml/officeDocument/relationships"
        ),
    }
    parts = parts_of(data)
    for before, after in names.items():
        parts = {
            n: c.replace(before.encode(), after.encode()) for n, c in parts.items()
        }
    return zipped(parts)
