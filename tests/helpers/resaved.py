"""Workbooks saved by another program, and what of their sheets is still there."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections import Counter
from pathlib import Path

import pytest

from xlcity.xlsx.cells import read_book
from xlcity.xlsx.package import Package

#: What a save may lose, and the element that stands for it in the part of a sheet.
_ELEMENTS = {
    "conditional formats": "cfRule",
    "validations": "dataValidation",
    "protection": "sheetProtection",
    "links": "hyperlink",
    "panes": "pane",
    "print settings": "pageSetup",
}


def in_gnumeric(package: Package) -> Package:
    """Return a workbook as gnumeric saves it."""
    program = shutil.which("ssconvert")
    if program is None:
        pytest.skip("gnumeric is not installed")
    with tempfile.TemporaryDirectory() as name:
        old = Path(name) / "old.xlsx"
        new = Path(name) / "new.xlsx"
        old.write_bytes(package.to_bytes())
        command = [program, "--export-type=Gnumeric_Excel:xlsx2", str(old), str(new)]
        subprocess.run(command, check=True, capture_output=True, timeout=300)
        return Package.from_bytes(new.read_bytes(), package.name)


def kept_parts(package: Package) -> Counter[tuple[str, str]]:
    """Return how many of each kind of thing every sheet has: (sheet, what) -> number."""
    numbers: Counter[tuple[str, str]] = Counter()
    for name, sheet in read_book(package).sheets.items():
        xml = package.text(sheet.part)
        for what, element in _ELEMENTS.items():
            numbers[name, what] = len(re.findall(rf"<(?:\w+:)?{element}[ />]", xml))
        drawings = package.related(sheet.part, "drawing")
        charts = [package.related(drawing, "chart") for drawing in drawings]
        numbers[name, "charts"] = sum(map(len, charts))
    return +numbers
