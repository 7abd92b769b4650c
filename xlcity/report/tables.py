"""The tables of a report, declared for any framework: data, columns, notes and sources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from xlcity.assess.correlation import correlate
from xlcity.figures.contents import Label
from xlcity.model.framework import Node
from xlcity.report.contents import NOTHING, Field, ReportCell, ReportTable
from xlcity.report.source import ReportSource
from xlcity.report.texts import filled, listed, report_texts, say
from xlcity.reports.report import Group, GroupType

#: Beyond these numbers of children a ranking shows scores alone, and none at all.
_RANKED_CHILDREN, _MOST_CHILDREN = 4, 8
#: Pairs of cities that are listed, and cities of a table of earlier ranks.
_PAIRS, _EARLIER = 50, 20


def table(
    source: ReportSource,
    name: str,
    fields: Sequence[Field],
    rows: Sequence[Sequence[ReportCell]],
    *,
    kind: str = "",
    units: Sequence[str] = (),
    across: int = 1,
    invented: bool = True,
    texts: Mapping[str, object] | None = None,
) -> ReportTable:
    """Return a table with the texts of its kind: `KIND.title` and `KIND.note`."""
    kind = kind or name
    synthetic = source.synthetic if invented else 0
    title, note = (
        filled(report_texts()[f"{kind}.{part}"], texts or {}) for part in ("title", "note")
    )
    origin = say("source", name=Label(source.spec.name_zh, source.spec.name_en))
    return ReportTable(name, title, fields, rows, note, origin, synthetic, across, units)


def head(key: str, kind: str = "text", over: Label = NOTHING) -> Field:
    """Return a column with a heading of `heads`."""
    return Field(say(f"head.{key}"), kind, over)


def group_suffix(source: ReportSource, population: str) -> tuple[str, Label]:
    """Return what follows the id and the title of what one group of cities has of its own."""
    groups = source.result.populations
    if len(groups) < 2:
        return "", NOTHING
    name = "" if population == groups[0] else f"-{population}"
    word = say(f"population.{population}") if population in ("main", "mini") else None
    word = word or Label(population, population)
    return name, Label(f"（{word.zh}）", f" ({word.en})")


def framework_table(source: ReportSource) -> ReportTable:
    """Return the tree: a row per indicator, a column per level, weights and units of measure."""
    tree = source.result.framework
    sides = {node.direction for node in tree.indicators}
    fields: list[Field] = []
    for level in range(1, tree.height + 1):
        fields += [Field(say("head.level", level=level)), head("weight", "weight")]
    fields += [head("effective", "weight"), head("uom")]
    fields += [head("direction")] if len(sides) > 1 else []
    rows: list[list[ReportCell]] = []
    before = [""] * tree.height
    for leaf in tree.indicators:
        path = tree.path(leaf.code)[1:]
        codes = [node.code for node in path] + [""] * (tree.height - len(path))
        row: list[ReportCell] = []
        for at, code in enumerate(codes):
            # A name that stands above already is not written again.
            fresh = code and codes[: at + 1] != before[: at + 1]
            row += [source.node(code), float(tree[code].weight)] if fresh else [NOTHING, NOTHING]
        row += [
            tree.effective_weight(leaf.code),
            Label(leaf.uom_zh or leaf.uom, leaf.uom or leaf.uom_zh),
        ]
        rows.append(row + ([say(f"direction.{leaf.direction.name}")] if len(sides) > 1 else []))
        before = codes
    counts = {
        "levels": tree.height, "indicators": len(tree.indicators), "node": source.node(source.root),
    }  # fmt: skip
    return table(source, "framework", fields, rows, invented=False, texts=counts)


def city_table(source: ReportSource) -> ReportTable:
    """Return the cities with their groups, in the order of the data."""
    types = source.group_types
    rows: list[list[ReportCell]] = []
    units = [unit for unit in source.units if unit.population]
    for unit in units:
        names = [_group_name(kind, unit.attributes.get(kind.attribute, "")) for kind in types]
        rows.append([source.city(source.result.dataset.rows[unit.id]), *names])
    fields = [head("city"), *(Field(Label(kind.name_zh, kind.name_en)) for kind in types)]
    ids = [unit.id for unit in units]
    across = 1 if len(types) > 2 else 2
    return table(
        source,
        "cities",
        fields,
        rows,
        units=ids,
        across=across,
        invented=False,
        texts={"n": len(rows)},
    )


def _group_name(kind: GroupType, value: str) -> Label:
    found = next((group for group in kind.groups if group.value == value), None)
    return Label(found.name_zh, found.name_en) if found else Label(value, value)


def ranking_table(source: ReportSource, code: str, population: str) -> ReportTable | None:
    """Return all cities by a node, with its children and the previous edition."""
    rows = source.order(code, population)
    if not rows:
        return None
    children = source.children(code) if len(source.children(code)) <= _MOST_CHILDREN else []
    both = 1 < len(children) <= _RANKED_CHILDREN
    fields = [head("rank", "rank"), head("city"), head("score", "score")]
    known = any(source.last_rank(row, code) for row in rows)
    fields += [head("last", "rank"), head("change", "change")] if known else []
    if len(children) > 1:
        fields += [field for child in children for field in _child_fields(source, child, both)]
    cells: list[list[ReportCell]] = []
    for row in rows:
        line: list[ReportCell] = [source.rank(row, code), source.city(row), source.score(row, code)]
        line += [source.last_rank(row, code), source.change(row, code)] if known else []
        for child in children if len(children) > 1 else []:
            line += [source.score(row, child.code)]
            line += [source.rank(row, child.code)] if both else []
        cells.append(line)
    suffix, of = group_suffix(source, population)
    across = 2 if len(fields) < 4 else 1
    texts = {"node": source.node(code), "group": of, "n": len(rows)}
    units = [source.units[row].id for row in rows]
    name = f"ranking-{code}{suffix}"
    return table(
        source, name, fields, cells, kind="ranking", units=units, across=across, texts=texts
    )


def _child_fields(source: ReportSource, child: Node, both: bool) -> list[Field]:
    name = source.node(child.code)
    if not both:
        return [Field(name, "score")]
    return [head("score", "score", name), head("rank", "rank", name)]


def list_table(source: ReportSource, code: str, population: str) -> ReportTable | None:
    """Return rank, city and score of all cities, in columns side by side."""
    rows = source.order(code, population)
    if not rows:
        return None
    cells = [[source.rank(row, code), source.city(row), source.score(row, code)] for row in rows]
    fields = [head("rank", "rank"), head("city"), head("score", "score")]
    suffix, of = group_suffix(source, population)
    texts = {"node": source.node(code), "group": of, "n": len(rows)}
    units = [source.units[row].id for row in rows]
    across = 3 if len(rows) > 30 else 2
    name = f"list-{code}{suffix}"
    return table(source, name, fields, cells, kind="list", units=units, across=across, texts=texts)


def statistics_table(source: ReportSource) -> ReportTable:
    """Return count, mean, spread and both ends of every node's scores."""
    fields = [
        head("node"), head("count", "count"), head("mean", "score"), head("sd", "score"),
        head("minimum", "score"), head("lowest"), head("maximum", "score"), head("highest"),
    ]  # fmt: skip
    rows: list[list[ReportCell]] = []
    population = source.result.populations[0]
    for code in source.nodes:
        ranked = source.order(code, population)
        values = source.result.column(code)[ranked]
        if len(values):
            sd = float(values.std(ddof=1)) if len(values) > 1 else None
            ends = values[-1], source.city(ranked[-1]), values[0], source.city(ranked[0])
            rows.append([source.node(code), len(values), float(values.mean()), sd, *ends])
    group = group_suffix(source, population)[1]
    return table(source, "statistics", fields, rows, texts={"group": group})


def correlation_table(source: ReportSource) -> ReportTable | None:
    """Return the correlations of the root and the nodes below it, with their significance."""
    codes = source.main_nodes
    if len(codes) < 3:
        return None
    population = source.result.populations[0]
    with np.errstate(all="ignore"):
        found = correlate(source.result, codes, population)
    rows: list[list[ReportCell]] = []
    for at, one in enumerate(codes):
        cells = [f"{found.at(one, other)[0]:.3f}{found.flag(one, other)}" for other in codes[:at]]
        texts = [Label(text, text) for text in (*cells, "1")]
        rows.append([source.node(one), *texts, *[NOTHING] * (len(codes) - at - 1)])
    fields = [head("node"), *(Field(source.node(code)) for code in codes)]
    n = int(found.n.max(initial=0))
    return table(source, "correlation-table", fields, rows, texts={"n": n})


def groups_table(source: ReportSource, kind: GroupType) -> ReportTable | None:
    """Return size, mean scores and first city of each group of an attribute."""
    population, codes = source.result.populations[0], source.main_nodes
    rows: list[list[ReportCell]] = []
    for group in kind.groups:
        members = source.members(kind, group, source.root, population)
        if members:
            means = [_mean(source, members, code) for code in codes]
            first = source.city(members[0])
            name = Label(group.name_zh, group.name_en)
            rows.append([name, len(members), *means, first, source.rank(members[0], source.root)])
    if len(rows) < 2:
        return None
    over = say("head.means")
    fields = [Field(Label(kind.name_zh, kind.name_en)), head("count", "count")]
    fields += [Field(source.node(code), "score", over) for code in codes]
    fields += [head("first"), head("rank", "rank")]
    texts = {"type": Label(kind.name_zh, kind.name_en)}
    return table(source, f"groups-{kind.attribute}", fields, rows, kind="groups", texts=texts)


def _mean(source: ReportSource, rows: Sequence[int], code: str) -> float | None:
    values = source.result.column(code)[rows]
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else None


def group_tables(source: ReportSource) -> Iterator[ReportTable]:
    """Yield the cities of each group by the root, or the subtables that the report printed."""
    printed = [(s.node, s.group_type, s.group, s.depth) for s in source.spec.subtables if s.label]
    own = [
        (source.root, kind.attribute, group.value, len(source.units))
        for kind in source.group_types
        for group in kind.groups
    ]
    kinds = {kind.attribute: kind for kind in source.group_types}
    for code, attribute, value, depth in [*own, *printed]:
        kind = kinds.get(attribute)
        group = next((g for g in kind.groups if g.value == value), None) if kind else None
        if kind is not None and group is not None and source.has(code):
            made = _group_table(source, code, kind, group, depth)
            if made is not None:
                yield made


def _group_table(
    source: ReportSource, code: str, kind: GroupType, group: Group, depth: int
) -> ReportTable | None:
    """Return the first cities of a group, ranked inside it."""
    members = source.members(kind, group, code, source.result.populations[0])
    if len(members) < 2:
        return None
    shown = members[:depth]
    children = source.children(code)
    children = children if 1 < len(children) <= _MOST_CHILDREN else []
    ranks = [source.rank(row, code) or 0 for row in members]
    cells: list[list[ReportCell]] = []
    for row in shown:
        place = 1 + sum(other < (source.rank(row, code) or 0) for other in ranks)
        parts = [source.score(row, child.code) for child in children]
        line = [place, source.city(row), *parts, source.score(row, code), source.rank(row, code)]
        cells.append(line)
    fields = [head("group_rank", "rank"), head("city")]
    fields += [Field(source.node(child.code), "score") for child in children]
    fields += [head("score", "score"), head("overall", "rank")]
    texts = {
        "node": source.node(code),
        "group": Label(group.name_zh, group.name_en),
        "n": len(members),
        "shown": len(shown),
    }
    name = f"group-{code}-{kind.attribute}-{group.value}"
    units = [source.units[row].id for row in shown]
    return table(source, name, fields, cells, kind="group", units=units, texts=texts)


def tier_table(source: ReportSource) -> ReportTable | None:
    """Return the names of each tier by the root, where the report has tiers."""
    population = source.result.populations[0]
    kinds = {kind.attribute: kind for kind in source.group_types}
    rows: list[list[ReportCell]] = []
    for rule in source.spec.tiers:
        kind = kinds.get(rule.group_type)
        group = next((g for g in kind.groups if g.value == rule.group), None) if kind else None
        every = source.order(source.root, population)
        members = source.members(kind, group, source.root, population) if kind and group else every
        if rule.group_type != "all" and group is None:
            continue
        names = listed(source.city(row) for row in members[rule.rank_from - 1 : rule.rank_to])
        of = Label(group.name_zh, group.name_en) if group else say("all_cities")
        places = Label(f"{rule.rank_from}–{rule.rank_to}", f"{rule.rank_from}–{rule.rank_to}")
        rows.append([of, rule.tier, places, names])
    fields = [head("group"), head("tier", "count"), head("places"), head("cities")]
    texts = {"node": source.node(source.root)}
    return table(source, "tiers", fields, rows, texts=texts) if rows else None


def change_table(source: ReportSource) -> ReportTable | None:
    """Return the cities by how far they moved since the previous edition."""
    moved = [
        (row, change)
        for row in source.order(source.root, source.result.populations[0])
        if (change := source.change(row, source.root)) is not None
    ]
    if not moved:
        return None
    moved.sort(key=lambda pair: -pair[1])
    root = source.root
    cells = [
        [source.city(row), source.rank(row, root), source.last_rank(row, root), change]
        for row, change in moved
    ]
    fields = [head("city"), head("rank", "rank"), head("last", "rank"), head("change", "change")]
    units = [source.units[row].id for row, _ in moved]
    texts = {"node": source.node(root), "last": source.earlier[0].label, "n": len(moved)}
    return table(source, "changes", fields, cells, units=units, across=2, texts=texts)


def earlier_table(source: ReportSource, code: str) -> ReportTable | None:
    """Return the ranks of the first cities in this and earlier editions."""
    population = source.result.populations[0]
    rows = source.order(code, population)[:_EARLIER]
    known = [
        edition
        for edition in source.earlier
        if any((source.units[row].id, code) in edition.ranks for row in rows)
    ]
    if len(known) < 1 or not rows:
        return None
    cells = [
        [source.city(row), source.rank(row, code)]
        + [edition.ranks.get((source.units[row].id, code)) for edition in known]
        for row in rows
    ]
    this = Label(source.spec.edition or "本届", source.spec.edition or "this edition")
    fields = [head("city"), Field(this, "rank"), *(Field(one.label, "rank") for one in known)]
    texts = {"node": source.node(code), "n": len(rows)}
    units = [source.units[row].id for row in rows]
    name = f"earlier-{code}"
    return table(source, name, fields, cells, kind="earlier", units=units, texts=texts)


def pair_table(source: ReportSource) -> ReportTable | None:
    """Return the first pairs of cities, where pairs are scored."""
    found = source.result.pairs
    if found is None:
        return None
    at = found.node_codes.index(source.root)
    places = found.positions[:, at]
    first = [row for row in np.argsort(places, kind="stable").tolist() if places[row]][:_PAIRS]
    rows_of = source.result.dataset.rows
    cells: list[list[ReportCell]] = [
        [
            int(found.ranks[row, at]),
            *(source.city(rows_of[unit]) for unit in found.pairs[row]),
            float(found.scores[row, at]),
        ]
        for row in first
    ]
    fields = [head("rank", "rank"), head("city_a"), head("city_b"), head("score", "score")]
    texts = {"node": source.node(source.root), "n": len(found.pairs), "shown": len(first)}
    return table(source, "pairs", fields, cells, texts=texts)


def report_tables(source: ReportSource) -> list[ReportTable]:
    """Return every table that an index has data for, in the order of a book."""
    groups = source.result.populations
    made: list[ReportTable | None] = [framework_table(source), city_table(source)]
    made += [list_table(source, code, group) for code in source.main_nodes for group in groups]
    made += [statistics_table(source), correlation_table(source), change_table(source)]
    made += [earlier_table(source, code) for code in source.main_nodes]
    made += [groups_table(source, kind) for kind in source.group_types]
    made += [*group_tables(source), tier_table(source), pair_table(source)]
    made += [ranking_table(source, code, group) for code in source.nodes for group in groups]
    return [one for one in made if one is not None]
