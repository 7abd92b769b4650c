"""Excel set up as the documentation of xlwings says: each call, file and sentence, all played."""

from __future__ import annotations

import importlib
import re
import sys
import zipfile
from pathlib import Path

import pytest
import xlwings
from xlwings import cli, utils

import xlcity
from tests.helpers import windows_stubs
from tests.helpers.cli import run, run_json
from tests.helpers.windows_stubs import Played
from xlcity.api.texts import ON_PAGE
from xlcity.hosts.excel import xlwings_addin
from xlcity.hosts.excel.module import MODULE, module_text
from xlcity.hosts.excel.xlwings_addin import (
    install_xlwings,
    remove_xlwings,
    xlwings_state,
)
from xlcity.hosts.state import Availability

SECURITY = r"SOFTWARE\Microsoft\Office\16.0\Excel\Security"
POLICY = r"SOFTWARE\Policies\Microsoft\Office\16.0\Excel\Security"


@pytest.fixture
def machine(tmp_path, monkeypatch):
    played = Played(tmp_path)
    monkeypatch.setattr(xlwings, "USER_CONFIG_FILE", str(played.xlwings_settings))
    return played


def vba_setting(file: Path, name: str) -> str:
    """Return a setting as `GetConfigFromFile` of xlwings' VBA finds it: the first of a name."""
    pairs = re.findall(r'"([^"]*)","([^"]*)"\r\n', file.read_bytes().decode())
    assert len(pairs) == file.read_bytes().count(b"\n")
    return next((value for key, value in pairs if key.lower() == name.lower()), "")


def test_each_step_is_called_checked_and_said(machine, tmp_path):
    state = install_xlwings(machine, "zh", tmp_path / "functions.xlsm")
    assert machine.calls == [("addin", "install")]
    assert state.state is Availability.INSTALLED
    assert state.steps == (
        "Excel, Python and xlwings fit together, and the functions are written.",
        "xlwings' add-in is installed: the tab xlwings is there when Excel starts again.",
        "xlwings' settings name this Python and the functions.",
        "The workbook functions.xlsm is made; it refers to the add-in.",
        "In Excel choose File, Options, Trust Center, Trust Center Settings, Macro Settings, and "
        "tick Trust access to the VBA project object model.",
        "Open functions.xlsm in Excel, choose the tab xlwings and click Import Functions.",
        "The log is functions.log, beside it.",
    )
    log = (tmp_path / "functions.log").read_text("utf-8").splitlines()
    assert log == [
        "> xlwings addin install",
        "Successfully installed the xlwings add-in!",
        *state.steps,
    ]
    assert xlwings_state(machine).state is Availability.INSTALLED


def test_the_settings_are_those_that_xlwings_reads(machine):
    install_xlwings(machine)
    root = str(Path(xlcity.__file__).parents[1])
    folder = machine.home / "xlwings"
    expected = {
        "interpreter_win": str(machine.python),
        "pythonpath": f"{folder};{root}",
        "udf modules": MODULE,
        "conda path": "",
        "conda env": "",
    }
    assert utils.read_user_config() == expected
    for name, value in expected.items():
        assert vba_setting(machine.xlwings_settings, name) == value
    # The add-in asks for settings of these names, and the module is where they lead.
    bas = "".join(
        file.read_text("utf-8")
        for file in Path(xlwings.__file__).parent.glob("addin/*.bas")
    )
    for name in expected:
        assert f'"{name.upper()}"' in bas
    assert (folder / f"{MODULE}.py").read_text("utf-8") == module_text()


def test_the_interpreter_is_set_as_xlwings_itself_sets_it(machine, monkeypatch):
    machine.xlwings_settings.parent.mkdir()
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(sys, "executable", str(machine.python))
    monkeypatch.setattr(cli, "get_conda_settings", lambda: (None, None))
    cli.config_create(None)
    monkeypatch.undo()
    of_xlwings = xlwings_addin.read_settings(
        machine.xlwings_settings, machine.code_page
    )
    assert of_xlwings == {"INTERPRETER_WIN": str(machine.python)}
    state = install_xlwings(machine)
    assert (
        of_xlwings.items()
        <= xlwings_addin.read_settings(
            machine.xlwings_settings, machine.code_page
        ).items()
    )
    assert not [step for step in state.steps if step.startswith("They named")]


def test_imported_from_these_settings_the_module_gives_every_function(
    machine, monkeypatch
):
    """As *Import Functions*: xlwings' search path, its module of functions, its VBA."""
    install_xlwings(machine)
    udfs = windows_stubs.install(monkeypatch)
    monkeypatch.setattr(sys, "path", [*sys.path])
    utils.prepare_sys_path(
        f"false;a.xlsm;b.xlam;;;;{utils.read_user_config()['pythonpath']}"
    )
    monkeypatch.delitem(sys.modules, MODULE, raising=False)
    module = importlib.import_module(MODULE)
    assert Path(module.__file__) == machine.home / "xlwings" / f"{MODULE}.py"
    target = machine.folder / "udfs.bas"
    with target.open("w") as file:
        book = type("Book", (), {"Name": "functions.xlsm"})
        udfs.generate_vba_wrapper(MODULE, module, file, book)
    names = set(re.findall(r"Function (\w+)\(", target.read_text()))
    from xlcity.functions.registry import FUNCTIONS

    assert names == set(FUNCTIONS)


def test_settings_of_other_projects_stay(machine):
    file = machine.xlwings_settings
    file.parent.mkdir()
    file.write_text(
        '"INTERPRETER_WIN","C:\\Python39\\pythonw.exe"\n"UDF MODULES","mine;other"\n'
        '"PYTHONPATH","D:\\mine"\n"SHOW CONSOLE","True"\n'
    )
    before = xlwings_addin.read_settings(file, machine.code_page)
    steps = install_xlwings(machine).steps
    assert (
        "They named C:\\Python39\\pythonw.exe before; the old settings are kept as "
        "xlwings.conf.bak." in steps
    )
    assert (
        xlwings_addin.read_settings(file.with_suffix(".conf.bak"), machine.code_page)
        == before
    )
    after = xlwings_addin.read_settings(file, machine.code_page)
    assert after["UDF MODULES"] == f"mine;other;{MODULE}"
    assert after["PYTHONPATH"].startswith("D:\\mine;")
    assert after["SHOW CONSOLE"] == "True"
    install_xlwings(machine)
    assert xlwings_addin.read_settings(file, machine.code_page) == after
    assert remove_xlwings(machine).state is Availability.ABSENT
    left = xlwings_addin.read_settings(file, machine.code_page)
    assert (left["UDF MODULES"], left["PYTHONPATH"]) == ("mine;other", "D:\\mine")
    # Its own command takes the add-in out: others may use it.
    assert (machine.startup / "xlwings.xlam").exists()
    assert not (machine.home / "xlwings" / f"{MODULE}.py").exists()


def test_what_xlwings_prints_is_not_believed(machine, tmp_path):
    """It ends with 0 also where it has failed."""
    machine.refusal = (
        "Error: Failed to install the add-in: If Excel is running, quit Excel.\n"
    )
    state = install_xlwings(machine, workbook=tmp_path / "f.xlsm")
    assert state.state is Availability.UNAVAILABLE
    assert state.detail.startswith("xlwings did not install its add-in: Error: Failed")
    assert state.remedy == "Close Excel, then xlcity udf install --host excel"
    assert not machine.xlwings_settings.exists()
    assert not (tmp_path / "f.xlsm").exists()
    assert machine.refusal.strip() in (tmp_path / "f.log").read_text("utf-8")


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        (SECURITY, 1, "Excel lets xlwings import functions."),
        (POLICY, 1, "Excel lets xlwings import functions."),
        (POLICY, 0, "Your organisation forbids access"),
        (SECURITY, 0, "In Excel choose File, Options, Trust Center"),
    ],
)
def test_the_trust_setting_is_looked_up(machine, key, value, said):
    install_xlwings(machine)
    machine.values["HKCU", key, "AccessVBOM"] = value
    assert xlwings_state(machine).remedy.startswith(said)


def test_a_workbook_that_is_there_is_kept(machine, tmp_path):
    book = tmp_path / "mine.xlsm"
    install_xlwings(machine, workbook=book)
    # The one of `xlwings quickstart`, whose VBA refers to the add-in.
    with zipfile.ZipFile(book) as archive:
        vba = archive.read("xl/vbaProject.bin")
    assert b"xlwings.xlam" in vba.replace(b"\0", b"").lower()
    book.write_bytes(b"with functions in it")
    assert (
        "The workbook mine.xlsm is kept as it is."
        in install_xlwings(machine, workbook=book).steps
    )
    assert book.read_bytes() == b"with functions in it"


def test_letters_outside_the_code_page_are_told(machine):
    machine.code_page = "cp1252"
    machine.home.mkdir()
    machine.python = machine.folder / "张三" / "python.exe"
    machine.files |= {machine.python, machine.folder / "xlwings64-1.2.dll"}
    state = install_xlwings(machine)
    assert state.detail == "Excel cannot read the letters 张三 in paths."
    assert not machine.xlwings_settings.exists()
    machine.code_page = "gbk"
    assert install_xlwings(machine).state is Availability.INSTALLED
    assert "张三".encode("gbk") in machine.xlwings_settings.read_bytes()


def test_other_functions_or_another_python_are_out_of_date(machine):
    assert xlwings_state(machine).state is Availability.ABSENT
    install_xlwings(machine)
    (machine.home / "xlwings" / f"{MODULE}.py").write_text("other functions")
    assert xlwings_state(machine).state is Availability.OUTDATED
    install_xlwings(machine)
    machine.python = machine.python.with_name("python313.exe")
    machine.files.add(machine.python)
    assert xlwings_state(machine).state is Availability.OUTDATED


def test_nothing_is_written_where_something_is_in_the_way(machine):
    machine.modules = set()
    assert install_xlwings(machine).state is Availability.UNAVAILABLE
    assert not machine.home.exists()


def test_the_command_and_the_page_say_each_step(machine, monkeypatch, capsys, tmp_path):
    monkeypatch.setattr("xlcity.hosts.excel.machine.Machine", lambda: machine)
    for host in ("excel", "xlwings"):
        words = ("udf", "install", "--host", host, "-o", tmp_path / "f.xlsm")
        code, document = run_json(capsys, *words)
        (entry,) = document["hosts"]
        assert (code, entry["host"], entry["state"]) == (0, "xlwings", "installed")
        assert len(entry["steps"]) == 7
    _, document = run_json(capsys, "udf", "status")
    hosts = [entry["host"] for entry in document["hosts"]]
    assert hosts[:2] == ["xlwings", "libreoffice"]
    code, document = run_json(capsys, "udf", "install", "--host", "ribbon")
    assert (code, document["errors"][0]["hint"]) == (2, "Known: xlwings, libreoffice.")
    # On the page it is sentences alone, in its language, without a command.
    monkeypatch.setenv(ON_PAGE, "1")
    monkeypatch.setenv("XLCITY_LANG", "zh")
    _, out, _ = run(
        capsys, "udf", "install", "--host", "excel", "-o", tmp_path / "f.xlsm"
    )
    lines = out.splitlines()
    assert len(lines) == 7
    assert lines[3] == "工作簿 f.xlsm 保持不变。"
    assert "xlcity udf" not in out
    (machine.startup / "xlwings.xlam").unlink()
    machine.refusal = "Error: open"
    _, out, _ = run(
        capsys, "udf", "install", "--host", "excel", "-o", tmp_path / "f.xlsm"
    )
    assert out.splitlines()[-2:] == [
        "xlwings 没有装上加载项：Error: open。",
        "请关闭 Excel，再做一次。",
    ]
