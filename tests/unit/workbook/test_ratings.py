"""The step `rate`: levels and trends in Python, on the page `Ratings` and in the report."""

import numpy as np
import openpyxl
import pandas as pd
import pytest

import xlcity as xc
from tests.helpers.cli import run_json
from tests.helpers.templates import edited
from xlcity.audit.check.check import check_workbook
from xlcity.errors import RecipeError, UsageError
from xlcity.recalc.workbook import recalculate
from xlcity.report.tables import rating_table
from xlcity.workbook.reading.template import open_template
from xlcity.workbook.tabs import available_pages
from xlcity.xlsx.address import cell_name
from xlcity.xlsx.package import Package

TREE = (
    "code,parent,weight,direction,goalpost_low,goalpost_high\nT,,,,,\nP,T,1,,,\nQ,T,1,,,\n"
    "a,P,1,1,0,100\nb,P,1,1,0,100\nc,Q,1,-1,0,50\n"
)
STEPS = """version = 2
weights = "relative"
[[step]]
do = "normalise"
method = "goalposts"
[[step]]
do = "aggregate"
method = "arithmetic"
missing = "na"
"""
#: Composites by scores with trends; an indicator of which less is better by its values.
FIXED = """[[step]]
do = "rate"
method = "cuts"
cuts = [50, 65, 80]
trend = [0, 0.5, 1]
target = 100
due = 0.25
[[step]]
do = "rate"
method = "cuts"
codes = ["c"]
of = "values"
cuts = [25, 17.5, 10]
edge = "{edge}"
trend = [0, 0.5, 1]
"""
AROUND = (
    '[[step]]\ndo = "rate"\nmethod = "cuts"\nby = "sd"\ncuts = [-1.5, -0.5, 0.5, 1.5]\n'
)


def index_of(folder, rate, seed=0, previous=True, **options):
    """Return an index of twelve cities, one of which is not scored and one lacks values."""
    numbers = np.random.default_rng(seed)
    cities = [f"u{row}" for row in range(12)]
    frame = pd.DataFrame(numbers.integers(0, 101, (12, 3)), cities, list("abc")) / [
        1,
        1,
        2,
    ]
    before = pd.DataFrame(numbers.integers(0, 101, (12, 3)), cities, list("abc")) / [
        1,
        1,
        2,
    ]
    frame.loc["u0"], frame.loc["u1", "c"], before.loc["u2"] = (
        (60, 70, 17.5),
        10.0,
        (100, 100, 0),
    )
    before.loc["u3"] = frame.loc["u3"] = 100, 100, 0
    text = frame.astype(object)
    text.loc["u10", ["a", "c"]] = "NA"
    text.to_csv(folder / "data.csv", index_label="unit")
    (folder / "framework.csv").write_text(TREE)
    (folder / "recipe.toml").write_text(STEPS + rate)
    groups = [f"{city},{'' if city == 'u11' else 'main'}" for city in cities]
    (folder / "cities.csv").write_text("\n".join(["id,population", *groups]))
    if previous:
        before.drop(index="u9").assign(edition="2020").to_csv(
            folder / "previous.csv", index_label="unit"
        )
    return xc.Index(
        folder / "framework.csv", folder, recipe=folder / "recipe.toml", **options
    )


def words_on_page(book):
    """Return what the page `Ratings` shows: (kind of block, code, city) -> word or number."""
    sheet = book.sheets["Ratings"]
    words = {}
    kind = 0
    seen = set()
    cities = {row: book.value("Ratings", row, 1) for row in range(16, 40)}
    for column in range(3, 40):
        code = book.value("Ratings", 15, column)
        if code is None:
            continue
        kind += code in seen and not (seen := set())
        seen = {*seen, code}
        for row, city in cities.items():
            if city:
                words[["level", "trend", "progress", "before"][kind], code, city] = (
                    sheet.cells[row, column].value or ""
                )
    return words


@pytest.mark.parametrize("edge", ["upper", "lower"])
def test_the_page_has_the_levels_and_trends_of_python(tmp_path, edge):
    index = index_of(tmp_path, FIXED.format(edge=edge))
    ratings = index.ratings()
    path = index.to_workbook(tmp_path / "book.xlsx", language="en", pages=["ratings"])
    words = words_on_page(open_template(path).book)
    arrows = ("↑ ", "↗ ", "→ ", "↓ ")
    for code, kind in ratings.columns:
        for city in ratings.index:
            shown = words.get((kind, code, city), "")
            for arrow in arrows:
                shown = shown.removeprefix(arrow)
            assert shown == ratings.loc[city, (code, kind)], (kind, code, city)
    levels = ratings["c", "level"]
    # On a cut point: the upper level, or the lower.
    first = "Challenges remain"
    last = "Goal achieved"
    if edge == "lower":
        first = "Significant challenges remain"
        last = "Challenges remain"
    assert (levels["u0"], levels["u1"]) == (first, last)
    assert (
        ratings.loc["u0", ("P", "level")] == "Challenges remain"
    )  # a score of exactly 65
    # Without a value, and in a city that is not scored, there is none; nor a trend without a past.
    assert set(ratings.loc["u11"]) == {""}
    assert ratings.loc["u10", ("T", "level")] == levels["u10"] == ""
    assert ratings.loc["u9", ("T", "trend")] == ""
    assert ratings.loc["u9", ("T", "level")] != ""
    # Who had reached the target has kept it, or not.
    assert ratings.loc["u3", ("T", "trend")] == "On track"
    assert ratings.loc["u2", ("T", "trend")] == "Decreasing"
    assert check_workbook(path).verdict == "pass"


@pytest.mark.slow
@pytest.mark.parametrize(
    "engine",
    ["formualizer", pytest.param("libreoffice", marks=pytest.mark.libreoffice)],
)
def test_other_engines_agree(tmp_path, engine):
    path = index_of(tmp_path, FIXED.format(edge="upper")).to_workbook(
        tmp_path / "book.xlsx", pages=["ratings"]
    )
    words = words_on_page(open_template(path).book)
    again = words_on_page(recalculate(Package.read(path), engine).as_book())
    assert again == {
        key: pytest.approx(shown, abs=1e-9) for key, shown in words.items()
    }


def test_bands_around_the_mean(tmp_path):
    index = index_of(tmp_path, AROUND, previous=False)
    path = index.to_workbook(tmp_path / "book.xlsx", language="en", pages=["ratings"])
    words = words_on_page(open_template(path).book)
    ratings = index.ratings()
    assert [*ratings.columns] == [("T", "level"), ("P", "level"), ("Q", "level")]
    scores = index.scores["T"]
    z = (scores - scores.mean()) / scores.std(ddof=1)
    names = [
        "Well below average",
        "Below average",
        "Average",
        "Above average",
        "Well above average",
    ]
    expected = z.map(
        lambda x: "" if x != x else names[sum(x >= c for c in (-1.5, -0.5, 0.5, 1.5))]
    )
    assert ratings["T", "level"].tolist() == expected.tolist()
    assert [
        words["level", "T", city] for city in ratings.index[:11]
    ] == expected.tolist()[:11]
    same = xc.Index(
        tmp_path / "framework.csv",
        pd.DataFrame({"a": [1.0, 1.0], "b": [2.0, 2.0], "c": [3.0, 3.0]}, ["p", "q"]),
        recipe=tmp_path / "recipe.toml",
    )
    assert set(same.ratings()["T", "level"]) == {""}  # equal scores have no deviation


@pytest.mark.slow
def test_levels_follow_the_values_and_a_typed_level_is_found(tmp_path):
    index = index_of(tmp_path, FIXED.format(edge="upper"))
    path = index.to_workbook(tmp_path / "book.xlsx", language="en", pages=["ratings"])
    template = open_template(path)
    cell = cell_name(template.rows["u0"], template.columns["c"])
    again = recalculate(edited(template.package, {"Data": {cell: 50.0}})).as_book()
    words = words_on_page(again)
    assert (
        words["level", "c", "u0"]
        == words["level", "Q", "u0"]
        == "Major challenges remain"
    )
    typed = openpyxl.load_workbook(path)
    typed["Ratings"]["C16"] = "Goal achieved"
    typed.save(tmp_path / "typed.xlsx")
    checked = check_workbook(tmp_path / "typed.xlsx")
    assert checked.verdict == "fail"
    assert ("E02", "Ratings", "C16") in {
        (f.rule, f.sheet, f.cell) for f in checked.findings
    }


def test_report_and_verbs_show_levels_with_their_legend(tmp_path, capsys):
    index = index_of(tmp_path, FIXED.format(edge="lower"))
    table = rating_table(index.source())
    assert [field.head.en for field in table.fields] == ["City", "T", "P", "Q", "c"]
    assert (
        len(table.rows) == 10
    )  # of the twelve, one is not scored and one has no score at all
    assert table.rows[0][0].en == table.units[0] == index.ranks["T"].idxmin()
    note = table.note.en
    assert (
        "Major challenges remain, Significant challenges remain, Challenges remain"
        in note
    )
    assert (
        "T, P, Q: cut points 50, 65, 80 (scores); a number on one has the upper level."
        in note
    )
    assert (
        "c: cut points 25, 17.5, 10 (values); a number on one has the lower level."
        in note
    )
    assert "↓ Decreasing, → Stagnating" in note
    path = index.to_workbook(tmp_path / "book.xlsx", language="en", pages=["ratings"])
    code, trace = run_json(capsys, "trace", path, "Ratings!C16", "--depth", "1")
    assert code == 0
    assert {step["cell"] for step in trace["inputs"]} >= {"Ratings!C4:C6"}
    assert xc.Workbook.open(path).ratings("zh").equals(index.ratings("zh"))


@pytest.mark.parametrize(
    ("rate", "message"),
    [
        ("cuts = [50, 40, 80]", "neither rise nor fall"),
        ("cuts = [50, 50]", "neither rise nor fall"),
        ("cuts = [50]", "1 numbers of cuts need 2 words_zh"),
        ('cuts = [1, 2, 3]\nwords_zh = ["一"]', "3 numbers of cuts need 4 words_zh"),
        ('cuts = [1, 2, 3]\ncolours = ["a", "b", "c", "red"]', "'red' is not a colour"),
        ("edge = 'upper'", "it has no cuts"),
        ("cuts = [1, 2, 3, 4]\ntrend = [1, 2, 3]\ntarget = 5\ndue = 0", "due is 0"),
        (
            'cuts = [1, 2, 3]\ncodes = ["T"]\nof = "values"',
            "T has no values of its own",
        ),
        (
            'cuts = [1, 2, 3]\n[[step]]\ndo = "rate"\nmethod = "cuts"\ncodes = ["P"]\n'
            "cuts = [1, 2, 3, 4]",
            "not those of the step rate before it",
        ),
    ],
)
def test_steps_that_cannot_be_used_are_refused(tmp_path, rate, message):
    with pytest.raises(RecipeError, match=message):
        index_of(tmp_path, f'[[step]]\ndo = "rate"\nmethod = "cuts"\n{rate}\n')


def test_without_the_step_there_is_no_page(tmp_path):
    index = index_of(tmp_path, "")
    assert "ratings" not in available_pages(index.source().spec)
    assert rating_table(index.source()) is None
    with pytest.raises(UsageError, match="rates nothing"):
        index.ratings()
    with pytest.raises(UsageError, match="unknown language"):
        index.ratings("fr")


@pytest.mark.parametrize(
    ("by", "cuts", "ends"),
    [("rank", (8, 6, 2), (8, 6, 2)), ("share", (0.8, 0.6, 0.25), (8, 6, 2.5))],
)
def test_levels_by_ranks_and_by_shares_of_the_cities(by, cuts, ends, tmp_path):
    rate = f'[[step]]\ndo = "rate"\nmethod = "cuts"\nby = "{by}"\ncuts = {[*cuts]}\n'
    index = index_of(tmp_path, rate, previous=False)
    totals = index.scores["T"].to_numpy()
    scored = ~np.isnan(totals)
    assert scored.sum() == 10
    ranks = [1 + (totals[scored] > total).sum() for total in totals[scored]]
    expected = [sum(rank <= end for end in ends) for rank in ranks]
    path = index.to_workbook(
        tmp_path / "book.xlsx", language="en", pages=["none", "ratings"]
    )
    shown = index.ratings()["T", "level"].to_numpy()
    assert set(shown[~scored]) == {""}
    assert (
        len(set(zip(expected, shown[scored], strict=True))) == len(set(expected)) == 4
    )
    words = words_on_page(open_template(path).book)
    for code in "TPQ":
        levels = index.ratings()[code, "level"]
        assert {c: words["level", code, c] for c in levels.index} == dict(levels)
    assert check_workbook(path).verdict == "pass"


def test_cuts_by_ranks_fall(tmp_path):
    rate = '[[step]]\ndo = "rate"\nmethod = "cuts"\nby = "rank"\ncuts = [2, 6]\n'
    with pytest.raises(RecipeError, match="cuts by rank or share"):
        index_of(tmp_path, rate, previous=False)
