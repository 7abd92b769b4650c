"""The tables of a report, declared for any framework: data, columns, notes and sources."""

from __future__ import annotations

import numpy as np

from xlcity.assess.statistical_audit import audit_nodes
from xlcity.assess.statistics import correlate
from xlcity.figures.contents import Label
from xlcity.index.panel import has_fixed_bounds
from xlcity.index.steps import effective_weights
from xlcity.report.city_columns import ATTRIBUTE, CityColumns
from xlcity.report.contents import NOTHING, Field, ReportCell, ReportTable
from xlcity.report.declared import declared_columns
from xlcity.report.notes import group_suffix, rank_note, score_note, table
from xlcity.report.print_differences import print_note
from xlcity.report.source import ReportSource
from xlcity.report.texts import head, inside, joined, say
from xlcity.reports.report import Group, GroupType
from xlcity.workbook.labels import label_text

#: Pairs of cities that are listed, and cities of a table of earlier ranks.
_PAIRS, _EARLIER = 50, 20
#: Cities of a group that are shown too where the printed table left out so few.
_FEW = 2
#: Columns of a table that stands in blocks side by side, and rows of one in three blocks.
_NARROW, _LONG = 4, 60
_NUMERALS = "一二三四五六七八九"


def framework_table(source: ReportSource) -> ReportTable:
    """Return the tree: a row per indicator, a column per level, weights and units of measure."""
    tree = source.result.framework
    sides = {node.direction for node in tree.indicators}
    shares = effective_weights(tree, source.result.recipe)
    weights = {n.code: shares[n.code] / (shares[n.parent] or 1.0) for n in tree.nodes if n.parent}
    fields: list[Field] = []
    for level in range(1, tree.height + 1):
        numeral = Label(_NUMERALS[level - 1 : level] or str(level), str(level))
        fields += [Field(say("head.level", level=numeral)), head("weight", "weight")]
    fields += [head("effective", "share"), head("uom")]
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
        row += [shares[leaf.code], source.uom(leaf.code)]
        rows.append(row + ([say(f"direction.{leaf.direction.name}")] if len(sides) > 1 else []))
        before = codes
    counts = {"levels": tree.height, "indicators": len(tree.indicators)}
    return table(source, "framework", fields, rows, invented=False, texts=counts)


def city_table(source: ReportSource) -> ReportTable:
    """Return the cities with their groups, in the order of the data."""
    units = [row for row, unit in enumerate(source.units) if unit.population]
    words = ["city", *(f"{ATTRIBUTE}{kind.attribute}" for kind in source.group_types)]
    words = declared_columns(source.spec.id, "cities", source.root) or words
    fields, rows = CityColumns(source, source.root).table(units, words)
    return table(
        source, "cities", fields, rows, units=units, across=1 if len(words) > 3 else 2,
        invented=False, texts={"n": len(rows)},
    )  # fmt: skip


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
    words = words or columns.usual(has_earlier=has_earlier)
    fields, cells = columns.table(rows, words)
    suffix, group = group_suffix(source, population)
    ranked, below = columns.ranked_children(words), columns.shown_children(words)
    notes = [rank_note(source, code, ranked), score_note(source, [*{*below} - {*ranked}])]
    notes.append(print_note(source, [code, *below], rows))
    across = 3 if len(rows) > _LONG and len(fields) < _NARROW else 2
    return table(
        source, f"ranking-{code}{suffix}", fields, cells, kind="ranking", code=code, units=rows,
        across=across if len(fields) <= _NARROW else 1, texts={"group": group, "n": len(rows)},
        notes=notes,
    )  # fmt: skip


def correlation_table(source: ReportSource) -> ReportTable | None:
    """Return the correlations of the root and the nodes below it, with their significance."""
    codes = source.main_nodes
    if len(codes) < 3:
        return None
    with np.errstate(all="ignore"):
        correlations = correlate(source.result, codes, source.result.populations[0])
    rows: list[list[ReportCell]] = []
    for number, code in enumerate(codes):
        cells = [
            f"{correlations.of_pair(code, other)[0]:.3f}{correlations.flag(code, other)}"
            for other in codes[:number]
        ]
        texts = [Label(text, text) for text in (*(c.replace("-", "−") for c in cells), "1.000")]
        rows.append([source.node(code), *texts, *[NOTHING] * (len(codes) - number - 1)])
    fields = [head("node"), *(Field(source.node(code), "coefficient") for code in codes)]
    n = int(correlations.n.max(initial=0))
    return table(source, "correlation-table", fields, rows, texts={"n": n})


def audit_table(source: ReportSource) -> ReportTable:
    """Return the statistical audit of every node: its numbers, and what is beyond limits."""
    columns = {"coverage": "share", "r_above": "coefficient", "ratio": "coefficient",
               "alpha": "coefficient", "component": "share"}  # fmt: skip
    with np.errstate(all="ignore"):
        audits = audit_nodes(source.result, source.result.populations[0])
    rows: list[list[ReportCell]] = []
    for audit in audits:
        said = [label_text(f"audit.is_{finding}") for finding in audit.findings]
        verdict = joined(*(Label(*texts) for texts in said or [label_text("audit.none")]))
        values = (getattr(audit, name) for name in columns)
        numbers = [None if np.isnan(value) else value for value in values]
        rows.append([source.node(audit.node), *numbers, verdict])
    heads = [Field(Label(*label_text(f"audit.{name}")), kind) for name, kind in columns.items()]
    fields = [head("node"), *heads, Field(Label(*label_text("audit.verdict")))]
    return table(source, "audit", fields, rows, texts={"n": len(rows)})


def groups_table(source: ReportSource, kind: GroupType) -> ReportTable | None:
    """Return size, mean scores and first city of each group of an attribute."""
    population, codes, root = source.result.populations[0], source.main_nodes, source.root
    rows: list[list[ReportCell]] = []
    for group in kind.groups:
        members = source.members(kind, group, root, population)
        if members:
            means = [source.marked(source.mean(members, code), members, code) for code in codes]
            row = members[0]
            rank = source.marked(source.rank(row, root), row, root)
            first = [source.marked_city(row, root), rank]
            rows.append([Label(group.name_zh, group.name_en), len(members), *means, *first])
    if len(rows) < 2:
        return None
    name, over = Label(kind.name_zh, kind.name_en), say("head.means")
    fields = [Field(name), head("count", "count")]
    fields += [Field(source.node(code), "score", over) for code in codes]
    fields += [head("first"), head("rank", "rank")]
    values = {group.value for group in kind.groups}
    every = source.order(root, population)
    rest = sum(source.units[row].attributes.get(kind.attribute) not in values for row in every)
    notes = [Label(kind.note_zh, kind.note_en)]
    notes += [say("groups.rest", n=len(every), rest=rest)] if rest else []
    key, texts = f"groups-{kind.attribute}", {"type": inside(name)}
    return table(source, key, fields, rows, kind="groups", texts=texts, notes=notes)


def group_table(
    source: ReportSource, code: str, kind: GroupType, group: Group, depth: int
) -> ReportTable | None:
    """Return the first cities of a group, ranked inside it."""
    members = source.members(kind, group, code, source.result.populations[0])
    if len(members) < 2 or not source.has(code):
        return None
    shown = members if len(members) <= depth + _FEW else members[:depth]
    columns = CityColumns(source, code, members)
    words = declared_columns(source.spec.id, "group", code)
    words = words or ["group rank", "city", "children", "score", "overall"]
    fields, cells = columns.table(shown, words)
    every = say("all.2" if len(members) == 2 else "all", n=len(members))
    texts = {"group": source.group_name(kind, group), "n": len(members), "shown": len(shown)}
    below = [child.code for child in columns.children()]
    notes = [score_note(source, below), print_note(source, [code, *below], shown)]
    return table(
        source, f"group-{code}-{kind.attribute}-{group.value}", fields, cells, code=code,
        kind="group" if len(shown) < len(members) else "group.whole", units=shown,
        texts={**texts, "all": every}, notes=notes,
    )  # fmt: skip


def change_table(source: ReportSource) -> ReportTable | None:
    """Return the cities by how far they moved since the previous edition."""
    root, editions = source.root, source.editions
    order = source.order(root, source.result.populations[0])
    moves = {row: move for row in order if (move := editions.change(row, root)) is not None}
    if not moves:
        return None
    rows = sorted(moves, key=lambda row: -moves[row])
    is_printed, among = editions.is_beside_print(root), editions.changes_among(root, order)
    words = ["city", "now" if is_printed else "rank", "last", "change"]
    words += ["change among"] if among else []
    fields, cells = CityColumns(source, root).table(rows, words)
    notes = [say("changes.printed")] if is_printed else []
    notes += [say("changes.among", n=len(among))] if among else []
    texts = {"last": source.earlier[0].label, "n": len(rows)}
    return table(
        source, "changes", fields, cells, units=rows, across=1 if among else 2, texts=texts,
        notes=notes, invented=not is_printed,
    )  # fmt: skip


def earlier_table(source: ReportSource, code: str) -> ReportTable | None:
    """Return the ranks of the first cities in this and earlier editions."""
    population, editions = source.result.populations[0], source.editions
    is_printed = editions.is_beside_print(code)
    rows = editions.order_beside(code, population)[:_EARLIER]
    units = {row: source.units[row].id for row in rows}
    shown = [e for e in source.earlier if any((units[row], code) in e.ranks for row in rows)]
    if not shown:
        return None
    columns = CityColumns(source, code).table(rows, ["city", "now" if is_printed else "rank"])
    cells = [
        [*own, *(edition.ranks.get((units[row], code)) for edition in shown)]
        for row, own in zip(rows, columns[1], strict=True)
    ]
    labels = [source.edition, *(edition.label for edition in shown)]
    heads = [Label(label.zh, label.en[:1].upper() + label.en[1:]) for label in labels]
    fields = [head("city"), *(Field(label, "rank") for label in heads)]
    notes = [say("changes.printed")] if is_printed else []
    return table(
        source, f"earlier-{code}", fields, cells, kind="earlier", code=code, units=rows,
        texts={"n": len(rows)}, notes=notes, invented=not is_printed,
    )  # fmt: skip


def trajectory_table(source: ReportSource, code: str) -> ReportTable | None:
    """Return the scores of the ranked cities over the editions, with growth and convergence."""
    if (traced := source.trajectories(code)) is None:
        return None
    by_city = {unit.unit: unit for unit in traced.units}
    order = source.order(code, source.result.populations[0])
    rows: list[list[ReportCell]] = []
    for row in order:
        unit = by_city[source.units[row].id]
        words = [label_text(f"trajectories.{word}") for word in unit.remark.split(", ") if word]
        rate = None if unit.rate is None else 100 * unit.rate
        remark = joined(*(Label(*texts) for texts in words))
        rows.append([source.city(row), *unit.scores.values(), rate, remark])
    fields = [head("city"), *(Field(Label(edition), "score") for edition in traced.editions)]
    fields += [head("cagr", "growth"), Field(Label(*label_text("correlation.remark")))]
    group = traced.convergence[0]
    numbers = (group.cv[traced.editions[0]], group.cv[traced.editions[-1]], group.beta, group.se)
    texts = dict(zip(("first", "last", "beta", "se"), (f"{x:.3f}" for x in numbers), strict=True))
    broken = ", ".join(f"{line.code} ({line.edition})" for line in traced.breaks)
    notes = [say("trajectories.broken", codes=broken)] if broken else []
    if not has_fixed_bounds(source.result.framework, source.result.recipe):
        notes.append(Label(*label_text("trajectories.bounds")))
    return table(source, f"trajectories-{code}", fields, rows, kind="trajectories", code=code,
                 units=order, texts={**texts, "n": group.n}, notes=notes)  # fmt: skip


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
    texts = {"n": len(pairs.pairs), "shown": len(first)}
    return table(source, "pairs", fields, cells, texts=texts)


def subtable_depths(source: ReportSource) -> dict[tuple[str, str, str], int]:
    """Return how many cities printed tables of groups list: (node, attribute, group) -> number."""
    return {(s.node, s.group_type, s.group): s.depth for s in source.spec.subtables if s.label}
