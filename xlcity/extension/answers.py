"""What the panel shows for each button: plain data that the extension draws without a thought.

An answer is a sequence of documents: `headline`, `note`, `problem` (texts), and `section` (its
`title` and `rows`). A row has a `text`, may have a `cell` to jump to, a `detail`, `rows` below it,
`more` (what to ask when it is opened) and a `change` (a suggestion, applied by a click).
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, BinaryIO, NoReturn

from xlcity.api.documents import sentence
from xlcity.api.texts import ON_PAGE, own_language
from xlcity.audit.trace.trace import shown_value
from xlcity.desk import commands
from xlcity.desk.commands import Books, OpenBook
from xlcity.desk.shortcut import open_page
from xlcity.desk.texts import page_texts
from xlcity.errors import UsageError, XlcityError
from xlcity.extension.screen import Screen
from xlcity.extension.texts import words
from xlcity.hosts.calc.server import serve_on_pipes
from xlcity.xlsx.address import quote_sheet

Row = dict[str, Any]
Document = dict[str, Any]
#: Workbooks of which the last check is remembered.
_REMEMBERED = 3
#: Longest list in the panel.
_SHOWN = 200


class PanelAnswers:
    """Answers the panel's questions; remembers the last check of each workbook."""

    def __init__(self) -> None:
        self._screen = Screen()
        self._checked: dict[str, Books] = {}

    def answer(self, question: Mapping[str, Any]) -> Iterator[Document]:
        """Yield what is to be shown, as it becomes known.

        Parameters
        ----------
        question
            `ask` (a button's name, or "open" for a row), `language`, `screen` (see `Screen.book`)
            and, for a trace, `cell`.
        """
        os.environ["XLCITY_LANG"] = str(question.get("language", ""))
        start = time.monotonic()
        ask = str(question["ask"])
        answers = {
            "check": self._check,
            "trace": self._trace,
            "open": self._open,
            "moves": self._moves,
            "page": self._page,
        }
        try:
            yield from answers.get(ask, self._refuse)(question)
            if ask not in ("open", "page"):
                yield {"note": words("done", f"{time.monotonic() - start:.1f}")}
        except XlcityError as error:
            yield {
                "problem": "\n".join(sentence(problem) for problem in error.problems)
            }
        except Exception as error:  # shown in the panel; the helper goes on
            text = f"{type(error).__name__}: {error}"
            yield {"problem": words("internal", text)}

    def _refuse(self, question: Mapping[str, Any]) -> NoReturn:
        raise UsageError.of("XC100.unknown_question", ask=question["ask"])

    def _check(self, question: Mapping[str, Any]) -> Iterator[Document]:
        given = question["screen"]
        books = self._checked.setdefault(str(given["file"]), Books())
        for other in [*self._checked][:-_REMEMBERED]:
            del self._checked[other]
        book = self._screen.book(given)
        if not books.books and given.get("sheets"):
            # The first check of an unsaved workbook shows what was typed since it was saved.
            books.books.append(self._screen.saved())
        overview = books.add(book)
        if not book.is_foreign:
            yield from _list_changes(overview, _Words(book))
        checked = commands.check(books)
        yield from _list_findings(checked)
        headline = checked["headline"]
        if headline == "foreign":
            is_noted = checked["verdict"] == "pass" and checked["causes"]
            headline = "notes" if is_noted else checked["verdict"]
        yield {"headline": words(f"headline.{headline}"), "verdict": checked["verdict"]}
        if overview["synthetic"]:
            yield {"note": words("synthetic")}

    def _trace(self, question: Mapping[str, Any]) -> Iterator[Document]:
        row = self._traced(question)
        title = words("trace", row["cell"])
        yield {
            "section": "trace",
            "title": title,
            "rows": [row | {"expanded": True}],
            "show": True,
        }

    def _open(self, question: Mapping[str, Any]) -> Iterator[Document]:
        """Answer with what one cell of a trace reads."""
        yield {"rows": self._traced(question)["rows"]}

    def _traced(self, question: Mapping[str, Any]) -> Row:
        """Return a cell on the screen with what it reads, whatever was checked before."""
        books = Books()
        books.books.append(self._screen.book(question["screen"]))
        return _trace_row(commands.trace(books, question["cell"]))

    def _moves(self, question: Mapping[str, Any]) -> Iterator[Document]:
        books = self._checked.get(str(question["screen"]["file"]))
        # Of a workbook that is not a template no rank is known: its names are refused.
        wording = None if books is None else _Words(books.current)
        moves = [] if books is None else commands.moves(books)["ranks"]
        if books is None or wording is None or not moves:
            yield {
                "section": "why",
                "title": words("why", 0),
                "show": True,
                "rows": [{"text": words("no_moves")}],
            }
            return
        book = books.current
        rows = (
            wording.row(move, wording.node(move["node"]), move["from"], move["to"])
            | {
                "cell": book.score_cell(move["unit"], move["node"]),
                "rows": [{"text": wording.cause(cause)} for cause in move["because"]],
            }
            for move in moves
        )
        yield wording.section("why", len(moves), rows) | {"show": True}

    def _page(self, question: Mapping[str, Any]) -> Iterator[Document]:
        """Open the companion page in a process that outlives this one."""
        form = question.get("form")
        open_page(question["screen"]["file"], *([f"--form={form}"] if form else []))
        yield {"note": words("page")}


class _Words:
    """What a workbook's cities, nodes, values and causes are called."""

    def __init__(self, book: OpenBook) -> None:
        self._cities = {unit.id: unit for unit in book.template.dataset.units}
        self._framework = book.template.framework

    @staticmethod
    def section(name: str, count: int, rows: Iterable[Row]) -> Document:
        """Return a section with the first of its rows; its title says how many there are."""
        title = words(name, count)
        return {"section": name, "title": title, "rows": [*islice(rows, _SHOWN)]}

    def row(self, entry: Mapping[str, Any], part: str, *values: Any) -> Row:
        """Return a row on a city and a part of it: what it was and is, and its cell."""
        unit = entry["unit"]
        city = self._name(self._cities[unit]) or unit if unit in self._cities else unit
        text = " · ".join(filter(None, (city, part)))
        shown = " → ".join(map(self._value, values))
        return {
            "text": f"{text}: {shown}" if values else text,
            "cell": entry.get("cell", ""),
        }

    def node(self, code: str) -> str:
        """Return the code and the name of a node."""
        name = self._name(self._framework[code]) if code in self._framework else ""
        return f"{code} {name}".strip()

    def cause(self, cause: Mapping[str, Any]) -> str:
        """Return what moved a rank, and by how much."""
        kind = page_texts(own_language())[f"cause.{cause['cause']}"]
        text = words("cause", kind, self.node(cause["what"]))
        effect = cause["effect"]
        return words("effect", text, f"{effect:+.4g}") if effect else text

    def _value(self, value: Any) -> str:
        if value is None:
            return words("unfilled")
        return f"{value:.10g}" if isinstance(value, float) else str(value)

    def _name(self, named: Any) -> str:
        both = (named.name_zh, named.name_en)
        return next(filter(None, both if own_language() == "zh" else both[::-1]), "")


def _list_changes(overview: Document, wording: _Words) -> Iterator[Document]:
    """Yield which values changed, which ranks moved, and what is not filled."""
    moved = [city for city in overview["ranking"] if city["rank"] != city["before"]]
    yield wording.section(
        "changed",
        len(overview["changed"]),
        (
            wording.row(change, f"{change['code']}", change["from"], change["to"])
            for change in overview["changed"]
        ),
    )
    yield wording.section(
        "moved",
        len(moved),
        (wording.row(city, "", city["before"], city["rank"]) for city in moved),
    )
    missing = overview["missing"]
    if missing["count"]:
        gaps = (wording.row(gap, gap["code"]) for gap in missing["cells"])
        yield wording.section("missing", missing["count"], gaps)


def _list_findings(checked: Document) -> Iterator[Document]:
    """Yield what failed, problem by problem, then notes, then how many checks passed.

    Of a workbook that is not a template, what is wrong is listed by its causes.
    """
    kinds: dict[str, list[Row]] = {"fail": [], "note": [], "skipped": [], "pass": []}
    if checked["headline"] == "foreign":
        kinds["fail"] = [*map(_make_cause_row, checked["causes"])]
    for finding in checked["findings"]:
        rows = kinds[finding["status"]]
        text = finding["texts"][own_language()]
        if text["problems"]:
            columns = text["problems"], finding["places"], finding["mends"]
            rows += map(_problem_row, *columns)
            continue
        cells = finding["cells"][:_SHOWN]
        others = [{"text": cell, "cell": cell} for cell in cells[1:]]
        rows.append(
            {
                "text": text["detail"],
                "cell": next(iter(cells), ""),
                "rows": others,
                "detail": f"{finding['name']}\n{text['detail']}",
            }
        )
    notes = [*kinds["note"], *kinds["skipped"]]
    passed = [{"text": words("passed", n)}] if (n := len(kinds["pass"])) else []
    yield _Words.section("findings", len(kinds["fail"]), kinds["fail"]) | {"show": True}
    yield _Words.section("notes", len(notes), [*notes, *passed])


def _make_cause_row(cause: Mapping[str, Any]) -> Row:
    text = cause["texts"][own_language()]
    sheet = f"{quote_sheet(cause['sheet'])}!" if cause["sheet"] else ""
    cell, *others = [sheet + cell for cell in cause["cells"]] or [""]
    return {
        "text": f"{cell} {text['detail']}".strip(),
        "cell": cell,
        "rows": [{"text": other, "cell": other} for other in others],
        "detail": f"{text['detail']}\n{text['fix']}",
    }


def _problem_row(message: str, cell: str, mend: Mapping[str, Any] | None) -> Row:
    # The row begins with what is wrong; city and indicator are in the full text.
    _, _, wrong = message.partition(": ")
    row: Row = {
        "text": f"{cell} {wrong}" if cell and wrong else message,
        "cell": cell,
        "detail": message,
    }
    if mend and mend["certain"]:
        meant = f"{mend['new']:.15g}" if isinstance(mend["new"], float) else mend["new"]
        row["change"] = {"cell": cell, "value": mend["new"]}
        row["detail"] += "\n" + words("suggest", meant)
    return row


def _trace_row(traced: Document) -> Row:
    """Return a step of a trace with what it reads."""
    texts = traced["texts"][own_language()]
    cell = traced["cell"]
    value = f"{cell} = {shown_value(traced['value'])}"
    lines = [
        value,
        f"= {traced['arithmetic']}" if traced["arithmetic"] else "",
        texts["label"],
    ]
    lines.append(traced["formula"] or "")
    if texts["source"]:
        lines.append(words("source", texts["source"]))
    rows = [_trace_row(read_cell) for read_cell in traced["inputs"]]
    shown = f"{cell if traced['kind'] == 'range' else value} · {texts['label']}"
    row: Row = {
        "text": shown,
        "cell": cell,
        "rows": rows,
        "detail": "\n".join(filter(None, lines)),
    }
    if not rows and traced.get("cut"):
        row["more"] = cell
    return row


def serve(source: BinaryIO, target: BinaryIO) -> None:
    """Answer questions until the pipe closes; the last line of each answer is `{"end": true}`."""
    answers = PanelAnswers()
    for question in source:
        for document in answers.answer(json.loads(question)):
            _send(target, document)
        _send(target, {"end": True})


def _send(target: BinaryIO, document: object) -> None:
    target.write(json.dumps(document).encode("ascii") + b"\n")
    target.flush()


if __name__ == "__main__":
    os.environ[ON_PAGE] = "1"
    serve_on_pipes(serve)
