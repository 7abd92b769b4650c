"""What only this chapter shows: first cities and pairs, ranks without a node, another index."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from xlcity.figures.contents import Label, listed, pair_name
from xlcity.index.compute import rank_among, rank_key
from xlcity.report.contents import NOTHING, Field, ReportCell
from xlcity.report.declared_tables import DeclaredTables, TableContent
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


def without(tables: DeclaredTables, rule: Declaration) -> TableContent:
    """Return by how many places cities gain because of one node."""
    source = tables.source
    out = rule["without"]
    tables.quantities.find(f"score:{out}")
    codes = [code for code in tables.source.children(tables.source.root) if code != out]
    weights = np.array([source.result.framework[code].weight for code in codes])
    block = np.column_stack([source.result.column(code) for code in codes])
    every = source.order(source.root)
    score = block @ weights / weights.sum()
    keys, _ = rank_key(source.result.recipe, source.root, score)
    places = dict(
        zip(every, rank_among(source.result, source.root, every, keys), strict=True)
    )
    rows = tables.ranked_rows(rule)
    cells: list[list[ReportCell]] = []
    for row in rows:
        now = source.rank(row, source.root) or 0
        marked = source.marked(now, row, source.root)
        cells.append([source.city(row), marked, places[row], places[row] - now])
    name = source.node(out)
    fields = [
        head("city"),
        head("overall", "rank"),
        Field(filled(RANK_WITHOUT, {"node": name}), "rank"),
        Field(filled(EFFECT, {"node": name}), "change"),
    ]
    return TableContent(fields, cells, units=rows)


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
        head("overall", "rank"),
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
    columns = []
    for code in tables.source.children(tables.source.root):
        every = [
            (source.rank(row, code) or 0, row)
            for row in tables.ranked_rows({"node": code})
        ]
        last = max((rank for rank, _ in every[: rule["depth"]]), default=0)
        columns.append(
            [(r, source.marked_city(row, code)) for r, row in every if r <= last]
        )
    return _side_by_side(tables, columns, "city")


def first_pairs(tables: DeclaredTables, rule: Declaration) -> TableContent | None:
    """Return the first pairs of each node below the total, those of equal rank included."""
    source = tables.source
    pairs = tables.source.result.pairs
    columns = []
    if pairs is None:
        return None
    for code in tables.source.children(tables.source.root):
        ranks = pairs.ranks[:, pairs.node_codes.index(code)]
        order = source.first_pairs(code)
        last = ranks[order[: rule["depth"]]].max(initial=0)
        first = [row for row in order if ranks[row] <= last]
        columns.append(
            [(int(ranks[row]), pair_name(*source.pair(row))) for row in first]
        )
    return _side_by_side(tables, columns, "pair")


def _side_by_side(
    tables: DeclaredTables, columns: Sequence[Sequence[tuple[int, Label]]], word: str
) -> TableContent:
    """Return a list for each node: the rank of each line beside its name."""
    fields = [
        field
        for name in map(tables.source.node, tables.source.children(tables.source.root))
        for field in (head("rank", "rank", name), head(word, over=name))
    ]
    blank: tuple[ReportCell, ReportCell] = (NOTHING, NOTHING)
    rows = [
        [
            cell
            for column in columns
            for cell in (column[line] if line < len(column) else blank)
        ]
        for line in range(max(map(len, columns), default=0))
    ]
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
        head("overall", "rank"),
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
