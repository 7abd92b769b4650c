"""From a team's untidy table to a chapter of the next edition, by the public commands.

Every slip is named before the workbook passes, and every number of the chapter's tables is
recomputed by code that uses nothing of the package.
"""

import json

import openpyxl
import pytest

from tests.helpers.cli import run_json
from tests.helpers.recomputed_chapter import Comparison, edition
from tests.helpers.untidy_table import (
    CITIES,
    COLUMNS,
    SLIPS,
    WEIGHTS,
    cell,
    untidy_book,
    values,
)
from tests.unit.cli.test_team_layout import said
from xlcity.workbook.reading.template import open_template

TITLE = "虚构城市指数"
#: Of the slips, those that are read as they are evidently meant, and as what.
READ = {("沈阳", "人均可支配收入"): 52000.0, ("上海", "失业率"): 3.5}


def meant():
    """Return the values of 2025 as they are once every slip is mended."""
    rows = values(2025)
    names = [column[1] for column in COLUMNS]
    for (city, name), value in READ.items():
        rows[CITIES.index(city)][names.index(name)] = value
    return rows


def mend(team, clean, addresses):
    """Type the right values over slips, and save."""
    book = openpyxl.load_workbook(team)
    right = openpyxl.load_workbook(clean).active
    for address in addresses:
        book.active[address].value = right[address].value
        book.active[address].number_format = right[address].number_format
    book.save(team)


@pytest.mark.slow
def test_from_an_untidy_table_to_the_chapter_of_the_next_edition(tmp_path, capsys):
    adopt_and_name_each_slip(tmp_path, capsys)
    make_and_mend_the_workbook(tmp_path, capsys)
    recompute_the_next_edition(tmp_path, capsys)


def adopt_and_name_each_slip(folder, capsys):
    """Adopt, mend what is refused, adopt again: all ten slips are named."""
    team = folder / "team.xlsx"
    table = folder / "map.toml"
    tables = folder / "tables"
    untidy_book(team, 2025)
    untidy_book(folder / "clean.xlsx", 2025, slips=False)
    adopt = ("adopt", team, "--map", table, "-o", tables)
    _, proposed = run_json(capsys, "adopt", team, "--propose", table)
    table.write_text(said(table.read_text(encoding="utf-8")), encoding="utf-8")
    code, refused = run_json(capsys, *adopt)
    wrong = [error["where"]["cell"] for error in refused["errors"]]
    assert (code, wrong) == (3, ["C8", "G27", "H28", "B32", "K33"])
    # Mended and saved; proposed again, what was said is kept, and the name that was meant.
    mend(team, folder / "clean.xlsx", wrong)
    text = table.read_text(encoding="utf-8").replace('"昆名" = "?"', '"昆名" = "昆明"')
    table.write_text(text, encoding="utf-8")
    assert run_json(capsys, "adopt", team, "--propose", table)[1]["undirected"] == []
    assert table.read_text(encoding="utf-8") == text
    code, adopted = run_json(capsys, *adopt)
    assert code == 0
    cells = {one["cell"] for one in adopted["converted"]}
    cells |= {one["where"]["cell"] for one in adopted["doubtful"]}
    names = " ".join(proposed["doubts"])
    named = {address: address in {*wrong, *cells} for address in SLIPS}
    named[f"B{5 + CITIES.index('昆明')}"] = "昆名" in names
    named[cell("海口", "进出口总额")] = "海口 · 进出口总额" in adopted["blank"]
    assert len(SLIPS) == 10
    assert [address for address, was in named.items() if not was] == []


def make_and_mend_the_workbook(folder, capsys):
    """Make the template; the blank and the fraction are named by check as well, and mended."""
    team = folder / "team.xlsx"
    table = folder / "map.toml"
    tables = folder / "tables"
    words = (
        "--framework",
        tables,
        "--data",
        tables,
        "--recipe",
        tables / "recipe.toml",
    )
    assert run_json(capsys, "new", *words, "-o", folder / "book.xlsx")[0] == 0
    checked = json.dumps(
        run_json(capsys, "check", folder / "book.xlsx")[1], ensure_ascii=False
    )
    assert "XC308" in checked
    assert "进出口总额" in checked
    mend(
        team,
        folder / "clean.xlsx",
        [cell("福州", "绿化覆盖率"), cell("海口", "进出口总额")],
    )
    fill = ("fill", folder / "book.xlsx", "--data", team, "--map", table, "--in-place")
    code, filled = run_json(capsys, *fill)
    assert (code, filled["written"]) == (0, 2)
    code, checked = run_json(capsys, "check", folder / "book.xlsx")
    assert (code, checked["workbooks"][0]["verdict"]) == (0, "pass")
    template = open_template(folder / "book.xlsx")
    assert [unit.name_zh for unit in template.dataset.units] == [*CITIES]
    assert template.dataset.values.tolist() == meant()


def recompute_the_next_edition(folder, capsys):
    """Roll, fill in next year's table as it is laid out, write the chapter, recompute it."""
    later = untidy_book(folder / "team2026.xlsx", 2026, slips=False)
    book = folder / "book2026.xlsx"
    words = ("roll", folder / "book.xlsx", "--edition", "2026", "-o", book)
    assert run_json(capsys, *words)[0] == 0
    code, filled = run_json(capsys, "fill", book, "--data", later, "--in-place")
    assert (code, filled["written"]) == (0, len(CITIES) * len(COLUMNS))
    code, checked = run_json(capsys, "check", book)
    assert (code, checked["workbooks"][0]["verdict"]) == (0, "pass")
    out = folder / "chapter"
    words = ("report", book, "-o", out, "--lang", "zh", "--only", "chapter", "--annex")
    assert run_json(capsys, *words)[0] == 0
    columns = [(group, name, way) for group, name, _, _, _, way in COLUMNS]
    now, before = (
        edition(TITLE, CITIES, columns, WEIGHTS, rows)
        for rows in (values(2026), meant())
    )
    comparison = Comparison(TITLE, now, before, WEIGHTS)
    comparison.compare(out / "chapter.zh.docx")
    assert comparison.unknown == []
    assert comparison.wrong == []
    assert comparison.count == 1737
    # The comparison sees what is wrong.
    exchanged = Comparison(TITLE, before, now, WEIGHTS)
    exchanged.compare(out / "chapter.zh.docx")
    assert len(exchanged.wrong) > 1000
