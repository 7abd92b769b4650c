"""Files and surroundings that mean harm: nothing is written elsewhere, fetched, or read wrongly."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

import xlcity
from tests.helpers import hostile
from tests.helpers.hostile import BOOK, SHEET
from tools.fuzz_files.seeds import plain
from xlcity.cli import main

pytestmark = pytest.mark.slow

RUN = [sys.executable, "-c", "from xlcity.cli import main; raise SystemExit(main())"]
FRAMEWORK = "code,parent,level,name_en\nT,,1,Total\nA,T,2,First\nB,T,2,Second\n"
#: A city each: turned round, accents by two characters and by one, without width, long, and an
#: emoji of several characters.
NAMES = (
    "\u202eabc",
    "e\u0301a",
    "o\u0308\u4e2d",
    "x\u200by",
    "长" * 200,
    "👨\u200d👩\u200d👧",
)


def run(words):
    """Run a verb; return its exit code."""
    return main(words.split())


@pytest.fixture
def folder(tmp_path, monkeypatch):
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    monkeypatch.chdir(inner)
    monkeypatch.setenv("XLCITY_SOFFICE", "/absent")
    (inner / "map.toml").write_text(hostile.MAP, encoding="utf-8")
    return inner


def test_names_in_a_zip_are_no_places(folder, tmp_path):
    evil = (
        "../../evil.xml",
        f"{tmp_path}/evil.xml",
        "..\\..\\evil.xml",
        "xl/../../../evil.xml",
    )
    parts = {
        **hostile.parts_of(hostile.team_workbook(C9="=B2")),
        **dict.fromkeys(evil, b"<x/>"),
    }
    Path("team.xlsx").write_bytes(hostile.zipped(parts))
    for engine in ("formualizer", "auto"):
        assert run(f"recalc team.xlsx -o {engine}.xlsx --engine {engine}") in (0, 1, 4)
    assert run("adopt team.xlsx --map map.toml -o tables") == 0
    assert run("diff team.xlsx team.xlsx") == 0
    assert list(tmp_path.rglob("*evil*")) == []


@pytest.mark.parametrize(
    "engine",
    [
        "formualizer",
        pytest.param(
            "libreoffice",
            marks=[pytest.mark.long, pytest.mark.libreoffice],
        ),
    ],
)
def test_nothing_is_fetched(folder, engine, monkeypatch):
    if engine == "libreoffice":
        monkeypatch.delenv("XLCITY_SOFFICE")
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}"
        cells = {
            "D2": f'=_xlfn.WEBSERVICE("{address}/x")',
            "D3": f"='{address}/[x.xlsx]S'!A1",
            "D4": f'=HYPERLINK("{address}/y","z")',
            "D5": f"=cmd|'/C curl {address}'!A0",
        }
        data = hostile.team_workbook(**cells)
        link = f'<externalReferences><x r="{address}"/></externalReferences></workbook>'
        data = hostile.changed(data, BOOK, b"</workbook>", link.encode())
        Path("team.xlsx").write_bytes(data)
        assert run(f"recalc team.xlsx -o out.xlsx --engine {engine}") in (0, 1, 4)
        assert run("check team.xlsx --findings") in (0, 1)
        assert run("trace team.xlsx S!D2") == 0
        server.settimeout(0.1)
        with pytest.raises(TimeoutError):
            server.accept()


def test_odd_names_come_through_and_are_named(folder, capsys):
    bell = "a_x0007_b"  # as files spell a control character
    Path("team.xlsx").write_bytes(hostile.team_workbook((*NAMES, bell)))
    assert run("adopt team.xlsx --map map.toml -o tables") == 3
    assert "[XC227] team.xlsx, S!A8" in capsys.readouterr().err
    Path("team.xlsx").write_bytes(hostile.team_workbook(NAMES))
    assert run("adopt team.xlsx --map map.toml -o tables") == 0
    new = "new --framework tables/framework.csv --data tables/data.csv -o book.xlsx --no-udf"
    assert run(new) == 0
    said = capsys.readouterr().err
    assert said.count("[XC228]") == 3
    for mark in ("U+202E", "U+200B", "U+200D"):
        assert mark in said
    held = [
        c.value for row in openpyxl.load_workbook("book.xlsx")["Cities"] for c in row
    ]
    assert set(NAMES) <= set(held)
    assert run("results book.xlsx --csv out.csv") == 0
    text = Path("out.csv").read_text(encoding="utf-8-sig")
    assert all(name in text for name in NAMES)


def test_sheets_with_odd_names(folder):
    data = hostile.team_workbook(C9="='a''b &<> 表 .1'!B2")
    data = hostile.changed(
        data, BOOK, b'name="S"', 'name="a\'b &amp;&lt;&gt; 表 .1"'.encode()
    )
    Path("team.xlsx").write_bytes(data)
    assert run("recalc team.xlsx -o out.xlsx --engine formualizer") == 0
    sheet = openpyxl.load_workbook("out.xlsx", data_only=True)["a'b &<> 表 .1"]
    assert sheet["C9"].value == sheet["B2"].value == 100


def test_cells_out_of_order_and_the_longest_text(folder, capsys):
    parts = hostile.parts_of(hostile.team_workbook(D2="x" * 32_767, E2="=LEN(D2)"))
    rows = parts[SHEET].split(b"<row ")
    parts[SHEET] = b"<row ".join([rows[0], *rows[2:-1], rows[1], rows[-1]])
    Path("team.xlsx").write_bytes(hostile.zipped(parts))
    assert run("recalc team.xlsx -o out.xlsx --engine formualizer") == 0
    capsys.readouterr()
    assert run("trace out.xlsx S!E2 --json") == 0
    assert json.loads(capsys.readouterr().out)["value"] == 32_767


def test_names_in_a_circle_are_named(folder, capsys):
    names = "".join(
        f'<definedName name="{a}">{b}+1</definedName>' for a, b in ("pq", "qp")
    )
    book = hostile.changed(
        hostile.team_workbook(C9="=p"),
        BOOK,
        b"<definedNames />",
        f"<definedNames>{names}</definedNames>".encode(),
    )
    Path("team.xlsx").write_bytes(book)
    for words in (
        "recalc team.xlsx -o out.xlsx --engine formualizer",
        "trace team.xlsx S!C9",
        "check team.xlsx --findings",
    ):
        assert run(f"{words} --timeout 20") in (0, 1, 4)
        assert "Traceback" not in capsys.readouterr().err


def test_two_outputs_that_differ_in_case_are_one_file_on_some_systems(folder, capsys):
    for name in ("one/team.xlsx", "two/TEAM.xlsx"):
        Path(name).parent.mkdir()
        Path(name).write_bytes(hostile.team_workbook())
    assert run("recalc one/team.xlsx two/TEAM.xlsx --outdir out") == 2
    assert not Path("out").exists()
    assert "[XC" in capsys.readouterr().err


@pytest.mark.parametrize(
    "name", ["a" * 250, "表 %20;&$(x)`'", "-o", "a\nb", "\udcff", " ", "\u202exslx"]
)
def test_files_with_long_and_odd_names(folder, capsys, name):
    try:
        Path(f"{name}.xlsx").write_bytes(hostile.team_workbook(C9="=B2"))
    except OSError:
        pytest.skip("no such name here")
    for more in ("--outdir out", "--in-place --no-backup"):
        words = ["recalc", f"./{name}.xlsx", *more.split(), "--engine", "formualizer"]
        assert main(words) == 0, capsys.readouterr().err
    for path in (Path(f"{name}.xlsx"), Path("out", f"{name}.xlsx")):
        assert openpyxl.load_workbook(path, data_only=True).active["C9"].value == 100
    assert not list(folder.rglob(".xlcity-*"))


@pytest.mark.parametrize(
    "words",
    [
        "recalc @ --outdir out --report run.json --json",
        "check @ --html c.html",
        "trace @ S!C9",
        "trace @ S!C9 --html t.html",
        "check @ --findings --json",
        "diff @ @ --json",
        "seal @",
        "pages @ --json",
    ],
)
def test_a_name_with_bytes_that_no_text_has_in_every_document(folder, words):
    name = "\udcff.xlsx"
    try:
        Path(name).write_bytes(hostile.team_workbook(C9="=B2"))
    except OSError:
        pytest.skip("no such name here")
    command = [*RUN, *words.replace("@", name).split()]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1, 3), done.stderr
    assert "internal error" not in done.stderr
    if "--json" in words:
        assert name in json.dumps(json.loads(done.stdout), ensure_ascii=False)


@pytest.mark.long
def test_ten_thousand_files(folder, capsys):
    Path("in").mkdir()
    for number in range(10_000):
        Path(f"in/{number:05}.xlsx").write_bytes(b"no workbook")
    Path("in/05000.xlsx").write_bytes(hostile.team_workbook(C9="=B2"))
    assert run("recalc in --outdir out --json --engine formualizer") == 4
    entries = json.loads(capsys.readouterr().out)["workbooks"]
    assert [entry["in"] for entry in entries if not entry["error"]] == [
        str(Path("in/05000.xlsx"))
    ]
    assert len(entries) == 10_000
    assert [path.name for path in Path("out").iterdir()] == ["05000.xlsx"]


def test_two_hundred_thousand_texts_that_no_cell_has(folder):
    parts = hostile.parts_of(plain())
    texts = b"".join(b"<si><t>text %d</t></si>" % number for number in range(200_000))
    name = "xl/sharedStrings.xml"
    parts[name] = parts[name].replace(b"</sst>", texts + b"</sst>")
    Path("team.xlsx").write_bytes(hostile.zipped(parts))
    assert run("recalc team.xlsx -o out.xlsx --engine formualizer") == 0
    sheet = openpyxl.load_workbook("out.xlsx", data_only=True).active
    assert (sheet["A2"].value, sheet["D2"].value) == ("北京", 202 + 1 / 7)


ODD = (
    't="array"',
    't="array" ref="x"',
    't="array" ref="A1:B2"',
    't="array" ref="C9:XFD1048577"',
    't="array" ref="C12:C9"',
    't="shared" si="9"',
    't="shared" si="x" ref="C9:C10"',
    't="shared" si="0" ref="A0"',
    't="dataTable" ref="C9:C10"',
    't="odd"',
)


@pytest.mark.parametrize("odd", ODD)
def test_formulas_with_odd_ranges(folder, capsys, odd):
    data = hostile.team_workbook(C9="=B2*2")
    data = hostile.changed(data, SHEET, b"<f>B2*2</f>", f"<f {odd}>B2*2</f>".encode())
    Path("team.xlsx").write_bytes(data)
    code = run("recalc team.xlsx -o out.xlsx --engine formualizer")
    # Never ok: a range that no program writes is refused, or what it gives is called unverified.
    assert code in (1, 3, 4)
    said = capsys.readouterr()
    assert ("[XC" in said.err) == (code > 1)
    assert Path("out.xlsx").exists() == (code == 1)
    assert "unverified" in said.out or code > 1
    for words in ("trace team.xlsx S!C9", "check team.xlsx --findings"):
        assert run(words) in (0, 1, 3)
        assert "[XC599]" not in capsys.readouterr().err


def test_hash_seed_home_zone_and_language_change_no_byte(folder):
    Path("tree.csv").write_text(FRAMEWORK, encoding="utf-8")
    Path("data.csv").write_text(
        "unit,A,B\n北京,1,5\n上海,4,2\n广州,2,3\n", encoding="utf-8"
    )
    words = "new --framework tree.csv --data data.csv -o {}.xlsx --lang en"
    assert run(words.format("here")) == 0
    odd = {
        "PYTHONHASHSEED": "7",
        "TZ": "Asia/Shanghai",
        "LC_ALL": "C",
        "PYTHONUTF8": "1",
    }
    kept = {
        name: os.environ[name]
        for name in ("PATH", "TMPDIR", "PYTHONPATH")
        if name in os.environ
    }
    done = subprocess.run(
        [*RUN, *words.format("there").split()], env={**kept, **odd}, check=False
    )
    assert done.returncode == 0
    assert Path("here.xlsx").read_bytes() == Path("there.xlsx").read_bytes()


def test_no_limit_follows_the_clock_of_the_day():
    """A clock that is set, or a summer time, neither ends a run nor lets it go on for ever."""
    found = [
        path
        for path in Path(xlcity.__file__).parent.rglob("*.py")
        if "time.time(" in path.read_text(encoding="utf-8")
    ]
    assert found == []
