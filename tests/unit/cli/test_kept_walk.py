"""A walk through all verbs on one small index, kept as text: everything that they print."""

import contextlib
import io
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.helpers.cli import codes, run_json
from tests.helpers.kept import without, without_counts
from tests.helpers.own import write_tables
from tests.helpers.team_table import team_book
from xlcity.audit.diff.changes import CellChange
from xlcity.audit.diff.compare import RankMove
from xlcity.cli import main
from xlcity.cli.verbs.check import _differences
from xlcity.cli.verbs.recalc import _duration

FILES = {
    "f.csv": """code,parent,weight,direction,name_en,name_zh,uom,valid_low,valid_high
T,,,,Total,总分,,,
P,T,2,,Pillar P,领域P,,,
Q,T,1,,Pillar Q,领域Q,,,
A,P,1,1,Access,可达性,%,0,100
B,P,3,-1,Burden,负担,yuan,,
C,Q,1,1,Culture,文化,items,,
D,Q,1,-1,Dust,粉尘,ug/m3,,
""",
    "d.csv": """unit,name_en,name_zh,A,B,C,D,Group_side,note
beijing,Beijing,北京,71.5,320,40,35,east,x
lyon,Lyon,里昂,64,280,NA,12.5,west,
oslo,Oslo,奥斯陆,88.25,510,31,8,west,
quito,Quito,基多,42,150,18,21,west,
perth,Perth,珀斯,55,290,22,9,east,
turin,Turin,都灵,64,260,27,30,west,y
""",
    "next.csv": "unit,A,B,C,D\nbeijing,73%,330,42,33\noslo,86,505,30,8.5\nquito,145,155,,20\n",
    "bad.csv": 'unit,A,B,C,D,E\nbeijing,"7,3",about 280,42,33,1\nosloo,86,505,30,8.5,1\n'
    "oslo,1,,<5,x,1\n",
    "years.csv": "unit,year,A,B,C,D\n"
    + "".join(
        f"{unit},{year},{10 * k + year % 7},{300 - k * 7 + year % 5},{20 + k},{9 + k * year % 4}\n"
        for year in (2020, 2021, 2023)
        for k, unit in enumerate(("beijing", "lyon", "oslo", "quito"))
    ),
    "s.csv": "beijing|A,B\n99,3\n10,0.5\n",
    "twice.csv": "unit,A,A\nbeijing,1,2\n",
}
#: Words of the verbs in turn; a line of another language begins with zh.
WALK = """
new --framework f.csv --data d.csv -o b.xlsx
new --framework f.csv --data bad.csv -o no.xlsx
zh new --framework f.csv --data bad.csv -o no.xlsx
new --framework f.csv -o b.xlsx
index --framework f.csv --data d.csv
zh index --framework f.csv --data d.csv
index --framework f.csv --data d.csv --normalise zscore,B=rank --aggregate geometric
index --framework f.csv --data d.csv --normalise zscor --weights P=equal,X=pca
index --framework f.csv --data years.csv
index --framework f.csv --data years.csv --together
index --framework f.csv --data twice.csv
results b.xlsx
results b.xlsx nowhere.xlsx
fill b.xlsx --data next.csv -o c.xlsx
fill b.xlsx --data bad.csv -o e.xlsx
recalc b.xlsx c.xlsx --outdir out
recalc b.xlsx --in-place -o e.xlsx
check b.xlsx c.xlsx
zh check c.xlsx
diff b.xlsx c.xlsx
trace c.xlsx quito P --depth 4
zh trace c.xlsx lyon Q --depth 2
trace c.xlsx nobody P
trace c.xlsx Nowhere!A1
scenarios b.xlsx --table s.csv
assess --framework f.csv --data d.csv --n 40 --seed 3 --vary weights=noise:30% normalise=own,rank
zh assess --framework f.csv --data d.csv --n 20 --seed 3 --vary weights=noise:30%
seal c.xlsx -o c.seal.txt
export c.xlsx -o tables
pages b.xlsx
pages b.xlsx --add What-If -o p.xlsx
roll c.xlsx --edition 2027 -o r.xlsx
merge b.xlsx c.xlsx -o m.xlsx
release c.xlsx -o public.xlsx
adopt team.xlsx --propose map.toml
adopt team.xlsx --map map.toml -o adopted
check c.xlsx --findings
call EFFICACY_SCALE --args "[[[1],[2],[null],[4]], 40]"
call NO_SUCH --args "[]"
call RANK_BORDA --args "[[[1],[2"
functions ZSCORE_WINSOR
functions nothing
chek b.xlsx
fill b.xlsx
"""


def said(words: list[str]) -> str:
    """Return what a verb prints, messages after the results, and its exit code."""
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    err = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = main(words)
        except SystemExit as ended:
            code = ended.code
    out.seek(0)
    return f"{out.read()}{err.getvalue()}exit {code}\n"


def walked(walk: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Yield what each verb of a walk prints."""
    for line in walk.strip().splitlines():
        language, words = ("zh", line[3:]) if line.startswith("zh ") else ("en", line)
        monkeypatch.setenv("XLCITY_LANG", language)
        yield f"$ {line}\n{said(shlex.split(words))}"


def test_a_walk_through_all_verbs(
    require_kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    team_book(tmp_path / "team.xlsx")
    told = "\n".join(walked(WALK, monkeypatch))
    told = re.sub(r"\d+\.\d\d(?=  compiled)", "N.NN", told)
    require_kept("walk", without_counts(without(told, tmp_path)))


MANUSCRIPT = """# Ports

City00 ranks first in the Index, ahead of City01. City05 comes last with 12.5 points.

Three of the twelve cities score above 60 points. City03 leads Pillar A.
"""
SECOND_WALK = """
new --framework fw.csv --data data.csv -o b.xlsx
fill b.xlsx --data other.csv -o c.xlsx
diff b.xlsx c.xlsx
diff b.xlsx c.xlsx --node A
zh audit text m.md --against b.xlsx
audit text m.md --against b.xlsx
audit text m.md --against b.xlsx --json
report b.xlsx -o r --lang en --only sentences
results b.xlsx --csv r.csv
check b.xlsx c.xlsx --json
"""


def test_a_walk_with_many_changes(
    require_kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    write_tables(tmp_path, seed=2)
    others = (tmp_path / "data.csv").read_text().splitlines()
    others[4] = "city03" + ",NA" * 6
    (tmp_path / "other.csv").write_text("\n".join(others))
    write_tables(tmp_path)
    (tmp_path / "m.md").write_text(MANUSCRIPT, encoding="utf-8")
    told = without("\n".join(walked(SECOND_WALK, monkeypatch)), tmp_path)
    told = re.sub(r'"seconds":[\d.e-]+', '"seconds":N', told)
    require_kept("second_walk", without_counts(told))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.2, "1 s"),
        (1.4, "1 s"),
        (89.4, "89 s"),
        (90, "2 min"),
        (150, "2 min"),
        (5340, "89 min"),
        (5400, "1 h 30 min"),
        (9000, "2 h 30 min"),
    ],
)
def test_durations(seconds, text):
    assert _duration(seconds) == text


@pytest.mark.parametrize("changed", [0, 5, 40])
def test_the_fewer_cells_differ_the_more_moves_are_printed(changed):
    """46 lines at most, but 10 moves at least."""
    cells = [
        CellChange("input", "Data", f"D{k}", "u", "A", 1.0, 2.0) for k in range(changed)
    ]
    moves = [RankMove(f"u{k}", "T", k + 1, 61 - k, 1.0, 2.0) for k in range(60)]
    blocks = [
        *_differences(SimpleNamespace(a="a", b="b", cells=cells, ranks=moves), None)
    ]
    tables = [block for block in blocks if not isinstance(block, str)]
    shown = min(changed, 12)
    assert len(tables[-1].rows) == max(10, 46 - shown)
    assert str(60 - len(tables[-1].rows)) in blocks[-1]


@pytest.mark.parametrize(
    ("words", "opened"),
    [
        ([], (".", 0, True, "")),
        (["books", "--port", "8123"], ("books", 8123, True, "")),
        (["b.xlsx", "--no-browser", "--form", "fill"], ("b.xlsx", 0, False, "fill")),
        (["b.xlsx", "--cell", "Index!T16"], ("b.xlsx", 0, True, "Index!T16")),
    ],
)
def test_the_page_opens_on_what_is_named_or_on_this_folder(
    words, opened, monkeypatch, tmp_path
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "books").mkdir()
    (tmp_path / "b.xlsx").write_bytes(b"")
    served = []

    def serve(path, *, port, browser, first, announce):
        served.append((str(path), port, browser, first))
        announce("http://127.0.0.1:1/")

    monkeypatch.setattr("xlcity.desk.server.serve", serve)
    assert said(["desk", *words]) == "http://127.0.0.1:1/\nexit 0\n"
    assert served == [opened]


@pytest.mark.parametrize("shown", [None, "books", "gone"])
def test_a_starter_is_put_on_the_desktop(shown, monkeypatch, tmp_path, capsys):
    """Without a name it opens a folder of its own at home, which is made."""
    for name in ("Desktop", "books"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("xlcity.desk.shortcut.shutil.which", lambda _: None)
    code, document = run_json(capsys, "desk", *([shown] if shown else []), "--shortcut")
    if shown == "gone":
        assert (code, codes(document)) == (2, {"XC100"})
        assert not any((tmp_path / "Desktop").iterdir())
        return
    (starter,) = (tmp_path / "Desktop").iterdir()
    folder = tmp_path / (shown or "xlcity")
    assert (code, document["path"], document["opens"]) == (0, str(starter), str(folder))
    assert folder.is_dir()
