"""What only this chapter shows: first cities and pairs, ranks without a node, another index."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, zip_longest
from typing import NamedTuple

import numpy as np

from xlcity.figures.contents import Label, listed, pair_name
from xlcity.index.compute import rank_among, rank_key
from xlcity.report.contents import NOTHING, Field, ReportCell, TableContent
from xlcity.report.declared_tables import DeclaredTables
from xlcity.report.source import ReportSource
from xlcity.report.texts import filled, head, say
from xlcity.reports.declarations import Declaration

RANK_WITHOUT = {"zh": "不含{node}的名次", "en": "Rank without {node}"}
EFFECT = {"zh": "{node}对名次的影响", "en": "Effect of {node}"}
OTHER_RANK = Label("另一排名中的相对位置", "Relative rank in the other index")
STRONGER = Label("更强的一方", "Stronger in")
#: Where a city stands further in front; tables list the sides in this order.
SIDES = {
    "here": Label("本指数", "this index"),
    "there": Label("另一排名", "the other index"),
    "same": Label("相同", "equal"),
}


class _TrendLine(NamedTuple):
    """A rank and what has it, in a list."""

    rank: ReportCell
    name: Label


def without(tables: DeclaredTables, rule: Declaration) -> TableContent:
    """Return by how many places cities gain because of one node."""
    source = tables.source
    out = rule["without"]
    tables.quantities.find(f"score:{out}")
    places = _ranks_without(source, out)
    rows = tables.ranked_rows(rule)
    cells: list[list[ReportCell]] = []
    for row in rows:
        now = source.rank(row, source.root) or 0
        marked = source.marked(now, row, source.root)
        cells.append([source.city(row), marked, places[row], places[row] - now])
    name = source.node(out)
    fields = [
        head("city"),
        head("overall"),
        Field(filled(RANK_WITHOUT, {"node": name}), "rank"),
        Field(filled(EFFECT, {"node": name}), "change"),
    ]
    return TableContent(fields, cells, units=rows)


def _ranks_without(source: ReportSource, out: str) -> dict[int, int]:
    """Return the ranks of the cities by a mean that leaves a node out."""
    result = source.result
    codes = [code for code in source.children(source.root) if code != out]
    weights = np.array([result.framework[code].weight for code in codes])
    block = np.column_stack([result.column(code) for code in codes])
    means = block @ weights / weights.sum()
    keys, _ = rank_key(result.recipe, source.root, means)
    every = source.order(source.root)
    ranks = rank_among(result, source.root, every, keys)
    return dict(zip(every, ranks, strict=True))


def beside(tables: DeclaredTables, rule: Declaration) -> TableContent | None:
    """Return ranks of this index and of another one, among the cities that are in both."""
    source = tables.source
    other = tables.quantities.find(f"attribute:{rule['beside']}").values
    rows = [row for row in tables.ranked_rows(rule) if np.isfinite(other[row])]
    if not rows:
        return None
    there = rank_among(source.result, source.root, rows, -other)

    def by_side(pair: tuple[float, int]) -> tuple[int, int]:
        """Return the order: stronger here, stronger there, equal; each by rank."""
        here = source.rank(pair[1], source.root) or 0
        return [*SIDES].index(_stronger_side(here, pair[0])), here

    cells: list[list[ReportCell]] = []
    for rank_there, row in sorted(zip(there, rows, strict=True), key=by_side):
        here = source.rank(row, source.root) or 0
        side = SIDES[_stronger_side(here, rank_there)]
        marked = source.marked(here, row, source.root)
        cells.append([source.city(row), marked, rank_there, side])
    fields = [
        head("city"),
        head("overall"),
        Field(OTHER_RANK, "rank"),
        Field(STRONGER),
    ]
    return TableContent(fields, cells, units=rows)


def _stronger_side(here: int, there: float) -> str:
    """Return the key of the side on which a city has the better rank."""
    if here == there:
        return "same"
    return "here" if here < there else "there"


def first_cities(tables: DeclaredTables, rule: Declaration) -> TableContent:
    """Return the first cities of each node below the total, those of equal rank included."""
    source = tables.source
    columns: list[list[_TrendLine]] = []
    for code in source.children(source.root):
        rows = tables.ranked_rows({"node": code})
        ranks = source.ranks(rows, code)
        last = max(ranks[: rule["depth"]], default=0)
        first = [
            _TrendLine(rank, source.marked_city(row, code))
            for row, rank in zip(rows, ranks, strict=True)
            if rank <= last
        ]
        columns.append(first)
    return _side_by_side(tables, columns, "city")


def first_pairs(tables: DeclaredTables, rule: Declaration) -> TableContent | None:
    """Return the first pairs of each node below the total, those of equal rank included."""
    source = tables.source
    pairs = tables.source.result.pairs
    if pairs is None:
        return None
    columns: list[list[_TrendLine]] = []
    for code in source.children(source.root):
        ranks = pairs.ranks[:, pairs.node_codes.index(code)]
        order = source.first_pairs(code)
        last = ranks[order[: rule["depth"]]].max(initial=0)
        first = [
            _TrendLine(int(ranks[row]), pair_name(*source.pair(row)))
            for row in order
            if ranks[row] <= last
        ]
        columns.append(first)
    return _side_by_side(tables, columns, "pair")


def _side_by_side(
    tables: DeclaredTables, columns: Sequence[Sequence[_TrendLine]], word: str
) -> TableContent:
    """Return a list for each node: the rank of each line beside its name."""
    source = tables.source
    fields: list[Field] = []
    for code in source.children(source.root):
        name = source.node(code)
        fields += [head("rank", over=name), head(word, over=name)]
    rows: list[list[ReportCell]] = []
    for lines in zip_longest(*columns, fillvalue=_TrendLine(NOTHING, NOTHING)):
        rows.append([*chain.from_iterable(lines)])
    return TableContent(fields, rows)


def first_by_group(tables: DeclaredTables, rule: Declaration) -> TableContent | None:
    """Return which of the first cities of each node belong to which group."""
    source = tables.source
    kind = tables.source.group_type(rule["class"])
    if kind is None:
        return None
    first = tables.ranked_rows({})[: rule["depth"]]
    codes = (source.root, *rule["nodes"])
    fields = [
        Field(Label(kind.name_zh, kind.name_en)),
        head("city"),
        head("overall"),
    ]
    fields += [Field(source.node(code), "rank") for code in rule["nodes"]]
    rows: list[list[ReportCell]] = []
    for group in kind.groups:
        name = Label(group.name_zh, group.name_en)
        for row in first:
            if source.units[row].attributes.get(kind.attribute) == group.value:
                ranks = [
                    source.marked(source.rank(row, code), row, code) for code in codes
                ]
                rows.append([name, source.city(row), *ranks])
                name = NOTHING
    others = [
        code
        for code in tables.source.children(tables.source.root)
        if code not in rule["nodes"]
    ]
    notes = [say("declared.not_shown", names=listed(map(source.node, others)))]
    return TableContent(fields, rows, notes=notes if others else [])
