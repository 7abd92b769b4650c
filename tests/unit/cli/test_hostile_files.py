"""Files that strangers made: every verb ends with a result or with a code and a remedy."""

import hashlib
import json
import os
import re
import subprocess
import sys
import time
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from tests.helpers import hostile
from tests.helpers.hostile import BOOK, SHEET
from tests.helpers.own import own_bytes
from xlcity.cli import main
from xlcity.errors import WorkbookError
from xlcity.recalc.engines import formualizer
from xlcity.xlsx.package import Package

pytestmark = pytest.mark.usefixtures("one_office")

VERBS = {
    "adopt": "adopt {file} --map map.toml -o tables",
    "recalc": "recalc {file} -o out.xlsx",
    "lint": "check {file} --findings",
    "trace": "trace {file} S!C9",
    "diff": "diff {file} {file}",
    "check": "check {file}",
    "fill": "fill {file} --data data.csv -o out.xlsx",
    "export": "export {file} -o tables",
}
ALTERNATE = (
    b'<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
    b'<mc:Choice Requires="x15"><definedNames><definedName name="q">#REF!</definedName>'
    b'<definedName localSheetId="x">S!(</definedName></definedNames></mc:Choice>'
    b"</mc:AlternateContent><sheets>"
)
LIST = [
    sys.executable,
    "-c",
    "from xlcity.cli import main; raise SystemExit(main())",
    "list",
]
BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;">]>'


def with_formula(formula):
    return hostile.team_workbook(C9=f"={formula}")


def replaced(part, old, new, **cells):
    return hostile.changed(hostile.team_workbook(**cells), part, old, new)


#: What is done to a file: (the file, the code of every verb that cannot work with it).
CASES = {
    "strict namespaces": (lambda: hostile.strict(with_formula("SUM(B2:B5)")), None),
    "a style that is no number": (
        lambda: replaced(
            SHEET, b'<c r="B2" t="n">', b'<c r="B2" s="1.5" t="n">', C9="=B2"
        ),
        None,
    ),
    "half a character": (
        lambda: replaced(SHEET, "绿化".encode(), b"&#xD800;"),
        "XC403",
    ),
    "half a character in a formula": (
        lambda: replaced(SHEET, b"<f>A1</f>", b"<f>A1&amp;&#xDC00;</f>", C9="=A1"),
        "XC403",
    ),
    "a character beyond Unicode": (
        lambda: replaced(SHEET, b"GDP", b"&#x110000;"),
        "XC403",
    ),
    "a control character": (lambda: replaced(SHEET, b"GDP", b"&#1;"), "XC403"),
    "a reference to no character, in an attribute": (
        lambda: replaced(SHEET, b'<row r="2"', b'<row r="2" x="&#1;"'),
        "XC403",
    ),
    "a control character as it is": (lambda: replaced(SHEET, b"GDP", b"G\1P"), "XC403"),
    "a NUL in a formula": (
        lambda: replaced(SHEET, b"<f>A1</f>", b"<f>A1\0</f>", C9="=A1"),
        "XC403",
    ),
    "rows that do not end": (lambda: replaced(SHEET, b"</sheetData>", b""), "XC403"),
    "a row that ends as something else": (
        lambda: replaced(SHEET, b"</row>", b"</rox>"),
        "XC403",
    ),
    "an ampersand alone in a formula": (
        lambda: replaced(SHEET, b"<f>B2&amp;1</f>", b"<f>B2&1</f>", C9="=B2&1"),
        "XC403",
    ),
    "a sheet that does not end": (
        lambda: replaced(SHEET, b"</worksheet>", b""),
        "XC403",
    ),
    "GB18030": (lambda: hostile.in_gb18030(hostile.team_workbook()), "XC403"),
    "entities in the workbook": (
        lambda: replaced(BOOK, b"<workbook", BOMB.encode() + b"<workbook"),
        "XC403",
    ),
    "entities in UTF-16": (
        lambda: hostile.zipped(
            {
                **hostile.parts_of(hostile.team_workbook()),
                "x.xml": BOMB.encode("utf-16"),
            }
        ),
        "XC403",
    ),
    "names in alternate content": (
        lambda: replaced(BOOK, b"<sheets>", ALTERNATE),
        None,
    ),
    "a cell of 200,000 characters": (
        lambda: hostile.team_workbook(D3="x" * 200_000),
        None,
    ),
    "brackets": (lambda: with_formula("(" * 3000 + "1" + ")" * 3000), None),
    "signs": (lambda: with_formula("-" * 8000 + "1"), None),
    "a sum of 4,000": (lambda: with_formula("+".join("1" * 4000)), None),
    "a text of 3,000": (lambda: with_formula("&".join(["A1"] * 3000)), None),
    "per cents": (lambda: with_formula("1" + "%" * 8000), None),
    "functions in functions": (
        lambda: with_formula("IF(1," * 190 + "1" + ")" * 190),
        None,
    ),
    "sums in functions": (
        lambda: with_formula("IF(B2+1>0," * 90 + "1" + ",2)" * 90),
        None,
    ),
    "open brackets": (lambda: with_formula("SUM(" * 3000), None),
    "braces": (lambda: with_formula("{" * 3000), None),
    "quotes": (lambda: with_formula('"' * 8001), None),
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "map.toml").write_text(hostile.MAP, encoding="utf-8")
    (tmp_path / "data.csv").write_text("unit,A\n北京,1\n", encoding="utf-8")
    return tmp_path


def run(capsys, words):
    """Return the exit code and what a verb said; it never speaks of a fault of its own."""
    code = main(words)
    said = capsys.readouterr()
    for text in (said.out, said.err):
        assert "Traceback" not in text
        assert not re.search("XC[59]99", text), text[-500:]
    if code > 1:
        assert re.search(r"\[XC\d{3}\]", said.err)
    return code, said


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_a_strange_file_ends_in_a_result_or_a_code(folder, capsys, case):
    make, expected = CASES[case]
    file = folder / "strange.xlsx"
    file.write_bytes(make())
    before = hashlib.sha256(file.read_bytes()).digest()
    for verb, words in VERBS.items():
        if verb == "recalc" and expected is None:
            words += " --engine formualizer"
        code, said = run(capsys, [word.format(file=file) for word in words.split()])
        if expected is not None:
            assert (verb, code) == (verb, 3)
            assert f"[{expected}]" in said.err
            assert not (folder / "out.xlsx").exists()
            assert not (folder / "tables").exists()
    assert hashlib.sha256(file.read_bytes()).digest() == before


@pytest.mark.parametrize("case", ["strict namespaces", "a style that is no number"])
def test_odd_spellings_are_read(folder, capsys, case):
    (folder / "team.xlsx").write_bytes(CASES[case][0]())
    assert main(["adopt", "team.xlsx", "--map", "map.toml", "-o", "tables"]) == 0
    table = (folder / "tables" / "data.csv").read_text(encoding="utf-8-sig")
    assert table.splitlines()[1] == "北京,100,0"


def test_a_stray_cell_makes_no_table_of_the_whole_sheet(folder, capsys):
    stray = b'<row r="20000"><c r="XFD20000"><v>1</v></c></row></sheetData>'
    (folder / "team.xlsx").write_bytes(replaced(SHEET, b"</sheetData>", stray))
    tracemalloc.start()
    assert main(["adopt", "team.xlsx", "--map", "map.toml", "-o", "tables"]) == 0
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 64 << 20
    assert (
        len(
            (folder / "tables" / "data.csv")
            .read_text(encoding="utf-8-sig")
            .splitlines()
        )
        == 5
    )


@pytest.mark.slow
@pytest.mark.parametrize("verb", VERBS)
def test_a_bomb_is_refused(folder, capsys, verb):
    parts = {**hostile.parts_of(hostile.team_workbook()), "x.bin": bytes(100 << 20)}
    (folder / "bomb.xlsx").write_bytes(hostile.zipped(parts))
    code, said = run(capsys, VERBS[verb].format(file="bomb.xlsx").split())
    assert code == 3
    assert "[XC405]" in said.err


def test_a_directory_that_lies_costs_no_memory():
    bomb = hostile.lying(
        hostile.team_workbook(), "xl/media/x.bin", bytes(64 << 20), 100
    )
    tracemalloc.start()
    with pytest.raises(WorkbookError, match="cut short or damaged"):
        Package.from_bytes(bomb)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 4 << 20


def test_other_ways_to_pack_are_refused():
    data = hostile.zipped(hostile.parts_of(hostile.team_workbook()), 14)
    with pytest.raises(WorkbookError, match="packed in a way no spreadsheet writes"):
        Package.from_bytes(data)


def test_a_device_and_a_file_that_is_too_large_are_refused(folder, capsys, monkeypatch):
    monkeypatch.setattr("xlcity.xlsx.limits.MAX_FILE", 1 << 20)
    with (folder / "large.xlsx").open("wb") as large:
        large.truncate((1 << 20) + 1)
    for file, words in (
        ("/dev/zero", "[XC400] /dev/zero: this is a device, not a file"),
        ("large.xlsx", "[XC405] large.xlsx: the file has more than 1 MB"),
    ):
        for verb in (
            VERBS["recalc"].format(file=file),
            f"index vitality2014 --data {file}",
        ):
            code, said = run(capsys, verb.split())
            assert (code, words in said.err) == (3, True)


def test_memory_is_refused_in_advance(folder, capsys, monkeypatch):
    (folder / "team.xlsx").write_bytes(hostile.team_workbook(D3="x" * 30_000))
    monkeypatch.setenv("XLCITY_MEMORY_MB", "0")
    code, said = run(capsys, VERBS["recalc"].format(file="team.xlsx").split())
    assert code == 3
    assert re.search(r"\[XC407\] team.xlsx: the workbook needs about [12] MB", said.err)


def test_pictures_take_memory_too(folder, capsys, monkeypatch):
    path = folder / "team.xlsx"
    path.write_bytes(hostile.team_workbook())
    monkeypatch.setenv("XLCITY_MEMORY_MB", "4")
    assert run(capsys, VERBS["trace"].format(file="team.xlsx").split())[0] == 0
    with zipfile.ZipFile(path, "a") as book:
        book.writestr("xl/media/image1.png", bytes(1 << 20))
    code, said = run(capsys, VERBS["trace"].format(file="team.xlsx").split())
    assert code == 3
    assert re.search(r"\[XC407\] team.xlsx: the workbook needs about [56] MB", said.err)


def test_much_memory_is_said(folder, capsys, monkeypatch):
    (folder / "team.xlsx").write_bytes(hostile.team_workbook())
    run(capsys, VERBS["recalc"].format(file="team.xlsx").split())
    monkeypatch.setattr("xlcity.xlsx.limits.MUCH_MEMORY", 1000)
    _, said = run(capsys, VERBS["recalc"].format(file="team.xlsx").split())
    assert "large workbook: reading it takes about 0.0 GB of memory." in said.err


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (MemoryError(), "XC408"),
        (RecursionError(), "XC409"),
        (OSError(28, "full"), "XC425"),
    ],
)
def test_what_the_machine_lacks_is_said(folder, capsys, monkeypatch, error, code):
    (folder / "team.xlsx").write_bytes(hostile.team_workbook())

    def fail(*_):
        raise error

    monkeypatch.setattr("xlcity.xlsx.package.unpack_parts", fail)
    if code != "XC425":  # what cannot be unpacked is damaged
        for verb in ("adopt", "recalc"):
            assert (
                f"[{code}]"
                in run(capsys, VERBS[verb].format(file="team.xlsx").split())[1].err
            )
    monkeypatch.setattr("xlcity.xlsx.limits.read_file", fail)
    monkeypatch.setattr("xlcity.cli.target.require_files", fail)
    assert (
        f"[{code}]"
        in run(capsys, VERBS["trace"].format(file="team.xlsx").split())[1].err
    )


def test_a_trace_is_printed_on_request(monkeypatch, capsys):
    def fail(*_):
        raise KeyError("x")

    monkeypatch.setattr("xlcity.api.arguments.run_verb", fail)
    assert main(["list"]) == 4
    said = capsys.readouterr().err
    assert "Traceback" not in said
    assert "[XC999]" in said
    monkeypatch.setenv("XLCITY_TRACE", "1")
    assert main(["list"]) == 4
    assert "Traceback" in capsys.readouterr().err


def test_a_long_cell_in_a_csv_is_read(folder, capsys):
    (folder / "data.csv").write_text(
        f"unit,A\n北京,{'9' * 200_000}\n", encoding="utf-8"
    )
    code, said = run(capsys, ["index", "vitality2014", "--data", "data.csv"])
    assert code == 3
    assert "[XC319]" in said.err


def test_messages_are_short(folder, capsys):
    (folder / "team.xlsx").write_bytes(hostile.team_workbook(C3="x" * 200_000))
    code, said = run(capsys, VERBS["adopt"].format(file="team.xlsx").split())
    assert code == 3
    assert len(said.err) < 6000
    assert "is not a number" in said.err


def test_half_a_utf16_file_is_refused(folder, capsys):
    (folder / "data.csv").write_bytes(b"\xff\xfea\x00,\x00b")
    code, said = run(capsys, ["index", "vitality2014", "--data", "data.csv"])
    assert (code, "[XC321]" in said.err) == (3, True)


@pytest.mark.parametrize(
    "words",
    [
        "adopt ok.xlsx --map map.toml -o self",
        "adopt self --map map.toml -o tables",
        "adopt ok.xlsx --map self -o tables",
        "recalc ok.xlsx -o self",
        "recalc ok.xlsx --outdir self",
        "recalc self -o out.xlsx",
        "recalc self/x.xlsx -o out.xlsx",
        "recalc self --in-place",
        "recalc ok.xlsx -o out.xlsx --report self",
        "index vitality2014 --data self",
        "merge self ok.xlsx -o out.xlsx",
        "fill self --data data.csv -o out.xlsx",
    ],
)
def test_a_link_to_itself(folder, capsys, words):
    (folder / "ok.xlsx").write_bytes(hostile.team_workbook())
    (folder / "self").symlink_to("self")
    code, _ = run(capsys, words.split())
    assert code in (2, 3)
    assert (folder / "self").is_symlink()


@pytest.mark.parametrize("verb", ["report", "export"])
def test_a_folder_that_is_a_link_to_itself_is_refused_before_the_work(
    folder, capsys, verb
):
    (folder / "own.xlsx").write_bytes(own_bytes(udf=False))
    (folder / "self").symlink_to("self")
    assert main([verb, "own.xlsx", "-o", "self"]) == 2
    assert capsys.readouterr().err.count("XC420") == 1


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONIOENCODING": "ascii"},
        pytest.param(
            {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
            marks=pytest.mark.skipif(
                not sys.prefix.isascii(),
                reason="Python itself does not start from such a folder",
            ),
        ),
    ],
)
def test_an_ascii_terminal(environment):
    done = subprocess.run(
        LIST,
        env={**os.environ, **environment},
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"\\u" in done.stdout


def test_a_closed_stdout():
    done = subprocess.run(
        ["/bin/sh", "-c", '"$@" >&-', "sh", *LIST], capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
@pytest.mark.parametrize("words", [[], ["--json"]])
def test_a_full_disk_behind_stdout(words):
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*LIST, *words],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == 4
    assert b"[XC425]" in done.stderr
    assert b"Traceback" not in done.stderr
    assert b"Exception ignored" not in done.stderr


def test_texts_that_grow_without_end_are_stopped(folder, capsys, monkeypatch):
    """Excel stops at 32,767 characters, engines do not; the limit is far below what they take."""
    doubled = {f"G{row}": f"=G{row - 1}&G{row - 1}" for row in range(2, 31)}
    (folder / "grows.xlsx").write_bytes(hostile.team_workbook(G1="=A1", **doubled))
    monkeypatch.setenv("XLCITY_MEMORY_MB", "150")
    for engine in ("formualizer", "auto"):
        words = f"recalc grows.xlsx -o out.xlsx --engine {engine} --timeout 60"
        code, said = run(capsys, words.split())
        assert code == 4, (engine, said.err)
        assert not (folder / "out.xlsx").exists()
        while formualizer.is_late_calculation_running():
            time.sleep(0.05)


def test_halves_of_characters_in_cells_reach_json(folder, capsys):
    text = b"<v>_xD83D__xDE00_ _xD800_</v>"
    data = hostile.changed(
        hostile.team_workbook(C9="=A1"),
        SHEET,
        b'<c r="C9"><f>A1</f><v /></c>',
        b'<c r="C9" t="str"><f>A1</f>' + text + b"</c>",
    )
    (folder / "team.xlsx").write_bytes(data)
    code, said = run(capsys, ["trace", "team.xlsx", "S!C9", "--json"])
    assert code == 0
    assert json.loads(said.out)["value"] == "😀 �"


def named(cells, **names):
    """Return a team's workbook with defined names."""
    parts = hostile.parts_of(hostile.team_workbook(**cells))
    bare = re.sub(rb"<definedNames ?/>", b"", parts[BOOK])
    listed = "".join(
        f'<definedName name="{n}">{text}</definedName>' for n, text in names.items()
    )
    new = f"</sheets><definedNames>{listed}</definedNames>".encode()
    return hostile.zipped({**parts, BOOK: bare.replace(b"</sheets>", new)})


CONTRACT = ("xl_report", "xl_version", "xl_framework", "chk_verdict")


@pytest.mark.parametrize(
    ("names", "told"),
    [
        ({"q": "S!("}, "S!C9: the name q cannot be computed: it says 'S!('"),
        ({"q": "Gone!$A$1"}, "the name q cannot be computed"),
        ({"q": '"abc'}, "the name q cannot be computed"),
        (dict.fromkeys(CONTRACT, "#REF!"), "the names of this template lead nowhere"),
    ],
)
def test_names_that_nobody_can_compute_are_refused_at_once(folder, capsys, names, told):
    (folder / "team.xlsx").write_bytes(named({"C9": "=SUM(B2:B5)+Q"}, **names))
    since = time.monotonic()
    code, said = run(capsys, ["recalc", "team.xlsx", "-o", "out.xlsx"])
    assert (code, "[XC411] team.xlsx" in said.err, told in said.err) == (3, True, True)
    assert time.monotonic() - since < 10


@pytest.mark.parametrize(
    "text",
    [
        "#REF!",
        "S!$B$2:$B$3",
        "'S'!$B$2",
        "(1+2)",
        # No other engine computes what refers to another workbook.
        pytest.param("[1]Gone!$A$1", marks=pytest.mark.libreoffice),
    ],
)
def test_other_names_are_computed_as_before(folder, capsys, text):
    (folder / "team.xlsx").write_bytes(named({"C9": "=SUM(q)"}, q=text, unused="S!("))
    assert run(capsys, ["recalc", "team.xlsx", "-o", "out.xlsx"])[0] in (0, 1)
