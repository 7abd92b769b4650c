"""The extension in LibreOffice Calc, in a window on a virtual screen, used as a person would."""

import json
import os
import shutil
from pathlib import Path

import pytest
from calc_session import available, run_script

from tests.helpers.own import own_bytes
from xlcity.cli import main
from xlcity.recalc.engines.soffice import find_soffice

pytestmark = [
    pytest.mark.libreoffice,
    pytest.mark.skipif(
        not available() or shutil.which("Xvfb") is None, reason="needs LibreOffice, uno and Xvfb"
    ),
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
    left += [path for path in place.rglob("*") if path.is_file() and b"xlcity" in path.read_bytes()]
    assert left == []


@pytest.fixture
def work(profile, tmp_path):
    """Return a doer of steps in a window with a workbook; what each step returned."""
    file = tmp_path / "指数 1.xlsx"

    def do(*steps, timeout=300, content=None):
        file.write_bytes(own_bytes(udf=False) if content is None else content)
        task = {"soffice": find_soffice(), "profile": str(profile), "file": str(file),
                "steps": [[*step] for step in steps]}  # fmt: skip
        return json.loads(run_script(SCRIPT, task, timeout)[0])

    return do


def test_check_jump_apply_and_undo(work):
    found = work(
        ("type", "Data", "D12", "１２"),
        ("press", "Check Workbook"),
        ("wait", "Done"),
        ("rows",),
        ("choose", "full-width"),
        ("press", "Apply suggestion"),
        ("value", "Data", "D12"),
        ("run", ".uno:Undo"),
        ("value", "Data", "D12"),
    )
    rows, place, applied, undone = found[3], found[4], found[6], found[8]
    assert rows[0].startswith("Findings (")
    assert (place, applied, undone) == ("Data!D12", 12.0, "１２")


@pytest.mark.long
def test_a_session_from_a_wrong_value_to_the_ranks_that_moved(work):
    pictures = os.environ.get("XLCITY_PICTURES")

    def picture(name):
        return [("picture", str(Path(pictures) / f"{name}.png"))] if pictures else []

    found = work(
        ("type", "Data", "D12", "about 12"),
        ("press", "Check Workbook"),
        ("wait", "Done"),
        ("choose", "about 12"),
        *picture("1-finding"),
        ("type", "Data", "D12", 40.0),
        ("press", "Check"),
        ("wait", "Done"),
        ("rows",),
        ("select", "Scores", "C16"),
        ("press", "Trace This Cell"),
        ("wait", "Done"),
        *picture("2-trace"),
        ("kill_helper",),
        ("press", "Check"),
        ("wait", "Done"),
        ("type", "Framework", "G7", 0.9),
        ("press", "Check"),
        ("wait", "Done"),
        ("rows",),
        *picture("3-ranks"),
        ("press", "Why Ranks Moved"),
        ("wait", "Done"),
        ("rows",),
    )
    assert found[3] == "Data!D12"
    assert 1 in found  # one helper was killed, and a new one took its place
    texts = [row for rows in found if isinstance(rows, list) for row in rows]
    assert "Trace of Scores!C16" in texts
    assert any(row.startswith("Moved ranks") and "(0)" not in row for row in texts)


@pytest.mark.long
def test_without_the_environment_there_is_a_sentence_and_calc_goes_on(work, profile):
    settings = profile / "user" / "xlcity.json"
    before = settings.read_text(encoding="utf-8")
    try:
        settings.write_text('{"command": ["/nowhere/python"], "import_from": ""}')
        found = work(
            ("press", "Check Workbook"),
            ("wait", "The Python that xlcity was installed in was not found."),
            ("type", "Data", "D12", 3.0),
            ("value", "Data", "D12"),
        )
    finally:
        settings.write_text(before, encoding="utf-8")
    assert found[0] < 2
    assert "xlcity udf install --host libreoffice" in found[1]
    assert found[3] == 3.0


@pytest.mark.long
def test_a_large_workbook_is_not_held_up(work):
    file = Path(__file__).parents[2] / "workbooks" / "image2025.xlsx"
    found = work(
        ("type", "Data", "D12", 3.0),
        ("press", "Check Workbook"),
        ("wait", "Done"),
        ("rows",),
        ("press", "Audit Formulas"),
        ("press", "Cancel"),
        ("wait", "Cancelled"),
        ("press", "Check Workbook"),
        ("wait", "Done"),
        content=file.read_bytes(),
    )
    assert "Changed values (1)" in found[3]
    assert max(found[1], found[4], found[7]) < 5
