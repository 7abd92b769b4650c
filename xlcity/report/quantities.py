"""Quantities of cities that declarations name by a word, and which cities a declaration shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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
        makers: Mapping[str, Callable[[str], Quantity]] = {
            "score": self._score,
            "data": self._data,
            "count": self._count,
            "attribute": self._attribute,
            "series": self._outside,
            "links": self._links,
        }
        if kind in makers:
            return makers[kind]
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
        return Quantity(
            self.source.scored(code), np.asarray(self.source.scores(code)), code=code
        )

    def _data(self, code: str) -> Quantity:
        result = self.source.result
        invented = self.source.editions.is_invented_value
        rows = frozenset(
            row for row in range(len(self.source.units)) if invented(row, code)
        )
        if code in result.leaf_codes:
            values = result.raw[:, result.leaf_codes.index(code)]
            label = self.source.node(code)
            return Quantity(label, values, self.source.uom(code), invented_rows=rows)
        tree = result.framework
        dataset = result.dataset
        parts = {
            part.code: part for part in (*tree.ingredients, *tree.supplementary_inputs)
        }
        part = parts[code]
        values = dataset.values[:, dataset.column(code)]
        uom = Label(part.uom_zh or part.uom, part.uom or part.uom_zh)
        return Quantity(
            Label(part.name_zh, part.name_en), values, uom, invented_rows=rows
        )

    def _count(self, code: str) -> Quantity:
        items = self.source.result.dataset.items.get(code, ())
        lines = [item.unit for item in items]
        values = np.array([float(lines.count(unit.id)) for unit in self.source.units])
        # An indicator that is above 0 without any line has its value from elsewhere.
        values[(values == 0) & (self._data(code).values > 0)] = np.nan
        invented = {item.unit for item in items if item.basis == Status.SYNTHETIC}
        rows = frozenset(
            row for row, u in enumerate(self.source.units) if u.id in invented
        )
        return Quantity(self.source.node(code), values, invented_rows=rows)

    def _links(self, code: str) -> Quantity:
        total = dict.fromkeys((unit.id for unit in self.source.units), 0.0)
        for link in self.source.result.dataset.links.get(code, ()):
            if np.isfinite(link.value):
                for unit in {link.start, link.end} & total.keys():
                    total[unit] += link.value
        return Quantity(self.source.node(code), np.array([*total.values()]))

    def _attribute(self, name: str) -> Quantity:
        values = [
            parse_float(unit.attributes.get(name, "")) for unit in self.source.units
        ]
        return Quantity(
            Label(name, name), np.array(values, dtype=float), invented_rows=frozenset()
        )

    def _outside(self, name: str) -> Quantity:
        """Return a column of an outside series."""
        series, key = name.split("/", 1)
        rule = declared(self.source.spec.id, "series")[series]
        source = self.source
        given = source.outside.get(series, {})
        values = np.array([given.get((unit.id, key), np.nan) for unit in source.units])
        if not np.isfinite(values).any():
            raise LackingError(name)
        names = {own: Label(*words) for own, *words in series_keys(rule)}
        label = names.get(key, Label(key))
        if series == BEFORE and source.spec.last is not None:
            label = source.editions.last.label
        status = source.before_status if series == BEFORE else {}
        invented = frozenset(
            row
            for row, unit in enumerate(source.units)
            if status.get((unit.id, key)) == Status.SYNTHETIC.value
        )
        return Quantity(label, values, Label(*rule["uom"]), invented_rows=invented)

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
        code = rule.get("node", self.source.root)
        where = rule.get("where", {})
        if rule.get("everyone"):
            return [
                row for row, unit in enumerate(self.source.units) if unit.population
            ]
        return self.source.matching(code, where)

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
        rows = self.matching(rule)
        ranked_by = rule.get("node", self.source.root)
        values = quantities[-1].values if by_value else None
        if self.is_mixed(quantities):
            invented = self._invented(quantities)
            rows = [row for row in rows if row not in invented]
            # Ranks rest on invented values too.
            values = quantities[0].values if values is None else values
        if "having" in rule:
            amounts = self.find(rule["having"]).values
            rows = [row for row in rows if amounts[row] > 0]
        if "order" in rule:
            values = self.find(rule["order"]).values
        if values is not None:
            finite = [row for row in rows if np.isfinite(values[row])]
            rows = sorted(finite, key=lambda row: -values[row])
        if "names" in rule:
            places = {unit: index for index, unit in enumerate(rule["names"])}
            rows = sorted(
                rows, key=lambda row: places.get(self.source.units[row].id, len(places))
            )
        if "first" in rule:
            ranks = [self.source.rank(row, ranked_by) for row in rows]
            rows = rows[
                : through_ties(
                    ranks if values is None else [*values[rows]], rule["first"]
                )
            ]
        if "by" in rule:
            classes = self.classes(rule, rows)[0]
            rows = [
                row
                for _, row in sorted(
                    zip(classes, rows, strict=True), key=lambda p: p[0]
                )
            ]
        if (
            quantities
            and not np.isfinite(
                [quantity.values[rows] for quantity in quantities]
            ).any()
        ):
            raise LackingError("values")
        return rows

    def classes(
        self, rule: Declaration, rows: Sequence[int]
    ) -> tuple[list[int], list[Label]]:
        """Return the class of each city by an attribute, and the names of the classes."""
        name = rule.get("by", rule.get("class", ""))
        if "above" in rule:
            quantity = self.find(rule["above"])
            values = quantity.values[list(rows)]
            keys = ("below_mean", "above_mean")
            words = [say(f"declared.{key}", what=quantity.label) for key in keys]
            return is_above(values, values.mean()).astype(int).tolist(), words
        own = [self.source.units[row].attributes.get(name, "") for row in rows]
        if "classes" in rule:
            given = {key: Label(*both) for key, *both in rule["classes"]}
            # An invented class of a known city would contradict what everyone knows of it.
            if any(word not in given for word in own):
                raise LackingError(name)
            return [[*given].index(word) for word in own], [*given.values()]
        if (kind := self.source.group_type(name)) is None:
            return [], []
        groups = [group for group in kind.groups if group.value in own]
        numbers = {group.value: number for number, group in enumerate(groups)}
        names = [Label(group.name_zh, group.name_en) for group in groups]
        return [numbers.get(word, 0) for word in own], names


def block_of(
    quantities: Sequence[Quantity], rows: Sequence[int], rule: Declaration
) -> Numbers:
    """Return quantities of cities, a column each; where declared, as shares of a city's sum."""
    block = np.column_stack([quantity.values[rows] for quantity in quantities])
    return block / block.sum(axis=1, keepdims=True) if rule.get("shares") else block
