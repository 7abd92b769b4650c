"""Size taken out: the line of scores by size in Python, on the page `Size` and in the report."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import linregress

import xlcity as xc
from tests.helpers.templates import edited
from xlcity.assess.regression import measures_of
from xlcity.audit.check.check import check_workbook
from xlcity.errors import UsageError
from xlcity.recalc.workbook import recalculate
from xlcity.report.tables import measures_of_size, size_table
from xlcity.workbook.reading.template import open_template
from xlcity.workbook.tabs import available_pages
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.package import Package

TREE = (
    "code,parent,direction,type\nT,,,\nP,T,,\na,P,1,\nb,T,-1,\nincome,,,Denominator\n"
)
COLUMNS = ("size", "score", "expected", "residual", "rank", "smaller", "larger")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return tables of fifteen cities: one is not scored, others lack a value or a size."""
    folder = tmp_path_factory.mktemp("size")
    numbers = np.random.default_rng(5)
    people = [str(round(size)) for size in np.exp(numbers.normal(13, 1.5, 15))]
    people[3], people[4], people[6] = "0", "", people[5]
    lines = [f"u{n},{'' if n == 7 else 'main'},{size}" for n, size in enumerate(people)]
    (folder / "cities.csv").write_text("\n".join(["id,population,people", *lines]))
    (folder / "framework.csv").write_text(TREE)
    values = numbers.normal(50, 20, (15, 2)).round(3).astype(object)
    values[8, 0] = values[9, 1] = "NA"
    rows = [f"u{n},{a},{b},{1000 + 37 * n}" for n, (a, b) in enumerate(values)]
    (folder / "data.csv").write_text("\n".join(["unit,a,b,income", *rows]))
    return folder


@pytest.fixture(scope="module")
def index(folder):
    return xc.Index(folder / "framework.csv", folder, aggregate="arithmetic:1")


@pytest.fixture(scope="module")
def path(folder, index):
    return index.to_workbook(folder / "book.xlsx", language="en", pages=["size"])


def shown(book):
    """Return the table on the page: a row per city that is named, as `by_size` has it."""
    rows = {}
    for row in range(16, 40):
        if city := book.value("Size", row, 1):
            values = [book.value("Size", row, column) for column in range(3, 10)]
            rows[city] = [v if isinstance(v, float) else np.nan for v in values[:5]]
            rows[city] += [v or "" for v in values[5:]]
    return pd.DataFrame.from_dict(rows, orient="index", columns=COLUMNS)


def require_same(page, frame):
    """Require that the page has the numbers and neighbours of Python."""
    for name in ("expected", "residual", "rank"):
        expected = frame[name].astype(float).to_numpy(na_value=np.nan)
        np.testing.assert_allclose(
            page.loc[frame.index, name], expected, rtol=1e-9, atol=1e-9
        )
    for name in ("smaller", "larger"):
        assert page.loc[frame.index, name].tolist() == frame[name].tolist()


@pytest.mark.parametrize("log", [True, False])
def test_the_line_is_that_of_scipy(index, log):
    frame = index.by_size("people", log=log)
    assert "u7" not in frame.index
    known = frame.dropna(subset=["size", "score"])
    known = known[known["size"] > 0] if log else known
    x = np.log(known["size"]) if log else known["size"]
    line = linregress(x, known["score"])
    assert frame.attrs["slope"] == pytest.approx(line.slope, rel=1e-9)
    assert frame.attrs["intercept"] == pytest.approx(line.intercept, rel=1e-9)
    assert frame.attrs["r2"] == pytest.approx(line.rvalue**2, rel=1e-9)
    assert frame.attrs["n"] == len(known) == (10 if log else 11)
    residual = known["score"] - line.intercept - line.slope * x
    np.testing.assert_allclose(frame.loc[known.index, "residual"], residual, atol=1e-9)
    ranks = residual.rank(ascending=False, method="min")
    assert frame.loc[known.index, "rank"].tolist() == ranks.tolist()
    assert (
        frame.drop(index=known.index)[["expected", "residual", "rank"]]
        .isna()
        .all()
        .all()
    )
    order = known["size"].sort_values(kind="stable").index
    assert frame.loc[order[1:], "smaller"].tolist() == order[:-1].tolist()
    assert frame.loc[order[:-1], "larger"].tolist() == order[1:].tolist()
    assert (frame.loc[order[0], "smaller"], frame.loc[order[-1], "larger"]) == ("", "")


@pytest.mark.slow
def test_the_page_has_the_numbers_of_python_for_any_size_and_node(index, path):
    template = open_template(path)
    require_same(shown(template.book), index.by_size("people"))
    assert check_workbook(path).verdict == "pass"
    for size, node in (("b", "P"), ("a", "T")):
        package = edited(template.package, {"Size": {"C4": size, "C5": node}})
        require_same(shown(recalculate(package).as_book()), index.by_size(size, node))


@pytest.mark.slow
@pytest.mark.parametrize(
    "engine",
    ["formualizer", pytest.param("libreoffice", marks=pytest.mark.libreoffice)],
)
def test_other_engines_agree(index, path, engine):
    require_same(
        shown(recalculate(Package.read(path), engine).as_book()),
        index.by_size("people"),
    )


def test_what_is_chosen_is_kept_when_the_book_is_drawn_again(path, folder):
    chosen = edited(open_template(path).package, {"Size": {"C4": "b"}})
    chosen.write(folder / "chosen.xlsx")
    again = xc.Workbook.open(folder / "chosen.xlsx").pages(add=["intake"])
    assert read_book(again.package).value("Size", 4, 3) == "b"


def test_a_report_has_a_table_of_each_size(index):
    source = index.source()
    assert measures_of_size(source) == ["people", "income"]
    table = size_table(source, "people")
    frame = index.by_size("people")
    assert [row[0].en for row in table.rows] == table.units
    for unit, row in zip(table.units, table.rows, strict=True):
        assert row[1:] == pytest.approx(
            frame.loc[unit, ["size", "score", "expected", "residual", "rank"]].tolist()
        )
    assert table.note.en.startswith("An analysis, not a score.")
    assert f"slope {frame.attrs['slope']:.4g}" in table.note.en


def test_sizes_that_cannot_be_used(index, folder):
    assert "people" in measures_of(index.result)
    with pytest.raises(
        UsageError, match=r"unknown measure 'peopel'.+ Did you mean people\?"
    ):
        index.by_size("peopel")
    with pytest.raises(UsageError, match="unknown group 'mini'"):
        index.by_size("people", group="mini")
    groups = {f"u{n}": "one" if n % 2 else "two" for n in range(15)}
    apart = xc.Index(folder / "framework.csv", folder, groups=groups)
    assert len(apart.by_size("income", group="two")) == 8
    assert "size" not in available_pages(apart.source().spec)
