"""Frames in and out of the Python API: what it takes, what it hands out, what it shows."""

import inspect

import openpyxl
import pandas as pd
import pytest

import xlcity as xc
from xlcity.api.data import first_lines

FRAMEWORK = "code,parent,weight,direction\nX,,,\nA,X,1,1\nrent,X,1,-1\n"
WIDE = pd.DataFrame(
    {"unit": ["p", "q", "r"], "A": [1.0, 2.0, 3.0], "rent": [3.0, 1.0, 2.0]}
)
PANEL = pd.concat([WIDE.assign(year=2020), WIDE.assign(year=2021, A=[2.0, 2.0, 1.0])])
LONG = WIDE.melt("unit", var_name="code", value_name="value")


@pytest.fixture
def framework():
    """Return two indicators, one of them reverse."""
    return xc.Framework.read(FRAMEWORK)


@pytest.mark.parametrize("name", ["scores", "ranks", "normalised"])
def test_frames_are_copies(framework, name):
    """Editing a frame that was handed out changes nothing in the index."""
    index = xc.Index(framework, WIDE)
    before = index.to_frame()
    values = getattr(index, name).copy()
    for frame in (getattr(index, name), index.data.frame):
        frame.iloc[:, :] = 9
    pd.testing.assert_frame_equal(index.to_frame(), before)
    pd.testing.assert_frame_equal(getattr(index, name), values)
    assert index.scores["X"].tolist() == [0.0, 75.0, 75.0]


@pytest.mark.parametrize(
    ("frame", "file"),
    [
        (PANEL, PANEL),
        (PANEL.set_index("unit"), PANEL),
        (PANEL.set_index(["unit", "year"]), PANEL),
        (LONG, LONG),
        (LONG.set_index(["unit", "code"]), LONG),
        (WIDE.set_index("unit"), WIDE),
        (
            PANEL.set_index(["unit", "year"])  # noqa: PD010
            .rename_axis("code", axis=1)
            .unstack("year"),
            PANEL,
        ),
        (LONG.set_index(["unit", "code"])["value"], LONG),
    ],
    ids=[
        "year",
        "year beside an index",
        "two levels",
        "long",
        "long, two levels",
        "wide",
        "columns of two levels",
        "series",
    ],
)
def test_a_frame_reads_as_its_file_does(framework, tmp_path, frame, file):
    """Whatever a CSV may hold a frame may hold too."""
    path = tmp_path / "data.csv"
    file.to_csv(path, index=False)
    from_frame = xc.Index(framework, frame)
    from_file = xc.Index(framework, path)
    pd.testing.assert_frame_equal(from_frame.scores, from_file.scores)
    assert [e.edition for e in from_frame.edition_results()] == [
        e.edition for e in from_file.edition_results()
    ]
    by_reader = xc.Index(framework, xc.read_data(frame, framework))
    pd.testing.assert_frame_equal(by_reader.scores, from_file.scores)
    assert len(by_reader.edition_results()) == len(from_file.edition_results())


def test_levels_without_names_are_refused(framework):
    """Levels must say what they are."""
    frame = WIDE.assign(year=2020).set_index(["unit", "year"]).rename_axis([None, None])
    with pytest.raises(xc.XlcityError, match="have no names"):
        xc.Index(framework, frame)
    with pytest.raises(xc.XlcityError, match="have no names"):
        xc.Index(framework, pd.concat({"a": WIDE}, axis=1))


def test_a_misspelt_column_is_a_warning(framework):
    """An indicator must not vanish without a word."""
    index = xc.Index(
        framework, WIDE.rename(columns={"rent": "rents"}).assign(remark="?")
    )
    texts = [str(problem) for problem in index.problems]
    assert any("'rents' is not used, and rent has no column" in text for text in texts)
    assert any("not used: rents, remark" in text for text in texts)
    assert xc.Index(framework, WIDE).problems == ()


def test_a_used_name_is_no_misspelling():
    """A column is near only to an indicator that has none."""
    framework = xc.Framework.read("code,parent\nX,\nrent,X\nrents,X\n")
    frame = pd.DataFrame({"unit": ["p", "q"], "rent": [1.0, 2.0], "rentes": [1.0, 2.0]})
    assert [p.code for p in xc.Index(framework, frame).inputs.notes.doubtful] == [
        "XC346"
    ]
    full = frame.assign(rents=[1.0, 2.0])
    assert xc.Index(framework, full).inputs.notes.doubtful == ()


@pytest.mark.parametrize(
    "weights", [{"A": 1, "rent": 3}, pd.Series({"A": 1, "rent": 3})]
)
def test_weights_by_code(framework, weights):
    """A Series of weights is a mapping."""
    assert xc.Index(framework, WIDE, weights=weights).framework["rent"].weight == 3


def test_groups_are_ranked_apart(framework):
    """Groups come as a mapping or Series; who has a blank one is left out."""
    groups = {"p": "north", "q": "south", "r": "north"}
    index = xc.Index(framework, WIDE, groups=pd.Series(groups))
    assert index.ranks["X"].tolist() == [2, pd.NA, 1]
    assert (
        index.result.populations
        == index.inputs.recipe.populations
        == ("north", "south")
    )
    last = PANEL[PANEL["year"] == 2021].drop(columns="year")
    of_panel, of_last = (
        xc.Index(framework, each, groups=groups) for each in (PANEL, last)
    )
    pd.testing.assert_frame_equal(of_panel.scores, of_last.scores)
    left_out = xc.Index(framework, WIDE, groups={**groups, "q": None})
    assert left_out.scores["X"].isna().tolist() == [False, True, False]
    with pytest.raises(xc.XlcityError) as error:
        xc.Index(framework, WIDE, groups={"p": "north", "q": "south", "s": "north"})
    assert [problem.message for problem in error.value.problems] == [
        "groups: r has no group.",
        "groups: unknown city 's'.",
    ]


@pytest.mark.parametrize("kind", ["frame", "file"])
@pytest.mark.parametrize("code", [-9, -9.0, "-9", float("nan")])
def test_codes_of_missing_values(framework, tmp_path, code, kind):
    """Texts and numbers mean "confirmed missing", NaN means every blank."""
    frame = WIDE.assign(A=[1.0, None if code != code else -9.0, 3.0])
    source = frame if kind == "frame" else tmp_path / "data.csv"
    frame.astype({"A": "Int64"}).to_csv(tmp_path / "data.csv", index=False)
    index = xc.Index(framework, source, missing=[code])
    assert index.scores["X"].tolist() == [0.0, 100.0, 75.0]
    assert not index.result.draft
    assert xc.Index(framework, WIDE, missing=[code]).scores["X"].notna().all()


def test_an_index_plots_itself(framework):
    """Three kinds of figures; a name that is none has those there are."""
    index = xc.Index(framework, WIDE)
    for kind in ("ranking", "contributions", "heat-map"):
        figure = index.plot(kind)
        assert figure.draw("en", "svg").count(b"<svg") == 1
        assert figure._repr_png_()[1:4] == b"PNG"
    assert index.plot("contributions").id == "contributions"
    with pytest.raises(xc.XlcityError, match="unknown figure 'pie'"):
        index.plot("pie")
    with pytest.raises(xc.XlcityError, match="unknown group 'mini'"):
        index.plot(group="mini")


@pytest.mark.parametrize("given", [3, [1, 2], {"A": 3}])
def test_what_is_no_method_is_named(framework, given):
    """A number in place of a method's name is one clear error."""
    with pytest.raises(
        xc.XlcityError, match=r"normalise: .* is not the name of a method"
    ):
        xc.Index(framework, WIDE, normalise=given)


@pytest.mark.parametrize(
    "options",
    [
        {"normalise": "zscor"},
        {"aggregate": {"B": "geometric"}},
        {"normalise": "minmax:a:b"},
        {"weights": "pca:1:2:3"},
    ],
)
def test_errors_do_not_speak_of_the_command_line(framework, options):
    """Python has no options with dashes."""
    with pytest.raises(xc.XlcityError) as error:
        xc.Index(framework, WIDE, **options)
    assert "--" not in str(error.value)
    with pytest.raises(xc.XlcityError) as error:
        xc.Index(framework, WIDE).assess(n=2, vary=["normal=x"])
    assert "--" not in str(error.value)


def test_results_that_are_not_stored(framework, tmp_path):
    """A program that does not calculate empties the cells: an error, not an empty frame."""
    path = xc.Index(framework, WIDE).to_workbook(tmp_path / "book.xlsx")
    openpyxl.load_workbook(path).save(tmp_path / "emptied.xlsx")
    book = xc.Workbook.open(tmp_path / "emptied.xlsx")
    with pytest.raises(
        xc.XlcityError, match=r"stores no results\. Recalculate it first"
    ):
        _ = book.results
    book.recalculate()
    assert book.results.ranks["X"].tolist() == [3, 1, 1]


@pytest.mark.slow
def test_reprs_are_short():
    """A notebook shows what an object is, not all that it holds."""
    report = xc.load_report("image2025")
    index = xc.Index(report)
    shown = [
        report,
        report.framework,
        report.recipe,
        report.dataset,
        index,
        index.inputs,
    ]
    shown += [index.result, index.data, index.trace("北京"), index.assess(n=5)]
    shown += [xc.audit_tables("image2025"), index.plot()]
    for value in shown:
        text = repr(value)
        assert len(text) < 1500, type(value)
        assert len(text.splitlines()) < 15, type(value)
    for value in (
        report.framework,
        index,
        index.data,
        index.trace("北京"),
        index.assess(n=5),
    ):
        assert value._repr_html_().startswith(("<div>", "<pre>"))
    assert len(str(index.trace("北京")).splitlines()) > 15


def test_reprs_of_workbooks_are_short(framework, tmp_path):
    """Neither do objects of a workbook show all their cells."""
    book = xc.Workbook.open(
        xc.Index(framework, WIDE).to_workbook(tmp_path / "book.xlsx")
    )
    shown = [
        book,
        book.template,
        book.results,
        book.recalculate(),
        book.fill(WIDE),
        book.check(),
    ]
    assert [len(repr(value)) < 1500 for value in shown] == [True] * len(shown)
    for value in (book, book.results, book.check()):
        assert value._repr_html_().startswith("<div>")


def test_signatures_name_their_arguments():
    """Editors and `help` show what a function takes."""
    assert str(inspect.signature(xc.functions.efficacy_scale)).startswith(
        "(values, omega=40.0"
    )
    for method in (xc.Index.assess, xc.Index.report, xc.Workbook.report):
        kinds = {
            parameter.kind
            for parameter in inspect.signature(method).parameters.values()
        }
        assert inspect.Parameter.VAR_KEYWORD not in kinds


def test_workbooks_from_memory_and_to_openpyxl(framework, tmp_path):
    """A workbook is a path, bytes, a file object or a workbook of openpyxl."""
    path = xc.Index(framework, WIDE).to_workbook(tmp_path / "book.xlsx")
    ranks = xc.Workbook.open(path).results.ranks
    with path.open("rb") as file:
        for source in (path.read_bytes(), file):
            book = xc.Workbook.open(source)
            pd.testing.assert_frame_equal(book.results.ranks, ranks)
            with pytest.raises(xc.XlcityError, match="opened from memory"):
                book.save()
    objects = xc.Workbook.open(path).to_openpyxl()
    assert isinstance(objects, openpyxl.Workbook)
    book = xc.Workbook.open(objects)
    book.recalculate()
    pd.testing.assert_frame_equal(book.results.ranks, ranks)
    book.save(tmp_path / "again.xlsx")
    assert xc.Workbook.open(tmp_path / "again.xlsx").check()


def test_a_framework_from_a_frame(framework):
    """A frame of pandas holds what a CSV of a framework does."""
    frame = pd.DataFrame(
        {
            "code": ["X", "A", "rent"],
            "parent": [None, "X", "X"],
            "weight": [None, 1.0, 1.0],
            "direction": [None, 1, -1],
        }
    )
    assert xc.Framework.from_frame(frame).nodes == framework.nodes
    assert xc.Framework.from_frame(frame.set_index("code")).nodes == framework.nodes
    with pytest.raises(xc.XlcityError, match="row 4"):
        xc.Framework.from_frame(frame.replace({"parent": {"X": "Y"}}))


def test_what_a_long_text_leaves_out_is_counted():
    lines = [str(number) for number in range(20)]
    assert first_lines("\n".join(lines[:5]), most=5) == "0\n1\n2\n3\n4"
    assert (
        first_lines("\n".join(lines), most=5)
        == "0\n1\n2\n3\n… 16 more lines: print() them."
    )


@pytest.mark.parametrize("heading", ["City", "Region"])
def test_an_index_that_counts_the_rows_names_no_cities(framework, heading):
    frame = WIDE.rename(columns={"unit": heading})[["A", "rent", heading]]
    for table in (frame, frame.assign(Rank=[1, 2, 3])[["Rank", *frame]]):
        assert [unit.id for unit in xc.read_data(table, framework).dataset.units] == [
            "p",
            "q",
            "r",
        ]


UNTIDY = [
    ["城市", "A", "rent (€)", "basis"],
    ["Lyon", 1.5, 3.0, "printed"],
    ["Metz", 2.5, 4.0, "entered"],
    ["合计", 4.0, 7.0, ""],
]


@pytest.mark.parametrize("kind", ["frame", "file"])
@pytest.mark.parametrize("slip", ["", "31O", "syntetic"])
def test_a_frame_has_the_verdict_of_its_file(framework, tmp_path, kind, slip):
    """Totals and headings with a measure are read alike, statuses are kept, slips are named."""
    rows = [[*row] for row in UNTIDY]
    if slip:
        rows[1][3 if slip == "syntetic" else 2] = slip
    frame = pd.DataFrame(rows[1:], columns=rows[0])
    source = frame if kind == "frame" else tmp_path / "data.csv"
    frame.to_csv(tmp_path / "data.csv", index=False)
    if slip:
        with pytest.raises(xc.XlcityError, match=f"'{slip}' is not a"):
            xc.read_data(source, framework)
        return
    read = xc.read_data(source, framework)
    assert read.frame["rent"].to_dict() == {"Lyon": 3.0, "Metz": 4.0}
    assert read.dataset.basis[:, 0].tolist() == ["printed", "entered"]
    assert any("合计" in problem.message for problem in read.notes.doubtful)
