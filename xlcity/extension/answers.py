"""What the panel shows for each button: plain data that the extension draws without a thought.

An answer is a sequence of documents: `headline`, `note`, `problem` (texts), and `section` (its
`title` and `rows`). A row has a `text`, may have a `cell` to jump to, a `detail`, `rows` below it,
`more` (what to ask when it is opened) and a `change` (a suggestion, applied by a click).
"""

from __future__ import annotations

import difflib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from xlcity.api.documents import detail_text, sentence
from xlcity.audit.trace.trace import find_cell, shown_value
from xlcity.desk import commands
from xlcity.desk.commands import Books, OpenBook
from xlcity.desk.shortcut import require_server
from xlcity.desk.texts import page_texts
from xlcity.errors import UsageError, XlcityError
from xlcity.extension.screen import Screen
from xlcity.extension.texts import words
from xlcity.hosts.calc.server import serve_on_pipes
from xlcity.model.dataset import State
from xlcity.model.reading.values import Converted, fault_kind, read_value
from xlcity.workbook.labels import Labels

Row = dict[str, Any]
Document = dict[str, Any]
#: Workbooks of which the last check is remembered.
_REMEMBERED = 3
#: Longest list in the panel.
_SHOWN = 200


class PanelAnswers:
    """Answers the panel's questions; remembers the last check of each workbook."""

    def __init__(self, screen: Screen | None = None) -> None:
        self._screen = screen or Screen()
        self._checked: dict[str, Books] = {}
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
        if file not in self._checked:
            self._checked[file] = self.new_books()
        books = self._checked[file]
        for other in [*self._checked][:-_REMEMBERED]:
            del self._checked[other]
        book = self._screen.book(given)
        if not books.books and given.get("sheets"):
            # The first check of an unsaved workbook shows what was typed since it was saved.
            books.books.append(self._screen.saved())
        overview = books.add(book)
        yield _changed_values_section(overview, language)
        yield _moved_ranks_section(overview, language)
        if overview["missing"]["count"]:
            yield _missing_section(overview, books.current, language)
        checked = commands.check(books)
        yield from _finding_sections(checked, books.current, language)
        yield {"headline": words(f"headline.{checked['headline']}", language),
               "verdict": checked["verdict"]}  # fmt: skip
        if overview["synthetic"]:
            yield {"note": words("synthetic", language)}

    def new_books(self) -> Books:
        """Return what is to hold a workbook and the save before it."""
        return Books()

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
        moves = [] if books is None else commands.moves(books)["ranks"]
        if books is None or not moves:
            yield {"section": "why", "title": words("why", language, 0), "show": True,
                   "rows": [{"text": words("no_moves", language)}]}  # fmt: skip
            return
        named = _Names(books.current, language)
        rows = [
            {
                "text": f"{named.city(move['unit'])} · {named.part(move['node'])}: "
                f"{_shown_value(move['from'], language)} → {_shown_value(move['to'], language)}",
                "cell": books.current.score_cell(move["unit"], move["node"]),
                "rows": [{"text": named.cause(cause)} for cause in move["because"]],
            }
            for move in moves[:_SHOWN]
        ]
        yield {"section": "why", "title": words("why", language, len(moves)), "rows": rows,
               "show": True}  # fmt: skip

    def _compare(self, question: Mapping[str, Any], language: str) -> Iterator[Document]:
        books = self._shown_alone(question)
        second = str(question["second"])
        changes = commands.differences(books, second)["cells"]
        rows = [_difference_row(change, language) for change in changes[:_SHOWN]]
        title = words("compared", language, Path(second).name, len(changes))
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
        findings = commands.audit(self._shown_alone(question))["findings"]
        finding_texts = [(finding, finding["texts"][language]) for finding in findings[:_SHOWN]]
        rows = [
            {
                "text": f"{finding['rule']} {finding['sheet']}!{finding['cell']} {text['detail']}",
                "cell": f"{finding['sheet']}!{finding['cell']}" if finding["cell"] else "",
                "detail": f"{text['detail']}\n{text['fix']}",
            }
            for finding, text in finding_texts
        ]
        yield {"section": "audit", "title": words("audit", language, len(findings)), "show": True,
               "rows": rows or [{"text": words("nothing", language)}]}  # fmt: skip


def _changed_values_section(overview: Document, language: str) -> Document:
    names = _city_names(overview, language)
    rows = [
        {
            "text": f"{names.get(change['unit'], change['unit'])} · {change['code']}: "
            f"{_shown_value(change['from'], language)} → {_shown_value(change['to'], language)}",
            "cell": change["cell"],
        }
        for change in overview["changed"][:_SHOWN]
    ]
    title = words("changed", language, len(overview["changed"]))
    return {"section": "changed", "title": title, "rows": rows}


def _moved_ranks_section(overview: Document, language: str) -> Document:
    names = _city_names(overview, language)
    moved_cities = [city for city in overview["ranking"] if city["rank"] != city["before"]]
    rows = [
        {
            "text": f"{names[city['unit']]}: {_shown_value(city['before'], language)} → "
            f"{_shown_value(city['rank'], language)}",
            "cell": city["cell"],
        }
        for city in moved_cities[:_SHOWN]
    ]
    return {"section": "moved", "title": words("moved", language, len(moved_cities)), "rows": rows}


def _missing_section(overview: Document, book: OpenBook, language: str) -> Document:
    names, missing = _city_names(overview, language), overview["missing"]
    rows = [
        {"text": f"{names.get(gap['unit'], gap['unit'])} · {gap['code']}", "cell": gap["cell"]}
        for gap in missing["cells"][:_SHOWN]
    ]
    return {"section": "missing", "title": words("missing", language, missing["count"]),
            "rows": rows}  # fmt: skip


def _finding_sections(checked: Document, book: OpenBook, language: str) -> Iterator[Document]:
    """Yield what failed, problem by problem, then notes, then how many checks passed."""
    kinds: dict[str, list[Row]] = {"fail": [], "note": [], "skipped": []}
    passed = 0
    for finding in checked["findings"]:
        if finding["status"] == "pass":
            passed += 1
        elif finding["problems"]:
            kinds[finding["status"]] += _problem_rows(finding, book, language)
        else:
            cell = finding["cells"][0] if finding["cells"] else ""
            other_cells = [
                {"text": other_cell, "cell": other_cell}
                for other_cell in finding["cells"][1:_SHOWN]
            ]
            text = detail_text(finding["detail"])
            kinds[finding["status"]].append({"text": text, "cell": cell, "rows": other_cells,
                                         "detail": f"{finding['name']}\n{text}"})  # fmt: skip
    yield {"section": "findings", "title": words("findings", language, len(kinds["fail"])),
           "rows": kinds["fail"], "show": True}  # fmt: skip
    notes = [*kinds["note"], *kinds["skipped"], {"text": words("passed", language, passed)}]
    yield {"section": "notes", "title": words("notes", language, len(notes) - 1), "rows": notes}


def _problem_rows(finding: Document, book: OpenBook, language: str) -> Iterator[Row]:
    for text, cell in zip(finding["problems"], finding["places"], strict=True):
        message = text.removeprefix(f"{book.template.file}, ").removeprefix(
            f"{book.template.file}: "
        )
        # The row begins with what is wrong; city and indicator are in the full text.
        _, _, wrong = message.partition(": ")
        row: Row = {
            "text": f"{cell} {wrong}" if cell and wrong else message,
            "cell": cell,
            "detail": message,
        }
        meant = suggest_value(book, cell) if cell else None
        if meant is not None:
            shown = f"{meant:.15g}" if isinstance(meant, float) else meant
            row["change"] = {"cell": cell, "value": meant, "was": typed_text(book, cell)}
            row["detail"] += "\n" + words("suggest", language, shown)
        yield row


def _trace_row(traced: Document, language: str) -> Row:
    """Return a step of a trace with what it reads."""
    source = traced["source"]
    formula, label = traced["formula"] or "", traced[f"label_{language}"]
    lines = [f"{traced['cell']} = {shown_value(traced['value'])}", label, formula]
    if traced["arithmetic"]:
        lines.insert(1, f"= {traced['arithmetic']}")
    heading = traced["cell"] if traced["kind"] == "range" else lines[0]
    if source:
        lines.append(words("source", language, "; ".join(_source_words(source, language))))
    rows = [_trace_row(read_cell, language) for read_cell in traced["inputs"]]
    row: Row = {"text": f"{heading} · {label}", "cell": traced["cell"], "rows": rows,
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


def _difference_row(change: Mapping[str, Any], language: str) -> Row:
    cell = f"{change['sheet']}!{change['cell']}" if change["sheet"] and change["cell"] else ""
    subject = cell or change["sheet"] or change["kind"]
    before, after = (_shown_value(change[side], language) for side in ("from", "to"))
    text = f"{subject}: {before} → {after}"
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


def _city_names(overview: Document, language: str) -> dict[str, str]:
    return {city["unit"]: city[f"name_{language}"] or city["unit"] for city in overview["ranking"]}


def _shown_value(value: Any, language: str) -> str:
    if value is None:
        return words("unfilled", language)
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def suggest_value(book: OpenBook, cell: str) -> float | str | None:
    """Return the value to put into an input cell, or None where a person has to decide.

    The number of full-width digits and of a number that was typed as text; the id of a city whose
    name is nearly the same.
    """
    template = book.template
    try:
        sheet, (_, column) = find_cell(book.subject, cell)
    except UsageError:
        return None
    value = typed_text(book, cell)
    if value is None or sheet != template.area("in_data").sheet:
        return None
    if column == template.area("in_units").c1:
        return find_near_city(book, value)
    code = next(
        (code for code, input_column in template.columns.items() if input_column == column), None
    )
    if code is None:
        return None
    # A percent sign, 万 or a comma may mean one thing or another.
    if fault_kind(value) not in ("full_width", "as_text"):
        return None
    read = read_value(value)
    return read.value if isinstance(read, Converted) and read.state == State.VALUE else None


def typed_text(book: OpenBook, cell: str) -> str | None:
    """Return the text that a cell holds, or None if it holds something else."""
    sheet, (row, column) = find_cell(book.subject, cell)
    value = book.template.book.value(sheet, row, column)
    return value if isinstance(value, str) else None


def find_near_city(book: OpenBook, text: str) -> str | None:
    """Return the id of the city that a text nearly names, if it is one city alone."""
    names = {name.casefold(): unit.id
             for unit in book.template.dataset.units
             for name in (unit.id, unit.name_zh, unit.name_en) if name}  # fmt: skip
    near = difflib.get_close_matches(text.strip().casefold(), names, 3, 0.75)
    ids = {names[name] for name in near}
    return ids.pop() if len(ids) == 1 else None


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


def main() -> None:
    """Serve on this process's pipes."""
    serve_on_pipes(serve)


if __name__ == "__main__":
    main()
