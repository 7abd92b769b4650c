"""Slips that are planted into workbooks are named at their cell, and nothing else is."""

from __future__ import annotations

import random
import re
from pathlib import Path

import openpyxl
import pytest

from xlcity.errors import XlcityError
from xlcity.proof.reading import read_index
from xlcity.recalc.workbook import patch_results, recalculate
from xlcity.xlsx.address import full_address
from xlcity.xlsx.package import Package

HERE = Path(__file__).parent
BOOKS = sorted([*HERE.glob("adopt/*.xlsx"), *HERE.glob("own/*.xlsx")])
CLEAN = [path for path in BOOKS if "slips" not in path.name]
#: A reference to a row, of one cell, without $ before the row.
CELL = re.compile(r"(?<![A-Za-z$:\d!])(\$?[A-Z]{1,2})(\d+)(?![\d:(])")
NUMBER = re.compile(r"(?<![A-Za-z$\d.])(\d+\.\d+)(?![\d.:(])")


def typed(dice, text, row, block):
    return round(dice.uniform(0.1, 0.9), 3)


def added(dice, text, row, block):
    return f"{text}+0.01"


def other_city(dice, text, row, block):
    other = row + 1 if row < block.last else row - 1
    own = [match for match in CELL.finditer(text) if int(match[2]) == row]
    return replaced(dice, text, own, lambda match: f"{match[1]}{other}")


def short_range(dice, text, row, block):
    last = block.last - dice.randint(1, 3)
    return replaced(
        dice, text, ranges(text, block), lambda m: f"{m[1]}{block.first}:{m[2]}{last}"
    )


def missing_dollar(dice, text, row, block):
    first = block.first + 2
    last = block.last + 2
    return replaced(
        dice, text, ranges(text, block), lambda m: f"{m[1]}{first}:{m[2]}{last}"
    )


def other_weight(dice, text, row, block):
    found = [*NUMBER.finditer(text)]
    return replaced(dice, text, found, lambda m: f"{float(m[0]) + 0.1:g}")


def ranges(text, block):
    """Return ranges of all cities of a column."""
    ends = rf"(\$?[A-Z]{{1,2}}\$?){block.first}:(\$?[A-Z]{{1,2}}\$?){block.last}(?!\d)"
    return [*re.finditer(ends, text)]


def replaced(dice, text, matches, make):
    """Return a formula with one match replaced, None without any."""
    if not matches:
        return None
    match = dice.choice(matches)
    return text[: match.start()] + make(match) + text[match.end() :]


KINDS = (typed, added, other_city, short_range, missing_dollar, other_weight)


def plant(read, path, dice, target):
    """Write a copy with a slip; return its cell, None where the slip does not fit."""
    cities = read.columns.cities
    series = dice.choice(read.explained)
    block = cities.blocks[series.block]
    city = dice.choice(sorted(read.columns[series].forms))
    sheet, position = cities.cells(series)[city]
    book = openpyxl.load_workbook(path)
    cell = book[sheet].cell(*position)
    before = cell.value
    if not isinstance(before, str) or not block.axis.down:
        return None
    cell.value = dice.choice(KINDS)(dice, before, position[0], block)
    if cell.value in (None, before) or "MATCH" in before:
        return None
    book.save(target)
    package = Package.read(target)
    try:
        target.write_bytes(patch_results(package, recalculate(package)).to_bytes())
    except XlcityError:  # it reads itself now
        return None
    return full_address(sheet, position)


@pytest.mark.parametrize("path", CLEAN, ids=lambda path: path.stem)
def test_clean_workbooks_have_no_slip(path):
    assert read_index(path).slips == ()


@pytest.mark.slow
def test_forty_planted_slips_are_named_at_their_cell(tmp_path):
    dice = random.Random(40)
    known = {path: read_index(path) for path in CLEAN}
    named = 0
    planted = 0
    while planted < 40:
        path = dice.choice(CLEAN)
        target = tmp_path / path.name
        cell = plant(known[path], path, dice, target)
        if cell is not None:
            planted += 1
            found = {slip.cell for slip in read_index(target).slips}
            assert found <= {cell}
            named += cell in found
    assert named >= 38
