"""What the panel shows for each button: the answers and words of the companion page, as a tree.

An answer is a sequence of documents: `headline`, `note`, `problem` (texts), and `section` (its
`text` and `rows`; one that is `expanded` is seen at once, one without rows is not). A row has a
`text`, a `cell` to jump to, `rows` below it, and may have `more`: what to ask when it is opened.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO, NoReturn

from xlcity.api.documents import sentence
from xlcity.api.texts import ON_PAGE, own_language, say
from xlcity.audit.trace.trace import shown_value
from xlcity.desk import commands
from xlcity.desk.commands import Books
from xlcity.desk.shortcut import open_page
from xlcity.desk.texts import page_text
from xlcity.errors import UsageError, XlcityError, problem_of
from xlcity.extension.build import COMMAND_BUTTONS
from xlcity.extension.screen import Screen
from xlcity.extension.texts import words
from xlcity.hosts.calc.server import serve_on_pipes

Row = dict[str, Any]
Document = dict[str, Any]
#: Workbooks of which the last state is remembered.
_REMEMBERED = 3
#: Longest list in the panel.
_SHOWN = 200
#: What the page opens with, by what the panel gives: the selected cell, or a form.
_PAGE_OPTIONS = ("cell", "form")
_EXPANDED = {"expanded": True}
#: Before the id of a city among names by code.
_CITY = "city "


class PanelAnswers:
    """Answers the panel's questions; remembers the last state of each workbook."""

    def __init__(self) -> None:
        self._screen = Screen()
        self._books: dict[str, Books] = {}

    def answer(self, question: Mapping[str, Any]) -> Iterator[Document]:
        """Yield what is to be shown, as it becomes known.

        Parameters
        ----------
        question
            `ask` (a button's name, or "open" for a row), `language`, `screen` (see `Screen.book`)
            and, for a trace, `cell`.
        """
        os.environ["XLCITY_LANG"] = str(question.get("language", ""))
        answers = {
            "check": self._check,
            "trace": self._trace,
            "open": self._open,
            "moves": self._moves,
            "page": self._page,
        }
        try:
            yield from answers.get(question["ask"], self._refuse)(question)
            if question["ask"] in COMMAND_BUTTONS:
                yield {"note": page_text("run.done")}
        except XlcityError as error:
            yield {"problem": "\n".join(map(sentence, error.problems))}
        except Exception as error:  # shown in the panel; the helper goes on
            yield {"problem": sentence(problem_of(error, "XC999", ""))}

    def _refuse(self, question: Mapping[str, Any]) -> NoReturn:
        raise UsageError.of("XC100.unknown_question", ask=question["ask"])

    def _look(self, question: Mapping[str, Any]) -> Books:
        """Return the workbook on the screen, beside its last save or what was seen before."""
        given = question["screen"]
        book = self._screen.book(given)
        books = self._books.setdefault(str(given["file"]), Books())
        for other in [*self._books][:-_REMEMBERED]:
            del self._books[other]
        if given.get("sheets"):
            books.books = [self._screen.saved()]
        books.add(book)
        return books

    def _check(self, question: Mapping[str, Any]) -> Iterator[Document]:
        books = self._look(question)
        overview = commands.overview(books)
        if not overview["foreign"]:
            yield from _list_inputs(overview)
        checked = commands.check(books)
        yield from _list_findings(checked)
        headline = checked["title"][own_language()]
        if overview["synthetic"]:
            headline += "\n" + page_text("synthetic")
        yield {"headline": headline, "verdict": checked["verdict"]}

    def _trace(self, question: Mapping[str, Any]) -> Iterator[Document]:
        origin = _trace_row(commands.trace(self._look(question), question["cell"]))
        yield _section("trace", [origin | _EXPANDED]) | _EXPANDED

    def _open(self, question: Mapping[str, Any]) -> Iterator[Document]:
        """Answer with what one cell of a trace reads."""
        traced = commands.trace(self._look(question), question["cell"])
        yield {"rows": _trace_row(traced)["rows"]}

    def _moves(self, question: Mapping[str, Any]) -> Iterator[Document]:
        books = self._look(question)
        rows = _Moves(books, commands.moves(books)).rows()
        rows = rows or [_row(page_text("no_moves"))]
        yield _section("command.moves", rows) | _EXPANDED

    def _page(self, question: Mapping[str, Any]) -> Iterator[Document]:
        """Open the companion page in a process that outlives this one."""
        given = [name for name in _PAGE_OPTIONS if question.get(name)]
        options = [f"--{name}={question[name]}" for name in given]
        open_page(question["screen"]["file"], *options)
        yield {"note": words("page")}


def _row(text: str, cell: str = "", rows: Sequence[Row] = ()) -> Row:
    shown = rows[:_SHOWN]
    return {"text": text, "cell": cell, "rows": shown}


def _section(key: str, rows: Sequence[Row], count: int = 0) -> Document:
    """Return a section with the first of its rows, below a heading of the page."""
    return _row(page_text(key, count), rows=rows) | {"section": key}


class _Names:
    """What the cities and nodes of an overview are called."""

    def __init__(self, overview: Document) -> None:
        first, second = ("zh", "en") if own_language() == "zh" else ("en", "zh")
        self.parents: dict[str, str] = {
            node["code"]: node["parent"] for node in overview["nodes"]
        }
        self._names = {
            node["code"]: node[first] or node[second] for node in overview["nodes"]
        }
        for city in overview["ranking"]:
            name = city[f"name_{first}"] or city[f"name_{second}"]
            self._names[_CITY + city["unit"]] = name

    def of(self, unit: str, code: str = "") -> str:
        """Return the names of a city and a node; ids and codes where there are none."""
        city = self._names.get(_CITY + unit) or unit
        node = self._names.get(code) or code
        return " · ".join(filter(None, (city, node)))

    def row(self, change: Document, code: str, cell: str) -> Row:
        """Return a row on a city's value or rank that changed."""
        # A weight or a parameter is of no city.
        about = self.of(change["unit"] or "", code)
        values = " → ".join(map(_value_text, (change["from"], change["to"])))
        return _row(say("about", name=about, text=values), cell)


def _value_text(value: Any) -> str:
    return page_text("status.missing") if value == "NA" else str(shown_value(value))


def _list_inputs(overview: Document) -> Iterator[Document]:
    """Yield which values changed, which ranks moved, and what is not filled."""
    names = _Names(overview)
    rows = [
        names.row(change, change["code"], change["cell"])
        for change in overview["changed"]
    ]
    for city in overview["ranking"]:
        before = city["before"]
        rank = city["rank"]
        if rank != before:
            change = city | {"from": before, "to": rank}
            rows.append(names.row(change, page_text("rank"), city["cell"]))
    yield _section("changed", rows)
    missing = overview["missing"]
    gaps = []
    for gap in missing["cells"]:
        name = names.of(gap["unit"], gap["code"])
        gaps.append(_row(name, gap["cell"]))
    yield _section("missing_count", gaps, missing["count"])


def _list_findings(checked: Document) -> Iterator[Document]:
    """Yield what is wrong by cause and check, then what is folded on the page."""
    groups: dict[str, list[Row]] = {"open": [], "failed": [], "passed": []}
    groups["open"] += map(_finding_row, checked["causes"])
    for finding in checked["findings"]:
        groups[finding["group"]].append(_finding_row(finding))
    yield _section("findings", groups.pop("open")) | _EXPANDED
    for group, rows in groups.items():
        yield _section(group, rows, len(rows))


def _finding_row(finding: Document) -> Row:
    """Return what was found; its first cell stands in the row, every other one below it."""
    text = finding["texts"][own_language()]
    first, *others = finding["cells"] or [""]
    rows = [_row(cell, cell) for cell in others]
    rows += map(_row, text["problems"], finding.get("places", ()))
    parts = (first, text["name"], text["detail"], text["fix"])
    whole = " ".join(filter(None, parts))
    return _row(whole, first, rows)


def _trace_row(traced: Document) -> Row:
    """Return a step of a trace with what it reads."""
    texts = traced["texts"][own_language()]
    cell = traced["cell"]
    formula = cell
    if traced["kind"] != "range":
        formula = f"{cell} = {shown_value(traced['value'])}"
    parts = (formula, texts["label"], texts["marks"])
    text = " · ".join(filter(None, parts))
    source = texts["source"] and f"{page_text('source')}: {texts['source']}"
    if traced.get("cut"):
        return _row(text, cell) | {"more": cell}
    arithmetic = traced["arithmetic"] and f"= {traced['arithmetic']}"
    lines = filter(None, (arithmetic, traced["formula"], source))
    inputs = sorted(traced["inputs"], key=lambda read: read["role"] != "value")
    return _row(text, cell, [*map(_row, lines), *map(_trace_row, inputs)])


class _Moves:
    """Why ranks moved: city by city, its causes, their cells, and the nodes below that moved."""

    def __init__(self, books: Books, compared: Document) -> None:
        self._book = books.current
        self._names = _Names(commands.overview(books))
        self._moves: list[Document] = compared["ranks"]
        self._cells: list[Document] = compared["cells"]

    def rows(self) -> list[Row]:
        """Return a row for each city that moved; nodes whose parent moved stand below it."""
        moved = {(move["unit"], move["node"]) for move in self._moves}
        highest = [move for move in self._moves if self._above(move) not in moved]
        return [*map(self._row, highest)]

    def _above(self, move: Document) -> tuple[str, str]:
        return move["unit"], self._names.parents.get(move["node"], "")

    def _row(self, move: Document) -> Row:
        place = move["unit"], move["node"]
        rows = [*map(self._cause_row, move["because"])]
        rows += [self._row(one) for one in self._moves if self._above(one) == place]
        node = move["node"]
        if not self._names.parents[node]:
            node = ""  # a rank of the index itself is said of its city alone
        row = self._names.row(move, node, self._book.score_cell(*place))
        return row | {"rows": rows or [_row(page_text("others_moved"))]}

    def _is_of(self, change: Document, code: str) -> bool:
        """Tell whether a changed cell is a value of a node, or the weight of one below it."""
        changed = change["indicator"]
        if change["unit"]:
            return bool(changed == code)
        return self._names.parents.get(changed, "") == code

    def _cause_row(self, cause: Document) -> Row:
        about = self._names.of("", cause["what"])
        text = say("about", name=page_text(f"cause.{cause['cause']}"), text=about)
        rows = [
            self._names.row(
                change, change["indicator"], f"{change['sheet']}!{change['cell']}"
            )
            for change in self._cells
            if self._is_of(change, cause["what"])
        ]
        points = f"{cause['effect']:+.4g} " if cause["effect"] else ""
        return _row(points + text, rows=rows)


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
