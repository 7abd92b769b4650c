"""The verb `results`: scores and ranks as a workbook stores them."""

import csv
import io

import pytest

from tests.helpers.cli import codes, run, run_json
from tests.helpers.templates import (
    MAIN,
    SEARCH,
    UNITS,
    city_cell,
    data_cell,
    small_read,
    small_report,
)
from xlcity.cli import main
from xlcity.index import compute
from xlcity.xlsx.plain_cells import read_plain_cells


@pytest.fixture(scope="module")
def index():
    report = small_report()
    return compute(report.framework, report.recipe, report.dataset)


@pytest.fixture
def draft(small_file, tmp_path):
    """Return a recalculated book with a blank, a missing code and a city left out."""
    source = small_file(
        "in.xlsx",
        Data={
            data_cell("chengdu", SEARCH): None,
            data_cell("qingdao", SEARCH): "NA",
            data_cell("shanghai", MAIN): "NA",
        },
        Cities={city_cell("haikou", "population"): None},
    )
    target = tmp_path / "draft.xlsx"
    assert main(
        ["recalc", str(source), "-o", str(target), "--verify", "formualizer"]
    ) in (0, 1)
    return target


def test_the_document(capsys, small_file, index):
    path = small_file("城市 形象.xlsx")
    before = path.read_bytes()
    code, document = run_json(capsys, "results", path)
    assert code == 0
    assert set(document) >= {"report", "draft", "units", "pairs"}
    assert (document["report"], document["draft"], document["pairs"]) == (
        "image2025",
        False,
        [],
    )
    assert [unit["unit"] for unit in document["units"]] == list(UNITS)
    for row, unit in enumerate(document["units"]):
        assert set(unit) == {
            "unit",
            "name_zh",
            "name_en",
            "population",
            "scores",
            "normalised",
            "ranks",
        }
        assert unit["population"] == "main"
        assert list(unit["scores"]) == list(unit["ranks"]) == list(index.node_codes)
        assert list(unit["normalised"]) == list(index.leaf_codes)
        for column, node in enumerate(index.node_codes):
            assert unit["scores"][node] == pytest.approx(
                index.scores[row, column], rel=1e-12
            )
            assert unit["ranks"][node] == index.ranks[row, column]
    assert path.read_bytes() == before


def test_gaps_are_null(capsys, draft):
    capsys.readouterr()
    code, document = run_json(capsys, "results", draft)
    assert (code, document["draft"]) == (0, True)
    units = {unit["unit"]: unit for unit in document["units"]}
    for unit in ("chengdu", "qingdao", "haikou"):
        assert units[unit]["scores"]["IMG"] is None
        assert units[unit]["ranks"]["IMG"] is None
        assert units[unit]["normalised"][SEARCH] is None
    assert units["chengdu"]["scores"]["IMG_INF"] is not None
    assert units["haikou"]["population"] == ""
    assert set(units["haikou"]["scores"].values()) == {None}
    assert units["shanghai"]["normalised"][MAIN] == 0


def test_the_table_for_people_is_in_the_order_of_the_total(capsys, small_file, draft):
    capsys.readouterr()
    code, out, err = run(capsys, "results", small_file())
    lines = [line.split() for line in out.splitlines()]
    assert (code, err) == (0, "")
    assert lines[0][:5] == ["rank", "unit", "name_zh", "name_en", "IMG"]
    assert [int(line[0]) for line in lines[1:]] == list(range(1, len(UNITS) + 1))
    _, out, err = run(capsys, "results", draft)
    assert "haikou" not in out
    assert "draft" in err


def test_csv_and_xlsx(capsys, small_file, draft, tmp_path):
    capsys.readouterr()
    one = small_file("一 年.xlsx")
    target = tmp_path / "表.csv"
    code, out, _ = run(capsys, "results", one, draft, "--csv", "-")
    assert code == 0
    rows = list(csv.DictReader(io.StringIO(out)))
    assert len(rows) == 2 * len(UNITS)
    assert [row["file"] for row in rows] == [str(one)] * len(UNITS) + [
        str(draft)
    ] * len(UNITS)
    assert rows[0]["unit"] == "beijing"
    assert rows[0]["rank_IMG"] == "1"
    assert (
        float(rows[0]["IMG"])
        == run_json(capsys, "results", one)[1]["units"][0]["scores"]["IMG"]
    )
    gap = next(
        row for row in rows if row["file"] == str(draft) and row["unit"] == "chengdu"
    )
    assert (gap["IMG"], gap["rank_IMG"]) == ("", "")
    code, out, _ = run(capsys, "results", one, "--csv", target)
    assert (code, out) == (0, "")
    data = target.read_bytes()
    # The mark by which Excel knows UTF-8.
    assert data.startswith(b"\xef\xbb\xbf")
    assert "北京" in data.decode("utf-8-sig")
    sheet = tmp_path / "表.xlsx"
    assert run(capsys, "results", one, draft, "--xlsx", sheet)[0] == 0
    (cells,) = read_plain_cells(sheet).values()
    assert list(cells[0][:3]) == ["file", "unit", "name_zh"]
    assert len(cells) == 1 + 2 * len(UNITS)


def test_several_files_are_one_document(capsys, small_file, draft):
    capsys.readouterr()
    one = small_file("one.xlsx")
    code, document = run_json(capsys, "results", one, draft)
    assert code == 0
    assert document["draft"] is True
    assert [unit["file"] for unit in document["units"]].count(str(one)) == len(UNITS)
    assert [entry["draft"] for entry in document["files"]] == [False, True]


def test_a_bad_file_does_not_stop_the_others(capsys, small_file, tmp_path):
    good = small_file()
    bad = tmp_path / "bad.xlsx"
    bad.write_text("no workbook")
    code, document = run_json(capsys, "results", bad, good)
    assert (code, codes(document)) == (4, {"XC401"})
    assert len(document["units"]) == len(UNITS)
    code, document = run_json(capsys, "results", bad)
    assert (code, codes(document)) == (3, {"XC401"})
    assert "units" not in document


def test_a_workbook_is_never_written_over(capsys, small_file, tmp_path):
    path = small_file()
    before = path.read_bytes()
    for form in ("--csv", "--xlsx"):
        code, document = run_json(capsys, "results", path, form, path)
        assert (code, codes(document)) == (2, {"XC102"})
    other = tmp_path / "open.xlsx"
    other.write_bytes(b"open")
    (tmp_path / "~$open.xlsx").write_bytes(b"")
    code, document = run_json(capsys, "results", path, "--xlsx", other)
    assert (code, codes(document)) == (3, {"XC424"})
    assert (path.read_bytes(), other.read_bytes()) == (before, b"open")


def test_cities_may_be_ranked_by_a_node_sorted_and_cut(capsys, small_file):
    book = small_file()
    _, whole = run_json(capsys, "results", book)
    code, found = run_json(capsys, "results", book, "--top", 2)
    root = small_read().framework.root.code
    places = sorted(
        unit["ranks"][root] for unit in whole["units"] if unit["ranks"][root]
    )
    assert (code, [unit["ranks"][root] for unit in found["units"]]) == (0, places[:2])
    node = small_read().framework.children(root)[0].code
    _, out, _ = run(capsys, "results", book, "--node", node, "--top", 1)
    assert out.split()[:5] == ["rank", "unit", "name_zh", "name_en", node]
    _, named = run_json(capsys, "results", book, "--sort", "name_en")
    names = [unit["name_en"] for unit in named["units"]]
    assert names == sorted(names)
    _, best = run_json(capsys, "results", book, "--sort", SEARCH)
    values = [unit["normalised"][SEARCH] for unit in best["units"]]
    assert values == sorted(values, reverse=True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--node", "NOPE"), "unknown node 'NOPE'. Known: "),
        (("--sort", "name_ne"), "unknown column 'name_ne'. Did you mean name_"),
        (("--top", "0"), "--top must be 1 or more."),
    ],
)
def test_unknown_nodes_and_columns_are_named(capsys, small_file, words, said):
    code, _, err = run(capsys, "results", small_file(), *words)
    assert code == 2
    assert said in err
