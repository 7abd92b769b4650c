"""What LibreOffice loads: Basic module, script, helper, and the profile they live in."""

import io
import json
import math
import re
import struct
import subprocess
import sys
import xml.etree.ElementTree as ET

import pytest

from xlcity.errors import CellError
from xlcity.functions.registry import FUNCTIONS
from xlcity.hosts.calc import bridge, manage, profile
from xlcity.hosts.calc.manage import close_office_remedy
from xlcity.hosts.calc.profile import MODULE, SCRIPT, basic_text, module_xml
from xlcity.hosts.calc.server import (
    CALC_NUMBER_OF_ERROR,
    answer_question,
    answer_questions,
)
from xlcity.hosts.state import Availability

NAME_SPACE = "{http://openoffice.org/2000/"


def code_of(value: float) -> int:
    (bits,) = struct.unpack(">Q", struct.pack(">d", value))
    assert bits >> 16 == 0x7FF800000000
    return bits & 0xFFFF


@pytest.fixture
def helper(monkeypatch):
    """The bridge with a helper of this Python, ended afterwards."""
    script = profile.script_text()
    module = type(bridge)("installed_bridge")
    exec(compile(script, "installed_bridge", "exec"), module.__dict__)
    yield module
    module._stop_helper()


def test_basic_has_every_function_with_room_for_one_argument_too_many():
    text = basic_text()
    heads = dict(
        re.findall(r"^Function ([A-Z0-9_]+)\((.*)\) As Variant$", text, re.MULTILINE)
    )
    assert list(heads) == list(FUNCTIONS)
    for name, function in FUNCTIONS.items():
        optional = [
            f"Optional a{place + 1}" for place in range(len(function.arguments) + 1)
        ]
        assert heads[name].split(", ") == optional
        assert f'{name} = xlcity_call("{name}", count, given)' in text
    assert max(map(len, text.splitlines())) < 255
    assert ET.fromstring(module_xml().split("\n", 2)[2]).text == text


def test_the_installed_script_starts_this_python_and_answers(helper):
    assert helper.COMMAND[0] == sys.executable
    assert helper.call("RATING_SCALE", 1, (((4.0,), (None,), ("x",)), None)) == (
        (80.0,),
        (pytest.approx(math.nan, nan_ok=True),),
        (pytest.approx(math.nan, nan_ok=True),),
    )
    (gap,), (text,) = helper.call("RATING_SCALE", 1, (((None,), ("x",)),))
    assert (code_of(gap), code_of(text)) == (32767, 519)
    # An error in an inline array comes as a number of that kind.
    ((error,),) = helper.call("RATING_SCALE", 1, (((4.0, helper.error_value(503)),),))
    assert code_of(error) == 503


def test_a_helper_that_dies_is_started_again(helper):
    assert helper.call("RATING_SCALE", 1, (4.0,)) == ((80.0,),)
    helper._helper.kill()
    helper._helper.wait()
    assert helper.call("RATING_SCALE", 1, (3.0,)) == ((60.0,),)


def test_without_a_helper_the_answer_is_an_unknown_name(helper, tmp_path):
    helper.COMMAND = [str(tmp_path / "no-such-program")]
    ((error,),) = helper.call("RATING_SCALE", 1, (4.0,))
    assert code_of(error) == CALC_NUMBER_OF_ERROR[CellError.NAME]
    helper.COMMAND = [sys.executable, "-c", "pass"]
    ((error,),) = helper.call("RATING_SCALE", 1, (4.0,))
    assert code_of(error) == CALC_NUMBER_OF_ERROR[CellError.NAME]


def test_the_helper_answers_line_by_line_and_errors_by_number():
    target = io.BytesIO()
    lines = [
        ["RATING_SCALE", [4, {"error": 524}]],
        ["NO_SUCH", []],
        ["RATING_SCALE", [["x"]]],
    ]
    answer_questions(
        io.BytesIO(b"".join(json.dumps(line).encode() + b"\n" for line in lines)),
        target,
    )
    assert [json.loads(line) for line in target.getvalue().splitlines()] == [
        [[{"error": 524}]],
        [[{"error": 525}]],
        [[{"error": 519}]],
    ]
    assert set(CALC_NUMBER_OF_ERROR) == set(CellError)


def test_what_functions_print_stays_out_of_the_answers():
    code = (
        "import sys\n"
        "from xlcity.hosts.calc import server\n"
        "server.answer_question = lambda question: print('noise') or b'[[1.0]]'\n"
        "server.serve_on_pipes(server.answer_questions)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], input=b"[]\n", capture_output=True, check=True
    )
    assert done.stdout == b"[[1.0]]\n"
    assert b"noise" in done.stderr


def test_numbers_keep_every_digit_on_their_way():
    value = 0.1 + 0.2
    (row,) = json.loads(
        answer_question(json.dumps(["RATING_SCALE", [value, 1]]).encode())
    )
    assert row == [value / 1 * 100]


@pytest.fixture
def user(tmp_path):
    return tmp_path / "user"


def listed(user):
    root = ET.parse(user / "basic" / "Standard" / "script.xlb").getroot()
    return [element.get(f"{NAME_SPACE}library}}name") for element in root]


def test_install_status_remove_in_a_fresh_profile(user):
    assert profile.bridge_state(user) is Availability.ABSENT
    profile.install_bridge(user)
    assert profile.bridge_state(user) is Availability.INSTALLED
    assert listed(user) == [MODULE]
    assert (user / "Scripts" / "python" / SCRIPT).is_file()
    profile.install_bridge(user)
    assert listed(user) == [MODULE]
    profile.remove_bridge(user)
    assert profile.bridge_state(user) is Availability.ABSENT
    assert listed(user) == []


@pytest.mark.parametrize(
    "ending", ["/>", '>\n <library:element library:name="Mine"/>\n</library:library>']
)
def test_modules_of_the_user_stay(user, ending):
    standard = user / "basic" / "Standard"
    standard.mkdir(parents=True)
    before = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE library:library PUBLIC '
        '"-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "library.dtd">\n<library:library '
        'xmlns:library="http://openoffice.org/2000/library" library:name="Standard" '
        f'library:readonly="false" library:passwordprotected="false"{ending}'
    )
    (standard / "script.xlb").write_text(before, encoding="utf-8")
    mine = listed(user)
    profile.install_bridge(user)
    assert listed(user) == [*mine, MODULE]
    profile.remove_bridge(user)
    assert listed(user) == mine


def test_what_was_written_for_another_python_is_outdated(user):
    profile.install_bridge(user)
    script = user / "Scripts" / "python" / SCRIPT
    script.write_text(profile.script_text(["python3"], ""), encoding="utf-8")
    assert profile.bridge_state(user) is Availability.OUTDATED
    profile.install_bridge(user)
    assert profile.bridge_state(user) is Availability.INSTALLED


@pytest.mark.parametrize(
    ("system", "variables", "folder"),
    [
        ("linux", {}, "home/.config/libreoffice/4/user"),
        ("linux", {"XDG_CONFIG_HOME": "conf"}, "conf/libreoffice/4/user"),
        ("darwin", {}, "home/Library/Application Support/LibreOffice/4/user"),
        ("win32", {"APPDATA": "roaming"}, "roaming/LibreOffice/4/user"),
        ("win32", {"XLCITY_LIBREOFFICE_PROFILE": "own"}, "own/user"),
    ],
)
def test_where_profiles_are(monkeypatch, tmp_path, system, variables, folder):
    for name in ("XDG_CONFIG_HOME", "APPDATA", "XLCITY_LIBREOFFICE_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, str(tmp_path / value))
    monkeypatch.setattr(profile.Path, "home", lambda: tmp_path / "home")
    monkeypatch.setattr(sys, "platform", system)
    assert profile.user_folders()[0] == tmp_path / folder


def test_the_file_that_a_dead_libreoffice_left_is_named(tmp_path):
    remedy = close_office_remedy(tmp_path / "user", "remove")
    assert f"delete {tmp_path / '.lock'} first" in remedy
    assert "xlcity udf remove --host" in remedy


@pytest.mark.parametrize("maker", [True, False])
def test_a_profile_is_made_only_where_there_is_none(tmp_path, monkeypatch, maker):
    """Only by who can make one; the library is installed in each."""
    used = tmp_path / "used" / "user"
    new = tmp_path / "new" / "user"
    for folder in (used, new):
        folder.mkdir(parents=True)
    (used / "registrymodifications.xcu").write_text("<x/>")
    made = []
    installed = []
    monkeypatch.setattr(manage, "unsandboxed_profiles", lambda: [used, new])
    monkeypatch.setattr(manage.profile, "install_bridge", installed.append)
    monkeypatch.setattr(manage, "profile_states", lambda program: [program])
    assert manage.install_in_profiles("soffice", made.append if maker else None) == [
        "soffice"
    ]
    assert made == ([new.parent] if maker else [])
    assert installed == [used, new]
    assert manage.install_in_profiles(None, made.append) == [None]
    assert len(installed) == 2


def test_the_library_is_removed_where_the_program_is_closed(tmp_path, monkeypatch):
    closed = tmp_path / "closed"
    opened = tmp_path / "open"
    removed = []
    monkeypatch.setattr(manage, "_likely_profiles", lambda: [closed, opened])
    monkeypatch.setattr(manage, "is_office_open", lambda folder: folder == opened)
    monkeypatch.setattr(manage.profile, "remove_bridge", removed.append)
    states = manage.remove_from_profiles(None)
    assert removed == [closed]
    assert len(states) == 2
    assert states[1].remedy == close_office_remedy(opened, "remove")
    assert states[0].remedy != states[1].remedy
