"""A machine with one core, little memory or no network, and two runs on one folder."""

import json
import os
import resource
import shutil
import subprocess
import sys

import pytest

from tests.helpers.own import own_bytes
from xlcity.xlsx.save import safe_name

COMMAND = [
    sys.executable,
    "-c",
    "import sys; from xlcity.cli import main; sys.exit(main())",
]
#: Where no network is: a namespace of its own has none.
ALONE = ["unshare", "-rn"]


def can_be_alone():
    return (
        shutil.which("unshare")
        and not subprocess.run([*ALONE, "true"], check=False).returncode
    )


def two_gigabytes():
    resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))


def one_core():
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


NARROW = [
    pytest.param([], two_gigabytes, id="2 GB"),
    pytest.param([], one_core, id="one core"),
    pytest.param(
        ALONE,
        None,
        id="offline",
        marks=pytest.mark.skipif(not can_be_alone(), reason="unshare"),
    ),
]
VERBS = [
    "new image2025 -o new.xlsx",
    "recalc books --outdir out --jobs 2",
    "check books/1.xlsx",
    "assess image2025 --n 50 --jobs 2",
    "report books/1.xlsx -o report --lang en --only ranking-X",
]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "books").mkdir()
    for number in range(1, 9):
        (tmp_path / "books" / f"{number}.xlsx").write_bytes(own_bytes(udf=False))
    return tmp_path


def start(folder, words, before=(), limit=None):
    return subprocess.Popen(
        [*before, *COMMAND, *words.split(), "--json"],
        cwd=folder,
        preexec_fn=limit,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="limits of Linux")
@pytest.mark.parametrize(("before", "limit"), NARROW)
@pytest.mark.parametrize("words", VERBS, ids=lambda words: words.split()[0])
def test_verbs_do_their_work(folder, words, before, limit):
    out, said = (run := start(folder, words, before, limit)).communicate(timeout=120)
    assert run.returncode in (0, 1), said
    assert json.loads(out)["schema"] == 1
    assert "Traceback" not in said


@pytest.mark.slow
def test_two_runs_on_one_folder_at_once(folder):
    runs = [start(folder, "recalc books --outdir out --jobs 1") for _ in range(2)]
    documents = [json.loads(run.communicate(timeout=120)[0]) for run in runs]
    assert [run.returncode for run in runs] == [0, 0], documents
    assert [document["ok"] for document in documents] == [8, 8]
    alone = start(folder, "recalc books --outdir alone --jobs 1")
    assert (alone.communicate(timeout=120), alone.returncode)[1] == 0
    names = sorted(path.name for path in (folder / "books").iterdir())
    assert (
        sorted(path.name for path in (folder / "out").iterdir()) == names
    )  # nothing is left
    for name in names:
        assert (folder / "out" / name).read_bytes() == (
            folder / "alone" / name
        ).read_bytes()


@pytest.mark.parametrize(
    "text",
    [
        "CON",
        "nul.txt",
        "Com1",
        "lpt9.csv",
        "C:x",
        r"C:\x",
        r"\\host\x",
        "a.",
        "a ",
        "a:b",
    ],
)
def test_no_text_becomes_a_name_that_windows_refuses_or_changes(text):
    name = safe_name(text)
    assert name != text
    assert not set(name) & set('\\/:*?"<>|')
    assert name.partition(".")[0].rstrip().upper() not in ("CON", "NUL", "COM1", "LPT9")
    assert name == name.rstrip(". ")
