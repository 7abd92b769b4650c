"""Sheets copied into another workbook, with what hangs on them."""

import io
import re

import xlsxwriter

from xlcity.xlsx.editing.transplant import copy_sheets
from xlcity.xlsx.package import Package


def test_every_table_has_a_number_of_its_own():
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        for name in ("A", "B"):
            book.add_worksheet(name).add_table("A1:B3", {"name": f"Table{name}"})
    package = Package.from_bytes(out.getvalue())
    copied = copy_sheets(package, package, {"A": "A2", "B": "B2"})
    tables = [copied.text(part) for part in copied.parts if "/tables/" in part]
    numbers = [re.search(r'<table [^>]*?\bid="(\d+)"', table)[1] for table in tables]
    assert sorted(numbers) == ["1", "2", "3", "4"]
