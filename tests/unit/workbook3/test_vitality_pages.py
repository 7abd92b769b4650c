"""The pages that vitality2014 has of its own, against the analyses of the index."""

import functools
from dataclasses import replace

import numpy as np
import pytest
from templates import edited, read, seen

from xlcity.assess import cluster, correlate, regional_means, regress
from xlcity.errors import CellError
from xlcity.recalc.workbook import recalculate
from xlcity.reports import load_report
from xlcity.reports.vitality2014 import template as pages
from xlcity.workbook.build import build, draw
from xlcity.workbook.check import spec_of
from xlcity.workbook.contract import contract_problems
from xlcity.workbook.from_report import template_spec
from xlcity.workbook.layout import FIRST, IN_FIRST, Layout
from xlcity.workbook.sheets import clusters, correlation, regional, regression
from xlcity.workbook.sheets.cities import number_or_text
from xlcity.xlsx.address import cell_name
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.package import Package

ROOT, DOMAINS = "VIT", ("S", "C", "E", "P")
NODES = (ROOT, *DOMAINS)
PAGES = ("Correlation", "Regression", "Clusters", "Regions", "RegionTables", "Analysis")


@functools.cache
def report():
    return load_report("vitality2014")


@functools.cache
def spec(**changes):
    return replace(template_spec(report()), **changes)


@functools.cache
def book(**changes):
    return build(spec(**changes)).package


@functools.cache
def plain():
    return seen(book())


def layout():
    return Layout(spec())


def cities(unit, column):
    """Return the address of a city's entry on `Cities`."""
    at = plain().template.area("xl_cities")
    units = [u.id for u in plain().template.dataset.units]
    row = IN_FIRST + (units.index(unit) if isinstance(unit, str) else len(units) + unit)
    return cell_name(row, at.c1 + layout().city_columns.index(column))


def data(unit, code):
    return cell_name(plain().template.rows[unit], plain().template.columns[code])


def spare(code=None):
    """Return the address of the first spare row on `Data`: of its id, or of a value."""
    row = max(plain().template.rows.values()) + 1
    return cell_name(row, 1 if code is None else plain().template.columns[code])


def gdp(of=lambda place: 500.0 + 37.0 * ((place * 17) % 46)):
    """Return invented values of the outside variable, one for every city."""
    return {cities(u.id, "gdp"): of(i) for i, u in enumerate(report().dataset.units)}


def looked_at(**edits):
    return seen(edited(book(), edits))


# -- reading the pages ----------------------------------------------------------------------------
def number(value):
    """Return a cell as a number, NaN where it shows nothing."""
    assert not isinstance(value, CellError), value
    return float("nan") if value in ("", None, "NA") else float(value)


def matrix(found, name, bands=None):
    """Return one of the matrices of `Correlation`."""
    where = correlation.bands(DOMAINS, printed=True, udf=True)[name].area
    return [
        [found.fresh.value("Correlation", row, column)
         for column in range(where.first_column, where.last_column + 1)]
        for row in range(where.first_row, where.last_row + 1)
    ]  # fmt: skip


def results(found, first_row=regression.HEADER + 1):
    """Return node -> the six results of `Regression`."""
    return {
        code: [found.fresh.value("Regression", first_row + i, c) for c in range(2, 8)]
        for i, code in enumerate(NODES)
    }


def classes(found):
    """Return city -> class, of those that have one."""
    at = clusters.Columns(len(DOMAINS)).label
    rows = range(FIRST, layout().last + 1)
    shown = {found.fresh.value("Clusters", r, 1): found.fresh.value("Clusters", r, at) for r in rows}
    return {unit: int(label) for unit, label in shown.items() if label not in ("", None)}


def means(found):
    """Return (group type, group, part) -> the numbers of its row on `Regions`."""
    shown = regional.Regions(pages.GROUP_TYPES, pages.SPLIT, pages.CHARTED, NODES)
    return {
        (kind, group, part): [found.fresh.value("Regions", row, c) for c in range(3, 4 + len(NODES))]
        for kind, lines in regional.Rows(spec(), shown).sections()
        for group, part, row in lines
    }


def tables(found):
    """Return chart -> the lines of its table on `RegionTables`, gaps left out."""
    height, last = 4 + 2 * len(DOMAINS), layout().slots
    made = {}
    for place, table in enumerate(pages.regional_tables(report())):
        top = 5 + place * (height - 4 + len((ROOT,)) + 3)
        lines = [
            [found.fresh.value("RegionTables", row, c) for c in range(2, last)]
            for row in range(top, top + 2 + 2 * len(DOMAINS))
        ]
        made[table.label] = [[v for v in line if v not in ("", None)] for line in lines]
    return made


def close(mine, theirs):
    theirs = float(theirs)
    if np.isnan(theirs):
        return np.isnan(number(mine))
    return abs(number(mine) - theirs) <= 1e-9 * max(1.0, abs(theirs))


def require_pages(found, k=5, linkage="ward", metric="sqeuclidean", standardise="none"):
    """Hold every page to the index that the workbook's inputs alone give."""
    result = found.index
    made = correlate(result)
    for name, values in (("r", made.r), ("p", made.p), ("n", made.n)):
        cells = matrix(found, name)
        for one in range(4):
            for other in range(4):
                assert close(cells[one][other], values[one, other]), (name, one, other)
    for one, line in zip(DOMAINS, matrix(found, "marks"), strict=True):
        assert line == [made.flag(one, o) if one != o else "" for o in DOMAINS]
    shown = results(found)
    for line in regress(result, "gdp"):
        expected = (line.slope, line.intercept, line.coefficient, line.r2, line.p, line.n)
        assert all(map(close, shown[line.code], expected)), (line, shown[line.code])
    assert classes(found) == dict(cluster(result, k, linkage, metric, standardise).labels)
    seen_means = means(found)
    compared = 0
    for kind in ("all", *pages.GROUP_TYPES):
        for entry in regional_means(result, kind, pages.SPLIT):
            n, *values = seen_means[kind, entry.group, entry.subset]
            assert all(map(close, values, (entry.means[code] for code in NODES)))
            scored = [u for u in entry.units if not np.isnan(result.column(ROOT)[
                result.dataset.row(u)])]
            assert n == len(scored)
            compared += 1
    assert compared > 30
    errors = [
        (sheet, position, value)
        for sheet in PAGES
        for position, value in found.fresh.values[sheet].items()
        if isinstance(value, CellError) and not found.udf_cell(sheet, position)
    ]
    assert errors == []
    assert found.checks["udf-native"] == "pass"
