"""The same tasks on a Dask cluster, here one of this machine."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.cli import run_json
from xlcity.recalc.files.jobs import Job, run_jobs


@pytest.fixture(scope="module")
def scheduler():
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=1,
        threads_per_worker=1,
        processes=False,
        protocol="tcp://",
        dashboard_address=None,
    ) as cluster:
        yield cluster.scheduler_address


def test_files_from_a_cluster_are_those_made_here(simple, tmp_path, capsys, scheduler):
    for name in ("a.xlsx", "sub/b.xlsx", "c.xlsx"):
        simple(f"in/{name}", C1="=SUM(A1:B1)", D1="=ISNUMBER(#REF!)")
    (tmp_path / "in" / "bad.xlsx").write_text("no workbook")
    folder = tmp_path / "in"
    here = tmp_path / "here"
    there = tmp_path / "there"
    there_words = ("recalc", folder, "--outdir", there, "--scheduler", scheduler)
    code, document = run_json(capsys, *there_words)
    assert (code, document["ok"], document["failed"]) == (3, 3, 1)
    code, local = run_json(capsys, "recalc", folder, "--outdir", here)
    assert code == 3
    made = sorted(p.relative_to(here) for p in here.rglob("*.xlsx"))
    assert made == [Path("a.xlsx"), Path("c.xlsx"), Path("sub/b.xlsx")]
    for name in made:
        assert (here / name).read_bytes() == (there / name).read_bytes()
    differing = {"out", "seconds"}
    for mine, theirs in zip(local["workbooks"], document["workbooks"], strict=True):
        assert {k: v for k, v in mine.items() if k not in differing} == {
            k: v for k, v in theirs.items() if k not in differing
        }


@pytest.mark.parametrize("given", ["new/deep", "there/deep"])
def test_a_run_without_results_leaves_no_new_folder(
    simple, tmp_path, capsys, monkeypatch, given
):
    simple("in/sub/a.xlsx", C1="=SUM(A1:B1)")
    (tmp_path / "there").mkdir()
    before = sorted(tmp_path.rglob("*"))
    monkeypatch.setitem(sys.modules, "distributed", None)
    words = ("--outdir", tmp_path / given, "--scheduler", "tcp://127.0.0.1:1")
    code, document = run_json(capsys, "recalc", tmp_path / "in", *words)
    assert (code, document["errors"][0]["code"]) == (4, "XC530")
    assert sorted(tmp_path.rglob("*")) == before


def test_small_files_go_together_and_large_ones_alone(
    simple, tmp_path, monkeypatch, scheduler
):
    """With few files every thread has some; what is not needed yet is not read."""
    from xlcity.recalc.files import cluster

    jobs = [Job(simple(f"{n}.xlsx"), tmp_path / f"out{n}.xlsx") for n in range(20)]
    sizes = []
    submit = cluster._ClusterRun._submit

    def counted(run, files):
        sizes.append(len(files))
        submit(run, files)

    monkeypatch.setattr(cluster._ClusterRun, "_submit", counted)
    outcomes = cluster.run_on_cluster(jobs, scheduler)
    assert {outcome.entry["status"] for outcome in outcomes} == {"ok"}
    # Four tasks for one thread, of five files each.
    assert sizes == [5, 5, 5, 5]
    sizes.clear()
    monkeypatch.setattr(cluster, "_BATCH_BYTES", 1)
    cluster.run_on_cluster(jobs[:8], scheduler)
    assert sizes == [1] * 8


def test_a_batch_that_is_lost_is_tried_file_by_file(
    simple, tmp_path, monkeypatch, scheduler
):
    from distributed import KilledWorker

    from xlcity.recalc.files import cluster

    jobs = [Job(simple(f"{n}.xlsx"), tmp_path / f"out{n}.xlsx") for n in range(12)]
    compute = cluster._compute_on_worker

    def fragile(work):
        if any(job.source.name == "7.xlsx" for job, _ in work):
            raise KilledWorker("task", None, 3)
        return compute(work)

    monkeypatch.setattr(cluster, "_compute_on_worker", fragile)
    outcomes = cluster.run_on_cluster(jobs, scheduler)
    failed = [o.entry for o in outcomes if o.entry["status"] == "failed"]
    assert [Path(entry["in"]).name for entry in failed] == ["7.xlsx"]
    assert failed[0]["error"]["kind"] == "engine"


def test_outcomes_come_in_the_order_of_the_jobs(simple, tmp_path, scheduler):
    from xlcity.recalc.files.cluster import run_on_cluster

    jobs = [Job(simple(f"{n}.xlsx"), tmp_path / f"out{n}.xlsx") for n in range(5)]
    told = []
    outcomes = run_on_cluster(jobs, scheduler, told.append)
    assert [o.entry["in"] for o in outcomes] == [str(job.source) for job in jobs]
    assert len(told) == 5
    again = run_jobs([Job(job.target, job.target) for job in jobs])
    assert all(o.entry["in_sha256"] == o.entry["out_sha256"] for o in again)


@pytest.mark.slow
@pytest.mark.parametrize("lost", [1, 2])
def test_workers_that_are_lost(simple, tmp_path, monkeypatch, lost):
    """Another one takes over; without any, each file that is left is named, and nothing hangs."""
    distributed = pytest.importorskip("distributed")
    from xlcity.recalc.files.cluster import run_on_cluster

    monkeypatch.setattr("xlcity.recalc.files.cluster.CONNECT_SECONDS", 5.0)
    jobs = [Job(simple(f"{n}.xlsx"), tmp_path / f"out{n}.xlsx") for n in range(40)]
    options = {"processes": False, "protocol": "tcp://", "dashboard_address": ":0"}
    with distributed.LocalCluster(n_workers=0, **options) as cluster:
        words = [
            "-m",
            "distributed.cli.dask_worker",
            cluster.scheduler_address,
            "--no-nanny",
            "--nthreads",
            "1",
            "--no-dashboard",
        ]
        quiet = {
            "stdout": subprocess.DEVNULL,
            "stderr": subprocess.DEVNULL,
            "cwd": tmp_path,
        }
        workers = [
            subprocess.Popen([sys.executable, *words], **quiet) for _ in range(2)
        ]
        try:
            with distributed.Client(cluster.scheduler_address) as client:
                client.wait_for_workers(2, timeout=60)
            killed = iter(workers[:lost])
            outcomes = run_on_cluster(
                jobs,
                cluster.scheduler_address,
                lambda _: [one.kill() for one in killed],
            )
        finally:
            for worker in workers:
                worker.kill()
                worker.wait()
    failed = [
        outcome.entry for outcome in outcomes if outcome.entry["status"] == "failed"
    ]
    assert [outcome.entry["in"] for outcome in outcomes] == [
        str(job.source) for job in jobs
    ]
    if lost == 1:
        assert failed == []
    else:
        assert 0 < len(failed) < len(jobs)
        assert all("it has no workers" in entry["error"]["message"] for entry in failed)
    assert sum(job.target.exists() for job in jobs) == len(jobs) - len(failed)


def test_a_scheduler_that_is_not_there(simple, tmp_path, capsys, monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.setattr("xlcity.recalc.files.cluster.CONNECT_SECONDS", 0.2)
    words = ("recalc", simple(), "-o", tmp_path / "out.xlsx", "--scheduler")
    for address in ("tcp://127.0.0.1:1", "nonsense://"):
        code, document = run_json(capsys, *words, address)
        assert (code, document["errors"][0]["code"]) == (4, "XC531")
    assert not (tmp_path / "out.xlsx").exists()


def test_without_dask(simple, tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    words = (
        "recalc",
        simple(),
        "-o",
        tmp_path / "out.xlsx",
        "--scheduler",
        "tcp://127.0.0.1:1",
    )
    code, document = run_json(capsys, *words)
    assert (code, document["errors"][0]["code"]) == (4, "XC530")
    assert "xlcity[cluster]" in document["errors"][0]["hint"]
