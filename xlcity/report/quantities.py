"""Quantities of cities that declarations name by a word, and which cities a declaration shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from xlcity.figures.contents import Label, Numbers
from xlcity.functions.cluster import merge_rows
from xlcity.functions.rounding import is_above
from xlcity.model.dataset import Status
from xlcity.model.reading.tables import parse_float
from xlcity.report.contents import NOTHING
from xlcity.report.declared import Makers, maker_of
from xlcity.report.earlier_editions import BEFORE
from xlcity.report.row_names import through_ties
from xlcity.report.source import ReportSource
from xlcity.report.texts import say
from xlcity.reports import own_function, report_folder
from xlcity.reports.declarations import Declaration, declared, series_keys

#: Module of a report's own kinds of quantities: a function for each.
OWN_KINDS = "quantities"


class LackingError(LookupError):
    """An index has no quantity of that word, or no value of it."""


@dataclass(frozen=True, eq=False)
class Quantity:
    """Numbers of the cities in the order of the data.

    `code` is that of the node whose scores they are. `invented_rows` are the cities whose number is
    invented; None: the numbers are scores, of which one invented value makes all invented.
    """

    label: Label
    values: Numbers
    uom: Label = NOTHING
    code: str = ""
    invented_rows: frozenset[int] | None = None


@dataclass(frozen=True, eq=False)
class MergedCities:
    """Cities, by their rows in the data, and the (cities - 1, 4) merges of a tree of them."""

    used: Sequence[Quantity]
    rows: Sequence[int]
    merges: Numbers


class Quantities:
    """Finds quantities by their words.

    A word is a kind and a name: "score:A1", "data:01" (what was typed or made from it),
    "count:B4.3" (lines of a list), "attribute:gdp", "links:17" (sum of a city's links) or
    "series:patents/2022" (an outside series). Any other kind is a function of the report's own
    module `quantities`, which returns one or several.

    Parameters
    ----------
    source
        The index. Its outside series have values of cities by name and key.
    """

    def __init__(self, source: ReportSource) -> None:
        self.source = source
        self._makers: Mapping[str, Callable[[str], Quantity]] = {
            "score": self._score,
            "data": self._data,
            "count": self._count,
            "attribute": self._attribute,
            "series": self._outside,
            "links": self._links,
        }

    def content(self, rule: Declaration, makers: Makers, shared: object) -> Any:
        """Return what a declaration makes; None where the index lacks its parts.

        A later edition may have dropped a node, or the classes may not be given.
        """
        try:
            if "node" in rule:
                self.find(f"score:{rule['node']}")
            return maker_of(self.source.spec.id, rule, makers, shared)(rule)
        except LackingError:
            return None

    def find(self, word: str) -> Quantity:
        """Return a quantity."""
        return self.all([word])[0]

    def all(self, words: Sequence[str]) -> list[Quantity]:
        """Return several quantities; a word of the report's own may stand for many."""
        every = list[Quantity]()
        for word in words:
            kind, name = word.split(":", 1)
            try:
                found = self._maker(kind)(name)
            except (KeyError, ValueError, StopIteration) as error:
                raise LackingError(word) from error
            every += [found] if isinstance(found, Quantity) else found
        if words and not every:
            raise LackingError(*words)
        return every

    def _maker(self, kind: str) -> Callable[[str], Quantity | list[Quantity]]:
        if kind in self._makers:
            return self._makers[kind]
        folder = report_folder(self.source.spec.id)
        return partial(own_function(folder, OWN_KINDS, kind), self)

    def merged(self, rule: Declaration) -> MergedCities:
        """Return clusters of the cities by some quantities as they are, or by their shares."""
        used = self.all(rule["values"])
        rows = self.rows(rule, used)
        block = block_of(used, rows, rule)
        merges = merge_rows(block, rule["linkage"], rule["metric"], "none")
        return MergedCities(used, rows, merges)

    def _score(self, code: str) -> Quantity:
        scores = np.asarray(self.source.scores(code))
        return Quantity(self.source.scored(code), scores, code=code)

    def _data(self, code: str) -> Quantity:
        result = self.source.result
        is_invented = self.source.editions.is_invented_value
        every = range(len(self.source.units))
        rows = frozenset(row for row in every if is_invented(row, code))
        if code in result.leaf_codes:
            label = self.source.node(code)
            values = self.source.values(code)
            return Quantity(label, values, self.source.uom(code), invented_rows=rows)
        tree = result.framework
        parts = (*tree.ingredients, *tree.supplementary_inputs)
        part = next(part for part in parts if part.code == code)
        values = result.dataset.values[:, result.dataset.column(code)]
        uom = Label(part.uom_zh or part.uom, part.uom or part.uom_zh)
        name = Label(part.name_zh, part.name_en)
        return Quantity(name, values, uom, invented_rows=rows)

    def _count(self, code: str) -> Quantity:
        items = self.source.result.dataset.items.get(code, ())
        lines = Counter(item.unit for item in items)
        counts = [lines[unit.id] for unit in self.source.units]
        values = np.array(counts, dtype=float)
        # An indicator that is above 0 without any line has its value from elsewhere.
        values[(values == 0) & (self._data(code).values > 0)] = np.nan
        invented = {item.unit for item in items if item.basis == Status.SYNTHETIC}
        rows = self._rows_of(invented)
        return Quantity(self.source.node(code), values, invented_rows=rows)

    def _rows_of(self, ids: Collection[str]) -> frozenset[int]:
        units = enumerate(self.source.units)
        return frozenset(row for row, unit in units if unit.id in ids)

    def _links(self, code: str) -> Quantity:
        totals = dict.fromkeys((unit.id for unit in self.source.units), 0.0)
        links = self.source.result.dataset.links.get(code, ())
        for link in links:
            if np.isfinite(link.value):
                for unit in {link.start, link.end} & totals.keys():
                    totals[unit] += link.value
        values = np.array([*totals.values()])
        return Quantity(self.source.node(code), values)

    def _attribute(self, name: str) -> Quantity:
        texts = (unit.attributes.get(name, "") for unit in self.source.units)
        values = np.array([*map(parse_float, texts)], dtype=float)
        return Quantity(Label(name, name), values, invented_rows=frozenset())

    def _outside(self, name: str) -> Quantity:
        """Return a column of an outside series."""
        series, key = name.split("/", 1)
        source = self.source
        rule = declared(source.spec.id, "series")[series]
        values = source.outside_values(series, key)
        if not np.isfinite(values).any():
            raise LackingError(name)
        label = Label(*series_keys(rule).get(key, [key]))
        invented: set[str] = set()
        if series == BEFORE:
            if source.spec.last is not None:
                label = source.editions.last.label
            invented = {
                unit
                for (unit, code), status in source.before_status.items()
                if code == key and status == Status.SYNTHETIC.value
            }
        rows = self._rows_of(invented)
        return Quantity(label, values, Label(*rule["uom"]), invented_rows=rows)

    # Which cities a declaration shows, and in which order.

    def is_mixed(self, quantities: Sequence[Quantity]) -> bool:
        """Tell whether some numbers are invented and others are not: then only these are shown."""
        if not quantities or any(q.invented_rows is None for q in quantities):
            return False
        return 0 < len(self._invented(quantities)) < len(self.source.units)

    def _invented(self, quantities: Sequence[Quantity]) -> frozenset[int]:
        """Return the cities of which a number is invented."""
        return frozenset().union(
            *(quantity.invented_rows or () for quantity in quantities)
        )

    def synthetic(self, quantities: Sequence[Quantity], rows: Sequence[int]) -> int:
        """Return how many invented values numbers of some cities rest on."""
        are_scores = any(quantity.invented_rows is None for quantity in quantities)
        is_invented = bool(self._invented(quantities) & {*rows})
        return self.source.synthetic if are_scores or is_invented else 0

    def matching(self, rule: Declaration) -> list[int]:
        """Return the rows of the ranked cities with the declared attributes."""
        if rule.get("everyone"):
            units = enumerate(self.source.units)
            return [row for row, unit in units if unit.population]
        code = rule.get("node", self.source.root)
        return self.source.matching(code, rule.get("where", {}))

    def rows(
        self,
        rule: Declaration,
        quantities: Sequence[Quantity] = (),
        *,
        by_value: bool = False,
    ) -> list[int]:
        """Return the rows of the cities that a figure shows, in its order.

        Parameters
        ----------
        quantities
            What it shows. Where some of these numbers are invented, only the others are shown.
        by_value
            Whether the last of these numbers decides the order, unless the declaration does.
        """
        rows = self._shown(rule, quantities)
        values = self._ordering_values(rule, quantities, by_value=by_value)
        if values is not None:
            finite = [row for row in rows if np.isfinite(values[row])]
            rows = sorted(finite, key=lambda row: -values[row])
        if "names" in rule:
            rows = self._in_order_of(rule["names"], rows)
        if "first" in rule:
            rows = self._first(rule, rows, values)
        if "by" in rule:
            rows = self._class_by_class(rule, rows)
        numbers = [quantity.values[rows] for quantity in quantities]
        if numbers and not np.isfinite(numbers).any():
            raise LackingError("values")
        return rows

    def _shown(self, rule: Declaration, quantities: Sequence[Quantity]) -> list[int]:
        """Return the cities that a declaration is about, without those of invented numbers."""
        rows = self.matching(rule)
        if self.is_mixed(quantities):
            invented = self._invented(quantities)
            rows = [row for row in rows if row not in invented]
        if "having" in rule:
            amounts = self.find(rule["having"]).values
            rows = [row for row in rows if amounts[row] > 0]
        return rows

    def _ordering_values(
        self, rule: Declaration, quantities: Sequence[Quantity], *, by_value: bool
    ) -> Numbers | None:
        """Return what decides the order of the cities; None: their ranks do."""
        if "order" in rule:
            return self.find(rule["order"]).values
        if by_value:
            return quantities[-1].values
        # Ranks rest on invented values too.
        return quantities[0].values if self.is_mixed(quantities) else None

    def _in_order_of(self, names: Sequence[str], rows: Sequence[int]) -> list[int]:
        """Return cities in the order of their ids in a list, others behind them."""
        places = {unit: place for place, unit in enumerate(names)}
        ids = {row: self.source.units[row].id for row in rows}
        return sorted(rows, key=lambda row: places.get(ids[row], len(places)))

    def _first(
        self, rule: Declaration, rows: Sequence[int], values: Numbers | None
    ) -> list[int]:
        """Return as many cities as are declared, and those that are equal to the last of them."""
        if values is None:
            code = rule.get("node", self.source.root)
            ends: list[Any] = [self.source.rank(row, code) for row in rows]
        else:
            ends = [values[row] for row in rows]
        return [*rows[: through_ties(ends, rule["first"])]]

    def _class_by_class(self, rule: Declaration, rows: Sequence[int]) -> list[int]:
        """Return cities one class after the other, inside each in the order they have."""
        classes, _ = self.classes(rule, rows)
        of_row = dict(zip(rows, classes, strict=True))
        return sorted(rows, key=of_row.__getitem__)

    def classes(
        self, rule: Declaration, rows: Sequence[int]
    ) -> tuple[list[int], list[Label]]:
        """Return the class of each city by an attribute, and the names of the classes."""
        if "above" in rule:
            return self._sides_of_mean(self.find(rule["above"]), rows)
        name = rule.get("by", rule.get("class", ""))
        if "classes" not in rule and self.source.group_type(name) is None:
            return [], []
        own = [self.source.units[row].attributes.get(name, "") for row in rows]
        names = self._class_names(rule, name, own)
        numbers = {word: number for number, word in enumerate(names)}
        return [numbers.get(word, 0) for word in own], [*names.values()]

    def _class_names(
        self, rule: Declaration, attribute: str, own: Sequence[str]
    ) -> dict[str, Label]:
        """Return the classes that cities have by an attribute, and what they are called."""
        if "classes" in rule:
            names = {key: Label(*both) for key, *both in rule["classes"]}
            # An invented class of a known city would contradict what everyone knows of it.
            if not names.keys() >= {*own}:
                raise LackingError(attribute)
            return names
        kind = self.source.group_type(attribute)
        every = () if kind is None else kind.groups
        groups = [group for group in every if group.value in own]
        return {group.value: Label(group.name_zh, group.name_en) for group in groups}

    def _sides_of_mean(
        self, quantity: Quantity, rows: Sequence[int]
    ) -> tuple[list[int], list[Label]]:
        """Return which cities are above the mean of them all, and what both sides are called."""
        values = quantity.values[list(rows)]
        keys = ("below_mean", "above_mean")
        words = [say(f"declared.{key}", what=quantity.label) for key in keys]
        return is_above(values, values.mean()).astype(int).tolist(), words


def block_of(
    quantities: Sequence[Quantity], rows: Sequence[int], rule: Declaration
) -> Numbers:
    """Return quantities of cities, a column each; where declared, as shares of a city's sum."""
    block = np.column_stack([quantity.values[rows] for quantity in quantities])
    return block / block.sum(axis=1, keepdims=True) if rule.get("shares") else block
