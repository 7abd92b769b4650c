"""The lint of a workbook: what all rules find, one finding for each cause, exceptions taken out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, product
from pathlib import Path

from xlcity.audit.lint.finding import Finding, allowed_in_notes
from xlcity.audit.lint.registry import finders
from xlcity.audit.lint.rules.method import CHANGED_RECIPE
from xlcity.audit.lint.subject import Subject
from xlcity.grouping import grouped
from xlcity.messages import Message
from xlcity.workbook.checking.contract import DATA, Expected
from xlcity.workbook.tab_titles import titles_of
from xlcity.xlsx.address import Range, parse_area, quote_sheet, ranges_text
from xlcity.xlsx.cells import Position
from xlcity.xlsx.editing.comments import read_comments

#: Rules whose findings have one cause, however many cells show it.
_ONE_CAUSE = frozenset(("E01", "E09"))
#: Values that are not up to date, and a defined name that stands for something else.
_STALE = "E09"
_NAME = "E13"
#: Rules about what follows from errors elsewhere: routes that disagree, checks that fail.
_SYMPTOMS = ("E07", "E10")
#: The row of the checks that counts values outside their plausible range: they are named (W08).
_CHECK_OF_BOUNDS = "sheet:bounds"
_OUTSIDE = "W08"
#: What is looked at last: what is not as sealed follows from what says how it came about.
_LATE = (*_SYMPTOMS, "E16")
#: Names a city that is listed twice or is unknown: it comes before what follows from that.
_CITY_TWICE = "W06"
_UNKNOWN = "XC311"
#: Cities without totals: they may follow from any error that their scores depend on.
_WITHOUT_TOTALS = "E18"
#: Names a code that was typed over, an error, and other labels.
_LABELS = "W21"
_ABOUT_FORMER_VALUES = ("W31", "W32")
#: Names a turned direction: calls of functions are drawn in other blocks then.
_TURNED = "E08"
_CALLS = titles_of("UDF")
#: Rules about a template, which is drawn for the cities that are listed.
_OF_TEMPLATE = frozenset(("E02", "E03", "E04", "E13", "W18", "W19", "W20", "W21"))
#: Rules about looks: several things of one chart, or one kind of thing on several sheets.
_LOOKS = ("W16", "W18", "W19", "W20")
#: How many causes of one rule are reported cell by cell, at most.
_MOST_CAUSES = 500


@dataclass(frozen=True, slots=True)
class LintResult:
    """What the lint found.

    Attributes
    ----------
    findings
        One for each cause, those first on which most ranks hang.
    allowed
        Findings that a person has allowed, with the reason.
    """

    findings: tuple[Finding, ...]
    allowed: tuple[tuple[Finding, str], ...]

    @property
    def every(self) -> list[Finding]:
        """The causes, each with what follows from it."""
        return [each for cause in self.findings for each in (cause, *cause.follows)]


def lint(
    given: str | Path | Subject,
    *,
    template: str | Path | None = None,
    others: Iterable[Finding] = (),
) -> LintResult:
    """Apply all rules to a workbook.

    Parameters
    ----------
    given
        The workbook; it is not written.
    template
        Compare formulas and looks with this workbook's. Without it a template of ours is compared
        with itself, drawn again from its own framework and recipe.
    others
        What else was found, to be put in order with it.

    Raises
    ------
    WorkbookError
        If a file is not a workbook.
    """
    subject = Subject.of(given)
    if template is not None:
        model = Subject.of(template)
        subject.expected = Expected.of(model.package, model.book)
    findings = [finding for find in finders() for finding in find(subject)]
    reasons = dict(allowed_in_notes(read_comments(subject.package, subject.book)))
    every = dict.fromkeys((*findings, *others))
    reason_of = {f: reasons.get((f.rule, f.sheet, f.cell)) for f in every}
    allowed = tuple(
        (f, reason) for f, reason in reason_of.items() if reason is not None
    )
    reported = [finding for finding, reason in reason_of.items() if reason is None]
    return LintResult(order_causes(subject, reported), allowed)


def order_causes(subject: Subject, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return one finding for each cause, those on which most ranks hang first.

    A finding follows from another one that covers its cell; one that shows an error value, that
    routes disagree or that a check fails follows from the first error that it depends on. Where a
    city is listed twice or a direction is turned, another template is drawn: what differs from it
    and moves no rank follows from that.
    """
    ranks = subject.area("out_ranks") if subject.template is not None else None
    listed = subject.area("xl_cities") if subject.template is not None else None
    groups = group_by_cause(list(findings))
    # A number left out of its range (E04) is before the #N/A that it gets (E01), and a circle (E17)
    # before the error that a program stored for it.
    groups.sort(
        key=lambda f: (
            f.rule in _LATE or f.is_effect,
            f.rule == _WITHOUT_TOTALS,
            f.fix != CHANGED_RECIPE,
            f.rule != "E04" and f.weight,
            f.rule != _CITY_TWICE,
            f.code == _UNKNOWN,
            f.rule == "E01",
        )
    )
    causes: list[Finding] = []
    areas: list[list[Range]] = []
    reached: list[set[int]] = []
    for finding in groups:
        inner = _areas(finding)
        owner = next(
            (
                n
                for n, cause in enumerate(causes)
                if _covers(cause, areas[n], finding, inner)
                and not _is_more(finding, cause)
            ),
            None,
        )
        if owner is None and finding.rule in (*_SYMPTOMS, "E01", _WITHOUT_TOTALS):
            errors = (n for n, cause in enumerate(causes) if cause.severity == "error")
            here = (finding.sheet, finding.position) if finding.position else None
            follows = finding.rule in _SYMPTOMS
            owner = next(
                (
                    n
                    for n in errors
                    if follows or (here and subject.dependents.hold(reached[n], here))
                ),
                None,
            )
        if owner is None and finding.rule == _STALE:
            names = [
                n
                for n, cause in enumerate(causes)
                if cause.rule == _NAME and _depends_on_name(subject, inner, cause.fault)
            ]
            owner = names[0] if names else None
        if owner is None and finding.fault == _CHECK_OF_BOUNDS:
            owner = next(_find_values_outside(causes), None)
        if owner is None and finding.is_effect and causes:
            owner = 0
        below = set[int]() if owner is not None else subject.dependents.below(inner)
        hanging = subject.dependents.count(below, ranks)
        if owner is None and listed:
            redrawn = finding.rule in _OF_TEMPLATE and not hanging
            owner = next(
                (
                    n
                    for n, cause in enumerate(causes)
                    if _is_consequence(cause, finding, redrawn, listed)
                ),
                None,
            )
        if owner is not None:
            cause = causes[owner]
            causes[owner] = replace(cause, follows=(*cause.follows, finding))
            continue
        reached.append(below)
        areas.append(inner)
        causes.append(replace(finding, hanging=hanging))
    sheets = {name: number for number, name in enumerate(subject.book.sheets)}
    gravest = min((finding.weight for finding in causes), default=0)

    def weigh(finding: Finding) -> tuple[object, ...]:
        position = finding.position or (0, 0)
        # What is out of date comes after what made it so.
        late = finding.rule == _STALE
        # Where no error is open, what names its city comes first.
        is_first = bool(finding.named) and (gravest > 0 or finding.weight == 0)
        sheet = sheets.get(finding.sheet, -1)
        return (
            not is_first,
            -finding.hanging,
            late,
            finding.weight,
            sheet,
            position,
            finding.rule,
        )

    return tuple(sorted(causes, key=weigh))


def _is_more(finding: Finding, cause: Finding) -> bool:
    """Tell whether cities without a total say more than a note on the same cells."""
    return finding.rule == _WITHOUT_TOTALS and cause.severity != "error"


def _depends_on_name(subject: Subject, areas: Iterable[Range], name: str) -> bool:
    """Tell whether all cells of some areas depend on a defined name."""
    reached = subject.dependents.below_name(name)
    places = chain.from_iterable(product([a.sheet], a.positions) for a in areas)
    return all(subject.dependents.hold(reached, place) for place in places)


def _find_values_outside(causes: Iterable[Finding]) -> Iterator[int]:
    """Yield the causes that are, or have, values of `Data` that are not plausible."""
    for number, cause in enumerate(causes):
        rules_there = (f.rule for f in (cause, *cause.follows) if f.sheet in DATA)
        if _OUTSIDE in rules_there:
            yield number


def _is_consequence(
    cause: Finding, finding: Finding, redrawn: bool, listed: Range
) -> bool:
    """Tell whether a finding follows from a city's name or a recipe typed over, or a direction.

    A city that is twice in the list of cities leaves another one out of it, and its values without
    a city; one that is twice on `Data` has the values of another row. `redrawn` tells whether the
    finding is a difference from the template alone.
    """
    if finding.rule == _WITHOUT_TOTALS and cause.rule == _LABELS:
        # The scores are of other indicators below another code.
        return cause.severity == "error"
    if cause.rule == _TURNED:
        return redrawn and finding.sheet in _CALLS
    if cause.fix == CHANGED_RECIPE:
        return finding.rule in (*_OF_TEMPLATE, _WITHOUT_TOTALS, "W23")
    if cause.rule != _CITY_TWICE:
        return False
    if finding.rule in _ABOUT_FORMER_VALUES:
        areas = _areas(finding)
        rows = {row for a in _areas(cause) for row, _ in a.positions}
        in_rows = finding.sheet == cause.sheet and all(
            {a.r1, a.r2} <= rows for a in areas
        )
        return in_rows or any(map(listed.meets, areas))
    return (redrawn or finding.code == _UNKNOWN) and any(
        map(listed.meets, _areas(cause))
    )


def _areas(finding: Finding) -> list[Range]:
    """Return the cells of a finding."""
    own = f"{quote_sheet(finding.sheet)}!"
    texts = (
        text if "!" in text else own + text.replace(" ", ":") for text in finding.areas
    )
    areas = map(parse_area, texts)
    return [area for area in areas if area is not None]


def _cells_of(finding: Finding) -> Iterator[tuple[str, Position]]:
    """Yield sheet and position of the cells of a finding; thousands have one cell each."""
    if finding.position is not None and not finding.region:
        yield finding.sheet, finding.position
    else:
        yield from (
            (area.sheet, cell) for area in _areas(finding) for cell in area.positions
        )


def _covers(
    cause: Finding, outer: Sequence[Range], finding: Finding, inner: Sequence[Range]
) -> bool:
    """Tell whether the cells of a finding are all among those of another, or have its fault.

    `outer` and `inner` are the cells of the two.
    """
    if cause.fault and cause.fault == finding.fault:
        return True
    return bool(inner) and all(any(o.contains(i) for o in outer) for i in inner)


def group_by_cause(findings: Sequence[Finding]) -> list[Finding]:
    """Return a finding for each cause: several of one rule with one fault, or cells that touch."""
    groups: dict[tuple[str, ...], list[Finding]] = {}
    cells: dict[tuple[str, str, str], dict[Position, Finding]] = {}
    for finding in dict.fromkeys(findings):
        key = finding.rule, finding.severity
        if finding.rule in _ONE_CAUSE:
            groups.setdefault(key, []).append(finding)
        elif finding.fault or finding.region or finding.position is None:
            groups.setdefault((*key, finding.fault or finding.message), []).append(
                finding
            )
        else:
            cells.setdefault((*key, finding.sheet), {})[finding.position] = finding
    for kind, by_position in cells.items():
        for number, area in enumerate(_touching_cells(by_position)):
            groups[*kind, str(number)] = [by_position[position] for position in area]
    return [_joined_finding(group) for group in _join_many(groups.values())]


def _join_many(groups: Collection[list[Finding]]) -> Iterable[list[Finding]]:
    """Return groups of findings; those of a rule that has too many are joined sheet by sheet.

    The seal of another workbook gives thousands: too many to read, or to search for a cause each.
    """
    counts = Counter(group[0].rule for group in groups)
    return grouped(
        ((f.rule, f.severity, f.sheet) if counts[f.rule] > _MOST_CAUSES else number, f)
        for number, group in enumerate(groups)
        for f in group
    ).values()


def _touching_cells(positions: Iterable[Position]) -> Iterator[list[Position]]:
    """Yield the cells that touch each other, corners included."""
    left = dict.fromkeys(sorted(positions))
    while left:
        area = [next(iter(left))]
        del left[area[0]]
        for row, column in area:
            for near in product(
                (row - 1, row, row + 1), (column - 1, column, column + 1)
            ):
                if near in left:
                    del left[near]
                    area.append(near)
        yield sorted(area)


def _joined_finding(group: list[Finding]) -> Finding:
    """Return one finding for several: the first, with the cells of all."""
    first = group[0]
    if len(group) == 1 or first.rule in _LOOKS:
        return replace(first, follows=tuple(group[1:])) if group[1:] else first
    positions = grouped(cell for finding in group for cell in _cells_of(finding))
    regions = [
        text if sheet == first.sheet else f"{quote_sheet(sheet)}!{text}"
        for sheet, cells in positions.items()
        for text in ranges_text(dict.fromkeys(cells)).split(", ")
    ]
    elsewhere = sum(f.sheet != first.sheet for f in group)
    key = "lint.more_cells_elsewhere" if elsewhere else "lint.more_cells"
    message = Message(
        key, message=first.message, number=len(group) - 1, elsewhere=elsewhere
    )
    return replace(first, message=message, region=", ".join(regions), count=len(group))
