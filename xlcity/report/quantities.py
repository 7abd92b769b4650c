"""Quantities of cities that figures and tables name by a word: scores, inputs, outside series."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

import numpy as np

from xlcity.figures.contents import Label, Numbers
from xlcity.index.satellites import SatelliteScores, score_satellites
from xlcity.model.dataset import Status
from xlcity.model.reading.tables import float_of
from xlcity.model.satellites import FIELD, of_kind
from xlcity.report.contents import NOTHING
from xlcity.report.declared import Declaration, declared
from xlcity.report.earlier_editions import BEFORE
from xlcity.report.source import ReportSource
from xlcity.report.texts import filled, report_texts

#: Before what is wanted of each field.
_FIELDS = "fields:"
#: Bits of a hash that make an invented number.
_BITS = 2**32


class LackingError(LookupError):
    """An index has no quantity of that word."""


@dataclass(frozen=True, eq=False)
class Quantity:
    """Numbers of the cities in the order of the data, and how many of them are invented.

    `code` is that of the node whose scores they are; `invented_rows` are the cities whose number
    is invented, or rests on invented ones.
    """

    label: Label
    values: Numbers
    uom: Label = NOTHING
    invented: int = 0
    code: str = ""
    invented_rows: frozenset[int] = frozenset()


class Quantities:
    """Finds quantities by their words.

    A word is a kind and a name: "score:A1", "data:01" (what was typed or made from it),
    "satellite:AGG", "count:B4.3" (lines of a list), "attribute:gdp", "links:17" (sum of a city's
    links) or "series:patents/2022".

    Parameters
    ----------
    source
        The index. Its outside series have values of cities by name and key; what they lack is
        invented as the report declares it, the same numbers each time.
    """

    def __init__(self, source: ReportSource) -> None:
        self.source = source
        self._series = declared(source.spec.id, "series")

    @cached_property
    def _satellites(self) -> SatelliteScores:
        return score_satellites(self.source.result)

    def find(self, word: str) -> Quantity:
        """Return a quantity."""
        kind, name = word.split(":", 1)
        makers: Mapping[str, Callable[[str], Quantity]] = {
            "score": self._score, "data": self._data, "scaled": self._scaled,
            "satellite": self._satellite, "count": self._count, "papers": self._papers,
            "attribute": self._attribute, "series": self._outside, "links": self._links,
        }  # fmt: skip
        try:
            return makers[kind](name)
        except (KeyError, ValueError, StopIteration) as error:
            raise LackingError(word) from error

    def all(self, words: Sequence[str]) -> list[Quantity]:
        """Return several quantities; "fields:papers" are those of all fields."""
        fields = of_kind(self.source.result.framework, FIELD)
        every = [
            name
            for word in words
            for name in (
                [f"data:{field.code}.{word.removeprefix(_FIELDS)}" for field in fields]
                if word.startswith(_FIELDS)
                else [word]
            )
        ]
        if words and not every:
            raise LackingError(*words)
        return [self.find(word) for word in every]

    def _score(self, code: str) -> Quantity:
        values = np.asarray(self.source.result.column(code))
        rows = self._invented_rows(code)
        return Quantity(self.source.scored(code), values, code=code, invented_rows=rows)

    def _invented_rows(self, code: str) -> frozenset[int]:
        """Return the cities whose value of an indicator, or score in a node, is invented."""
        invented = self.source.editions.is_invented_value
        return frozenset(row for row in range(len(self.source.units)) if invented(row, code))

    def _data(self, code: str) -> Quantity:
        result = self.source.result
        tree = result.framework
        if code in result.leaf_codes:
            values, node = result.raw[:, result.leaf_codes.index(code)], tree[code]
            uom = Label(node.uom_zh or node.uom, node.uom or node.uom_zh)
            rows = self._invented_rows(code)
            return Quantity(self.source.node(code), values, uom, invented_rows=rows)
        parts = {
            ingredient.code: ingredient
            for ingredient in (*tree.ingredients, *tree.satellite_inputs)
        }
        part, dataset = parts[code], result.dataset
        values = dataset.values[:, dataset.column(code)]
        uom = Label(part.uom_zh or part.uom, part.uom or part.uom_zh)
        label, rows = Label(part.name_zh, part.name_en), self._invented_rows(code)
        return Quantity(label, values, uom, invented_rows=rows)

    def _scaled(self, code: str) -> Quantity:
        """Return an input from 0 to 100 between its least and its greatest value."""
        quantity = self._data(code)
        low, high = np.fmin.reduce(quantity.values), np.fmax.reduce(quantity.values)
        values = 100 * (quantity.values - low) / (high - low)
        return Quantity(
            quantity.label, values, Label("0–100"), invented_rows=quantity.invented_rows
        )

    def _papers(self, name: str) -> Quantity:
        """Return the papers of a city in all fields."""
        every = self.all([f"{_FIELDS}papers{name}"])
        label = report_texts("figures")["declared"]["papers"]
        return Quantity(filled(label, {}), np.sum([quantity.values for quantity in every], axis=0))

    def _satellite(self, code: str) -> Quantity:
        satellite = next(s for s in self.source.result.framework.satellites if s.code == code)
        return Quantity(Label(satellite.name_zh, satellite.name_en), self._satellites.column(code))

    def _count(self, code: str) -> Quantity:
        lines = [item.unit for item in self.source.result.dataset.items.get(code, ())]
        values = np.array([float(lines.count(unit.id)) for unit in self.source.units])
        # An indicator that is above 0 without any line has its value from elsewhere.
        values[(values == 0) & (self._data(code).values > 0)] = np.nan
        items = self.source.result.dataset.items.get(code, ())
        invented = {item.unit for item in items if item.basis == Status.SYNTHETIC}
        rows = frozenset(row for row, u in enumerate(self.source.units) if u.id in invented)
        return Quantity(self.source.node(code), values, invented_rows=rows)

    def _links(self, code: str) -> Quantity:
        total = dict.fromkeys((unit.id for unit in self.source.units), 0.0)
        for link in self.source.result.dataset.links.get(code, ()):
            if np.isfinite(link.value):
                for unit in {link.start, link.end} & total.keys():
                    total[unit] += link.value
        return Quantity(self.source.node(code), np.array([*total.values()]))

    def _attribute(self, name: str) -> Quantity:
        values = [float_of(unit.attributes.get(name, "")) for unit in self.source.units]
        return Quantity(Label(name, name), np.array(values, dtype=np.float64))

    def _outside(self, name: str) -> Quantity:
        """Return a column of an outside series; what it lacks is invented."""
        series, key = name.split("/", 1)
        rule = self._series[series]
        given = self.source.outside.get(series, {})
        values = np.array([given.get((unit.id, key), np.nan) for unit in self.source.units])
        lacking = np.isnan(values)
        like = self.find(self.like(rule, key)).values
        rows = np.flatnonzero(lacking & np.isfinite(like))
        for row in rows.tolist():
            values[row] = self._invented(series, key, rule, row, float(like[row]))
        label = next((Label(*words) for own, *words in self.keys(series) if own == key), None)
        if series == BEFORE and self.source.spec.last is not None:
            name = self.source.spec.last.edition
            label = Label(name or "上届", name or "previous edition")
        status = self.source.before_status if series == BEFORE else {}
        units = self.source.units
        was = {row for row, unit in enumerate(units) if status.get((unit.id, key)) == "synthetic"}
        return Quantity(
            label or Label(key, key), values, Label(*rule["uom"]), len(rows),
            invented_rows=frozenset({*rows.tolist(), *was}),
        )  # fmt: skip

    @staticmethod
    def like(rule: Declaration, key: str) -> str:
        """Return the quantity that invented values of a series resemble."""
        return str(rule["like"]).replace("{key}", key)

    def keys(self, series: str) -> list[list[str]]:
        """Return the keys of a series with their names: [key, Chinese, English]."""
        rule = self._series[series]
        if "years" in rule:
            first, last = rule["years"]
            return [[str(year), str(year), str(year)] for year in range(first, last + 1)]
        return [[*key] for key in rule["keys"]]

    def _invented(self, series: str, key: str, rule: Declaration, row: int, like: float) -> float:
        """Return a number between the declared shares of the one that it resembles."""
        low, high = rule["share"]
        unit = self.source.units[row].id
        value = like * (low + (high - low) * _chance(series, unit))
        if "years" in rule:
            value *= (1 + rule["growth"]) ** (int(key) - rule["years"][1])
            value *= 0.85 + 0.3 * _chance(series, unit, key)
        elif len(self.keys(series)) > 1:
            own = 0.3 + 1.4 * _chance(series, unit, key)
            value *= own if rule.get("apart") else own * (0.2 + _chance(series, key))
        return float(np.floor(value + 0.5)) if rule.get("whole", True) else value

    def synthetic(self, quantities: Sequence[Quantity]) -> int:
        """Return how many invented values a figure rests on: those of the index, and further."""
        return self.source.synthetic + sum(quantity.invented for quantity in quantities)


def _chance(*words: str) -> float:
    """Return a number from 0 to 1 that depends on some words and on nothing else."""
    return int(sha256("/".join(words).encode()).hexdigest()[:8], 16) / _BITS
