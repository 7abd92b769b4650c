"""Which cities a declared figure shows, in which order, and of which classes they are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from xlcity.figures.contents import Label, Numbers
from xlcity.functions.rounding import is_above
from xlcity.report.declared import Declaration
from xlcity.report.figures import ReportFigures, through_ties
from xlcity.report.quantities import LackingError, Quantities


class ChosenCities:
    """Chooses and sorts the cities of declared figures.

    Parameters
    ----------
    figures
        Gives the index, its first group of cities and the words.
    """

    def __init__(self, figures: ReportFigures) -> None:
        self.figures, self.source = figures, figures.source
        #: What finds the numbers.
        self.quantities = Quantities(figures.source)

    def matching(self, rule: Declaration) -> list[int]:
        """Return the rows of the ranked cities with the declared attributes."""
        code, where = rule.get("node", self.figures.top), rule.get("where", {})
        return self.source.matching(code, self.figures.population, where)

    def rows(self, rule: Declaration, values: Numbers | None = None) -> list[int]:
        """Return the rows of the cities that a figure shows, in its order."""
        rows = self.matching(rule)
        if rule.get("everyone"):
            rows = [row for row, unit in enumerate(self.source.units) if unit.population]
        if "having" in rule:
            amounts = self.quantities.find(rule["having"]).values
            rows = [row for row in rows if amounts[row] > 0]
        if "order" in rule:
            values = self.quantities.find(rule["order"]).values
        if values is not None:
            with_values = [row for row in rows if np.isfinite(values[row])]
            rows = sorted(with_values, key=lambda row: -values[row])
        if "names" in rule:
            places = {unit: index for index, unit in enumerate(rule["names"])}
            rows = sorted(rows, key=lambda row: places.get(self.source.units[row].id, len(places)))
        if "first" in rule:
            code = rule.get("node", self.figures.top)
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
            quantity = self.quantities.find(rule["above"])
            values, keys = quantity.values[rows], ("below_mean", "above_mean")
            words = [self.figures.words("declared", key, what=quantity.label) for key in keys]
            return is_above(values, values.mean()).astype(int).tolist(), words, 0
        own = [self.source.units[row].attributes.get(name, "") for row in rows]
        if "classes" not in rule:
            if (kind := self.source.group_type(name)) is None:
                return [], [], 0
            groups = [group for group in kind.groups if group.value in own]
            numbers = {group.value: number for number, group in enumerate(groups)}
            names = [Label(group.name_zh, group.name_en) for group in groups]
            return [numbers.get(word, 0) for word in own], names, 0
        given = {key: Label(*both) for key, *both in rule["classes"]}
        # An invented class of a known city would contradict what everyone knows of it.
        if any(word not in given for word in own):
            raise LackingError(name)
        return [[*given].index(word) for word in own], [*given.values()], 0

    def rows_with_numbers(self, rule: Declaration) -> list[int]:
        """Return the rows of the cities that a figure shows a number of."""
        words = [rule[key] for key in ("x", "y", "over") if key in rule]
        quantities = self.quantities.all([*words, *rule.get("size", []), *rule.get("values", [])])
        rows = self.rows(rule)
        if not quantities:
            return rows
        block = np.column_stack([quantity.values for quantity in quantities])
        some = np.any if "values" in rule and not words else np.all
        return [row for row in rows if some(np.isfinite(block[row]))]
