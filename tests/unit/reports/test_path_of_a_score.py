"""How many formulas stand behind the overall ranks, how long they are, how far it is to a value."""

import re
from collections import deque
from pathlib import Path

import pytest

from xlcity.reports import report_ids
from xlcity.xlsx.address import Range, parse_range
from xlcity.xlsx.cells import ReadBook, read_book, resolve
from xlcity.xlsx.package import Package

#: The committed workbooks are Chinese.
CHINESE_TABS = True

WORKBOOKS = Path(__file__).resolve().parents[3] / "workbooks"
#: Characters of a formula behind a rank, without the equals sign.
LONGEST = 170
#: Report -> most formula cells behind its overall ranks, and most steps from rank 1 to a value.
MOST = {
    "image2025": (3_850, 8),
    "iecc2024": (9_300, 10),
    "vitality2014": (3_800, 6),
    "bri2021": (17_300, 8),
    "gihi2023": (25_500, 9),
}
REFERENCE = re.compile(
    r"""(?:(?:'((?:[^']|'')+)'|([^\W\d]\w*))!)?(\$?[A-Z]{1,3}\$?\d+(?::\$?[A-Z]{1,3}\$?\d+)?)(?![\w(])"""
)
TEXT = re.compile(r'"[^"]*"')


def precedents(book: ReadBook, sheet: str, formula: str):
    """Yield the areas that a formula names, names opened."""
    bare = TEXT.sub('""', formula)
    for quoted, plain, area in REFERENCE.findall(bare):
        yield Range(quoted or plain or sheet, *parse_range(area.replace("$", "")))
    for name in re.findall(r"\b(?:in|out|par|xl|lnk)_\w+", bare):
        yield resolve(book, name)


def closure(book: ReadBook, starts):
    """Return the formula cells behind some cells, and the least steps to a typed value."""
    inputs = resolve(book, "in_data")
    typed = {(inputs.sheet, position) for position in inputs.positions}
    steps = dict.fromkeys(starts, 0)
    queue = deque(starts)
    hops = None
    formulas = {}
    # An area that was followed before was so in no more steps.
    followed = set()
    while queue:
        sheet, position = at = queue.popleft()
        formula = (
            book.sheets[sheet].cells[position].formula
            if (position in book.sheets[sheet].cells)
            else None
        )
        if not formula:
            if hops is None and at in typed:
                hops = steps[at]
            continue
        formulas[at] = formula
        for area in {*precedents(book, sheet, formula)} - followed:
            followed.add(area)
            for place in area.positions:
                if (area.sheet, place) not in steps:
                    steps[area.sheet, place] = steps[at] + 1
                    queue.append((area.sheet, place))
    return formulas, hops


@pytest.mark.slow
@pytest.mark.parametrize("report_id", report_ids())
def test_little_stands_between_a_rank_and_what_was_typed(report_id):
    book = read_book(Package.read(WORKBOOKS / f"{report_id}.xlsx"))
    ranks = resolve(book, "out_ranks")
    units = resolve(book, "out_units")
    cities = [
        row
        for (row, column), _ in zip(units.positions, units.positions, strict=True)
        if book.value(units.sheet, row, column) not in (None, "")
    ]
    formulas, hops = closure(book, [(ranks.sheet, (row, ranks.c2)) for row in cities])
    most, steps = MOST[report_id]
    assert len(formulas) <= most
    assert hops is not None
    assert hops <= steps
    assert [text for text in formulas.values() if len(text) > LONGEST] == []
