"""`Assessment` and `Peers`: what an assessment found, grey as soon as an input differs."""

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import cdist
from scipy.stats import kendalltau

import xlcity as xc
from tests.helpers.calc_session import edit_in_calc
from tests.helpers.cli import run_json
from tests.helpers.templates import edited
from xlcity.recalc.workbook import recalculate
from xlcity.workbook.reading.stored_assessment import NOTHING, STATE, read_assessment
from xlcity.workbook.reading.template import open_template
from xlcity.xlsx.address import cell_name
from xlcity.xlsx.cells import read_book, resolve
from xlcity.xlsx.package import Package

TREE = "code,parent,weight,direction\nX,,,\nP,X,1,\nQ,X,2,\nA,P,1,1\nB,P,1,1\nC,Q,1,-1\nD,Q,1,1\n"
UNITS = [f"c{number}" for number in range(8)]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Return a book that was not assessed, and the same book after `assess --into`."""
    folder = tmp_path_factory.mktemp("assessed")
    values = np.random.default_rng(1).normal(10, 3, (8, 4)).round(2)
    frame = pd.DataFrame(values, index=UNITS, columns=list("ABCD"))
    index = xc.Index(xc.Framework.read(TREE), frame)
    before = index.to_workbook(
        folder / "book.xlsx",
        language="en",
        cells="native",
        pages=["none", "peers", "audit"],
    )
    book = xc.Workbook.open(before)
    book.store(book.index.assess(n=64, seed=3))
    return before, book.save(folder / "assessed.xlsx")


@pytest.fixture(scope="module")
def template(files):
    return open_template(files[1])


def value_at(template, unit, code):
    return np.asarray(template.dataset.values)[UNITS.index(unit), "ABCD".index(code)]


def changes(template):
    """Return what a person may do: name -> sheet, cells, and what is said to have changed."""
    first, second = (
        cell_name(template.rows[unit], template.columns["B"]) for unit in UNITS[:2]
    )
    tree = resolve(template.book, "xl_framework")
    head, *rows = template.book.block(tree)
    codes = [row[0] for row in rows]
    weight = cell_name(tree.r1 + 1 + codes.index("Q"), tree.c1 + head.index("weight"))
    digits = resolve(template.book, "par_rank_digits")
    cities = resolve(template.book, "xl_cities")
    population = cities.c1 + template.book.block(cities)[0].index("population")
    return {
        "one value typed": ("Data", {first: 11.5}, "data column B"),
        "two values exchanged": (
            "Data",
            {
                first: value_at(template, "c1", "B"),
                second: value_at(template, "c0", "B"),
            },
            "data column B",
        ),
        "a gap": ("Data", {first: "NA"}, "data column B"),
        "a weight": ("Framework", {weight: 2.001}, "weight of Q"),
        "a parameter": (
            "Framework",
            {cell_name(digits.r1, digits.c1): 3},
            "parameter: ",
        ),
        "a city left out": (
            "Cities",
            {cell_name(cities.r1 + 2, population): None},
            "cities",
        ),
    }


def state_of(book):
    """Return the state, and what is said to have changed."""
    area = resolve(book, STATE)
    return book.value(area.sheet, area.r1, area.c1), book.value("Assessment", 5, 1)


def test_only_its_sheets_differ_and_hold_what_was_found(files, template):
    before, after = (Package.read(path).parts for path in files)
    differing = {part for part in after if before.get(part) != after[part]}
    names = ("Assessment", "Peers", "Audit")
    sheets = {template.book.sheets[name].part for name in names}
    assert before.keys() == after.keys()
    assert {part for part in differing if "/charts/" not in part} == sheets
    assert state_of(template.book) == ("current", "")
    book = xc.Workbook.open(files[1])
    found = book.index.assess(n=64, seed=3)
    kept = read_assessment(template.book)
    assert [line["unit"] for line in kept.cities] == [
        row["unit"] for row in found.ranked_rows()
    ]
    for line in kept.cities:
        expected = found.units.loc[line["unit"]]
        assert [
            line[name] for name in ("rank", "median", "low", "high", "top_3")
        ] == pytest.approx(
            [expected[name] for name in ("rank", "median", "low", "high", "top 3")]
        )
        score = book.index.scores.loc[line["unit"], "X"]
        assert line["score"] == pytest.approx(score)
    assert "64 replicates" in template.book.value("Assessment", 6, 1)


def test_the_same_assessment_again_changes_nothing(files):
    book = xc.Workbook.open(files[1])
    book.store(book.index.assess(n=64, seed=3))
    assert book.template.package.parts == Package.read(files[1]).parts


def test_every_change_of_an_input_makes_the_sheet_grey_and_says_why(template):
    for name, (sheet, cells, why) in changes(template).items():
        found = recalculate(edited(template.package, {sheet: cells})).as_book()
        state, said = state_of(found)
        assert state == "stale", name
        assert said.startswith(f"Changed since the assessment:\u00a0{why}"), (
            name,
            said,
        )
        checks = {row[0]: row[2] for row in found.block(resolve(found, "chk_table"))}
        assert checks["assessment"] == "note", name
    # Its sheets are grey by one rule over all that was found.
    for sheet in ("Assessment", "Peers", "Audit"):
        xml = template.package.parts[template.book.sheets[sheet].part].decode()
        assert 'xl_assessment_state="stale"' in xml.replace("&quot;", '"')


@pytest.mark.slow
@pytest.mark.libreoffice
@pytest.mark.uno
def test_what_is_typed_in_libreoffice_makes_the_sheet_grey_at_once(
    files, template, tmp_path
):
    chosen = ("one value typed", "two values exchanged", "a weight")
    wanted = {name: changes(template)[name] for name in chosen}
    jobs = [(files[1], tmp_path / "unchanged.xlsx", [])]
    for name, (sheet, cells, _) in wanted.items():
        steps = [["set", sheet, cell, float(value)] for cell, value in cells.items()]
        jobs.append((files[1], tmp_path / f"{name}.xlsx", steps))
    edit_in_calc(jobs)
    assert state_of(read_book(Package.read(jobs[0][1]))) == ("current", "")
    for (_, target, _), (_, _, why) in zip(jobs[1:], wanted.values(), strict=True):
        state, said = state_of(read_book(Package.read(target)))
        assert state == "stale"
        assert why in said


@pytest.mark.slow
def test_rebuild_keeps_what_was_found_and_roll_begins_without(files, tmp_path, capsys):
    made = tmp_path / "rebuilt.xlsx"
    code, found = run_json(capsys, "rebuild", str(files[1]), "-o", str(made))
    assert (code, found["carried"]["cells"], found["carried"]["formats"]) == (0, 0, 0)
    book = read_book(Package.read(made))
    assert state_of(book) == ("current", "")
    assert read_assessment(book) == read_assessment(read_book(Package.read(files[1])))
    more = tmp_path / "more.csv"
    other = tmp_path / "other.xlsx"
    more.write_text("unit,C\nc3,30\n", encoding="utf-8")
    run_json(capsys, "rebuild", str(files[1]), "-o", str(other), "--data", str(more))
    assert state_of(read_book(Package.read(other)))[0] == "stale"
    run_json(capsys, "roll", str(files[1]), "-o", str(made), "--edition", "2")
    rolled = read_book(Package.read(made))
    assert state_of(rolled)[0] == "none"
    assert read_assessment(rolled) == NOTHING
    assert rolled.value("Assessment", 4, 1).startswith(
        "Not yet assessed. Press “Assess” on the companion page"
    )


def test_into_refuses_what_it_cannot_write(files, tmp_path, capsys):
    code, _ = run_json(
        capsys, "assess", "image2025", "--into", str(tmp_path / "x.xlsx")
    )
    assert (code, list(tmp_path.iterdir())) == (2, [])


def test_the_workbook_that_is_assessed_may_take_the_result(files, tmp_path, capsys):
    book = tmp_path / "book.xlsx"
    book.write_bytes(files[0].read_bytes())
    code, _ = run_json(capsys, "assess", str(book), "--into", str(book), "--n", "20")
    assert code == 0
    assert state_of(read_book(Package.read(book))) == ("current", "")
    assert (tmp_path / "book.xlsx.bak").read_bytes() == files[0].read_bytes()


def test_peers_are_those_of_the_assessment_and_the_nearest(files, template):
    index = xc.Workbook.open(files[1]).index
    scores = np.column_stack([index.scores[code] for code in "PQ"])
    apart = cdist(scores / scores.std(axis=0), scores / scores.std(axis=0))
    groups = index.assess(n=4).peers("main").groups
    for line in read_assessment(template.book).lines("xl_peers"):
        row = UNITS.index(line["unit"])
        order = [UNITS[at] for at in np.argsort(apart[row]) if at != row]
        assert [line[f"peer_{at}"] for at in (1, 2, 3)] == order[:3]
        assert line["group"] == groups[line["unit"]]


def test_tau_is_that_of_the_scores(files, template):
    index = xc.Workbook.open(files[1]).index
    kept = read_assessment(template.book)
    scores = {**dict(index.scores.items()), **dict(index.normalised.items())}
    pairs = kept.lines("xl_correlations")
    # Three pairs of siblings, four indicators with two nodes above each, two pillars with one.
    assert len(pairs) == 3 + 4 * 2 + 2
    for line in pairs:
        x, y = (np.asarray(scores[line[end]], float) for end in ("first", "second"))
        assert (line["n"], line["population"]) == (8, "main")
        assert line["kendall"] == pytest.approx(kendalltau(x, y).statistic, abs=1e-9)
    audits = {line["node"]: line for line in kept.lines("xl_audit")}
    r = np.corrcoef(scores["A"], scores["B"])[0, 1]
    assert [
        audits["P"][end] for end in ("mean_r", "lowest_r", "highest_r")
    ] == pytest.approx([r] * 3)
    assert audits["P"]["alpha"] == pytest.approx(2 * r / (1 + r))
    area = resolve(template.book, "xl_correlations")
    names = [
        template.book.value("Audit", row, 2) for row in range(area.r1 + 1, area.r2)
    ]
    assert names[0] == "P – Q"


def test_audit_gives_importance_and_a_verdict_by_formula(files, template):
    index = xc.Workbook.open(files[1]).index
    book = template.book
    assessment = index.assess(n=4)
    audits = {line["node"]: line for line in read_assessment(book).lines("xl_audit")}
    assert [*audits] == ["X", "P", "A", "B", "Q", "C", "D"]
    scores = {**dict(index.scores.items()), **dict(index.normalised.items())}
    r = {code: np.corrcoef(scores[code], scores["Q"])[0, 1] for code in "CD"}
    for code in "CD":
        assert audits[code]["importance"] == pytest.approx(r[code] ** 2)
        share = r[code] ** 2 / (r["C"] ** 2 + r["D"] ** 2)
        assert audits[code]["ratio"] == pytest.approx(share / 0.5)
        other = np.corrcoef(scores[code], scores["P"])[0, 1]
        assert audits[code]["r_elsewhere"] == pytest.approx(other)
    assert audits["Q"]["weight"] == pytest.approx(2 / 3)
    # Limits are cells: verdicts follow them, and agree with Python at those of the package.
    area = resolve(book, "xl_audit")
    head, *rows = book.block(area)
    flags = [
        column for column, name in enumerate(head) if (name or "").startswith("is_")
    ]
    found = {row[0]: {head[column] for column in flags if row[column]} for row in rows}
    expected = {
        a.node: {f"is_{finding}" for finding in a.findings} for a in assessment.audits
    }
    assert found == expected
    assert any(expected.values())
    assert not all(expected.values())
    alpha = cell_name(area.r1 - 2, area.c1 + head.index("alpha"))
    again = recalculate(edited(template.package, {"Audit": {alpha: -100.0}})).as_book()
    column = head.index("is_alpha")
    assert any(row[column] for row in rows)
    assert not any(row[column] for row in again.block(resolve(again, "xl_audit"))[1:])
