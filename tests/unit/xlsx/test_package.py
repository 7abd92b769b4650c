import io
import os
import re
import signal
import stat
import struct
import subprocess
import sys
import tempfile
import zipfile
import zlib
from pathlib import Path

import pytest

from xlcity.errors import WorkbookError
from xlcity.xlsx import limits
from xlcity.xlsx.atomic import (
    is_abandoned,
    remove_leftovers,
    write_atomic,
    write_new_folder,
)
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.editing.rename_sheets import rename_sheets
from xlcity.xlsx.editing.sheet_editor import SheetEditor
from xlcity.xlsx.features import read_features
from xlcity.xlsx.package import Package
from xlcity.xlsx.properties import read_book_settings
from xlcity.xlsx.relations import Relations
from xlcity.xlsx.save import write_files

OLE = bytes.fromhex("D0CF11E0A1B11AE1")
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
CELL = '<row r="1"><c r="A1"><v>1</v></c></row>'


def refusal(path: Path) -> str:
    with pytest.raises(WorkbookError) as caught:
        Package.read(path)
    problem = caught.value.problems[0]
    assert problem.where.file == str(path)
    assert problem.hint
    return problem.message


def zipped(parts: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return out.getvalue()


def test_an_unchanged_package_is_the_input(make_bytes):
    data = make_bytes({"S": CELL}, comment=b"kept")
    package = Package.from_bytes(data)
    assert package.to_bytes() == data
    same = package.replace(
        {"xl/worksheets/sheet1.xml": package.parts["xl/worksheets/sheet1.xml"]}
    )
    assert same is package


def test_untouched_entries_keep_order_date_compression_and_bytes(make_bytes):
    data = make_bytes({"S": CELL, "T": CELL}, comment=b"kept")
    new = Package.from_bytes(data).replace(
        {"xl/worksheets/sheet1.xml": b"<worksheet/>"}
    )
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(io.BytesIO(new.to_bytes())) as out,
    ):
        assert out.testzip() is None
        assert out.comment == b"kept"
        assert out.namelist() == old.namelist()
        for a, b in zip(old.infolist(), out.infolist(), strict=True):
            assert (a.date_time, a.compress_type) == (b.date_time, b.compress_type)
            assert a.external_attr == b.external_attr
            if a.filename != "xl/worksheets/sheet1.xml":
                assert (a.CRC, a.compress_size) == (b.CRC, b.compress_size)
                assert old.read(a) == out.read(b)
        assert out.read("xl/worksheets/sheet1.xml") == b"<worksheet/>"


def test_entries_written_to_a_stream_are_copied_as_they_are_packed(make_bytes):
    """Some writers put sizes behind the data and leave 0 in the local header."""
    long = "".join(
        f'<row r="{n}"><c r="A{n}"><v>{n * n}</v></c></row>' for n in range(1, 3000)
    )
    source = Package.from_bytes(make_bytes({"S": CELL, "T": long}))

    class Stream(io.RawIOBase):
        def __init__(self) -> None:
            self.data = bytearray()

        def writable(self) -> bool:
            return True

        def write(self, chunk) -> int:
            self.data += chunk
            return len(chunk)

    stream = Stream()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in source.parts.items():
            archive.writestr(name, content)
    # An installer puts a program before the zip.
    package = Package.from_bytes(b"before" + bytes(stream.data))
    data = package.replace({"xl/sharedStrings.xml": b"<sst/>"}).to_bytes()
    assert dict(Package.from_bytes(data).parts) == {
        **source.parts,
        "xl/sharedStrings.xml": b"<sst/>",
    }
    with zipfile.ZipFile(io.BytesIO(data)) as new:
        kept = {entry.filename: entry.compress_size for entry in new.infolist()}
    part = "xl/worksheets/sheet2.xml"
    # Packed again, at the usual level, it would be shorter.
    assert kept[part] == archive.getinfo(part).compress_size
    assert kept[part] > len(zlib.compress(source.parts[part], 6))


@pytest.mark.parametrize("packed", [True, False])
def test_a_new_part_is_added_at_the_end(make_bytes, packed):
    package = Package.from_bytes(make_bytes({"S": CELL}))
    changed = {"xl/sharedStrings.xml": b"<sst/>", "xl/new.xml": b"<a/>"}
    data = package.replace(changed).to_bytes(packed=packed)
    again = Package.from_bytes(data)
    assert list(again.parts)[-1] == "xl/new.xml"
    assert again.parts == {**package.parts, **changed}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        new, kept, replaced = map(
            archive.getinfo,
            ("xl/new.xml", "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"),
        )
        # As XlsxWriter has it: the same bytes whenever they are written.
        assert (new.date_time, new.external_attr) == (
            (1980, 1, 1, 0, 0, 0),
            0o600 << 16,
        )
        kind = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
        assert (new.compress_type, replaced.compress_type) == (kind, kind)
        assert kept.compress_type == zipfile.ZIP_DEFLATED


def test_writing_keeps_permission_bits_and_leaves_no_temporary_file(
    make_bytes, tmp_path
):
    target = tmp_path / "书.xlsx"
    target.write_bytes(b"old")
    target.chmod(0o640)
    data = make_bytes({"S": CELL})
    Package.from_bytes(data).write(target)
    assert target.read_bytes() == data
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    assert list(tmp_path.iterdir()) == [target]


def test_a_new_file_gets_the_usual_permissions(tmp_path):
    plain = tmp_path / "plain"
    plain.write_bytes(b"")
    write_atomic(tmp_path / "new", b"x")
    assert (tmp_path / "new").stat().st_mode == plain.stat().st_mode


def test_a_file_is_written_although_its_temporary_folder_is_in_use(
    tmp_path, monkeypatch
):
    def in_use(*args: object, **options: object) -> None:
        raise PermissionError(13, "The process cannot access the file")

    monkeypatch.setattr(os, "rmdir", in_use)
    write_atomic(tmp_path / "a.xlsx", b"new")
    assert (tmp_path / "a.xlsx").read_bytes() == b"new"


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    target = tmp_path / "a.xlsx"
    target.write_bytes(b"old")

    def full(fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(WorkbookError, match="No space left"):
        write_atomic(target, b"new")
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_what_a_killed_run_left_is_removed_and_what_another_writes_is_not(tmp_path):
    fcntl = pytest.importorskip("fcntl")
    dead = tmp_path / ".xlcity-dead.tmp"
    busy = tmp_path / ".xlcity-busy.tmp"
    for folder in (dead, busy):
        folder.mkdir()
        (folder / "content").write_bytes(b"half")
    handle = os.open(busy, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    write_atomic(tmp_path / "a.xlsx", b"x")
    os.close(handle)
    assert {path.name for path in tmp_path.iterdir()} == {busy.name, "a.xlsx"}


def test_a_folder_is_locked_while_a_file_is_written_in_it_and_no_longer(
    tmp_path, monkeypatch
):
    pytest.importorskip("fcntl")
    sync = os.fsync
    abandoned = []

    def another_process_cleans_up(handle: int) -> None:
        (folder,) = tmp_path.glob(".xlcity-*")
        other = os.open(folder, os.O_RDONLY)
        abandoned.append(is_abandoned(other))
        os.close(other)
        remove_leftovers(tmp_path)
        sync(handle)

    monkeypatch.setattr(os, "fsync", another_process_cleans_up)
    open_before = len([*Path("/proc/self/fd").iterdir()])
    write_atomic(tmp_path / "a.xlsx", b"x")
    assert (tmp_path / "a.xlsx").read_bytes() == b"x"
    assert abandoned == [False]
    assert len([*Path("/proc/self/fd").iterdir()]) == open_before
    handle = os.open(tmp_path, os.O_RDONLY)
    assert is_abandoned(handle)
    os.close(handle)


@pytest.mark.parametrize(
    ("error", "says", "remedy"),
    [
        (
            OSError(28, "No space left on device"),
            "No space left on device",
            "free some space",
        ),
        (OSError("odd"), "odd", "free some space"),
        (
            OSError(30, "Read-only file system"),
            "Read-only file system",
            "Close the file",
        ),
        (
            PermissionError(13, "Permission denied"),
            "Permission denied",
            "Close the file",
        ),
        (
            FileNotFoundError(2, "No such file or directory"),
            "No such file or directory",
            "Make the folder first",
        ),
    ],
)
def test_why_a_file_or_a_folder_is_not_written_and_what_to_do(
    tmp_path, monkeypatch, error, says, remedy
):
    def refuse(handle: int) -> None:
        raise error

    monkeypatch.setattr(os, "fsync", refuse)
    for write in (
        lambda path: write_atomic(path, b"x"),
        lambda path: write_new_folder(path, {"a": b"x"}),
    ):
        with pytest.raises(WorkbookError) as caught:
            write(tmp_path / "new")
        (problem,) = caught.value.problems
        assert (problem.code, problem.where.file) == ("XC420", str(tmp_path / "new"))
        assert problem.message == f"the file cannot be written: {says}."
        assert remedy in problem.hint
        # An absent folder is a wrong input, all else a failure.
        assert caught.value.exit_code == (3 if "folder first" in remedy else 4)
    assert not [*tmp_path.iterdir()]


def test_what_is_no_regular_file_is_not_replaced(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "circle").symlink_to("circle")
    os.mkfifo(tmp_path / "pipe")
    for name, says in (
        ("folder", "this is a folder"),
        ("circle", "this link leads in a circle"),
        ("pipe", "this is a"),
    ):
        with pytest.raises(WorkbookError, match=says):
            write_atomic(tmp_path / name, b"x")
    assert {path.name for path in tmp_path.iterdir()} == {"folder", "circle", "pipe"}


def test_a_folder_that_is_new_appears_whole_or_not_at_all(tmp_path):
    """A report that is cancelled leaves no folder with some of its files."""
    pytest.importorskip("fcntl")
    folder = tmp_path / "reports" / "2026"
    files = {"a.txt": b"a", "figures/b.svg": b"b", "pages/en/c.html": b"c"}
    killed = (
        "import os, signal, pathlib; from xlcity.xlsx.save import write_files\n"
        "os.fsync = lambda handle: os.kill(os.getpid(), signal.SIGKILL)\n"
        f"write_files(pathlib.Path({str(folder)!r}), {files!r})"
    )
    ended = subprocess.run([sys.executable, "-c", killed], check=False)
    assert ended.returncode == -signal.SIGKILL
    assert [path.name[:8] for path in tmp_path.iterdir()] == [".xlcity-"]
    assert write_files(folder, files) == []
    made = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }
    assert made == files
    plain = tmp_path / "plain"
    plain.mkdir()
    assert folder.stat().st_mode == plain.stat().st_mode
    assert {path.name for path in tmp_path.iterdir()} == {"reports", "plain"}
    assert write_files(folder, {"a.txt": b"new"}) == ["a.txt.bak"]


def test_a_folder_removed_before_it_is_locked_is_made_again(tmp_path, monkeypatch):
    pytest.importorskip("fcntl")
    make = tempfile.mkdtemp
    made = []

    def removed_once(**options):
        name = make(**options)
        if not made:
            Path(name).rmdir()
        made.append(name)
        return name

    monkeypatch.setattr(tempfile, "mkdtemp", removed_once)
    write_atomic(tmp_path / "a.xlsx", b"x")
    assert (tmp_path / "a.xlsx").read_bytes() == b"x"
    assert len(made) == 2


def test_a_link_is_written_through(tmp_path):
    real = tmp_path / "real.xlsx"
    link = tmp_path / "link.xlsx"
    real.write_bytes(b"old")
    link.symlink_to(real)
    write_atomic(link, b"new")
    assert link.is_symlink()
    assert real.read_bytes() == b"new"


def test_writing_into_an_absent_folder_is_refused(tmp_path):
    with pytest.raises(WorkbookError, match="Make the folder first"):
        write_atomic(tmp_path / "none" / "a.xlsx", b"x")


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("a.xlsx", b"", "empty"),
        ("a.xlsx", b"city,score\nBeijing,1\n", "plain text"),
        ("a.xlsx", b"a" * 4096 + b"\x00", "plain text"),
        ("a.xlsx", b"a" * 4095 + b"\x00", "not a workbook"),
        ("a.xlsx", "城市,得分".encode("gb18030"), "plain text"),
        ("a.xls", b"<html><table></table></html>", "web page"),
        ("a.xlsx", b"%PDF-1.7 ...", "PDF"),
        ("a.xlsx", OLE + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
        ("a.xls", OLE + "Workbook".encode("utf-16-le"), "old binary workbook"),
        (
            "a.xls",  # Excel puts the theme into it as a zip
            OLE + "Workbook".encode("utf-16-le") + zipped({"theme/theme1.xml": ""}),
            "old binary workbook",
        ),
        ("a.et", OLE + "Workbook".encode("utf-16-le"), "WPS"),
        (
            "a.xls",
            OLE + "Workbook ETExtData".encode("utf-16-le"),
            "old binary workbook",
        ),
        ("a.xlsx", OLE + "Workbook ETExtData".encode("utf-16-le"), "WPS"),
        ("a.xlsx", OLE + "WordDocument".encode("utf-16-le"), "old Office file"),
        ("a.xlsx", b"PK\x03\x04 cut", "cut short"),
        ("a.xlsx", b"\x00\x01\x02" * 50, "not a workbook"),
        ("a.xlsb", zipped({"xl/workbook.bin": ""}), "xlsb"),
        (
            "a.xlsx",
            zipped({"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}),
            "ods",
        ),
        ("a.xlsx", zipped({"word/document.xml": "<w/>"}), "Word"),
        ("a.xlsx", zipped({"Index/Document.iwa": ""}), "Numbers"),
        ("a.zip", zipped({"one.xlsx": "", "two.xlsx": ""}), "archive with workbooks"),
        ("a.xlsx", zipped({"readme.txt": "hello"}), "no workbook part"),
    ],
)
def test_what_is_no_workbook_is_named(tmp_path, name, data, says):
    path = tmp_path / name
    path.write_bytes(data)
    assert says in refusal(path)


def test_absent_files_and_folders_are_told_apart(tmp_path):
    assert "no such file" in refusal(tmp_path / "none.xlsx")
    assert "folder" in refusal(tmp_path)


@pytest.mark.parametrize("keep", [0.3, 0.6, 0.95])
def test_a_file_cut_short_is_refused(make_bytes, tmp_path, keep):
    data = make_bytes({"S": CELL})
    path = tmp_path / "cut.xlsx"
    path.write_bytes(data[: int(len(data) * keep)])
    assert "cut short" in refusal(path)


def test_a_flipped_byte_is_noticed(make_bytes, tmp_path):
    data = bytearray(make_bytes({"S": CELL * 50}))
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as archive:
        info = archive.getinfo("xl/worksheets/sheet1.xml")
    data[info.header_offset + 30 + len(info.filename) + 12] ^= 0xFF
    path = tmp_path / "flipped.xlsx"
    path.write_bytes(bytes(data))
    assert "damaged" in refusal(path)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("size", [0, 1, 4999])
def test_a_part_that_is_longer_than_the_zip_says_is_damage(size, method):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr("a.xml", b"x" * 5000)
    data = bytearray(out.getvalue())
    struct.pack_into("<I", data, data.rfind(b"PK\1\2") + 24, size)
    with pytest.raises(zipfile.BadZipFile, match="CRC"):
        limits.unpack_parts(bytes(data), None)


@pytest.mark.parametrize(
    ("offset", "value", "says"),
    [
        (8, 0x1, "encrypted with a password"),
        (8, 0x20, "packed in a way no spreadsheet writes"),  # "patched data"
        (10, 99, "packed in a way no spreadsheet writes"),  # an unknown method
    ],
)
def test_an_archive_that_no_spreadsheet_writes_is_refused(
    make_bytes, tmp_path, offset, value, says
):
    data = bytearray(make_bytes({"S": CELL}))
    struct.pack_into("<H", data, data.rfind(b"PK\1\2") + offset, value)
    path = tmp_path / "odd.xlsx"
    path.write_bytes(data)
    assert says in refusal(path)


@pytest.mark.parametrize(
    ("part", "content", "says"),
    [
        (
            "xl/worksheets/sheet1.xml",
            b"<worksheet>\xff</worksheet>",
            "sheet1.xml is not UTF-8",
        ),
        (
            "xl/worksheets/sheet1.xml",
            b"<worksheet>\x0b</worksheet>",
            "has a control character",
        ),
        ("xl/worksheets/sheet1.xml", b"<worksheet><sheetData>", "broken XML"),
        (
            "xl/worksheets/sheet1.xml",
            b"<worksheet><sheetData></worksheet>",
            "broken XML",
        ),
        ("xl/worksheets/sheet1.xml", b"<worksheet>&</worksheet>", "broken XML"),
        ("xl/worksheets/sheet1.xml", b"<chartsheet/>", "sheet1.xml is not a worksheet"),
        ("xl/sharedStrings.xml", b"<sst>", "sharedStrings.xml is not XML"),
        (
            "xl/sharedStrings.xml",
            b'<?xml version="1.0" encoding="GB18030"?><sst/>',
            "not UTF-8",
        ),
        (
            "xl/sharedStrings.xml",
            b'<?xml version="1.0" encoding="none"?><sst/>',
            "not UTF-8",
        ),
    ],
)
def test_a_part_that_cannot_be_read_is_named(make_bytes, tmp_path, part, content, says):
    path = tmp_path / "book.xlsx"
    data = make_bytes({"S": CELL}, extra={part: content})
    path.write_bytes(data)
    with pytest.raises(WorkbookError, match=re.escape(says)) as caught:
        read_book(Package.read(path))
    assert caught.value.problems[0].where.file == str(path)


@pytest.mark.parametrize(
    ("kinds", "sheets"),
    [
        (["worksheet", "worksheet"], ["A", "B"]),
        (["chartsheet", "worksheet"], ["B"]),
        (["chartsheet", "chartsheet"], []),
        ([None, "worksheet"], ["B"]),
        (["external", "worksheet"], ["B"]),
        ([None, None], None),
        (["external", "chartsheet"], None),
    ],
)
def test_tabs_without_a_part_are_damage_only_if_no_sheet_is_left(
    make_bytes, kinds, sheets
):
    package = Package.from_bytes(make_bytes({"A": CELL, "B": CELL}))
    links = Relations("xl/workbook.xml")
    for number, kind in enumerate(kinds, 1):
        if kind is not None:
            links.add(
                "worksheet" if kind == "external" else kind,
                f"xl/worksheets/sheet{number}.xml",
                external=kind == "external",
            )
            links.root[-1].set("Id", f"rId{number}")
    package = package.replace({links.part: links.to_bytes()})
    if sheets is None:
        with pytest.raises(WorkbookError, match="none of its sheets has a part"):
            print(package.sheets)
    else:
        assert [sheet.name for sheet in package.sheets] == sheets


def test_what_a_reader_cannot_read_names_the_file_and_what_it_is(make_bytes):
    xml = f'<worksheet xmlns="{MAIN}"><sheetData/><mergeCells><mergeCell ref="A"/></mergeCells>'
    package = Package.from_bytes(make_bytes({"S": f"{xml}</worksheet>"}), "book.xlsx")
    with pytest.raises(WorkbookError) as caught:
        read_features(package, "xl/worksheets/sheet1.xml", package.styles)
    (problem,) = caught.value.problems
    assert problem.where.file == "book.xlsx"
    assert (
        "page settings cannot be read (ValueError: 'A' is not a cell address)"
        in problem.message
    )


def test_a_zip_bomb_is_refused_before_it_is_unpacked(make_bytes, tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "RATIO_MATTERS_FROM", 1 << 20)
    path = tmp_path / "bomb.xlsx"
    path.write_bytes(make_bytes({"S": CELL}, extra={"xl/media/a.bin": "0" * (4 << 20)}))
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *_: pytest.fail("unpacked"))
    assert "more than any workbook" in refusal(path)


def test_a_workbook_that_needs_more_memory_than_may_be_used_is_refused(
    make_bytes, tmp_path, monkeypatch
):
    path = tmp_path / "large.xlsx"
    path.write_bytes(make_bytes({"S": CELL * 3000}))
    needed = limits.memory_needed([("xl/worksheets/sheet1.xml", 3000 * len(CELL))])
    monkeypatch.setenv(limits.MEMORY_VARIABLE, str(needed // 2 >> 20))
    assert "MB of memory" in refusal(path)
    monkeypatch.setenv(limits.MEMORY_VARIABLE, str((needed >> 20) + 5))
    Package.read(path)


@pytest.mark.filterwarnings("ignore:Duplicate")
@pytest.mark.parametrize("name", ["xl/workbook.xml", "xl/Workbook.XML"])
def test_a_part_that_is_there_twice_is_refused(make_bytes, tmp_path, name):
    path = tmp_path / "twice.xlsx"
    path.write_bytes(make_bytes({"S": CELL}))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(name, "<workbook/>")
    assert "twice" in refusal(path)


@pytest.mark.parametrize(
    "part", ["[Content_Types].xml", "_rels/.rels", "xl/_rels/workbook.xml.rels"]
)
@pytest.mark.parametrize("content", [b"", b"<Types/>", None])
def test_lists_that_are_absent_or_of_no_namespace_are_refused(
    make_bytes, part, content
):
    # No other program opens such a file, or it opens it without its sheets.
    with zipfile.ZipFile(io.BytesIO(make_bytes({"S": CELL}))) as archive:
        parts = {
            name: archive.read(name) for name in archive.namelist() if name != part
        }
    package = Package.from_parts(parts if content is None else {**parts, part: content})
    with pytest.raises(WorkbookError) as caught:
        read_book(Package.from_bytes(package.to_bytes()))
    assert caught.value.problems[0].hint


def test_a_tab_without_a_new_name_keeps_its_own(make_bytes):
    renamed = rename_sheets(
        Package.from_bytes(make_bytes({"S": CELL, "A & B": CELL})), {"S": "<1>"}
    )
    assert [tab.name for tab in renamed.sheets] == ["<1>", "A & B"]


@pytest.mark.parametrize(
    ("stored", "precision"),
    [("", ""), ('fullPrecision="0"', "as displayed"), ('fullPrecision="1"', "")],
)
def test_the_precision_of_a_workbook_is_read(make_bytes, stored, precision):
    package = Package.from_bytes(make_bytes({"S": CELL}))
    text = package.text(package.workbook_part).replace(
        "</workbook>", f"<calcPr {stored}/></workbook>"
    )
    package = package.replace({package.workbook_part: text.encode()})
    assert (
        read_book_settings(package, package.styles)["setting", "precision"] == precision
    )


def test_what_is_taken_away_from_a_sheet_is_gone(make_bytes):
    editor = SheetEditor(
        Package.from_bytes(make_bytes({"S": CELL})), "xl/worksheets/sheet1.xml"
    )
    editor.set_column(2, {"hidden": "1"})
    assert [column.get("hidden") for column in editor.find("cols")] == ["1"]
    for _ in range(2):
        editor.remove("cols")
        assert editor.find("cols") is None
