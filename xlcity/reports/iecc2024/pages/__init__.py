"""The sheets that this report has of its own: the previous edition, growth, strengths, balance."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import astuple, replace

from xlcity.model.dataset import Unit
from xlcity.model.reading.tables import float_of
from xlcity.reports.iecc2024.pages import balance, dictionary, editions, leafranks, progress, radar
from xlcity.reports.iecc2024.pages.editions import Edition, Line
from xlcity.reports.loading import read_labels
from xlcity.reports.report import Report
from xlcity.workbook.drawing.canvas import Book
from xlcity.workbook.layout import Layout
from xlcity.workbook.spec import GroupTable, Page, TemplateSpec

#: Cities that were not in the previous edition.
NEW = ("edition", "new")
#: Group types with tables of their own; the population groups are the user's to fill.
GROUPED = ("capital", "continent")
DEPTH = 20
#: The page on demand of all that compares with the previous edition.
GROWTH = "growth"


def extend(report: Report, spec: TemplateSpec) -> TemplateSpec:
    """Add the pages, and tables of the first twenty of each group."""
    lines, averages = edition_lines(report), printed_averages(report)
    pages = _list_pages(lambda layout: Edition(layout, lines, NEW, averages))
    units = report.dataset.units
    return _with_pages(report, spec, pages, report.framework.root.code, units)


def later(report: Report, spec: TemplateSpec) -> TemplateSpec:
    """Add to a later edition the same pages, with what its book knows of the previous edition."""
    last = spec.last
    pages = _list_pages(None)
    if last is not None:
        inputs = {node.code for node in spec.framework.nodes}
        lines = editions.lines_of(last, inputs)
        pages = _list_pages(lambda layout: Edition(layout, lines, units=last.units))
        labels = read_labels(report.folder / "labels_later.toml")
        spec = replace(spec, labels=(*spec.labels, *labels))
    return _with_pages(report, spec, pages, spec.framework.root.code, spec.dataset.units)


def _list_pages(edition: Callable[[Layout], Edition] | None) -> tuple[Page, ...]:
    """Return the pages; those that compare with the previous edition only where one is known."""
    own_pages = (
        Page(
            leafranks.RANKS, leafranks.draw_ranks, "Ranking", "calculation", on_demand="strengths"
        ),
        Page(leafranks.SHEET, leafranks.draw, "Groups", on_demand="strengths"),
        Page(balance.SHEET, balance.draw, "Groups", on_demand="balance"),
        Page(dictionary.SHEET, dictionary.draw, "UDF"),
    )
    if edition is None:
        return own_pages
    make_edition = edition

    def with_edition(draw: Callable[[Book, Edition], None]) -> Callable[[Book], None]:
        return lambda book: draw(book, make_edition(Layout(book.spec)))

    return (
        Page(
            editions.DATA, with_edition(editions.draw_data), "Messages", "input", on_demand=GROWTH
        ),
        own_pages[0],
        Page(
            progress.GROWTH,
            with_edition(progress.draw_growth),
            "Ranking",
            "calculation",
            on_demand=GROWTH,
        ),
        Page(editions.SHEET, with_edition(editions.draw), "Groups", prints=False, on_demand=GROWTH),
        Page(radar.SHEET, with_edition(radar.draw), "Groups", on_demand="radar", needs=(GROWTH,)),
        Page(progress.SHEET, with_edition(progress.draw), "Groups", on_demand=GROWTH),
        *own_pages[1:],
        Page(
            editions.PRINTED,
            with_edition(editions.draw_printed),
            "Published",
            "published",
            on_demand=GROWTH,
        ),
    )


def _with_pages(
    report: Report,
    spec: TemplateSpec,
    pages: tuple[Page, ...],
    root: str,
    units: Sequence[Unit],
) -> TemplateSpec:
    subtables = _subtables(report, root, units)
    return replace(spec, pages=(*spec.pages, *pages), subtables=subtables)


def _subtables(report: Report, root: str, units: Sequence[Unit]) -> tuple[GroupTable, ...]:
    """Return the first twenty of each group by the total."""
    sizes: dict[tuple[str, str], int] = {}
    for unit in units:
        for name in GROUPED:
            key = (name, unit.attributes.get(name, ""))
            sizes[key] = sizes.get(key, 0) + 1
    return tuple(
        # A place or two more than a small group has, for cities that are added to it.
        GroupTable(
            "", root, kind.attribute, group.value,
            min(sizes.get((kind.attribute, group.value), 0) + 2, DEPTH),
        )
        for kind in report.group_types
        if kind.attribute in GROUPED
        for group in kind.groups
    )  # fmt: skip


def edition_lines(report: Report) -> tuple[Line, ...]:
    """Return what is printed of the previous edition, with the growth printed beside it."""
    grown = {
        (row["city_id"], row["node"]): row
        for row in report.published["profile_relative_progress"].rows
    }
    codes = {node.code for node in report.framework.nodes}
    lines = []
    for previous in report.previous:
        if previous.code not in codes:
            continue
        row = grown.get((previous.unit, previous.code))
        line = Line(*astuple(previous))
        if row:
            current = float_of(row["current_value"].replace(",", ""))
            growth, period = float(row["growth_pct"]) / 100, row["current_period"]
            line = replace(line, current=current, current_period=period, growth=growth)
        lines.append(line)
    return tuple(lines)


def printed_averages(report: Report) -> dict[str, float]:
    """Return the average growth that the city pages print, as shares."""
    return {
        row["node"]: float(row["average_growth_pct"]) / 100
        for row in report.published["sample_average_growth"].rows
        if row["where"] == "profile pages"
    }
