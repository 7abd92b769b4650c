"""The causes among findings: one finding for each, with what follows from it, in order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, product

from xlcity.audit.lint.finding import Finding
from xlcity.audit.lint.rules.method import CHANGED_RECIPE
from xlcity.audit.lint.subject import Subject
from xlcity.grouping import grouped
from xlcity.messages import Message
from xlcity.workbook.checking.contract import DATA
from xlcity.workbook.tab_titles import titles_of
from xlcity.xlsx.address import Range, parse_area, quote_sheet, ranges_text
from xlcity.xlsx.cells import Position

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


def order_causes(subject: Subject, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return one finding for each cause, those on which most ranks hang first.

    A finding follows from another one that covers its cell; one that shows an error value, that
    routes disagree or that a check fails follows from the first error that it depends on. Where a
    city is listed twice or a direction is turned, another template is drawn: what differs from it
    and moves no rank follows from that.
    """
    causes = _Causes(subject)
    for finding in sorted(group_by_cause(list(findings)), key=_turn):
        causes.add(finding)
    return causes.in_order()


def _turn(finding: Finding) -> tuple[object, ...]:
    """Return when a finding has its turn: causes come before what may follow from them.

    A number left out of its range (E04) is before the #N/A that it gets (E01), and a circle (E17)
    before the error that a program stored for it.
    """
    return (
        finding.rule in _LATE or finding.is_effect,
        finding.rule == _WITHOUT_TOTALS,
        finding.fix != CHANGED_RECIPE,
        finding.rule != "E04" and finding.weight,
        finding.rule != _CITY_TWICE,
        finding.code == _UNKNOWN,
        finding.rule == "E01",
    )


@dataclass(slots=True)
class _Cause:
    """A finding that is a cause, its cells, and the blocks of formulas that depend on them."""

    finding: Finding
    areas: list[Range]
    reached: set[int]

    def take(self, follower: Finding) -> None:
        """Add what follows from it."""
        follows = (*self.finding.follows, follower)
        self.finding = replace(self.finding, follows=follows)


class _Causes:
    """The causes found so far; a finding that follows from one of them is added to it."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        has_template = subject.template is not None
        self._ranks = subject.area("out_ranks") if has_template else None
        self._listed = subject.area("xl_cities") if has_template else None
        self._causes: list[_Cause] = []

    def add(self, finding: Finding) -> None:
        """Add a finding to the cause that it follows from, or as one more cause."""
        areas = _areas(finding)
        owner = self._find_owner(finding, areas)
        if owner is not None:
            owner.take(finding)
            return
        reached = self._subject.dependents.below(areas)
        hanging = self._subject.dependents.count(reached, self._ranks)
        owner = self._find_redrawn(finding, hanging)
        if owner is not None:
            owner.take(finding)
            return
        self._causes.append(_Cause(replace(finding, hanging=hanging), areas, reached))

    def in_order(self) -> tuple[Finding, ...]:
        """Return the causes, those on which most ranks hang first."""
        sheets = {name: at for at, name in enumerate(self._subject.book.sheets)}
        causes = [cause.finding for cause in self._causes]
        gravest = min((cause.weight for cause in causes), default=0)

        def weigh(finding: Finding) -> tuple[object, ...]:
            # Where no error is open, what names its city comes first.
            is_first = bool(finding.named) and (gravest > 0 or finding.weight == 0)
            return (
                not is_first,
                -finding.hanging,
                # What is out of date comes after what made it so.
                finding.rule == _STALE,
                finding.weight,
                sheets.get(finding.sheet, -1),
                finding.position or (0, 0),
                finding.rule,
            )

        return tuple(sorted(causes, key=weigh))

    def _find_owner(self, finding: Finding, areas: list[Range]) -> _Cause | None:
        """Return the cause that a finding follows from by its cells, whatever hangs on them."""
        ways = (
            self._find_covering(finding, areas),
            self._find_error_above(finding),
            self._find_name_above(finding, areas),
            self._find_values_outside(finding),
            self._find_anything(finding),
        )
        return next(chain.from_iterable(ways), None)

    def _find_covering(self, finding: Finding, areas: list[Range]) -> Iterator[_Cause]:
        """Yield the causes on the same cells, or with the same fault."""
        for cause in self._causes:
            is_more = finding.rule == _WITHOUT_TOTALS
            is_more &= cause.finding.severity != "error"
            if not is_more and _covers(cause, finding, areas):
                yield cause

    def _find_error_above(self, finding: Finding) -> Iterator[_Cause]:
        """Yield the errors that a symptom follows from, or that an error's cell depends on."""
        if finding.rule not in (*_SYMPTOMS, "E01", _WITHOUT_TOTALS):
            return
        for cause in self._causes:
            if cause.finding.severity != "error":
                continue
            if finding.rule in _SYMPTOMS or self._depends_on(finding, cause):
                yield cause

    def _depends_on(self, finding: Finding, cause: _Cause) -> bool:
        if finding.position is None:
            return False
        place = finding.sheet, finding.position
        return self._subject.dependents.hold(cause.reached, place)

    def _find_name_above(
        self, finding: Finding, areas: list[Range]
    ) -> Iterator[_Cause]:
        """Yield the changed names on which all cells depend that are out of date."""
        if finding.rule != _STALE:
            return
        dependents = self._subject.dependents
        for cause in self._causes:
            if cause.finding.rule != _NAME:
                continue
            reached = dependents.below_name(cause.finding.fault)
            places = chain.from_iterable(product([a.sheet], a.positions) for a in areas)
            if all(dependents.hold(reached, place) for place in places):
                yield cause

    def _find_values_outside(self, finding: Finding) -> Iterator[_Cause]:
        """Yield what has implausible values of `Data`, for the check that counts these."""
        if finding.fault != _CHECK_OF_BOUNDS:
            return
        for cause in self._causes:
            every = (cause.finding, *cause.finding.follows)
            if any(f.rule == _OUTSIDE and f.sheet in DATA for f in every):
                yield cause

    def _find_anything(self, finding: Finding) -> Iterator[_Cause]:
        """Yield all causes for what is an effect of whatever was changed."""
        if finding.is_effect:
            yield from self._causes

    def _find_redrawn(self, finding: Finding, hanging: int) -> _Cause | None:
        """Return the cause for which another template is drawn, with this difference."""
        if not self._listed:
            return None
        is_redrawn = finding.rule in _OF_TEMPLATE and not hanging
        for cause in self._causes:
            if _is_consequence(cause.finding, finding, is_redrawn, self._listed):
                return cause
        return None


def _is_consequence(
    cause: Finding, finding: Finding, redrawn: bool, listed: Range
) -> bool:
    """Tell whether a finding follows from a city's name or a recipe typed over, or a direction.

    `redrawn` tells whether the finding is a difference from the template alone.
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
        return _has_other_values(cause, finding, listed)
    is_listed = any(map(listed.meets, _areas(cause)))
    return is_listed and (redrawn or finding.code == _UNKNOWN)


def _has_other_values(cause: Finding, finding: Finding, listed: Range) -> bool:
    """Tell whether values are unlike before because their city is listed twice, or not at all.

    A city that is twice in the list of cities leaves another one out of it, and its values without
    a city; one that is twice on `Data` has the values of another row.
    """
    areas = _areas(finding)
    if any(map(listed.meets, areas)):
        return True
    if finding.sheet != cause.sheet:
        return False
    rows = {row for _, (row, _) in _places_of(_areas(cause))}
    return all({area.r1, area.r2} <= rows for area in areas)


def _areas(finding: Finding) -> list[Range]:
    """Return the cells of a finding."""
    own = f"{quote_sheet(finding.sheet)}!"
    areas = []
    for text in finding.areas:
        is_whole = "!" in text
        area = parse_area(text if is_whole else own + text.replace(" ", ":"))
        areas += [] if area is None else [area]
    return areas


def _places_of(areas: Iterable[Range]) -> Iterator[tuple[str, Position]]:
    """Yield sheet and position of the cells of areas."""
    for area in areas:
        for position in area.positions:
            yield area.sheet, position


def _cells_of(finding: Finding) -> Iterator[tuple[str, Position]]:
    """Yield sheet and position of the cells of a finding; thousands have one cell each."""
    if finding.position is not None and not finding.region:
        yield finding.sheet, finding.position
    else:
        yield from _places_of(_areas(finding))


def _covers(cause: _Cause, finding: Finding, areas: Sequence[Range]) -> bool:
    """Tell whether the cells of a finding are all among those of a cause, or have its fault."""
    if cause.finding.fault and cause.finding.fault == finding.fault:
        return True
    for area in areas:
        if not any(outer.contains(area) for outer in cause.areas):
            return False
    return bool(areas)


def group_by_cause(findings: Sequence[Finding]) -> list[Finding]:
    """Return a finding for each cause: several of one rule with one fault, or cells that touch."""
    groups: dict[tuple[str, ...], list[Finding]] = {}
    cells: dict[tuple[str, str, str], dict[Position, Finding]] = {}
    for finding in dict.fromkeys(findings):
        kind = finding.rule, finding.severity
        key: tuple[str, ...] = kind
        if finding.rule not in _ONE_CAUSE:
            key = (*kind, finding.fault or finding.message)
            position = finding.position
            if position is not None and not (finding.region or finding.fault):
                cells.setdefault((*kind, finding.sheet), {})[position] = finding
                continue
        groups.setdefault(key, []).append(finding)
    for own_kind, by_position in cells.items():
        for number, area in enumerate(_touching_cells(by_position)):
            groups[*own_kind, str(number)] = [by_position[cell] for cell in area]
    return [*map(_joined_finding, _join_many(groups.values()))]


def _join_many(groups: Collection[list[Finding]]) -> Iterable[list[Finding]]:
    """Return groups of findings; those of a rule that has too many are joined sheet by sheet.

    The seal of another workbook gives thousands: too many to read, or to search for a cause each.
    """
    counts = Counter(group[0].rule for group in groups)
    joined: dict[object, list[Finding]] = {}
    for number, group in enumerate(groups):
        for finding in group:
            key: object = number
            if counts[finding.rule] > _MOST_CAUSES:
                key = (finding.rule, finding.severity, finding.sheet)
            joined.setdefault(key, []).append(finding)
    return joined.values()


def _touching_cells(positions: Iterable[Position]) -> Iterator[list[Position]]:
    """Yield the cells that touch each other, corners included."""
    left = dict.fromkeys(sorted(positions))
    while left:
        area = [next(iter(left))]
        del left[area[0]]
        for row, column in area:
            rows = (row - 1, row, row + 1)
            columns = (column - 1, column, column + 1)
            for near in product(rows, columns):
                if near in left:
                    del left[near]
                    area.append(near)
        yield sorted(area)


def _joined_finding(group: list[Finding]) -> Finding:
    """Return one finding for several: the first, with the cells of all."""
    first, *others = group
    if not others:
        return first
    if first.rule in _LOOKS:
        return replace(first, follows=tuple(others))
    positions = grouped(chain.from_iterable(map(_cells_of, group)))
    regions = []
    for sheet, cells in positions.items():
        texts = ranges_text(dict.fromkeys(cells)).split(", ")
        prefix = "" if sheet == first.sheet else f"{quote_sheet(sheet)}!"
        regions += [prefix + text for text in texts]
    elsewhere = sum(finding.sheet != first.sheet for finding in others)
    message = Message(
        "lint.more_cells_elsewhere" if elsewhere else "lint.more_cells",
        message=first.message,
        number=len(others),
        elsewhere=elsewhere,
    )
    return replace(first, message=message, region=", ".join(regions), count=len(group))
