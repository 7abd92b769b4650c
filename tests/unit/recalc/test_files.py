import os
from pathlib import Path

import pytest

from xlcity.errors import UsageError, WorkbookError
from xlcity.recalc.files.targets import find_workbooks, plan_outputs
from xlcity.xlsx.package import Package


@pytest.fixture
def folder(tmp_path, monkeypatch):
    for name in (
        "a.xlsx",
        "sub/b.XLSM",
        "sub/c.csv",
        "sub/~$b.xlsm",
        ".d.xlsx",
        "done/a.xlsx",
    ):
        path = tmp_path / "books" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def names(found):
    return [(str(item.path), str(item.name)) for item in found]


def test_a_folder_stands_for_the_workbooks_in_it_and_below(folder):
    found = find_workbooks(["books"], "books/done")
    assert names(found) == [
        ("books/a.xlsx", "a.xlsx"),
        ("books/sub/b.XLSM", "sub/b.XLSM"),
    ]
    assert [
        str(target) for _, target in plan_outputs(found, None, "out", in_place=False)
    ] == [
        "out/a.xlsx",
        "out/sub/b.XLSM",
    ]


def test_a_pattern_that_no_shell_expanded(folder):
    assert names(find_workbooks(["books/**/*.xlsx"], "books/done")) == [
        ("books/a.xlsx", "a.xlsx")
    ]
    assert names(find_workbooks([str(folder / "b*" / "sub" / "*.XLSM")])) == [
        (str(folder / "books/sub/b.XLSM"), "books/sub/b.XLSM")
    ]


def test_a_file_is_taken_as_it_is_named_even_if_it_is_not_there(folder):
    assert names(find_workbooks(["no.xlsx", "books/~$x.xlsx"])) == [
        ("no.xlsx", "no.xlsx")
    ]
    (folder / "odd[1].xlsx").write_bytes(b"")
    assert names(find_workbooks(["odd[1].xlsx"])) == [("odd[1].xlsx", "odd[1].xlsx")]


def test_what_stands_for_nothing_is_refused_all_at_once(folder):
    (folder / "empty").mkdir()
    with pytest.raises(UsageError) as caught:
        find_workbooks(["empty", "books/*.xls", "books"])
    assert [(p.code, p.where.file) for p in caught.value.problems] == [
        ("XC105", "empty"),
        ("XC105", "books/*.xls"),
    ]


def test_a_folder_with_a_workbooks_name_does_not_stop_the_others(folder):
    (folder / "odd.xlsx").mkdir()
    found = find_workbooks(["odd.xlsx", "books"], "books/done")
    assert names(found)[:2] == [("odd.xlsx", "odd.xlsx"), ("books/a.xlsx", "a.xlsx")]


def test_a_folder_names_workbooks_of_other_formats(folder):
    """They cannot be read: left out without a word, the folder would count as complete."""
    for name in ("old.xls", "sub/open.ods"):
        (folder / "books" / name).write_bytes(b"")
    assert [str(item.path) for item in find_workbooks(["books"], "books/done")] == [
        "books/a.xlsx",
        "books/old.xls",
        "books/sub/b.XLSM",
        "books/sub/open.ods",
    ]


def test_a_folder_below_that_cannot_be_read_fails_as_a_workbook_does(
    folder, monkeypatch
):
    scan = os.scandir
    access = os.access

    def refuse(path):
        if Path(path).name == "sub":
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    monkeypatch.setattr(
        os, "access", lambda p, mode: Path(p).name != "sub" and access(p, mode)
    )
    found = find_workbooks(["books"], "books/done")
    assert [str(item.path) for item in found] == ["books/a.xlsx", "books/sub"]
    with pytest.raises(WorkbookError, match="books/sub: the folder cannot be read"):
        Package.read(found[1].path)


@pytest.mark.parametrize("outdir", ["books", "books/../books", "."])
def test_results_among_the_inputs_are_refused(folder, outdir):
    with pytest.raises(
        UsageError, match="books: the results would stand among the inputs"
    ):
        find_workbooks(["books"], outdir)
