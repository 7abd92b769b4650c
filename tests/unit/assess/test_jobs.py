"""The same replicates by several processes."""

import os
import signal
import subprocess
import sys
import time

import pytest

from tests.helpers.robust import EVERYTHING, inputs_of, invented
from xlcity.api.index import Index
from xlcity.assess import plan as planning
from xlcity.assess.plan import make_plan
from xlcity.assess.uncertainty import uncertainty

VARY = ["normalise=own,rank", "weights=noise:30%", "data=normal:10%"]


def same(one, other):
    assert one.stages.keys() == other.stages.keys()
    for count, tallied in one.stages.items():
        assert tallied.ranks.tobytes() == other.stages[count].ranks.tobytes()
        assert tallied.above.tobytes() == other.stages[count].above.tobytes()


def test_processes_and_chunks_change_no_byte():
    plan = make_plan(*invented(), VARY)
    here = uncertainty(plan, 300)
    for jobs, chunk in ((2, 7), (1, 256), (2, 10_000)):
        same(here, uncertainty(plan, 300, jobs=jobs, chunk=chunk))


def test_recipes_that_are_forgotten_change_nothing(monkeypatch):
    plan = make_plan(*invented(), EVERYTHING)
    here = uncertainty(plan, 90, chunk=30)
    monkeypatch.setattr(planning, "_MOST_RECIPES", 5)
    less = make_plan(*invented(), EVERYTHING)
    same(here, uncertainty(less, 90, chunk=30))
    assert len(less._recipes) <= 5 + 2 * 30


def test_progress_counts_every_replicate():
    told = []
    inputs = inputs_of(*invented())
    Index.of(inputs).assess(
        100, vary=VARY, progress=lambda done, whole: told.append((done, whole))
    )
    assert told[-1] == (100 + 64 * 5, 100 + 64 * 5)
    assert told == sorted(told)


@pytest.mark.slow
@pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has no process groups of this kind"
)
def test_an_interrupt_ends_all_processes_without_a_word_too_many():
    words = [
        sys.executable,
        "-m",
        "xlcity",
        "assess",
        "image2025",
        "--n",
        "1000000",
        "--jobs",
        "2",
    ]
    process = subprocess.Popen(
        words,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    deadline = time.monotonic() + 30
    while not children(process.pid) and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(0.5)
    # As a terminal does: to all of them.
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (130, "", "xlcity: interrupted\n")
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)


def children(pid):
    """Return processes that a process has started, besides those that watch over them."""
    found = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True
    )
    return found.stdout.split()[1:]
