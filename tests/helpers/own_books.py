"""Own indices with gaps, ties, a constant column and three cities, for tests of analysis."""

from __future__ import annotations

from functools import cache

import numpy as np

import xlcity as xc
from xlcity.index.method_options import default_recipe
from xlcity.model.dataset import Dataset, FloatArray, State, Unit
from xlcity.workbook.build import build
from xlcity.workbook.spec import TemplateSpec
from xlcity.workbook.spec.from_report import own_spec
from xlcity.workbook.tabs import with_pages
from xlcity.xlsx.package import Package

TREE = """\
code,parent,weight,direction
X,,,
P,X,1,
Q,X,2,
A,P,1,1
B,P,1,1
C,Q,1,-1
D,Q,1,1
E,Q,2,1
"""
CODES = tuple("ABCDE")
#: Books by what is peculiar to them.
KINDS = ("gaps", "ties", "constant", "three cities")
REGIONS = ("east", "west", "north")
#: Names of groups that COUNTIF takes for operators and patterns, and some that match these.
SIGNS = ("<100", ">500", "N*", "North", "a?~b", "axb", "=N*")


def own_values(kind: str) -> FloatArray:
    """Return the values of a book, a row a city; NaN is confirmed missing."""
    count = {"three cities": 3, "many groups": 27}.get(kind, 17)
    values = np.random.default_rng(7).lognormal(2, 0.6, (count, len(CODES))).round(2)
    if kind == "gaps":
        values[[1, 4, 4, 9, 16], [0, 1, 3, 0, 4]] = np.nan
    if kind == "ties":
        values[:, 1] = np.resize([3.0, 5.0, 5.0, 8.0], count)
        values[2:6, 0] = values[1, 0]
        values[7] = values[8]
    if kind == "constant":
        values[:, 2] = 4.2
    if kind == "last digits":
        # The first, or the second, of each pair is the larger one by its last digit.
        values[[3, 9], 0] = 90.1, np.nextafter(90.1, 0)
        values[[3, 9], 1] = np.nextafter(90.1, 0), 90.1
        values[[3, 9], 2] = np.nextafter(0.1, 1), 0.1
        values[:, 4] = 10.0
        values[[2, 8], 4] = 10 / 7, 70.0
    values[0, 3] *= 1000  # far from the others
    return values


def own_regions(kind: str) -> list[str]:
    """Return the region of each city."""
    if kind == "many groups":
        return [f"region {number}" for number in range(len(own_values(kind)))]
    names = SIGNS if kind == "signs" else REGIONS
    return [*np.resize(names, len(own_values(kind)))]


def own_dataset(kind: str) -> Dataset:
    values = own_values(kind)
    units = tuple(
        Unit(f"c{row:02d}", name_en=f"City {row:02d}", attributes={"region": region})
        for row, region in enumerate(own_regions(kind))
    )
    states = np.where(np.isnan(values), State.MISSING, State.VALUE).astype(np.uint8)
    basis = np.full(values.shape, "", dtype="<U12")
    return Dataset(units, CODES, values, states, basis)


@cache
def own_book_spec(kind: str, *pages: str) -> TemplateSpec:
    """Return what a book shows, with pages beside those that every book has."""
    spec = own_spec(
        xc.Framework.read(TREE),
        default_recipe(),
        own_dataset(kind),
        language="en",
        cells="native",
    )
    return with_pages(spec, pages)


@cache
def own_book(kind: str, *pages: str) -> Package:
    """Return the book, computed."""
    return build(own_book_spec(kind, *pages)).package
