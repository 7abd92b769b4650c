import pytest

from xlcity.errors import UsageError
from xlcity.recalc.files import jobs
from xlcity.recalc.files.jobs import Job, run_job, run_jobs
from xlcity.recalc.files.targets import plan_outputs
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.package import Package


def b1(path):
    return read_book(Package.read(path)).value("S", 1, 2)


def test_an_entry_of_the_contract(simple, tmp_path):
    source = simple()
    target = tmp_path / "out.xlsx"
    before = source.read_bytes()
    entry = run_job(Job(source, target)).entry
    assert set(entry) >= {
        "in",
        "out",
        "engine",
        "udf_by",
        "formula_cells",
        "udf_cells",
        "seconds",
        "errors",
        "unverified",
        "verified",
        "status",
        "error",
    }
    assert (entry["status"], entry["formula_cells"], entry["engine"]) == (
        "ok",
        1,
        "formualizer",
    )
    assert entry["seconds"] > 0
    assert b1(target) == 2 * 21
    assert source.read_bytes() == before


def test_a_recalculated_file_is_copied_byte_for_byte(simple, tmp_path):
    run_job(Job(simple(), tmp_path / "one.xlsx"))
    run_job(Job(tmp_path / "one.xlsx", tmp_path / "two.xlsx"))
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()


def test_in_place_keeps_the_old_file_beside_it(simple, tmp_path):
    source = simple()
    before = source.read_bytes()
    run_job(Job(source, source))
    assert b1(source) == 42
    assert (tmp_path / "book.xlsx.bak").read_bytes() == before
    after = source.stat().st_mtime_ns
    run_job(Job(source, source))
    assert source.stat().st_mtime_ns == after
    assert (tmp_path / "book.xlsx.bak").read_bytes() == before


def test_in_place_without_a_backup(simple, tmp_path):
    source = simple()
    run_job(Job(source, source, backup=False))
    assert b1(source) == 42
    assert [p.name for p in tmp_path.iterdir()] == ["book.xlsx"]


@pytest.mark.parametrize("lock", ["~$book.xlsx", ".~lock.book.xlsx#"])
def test_an_open_file_is_read_and_not_overwritten(simple, tmp_path, lock):
    source = simple()
    (tmp_path / lock).write_bytes(b"me")
    run_job(Job(source, tmp_path / "out.xlsx"))
    assert b1(tmp_path / "out.xlsx") == 42
    (problem,) = run_job(Job(source, source)).problems
    assert "open" in problem.message
    assert b1(source) == 0


def test_a_failure_writes_nothing_and_names_the_file(simple, tmp_path):
    source = simple(C1="=D1", D1="=C1")
    outcome = run_job(Job(source, tmp_path / "out.xlsx"))
    assert outcome.entry["status"] == "failed"
    assert "C1" in outcome.entry["error"]["message"]
    assert outcome.problems[0].where.file == str(source)
    assert outcome.exit_code == 4
    assert not (tmp_path / "out.xlsx").exists()


def test_a_breakdown_is_a_failure_of_one_file(simple, tmp_path, monkeypatch):
    monkeypatch.setattr("xlcity.recalc.files.jobs.recalculate", lambda *_, **__: 1 / 0)
    outcome = run_job(Job(simple(), tmp_path / "out.xlsx"))
    assert outcome.exit_code == 4
    assert "ZeroDivisionError" in outcome.entry["error"]["message"]


def test_one_bad_file_does_not_stop_the_others(simple, tmp_path):
    good = simple("a.xlsx")
    other = simple("c.xlsx")
    bad = tmp_path / "b.xlsx"
    bad.write_text("no workbook")
    out = tmp_path / "out"
    out.mkdir()
    jobs = [Job(p, out / p.name, parallel=False) for p in (good, bad, other)]
    for workers in (1, 2):
        told = []
        outcomes = run_jobs(jobs, workers, told.append)
        assert [o.entry["status"] for o in outcomes] == ["ok", "failed", "ok"]
        assert [o.entry["in"] for o in outcomes] == [str(good), str(bad), str(other)]
        assert len(told) == 3
        assert sorted(p.name for p in out.iterdir()) == ["a.xlsx", "c.xlsx"]
        assert b1(out / "c.xlsx") == 42


def test_copies_give_the_same_bytes_together_as_alone(simple, tmp_path):
    """What one file has in common with the one before is not read again."""
    first = simple("a.xlsx", C1="=B1+1", D1='=A1&" x"')
    package = Package.read(first)
    sheet = "xl/worksheets/sheet1.xml"
    xml = package.parts[sheet].decode()
    changes = (
        ("<v>2<", "<v>7<"),
        ("B1+1", "B1+2"),
        ("<v>2<", "<v><"),
        ('"A1"', '"A2"'),
    )
    for n, (old, new) in enumerate(changes):
        assert old in xml, old
        changed = xml.replace(old, new).encode()
        (tmp_path / f"b{n}.xlsx").write_bytes(
            package.replace({sheet: changed}).to_bytes()
        )
    sources = [first, *sorted(tmp_path.glob("b?.xlsx")), simple("c.xlsx", C1="=A1")]
    for folder in ("alone", "together"):
        (tmp_path / folder).mkdir()
    alone = [run_job(Job(path, tmp_path / "alone" / path.name)) for path in sources]
    together = run_jobs(
        [Job(path, tmp_path / "together" / path.name) for path in sources]
    )
    assert [o.entry["status"] for o in alone] == [o.entry["status"] for o in together]
    assert b1(tmp_path / "together" / "b0.xlsx") == 147
    for path in (tmp_path / "alone").iterdir():
        assert path.read_bytes() == (tmp_path / "together" / path.name).read_bytes(), (
            path
        )


def test_two_inputs_with_one_output_name_are_refused():
    with pytest.raises(UsageError, match="both be written") as caught:
        plan_outputs(
            ["a/x.xlsx", "b/X.xlsx", "a/y.xlsx", "c/x.xlsx"],
            None,
            "out",
            in_place=False,
        )
    assert [p.where.file for p in caught.value.problems] == ["b/X.xlsx", "c/x.xlsx"]


def test_a_file_that_is_named_twice_is_told_as_such():
    for outdir, in_place in ((None, True), ("out", False)):
        with pytest.raises(UsageError, match="named twice") as caught:
            plan_outputs(["a.xlsx", "./a.xlsx"], None, outdir, in_place=in_place)
        assert [p.code for p in caught.value.problems] == ["XC104"]


def test_the_input_is_no_output_unless_asked(tmp_path):
    source = tmp_path / "a.xlsx"
    for out, outdir in (
        (source, None),
        (tmp_path / "x" / ".." / "a.xlsx", None),
        (None, tmp_path),
    ):
        with pytest.raises(UsageError, match="--in-place"):
            plan_outputs([source], out, outdir, in_place=False)
    assert plan_outputs([source], None, None, in_place=True) == [(source, source)]


def test_one_output_for_several_inputs(tmp_path):
    with pytest.raises(UsageError, match="--outdir"):
        plan_outputs(["a.xlsx", "b.xlsx"], "c.xlsx", None, in_place=False)
    with pytest.raises(UsageError, match="no output"):
        plan_outputs(["a.xlsx"], None, None, in_place=False)
    with pytest.raises(UsageError, match="convert"):
        plan_outputs(["a.xlsx"], "a.xls", None, in_place=False)


def test_every_outcome_has_its_seconds(simple, tmp_path, monkeypatch):
    source = simple()
    fine = run_job(Job(source, tmp_path / "out.xlsx"))
    absent = run_job(Job(tmp_path / "absent.xlsx", tmp_path / "out2.xlsx"))
    monkeypatch.setattr(jobs, "write_output", lambda *_, **__: 1 / 0)
    unwritten = run_job(Job(source, tmp_path / "out3.xlsx"))
    assert [outcome.entry["status"] for outcome in (fine, absent, unwritten)] == [
        "ok",
        "failed",
        "failed",
    ]
    assert [outcome.exit_code for outcome in (fine, absent, unwritten)] == [0, 3, 4]
    for outcome in (fine, absent, unwritten):
        assert 0 < outcome.entry["seconds"] < 60
