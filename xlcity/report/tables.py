"""The tables of a report, declared for any framework: data, columns, notes and sources."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from xlcity.assess.regression import compare_with_size
from xlcity.assess.statistical_audit import audit_nodes
from xlcity.assess.statistics import correlate
from xlcity.figures.contents import Label, inside, joined, listed
from xlcity.grouping import grouped
from xlcity.index.panel import has_fixed_bounds
from xlcity.index.rating import NodeRating, rate_nodes
from xlcity.index.steps import effective_weights
from xlcity.model.nodes import Node
from xlcity.model.reading.tables import parse_float
from xlcity.report.city_columns import ATTRIBUTE, CityColumns
from xlcity.report.contents import (
    INDENT,
    NOTHING,
    Cells,
    Field,
    ReportCell,
    ReportTable,
    share_text,
    shown,
)
from xlcity.report.notes import (
    change_note,
    group_suffix,
    print_note,
    rank_note,
    score_note,
    table,
)
from xlcity.report.source import ReportSource
from xlcity.report.texts import all_cities, head, say
from xlcity.reports.declarations import declared_columns
from xlcity.reports.report import Group, GroupType
from xlcity.workbook.labels import label_text

#: Columns of a table of size -> kind of their numbers.
_OF_SIZE = {
    "size": "count",
    **dict.fromkeys(("score", "expected", "residual"), "score"),
}
_OF_SIZE["rank"] = "rank"
#: Pairs of cities that are listed, and cities of a table of earlier ranks.
_PAIRS = 50
_EARLIER = 20
#: Cities of a group that are shown too where the printed table left out so few.
_FEW = 2
#: Columns of a table that stands in blocks side by side, and rows of one in three blocks.
_NARROW = 4
_LONG = 36
#: Cities without a score that the note of a ranking names.
_MOST_UNSCORED = 12
#: Levels that have a column each; names of more stand below one another.
_LEVELS = 4
_NUMERALS = "一二三四"


def framework_table(source: ReportSource) -> ReportTable:
    """Return the tree with weights and units of measure: rows of indicators, columns of levels."""
    tree = source.result.framework
    sides = {node.direction for node in tree.indicators}
    has_uom = any(source.uom(node.code) != NOTHING for node in tree.indicators)
    shares = effective_weights(tree, source.result.recipe)
    weights = {
        n.code: shares[n.code] / (shares[n.parent] or 1.0)
        for n in tree.nodes
        if n.parent
    }
    # Of one level every weight is a share in the total.
    is_flat = tree.height == 1
    ends = [head("effective", "share")] * (not is_flat) + [head("uom")] * has_uom
    ends += [head("direction")] if len(sides) > 1 else []

    def end(node: Node) -> list[ReportCell]:
        cells: list[ReportCell] = [shares[node.code]] * (not is_flat)
        cells += [source.uom(node.code)] * has_uom
        words = (
            say(f"direction.{node.direction.name}")
            if tree.is_indicator(node.code)
            else NOTHING
        )
        return cells + ([words] if len(sides) > 1 else [])

    fields: list[Field] = []
    rows: Cells = []
    if tree.height > _LEVELS:
        fields = [head("node"), head("weight", "share")]
        for node in tree.tree_order[1:]:
            indent = INDENT * (tree.depth(node.code) - 1)
            name = source.node(node.code)
            name = Label(indent + name.zh, indent + name.en)
            rows.append([name, weights[node.code], *end(node)])
    else:
        for level in range(1, tree.height + 1):
            numeral = Label(_NUMERALS[level - 1], str(level))
            there = [weights[n.code] for n in tree.nodes if tree.depth(n.code) == level]
            # One below the other, rounded shares have the same decimals, and no fractions among
            # them.
            is_rounded = any(share_text(w) == shown(w, "share", "") for w in there)
            kind = "share" if is_rounded else "weight"
            fields += [Field(say("head.level", level=numeral)), head("weight", kind)]
        before = [""] * tree.height
        for leaf in tree.indicators:
            path = tree.path(leaf.code)[1:]
            codes = [node.code for node in path] + [""] * (tree.height - len(path))
            row: list[ReportCell] = []
            for code, above in zip(codes, before, strict=True):
                # A name that stands above already is not written again.
                is_new = code not in ("", above)
                row += (
                    [source.node(code), weights[code]] if is_new else [NOTHING, NOTHING]
                )
            rows.append(row + end(leaf))
            before = codes
    shared = NOTHING if is_flat else say("framework.shares")
    counts = {
        "levels": tree.height,
        "indicators": len(tree.indicators),
        "shares": shared,
    }
    return table(
        source, "framework", [*fields, *ends], rows, invented=False, texts=counts
    )


def city_table(source: ReportSource) -> ReportTable:
    """Return the cities with their groups, in the order of the data."""
    units = [row for row, unit in enumerate(source.units) if unit.population]
    words = ["city", *(f"{ATTRIBUTE}{kind.attribute}" for kind in source.group_types)]
    words = declared_columns(source.spec.id, "cities", source.root) or words
    fields, rows = CityColumns(source, source.root).table(units, words)
    return table(
        source,
        "cities",
        fields,
        rows,
        units=units,
        across=1 if len(words) > 3 else 2,
        invented=False,
        texts={"n": len(rows)},
    )


def ranking_table(
    source: ReportSource, code: str, population: str
) -> ReportTable | None:
    """Return all cities by a node, with its children and the previous edition."""
    rows = source.order(code, population)
    if not rows:
        return None
    columns = CityColumns(source, code)
    is_beside = not source.editions.is_beside_print(code)
    has_earlier = is_beside and any(
        source.editions.last_rank(row, code) for row in rows
    )
    words = declared_columns(source.spec.id, "ranking", code)
    if words and source.spec.last is not None and has_earlier:
        words = [*words, "last", "change"]
    words = words or columns.usual(has_earlier=has_earlier)
    fields, cells = columns.table(rows, words)
    suffix, group = group_suffix(source, population)
    ranked = columns.ranked_children(words)
    below = columns.shown_children(words)
    notes = [
        rank_note(source, code, ranked),
        score_note(source, [*{*below} - {*ranked}]),
    ]
    notes.append(print_note(source, [code, *below], rows))
    notes.append(change_note(source, code, words, population))
    notes += [say("distances")] if code == source.root else []
    own = source.units[rows[0]].population
    without = [
        source.city(row)
        for row, unit in enumerate(source.units)
        if unit.population == own and row not in rows
    ]
    key = "unscored" if len(without) <= _MOST_UNSCORED else "unscored.many"
    notes += [say(key, cities=listed(without), n=len(without))] if without else []
    across = 3 if len(rows) > _LONG and len(fields) < _NARROW else 2
    return table(
        source,
        f"ranking-{code}{suffix}",
        fields,
        cells,
        kind="ranking",
        code=code,
        units=rows,
        across=across if len(fields) <= _NARROW else 1,
        texts={"group": group, "n": len(rows)},
        notes=notes,
    )


def correlation_table(source: ReportSource) -> ReportTable | None:
    """Return the correlations of the root and the nodes below it, with their significance."""
    codes = source.main_nodes
    if len(codes) < 3:
        return None
    with np.errstate(all="ignore"):
        correlations = correlate(source.result, codes, source.population)
    rows: Cells = []
    for number, code in enumerate(codes):
        cells: list[ReportCell] = [source.node(code)]
        for other in codes[:number]:
            r, *_ = correlations.of_pair(code, other)
            # A whole has a relation with its own parts in any case.
            flag = "" if other == source.root else correlations.flag(code, other)
            text = f"{r:.3f}{flag}".replace("-", "−")
            cells.append(Label(text, text) if np.isfinite(r) else None)
        rows.append(
            [*cells, Label("1.000", "1.000"), *[NOTHING] * (len(codes) - number - 1)]
        )
    fields = [
        head("node"),
        *(Field(source.node(code), "coefficient") for code in codes),
    ]
    n = int(correlations.n.max(initial=0))
    return table(source, "correlation-table", fields, rows, texts={"n": n})


def audit_table(source: ReportSource) -> ReportTable:
    """Return the statistical audit of every node: its numbers, and what is beyond limits."""
    columns = {
        "coverage": "share",
        "r_above": "coefficient",
        "ratio": "coefficient",
        "alpha": "coefficient",
        "component": "share",
    }
    with np.errstate(all="ignore"):
        audits = audit_nodes(source.result, source.population)
    rows: Cells = []
    for audit in audits:
        remarks = [label_text(f"audit.is_{finding}") for finding in audit.findings]
        verdict = joined(
            *(Label(*texts) for texts in remarks or [label_text("audit.none")])
        )
        values = (getattr(audit, name) for name in columns)
        numbers = [None if np.isnan(value) else value for value in values]
        rows.append([source.node(audit.node), *numbers, verdict])
    heads = [
        Field(Label(*label_text(f"audit.{name}")), kind)
        for name, kind in columns.items()
    ]
    fields = [head("node"), *heads, Field(Label(*label_text("audit.verdict")))]
    return table(source, "audit", fields, rows, texts={"n": len(rows)})


def node_ratings(source: ReportSource) -> tuple[NodeRating, ...]:
    """Return the ratings of everything that the recipe rates."""
    last = source.spec.last
    return rate_nodes(source.result, {} if last is None else last.scores)


def rating_table(source: ReportSource) -> ReportTable | None:
    """Return the levels of all cities in words, with the arrows of their trends, and the legend."""
    ratings = [rating for rating in node_ratings(source) if (rating.levels >= 0).any()]
    if not ratings:
        return None
    ranked = source.order(source.root)
    rows_of_cities = dict.fromkeys([*ranked, *range(len(source.units))])
    units = [
        row
        for row in rows_of_cities
        if any(rating.levels[row] >= 0 for rating in ratings)
    ]

    def cell(rating: NodeRating, row: int) -> Label | None:
        level, trend = (rating.rating(kind, row) for kind in ("level", "trend"))
        arrow = "" if trend is None else f" {trend.sign}"
        return None if level is None else Label(level.zh + arrow, level.en + arrow)

    rows = [
        [source.city(row), *(cell(rating, row) for rating in ratings)] for row in units
    ]
    fields = [head("city"), *(Field(source.node(rating.node)) for rating in ratings)]
    return table(
        source,
        "ratings",
        fields,
        rows,
        units=units,
        texts={"n": len(rows)},
        notes=_rating_legend(source, ratings),
    )


def _rating_legend(source: ReportSource, ratings: Sequence[NodeRating]) -> list[Label]:
    """Return the levels, the cut points of every node, and the trends, as notes."""
    levels, trends = (ratings[0].scale(kind) for kind in ("level", "trend"))
    notes = [say("ratings.levels", levels=listed(Label(v.zh, v.en) for v in levels))]
    for step, codes in grouped(
        (id(rating.step), rating.node) for rating in ratings
    ).items():
        settings = next(r.step for r in ratings if id(r.step) == step).settings()
        kind = "sd" if settings.text("by") == "sd" else settings.text("of")
        cuts = ", ".join(f"{cut:g}" for cut in settings.numbers("cuts") or ())
        edge = say(f"ratings.{settings.text('edge')}")
        nodes = listed(map(source.node, codes))
        notes.append(say(f"ratings.{kind}", nodes=nodes, cuts=cuts, edge=edge))
    if any((rating.trends >= 0).any() for rating in ratings):
        kind = "points" if settings.optional("target") is None else "share"
        signs = listed(Label(f"{v.sign} {v.zh}", f"{v.sign} {v.en}") for v in trends)
        cuts = ", ".join(f"{cut:g}" for cut in settings.numbers("trend") or ())
        notes.append(say(f"ratings.{kind}", trends=signs, cuts=cuts))
    return notes


def measures_of_size(source: ReportSource) -> list[str]:
    """Return the attributes of the cities that are numbers, and the variables outside the tree."""
    attributes = dict.fromkeys(
        name for unit in source.units for name in unit.attributes
    )
    words = {
        name: {unit.attributes.get(name, "") for unit in source.units} - {""}
        for name in attributes
    }
    numeric = [
        name
        for name in words
        if words[name] and None not in map(parse_float, words[name])
    ]
    codes = {*source.result.dataset.codes}
    return [
        *numeric,
        *(v.code for v in source.result.framework.variables if v.code in codes),
    ]


def size_table(source: ReportSource, size: str) -> ReportTable | None:
    """Return what the size of the cities lets expect of their scores, and what is beyond."""
    root = source.root
    compared = compare_with_size(source.result, size, source.population, root)
    positions = {
        source.result.dataset.rows[unit]: n for n, unit in enumerate(compared.units)
    }
    ranked = source.order(root)
    units = [row for row in ranked if np.isfinite(compared.residual[positions[row]])]
    if not units:
        return None
    columns = np.column_stack([getattr(compared, name) for name in _OF_SIZE])
    rows = [[source.city(row), *columns[positions[row]].tolist()] for row in units]
    fields = [
        Field(Label(*label_text(f"size.{name}")), kind)
        for name, kind in _OF_SIZE.items()
    ]
    line = {
        name: f"{getattr(compared.fit, name):.4g}"
        for name in ("slope", "intercept", "r2")
    }
    return table(
        source,
        f"size-{size}",
        [head("city"), *fields],
        rows,
        kind="size",
        units=units,
        texts={"size": size, "n": len(rows), **line},
    )


def groups_table(source: ReportSource, kind: GroupType) -> ReportTable | None:
    """Return size, mean scores and first city of each group of an attribute."""
    codes = source.main_nodes
    root = source.root
    rows: Cells = []
    for group in kind.groups:
        members = source.members(kind, group, root)
        if members:
            means = [
                source.marked(source.mean(members, code), members, code)
                for code in codes
            ]
            row = members[0]
            rank = source.marked(source.rank(row, root), row, root)
            first = [source.marked_city(row, root), rank]
            rows.append(
                [Label(group.name_zh, group.name_en), len(members), *means, *first]
            )
    if len(rows) < 2:
        return None
    name = Label(kind.name_zh, kind.name_en)
    over = say("head.means")
    fields = [Field(name), head("count", "count")]
    fields += [Field(source.titles(code)["titled"], "score", over) for code in codes]
    fields += [head("first"), head("rank", "rank")]
    values = {group.value for group in kind.groups}
    every = source.order(root)
    rest = sum(
        source.units[row].attributes.get(kind.attribute) not in values for row in every
    )
    notes = [Label(kind.note_zh, kind.note_en)]
    notes += [say("groups.rest", n=len(every), rest=rest)] if rest else []
    key = f"groups-{kind.attribute}"
    texts = {"type": inside(name)}
    return table(source, key, fields, rows, kind="groups", texts=texts, notes=notes)


def group_table(
    source: ReportSource, code: str, kind: GroupType, group: Group, depth: int
) -> ReportTable | None:
    """Return the first cities of a group, ranked inside it."""
    members = source.members(kind, group, code)
    if len(members) < 2 or not source.has(code):
        return None
    shown = members if len(members) <= depth + _FEW else members[:depth]
    columns = CityColumns(source, code, members)
    usual = ["group rank", "city", "children", "score", "overall"]
    words = declared_columns(source.spec.id, "group", code) or usual
    fields, cells = columns.table(shown, words)
    every = all_cities(len(members))
    texts = {
        "group": source.group_name(kind, group),
        "n": len(members),
        "shown": len(shown),
    }
    below = columns.children()
    notes = [score_note(source, below), print_note(source, [code, *below], shown)]
    return table(
        source,
        f"group-{code}-{kind.attribute}-{group.value}",
        fields,
        cells,
        code=code,
        kind="group" if len(shown) < len(members) else "group.whole",
        units=shown,
        texts={**texts, "all": every},
        notes=notes,
    )


def change_table(source: ReportSource) -> ReportTable | None:
    """Return the cities by how far they moved since the previous edition."""
    root = source.root
    editions = source.editions
    order = editions.order_beside(root)
    moves = {
        row: move for row in order if (move := editions.change(row, root)) is not None
    }
    if not moves:
        return None
    rows = sorted(moves, key=lambda row: -moves[row])
    is_printed = editions.is_beside_print(root)
    words = ["city", "now" if is_printed else "rank", "last", "change"]
    fields, cells = CityColumns(source, root).table(rows, words)
    notes = [say("changes.printed")] if is_printed else []
    notes.append(change_note(source, root, words))
    texts = {"last": source.editions.last.label, "n": len(rows)}
    return table(
        source,
        "changes",
        fields,
        cells,
        units=rows,
        across=2,
        texts=texts,
        notes=notes,
        invented=not is_printed,
    )


def earlier_table(source: ReportSource, code: str) -> ReportTable | None:
    """Return the ranks of the first cities in this and earlier editions."""
    is_printed = source.editions.is_beside_print(code)
    rows = source.editions.order_beside(code)[:_EARLIER]
    units = {row: source.units[row].id for row in rows}
    shown = [
        e for e in source.earlier if any((units[row], code) in e.ranks for row in rows)
    ]
    if not shown:
        return None
    columns = CityColumns(source, code).table(
        rows, ["city", "now" if is_printed else "rank"]
    )
    cells = [
        [*own, *(edition.ranks.get((units[row], code)) for edition in shown)]
        for row, own in zip(rows, columns[1], strict=True)
    ]
    labels = [source.edition, *(edition.label for edition in shown)]
    heads = [Label(label.zh, label.en[:1].upper() + label.en[1:]) for label in labels]
    fields = [head("city"), *(Field(label, "rank") for label in heads)]
    notes = [say("changes.printed")] if is_printed else []
    return table(
        source,
        f"earlier-{code}",
        fields,
        cells,
        kind="earlier",
        code=code,
        units=rows,
        texts={"n": len(rows)},
        notes=notes,
        invented=not is_printed,
    )


def trajectory_table(source: ReportSource, code: str) -> ReportTable | None:
    """Return the scores of the ranked cities over the editions, with growth and convergence."""
    if (traced := source.trajectories(code)) is None:
        return None
    by_city = {unit.unit: unit for unit in traced.units}
    order = source.order(code)
    has_rates = all(unit.remark != "below_zero" for unit in traced.units)
    rows: Cells = []
    for row in order:
        unit = by_city[source.units[row].id]
        reasons = [
            word for word in unit.remark.split(", ") if word not in ("", "below_zero")
        ]
        rate = None if unit.rate is None else 100 * unit.rate
        remark = joined(
            *(Label(*label_text(f"trajectories.{word}")) for word in reasons)
        )
        rates = [rate] if has_rates else []
        rows.append([source.city(row), *unit.scores.values(), *rates, remark])
    last = source.editions.last.label
    past = [Label(edition) if edition else last for edition in traced.editions[:-1]]
    fields = [
        head("city"),
        *(Field(label, "score") for label in (*past, source.edition)),
    ]
    fields += [head("cagr", "growth")] if has_rates else []
    fields.append(Field(Label(*label_text("correlation.remark"))))
    group = traced.convergence[0]
    numbers = (
        group.cv[traced.editions[0]],
        group.cv[traced.editions[-1]],
        group.beta,
        group.se,
    )
    texts = dict(
        zip(("first", "last", "beta", "se"), (f"{x:.3f}" for x in numbers), strict=True)
    )
    broken = ", ".join(f"{line.code} ({line.edition})" for line in traced.breaks)
    notes = [say("trajectories.broken", codes=broken)] if broken else []
    if not has_fixed_bounds(source.result.framework, source.result.recipe):
        notes.append(Label(*label_text("trajectories.bounds")))
    return table(
        source,
        f"trajectories-{code}",
        fields,
        rows,
        kind="trajectories",
        code=code,
        units=order,
        texts={**texts, "n": group.n},
        notes=notes,
    )


def pair_table(source: ReportSource) -> ReportTable | None:
    """Return the first pairs of cities, where pairs are scored."""
    pairs = source.result.pairs
    if pairs is None:
        return None
    column = pairs.node_codes.index(source.root)
    first = source.first_pairs(source.root, _PAIRS)
    ranks = pairs.ranks[:, column]
    scores = pairs.scores[:, column]
    cells: Cells = [
        [int(ranks[row]), *source.pair(row), float(scores[row])] for row in first
    ]
    fields = [
        head("rank", "rank"),
        head("city_a"),
        head("city_b"),
        head("score", "score"),
    ]
    texts = {"n": len(pairs.pairs), "shown": len(first)}
    return table(source, "pairs", fields, cells, across=2, texts=texts)
