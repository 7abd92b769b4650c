"""What only this chapter shows: how standardised values are distributed."""

from __future__ import annotations

import numpy as np

from xlcity.figures.contents import Histogram, HistogramChart, Label
from xlcity.report.declared_figures import DeclaredFigures, Drawn
from xlcity.reports.declarations import Declaration

COUNT = Label("城市数", "cities")


def histograms(figures: DeclaredFigures, rule: Declaration) -> Drawn:
    """Return standardised values of each indicator, with the limits that they are cut at."""
    source = figures.source
    rows = figures.figures.rows.tolist()
    limit = float(rule["limit"])
    panels = []
    for code in source.result.leaf_codes:
        values = figures.quantities.find(f"data:{code}").values[rows]
        values = values[np.isfinite(values)]
        if values.size and (spread := float(values.std())) > 0:
            z = (values - values.mean()) / spread
            panels.append(Histogram(source.node(code), z, (-limit, limit)))
    legend = Label(f"缩尾界限 ±{limit:g}", f"values are limited to ±{limit:g}")
    score = figures.quantities.find(f"score:{source.root}")
    return HistogramChart(panels, legend, COUNT), [score], rows
