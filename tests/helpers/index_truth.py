"""What is true of an index, worked out from its values; independent of the sentences of reports."""

import csv
import re
from collections.abc import Mapping
from functools import cache, cached_property
from pathlib import Path

import numpy as np
import pandas as pd

import xlcity
from xlcity.api.index import Index
from xlcity.reports.report import Report

REPORTS = Path(xlcity.__file__).parent / "reports"


class IndexTruth:
    """Scores, ranks, gaps, groups and earlier ranks of an index, for one group of cities."""

    def __init__(
        self,
        index: Index,
        report: Report | None = None,
        group: str = "",
        earlier: Mapping[tuple[str, str], int] | None = None,
        before: Mapping[tuple[str, str], float] | None = None,
        previous: Index | None = None,
        simulated: pd.DataFrame | None = None,
    ) -> None:
        self._previous = previous
        #: Ranks of the cities in the simulations of an assessment: a row for each, a column a city.
        self.simulated = simulated
        self.own_earlier = {**(earlier or {})}
        self.before = {**(before or {})}
        if report is not None:
            self.before = {
                (v.unit, v.code): v.value for v in report.previous if v.value
            }
        self.index, self.result, self.report = index, index.result, report
        self.tree = index.result.framework
        self.root = self.tree.root.code
        self.score, self.rank, self.gap = map(
            cache, (self._score, self._rank, self._gap)
        )
        self.every = {unit.id: unit for unit in self.result.dataset.units}
        group = group or next(iter(self.result.populations))
        self.units = [u.id for u in self.result.dataset.units if u.population == group]
        ids = [*self.every]
        leaves = self.result.leaf_codes
        self.raw = pd.DataFrame(self.result.raw, index=ids, columns=leaves)
        self.normalised = pd.DataFrame(
            self.result.normalised, index=ids, columns=leaves
        )
        self.scores = pd.DataFrame(
            self.result.scores, index=ids, columns=self.result.node_codes
        )
        self.printed_rank = pd.DataFrame(
            self.result.ranks, index=ids, columns=self.result.node_codes
        )

    def _score(self, code: str) -> pd.Series:
        """Return the scores of the cities that have one in a node."""
        frame = self.normalised if code in self.normalised else self.scores
        return frame[code].loc[self.units].dropna()

    def _rank(self, code: str) -> pd.Series:
        """Return their ranks, those of indicators counted here."""
        if code in self.printed_rank:
            return self.printed_rank[code].loc[self.score(code).index]
        return self.score(code).round(9).rank(ascending=False, method="min").astype(int)

    def is_reverse(self, code: str) -> bool:
        """Tell whether less of an indicator is better."""
        return self.tree.is_indicator(code) and self.tree[code].direction < 0

    @cached_property
    def shares(self) -> dict[str, float]:
        """Return the share of every indicator in the total, by weights as they are given."""
        found = {self.root: 1.0}
        for node in self.tree.composites:
            children = self.tree.children(node.code)
            total = sum(child.weight for child in children)
            for child in children:
                found[child.code] = found[node.code] * child.weight / total
        return found

    @cached_property
    def _own_values(self) -> set[tuple[str, str]]:
        data = self.result.dataset
        given = pd.DataFrame(data.values, index=[*self.every], columns=data.codes)
        return {
            (unit, code)
            for code in given.columns.intersection(self.scores.columns)
            for unit in given[code].dropna().index
        }

    def _gap(self, unit: str, code: str) -> str:
        """Return the mark that a score must have: "†" missing, "‡" estimated indicators."""
        if self.tree.is_indicator(code):
            if np.isfinite(self.raw.loc[unit, code]):
                return ""
            return "‡" if np.isfinite(self.normalised.loc[unit, code]) else "†"
        if (unit, code) in self._own_values:
            return ""
        marks = {self.gap(unit, child.code) for child in self.tree.children(code)}
        return "".join(sorted(set("".join(marks))))

    @cached_property
    def groups(self) -> list[tuple[str, tuple[str, str], tuple[str, str], list[str]]]:
        """Attribute, its names, names of a group, and the group's cities: zh and en."""
        if self.report is not None and self.report.group_types:
            kinds = [
                (
                    k.attribute,
                    (k.name_zh, k.name_en),
                    [(g.value, (g.name_zh, g.name_en)) for g in k.groups],
                )
                for k in self.report.group_types
            ]
        else:
            names = dict.fromkeys(
                key for unit in self.units for key in self.every[unit].attributes
            )
            kinds = []
            for name in names:
                values = dict.fromkeys(
                    self.every[u].attributes.get(name, "") for u in self.units
                )
                short = name.removeprefix("Group_")
                kinds.append((name, (short, short), [(v, (v, v)) for v in values if v]))
        return [
            (
                attribute,
                title,
                label,
                [
                    u
                    for u in self.every
                    if self.every[u].attributes.get(attribute) == value
                ],
            )
            for attribute, title, groups in kinds
            for value, label in groups
        ]

    @cached_property
    def previous(self) -> "IndexTruth":
        """Return what is true of the previous edition, computed anew."""
        assert self._previous is not None
        return IndexTruth(self._previous)

    @cached_property
    def group_forms(self) -> list[dict[str, str]]:
        """Return the lines that say what cities of groups are called in running text."""
        if self.report is None:
            return []
        with (REPORTS / self.report.id / "groups.csv").open(
            encoding="utf-8-sig"
        ) as file:
            return [*csv.DictReader(file)]

    @cached_property
    def earlier(self) -> dict[tuple[str, str], int]:
        """Return the ranks of the last edition that the report printed."""
        if self.report is None:
            return self.own_earlier
        history = REPORTS / self.report.id / "published" / "rank_history.csv"
        if not history.exists():
            return {
                (v.unit, v.code): v.rank
                for v in self.report.previous
                if v.rank is not None
            }
        with history.open(encoding="utf-8-sig") as file:
            rows = [*csv.DictReader(file)]
        years = sorted(c for c in rows[0] if re.fullmatch(r"rank_\d{4}", c))
        last = years[-2]
        return {
            (r["city_id"], r["node"]): int(r[last]) for r in rows if r[last].isdigit()
        }

    @cached_property
    def now_in_print(self) -> dict[tuple[str, str], int]:
        """Return the ranks of this edition that the report printed."""
        if self.report is None:
            return {}
        folder = REPORTS / self.report.id / "published"
        found = {}
        for name, column in (("ranks.csv", "rank"), ("rank_history.csv", None)):
            if (folder / name).exists():
                with (folder / name).open(encoding="utf-8-sig") as file:
                    rows = [*csv.DictReader(file)]
                now = (
                    column
                    or sorted(c for c in rows[0] if re.fullmatch(r"rank_\d{4}", c))[-1]
                )
                if now in rows[0] and "node" in rows[0]:
                    found |= {
                        (r["city_id"], r["node"]): int(r[now])
                        for r in rows
                        if r[now].isdigit()
                    }
        return found

    def move_mark(self, unit: str, code: str) -> str:
        """Return the mark that a move must have: none between two printed ranks."""
        is_printed = self.result.dataset.synthetic and (unit, code) in self.now_in_print
        return "" if is_printed else self.gap(unit, code)

    def change(self, unit: str, code: str) -> int | None:
        """Return the move between two printed ranks, or of an index without invented values."""
        before = self.earlier.get((unit, code))
        now = self.now_in_print.get((unit, code))
        if self.result.dataset.synthetic == 0 and now is None:
            now = int(self.rank(code).get(unit, 0)) or None
        return None if before is None or now is None else before - now
