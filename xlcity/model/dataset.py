"""Units and values: what was measured, what is confirmed missing, what is not filled yet."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, StrEnum
from functools import cached_property
from itertools import chain
from operator import attrgetter
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from xlcity.model.nodes import odd_characters

FloatArray = NDArray[np.float64]
StateArray = NDArray[np.uint8]


class State(np.uint8, Enum):
    """A value, the two kinds of empty, and what was typed but cannot be used.

    Functions of the library take the first three as they are: they are numbered as `CellState`.
    """

    VALUE = 0
    BLANK = 1  # not filled yet: nodes above it are not computed, the book is a draft
    MISSING = 2  # a missing code was written: the recipe's rule acts
    UNUSABLE = (
        3  # no number and no missing code: as not filled, also where a blank is missing
    )


#: States of inputs that are still to be filled.
UNFILLED = (State.BLANK, State.UNUSABLE)


class Status(StrEnum):
    """Where a value comes from."""

    PRINTED = "printed"
    ENTERED = "entered"
    SUBSTITUTED = "substituted"
    DERIVED = "derived"
    SYNTHETIC = "synthetic"


@dataclass(frozen=True, slots=True)
class Unit:
    """A city.

    `population` names the group it is scored in ("main", "mini"); blank leaves it out. Any further
    attribute (region, size class, an outside variable) is text under its own key.
    """

    id: str
    name_zh: str = ""
    name_en: str = ""
    aliases: tuple[str, ...] = ()
    population: str = "main"
    attributes: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_scored(self) -> bool:
        """Whether it belongs to a group that is scored."""
        return bool(self.population)

    @property
    def names(self) -> tuple[str, ...]:
        """What it is called: its names and aliases, as far as it has them."""
        names = (self.name_zh, self.name_en, *self.aliases)
        return tuple(name for name in names if name)

    @property
    def spellings(self) -> tuple[str, ...]:
        """Every text that stands for it: its names, its aliases and its id."""
        return (*self.names, self.id)


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a list behind an indicator: an institution with its ranks, as they were typed.

    `ranks` maps the name of a ranking to its rank or band ("7", "101–150"; "" is not on it).
    """

    unit: str
    name: str
    ranks: Mapping[str, str] = field(default_factory=dict)
    basis: str = ""

    @property
    def cities(self) -> frozenset[str]:
        """The city it belongs to."""
        return frozenset((self.unit,))

    @property
    def key(self) -> tuple[object, ...]:
        """City, name and ranks: lines with equal keys are the same."""
        return self.unit, self.name, *sorted(self.ranks.items())


@dataclass(frozen=True, slots=True)
class Link:
    """How strongly one city is linked with another, as it was typed.

    `value` is NaN for a missing code: the pair was looked at, and counts as 0.
    """

    start: str
    end: str
    value: float
    basis: str = ""

    @property
    def cities(self) -> frozenset[str]:
        """The cities it links."""
        return frozenset((self.start, self.end))

    @property
    def key(self) -> tuple[object, ...]:
        """Both ends and the value (None: missing): links with equal keys are the same."""
        return self.start, self.end, self.value if self.value == self.value else None


@dataclass(frozen=True)
class Dataset:
    """Values of units x indicators.

    Parameters
    ----------
    units
        The n cities, in the order that settles ties.
    codes
        The k codes: indicators, their ingredients, nodes with values of their own.
    values
        (n, k), each in its indicator's uom; NaN exactly where `states` is not VALUE.
    states
        (n, k) of `State`.
    basis
        (n, k) of `Status` text, "" where there is no value.
    items
        Indicator code -> its list of institutions; an indicator without any line is not filled yet.
    links
        Indicator code -> the links between cities that it is made from, in any order; a pair that
        is not among them is 0. An indicator without any link is not filled yet.
    """

    units: tuple[Unit, ...]
    codes: tuple[str, ...]
    values: FloatArray
    states: StateArray
    basis: NDArray[np.str_]
    items: Mapping[str, tuple[Item, ...]] = field(default_factory=dict)
    links: Mapping[str, tuple[Link, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse arrays of another shape than units x codes, and values that contradict states."""
        shape = (len(self.units), len(self.codes))
        if not self.values.shape == self.states.shape == self.basis.shape == shape:
            raise ValueError(f"values, states and basis must have the shape {shape}")
        if not np.array_equal(np.isnan(self.values), self.states != State.VALUE):
            raise ValueError("a value is NaN exactly where its state is not VALUE")

    def __repr__(self) -> str:
        """Return how many cities and codes there are."""
        return f"<Dataset: {len(self.units)} cities x {len(self.codes)} codes>"

    @cached_property
    def rows(self) -> Mapping[str, int]:
        """Id of a unit -> its row in the arrays."""
        return {unit.id: row for row, unit in enumerate(self.units)}

    @cached_property
    def populations(self) -> Mapping[str, np.ndarray]:
        """Population -> rows of its units; populations in the order in which units name them."""
        names = np.array([unit.population for unit in self.units])
        return {
            name: np.flatnonzero(names == name)
            for name in dict.fromkeys(names.tolist())
            if name
        }

    @cached_property
    def has_odd_names(self) -> bool:
        """Whether an id or a name of a unit has characters that are unseen or look like others."""
        names = chain.from_iterable(
            map(attrgetter("id", "name_zh", "name_en"), self.units)
        )
        return bool(odd_characters("".join("".join(names).split())))

    @cached_property
    def columns(self) -> Mapping[str, int]:
        """Code -> its column in the arrays."""
        return {code: column for column, code in enumerate(self.codes)}

    def row(self, unit_id: str) -> int:
        """Return the row of a unit in the arrays."""
        return self.rows[unit_id]

    def column(self, code: str) -> int:
        """Return the column of a code in the arrays."""
        return self.columns[code]

    def reindexed(
        self,
        units: tuple[Unit, ...],
        codes: tuple[str, ...],
    ) -> Dataset:
        """Return a dataset of these units and codes, in this order.

        Values are taken over; units and codes that this dataset lacks are blank. Lists and links
        stay as they are.
        """
        rows = [self.rows.get(unit.id, -1) for unit in units]
        columns = [self.columns.get(code, -1) for code in codes]
        cells = np.ix_(rows, columns)
        # -1 is the last row or column: the blanks that padding adds.
        values = np.pad(self.values, (0, 1), constant_values=np.nan)[cells]
        states = np.pad(self.states, (0, 1), constant_values=State.BLANK)[cells]
        basis = np.pad(self.basis, (0, 1), constant_values="")[cells]
        return replace(
            self,
            units=units,
            codes=codes,
            values=values,
            states=states,
            basis=basis,
        )

    @cached_property
    def synthetic(self) -> int:
        """How many values of scored units, lines of lists and links are invented."""
        scored = np.array([unit.is_scored for unit in self.units], dtype=bool)
        is_synthetic = (self.states == State.VALUE) & (self.basis == Status.SYNTHETIC)
        items = chain.from_iterable(self.items.values())
        links = chain.from_iterable(self.links.values())
        sources = (line.basis for line in chain[Item | Link](items, links))
        return int(is_synthetic[scored].sum()) + [*sources].count(Status.SYNTHETIC)

    def with_basis_of(self, shipped: Dataset) -> Dataset:
        """Return a dataset in which each value that equals the shipped one has the status of that.

        A status says where a value comes from, see `Status`. A value that differs from the shipped
        one keeps its own status, as the cells of a template do. Lists and links are compared line
        by line.

        Parameters
        ----------
        shipped
            The data that a report came with.
        """
        same_cells = shipped.reindexed(self.units, self.codes)
        basis = np.where(self.values == same_cells.values, same_cells.basis, self.basis)
        items = {
            code: _replace_by_shipped(lines, shipped.items.get(code, ()))
            for code, lines in self.items.items()
        }
        links = {code: self._links_as_shipped(code, shipped) for code in self.links}
        return replace(self, basis=basis, items=items, links=links)

    def _links_as_shipped(self, code: str, shipped: Dataset) -> tuple[Link, ...]:
        """Return an indicator's links, those that were shipped with the status of then."""
        links = self.links[code]
        by_key = shipped._links_by_key.get(code, {})
        try:
            return tuple(by_key[link.key] for link in links)
        except KeyError:
            return _replace_by_shipped(
                links, _both_ways(shipped.links.get(code, ()), links)
            )

    @cached_property
    def _links_by_key(self) -> dict[str, dict[tuple[object, ...], Link]]:
        """Links by indicator and key; of those with equal keys the first."""
        return {code: _first_by_key(links) for code, links in self.links.items()}

    def with_statuses(self, lines: Iterable[tuple[str, str, object, str]]) -> Dataset:
        """Return a dataset with the statuses that lines of `Sources` give to values.

        Parameters
        ----------
        lines
            City, indicator, the value that the status belongs to ("" or None: any), status.
        """
        basis = self.basis.copy()
        for unit, code, value, status in lines:
            if status in [*Status] and unit in self.rows and code in self.codes:
                cell = self.rows[unit], self.column(code)
                if self.states[cell] == State.VALUE and value in (
                    None,
                    "",
                    self.values[cell],
                ):
                    basis[cell] = status
        return replace(self, basis=basis)

    def digest(self) -> str:
        """Return a hash of units, codes, values, states, items and links (not of the basis)."""
        content: list[object] = [
            [[unit.id, unit.population] for unit in self.units],
            list(self.codes),
            [[*map(_none_for_nan, row)] for row in self.values.tolist()],
            self.states.tolist(),
        ]
        if self.items:
            content.append({code: _item_lists(self.items[code]) for code in self.items})
        if self.links:
            content.append({code: _link_lists(self.links[code]) for code in self.links})
        payload = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(payload.encode()).hexdigest()


def _none_for_nan(value: float) -> float | None:
    return None if value != value else value


def _item_lists(items: Iterable[Item]) -> list[list[object]]:
    return [[item.unit, item.name, dict(item.ranks)] for item in items]


def _link_lists(links: Iterable[Link]) -> list[list[object]]:
    lines = [(link.start, link.end, _none_for_nan(link.value)) for link in links]
    return [[*line] for line in sorted(lines, key=lambda line: line[:2])]


def as_slice(rows: np.ndarray) -> np.ndarray | slice:
    """Return row numbers as a slice if they follow each other, else as they are.

    A slice gives a view of an array, not a copy. The numbers are distinct and ascend.
    """
    if rows.size and rows[-1] - rows[0] + 1 == rows.size:
        return slice(int(rows[0]), int(rows[-1]) + 1)
    return rows


_Line = TypeVar("_Line", Item, Link)


def _replace_by_shipped(
    lines: tuple[_Line, ...], shipped: Sequence[_Line]
) -> tuple[_Line, ...]:
    """Return lines, each as the shipped line with the same key if there is one.

    Lines with equal keys differ in their status at most.
    """
    shipped_by_key = _first_by_key(shipped)
    return tuple(shipped_by_key.get(line.key, line) for line in lines)


def _first_by_key(lines: Sequence[_Line]) -> dict[tuple[object, ...], _Line]:
    """Return key -> line; of lines with equal keys the first one counts."""
    return {line.key: line for line in reversed(lines)}


def _both_ways(shipped: Sequence[Link], links: Sequence[Link]) -> tuple[Link, ...]:
    """Return the shipped links, and the reverse of those that were turned round since.

    A tie counts alike in both directions, and may have been typed the other way. Left out are links
    that are shipped in both directions, or that `links`, the ones to compare with, have unturned.
    """
    shipped_pairs = {(link.start, link.end) for link in shipped}
    own_pairs = {(link.start, link.end) for link in links}
    reversed_links = (
        replace(link, start=link.end, end=link.start)
        for link in shipped
        if (link.start, link.end) not in own_pairs
        and (link.end, link.start) not in shipped_pairs
    )
    return (*shipped, *reversed_links)
