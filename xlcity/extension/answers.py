"""What the panel shows for each button: plain data that the extension draws without a thought.

An answer is a sequence of documents: `headline`, `note`, `problem` (texts), and `section` (its
`title` and `rows`). A row has a `text`, may have a `cell` to jump to, a `detail`, `rows` below it,
`more` (what to ask when it is opened) and a `change` (a suggestion, applied by a click).
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from xlcity.api.documents import detail_text, sentence
from xlcity.audit.trace.trace import shown_value
from xlcity.desk import commands
from xlcity.desk.commands import Books, OpenBook
from xlcity.desk.shortcut import require_server
from xlcity.desk.texts import page_texts
from xlcity.errors import UsageError, XlcityError
from xlcity.extension.screen import Screen
from xlcity.extension.suggestions import suggestion, typed_text
from xlcity.extension.texts import words
from xlcity.workbook.checking.check_session import CheckSession
from xlcity.workbook.labels import Labels

Row = dict[str, Any]
Document = dict[str, Any]
#: Workbooks of which the last check is remembered.
_REMEMBERED = 3
#: Longest list in the panel.
_SHOWN = 200


class PanelAnswers:
    """PanelAnswers the extension's questions; remembers the last check of each workbook."""

    def __init__(self, screen: Screen | None = None) -> None:
        self._screen = screen or Screen()
        self._checked: dict[str, Books] = {}
        self._preparing: threading.Thread | None = None
        self._asks: dict[str, Callable[..., Iterator[Document]]] = {
            "check": self._check,
            "trace": self._trace,
            "open": self._open,
            "moves": self._moves,
            "audit": self._audit,
            "compare": self._compare,
            "page": self._page,
        }

    def answer(self, question: Mapping[str, Any]) -> Iterator[Document]:
        """Yield what is to be shown, as it becomes known.

        Parameters
        ----------
        question
            `ask` (a button's name, or "open" for a row), `language`, `screen` (see `Screen.book`)
            and, for a trace, `cell`.
        """
        language = "zh" if str(question.get("language", "")).startswith("zh") else "en"
        os.environ["XLCITY_LANG"] = language
        start = time.monotonic()
        try:
            yield from self._asked(str(question["ask"]))(question, language)
            if question["ask"] not in ("open", "page"):
                seconds = f"{time.monotonic() - start:.1f}"
                yield {"note": words("done", language, seconds)}
        except XlcityError as error:
            yield {"problem": "\n".join(sentence(problem) for problem in error.problems)}
        except Exception as error:  # shown in the panel; the helper goes on
            text = f"{type(error).__name__}: {error}"
            yield {"problem": words("internal", language, text)}

    def _asked(self, name: str) -> Callable[..., Iterator[Document]]:
        if name not in self._asks:
            raise UsageError(f"unknown command {name!r}.", "Install xlcity again.")
        return self._asks[name]

    def _check(self, question: Mapping[str, Any], language: str) -> Iterator[Document]:
        given = question["screen"]
        file = str(given["file"])
        books = self._checked.setdefault(file, Books())
        for other in [*self._checked][:-_REMEMBERED]:
            del self._checked[other]
        self._ready()
        book = self._screen.book(given)
        if not books.books and given.get("sheets"):
            # The first check of an unsaved workbook shows what was typed since it was saved.
            books.books.append(self._screen.saved())
        overview = books.add(book)
        yield _changed_values(overview, language)
        yield _moved_ranks(overview, language)
        if overview["missing"]["count"]:
            yield _missing(overview, books.current, language)
        checked = commands.check(books)
        yield from _findings(checked, books.current, language)
        yield {"headline": words(f"headline.{checked['headline']}", language),
               "verdict": checked["verdict"]}  # fmt: skip
        if overview["synthetic"]:
            yield {"note": words("synthetic", language)}
        for former in self._checked.values():
            if former is not books:  # a loaded workbook takes hundreds of megabytes
                former.checks = CheckSession()
        self._prepare(books)

    def _prepare(self, books: Books) -> None:
        """Load the workbook for its next check, while nobody waits."""
        self._preparing = threading.Thread(target=books.checks.prepare, daemon=True)
        self._preparing.start()

    def _ready(self) -> None:
        """Wait until the workbook that was checked last is loaded for its next check."""
        if self._preparing is not None:
            self._preparing.join()
            self._preparing = None

    def _trace(self, question: Mapping[str, Any], language: str) -> Iterator[Document]:
        traced = self._traced(question)
        row = _trace_row(traced, language)
        row["expanded"] = True
        yield {"section": "trace", "title": words("trace", language, traced["cell"]),
               "rows": [row], "show": True}  # fmt: skip

    def _open(self, question: Mapping[str, Any], language: str) -> Iterator[Document]:
        """Answer with what one cell of a trace reads."""
        yield {"rows": _trace_row(self._traced(question), language)["rows"]}

    def _traced(self, question: Mapping[str, Any]) -> dict[str, Any]:
        return commands.trace(self._shown_alone(question), question["cell"])

    def _shown_alone(self, question: Mapping[str, Any]) -> Books:
        """Return what is on the screen, without what was checked before."""
        books = Books()
        books.books.append(self._screen.book(question["screen"]))
        return books

    def _moves(self, question: Mapping[str, Any], language: str) -> Iterator[Document]:
        books = self._checked.get(str(question["screen"]["file"]))
        found = [] if books is None else commands.moves(books)["ranks"]
        if books is None or not found:
            yield {"section": "why", "title": words("why", language, 0), "show": True,
                   "rows": [{"text": words("no_moves", language)}]}  # fmt: skip
            return
        named = _Names(books.current, language)
        rows = [
            {
                "text": f"{named.city(one['unit'])} · {named.part(one['node'])}: "
                f"{_shown(one['from'], language)} → {_shown(one['to'], language)}",
                "cell": books.current.score_cell(one["unit"], one["node"]),
                "rows": [{"text": named.cause(cause)} for cause in one["because"]],
            }
            for one in found[:_SHOWN]
        ]
        yield {"section": "why", "title": words("why", language, len(found)), "rows": rows,
               "show": True}  # fmt: skip

    def _compare(self, question: Mapping[str, Any], language: str) -> Iterator[Document]:
        books = self._shown_alone(question)
        second = str(question["second"])
        found = commands.differences(books, second)["cells"]
        rows = [_difference(one, language) for one in found[:_SHOWN]]
        title = words("compared", language, Path(second).name, len(found))
        yield {"section": "compared", "title": title, "show": True,
               "rows": rows or [{"text": words("nothing", language)}]}  # fmt: skip

    def _page(self, question: Mapping[str, Any], language: str) -> Iterator[Document]:
        """Open the companion page in a process that outlives this one."""
        require_server()
        command = [sys.executable, "-P", "-m", "xlcity", "desk", str(question["screen"]["file"])]
        form = question.get("form")
        subprocess.Popen(
            [*command, f"--form={form}"] if form else command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        yield {"note": words("page", language)}

    def _audit(self, question: Mapping[str, Any], language: str) -> Iterator[Document]:
        found = commands.audit(self._shown_alone(question))["findings"]
        told = [(one, one["texts"][language]) for one in found[:_SHOWN]]
        rows = [
            {
                "text": f"{one['rule']} {one['sheet']}!{one['cell']} {text['detail']}",
                "cell": f"{one['sheet']}!{one['cell']}" if one["cell"] else "",
                "detail": f"{text['detail']}\n{text['fix']}",
            }
            for one, text in told
        ]
        yield {"section": "audit", "title": words("audit", language, len(found)), "show": True,
               "rows": rows or [{"text": words("nothing", language)}]}  # fmt: skip


def _changed_values(overview: Document, language: str) -> Document:
    names = _names(overview, language)
    rows = [
        {
            "text": f"{names.get(one['unit'], one['unit'])} · {one['code']}: "
            f"{_shown(one['from'], language)} → {_shown(one['to'], language)}",
            "cell": one["cell"],
        }
        for one in overview["changed"][:_SHOWN]
    ]
    title = words("changed", language, len(overview["changed"]))
    return {"section": "changed", "title": title, "rows": rows}


def _moved_ranks(overview: Document, language: str) -> Document:
    names = _names(overview, language)
    moved = [one for one in overview["ranking"] if one["rank"] != one["before"]]
    rows = [
        {
            "text": f"{names[one['unit']]}: {_shown(one['before'], language)} → "
            f"{_shown(one['rank'], language)}",
            "cell": one["cell"],
        }
        for one in moved[:_SHOWN]
    ]
    return {"section": "moved", "title": words("moved", language, len(moved)), "rows": rows}


def _missing(overview: Document, book: OpenBook, language: str) -> Document:
    names, missing = _names(overview, language), overview["missing"]
    rows = [
        {"text": f"{names.get(one['unit'], one['unit'])} · {one['code']}", "cell": one["cell"]}
        for one in missing["cells"][:_SHOWN]
    ]
    return {"section": "missing", "title": words("missing", language, missing["count"]),
            "rows": rows}  # fmt: skip


def _findings(checked: Document, book: OpenBook, language: str) -> Iterator[Document]:
    """Yield what failed, problem by problem, then notes, then how many checks passed."""
    kinds: dict[str, list[Row]] = {"fail": [], "note": [], "skipped": []}
    passed = 0
    for one in checked["findings"]:
        if one["status"] == "pass":
            passed += 1
        elif one["problems"]:
            kinds[one["status"]] += _problems(one, book, language)
        else:
            cell = one["cells"][0] if one["cells"] else ""
            below = [{"text": place, "cell": place} for place in one["cells"][1:_SHOWN]]
            text = detail_text(one["detail"])
            kinds[one["status"]].append({"text": text, "cell": cell, "rows": below,
                                         "detail": f"{one['name']}\n{text}"})  # fmt: skip
    yield {"section": "findings", "title": words("findings", language, len(kinds["fail"])),
           "rows": kinds["fail"], "show": True}  # fmt: skip
    notes = [*kinds["note"], *kinds["skipped"], {"text": words("passed", language, passed)}]
    yield {"section": "notes", "title": words("notes", language, len(notes) - 1), "rows": notes}


def _problems(finding: Document, book: OpenBook, language: str) -> Iterator[Row]:
    for text, place in zip(finding["problems"], finding["places"], strict=True):
        message = text.removeprefix(f"{book.template.file}, ").removeprefix(
            f"{book.template.file}: "
        )
        # The row begins with what is wrong; city and indicator are in the full text.
        _, _, wrong = message.partition(": ")
        row: Row = {
            "text": f"{place} {wrong}" if place and wrong else message,
            "cell": place,
            "detail": message,
        }
        meant = suggestion(book, place) if place else None
        if meant is not None:
            shown = f"{meant:.15g}" if isinstance(meant, float) else meant
            row["change"] = {"cell": place, "value": meant, "was": typed_text(book, place)}
            row["detail"] += "\n" + words("suggest", language, shown)
        yield row


def _trace_row(traced: Document, language: str) -> Row:
    """Return a step of a trace with what it reads."""
    source = traced["source"]
    formula, label = traced["formula"] or "", traced[f"label_{language}"]
    lines = [f"{traced['cell']} = {shown_value(traced['value'])}", label, formula]
    place = traced["cell"] if traced["kind"] == "range" else lines[0]
    if source:
        lines.append(words("source", language, "; ".join(_source_words(source, language))))
    rows = [_trace_row(one, language) for one in traced["inputs"]]
    row: Row = {"text": f"{place} · {label}", "cell": traced["cell"], "rows": rows,
                "detail": "\n".join(part for part in lines if part)}  # fmt: skip
    if not rows and traced.get("cut"):
        row["more"] = traced["cell"]
    return row


def _source_words(source: Mapping[str, str], language: str) -> Iterator[str]:
    """Yield what is known of a value's source: its status and each text in one language."""
    names = ("source_zh", "source") if language == "zh" else ("source", "source_zh")
    other = names[1] if source.get(names[0]) else ""
    for key, text in source.items():
        if key == "status":
            zh, en = Labels.load().texts[f"status.{text}"]
            yield zh if language == "zh" else en
        elif text and key != other:
            yield str(text)


def _difference(one: Mapping[str, Any], language: str) -> Row:
    cell = f"{one['sheet']}!{one['cell']}" if one["sheet"] and one["cell"] else ""
    place = cell or one["sheet"] or one["kind"]
    text = f"{place}: {_shown(one['from'], language)} → {_shown(one['to'], language)}"
    return {"text": text, "cell": cell, "detail": text}


class _Names:
    """What a workbook's cities, nodes and causes are called in a language."""

    def __init__(self, book: OpenBook, language: str) -> None:
        self._cities = {unit.id: unit for unit in book.template.dataset.units}
        self._framework, self._language = book.template.framework, language

    def city(self, unit: str) -> str:
        return self._name(self._cities[unit]) or unit if unit in self._cities else unit

    def part(self, code: str) -> str:
        name = self._name(self._framework[code]) if code in self._framework else ""
        return f"{code} {name}".strip()

    def cause(self, cause: Mapping[str, Any]) -> str:
        kind = page_texts(self._language)[f"cause.{cause['cause']}"]
        text = words("cause", self._language, kind, self.part(cause["what"]))
        effect = cause["effect"]
        return text if effect is None else words("effect", self._language, text, f"{effect:+.4g}")

    def _name(self, named: Any) -> str:
        both = (named.name_zh, named.name_en)
        return next(filter(None, both if self._language == "zh" else both[::-1]), "")


def _names(overview: Document, language: str) -> dict[str, str]:
    return {one["unit"]: one[f"name_{language}"] or one["unit"] for one in overview["ranking"]}


def _shown(value: Any, language: str) -> str:
    if value is None:
        return words("unfilled", language)
    return f"{value:.10g}" if isinstance(value, float) else str(value)
