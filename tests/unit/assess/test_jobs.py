"""The same replicates by several processes and by a Dask cluster, here one of this machine."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from tests.helpers.cli import run_json
from tests.helpers.robust import EVERYTHING, inputs_of, invented
from xlcity.api.assessment import assess
from xlcity.assess import plan as planning
from xlcity.assess.plan import make_plan
from xlcity.assess.uncertainty import uncertainty

VARY = ["normalise=own,rank", "weights=noise:30%", "data=normal:10%"]


@pytest.fixture(scope="module")
def cluster():
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=2,
            processes=False,
            protocol="tcp://",
            dashboard_address=None,
        ) as made,
        distributed.Client(made, set_as_default=False) as client,
    ):
        yield made.scheduler_address, client


def same(one, other):
    assert one.stages.keys() == other.stages.keys()
    for count, tallied in one.stages.items():
        assert tallied.ranks.tobytes() == other.stages[count].ranks.tobytes()
        assert tallied.above.tobytes() == other.stages[count].above.tobytes()


def test_a_cluster_gives_the_same_bytes_for_any_chunk(cluster):
    plan = make_plan(*invented(), VARY)
    here = uncertainty(plan, 300)
    for chunk in (7, 256, 10_000):
        same(here, uncertainty(plan, 300, client=cluster[1], chunk=chunk))


def test_the_document_from_a_cluster_is_the_one_made_here(capsys, cluster):
    words = ("assess", "vitality2014", "--n", "70", "--vary", "weights=noise:30%")
    here = run_json(capsys, *words)[1]
    there = run_json(capsys, *words, "--scheduler", cluster[0])[1]
    assert json.dumps({**here, "seconds": 0}) == json.dumps({**there, "seconds": 0})


def test_a_scheduler_that_is_not_there(capsys, monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.setattr("xlcity.recalc.files.cluster._CONNECT", 0.2)
    words = ("assess", "image2025", "--scheduler", "tcp://127.0.0.1:1")
    code, document = run_json(capsys, *words)
    assert (code, document["errors"][0]["code"]) == (4, "XC531")


def test_without_dask(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    words = ("assess", "image2025", "--scheduler", "tcp://127.0.0.1:1")
    code, document = run_json(capsys, *words)
    assert (code, document["errors"][0]["code"]) == (4, "XC530")


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
    assess(
        inputs, 100, vary=VARY, chunk=40, progress=lambda done, whole: told.append((done, whole))
    )
    assert told[-1] == (100 + 64 * 5, 100 + 64 * 5)
    assert told == sorted(told)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no process groups of this kind")
def test_an_interrupt_ends_all_processes_without_a_word_too_many():
    words = [sys.executable, "-m", "xlcity", "assess", "image2025", "--n", "1000000", "--jobs", "2"]
    process = subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
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
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True)
    return found.stdout.split()[1:]


@pytest.mark.long
def test_many_replicates_on_a_cluster_begin_with_the_same_and_need_no_more_memory():
    resource = pytest.importorskip("resource")
    distributed = pytest.importorskip("distributed")
    plan = make_plan(*invented(n=12, k=6), VARY)
    # Processes of their own: what threads of one process keep says nothing of a worker.
    workers = distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
    with workers, distributed.Client(workers, set_as_default=False) as client:
        client.wait_for_workers(2)

        def memory():
            """Return the most this process ever held, and what each worker holds, in MB."""
            most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            held = client.run(lambda: __import__("psutil").Process().memory_info().rss)
            unit = 1 << (20 if sys.platform == "darwin" else 10)
            return most / unit, max(held.values()) / (1 << 20)

        few = uncertainty(plan, 10_000, client=client)
        before = memory()
        many = uncertainty(plan, 160_000, client=client)
        grown = [now - then for now, then in zip(memory(), before, strict=True)]
    assert many.stages[10_000].ranks.tobytes() == few.counts.ranks.tobytes()
    assert many.stages[10_000].above.tobytes() == few.counts.above.tobytes()
    assert max(grown) < 40, grown
