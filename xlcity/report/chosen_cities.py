"""Which cities a declared figure shows, in which order, and of which classes they are."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from xlcity.figures.contents import Label, Numbers
from xlcity.functions.rounding import is_above
from xlcity.report.declared import Declaration
from xlcity.report.figures import ReportFigures, through_ties
from xlcity.report.quantities import LackingError, Quantities


class ChosenCities(ReportFigures):
    """Chooses and sorts the cities of declared figures."""

    @cached_property
    def quantities(self) -> Quantities:
        """What finds the numbers."""
        return Quantities(self.source)

    def chosen(self, rule: Declaration, values: Numbers | None = None) -> list[int]:
        """Return the rows of the cities that a figure shows, in its order."""
        source = self.source
        rows = source.matching(rule.get("node", self.top), self.population, rule.get("where", {}))
        if rule.get("everyone"):
            rows = [row for row, unit in enumerate(self.units) if unit.population]
        if "having" in rule:
            kept = self.quantities.find(rule["having"]).values
            rows = [row for row in rows if kept[row] > 0]
        if "order" in rule:
            values = self.quantities.find(rule["order"]).values
        if values is not None:
            known = [row for row in rows if np.isfinite(values[row])]
            rows = sorted(known, key=lambda row: -values[row])
        if "names" in rule:
            places = {unit: at for at, unit in enumerate(rule["names"])}
            rows = sorted(rows, key=lambda row: places.get(self.units[row].id, len(places)))
        if "first" in rule:
            code = rule.get("node", self.top)
            ranks = (
                [self.source.rank(row, code) for row in rows] if values is None else values[rows]
            )
            rows = rows[: through_ties(list(ranks), rule["first"])]
        if "by" in rule:
            classes = self.classes(rule, rows)[0]
            rows = [row for _, row in sorted(zip(classes, rows, strict=True), key=lambda p: p[0])]
        return rows

    def classes(self, rule: Declaration, rows: Sequence[int]) -> tuple[list[int], list[Label], int]:
        """Return the class of each city by an attribute, their names, and how many are invented."""
        name = rule.get("by", rule.get("class", ""))
        if not name and "above" not in rule:
            return [], [], 0
        if "above" in rule:
            found = self.quantities.find(rule["above"])
            values, keys = found.values[rows], ("below_mean", "above_mean")
            words = [self.words("declared", key, what=found.label) for key in keys]
            return is_above(values, values.mean()).astype(int).tolist(), words, 0
        own = [self.units[row].attributes.get(name, "") for row in rows]
        if "classes" not in rule:
            if (kind := self.source.group_type(name)) is None:
                return [], [], 0
            known = [group for group in kind.groups if group.value in own]
            places = {group.value: at for at, group in enumerate(known)}
            names = [Label(group.name_zh, group.name_en) for group in known]
            return [places.get(word, 0) for word in own], names, 0
        given = {key: Label(*both) for key, *both in rule["classes"]}
        # An invented class of a known city would contradict what everyone knows of it.
        if any(word not in given for word in own):
            raise LackingError(name)
        return [[*given].index(word) for word in own], [*given.values()], 0
