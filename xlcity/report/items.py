"""The tables and figures of a report in one list, and which of them its chapter shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
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
    lacking = {"changes": not source.earlier, "groups": not source.group_types}
    return (
        *waiting,
        *(Waiting(name, Label("", need_of(name))) for name in lacking if lacking[name]),
    )


def chosen_ids(source: ReportSource, items: dict[str, ReportItem]) -> list[str]:
    """Return what the chapter shows: what the report printed, or the most important."""
    printed = [item.made for item in inventory(source.spec.id) if item.made in items]
    if not printed:
        ranked = sorted(
            (i for i in items.values() if i.importance), key=lambda i: -i.importance
        )
        return [item.id for item in items.values() if item in ranked[:MOST]]
    # A later edition is compared with the one before, and so is one whose ranks have no table.
    slopes = [f"slopes-{source.root}"] * (source.spec.last is not None)
    is_bare = all(items[name].section != CHANGE for name in printed)
    changes = ["changes", *slopes] if slopes or is_bare else []
    lists_apart = ["print-differences"] * lists_print_differences(source)
    return [*dict.fromkeys([*printed, *changes, *lists_apart])]


def _declared_items(source: ReportSource) -> Iterator[ReportItem]:
    """Yield the tables and figures that the folder of a report declares."""
    report = source.spec.id
    titles = {item.made: item.title for item in inventory(report)}
    places = {item.made: section_of(source, item.node) for item in inventory(report)}
    for what, maker in (("tables", DeclaredTables), ("figures", DeclaredFigures)):
        for name, rule in declared(report, what).items():
            make = partial(
                maker(source).declared, name, titles.get(name, Label(name)), rule
            )
            yield ReportItem(name, places.get(name, FRAMEWORK), make)


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
    root = source.root
    groups = source.result.populations
    first = ReportFigures(source, root, groups[0])
    rated = bool(source.result.recipe.steps_doing("rate"))
    yield ReportItem("framework", FRAMEWORK, partial(tables.framework_table, source), 9)
    yield ReportItem("tree", FRAMEWORK, first.tree)
    yield ReportItem("cities", FRAMEWORK, partial(tables.city_table, source))
    for group in groups:
        figures = ReportFigures(source, root, group)
        suffix = "" if group == groups[0] else f"-{group}"
        ranking = partial(tables.ranking_table, source, root, group)
        yield ReportItem(f"ranking-{root}{suffix}", root, ranking, 9)
        yield ReportItem(f"bars-{root}{suffix}", root, figures.bars, 9)
        yield ReportItem(f"contributions{suffix}", root, figures.contributions)
        yield ReportItem(f"children-{root}{suffix}", root, figures.children)
        yield ReportItem(f"leaders-{root}{suffix}", root, figures.leaders, 5)
    yield ReportItem("rank-intervals", ROBUSTNESS, first.rank_intervals, 8)
    yield ReportItem("quadrant", TYPES, first.quadrant, 7)
    yield ReportItem(
        "correlation-table", root, partial(tables.correlation_table, source)
    )
    yield ReportItem("ratings", root, partial(tables.rating_table, source), 8 * rated)
    yield ReportItem("audit", root, partial(tables.audit_table, source))
    for size in tables.measures_of_size(source):
        yield ReportItem(f"size-{size}", root, partial(tables.size_table, source, size))
    for make in (
        first.correlations,
        first.heat_map,
        first.distributions,
        first.dendrogram,
    ):
        yield ReportItem(make.__name__.replace("_", "-"), root, make)
    for code in source.nodes:
        yield from _node_items(source, code)
    # How many cities printed tables of groups list: (node, attribute, group) -> number.
    depths = {
        (s.node, s.group_type, s.group): s.depth
        for s in source.spec.subtables
        if s.label
    }
    for kind in source.group_types:
        name = kind.attribute
        shown = 4 * kind.is_reported
        yield ReportItem(
            f"groups-{name}", name, partial(tables.groups_table, source, kind), shown
        )
        yield ReportItem(f"means-{name}", name, partial(first.groups, kind), shown)
        parts = partial(first.group_parts, kind)
        yield ReportItem(f"parts-{name}", name, parts, shown // 2)
        for group_of_kind in kind.groups:
            value = group_of_kind.value
            figure = partial(first.group, kind, group_of_kind, _depth(source, value))
            yield ReportItem(f"bars-{root}-{name}-{value}", name, figure)
            every_city = {(root, name, value): len(source.units)}
            for (code, attribute, of_value), depth in (every_city | depths).items():
                if (attribute, of_value) == (name, value):
                    table = partial(
                        tables.group_table, source, code, kind, group_of_kind, depth
                    )
                    # A table of a dimension stands with what is said of it.
                    section = name if code == root else section_of(source, code)
                    yield ReportItem(f"group-{code}-{name}-{value}", section, table)
    yield ReportItem("changes", CHANGE, partial(tables.change_table, source), 7)
    yield ReportItem("pairs", PAIRS, partial(tables.pair_table, source), 7)
    yield ReportItem("print-differences", APPENDIX, partial(print_table, source), 2)
    for row in source.order(root, groups[0]):
        unit = source.units[row].id
        yield ReportItem(f"strips-{unit}", root, partial(first.strips, row))
    for number, pair in enumerate(
        source.result.pairs.pairs if source.result.pairs else ()
    ):
        yield ReportItem(f"pair-{'-'.join(pair)}", PAIRS, partial(first.pair, number))


def _node_items(source: ReportSource, code: str) -> Iterator[ReportItem]:
    """Yield what shows a node: one table and one figure of each right below the root."""
    root = source.root
    group = source.population
    figures = ReportFigures(source, code)
    section = section_of(source, code)
    is_main = code in source.main_nodes
    if code != root:
        shown = 6 * is_main
        has_panels = 1 < len(source.children(code)) <= PANELS
        ranking = partial(tables.ranking_table, source, code, group)
        yield ReportItem(f"ranking-{code}", section, ranking, shown)
        yield ReportItem(
            f"bars-{code}", section, figures.bars, shown * (not has_panels)
        )
        yield ReportItem(
            f"leaders-{code}", section, figures.leaders, shown * has_panels
        )
        yield ReportItem(f"children-{code}", section, figures.children)
    if is_main:
        yield ReportItem(f"slopes-{code}", CHANGE, figures.earlier, 7 * (code == root))
        yield ReportItem(
            f"earlier-{code}", CHANGE, partial(tables.earlier_table, source, code)
        )
        traced = partial(tables.trajectory_table, source, code)
        yield ReportItem(f"trajectories-{code}", CHANGE, traced)
        yield ReportItem(f"lines-{code}", CHANGE, figures.trajectories)


def _depth(source: ReportSource, group: str) -> int:
    """Return of how many cities a figure of a group has bars: as printed, or all."""
    own = (s.depth for s in source.spec.subtables if not s.label and s.group == group)
    return next(own, len(source.units))
