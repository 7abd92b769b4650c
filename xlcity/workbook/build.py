"""Builds a template workbook: sheets drawn, recalculated, values and chart caches put in."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from xlcity.recalc.workbook import Recalculated, patched, recalculate
from xlcity.workbook.canvas import Book, Counts
from xlcity.workbook.labels import Labels, page_labels
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.groups import Populations
from xlcity.workbook.layout.links import LinkLayout
from xlcity.workbook.layout.networks import networks as networks_of
from xlcity.workbook.layout.pairs import PairLayout
from xlcity.workbook.layout.rows import SHEETS
from xlcity.workbook.layout.supplementary import FIELD_SHEET, INPUT_SHEET, JOINT_SHEET
from xlcity.workbook.named_styles import with_named_styles
from xlcity.workbook.sheets import (
    about,
    audit,
    centrality,
    checks,
    cities,
    cleaned,
    constructed,
    counts,
    data,
    disciplines,
    framework,
    groups,
    intake,
    last,
    last_lines,
    link_udf,
    links,
    matrices,
    methods,
    networks,
    nodes,
    normalised,
    pairs,
    prepared,
    profile,
    published,
    ranking,
    ranks,
    rescaled,
    review,
    satellites,
    sources,
    statistics,
    tiers,
    udf,
    weights,
    whatif,
)
from xlcity.workbook.spec import TemplateSpec
from xlcity.workbook.steps import check_drawable
from xlcity.workbook.steps.means import aggregation_of, native_of, threshold_of
from xlcity.workbook.steps.method_table import methods_of
from xlcity.workbook.steps.rescale import has_own_parameters
from xlcity.workbook.steps.weigh import weighted_nodes
from xlcity.workbook.styles import Styles
from xlcity.xlsx.calc_on_load import calculated
from xlcity.xlsx.package import Package

#: Same input, same bytes: the moment of building is not part of a template.
CREATED = datetime(2025, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Built:
    """A finished template."""

    package: Package
    sheets: tuple[str, ...]
    counts: Counts
    #: The values that were put in, and the cells they belong to.
    computed: Recalculated


def sheet_names(spec: TemplateSpec) -> tuple[str, ...]:
    """Return the sheets a template has, in the order of their tabs."""
    absent: set[str] = set()
    if not spec.udf:
        absent.add("UDF")
    if not spec.printed and spec.defaults is None:
        absent.add("Published")
    if not spec.printed:
        absent.add("Compare")
    if not spec.subtables:
        absent |= {"Groups", "Figures"}
    if not spec.tiers:
        absent.add("Tiers")
    if not spec.subtables and not spec.tiers:
        absent.add("GroupKeys")
    layout = Layout(spec)
    if not layout.constructed:
        absent.add("Constructed")
    if not spec.prepares:
        absent.add("Prepared")
    if not weighted_nodes(spec):
        absent.add("Weights")
    if not layout.item_codes:
        absent.add("Items")
    linked = LinkLayout(layout)
    if not linked.codes:
        absent |= {"Links", "Matrices"}
    if not linked.by("eigen_centrality"):
        absent.add("Centrality")
    if not linked.codes or not spec.udf:
        absent.add("LinksUDF")
    paired = PairLayout(layout).wanted
    if not paired:
        absent.add("Pairs")
    if not paired or not spec.udf:
        absent.add("PairsUDF")
    if not spec.rescales:
        absent.add("Aggregates")
    beside = any(aggregation_of(spec, code).whole_sample for code in layout.composites)
    if spec.apart or beside:
        absent.add("WhatIf")
    if spec.last is None:
        absent |= {"LastEdition", "Change"}
    if spec.last is None or not spec.last.links:
        absent.add("LastLinks")
    if spec.last is None or not spec.last.items:
        absent.add("LastItems")
    if not spec.apart:
        absent.add("Statistics")
    names = [name for name in SHEETS if name not in absent]
    at = names.index("Cleaned")
    for network in reversed(networks_of(layout)):
        names[at:at] = [network.sheet, *([network.rounds_sheet] if network.iterated else [])]
    if spec.framework.satellites and spec.apart:
        names[at:at] = [INPUT_SHEET] if spec.framework.satellite_inputs else []
        after = names.index("Profile")
        drawn = [JOINT_SHEET, *([FIELD_SHEET] if spec.framework.satellite_inputs else [])]
        names[after:after] = drawn
    others = [Populations(layout).ranking_sheet(p) for p in range(1, len(spec.populations))]
    after = names.index("Ranking") + 1
    names[after:after] = others
    for page in spec.pages:
        place = names.index(page.before) if page.before in names else names.index("Checks")
        names.insert(place, page.name)
    return tuple(names)


def draw(spec: TemplateSpec) -> tuple[bytes, Counts]:
    """Return the workbook with its formulas and styles, without the formulas' values."""
    import xlsxwriter

    check_drawable(spec)
    buffer = io.BytesIO()
    workbook: Any = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_numbers": False})
    workbook.set_properties(
        {
            "title": f"{spec.name_zh} {spec.name_en} {spec.edition}".strip(),
            "comments": "xlcity",
            "created": CREATED.replace(tzinfo=None),
        }
    )
    calculated(workbook)
    workbook.set_size(2400, 1400)
    book = Book(workbook, spec, Layout(spec), Labels.load(own_labels(spec)), Styles(workbook))
    names = sheet_names(spec)
    # Tabs stand in the order in which they are drawn; Checks reads what the others left for it.
    pages = {page.name: page.draw for page in spec.pages}
    for network in networks_of(book.layout):
        pages[network.sheet] = partial(networks.draw_matrix, code=network.code)
        if network.iterated:
            pages[network.rounds_sheet] = partial(networks.draw_rounds, code=network.code)
    for place in range(1, len(spec.populations)):
        drawn = partial(ranking.draw, place=place)
        pages[Populations(book.layout).ranking_sheet(place)] = drawn
    for name in names:
        if name in pages:
            pages[name](book)
        elif name == "README":
            about.draw_readme(book, names)
        elif name == "UDF":
            udf.draw(book)
        elif name == "Checks":
            checks.draw(book)
        else:
            _DRAW[name](book)
    about.draw_chart_titles(book)
    book.flags.write(workbook)
    workbook.close()
    package = with_named_styles(Package.from_bytes(buffer.getvalue()), book.styles)
    return package.to_bytes(), book.counts


def _draw_scores(book: Book) -> None:
    (rescaled.draw if book.spec.rescales else nodes.draw_scores)(book)


_DRAW = {
    INPUT_SHEET: disciplines.draw_inputs,
    FIELD_SHEET: disciplines.draw,
    JOINT_SHEET: satellites.draw,
    "Framework": framework.draw,
    "Cities": cities.draw,
    "Data": data.draw,
    "Sources": sources.draw,
    "Intake": intake.draw,
    "Methods": methods.draw,
    "Cleaned": cleaned.draw,
    "Items": constructed.draw_items,
    "Links": links.draw,
    "Matrices": matrices.draw,
    "Centrality": centrality.draw,
    "LinksUDF": link_udf.draw,
    "Pairs": pairs.draw,
    "PairsUDF": pairs.draw_udf,
    "Constructed": constructed.draw,
    "Prepared": prepared.draw,
    "Weights": weights.draw,
    "Normalised": normalised.draw,
    "Statistics": statistics.draw,
    "Aggregates": nodes.draw_aggregates,
    "Scores": _draw_scores,
    "Ranks": ranks.draw,
    "Ranking": ranking.draw,
    "Profile": profile.draw,
    "WhatIf": whatif.draw,
    "Audit": audit.draw,
    "LastEdition": last.draw_store,
    "LastLinks": last_lines.draw_links,
    "LastItems": last_lines.draw_items,
    "Change": last.draw_change,
    "Groups": groups.draw,
    "Figures": groups.draw_figures,
    "Tiers": tiers.draw,
    "GroupKeys": groups.draw_keys,
    "Published": published.draw_published,
    "Compare": published.draw_compare,
    "CheckCounts": counts.draw,
    "Review": review.draw,
    "Labels": about.draw_labels,
    "Log": about.draw_log,
}


def build(spec: TemplateSpec) -> Built:
    """Build a template with the computed value in every formula cell and chart.

    Raises
    ------
    EngineError
        If the engine leaves a formula cell without a value.
    """
    raw, counts = draw(spec)
    package = Package.from_bytes(raw, f"{spec.id}.xlsx")
    computed = recalculate(package)
    return Built(patched(package, computed), sheet_names(spec), counts, computed)


def own_labels(spec: TemplateSpec) -> Iterator[tuple[str, str, str]]:
    """Yield the labels that a template has beside the package's: key, Chinese, English."""
    known = {key.removeprefix("attribute.") for key, _, _ in spec.labels}
    if spec.apart:
        yield from statistics.labels(spec.populations)
    if spec.framework.satellites and spec.apart:
        yield from page_labels("satellites", "disciplines")
    if spec.matrices:
        named = {code: spec.framework[code] for code in spec.matrices}
        names = {code: (node.name_zh, node.name_en) for code, node in named.items()}
        yield from networks.labels(names)
    if LinkLayout(Layout(spec)).codes:
        # Templates without links have no use for their words.
        yield from page_labels("links", "matrices", "centrality", "link_udf")
    if PairLayout(Layout(spec)).wanted:
        yield from page_labels("pairs")
    if spec.prepares:
        yield from prepared.LABELS
    if methods_of(spec) & {"bands", "dist2ref"}:
        yield from page_labels("methods")
    if weighted_nodes(spec):
        yield from weights.LABELS
    if any(threshold_of(spec, c.code) or native_of(spec, c.code).by_function
           for c in spec.framework.composites):  # fmt: skip
        yield from page_labels("nodes")
    if spec.rescales and has_own_parameters(spec):
        yield from rescaled.LABELS
    if spec.last is not None and (spec.last.links or spec.last.items):
        yield from page_labels("last_lines")
    yield from spec.labels
    for group_type in spec.group_types:
        known.add(group_type.attribute)
        yield f"attribute.{group_type.attribute}", group_type.name_zh, group_type.name_en
        for group in group_type.groups:
            yield f"group.{group_type.attribute}.{group.value}", group.name_zh, group.name_en
    shipped = Labels.load().texts
    for name in spec.attributes:
        if name not in known and f"attribute.{name}" not in shipped:
            yield f"attribute.{name}", name, name
