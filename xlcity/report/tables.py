"""The tables of a report, declared for any framework: data, columns, notes and sources."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import NamedTuple

import numpy as np

from xlcity.assess.editions import Development, Trajectories
from xlcity.assess.regression import compare_with_size
from xlcity.assess.statistical_audit import audit_nodes
from xlcity.assess.statistics import correlate
from xlcity.figures.contents import Label, inside, joined, listed
from xlcity.grouping import grouped
from xlcity.index.panel import has_fixed_bounds
from xlcity.index.rating import NodeRating, rate_nodes
from xlcity.index.steps import effective_weights
from xlcity.methods.record import Settings
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
    TableContent,
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
from xlcity.report.texts import (
    all_cities,
    as_heading,
    book_label,
    head,
    heads,
    say,
)
from xlcity.reports.declarations import declared_columns
from xlcity.reports.report import Group, GroupType

#: Columns of a table of size -> kind of their numbers.
_OF_SIZE = {
    "size": "count",
    "score": "score",
    "expected": "score",
    "residual": "score",
    "rank": "rank",
}
#: Numbers of the statistical audit of a node -> their kind.
_OF_AUDIT = {
    "coverage": "share",
    "r_above": "coefficient",
    "ratio": "coefficient",
    "alpha": "coefficient",
    "component": "share",
}
#: Columns of a table of the cities of a group, where no others are declared.
_USUAL_OF_GROUP = ("group rank", "city", "children", "score", "overall")
#: Remark on a city of which no growth in per cent can be told.
_BELOW_ZERO = "below_zero"
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


class _NodeColumn(NamedTuple):
    """A column of the table of the tree: its heading, and the cell of a node."""

    field: Field
    cell: Callable[[Node], ReportCell]


def framework_table(source: ReportSource) -> ReportTable:
    """Return the tree with weights and units of measure: rows of indicators, columns of levels."""
    tree = source.result.framework
    shares = effective_weights(tree, source.result.recipe)
    weights = {
        node.code: shares[node.code] / (shares[node.parent] or 1.0)
        for node in tree.nodes
        if node.parent
    }
    ends = _end_columns(source, shares)
    if tree.height > _LEVELS:
        fields = [head("node"), head("weight", "share")]
        starts = _indented_nodes(source, weights)
        nodes = tree.tree_order[1:]
    else:
        fields = _level_fields(source, weights)
        starts = _paths_of_indicators(source, weights)
        nodes = tree.indicators
    fields += [column.field for column in ends]
    rows: Cells = []
    for start, node in zip(starts, nodes, strict=True):
        end = [column.cell(node) for column in ends]
        rows.append([*start, *end])
    counts = {
        "levels": tree.height,
        "indicators": len(tree.indicators),
        "shares": say("framework.shares") if tree.height > 1 else NOTHING,
    }
    content = TableContent(fields, rows, as_printed=True)
    return table(source, "framework", content, texts=counts)


def _end_columns(
    source: ReportSource, shares: Mapping[str, float]
) -> list[_NodeColumn]:
    """Return what stands behind the names and weights of nodes, where it says anything."""
    tree = source.result.framework

    def direction(node: Node) -> Label:
        if not tree.is_indicator(node.code):
            return NOTHING
        return say(f"direction.{node.direction.name}")

    columns: list[_NodeColumn] = []
    # Of one level every weight is a share in the total.
    if tree.height > 1:
        columns.append(_NodeColumn(head("effective"), lambda node: shares[node.code]))
    if any(source.uom(node.code) != NOTHING for node in tree.indicators):
        columns.append(
            _NodeColumn(head("uom"), lambda node: source.shown_uom(node.code))
        )
    if len({node.direction for node in tree.indicators}) > 1:
        columns.append(_NodeColumn(head("direction"), direction))
    return columns


def _indented_nodes(source: ReportSource, weights: Mapping[str, float]) -> Cells:
    """Return the name and weight of every node, names below one another by their levels."""
    tree = source.result.framework
    rows: Cells = []
    for node in tree.tree_order[1:]:
        indent = INDENT * (tree.depth(node.code) - 1)
        name = source.node(node.code)
        indented = Label(indent + name.zh, indent + name.en)
        rows.append([indented, weights[node.code]])
    return rows


def _level_fields(source: ReportSource, weights: Mapping[str, float]) -> list[Field]:
    """Return the headings of names and weights of each level."""
    tree = source.result.framework
    fields: list[Field] = []
    for level in range(1, tree.height + 1):
        nodes = [node.code for node in tree.nodes if tree.depth(node.code) == level]
        numeral = Label(_NUMERALS[level - 1], str(level))
        fields.append(Field(say("head.level", level=numeral)))
        fields.append(head("weight", _kind_of_weights(weights[n] for n in nodes)))
    return fields


def _kind_of_weights(weights: Iterable[float]) -> str:
    """Return how weights below one another are written: all rounded where one has to be.

    Rounded shares have the same decimals then, and no fractions among them.
    """
    is_rounded = any(share_text(w) == shown(w, "share", "") for w in weights)
    return "share" if is_rounded else "weight"


def _paths_of_indicators(source: ReportSource, weights: Mapping[str, float]) -> Cells:
    """Return for each indicator the names and weights from the first level down to it.

    A name that stands above already is not written again.
    """
    tree = source.result.framework
    rows: Cells = []
    above = [""] * tree.height
    for leaf in tree.indicators:
        path = [node.code for node in tree.path(leaf.code)[1:]]
        path += [""] * (tree.height - len(path))
        row: list[ReportCell] = []
        for code, code_above in zip(path, above, strict=True):
            is_new = code not in ("", code_above)
            row += [source.node(code), weights[code]] if is_new else [NOTHING, NOTHING]
        rows.append(row)
        above = path
    return rows


def city_table(source: ReportSource) -> ReportTable:
    """Return the cities with their groups, in the order of the data."""
    units = [row for row, unit in enumerate(source.units) if unit.population]
    words = ["city", *(f"{ATTRIBUTE}{kind.attribute}" for kind in source.group_types)]
    words = declared_columns(source.spec.id, "cities", source.root) or words
    fields, rows = CityColumns(source, source.root).table(units, words)
    across = 1 if len(words) > 3 else 2
    content = TableContent(fields, rows, units, across=across, as_printed=True)
    return table(source, "cities", content, texts={"n": len(rows)})


def ranking_table(
    source: ReportSource, code: str, population: str
) -> ReportTable | None:
    """Return all cities by a node, with its children and the previous edition."""
    rows = source.order(code, population)
    if not rows:
        return None
    columns = CityColumns(source, code)
    words = _ranking_columns(columns, rows)
    fields, cells = columns.table(rows, words)
    suffix, group = group_suffix(source, population)
    ranked = columns.ranked_children(words)
    below = columns.shown_children(words)
    notes = [
        rank_note(source, code, ranked),
        score_note(source, [*{*below} - {*ranked}]),
        print_note(source, [code, *below], rows),
        change_note(source, code, words, population),
        say("distances") if code == source.root else NOTHING,
        _unscored_note(source, rows),
    ]
    across = _blocks_across(len(rows), len(fields))
    return table(
        source,
        f"ranking-{code}{suffix}",
        TableContent(fields, cells, rows, notes, across=across),
        kind="ranking",
        code=code,
        texts={"group": group, "n": len(rows)},
    )


def _ranking_columns(columns: CityColumns, rows: Sequence[int]) -> list[str]:
    """Return the words of the columns of a ranking: as declared, or what is usual."""
    source = columns.source
    code = columns.code
    editions = source.editions
    ranks = (editions.last_rank(row, code) for row in rows)
    has_earlier = not editions.is_beside_print(code) and any(ranks)
    declared = declared_columns(source.spec.id, "ranking", code)
    if not declared:
        return columns.usual(has_earlier=has_earlier)
    if has_earlier and source.spec.last is not None:
        return [*declared, "last", "change"]
    return declared


def _unscored_note(source: ReportSource, rows: Sequence[int]) -> Label:
    """Return which cities of the group of some ranked ones have no rank."""
    own = source.units[rows[0]].population
    without = [
        source.city(row)
        for row, unit in enumerate(source.units)
        if unit.population == own and row not in rows
    ]
    if not without:
        return NOTHING
    key = "unscored" if len(without) <= _MOST_UNSCORED else "unscored.many"
    return say(key, cities=listed(without), n=len(without))


def _blocks_across(rows: int, columns: int) -> int:
    """Return into how many blocks side by side a page divides a ranking."""
    if columns > _NARROW:
        return 1
    return 3 if rows > _LONG and columns < _NARROW else 2


def correlation_table(source: ReportSource) -> ReportTable | None:
    """Return the correlations of the root and the nodes below it, with their significance."""
    codes = source.main_nodes
    if len(codes) < 3:
        return None
    with np.errstate(all="ignore"):
        correlations = correlate(source.result, codes, source.population)

    def cell(code: str, other: str) -> Label | None:
        r, *_ = correlations.of_pair(code, other)
        if not np.isfinite(r):
            return None
        # A whole has a relation with its own parts in any case.
        flag = "" if other == source.root else correlations.flag(code, other)
        text = f"{r:.3f}{flag}".replace("-", "−")
        return Label(text, text)

    itself = Label("1.000", "1.000")
    rows: Cells = []
    for number, code in enumerate(codes):
        cells = [cell(code, other) for other in codes[:number]]
        blank = [NOTHING] * (len(codes) - number - 1)
        rows.append([source.node(code), *cells, itself, *blank])
    numbers = [Field(source.node(code), "coefficient") for code in codes]
    fields = [head("node"), *numbers]
    n = int(correlations.n.max(initial=0))
    content = TableContent(fields, rows)
    return table(source, "correlation-table", content, texts={"n": n})


def audit_table(source: ReportSource) -> ReportTable:
    """Return the statistical audit of every node: its numbers, and what is beyond limits."""
    with np.errstate(all="ignore"):
        audits = audit_nodes(source.result, source.population)
    rows: Cells = []
    for audit in audits:
        words = [f"is_{finding}" for finding in audit.findings]
        verdict = joined(*(book_label(f"audit.{word}") for word in words or ["none"]))
        values = (getattr(audit, name) for name in _OF_AUDIT)
        numbers = [None if np.isnan(value) else value for value in values]
        rows.append([source.node(audit.node), *numbers, verdict])
    numbers_of = [
        Field(book_label(f"audit.{name}"), kind) for name, kind in _OF_AUDIT.items()
    ]
    fields = [head("node"), *numbers_of, Field(book_label("audit.verdict"))]
    return table(source, "audit", TableContent(fields, rows))


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
    ranked_first = dict.fromkeys([*ranked, *range(len(source.units))])
    has_level = np.any([rating.levels >= 0 for rating in ratings], axis=0)
    units = [row for row in ranked_first if has_level[row]]

    def cell(rating: NodeRating, row: int) -> Label | None:
        level = rating.rating("level", row)
        if level is None:
            return None
        trend = rating.rating("trend", row)
        arrow = "" if trend is None else f" {trend.sign}"
        return Label(level.zh + arrow, level.en + arrow)

    def cells(row: int) -> list[Label | None]:
        return [cell(rating, row) for rating in ratings]

    rated = [Field(source.node(rating.node)) for rating in ratings]
    content = _city_content(source, units, rated, cells)
    legend = _rating_legend(source, ratings)
    return table(source, "ratings", replace(content, notes=legend))


def _city_content(
    source: ReportSource,
    units: Sequence[int],
    fields: Sequence[Field],
    cells: Callable[[int], Sequence[ReportCell]],
) -> TableContent:
    """Return a row for each of some cities: its name, then its cells under some headings."""
    rows: Cells = []
    for row in units:
        rows.append([source.city(row), *cells(row)])
    return TableContent([head("city"), *fields], rows, units)


def _rating_legend(source: ReportSource, ratings: Sequence[NodeRating]) -> list[Label]:
    """Return the levels, the cut points of every node, and the trends, as notes."""
    scale = ratings[0].scale("level")
    levels = listed(Label(level.zh, level.en) for level in scale)
    notes = [say("ratings.levels", levels=levels)]
    by_step = grouped((id(rating.step), rating) for rating in ratings)
    notes += [_cut_points_note(source, alike) for alike in by_step.values()]
    moving = [rating for rating in ratings if (rating.trends >= 0).any()]
    if moving:
        notes.append(_trends_note(moving[0]))
    return notes


def _cut_points_note(source: ReportSource, alike: Sequence[NodeRating]) -> Label:
    """Return where the levels of the nodes that one step rates end."""
    settings = alike[0].step.settings()
    kind = "sd" if settings.text("by") == "sd" else settings.text("of")
    return say(
        f"ratings.{kind}",
        nodes=listed(source.node(rating.node) for rating in alike),
        cuts=_cut_points(settings, "cuts"),
        edge=say(f"ratings.{settings.text('edge')}"),
    )


def _trends_note(rating: NodeRating) -> Label:
    """Return the signs of trends, and where these end."""
    settings = rating.step.settings()
    kind = "points" if settings.optional("target") is None else "share"
    trends = rating.scale("trend")
    signs = [Label(f"{v.sign} {v.zh}", f"{v.sign} {v.en}") for v in trends]
    cuts = _cut_points(settings, "trend")
    return say(f"ratings.{kind}", trends=listed(signs), cuts=cuts)


def _cut_points(settings: Settings, name: str) -> str:
    return ", ".join(f"{cut:g}" for cut in settings.numbers(name) or ())


def measures_of_size(source: ReportSource) -> list[str]:
    """Return the attributes of the cities that are numbers, and the variables outside the tree."""
    attributes = dict.fromkeys(
        chain.from_iterable(unit.attributes for unit in source.units)
    )
    numeric = [name for name in attributes if _is_numeric(source, name)]
    given = {*source.result.dataset.codes}
    variables = (variable.code for variable in source.result.framework.variables)
    return [*numeric, *(code for code in variables if code in given)]


def _is_numeric(source: ReportSource, attribute: str) -> bool:
    """Tell whether all cities that have an attribute have a number there, and some have one."""
    words = {unit.attributes.get(attribute, "") for unit in source.units} - {""}
    return bool(words) and None not in map(parse_float, words)


def size_table(source: ReportSource, size: str) -> ReportTable | None:
    """Return what the size of the cities lets expect of their scores, and what is beyond."""
    root = source.root
    compared = compare_with_size(source.result, size, source.population, root)
    data_rows = source.result.dataset.rows
    places = {data_rows[unit]: place for place, unit in enumerate(compared.units)}
    units = [
        row for row in source.order(root) if np.isfinite(compared.residual[places[row]])
    ]
    if not units:
        return None
    columns = np.column_stack([getattr(compared, name) for name in _OF_SIZE])

    def numbers(row: int) -> list[float]:
        numbers_of_city: list[float] = columns[places[row]].tolist()
        return numbers_of_city

    fields = [
        Field(book_label(f"size.{name}"), kind) for name, kind in _OF_SIZE.items()
    ]
    texts = {
        "size": size,
        "n": len(units),
        "slope": f"{compared.fit.slope:.4g}",
        "intercept": f"{compared.fit.intercept:.4g}",
        "r2": f"{compared.fit.r2:.4g}",
    }
    content = _city_content(source, units, fields, numbers)
    return table(source, f"size-{size}", content, kind="size", texts=texts)


def groups_table(source: ReportSource, kind: GroupType) -> ReportTable | None:
    """Return size, mean scores and first city of each group of an attribute."""
    rows: Cells = []
    for group in kind.groups:
        members = source.members(kind, group, source.root)
        if members:
            rows.append(_group_cells(source, group, members))
    if len(rows) < 2:
        return None
    name = Label(kind.name_zh, kind.name_en)
    over = say("head.means")
    means = [
        Field(source.titles(code)["titled"], "score", over)
        for code in source.main_nodes
    ]
    fields = [Field(name), head("count"), *means, *heads("first", "rank")]
    notes = [Label(kind.note_zh, kind.note_en), _ungrouped_note(source, kind)]
    return table(
        source,
        f"groups-{kind.attribute}",
        TableContent(fields, rows, notes=notes),
        kind="groups",
        texts={"type": inside(name)},
    )


def _group_cells(
    source: ReportSource, group: Group, members: Sequence[int]
) -> list[ReportCell]:
    """Return the row of a group: its name, size, mean scores, first city and its rank."""
    root = source.root
    means = [
        source.marked(source.mean(members, code), members, code)
        for code in source.main_nodes
    ]
    first = members[0]
    rank = source.marked(source.rank(first, root), first, root)
    name = Label(group.name_zh, group.name_en)
    return [name, len(members), *means, source.marked_city(first, root), rank]


def _ungrouped_note(source: ReportSource, kind: GroupType) -> Label:
    """Return how many ranked cities are in no group of an attribute, if any are."""
    values = {group.value for group in kind.groups}
    every = source.order(source.root)
    own = (source.units[row].attributes.get(kind.attribute) for row in every)
    rest = sum(value not in values for value in own)
    return say("groups.rest", n=len(every), rest=rest) if rest else NOTHING


def group_table(
    source: ReportSource, code: str, kind: GroupType, group: Group, depth: int
) -> ReportTable | None:
    """Return the first cities of a group, ranked inside it."""
    members = source.members(kind, group, code)
    if len(members) < 2 or not source.has(code):
        return None
    is_whole = len(members) <= depth + _FEW
    first = members if is_whole else members[:depth]
    columns = CityColumns(source, code, members)
    words = declared_columns(source.spec.id, "group", code)
    fields, cells = columns.table(first, words or _USUAL_OF_GROUP)
    below = columns.children()
    notes = [score_note(source, below), print_note(source, [code, *below], first)]
    return table(
        source,
        f"group-{code}-{kind.attribute}-{group.value}",
        TableContent(fields, cells, first, notes),
        kind="group.whole" if is_whole else "group",
        code=code,
        texts={
            "group": source.group_name(kind, group),
            "n": len(members),
            "shown": len(first),
            "all": all_cities(len(members)),
        },
    )


def change_table(source: ReportSource) -> ReportTable | None:
    """Return the cities by how far they moved since the previous edition."""
    root = source.root
    editions = source.editions
    changes = {row: editions.change(row, root) for row in editions.order_beside(root)}
    moves = {row: change for row, change in changes.items() if change is not None}
    if not moves:
        return None
    rows = sorted(moves, key=lambda row: -moves[row])
    words = ["city", _word_of_rank_now(source, root), "last", "change"]
    fields, cells = CityColumns(source, root).table(rows, words)
    content = TableContent(
        fields,
        cells,
        rows,
        notes=[_beside_print_note(source, root), change_note(source, root, words)],
        across=2,
        as_printed=editions.is_beside_print(root),
    )
    texts = {"last": editions.last.label, "n": len(rows)}
    return table(source, "changes", content, texts=texts)


def _word_of_rank_now(source: ReportSource, code: str) -> str:
    """Return which column has the ranks of this edition that stand beside earlier ones."""
    return "now" if source.editions.is_beside_print(code) else "rank"


def _beside_print_note(source: ReportSource, code: str) -> Label:
    """Return that printed ranks stand beside earlier ones, where they do."""
    is_printed = source.editions.is_beside_print(code)
    return say("changes.printed") if is_printed else NOTHING


def earlier_table(source: ReportSource, code: str) -> ReportTable | None:
    """Return the ranks of the first cities in this and earlier editions."""
    rows = source.editions.order_beside(code)[:_EARLIER]
    keys = [(source.units[row].id, code) for row in rows]
    editions = [own for own in source.earlier if own.ranks.keys() & {*keys}]
    if not editions:
        return None
    words = ["city", _word_of_rank_now(source, code)]
    _, own = CityColumns(source, code).table(rows, words)
    cells: Cells = []
    for key, now in zip(keys, own, strict=True):
        then = [edition.ranks.get(key) for edition in editions]
        cells.append([*now, *then])
    labels = [source.edition, *(edition.label for edition in editions)]
    ranks = [Field(as_heading(label), "rank") for label in labels]
    content = TableContent(
        [head("city"), *ranks],
        cells,
        rows,
        notes=[_beside_print_note(source, code)],
        as_printed=source.editions.is_beside_print(code),
    )
    name = f"earlier-{code}"
    texts = {"n": len(rows)}
    return table(source, name, content, kind="earlier", code=code, texts=texts)


def trajectory_table(source: ReportSource, code: str) -> ReportTable | None:
    """Return the scores of the ranked cities over the editions, with growth and convergence."""
    traced = source.trajectories(code)
    if traced is None:
        return None
    by_city = {unit.unit: unit for unit in traced.units}
    has_rates = all(unit.remark != _BELOW_ZERO for unit in traced.units)

    def cells(row: int) -> list[ReportCell]:
        development = by_city[source.units[row].id]
        return _development_cells(development, has_rates=has_rates)

    last = source.editions.last.label
    past = [Label(edition) if edition else last for edition in traced.editions[:-1]]
    fields = [Field(label, "score") for label in (*past, source.edition)]
    if has_rates:
        fields.append(head("cagr"))
    fields.append(Field(book_label("correlation.remark")))
    content = _city_content(source, source.order(code), fields, cells)
    return table(
        source,
        f"trajectories-{code}",
        replace(content, notes=_trajectory_notes(source, traced)),
        kind="trajectories",
        code=code,
        texts=_convergence_texts(traced),
    )


def _development_cells(city: Development, *, has_rates: bool) -> list[ReportCell]:
    """Return the scores of a city over the editions, its growth, and why it has none."""
    cells: list[ReportCell] = [*city.scores.values()]
    if has_rates:
        cells.append(None if city.rate is None else 100 * city.rate)
    reasons = [
        book_label(f"trajectories.{word}")
        for word in city.remark.split(", ")
        if word not in ("", _BELOW_ZERO)
    ]
    return [*cells, joined(*reasons)]


def _convergence_texts(traced: Trajectories) -> dict[str, object]:
    """Return how far apart the cities were and are, as the note below a table needs it."""
    group = traced.convergence[0]
    variations = [*group.cv.values()]
    return {
        "first": f"{variations[0]:.3f}",
        "last": f"{variations[-1]:.3f}",
        "beta": f"{group.beta:.3f}",
        "se": f"{group.se:.3f}",
        "n": group.n,
    }


def _trajectory_notes(source: ReportSource, traced: Trajectories) -> list[Label]:
    """Return which series are broken, and that bounds are those of each edition."""
    notes: list[Label] = []
    broken = ", ".join(f"{line.code} ({line.edition})" for line in traced.breaks)
    if broken:
        notes.append(say("trajectories.broken", codes=broken))
    if not has_fixed_bounds(source.result.framework, source.result.recipe):
        notes.append(book_label("trajectories.bounds"))
    return notes


def pair_table(source: ReportSource) -> ReportTable | None:
    """Return the first pairs of cities, where pairs are scored."""
    pairs = source.result.pairs
    if pairs is None:
        return None
    column = pairs.node_codes.index(source.root)
    ranks = pairs.ranks[:, column]
    scores = pairs.scores[:, column]
    first = source.first_pairs(source.root, _PAIRS)
    rows: Cells = []
    for row in first:
        rank = int(ranks[row])
        score = float(scores[row])
        rows.append([rank, *source.pair(row), score])
    fields = heads("rank", "city_a", "city_b", "score")
    texts = {"n": len(pairs.pairs), "shown": len(first)}
    return table(source, "pairs", TableContent(fields, rows, across=2), texts=texts)
