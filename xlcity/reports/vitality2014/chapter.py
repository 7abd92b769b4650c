"""What only this chapter shows: the regressions on economic output, means of parts of China."""

from __future__ import annotations

import numpy as np

from xlcity.figures.contents import BarChart, BarSeries, Label
from xlcity.report.contents import Field, ReportCell, TableContent
from xlcity.report.declared_figures import DeclaredFigures, Drawn
from xlcity.report.declared_tables import DeclaredTables
from xlcity.reports.declarations import Declaration

STATISTIC = Label("统计量", "Statistic")
STATISTICS = (
    Label("标准化系数", "Standardised coefficient"),
    Label("R²", "R²"),
    Label("共线性诊断（VIF）", "Collinearity (VIF)"),
)


def regression(tables: DeclaredTables, rule: Declaration) -> TableContent:
    """Return the standardised coefficient and R² of each node on one predictor."""
    source = tables.source
    predictor = tables.quantities.find(rule["predictor"])
    rows = tables.ranked_rows(rule)
    nodes = rule["nodes"]
    given = predictor.values[rows]
    scores = [source.result.column(code)[rows] for code in nodes]
    coefficients = [np.corrcoef(given, own)[0, 1] for own in scores]
    lines = [
        [float(r) for r in coefficients],
        [float(r) ** 2 for r in coefficients],
        [1.0] * len(coefficients),
    ]
    cells: list[list[ReportCell]] = [
        [name, *line] for name, line in zip(STATISTICS, lines, strict=True)
    ]
    fields = [
        Field(STATISTIC),
        *(Field(source.node(code), "coefficient") for code in nodes),
    ]
    return TableContent(fields, cells)


def means(figures: DeclaredFigures, rule: Declaration) -> Drawn:
    """Return means of subsets of the cities, a series per subset."""
    used = figures.quantities.all(rule["values"])
    series = []
    every = list[int]()
    for subset in rule["subsets"]:
        rows = figures.quantities.rows({"where": subset["where"]})
        if not rows:
            continue
        label = Label(*(f"{word} ({len(rows)})" for word in subset["name"]))
        values = [float(np.nanmean(quantity.values[rows])) for quantity in used]
        series.append(BarSeries(label, np.array(values)))
        every += rows
    axis = figures.figures.axis("groups", "x")
    return BarChart([quantity.label for quantity in used], series, axis), used, every
