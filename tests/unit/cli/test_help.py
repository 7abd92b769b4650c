"""Help and the language of the command line."""

from __future__ import annotations

import ast
import csv
import io
import re
import shlex
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

import xlcity
from tests.helpers.cli import run, run_json
from tests.helpers.team_table import team_book
from xlcity.api import texts
from xlcity.api.arguments import arguments_of
from xlcity.api.documents import sentence
from xlcity.api.verb import all_verbs, heads
from xlcity.audit.trace.trace import find_cell
from xlcity.cli import first_words, main, progress
from xlcity.cli.parser import help_of, parser_of
from xlcity.errors import Problem, UsageError, Where
from xlcity.messages import Message
from xlcity.workbook.migrate.edits import CARRIED

PLACES = [*dict.fromkeys((*first_words(), *all_verbs()))]


def rows(folder="api"):
    path = Path(xlcity.__file__).parent / folder / "texts.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def chinese(monkeypatch):
    monkeypatch.setenv("XLCITY_LANG", "zh")


@pytest.mark.parametrize("place", PLACES)
def test_every_verb_has_examples_that_its_parser_takes(place):
    _, _, examples = parser_of(place.split()[0]).epilog.partition(":\n")
    if place in all_verbs():
        examples = all_verbs()[place].sections["Examples"]
    assert examples
    for line in examples.splitlines():
        command = line.split(" > ")[0].split(" >> ")[0]
        name, verb, *words = shlex.split(command)
        assert name == "xlcity"
        parser_of(verb).parse_args(words)


@pytest.mark.parametrize("place", PLACES)
def test_help_ends_with_the_examples(place, capsys):
    with pytest.raises(SystemExit):
        run(capsys, *place.split(), "--help")
    out = capsys.readouterr().out
    assert f"examples:\n  xlcity {place.split()[0]}" in out
    assert out.startswith(f"usage: xlcity {place} ")


@pytest.mark.parametrize("verb", all_verbs().values(), ids=all_verbs())
def test_all_help_is_translated(verb, chinese):
    assert re.search(r"[\u3400-\u9fff]", texts.text_of(verb.key))
    for argument in arguments_of(verb):
        said = help_of(verb, argument)
        if argument.help:
            assert said != argument.help
        assert not re.search("[a-z]{3,} [a-z]{2,} [a-z]{2,} ", said), said


def test_every_text_of_a_verb_puts_in_the_same_values_in_both_languages():
    def values(text):
        return {
            re.split("[:!]", name)[0] for name in re.findall(r"\{(\w+[^}]*)\}", text)
        }

    listed = rows("cli/verbs")
    assert len({row["key"] for row in listed}) == len(listed)
    for row in listed:
        if (
            row["en"] and row["key"] != "new.done"
        ):  # one shows a word, the other its translation
            assert row["zh"]
            assert values(row["en"]) == values(row["zh"]), row


def test_the_overview_reads_what_the_verbs_declare():
    """It is read from the source, without importing the verbs."""
    declared = {
        n: (v.group, v.run.__module__, v.summary) for n, v in all_verbs().items()
    }
    assert {name: (*head[:2], head[2]) for name, head in heads().items()} == declared


@pytest.mark.parametrize(
    ("words", "code"),
    [(["--help"], 0), (["-h"], 0), (["help"], 0), (["--version"], 0), ([], 2)],
)
def test_help_that_is_asked_for_is_no_failure(words, code, capsys):
    assert main(words) == code
    assert "xlcity" in capsys.readouterr().out


def test_a_word_that_several_verbs_begin_with_lists_them(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["audit", "--help"])
    told = capsys.readouterr().out
    assert ended.value.code == 0
    assert all(f"  {kind} " in told for kind in ("tables", "text"))


def test_help_in_chinese_has_chinese_headings(chinese, capsys):
    with pytest.raises(SystemExit):
        run(capsys, "results", "--help")
    said = capsys.readouterr().out
    for word in ("用法：xlcity results", "选项:", "只要前 N 个城市", "示例:"):
        assert word in said
    run(capsys, "--help")
    assert "usage" not in run(capsys, "--help")[1]


def test_the_language_follows_the_locale_unless_it_is_chosen(monkeypatch):
    for name in ("XLCITY_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert texts.language() == "zh"
    monkeypatch.setenv("XLCITY_LANG", "en")
    assert texts.language() == "en"


def test_a_message_keeps_its_values_in_every_language(chinese):
    where = Where("a.csv", unit="lyon")
    problem = Problem.of("XC301.unreadable", where, shown="'约30'")
    assert sentence(problem) == "a.csv, 城市 lyon: '约30' 不是数字。"
    assert sentence(Problem("XC999", "no such text.")) == "no such text."
    meant = Message("hint.did_you_mean", meant="check")
    assert texts.told(meant) == "您是指 check 吗？"


def test_slips_in_a_framework_and_its_data_are_told_in_chinese(
    chinese, capsys, tmp_path
):
    for name, text in (
        ("twice", "code,parent\nT,\na,T\na,T\n"),
        ("up", "code,parent,direction\nT,,\na,T,up\n"),
        ("heads", "code,weight\nT,1\n"),
        ("fine", "code,parent\nT,\na,T\nb,T\n"),
        ("data", "unit,a,zz,b\nu,1,2,3\nv,1,2,4\n"),
    ):
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    said = ""
    for name in ("twice", "up", "heads", "fine"):
        own = ("--framework", tmp_path / f"{name}.csv", "--data", tmp_path / "data.csv")
        said += run(capsys, "index", *own)[2].replace(str(tmp_path), "")
    for sentence_ in (
        "代码 a 重复：第 3 行和第 4 行。",
        "'up' 不是方向。请写 1 或 -1。",
        "指标体系表需要 code 和 parent 列。",
        "main 各城市的 a 同为 1：minmax 没有结果。",
        "未使用：zz（指标体系中没有此代码或名称）。",
    ):
        assert sentence_ in said
    reason = Message("address.no_cell", text="ZZZZ1")
    place = Problem.of("XC100.no_address", hint="", reason=reason)
    assert sentence(place) == "'ZZZZ1' 不是单元格地址。"
    sheets = SimpleNamespace(sheets=dict.fromkeys("AB"), names={})
    with pytest.raises(UsageError) as caught:
        find_cell(
            SimpleNamespace(
                area=lambda text: None, book=sheets, path="", template=None
            ),
            "nowhere",
        )
    (problem,) = caught.value.problems
    example = re.search(r" Write Sheet!Cell, such as (\S+)\.$", problem.hint)[1]
    assert texts.translated(problem.hint, "hint").endswith(f"，如 {example}。")


def test_how_values_were_read_is_told_in_chinese(chinese, capsys, tmp_path):
    (tmp_path / "f.csv").write_text(
        "code,parent,uom\nT,,\na,T,%\nb,T,\n", encoding="utf-8"
    )
    data = 'unit,a,b\nu,４５．３%,１,1\nv,50,"1,200"\nw,0.6,3.2万\nx,60,43%\ny,55,2\n'
    (tmp_path / "d.csv").write_text(data.replace("１,1", "１"), encoding="utf-8")
    own = ("--framework", tmp_path / "f.csv", "--data", tmp_path / "d.csv")
    said = run(capsys, "index", *own)[2].replace(str(tmp_path), "")
    for sentence_ in (
        "第 2 行, 城市 u, 指标 a：'４５．３%' 读作 45.3（全角字符，计量单位为百分比，去掉百分号）",
        "指标 b：'1,200' 读作 1200（千位分隔逗号）",
        "指标 b：'3.2万' 读作 32000（万 = 10,000）",
        "指标 b：'43%' 读作 0.43（百分号：除以 100）",
        "按 0.6% 计算，而 a 的其他城市为 45.3% 至 60%。如为小数，请填写 60。",
    ):
        assert sentence_ in said, said


def test_what_was_copied_and_is_not_filled_is_told_in_chinese(chinese):
    kinds = "value exception unit node ingredient item link comment look cell hyperlink review"
    said = [texts.say(f"conflict.{kind}") for kind in (*kinds.split(), "change")]
    said += [texts.say(f"copied.{kind}", number=3) for kind in CARRIED]
    assert [text for text in said if re.search("[a-z]{3}", text)] == []


def test_numbers_are_counted_in_english():
    assert texts.say("merge.changes", name="li", changes=1) == "li: 1 change"
    done = {"path": "t", "units": 2, "indicators": 1}
    assert texts.say("adopt.done", **done) == "t: 2 cities, 1 indicator"


def test_json_is_the_same_in_every_language(chinese, capsys):
    code, found = run_json(capsys, "index", "image2024")
    assert (code, found["errors"][0]["hint"]) == (2, "Did you mean image2025?")


@pytest.mark.slow
def test_every_listed_message_is_one_that_the_source_has():
    """A sentence that was edited is found here, so that its translation is edited as well."""

    def template(node):
        if isinstance(node, ast.JoinedStr):
            return "".join(
                part.value if isinstance(part, ast.Constant) else "{}"
                for part in node.values
            )
        return node.value if isinstance(node, ast.Constant) else None

    home = Path(xlcity.__file__).parent
    found = {
        template(node)
        for path in home.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, (ast.JoinedStr, ast.Constant))
    }
    # `require_known` says of each kind of word what it does not know.
    texts = (path.read_text(encoding="utf-8") for path in home.rglob("*.py"))
    kinds = {
        kind
        for text in texts
        for kind in re.findall(r'require_known\("([a-z ]+)"', text)
    }
    found |= {f"unknown {kind} {{}}." for kind in kinds}
    listed = [row for row in rows() if row["key"].startswith("XC")]
    assert len(listed) >= 60
    assert [row["en"] for row in listed if row["en"] not in found] == []
    assert all(row["en"].count("{}") >= row["zh"].count("{}") for row in rows())


def test_short_verbs_say_which_step_they_are_at(tmp_path, monkeypatch):
    """What the companion page shows while they run, in the reader's language."""
    said = []
    monkeypatch.setattr(progress, "write_step", said.append)
    monkeypatch.setenv("XLCITY_LANG", "zh")
    team = tmp_path / "team.xlsx"
    team_book(team)
    for steps, words in (
        (2, ["seal", str(team)]),
        (2, ["adopt", str(team), "--propose", str(tmp_path / "map.toml")]),
        (4, ["audit", "tables", "vitality2014"]),
    ):
        said.clear()
        assert main(words) in (0, 1)
        assert [text.partition("：")[0] for text in said] == [
            f"第 {number} 步，共 {steps} 步" for number in range(1, steps + 1)
        ]


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize("kind", [Terminal, io.StringIO])
def test_progress_is_one_line_on_a_terminal_only(kind, monkeypatch):
    monkeypatch.setattr(progress, "QUIET", 0.02)
    monkeypatch.setattr(progress, "PAUSE", 0.02)
    stderr = kind()
    monkeypatch.setattr("sys.stderr", stderr)
    with progress.shown("check"):
        progress.step("2 of 5, b.xlsx")
        time.sleep(0.2)
    text = stderr.getvalue()
    if kind is Terminal:
        assert "\rxlcity check: 2 of 5, b.xlsx, 0 s" in text
        assert text.endswith("\r")
        assert "\n" not in text
    else:
        assert text == ""


def test_a_command_starts_no_threads_of_numpy_and_looks_for_no_circles_at_its_end():
    code = (
        "import os, gc\nos.environ.pop('OPENBLAS_NUM_THREADS', None)\n"
        "from xlcity.cli import main\nfrozen = gc.get_freeze_count()\n"
        "name = 'OPENBLAS_NUM_THREADS'\n"
        "def state(): return os.environ.get(name), gc.get_freeze_count() > frozen\n"
        "main(['list']); before = state(); main(); print(before, state())"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, "list"], capture_output=True, text=True, check=True
    )
    assert ran.stdout.splitlines()[-1] == "(None, False) ('1', True)"
