"""A team's own workbook becomes a framework and data."""

import openpyxl
import pytest

from tests.helpers.cli import codes, run_json
from xlcity.cli import main
from xlcity.model.framework import Framework
from xlcity.workbook.reading.template import open_template

MAP = """
[data]
sheet = "2024 数据"
header = 3
unit = "城市"
skip = ["合计"]

[columns]
"GDP （亿元）" = "gdp"
"航班" = "air"
"增速" = "growth"

[framework]
sheet = "指标"
header = 1
root = "city"
code = "代码"
parent = "上级"
weight = "权重"
name_zh = "名称"
uom = "单位"
"""


@pytest.fixture
def team(tmp_path):
    book = openpyxl.Workbook()
    data = book.active
    data.title = "2024 数据"
    data.append(["某市指标汇总"])
    data.append([])
    data.append(["城市", "GDP\n（亿元）", "航班", "增速", "备注"])
    rows = [
        ("甲市", 1200.5, 31, 0.05, "x"),
        ("乙市", "缺", 12, 0.061, None),
        ("丙市", 900, 7, 0.02, None),
    ]
    for row in rows:
        data.append(row)
    for row in range(4, 7):
        data.cell(row, 4).number_format = "0.0%"
    data.append(["合计", 2100.5, 50, None, None])
    tree = book.create_sheet("指标")
    tree.append(["代码", "上级", "名称", "权重", "单位"])
    for row in (
        ("econ", None, "经济", 2, ""),
        ("gdp", "econ", "国内生产总值", 1, "亿元"),
        ("growth", "econ", "增速", 1, "%"),
        ("air", None, "航班", 1, ""),
    ):
        tree.append(row)
    path = tmp_path / "团队 表.xlsx"
    book.save(path)
    return path


def test_a_workbook_is_adopted_and_made_into_a_template(tmp_path, capsys, team):
    (tmp_path / "map.toml").write_text(MAP, encoding="utf-8")
    out = tmp_path / "ours"
    code, document = run_json(
        capsys, "adopt", team, "--map", tmp_path / "map.toml", "-o", out
    )
    assert code == 0
    assert (document["units"], document["indicators"], document["unused"]) == (
        3,
        3,
        ["备注"],
    )
    book = tmp_path / "book.xlsx"
    code, _ = run_json(capsys, "new", "--framework", out, "--data", out, "-o", book)
    assert code == 0
    template = open_template(book)
    dataset = template.dataset
    assert template.framework["gdp"].parent == "econ"
    assert template.framework["econ"].parent == "city"
    assert [unit.id for unit in dataset.units] == ["甲市", "乙市", "丙市"]
    assert dataset.values[0, dataset.column("gdp")] == 1200.5
    assert dataset.states[1, dataset.column("gdp")] == 2
    assert dataset.values[:, dataset.column("growth")] == pytest.approx([5, 6.1, 2])


def test_what_the_map_names_and_is_not_there_is_told_at_once(tmp_path, capsys, team):
    wrong = MAP.replace('"航班" =', '"航 班次" =').replace(
        'code = "代码"', 'code = "编码"'
    )
    wrong = wrong.replace('unit = "城市"', 'unit = "城市名"')
    (tmp_path / "map.toml").write_text(wrong, encoding="utf-8")
    words = ["adopt", team, "--map", tmp_path / "map.toml", "-o", tmp_path / "ours"]
    code, document = run_json(capsys, *words)
    assert (code, codes(document)) == (3, {"XC337"})
    told = " ".join(e["message"] for e in document["errors"])
    assert "编码" in told
    assert "城市名" in told
    assert not (tmp_path / "ours").exists()
    (tmp_path / "map.toml").write_text("[data\n")
    code, document = run_json(capsys, *words)
    assert (code, codes(document)) == (3, {"XC337"})


def test_without_a_framework_every_column_is_an_indicator(tmp_path, capsys, team):
    text = (
        '[data]\nsheet = "2024 数据"\nheader = 3\nlast = 6\n[columns]\n"航班" = "air"\n'
    )
    (tmp_path / "map.toml").write_text(text, encoding="utf-8")
    out = tmp_path / "ours"
    code, document = run_json(
        capsys, "adopt", team, "--map", tmp_path / "map.toml", "-o", out
    )
    assert (code, document["units"], document["indicators"]) == (0, 3, 1)


def test_a_fault_in_a_value_names_city_and_indicator(tmp_path, capsys, team):
    book = openpyxl.load_workbook(team)
    book["2024 数据"]["C4"] = "约31"
    book.save(team)
    (tmp_path / "map.toml").write_text(MAP, encoding="utf-8")
    words = ["adopt", team, "--map", tmp_path / "map.toml", "-o", tmp_path / "ours"]
    code, document = run_json(capsys, *words)
    assert code == 3
    (error,) = document["errors"]
    assert (error["where"]["unit"], error["where"]["indicator"]) == ("甲市", "air")
    where = error["where"]
    assert (where["file"], where["sheet"], where["cell"]) == (
        str(team),
        "2024 数据",
        "C4",
    )


def test_what_is_said_cites_the_cells_of_the_team_s_workbook(tmp_path, capsys, team):
    """Conversions, doubts and faults of the tree: no address in a file that nobody has."""
    book = openpyxl.load_workbook(team)
    book["2024 数据"]["C5"] = "１２"
    book["指标"]["B3"] = "nowhere"
    book.save(team)
    (tmp_path / "map.toml").write_text(MAP, encoding="utf-8")
    words = ["adopt", team, "--map", tmp_path / "map.toml", "-o", tmp_path / "ours"]
    code, document = run_json(capsys, *words)
    assert code == 0
    found = [c for c in document["converted"] if c["raw"] == "１２"]
    assert [(c["file"], c["sheet"], c["cell"]) for c in found] == [
        (str(team), "2024 数据", "C5")
    ]
    book["指标"]["D4"] = "much"
    book.save(team)
    code, document = run_json(capsys, *words)
    assert (code, codes(document)) == (3, {"XC222"})
    where = document["errors"][0]["where"]
    assert (where["file"], where["sheet"], where["indicator"]) == (
        str(team),
        "指标",
        "growth",
    )
    assert "4" in where["cell"]


MERGED = """
[data]
header = [2, 3]
unit = "城市"
skip = ["合计"]

[columns]
"经济 · 总量" = "gdp"
"交通 · 总量" = "trips"
"港口" = "port"

[framework]
sheet = "指标"
fill_down = ["一级"]
root = "X"
code = "代码"
parent = "一级"
"""


def test_merged_headings_and_merged_cells(tmp_path, capsys):
    book = openpyxl.Workbook()
    data = book.active
    data.append(["城市数据（内部）"])
    data.append(["城市", "经济", None, "交通", None, "备注"])
    data.append([None, "总量", "增速", "总量", "港口", None])
    for area in ("A1:F1", "A2:A3", "B2:C2", "D2:E2", "F2:F3"):
        data.merge_cells(area)
    for row in (
        ("甲市", 1, 0.1, 5, 9, "x"),
        (None,) * 6,
        ("乙市", 2, 0.2, "缺", 8, None),
    ):
        data.append(row)
    data.append(["合计", 3, None, 5, 17, None])
    data.append(["注：来自公报"])
    tree = book.create_sheet("指标")
    for row in (("一级", "代码"), ("经济", "gdp"), ("交通", "trips"), (None, "port")):
        tree.append(row)
    tree.merge_cells("A3:A4")
    book.save(tmp_path / "team.xlsx")
    (tmp_path / "map.toml").write_text(MERGED, encoding="utf-8")
    words = ["adopt", tmp_path / "team.xlsx", "--map", tmp_path / "map.toml"]
    code, document = run_json(capsys, *words, "-o", tmp_path / "out")
    assert (code, document["unused"]) == (0, ["增速", "备注"])
    lines = (tmp_path / "out/data.csv").read_text(encoding="utf-8-sig").split()
    assert lines == [
        "unit,gdp,trips,port",
        "甲市,1,5,9",
        "乙市,2,缺,8",
        "注：来自公报,,,",
    ]
    assert document["bare"] == ["注：来自公报"]
    framework = (tmp_path / "out/framework.csv").read_text(encoding="utf-8-sig").split()
    assert framework[1:] == [
        "gdp,经济",
        "trips,交通",
        "port,交通",
        "经济,X",
        "交通,X",
        "X,",
    ]


ALONE = """
[data]
header = [2, 3]
unit = "A"
last = 7
missing = ["-99", "暂缺"]

[columns]
"经济 · 总量" = { code = "gdp", parent = "经济", direction = 1, uom = "亿元" }
"污染" = { code = "pm", parent = "环境", direction = -1, weight = 2 }
"得分 · E" = "score"
"""


def test_a_map_alone_makes_the_framework(tmp_path, capsys):
    """Missing codes of the team's, directions, groups; headings that are absent or repeated."""
    book = openpyxl.Workbook()
    data = book.active
    for row in (
        ("某市",),
        (None, "经济", "人口", None, "得分", "得分"),
        (None, "总量", "总量", "污染", None, None),
        ("单位", "亿元", "万人"),
        ("甲市", -99, 3, 31, 5, 7),
        ("乙市", 12, 4, "暂缺", 6, 8),
        ("丙市", 9, 2, 7, 1, -99),
        ("注：来自公报",),
    ):
        data.append(row)
    book.save(tmp_path / "team.xlsx")
    (tmp_path / "map.toml").write_text(ALONE + "", encoding="utf-8")
    words = ["adopt", tmp_path / "team.xlsx", "--map", tmp_path / "map.toml"]
    out = tmp_path / "out"
    code, document = run_json(capsys, *words, "-o", out)
    assert (code, codes(document)) == (3, {"XC301"})
    assert [e["where"]["cell"] for e in document["errors"]] == ["B4"]
    skipped = ALONE.replace("last = 7", 'last = 7\nskip = ["单位"]')
    (tmp_path / "map.toml").write_text(skipped, encoding="utf-8")
    code, document = run_json(capsys, *words, "-o", out)
    assert (code, document["units"]) == (0, 3)
    assert document["unused"] == ["人口 · 总量", "得分 · F"]
    lines = (out / "data.csv").read_text(encoding="utf-8-sig").split()
    assert lines == ["unit,gdp,pm,score", "甲市,NA,31,5", "乙市,12,NA,6", "丙市,9,7,1"]
    framework = (out / "framework.csv").read_text(encoding="utf-8-sig").split()
    assert framework == [
        "code,parent,weight,direction,name_zh,uom",
        "INDEX,,1,1,综合指数,",
        "经济,INDEX,1,1,经济,",
        "环境,INDEX,1,1,环境,",
        "gdp,经济,1,1,经济",
        "·",
        "总量,亿元",
        "pm,环境,2,-1,污染,",
        "score,INDEX,1,1,得分",
        "·",
        "E,",
    ]
    book = tmp_path / "book.xlsx"
    assert (
        run_json(capsys, "new", "--framework", out, "--data", out, "-o", book)[0] == 0
    )


def test_a_direction_that_nobody_has_said_is_asked_for(tmp_path, capsys):
    (tmp_path / "team.csv").write_text(
        "City,Air,Cost\nA,1,2\nB,2,n.d.\n", encoding="utf-8"
    )
    text = '[data]\nmissing = ["n.d."]\n[columns]\nAir = { code = "air", direction = "?" }\n'
    (tmp_path / "map.toml").write_text(text + "Cost = { way = 1 }\n", encoding="utf-8")
    words = [
        "adopt",
        tmp_path / "team.csv",
        "--map",
        tmp_path / "map.toml",
        "-o",
        tmp_path / "o",
    ]
    code, document = run_json(capsys, *words)
    assert (code, codes(document)) == (3, {"XC337"})
    told = [error["message"] for error in document["errors"]]
    assert len(told) == 3
    assert "direction of 'Air' is '?'" in told[0]
    text = text.replace('"?"', "-1") + 'Cost = "cost"\n'
    (tmp_path / "map.toml").write_text(text, encoding="utf-8")
    assert run_json(capsys, *words)[0] == 0
    (tmp_path / "team.csv").write_text(
        "City,Air,Cost\nA,1,2\n\nB,2,4*\n", encoding="utf-8"
    )
    code, document = run_json(capsys, *words)
    assert [error["where"]["cell"] for error in document["errors"]] == ["C4"]


MISSPELT = {"昆名": "昆明", "哈儿滨": "哈尔滨"}


@pytest.fixture
def cities(tmp_path):
    """Return a team's table of thirteen cities, two of them misspelt."""
    names = [
        "北京",
        "上海",
        "天津市",
        "重庆",
        "宜春",
        "三明",
        "昆名",
        "哈儿滨",
        "Guangzhou",
        "西安",
        "大理",
        "琼海市",
        "塔城地区",
    ]
    lines = [f"{name},{10 + place},{place % 4}" for place, name in enumerate(names)]
    path = tmp_path / "team.csv"
    path.write_text("\n".join(["城市,甲（万人）,乙", *lines]) + "\n", encoding="utf-8")
    return path


def test_misspelt_cities_are_named_until_somebody_has_decided(capsys, cities, tmp_path):
    """Real cities that no report has (宜春, 三明, 大理, 琼海, 塔城地区) are not asked about."""
    proposed = tmp_path / "map.toml"
    out = tmp_path / "out"
    _, document = run_json(capsys, "adopt", cities, "--propose", proposed)
    asked = [note for note in document["doubts"] if "No known city" in note]
    assert [
        any(name in note and meant in note for note in asked)
        for name, meant in MISSPELT.items()
    ] == [True, True]
    assert len(asked) == 2
    text = proposed.read_text(encoding="utf-8").replace(
        'direction = "?"', "direction = 1"
    )
    proposed.write_text(text, encoding="utf-8")
    _, document = run_json(capsys, "adopt", cities, "--map", proposed, "-o", out)
    assert {name: meant[0] for name, meant in document["misspelt"].items()} == MISSPELT
    # One is corrected, the other one is right as it is.
    text = text.replace('"昆名" = "?"', '"昆名" = "昆明"')
    proposed.write_text(
        text.replace('"哈儿滨" = "?"', '"哈儿滨" = "哈儿滨"'), encoding="utf-8"
    )
    _, document = run_json(capsys, "adopt", cities, "--map", proposed, "-o", out)
    assert document["misspelt"] == {}
    data = (out / "data.csv").read_text(encoding="utf-8-sig")
    assert ("昆明" in data, "昆名" in data, "哈儿滨" in data) == (True, False, True)


def test_a_european_table_with_decimal_commas_and_names_in_english(tmp_path, capsys):
    (tmp_path / "team.csv").write_text(
        "Town;Country;Loans;Members;Visits 2023;Visits 2024\n"
        "Tartu;Estonia;7,4;31,5 %;512 000;530 500\n"
        "Riga;Latvia;6,1;28 %;201 300;199 800\n",
        encoding="utf-8-sig",
    )
    team, file, out = (tmp_path / name for name in ("team.csv", "map.toml", "out"))
    _, document = run_json(capsys, "adopt", team, "--propose", file)
    proposed = {
        c["heading"]: c["uom"] for c in document["columns"] if c["role"] == "indicator"
    }
    assert proposed == {"Loans": "", "Members": "%", "Visits 2024": ""}
    assert main(["adopt", str(team), "--propose", str(file)]) == 0
    said = capsys.readouterr()
    assert "Cities: Tartu, Riga. Indicators: Loans, Members, Visits 2024." in said.out
    assert "Not used (mostly texts): Country.\n" in said.err
    assert "Not used (earlier years): Visits 2023.\n" in said.err
    assert "Only the latest year is read: Visits 2024." in said.err
    file.write_text(
        file.read_text(encoding="utf-8").replace('"?"', "1"), encoding="utf-8"
    )
    assert run_json(capsys, "adopt", team, "--map", file, "-o", out)[0] == 0
    framework = Framework.read(out / "framework.csv")
    names = [
        (node.name_zh, node.name_en) for node in (framework.root, *framework.indicators)
    ]
    english = ("Composite Index", "Loans", "Members", "Visits 2024")
    assert names == [("", name) for name in english]


def test_a_problem_in_a_text_table_has_no_sheet(tmp_path, capsys):
    team = tmp_path / "team.csv"
    file = tmp_path / "map.toml"
    team.write_text("城市,甲,乙\n北京,1,约2\n上海,3,4\n广州,5,6\n", encoding="utf-8")
    assert main(["adopt", str(team), "--propose", str(file)]) == 0
    text = file.read_text(encoding="utf-8").replace('direction = "?"', "direction = 1")
    file.write_text(text, encoding="utf-8")
    capsys.readouterr()
    _, document = run_json(capsys, "adopt", team, "--map", file, "-o", tmp_path / "out")
    (problem,) = document["errors"]
    assert (problem["where"]["sheet"], problem["where"]["cell"]) == (None, "C2")


def test_without_cities_a_proposal_asks_for_nothing_else(tmp_path, capsys):
    (tmp_path / "team.csv").write_text(
        "指标,北京,上海,广州\n产值,3,2,1\n人口,5,4,3\n", encoding="utf-8"
    )
    assert (
        main(
            ["adopt", str(tmp_path / "team.csv"), "--propose", str(tmp_path / "m.toml")]
        )
        == 0
    )
    said = capsys.readouterr()
    assert "Transpose the table first" in said.err
    assert not {"Next:", "Directions"} & {*(said.out + said.err).split()}
