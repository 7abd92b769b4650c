"""A map is proposed from what a table looks like, and says what a person chooses."""

from pathlib import Path

import openpyxl
import pytest

from tests.helpers.cli import codes, run_json
from tests.helpers.team_table import YEARBOOK, team_book
from xlcity.adoption.adopt import add_parents, adopt_cells
from xlcity.adoption.cells import CellGrid
from xlcity.adoption.maps import with_directions, write_map
from xlcity.adoption.proposal import propose_map
from xlcity.adoption.reading import map_of, map_text, read_values
from xlcity.api.table_preview import preview, shown_cells
from xlcity.errors import DataError, UsageError
from xlcity.model.dataset import State
from xlcity.model.framework import Framework
from xlcity.model.reading.sheets import read_sheets
from xlcity.reports import load_report


def test_a_table_of_a_yearbook():
    found = propose_map({"表1": YEARBOOK})
    assert (found.header, found.units_row, found.first, found.last) == ((3, 4), 5, 6, 9)
    assert (found.city, found.known, found.skip) == (0, 3, ("合计",))
    assert found.missing == ("-99", "*", "暂缺")
    told = [(c.name, c.group, c.uom, c.direction) for c in found.indicators]
    assert told == [
        ("生产总值", "经济", "亿元", 0),
        ("人均（元）", "经济", "元", 0),
        ("增速", "经济", "", 0),
        ("PM2.5", "环境", "微克/立方米", 0),
        ("绿地率（%）", "环境", "%", 0),
    ]
    assert {c.name: c.why for c in found.columns if c.role == "none"} == {
        "位次": "rank",
        "备注": "text",
    }
    assert len(found.doubts) == 1
    assert found.second == "A12:C13"
    assert found.second in found.doubts[0]


def test_a_measure_in_one_heading_is_that_of_its_column():
    cells = [
        ("城市", "常住人口(单位：万人)", "绿地率 (%)", "博物馆"),
        ("北京", 2184.0, 49.0, 4.0),
        ("上海", 2487.0, 40.0, 5.0),
        ("广州", 1882.0, 45.0, 1.0),
    ]
    found = propose_map({"表1": cells})
    assert (found.header, found.doubts) == ((1,), ())
    assert [(c.code, c.uom) for c in found.indicators] == [
        ("常住人口", "万人"),
        ("绿地率", "%"),
        ("博物馆", ""),
    ]
    found = propose_map({"表1": [(None, "2023年", "（单位：个）", None), *cells]})
    assert [c.uom for c in found.indicators] == ["万人", "%", "个"]


def test_year_beside_one_indicator_is_a_heading_not_a_measure():
    cells = [
        ("城市", "Year", "Production"),
        ("北京", 2019.0, 1.0),
        ("北京", 2020.0, 2.0),
        ("上海", 2019.0, 4.0),
        ("上海", 2020.0, 3.0),
    ]
    for above in ((), [("Table 1. Production", None, None)]):
        found = propose_map({"": [*above, *cells]})
        assert (found.header, found.units_row, found.year) == ((len(above) + 1,), 0, 1)
        assert [(c.name, c.uom) for c in found.indicators] == [("Production", "")]
        assert not any("No row of headings" in doubt for doubt in found.doubts)


def test_measures_without_headings_above_them_are_asked_about():
    found = propose_map(
        {"": [("城市", "km", "吨"), ("北京", 2.0, 3.0), ("上海", 3.0, 4.0)]}
    )
    assert found.doubts[0].startswith("No row of headings")


def test_a_city_whose_values_are_texts_is_no_heading():
    cells = [
        ("城市", "甲", "乙"),
        ("北京", "约2", "<5"),
        ("上海", 3.0, 4.0),
        ("广州", 5.0, 6.0),
    ]
    found = propose_map({"": cells})
    assert (found.header, found.first, found.known) == ((1,), 2, 3)
    assert [column.name for column in found.indicators] == ["甲", "乙"]


def test_the_column_headed_unit_holds_the_cities_however_many_typed_texts_others_have():
    """A city is listed twice, and most values of the last column are not numbers."""
    cells = [
        ("unit", "a", "b"),
        ("Alpha", 1.0, "约12"),
        ("Beta", 2.0, 5.0),
        ("Alpha", 3.0, "<5"),
        ("Gamma", 4.0, "1e400"),
        ("Delta", 4.0, "n.b."),
    ]
    assert propose_map({"": cells}).city == 0


def test_what_will_be_read_names_the_cells_of_the_team_s_workbook():
    sheets = {"表1": YEARBOOK}
    found = propose_map(sheets)
    read = preview("team.xlsx", sheets, found)
    assert [one["cell"] for one in read["problems"]] == ["F8"]
    assert read["problems"][0]["text"].startswith("'约43' is not a number")
    assert len(read["undirected"]) == 5
    found = propose_map(sheets, {"missing": [*found.missing, "约43"]})
    read = preview("team.xlsx", sheets, found)
    assert (read["cities"], read["values"], read["missing"]) == (3, 11, 4)
    assert shown_cells(YEARBOOK)["size"] == [13, 8]


def test_what_a_person_chooses_wins():
    sheets = {"表1": YEARBOOK, "other": [("a",), (1.0,)]}
    people = {"code": "pop", "direction": 1, "role": "indicator"}
    chosen = {"header": [12], "columns": {"人口": people, "面积": {"role": "none"}}}
    found = propose_map(sheets, chosen)
    assert (found.sheet, found.header, found.first, found.last) == (
        "表1",
        (12,),
        13,
        13,
    )
    assert [(c.name, c.code, c.direction) for c in found.indicators] == [
        ("人口", "pop", 1)
    ]
    assert propose_map(sheets, {"sheet": "other"}).sheet == "other"
    with pytest.raises(UsageError, match="unknown sheet"):
        propose_map(sheets, {"sheet": "absent"})
    with pytest.raises(DataError, match="empty"):
        propose_map({"blank": [(), (None,)]})
    # Chosen when the file had more rows and columns.
    old = {
        "header": [40],
        "units_row": 41,
        "last": 90,
        "unit": "gone",
        "columns": {"gone": {}},
    }
    for gone in (old, {**old, "header": [13]}):
        found = propose_map(sheets, {"sheet": "表1", **gone})
        assert (found.city, found.last <= 13) == (-1, True)
        assert preview("team.xlsx", sheets, found)["cities"] == 0


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        (
            [
                ("", "北京", "上海", "深圳"),
                ("GDP", 1.0, 2.0, 3.0),
                ("air", 4.0, 5.0, 6.0),
            ],
            "Transpose",
        ),
        (
            [
                ("City", "x", "City", "x"),
                ("Paris", 1.0, "Rome", 2.0),
                ("Oslo", 3.0, "Bonn", 4.0),
            ],
            "beside the first one",
        ),
        (
            [("City", "x"), *[("Paris", float(n)) for n in range(7)], ("Rome", 4.5)],
            "in 7 rows",
        ),
        ([("x", "y"), (1.5, 2.5), (3.5, 4.5)], "No column of city names"),
        ([("only text",), ("more text",)], "No row with numbers"),
        ([(1.5, "Paris"), (2.5, "Rome")], "No row of headings"),
        (
            [("", "Paris", "Rome"), ("Paris", 1.5, 2.0), ("Rome", 2.5, 3.0)],
            "The columns have",
        ),
        ([("City", "x"), ("Paris", 1.0), (None, 5.0), ("Rome", 4.5)], "without a city"),
        (
            [
                ("City", "x"),
                ("Paris", 1.0),
                ("Rome", 2.0),
                (),
                ("City", "y"),
                ("Oslo", 3.0),
            ],
            "Another table is in A5:B6",
        ),
    ],
)
def test_what_is_not_one_table_of_cities_is_named(cells, told):
    assert any(told in doubt for doubt in propose_map({"s": cells}).doubts)


def test_weights_above_the_headings_are_not_values():
    cells = [
        ("权重", 0.3, 0.7, None),
        ("城市", "碳排放（吨/人）①", "绿地率*", "NO2 (µg/m³)¹"),
        ("北京", 1.5, 2.5, 7.0),
        ("上海", 3.5, 4.5, 8.0),
        ("深圳", 5.5, 6.5, 9.0),
        ("全省", 3.5, 4.5, 8.0),
    ]
    found = propose_map({"s": cells})
    assert (found.header, found.first, found.city, found.known) == ((2,), 3, 0, 3)
    # Marks of footnotes are not part of a measure or a code; digits in a measure are.
    assert [(c.code, c.uom) for c in found.indicators] == [
        ("碳排放", "吨/人"),
        ("绿地率", ""),
        ("NO2", "µg/m³"),
    ]
    assert found.skip == ("全省",)


def test_a_mean_or_a_total_score_of_the_columns_is_no_indicator():
    rows = [("北京", 8.0, 6.5), ("上海", 3.0, 4.0), ("深圳", 9.0, 1.0)]
    head = ("城市", "交通", "环境")
    means = [(*row, (row[1] + row[2]) / 2, 5.0) for row in rows]
    found = propose_map({"s": [(*head, "平均", "总分"), *means]})
    assert [c.name for c in found.indicators] == ["交通", "环境"]
    assert [c.why for c in found.columns[3:]] == ["total", "rank"]
    assert found.doubts == ("平均 sums up other columns; it is not read.",)
    # One row that is otherwise: it is an indicator.
    other = [*means[:2], (*rows[2], 5.5, 5.0)]
    assert len(propose_map({"s": [(*head, "平均", "总分"), *other]}).indicators) == 3
    # Chosen by a person: it is read.
    chosen = {"columns": {"平均": {"role": "indicator"}}}
    found = propose_map({"s": [(*head, "平均", "总分"), *means]}, chosen)
    assert (len(found.indicators), found.doubts) == (3, ())


def test_sums_by_their_headings_and_weighted_sums_are_no_indicators():
    cells = [("城市", "医疗", "教育", "小计", "Final score", "Latitude")]
    cells += [
        (name, *map(float, (k, k * k % 7, 50 + k, 3, 30 - k)))
        for k, name in enumerate("甲乙丙")
    ]
    found = propose_map({"s": cells})
    assert [c.name for c in found.indicators] == ["医疗", "教育"]
    assert [c.why for c in found.columns[3:]] == ["total", "rank", "rank"]
    # Alone, a total is what there is to read; below a heading it is a part of that.
    assert len(propose_map({"s": [(row[0], row[3]) for row in cells]}).indicators) == 1
    heads = [("City", "Population", None), (None, "Total", "Urban")]
    rows = [("Lyon", 3.0, 1.0), ("Graz", 4.0, 2.5), ("Porto", 5.0, 2.0)]
    assert len(propose_map({"s": [*heads, *rows]}).indicators) == 2
    parts = [(float(k * 37 % 50), float(k * 11 % 17)) for k in range(9)]
    weighted = [
        (f"City {k}", x, y, 0.7 * x + 0.3 * y) for k, (x, y) in enumerate(parts)
    ]
    assert (
        propose_map({"s": [("City", "X", "Y", "Z"), *weighted]}).columns[3].why
        == "total"
    )
    other = [*weighted[:8], (*weighted[8][:3], 99.0)]
    assert propose_map({"s": [("City", "X", "Y", "Z"), *other]}).columns[3].why == ""


@pytest.mark.parametrize("name", [None, "权重"])
def test_a_row_of_weights_among_the_cities_is_read_as_weights(name):
    cells = [
        ("城市", "医疗", "教育"),
        ("北京", 8.0, 6.5),
        ("上海", 3.0, 4.0),
        ("深圳", 9.0, 1.0),
    ]
    cells.insert(1 if name is None else 4, (name, 0.6, 0.4))
    found = propose_map({"s": cells})
    row = 2 if name is None else 5
    assert found.doubts == (f"Row {row} is read as the weights of the columns.",)
    assert [c.weight for c in found.indicators] == ["0.6", "0.4"]
    read = preview("t", {"s": cells}, found)
    assert (read["cities"], read["problems"]) == (3, [])
    # Numbers without a city that sum up to nothing in particular are left to the person.
    cells = [cells[0], (None, 0.6, 7.0), ("北京", 8.0, 6.5), ("上海", 3.0, 4.0)]
    assert propose_map({"s": cells}).doubts == (
        "Rows with numbers but without a city are not read: 2.",
    )


def test_the_index_of_a_frame_is_no_indicator_and_a_year_may_be_the_only_heading():
    cells = [(None, "country", "2022"), (3.0, "Albania", 18.2), (1.0, "Andorra", 3.3)]
    found = propose_map({"s": [*cells, (10.0, "Austria", 468.0)]})
    assert (found.header, found.city, [c.name for c in found.indicators]) == (
        (1,),
        1,
        ["2022"],
    )
    assert [doubt[:16] for doubt in found.doubts] == ["The heading 2022"]


def test_an_abbreviation_in_brackets_is_no_measure():
    heads = (
        "City",
        "离岸距离（DC）",
        "Spending (R&D)",
        "吞吐量（TEU）",
        "Power (MW)",
        "GDP (USD)",
    )
    found = propose_map({"s": [heads, ("Lyon", 1.0, 5.0, 2.0, 9.0, 3.0)]})
    assert [c.uom for c in found.indicators] == ["", "", "TEU", "MW", "USD"]


def test_indicators_in_rows_are_named_and_not_taken_for_cities():
    wide = [
        ("指标", "2022年", "2021年"),
        ("总收入", 3.0, 2.0),
        ("产值", 5.0, 4.0),
        ("人口", 7.0, 6.5),
    ]
    found = propose_map({"s": wide})
    assert found.city == -1
    assert found.doubts[0].startswith("The column 指标 names indicators.")
    long = [("City", "Indicator", "Value")]
    long += [
        (city, what, 3.0)
        for city in ("Lyon", "Graz")
        for what in ("Air", "Jobs", "Rent")
    ]
    (doubt,) = propose_map({"s": long}).doubts
    assert doubt.startswith("Lyon is in 3 rows, one for each entry of Indicator.")
    # The corner of a table of known cities may be called so.
    assert propose_map({"s": [("指标", "甲"), ("北京", 1.0), ("上海", 2.0)]}).city == 0


def test_of_several_years_the_latest_is_proposed():
    heads = ("City", "GDP [bn]", None, "Air", None)
    cells = [
        heads,
        (None, 2021.0, 2022.0, 2021.0, 2022.0),
        ("(1)", "(2)", "(3)", "(4)", "(5)"),
        ("Paris", 1.5, 2.5, 3.5, 4.5),
        ("Rome", 1.5, 2.5, 3.5, 4.5),
    ]
    found = propose_map({"s": cells})
    assert (found.header, found.skip) == ((1, 2), ("(1)",))
    assert [(c.name, c.code, c.uom, c.group) for c in found.indicators] == [
        ("GDP [bn] · 2022", "GDP", "bn", ""),
        ("Air · 2022", "Air", "", ""),
    ]
    assert [c.why for c in found.columns if c.role == "none"] == ["year", "year"]
    # Its name has no year: the next edition takes it over, and finds its column.
    text = write_map(with_directions(map_of(found)))
    framework = Framework.from_table(
        adopt_cells("t", {"s": cells}, Path("t"), text).framework
    )
    assert [node.name_en for node in framework.indicators] == ["GDP", "Air"]
    # Both years chosen: they are told apart.
    both = {"columns": {"GDP [bn] · 2021": {"role": "indicator"}}}
    found = propose_map({"s": cells}, both)
    assert [c.code for c in found.indicators] == ["GDP_2021", "GDP_2022", "Air"]


def test_tables_that_reports_have_printed():
    for report, table, city, known, indicators in (
        ("image2025", "total", 1, 106, {"communication", "influence", "recognition"}),
        (
            "gihi2023",
            "science",
            0,
            100,
            {"score_a", "score_a1", "score_a2", "score_a3", "score_a4"},
        ),
        (
            "vitality2014",
            "domain_scores",
            0,
            46,
            {"social", "cultural", "economic", "political"},
        ),
    ):
        file = load_report(report).folder / "published" / f"{table}.csv"
        sheets = read_sheets(file)
        found = propose_map(sheets)
        assert (found.city, found.known) == (city, known)
        # The total of image2025 is a weighted sum of its three scores.
        assert found.doubts == (
            ("total sums up other columns; it is not read.",) * (city == 1)
        )
        assert {column.code for column in found.indicators} >= indicators
        assert preview(str(file), sheets, found)["problems"] == []


def test_a_proposal_is_written_corrected_and_adopted(tmp_path, capsys):
    team = tmp_path / "team.xlsx"
    target = tmp_path / "map.toml"
    team_book(team, '表"1"')
    code, document = run_json(capsys, "adopt", team, "--propose", target)
    assert (code, len(document["undirected"]), document["kept"]) == (0, 5, None)
    words = ["adopt", team, "--map", target, "-o", tmp_path / "out"]
    code, document = run_json(capsys, *words)
    assert (code, codes(document), len(document["errors"])) == (3, {"XC337"}, 5)
    text = target.read_text(encoding="utf-8").replace(
        'direction = "?"', "direction = -1"
    )
    target.write_text(text.replace('"*"', '"*", "约43"'), encoding="utf-8")
    code, document = run_json(capsys, *words)
    assert (code, document["units"], document["indicators"]) == (0, 3, 5)
    code, document = run_json(capsys, "adopt", team, "--propose", target)
    # What was said is kept, so that nothing changes.
    assert (document["kept"], document["undirected"]) == (None, [])
    assert run_json(capsys, "adopt", team, "--propose", team)[0] == 2
    assert run_json(capsys, "adopt", team, "--map", target)[0] == 2
    fresh = tmp_path / "fresh.toml"
    run_json(capsys, "adopt", team, "--propose", fresh)
    assert map_text(propose_map(read_sheets(team))) == fresh.read_text(encoding="utf-8")


def test_a_teams_table_is_read_by_the_names_of_the_framework(tmp_path):
    team = tmp_path / "team.xlsx"
    team_book(team)
    book = openpyxl.load_workbook(team)
    book.active["F8"] = 43.0
    book.save(team)
    # By a name, by a name without the measure, and by a code.
    framework = Framework.read(
        "code,parent,direction,name_zh\nT,,,总\ngdp,T,1,生产总值\nair,T,-1,PM2.5\n"
        "green,T,1,绿地率\n增速,T,1,增长\n"
    )
    dataset, notes = read_values(team, framework, None, None)
    assert [unit.id for unit in dataset.units] == ["北京市", "上海市", "深圳市"]
    assert dict(zip(dataset.codes, dataset.values[0].tolist(), strict=True)) == {
        "gdp": 43760.7,
        "air": 32.0,
        "green": 49.8,
        "增速": 5.2,
    }
    assert [heading for heading, _ in notes.unused] == ["人均（元）"]


def test_a_column_of_another_year_is_that_of_the_framework(tmp_path):
    team = tmp_path / "team.csv"
    team.write_text("Table 1,\nCity,GDP 2023\nParis,1.5\nRome,2.5\nOslo,3.5\n")
    framework = Framework.read(
        "code,parent,direction,name_en\nT,,,\ngdp,T,1,GDP 2022\n"
    )
    dataset, _ = read_values(team, framework, None, None)
    assert dataset.column("gdp") == 0
    assert dataset.values[:, 0].tolist() == [1.5, 2.5, 3.5]


def test_towns_below_merged_cities_are_the_cities():
    cells = [
        ("序号", "设区市", "县（市）", "人民生活（元）", None, "空气"),
        (None, None, None, "城镇\n收入", "农村", "优良率 （%）"),
        (1.0, "苏州市", "昆 山", 8.0, 4.0, 80.0),
        (2.0, None, "太仓市", 7.0, 3.0, 82.0),
        (3.0, None, "常熟市", 6.0, 2.0, 84.0),
    ]
    sheets = {"表": cells}
    found = propose_map(sheets)
    assert (found.city, found.doubts) == (2, ())
    assert [(c.name, c.group, c.uom) for c in found.indicators] == [
        ("城镇收入", "人民生活", "元"),
        ("农村", "人民生活", "元"),
        ("优良率（%）", "空气", "%"),
    ]
    assert preview("t.xlsx", sheets, found)["names"] == ["昆山", "太仓市", "常熟市"]


@pytest.mark.parametrize(("total", "city"), [("合  计", "太 塬"), ("合计", "太塬")])
def test_spaces_inside_names_are_no_difference_between_a_map_and_its_table(total, city):
    cells = [
        ("城市", "产值"),
        ("合  计", 6.0),
        ("太 塬", 1.0),
        ("北 京", 2.0),
        ("上 海", 3.0),
    ]
    found = propose_map({"s": cells}, {"cities": {city: "太原"}})
    assert (found.skip, found.settled, found.misspelt) == (
        ("合  计",),
        {"太 塬": "太原"},
        {},
    )
    text = f'[data]\nheader = 1\nskip = ["{total}"]\n[cities]\n"{city}" = "太原"\n'
    text += '[columns]\n"产值" = { code = "out", direction = 1 }\n'
    adopted = adopt_cells("t", {"s": cells}, Path("t"), text)
    assert [row[0] for row in adopted.table.rows] == ["太原", "北京", "上海"]


def test_numbers_with_their_measure_behind_them_are_an_indicator():
    texts = ("1.2亿人次", "5600.3万人次", "800万人次", "暂无", "约3亿人次")
    cells = [
        ("城市", "游客", "收入", "满意度"),
        *zip(
            ("北京", "上海", "天津", "广州", "深圳"),
            texts,
            ("15亿元", "1.5 亿元", "20亿元", "3亿元", "4亿元"),
            ("91%", "92%", "90.5", "93%", "94%"),
            strict=True,
        ),
    ]
    sheets = {"表": cells}
    found = propose_map(sheets)
    assert [(c.name, c.uom) for c in found.indicators] == [
        ("游客", "人次"),
        ("收入", "亿元"),
        ("满意度", "%"),
    ]
    assert found.missing == ("暂无",)
    read = preview("t.xlsx", sheets, found)
    assert [one["cell"] for one in read["problems"]] == ["B6"]
    table = adopt_cells(
        "t.xlsx", sheets, Path("t.toml"), write_map(with_directions(map_of(found)))
    ).table
    assert table.rows[:3] == (
        ("北京", "1.2亿", "15", "91%"),
        ("上海", "5600.3万", "1.5 ", "92%"),
        ("天津", "800万", "20", "90.5"),
    )


def test_a_table_of_several_years_is_a_panel(tmp_path, capsys):
    rows = "城市,年 份,产值,空气\n北京,2022,3,7\n上海,2022,5,9\n北京,2023,４,8\n上海,2023,6,\n"
    team = tmp_path / "t.csv"
    map_file = tmp_path / "m.toml"
    ours = str(tmp_path / "ours")
    team.write_text(rows, encoding="utf-8")
    code, told = run_json(capsys, "adopt", team, "--propose", map_file)
    assert (code, told["cities"], told["known"], told["problems"]) == (0, 2, 2, [])
    assert [note.split(".")[0] for note in told["doubts"]] == [
        "Each city has a row for each year"
    ]
    map_text = map_file.read_text(encoding="utf-8")
    assert 'year = "年份"' in map_text
    map_file.write_text(map_text.replace('"?"', "1"), encoding="utf-8")
    code, told = run_json(capsys, "adopt", team, "--map", map_file, "-o", ours)
    assert (code, told["units"], [c["raw"] for c in told["converted"]]) == (
        0,
        2,
        ["４"],
    )
    code, told = run_json(capsys, "index", "--framework", ours, "--data", ours)
    assert [edition["edition"] for edition in told["editions"]] == ["2022", "2023"]
    # A city twice in one year is a fault, not a panel.
    team.write_text(rows.replace("上海,2023", "北京,2023"), encoding="utf-8")
    assert propose_map(read_sheets(team)).year == -1


def test_headings_and_notes_of_a_yearbook():
    cells = [
        (
            "城  市\nCity",
            "人  口\n（万人）\nPopulation at Year-end\n(10 000 persons)",
            "产值",
        ),
        ("太  原", 5.0, 1.0),
        ("北  京", 7.0, "…"),
        ("上  海", 8.0, 2.0),
        ("注：“…”表示数据不足本表最小单位。",),
    ]
    sheets = {"表": cells}
    found = propose_map(sheets)
    assert [(c.code, c.uom) for c in found.indicators] == [
        ("人口", "万人"),
        ("产值", ""),
    ]
    assert [doubt.partition(".")[0] for doubt in found.doubts] == [
        "The notes below the table say that … is a number too small to be shown"
    ]
    text = write_map(with_directions(map_of(found)))
    framework = Framework.from_table(
        adopt_cells("t", sheets, Path("t"), text).framework
    )
    names = [(node.name_zh, node.name_en) for node in framework.indicators]
    assert names == [("人口", "Population at Year-end"), ("产值", "")]
    assert propose_map({"表": cells[:-1]}).doubts == ()


def test_rows_of_provinces_and_titles_within_the_table_are_no_cities():
    numbers = {
        "江苏省": 99.0,
        "南京市": 5.0,
        "浙江省": 88.0,
        "杭州市": 7.0,
        "江阴市": 1.0,
    }
    names = ("2023年", "江苏省", "南京市", "杭州市", "续表", "浙江省", "江阴市")
    rows = [(name, numbers.get(name), numbers.get(name)) for name in names]
    found = propose_map({"s": [("地区", "产值", "人口"), *rows, ("苏州市", 6.0, 5.0)]})
    assert found.skip == ("2023年", "江苏省", "续表", "浙江省")
    # Where provinces are what is ranked, they stay.
    rows = [("江苏省", 9.0), ("浙江省", 8.0), ("北京市", 7.0), ("广西壮族自治区", 6.0)]
    assert propose_map({"s": [("地区", "产值"), *rows]}).skip == ()


def test_a_merged_year_is_that_of_all_its_rows():
    cells = [
        ("年份", "城市", "产值"),
        (2023.0, "北京", 1.0),
        (None, "上海", 2.0),
        (2024.0, "北京", 3.0),
        (None, "上海", 4.0),
    ]
    found = propose_map({"s": cells})
    assert found.year == 0
    table = adopt_cells(
        "t", {"s": cells}, Path("t"), write_map(with_directions(map_of(found)))
    ).table
    assert [row[:2] for row in table.rows] == [
        ("北京", 2023.0),
        ("上海", 2023.0),
        ("北京", 2024.0),
        ("上海", 2024.0),
    ]


def test_a_currency_that_is_not_the_measure_s_is_not_left_out():
    values = [
        ("Paris", 31.0, 1.5),
        ("Rome", "€28", 2.5),
        ("Oslo", "$5", 3.5),
        ("Bonn", 7.0, 4.5),
    ]
    sheets = {"s": [("City", "GDP (USD)", "Air"), *values]}
    found = propose_map(sheets)
    assert [one["cell"] for one in preview("t", sheets, found)["problems"]] == ["B3"]


def test_other_sheets_that_name_cities_or_indicators_are_named():
    cells = [("城市", "产值（亿元）", "失业"), ("北京", 1.0, 9.0), ("上海", 2.0, 7.0)]
    others = {
        "社会": [("城市", "学校"), ("上海", 5.0), ("北京", 6.0)],
        "说明": [("北京市",)],
        "指标": [("指标", "方向"), ("产值", "正向"), ("失业", "负向")],
    }
    found = propose_map({"经济": cells, **others}, {"sheet": "经济"})
    assert [doubt.partition(".")[0].partition(": ")[2] for doubt in found.doubts] == [
        "社会, 指标"
    ]
    assert propose_map({"经济": cells}).doubts == ()


def test_a_year_before_a_heading_is_no_part_of_the_indicator(tmp_path):
    team = tmp_path / "team.csv"
    team.write_text(
        "附表,\n城市,2025年产值（亿元）\n北京,1.5\n上海,2.5\n", encoding="utf-8"
    )
    assert [c.code for c in propose_map(read_sheets(team)).indicators] == ["产值"]
    framework = Framework.read("code,parent,name_zh\nT,,\ngdp,T,产值\n")
    assert read_values(team, framework, None, None)[0].values.tolist() == [[1.5], [2.5]]


def test_measures_of_any_words_and_titles_of_groups_of_cities():
    cells = [
        ("City", "Night share", "Shops", "Wait"),
        (None, "%", "shops", "min"),
        ("East", None, None, None),
        ("Shanghai", 41.5, 210.0, "3.1 a)"),
        ("Hangzhou", 40.5, 200.0, 4.0),
        ("West", None, None, None),
        ("Chengdu", 38.0, 190.0, 5.0),
        ("a) Estimate.", None, None, None),
    ]
    found = propose_map({"s": cells})
    assert (found.header, found.skip, found.marks) == ((1,), ("East", "West"), ("a)",))
    assert [(c.heading, c.uom) for c in found.indicators] == [
        ("Night share", "%"),
        ("Shops", "shops"),
        ("Wait", "min"),
    ]


def test_what_is_left_out_of_a_teams_table_is_said(tmp_path):
    team = tmp_path / "team.csv"
    team.write_text(
        "City;GDP;PM2.5\nParis;1,5 b;:\nRome;2,5;7,1\n;9,5;2,0\nOslo;1.003,5 p;8,0\n"
    )
    framework = Framework.read("code,parent,name_en\nT,,\ngdp,T,GDP\npm,T,PM2.5\n")
    dataset, notes = read_values(team, framework, None, None)
    assert dataset.values[:, 0].tolist() == [1.5, 2.5, 1003.5]
    assert [problem.message for problem in notes.doubtful] == [
        "Marks behind numbers are left out: b, p.",
        "Rows with numbers but without a city are not read: 4.",
        "Read as confirmed missing: :.",
    ]
    team.write_text(
        "Cities,,\nCity,GDP,PM2.5\nTotal,9,\nParis,1,**\nRome,2,7\nOslo,3,**\nBern,4,**\nWien,5,8\n"
    )
    dataset, notes = read_values(team, framework, None, None)
    assert dataset.values[:, 0].tolist() == [1.0, 2.0, 3.0, 4.0, 5.0]
    told = [
        "Rows that are not cities are left out: Total.",
        "Read as confirmed missing: **.",
    ]
    assert [problem.message for problem in notes.doubtful] == told


def test_a_mark_that_many_cells_have_for_no_value_is_read_and_said(tmp_path):
    table = tmp_path / "table.csv"
    table.write_text("City,GDP\nParis,1\nRome,**\nOslo,**\nBern,**\nWien,3\n")
    framework = Framework.read("code,parent,name_en\nT,,\ngdp,T,GDP\n")
    dataset, notes = read_values(table, framework, None, None)
    assert (dataset.states == State.MISSING).sum() == 3
    assert [problem.message for problem in notes.doubtful] == [
        "Read as confirmed missing: **."
    ]
    # What stands in one cell may be a slip.
    table.write_text("City,GDP\nParis,1\nRome,**\nOslo,2\nBern,2\nWien,3\n")
    with pytest.raises(DataError, match="is not a number"):
        read_values(table, framework, None, None)


def test_of_cities_side_by_side_no_city_has_a_row_for_each_year():
    cells = [
        ("year", "NSW", "Vic"),
        (1917, 1904, 1409),
        (1927, 2402, 1727),
        (1937, 2693, 1853),
    ]
    told = propose_map({"s": cells}).doubts
    assert told == (
        "No column of city names was found. Choose it, or name it as unit in the map.",
    )


def test_of_two_columns_of_names_the_one_that_tells_rows_apart_has_the_cities():
    areas = (
        "东片",
        "东片",
        "南片",
        "南片",
        "西片",
        "西片",
        "北片",
        "北片",
        "中片",
        "郊片",
    )
    places = ("甲村", "乙村", "丙村", "丁村", "戊村", "己村", "庚村", None, None, None)
    rows = [
        (area, place, n * n + 0.5)
        for n, (area, place) in enumerate(zip(areas, places, strict=True))
    ]
    assert propose_map({"s": [("区域", "名字", "产值"), *rows]}).city == 1


def test_groups_that_are_only_named_as_parents_and_the_root_become_nodes():
    rows = [
        ["a", "G", "A", "2"],
        ["b", "T", "B", "1"],
        ["c", "", "C", "1"],
        ["d", "G", "D", "1"],
    ]
    add_parents(rows, ["code", "parent", "name_en", "weight"], "T")
    assert rows == [
        ["a", "G", "A", "2"],
        ["b", "T", "B", "1"],
        ["c", "T", "C", "1"],
        ["d", "G", "D", "1"],
        ["G", "T", "G", "1"],
        ["T", "", "", ""],
    ]


def test_two_columns_of_a_framework_with_one_heading_are_refused():
    sheets = {
        "data": [("City", "x"), ("Paris", 1.0), ("Rome", 2.0)],
        "tree": [("code", "name", "name"), ("x", "X", "Ex")],
    }
    text = """
        [data]
        sheet = "data"
        header = 1
        unit = "City"
        [columns]
        x = "x"
        [framework]
        sheet = "tree"
        header = 1
        code = "code"
    """
    with pytest.raises(DataError, match="'name' is used twice"):
        adopt_cells("t", sheets, Path("t"), text)


def test_provinces_in_a_table_of_years_are_cities():
    names = ("北京市", "上海市", "天津市", "江苏省", "浙江省", "安徽省")
    rows = [(year, name, 1.0) for year in (2022.0, 2023.0, 2024.0) for name in names]
    found = propose_map({"": [("年份", "省份", "GDP"), *rows]})
    assert (found.skip, found.year) == ((), 0)


@pytest.mark.parametrize("line", ["指标：生产总值(亿元)", "Index: 生产总值（亿元）\n"])
def test_a_line_above_columns_of_years_names_the_indicator(tmp_path, line):
    cells = [
        ("数据库：年度数据",),
        (line,),
        ("时间：最近2年",),
        ("地区", "2019年", "2018年"),
        ("北京", 3.0, 2.0),
        ("天津", 1.0, 2.0),
    ]
    found = propose_map({"": cells})
    (column,) = found.indicators
    assert (column.code, column.title, column.uom) == ("生产总值", "生产总值", "亿元")
    assert not any("only a year" in doubt for doubt in found.doubts)
    adopted = adopt_cells(
        "t.csv",
        {"": cells},
        tmp_path / "m.toml",
        write_map(with_directions(map_of(found))),
    )
    framework = Framework.from_table(adopted.framework)
    assert framework.indicators[0].name_zh == "生产总值"
    # Another indicator in the same layout is not taken for it.
    other = tmp_path / "other.csv"
    rows = [("指标：失业率(%)",), *cells[2:]]
    other.write_text(
        "\n".join(",".join(map(str, row)) for row in rows), encoding="utf-8"
    )
    with pytest.raises(DataError):
        read_values(other, framework, None, None)


@pytest.mark.parametrize(
    ("row", "has_values"),
    [
        (("地区", 2019.0, 2020.0), False),
        ((None, 2019.0, 2019.0), False),
        (("北京", 2019.0, 2019.0), True),
        (("北京", 2019.0), True),
        (("北京", 2019.0, 7.0), True),
    ],
)
def test_a_row_of_years_alone_has_no_values(row, has_values):
    assert CellGrid([row]).valued == [has_values]


def test_a_row_of_one_year_below_headings_is_a_heading():
    cells = [
        (None, "经费", "专利"),
        (None, 2014.0, 2014.0),
        ("北京", 3.0, 2.0),
        ("天津", 1.0, 2.0),
    ]
    found = propose_map({"": cells})
    assert (found.header, [c.code for c in found.indicators]) == (
        (1, 2),
        ["经费", "专利"],
    )


NEXT_YEAR = (
    "code,parent,name_zh,uom\nX,,指数,\nA,X,产值,亿元\nB,X,增速,%\nC,X,人口,万人\n"
)


@pytest.mark.parametrize(
    "text",
    [
        "城市,经济,,人口（万人）\n,产值（亿元）,增速（%）,\n北京,3,5,7\n上海,2,6,8\n",
        "城市,2021年产值（亿元）,增速（%）,人口（万人）\n北京,3,5,7\n上海,2,6,8\n",
    ],
)
def test_all_columns_are_read_where_the_first_row_names_some(tmp_path, text):
    path = tmp_path / "t.csv"
    path.write_text(text, encoding="utf-8")
    dataset, _ = read_values(path, Framework.read(NEXT_YEAR), None, None)
    assert dataset.values.tolist() == [[3, 5, 7], [2, 6, 8]]


def test_a_column_in_another_measure_is_refused(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text(
        "城市,产值（万元）,增速（%）\n北京,3,5\n上海,2,6\n", encoding="utf-8"
    )
    with pytest.raises(DataError, match="万元"):
        read_values(path, Framework.read(NEXT_YEAR), None, None)


def test_a_city_with_a_measure_of_its_own_is_named():
    """Hong Kong's GDP stood in 亿港元 among others in 亿元."""
    rows = [
        ("城市", "GDP"),
        ("广州", 9.0),
        ("深圳", 8.0),
        ("香港\n(亿港元)", 7.0),
        ("珠海（市辖区）", 1.0),
    ]
    (doubt,) = [text for text in propose_map({"": rows}).doubts if "measure" in text]
    assert doubt.startswith("Cities with a measure of their own: 香港 (亿港元). ")
