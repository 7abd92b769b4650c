"""What a person can ask of the workbook that is open: declared once, for every face.

A face (the page, a button) shows name and help from `texts.csv`, collects what the command needs,
and draws the document that comes back. Documents are plain data, as JSON holds them.
"""

from __future__ import annotations

import hashlib
import inspect
import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import Any

from xlcity.adoption.adopt import Cells, team_sheets
from xlcity.adoption.proposal import MapProposal, propose_map
from xlcity.adoption.reading import map_text
from xlcity.api.documents import plain, sentence
from xlcity.api.table_preview import preview, shown_cells
from xlcity.api.texts import translated
from xlcity.audit.check.check import check_workbook
from xlcity.audit.diff.changes import CellChange
from xlcity.audit.diff.compare import RankCause, RankMove, WorkbookDiff, compare
from xlcity.audit.lint.subject import Subject
from xlcity.audit.trace.html import trace_page
from xlcity.audit.trace.trace import Trace, Tracer, find_cell
from xlcity.desk.forms import BEFORE
from xlcity.desk.texts import audit_text, finding_text, in_each_language, place_of
from xlcity.errors import UsageError
from xlcity.index.result import IndexResult
from xlcity.model.dataset import State
from xlcity.model.framework import Framework
from xlcity.workbook.reading.results import index_or_error, score_places, stored_results
from xlcity.workbook.reading.template import Template, read_template
from xlcity.xlsx.address import cell_name, full_address
from xlcity.xlsx.cells import BookReader, Position
from xlcity.xlsx.limits import read_file
from xlcity.xlsx.package import Package
from xlcity.xlsx.process import no_collection
from xlcity.xlsx.save import require_output, write_output

#: Kinds of differences that belong to a cause.
_KINDS = {
    "data": ("input", "list", "link"),
    "weights": ("weight",),
    "recipe": ("recipe",),
    "framework": ("framework", "definition"),
    "sample": ("sample",),
    "formulas": ("formula",),
}
#: Most cells of one cause that are shown.
_SHOWN = 40


def explain_move(
    comparison: WorkbookDiff, framework: Framework, city: str, node: str
) -> dict[str, Any]:
    """Return why a city's rank of a node moved: causes with their cells, and the nodes below.

    Raises
    ------
    UsageError
        If that rank did not move.
    """
    moves = {(move.unit, move.node): move for move in comparison.ranks}
    if (move := moves.get((city, node))) is None:
        raise UsageError(f"the rank of {city} in {node} did not move.", "Choose another one.")
    below = [child.code for child in framework.nodes if child.parent == node]
    return {
        **brief_move(move),
        "because": [_describe_cause(comparison, framework, cause, city) for cause in move.because],
        "below": [brief_move(moves[city, code]) for code in below if (city, code) in moves],
    }


def brief_move(move: RankMove) -> dict[str, Any]:
    """Return a move without its causes."""
    entry = move.as_dict()
    del entry["because"]
    return entry


def _describe_cause(
    comparison: WorkbookDiff, framework: Framework, cause: RankCause, city: str
) -> dict[str, Any]:
    cells = [*_cells_of_cause(comparison, framework, cause)]
    # The city's own cells first: those of others move it through means, ranges and ranks.
    cells.sort(key=lambda change: change.unit != city)
    return {
        "cause": cause.cause,
        "what": cause.what,
        "effect": cause.effect,
        "cells": [change.as_dict() for change in cells[:_SHOWN]],
        "more": max(len(cells) - _SHOWN, 0),
    }


def _cells_of_cause(
    comparison: WorkbookDiff, framework: Framework, cause: RankCause
) -> Iterator[CellChange]:
    kinds = _KINDS.get(cause.cause, ())
    is_general = cause.what not in framework and cause.what not in framework.inputs
    for change in comparison.cells:
        if change.kind not in kinds:
            continue
        if is_general or cause.cause not in ("data", "weights"):
            yield change
        elif cause.cause == "data":
            # The parts of an indicator are named after it.
            if change.indicator == cause.what or change.indicator.startswith(f"{cause.what}."):
                yield change
        elif change.indicator in framework and framework[change.indicator].parent == cause.what:
            yield change


def look(_: Books, table: str, choices: str, lang: str) -> dict[str, Any]:
    """Return a sheet of a team's table, how it would be read, and what a person should know.

    Parameters
    ----------
    table
        The file.
    choices
        What the person has chosen so far (JSON); see `propose_map`.
    lang
        The language of sentences.
    """
    sheets, proposal = _read_proposal(table, choices)
    os.environ["XLCITY_LANG"] = lang
    return {
        "name": Path(table).name,
        "sheets": [*sheets],
        **plain(proposal),
        "doubts": [translated(doubt, "note") for doubt in proposal.doubts],
        "grid": shown_cells(sheets[proposal.sheet]),
        "preview": preview(table, sheets, proposal),
    }


def write_map(_: Books, table: str, choices: str, target: str) -> dict[str, Any]:
    """Write the map that was chosen; an older file of that name is kept as .bak."""
    require_output(Path(target), [table])
    proposal = _read_proposal(table, choices)[1]
    backup = write_output(Path(target), map_text(proposal).encode("utf-8"))
    return {"kept": backup.name if backup else ""}


def _read_proposal(table: str, choices: str) -> tuple[dict[str, Cells], MapProposal]:
    stat = Path(table).stat() if Path(table).is_file() else None
    sheets = _read_sheets(table, (stat.st_size, stat.st_mtime_ns) if stat else ())
    return sheets, propose_map(sheets, json.loads(choices or "{}"))


@lru_cache(maxsize=1)
def _read_sheets(table: str, _: tuple[int, ...]) -> dict[str, Cells]:
    """Return the cells of a file; read again only when it has changed."""
    return team_sheets(table)


#: Most rows of one list in a document.
LISTED = 500
#: Workbooks kept: the one on the screen and the one before it.
KEPT = 2


class OpenBook:
    """A workbook as it was at one save.

    Parameters
    ----------
    package
        The file, or what a program shows of it.
    mark
        Tells one state of the workbook from another.
    file
        Where it is, for messages and for the seal beside it.
    before
        The reader of an earlier state: sheets that are the same are not read again.

    Attributes
    ----------
    reader
        What read it.

    Raises
    ------
    WorkbookError
        If it is not a workbook or no template.
    """

    def __init__(
        self, package: Package, mark: str, file: str, before: BookReader | None = None
    ) -> None:
        self.hash = mark
        self.reader = BookReader(package, before)
        book = self.reader.book()
        self.subject = Subject(package, file, book)
        self.template: Template = read_template(package, book, file)

    @cached_property
    def results(self) -> dict[str, Any]:
        """Scores and ranks as the cells hold them."""
        return stored_results(self.template)

    @cached_property
    def tracer(self) -> Tracer:
        """Follows cells; what it has read stays."""
        return Tracer(self.subject)

    @cached_property
    def inputs(self) -> dict[tuple[str, str], float | str | None]:
        """Return (city, indicator) -> its number, "NA" where it is confirmed missing, or None."""
        data = self.template.dataset
        values, blank = data.values.tolist(), (data.states == State.BLANK).tolist()
        return {
            (unit.id, code): value if value == value else None if is_blank else "NA"
            for unit, numbers, blanks in zip(data.units, values, blank, strict=True)
            for code, value, is_blank in zip(data.codes, numbers, blanks, strict=True)
        }

    def place(self, unit: str, code: str) -> str:
        """Return the input cell of a city and an indicator, or "" where there is none."""
        row, column = self.template.rows.get(unit), self.template.columns.get(code)
        if row is None or column is None:
            return ""
        return f"{self.template.area('in_data').sheet}!{cell_name(row, column)}"

    def score_cell(self, unit: str, code: str) -> str:
        """Return the cell of a city's score of a node or an indicator, or "" if it has none."""
        score_place = self._score_places.get((unit, code))
        return "" if score_place is None else full_address(*score_place)

    @cached_property
    def _score_places(self) -> dict[tuple[str, str], tuple[str, Position]]:
        return score_places(self.template)


class Books:
    """The workbook that is looked at and, where there was one, the save before it."""

    def __init__(self) -> None:
        self.books: list[OpenBook] = []
        #: The last comparison, and of what it is.
        self._compared: tuple[tuple[str, ...], WorkbookDiff] | None = None

    @property
    def current(self) -> OpenBook:
        """The last save.

        Raises
        ------
        UsageError
            If there is none.
        """
        if not self.books:
            raise UsageError("no workbook is open.", "Open a template first.")
        return self.books[-1]

    @property
    def previous(self) -> OpenBook | None:
        """The save before the last one."""
        return self.books[-2] if len(self.books) > 1 else None

    def compared(self, second: str) -> WorkbookDiff:
        """Compare another workbook, or the save before (`BEFORE`), with this one; the last is kept.

        Raises
        ------
        UsageError
            If there is no save before.
        """
        if second == BEFORE:
            if self.previous is None:
                raise UsageError("there is no save before this one.", "Choose another workbook.")
            subject, mark = self.previous.subject, self.previous.hash
        else:
            subject = Subject.of(second)
            mark = hashlib.sha256(read_file(second)).hexdigest()
        key = (mark, self.current.hash)
        if self._compared is None or self._compared[0] != key:
            self._compared = (key, compare(subject, self.current.subject))
        return self._compared[1]

    @no_collection()  # or a search for circles among all cells may take longer than the save
    def open(self, copy: str, file: str) -> dict[str, Any]:
        """Read a private copy of a file; return what can be shown at once."""
        content = Path(copy).read_bytes()
        mark = hashlib.sha256(content).hexdigest()
        before = self.books[-1].reader if self.books else None
        package = Package.from_bytes(content, file)
        return self.add(OpenBook(package, mark, file, before))

    def add(self, book: OpenBook) -> dict[str, Any]:
        """Take a workbook as the current one; return what can be shown at once."""
        if self.books and self.current.template.file != book.template.file:
            self.books = []  # another file, even of the same content: nothing to compare it with
        if not self.books or book.hash != self.current.hash:
            self.books = [*self.books, book][-KEPT:]
        return overview(self)


def overview(books: Books) -> dict[str, Any]:
    """Return cities with scores and ranks, missing values, and what changed since the last save."""
    book = books.current
    template, root = book.template, book.template.framework.root.code
    before = {} if books.previous is None else _rank_by_city(books.previous)
    now = _rank_by_city(book)
    ranking = [
        {
            "unit": unit["unit"],
            "name_zh": unit["name_zh"],
            "name_en": unit["name_en"],
            "population": unit["population"],
            "score": unit["scores"].get(root),
            "rank": now[unit["unit"]],
            "before": before.get(unit["unit"], now[unit["unit"]]),
            "cell": book.score_cell(unit["unit"], root),
        }
        for unit in book.results["units"]
    ]
    ranking.sort(key=lambda city: (city["population"], city["rank"] is None, city["rank"] or 0))
    values = book.inputs
    blank = [pair for pair, value in values.items() if value is None]
    result = index_or_error(template)
    if isinstance(result, IndexResult):
        # As the check `inputs` counts: what no score needs may stay blank.
        wanted = {*result.unfilled}
        needed = [pair for pair in blank if pair in wanted]
    else:
        needed = blank
    missing = [{"unit": unit, "code": code, "cell": book.place(unit, code)}
               for unit, code in needed[:LISTED]]  # fmt: skip
    return {
        "file": Path(template.file).name,
        "hash": book.hash,
        "report": template.report,
        "synthetic": bool(book.results["synthetic"]),
        "draft": book.results["draft"],
        "nodes": [
            {"code": node.code, "zh": node.name_zh, "en": node.name_en, "root": node.code == root}
            for node in template.framework.nodes
        ],
        "ranking": ranking,
        "missing": {"count": len(needed), "cells": missing, "spare": len(blank) - len(needed)},
        "changed": _list_changes(books, values),
    }


def _rank_by_city(book: OpenBook) -> dict[str, Any]:
    root = book.template.framework.root.code
    return {unit["unit"]: unit["ranks"].get(root) for unit in book.results["units"]}


def _list_changes(books: Books, values: Mapping[tuple[str, str], Any]) -> list[dict[str, Any]]:
    if books.previous is None:
        return []
    before = books.previous.inputs
    changes = [
        {"unit": unit, "code": code, "from": before.get((unit, code)), "to": value,
         "cell": books.current.place(unit, code)}
        for (unit, code), value in values.items()
        if before.get((unit, code)) != value
    ]  # fmt: skip
    return changes[:LISTED]


@no_collection()
def check(books: Books) -> dict[str, Any]:
    """Return the verdict, the key of its headline, and every check, those that failed first."""
    checked = check_workbook(books.current.template)
    order = {"fail": 0, "note": 1, "skipped": 2, "pass": 3}
    findings = [
        {
            "name": check_result.name,
            "status": check_result.status,
            "detail": check_result.detail,
            "cells": list(check_result.cells),
            "problems": [sentence(problem) for problem in check_result.problems],
            "places": [place_of(problem) for problem in check_result.problems],
            "texts": in_each_language(partial(finding_text, check_result)),
        }
        for check_result in sorted(
            checked.checks, key=lambda check_result: order[check_result.status]
        )
    ]
    noted = checked.verdict == "pass" and any(finding["status"] == "note" for finding in findings)
    headline = "notes" if noted else checked.verdict
    return {"verdict": checked.verdict, "headline": headline, "engine": checked.engine,
            "findings": findings}  # fmt: skip


def trace(books: Books, cell: str) -> dict[str, Any]:
    """Return one cell and what it reads directly; a face asks again for what is opened."""
    book = books.current
    sheet, position = find_cell(book.subject, cell)
    cell_trace = book.tracer.trace(sheet, position, 1)
    traced: dict[str, Any] = plain(cell_trace)
    traced["inputs"] = traced["inputs"][:LISTED]
    _add_labels(traced, cell_trace)
    return traced


def _add_labels(node: dict[str, Any], cell_trace: Trace) -> None:
    """Add what a cell and those below it are, in each language alone."""
    node["label_zh"], node["label_en"] = cell_trace.steps[node["cell"]].description.labels
    for below in node["inputs"]:
        _add_labels(below, cell_trace)


def trace_page_of(books: Books, cell: str) -> dict[str, Any]:
    """Return the page that follows a cell to what was typed; its cells link to this page."""
    book = books.current
    traced = book.tracer.trace(*find_cell(book.subject, cell))
    return {"html": trace_page(traced, companion=True)}


def score(books: Books, city: str, node: str) -> dict[str, Any]:
    """Return the trace of a city's score of a node."""
    cell = books.current.score_cell(city, node)
    if not cell:
        raise UsageError(f"{city} has no score of {node}.", "Choose another city or node.")
    return trace(books, cell)


def moves(books: Books) -> dict[str, Any]:
    """Return why ranks moved since the last save."""
    if books.previous is None:
        return {"ranks": []}
    return {"ranks": plain(books.compared(BEFORE).ranks[:LISTED])}


def differences(books: Books, second: str) -> dict[str, Any]:
    """Return what changes from another workbook to this one, and why ranks move."""
    comparison = books.compared(second)
    return {"cells": plain(comparison.cells[:LISTED]), "ranks": plain(comparison.ranks[:LISTED])}


def walk(books: Books, second: str, city: str, node: str) -> dict[str, Any]:
    """Return why a city's rank of a node moved: causes with their cells, and the nodes below."""
    framework = books.current.template.framework
    causes: dict[str, Any] = plain(explain_move(books.compared(second), framework, city, node))
    return causes


def audit(books: Books) -> dict[str, Any]:
    """Return what is wrong with the workbook, by cause."""
    findings = check_workbook(books.current.subject).findings
    listed = [
        {**plain(finding), "texts": in_each_language(partial(audit_text, finding))}
        for finding in findings[:LISTED]
    ]
    return {"findings": listed, "summary": Counter(finding.rule for finding in findings)}


#: What a person can ask, by name; texts stand under `command.NAME`. The arguments after the first
#: are what a face has to collect. The last two are of a table that is not open: a team's own.
COMMANDS: dict[str, Callable[..., dict[str, Any]]] = {
    "overview": overview,
    "check": check,
    "trace": trace,
    "trace_page": trace_page_of,
    "score": score,
    "moves": moves,
    "audit": audit,
    "compare": differences,
    "walk": walk,
    "look": look,
    "map": write_map,
}


def answer(books: Books, name: str, given: Mapping[str, str]) -> dict[str, Any]:
    """Run a command by name.

    Raises
    ------
    UsageError
        If there is no such command or it is not given what it needs.
    """
    if name == "open":
        return books.open(given["copy"], given["file"])
    if (command := COMMANDS.get(name)) is None:
        raise UsageError(f"unknown command {name!r}.", f"Known: {', '.join(COMMANDS)}.")
    needs = [*inspect.signature(command).parameters][1:]
    lacking = [need for need in needs if not given.get(need)]
    if lacking:
        raise UsageError(f"{name} needs: {', '.join(lacking)}.", "Choose it on the page.")
    return command(books, **{need: given[need] for need in needs})
