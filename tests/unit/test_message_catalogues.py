"""Catalogues of messages: every key that is used is there, in each language, with its fields."""

from __future__ import annotations

import ast
import copy
import csv
import functools
import json
import pickle
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

import xlcity
from xlcity import messages
from xlcity.api.documents import finding_words, sentence
from xlcity.api.texts import in_language, read_texts
from xlcity.audit.lint.finding import Finding
from xlcity.errors import DataError, Problem, UsageError, Where, did_you_mean
from xlcity.messages import Message, joined, sentences

HOME = Path(xlcity.__file__).parent
CATALOGUES = [HOME / "messages.csv", *sorted(HOME.glob("*/messages.csv"))]
LANGUAGES = ("en", "zh")
PAGES = tuple(f"page_{language}" for language in LANGUAGES)
KEY = re.compile(r"(XC\d{3}|[a-z]\w*)(\.\w+)*")
PROBLEM = re.compile(r"XC\d{3}(\.\w+)+")
WORDS = re.compile(
    r"(rule|difference|mark|verdict|state|means|step\.name|lite|removed|carried)\.(\w+)"
)
#: What makes a problem of a key and its values, or collects one.
COLLECTS = ("of", "refuse", "_refuse", "_doubt", "expect")
#: Place, key, names of its values, whether a hint goes with it.
Use = tuple[str, str, set[str] | None, bool]


def rows() -> Iterator[dict[str, str]]:
    for path in CATALOGUES:
        with path.open(encoding="utf-8", newline="") as file:
            yield from csv.DictReader(file)


ROWS = {row["key"]: row for row in rows()}


def fields(template: str) -> set[str]:
    return {name for _, name, *_ in Formatter().parse(template) if name}


def keys_of(node: ast.expr) -> list[str]:
    """The keys that an expression may be: a literal, or one of two."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.IfExp):
        return keys_of(node.body) + keys_of(node.orelse)
    return []


def uses() -> Iterator[Use]:
    """Yield place, key, the names of its values (None: not written out), and whether a hint goes
    with it."""
    for path in sorted(HOME.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            is_message = isinstance(node.func, ast.Name) and node.func.id == "Message"
            names = {keyword.arg for keyword in node.keywords}
            name = getattr(node.func, "attr", "")
            is_written_out = (is_message or name in COLLECTS) and None not in names
            given = names - {"hint", "related"} if is_written_out else None
            for key in keys_of(node.args[0]):
                is_problem = not is_message and PROBLEM.fullmatch(key) is not None
                if not is_problem and not is_message:
                    continue
                place = f"{path.relative_to(HOME).as_posix()}:{node.lineno}"
                with_hint = is_problem and "hint" not in names
                yield place, key, given, with_hint


@functools.cache
def all_uses() -> list[Use]:
    """The uses of the package, read by the first test that asks."""
    return list(uses())


def test_each_key_that_is_used_is_there_with_its_values() -> None:
    assert len(all_uses()) > 50
    unknown = [(place, key) for place, key, *_ in all_uses() if key not in ROWS]
    assert unknown == []
    lacking = [
        (place, name, fields(ROWS[name]["en"]) - given)
        for place, key, given, with_hint in all_uses()
        if given is not None
        for name in (key, f"{key}.hint" if with_hint else key)
        if name in ROWS and not fields(ROWS[name]["en"]) <= given
    ]
    assert lacking == []


def test_no_key_is_there_twice_or_unused() -> None:
    counted = Counter(row["key"] for row in rows())
    assert [key for key, count in counted.items() if count > 1] == []
    assert [key for key in ROWS if not KEY.fullmatch(key)] == []
    # A key may also be kept by name, as a method's `needs`.
    constants = {
        node.value
        for path in HOME.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    hinted = {f"{key}.hint" for _, key, _, with_hint in all_uses() if with_hint}
    # Keys of words that are kept as such: rules of the lint, kinds of differences, marks, methods.
    words = {text.replace(" ", "_") for text in constants} | {"other"}
    hinted |= {key for key in ROWS if (word := WORDS.match(key)) and word[2] in words}
    # Keys of hints of keys that are kept by name.
    hinted |= {f"{key}.hint" for key in constants if key in ROWS}
    assert [key for key in ROWS if key not in constants | hinted] == []


def test_each_language_names_the_same_fields() -> None:
    """English counts by fields; another language may need fewer, never others."""
    for key, row in ROWS.items():
        for language in (*LANGUAGES[1:], *PAGES):
            text = row.get(language)
            assert text or language in PAGES, (key, language)
            assert fields(text or "") <= fields(row["en"]), (key, language)
        # Another program's words are left out where ours say it.
        left_out = {"said"} | {
            name
            for _, name, form, _ in Formatter().parse(row["en"])
            if name and (form or "").startswith("~")
        }
        assert fields(row["en"]) - left_out <= fields(row["zh"]), key


def test_what_is_wrong_begins_small_and_ends_with_a_stop() -> None:
    """A remedy can follow it."""
    said = {
        key: row["en"]
        for key, row in ROWS.items()
        if key.startswith("XC") and not key.endswith(".hint")
    }
    assert [
        key for key, text in said.items() if not text.endswith((".", "?", "}"))
    ] == []


def test_chinese_has_no_english_clause() -> None:
    """Names, codes, options and what is typed stay."""
    typed = re.compile(r"`[^`]*`|\{[^}]*\}|--?[\w-]+|\[\[?\w*\]?\]|\"[^\"]*\"|'[^']*'")
    clauses = {
        key: row["zh"]
        for key, row in ROWS.items()
        if re.search(
            r"\b(the|is|are|of|with|and|or|not|for|to|in)\b", typed.sub("", row["zh"])
        )
        and not re.search(r"install|http", row["zh"])
    }
    assert clauses == {}


def test_a_message_is_the_text_in_english_and_shown_in_the_language_of_its_reader() -> (
    None
):
    problem = Problem.of(
        "XC250.unknown_method",
        Where(indicator="GDP"),
        hint=did_you_mean("zscor", ["zscore"]),
        step="normalise",
        name="zscor",
    )
    assert problem.message == "normalise has no method 'zscor'."
    assert json.loads(json.dumps(problem.as_dict())) == {
        "code": "XC250",
        "message": "normalise has no method 'zscor'.",
        "hint": "Did you mean zscore?",
        "where": {
            "file": None,
            "sheet": None,
            "cell": None,
            "indicator": "GDP",
            "unit": None,
        },
    }
    with in_language("zh"):
        assert (
            sentence(problem)
            == "指标 GDP: normalise 没有方法 'zscor'。您是指 zscore 吗？"
        )
    with in_language("en"):
        assert sentence(problem) == str(problem)


@pytest.mark.parametrize(
    "again", [copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))]
)
def test_a_copy_knows_its_key_and_values(again) -> None:
    error = again(DataError.of("XC351.constant", equal="all are 1"))
    assert error.problems[0].message.key == "XC351.constant"
    message = again(joined([Message("hint.did_you_mean", meant="a"), "b"]))
    assert message == "Did you mean a?; b"
    assert message.in_language("zh") == "您是指 a 吗？；b"


def test_values_are_counted_listed_and_quoted() -> None:
    assert (
        messages.fill("{n:city|cities} {n:~is|are} here", {"n": 1}, "en")
        == "1 city is here"
    )
    assert (
        messages.fill("{n:city|cities} {n:~is|are} here", {"n": 2}, "en")
        == "2 cities are here"
    )
    assert messages.fill("{n:cell}", {"n": 0}, "en") == "0 cells"
    assert messages.fill("{names}", {"names": ["a", "b"]}, "zh") == "a、b"
    assert (
        messages.fill("x: {fault:.}.", {"fault": "it fails."}, "en") == "x: it fails."
    )
    assert sentences("", "One.", "Two.") == "One. Two."
    assert len(Message("list.all", words=["x" * 9000])) < 5000


def test_characters_that_would_hide_are_spelled_out_in_each_language() -> None:
    message = Message("hint.did_you_mean", meant="a\x1b[31m")
    assert message == "Did you mean a\\u001b[31m?"
    assert message.in_language("zh") == "您是指 a\\u001b[31m 吗？"


@pytest.fixture
def third_language(tmp_path, monkeypatch):
    """Catalogues with one more column: English in capitals, its fields as they are."""
    for path in CATALOGUES:
        target = tmp_path / path.relative_to(HOME)
        target.parent.mkdir(exist_ok=True)
        shutil.copy(path, target)
        with path.open(encoding="utf-8", newline="") as file:
            table = list(csv.DictReader(file))
        for row in table:
            parts = re.split(r"(\{[^}]*\})", row["en"])
            row["qq"] = "".join(
                part if part.startswith("{") else part.upper() for part in parts
            )
        with target.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, table[0])
            writer.writeheader()
            writer.writerows(table)
    monkeypatch.setattr(messages, "HOME", tmp_path)
    messages.catalogue.cache_clear()
    yield "qq"
    messages.catalogue.cache_clear()


def test_a_third_language_is_one_more_column(third_language) -> None:
    with pytest.raises(UsageError) as raised:
        raise UsageError.of(
            "XC100.unknown",
            hint=did_you_mean("x", ["excel", "python"]),
            kind=Message("kind.host"),
            word="x",
        )
    problem = raised.value.problems[0]
    assert str(problem) == "unknown host 'x'. Known: excel, python."
    with in_language(third_language):
        assert sentence(problem) == "UNKNOWN HOST 'x'. KNOWN: excel, python."
    with in_language("zh"):
        assert sentence(problem) == "没有宿主 'x'。可用的有：excel、python。"


def test_what_a_third_language_lacks_is_said_in_english(third_language) -> None:
    row = {"key": "k", "en": "a file", "page_en": "a sheet", "zh": "文件", "qq": ""}
    assert messages.template_of(row, third_language) == "a file"
    assert messages.template_of(row, third_language, on_page=True) == "a sheet"
    assert messages.template_of({**row, "qq": "A FILE"}, third_language) == "A FILE"
    finding = Finding("E02", "Data", "B2", Message("lint.formula_cleared"))
    with in_language(third_language):
        assert finding_words(finding) == (
            "THE FORMULA WAS CLEARED.",
            "RESTORE THE FORMULA.",
        )
    with in_language("en"):
        assert finding_words(finding)[1] == "Restore the formula."


def test_verbs_take_a_third_language_from_one_more_column(tmp_path) -> None:
    table = "key,en,zh,page_en,page_zh,qq\ndone,done,完成,,,DONE\nleft,left,剩余,,,\n"
    (tmp_path / "texts.csv").write_text(table, encoding="utf-8")
    assert read_texts(tmp_path, "qq") == {"done": "DONE", "left": "left"}
    assert read_texts(tmp_path, "zh") == {"done": "完成", "left": "剩余"}
