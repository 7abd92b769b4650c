"""Commands that fail say so in Chinese alone, but for names, codes, options and file names."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers import hostile
from tests.helpers.cli import run

FRAMEWORK = (
    "code,parent,name_zh,name_en,weight,direction\n"
    "T,,总指数,Index,1,\nA,T,甲,First,0.5,1\nB,T,乙,Second,0.5,1\n"
)
DATA = "city,A,B\n北京,1,2\n上海,3,4\n广州,5,7\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Files that each have one fault."""
    home = tmp_path_factory.mktemp("refused")
    texts = {
        "framework.csv": FRAMEWORK,
        "data.csv": DATA,
        "no-columns.csv": "name,weight\nx,1\n",
        "orphan.csv": FRAMEWORK.replace("B,T,", "B,Z,"),
        "weight.csv": FRAMEWORK.replace("0.5,1\nB", "-1,1\nB"),
        "loop.csv": FRAMEWORK.replace("T,,", "T,A,"),
        "empty.csv": "",
        "numbers.csv": DATA.replace("3,4", "三,4"),
        "unknown.csv": DATA.replace("上海", "上嗨"),
        "twice.csv": DATA.replace("上海", "北京"),
        "nothing.csv": "city,X,Y\n北京,1,2\n",
        "page.xlsx": "<html><table><tr><td>1</td></tr></table></html>",
        "text.xlsx": "a,b\n1,2\n",
        "cut.xlsx": "PK\x03\x04",
        "recipe.toml": "version = 1\n[[step]]\ndo = 'normalise'\nmethod = 'zscor'\n",
        "broken.toml": "version = = 1\n",
        "keys.toml": "version = 2\nwieghts = 'shares'\n[[step]]\ndo = 'normalise'\n"
        "method = 'minmax'\ncodes = 3\n",
        "names.toml": "[data]\nheader = 900\nunit = 'Stadt'\n[wrong]\n",
        "turned.csv": FRAMEWORK.replace("T,,总指数,Index,1,", "T,,总指数,Index,1,-1"),
        "words.csv": FRAMEWORK.replace("0.5,1\nB", "half,up\nB"),
        "estimates.csv": DATA.replace("3,4", "约3,4").replace("5,7", "#N/A,=A1"),
        "links.csv": "code,from,to,value\nA,北京,北京,1\n",
        "two.md": "| 城市 | A |\n|---|---|\n| 北京 | 1 |\n\n"
        "| 城市 | B |\n|---|---|\n| 北京 | 1 |\n",
        "spec.toml": "[[table]]\nname = 'main'\nunkown = 1\n",
        "chapter.txt": "",
        "args.json": "[",
    }
    for name, text in texts.items():
        (home / name).write_text(text, encoding="utf-8")
    (home / "zero.xlsx").write_bytes(b"")
    # Nobody is writing them: `recalc` does not wait for the rest.
    for name in ("cut.xlsx", "zero.xlsx"):
        os.utime(home / name, (0, 0))
    (home / "old.xls").write_bytes(
        bytes.fromhex("D0CF11E0A1B11AE1") + "Workbook".encode("utf-16-le")
    )
    (home / "team.xlsx").write_bytes(hostile.team_workbook(C9="=B2+C2"))
    (home / "circle.xlsx").write_bytes(hostile.team_workbook(C9="=C10", C10="=C9"))
    (home / "pdf.xlsx").write_bytes(b"%PDF-1.7\n")
    (home / "folder").mkdir()
    return home


#: Commands, with a code that they end with.
COMMANDS = (
    "chek team.xlsx -> XC100",
    "new -> XC100",
    "new gihi2032 -o out.xlsx -> XC100",
    "new bri2021 --framework framework.csv -o out.xlsx -> XC100",
    "new --framework framework.csv -o out.xlsx -> XC100",
    "new --framework missing.csv --data data.csv -o out.xlsx -> XC320",
    "new --framework no-columns.csv --data data.csv -o out.xlsx -> XC220",
    "new --framework orphan.csv --data data.csv -o out.xlsx -> XC203",
    "new --framework weight.csv --data data.csv -o out.xlsx -> XC204",
    "new --framework loop.csv --data data.csv -o out.xlsx -> XC202",
    "new --framework empty.csv --data data.csv -o out.xlsx -> XC322",
    "new --framework framework.csv --data data.csv -o out.ods -> XC100",
    "new --framework framework.csv --data data.csv -o folder -> XC102",
    "new bri2021 --data data.csv --empty -o out.xlsx -> XC100",
    "index --framework framework.csv --data numbers.csv -> XC301",
    "index --framework framework.csv --data twice.csv -> XC313",
    "index --framework framework.csv --data nothing.csv -> XC319",
    "index --framework framework.csv --data data.csv --normalise zscor -> XC252",
    "index --framework framework.csv --data data.csv --normalise zscore:x -> XC253",
    "index --framework framework.csv --data data.csv --aggregate C=geometric -> XC255",
    "index --framework framework.csv --data data.csv --recipe recipe.toml -> XC252",
    "index --framework framework.csv --data data.csv --recipe broken.toml -> XC251",
    "index --framework framework.csv --data data.csv --impute mean:1:2:3 -> XC253",
    "index --framework framework.csv --data data.csv --recipe keys.toml -> XC254",
    "index --framework turned.csv --data data.csv -> XC206",
    "index --framework words.csv --data data.csv -> XC222",
    "index --framework words.csv --data data.csv -> XC223",
    "index --framework framework.csv --data estimates.csv -> XC301",
    "index --framework framework.csv --data links.csv -> XC311",
    "index --framework framework.csv --data two.md -> XC322",
    "index --framework framework.csv --data folder -> XC324",
    "adopt team.xlsx --map names.toml -o tables -> XC337",
    "adopt missing.xlsx --propose map.toml -> XC320",
    "adopt team.xlsx --map broken.toml -o tables -> XC337",
    "adopt team.xlsx --map -> XC100",
    "fill team.xlsx --data data.csv -o out.xlsx -> XC430",
    "fill missing.xlsx --data data.csv -o out.xlsx -> XC400",
    "pages team.xlsx -> XC430",
    "rebuild team.xlsx -o out.xlsx -> XC430",
    "export page.xlsx -o tables -> XC401",
    "export text.xlsx -o tables -> XC401",
    "recalc cut.xlsx -o out.xlsx -> XC403",
    "recalc zero.xlsx -o out.xlsx -> XC402",
    "recalc old.xls -o out.xlsx -> XC401",
    "recalc pdf.xlsx -o out.xlsx -> XC401",
    "recalc team.xlsx -> XC100",
    "recalc team.xlsx -o out.xlsx --engine formualiser -> XC100",
    "recalc circle.xlsx -o out.xlsx -> XC512",
    "recalc team.xlsx -o team.xlsx -> XC102",
    "recalc folder --outdir out -> XC105",
    "scenarios team.xlsx --table data.csv -o out.csv -> XC100",
    "check folder -> XC105",
    "check team.xlsx --seal missing.seal.txt -> XC400",
    "trace team.xlsx 城!A1 -> XC100",
    "trace team.xlsx S!C9 --depth -1 -> XC100",
    "trace team.xlsx Z1 -> XC100",
    "diff team.xlsx missing.xlsx -> XC400",
    "results team.xlsx -> XC430",
    "assess --framework framework.csv --data data.csv -> XC272",
    "assess bri2021 --vary normalise=zscor -> XC271",
    "assess bri2021 -n 0 -> XC100",
    "audit tables --table data.csv --spec spec.toml -> XC341",
    "audit text chapter.txt --against bri2021 -> XC370",
    "reproduce gihi2032 -> XC100",
    "report team.xlsx -o folder/out --lang en -> XC430",
    "release team.xlsx -o out.xlsx -> XC430",
    "seal missing.xlsx -> XC400",
    "functions ZSKORE -> XC100",
    "call ZSCORE --args {} -> XC100",
    "call ZSCORE --args [1 -> XC100",
    "trust missing.py -> XC612",
    "udf export --host excell -> XC100",
)

#: What is no sentence: codes, what is quoted, options, addresses, files, and what has a digit.
NAMES = re.compile(
    r"\[XC\d+\]|`[^`]*`|'[^']*'|\"[^\"]*\"|“[^”]*”|--?[A-Za-z][\w-]*"
    r"|\b[\w-]+(?:[/\\.!_|=]\w+)+|\b\w*\d\w*\b"
)
#: Names of verbs, methods, columns, keys and programs, which stay.
KNOWN = re.compile(
    r"\b(xlcity|zscore|minmax|formualizer|libreoffice|formulas|auto|own|unit|code|parent"
    r"|weight|year|normalise|aggregate|impute|vary|excel|lite|probe|python|LibreOffice"
    r"|Excel|WPS|Python|TOML|CSV|JSON|UTF|GB|Big|Office|main|Index|Sheet|FILE)\b",
    re.IGNORECASE,
)


def english(text: str) -> Iterator[str]:
    """Yield runs of two or more English words that are no names."""
    for line in text.splitlines():
        bare = KNOWN.sub(" ", NAMES.sub(" ", line))
        yield from re.findall(r"\b[A-Za-z]{2,}(?:,? +[A-Za-z]{2,})+\b", bare)


@pytest.mark.parametrize("command", COMMANDS)
def test_what_fails_is_said_in_chinese(capsys, monkeypatch, folder, command) -> None:
    monkeypatch.chdir(folder)
    monkeypatch.setenv("XLCITY_LANG", "zh")
    words, _, expected = command.partition(" -> ")
    code, _, said = run(capsys, *words.split())
    assert code in (2, 3, 4), said
    assert f"[{expected}]" in said, said
    assert re.search("[\u4e00-\u9fff]", said), said
    assert [*english(said)] == [], said
