"""Cells unlike the block of equal formulas around them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import count, groupby, pairwise, product, repeat, takewhile

from xlcity.audit.lint.finding import Finding, finding_at
from xlcity.audit.lint.registry import finds
from xlcity.audit.lint.rules.template_formulas import explain_formula
from xlcity.audit.lint.subject import Subject
from xlcity.grouping import grouped
from xlcity.messages import Message
from xlcity.workbook.reading.records import is_number
from xlcity.xlsx.address import Range, cell_name, find_runs, ranges_text
from xlcity.xlsx.cells import Position
from xlcity.xlsx.formulas.formula import SharedFormula
from xlcity.xlsx.formulas.graph import Place
from xlcity.xlsx.formulas.patterns import find_pattern
from xlcity.xlsx.formulas.tokens import NormalisedFormula, Ref, Token

#: The cells of a sheet with the forms of their formulas.
Forms = Mapping[Position, str]
#: Of formulas side by side the number of one, a reference of it, and how many columns that is off.
Shift = tuple[int, Ref, int]

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
#: Functions that give the best value of a column, as less or more is better.
_BEST = ({"MIN", "MAX"}, {"SMALL", "LARGE"})
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
        findings: dict[Position, Finding] = {}
        other_columns: dict[Position, tuple[object, ...]] = {}
        for step in (_DOWN, _ACROSS):
            for odd, model, end in _odd_in_lines(forms, step):
                if odd not in findings and not keys[model].startswith("{"):
                    for finding in _odd_cell(subject, sheet, odd, model, step, end):
                        findings[odd] = finding
                        other_columns[odd] = _find_other_column(
                            subject, sheet, odd, model
                        )
        # A column that reads one other column in several rows is meant, as that of a takeover is.
        counts = Counter(
            (odd[1], columns) for odd, columns in other_columns.items() if columns
        )
        meant = {
            odd
            for odd, columns in other_columns.items()
            if counts[odd[1], columns] >= _FEWEST_MEANT
        }
        yield from (finding for odd, finding in findings.items() if odd not in meant)
        columns_meant = {column for _, column in meant}
        for odd, finding in _find_shifted_cells(subject, sheet, keys, findings):
            if odd[1] not in columns_meant:
                yield finding


@finds(order=13)
def sliding_ranges(subject: Subject) -> Iterator[Finding]:
    """Yield E04 where a number is ranked in, or divided by the sum of, a range filled down with it.

    Without $ each row compares with other rows; one finding for each column that is filled so.
    """
    for places, form in subject.distinct() if subject.is_foreign else ():
        for compared, sliding in _compared_with_sliding(form):
            for sheet, column, first, last in _filled_down(places):
                number, numbers = (
                    ref.area(sheet, first, column) for ref in (compared, sliding)
                )
                if last - first + 1 >= _SLIDING and numbers.meets(number):
                    message = Message("lint.range_moves", area=str(numbers))
                    region = f"{cell_name(first, column)}:{cell_name(last, column)}"
                    yield finding_at(
                        "E04",
                        sheet,
                        (first, column),
                        message,
                        level="warning",
                        region=region,
                    )


def _compared_with_sliding(form: NormalisedFormula) -> Iterator[tuple[Ref, Ref]]:
    """Yield x and r of ``x/SUM(r)`` and ``RANK(x,r)`` where no row of r is fixed."""
    tokens = form.tokens
    for position, token in enumerate(tokens[4:], 4):
        area = token.ref
        before = tokens[position - 4 : position]
        if (
            area is None
            or area.r1 == area.r2
            or area.book
            or area.r1.fixed
            or area.r2.fixed
        ):
            continue
        share = before[0].ref
        rank = before[2].ref
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
        ranges = [
            ref for ref in refs if ref.r1.fixed and ref.r2.fixed and ref.r1 != ref.r2
        ]
        cells = [ref for ref in refs if ref.single and not ref.r1.fixed]
        pairs = [*product(ranges, cells)]
        filled = _filled_down(places if pairs else ())
        for (sheet, column, first, last), (range_ref, cell_ref) in product(
            filled, pairs
        ):
            area = range_ref.area(sheet, first, column)
            top_cell = cell_ref.area(sheet, first, column)
            rows = range(top_cell.r1, top_cell.r1 + last - first + 1)
            left_out = [row for row in rows if not area.r1 <= row <= area.r2]
            is_column = (
                area.c1 == area.c2 == top_cell.c1 and area.sheet == top_cell.sheet
            )
            limit = max(1, _LEFT_OUT * len(rows)) if len(rows) > _FEWEST else 0
            if not (is_column and 0 < len(left_out) <= limit):
                continue
            compared = {
                _content(subject, area.sheet, (r, area.c1))
                for r in (area.r1, *left_out)
            }
            if len(compared) == 1 and "" not in compared:
                text = ranges_text((row, area.c1) for row in left_out)
                message = Message("lint.numbers_left_out", area=str(area), cells=text)
                region = f"{cell_name(first, column)}:{cell_name(last, column)}"
                yield finding_at(
                    "E04",
                    sheet,
                    (first, column),
                    message,
                    level="warning",
                    region=region,
                    fault=f"{area}",
                )


@finds(order=15)
def short_totals(subject: Subject) -> Iterator[Finding]:
    """Yield E04 where a total leaves out the first or last number that those beside it take.

    Such as SUM(C2:C8) beside SUM(B2:B9), with a number in C9. `odd_cells` says so of longer lines
    of one formula; few have the best value of each column, MAX of benefits and MIN of costs.
    """
    for sheet, keys in _formula_keys(subject).items() if subject.is_foreign else ():
        for step in (_ACROSS, _DOWN):
            for line in _lines(keys, step):
                pattern = find_pattern([keys[position] for position in line])
                if pattern is None or not pattern.odd:
                    continue
                is_mixed = pattern.alike < _SHARE * (len(line) - 1)
                if not (is_mixed or len(line) <= _FEWEST):
                    continue
                areas = {
                    p: area
                    for p in line
                    if (area := _read_own_line(subject, sheet, p, step))
                }
                pairs = [
                    order for pair in pairwise(areas) for order in (pair, pair[::-1])
                ]
                short = {
                    p: m
                    for p, m in pairs
                    if _is_short(subject, areas[p], areas[m], step)
                }
                for position, model in short.items():
                    area, meant = (_turn(areas[p], step) for p in (position, model))
                    expected = _turn(replace(area, r1=meant.r1, r2=meant.r2), step)
                    texts = [
                        ranges_text(cells.positions)
                        for cells in (areas[position], expected)
                    ]
                    phrase = Message("phrase.replaced", came=texts[0], went=texts[1])
                    message = Message(
                        "lint.formula_unlike", phrase=phrase, cell=cell_name(*model)
                    )
                    yield finding_at("E04", sheet, position, message, level="warning")


def _turn(area: Range, step: Position) -> Range:
    """Return a range with rows and columns exchanged, if totals go down."""
    c1 = area.r1
    r1 = area.c1
    c2 = area.r2
    r2 = area.c2
    return area if step == _ACROSS else replace(area, r1=r1, c1=c1, r2=r2, c2=c2)


def _read_own_line(
    subject: Subject, sheet: str, position: Position, step: Position
) -> Range | None:
    """Return what a formula that is one total reads of its own column, or of its row."""
    form = subject.form(sheet, position)
    tokens = form.tokens if form is not None else ()
    refs = form.refs if form is not None else ()
    if (
        len(refs) != 1
        or refs[0].book
        or len(tokens) not in (4, 6)  # LARGE(B2:B9,1) has six
        or tokens[0].text not in _TOTALS
    ):
        return None
    area = refs[0].area(sheet, *position)
    turned = _turn(area, step)
    own = position[1] if step == _ACROSS else position[0]
    return area if (area.sheet, turned.c1, turned.c2) == (sheet, own, own) else None


def _is_short(subject: Subject, total: Range, model: Range, step: Position) -> bool:
    """Tell whether a range lacks the first or the last number of another's rows, or columns."""
    area = _turn(total, step)
    meant = _turn(model, step)
    left_out = {*meant.row_numbers} - {*area.row_numbers}
    is_end = (area.r1 == meant.r1) != (area.r2 == meant.r2)
    is_part = meant.r1 <= area.r1 <= area.r2 <= meant.r2
    if not (
        is_end
        and is_part
        and len(left_out) <= max(1, _LEFT_OUT * (meant.r2 - meant.r1))
    ):
        return False
    # What is left out is of the same sort as what the other one takes there.
    for row in left_out:
        cells = ((row, area.c1), (row, meant.c1))
        own, others = (cell if step == _ACROSS else cell[::-1] for cell in cells)
        content = _content(subject, area.sheet, own)
        if not content or content != _content(subject, area.sheet, others):
            return False
    return True


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
    """Return the key of each formula by sheet and cell; cells of an array range have its own.

    An array formula of one cell is filled down like any other.
    """
    keys: dict[str, dict[Position, str]] = {sheet: {} for sheet in subject.book.sheets}
    for sheet, column, first, last, form in subject.graph.blocks():
        keys[sheet] |= dict.fromkeys(
            zip(range(first, last + 1), repeat(column)), form.key
        )
    for sheet, own_keys in keys.items():
        cells = subject.book.sheets[sheet].cells
        in_arrays = cells.members | {
            anchor: anchor for anchor in cells.members.values()
        }
        own_keys |= {p: f"{{{own_keys[anchor]}}}" for p, anchor in in_arrays.items()}
    return keys


def _odd_in_lines(
    forms: Forms, step: Position
) -> Iterator[tuple[Position, Position, str]]:
    """Yield cells unlike the line of cells they are in, each with a cell of that line, and its end.

    The end is "first", "last" or "". A formula that goes on across the line is one of another
    block, such as a row of totals; so are typed numbers in several lines side by side.
    """
    models: dict[Position, tuple[Position, str]] = {}
    across = step[::-1]
    for cells in _lines(forms, step):
        # Typed numbers at the ends are headings or inputs.
        computed = [number for number, position in enumerate(cells) if forms[position]]
        line = cells[computed[0] : computed[-1] + 1] if computed else []
        pattern = find_pattern([forms[position] for position in line])
        if pattern is None or not pattern.odd or not pattern.has_most(_SHARE):
            continue
        common = pattern.key
        shared = [*pattern.regular]
        odd = {
            line[n]: (line[before], "")
            for before, after in pairwise(shared)
            for n in range(before + 1, after)
        }
        odd |= {
            line[end]: (line[inner], name)
            for end, inner, name in _ENDS
            if forms[line[end]] != forms[line[inner]] == common
        }
        for position, model in odd.items():
            crossing = (
                sum(_count_alike(forms, common, position, across))
                if forms[position]
                else 0
            )
            alike = pattern.alike + crossing
            is_in_block = crossing > 1 and alike >= _FEWEST_IN_BLOCK
            # A typed number is an error: most of the whole line are formulas.
            least = (
                _FEWEST if forms[position] else max(_FEWEST, _SHARE * (len(cells) - 1))
            )
            if is_in_block or pattern.alike >= least:
                models[position] = model
    for (row, column), model in models.items():
        beside = (
            (row - across[0], column - across[1]),
            (row + across[0], column + across[1]),
        )
        form = forms[row, column]
        if not any(forms.get(b) == form and (form or b in models) for b in beside):
            yield (row, column), *model


def _count_alike(
    forms: Forms, form: str, position: Position, step: Position
) -> Iterator[int]:
    """Yield how many cells of a form follow a cell in a direction, and how many precede it."""
    for sign in (1, -1):
        places = (
            (position[0] + sign * n * step[0], position[1] + sign * n * step[1])
            for n in count(1)
        )
        yield sum(1 for _ in takewhile(lambda place: forms.get(place) == form, places))


def _lines(positions: Iterable[Position], step: Position) -> Iterator[list[Position]]:
    """Yield cells that touch each other in a column, or in a row."""
    across = step == _ACROSS
    lines = grouped(position if across else position[::-1] for position in positions)
    for line, along in lines.items():
        for first, last in find_runs(along):
            yield [(line, n) if across else (n, line) for n in range(first, last + 1)]


def _odd_cell(
    subject: Subject,
    sheet: str,
    position: Position,
    model: Position,
    step: Position,
    end: str,
) -> Iterator[Finding]:
    own = subject.form(sheet, position)
    common = subject.form(sheet, model)
    cells = subject.cells(sheet)
    assert common is not None
    expected = SharedFormula(cells[model].formula or "", *model).formula_in(*position)
    is_array = model in subject.book.sheets[sheet].cells.arrays
    restored = f"{{={expected}}}" if is_array else f"={expected}"
    if not cells[position].computed:
        # A number of another look is one that people type there.
        is_alike = cells[position].style == cells[model].style
        if is_alike and common.refs and not subject.is_input(sheet, position):
            text = Message(
                "lint.value_in_run",
                value=cells[position].value,
                cell=cell_name(*model),
            )
            restore = Message("hint.restore_formula", formula=restored)
            yield finding_at("E02", sheet, position, text, fix=restore)
    elif own is not None and not own.books:  # W09 says so
        actual = cells[position].formula or ""
        rule, message = explain_formula(subject, sheet, position, expected, actual)
        # At an end a range may grow; a total is to take the rows of the others.
        keys = {re.sub(_RANGES[step], r"\1:\2", form.key) for form in (own, common)}
        is_range = rule == "E04" and (not end or len(keys) == 1)
        if is_range or _classify_slip(own, common, step) in _SLIPS[end]:
            message = Message(
                "lint.formula_unlike", phrase=message, cell=cell_name(*model)
            )
            fault = f"{own.key} {common.key}"
            fix = ""
            if rule == "E03":
                fix = Message("hint.restore_formula", formula=restored)
            yield finding_at(
                rule, sheet, position, message, fix=fix, fault=fault, level="warning"
            )


def _classify_slip(
    own: NormalisedFormula, common: NormalisedFormula, step: Position
) -> str:
    """Return how a formula differs from its neighbours where that may be a slip, else "".

    In one sign, number, function or sheet, in brackets, in two cells that are swapped, in one cell
    or range with the same $, or in one term that is more or less.
    """
    if len(own.tokens) != len(common.tokens):
        bare, bare_common = (
            [t for t in form.tokens if t.kind not in ("open", "close")]
            for form in (own, common)
        )
        if bare == bare_common:
            return "brackets"
        lacking = _find_lacking(own.tokens, common.tokens)
        if [token.kind for token in lacking] in (
            ["separator", "number"],
            ["separator", "name"],
        ):
            return (
                "number"
                if lacking[1].kind == "number" or lacking[1].text in _SWITCHES
                else ""
            )
        return (
            "sign"
            if lacking == (Token("operator", "-"),)
            else _classify_term(lacking, step)
        )
    pairs = [
        pair
        for pair in zip(own.tokens, common.tokens, strict=True)
        if pair[0].text != pair[1].text
    ]
    signs = {token.text for token in own.tokens}
    if (
        len(pairs) == 2
        and signs & {"-", "/"}
        and all(a.ref and b.ref for a, b in pairs)
    ):
        return (
            "swap"
            if [a.text for a, _ in pairs] == [b.text for _, b in pairs[::-1]]
            else ""
        )
    if len(pairs) != 1:
        return ""
    ((now, was),) = pairs
    if {now.text, was.text} in _ALIKE_SIGNS:
        return "sign"
    if now.kind == was.kind == "function":
        is_best = {now.text, was.text} in _BEST and not any(
            t.kind == "operator" for t in own.tokens
        )
        return "" if is_best else "function"
    if now.kind == was.kind == "number" or {now.text, was.text} <= _SWITCHES:
        return "number" if common.refs else ""
    if not now.ref or not was.ref:
        return ""
    if now.ref._replace(sheet=was.ref.sheet) == was.ref:
        return "sheet"
    if _list_anchors(now.ref) != _list_anchors(was.ref):
        return ""
    if now.ref.single and was.ref.single:
        return _classify_slip_of_cell(now.ref, was.ref, step)
    if now.ref.single or was.ref.single:
        return ""
    moved = sum(a != b for a, b in zip(now.ref[:4], was.ref[:4], strict=True))
    ends = (now.ref.r1, now.ref.r2) if step == _DOWN else (now.ref.c1, now.ref.c2)
    if moved == 1 and all(end.fixed for end in ends):
        return "fixed range"
    return "range" if _measure_size(now.ref) == _measure_size(was.ref) else ""


def _find_lacking(own: Sequence[Token], common: Sequence[Token]) -> tuple[Token, ...]:
    """Return what one of two formulas lacks, if that is in one place, else nothing."""
    shorter, longer = sorted((tuple(own), tuple(common)), key=len)
    size = len(longer) - len(shorter)
    starts = (
        n for n in range(len(shorter) + 1) if longer[:n] + longer[n + size :] == shorter
    )
    return next((longer[n : n + size] for n in starts), ())


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
    lines = [t.ref.r1 if step == _DOWN else t.ref.c1 for t in operands if t.ref]
    is_term = (
        _SIGNS.issuperset(token.text for token in signs)
        and all(token.ref or token.kind == "number" for token in operands)
        and all(line.fixed or not line.number for line in lines)
    )
    return "term" if is_term else ""


def _classify_slip_of_cell(now: Ref, was: Ref, step: Position) -> str:
    """Return how the cells of two formulas in one line differ; see `_SLIPS`."""
    (along, across), (was_along, was_across) = (
        (r.r1, r.c1)[:: 1 if step == _DOWN else -1] for r in (now, was)
    )
    if along != was_along and across != was_across:
        return "cell"
    if was_along.fixed:
        return "fixed cell"
    if was_along.number:
        return "cell"
    return "row" if along != was_along else "own cell"


def _list_anchors(ref: Ref) -> tuple[object, ...]:
    """Return sheet and file of a reference, and which of its rows and columns have a $."""
    return ref.sheet, ref.book, *(corner.fixed for corner in ref[:4])


def _measure_size(ref: Ref) -> tuple[int, int]:
    return ref.r2.number - ref.r1.number, ref.c2.number - ref.c1.number


def _find_other_column(
    subject: Subject, sheet: str, odd: Position, model: Position
) -> tuple[object, ...]:
    """Return the column that a formula reads, and its neighbour's, if nothing else differs.

    () too if it is near: a column that was inserted makes those beside it read the wrong one.
    """
    own = subject.form(sheet, odd)
    common = subject.form(sheet, model)
    if own is None or common is None or len(own.tokens) != len(common.tokens):
        return ()
    pairs = [
        (a.ref, b.ref)
        for a, b in zip(own.tokens, common.tokens, strict=True)
        if a.text != b.text
    ]
    now, was = pairs[0] if len(pairs) == 1 else (None, None)
    if not now or not was or now._replace(c1=was.c1, c2=was.c2) != was:
        return ()
    is_far = abs(now.c1.number - was.c1.number) >= _FAR
    return (now.c1, was.c1) if is_far else ()


def _find_shifted_cells(
    subject: Subject, sheet: str, keys: Forms, reported: Collection[Position]
) -> Iterator[tuple[Position, Finding]]:
    """Yield E03 where a formula reads the column that its neighbour reads, instead of its own.

    In a row of formulas each reads its own column, with or without a $: =B3/$B$8, =C3/$C$8.
    """
    forms = {key: subject.form(sheet, position) for position, key in keys.items()}
    shapes = {key: _read_shape(form) for key, form in forms.items() if form is not None}
    shaped = {
        position: shape for position, key in keys.items() if (shape := shapes.get(key))
    }
    shifts: dict[tuple[object, ...], Shift | None] = {}
    for line in _lines(shaped, _ACROSS):
        for _, cells in groupby(line, shaped.__getitem__):
            positions = [*cells]
            first_column = positions[0][1]
            line_keys = tuple(keys[place] for place in positions)
            if len(line_keys) < _FEWEST or len({*line_keys}) == 1:
                continue
            if (first_column, line_keys) not in shifts:
                refs = [
                    form.refs for key in line_keys if (form := forms[key]) is not None
                ]
                shifts[first_column, line_keys] = _find_shifted_formula(
                    refs, first_column
                )
            shifted_formula = shifts[first_column, line_keys]
            if shifted_formula is None or positions[shifted_formula[0]] in reported:
                continue
            odd_number, ref, columns = shifted_formula
            position = positions[odd_number]
            model = positions[odd_number + columns]
            area = ref.area(sheet, *position)
            meant_area = replace(area, c1=area.c1 - columns, c2=area.c2 - columns)
            both = (area, meant_area)
            read, meant = (
                ranges_text(r.positions) if r.sheet == sheet else str(r) for r in both
            )
            message = Message(
                "lint.other_cell_read",
                read=read,
                cell=cell_name(*model),
                meant=meant,
            )
            fault = line_keys[odd_number]
            yield (
                position,
                finding_at(
                    "E03", sheet, position, message, fault=fault, level="warning"
                ),
            )


def _read_shape(form: NormalisedFormula) -> tuple[str, ...]:
    """Return a formula without its numbers and cells, () where it only copies a cell."""
    if len(form.tokens) < 3 or form.books or not form.refs:
        return ()
    return tuple(
        "#" if t.ref else t.kind if t.kind == "number" else t.text for t in form.tokens
    )


def _find_shifted_formula(
    refs: Sequence[Sequence[Ref]], first_column: int
) -> Shift | None:
    """Return the one of formulas side by side that reads columns of a neighbour.

    Its number, the first reference that does, and how many columns further that is. In all others
    each reference is to the same column, or each to its own.
    """
    slots = [*zip(*refs, strict=True)]
    if any(
        len({(r.sheet, r.r1, r.r2, _measure_size(r)) for r in slot}) > 1
        for slot in slots
    ):
        return None
    for odd_number, own_refs in enumerate(refs):
        shifts: list[tuple[int, Ref]] = []
        for ref, slot in zip(own_refs, slots, strict=True):
            corners = enumerate(ref.c1 for ref in slot)
            columns = [
                c.number + (0 if c.fixed else first_column + n) for n, c in corners
            ]
            others = [
                (n, column) for n, column in enumerate(columns) if n != odd_number
            ]
            shift = len(refs)
            starts = {column - n for n, column in others}
            if {column for _, column in others} == {columns[odd_number]}:
                shift = 0
            elif len(starts) == 1:
                shift = columns[odd_number] - odd_number - starts.pop()
            shifts.append((shift, ref))
        shifted_refs = [(shift, ref) for shift, ref in shifts if shift]
        if len({shift for shift, _ in shifted_refs}) == 1:
            shift, ref = shifted_refs[0]
            if 0 <= odd_number + shift < len(refs):
                return odd_number, ref, shift
    return None
