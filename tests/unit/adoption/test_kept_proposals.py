"""Untidy tables as a whole: what is proposed, what a map makes of them, and all that is said."""

import tomllib
from functools import partial
from pathlib import Path

import pytest

from tests.helpers.kept import as_text, outcome
from xlcity.adoption.adopt import adopt_cells
from xlcity.adoption.cells import (
    is_gap,
    is_total_or_title,
    is_unit,
    kind_of,
    no_data_numbers,
    unit_in,
    without_unit,
    year_in,
)
from xlcity.adoption.flat_framework import code_of, default_title
from xlcity.adoption.proposal import propose_map
from xlcity.adoption.reading import choices_in_map, map_text, read_values
from xlcity.api.table_preview import preview
from xlcity.desk.mends import meant_number
from xlcity.model.framework import Framework
from xlcity.model.nodes import Ingredient
from xlcity.model.reading.tables import parse_csv
from xlcity.model.reading.words import city_heading_score, is_called, is_rank_heading

WRITTEN = tomllib.loads(
    Path(__file__).with_name("written.toml").read_text(encoding="utf-8")
)


def cells_of(text: str) -> list[tuple]:
    """Return the cells of a table, numbers as numbers."""

    def cell(typed: str) -> object:
        try:
            return float(typed)
        except ValueError:
            return typed or None

    return [tuple(map(cell, line.split(","))) for line in text.splitlines()]


@pytest.mark.parametrize("name", WRITTEN["tables"])
def test_a_table_is_proposed_and_read(require_kept, name):
    sheets = {"表1": cells_of(WRITTEN["tables"][name])}

    def propose() -> object:
        found = propose_map(sheets)
        again = propose_map(sheets, choices_in_map(map_text(found)))
        columns = [
            (c.column, c.name, c.role, c.why, c.code, c.numbers, c.others)
            for c in found.columns
        ]
        return {
            "map": map_text(found).splitlines(),
            "the same by its own map": map_text(again) == map_text(found),
            "rows": [*found.header, found.units_row, found.first, found.last],
            "known cities": found.known,
            "columns": columns,
            "doubts": found.doubts,
            "misspelt": dict(found.misspelt),
            "preview": {**preview("team.xlsx", sheets, found), "map": ""},
        }

    require_kept(name.replace(" ", "_"), as_text(outcome(propose)))


def test_maps_say_how_a_table_is_read(require_kept):
    tables = WRITTEN["tables"]
    sheets = {"表1": cells_of(tables["yearbook"]), "指标": cells_of(tables["tree"])}
    lines = []
    for name, text in WRITTEN["maps"].items():
        adopt = partial(adopt_cells, "team.xlsx", sheets, Path("map.toml"), text)
        shown = as_text(outcome(adopt))
        lines += [name, *(f"  {line}" for line in shown.splitlines())]
    require_kept("maps", "\n".join(lines))


TREE = (
    "code,parent,direction,name_zh,name_en,uom\nT,,,总,,\ngdp,T,1,生产总值,GDP,亿元\npc,T,1,人均,,元\n"
    "air,T,-1,PM2.5,Air 2021,\ngreen,T,1,绿地率,,%\nz,T,1,,z,\n"
)


@pytest.mark.parametrize(
    "name", ["yearbook", "two years in columns", "weights above", "sums"]
)
def test_a_table_is_read_by_a_framework(require_kept, name, tmp_path):
    text = WRITTEN["tables"][name].replace("约43", "43")
    (tmp_path / "team.csv").write_text(text, encoding="utf-8")

    def read() -> object:
        data, notes = read_values(
            tmp_path / "team.csv", Framework.read(TREE), None, None
        )
        return {
            "values": {
                u.id: dict(zip(data.codes, row, strict=True))
                for u, row in zip(data.units, data.values.tolist(), strict=True)
            },
            "unused": notes.unused,
            "said": [*notes.problems, *(row.message for row in notes.left_out)],
            "converted": [
                (c.where.cell, c.raw, c.result, c.note) for c in notes.converted
            ],
        }

    shown = as_text(outcome(read)).replace(str(tmp_path), "…")
    require_kept(f"read_{name.replace(' ', '_')}", shown)


MAPPED = """[data]
sheet = "表1"
header = [3, 4]
unit = "城市"
last = 7
skip = ["合计"]
missing = ["*", "暂缺", "-99"]
[columns]
"生产总值" = { code = "gdp", direction = "?" }
"PM2.5" = "air"
"""


def test_a_table_is_read_by_its_map_or_what_is_wrong_is_named(require_kept, tmp_path):
    text = WRITTEN["tables"]["yearbook"].replace("约43", "43")
    files = {
        "team.csv": text,
        "moved.csv": f"Title,,,,,,,\n{text}",
        "other.csv": text.replace("亿元", "万元"),
        "plain.csv": "unit,gdp,air\nParis,many,2\nRome,3,4\n",
        "strange.csv": "unit,x\nParis,1\n",
        "years.csv": "Table,\nCity,Trade 2020\nParis,1\nRome,2\n",
        "texts.csv": "a,b\nc,d\n",
        "map.toml": MAPPED,
        "moved.toml": MAPPED.replace("[3, 4]", "[4, 5]"),
        "wrong.toml": "data = [",
        "other.toml": MAPPED.replace("城市", "城镇"),
    }
    for name, content in files.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    framework = Framework.read(f"{TREE}trade,T,1,贸易2021,Trade 2021,\n")
    asked = [
        ("team.csv", "map.toml"),
        ("moved.csv", "moved.toml"),
        ("moved.csv", "map.toml"),
        ("team.csv", "wrong.toml"),
        ("team.csv", "other.toml"),
        ("team.csv", "absent.toml"),
        *((name, None) for name in (*[*files][:7], "absent.csv")),
    ]

    def read(name: str, map_name: str | None) -> object:
        map_path = None if map_name is None else tmp_path / map_name
        data, notes = read_values(tmp_path / name, framework, None, None, map_path)
        values = [
            [data.codes[c], *data.values[:, c].tolist()] for c in range(len(data.codes))
        ]
        said = [
            *notes.problems,
            *(row.message for row in notes.left_out),
            *notes.unused,
        ]
        return {"cities": [u.id for u in data.units], "values": values, "said": said}

    lines = []
    for name, map_name in asked:
        shown = as_text(
            outcome(lambda name=name, map_name=map_name: read(name, map_name))
        )
        lines += [f"== {name} by {map_name}", shown.replace(str(tmp_path), "…")]
    require_kept("read_by_maps", "\n".join(lines))


def test_what_a_map_chooses(require_kept):
    texts = {
        "usual": MAPPED,
        "numbers": '[columns]\n"a" = { code = "x", weight = "2.5", direction = 1 }\n"b" = 5\n',
        "no tables": 'data = 5\ncolumns = "x"\n[groups]\n"g" = "1"\n',
        "no TOML": "[data",
        "nothing": "",
    }
    chosen = {name: choices_in_map(text) for name, text in texts.items()}
    cells = cells_of(WRITTEN["tables"]["sums"])
    for weight in ("2", "0.5", "1/3", "two", "1.2.3"):
        rail = {"direction": 1, "weight": weight, "parent": "g"}
        found = propose_map(
            {"s": cells}, {"columns": {"Rail": rail}, "groups": {"g": weight}}
        )
        chosen[f"weight {weight}"] = map_text(found).splitlines()[-4:]
    require_kept("chosen", chosen)


def test_what_a_text_in_a_table_is_taken_for(require_kept):
    def is_column_number(text):
        return is_called("column_number", text)

    asked = (
        city_heading_score,
        is_rank_heading,
        is_total_or_title,
        is_unit,
        is_column_number,
    )
    people = Ingredient("", "", uom="10,000", uom_zh="万人")
    kept = {
        "texts": [
            f"{text!r}: {kind_of(text) or '-'}; unit {unit_in(text)!r},"
            f" without {without_unit(text)!r},"
            f" year {year_in(text)}, code {code_of(text)!r}, title {default_title(text)!r},"
            f" gap {[is_gap(text, times) for times in (1, 2, 3)]}"
            + "".join(f", {ask.__name__}" for ask in asked if ask(text))
            for text in WRITTEN["texts"]
        ],
        "no data": [
            [*numbers, "->", *no_data_numbers(numbers)]
            for numbers in (
                ["-99", "1", "0"],
                ["-99", "-5"],
                ["999", "99"],
                ["9999", "999"],
                ["999"],
                ["999", "99.9", "x"],
                ["99999", "-9", "3"],
            )
        ],
        "meant": [
            [typed, meant_number(typed, people, fault)]
            for typed, fault in (
                ("约5", ""),
                ("5万", ""),
                ("5亿", ""),
                ("5.2②", ""),
                ("31O", ""),
                (0.41, ""),
                (0.41, "XC308"),
                ("l2", ""),
                ("~ 7万人", ""),
                ("many", ""),
                (None, ""),
            )
        ],
    }
    require_kept("words_of_tables", kept)


@pytest.mark.parametrize("row", [1, 3, 13, 14])
def test_any_row_of_a_table_may_be_its_headings(row):
    sheets = {"s": cells_of(WRITTEN["tables"]["yearbook"])}
    assert propose_map(sheets, {"header": [row]}).header == (row,)


def test_values_are_read_of_a_table_and_of_its_file_alike(tmp_path):
    framework = Framework.read("code,parent\nT,\ngdp,T\nair,T\n")
    text = "unit,gdp,air\nParis,1,NA\nRome,2,5\n"
    (tmp_path / "d.csv").write_text(text)
    sources = (tmp_path / "d.csv", str(tmp_path / "d.csv"), parse_csv(text, "d.csv"))
    for source in sources:
        data, _ = read_values(source, framework, None, None)
        assert [unit.id for unit in data.units] == ["Paris", "Rome"]
        assert data.values[:, 0].tolist() == [1.0, 2.0]
        assert data.values[1, 1] == 5.0
