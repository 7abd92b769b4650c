"""Cells unlike the block of equal formulas around them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import count, groupby, pairwise, product, repeat, takewhile
from operator import ne
from typing import Any, NamedTuple

from xlcity.audit.lint.finding import Finding, finding_at
from xlcity.audit.lint.registry import finds
from xlcity.audit.lint.rules.template_formulas import differing_tokens, explain_formula
from xlcity.audit.lint.subject import Subject
from xlcity.grouping import grouped
from xlcity.messages import Message
from xlcity.workbook.reading.records import is_number
from xlcity.xlsx.address import Range, cell_name, find_runs, ranges_text
from xlcity.xlsx.cells import Position
from xlcity.xlsx.formulas.formula import SharedFormula
from xlcity.xlsx.formulas.graph import Place
from xlcity.xlsx.formulas.patterns import LinePattern, find_pattern
from xlcity.xlsx.formulas.tokens import Corner, NormalisedFormula, Ref, Token

#: The cells of a sheet with the forms of their formulas.
Forms = Mapping[Position, str]

#: Step of a line: to the next row, or to the next column.
_DOWN = (1, 0)
_ACROSS = (0, 1)
#: A range in a form's key; its columns may differ at the end of a column, or its rows of a row.
_R, _C = (rf"{letter}(?:\[-?\d+\]|\d*)" for letter in "RC")
_RANGES = {_DOWN: rf"({_R}){_C}:({_R}){_C}", _ACROSS: rf"{_R}({_C}):{_R}({_C})"}
#: Neighbours by which a cell is judged, at least; in a block, where few are in its row or column.
_FEWEST = 4
_FEWEST_IN_BLOCK = 5
#: Ends of a line, and the cell beside each: its place, that of the other, its name.
_ENDS = ((0, 1, "first"), (-1, -2, "last"))
#: Slips other than in references.
_IN_ONE = ("sign", "swap", "number", "term", "function", "brackets")
#: Signs of which one is easily taken for the other.
_ALIKE_SIGNS = (
    {"+", "-"},
    {"*", "/"},
    {"<", "<="},
    {">", ">="},
    {"<", ">"},
    {"<=", ">="},
)
#: Slips inside a line, in its first cell, and in its last one, which may be a total. A first cell
#: may read an opening value: another cell than those of its own row are meant.
_SLIPS = {
    "": {*_IN_ONE, "row", "own cell", "fixed cell", "cell", "range", "sheet"},
    "first": {*_IN_ONE, "row", "own cell", "fixed cell", "fixed range"},
    "last": {"row", "term"},
}
#: Signs between the terms of a formula.
_SIGNS = frozenset("+-*/")
#: What says how a function works: `VLOOKUP(A2,B:C,2,FALSE)`, `MATCH(A2,B:B,0)`.
_SWITCHES = frozenset(("TRUE", "FALSE", "0", "1"))
#: Cells of a column that read one other column, at least, where that is meant.
_FEWEST_MEANT = 3
#: How many columns that one is away from the neighbours' column, at least.
_FAR = 3
#: Rows in which a formula takes its range along, at least.
_SLIDING = 3
#: Share of them that have one formula, unlike the cell.
_SHARE = 0.9
#: Functions of a total below a column.
_TOTALS = frozenset(
    {
        "SUM",
        "AVERAGE",
        "PRODUCT",
        "MIN",
        "MAX",
        "COUNT",
        "STDEV",
        "MEDIAN",
        "LARGE",
        "SMALL",
    }
)
#: What precedes the numbers that one is ranked in.
_RANK_OF_CELL = re.compile(r"RANK(\.EQ|\.AVG)?\(,")
#: Functions that give the best value of a column, as less or more is better.
_BEST = ({"MIN", "MAX"}, {"SMALL", "LARGE"})
#: Share of the numbers of a column that a range leaves out by a slip, at most.
_LEFT_OUT = 0.1


class _Odd(NamedTuple):
    """A cell unlike the line of cells it is in.

    Attributes
    ----------
    model
        A cell of that line.
    step
        Step of the line.
    end
        Where it is in the line: "first", "last" or "".
    """

    position: Position
    model: Position
    step: Position
    end: str


class _Judged(NamedTuple):
    """What is said of an odd cell; `columns` as `_find_other_column` returns it."""

    finding: Finding
    columns: tuple[object, ...]


class _Shift(NamedTuple):
    """Of formulas side by side the number of one, a reference of it, and how far that is off."""

    number: int
    ref: Ref
    columns: int


class _Filled(NamedTuple):
    """Cells below one another that one formula fills."""

    sheet: str
    column: int
    first: int
    last: int

    @property
    def size(self) -> int:
        return self.last - self.first + 1

    def read(self, ref: Ref) -> Range:
        """Return what a reference of the first cell reads."""
        return ref.area(self.sheet, self.first, self.column)

    def finding(self, message: Message, **details: Any) -> Finding:
        """Return the warning that a range is wrong in all of them."""
        region = (
            f"{cell_name(self.first, self.column)}:{cell_name(self.last, self.column)}"
        )
        return finding_at(
            "E04",
            self.sheet,
            (self.first, self.column),
            message,
            level="warning",
            region=region,
            **details,
        )


@finds(order=12, foreign=True)
def odd_cells(subject: Subject) -> Iterator[Finding]:
    """Yield E02, and E03 and E04 as warnings: at least nine in ten neighbours are otherwise.

    Formulas that differ in more than a range, a cell or a sign are mostly meant. Where a template
    is known, every formula is compared with it.
    """
    for sheet, keys in _formula_keys(subject).items():
        if len(keys) < _FEWEST:
            continue
        judged = _judge_odd_cells(subject, sheet, keys)
        # A column that reads one other column in several rows is meant, as that of a takeover is.
        counts = Counter(
            (odd[1], cell.columns) for odd, cell in judged.items() if cell.columns
        )
        columns_meant = set()
        for odd, cell in judged.items():
            if counts[odd[1], cell.columns] >= _FEWEST_MEANT:
                columns_meant.add(odd[1])
            else:
                yield cell.finding
        for odd, finding in _find_shifted_cells(subject, sheet, keys):
            if odd not in judged and odd[1] not in columns_meant:
                yield finding


def _judge_odd_cells(
    subject: Subject, sheet: str, keys: Forms
) -> dict[Position, _Judged]:
    """Return the cells of a sheet that differ from their line by what may be a slip."""
    #: Formula cells with the form of their formula; typed numbers with "".
    forms = {}
    for position, cell in subject.cells(sheet).items():
        if position in keys or (not cell.computed and is_number(cell.value)):
            forms[position] = keys.get(position, "")
    judged: dict[Position, _Judged] = {}
    for step in (_DOWN, _ACROSS):
        for odd in _odd_in_lines(forms, step):
            if odd.position in judged or keys[odd.model].startswith("{"):
                continue
            finding = _judge_odd_cell(subject, sheet, odd)
            if finding is not None:
                columns = _find_other_column(subject, sheet, odd)
                judged[odd.position] = _Judged(finding, columns)
    return judged


@finds(order=13, foreign=True)
def sliding_ranges(subject: Subject) -> Iterator[Finding]:
    """Yield E04 where a number is ranked in, or divided by the sum of, a range filled down with it.

    Without $ each row compares with other rows; one finding for each column that is filled so.
    """
    for places, form in subject.distinct():
        for compared, sliding in _compared_with_sliding(form):
            for filled in _filled_down(places):
                numbers = filled.read(sliding)
                if filled.size >= _SLIDING and numbers.meets(filled.read(compared)):
                    yield filled.finding(Message("lint.range_moves", area=str(numbers)))


def _compared_with_sliding(form: NormalisedFormula) -> Iterator[tuple[Ref, Ref]]:
    """Yield x and r of ``x/SUM(r)`` and ``RANK(x,r)`` where no row of r is fixed."""
    for position, token in enumerate(form.tokens[4:]):
        area = token.ref
        if area is None or not _is_sliding(area):
            continue
        cell = _compared_cell(form.tokens[position : position + 4])
        if cell is not None:
            yield cell, area


def _compared_cell(before: Sequence[Token]) -> Ref | None:
    """Return x of the tokens before r in ``x/SUM(r)`` and ``RANK(x,r)``."""
    signs = "".join(token.text for token in before if token.ref is None)
    share = before[0].ref
    if share and share.single and signs == "/SUM(":
        return share
    return before[2].ref if _RANK_OF_CELL.fullmatch(signs) else None


def _is_sliding(area: Ref) -> bool:
    """Tell whether a range of several rows moves with its formula."""
    is_held = area.book or area.r1.fixed or area.r2.fixed
    return area.r1 != area.r2 and not is_held


@finds(order=14, foreign=True)
def short_ranges(subject: Subject) -> Iterator[Finding]:
    """Yield E04 where numbers are compared with a range that lacks the first or last of them.

    Such as RANK(B2,B$2:B$24), filled down to row 25. What is left out is of the same sort: a total
    below typed numbers is not compared with them.
    """
    for places, form in subject.distinct():
        pairs = [*product(_list_held_ranges(form), _list_moving_cells(form))]
        filled = _filled_down(places if pairs else ())
        for column, (range_ref, cell_ref) in product(filled, pairs):
            yield from _judge_range(subject, column, range_ref, cell_ref)


def _list_held_ranges(form: NormalisedFormula) -> list[Ref]:
    """Return the ranges of a formula that stay in the same rows when it is filled down."""
    held = (ref for ref in form.refs if ref.r1.fixed and ref.r2.fixed)
    return [ref for ref in held if ref.r1 != ref.r2 and not ref.book]


def _list_moving_cells(form: NormalisedFormula) -> list[Ref]:
    cells = (ref for ref in form.refs if ref.single)
    return [ref for ref in cells if not (ref.r1.fixed or ref.book)]


def _judge_range(
    subject: Subject,
    filled: _Filled,
    range_ref: Ref,
    cell_ref: Ref,
) -> Iterator[Finding]:
    """Yield E04 if the cells that a column reads go on beyond the range they are compared with."""
    area = filled.read(range_ref)
    top_cell = filled.read(cell_ref)
    if area.sheet != top_cell.sheet or {area.c1, area.c2} != {top_cell.c1}:
        return
    rows = range(top_cell.r1, top_cell.r1 + filled.size)
    left_out = [(row, area.c1) for row in rows if row not in area.row_numbers]
    limit = max(1, _LEFT_OUT * len(rows)) if len(rows) > _FEWEST else 0
    if not 0 < len(left_out) <= limit:
        return
    compared = [(area.r1, area.c1), *left_out]
    contents = {_content(subject, area.sheet, position) for position in compared}
    if len(contents) == 1 and "" not in contents:
        text = ranges_text(left_out)
        message = Message("lint.numbers_left_out", area=str(area), cells=text)
        yield filled.finding(message, fault=f"{area}")


@finds(order=15, foreign=True)
def short_totals(subject: Subject) -> Iterator[Finding]:
    """Yield E04 where a total leaves out the first or last number that those beside it take.

    Such as SUM(C2:C8) beside SUM(B2:B9), with a number in C9. `odd_cells` says so of longer lines
    of one formula; few have the best value of each column, MAX of benefits and MIN of costs.
    """
    for sheet, keys in _formula_keys(subject).items():
        for step in (_ACROSS, _DOWN):
            for line in _lines(keys, step):
                if _is_few_or_mixed([keys[position] for position in line]):
                    yield from _find_short_totals(subject, sheet, line, step)


def _is_few_or_mixed(keys: Sequence[str]) -> bool:
    """Tell whether formulas of a line differ, and are too few or too different to have a rule."""
    pattern = find_pattern(keys)
    if pattern is None or not pattern.odd:
        return False
    return len(keys) <= _FEWEST or pattern.alike < _SHARE * (len(keys) - 1)


def _find_short_totals(
    subject: Subject, sheet: str, line: Sequence[Position], step: Position
) -> Iterator[Finding]:
    """Yield E04 for the totals of a line that take fewer numbers than one beside them."""
    areas = {}
    for position in line:
        area = _read_own_line(subject, sheet, position, step)
        if area is not None:
            areas[position] = area
    models = {}
    for first, second in pairwise(areas):
        for position, model in ((first, second), (second, first)):
            if _is_short(subject, areas[position], areas[model], step):
                models[position] = model
    for position, model in models.items():
        area = areas[position]
        meant = _turn(areas[model], step)
        own = replace(_turn(area, step), r1=meant.r1, r2=meant.r2)
        expected = _turn(own, step)
        phrase = Message(
            "phrase.replaced",
            came=ranges_text(area.positions),
            went=ranges_text(expected.positions),
        )
        message = Message("lint.formula_unlike", phrase=phrase, cell=cell_name(*model))
        yield finding_at("E04", sheet, position, message, level="warning")


def _turn(area: Range, step: Position) -> Range:
    """Return a range with rows and columns exchanged, if totals go down."""
    if step == _ACROSS:
        return area
    return Range(
        area.sheet,
        r1=area.c1,
        c1=area.r1,
        r2=area.c2,
        c2=area.r2,
    )


def _read_own_line(
    subject: Subject, sheet: str, position: Position, step: Position
) -> Range | None:
    """Return what a formula that is one total reads of its own column, or of its row."""
    form = subject.form(sheet, position)
    if form is None or len(form.refs) != 1 or form.refs[0].book:
        return None
    tokens = form.tokens
    if len(tokens) not in (4, 6) or tokens[0].text not in _TOTALS:
        return None  # LARGE(B2:B9,1) has six
    area = form.refs[0].area(sheet, *position)
    turned = _turn(area, step)
    own = position[1] if step == _ACROSS else position[0]
    is_own = area.sheet == sheet and turned.c1 == own == turned.c2
    return area if is_own else None


def _is_short(
    subject: Subject,
    total: Range,
    model: Range,
    step: Position,
) -> bool:
    """Tell whether a range lacks the first or the last number of another's rows, or columns."""
    area = _turn(total, step)
    meant = _turn(model, step)
    is_end = (area.r1 == meant.r1) != (area.r2 == meant.r2)
    is_part = meant.r1 <= area.r1 <= area.r2 <= meant.r2
    if not (is_end and is_part):
        return False
    left_out = {*meant.row_numbers} - {*area.row_numbers}
    if len(left_out) > max(1, _LEFT_OUT * (meant.r2 - meant.r1)):
        return False
    # What is left out is of the same sort as what the other one takes there.
    for row in left_out:
        cells = ((row, area.c1), (row, meant.c1))
        own, others = (cell if step == _ACROSS else cell[::-1] for cell in cells)
        content = _content(subject, area.sheet, own)
        if not content or content != _content(subject, area.sheet, others):
            return False
    return True


def _filled_down(places: Iterable[Place]) -> Iterator[_Filled]:
    """Yield the columns of adjacent cells among some."""
    columns = grouped(((sheet, column), row) for sheet, (row, column) in places)
    for (sheet, column), rows in columns.items():
        yield from (_Filled(sheet, column, *run) for run in find_runs(rows))


def _content(subject: Subject, sheet: str, position: Position) -> str:
    """Return the form of a cell's formula, "typed" for a typed number, or ""."""
    if (form := subject.form(sheet, position)) is not None:
        return form.key
    return "typed" if is_number(subject.book.value(sheet, *position)) else ""


def _formula_keys(subject: Subject) -> dict[str, dict[Position, str]]:
    """Return the key of each formula by sheet and cell; cells of an array range have its own.

    An array formula of one cell is filled down like any other.
    """
    keys: dict[str, dict[Position, str]] = {}
    for sheet in subject.book.sheets:
        keys[sheet] = {}
    for sheet, column, first, last, form in subject.graph.blocks():
        positions = zip(range(first, last + 1), repeat(column))
        keys[sheet] |= dict.fromkeys(positions, form.key)
    for sheet, own_keys in keys.items():
        members = subject.book.sheets[sheet].cells.members
        in_arrays = members | {anchor: anchor for anchor in members.values()}
        for position, anchor in in_arrays.items():
            own_keys[position] = f"{{{own_keys[anchor]}}}"
    return keys


def _odd_in_lines(forms: Forms, step: Position) -> Iterator[_Odd]:
    """Yield cells unlike the line of cells they are in.

    A formula that goes on across the line is one of another block, such as a row of totals; so are
    typed numbers in several lines side by side.
    """
    odd_cells: dict[Position, _Odd] = {}
    for cells in _lines(forms, step):
        odd_cells |= {odd.position: odd for odd in _odd_in_line(forms, cells, step)}
    across = step[::-1]
    for position, odd in odd_cells.items():
        form = forms[position]
        beside = [_move(position, across, sign) for sign in (-1, 1)]
        alike = [place for place in beside if forms.get(place) == form]
        if not any(form or place in odd_cells for place in alike):
            yield odd


def _odd_in_line(
    forms: Forms, cells: Sequence[Position], step: Position
) -> Iterator[_Odd]:
    """Yield the cells of a line that are unlike enough others of it."""
    # Typed numbers at the ends are headings or inputs.
    line = _cut_typed_ends(forms, cells)
    pattern = find_pattern([forms[position] for position in line])
    if pattern is None or not pattern.odd or not pattern.has_most(_SHARE):
        return
    # A typed number is an error: most of the whole line are formulas.
    most = max(_FEWEST, _SHARE * (len(cells) - 1))
    for odd in _compare_with_pattern(forms, line, pattern, step):
        if forms[odd.position]:
            is_judged = _has_many_alike(forms, pattern, odd, step)
        else:
            is_judged = pattern.alike >= most
        if is_judged:
            yield odd


def _cut_typed_ends(forms: Forms, cells: Sequence[Position]) -> Sequence[Position]:
    """Return the cells of a line from its first formula to its last."""
    computed = [number for number, position in enumerate(cells) if forms[position]]
    return cells[computed[0] : computed[-1] + 1] if computed else []


def _has_many_alike(
    forms: Forms, pattern: LinePattern, odd: _Odd, step: Position
) -> bool:
    """Tell whether enough formulas of the line of an odd one are alike, or with those across."""
    if pattern.alike >= _FEWEST:
        return True
    crossing = _count_alike(forms, pattern.key, odd.position, step[::-1])
    return crossing > 1 and pattern.alike + crossing >= _FEWEST_IN_BLOCK


def _compare_with_pattern(
    forms: Forms,
    line: Sequence[Position],
    pattern: LinePattern,
    step: Position,
) -> Iterator[_Odd]:
    """Yield the cells of a line between two that have its pattern, and at the end beside one."""
    for before, after in pairwise(pattern.regular):
        for position in line[before + 1 : after]:
            yield _Odd(position, line[before], step, "")
    for end, inner, name in _ENDS:
        if forms[line[end]] != forms[line[inner]] == pattern.key:
            yield _Odd(line[end], line[inner], step, name)


def _move(position: Position, step: Position, times: int) -> Position:
    return position[0] + times * step[0], position[1] + times * step[1]


def _count_alike(forms: Forms, form: str, position: Position, step: Position) -> int:
    """Return how many cells of a form follow a cell without a gap, or precede it."""
    total = 0
    for sign in (1, -1):
        places = (_move(position, step, sign * n) for n in count(1))
        alike = takewhile(lambda place: forms.get(place) == form, places)
        total += sum(1 for _ in alike)
    return total


def _lines(positions: Iterable[Position], step: Position) -> Iterator[list[Position]]:
    """Yield cells that touch each other in a column, or in a row."""
    across = step == _ACROSS
    lines = grouped(position if across else position[::-1] for position in positions)
    for line, along in lines.items():
        for first, last in find_runs(along):
            numbers = range(first, last + 1)
            yield [(line, n) if across else (n, line) for n in numbers]


def _judge_odd_cell(subject: Subject, sheet: str, odd: _Odd) -> Finding | None:
    """Return what is wrong with an odd cell, if that may be a slip."""
    cells = subject.cells(sheet)
    common = subject.form(sheet, odd.model)
    assert common is not None
    model = SharedFormula(cells[odd.model].formula or "", *odd.model)
    expected = model.formula_in(*odd.position)
    is_array = odd.model in subject.book.sheets[sheet].cells.arrays
    restored = f"{{={expected}}}" if is_array else f"={expected}"
    restore = Message("hint.restore_formula", formula=restored)
    if cells[odd.position].computed:
        return _judge_odd_formula(subject, sheet, odd, expected, restore=restore)
    # A number of another look is one that people type there.
    is_alike = cells[odd.position].style == cells[odd.model].style
    if is_alike and common.refs and not subject.is_input(sheet, odd.position):
        return _report_value(subject, sheet, odd, restore)
    return None


def _judge_odd_formula(
    subject: Subject, sheet: str, odd: _Odd, expected: str, *, restore: Message
) -> Finding | None:
    """Return what is wrong with an odd formula beside the one expected, if it may be a slip."""
    own = subject.form(sheet, odd.position)
    common = subject.form(sheet, odd.model)
    assert common is not None
    if own is None or own.books:  # W09 says so
        return None
    actual = subject.cells(sheet)[odd.position].formula or ""
    rule, phrase = explain_formula(
        subject, sheet, odd.position, expected=expected, actual=actual
    )
    if not _is_slip(own, common, odd, is_range=rule == "E04"):
        return None
    return finding_at(
        rule,
        sheet,
        odd.position,
        Message("lint.formula_unlike", phrase=phrase, cell=cell_name(*odd.model)),
        fix=restore if rule == "E03" else "",
        fault=f"{own.key} {common.key}",
        level="warning",
    )


def _report_value(subject: Subject, sheet: str, odd: _Odd, restore: Message) -> Finding:
    """Return E02: a number is typed among formulas."""
    text = Message(
        "lint.value_in_run",
        value=subject.cells(sheet)[odd.position].value,
        cell=cell_name(*odd.model),
    )
    return finding_at("E02", sheet, odd.position, text, fix=restore)


def _is_slip(
    own: NormalisedFormula,
    common: NormalisedFormula,
    odd: _Odd,
    *,
    is_range: bool,
) -> bool:
    """Tell whether the formula of an odd cell differs from those of its line by a slip."""
    # At an end a range may grow; a total is to take the rows of the others.
    ranges = _RANGES[odd.step]
    own_key = re.sub(ranges, r"\1:\2", own.key)
    is_alike = own_key == re.sub(ranges, r"\1:\2", common.key)
    if is_range and (is_alike or not odd.end):
        return True
    return _classify_slip(own, common, odd.step) in _SLIPS[odd.end]


def _classify_slip(
    own: NormalisedFormula, common: NormalisedFormula, step: Position
) -> str:
    """Return how a formula differs from its neighbours where that may be a slip, else "".

    In one sign, number, function or sheet, in brackets, in two cells that are swapped, in one cell
    or range with the same $, or in one term that is more or less.
    """
    if len(own.tokens) != len(common.tokens):
        return _classify_addition(own.tokens, common.tokens, step)
    pairs = differing_tokens(own, common)
    if len(pairs) == 2:
        return "swap" if _are_swapped(pairs, own.tokens) else ""
    if len(pairs) != 1:
        return ""
    now, was = pairs[0]
    if now.ref and was.ref:
        return _classify_slip_of_ref(now.ref, was.ref, step)
    return _classify_slip_of_sign(own, now, was)


def _classify_slip_of_sign(own: NormalisedFormula, now: Token, was: Token) -> str:
    """Return how two signs, functions or numbers at one place of a formula differ."""
    texts = {now.text, was.text}
    kinds = {now.kind, was.kind}
    if texts in _ALIKE_SIGNS:
        return "sign"
    if kinds == {"function"}:
        computes = any(token.kind == "operator" for token in own.tokens)
        return "" if texts in _BEST and not computes else "function"
    is_number = kinds == {"number"} or texts <= _SWITCHES
    return "number" if is_number and own.refs else ""


def _classify_addition(
    own: Sequence[Token], common: Sequence[Token], step: Position
) -> str:
    """Return what a formula has more or less than its neighbours, or "" if that is meant."""
    if _without_brackets(own) == _without_brackets(common):
        return "brackets"
    lacking = _find_lacking(own, common)
    kinds = [token.kind for token in lacking]
    if kinds == ["separator", "number"]:
        return "number"
    if kinds == ["separator", "name"]:
        return "number" if lacking[1].text in _SWITCHES else ""
    if lacking == (Token("operator", "-"),):
        return "sign"
    return _classify_term(lacking, step)


def _without_brackets(tokens: Sequence[Token]) -> list[Token]:
    return [token for token in tokens if token.kind not in ("open", "close")]


def _are_swapped(
    pairs: Sequence[tuple[Token, Token]],
    tokens: Sequence[Token],
) -> bool:
    """Tell whether two cells are exchanged in a difference or a quotient."""
    (first, first_was), (second, second_was) = pairs
    differing = (first, first_was, second, second_was)
    return (
        any(token.text in ("-", "/") for token in tokens)
        and all(token.ref for token in differing)
        and (first.text, second.text) == (second_was.text, first_was.text)
    )


def _classify_slip_of_ref(now: Ref, was: Ref, step: Position) -> str:
    """Return how two references at one place of a formula differ where that may be a slip."""
    if now._replace(sheet=was.sheet) == was:
        return "sheet"
    if _list_anchors(now) != _list_anchors(was) or now.single != was.single:
        return ""
    if now.single:
        return _classify_slip_of_cell(now, was, step)
    moved = sum(map(ne, now[:4], was[:4]))
    last = now.r2 if step == _DOWN else now.c2
    if moved == 1 and _find_line(now, step).fixed and last.fixed:
        return "fixed range"
    return "range" if _measure_size(now) == _measure_size(was) else ""


def _find_lacking(
    own: Sequence[Token],
    common: Sequence[Token],
) -> tuple[Token, ...]:
    """Return what one of two formulas lacks, if that is in one place, else nothing."""
    shorter, longer = sorted((tuple(own), tuple(common)), key=len)
    size = len(longer) - len(shorter)
    for start in range(len(shorter) + 1):
        if longer[:start] + longer[start + size :] == shorter:
            return longer[start : start + size]
    return ()


def _classify_term(tokens: Sequence[Token], step: Position) -> str:
    """Return "term" for a term such as +C2 or *B2/100, else "".

    Not if it reads the cell before: a sum that is carried on begins anew.
    """
    if len(tokens) not in (2, 4):
        return ""
    signs = tokens[::2]
    operands = tokens[1::2]
    if signs[0].text not in _SIGNS:  # of a first term they stand behind
        signs, operands = operands, signs
    if not _SIGNS.issuperset(token.text for token in signs):
        return ""
    return "term" if all(_is_operand(token, step) for token in operands) else ""


def _is_operand(token: Token, step: Position) -> bool:
    """Tell whether a token is a number, or reads a fixed line or the line of its formula."""
    if token.ref is None:
        return token.kind == "number"
    line = _find_line(token.ref, step)
    return line.fixed or not line.number


def _find_line(ref: Ref, step: Position) -> Corner:
    """Return the row of a reference in a column of formulas, the column of one in a row."""
    return ref.r1 if step == _DOWN else ref.c1


def _classify_slip_of_cell(now: Ref, was: Ref, step: Position) -> str:
    """Return how the cells of two formulas in one line differ; see `_SLIPS`."""
    was_along = _find_line(was, step)
    is_along = _find_line(now, step) != was_along
    across = step[::-1]
    is_across = _find_line(now, across) != _find_line(was, across)
    if is_along and is_across:
        return "cell"
    if was_along.fixed:
        return "fixed cell"
    if was_along.number:
        return "cell"
    return "row" if is_along else "own cell"


def _list_anchors(ref: Ref) -> tuple[object, ...]:
    """Return sheet and file of a reference, and which of its rows and columns have a $."""
    return ref.sheet, ref.book, *(corner.fixed for corner in ref[:4])


def _measure_size(ref: Ref) -> tuple[int, int]:
    return ref.r2.number - ref.r1.number, ref.c2.number - ref.c1.number


def _find_other_column(
    subject: Subject,
    sheet: str,
    odd: _Odd,
) -> tuple[object, ...]:
    """Return the column that a formula reads, and its neighbour's, if nothing else differs.

    () too if it is near: a column that was inserted makes those beside it read the wrong one.
    """
    own = subject.form(sheet, odd.position)
    common = subject.form(sheet, odd.model)
    if own is None or common is None:
        return ()
    pairs = differing_tokens(own, common)
    if len(pairs) != 1:
        return ()
    now, was = (token.ref for token in pairs[0])
    if not now or not was:
        return ()
    if now._replace(c1=was.c1, c2=was.c2) != was:
        return ()
    is_far = abs(now.c1.number - was.c1.number) >= _FAR
    return (now.c1, was.c1) if is_far else ()


def _find_shifted_cells(
    subject: Subject,
    sheet: str,
    keys: Forms,
) -> Iterator[tuple[Position, Finding]]:
    """Yield E03 where a formula reads the column that its neighbour reads, instead of its own.

    In a row of formulas each reads its own column, with or without a $: =B3/$B$8, =C3/$C$8.
    """
    examples = {key: position for position, key in keys.items()}
    forms = {}
    for key, example in examples.items():
        form = subject.form(sheet, example)
        if form is not None:
            forms[key] = form

    @cache
    def find_shift(first_column: int, row_keys: tuple[str, ...]) -> _Shift | None:
        refs = [forms[key].refs for key in row_keys]
        return _find_shifted_formula(refs, first_column)

    for positions in _rows_of_one_shape(keys, forms):
        row_keys = tuple(keys[place] for place in positions)
        if len(row_keys) < _FEWEST or len({*row_keys}) == 1:
            continue
        shift = find_shift(positions[0][1], row_keys)
        if shift is not None:
            fault = row_keys[shift.number]
            finding = _report_shift(sheet, positions, shift, fault)
            yield positions[shift.number], finding


def _rows_of_one_shape(
    keys: Forms, forms: Mapping[str, NormalisedFormula]
) -> Iterator[list[Position]]:
    """Yield formulas side by side that differ in their numbers and cells alone."""
    shapes = {key: _read_shape(form) for key, form in forms.items()}
    shaped = {}
    for position, key in keys.items():
        if shapes.get(key):
            shaped[position] = shapes[key]
    for line in _lines(shaped, _ACROSS):
        for _, cells in groupby(line, shaped.__getitem__):
            yield [*cells]


def _report_shift(
    sheet: str, positions: Sequence[Position], shift: _Shift, fault: str
) -> Finding:
    """Return E03 for one of the formulas at some positions side by side."""
    position = positions[shift.number]
    read = shift.ref.area(sheet, *position)
    columns = shift.columns
    meant = replace(read, c1=read.c1 - columns, c2=read.c2 - columns)
    message = Message(
        "lint.other_cell_read",
        read=_text_in(sheet, read),
        cell=cell_name(*positions[shift.number + columns]),
        meant=_text_in(sheet, meant),
    )
    return finding_at("E03", sheet, position, message, fault=fault, level="warning")


def _text_in(sheet: str, area: Range) -> str:
    """Return a range as a message of a sheet names it."""
    return ranges_text(area.positions) if area.sheet == sheet else str(area)


def _read_shape(form: NormalisedFormula) -> tuple[str, ...]:
    """Return a formula without its numbers and cells, () where it only copies a cell."""
    if len(form.tokens) < 3 or form.books or not form.refs:
        return ()
    return tuple(map(_read_shape_of_token, form.tokens))


def _read_shape_of_token(token: Token) -> str:
    if token.ref:
        return "#"
    return token.kind if token.kind == "number" else token.text


def _find_shifted_formula(
    refs: Sequence[Sequence[Ref]], first_column: int
) -> _Shift | None:
    """Return the one of formulas side by side that reads columns of a neighbour.

    The first reference that does, and how many columns further that is. In all others each
    reference is to the same column, or each to its own.
    """
    slots = [*zip(*refs, strict=True)]
    if not all(map(_have_one_size, slots)):
        return None
    columns = [_list_columns(slot, first_column) for slot in slots]
    for number, own_refs in enumerate(refs):
        shifts = []
        for ref, read in zip(own_refs, columns, strict=True):
            distance = _measure_shift(read, number)
            if distance:
                shifts.append(_Shift(number, ref, distance))
        if len({shift.columns for shift in shifts}) != 1:
            continue
        if 0 <= number + shifts[0].columns < len(refs):
            return shifts[0]
    return None


def _have_one_size(slot: Sequence[Ref]) -> bool:
    """Tell whether references differ in their column alone."""
    rows = {(ref.sheet, ref.r1, ref.r2) for ref in slot}
    return len(rows) == len({*map(_measure_size, slot)}) == 1


def _list_columns(slot: Sequence[Ref], first_column: int) -> list[int]:
    """Return the columns that one reference reads in formulas side by side."""
    return [
        ref.c1.number + (0 if ref.c1.fixed else column)
        for column, ref in enumerate(slot, first_column)
    ]


def _measure_shift(columns: Sequence[int], number: int) -> int:
    """Return how far one of some columns is from where the others would have it.

    The others are one column, or follow one another; more than any can be off if neither.
    """
    others = [(n, column) for n, column in enumerate(columns) if n != number]
    if {column for _, column in others} == {columns[number]}:
        return 0
    starts = {column - n for n, column in others}
    if len(starts) == 1:
        return columns[number] - number - starts.pop()
    return len(columns)
