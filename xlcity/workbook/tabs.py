"""The sheets of a template: in which order they stand, what draws them, where they are wanted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from xlcity.workbook.drawing.canvas import Book
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.groups import populations_of
from xlcity.workbook.layout.links import iterated, link_layout
from xlcity.workbook.layout.networks import networks as networks_of
from xlcity.workbook.layout.pairs import PairLayout
from xlcity.workbook.layout.supplementary import FIELD_SHEET, INPUT_SHEET, JOINT_SHEET
from xlcity.workbook.sheets import about
from xlcity.workbook.sheets.analyses import correlation, statistics
from xlcity.workbook.sheets.calculation import (
    cleaned,
    constructed,
    disciplines,
    matrices,
    networks,
    nodes,
    normalised,
    pairs,
    populations,
    prepared,
    ranks,
    rescaled,
    satellites,
    weights,
)
from xlcity.workbook.sheets.checking import checks, counts, link_udf, published, review, udf
from xlcity.workbook.sheets.inputs import cities, data, framework, intake, links, methods, sources
from xlcity.workbook.sheets.previous import last, last_lines
from xlcity.workbook.sheets.results import (
    audit,
    groups,
    peers,
    profile,
    ranking,
    robustness,
    text,
    tiers,
    whatif,
)
from xlcity.workbook.spec import TemplateSpec
from xlcity.workbook.steps.means import aggregation_of
from xlcity.workbook.steps.weigh import weighted_nodes


def _always(layout: Layout) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Tab:
    """One sheet: its name, what draws it, whether a template has it, and what it is for.

    `prints` says whether it is printed with the book, as what readers get.
    """

    name: str
    draw: Callable[[Book], None]
    wanted: Callable[[Layout], bool] = _always
    family: str = "calculation"
    prints: bool = False


def _has(*paths: str) -> Callable[[Layout], bool]:
    """Return the test whether the layout has something at one of some paths of attributes."""

    def found(layout: Layout, path: str) -> object:
        at: object = layout
        for name in path.split("."):
            at = getattr(at, name, None)
        return at

    return lambda layout: any(found(layout, path) for path in paths)


def _readme(book: Book) -> None:
    about.draw_readme(book, sheet_names(book.spec))


def _scores(book: Book) -> None:
    (rescaled.draw if book.spec.rescales else nodes.draw_scores)(book)


def _linked(layout: Layout) -> bool:
    return bool(link_layout(layout).codes)


def _paired(layout: Layout) -> bool:
    return PairLayout(layout).wanted


def _what_if(layout: Layout) -> bool:
    spec = layout.spec
    return not spec.apart and not any(
        aggregation_of(spec, code).whole_sample for code in layout.composites
    )


def _has_disciplines(layout: Layout) -> bool:
    return _has_satellites(layout) and bool(layout.spec.framework.satellite_inputs)


def _has_satellites(layout: Layout) -> bool:
    return bool(layout.spec.framework.satellites) and layout.spec.apart


#: Where tabs stand by what they are for: what is typed and read, then what it is computed with.
_PLACES = ("guide", "input", "output", "check", "published", "calculation", "udf")
#: In the order of drawing: a sheet reads what those before it have left.
TABS = (
    Tab("README", _readme, family="guide", prints=True),
    Tab("Framework", framework.draw, family="input"),
    Tab("Cities", cities.draw, family="input"),
    Tab("Data", data.draw, family="input"),
    Tab("Links", links.draw, _linked, "input"),
    Tab("Sources", sources.draw, family="input"),
    Tab("Intake", intake.draw, family="input"),
    Tab("Items", constructed.draw_items, _has("item_codes")),
    Tab("Methods", methods.draw),
    Tab(INPUT_SHEET, disciplines.draw_inputs, _has_disciplines, "input"),
    Tab("Cleaned", cleaned.draw),
    Tab("Matrices", matrices.draw, _linked),
    Tab("Constructed", constructed.draw, _has("constructed")),
    Tab("Prepared", prepared.draw, _has("spec.prepares")),
    Tab("Weights", weights.draw, lambda layout: bool(weighted_nodes(layout.spec))),
    Tab("Populations", populations.draw, _has("spec.apart")),
    Tab("Normalised", normalised.draw),
    Tab("Aggregates", nodes.draw_aggregates, _has("spec.rescales")),
    Tab("Scores", _scores, family="output"),
    Tab("Ranks", ranks.draw),
    Tab("Pairs", pairs.draw, _paired),
    Tab("Ranking", ranking.draw, family="output", prints=True),
    Tab(JOINT_SHEET, satellites.draw, _has_satellites, "output", True),
    Tab(FIELD_SHEET, disciplines.draw, _has_disciplines, "output"),
    Tab("Profile", profile.draw, family="output", prints=True),
    Tab("Text", text.draw, family="output", prints=True),
    Tab("Audit", audit.draw, family="output", prints=True),
    Tab("WhatIf", whatif.draw, _what_if, "output"),
    Tab("Statistics", statistics.draw, family="output"),
    Tab("Correlation", correlation.draw, correlation.wanted, "output"),
    Tab("Robustness", robustness.draw, family="output"),
    Tab("Peers", peers.draw, family="output"),
    Tab("LastEdition", last.draw_store, _has("spec.last"), "published"),
    Tab("Change", last.draw_change, _has("spec.last"), "output"),
    Tab("LastLinks", last_lines.draw_links, _has("spec.last.links"), "published"),
    Tab("LastItems", last_lines.draw_items, _has("spec.last.items"), "published"),
    Tab("Groups", groups.draw, _has("spec.subtables"), "output"),
    Tab("Figures", groups.draw_figures, _has("spec.subtables"), "output", True),
    Tab("Tiers", tiers.draw, _has("spec.tiers"), "output", True),
    Tab("GroupKeys", groups.draw_keys, _has("spec.subtables", "spec.tiers")),
    Tab("UDF", udf.draw, _has("spec.udf"), "udf"),
    Tab("LinksUDF", link_udf.draw, lambda layout: _linked(layout) and layout.spec.udf, "udf"),
    Tab("PairsUDF", pairs.draw_udf, lambda layout: _paired(layout) and layout.spec.udf, "udf"),
    Tab("Published", published.draw_published, _has("spec.printed", "spec.defaults"), "published"),
    Tab("Compare", published.draw_compare, _has("spec.printed"), "published"),
    Tab("Checks", checks.draw, family="check"),
    Tab("CheckCounts", counts.draw),
    Tab("Review", review.draw, family="input"),
    Tab("Labels", about.draw_labels),
    Tab("Log", about.draw_log),
)


def tabs(layout: Layout) -> tuple[Tab, ...]:
    """Return the sheets of a template as they are drawn: networks, groups, a report's pages too."""
    spec = layout.spec
    found = [tab for tab in TABS if tab.wanted(layout)]

    def place(name: str) -> int:
        return [tab.name for tab in found].index(name)

    for network in networks_of(layout):
        draw = partial(networks.draw_matrix, code=network.code)
        found.insert(place("Cleaned"), Tab(network.sheet, draw, family="input"))
    for network in iterated(layout):
        after = place(network.sheet) + 1
        draw = partial(networks.draw_rounds, network=network)
        found.insert(after, Tab(network.rounds_sheet, draw))
    for group in range(len(spec.populations) - 1, 0, -1):
        name = populations_of(layout).ranking_sheet(group)
        draw = partial(ranking.draw, place=group)
        found.insert(place("Ranking") + 1, Tab(name, draw, family="output", prints=True))
    for page in spec.pages:
        before = page.before if page.before in [tab.name for tab in found] else "Checks"
        prints = page.prints and page.family == "output"
        tab = Tab(page.name, page.draw, family=page.family, prints=prints)
        found.insert(place(before), tab)
    return tuple(found)


def sheet_names(spec: TemplateSpec) -> tuple[str, ...]:
    """Return the names of the sheets of a template, in the order of the tabs."""
    drawn = tabs(Layout(spec))
    return tuple(tab.name for tab in sorted(drawn, key=lambda tab: _PLACES.index(tab.family)))
