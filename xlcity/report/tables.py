"""The tables of a report, declared for any framework: data, columns, notes and sources."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from xlcity.assess.statistics import correlate
from xlcity.figures.contents import Label
from xlcity.index.steps import effective_weights, used_weights
from xlcity.report.city_columns import ATTRIBUTE, CityColumns
from xlcity.report.contents import NOTHING, Field, ReportCell, ReportTable
from xlcity.report.declared import declared_columns
from xlcity.report.declared_tables import declared_tables
from xlcity.report.facts import alike, group_label, group_name
from xlcity.report.notes import group_suffix, rank_note, score_note, table
from xlcity.report.print_differences import correlation_note, print_note, print_table
from xlcity.report.source import ReportSource
from xlcity.report.texts import (
    head,
    inside,
    listed,
    say,
)
from xlcity.reports.report import Group, GroupType

#: Pairs of cities that are listed, and cities of a table of earlier ranks.
_PAIRS, _EARLIER = 50, 20
#: Cities of a group that are shown too where the printed table left out so few.
_FEW = 2
_NUMERALS = "一二三四五六七八九"


def framework_table(source: ReportSource) -> ReportTable:
    """Return the tree: a row per indicator, a column per level, weights and units of measure."""
    tree = source.result.framework
    sides = {node.direction for node in tree.indicators}
    fields: list[Field] = []
    recipe = source.result.recipe
    weights, shares = used_weights(tree, recipe), effective_weights(tree, recipe)
    for level in range(1, tree.height + 1):
        numeral = Label(_NUMERALS[level - 1 : level] or str(level), str(level))
        fields += [Field(say("head.level", level=numeral)), head("weight", "weight")]
    fields += [head("effective", "weight"), head("uom")]
    fields += [head("direction")] if len(sides) > 1 else []
    rows: list[list[ReportCell]] = []
    before = [""] * tree.height
    for leaf in tree.indicators:
        path = tree.path(leaf.code)[1:]
        codes = [node.code for node in path] + [""] * (tree.height - len(path))
        row: list[ReportCell] = []
        for level, code in enumerate(codes):
            # A name that stands above already is not written again.
            fresh = code and codes[: level + 1] != before[: level + 1]
            row += [source.node(code), weights[code]] if fresh else [NOTHING, NOTHING]
        row += [
            shares[leaf.code],
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
    columns, types = CityColumns(source, source.root), source.group_types
    units = [unit for unit in source.units if unit.population]
    words = ["city", *(f"{ATTRIBUTE}{kind.attribute}" for kind in types)]
    words = declared_columns(source.spec.id, "cities", source.root) or words
    fields, rows = columns.table([source.result.dataset.rows[unit.id] for unit in units], words)
    ids = [unit.id for unit in units]
    across = 1 if len(words) > 3 else 2
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


def ranking_table(source: ReportSource, code: str, population: str) -> ReportTable | None:
    """Return all cities by a node, with its children and the previous edition."""
    rows = source.order(code, population)
    if not rows:
        return None
    columns = CityColumns(source, code)
    is_beside = not source.editions.is_beside_print(code)
    has_earlier = is_beside and any(source.editions.last_rank(row, code) for row in rows)
    words = declared_columns(source.spec.id, "ranking", code)
    if words and source.spec.last is not None and has_earlier:
        words = [*words, "last", "change"]
    return _city_table(
        source, columns, "ranking", words or columns.usual(has_earlier=has_earlier), population
    )


def list_table(source: ReportSource, code: str, population: str) -> ReportTable | None:
    """Return rank, city and score of all cities, in columns side by side."""
    if not source.order(code, population):
        return None
    words = declared_columns(source.spec.id, "list", code) or ["rank", "city", "score"]
    return _city_table(source, CityColumns(source, code), "list", words, population)


def _city_table(
    source: ReportSource, columns: CityColumns, kind: str, words: Sequence[str], population: str
) -> ReportTable:
    """Return a table of all cities of a group by a node; narrow ones have blocks side by side."""
    rows = source.order(columns.code, population)
    fields, cells = columns.table(rows, words)
    suffix, of = group_suffix(source, population)
    titled, notes = kind, [rank_note(source, columns.code, columns.ranked_children(words))]
    if kind == "ranking" and "score" not in words:
        titled = "ranking.ranks"
    elif kind == "ranking" and not columns.children():
        titled = "list"
    elif kind == "ranking" and "children and ranks" not in words:
        titled = "ranking.scores"
    if "children" in words or "children and ranks" in words:
        notes.append(score_note(source, [child.code for child in columns.children()]))
    with_children = {"children", "children and ranks", "ranks of children"} & {*words}
    below = [child.code for child in columns.children()] if with_children else []
    notes.append(print_note(source, [columns.code, *below], rows))
    across = 1 if len(fields) > 4 else 3 if len(rows) > 60 and len(fields) < 4 else 2
    return table(
        source, f"{kind}-{columns.code}{suffix}", fields, cells, kind=titled,
        units=[source.units[row].id for row in rows], across=across,
        texts={"node": source.node(columns.code), "group": of, "n": len(rows)}, notes=notes,
    )  # fmt: skip


def statistics_table(source: ReportSource) -> ReportTable:
    """Return count, mean, spread and both ends of every node's scores."""
    kind = source.score_kind(source.root)
    fields = [
        head("node"), head("count", "count"), head("mean", "score"), head("sd", "score"),
        head("minimum", kind), head("lowest"), head("maximum", kind), head("highest"),
    ]  # fmt: skip
    rows: list[list[ReportCell]] = []
    population = source.result.populations[0]
    for code in source.nodes:
        scores = source.result.column(code)
        # Ranks may be those of rounded scores, numbered in any order where these are equal.
        ordered = sorted(source.order(code, population), key=lambda row: -scores[row])
        values = scores[ordered]
        if len(values):
            sd = float(values.std(ddof=1)) if len(values) > 1 else None
            low, high = (alike(source, code, some) for some in (ordered[::-1], ordered))
            last, first = ordered[-1], ordered[0]
            ends = (
                source.marked(float(values[-1]), last, code), low,
                source.marked(float(values[0]), first, code), high,
            )  # fmt: skip
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
        correlations = correlate(source.result, codes, population)
    rows: list[list[ReportCell]] = []
    for number, code in enumerate(codes):
        cells = [
            f"{correlations.at(code, other)[0]:.3f}{correlations.flag(code, other)}"
            for other in codes[:number]
        ]
        texts = [Label(text, text) for text in (*(c.replace("-", "−") for c in cells), "1.000")]
        rows.append([source.node(code), *texts, *[NOTHING] * (len(codes) - number - 1)])
    fields = [head("node"), *(Field(source.node(code), "coefficient") for code in codes)]
    n = int(correlations.n.max(initial=0))
    pairs = {(code, two): correlations.at(code, two)[0] for code in codes for two in codes}
    notes = [correlation_note(source, pairs)]
    return table(source, "correlation-table", fields, rows, texts={"n": n}, notes=notes)


def groups_table(source: ReportSource, kind: GroupType) -> ReportTable | None:
    """Return size, mean scores and first city of each group of an attribute."""
    population, codes = source.result.populations[0], source.main_nodes
    rows: list[list[ReportCell]] = []
    for group in kind.groups:
        members = source.members(kind, group, source.root, population)
        if members:
            means = [source.marked(source.mean(members, code), members, code) for code in codes]
            first = source.marked_city(members[0], source.root)
            rank = source.marked(source.rank(members[0], source.root), members[0], source.root)
            name = Label(group.name_zh, group.name_en)
            rows.append([name, len(members), *means, first, rank])
    if len(rows) < 2:
        return None
    over = say("head.means")
    fields = [Field(Label(kind.name_zh, kind.name_en)), head("count", "count")]
    fields += [Field(source.node(code), "score", over) for code in codes]
    fields += [head("first"), head("rank", "rank")]
    texts = {"type": inside(Label(kind.name_zh, kind.name_en))}
    values = {group.value for group in kind.groups}
    every = source.order(source.root, population)
    rest = sum(source.units[row].attributes.get(kind.attribute) not in values for row in every)
    notes = [Label(kind.note_zh, kind.note_en)]
    if rest:
        notes.append(say("groups.rest", n=len(every), rest=rest))
    before = [group_name(group) for group in kind.groups if source.is_repeated(kind, group)]
    if before:
        notes.append(say("groups.before", names=listed(before)))
    key = f"groups-{kind.attribute}"
    return table(source, key, fields, rows, kind="groups", texts=texts, notes=notes)


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
            table_of_group = _group_table(source, code, kind, group, depth)
            if table_of_group is not None:
                yield table_of_group


def _group_table(
    source: ReportSource, code: str, kind: GroupType, group: Group, depth: int
) -> ReportTable | None:
    """Return the first cities of a group, ranked inside it."""
    members = source.members(kind, group, code, source.result.populations[0])
    if len(members) < 2:
        return None
    shown = members if len(members) <= depth + _FEW else members[:depth]
    columns = CityColumns(source, code, members)
    words = declared_columns(source.spec.id, "group", code)
    words = words or ["group rank", "city", "children", "score", "overall"]
    fields, cells = columns.table(shown, words)
    texts = {
        "node": source.node(code),
        "group": group_label(source, kind, group),
        "n": len(members),
        "shown": len(shown),
        "all": say("all.2" if len(members) == 2 else "all", n=len(members)),
    }
    below = [child.code for child in columns.children()]
    notes = [score_note(source, below), print_note(source, [code, *below], shown)]
    name = f"group-{code}-{kind.attribute}-{group.value}"
    units = [source.units[row].id for row in shown]
    titled = "group" if len(shown) < len(members) else "group.whole"
    return table(source, name, fields, cells, kind=titled, units=units, texts=texts, notes=notes)


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
        shown = members[rule.rank_from - 1 : rule.rank_to]
        names = listed(source.marked_city(row, source.root) for row in shown)
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
        if (change := source.editions.change(row, source.root)) is not None
    ]
    if not moved:
        return None
    moved.sort(key=lambda pair: -pair[1])
    root, is_printed = source.root, source.editions.is_beside_print(source.root)
    among = source.editions.changes_among(root, source.order(root, source.result.populations[0]))
    words = ["city", "now" if is_printed else "rank", "last", "change"]
    words += ["change among"] if among else []
    fields, cells = CityColumns(source, root).table([row for row, _ in moved], words)
    units = [source.units[row].id for row, _ in moved]
    texts = {"node": source.node(root), "last": source.earlier[0].label, "n": len(moved)}
    notes = [say("changes.printed")] if is_printed else []
    notes += [say("changes.among", n=len(among))] if among else []
    return table(
        source, "changes", fields, cells, units=units, across=1 if among else 2, texts=texts,
        notes=notes, invented=not is_printed,
    )  # fmt: skip


def earlier_table(source: ReportSource, code: str) -> ReportTable | None:
    """Return the ranks of the first cities in this and earlier editions."""
    population = source.result.populations[0]
    is_printed = source.editions.is_beside_print(code)
    order = source.editions.order_beside if is_printed else source.order
    rows = order(code, population)[:_EARLIER]
    editions = [
        edition
        for edition in source.earlier
        if any((source.units[row].id, code) in edition.ranks for row in rows)
    ]
    if len(editions) < 1 or not rows:
        return None
    cells = [
        [source.city(row), _rank_beside(source, row, code)]
        + [edition.ranks.get((source.units[row].id, code)) for edition in editions]
        for row in rows
    ]
    fields = [
        head("city"),
        Field(source.edition, "rank"),
        *(Field(_headed(edition.label), "rank") for edition in editions),
    ]
    texts = {"node": source.node(code), "n": len(rows)}
    units = [source.units[row].id for row in rows]
    name = f"earlier-{code}"
    notes = [say("changes.printed")] if is_printed else []
    return table(
        source, name, fields, cells, kind="earlier", units=units, texts=texts, notes=notes,
        invented=not is_printed,
    )  # fmt: skip


def _rank_beside(source: ReportSource, row: int, code: str) -> ReportCell:
    """Return the rank beside earlier ones: the printed one where the own one is invented."""
    if source.editions.is_beside_print(code):
        return source.editions.printed_ranks[source.units[row].id, code]
    return source.marked(source.rank(row, code), row, code)


def _headed(label: Label) -> Label:
    """Return a label as the heading of a column."""
    return Label(label.zh, label.en[:1].upper() + label.en[1:])


def pair_table(source: ReportSource) -> ReportTable | None:
    """Return the first pairs of cities, where pairs are scored."""
    pairs = source.result.pairs
    if pairs is None:
        return None
    column, first = pairs.node_codes.index(source.root), source.first_pairs(source.root, _PAIRS)
    cells: list[list[ReportCell]] = [
        [int(pairs.ranks[row, column]), *source.pair(row), float(pairs.scores[row, column])]
        for row in first
    ]
    fields = [head("rank", "rank"), head("city_a"), head("city_b"), head("score", "score")]
    texts = {"node": source.node(source.root), "n": len(pairs.pairs), "shown": len(first)}
    return table(source, "pairs", fields, cells, texts=texts)


def report_tables(source: ReportSource) -> list[ReportTable]:
    """Return every table that an index has data for, in the order of a book."""
    groups = source.result.populations
    tables: list[ReportTable | None] = [framework_table(source), city_table(source)]
    tables += [list_table(source, code, group) for code in source.main_nodes for group in groups]
    tables += [statistics_table(source), correlation_table(source), change_table(source)]
    tables += [earlier_table(source, code) for code in source.main_nodes]
    tables += [groups_table(source, kind) for kind in source.group_types]
    tables += [*group_tables(source), tier_table(source), pair_table(source)]
    tables += [ranking_table(source, code, group) for code in source.nodes for group in groups]
    tables += [*declared_tables(source), print_table(source)]
    return [made_table for made_table in tables if made_table is not None]
