"""What a workbook shows beside the content of its cells."""

import io

import xlsxwriter

from xlcity.xlsx.appearance import read_appearance
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.package import Package


def package(value=1.0, fill="#FF0000", limit=3):
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet("S")
    sheet.write(0, 0, value, book.add_format({"bold": True}))
    sheet.merge_range(2, 0, 2, 3, "wide")
    red = book.add_format({"bg_color": fill})
    rule = {"type": "cell", "criteria": ">", "value": limit, "format": red}
    sheet.conditional_format(0, 0, 9, 0, rule)
    sheet.set_row(5, 40)
    book.close()
    return Package.from_bytes(out.getvalue())


def shown(given):
    return read_appearance(given, read_book(given))


def test_a_font_may_say_no_size():
    """As openpyxl writes fonts: seal, diff and check ended with an internal error."""
    given = package()
    styles = given.parts["xl/styles.xml"].replace(b'<sz val="11"/>', b"")
    assert shown(given.replace({"xl/styles.xml": styles})).formats == shown(given).formats
