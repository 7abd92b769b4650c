"""Comparison with earlier editions, never across statuses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from xlcity.figures.contents import Label
from xlcity.functions.rank import rank_competition
from xlcity.index.result import is_relative
from xlcity.model.dataset import FloatArray, State, Status

if TYPE_CHECKING:
    from xlcity.report.source import ReportSource

#: Series of the values of the previous edition, by code.
BEFORE = "before"
#: What the previous edition is called where it has no name.
UNNAMED = Label("上届", "the previous edition")
_INVENTED = Status.SYNTHETIC.value
#: Least former value that growth in per cent is given of, as a share of the median.
_LEAST_BASE = 0.1


@dataclass(frozen=True)
class EarlierRanks:
    """Ranks of an earlier edition.

    Attributes
    ----------
    label
        What the edition is called.
    ranks
        (City, node) -> rank.
    units
        Its cities, where all of them are known.
    status
        (City, node) -> what a rank is, where that is not "printed".
    """

    label: Label
    ranks: Mapping[tuple[str, str], int]
    units: frozenset[str] = field(default=frozenset())
    status: Mapping[tuple[str, str], str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class IndicatorGrowth:
    """Growth of an indicator in a city and on average: in per cent, of shares in points."""

    code: str
    own: float
    mean: float
    before: float
    is_share: bool


class RanksOfCity(NamedTuple):
    """A city's rank in the previous edition and in this one."""

    then: int
    now: int


class EarlierEditions:
    """Compares an index with the editions before it.

    What is invented is compared with nothing that is not. Where ranks of this edition rest on
    invented values and the report printed them, the printed ones are compared.
    """

    def __init__(self, source: ReportSource) -> None:
        self.source = source
        self.result = source.result
        #: The previous edition; of a first one nothing is known.
        self.last = source.earlier[0] if source.earlier else EarlierRanks(UNNAMED, {})
        self._moves_among: dict[tuple[str, str], Mapping[int, int]] = {}

    @cached_property
    def printed_ranks(self) -> Mapping[tuple[str, str], int]:
        """Ranks of this edition that the report printed: (city, node) -> rank."""
        ranks: dict[tuple[str, str], int] = {}
        for table in self.source.spec.printed:
            for unit, rank in table.ranks.items():
                ranks[unit, table.node] = rank
        return ranks

    def is_beside_print(self, code: str) -> bool:
        """Tell whether earlier ranks in a node stand beside the printed ranks of this edition."""
        is_invented = self.source.node_status.get(code) == _INVENTED
        is_last_printed = _INVENTED not in self.last.status.values()
        return bool(self.source.earlier) and is_invented and is_last_printed

    def last_rank(self, row: int, code: str) -> int | None:
        """Return the rank of the previous edition."""
        unit = self.result.dataset.units[row].id
        return self.last.ranks.get((unit, code))

    def rank_beside(self, row: int, code: str) -> int | None:
        """Return the rank of this edition that stands beside that of the previous edition."""
        key = (self.result.dataset.units[row].id, code)
        is_invented = self.source.node_status.get(code) == _INVENTED
        if is_invented == (self.last.status.get(key) == _INVENTED):
            return self.source.rank(row, code)
        return self.printed_ranks.get(key) if is_invented else None

    def change(self, row: int, code: str) -> int | None:
        """Return by how many places a city is better than in the previous edition.

        Among the cities of both editions, where others came or went: this is the one move of a city
        that texts, tables and figures state.
        """
        group = self.result.dataset.units[row].population
        if moves := self.moves_among(code, group):
            return moves.get(row)
        last = self.last_rank(row, code)
        now = self.rank_beside(row, code)
        return None if last is None or now is None else last - now

    def moves_among(self, code: str, population: str) -> Mapping[int, int]:
        """Return by how many places cities of a group moved among those of both editions.

        Empty where no city came or went. Found once: every cell of a table asks for it.
        """
        key = code, population
        if key not in self._moves_among:
            rows = self.order_beside(code, population)
            self._moves_among[key] = self.changes_among(code, rows)
        return self._moves_among[key]

    def known_share(self, code: str, rows: Sequence[int]) -> float:
        """Return of which share of the cities that are not new both ranks are known."""
        known = self.continuing(code, rows)
        old = [row for row in rows if not self.is_new(row)]
        return len(known) / len({*old, *known}) if known else 0.0

    def order_beside(self, code: str, population: str = "") -> list[int]:
        """Return the cities in the order of the ranks that stand beside earlier ones.

        Printed ranks are those of all cities, whatever is filled.
        """
        if not self.is_beside_print(code):
            return self.source.order(code, population)
        group = population or self.source.population
        ranks: dict[int, int] = {}
        for row, unit in enumerate(self.source.units):
            rank = self.rank_beside(row, code)
            if rank and unit.population == group:
                ranks[row] = rank
        return sorted(ranks, key=ranks.__getitem__)

    def continuing(self, code: str, rows: Sequence[int]) -> dict[int, RanksOfCity]:
        """Return the ranks then and now of the cities that can be compared.

        Where the ranks of all cities that continue are known, and others came or went, these are
        ranks among them alone.
        """
        continuing = _in_both(self, rows)
        comparable: dict[int, RanksOfCity] = {}
        for row in continuing or rows:
            then = self.last_rank(row, code)
            now = self.rank_beside(row, code)
            if then and now:
                comparable[row] = RanksOfCity(then, now)
        if not continuing or len(comparable) < len(continuing):
            return comparable
        columns = np.array([*comparable.values()], dtype=float)
        among = rank_competition(-columns, ties="min", digits=9).values.astype(int)
        ranks = (RanksOfCity(*pair) for pair in among.tolist())
        return dict(zip(comparable, ranks, strict=True))

    def changes_among(self, code: str, rows: Sequence[int]) -> dict[int, int]:
        """Return by how many places cities moved among those that continue.

        Empty where no city came or went, or where ranks of some continuing cities are not known.
        """
        ranks = self.continuing(code, rows)
        n = len(_in_both(self, rows))
        is_known = 0 < n == len(ranks)
        is_same_sample = n == len(rows) == len(self.last.units)
        if is_same_sample or not is_known:
            return {}
        return {row: then - now for row, (then, now) in ranks.items()}

    def is_new(self, row: int) -> bool:
        """Tell whether a city was not part of the previous edition."""
        units = self.last.units
        return bool(units) and self.result.dataset.units[row].id not in units

    def is_invented_value(self, row: int, code: str) -> bool:
        """Tell whether the value of an indicator is invented, or rests on invented ones."""
        dataset = self.result.dataset
        column = dataset.column(code) if code in dataset.codes else -1
        if column >= 0 and dataset.states[row, column] == State.VALUE:
            return bool(dataset.basis[row, column] == Status.SYNTHETIC)
        return self.source.node_status.get(code) == _INVENTED

    @cached_property
    def growth(self) -> Mapping[str, FloatArray]:
        """Growth of the indicators since the previous edition, where both values are known.

        In per cent; of shares in percentage points. Indicators of which less is better have none,
        nor those that are relative to the sample. An invented value has none against one that is
        not, nor has a value that is missing or estimated now, nor one that was far below the
        others: of nearly nothing everything is many per cent.
        """
        growth_by_code = {}
        for column, code in enumerate(self.result.leaf_codes):
            is_less_better = self.result.framework[code].direction < 0
            if is_less_better or is_relative(code, self.result.recipe):
                continue
            then = self._comparable_values(code)
            now = self.result.raw[:, column]
            growth = self._growth_between(code, then, now)
            if np.isfinite(growth).any():
                growth_by_code[code] = growth
        return growth_by_code

    def _comparable_values(self, code: str) -> FloatArray:
        """Return the former values of an indicator, NaN where those of now are of another kind."""
        status = self.source.before_status
        units = self.result.dataset.units
        then = self.source.outside_values(BEFORE, code)
        for row in np.flatnonzero(np.isfinite(then)).tolist():
            was_invented = status.get((units[row].id, code)) == _INVENTED
            is_invented = self.is_invented_value(row, code)
            if was_invented != is_invented or self.source.gaps.signs(row, code):
                then[row] = np.nan
        return then

    def _growth_between(
        self, code: str, then: FloatArray, now: FloatArray
    ) -> FloatArray:
        """Return the growth of an indicator in each city, NaN where none can be told."""
        if self.result.framework[code].is_share:
            return now - then
        # A balance, such as net migration, has no growth in per cent.
        is_balance = (then < 0).any() or (now < 0).any()
        if is_balance or not np.isfinite(then).any():
            return np.full_like(then, np.nan)
        has_base = then > _LEAST_BASE * np.nanmedian(then)
        with np.errstate(all="ignore"):
            return np.where(has_base, 100 * (now / then - 1), np.nan)

    def growth_of(self, row: int) -> list[IndicatorGrowth]:
        """Return the growth of all indicators of a city that have one, risen or fallen."""
        unit = self.result.dataset.units[row].id
        before = self.source.outside.get(BEFORE, {})
        every = []
        for code, mean in self._mean_growth.items():
            own = float(self.growth[code][row])
            if np.isfinite(own):
                growth = IndicatorGrowth(
                    code,
                    own,
                    mean,
                    before=before[unit, code],
                    is_share=self.result.framework[code].is_share,
                )
                every.append(growth)
        return every

    @cached_property
    def _mean_growth(self) -> Mapping[str, float]:
        growth = self.growth.items()
        return {code: float(np.nanmean(values)) for code, values in growth}


def _in_both(editions: EarlierEditions, rows: Sequence[int]) -> list[int]:
    """Return the cities that the previous edition had too."""
    units = editions.result.dataset.units
    return [row for row in rows if units[row].id in editions.last.units]
