"""Messages of problems are sentences, so that a hint can follow, and have a Chinese text."""

from __future__ import annotations

import ast
import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import xlcity
from xlcity import errors
from xlcity.api.texts import say, told
from xlcity.audit.lint.registry import rules
from xlcity.errors import XlcityError, doubt_text
from xlcity.messages import Message, joined, shown
from xlcity.recalc.engines.protocol import list_addresses

HOME = Path(xlcity.__file__).parent
#: Raised with a sentence (the first argument); problems have theirs after the code.
RAISED = {
    name
    for name, kind in vars(errors).items()
    if isinstance(kind, type)
    and issubclass(kind, XlcityError)
    and name != "FunctionError"
}


def ending(node: ast.expr) -> str | None:
    """Return the last literal text of a message, None if a message is no literal."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return ending(node.values[-1])
    return "" if isinstance(node, ast.FormattedValue) else None


def messages(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield (line, end) of each message that is written out where it is used."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        at = 1 if node.func.id == "Problem" else 0 if node.func.id in RAISED else None
        if at is None or len(node.args) <= at:
            continue
        end = ending(node.args[at])
        if end is not None:
            yield node.lineno, end


@pytest.fixture(scope="module")
def trees() -> dict[str, ast.Module]:
    """The modules of the package by their paths, read once for the tests here."""
    return {
        path.relative_to(HOME).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted(HOME.rglob("*.py"))
    }


def test_messages_end_with_a_full_stop(trees: dict[str, ast.Module]) -> None:
    ends = [
        (name, line, end)
        for name, tree in trees.items()
        for line, end in messages(tree)
    ]
    assert [where for where in ends if not where[-1].endswith(".")] == []


#: What only people who write Python read.
FOR_PROGRAMMERS = (
    "functions/",
    "hosts/",
    "methods/record.py",
    "api/index.py",
    "api/inputs.py",
    "api/workbook.py",
)
REFUSES = re.compile(r"_?(refuse|no_native|no_native_problem|error|file_error|require)")


def patterns(node: ast.expr) -> str | None:
    """Return a text with {} for each value in it, None for what is no text."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        parts = (
            part.value if isinstance(part, ast.Constant) else "{}"
            for part in node.values
        )
        return "".join(map(str, parts))
    return None


def refusals(tree: ast.AST) -> Iterator[str]:
    """Yield the messages and hints that are written out where something is refused."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", None) or getattr(node.func, "attr", "")
        if name in RAISED or name == "Problem" or REFUSES.fullmatch(name):
            yield from (
                text
                for argument in node.args
                if (text := patterns(argument)) is not None
                and re.fullmatch(r".+ .+\.", text)
            )


def test_what_is_refused_is_said_by_key(trees: dict[str, ast.Module]) -> None:
    written_out = [
        (name, text)
        for name, tree in trees.items()
        if not name.startswith(FOR_PROGRAMMERS)
        for text in refusals(tree)
    ]
    assert written_out == []


#: Packages in which no sentence stands outside of a catalogue.
BY_KEY = ("model", "adoption", "audit/lint", "audit/diff", "audit/check")
#: Three words in a row: what a person reads, no heading, sign or name.
WORDS = re.compile(r"[A-Za-z]*[a-z]{2,} [a-z]+ [a-z]{2,}")
#: What only people who write Python read.
#: Words of the seal's own file, and of tables that are read.
NO_SENTENCES = {
    "out of reach behind the frozen panes",
    "sha256 of the file",
    "order of sheets",
    "without this sheet",
}


def literals(tree: ast.AST) -> Iterator[str]:
    """Yield the texts that are written out, without docstrings and what programmers read."""
    skipped: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)):
            skipped.add(getattr(node.body[0], "value", node.body[0]))
        if isinstance(node, ast.Assert):
            skipped |= {*ast.walk(node)}
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "ValueError":
            skipped |= {*ast.walk(node)}
        text = None if node in skipped else patterns(node)
        if text is not None:
            yield text


def test_no_sentence_is_written_out_where_messages_have_keys(
    trees: dict[str, ast.Module],
) -> None:
    folders = tuple(f"{package}/" for package in BY_KEY)
    found = [
        (name, text)
        for name, tree in trees.items()
        if name.startswith(folders)
        for text in literals(tree)
        if WORDS.search(text) and text not in NO_SENTENCES
    ]
    assert found == []


def test_doubts_about_formulas_are_said_in_chinese(monkeypatch) -> None:
    """Also several of them, in one sentence, and where another text quotes them."""
    monkeypatch.setenv("XLCITY_LANG", "zh")
    doubt = Message("doubt.no_numbers", name="RANK")
    text = doubt_text([doubt, Message("doubt.order_of_texts")], "formualizer")
    assert told(text).endswith("：RANK（没有数值）、文本的先后顺序")
    both = joined([text, Message("check.no_findings")])
    assert both == f"{text}; no findings"
    assert told(both).endswith("：RANK（没有数值）、文本的先后顺序；没有问题")


def test_a_text_of_a_verb_quotes_messages_in_the_readers_language(monkeypatch) -> None:
    monkeypatch.setenv("XLCITY_LANG", "zh")
    imputed = Message("mark.imputed")
    assert say("about", name=imputed, text=[imputed, "x"]) == "插补：插补、x"


def test_what_rules_name_and_advise_is_in_chinese() -> None:
    texts = [text for rule in rules().values() for text in (rule.title, rule.fix)]
    said = [shown(text, "zh") for text in texts]
    assert len(said) > 40
    assert [text for text in said if re.search("(?<!xl)[a-z]{2}", text)] == []


def test_cells_that_kept_their_values_are_listed_in_chinese(monkeypatch) -> None:
    monkeypatch.setenv("XLCITY_LANG", "zh")
    cells = list_addresses([("城", (row, 1)) for row in range(1, 15)])
    note = Message("note.kept_stored_values", number=14, cells=cells)
    assert note.startswith("14 cells kept the value stored, ")
    assert told(note).startswith("14 格保留了存储的值，没有引擎能计算：城!A1")
    assert told(note).endswith("，另有 2 个。")


def test_notes_on_a_recalculation_are_in_chinese(monkeypatch) -> None:
    monkeypatch.setenv("XLCITY_LANG", "zh")
    circle = Message("XC510.takes_for_circle", engine="formualizer", cells="S!B1")
    for note, chinese in (
        (
            Message("note.computes_instead", title="LibreOffice", note=circle),
            "把写到自身单元格的公式当作循环：S!B1。",
        ),
        (
            Message("note.compared_with_itself", engine="libreoffice"),
            "不能作为核对。",
        ),
        (Message("note.random_numbers"), "不一致。"),
    ):
        assert told(note).endswith(chinese)


#: Evidence that is still translated by matching it; a message with a key needs none.
MOST_PATTERNS = 256


def test_sentences_that_are_matched_only_become_fewer() -> None:
    with (HOME / "api" / "texts.csv").open(encoding="utf-8") as file:
        assert len([*csv.DictReader(file)]) <= MOST_PATTERNS


def test_a_key_without_a_text_is_shown_by_its_name():
    missing = Message("lint.without_a_text", number=3)
    assert missing == missing.in_language("zh") == "lint.without_a_text"
