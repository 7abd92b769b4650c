"""Untidy tables as a whole: what is proposed, what a map makes of them, and all that is said."""

import tomllib
from pathlib import Path

import pytest

from tests.helpers.kept import as_text
from xlcity.adoption.adopt import adopt_cells, code_of, default_title
from xlcity.adoption.cells import (
    city_heading_score,
    is_column_number,
    is_gap,
    is_rank_heading,
    is_total_or_title,
    is_unit,
    kind_of,
    meant_number,
    no_data_numbers,
    unit_in,
    without_unit,
    year_in,
)
from xlcity.adoption.proposal import propose_map
from xlcity.adoption.reading import choices_in_map, map_text, read_values
from xlcity.api.table_preview import preview
from xlcity.errors import XlcityError
from xlcity.model.framework import Framework
from xlcity.model.nodes import Ingredient
from xlcity.model.reading.tables import parse_csv

WRITTEN = tomllib.loads(Path(__file__).with_name("written.toml").read_text(encoding="utf-8"))


def cells_of(text: str) -> list[tuple]:
    """Return the cells of a table, numbers as numbers."""

    def cell(typed: str) -> object:
        try:
            return float(typed)
        except ValueError:
            return typed or None

    return [tuple(map(cell, line.split(","))) for line in text.splitlines()]


def outcome(read) -> str:
    """Return what is read as text, or the problems."""
    try:
        return as_text(read())
    except XlcityError as error:
        return as_text({"refused": list(error.problems)})


@pytest.mark.parametrize("name", WRITTEN["tables"])
def test_a_table_is_proposed_and_read(require_kept, name):
    sheets = {"表1": cells_of(WRITTEN["tables"][name])}

    def propose() -> object:
        found = propose_map(sheets)
        again = propose_map(sheets, choices_in_map(map_text(found)))
        columns = [(c.column, c.name, c.role, c.why, c.code, c.numbers, c.others)
                   for c in found.columns]  # fmt: skip
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

    require_kept(name.replace(" ", "_"), outcome(propose))


def test_maps_say_how_a_table_is_read(require_kept):
    tables = WRITTEN["tables"]
    sheets = {"表1": cells_of(tables["yearbook"]), "指标": cells_of(tables["tree"])}
    lines = []
    for name, text in WRITTEN["maps"].items():
        told = outcome(lambda text=text: adopt_cells("team.xlsx", sheets, Path("map.toml"), text))
        lines += [name, *(f"  {line}" for line in told.splitlines())]
    require_kept("maps", "\n".join(lines))


TREE = (
    "code,parent,direction,name_zh,name_en,uom\nT,,,总,,\ngdp,T,1,生产总值,GDP,亿元\npc,T,1,人均,,元\n"
    "air,T,-1,PM2.5,Air 2021,\ngreen,T,1,绿地率,,%\nz,T,1,,z,\n"
)


@pytest.mark.parametrize("name", ["yearbook", "two years in columns", "weights above", "sums"])
def test_a_table_is_read_by_a_framework(require_kept, name, tmp_path):
    text = WRITTEN["tables"][name].replace("约43", "43")
    (tmp_path / "team.csv").write_text(text, encoding="utf-8")

    def read() -> object:
        data, notes = read_values(tmp_path / "team.csv", Framework.read(TREE), None, None)
        return {
            "values": {u.id: dict(zip(data.codes, row, strict=True))
                       for u, row in zip(data.units, data.values.tolist(), strict=True)},
            "unused": notes.unused,
            "said": [*notes.problems, *notes.remarks],
            "converted": [(c.where.cell, c.raw, c.result, c.note) for c in notes.converted],
        }  # fmt: skip

    told = outcome(read).replace(str(tmp_path), "…")
    require_kept(f"read_{name.replace(' ', '_')}", told)


def test_what_a_text_in_a_table_is_taken_for(require_kept):
    asked = (city_heading_score, is_rank_heading, is_total_or_title, is_unit, is_column_number)
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
            for numbers in (["-99", "1", "0"], ["-99", "-5"], ["999", "99"], ["9999", "999"],
                            ["999"], ["999", "99.9", "x"], ["99999", "-9", "3"])
        ],
        "meant": [
            [typed, meant_number(typed, people, fault)]
            for typed, fault in (("约5", ""), ("5万", ""), ("5亿", ""), ("5.2②", ""), ("31O", ""),
                                 (0.41, ""), (0.41, "XC308"), ("l2", ""), ("~ 7万人", ""),
                                 ("many", ""), (None, ""))
        ],
    }  # fmt: skip
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
