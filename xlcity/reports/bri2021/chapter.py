"""What only this chapter shows: ranks without a node, and beside another index."""

from __future__ import annotations

import numpy as np

from xlcity.figures.contents import Label
from xlcity.index.compute import rank_among, rank_key
from xlcity.report.contents import Field, ReportCell
from xlcity.report.declared import Declaration
from xlcity.report.declared_tables import DeclaredTables, TableContent
from xlcity.report.texts import filled, head

RANK_WITHOUT = {"zh": "不含{node}的名次", "en": "Rank without {node}"}
EFFECT = {"zh": "{node}对名次的影响", "en": "Effect of {node}"}
OTHER_RANK = Label("另一排名中的相对位置", "Relative rank in the other index")
STRONGER = Label("更强的一方", "Stronger in")
SIDES = {
    "here": Label("本指数", "this index"),
    "there": Label("另一排名", "the other index"),
    "same": Label("相同", "equal"),
}


def without(tables: DeclaredTables, rule: Declaration) -> TableContent:
    """Return by how many places cities gain because of one node."""
    source, out = tables.source, rule["without"]
    tables.quantities.find(f"score:{out}")
    codes = [code for code in tables.child_codes() if code != out]
    weights = np.array([source.result.framework[code].weight for code in codes])
    block = np.column_stack([source.result.column(code) for code in codes])
    every = source.order(source.root, tables.population)
    score = block @ weights / weights.sum()
    keys, _ = rank_key(source.result.recipe, source.root, score)
    places = dict(zip(every, rank_among(source.result, source.root, every, keys), strict=True))
    rows = tables.ranked_rows(rule)
    cells: list[list[ReportCell]] = []
    for row in rows:
        now = source.rank(row, source.root) or 0
        marked = source.marked(now, row, source.root)
        cells.append([source.city(row), marked, places[row], places[row] - now])
    name = source.node(out)
    fields = [
        head("city"), head("overall", "rank"),
        Field(filled(RANK_WITHOUT, {"node": name}), "rank"),
        Field(filled(EFFECT, {"node": name}), "change"),
    ]  # fmt: skip
    return TableContent(fields, cells, units=tables.unit_ids(rows))


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
        return (0 if here < pair[0] else 1 if here > pair[0] else 2), here

    cells: list[list[ReportCell]] = []
    for rank_there, row in sorted(zip(there, rows, strict=True), key=by_side):
        here = source.rank(row, source.root) or 0
        side = "here" if here < rank_there else "there" if here > rank_there else "same"
        marked = source.marked(here, row, source.root)
        cells.append([source.city(row), marked, rank_there, SIDES[side]])
    fields = [
        head("city"),
        head("overall", "rank"),
        Field(OTHER_RANK, "rank"),
        Field(STRONGER),
    ]
    return TableContent(fields, cells, units=tables.unit_ids(rows))
