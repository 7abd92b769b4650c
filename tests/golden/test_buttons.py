"""The extension in LibreOffice Calc, in a window on a virtual screen, used as a person would."""

import contextlib
import json
import os
import re
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest

from tests.helpers.calc_session import reading_only, run_script
from tests.helpers.contract_cells import score_cell, sheet_of_block
from tests.helpers.desk_window import PATIENCE, Window
from tests.helpers.own import Edited, own_bytes, write_tables
from tests.helpers.team_table import foreign_book
from xlcity.api.texts import in_language
from xlcity.cli import main
from xlcity.extension.texts import words
from xlcity.recalc.engines.soffice import find_soffice
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.package import Package

pytestmark = [
    pytest.mark.libreoffice,
    pytest.mark.uno,
    pytest.mark.screen,
]
SCRIPT = Path(__file__).parents[1] / "helpers" / "calc_screen.py"


@pytest.fixture(scope="module")
def profile(tmp_path_factory):
    """A profile with functions and buttons, installed by the command."""
    place = tmp_path_factory.mktemp("office") / "profile"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XLCITY_LIBREOFFICE_PROFILE", str(place))
        assert main(["udf", "install", "--host", "libreoffice"]) == 0
        yield place
        assert main(["udf", "remove", "--host", "libreoffice"]) == 0
    left = [path for path in place.rglob("*") if "xlcity" in path.name.lower()]
    left += [
        path
        for path in place.rglob("*")
        if path.is_file() and b"xlcity" in path.read_bytes()
    ]
    assert left == []


@pytest.fixture
def work(profile, tmp_path):
    """Return a doer of steps in a window with a workbook; what each step returned."""
    file = tmp_path / "指数 1.xlsx"

    def do(*steps, timeout=300, content=None, before=()):
        file.write_bytes(own_bytes(udf=False) if content is None else content)
        task = {
            "soffice": find_soffice(),
            "profile": str(profile),
            "file": str(file),
            "steps": [[*step] for step in steps],
        }
        return json.loads(run_script(SCRIPT, task, timeout, before)[0])

    return do


@pytest.fixture
def language(request, profile):
    """Let LibreOffice show its own words, and ours, in a language."""
    settings = profile / "user" / "registrymodifications.xcu"
    before = settings.read_text(encoding="utf-8")
    item = (
        '<item oor:path="/org.openoffice.Office.Linguistic/General"><prop oor:name="UILocale" '
        f'oor:op="fuse"><value>{request.param}</value></prop></item></oor:items>'
    )
    settings.write_text(before.replace("</oor:items>", item), encoding="utf-8")
    yield request.param[:2]
    settings.write_text(before, encoding="utf-8")


@pytest.mark.parametrize(
    "language",
    [
        pytest.param("en-US", marks=pytest.mark.slow),
        pytest.param(
            "zh-CN",
            marks=[
                pytest.mark.long,
                pytest.mark.skipif(
                    not list(
                        Path("/usr/lib/libreoffice/share/registry").glob("*zh-CN*")
                    ),
                    reason="needs LibreOffice's Chinese texts",
                ),
            ],
        ),
    ],
    indirect=True,
)
def test_a_session_from_a_wrong_value_to_the_ranks_that_moved(work, language):
    pictures = os.environ.get("XLCITY_PICTURES")

    def picture(name):
        return (
            [("picture", str(Path(pictures) / f"{language}-{name}.png"))]
            if pictures
            else []
        )

    def said(key):
        with in_language(language):
            return words(key)

    def button(name):
        return ("press", said(name))

    done = ("wait", said("run.done"))
    content = own_bytes(udf=False, lang=language)
    cells = read_book(Package.from_bytes(content))
    score = score_cell(cells)
    steps = {
        "wrong": [
            ("type", "Data", "D12", "１２")
        ],  # pasted: the cell refuses it when it is typed
        "found": [button("command.check"), done, ("rows",)],
        "jump": [("choose", "１２"), *picture("1-finding")],
        # Enter is not pressed: the button takes what is being typed.
        "mended": [
            ("enter", "Data", "D12", "40"),
            button("command.check"),
            done,
            ("rows",),
        ],
        "value": [("value", "Data", "D12"), *picture("2-mended")],
        "traced": [
            ("select", *score.split("!")),
            button("command.trace"),
            done,
            ("rows",),
        ],
        "walked": [("choose", f"{score} ="), ("walk", "city00", "Data!")],
        "at": [("selected",), *picture("3-walked")],
        "weight": [
            ("enter", "Framework", "E7", "9"),
            ("leave",),
            button("command.check"),
            done,
        ],
        "why": [button("command.moves"), done, ("rows",)],
        "cause": [
            ("choose", " → "),
            ("keys", "key", "Right"),
            ("rows",),
            *picture("4-moved"),
        ],
    }
    found = work(*[step for part in steps.values() for step in part], content=content)
    told = {}
    for name, part in steps.items():
        answers, found = found[: len(part)], found[len(part) :]
        told[name] = [answer for answer in answers if answer is not None]
    problem = next(row for row in told["found"][-1] if "１２" in row)
    assert problem.startswith("Data!D12")
    assert told["jump"][0] == "Data!D12"
    assert not any("１２" in row for row in told["mended"][-1])
    assert told["value"] == [40.0]
    assert said("trace") in told["traced"][-1]
    places = [place for _, place in told["walked"][-1]]
    assert all(row.startswith(place) for row, place in told["walked"][-1])
    scores, normalised, cleaned = (
        sheet_of_block(cells, block)
        for block in ("out_scores", "out_normalised", "xl_typed")
    )
    assert [place.partition("!")[0] for place in places] == [
        *[scores] * 3,
        *[normalised] * 2,
        # What the entry is worth, and the entry.
        *[cleaned] * 2,
        "Data",
    ]
    assert told["at"] == ["Data!D10"]
    moved = [row for row in told["why"][-1] if row.startswith("city") and " → " in row]
    assert moved
    assert len(told["cause"][-1]) > len(told["why"][-1])


@pytest.mark.long
def test_a_helper_that_was_killed_is_started_again(work):
    found = work(
        ("type", "Data", "D12", "about 12"),
        ("press", "Check"),
        ("wait", "done"),
        ("kill_helper",),
        ("press", "Check"),
        ("wait", "done"),
        ("rows",),
    )
    assert found[3] == 1
    assert any("about 12" in row for row in found[6])


@pytest.mark.long
def test_without_the_environment_there_is_a_sentence_and_calc_goes_on(work, profile):
    settings = profile / "user" / "xlcity.json"
    before = settings.read_text(encoding="utf-8")
    try:
        settings.write_text('{"command": ["/nowhere/python"], "import_from": ""}')
        found = work(
            ("press", "Check"),
            ("wait", "The Python that xlcity was installed in was not found."),
            ("type", "Data", "D12", 3.0),
            ("value", "Data", "D12"),
        )
    finally:
        settings.write_text(before, encoding="utf-8")
    assert found[0] < 2
    assert "xlcity udf install --host libreoffice" in found[1]
    assert found[3] == 3.0


def _processes(mark):
    """Return what runs with a word in its environment."""
    found = []
    for place in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            if mark.encode() in place.read_bytes():
                found.append(
                    (place.parent / "cmdline")
                    .read_bytes()
                    .replace(b"\0", b" ")
                    .decode()
                )
    return found


@pytest.mark.long
def test_calc_and_the_page_on_one_file_lose_nothing_and_leave_nothing(
    work, tmp_path, monkeypatch
):
    """The page refuses to write what Calc has open; a file that is gone is saved again."""
    mark = f"one-file-{uuid.uuid4().hex}"
    monkeypatch.setenv("XLCITY_TEST_MARK", mark)
    write_tables(tmp_path, seed=2)
    file = tmp_path / "指数 1.xlsx"
    away = tmp_path / "away.xlsx"
    file.write_bytes(own_bytes(udf=False))
    command = [sys.executable, "-m", "xlcity"]
    page = subprocess.Popen(
        [*command, "desk", str(file), "--no-browser"], stdout=subprocess.PIPE, text=True
    )
    try:
        window = Window(page.stdout.readline().strip())
        fill = [
            *command,
            "fill",
            str(file),
            "--data",
            str(tmp_path / "data.csv"),
            "--in-place",
        ]
        found = work(
            ("type", "Data", "D12", 40.0),
            ("press", "Check"),
            ("wait", "done"),
            ("save",),
            ("program", *fill),
            ("type", "Data", "D13", 41.0),
            ("program", "mv", str(file), str(away)),
            ("press", "Check"),
            ("wait", f"{file}: the file cannot be read"),
            ("value", "Data", "D13"),
            ("save",),
            ("press", "Check"),
            ("wait", "done"),
        )
        code, told = found[4]
        assert code == 3
        assert "XC424" in told
        assert "Ctrl+S" in found[8]
        assert found[9] == 41.0
        running = "\n".join(_processes(mark))
        assert "xlcity desk" in running
        assert not re.search(r"soffice|xlcity\.extension", running)
        seen = next(event for event in window.events() if event["kind"] == "check")
        assert seen["verdict"] == "pass"
    finally:
        page.terminate()
        page.wait(PATIENCE)
    end = time.monotonic() + 5  # what watches the page's memory ends after it
    while _processes(mark) and time.monotonic() < end:
        time.sleep(0.1)
    assert _processes(mark) == []
    values = [Edited(path.read_bytes()).book["Data"] for path in (away, file)]
    assert [sheet["D12"].value for sheet in values] == [40, 40]
    assert values[1]["D13"].value == 41
    assert {path.name for path in tmp_path.iterdir()} == {
        file.name,
        away.name,
        "fw.csv",
        "data.csv",
    }


@pytest.mark.long
def test_a_workbook_in_a_folder_that_may_only_be_read(work, profile, tmp_path):
    """Checks go on; what is to be written there says so, and nothing is left."""
    folder = tmp_path
    away = profile.parent / "away.xlsx"
    if subprocess.run([*reading_only(folder), "true"], check=False).returncode:
        pytest.skip("folders cannot be mounted again here")
    file = folder / "指数 1.xlsx"
    command = [sys.executable, "-m", "xlcity"]
    write_tables(folder, seed=2)
    wrong = Edited(own_bytes(udf=False))
    wrong.book["Data"]["D12"].value = "１２"
    wrong.book.save(file)
    content = file.read_bytes()
    found = work(
        ("press", "Check"),
        ("wait", "done"),
        ("choose", "１２"),
        (
            "program",
            *command,
            "fill",
            str(file),
            "--data",
            str(folder / "data.csv"),
            "--in-place",
        ),
        ("program", *command, "report", str(file), "-o", str(folder / "report")),
        ("program", *command, "seal", str(file)),
        ("save_refused",),
        ("save_as", str(away)),
        ("run", ".uno:EditDoc"),
        ("type", "Data", "D12", 12.0),
        ("value", "Data", "D12"),
        ("press", "Check"),
        ("wait", "done"),
        content=content,
        before=reading_only(folder),
    )
    assert found[2] == "Data!D12"
    for code, told in found[3:6]:
        assert code in (3, 4)
        assert re.search("XC420|XC424", told)
    assert found[6] is True
    assert found[10] == 12.0
    assert file.read_bytes() == content
    assert away.is_file()
    assert {path.name for path in folder.iterdir()} == {file.name, "fw.csv", "data.csv"}


@pytest.mark.long
def test_a_workbook_of_someone_else_s_is_checked_and_traced(work, tmp_path):
    foreign_book(tmp_path / "theirs.xlsx")
    found = work(
        ("press", "Check"),
        ("wait", "done"),
        ("rows",),
        ("choose", "7 is in a run"),
        ("select", "Bob's scores", "C3"),
        ("press", "Show how a cell is computed"),
        ("wait", "done"),
        ("rows",),
        ("press", "Why did ranks move?"),
        ("wait", "done"),
        ("rows",),
        content=(tmp_path / "theirs.xlsx").read_bytes(),
    )
    assert any(row.startswith("'Bob''s scores'!C6 7 is in a run") for row in found[2])
    assert found[3] == "'Bob''s scores'!C6"
    assert any(row.startswith("'Bob''s scores'!C3 = ") for row in found[7])
    assert "No rank has moved." in found[10]


@pytest.mark.long
def test_a_large_workbook_is_not_held_up(work):
    file = Path(__file__).parents[2] / "workbooks" / "gihi2023.xlsx"
    found = work(
        ("type", "数据", "D12", 3.0),
        ("press", "Check"),
        ("wait", "done"),
        ("choose", "This workbook since its last save"),
        ("keys", "key", "Right"),
        ("rows",),
        ("type", "数据", "D12", 4.0),
        ("press", "Check"),
        ("press", "Cancel"),
        ("wait", "Cancelled"),
        ("press", "Check"),
        ("wait", "done"),
        content=file.read_bytes(),
    )
    assert any(row.endswith(" → 3") for row in found[5])
    assert max(found[1], found[7], found[10]) < 5
