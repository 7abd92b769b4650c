"""What people typed, in workbooks of any making: weights that do not add up, one input twice."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations

from xlcity.audit.lint.finding import LintFinding, at
from xlcity.audit.lint.registry import finds
from xlcity.audit.lint.rules.cell_errors import same_name
from xlcity.audit.lint.subject import Subject, is_number
from xlcity.xlsx.address import Range, full_address
from xlcity.xlsx.cells import Position

#: Sums that are meant to be 1 or 100: off by a fifth at most.
_NEAR = 0.2
#: Decimals from which weights are rounded thirds and the like; fewer are exact.
_ROUNDED = 3
#: Columns with this share of differing entries at most hold the same input.
_DIFFER, _SHARED, _COLUMNS = 0.2, 5, 8

_Place = tuple[str, Position]
_Key = tuple[str, str]


@finds(
    "E06 weights of a group do not sum to 1 (or 100) | Correct the weights of the group.",
    order=60,
)
def input_errors(subject: Subject) -> Iterator[LintFinding]:
    """Yield E06 and W12 (inputs) of a workbook that declares neither weights nor inputs."""
    if subject.template is None:
        yield from _weights(subject)
        yield from _twice(subject)


def _weights(subject: Subject) -> Iterator[LintFinding]:
    """Yield weights of a SUMPRODUCT whose sum is nearly 1 or 100 and is neither."""
    reported: set[Range] = set()
    for places, made in subject.distinct():
        sheet, position = places[0]
        expr = subject.syntax(made) if "SUMPRODUCT" in made.functions else None
        if expr is None:
            continue
        divided = {a.text for call in expr.calls("SUM") for a in call.args}
        for call in expr.calls("SUMPRODUCT"):
            for arg in call.args:
                if arg.ref is None or arg.ref.single or not arg.ref.fixed or arg.text in divided:
                    continue
                area = subject.graph.area(arg.ref, sheet, position)
                if area is None or area in reported or 1 not in (area.rows, area.columns):
                    continue
                reported.add(area)
                total = _total(subject, area)
                if total is not None:
                    message = f"the weights {area} sum to {total:.12g}."
                    yield at("E06", area.sheet, (area.r1, area.c1), message)


def _total(subject: Subject, area: Range) -> float | None:
    """Return the sum of typed weights if it should be 1 or 100 and is not."""
    values = []
    for position in area.positions:
        cell = subject.cells(area.sheet).get(position)
        if cell is None or cell.computed or not isinstance(cell.value, (int, float)):
            return None
        values.append(float(cell.value))
    if min(values) < 0:
        return None
    total = math.fsum(values)
    decimals = max(len(f"{value:.10f}".rstrip("0").partition(".")[2]) for value in values)
    slack = len(values) * 0.5 * 10.0**-decimals if decimals >= _ROUNDED else 1e-9
    for whole in (1.0, 100.0):
        if slack < abs(total - whole) <= _NEAR * whole:
            return total
    return None


def _twice(subject: Subject) -> Iterator[LintFinding]:
    """Yield inputs that stand in two columns of like entries with different values."""
    columns: dict[tuple[str, int], dict[_Key, Position]] = defaultdict(dict)
    for sheet in subject.book.sheets:
        for position, key in _keyed(subject, sheet):
            columns[sheet, position[1]].setdefault(key, position)
    holders: dict[_Key, list[tuple[str, int]]] = defaultdict(list)
    for column, entries in columns.items():
        for key in entries:
            holders[key].append(column)
    shared: dict[tuple[tuple[str, int], tuple[str, int]], list[_Key]] = defaultdict(list)
    for key, found in holders.items():
        if 2 <= len(found) <= _COLUMNS:
            for pair in combinations(found, 2):
                shared[pair].append(key)
    reported: set[_Place] = set()
    for (first, second), keys in shared.items():
        places = [(columns[first][key], columns[second][key]) for key in keys]
        differing = [
            (a, b) for a, b in places if subject.value(first[0], a) != subject.value(second[0], b)
        ]
        # One parameter alone is enough; a table has to agree nearly everywhere.
        enough = (len(keys) == 1 and not keys[0][1]) or len(keys) >= _SHARED
        if not differing or not enough or (len(keys) > 1 and len(differing) > _DIFFER * len(keys)):
            continue
        for a, b in differing:
            if (second[0], b) not in reported:
                reported.add((second[0], b))
                there = full_address(first[0], a)
                here, other = subject.value(second[0], b), subject.value(first[0], a)
                message = f"{here:g} here, {other:g} in {there}, which has the same name."
                yield at("W12", second[0], b, message)


def _keyed(subject: Subject, sheet: str) -> Iterator[tuple[Position, _Key]]:
    """Yield the typed numbers that formulas read, each with its label and its column's heading.

    A number alone in its row is a parameter: the text beside it is its label, and it needs none
    above it.
    """
    labels: dict[int, tuple[int, str]] = {}
    numbers: dict[int, list[int]] = defaultdict(list)
    heads: dict[int, str] = {}
    for (row, column), cell in sorted(subject.cells(sheet).items()):
        if isinstance(cell.value, str) and not cell.computed and same_name(cell.value):
            labels.setdefault(row, (column, same_name(cell.value)))
        elif is_number(cell.value) and not cell.computed:
            numbers[row].append(column)
    for row, columns in sorted(numbers.items()):
        label = labels.get(row)
        if label is None:
            continue
        for column in columns:
            if column not in heads:
                heads[column] = _head(subject, sheet, row, column)
            if column <= label[0] or not subject.read.holds(sheet, (row, column)):
                continue
            alone = len(columns) == 1 and column - label[0] <= 2
            if alone or heads[column]:
                yield (row, column), (label[1], "" if alone else heads[column])


def _head(subject: Subject, sheet: str, row: int, column: int) -> str:
    """Return the nearest text above a column's first number."""
    cells = subject.cells(sheet)
    for above in range(row - 1, max(row - 4, 0), -1):
        cell = cells.get((above, column))
        if cell is not None and isinstance(cell.value, str) and not cell.computed:
            return same_name(cell.value)
    return ""
