"""Two formulas of one line that read nearly the same cells, one of them fewer.

Each formula is the set of the cells it reads, seen from its own place (its reference vectors).
Neighbours in a line have the same set where they do the same, however they are written. Where one
reads only a part of what the other does, and neither is repeated across the line, one of them is
likely to be a slip, even if no majority tells which.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from xlcity.audit.lint.finding import LintFinding, at
from xlcity.audit.lint.lines import ACROSS, DOWN, is_label
from xlcity.audit.lint.registry import finds
from xlcity.audit.lint.subject import Subject
from xlcity.xlsx.address import cell_name, ranges_text
from xlcity.xlsx.cells import Cell, Position
from xlcity.xlsx.formulas.tokens import NormalisedFormula

#: Cells from one formula to the next at most, and the share of its cells that both must read.
_REACH, _SHARE = 5, 0.4
#: Share of the cells that both read where each reads some that the other does not, and how many.
_OVERLAP, _MANY = 0.7, 4
#: Functions of sums: what else a formula reads depends on what it finds.
_TOTALS = frozenset(("SUM", "SUBTOTAL", "AVERAGE", "MIN", "MAX", "COUNT", "COUNTA", "PRODUCT"))
#: Cells of a range from which its corners stand for it.
_LARGE = 2000

#: Tokens of a sign and a number.
_ADDED = 2

#: A cell as a formula sees it: sheet, then row and column with whether they are fixed.
Vector = tuple[str, bool, int, bool, int]


@finds(
    "W24 a formula reads fewer cells than its neighbour | Let both read the cells they should.",
    order=13,
    of_formulas=True,
)
def line_reads(subject: Subject) -> Iterator[LintFinding]:
    """Yield W24."""
    vectors: dict[str, frozenset[Vector]] = {}
    for name in subject.book.sheets:
        forms: dict[Position, NormalisedFormula] = {}
        for position, key in subject.keys(name).items():
            made = None if key.startswith("{") else subject.form(name, position)
            if made is not None and made.refs and made.functions <= _TOTALS:
                forms[position] = made
                if key not in vectors:
                    vectors[key] = _vectors(made)
        for step in (ACROSS, DOWN):
            yield from _of_sheet(subject, name, forms, vectors, step)


def _of_sheet(
    subject: Subject,
    sheet: str,
    forms: Mapping[Position, NormalisedFormula],
    vectors: Mapping[str, frozenset[Vector]],
    step: Position,
) -> Iterator[LintFinding]:
    cells, across = subject.cells(sheet), (step[1], step[0])
    counts = Counter((place[step == DOWN], made.key) for place, made in forms.items())
    for place in sorted(forms):
        after = _next(cells, forms, place, step)
        if after is None or forms[after] is forms[place]:
            continue
        pair = sorted((place, after), key=lambda p: len(vectors[forms[p].key]))
        fewer, more = (vectors[forms[p].key] for p in pair)
        a, b = (forms[p] for p in pair)
        if fewer == more:
            yield from _with_number(sheet, forms, place, after)
            continue
        if any(isinstance(cells[p].value, str) for p in pair):
            continue
        line = place[step == DOWN]
        alike = a.functions == b.functions and counts[line, b.key] > 1 == counts[line, a.key]
        both = len(fewer & more)
        if not fewer < more and both < max(_OVERLAP * len(more), _MANY):
            continue
        if len(fewer) < _SHARE * len(more) and not alike:
            continue
        # Formulas that each have numbers of their own are data, written as terms.
        data = a.numbers and b.numbers and set(a.numbers) != set(b.numbers)
        if data or any(_runs_along(vector, step) for vector in fewer | more):
            continue
        if any(_is_repeated(forms, p, across) for p in pair):
            continue
        if all(counts[line, forms[p].key] > 1 for p in pair) and _alternate(
            cells, forms, place, after, step
        ):
            continue
        odd, beside = sorted(pair, key=lambda p: counts[line, forms[p].key])
        what = "other" if not fewer < more else "fewer" if odd == pair[0] else "more"
        text = f"={cells[odd].formula} reads {what} cells than its neighbour {cell_name(*beside)} "
        equal = [p for p in forms if p[step == DOWN] == line and forms[p] is forms[beside]]
        for one in (p for p in forms if p[step == DOWN] == line and forms[p] is forms[odd]):
            yield at(
                "W24", sheet, one, f"{text}(={cells[beside].formula}).",
                beside=ranges_text(equal),
                surprise=len(fewer) / len(more) + counts[line, forms[beside].key],
            )  # fmt: skip


def _with_number(
    sheet: str, forms: Mapping[Position, NormalisedFormula], place: Position, after: Position
) -> Iterator[LintFinding]:
    """Yield a formula that is its neighbour's with a typed number added at its end."""
    beside, odd = sorted((place, after), key=lambda p: len(forms[p].tokens))
    known, tokens = forms[beside].tokens, forms[odd].tokens
    added = tokens[len(known) :]
    if len(known) < _ADDED:  # a link to a cell, and the number after it
        return
    if tokens[: len(known)] != known or len(added) != _ADDED or added[1].kind != "number":
        return
    if added[0].text in ("+", "-"):
        number = added[0].text + added[1].text
        text = f"the formula contains another number: {number}, unlike the neighbouring cell "
        yield at(
            "W01", sheet, odd, f"{text}{cell_name(*beside)}.", beside=cell_name(*beside),
            surprise=3.0,
        )  # fmt: skip


def _vectors(made: NormalisedFormula) -> frozenset[Vector]:
    found: set[Vector] = set()
    for ref in made.refs:
        (r1, r2), (c1, c2) = (
            sorted((a.number, b.number)) for a, b in ((ref.r1, ref.r2), (ref.c1, ref.c2))
        )
        rows, columns = range(r1, r2 + 1), range(c1, c2 + 1)
        large = len(rows) * len(columns) > _LARGE
        for row in (r1, r2) if large else rows:
            for column in (c1, c2) if large else columns:
                found.add((ref.book + ref.sheet, ref.r1.fixed, row, ref.c1.fixed, column))
    return frozenset(found)


def _runs_along(vector: Vector, step: Position) -> bool:
    """Tell whether a formula reads another place of its own line: each then continues the last."""
    _, fixed_row, row, fixed_column, column = vector
    return bool(column and not fixed_column) if step == ACROSS else bool(row and not fixed_row)


def _next(
    cells: Mapping[Position, Cell],
    forms: Mapping[Position, object],
    place: Position,
    step: Position,
) -> Position | None:
    """Return the next formula of a line, if no words stand between."""
    for far in range(1, _REACH + 1):
        after = place[0] + far * step[0], place[1] + far * step[1]
        if after in forms:
            return after
        if is_label(cells.get(after)):
            return None
    return None


def _is_repeated(
    forms: Mapping[Position, NormalisedFormula], place: Position, across: Position
) -> bool:
    """Tell whether the cell before or after, across the line, has the same formula."""
    sides = ((place[0] + d * across[0], place[1] + d * across[1]) for d in (-1, 1))
    return any(forms.get(side) is forms[place] for side in sides)


def _alternate(
    cells: Mapping[Position, Cell],
    forms: Mapping[Position, NormalisedFormula],
    first: Position,
    second: Position,
    step: Position,
) -> bool:
    """Tell whether two formulas take turns in a line, as numbers and percentages do."""
    back = -step[0], -step[1]
    third, before = _next(cells, forms, second, step), _next(cells, forms, first, back)
    return (third is not None and forms[third] is forms[first]) or (
        before is not None and forms[before] is forms[second]
    )
