"""Patterns of prose: short, named and used; a sentence in each language shows what they read."""

import re
from pathlib import Path

import pytest

from xlcity.audit.text import patterns
from xlcity.audit.text.marks import CITY, GROUP, NODE, YEAR
from xlcity.audit.text.patterns import WORDS, claim_patterns, compiled
from xlcity.data_files import toml_beside

FOLDER = Path(patterns.__file__).parent
MEANINGS = toml_beside(patterns.__file__, "words.toml")
#: What a sentence has in the place of names.
SIGNS = {"city": CITY, "node": NODE, "group": GROUP, "year": YEAR}
#: Most characters of one pattern.
MOST = 200


def marked(sentence):
    """Return a sentence with the signs of cities, parts, groups and years."""
    return sentence.format_map({name: chr(first) for name, first in SIGNS.items()})


def reads(pattern, sentence):
    """Tell whether a pattern finds its words; some end where a sentence goes on with a number."""
    text = marked(sentence)
    ends = (
        [len(text), *range(len(text))] if pattern.endswith(("$", "$)")) else [len(text)]
    )
    return any(compiled(pattern).search(text[:end]) for end in ends)


def shown():
    """Yield each meaning with a language and its sentence."""
    for meaning, parts in MEANINGS.items():
        for lang, sentence in parts.get("says", {}).items():
            yield pytest.param(meaning, lang, sentence, id=f"{meaning}-{lang}")


@pytest.mark.parametrize(("meaning", "lang", "sentence"), [*shown()])
def test_a_sentence_in_each_language_has_the_words_of_a_meaning(
    meaning, lang, sentence
):
    other = {"zh": "en", "en": "zh"}[lang]
    parts = MEANINGS[meaning].items()
    own = [part for name, part in parts if name != "says" and other not in name]
    assert any(reads(part, sentence) for part in own)


def test_a_meaning_has_a_sentence_in_each_language_that_it_reads():
    for meaning, parts in MEANINGS.items():
        if "of" in parts:
            continue
        langs = {
            lang for lang in ("zh", "en") for name in parts if name.startswith(lang)
        }
        assert parts["says"].keys() >= langs, meaning


@pytest.mark.parametrize(
    ("pattern", "options"), claim_patterns(), ids=lambda value: str(value)[:12]
)
def test_a_sentence_has_the_claim_of_a_pattern(pattern, options):
    assert pattern.search(marked(options["says"])), options["kind"]


def test_a_sentence_has_the_list_of_a_pattern():
    listed = patterns.declarations()["listed"]
    for pattern, sentence in zip(listed["patterns"], listed["says"], strict=True):
        assert reads(pattern, sentence)


def texts_of(value):
    """Yield the texts of a table."""
    if isinstance(value, str):
        yield value
    else:
        for part in value.values() if isinstance(value, dict) else value:
            yield from texts_of(part)


def test_no_pattern_is_long():
    tables = (MEANINGS, patterns.declarations())
    long = [
        text
        for table in tables
        for text in texts_of(str_only(table))
        if len(text) > MOST
    ]
    assert long == []


def str_only(table):
    """Return a table without its numbers."""
    if isinstance(table, dict):
        return {key: str_only(value) for key, value in table.items()}
    if isinstance(table, list):
        return [str_only(value) for value in table]
    return table if isinstance(table, str) else ""


def test_each_meaning_is_asked_for_and_each_that_is_asked_for_exists():
    code = "".join(file.read_text(encoding="utf-8") for file in FOLDER.glob("*.py"))
    asked = {*re.findall(r"WORDS\.(\w+)", code)}
    by_name = {*re.findall(r'"(\w+)"', code)}
    parts = "".join(texts_of(MEANINGS))
    in_others = {*re.findall(r"\{(\w+)(?::\w+)?\}", parts)}
    assert asked <= MEANINGS.keys()
    assert MEANINGS.keys() <= asked | by_name | in_others
    for meaning in MEANINGS:
        assert WORDS[meaning].pattern
