"""Several like formulas together that differ from the run they stand in: half a row is a slip, too.

A single odd formula is judged by its neighbours. Two or more of them were copied from the first
that was wrong, so each has a neighbour like itself.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from itertools import pairwise

from xlcity.audit.lint.finding import LintFinding, at
from xlcity.audit.lint.formula_difference import explain, is_meant, is_one_off, is_tree
from xlcity.audit.lint.lines import ACROSS, DOWN
from xlcity.audit.lint.registry import finds
from xlcity.audit.lint.subject import Subject, is_number
from xlcity.xlsx.address import cell_name
from xlcity.xlsx.cells import Position
from xlcity.xlsx.formulas.tokens import NormalisedFormula

#: Formulas of a run that others stand at the end of, at least.
_AT_END = 3
_SLIPS = ("extent", "operator", "sign")

Forms = Mapping[Position, NormalisedFormula]
#: Neighbouring cells of one formula in a row or a column.
Run = list[Position]


@finds(
    "W26 several formulas differ from the others of their row or column | Copy the formula from "
    "the others, or say why these differ.",
    order=14,
    of_formulas=True,
)
def block_slips(subject: Subject) -> Iterator[LintFinding]:
    """Yield W26."""
    for name in subject.book.sheets:
        forms = {
            position: made
            for position, key in subject.keys(name).items()
            if not key.startswith("{") and (made := subject.form(name, position)) and made.refs
        }
        for step in (DOWN, ACROSS):
            for found in _odd_runs(forms, step):
                yield from _judged(subject, name, forms, step, *found)


def _odd_runs(forms: Forms, step: Position) -> Iterator[tuple[Run, Position, int, bool]]:
    """Yield runs of two or more that stand in a longer one or end it, a cell of it, its length.

    Last, whether they stand inside.
    """
    for line in _lines(forms, step):
        for number, run in enumerate(line):
            if len(run) < 2:
                continue
            before = line[number - 1] if number else []
            after = line[number + 1] if number + 1 < len(line) else []
            if before and after:
                support = len(before) + len(after)
                if forms[before[0]] is forms[after[0]] and support >= len(run):
                    yield run, before[-1], support, True
            elif len(before or after) >= max(_AT_END, len(run)):
                yield run, before[-1] if before else after[0], len(before or after), False


def _lines(forms: Forms, step: Position) -> Iterator[list[Run]]:
    """Yield the runs of formulas that touch, line by line."""
    across = step[1], step[0]
    order = sorted(forms, key=lambda p: (p[0] * across[0] + p[1] * across[1], p))
    line: list[Run] = [order[:1]] if order else []
    for last, place in pairwise(order):
        if place != (last[0] + step[0], last[1] + step[1]):
            yield line
            line = [[place]]
        elif forms[place] is forms[last]:
            line[-1].append(place)
        else:
            line.append([place])
    if line:
        yield line


def _judged(
    subject: Subject,
    sheet: str,
    forms: Forms,
    step: Position,
    odd: Run,
    beside: Position,
    support: int,
    inside: bool,
) -> Iterator[LintFinding]:
    own, model = forms[odd[0]], forms[beside]
    if _parts_lines(forms, step, odd, beside):
        return
    slip = explain(model, own, sheet, odd[0])
    other = slip.kind == "other cell" and (inside or is_one_off(own, model))
    if slip.kind == "number":
        # A number more, not another one: rates differ between periods.
        if not inside or len(own.numbers) == len(model.numbers):
            return
    elif slip.kind not in _SLIPS and (not other or is_tree(own, model)):
        return
    if not inside and is_meant(slip, own, model):
        return
    if not all(_reads_numbers(subject, sheet, place, own) for place in odd):
        return
    text = f"{slip.message}, unlike the neighbouring cell {cell_name(*beside)}."
    surprise = math.log2(support / len(odd) + 1)
    for place in odd:
        yield at("W26", sheet, place, text, beside=cell_name(*beside), surprise=surprise)


def _parts_lines(forms: Forms, step: Position, odd: Run, beside: Position) -> bool:
    """Tell whether a line beside has another formula from the same place on: blocks are meant."""
    edge = min(odd, key=lambda p: abs(p[0] - beside[0]) + abs(p[1] - beside[1]))
    for way in (-1, 1):
        down, right = way * step[1], way * step[0]
        mine = forms.get((edge[0] + down, edge[1] + right))
        theirs = forms.get((beside[0] + down, beside[1] + right))
        if mine is not theirs:
            return True
    return False


def _reads_numbers(subject: Subject, sheet: str, place: Position, made: NormalisedFormula) -> bool:
    """Tell whether each single cell that a formula reads holds a number."""
    areas = [subject.graph.area(ref, sheet, place) for ref in made.refs if ref.single]
    return all(a is not None and is_number(subject.value(a.sheet, (a.r1, a.c1))) for a in areas)
