"""What the tables, figures and sentences of a report are taken from: an index and its names."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from itertools import chain, product

import numpy as np

from xlcity.assess.editions import ScoreSeries, Trajectories, breaks_below, trace_scores
from xlcity.errors import XlcityError
from xlcity.figures.contents import Label
from xlcity.functions.rank import rank_competition
from xlcity.index.analysis import ScoreGaps
from xlcity.index.compute import compute, tie_rule
from xlcity.index.result import IndexResult, IntArray
from xlcity.index.steps import standardises
from xlcity.model.dataset import FloatArray, State, Status, Unit
from xlcity.model.panel import edition_times
from xlcity.model.recipe import Step
from xlcity.report.contents import NOTHING, Marked, ReportCell, points
from xlcity.report.earlier_editions import (
    BEFORE,
    UNNAMED,
    EarlierEditions,
    EarlierRanks,
)
from xlcity.report.group_names import named_group_types
from xlcity.report.texts import say
from xlcity.report.wording import (
    cities_of,
    dimension,
    in_text,
    uom_of,
)
from xlcity.reports.printed import earlier_ranks
from xlcity.reports.report import Group, GroupType, PublishedTable, Report
from xlcity.workbook.reading.stored_assessment import unranked_shares
from xlcity.workbook.spec import TemplateSpec
from xlcity.workbook.spec.previous_edition import LastEdition, node_status, past_of

#: Range of scores from which on sentences print none of their decimals, and no more than tables do;
#: decimals at most.
_LARGE_SCORES = 1000.0
_USUAL_SCORES = 1.0
_MOST_DECIMALS = 6
#: Decimals of scores in tables, where ranks are not made on others below this limit.
_USUAL_DECIMALS = 2
_MOST_SHOWN = 10


@dataclass(frozen=True)
class ReportSource:
    """An index with its names, groups and earlier editions, the latest of these first.

    `outside` are values of cities that are not inputs: series -> (city, key) -> value. Those of the
    previous edition are the series "before", by code; `before_status` is what they are.
    `published` are the tables that the report printed of this edition.
    """

    spec: TemplateSpec
    result: IndexResult
    earlier: tuple[EarlierRanks, ...] = ()
    outside: Mapping[str, Mapping[tuple[str, str], float]] = field(default_factory=dict)
    before_status: Mapping[tuple[str, str], str] = field(default_factory=dict)
    published: Mapping[str, PublishedTable] = field(default_factory=dict)

    def city(self, row: int) -> Label:
        """Return the name of a city."""
        unit = self.result.dataset.units[row]
        return Label(unit.name_zh or unit.name_en or unit.id, unit.name_en or unit.id)

    def node(self, code: str) -> Label:
        """Return the name of a node."""
        node = self.result.framework[code]
        return Label(
            node.name_zh or node.name_en or code, node.name_en or node.name_zh or code
        )

    def uom(self, code: str) -> Label:
        """Return the unit of measure of a node."""
        node = self.result.framework[code]
        return Label(node.uom_zh or node.uom, node.uom or node.uom_zh)

    def shown_uom(self, code: str) -> Label:
        """Return the unit of measure as it is shown: in each language's own words, where known."""
        uom = self.uom(code)
        own = uom_of(uom)
        return Label(own.zh, own.en or uom.en)

    @cached_property
    def _stems(self) -> Counter[str]:
        """How many nodes have a name in either language that goes on in brackets."""
        stems: Counter[str] = Counter()
        for node in self.result.framework.nodes:
            name = self.node(node.code)
            stems.update(map(_stem, {name.zh, name.en}))
        return stems

    def short_node(self, code: str) -> Label:
        """Return the name of a node without what is in brackets behind it, if that is enough."""
        name = self.node(code)
        short = Label(_stem(name.zh), _stem(name.en))
        is_enough = self._stems[short.zh] == self._stems[short.en] == 1
        return short if is_enough else name

    def is_reverse(self, code: str) -> bool:
        """Tell whether a node is an indicator of which less is better."""
        tree = self.result.framework
        return tree.is_indicator(code) and tree[code].direction < 0

    def scored(self, code: str) -> Label:
        """Return the name of a node above its scores: those of a reverse indicator are reversed."""
        name = self.node(code)
        return say("reversed", node=name) if self.is_reverse(code) else name

    @cached_property
    def derived_values(self) -> int:
        """How many input values are derived from printed scores."""
        dataset = self.result.dataset
        derived = (dataset.states == State.VALUE) & (dataset.basis == Status.DERIVED)
        return int(derived.sum())

    @cached_property
    def derived_note(self) -> Label:
        """That input values are derived from printed scores, where some are."""
        if not self.derived_values:
            return NOTHING
        is_inside = any(printed.by_construction for printed in self.spec.printed)
        return say("derived.inside" if is_inside else "derived", n=self.derived_values)

    @cached_property
    def gaps(self) -> ScoreGaps:
        """Which scores rest on missing or estimated indicators."""
        return ScoreGaps(self.result)

    def marked_city(self, row: int, *codes: str) -> Label:
        """Return the name of a city, with the marks of gaps in its scores in some nodes."""
        signs = {*"".join(self.gaps.signs(row, code) for code in codes)}
        name = self.city(row)
        marks = "".join(sorted(signs))
        return Label(f"{name.zh}{marks}", f"{name.en}{marks}")

    @cached_property
    def editions(self) -> EarlierEditions:
        """The comparison with earlier editions."""
        return EarlierEditions(self)

    @cached_property
    def synthetic(self) -> int:
        """How many values are invented: a score is relative to all others, so one marks all."""
        return self.result.dataset.synthetic

    @cached_property
    def node_status(self) -> Mapping[str, str]:
        """What the scores of a node rest on: "synthetic", "derived" or "computed"."""
        return node_status(self.result.framework, self.result.dataset)

    @property
    def root(self) -> str:
        """Code of the root."""
        return self.result.framework.root.code

    @property
    def population(self) -> str:
        """The first group of cities, which most of a report is about."""
        return self.result.populations[0]

    def titles(self, code: str) -> dict[str, Label]:
        """Return what a node is called in titles, and in running text; the root by a short name."""
        if code == self.root:
            return {"titled": say("root.titled"), "node": say("root.named")}
        tree = self.result.framework
        is_dimension = tree[code].parent == self.root and not tree.is_indicator(code)
        name = dimension if is_dimension else in_text
        return {"titled": self.node(code), "node": name(self.node(code))}

    @property
    def edition(self) -> Label:
        """What this edition is called."""
        return _edition_name(self.spec.edition, Label("本届", "this edition"))

    @cached_property
    def units(self) -> tuple[Unit, ...]:
        """The cities, in the order of the data."""
        return self.result.dataset.units

    @cached_property
    def main_nodes(self) -> tuple[str, ...]:
        """The root and the composite nodes right below it, of which any city has a score."""
        tree = self.result.framework
        return tuple(code for code in self.nodes if tree.depth(code) < 2)

    @cached_property
    def nodes(self) -> tuple[str, ...]:
        """All composite nodes of which any city has a score."""
        return tuple(
            node.code
            for node in self.result.framework.composites
            if self.has(node.code)
        )

    def outside_values(self, series: str, key: str) -> FloatArray:
        """Return the values of an outside series, NaN where a city has none."""
        given = self.outside.get(series, {})
        keys = [(unit.id, key) for unit in self.units]
        values = [given.get(own, np.nan) for own in keys]
        return np.array(values, dtype=float)

    def has(self, code: str) -> bool:
        """Tell whether any city has a score in a node."""
        return bool(np.isfinite(self.scores(code)).any())

    def children(self, code: str) -> list[str]:
        """Return the codes of the children of a node that have scores."""
        return [
            node.code
            for node in self.result.framework.children(code)
            if self.has(node.code)
        ]

    def lowest(self, code: str) -> list[str]:
        """Return the indicators below a node, or nodes above them that have scores of their own."""
        below = [self.lowest(child) for child in self.children(code)]
        return [*chain.from_iterable(below)] if below else [code]

    def order(self, code: str, population: str = "") -> list[int]:
        """Return the rows of the ranked cities of a group, the first one first.

        Of the first group, unless one is named; equal ranks are in the order of scores.
        """
        units = self.result.order(code, population or self.population)
        rows = [self.result.dataset.rows[unit] for unit in units]
        # Ranks may be those of rounded scores. Noise of floats makes no order.
        scores = self.scores(code)[rows].tolist()
        below = [-round(score, 6) for score in scores]
        places = np.lexsort([below, self.ranks(rows, code)])
        return [rows[place] for place in places.tolist()]

    def marked(
        self, number: float | None, rows: int | Sequence[int], code: str
    ) -> ReportCell:
        """Return a number with the marks of a city's score in a node, or of several cities'."""
        mark = self.gaps.signs(rows, code)
        return number if number is None or not mark else Marked(number, mark)

    def values(self, code: str) -> FloatArray:
        """Return the values of an indicator, NaN without one."""
        return self.result.raw[:, self.result.leaf_codes.index(code)]

    def scores(self, code: str) -> FloatArray:
        """Return the scores of a node, NaN without one."""
        return self.result.column(code)

    def score(self, row: int, code: str) -> float | None:
        """Return a score, None without one."""
        value = float(self.scores(code)[row])
        return value if np.isfinite(value) else None

    def mean(self, rows: Sequence[int], code: str) -> float | None:
        """Return the mean score of some cities, None where no score is known."""
        values = self.scores(code)[rows]
        finite = values[np.isfinite(values)]
        return float(finite.mean()) if len(finite) else None

    def first_pairs(self, code: str, most: int | None = None) -> list[int]:
        """Return the rows of the first ranked pairs of cities, where pairs are scored."""
        pairs = self.result.pairs
        if pairs is None:
            return []
        places = pairs.positions[:, pairs.node_codes.index(code)]
        order = np.argsort(places, kind="stable").tolist()
        return [row for row in order if places[row]][:most]

    def pair(self, row: int) -> list[Label]:
        """Return the names of a pair of cities."""
        assert self.result.pairs is not None
        rows = self.result.dataset.rows
        return [self.city(rows[unit]) for unit in self.result.pairs.pairs[row]]

    def rank(self, row: int, code: str) -> int | None:
        """Return a rank inside the city's group; that of an indicator is counted here."""
        rank = int(self._ranks(code)[row])
        return rank if rank else None

    def ranks(self, rows: Sequence[int], code: str) -> list[int]:
        """Return the ranks of some cities, each inside its group; 0 without one."""
        ranks: list[int] = self._ranks(code)[rows].tolist()
        return ranks

    @cached_property
    def _ranks(self) -> Callable[[str], IntArray]:
        """Node -> the ranks of all cities, 0 without one. Found once for each."""

        def ranks_of(code: str) -> IntArray:
            if code in self.result.node_codes:
                return self.result.rank(code)
            return self._indicator_ranks[:, self.result.leaf_codes.index(code)]

        return cache(ranks_of)

    @cached_property
    def _indicator_ranks(self) -> IntArray:
        """Ranks of (cities, indicators) by normalised score inside each group; 0 without one."""
        groups = [unit.population for unit in self.units]
        rules = [tie_rule(self.result.recipe, code) for code in self.result.leaf_codes]
        scores = self.result.normalised
        ranks = rank_competition(scores, ties=rules, digits=9, groups=groups)
        return np.nan_to_num(ranks.values).astype(np.int64)

    def _zscore_step(self, code: str) -> Step | None:
        """Return what makes the scores of an indicator, if they are z-scores around 0."""
        step = self.result.recipe.step_for("normalise", code)
        is_indicator = code not in self.result.node_codes
        if step is None or not is_indicator or not standardises(step):
            return None
        return step if step.settings().number("mean") == 0 else None

    def is_standardised(self, code: str) -> bool:
        """Tell whether the scores of an indicator are z-scores around 0."""
        return self._zscore_step(code) is not None

    def limit(self, code: str) -> float | None:
        """Return the z-score at which those of an indicator are cut off, None without one."""
        step = self._zscore_step(code)
        return (step.settings().optional("clip") or None) if step else None

    def rank_decimals(self, code: str) -> int | None:
        """Return the decimals of the scores that ranks are made on; None where not rounded."""
        step = self.result.recipe.step_for("rank", code)
        decimals = step.settings().optional("round_to") if step else None
        return None if decimals is None else int(decimals)

    def _shown_decimals(self, code: str) -> int | None:
        """Return the decimals that ranks are made on, where scores can be shown with these."""
        decimals = self.rank_decimals(code)
        return decimals if decimals in range(_MOST_SHOWN) else None

    def score_decimals(self, code: str) -> int:
        """Return how many decimals scores in a node have: as many as its ranks are made on."""
        is_node = code in self.result.node_codes
        decimals = self._shown_decimals(code) if is_node else None
        return _USUAL_DECIMALS if decimals is None else decimals

    @cached_property
    def text_decimals(self) -> int:
        """Decimals of scores in sentences: those of ranks, else as few as tell cities apart."""
        decimals = self._shown_decimals(self.root)
        if decimals is not None:
            return decimals
        scores = self.scores(self.root)[self.order(self.root)]
        width = float(np.ptp(scores)) if len(scores) else 0.0
        if width > _LARGE_SCORES:
            return 0
        apart = width / max(len(scores) - 1, 1) / 2 or 1.0
        most = _USUAL_DECIMALS if width >= _USUAL_SCORES else _MOST_DECIMALS
        return next((n for n in range(1, most) if 10.0**-n <= apart), most)

    @cached_property
    def rank_ranges(self) -> Mapping[str, tuple[int, int]]:
        """City -> its lowest and highest rank in 90 % of simulations; none of another index."""
        ranges = {}
        for line in self.spec.assessed.cities:
            unit = str(line["unit"])
            if not self._is_of_this_index(unit, line):
                return {}
            low = round(_number(line, "low"))
            high = round(_number(line, "high"))
            ranges[unit] = (low, high)
        return ranges

    def _is_of_this_index(self, unit: str, line: Mapping[str, object]) -> bool:
        """Tell whether a city has the rank and the score that its simulations began with."""
        row = self.result.dataset.rows.get(unit)
        if row is None or line["rank"] != self.rank(row, self.root):
            return False
        score = self.scores(self.root)[row]
        return bool(np.isclose(_number(line, "score"), score))

    @cached_property
    def first_three_shares(self) -> Mapping[str, float]:
        """City -> in which share of the simulations it is among the first three."""
        cities = self.spec.assessed.cities if self.rank_ranges else ()
        return {str(line["unit"]): _number(line, "top_3") for line in cities}

    @property
    def unranked_shares(self) -> Mapping[str, float]:
        """City -> in which share of the simulations it has no score, where it is not 0."""
        return unranked_shares(self.spec.assessed.settings.get("unranked"))

    @property
    def simulations(self) -> int:
        """How many simulations the assessment has."""
        return int(_number(self.spec.assessed.settings, "replicates"))

    @cached_property
    def previous_result(self) -> IndexResult | None:
        """The previous edition computed by the methods of now; None where its scores differ.

        Where they do, methods, weights or cities changed too: then a change has no single cause.
        """
        last = self.spec.last
        result = self.previous_by_methods_of_now
        if last is None or result is None:
            return None
        keys = [(unit.id, self.root) for unit in result.dataset.units]
        scores = [last.scores.get(key, np.nan) for key in keys]
        is_same = np.allclose(
            scores, result.column(self.root), atol=1e-6, equal_nan=True
        )
        return result if is_same else None

    @cached_property
    def previous_by_methods_of_now(self) -> IndexResult | None:
        """The values of the previous edition, scored as those of this one; None without them."""
        last = self.spec.last
        dataset = self.result.dataset
        if last is None or dataset.items or dataset.links:
            return None
        # A city that left is in no group now; then its score counted in those of all others.
        units = tuple(
            replace(unit, population=unit.population or self.population)
            for unit in self.units
            if unit.id in last.units
        )
        keys = product([unit.id for unit in units], dataset.codes)
        given = [last.values.get(key, np.nan) for key in keys]
        values = np.array(given).reshape(len(units), len(dataset.codes))
        is_missing = np.isnan(values)
        states = np.where(is_missing, State.MISSING, State.VALUE)
        before = replace(
            dataset,
            units=units,
            values=values,
            states=states.astype(dataset.states.dtype),
            basis=np.where(is_missing, "", Status.ENTERED.value),
        )
        try:
            return compute(self.result.framework, self.result.recipe, before)
        except XlcityError:
            return None

    def trajectories(self, code: str) -> Trajectories | None:
        """Return the scores of a node over the editions; None without past ones."""
        past = past_of(self.spec)
        if not past.editions:
            return None
        editions = [edition.edition for edition in past.editions]
        editions.append(self.spec.edition or "now")
        keys = [(unit.id, code) for unit in self.units]
        scores = []
        ranks = []
        for edition in past.editions:
            scores.append([edition.scores.get(key, np.nan) for key in keys])
            ranks.append([edition.ranks.get(key, 0) for key in keys])
        series = ScoreSeries(
            units=self.units,
            times=edition_times(editions),
            scores=np.array([*scores, self.scores(code)]).T,
            ranks=np.array([*ranks, self.result.rank(code)]).T,
        )
        breaks = breaks_below(self.result.framework, code, past.breaks, editions)
        return trace_scores(code, series, breaks=breaks)

    def score_kind(self, code: str) -> str:
        """Return the kind of a column of scores in a node."""
        decimals = self.score_decimals(code)
        return "score" if decimals == _USUAL_DECIMALS else f"score {decimals}"

    def points(self, score: float, code: str) -> str:
        """Return a score in a node as tables print it."""
        return points(score, self.score_decimals(code))

    @cached_property
    def group_types(self) -> tuple[GroupType, ...]:
        """What sorts the cities into groups: as the report says, or as is declared."""
        if self.spec.group_types:
            return self.spec.group_types
        return named_group_types(self.units, self.spec.named_groups, self.spec.name_zh)

    def group_type(self, attribute: str) -> GroupType | None:
        """Return what sorts the cities by an attribute."""
        return next(
            (kind for kind in self.group_types if kind.attribute == attribute), None
        )

    def matching(
        self, code: str, where: Mapping[str, str], population: str = ""
    ) -> list[int]:
        """Return the ranked cities whose attributes have these values, the first one first."""
        rows = self.order(code, population)
        for key, value in where.items():
            rows = [row for row in rows if self.units[row].attributes.get(key) == value]
        return rows

    def group_name(self, kind: GroupType, group: Group) -> Label:
        """Return the name of a group, with its grouping where another has a group of that name."""
        groups = chain.from_iterable(another.groups for another in self.group_types)
        names = [other.name_en for other in groups]
        name = cities_of(group)
        if names.count(group.name_en) < 2:
            return name
        return say("group.of", type=Label(kind.name_zh, kind.name_en), group=name)

    def members(
        self, kind: GroupType, group: Group, code: str, population: str = ""
    ) -> list[int]:
        """Return the ranked cities of a group, the first one first."""
        return self.matching(code, {kind.attribute: group.value}, population)


def source_of(
    spec: TemplateSpec, result: IndexResult, report: Report | None
) -> ReportSource:
    """Return what a report is taken from.

    Parameters
    ----------
    spec
        Names, groups, tiers and the previous edition.
    result
        The index.
    report
        The printed report, where these are its own values: it may know earlier ranks.
    """
    if spec.last is not None:
        return _beside_last_edition(spec, result, spec.last)
    if report is None:
        return ReportSource(spec, result)
    values: dict[tuple[str, str], float] = {}
    status: dict[tuple[str, str], str] = {}
    for own in report.previous:
        status[own.unit, own.code] = own.basis
        if own.value is not None:
            values[own.unit, own.code] = own.value
    ranks = tuple(
        EarlierRanks(_edition_name(year, UNNAMED), places)
        for year, places in earlier_ranks(report)
    )
    return ReportSource(
        spec,
        result,
        earlier=ranks,
        outside={BEFORE: values},
        before_status=status,
        published=report.published,
    )


def _beside_last_edition(
    spec: TemplateSpec, result: IndexResult, last: LastEdition
) -> ReportSource:
    """Return an index beside the edition before, which its template holds."""
    status: dict[str, dict[tuple[str, str], str]] = defaultdict(dict)
    for (kind, unit, code), word in last.status.items():
        status[kind][unit, code] = word
    name = _edition_name(last.edition, UNNAMED)
    ranks = EarlierRanks(name, last.ranks, frozenset(last.units), status["ranks"])
    return ReportSource(
        spec,
        result,
        earlier=(ranks,) if last.ranks else (),
        outside={BEFORE: {**last.made, **last.values}},
        before_status={**status["made"], **status["values"]},
    )


def _edition_name(edition: str, unnamed: Label) -> Label:
    """Return what an edition is called in running text."""
    if edition.isdigit():
        return Label(f"{edition}年", edition)
    return unnamed if edition in ("", "previous") else Label(edition, edition)


def _number(line: Mapping[str, object], key: str) -> float:
    """Return a number of a table that a workbook has stored."""
    return float(str(line[key]))


def _stem(name: str) -> str:
    """Return a name without brackets at its end."""
    return re.sub(r" ?[(（][^()（）]*[)）]$", "", name)
