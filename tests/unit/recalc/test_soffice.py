"""The handling of LibreOffice's process, with a stand-in for LibreOffice."""

import os
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from xlcity.errors import EngineError
from xlcity.hosts.sheet_call import lay_out_call
from xlcity.recalc import office_calls as calls
from xlcity.recalc.engines import soffice
from xlcity.recalc.engines.protocol import CannotComputeError, TimeLimitError

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="the stand-in is a shell script"
)


@pytest.fixture
def stand_in(tmp_path, monkeypatch):
    def make(script: str) -> Path:
        program = tmp_path / "soffice"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        monkeypatch.setenv("XLCITY_SOFFICE", str(program))
        return program

    return make


# The arguments end with: --outdir OUT IN; the first is the profile.
LAST = 'for last; do :; done; out=$(dirname "$(dirname "$last")")/out; mkdir -p "$out"'


def test_the_result_is_what_the_program_saved(stand_in):
    stand_in(f'{LAST}; cat "$last" "$last" > "$out/book.xlsx"')
    assert soffice.recalculate_in_office(b"ab", 20) == b"abab"


def test_the_profile_makes_it_recalculate_always(stand_in):
    stand_in(
        f"{LAST}; profile=${{1#-env:UserInstallation=file://}}; "
        'cat "$profile/user/registrymodifications.xcu" > "$out/book.xlsx"'
    )
    text = soffice.recalculate_in_office(b"x", 20).decode()
    assert '<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value>' in text


@pytest.mark.parametrize("last", ["sleep 60", "exit 0"])
def test_the_time_limit_ends_the_program_and_its_children(stand_in, tmp_path, last):
    stand_in(
        f'echo "$TMPDIR" > {tmp_path}/place; touch "$TMPDIR/lu1.tmp"; '
        f"(sleep 60; touch {tmp_path}/late) & echo $! > {tmp_path}/child; {last}"
    )
    start = time.monotonic()
    with pytest.raises(TimeLimitError, match=r"more than 0\.5 seconds"):
        soffice.recalculate_in_office(b"x", 0.5)
    assert time.monotonic() - start < 15
    child = int((tmp_path / "child").read_text())
    for _ in range(100):
        if not _running(child):
            break
        time.sleep(0.05)
    assert not _running(child)
    # Nor what it had put aside.
    temporary = Path((tmp_path / "place").read_text().strip())
    assert temporary.name.startswith("xlcity-")
    assert not temporary.exists()


def _running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # A zombie that nobody has reaped yet is no running program.
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] != "Z"


def test_a_program_that_saves_nothing(stand_in):
    stand_in("echo source file could not be loaded")
    with pytest.raises(CannotComputeError, match="could not be loaded"):
        soffice.recalculate_in_office(b"x", 20)


def test_no_program(monkeypatch, tmp_path):
    monkeypatch.setenv("XLCITY_SOFFICE", str(tmp_path / "none"))
    with pytest.raises(EngineError, match="not installed"):
        soffice.recalculate_in_office(b"x", 20)


def test_the_version(stand_in):
    program = stand_in("echo 'LibreOffice 7.4.7.2 40(Build:2)'")
    assert soffice.soffice_version(str(program)) == "7.4.7.2"


@pytest.mark.parametrize("kind", ["pyenv", "conda", "uv", "venv"])
def test_the_path_is_the_systems_whatever_stands_first(monkeypatch, tmp_path, kind):
    inside = tmp_path / kind / "bin"
    monkeypatch.setenv("PATH", os.pathsep.join((str(inside), "/usr/bin")))
    names = {
        "VIRTUAL_ENV",
        "CONDA_PREFIX",
        "PYTHONPATH",
        "PYTHONHOME",
        "PYTHONSAFEPATH",
    }
    for name in names:
        monkeypatch.setenv(name, str(inside))
    environment = soffice.program_environment()
    assert not names & set(environment)
    folders = environment["PATH"].split(os.pathsep)
    assert folders[0] == "/usr/bin"
    assert str(inside) not in folders


@pytest.mark.slow
@pytest.mark.libreoffice
def test_libreoffice_runs_scripts_from_a_process_of_another_python(
    monkeypatch, tmp_path
):
    # As conda and uv do: a Python that is not LibreOffice's is the first of the path.
    program = Path(sys.base_prefix) / "bin" / "python3"
    (tmp_path / "python3").symlink_to(program)
    monkeypatch.setenv("PATH", os.pathsep.join((str(tmp_path), os.environ["PATH"])))
    rows = calls.run_calls([lay_out_call("RATING_SCALE", [[[4.0]], [[5.0]]])])[0]
    assert rows == [[80.0]]


def test_documents_that_are_printed_in_time_have_their_pages(stand_in, monkeypatch):
    """Profiles of very many cities take too long; the chapter before them does not."""
    monkeypatch.setattr(soffice, "_SECONDS_TO_PRINT", 1.0)
    program = stand_in(f'{LAST}; echo chapter > "$out/document0.pdf"; sleep 60')
    program.with_name("libswlo.so").touch()  # as a LibreOffice with Writer has
    assert soffice.print_documents([b"chapter", b"profiles"]) == [b"chapter\n", None]


def test_a_long_document_has_more_time_to_be_printed(stand_in, monkeypatch):
    stand_in(f"{LAST}; sleep 0").with_name("libswlo.so").touch()
    given = list[float]()

    def convert(files, _, seconds, **__):
        given.append(seconds)
        return [""] * len(files)

    monkeypatch.setattr(soffice, "convert_with_own_office", convert)
    soffice.print_documents([b"x" * 1_000_000])
    soffice.print_documents([b"x"])
    assert given[0] > 2 * given[1] >= 60.0


@pytest.mark.parametrize(
    ("lost", "expected"), [(0, b"shared"), (1, b"shared"), (2, b"own")]
)
def test_a_workbook_goes_to_the_shared_libreoffice_and_after_two_losses_to_its_own(
    monkeypatch, lost, expected
):
    asked = []

    def compute(data, deadline):
        asked.append(data)
        if len(asked) <= lost:
            raise soffice.LostError
        return b"shared"

    monkeypatch.setattr(
        soffice, "_SHARED_OFFICES", [SimpleNamespace(recalculate=compute)]
    )
    monkeypatch.setattr(soffice, "find_soffice", lambda: "soffice")
    monkeypatch.setattr(soffice, "_python_with_uno", lambda: "python")
    monkeypatch.setattr(soffice, "convert_with_own_office", lambda *_: [b"own"])
    assert soffice.recalculate_in_office(b"book", 9.0) == expected
    assert asked == [b"book"] * min(lost + 1, 2)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="bounded on Linux")
@pytest.mark.parametrize(("free", "bound"), [("3000", 3000), ("5", 512)])
def test_its_memory_is_bounded_by_what_is_free(stand_in, monkeypatch, free, bound):
    monkeypatch.setenv("XLCITY_MEMORY_MB", free)
    stand_in(f'{LAST}; ulimit -d > "$out/book.xlsx"')
    kilobytes = int(soffice.recalculate_in_office(b"x", 20))
    assert kilobytes == bound * 1024


def test_a_breakdown_is_said_without_its_stack(stand_in):
    stand_in('echo "Fatal exception: Signal 6"; echo "Stack: 0x7f94"; exit 1')
    with pytest.raises(CannotComputeError) as raised:
        soffice.recalculate_in_office(b"x", 20)
    (problem,) = raised.value.problems
    assert "too little memory" in problem.message
    assert "Stack" not in problem.message
    assert "XLCITY_MEMORY_MB" in problem.hint
