"""The words of the page, and what checks and the lint report, in the language of the reader."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from xlcity.api.documents import mark_text, sentence
from xlcity.api.texts import in_language, language, own_language, read_texts
from xlcity.audit.lint.finding import Finding
from xlcity.audit.trace.steps import Description
from xlcity.desk.names import NamedParts, without_gaps
from xlcity.errors import Problem
from xlcity.messages import shown
from xlcity.workbook.checking.routes import CheckResult
from xlcity.workbook.labels import Labels

Answer = TypeVar("Answer")

#: The languages of the page.
LANGUAGES = ("en", "zh")


def page_texts(chosen: str) -> dict[str, str]:
    """Return key -> text; another language than those there are is answered in English."""
    return read_texts(Path(__file__).parent, chosen if chosen in LANGUAGES else "en")


def page_text(key: str, *values: object) -> str:
    """Return a text of the page in the user's language, with values in its places."""
    return page_texts(own_language())[key].format(*values)


def in_each_language(tell: Callable[[], Answer]) -> dict[str, Answer]:
    """Return language -> what is said in it: windows of different languages show one workbook."""
    by_language = {}
    for each in LANGUAGES:
        with in_language(each):
            by_language[each] = tell()
    return by_language


def page_sentence(problem: Problem) -> str:
    """Return a problem as the page says it: with a file's name, without its folder."""
    file = problem.where.file
    where = replace(problem.where, file=file and Path(file).name)
    return sentence(replace(problem, where=where))


def finding_text(check: CheckResult, names: NamedParts) -> dict[str, Any]:
    """Return what a check has found, in the language that is asked for."""
    problems = []
    for problem in map(names.named_problem, check.problems):
        # The page shows one file: its name before every line would only take room.
        where = replace(problem.where, file=None)
        problems.append(without_gaps(sentence(replace(problem, where=where))))
    # Checks of the workbook's own sheet name themselves in their text.
    name = page_texts(own_language()).get(f"check.{check.name}", "")
    detail = named_text(check.detail, names)
    return {"name": name, "detail": detail, "fix": "", "problems": problems}


def place_of(problem: Problem) -> str:
    """Return the cell of a problem, or "" where it has none."""
    where = problem.where
    return f"{where.sheet}!{where.cell}" if where.sheet and where.cell else ""


def named_text(text: str, names: NamedParts) -> str:
    """Return a message in the language that is asked for, with names for ids and codes."""
    return without_gaps(shown(names.named(text), own_language(), on_page=True))


def cause_text(finding: Finding, names: NamedParts) -> dict[str, Any]:
    """Return a finding in the language that is asked for."""
    detail = named_text(finding.message, names)
    fix = named_text(finding.remedy, names)
    return {"name": "", "detail": detail, "fix": fix, "problems": []}


def step_text(about: Description) -> dict[str, Any]:
    """Return what a traced cell is, its marks and its source, in the language that is asked for."""
    zh, en = about.labels
    source = "; ".join(_source_words(about.source or {}))
    marks = ", ".join(map(mark_text, about.marks))
    return {"label": zh if language() == "zh" else en, "source": source, "marks": marks}


def _source_words(source: Mapping[str, str]) -> Iterator[str]:
    """Yield what is known of a value's source: its status and each text in one language."""
    is_zh = language() == "zh"
    names = ("source_zh", "source") if is_zh else ("source", "source_zh")
    other = names[1] if source.get(names[0]) else ""
    for key, text in source.items():
        if key == "status":
            zh, en = Labels.load().texts[f"status.{text}"]
            yield zh if is_zh else en
        elif key == "range":
            yield f"可能的取值 {text}" if is_zh else f"possible values {text}"
        elif text and key != other:
            yield str(text)
