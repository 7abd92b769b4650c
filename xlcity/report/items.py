"""The tables and figures of a report in one list, and which of them its chapter shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from xlcity.figures.contents import Label
from xlcity.messages import Message
from xlcity.report import tables
from xlcity.report.contents import Exhibit
from xlcity.report.declared import inventory, lacks_series
from xlcity.report.declared_figures import DeclaredFigures
from xlcity.report.declared_tables import DeclaredTables
from xlcity.report.figures import MOST_ROWS, PANELS, ReportFigures
from xlcity.report.notes import lists_print_differences, print_table
from xlcity.report.source import ReportSource
from xlcity.reports.declarations import declared
from xlcity.reports.report import Group, GroupType

#: Tables and figures that a chapter shows at most.
MOST = 40
#: Sections besides nodes and attributes of the cities.
FRAMEWORK = "framework"
CHANGE = "change"
PAIRS = "pairs"
TYPES = "types"
ROBUSTNESS = "robustness"
CASES = "cases"
APPENDIX = "appendix"
#: What a table or figure needs, by the first word of its id; in Chinese the catalogue has it.
_EARLIER = "need.earlier_ranks"
_GROUPS = "need.groups"
_EDITIONS = "need.editions"
_MEMBERS = "need.members"
_LINES = "need.lines"
_NEEDS = {
    "slopes": _EARLIER,
    "earlier": _EARLIER,
    "changes": _EARLIER,
    "lines": _EDITIONS,
    "trajectories": _EDITIONS,
    "groups": _GROUPS,
    "means": _GROUPS,
    "group": _MEMBERS,
    "bars": _MEMBERS,
    "strips": _LINES,
    "pair": _LINES,
    "quadrant": "need.two_dimensions",
    "children": "need.children",
    "leaders": "need.children",
    "parts": _GROUPS,
    "contributions": "need.sums",
    "heat": "need.children",
    "map": "need.places",
    "correlations": "need.indicators",
    "correlation": "need.nodes",
    "dendrogram": "need.cities",
    "distributions": "need.values",
    "pairs": "need.pairs",
    "print": "need.differences",
    "rank": "need.simulated_ranks",
    "ratings": "need.levels",
}


@dataclass(frozen=True, slots=True)
class ReportItem:
    """A table or figure that a report can have.

    Attributes
    ----------
    id
        Its name in files and commands: "ranking-IMG".
    section
        Where it stands: a word of this module, the code of the root or of a node right below it,
        or an attribute of the cities.
    make
        What makes it; None where the index has no data for it.
    importance
        Whether the chapter of an index of one's own shows it: 0 does not, the greatest first.
    """

    id: str
    section: str
    make: Callable[[], Exhibit | None]
    importance: int = 0


@dataclass(frozen=True, slots=True)
class Waiting:
    """A table or figure that is not made, or not in full, and what it needs."""

    id: str
    needs: Label


def report_items(source: ReportSource) -> dict[str, ReportItem]:
    """Return everything that a report of an index can show, by id, in the order of a book."""
    every = {item.id: item for item in _items(source)}
    # What a report declares takes the place of what any index has.
    return every | {item.id: item for item in _declared_items(source)}


def need_of(name: str) -> str:
    """Return what the table or figure of an id needs that the index does not have."""
    key = _NEEDS.get(name.partition("-")[0], "need.data")
    return Message(key, panels=PANELS, most=MOST_ROWS)


def waiting_for(
    source: ReportSource, has_data: Callable[[str], bool]
) -> tuple[Waiting, ...]:
    """Return what the report printed, or any report could show, and what is missing for it.

    Parameters
    ----------
    has_data
        Tells whether the index has data for the table or figure of an id.
    """
    waiting = [
        Waiting(printed.id, printed.needs)
        for printed in inventory(source.spec.id)
        if printed.status == "no"
        or lacks_series(source, printed)
        or (printed.needs.en and not has_data(printed.made))
    ]
    if not source.earlier:
        waiting.append(Waiting("changes", Label("", need_of("changes"))))
    if not source.group_types:
        waiting.append(Waiting("groups", Label("", need_of("groups"))))
    return tuple(waiting)


def chosen_ids(source: ReportSource, items: dict[str, ReportItem]) -> list[str]:
    """Return what the chapter shows: what the report printed, or the most important."""
    printed = [item.made for item in inventory(source.spec.id) if item.made in items]
    if not printed:
        return _most_important(items)
    added: list[str] = []
    # A later edition is compared with the one before, and so is one whose ranks have no table.
    is_later = source.spec.last is not None
    if is_later or all(items[name].section != CHANGE for name in printed):
        added.append("changes")
    if is_later:
        added.append(f"slopes-{source.root}")
    if lists_print_differences(source):
        added.append("print-differences")
    return [*dict.fromkeys([*printed, *added])]


def _most_important(items: Mapping[str, ReportItem]) -> list[str]:
    """Return the most important tables and figures, in the order of a book."""
    shown = [item for item in items.values() if item.importance]
    shown.sort(key=lambda item: -item.importance)
    chosen = {item.id for item in shown[:MOST]}
    return [name for name in items if name in chosen]


def _declared_items(source: ReportSource) -> Iterator[ReportItem]:
    """Yield the tables and figures that the folder of a report declares."""
    report = source.spec.id
    printed = {item.made: item for item in inventory(report)}
    makers: dict[str, DeclaredTables | DeclaredFigures] = {
        "tables": DeclaredTables(source),
        "figures": DeclaredFigures(source),
    }
    for what, maker in makers.items():
        for name, rule in declared(report, what).items():
            title = Label(name)
            section = FRAMEWORK
            if name in printed:
                title = printed[name].title
                section = section_of(source, printed[name].node)
            make = partial(maker.declared, name, title, rule)
            yield ReportItem(name, section, make)


def section_of(source: ReportSource, word: str) -> str:
    """Return the section of what is about a node or an attribute; the first one for others."""
    tree = source.result.framework
    if word in (PAIRS, APPENDIX):
        return word
    if word in {node.code for node in tree.nodes}:
        return tree.path(word)[:2][-1].code
    return word if source.group_type(word) else FRAMEWORK


def _items(source: ReportSource) -> Iterator[ReportItem]:
    """Yield what any index has data for."""
    yield from _items_of_framework(source)
    for group in source.result.populations:
        yield from _items_of_root(source, group)
    yield from _analyses(source)
    for code in source.nodes:
        yield from _node_items(source, code)
    for kind in source.group_types:
        yield from _group_items(source, kind)
    places = ReportFigures(source, source.root, source.population).map
    yield ReportItem("map", source.root, places, 4)
    yield ReportItem("changes", CHANGE, partial(tables.change_table, source), 7)
    yield ReportItem("pairs", PAIRS, partial(tables.pair_table, source), 7)
    yield ReportItem("print-differences", APPENDIX, partial(print_table, source), 2)
    first = ReportFigures(source, source.root, source.population)
    for row in source.order(source.root, source.population):
        unit = source.units[row].id
        yield ReportItem(f"strips-{unit}", source.root, partial(first.strips, row))
    pairs = source.result.pairs
    for number, pair in enumerate(pairs.pairs if pairs else ()):
        yield ReportItem(f"pair-{'-'.join(pair)}", PAIRS, partial(first.pair, number))


def _items_of_framework(source: ReportSource) -> Iterator[ReportItem]:
    """Yield what shows the tree and the cities."""
    tree = ReportFigures(source, source.root, source.population).tree
    yield ReportItem("framework", FRAMEWORK, partial(tables.framework_table, source), 9)
    yield ReportItem("tree", FRAMEWORK, tree)
    yield ReportItem("cities", FRAMEWORK, partial(tables.city_table, source))


def _items_of_root(source: ReportSource, group: str) -> Iterator[ReportItem]:
    """Yield what shows the total scores of a group of cities."""
    root = source.root
    figures = ReportFigures(source, root, group)
    ranking = partial(tables.ranking_table, source, root, group)
    suffix = "" if group == source.population else f"-{group}"
    yield ReportItem(f"ranking-{root}{suffix}", root, ranking, 9)
    yield ReportItem(f"bars-{root}{suffix}", root, figures.bars, 9)
    yield ReportItem(f"contributions{suffix}", root, figures.contributions, 6)
    yield ReportItem(f"children-{root}{suffix}", root, figures.children)
    yield ReportItem(f"leaders-{root}{suffix}", root, figures.leaders, 5)


def _analyses(source: ReportSource) -> Iterator[ReportItem]:
    """Yield what shows how certain the ranks are, and what hangs together."""
    root = source.root
    figures = ReportFigures(source, root, source.population)
    is_rated = bool(source.result.recipe.steps_doing("rate"))
    yield ReportItem("rank-intervals", ROBUSTNESS, figures.rank_intervals, 8)
    yield ReportItem("quadrant", TYPES, figures.quadrant, 7)
    correlations = partial(tables.correlation_table, source)
    yield ReportItem("correlation-table", root, correlations)
    ratings = partial(tables.rating_table, source)
    yield ReportItem("ratings", root, ratings, 8 if is_rated else 0)
    yield ReportItem("audit", root, partial(tables.audit_table, source))
    for size in tables.measures_of_size(source):
        yield ReportItem(f"size-{size}", root, partial(tables.size_table, source, size))
    yield ReportItem("correlations", root, figures.correlations)
    yield ReportItem("heat-map", TYPES, figures.first_heat_map, 7)
    yield ReportItem("heat-map-all", TYPES, figures.whole_heat_map)
    yield ReportItem("distributions", root, figures.distributions)
    yield ReportItem("dendrogram", root, figures.dendrogram)


def _group_items(source: ReportSource, kind: GroupType) -> Iterator[ReportItem]:
    """Yield what shows groups of cities, all of a kind and each of them."""
    root = source.root
    figures = ReportFigures(source, root, source.population)
    name = kind.attribute
    importance = 4 if kind.is_reported else 0
    table = partial(tables.groups_table, source, kind)
    yield ReportItem(f"groups-{name}", name, table, importance)
    yield ReportItem(f"means-{name}", name, partial(figures.groups, kind), importance)
    parts = partial(figures.group_parts, kind)
    yield ReportItem(f"parts-{name}", name, parts, importance // 2)
    for group in kind.groups:
        bars = partial(figures.group, kind, group, _depth(source, group.value))
        yield ReportItem(f"bars-{root}-{name}-{group.value}", name, bars)
        for code, depth in _depths_of_tables(source, kind, group).items():
            table = partial(
                tables.group_table, source, code, kind, group=group, depth=depth
            )
            # A table of a dimension stands with what is said of it.
            section = name if code == root else section_of(source, code)
            yield ReportItem(f"group-{code}-{name}-{group.value}", section, table)


def _depths_of_tables(
    source: ReportSource, kind: GroupType, group: Group
) -> dict[str, int]:
    """Return the nodes that tables of a group are about, and how many cities each lists.

    As many as the report printed; in the total all, where it printed no such table.
    """
    depths = {source.root: len(source.units)}
    own = (kind.attribute, group.value)
    for printed in source.spec.subtables:
        if printed.label and (printed.group_type, printed.group) == own:
            depths[printed.node] = printed.depth
    return depths


def _node_items(source: ReportSource, code: str) -> Iterator[ReportItem]:
    """Yield what shows a node: one table and one figure of each right below the root."""
    figures = ReportFigures(source, code)
    is_main = code in source.main_nodes
    if code != source.root:
        section = section_of(source, code)
        importance = 6 if is_main else 0
        has_panels = 1 < len(source.children(code)) <= PANELS
        of_panels = importance if has_panels else 0
        ranking = partial(tables.ranking_table, source, code, source.population)
        yield ReportItem(f"ranking-{code}", section, ranking, importance)
        yield ReportItem(f"bars-{code}", section, figures.bars, importance - of_panels)
        yield ReportItem(f"leaders-{code}", section, figures.leaders, of_panels)
        yield ReportItem(f"children-{code}", section, figures.children)
    if is_main:
        importance = 7 if code == source.root else 0
        earlier = partial(tables.earlier_table, source, code)
        traced = partial(tables.trajectory_table, source, code)
        yield ReportItem(f"slopes-{code}", CHANGE, figures.earlier, importance)
        yield ReportItem(f"earlier-{code}", CHANGE, earlier)
        yield ReportItem(f"trajectories-{code}", CHANGE, traced)
        yield ReportItem(f"lines-{code}", CHANGE, figures.trajectories)


def _depth(source: ReportSource, group: str) -> int:
    """Return of how many cities a figure of a group has bars: as printed, or all."""
    for figure in source.spec.subtables:
        if figure.group == group and not figure.label:
            return figure.depth
    return len(source.units)
