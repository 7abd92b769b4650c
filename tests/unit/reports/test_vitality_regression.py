"""The sheet `Regression` of vitality2014: blank without GDP, as scipy has it with GDP typed."""

import numpy as np
import pytest
from scipy import stats

from tests.helpers.templates import edited
from xlcity.recalc.workbook import recalculate
from xlcity.reports import load_report
from xlcity.reports.vitality2014.regression_sheet import HEADER, SHEET
from xlcity.workbook.build import build
from xlcity.workbook.layout import Layout
from xlcity.workbook.spec.from_report import template_spec
from xlcity.workbook.tabs import with_pages
from xlcity.xlsx.address import cell_name
from xlcity.xlsx.cells import read_book

#: Columns of the sheet.
N, R, R2, SLOPE, INTERCEPT, P, PRINTED = range(2, 9)


@pytest.mark.slow
@pytest.mark.parametrize(
    "engine", ["auto", pytest.param("libreoffice", marks=pytest.mark.libreoffice)]
)
def test_each_score_is_regressed_on_the_gdp_typed(engine):
    spec = template_spec(load_report("vitality2014"), language="en", cells="native")
    spec = with_pages(spec, ["none"])
    layout = Layout(spec)
    package = build(spec).package
    blank = read_book(package)
    nodes = layout.composites
    for row in range(HEADER + 1, HEADER + 1 + len(nodes)):
        assert blank.value(SHEET, row, N) == 0
        assert (blank.value(SHEET, row, R) or "") == ""
    assert blank.value(SHEET, HEADER + 1, PRINTED) == 0.847
    gdp = np.random.default_rng(2).lognormal(8, 1, len(spec.dataset.units)).round(1)
    gdp[3] = np.nan
    area = layout.city("gdp")
    typed = {
        cell_name(area.r1 + row, area.c1): float(value)
        for row, value in enumerate(gdp)
        if not np.isnan(value)
    }
    book = recalculate(edited(package, {"Cities": typed}), engine).as_book()
    block = layout.scores
    for row, node in enumerate(nodes, HEADER + 1):
        cells = [
            book.value("Index", block.first_row + place, block.column(node))
            for place in range(len(gdp))
        ]
        scores = np.array([c if isinstance(c, float) else np.nan for c in cells])
        both = ~np.isnan(scores) & ~np.isnan(gdp)
        fit = stats.linregress(gdp[both], scores[both])
        shown = [book.value(SHEET, row, column) for column in range(N, PRINTED)]
        wanted = [
            both.sum(),
            fit.rvalue,
            fit.rvalue**2,
            fit.slope,
            fit.intercept,
            fit.pvalue,
        ]
        assert shown == pytest.approx(wanted, rel=1e-9)
