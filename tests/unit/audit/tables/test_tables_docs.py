"""The guide works as it is written; the reference has every section and key of the spec."""

from __future__ import annotations

import dataclasses
import difflib
import re
import shlex
import shutil
from pathlib import Path

import pytest

import xlcity as xc
from xlcity.api.documents import evidence_text
from xlcity.api.texts import in_language
from xlcity.audit.tables.spec.read import roles
from xlcity.audit.tables.spec.rules import SECTIONS, ColumnSpec, Head, TableSpec
from xlcity.cli import main

DOCS = Path(__file__).resolve().parents[4] / "docs"
_CONSOLE = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
#: A table that the guide has typed, and the name that it gives the file.
_TYPED = re.compile(
    r"`(\w+\.csv)`[^\n]*\n\n```csv\n(.*?)^```$", re.MULTILINE | re.DOTALL
)


@pytest.mark.parametrize("language", ["", ".zh"])
def test_the_guide_works_as_it_is_written(
    language: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Run its commands one after the other; every line it shows must come out, in this order."""
    shutil.copy(DOCS / "how-to" / "data" / "harbour.csv", tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XLCITY_LANG", language.strip(".") or "en")
    page = (DOCS / "how-to" / f"audit-printed-tables{language}.md").read_text(
        encoding="utf-8"
    )
    for name, text in _TYPED.findall(page):
        (tmp_path / name).write_text(text, encoding="utf-8")
    said = []
    shown = 0
    for block in _CONSOLE.findall(page):
        for line in block.splitlines():
            if line.startswith("$ "):
                words = shlex.split(line[2:])
                assert main(words[1:]) == 1
                out, err = capsys.readouterr()
                said = [text.strip() for text in (err + out).splitlines()]
            elif line != "…":
                near = difflib.get_close_matches(line.strip(), said, 1)
                assert line.strip() in said, f"shown: {line}\nnearest: {near}"
                said = said[said.index(line.strip()) + 1 :]
                shown += 1
    assert shown == 16
    assert Path("harbour.toml").is_file()
    assert Path("masters.toml").is_file()


@pytest.mark.parametrize("language", ["", ".zh"])
def test_the_reference_has_every_section_key_and_choice(language: str) -> None:
    text = (DOCS / "reference" / f"audit-spec{language}.md").read_text(encoding="utf-8")
    parts = dict(
        re.findall(
            r"^### `([^`]+)`[^\n]*\n(.*?)(?=^##|\Z)", text, re.MULTILINE | re.DOTALL
        )
    )
    wanted = {"[audit]": Head, "[[table]]": TableSpec, "[[table.read]]": ColumnSpec}
    wanted |= {f"[[{name}]]": kind for name, kind in SECTIONS.items()}
    assert list(parts) == list(wanted)
    for section, kind in wanted.items():
        keys = set(re.findall(r"^\| `(\w+)` \| \S", parts[section], re.MULTILINE))
        assert keys == {field.name for field in dataclasses.fields(kind)}, section
    choices = [
        (section, word)
        for section, kind in SECTIONS.items()
        for marks in roles(kind).values()
        for words in marks
        if isinstance(words, tuple)
        for word in words
    ]
    assert len(choices) > 10
    for section, word in choices:
        assert not word or f"`{word}`" in parts[f"[[{section}]]"], (section, word)


@pytest.mark.parametrize("report", ["bri2021", "iecc2024", "vitality2014"])
def test_what_is_found_is_said_in_chinese_to_its_last_part(report: str) -> None:
    found = xc.audit_tables(report).findings
    texts = {text for f in found for text in (f.evidence, f.kind) if text}
    assert {evidence_text(text) for text in texts} == texts
    with in_language("zh"):
        parts = [
            part
            for text in texts
            for part in re.split("[；。]", evidence_text(text))
            if part
        ]
    assert [part for part in parts if not re.search(r"[\u4e00-\u9fff]", part)] == []
