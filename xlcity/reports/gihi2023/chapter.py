"""What only this chapter shows: the hubs of disciplines, curves over years, networks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from xlcity.figures.contents import Axis, Curve, Label, LineChart, NetworkChart
from xlcity.figures.draw_points import LINKS
from xlcity.report.contents import Field, ReportCell, TableContent
from xlcity.report.declared_figures import DeclaredFigures, Drawn
from xlcity.report.declared_tables import DeclaredTables
from xlcity.report.texts import head
from xlcity.reports.declarations import Declaration, declared, series_keys
from xlcity.reports.gihi2023.supplementary import FIELD, indices_of_kind

FIELDS = Label("进入前十名的学科数", "Fields among the first ten")
SHARE = Label("高被引论文比例均值（%）", "Mean share of highly cited papers (%)")
YEAR = Label("年份", "year")
#: Where half of the points of curves are lower than this share of the highest, all lie at zero.
FLAT = 0.05


def hubs(tables: DeclaredTables, rule: Declaration) -> TableContent | None:
    """Return cities among the first ten of a field: their place and rank in each field."""
    source = tables.source
    supplementary = tables.source.result.supplementary
    tree = source.result.framework
    fields_of = indices_of_kind(tree, FIELD)
    if not fields_of:
        return None
    top = supplementary.codes.index("DTOP")
    share = supplementary.codes.index("DSHARE")
    rows = [
        row for row in range(len(source.units)) if supplementary.scores[row, top] > 0
    ]
    rows.sort(key=lambda row: supplementary.ranks[row, top])
    fields = [
        head("rank"),
        head("city"),
        Field(FIELDS, "count"),
        Field(SHARE, "score"),
    ]
    fields += [
        Field(Label(field.name_zh, field.name_en), "rank") for field in fields_of
    ]
    columns = [supplementary.codes.index(field.code) for field in fields_of]
    cells: list[list[ReportCell]] = [
        [
            position,
            source.city(row),
            float(supplementary.scores[row, top]),
            float(supplementary.scores[row, share]),
            *(int(supplementary.ranks[row, column]) for column in columns),
        ]
        for position, row in enumerate(rows, 1)
    ]
    return TableContent(fields, cells, units=rows)


def curves(figures: DeclaredFigures, rule: Declaration) -> Drawn:
    """Return a series over years: of the first cities, or of the sum over all by field."""
    series = rule["series"]
    quantities = figures.quantities
    keys = [*series_keys(declared(figures.source.spec.id, "series")[series])]
    used = quantities.all([f"series:{series}/{key}" for key in keys])
    years = np.array(keys, dtype=float)
    rows = quantities.rows(rule, used, by_value=True)
    block = np.array([quantity.values for quantity in used])
    lines = [Curve(figures.city(row), years, block[:, row]) for row in rows]
    if "fields" in rule:
        fields = quantities.all(rule["fields"])
        last = float(np.nansum(block[-1])) or 1.0
        total = np.nansum(block, axis=1) / last
        sums = [np.nansum(field.values) for field in fields]
        lines = [
            Curve(field.label, years, total * amount)
            for field, amount in zip(fields, sums, strict=True)
        ]
        used = [*used, *fields]
    every = np.concatenate([line.y for line in lines])
    uom = used[0].uom
    y = Axis(uom, low=0.0)
    if np.nanmedian(every) < FLAT * np.nanmax(every):
        label = Label(f"{uom.zh}（对数刻度）", f"{uom.en} (log scale)")
        y = Axis(label, log=True)
        lines = [
            replace(line, y=np.where(line.y > 0, line.y, np.nan)) for line in lines
        ]
    return LineChart(lines, Axis(YEAR, whole=True), y), used, rows


def network(figures: DeclaredFigures, rule: Declaration) -> Drawn | None:
    """Return the cities with the strongest links around a circle, and these links."""
    strength = figures.quantities.find(f"links:{rule['links']}")
    rows_by_unit = {
        unit.id: row for row, unit in enumerate(figures.units) if unit.population
    }
    links = [
        link
        for link in figures.result.dataset.links.get(rule["links"], ())
        if {link.start, link.end} <= rows_by_unit.keys() and link.value > 0
    ]
    links = sorted(links, key=lambda link: -link.value)[:LINKS]
    if not links:
        return None
    linked = sorted(
        {rows_by_unit[unit] for link in links for unit in (link.start, link.end)}
    )
    classes, legend = figures.quantities.classes(rule, linked)
    keys = sorted(
        (of, -strength.values[row], row)
        for of, row in zip(classes, linked, strict=True)
    )
    rows = [row for *_, row in keys]
    block = np.full((len(rows), len(rows)), np.nan)
    for link in links:
        index = rows.index(rows_by_unit[link.start]), rows.index(rows_by_unit[link.end])
        block[index] = block[index[::-1]] = link.value
    names = [*map(figures.city, rows)]
    ordered = [of for of, *_ in keys]
    return (
        NetworkChart(names, block, strength.values[rows], ordered, legend),
        [strength],
        rows,
    )
