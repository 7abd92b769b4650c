"""`formulas` compiles a template once; its copies give what they give alone."""

import io

import xlsxwriter

from xlcity.recalc.engines import formulas
from xlcity.recalc.engines import formulas_process as formulas_child
from xlcity.recalc.files.jobs import Job, run_jobs
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.package import Package


def book(path, values, extra="=SUM(A1:A4)"):
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as made:
        sheet = made.add_worksheet("S")
        for row, value in enumerate(values):
            if value is not None:
                sheet.write(row, 0, value)
        sheet.write_formula("B1", extra)
        sheet.write_formula("B2", '=IF(A2="x",A1&"!",A2*2)')
        sheet.write_formula("B3", '=COUNTIF(A1:A4,">2")+COUNT(A1:A4)')
        sheet.write_array_formula("C1:C4", "{=ZSCORE_WINSOR(A1:A4)}")
    path.write_bytes(out.getvalue())
    return path


def test_copies_of_one_template_are_compiled_once(tmp_path):
    folder = tmp_path / "one"
    folder.mkdir()
    models = formulas_child.ModelCache()
    compiled = []
    for n, (values, extra, again) in enumerate(
        [
            ((1, 2, 3, 4), "=SUM(A1:A4)", False),
            ((10, 20, 5, 1), "=SUM(A1:A4)", True),
            ((10, "x", True, 7.5), "=SUM(A1:A4)", True),
            ((10, None, 3, 7.5), "=SUM(A1:A4)", False),  # a blank has no place in the model
        ]
    ):
        path = book(folder / "book.xlsx", values, extra)
        before = models.model
        found = formulas_child.compute(path, models)
        if again:
            assert found == formulas_child.compute(path), n
        assert (models.model is before) == again, n
        compiled.append(found["S"][1, 2])
    assert compiled == [1 + 2 + 3 + 4, 10 + 20 + 5 + 1, 10 + 7.5, 10 + 3 + 7.5]


def test_one_process_for_many_files(tmp_path):
    sources = [book(tmp_path / f"{n}.xlsx", (n, 2, 3, 4)) for n in range(3)]
    (tmp_path / "bad.xlsx").write_bytes(sources[0].read_bytes()[:-40])
    sources.insert(1, tmp_path / "bad.xlsx")
    jobs = [Job(p, tmp_path / f"out-{p.name}", "formulas") for p in sources]
    outcomes = run_jobs(jobs)
    assert [o.entry["status"] for o in outcomes] == ["ok", "failed", "ok", "ok"]
    for n in range(3):
        assert read_book(Package.read(tmp_path / f"out-{n}.xlsx")).value("S", 1, 2) == n + 9
    assert formulas._KEPT == []


def test_a_process_that_is_lost_is_replaced(tmp_path):
    formulas.keep_process()
    try:
        source, target = book(tmp_path / "book.xlsx", (1, 2, 3, 4)), tmp_path / "values.json"
        kept = formulas._KEPT[0]
        assert kept.run(source, target, 60)
        first = kept._worker
        first._process.kill()
        first._process.wait()
        assert not kept.run(source, target, 60)
        assert kept.run(source, target, 60)
        assert kept._worker is not first
    finally:
        formulas.end_process()
