"""Formulas whose cells go on by equal steps: along a line of formulas, and in one list of cells.

`=D2*B2`, `=D3*B2`, `=D4*B2` and `=SUM(B3,B4)`, `=SUM(B5,B6)`, `=SUM(B7,B8)` are not copies of one
formula, but each place in them moves by the same step from one to the next (0, 1, 2, ...). Where
all but few do, these were meant to: typed without a $, or fetched from every seventh row.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from xlcity.audit.lint.finding import LintFinding, at
from xlcity.audit.lint.formula_difference import OPERATORS, is_link
from xlcity.audit.lint.lines import ACROSS, DOWN, joined, sides
from xlcity.audit.lint.registry import finds
from xlcity.audit.lint.subject import Subject, is_number
from xlcity.audit.lint.surprise import SEVERAL
from xlcity.xlsx.address import cell_name
from xlcity.xlsx.cells import Position
from xlcity.xlsx.formulas.tokens import NormalisedFormula

#: Formulas, and cells of a list, that must go on by equal steps; part of a line that may not.
_LEAST, _LIST, _PART = 4, 3, 1 / 4

#: Typed numbers of a sheet in such lines up to which they are not a diagonal or the like.
_FEW = 3

#: Row and column of each corner of a formula's references.
Corners = tuple[int, ...]


@finds(
    "E16 a list of cells leaves its sequence | Let it read the cell that goes on with the others.",
    order=9,
    of_formulas=True,
)
def progressions(subject: Subject) -> Iterator[LintFinding]:
    """Yield E16, and E02 and E03 in lines of formulas that are not copies of each other."""
    for places, made in subject.distinct():
        yield from _of_list(subject, places, made)
    for sheet in subject.book.sheets:
        found = [f for step in (DOWN, ACROSS) for f in _of_sheet(subject, sheet, step)]
        typed = {f.cell for f in found if f.rule == "E02"}
        yield from (f for f in found if f.rule != "E02" or len(typed) <= _FEW)


def _of_list(
    subject: Subject, places: list[tuple[str, Position]], made: NormalisedFormula
) -> Iterator[LintFinding]:
    """Yield a formula that takes cells one after another, and one of them from elsewhere."""
    if not any(_sequence(cells) for cells in _lists(made, places[0][1])):
        return
    for sheet, place in places:
        for cells in _lists(made, place):
            known = _sequence(cells)
            if known is None or known[1] in cells or not _has_number(subject, sheet, known[1]):
                continue
            if any(_reads(subject, sheet, side, known[1]) for side in sides(place)):
                continue  # the list of the next line
            text = f"={subject.cells(sheet)[place].formula} takes a cell from elsewhere in place "
            text += f"{known[0] + 1} of its list, where {cell_name(*known[1])} goes on."
            surprise = 5.0 - 3.0 * (len(places) >= SEVERAL)
            yield at("E16", sheet, place, text, surprise=surprise, fault=made.key)


def _reads(subject: Subject, sheet: str, reader: Position, place: Position) -> bool:
    """Tell whether a formula reads a cell as a single one."""
    made = subject.form(sheet, reader)
    return made is not None and any(place in cells for cells in _lists(made, reader))


def _lists(made: NormalisedFormula, home: Position) -> Iterator[list[Position]]:
    """Yield the lists of single cells of the formula's own sheet: A1+A2+A3, SUM(A1,A2,A3)."""
    run: list[Position] = []
    between = ""
    for token in made.tokens:
        ref = token.ref
        if ref is not None and ref.single and not (ref.sheet or ref.book or ref.fixed):
            area = ref.area("", *home)
            run.append((area.r1, area.c1))
        elif token.kind in ("separator", "operator") and token.text in ",+" and run:
            if between not in ("", token.text):
                yield run
                run = run[-1:]
            between = token.text
        else:
            yield run
            run, between = [], ""
    yield run


def _sequence(cells: Sequence[Position]) -> tuple[int, Position] | None:
    """Return which cell of a list breaks its equal steps, and the cell that would not."""
    if len(cells) <= _LIST:
        return None
    lines = Counter(
        (b[0] - a[0], b[1] - a[1], a[0] - n * (b[0] - a[0]), a[1] - n * (b[1] - a[1]))
        for n, (a, b) in enumerate(pairwise(cells))
    )
    (down, right, row, column), _ = lines.most_common(1)[0]
    wanted = [(row + n * down, column + n * right) for n in range(len(cells))]
    odd = [n for n, cell in enumerate(cells) if cell != wanted[n]]
    if len(odd) != 1 or not (down or right) or min(wanted[odd[0]]) < 1:
        return None
    at_end = odd[0] in (0, len(cells) - 1)
    aside = (not down and cells[odd[0]][0] != row) or (not right and cells[odd[0]][1] != column)
    if at_end and not (aside and len(cells) > _LIST + 1):
        return None
    return odd[0], wanted[odd[0]]


def _of_sheet(subject: Subject, sheet: str, step: Position) -> Iterator[LintFinding]:
    cells, across = subject.cells(sheet), step == ACROSS
    outlines: dict[str, str] = {}
    forms: dict[Position, NormalisedFormula] = {}
    groups: dict[tuple[int, str], list[Position]] = defaultdict(list)
    for place, key in sorted(subject.keys(sheet).items()):
        made = None if key.startswith("{") else subject.form(sheet, place)
        words = isinstance(cells[place].value, str)
        if made is None or is_link(made):  # each fetches what it needs
            continue
        if made.refs and made.key == key and not words:
            forms[place] = made
            if key not in outlines:
                outlines[key] = _outline(made)
            groups[place[0 if across else 1], outlines[key]].append(place)
    for members in groups.values():
        held = members[:1]
        for before, after in pairwise(members):
            if not joined(cells, before, after, step):
                yield from _of_line(subject, sheet, held, forms, step)
                held = []
            held.append(after)
        yield from _of_line(subject, sheet, held, forms, step)


def _outline(made: NormalisedFormula) -> str:
    """Return a formula without its places and operators."""
    return "".join(
        f"{t.ref.book}{t.ref.sheet}#{'' if t.ref.single else ':'}"
        if t.ref is not None
        else "o"
        if t.text in OPERATORS
        else t.text
        for t in made.tokens
    )


def _of_line(
    subject: Subject,
    sheet: str,
    places: Sequence[Position],
    forms: Mapping[Position, NormalisedFormula],
    step: Position,
) -> Iterator[LintFinding]:
    # Where copies stand beside each other, the rules of runs tell.
    if len(places) <= _LEAST or len({forms[place].key for place in places}) <= _LEAST:
        return
    corners = {place: _corners(forms[place], place) for place in places}
    along = step == ACROSS
    model = _model(places, corners, along)
    if model is None:
        return
    first, slope = model
    wanted = {
        place: tuple(
            c + (place[along] - first[along]) * s
            for c, s in zip(corners[first], slope, strict=True)
        )
        for place in places
    }
    fits = [place for place in places if corners[place] == wanted[place]]
    signs = Counter(_operators(forms[place]) for place in fits)
    main, number = signs.most_common(1)[0]
    odd = [p for p in places if corners[p] != wanted[p] or _operators(forms[p]) != main]
    same = len({forms[place].key for place in fits}) < _LEAST
    if number < _LEAST or len(odd) > _PART * len(places) or same:
        return
    for place in odd:
        # Two that follow each other are another part of the table; so is what the lines beside do.
        number = places.index(place)
        sides = ((place[0] + d * step[1], place[1] + d * step[0]) for d in (-1, 1))
        if {*places[max(number - 1, 0) : number + 2]} & {*odd} != {place} or any(
            forms.get(side) is forms[place] for side in sides
        ):
            continue
        inside = places[0] != place != places[-1]
        text = _difference(subject, sheet, place, corners[place], wanted[place], main)
        if text and (inside or max(map(abs, slope)) <= 1):
            surprise = 4.5 if inside else 3.0
            formula = subject.cells(sheet)[place].formula
            yield at("E03", sheet, place, f"={formula} {text}", surprise=surprise)
    yield from _typed(subject, sheet, places, step)


def _model(
    places: Sequence[Position], corners: Mapping[Position, Corners], along: bool
) -> tuple[Position, Corners] | None:
    """Return the step by which most formulas go on, and one of them."""
    found: Counter[tuple[Corners, Corners]] = Counter()
    firsts: dict[tuple[Corners, Corners], Position] = {}
    for a, b in pairwise(places):
        apart = b[along] - a[along]
        moved = [y - x for x, y in zip(corners[a], corners[b], strict=True)]
        if any(m % apart for m in moved):
            continue
        slope = tuple(m // apart for m in moved)
        start = tuple(c - a[along] * s for c, s in zip(corners[a], slope, strict=True))
        found[slope, start] += 1
        firsts.setdefault((slope, start), a)
    if not found:
        return None
    best, _ = found.most_common(1)[0]
    return firsts[best], best[0]


def _corners(made: NormalisedFormula, place: Position) -> Corners:
    found: list[int] = []
    for ref in made.refs:
        area = ref.area("", *place)
        found += (area.r1, area.c1, area.r2, area.c2)
    return tuple(found)


def _operators(made: NormalisedFormula) -> tuple[str, ...]:
    return tuple(token.text for token in made.tokens if token.text in OPERATORS)


def _difference(
    subject: Subject, sheet: str, place: Position, own: Corners, wanted: Corners, main: object
) -> str:
    """Return how a formula differs from its line, "" where it is another one altogether."""
    made = subject.form(sheet, place)
    assert made is not None
    if own == wanted:
        return "calculates otherwise than the formulas of its line."
    off = [n for n in range(0, len(own), 4) if own[n : n + 4] != wanted[n : n + 4]]
    if len(off) > 1 or _operators(made) != main:
        return ""
    r1, c1, r2, c2 = wanted[off[0] : off[0] + 4]
    ref = made.refs[off[0] // 4]
    if ref.fixed:  # chosen: no copy moves it
        return ""
    owner = next((s for s in subject.book.sheets if s.upper() == (ref.sheet or sheet).upper()), "")
    if min(r1, c1) < 1 or ref.book or not owner or not _has_number(subject, owner, (r1, c1)):
        return ""
    last = "" if (r1, c1) == (r2, c2) else f":{cell_name(r2, c2)}"
    return f"does not read {cell_name(r1, c1)}{last}, by which its line goes on."


def _has_number(subject: Subject, sheet: str, place: Position) -> bool:
    """Tell whether a cell holds a number or a formula for one."""
    cell = subject.cells(sheet).get(place)
    return cell is not None and (cell.computed or is_number(cell.value))


def _typed(
    subject: Subject, sheet: str, places: Sequence[Position], step: Position
) -> Iterator[LintFinding]:
    """Yield a number between two formulas of a line, typed or as a formula of itself alone."""
    cells = subject.cells(sheet)
    for before, after in pairwise(places):
        between = before[0] + step[0], before[1] + step[1]
        cell = cells.get(between)
        if after != (between[0] + step[0], between[1] + step[1]) or cell is None:
            continue
        made = subject.form(sheet, between) if cell.computed else None
        number = is_number(cell.value) if made is None else made.numbers and len(made.tokens) == 1
        if number and cell.style == cells[before].style and not subject.is_input(sheet, between):
            held = cell.formula or repr(cell.value)
            text = f"{held} is in a row of formulas such as {cell_name(*before)}."
            yield at("E02", sheet, between, text, surprise=3.5)
