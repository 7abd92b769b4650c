"""`Groups` and `Figures`: tables of groups, and how they are printed."""

import io

import openpyxl
from templates import small_template


def test_what_is_shown_whole_is_printed_on_one_page():
    book = openpyxl.load_workbook(io.BytesIO(small_template().to_bytes()))
    for title in ("Figures", "Profile"):
        sheet = book[title]
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        # What the file does not name is 1.
        assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight or 1) == (1, 1)
    assert book["Figures"].page_setup.orientation == "portrait"
