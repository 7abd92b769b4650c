"""The odd one in a line of like formulas: another range, another cell, a lost $."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import pairwise

from xlcity.audit.lint.finding import LintFinding, at
from xlcity.audit.lint.formula_difference import explain, is_meant
from xlcity.audit.lint.gaps import follows_gaps, read_cells
from xlcity.audit.lint.lines import ACROSS, DOWN, FormulaLine, lines, run_length, runs_along
from xlcity.audit.lint.registry import finds
from xlcity.audit.lint.subject import Subject, is_number
from xlcity.audit.lint.surprise import SEVERAL
from xlcity.xlsx.address import cell_name, ranges_text
from xlcity.xlsx.cells import Position
from xlcity.xlsx.formulas.tokens import NormalisedFormula

#: Kinds of differences that are slips, and how much more telling than another cell each is.
_SLIPS = {"extent": 2.0, "dollar": -2.0, "operator": 2.0, "sign": 2.0, "other cell": 0.0}
#: How much less telling ranges are that each cover all numbers of their own columns.
_FITS = 3.0
#: Of two formulas that contradict each other, how far the ends of their ranges may lie apart.
_NEAR = 2
#: Formulas at an end of a line that are not slips, for they are as many.
_STRETCH = 5
#: Kinds of tokens that sums of terms have, and how many times as many others have all terms.
_TERMS, _OFTEN = frozenset(("ref", "operator", "function", "open", "close", "separator")), 3


@finds(
    "E07 a reference to a parameter is not absolute | Write it with $ before row and column.",
    "E03 a formula differs from its neighbours | Copy the formula from its neighbours.",
    order=8,
    of_formulas=True,
)
def line_slips(subject: Subject) -> Iterator[LintFinding]:
    """Yield formulas that differ from the others of their row or column by a slip."""
    for name in subject.book.sheets:
        keys = subject.keys(name)
        forms: dict[Position, NormalisedFormula] = {}
        for position, key in keys.items():
            made = subject.form(name, position)
            if made is not None and not key.startswith("{") and made.refs:
                forms[position] = made
        cells = subject.cells(name)
        found = {step: list(lines(cells, forms, step)) for step in (ACROSS, DOWN)}
        regular = {step: _regular(of_step, forms) for step, of_step in found.items()}
        for step, of_step in found.items():
            other = regular[DOWN if step == ACROSS else ACROSS]
            for line in of_step:
                yield from _of_line(subject, name, line, forms, other)
            yield from _partial(subject, name, step, forms)


def _regular(found: list[FormulaLine], forms: dict[Position, NormalisedFormula]) -> set[Position]:
    """Return the cells that have the formula of the member before or after them in a line."""
    regular = set()
    for line in found:
        for a, b in pairwise(line.places):
            if forms[a] is forms[b]:
                regular |= {a, b}
    return regular


def _of_line(
    subject: Subject,
    sheet: str,
    line: FormulaLine,
    forms: dict[Position, NormalisedFormula],
    regular: set[Position],
) -> Iterator[LintFinding]:
    counts = Counter(forms[place].key for place in line.places)
    if len(counts) == 1:
        return
    (main, most), *rest = counts.most_common()
    every = len(line.places)
    if most * 2 <= every and not (every == 2 or most > max(1, rest[0][1])):
        return
    model = next(place for place in line.places if forms[place].key == main)
    same = [place for place in line.places if forms[place].key == main]
    for key, number in rest:
        odd = [place for place in line.places if forms[place].key == key]
        if any(place in regular for place in odd) or _is_stretch(line, odd):
            continue
        for place in odd:
            slip = explain(forms[model], forms[place], sheet, place)
            if slip.kind not in _SLIPS or is_meant(slip, forms[place], forms[model]):
                break
            if slip.kind == "other cell" and not (number == 1 and _inside(place, same)):
                continue
            if follows_gaps(subject, sheet, place, model, slip.kind):
                continue
            mine, theirs = forms[place], forms[model]
            filled = _reads_other_numbers(subject, sheet, place, mine, theirs)
            omitted = any(_omits(subject, sheet, other, theirs, mine) for other in same)
            fits = not omitted and not _omits(subject, sheet, place, mine, theirs)
            if most == 1 and not (filled and _contradict(forms[model], forms[place])):
                break
            text = (
                f"{slip.message}, unlike the neighbouring cell {cell_name(*_nearest(place, same))}."
            )
            yield at(
                slip.rule, sheet, place, text, beside=ranges_text(same),
                surprise=_SLIPS[slip.kind] + filled + math.log2((most + 1) / number)
                - _FITS * (fits and filled and slip.kind == "extent"),
                fault=f"{sheet}!{cell_name(*line.places[0])} {line.step} {slip.kind}",
            )  # fmt: skip


def _is_stretch(line: FormulaLine, odd: list[Position]) -> bool:
    """Tell whether the odd ones are a whole stretch at an end of a line: the method changes there.

    So it is with trends that go from one known year to the next.
    """
    places = list(line.places)
    return len(odd) >= _STRETCH and odd in (places[: len(odd)], places[-len(odd) :])


def _inside(place: Position, others: list[Position]) -> bool:
    return others[0] < place < others[-1]


def _reads_other_numbers(
    subject: Subject, sheet: str, place: Position, own: NormalisedFormula, model: NormalisedFormula
) -> bool:
    """Tell whether a formula reads a number that the others would not, or the other way round."""
    return _omits(subject, sheet, place, own, model) or _omits(subject, sheet, place, model, own)


def _omits(
    subject: Subject, sheet: str, place: Position, own: NormalisedFormula, model: NormalisedFormula
) -> bool:
    """Tell whether a formula leaves out a number that another, copied to its place, would read."""
    mine, theirs = (read_cells(subject, sheet, place, made) for made in (own, model))
    return any(is_number(subject.value(*other)) for other in theirs - mine)


def _nearest(place: Position, others: list[Position]) -> Position:
    return min(others, key=lambda o: abs(o[0] - place[0]) + abs(o[1] - place[1]))


def _contradict(a: NormalisedFormula, b: NormalisedFormula) -> bool:
    """Tell whether two formulas alone are a contradiction: sums whose ends are not in line."""
    apart = 0
    for one, other in zip(a.refs, b.refs, strict=True):
        if one.single != other.single or one.sheet != other.sheet:
            return False
        apart += abs(one.r1.number - other.r1.number) + abs(one.r2.number - other.r2.number)
        apart += abs(one.c1.number - other.c1.number) + abs(one.c2.number - other.c2.number)
    ranges = any(runs_along(ref, step) for ref in a.refs for step in (ACROSS, DOWN))
    return ranges and 0 < apart <= _NEAR


def _partial(
    subject: Subject, sheet: str, step: Position, forms: dict[Position, NormalisedFormula]
) -> Iterator[LintFinding]:
    """Yield sums of fewer terms than the sums beside them have."""
    held: dict[tuple[int, str], list[Position]] = defaultdict(list)
    for place, made in forms.items():
        held[place[step == DOWN], made.key].append(place)
    for place, own in sorted(forms.items(), key=lambda item: item[0]):
        if not _TERMS.issuperset(token.kind for token in own.tokens):
            continue
        if isinstance(subject.value(sheet, place), str):  # a heading among the numbers
            continue
        for beside in _beside(place, step, forms):
            model = forms[beside]
            mine, theirs = Counter(own.refs), Counter(model.refs)
            same = held[place[step == DOWN], model.key]
            few = _inside(place, same) and _OFTEN * len(held[place[step == DOWN], own.key]) <= len(
                same
            )
            if _crosses(place, step, forms):  # a whole line of them
                continue
            if not few or own.functions != model.functions or mine - theirs:
                continue
            if not 0 < (theirs - mine).total() <= mine.total():
                continue
            missing = [subject.graph.area(ref, sheet, place) for ref in theirs - mine]
            if all(a is None or subject.value(a.sheet, (a.r1, a.c1)) is None for a in missing):
                continue
            text = f"{', '.join(map(str, missing))} is not in it, unlike the neighbouring cell "
            filled = any(a and is_number(subject.value(a.sheet, (a.r1, a.c1))) for a in missing)
            yield at(
                "E03", sheet, place, f"{text}{cell_name(*beside)}.", beside=ranges_text(same),
                surprise=-1.0 + 4.0 * filled + math.log2(len(same)),
                fault=f"{sheet} {place[step == DOWN]} {own.key}",
            )  # fmt: skip
            break


def _crosses(place: Position, step: Position, forms: dict[Position, NormalisedFormula]) -> bool:
    """Tell whether a formula stands in a run of copies across its line."""
    right, down = step
    both = run_length(forms, place, down, right) + run_length(forms, place, -down, -right)
    return both > SEVERAL


def _beside(
    place: Position, step: Position, forms: dict[Position, NormalisedFormula]
) -> Iterator[Position]:
    """Yield the nearest formulas before and after a cell."""
    for way in (-1, 1):
        for far in range(1, _NEAR + 1):
            other = place[0] + way * far * step[0], place[1] + way * far * step[1]
            if other in forms:
                yield other
                break
