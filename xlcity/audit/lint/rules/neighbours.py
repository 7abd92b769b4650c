"""Cells unlike the block of equal formulas around them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, pairwise, product, repeat

from xlcity.audit.lint.finding import Finding, finding_at
from xlcity.audit.lint.registry import finds
from xlcity.audit.lint.rules.template_formulas import explain_formula
from xlcity.audit.lint.subject import Subject, is_number
from xlcity.grouping import grouped
from xlcity.xlsx.address import cell_name, find_runs, ranges_text
from xlcity.xlsx.cells import Position
from xlcity.xlsx.formulas.formula import SharedFormula
from xlcity.xlsx.formulas.graph import Place
from xlcity.xlsx.formulas.tokens import NormalisedFormula, Ref

#: Step of a line: to the next row, or to the next column.
_DOWN, _ACROSS = (1, 0), (0, 1)
#: A range in a form's key; its columns may differ at the end of a column, or its rows of a row.
_R, _C = (rf"{letter}(?:\[-?\d+\]|\d*)" for letter in "RC")
_RANGES = {_DOWN: rf"({_R}){_C}:({_R}){_C}", _ACROSS: rf"{_R}({_C}):{_R}({_C})"}
#: Neighbours by which a cell is judged, at least.
_FEWEST = 4
#: Rows in which a formula takes its range along, at least.
_SLIDING = 3
#: Share of them that have one formula, unlike the cell.
_SHARE = 0.9
#: Share of the numbers of a column that a range leaves out by a slip, at most.
_LEFT_OUT = 0.1


@finds(order=12)
def odd_cells(subject: Subject) -> Iterator[Finding]:
    """Yield E02, and E03 and E04 as warnings: at least nine in ten neighbours are otherwise.

    Formulas that differ in more than a range, a cell or a sign are mostly meant. Where a template
    is known, every formula is compared with it.
    """
    for sheet, keys in _formula_keys(subject).items() if subject.is_foreign else ():
        if len(keys) < _FEWEST:
            continue
        #: Formula cells with the form of their formula; typed numbers with "".
        forms = {
            position: keys.get(position, "")
            for position, cell in subject.cells(sheet).items()
            if position in keys or (not cell.computed and is_number(cell.value))
        }
        models: dict[Position, Position] = {}
        for odd, model in chain(_odd_in_lines(forms, _DOWN), _odd_in_lines(forms, _ACROSS)):
            models.setdefault(odd, model)
        for odd, model in models.items():
            if not keys[model].startswith("{"):
                yield from _odd_cell(subject, sheet, odd, model)


@finds(order=13)
def sliding_ranges(subject: Subject) -> Iterator[Finding]:
    """Yield E04 where a number is ranked in, or divided by the sum of, a range filled down with it.

    Without $ each row compares with other rows; one finding for each column that is filled so.
    """
    for places, form in subject.distinct() if subject.is_foreign else ():
        for compared, sliding in _compared_with_sliding(form):
            for sheet, column, first, last in _filled_down(places):
                number, numbers = (ref.area(sheet, first, column) for ref in (compared, sliding))
                if last - first + 1 >= _SLIDING and numbers.meets(number):
                    message = f"{numbers} moves down with the formula: its rows lack a $."
                    region = f"{cell_name(first, column)}:{cell_name(last, column)}"
                    yield finding_at("E04", sheet, (first, column), message, level="warning",
                                     region=region)  # fmt: skip


def _compared_with_sliding(form: NormalisedFormula) -> Iterator[tuple[Ref, Ref]]:
    """Yield x and r of ``x/SUM(r)`` and ``RANK(x,r)`` where no row of r is fixed."""
    tokens = form.tokens
    for position, token in enumerate(tokens[4:], 4):
        area, before = token.ref, tokens[position - 4 : position]
        if area is None or area.r1 == area.r2 or area.book or area.r1.fixed or area.r2.fixed:
            continue
        share, rank = before[0].ref, before[2].ref
        signs = "".join(token.text for token in before if token.ref is None)
        if share is not None and share.single and signs == "/SUM(":
            yield share, area
        elif rank is not None and re.fullmatch(r"RANK(\.EQ|\.AVG)?\(,", signs):
            yield rank, area


@finds(order=14)
def short_ranges(subject: Subject) -> Iterator[Finding]:
    """Yield E04 where numbers are compared with a range that lacks the first or last of them.

    Such as RANK(B2,B$2:B$24), filled down to row 25. What is left out is of the same sort: a total
    below typed numbers is not compared with them.
    """
    for places, form in subject.distinct() if subject.is_foreign else ():
        refs = [ref for ref in form.refs if not ref.book]
        ranges = [ref for ref in refs if ref.r1.fixed and ref.r2.fixed and ref.r1 != ref.r2]
        cells = [ref for ref in refs if ref.single and not ref.r1.fixed]
        pairs = [*product(ranges, cells)]
        for (sheet, column, first, last), (range_ref, cell_ref) in product(
            _filled_down(places if pairs else ()), pairs
        ):
            area = range_ref.area(sheet, first, column)
            top_cell = cell_ref.area(sheet, first, column)
            rows = range(top_cell.r1, top_cell.r1 + last - first + 1)
            left_out = [row for row in rows if not area.r1 <= row <= area.r2]
            is_column = area.c1 == area.c2 == top_cell.c1 and area.sheet == top_cell.sheet
            limit = max(1, _LEFT_OUT * len(rows)) if len(rows) > _FEWEST else 0
            if not (is_column and 0 < len(left_out) <= limit):
                continue
            compared = {_content(subject, area.sheet, (r, area.c1)) for r in (area.r1, *left_out)}
            if len(compared) == 1 and "" not in compared:
                text = ranges_text((row, area.c1) for row in left_out)
                message = f"{area} lacks {text} of the numbers that are compared with it."
                region = f"{cell_name(first, column)}:{cell_name(last, column)}"
                yield finding_at("E04", sheet, (first, column), message, level="warning",
                                 region=region, fault=f"{area}")  # fmt: skip


def _filled_down(places: Iterable[Place]) -> Iterator[tuple[str, int, int, int]]:
    """Yield the columns of adjacent cells among some: sheet, column, first and last row."""
    columns = grouped(((sheet, column), row) for sheet, (row, column) in places)
    for (sheet, column), rows in columns.items():
        yield from ((sheet, column, *run) for run in find_runs(rows))


def _content(subject: Subject, sheet: str, position: Position) -> str:
    """Return the form of a cell's formula, "typed" for a typed number, or ""."""
    if (form := subject.form(sheet, position)) is not None:
        return form.key
    return "typed" if is_number(subject.book.value(sheet, *position)) else ""


def _formula_keys(subject: Subject) -> dict[str, dict[Position, str]]:
    """Return the key of each formula by sheet and cell; cells of an array range have its own."""
    keys: dict[str, dict[Position, str]] = {sheet: {} for sheet in subject.book.sheets}
    for sheet, column, first, last, form in subject.graph.blocks():
        keys[sheet] |= dict.fromkeys(zip(range(first, last + 1), repeat(column)), form.key)
    for sheet, own_keys in keys.items():
        cells = subject.book.sheets[sheet].cells
        in_arrays = cells.members | {anchor: anchor for anchor in cells.arrays}
        own_keys |= {p: f"{{{own_keys[anchor]}}}" for p, anchor in in_arrays.items()}
    return keys


def _odd_in_lines(
    forms: Mapping[Position, str], step: Position
) -> Iterator[tuple[Position, Position]]:
    """Yield cells unlike the line of cells they are in, each with a cell of that line.

    A formula that goes on across the line is one of another block, such as a row of totals; so are
    typed numbers in several lines side by side.
    """
    models: dict[Position, Position] = {}
    for line in _lines(forms, step):
        counts = Counter(form for position in line if (form := forms[position]))
        common, count = counts.most_common(1)[0] if counts else ("", 0)
        if len(line) == count or count < max(_FEWEST, _SHARE * (len(line) - 1)):
            continue
        shared = [index for index, position in enumerate(line) if forms[position] == common]
        for before, after in pairwise(shared):
            models |= dict.fromkeys(line[before + 1 : after], line[before])
        # At an end only a total of other rows is judged: headings and growing ranges are meant.
        for end, inner in ((0, 1), (-1, -2)):
            pair = [forms[line[index]] for index in (end, inner)]
            alike = {re.sub(_RANGES[step], r"\1:\2", form) for form in pair}
            if pair[1] == common != pair[0] and len(alike) == 1:
                models[line[end]] = line[inner]
    across = step[::-1]
    for (row, column), model in models.items():
        beside = ((row - across[0], column - across[1]), (row + across[0], column + across[1]))
        form = forms[row, column]
        if not any(forms.get(b) == form and (form or b in models) for b in beside):
            yield (row, column), model


def _lines(positions: Iterable[Position], step: Position) -> Iterator[list[Position]]:
    """Yield cells that touch each other in a column, or in a row."""
    across = step == _ACROSS
    lines = grouped(position if across else position[::-1] for position in positions)
    for line, along in lines.items():
        for first, last in find_runs(along):
            yield [(line, n) if across else (n, line) for n in range(first, last + 1)]


def _odd_cell(
    subject: Subject, sheet: str, position: Position, model: Position
) -> Iterator[Finding]:
    own, common = subject.form(sheet, position), subject.form(sheet, model)
    cells = subject.cells(sheet)
    assert common is not None
    expected = SharedFormula(cells[model].formula or "", *model).formula_in(*position)
    if not cells[position].computed:
        # A number of another look is one that people type there.
        is_alike = cells[position].style == cells[model].style
        if is_alike and common.refs and not subject.is_input(sheet, position):
            text = f"{cells[position].value:.15g} is in a run of formulas "
            text += f"(the neighbouring cell {cell_name(*model)} has one)."
            yield finding_at("E02", sheet, position, text, fix=f"Restore ={expected}")
    elif own is not None and not own.books:  # W09 says so
        actual = cells[position].formula or ""
        rule, message = explain_formula(subject, sheet, position, expected, actual)
        if rule == "E04" or _differ_by_a_slip(own, common):
            message = f"{message}, unlike the neighbouring cell {cell_name(*model)}."
            fault = f"{own.key} {common.key}"
            fix = f"Restore ={expected}" if rule == "E03" else ""
            yield finding_at(rule, sheet, position, message, fix=fix, fault=fault, level="warning")


def _differ_by_a_slip(own: NormalisedFormula, common: NormalisedFormula) -> bool:
    """Tell whether two formulas differ in one sign alone, or in one cell with the same $."""
    if len(own.tokens) != len(common.tokens):
        return False
    pairs = zip(own.tokens, common.tokens, strict=True)
    changed = [pair for pair in pairs if pair[0].text != pair[1].text]
    if len(changed) != 1:
        return False
    refs = [token.ref for token in changed[0] if token.ref and token.ref.single]
    kinds = {(ref.sheet, ref.book, ref.r1.fixed, ref.c1.fixed) for ref in refs}
    signs = {token.text for token in changed[0]}
    return (len(refs), len(kinds)) == (2, 1) or signs in ({"+", "-"}, {"*", "/"})
