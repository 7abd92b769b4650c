"""The sheets of a template: in which order they stand, what draws them, where they are wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from itertools import chain

from xlcity.errors import UsageError, did_you_mean
from xlcity.workbook.drawing.canvas import Book
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.analysis import WORKINGS
from xlcity.workbook.layout.groups import populations_of
from xlcity.workbook.layout.links import LinkLayout, iterated
from xlcity.workbook.layout.networks import networks as networks_of
from xlcity.workbook.layout.rows import INDEX, MESSAGES
from xlcity.workbook.methods_in_cells import aggregation_of
from xlcity.workbook.sheets import about, previous
from xlcity.workbook.sheets.analyses import (
    assessed,
    audit,
    correlation,
    peers,
    robustness,
    size,
    statistics,
    trajectories,
    whatif,
)
from xlcity.workbook.sheets.calculation import (
    constructed,
    index,
    matrices,
    messages,
    networks,
    pairs,
    weights,
    workings,
)
from xlcity.workbook.sheets.checking import checks, published, review, udf
from xlcity.workbook.sheets.inputs import (
    cities,
    data,
    framework,
    intake,
    links,
    sources,
)
from xlcity.workbook.sheets.results import (
    groups,
    profile,
    ranking,
    ratings,
    subtables,
    tiers,
)
from xlcity.workbook.spec import Tab, TemplateSpec
from xlcity.workbook.spec.previous_edition import past_of
from xlcity.workbook.steps.weigh import weighted_nodes
from xlcity.workbook.tab_titles import tab_title


def _has(*names: str) -> Callable[[Layout], bool]:
    """Return the test whether the specification has any of some things."""

    def has_any(layout: Layout) -> bool:
        return any(getattr(layout.spec, name) for name in names)

    return has_any


def _readme(book: Book) -> None:
    names = [tab.name for tab in ordered(tabs(book.layout)) if tab.name != "README"]
    for_you = tuple(
        n for n in names if book.families[n] in _FOR_YOU and n not in _REVIEWED
    )
    checked = tuple(n for n in names if n not in for_you)
    lists = {"for_you": for_you, "for_reviewers": checked}
    sheets = sheet_by_page(book.layout)
    chosen = book.spec.chosen_pages
    absent = [sheet for page, sheet in sheets.items() if page not in chosen]
    about.draw_readme(book, lists, absent)


def sheet_by_page(layout: Layout) -> dict[str, str]:
    """Return the pages on demand that a template can have, with the sheet of each to read."""
    tabs_by_page: dict[str, Tab] = {}
    for tab in _possible_tabs(layout):
        if tab.on_demand:
            first_tab = tabs_by_page.setdefault(tab.on_demand, tab)
            if tab.family in _READ and first_tab.family not in _READ:
                tabs_by_page[tab.on_demand] = tab
    return {page: tab.name for page, tab in tabs_by_page.items()}


def _linked(layout: Layout) -> bool:
    return bool(LinkLayout(layout).codes)


def _what_if(layout: Layout) -> bool:
    spec = layout.spec
    root = spec.framework.root.code
    return not spec.apart and not aggregation_of(spec, root).whole_sample


def _has_one_group(layout: Layout) -> bool:
    return bool(layout.inputs) and not layout.spec.apart


#: The sheets that most books have, in the order in which they are used; others stand behind one.
_FIRST = (
    "README",
    "Data",
    "Checks",
    "Ranking",
    "Profile",
    INDEX,
    "Statistics",
    "Correlation",
    "Robustness",
    "Groups",
    "WhatIf",
    "Framework",
    "Cities",
    "Sources",
)
#: Behind which of them other sheets stand by what they are for, and in which order the rest do.
_BEHIND = {"input": "Data", "check": "Checks"}
_PLACES = ("published", "output", "analysis", "calculation", "udf")
#: Families of sheets with results.
_READ = ("output", "analysis")
#: What is filled in and read; of these, what is for reviewers.
_FOR_YOU = ("input", "output", "check", "analysis")
_REVIEWED = (INDEX, "Framework", "Sources")
#: In the order of drawing: a sheet reads what those before it have left.
TABS = (
    Tab("Framework", framework.draw, family="input"),
    Tab("Cities", cities.draw, family="input"),
    Tab("Data", data.draw, family="input", prints=True),
    Tab("Links", links.draw, _linked, "input"),
    Tab("Sources", sources.draw, family="input"),
    Tab("Intake", intake.draw, family="input", on_demand="intake"),
    Tab("Items", constructed.draw_items, lambda layout: bool(layout.item_codes)),
    Tab(MESSAGES, messages.draw),
    Tab("Matrices", matrices.draw, _linked),
    Tab("Weights", weights.draw, lambda layout: bool(weighted_nodes(layout.spec))),
    Tab(INDEX, index.draw, family="output"),
    Tab(
        "Pairs",
        pairs.draw,
        lambda layout: bool(layout.spec.recipe.steps_doing("pairs")),
    ),
    Tab("Ranking", ranking.draw, family="output", prints=True),
    Tab("Profile", profile.draw, family="output", prints=True),
    Tab("WhatIf", whatif.draw, _what_if, "analysis", on_demand="whatif"),
    Tab(
        "Statistics",
        statistics.draw,
        family="analysis",
        prints=True,
        on_demand="statistics",
    ),
    Tab(WORKINGS, workings.draw, on_demand="statistics"),
    Tab(
        "Correlation",
        correlation.draw,
        correlation.has_pairs,
        family="analysis",
        prints=True,
        on_demand="correlation",
        needs=("statistics",),
    ),
    Tab(
        robustness.DRAWS,
        robustness.draw_draws,
        robustness.is_wanted,
        on_demand="robustness",
    ),
    Tab(
        robustness.SHEET,
        robustness.draw,
        robustness.is_wanted,
        family="analysis",
        prints=True,
        on_demand="robustness",
    ),
    Tab("Assessment", assessed.draw, family="output", on_demand="assessment"),
    Tab("Audit", audit.draw, family="output", on_demand="audit", needs=("assessment",)),
    Tab("Peers", peers.draw, family="output", on_demand="peers", needs=("assessment",)),
    Tab(
        ratings.SHEET,
        ratings.draw,
        ratings.is_wanted,
        family="output",
        prints=True,
        on_demand="ratings",
    ),
    Tab(size.SHEET, size.draw, _has_one_group, "output", on_demand="size"),
    Tab("LastEdition", previous.draw_store, _has("last"), "published"),
    Tab("Change", previous.draw_change, _has("last"), "output"),
    Tab(
        "Trajectories",
        trajectories.draw,
        lambda layout: bool(past_of(layout.spec).editions),
        "output",
        on_demand="trajectories",
    ),
    Tab("Groups", groups.draw, family="analysis", prints=True, on_demand="groups"),
    Tab(
        "Subtables", subtables.draw, _has("subtables"), "output", on_demand="subtables"
    ),
    Tab(
        "Figures",
        subtables.draw_figures,
        _has("subtables"),
        family="output",
        prints=True,
        on_demand="subtables",
    ),
    Tab(
        "Tiers",
        tiers.draw,
        _has("tiers"),
        family="output",
        prints=True,
        on_demand="subtables",
    ),
    Tab("UDF", udf.draw, _has("udf"), "udf"),
    Tab("Published", published.draw, _has("printed", "defaults"), "published"),
    Tab("Checks", checks.draw, family="check", prints=True),
    Tab("Review", review.draw, family="input", on_demand="review"),
    Tab("README", _readme, family="guide", prints=True),
)
#: Pages that a template has where nothing else is said, as far as it can have them.
DEFAULT = ("whatif", "statistics", "correlation", "groups")


def tabs(layout: Layout) -> tuple[Tab, ...]:
    """Return the sheets of a template as they are drawn, the chosen pages on demand among them."""
    chosen = ("", *layout.spec.chosen_pages)
    return tuple(tab for tab in _possible_tabs(layout) if tab.on_demand in chosen)


def available_pages(spec: TemplateSpec) -> tuple[str, ...]:
    """Return the pages on demand that a template can have, in the order of the tabs."""
    return tuple(sheet_by_page(Layout(spec)))


def with_pages(spec: TemplateSpec, words: Iterable[str]) -> TemplateSpec:
    """Return the specification of a template with pages, and with those that these read.

    Parameters
    ----------
    spec
        What the template shows otherwise.
    words
        Pages beside those that every template has; "none" leaves these out, "all" is every page.

    Raises
    ------
    UsageError
        If a template has no such page.
    """
    possible = _possible_tabs(Layout(spec))
    available = available_pages(spec)
    typed = tuple(words)
    groups = {"none": (), "all": available}
    chosen = set() if "none" in typed else {*DEFAULT}
    for word in typed:
        if word not in groups and word not in available:
            hint = did_you_mean(word, (*available, *groups))
            raise UsageError.of("XC100.page_unavailable", hint=hint, word=word)
        chosen.update(groups.get(word, (word,)))
    read = (tab.needs for tab in possible if tab.on_demand in chosen)
    chosen |= {*chain.from_iterable(read)}
    return replace(
        spec, chosen_pages=tuple(page for page in available if page in chosen)
    )


def _possible_tabs(layout: Layout) -> tuple[Tab, ...]:
    """Return the sheets that a template can have: networks, groups, a report's pages too."""
    spec = layout.spec
    possible: list[Tab] = [tab for tab in TABS if tab.wanted(layout)]

    def index_of(name: str) -> int:
        return [tab.name for tab in possible].index(name)

    for network in networks_of(layout):
        draw = partial(networks.draw_matrix, code=network.code)
        possible.insert(index_of(MESSAGES), Tab(network.sheet, draw, family="input"))
    for network in iterated(layout):
        after = index_of(network.sheet) + 1
        draw = partial(networks.draw_rounds, network=network)
        possible.insert(after, Tab(network.rounds_sheet, draw))
    for group in range(len(spec.populations) - 1, 0, -1):
        name = populations_of(layout).ranking_sheet(group)
        draw = partial(ranking.draw, population=group)
        possible.insert(
            index_of("Ranking") + 1, Tab(name, draw, family="output", prints=True)
        )
    for page in spec.pages:
        if page.wanted(layout):
            before = (
                page.before
                if page.before in [tab.name for tab in possible]
                else "Checks"
            )
            is_printed = page.prints and page.family == "output"
            possible.insert(index_of(before), replace(page, prints=is_printed))
    return tuple(possible)


def ordered(drawn: Iterable[Tab]) -> list[Tab]:
    """Return sheets in the order of their tabs: those that every book has, then all others."""

    def position(tab: Tab) -> tuple[int, int]:
        if tab.name in _FIRST:
            return _FIRST.index(tab.name), 0
        if tab.family in _BEHIND:
            return _FIRST.index(_BEHIND[tab.family]), 1
        if tab.name.startswith("Ranking"):
            return _FIRST.index("Ranking"), 1
        return len(_FIRST) + _PLACES.index(tab.family), int(tab.name == MESSAGES)

    return sorted(drawn, key=position)


def sheet_titles(spec: TemplateSpec) -> dict[str, str]:
    """Return the names of the sheets of a template and their titles, in the order of the tabs."""
    language = spec.tab_language or spec.language
    drawn = ordered(tabs(Layout(spec)))
    return {tab.name: tab_title(tab.name, language, spec.id) for tab in drawn}
