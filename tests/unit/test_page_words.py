"""The page has buttons and fields: no sentence there names a command or an option."""

import ast
import csv
import re
from collections import Counter
from pathlib import Path

import pytest

import xlcity
from xlcity.api import texts
from xlcity.api.verb import verb_named
from xlcity.desk.forms import form_of, forms

HOME = Path(xlcity.__file__).parent
#: Packages whose sentences the page shows, and the modules of its verbs.
SHOWN = (
    "adoption",
    "api",
    "assess",
    "audit",
    "model",
    "recalc",
    "report",
    "workbook",
    "xlsx",
)
#: What only runs that the page does not start can say.
APART = (
    "recalc/files/cluster.py",
    "audit/tables/reproduction.py",
    "recalc/office_calls.py",
)
CATALOGUES = (HOME / "api" / "texts.csv", HOME / "cli" / "verbs" / "texts.csv")
#: Sentences by key of the packages whose sentences the page shows.
BY_KEY = [
    path
    for path in HOME.glob("*/messages.csv")
    if path.parent.name in (*SHOWN, "methods", "index", "figures", "reports")
]
#: Keys of what only runs that the page does not start can say.
KEYS_APART = ("XC530.", "XC531.")
COMMAND = re.compile(r"`|xlcity [a-z]+ [-A-Z]|(?<![\w-])--[a-z]|(?<![\w-])-o\b")


def read_rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return [*csv.DictReader(file)]


def sentences(tree):
    """Yield the literal sentences of a module, a value in them as X; docstrings are none."""
    skipped = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and node.body:
            skipped.add(getattr(node.body[0], "value", None))
        if node in skipped:
            continue
        if isinstance(node, ast.JoinedStr):
            skipped |= {*ast.walk(node)}
            parts = (getattr(part, "value", "X") for part in node.values)
            yield "".join(part if isinstance(part, str) else "X" for part in parts)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def modules():
    for package in SHOWN:
        yield from (HOME / package).rglob("*.py")
    yield HOME / "errors.py"
    names = {verb_named(verb.name).run.__module__ for verb in forms().values()}
    yield from (HOME.parent / f"{name.replace('.', '/')}.py" for name in names)


def test_no_sentence_that_is_written_out_names_a_command():
    named = []
    for path in sorted(modules()):
        if path.relative_to(HOME).as_posix() in APART:
            continue
        for text in sentences(ast.parse(path.read_text(encoding="utf-8"))):
            is_sentence = (
                re.match(r"[\"`'A-Za-z-].* .*[.:]$", text) and "\n" not in text
            )
            if is_sentence and COMMAND.search(text):
                named.append(f"{path.relative_to(HOME)}: {text}")
    assert named == []


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_words_of_the_page_name_no_command(monkeypatch, lang):
    monkeypatch.setenv("XLCITY_LANG", lang)
    monkeypatch.setenv(texts.ON_PAGE, "1")
    rows = [row for path in CATALOGUES for row in read_rows(path)]
    own = {row["en"]: row[f"page_{lang}"] for row in rows if row["page_en"]}
    assert own
    assert all(bool(row["page_en"]) == bool(row["page_zh"]) for row in rows)
    told = texts.read_texts(HOME / "desk", lang) | own
    assert {key: text for key, text in told.items() if COMMAND.search(text)} == {}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_no_message_on_the_page_names_a_command(lang):
    rows = [row for path in BY_KEY for row in read_rows(path)]
    own = [row for row in rows if row.get("page_en")]
    assert len(rows) > 500
    assert len(own) > 40
    assert all(row["page_zh"] for row in own)
    told = {row["key"]: row.get(f"page_{lang}") or row[lang] for row in rows}
    named = {key for key, text in told.items() if COMMAND.search(text)}
    assert {key for key in named if not key.startswith(KEYS_APART)} == set()


@pytest.mark.parametrize("folder", ["desk", "cli/verbs"])
def test_a_key_has_one_text(folder):
    """Of two, the later one would be shown in both places."""
    keys = Counter(row["key"] for row in read_rows(HOME / folder / "texts.csv"))
    assert [key for key, count in keys.items() if count > 1] == []


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_no_form_names_a_command(lang):
    with texts.in_language(lang):
        told = [form_of(verb) for verb in forms().values()]
    words = [form[name] for form in told for name in ("name", "help")]
    words += [
        need[name]
        for form in told
        for need in form["needs"]
        for name in ("label", "help")
    ]
    assert [text for text in words if COMMAND.search(text)] == []
