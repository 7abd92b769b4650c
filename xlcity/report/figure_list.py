"""Which figures a report has: those of any index, and those that its print had besides."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from xlcity.figures.contents import Label
from xlcity.figures.figure import Figure
from xlcity.report.declared import declared
from xlcity.report.declared_figures import DeclaredFigures
from xlcity.report.figures import ReportFigures
from xlcity.report.inventory import printed_titles
from xlcity.report.source import ReportSource
from xlcity.reports.report import GroupType

FigureMaker = Callable[[], Figure | None]


def declared_makers(source: ReportSource) -> dict[str, FigureMaker]:
    """Return what makes the figures that a report printed besides those of any index, by id."""
    titles = printed_titles(source.spec.id)
    figures = DeclaredFigures(source, source.root, source.result.populations[0])
    rules = declared(source.spec.id, "figures")
    return {
        name: partial(figures.declared, name, titles.get(name, Label(name)), rule)
        for name, rule in rules.items()
    }


def report_figures(source: ReportSource) -> dict[str, FigureMaker]:
    """Return what makes the figures of a book, by id, in their order."""
    groups = source.result.populations
    first = ReportFigures(source, source.root, groups[0])
    makers: dict[str, FigureMaker] = {"tree": first.tree}
    for population in groups:
        figures = ReportFigures(source, source.root, population)
        suffix = "" if population == groups[0] else f"-{population}"
        makers[f"bars-{source.root}{suffix}"] = figures.bars
        makers[f"contributions{suffix}"] = figures.contributions
        makers[f"children-{source.root}{suffix}"] = figures.children
    printed = declared_makers(source)
    own = {rule.get("node") for rule in declared(source.spec.id, "figures").values()}
    for code in source.nodes[1:]:
        figures = ReportFigures(source, code, groups[0])
        if code in source.main_nodes:
            makers |= {f"bars-{code}": figures.bars, f"children-{code}": figures.children}
        # What was printed of the indicators of a node comes in its place.
        makers |= {f"raw-{code}": figures.raw} if code not in own else {}
    for code in source.main_nodes:
        figures = ReportFigures(source, code, groups[0])
        makers |= {f"moves-{code}": figures.changes, f"slopes-{code}": figures.earlier}
    for number, kind in enumerate(source.group_types):
        makers[f"means-{kind.attribute}"] = partial(first.groups, kind)
        makers[f"radar-{kind.attribute}"] = partial(first.radar_groups, kind)
        makers |= _group_bars(first, kind) if number == 0 else {}
    pages = first.heat_maps()
    for page in range(pages):
        name = f"heat-map-{page + 1}" if page else "heat-map"
        makers[name] = partial(first.heat_map, page, pages)
    makers |= {
        "correlations": first.correlations, "scatter": first.scatter,
        "distributions": first.distributions, "dendrogram": first.dendrogram,
        "pair-map": first.pairs,
    }  # fmt: skip
    return makers | printed


def more_figures(source: ReportSource) -> dict[str, FigureMaker]:
    """Return what makes figures that are drawn only when they are asked for by their ids."""
    population = source.result.populations[0]
    first = ReportFigures(source, source.root, population)
    makers: dict[str, FigureMaker] = {"scree": first.scree}
    for code in source.nodes:
        if code not in source.main_nodes:
            figures = ReportFigures(source, code, population)
            makers |= {f"bars-{code}": figures.bars, f"children-{code}": figures.children}
    for kind in source.group_types[1:]:
        makers |= _group_bars(first, kind)
    for row in source.order(source.root, population):
        makers[f"radar-{source.units[row].id}"] = partial(first.radar, row)
    for number, pair in enumerate(source.result.pairs.pairs if source.result.pairs else ()):
        makers[f"pair-{'-'.join(pair)}"] = partial(first.pair, number)
    return makers


def _group_bars(figures: ReportFigures, kind: GroupType) -> dict[str, FigureMaker]:
    """Return what makes bars of each group, as long as the report has them."""
    source = figures.source
    makers: dict[str, FigureMaker] = {}
    for group in kind.groups:
        depths = [s.depth for s in source.spec.subtables if not s.label and s.group == group.value]
        depth = depths[0] if depths else len(source.units)
        name = f"bars-{source.root}-{kind.attribute}-{group.value}"
        makers[name] = partial(figures.group, kind, group, depth)
    return makers
