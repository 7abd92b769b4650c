"""The order of a report: its sections with statements, tables and figures, and city profiles."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

import numpy as np

from xlcity.figures.contents import Label
from xlcity.figures.figure import Figure
from xlcity.report.change_facts import change_sentences
from xlcity.report.city_columns import last_head
from xlcity.report.city_facts import CityFacts
from xlcity.report.contents import (
    INDENT,
    NOTHING,
    ReportCell,
    ReportTable,
    Section,
    Sentence,
    rounded,
)
from xlcity.report.declared import declared
from xlcity.report.facts import node_sentences, pair_sentences
from xlcity.report.group_facts import group_sentences
from xlcity.report.notes import group_suffix, table
from xlcity.report.source import ReportSource
from xlcity.report.texts import head, say
from xlcity.report.wording import percentage_points

_T = TypeVar("_T")
#: Figures of the structure of scores, in their order.
_STRUCTURE = ("correlations", "scatter", "heat-map", "distributions", "scree", "dendrogram")
#: Tables and figures of ranks in earlier editions.
_EDITIONS = ("moves", "earlier", "slopes")
#: Rows of a table of a profile from which on it has two blocks.
_LONG = 22
#: Decimals of the scores in a profile.
_DECIMALS = 2
#: Indicators of a table of growth.
_GROWN = 6


def chapter(
    source: ReportSource, tables: Sequence[ReportTable], figures: Mapping[str, Figure]
) -> list[Section]:
    """Return the sections of a report; a section without anything is left out.

    Parameters
    ----------
    tables, figures
        What was made, by `report_tables` and `report_figures`.
    """
    item_by_id: dict[str, ReportTable | Figure] = {
        **{table.id: table for table in tables},
        **figures,
    }
    before = _Before()
    groups = ["", *(f"-{group}" for group in source.result.populations[1:])]

    def section(
        key: str | Label, sentences: Sequence[Sentence], names: Iterable[str], anchor: str
    ) -> Section:
        """Return a section with what there is of these, those of further groups after the first."""
        title = say(f"section.{key}") if isinstance(key, str) else key
        every = dict.fromkeys(f"{name}{suffix}" for name in names for suffix in groups)
        items = before.leave([item_by_id[name] for name in every if name in item_by_id], _content)
        sentences_of_node = before.leave(
            sentences, lambda sentence: sentence.text.en + sentence.text.zh
        )
        return Section(title, sentences_of_node, items, f"s-{anchor}")

    root, group = source.root, source.result.populations[0]
    overall = [f"list-{root}", f"bars-{root}", "contributions", f"children-{root}", "statistics"]
    sections = [
        section("framework", (), ["tree", "framework", "cities"], "framework"),
        section("overall", node_sentences(source, root, group), overall, "overall"),
    ]
    for code in source.main_nodes[1:]:
        names = [f"{kind}-{code}" for kind in ("list", "bars", "children")]
        names += [f"raw-{below}" for below in _below(source, code)]
        sentences_of_node = node_sentences(source, code, group)
        sections.append(section(source.node(code), sentences_of_node, names, f"node-{code}"))
    for number, kind in enumerate(source.group_types, 1):
        names = [f"{word}-{kind.attribute}" for word in ("groups", "means", "radar")]
        names += [
            f"{word}-{code}-{kind.attribute}-{member.value}"
            for code in source.nodes
            for member in kind.groups
            for word in ("bars", "group")
        ]
        names += ["tiers"] if number == len(source.group_types) else []
        sentences_of_node = group_sentences(source, kind)
        title = say("section.groups", type=Label(kind.name_zh, kind.name_en))
        sections.append(section(title, sentences_of_node, names, f"groups-{kind.attribute}"))
    of_nodes = [f"{word}-{code}" for code in source.main_nodes for word in _EDITIONS]
    full = [table.id for table in tables if table.id.startswith("ranking-")]
    full.append("print-differences")
    printed = [name for what in ("figures", "tables") for name in declared(source.spec.id, what)]
    sections += [
        section("change", change_sentences(source), ["changes", *of_nodes], "change"),
        section("structure", (), _structure(item_by_id), "structure"),
        section("pairs", pair_sentences(source), ["pairs", "pair-map"], "pairs"),
        section("printed", (), printed, "printed"),
        section("appendix", (), full, "appendix"),
    ]
    return [part for part in sections if part.items or part.sentences]


def _structure(names: Iterable[str]) -> list[str]:
    """Return what shows the structure of scores, a heat map with all its parts."""
    parts = [name for name in names if name.startswith("heat-map-")]
    end = _STRUCTURE.index("heat-map") + 1
    return ["correlation-table", *_STRUCTURE[:end], *parts, *_STRUCTURE[end:]]


class _Before:
    """What stood before in a report: tables and sentences that are equal are not repeated."""

    def __init__(self) -> None:
        self._keys: set[str] = set()

    def leave(self, items: Iterable[_T], content: Callable[[_T], str]) -> list[_T]:
        """Return the items whose content did not come before."""
        new_items = []
        for item in items:
            if (key := content(item)) not in self._keys:
                self._keys.add(key)
                new_items.append(item)
        return new_items


def _content(item: ReportTable | Figure) -> str:
    """Return what a table shows, whatever its title; a figure is its own."""
    return item.id if isinstance(item, Figure) else repr((item.fields, item.rows))


def _below(source: ReportSource, code: str) -> list[str]:
    """Return a node and all below it."""
    tree = source.result.framework
    return [node.code for node in tree.nodes if tree[code] in tree.path(node.code)]


def profile(source: ReportSource, row: int, radar: Figure | None) -> Section:
    """Return a city's page: statements, its radar chart, its scores and ranks."""
    city = source.city(row)
    items: list[ReportTable | Figure] = [] if radar is None else [radar]
    sentences = CityFacts(source, row).sentences()
    unit = source.units[row].id
    items += [table for table in (profile_table(source, row), growth_table(source, row)) if table]
    return Section(say("profile.page", city=city), sentences, items, f"city-{unit}", (unit,))


def profile_table(source: ReportSource, row: int) -> ReportTable:
    """Return a city's score and rank in every node, with the means of all cities."""
    tree, group = source.result.framework, source.units[row].population
    single = _same_as_parents(source)
    codes = [
        node.code
        for node in tree.tree_order
        if source.score(row, node.code) is not None and node.code not in single.values()
    ]
    # A column of dashes says nothing: that of the previous edition stands where most have a rank.
    last = [source.editions.last_rank(row, code) for code in codes]
    has_last = 2 * (len(last) - last.count(None)) > len(last)
    has_last = has_last and not source.editions.is_beside_print(source.root)
    everyone = [unit_row for unit_row, unit in enumerate(source.units) if unit.population == group]
    rows: list[list[ReportCell]] = []
    for code in codes:
        values = source.result.column(code)[everyone]
        indent = INDENT * tree.depth(code)
        name = source.scored(code)
        if code in single:
            name = say("node.single", node=name, child=source.scored(single[code]))
        line: list[ReportCell] = [Label(indent + name.zh, indent + name.en)]
        score, decimals = source.score(row, code), source.score_decimals(code)
        if score is not None and decimals < _DECIMALS:
            score = rounded(score, decimals)
        own = score, source.rank(row, code)
        line += [source.marked(number, row, code) for number in own]
        line += [source.editions.last_rank(row, code)] if has_last else []
        # The mean of a z-score is 0 for all.
        rows.append([*line, NOTHING if source.is_standardised(code) else float(np.nanmean(values))])
    fields = [head("node"), head("score", "score"), head("rank", "rank")]
    fields += [last_head(source)] if has_last else []
    fields.append(head("mean", "score"))
    across = 2 if len(rows) > _LONG else 1
    texts = {"city": source.city(row), "n": len(everyone), "group": group_suffix(source, group)[1]}
    key = f"profile-{source.units[row].id}"
    notes = [say("zscores.profile")] if any(map(source.is_standardised, codes)) else []
    return table(source, key, fields, rows, kind="profile", across=across, texts=texts, notes=notes)


def _same_as_parents(source: ReportSource) -> dict[str, str]:
    """Return node -> its only child, where both have the same scores: one line says both."""
    tree, column = source.result.framework, source.result.column
    only = {
        node.code: children[0].code
        for node in tree.nodes
        if len(children := tree.children(node.code)) == 1
    }
    return {
        code: child
        for code, child in only.items()
        if np.allclose(column(code), column(child), equal_nan=True)
    }


def growth_table(source: ReportSource, row: int) -> ReportTable | None:
    """Return the indicators in which a city grew most against the mean of all cities."""
    best = source.editions.grown(row)[:_GROWN]
    if not best:
        return None
    rows: list[list[ReportCell]] = []
    for growth in best:
        numbers = growth.own, growth.mean
        cells = [percentage_points(x) for x in numbers] if growth.is_share else [*numbers]
        rows.append([source.node(growth.code), *cells])
    fields = [head("node"), head("growth", "growth"), head("mean_growth", "growth")]
    key, texts = f"growth-{source.units[row].id}", {"city": source.city(row)}
    return table(source, key, fields, rows, kind="growth", across=2, texts=texts)
