"""What the page is told of an index in formulas, and what it makes of it."""

import asyncio
import json
import shutil
from pathlib import Path

import pytest

from tests.helpers.team_table import foreign_book
from xlcity.cli import main
from xlcity.desk.commands import Books, answer
from xlcity.desk.desk import Desk
from xlcity.desk.forms import command_words
from xlcity.desk.proofs import step_name
from xlcity.errors import XlcityError
from xlcity.messages import Message
from xlcity.methods.registry import METHODS
from xlcity.proof.workbook_map import map_path, read_workbook_map

TEAMS = Path(__file__).parents[1] / "proof" / "adopt"
SLIPS = TEAMS / "15_slips.xlsx"


def proved(path, **given):
    """Return what the page is told, as it comes there."""
    told = answer(Books(), "prove", {"table": str(path), **given})
    return json.loads(json.dumps(told, allow_nan=False))


@pytest.fixture(scope="module")
def slips():
    return proved(SLIPS)


def test_the_tree_has_names_shares_directions_and_steps():
    known = proved(TEAMS / "05_z_clip_60_40.xlsx")
    root, first, *_ = known["tree"]
    assert root["step"] == {"en": "weighted mean", "zh": "加权平均"}
    assert [one["en"] for one in root["details"]] == [
        "then min-max",
        "from 60 to 100",
    ]
    assert (first["zh"], first["parent"], first["share"]) == ("创新", "总分", 0.6)
    turned = [part["zh"] for part in known["tree"] if part.get("direction") == -1]
    assert turned == ["碳排放"]
    leaf = known["tree"][-1]
    assert leaf["step"]["zh"] == "z 分数"
    assert [one["zh"] for one in leaf["details"]] == [
        "标准差除以 n",
        "按 ±1.96 截断",
    ]
    assert (leaf["column"], leaf["values"]) == ("z!G", "data!G")
    assert known["lead"] == {"en": "Understood and proved", "zh": "已读懂，并经验证"}


def test_the_proof_says_what_was_compared_in_both_languages(slips):
    assert slips["lead"]["en"] == "Understood and proved, with 5 cells to decide on"
    first, second, third, last = (fact["en"] for fact in slips["facts"])
    assert first.startswith("20 of 20 totals equal once all cells are as their columns")
    assert second == "Formulas explained: 118, not explained: 0"
    assert third.endswith("all totals equal in 3 of 3 sets")
    assert (
        last == "As chosen below, 19 totals and 15 ranks differ from those in the file"
    )
    assert slips["facts"][1]["zh"] == "公式已解释 118 个，未解释 0 个"


def test_each_slip_has_what_stands_there_what_others_have_and_its_effect(slips):
    by_cell = {slip["cell"]: slip for slip in slips["slips"]}
    typed = by_cell["Index!G9"]
    assert (typed["own"], typed["expected"]) == ("0.4321", "=(C9-C$22)/(C$23-C$22)")
    assert typed["texts"]["zh"] == "公式列中填入了数值。"
    assert typed["moves"][0] == {"unit": "Gdansk", "from": 2, "to": 6}
    assert by_cell["Index!H7"]["texts"]["en"] == "It reads another city: Brno."
    assert by_cell["Index!B22"]["can_stay"] is False
    assert slips["questions"] == []  # each stands with its slip


def test_what_is_kept_counts_as_it_stands(slips):
    given = {"total": slips["total"], "keep": json.dumps(["Index!J12"])}
    known = proved(SLIPS, **given)
    kept = [slip["cell"] for slip in known["slips"] if slip["kept"]]
    assert kept == ["Index!J12"]
    assert known["facts"][-1]["en"].startswith("As chosen below, 18 totals")
    for keep in ("{", "[1]", '"Index!J12"'):
        with pytest.raises(XlcityError, match="cannot be read"):
            proved(SLIPS, total=slips["total"], keep=keep)


def test_open_questions_have_their_cells_and_bounds_are_said():
    known = proved(TEAMS / "25_pasted_bounds.xlsx")
    assert [one["cell"] for one in known["questions"]] == ["Q!E", "Q!F", "Q!G"]
    assert [one["total"] for one in known["questions"]] == [False] * 3
    assert "上下界 1.9、14.9" in known["questions"][0]["texts"]["zh"]
    assert known["tree"][1]["details"] == [
        {"en": "bounds 1.9 and 14.9", "zh": "上下界 1.9 与 14.9"}
    ]


def test_a_workbook_without_an_index_says_why(tmp_path):
    foreign_book(tmp_path / "theirs.xlsx")
    known = proved(tmp_path / "theirs.xlsx")
    assert [*known] == ["refused"]
    assert known["refused"]["en"].startswith("theirs.xlsx: ")
    assert known["refused"]["zh"] != known["refused"]["en"]


def test_the_map_beside_the_workbook_counts_until_something_is_chosen(tmp_path):
    path = shutil.copy(SLIPS, tmp_path / "team.xlsx")
    words = ["adopt", str(path), "--keep", "Index!J12", "-o", str(tmp_path / "t")]
    assert main(words) == 0
    kept = [slip["cell"] for slip in proved(path)["slips"] if slip["kept"]]
    assert kept == ["Index!J12"]
    # With a total, what is named is all that is kept.
    assert not [s for s in proved(path, total="Index!J")["slips"] if s["kept"]]
    words = ["adopt", str(path), "--total", "Index!J", "-o", str(tmp_path / "t")]
    assert main(words) == 0
    assert read_workbook_map(path).keep == ()


def test_a_cell_that_the_map_keeps_may_be_mended_by_now(tmp_path):
    """Next year's file has the formula there: what was kept says nothing of it any more."""
    path = tmp_path / "team.xlsx"
    shutil.copy(SLIPS, path)
    before = proved(path)
    kept = f'keep = ["Index!J12"]\ntotal = "{before["total"]}"\n'
    map_path(path).write_text(f"[formulas]\n{kept}", encoding="utf-8")
    assert [slip["cell"] for slip in proved(path)["slips"] if slip["kept"]] == [
        "Index!J12"
    ]
    map_path(path).write_text(
        f"[formulas]\n{kept.replace('J12', 'J13')}", encoding="utf-8"
    )
    again = proved(path)
    assert "refused" not in again
    assert not any(slip["kept"] for slip in again["slips"])


def test_every_method_has_a_name_in_both_languages():
    for step in ("normalise", "aggregate", "rescale"):
        for method in {*METHODS[step]} - {"linear"}:  # it has its numbers
            name = step_name(method)
            assert isinstance(name, Message), method
            assert name.in_language("zh")
    assert step_name("unheard of") == "unheard of"


def test_a_workbook_that_was_dropped_is_taken_into_the_folder_with_its_map(tmp_path):
    """What was read is kept beside it; the words are those of the command line."""
    for name in ("folder", "private"):
        (tmp_path / name).mkdir()
    desk = Desk(tmp_path / "folder", tmp_path / "private")
    handed = desk.handed / "0" / "team.xlsx"
    handed.parent.mkdir()
    shutil.copy(SLIPS, handed)
    given = {"file": str(handed), "total": "Index!J", "keep": ["Index!J12"]}
    given["out"] = "team-tables"

    async def adopted():
        desk.begin("adopt", given, "en")
        await desk._run

    asyncio.run(adopted())
    assert desk.last["run"]["state"] == "done"
    assert desk.files() == ["team.map.toml", "team.xlsx"]
    assert (desk.folder / "team.xlsx").read_bytes() == SLIPS.read_bytes()
    assert read_workbook_map(desk.folder / "team.xlsx").keep == ("Index!J12",)
    # Next year's table is read by the map of a table alone.
    (desk.folder / "other.map.toml").write_text('[data]\nsheet = "a"\n')
    assert desk.table_maps() == ["other.map.toml"]
    assert command_words("adopt", {**given, "file": "team.xlsx"}) == [
        "adopt",
        "--total=Index!J",
        "--keep=Index!J12",
        "--out=team-tables",
        "team.xlsx",
    ]
