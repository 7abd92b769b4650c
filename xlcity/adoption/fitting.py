"""Fits a team's table to an index that there is, and says what only a person can answer.

A city without a row in the index, an indicator without a column, a column in another measure: each
is a question, and what was answered stands in the choices of `propose_map`. The map that comes of
it is read by `fill` and `roll`.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import filterfalse, pairwise
from typing import Any

from xlcity.adoption.adopt import adopt_by_map
from xlcity.adoption.cells import without_unit, without_year
from xlcity.adoption.maps import with_directions
from xlcity.adoption.measures import conversion_factor
from xlcity.adoption.proposal import ColumnProposal, MapProposal, propose_map
from xlcity.adoption.reading import codes_by_column, map_of, other_measure
from xlcity.index.steps import shares_in_node
from xlcity.model.dataset import Unit
from xlcity.model.framework import Framework
from xlcity.model.reading.tables import Cells
from xlcity.model.reading.units import Match, UnitMatcher, fold_name
from xlcity.reports.known_cities import fold_city, near_city_names

#: How alike a heading and the name of an indicator are at least to be asked about.
_ALIKE = 0.5
#: Most headings that are proposed for an indicator.
_NAMED = 3


@dataclass(frozen=True, slots=True)
class OpenCity:
    """A name that is no city of the index, and names of cities that it may mean."""

    name: str
    near: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OpenIndicator:
    """An indicator without a column: its share of the index, and columns that may be meant."""

    code: str
    share: float
    near: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OpenMeasure:
    """A column in another measure than its indicator has, and what would convert it.

    `factor` is None where the words of the two do not tell.
    """

    code: str
    column: str
    uom: str
    own: str
    factor: float | None


@dataclass(frozen=True)
class Fitted:
    """A table as it is read for an index.

    Attributes
    ----------
    proposal
        How it is read: indicators are columns of the index, with its codes.
    cities, indicators, measures
        What is open.
    absent
        Ids of cities of the index that have no row.
    spare
        Names of columns of numbers that are no indicator of the index.
    found
        How many indicators have a column.
    """

    proposal: MapProposal
    cities: tuple[OpenCity, ...] = ()
    indicators: tuple[OpenIndicator, ...] = ()
    measures: tuple[OpenMeasure, ...] = ()
    absent: tuple[str, ...] = ()
    spare: tuple[str, ...] = ()
    found: int = 0


def fit_table(
    sheets: Mapping[str, Cells],
    chosen: Mapping[str, Any],
    framework: Framework,
    units: Sequence[Unit],
) -> Fitted:
    """Fit a table to the framework and the cities of an index.

    Parameters
    ----------
    sheets
        The cells of the file.
    chosen
        As `propose_map` takes it. The code of a column is that of the index; a column whose role is
        "none" is left out. `new` lists names of cities that are added.
    framework, units
        Those of the index.

    Raises
    ------
    DataError
        If the sheet cannot be read.
    """
    proposal = propose_map(sheets, chosen)
    matcher = UnitMatcher(units)
    codes = _codes_of(proposal, chosen, framework)
    columns = tuple(_fitted_columns(proposal.columns, codes, framework))
    read = replace(proposal, columns=columns, misspelt={}, groups={})
    if "skip" not in chosen:
        read = _with_known_rows(read, matcher)
    spare = tuple(_spare_columns(proposal, chosen, codes))
    fitted = Fitted(read, spare=spare)
    if proposal.city < 0 or not codes:
        return fitted
    names = _city_names(sheets, read)
    added = {*chosen.get("new", ())}
    asked = [n for n in names if n not in added and not _is_known(n, matcher)]
    absent = _not_named(units, names, matcher)
    indicators = [node.code for node in framework.indicators]
    lacking = [*filterfalse({*codes.values()}.__contains__, indicators)]
    return replace(
        fitted,
        cities=tuple(_open_cities(asked, absent, proposal)),
        indicators=tuple(_open_indicators(lacking, spare, framework)),
        measures=tuple(_open_measures(columns, framework)),
        absent=_scored_ids(absent),
        found=len(indicators) - len(lacking),
    )


def _with_known_rows(proposal: MapProposal, matcher: UnitMatcher) -> MapProposal:
    """Return a proposal that leaves out no city of the index."""
    skip = (name for name in proposal.skip if not _is_known(name, matcher))
    return replace(proposal, skip=tuple(skip))


def _is_known(name: str, matcher: UnitMatcher) -> bool:
    return isinstance(matcher.match(name), Match)


def _scored_ids(units: Iterable[Unit]) -> tuple[str, ...]:
    return tuple(unit.id for unit in units if unit.is_scored)


def _not_named(
    units: Iterable[Unit], names: Iterable[str], matcher: UnitMatcher
) -> list[Unit]:
    """Return the cities that none of the names means."""
    matches = map(matcher.match, names)
    present = {match.unit.id for match in matches if isinstance(match, Match)}
    return [unit for unit in units if unit.id not in present]


def _codes_of(
    proposal: MapProposal, chosen: Mapping[str, Any], framework: Framework
) -> dict[int, str]:
    """Return column -> the code of the index: what a person has chosen, then what is found."""
    codes = _chosen_codes(proposal, chosen, framework)
    left_out = _left_out(chosen)
    names = {column.column: column.name for column in proposal.columns}
    for column, code in codes_by_column(proposal, framework).items():
        is_free = column not in codes and code not in codes.values()
        if is_free and names[column] not in left_out:
            codes[column] = code
    return codes


def _left_out(chosen: Mapping[str, Any]) -> set[str]:
    columns: Mapping[str, Mapping[str, Any]] = chosen.get("columns", {})
    return {name for name, own in columns.items() if own.get("role") == "none"}


def _spare_columns(
    proposal: MapProposal, chosen: Mapping[str, Any], codes: Collection[int]
) -> Iterator[str]:
    """Yield the names of columns of numbers that are no indicator of the index."""
    left_out = _left_out(chosen)
    for column in proposal.indicators:
        if column.column not in codes and column.name not in left_out:
            yield column.name


def _chosen_codes(
    proposal: MapProposal, chosen: Mapping[str, Any], framework: Framework
) -> dict[int, str]:
    """Return column -> the code of the index that a person has chosen for it."""
    codes = {}
    for column in proposal.columns:
        own = chosen.get("columns", {}).get(column.name, {})
        if own.get("code") in framework.inputs and own.get("role") != "none":
            codes[column.column] = str(own["code"])
    return codes


def _fitted_columns(
    columns: Iterable[ColumnProposal], codes: Mapping[int, str], framework: Framework
) -> Iterator[ColumnProposal]:
    """Yield the columns, those of the index as indicators and no other."""
    for column in columns:
        code = codes.get(column.column)
        if code is not None:
            way = getattr(framework.inputs[code], "direction", 1)
            yield replace(column, role="indicator", code=code, direction=int(way) or 1)
        elif column.role == "indicator":
            yield replace(column, role="none")
        else:
            yield column


def _city_names(sheets: Mapping[str, Cells], proposal: MapProposal) -> list[str]:
    """Return the names of cities as they are read of a table."""
    team_map = with_directions(map_of(proposal))
    names = adopt_by_map("", sheets, team_map).table.texts(0)
    return [*dict.fromkeys(filter(None, names))]


def _open_cities(
    names: Iterable[str], absent: Sequence[Unit], proposal: MapProposal
) -> Iterator[OpenCity]:
    id_by_name: dict[str, str] = {}
    for unit in absent:
        shown = unit.name_zh or unit.name_en or unit.id
        id_by_name |= dict.fromkeys(map(fold_city, unit.spellings), shown)
    for name in names:
        near = [id_by_name[each] for each in near_city_names(name, id_by_name)]
        near += proposal.misspelt.get(name, ())
        yield OpenCity(name, tuple(dict.fromkeys(near))[:_NAMED])


def _open_indicators(
    codes: Iterable[str], spare: Sequence[str], framework: Framework
) -> Iterator[OpenIndicator]:
    for code in codes:
        node = framework[code]
        names = [fold_name(n) for n in (node.name_zh, node.name_en, code) if n]
        alike = {column: _likeness(column, names) for column in spare}
        near = [column for column in spare if alike[column] >= _ALIKE]
        near.sort(key=alike.__getitem__, reverse=True)
        yield OpenIndicator(code, _share_of(framework, code), tuple(near[:_NAMED]))


def _share_of(framework: Framework, code: str) -> float:
    """Return how much of the index an indicator is, by the weights that are given."""
    path = pairwise(framework.path(code))
    shares = (shares_in_node(framework, up.code)[node.code] for up, node in path)
    return math.prod(shares)


def _likeness(column: str, names: Iterable[str]) -> float:
    """Return how alike a heading is to the likest of some names, from 0 to 1."""
    heading = fold_name(without_unit(without_year(column)))
    ratios = []
    for name in names:
        is_part = heading in name or name in heading
        ratio = difflib.SequenceMatcher(None, heading, name).ratio()
        ratios.append(1.0 if is_part else ratio)
    return max(ratios)


def _open_measures(
    columns: Iterable[ColumnProposal], framework: Framework
) -> Iterator[OpenMeasure]:
    for column in columns:
        if column.role == "indicator" and other_measure(column, framework):
            node = framework.inputs[column.code]
            own = node.uom_zh or node.uom
            factors = [conversion_factor(column.uom, each) for each in (own, node.uom)]
            found = next((factor for factor in factors if factor is not None), None)
            factor = None if found is None else float(found)
            yield OpenMeasure(
                code=column.code,
                column=column.name,
                uom=column.uom,
                own=own,
                factor=factor,
            )
