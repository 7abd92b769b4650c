"""What a person can ask of the workbook that is open: declared once, for every face.

A face (the page, a button) shows name and help from `texts.csv`, collects what the command needs,
and draws the document that comes back. Documents are plain data, as JSON holds them.
"""

from __future__ import annotations

import hashlib
import inspect
import math
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from functools import cached_property, lru_cache, partial
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from xlcity.adoption.fitting import fit_table
from xlcity.adoption.maps import map_parts
from xlcity.adoption.proposal import MapProposal, propose_map
from xlcity.adoption.reading import choices_before, map_text
from xlcity.api.documents import describe_change, plain
from xlcity.api.table_preview import preview, rank_by, shown_cells
from xlcity.api.texts import own_language, told
from xlcity.audit.check.check import Checked, check_workbook
from xlcity.audit.diff.compare import compare
from xlcity.audit.lint.finding import Finding
from xlcity.audit.lint.rules.known_values import CONFIRMABLE
from xlcity.audit.lint.subject import Subject
from xlcity.audit.trace.trace import Trace, Tracer, find_cell
from xlcity.desk.mends import confirm, mend, suggest_in_table, suggest_mend
from xlcity.desk.names import NamedParts
from xlcity.desk.sent import read_choices, read_words
from xlcity.desk.standings import (
    describe_doubt,
    describe_nodes,
    explain_city,
    first_of_example,
    list_cities,
    ranks_said,
)
from xlcity.desk.texts import (
    LANGUAGES,
    cause_text,
    finding_text,
    in_each_language,
    named_text,
    page_text,
    place_of,
    step_text,
)
from xlcity.errors import UsageError, WorkbookError
from xlcity.index.method_options import words_of
from xlcity.index.result import IndexResult
from xlcity.messages import Message
from xlcity.model.dataset import State
from xlcity.model.reading.sheets import read_sheets
from xlcity.model.reading.tables import Cells
from xlcity.workbook.checking.routes import CheckResult
from xlcity.workbook.filling.tables import InputTable, value_tables
from xlcity.workbook.labels import name_in
from xlcity.workbook.reading.missing_names import missing_names
from xlcity.workbook.reading.results import index_or_error, score_places, stored_results
from xlcity.workbook.reading.template import (
    Template,
    open_template,
    read_template,
    template_or_none,
)
from xlcity.xlsx.address import cell_name, full_address, quote_sheet
from xlcity.xlsx.cells import Position, read_book
from xlcity.xlsx.limits import missing_files
from xlcity.xlsx.package import Package, is_workbook_name
from xlcity.xlsx.process import no_collection
from xlcity.xlsx.save import require_output, write_output

#: Results of checks, in the order in which they are listed.
_ORDER = ("fail", "note", "skipped", "pass")
#: Most rows of one list in a document.
LISTED = 500
#: Headlines that are what the check says in a sentence.
_SUMMED = ("foreign", "named")
#: Conflicts of copies of which ranks are computed.
_RANKED = 50
#: Missing values that are named.
_NAMED = 5
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

    Raises
    ------
    WorkbookError
        If it is not a workbook, or a damaged template.
    """

    def __init__(self, package: Package, mark: str, file: str) -> None:
        self.hash = mark
        book = read_book(package)
        self.subject = Subject(package, file, book)
        self._template = template_or_none(package, book, file)

    @property
    def is_foreign(self) -> bool:
        """Whether it was not made from a template."""
        return self._template is None

    @property
    def template(self) -> Template:
        """The workbook read as a template.

        Raises
        ------
        WorkbookError
            If it is none.
        """
        subject = self.subject
        return self._template or read_template(
            subject.package, subject.book, subject.path
        )

    @cached_property
    def results(self) -> dict[str, Any]:
        """Scores and ranks of the index and of the nodes right below as the cells hold them."""
        framework = self.template.framework
        tops = framework.children(framework.root.code)
        return stored_results(
            self.template, {framework.root.code, *(top.code for top in tops)}
        )

    @cached_property
    def names(self) -> NamedParts:
        """What its cities and nodes are called; a stranger's workbook has none."""
        if self._template is None:
            return NamedParts((), ())
        return NamedParts(
            self._template.dataset.units, self._template.framework.inputs.values()
        )

    @cached_property
    def tracer(self) -> Tracer:
        """Follows cells; what it has read stays."""
        return Tracer(self.subject)

    @cached_property
    def inputs(self) -> dict[tuple[str, str], float | str | None]:
        """Return (city, indicator) -> its number, "NA" where it is confirmed missing, or None."""
        data = self.template.dataset
        values = data.values.tolist()
        blank = (data.states == State.BLANK).tolist()
        inputs: dict[tuple[str, str], float | str | None] = {}
        for unit, numbers, blanks in zip(data.units, values, blank, strict=True):
            for code, value, is_blank in zip(data.codes, numbers, blanks, strict=True):
                inputs[unit.id, code] = _as_typed(value, is_blank=is_blank)
        return inputs

    def place(self, unit: str, code: str) -> str:
        """Return the input cell of a city and an indicator, or "" where there is none."""
        for table in self._value_tables:
            row = table.rows.get((unit,))
            column = table.columns.get(code)
            if row is not None and column is not None:
                return f"{table.sheet}!{cell_name(row, column)}"
        return ""

    @cached_property
    def result(self) -> IndexResult | None:
        """The index of its inputs, where these give one."""
        result = index_or_error(self.template)
        return result if isinstance(result, IndexResult) else None

    @cached_property
    def needed_blanks(self) -> list[tuple[str, str]]:
        """City and indicator of each input that is not filled and that a score needs.

        As the check `inputs` counts: what no score needs may stay blank.
        """
        blank = [pair for pair, value in self.inputs.items() if value is None]
        if self.result is None:
            return blank
        wanted = {*self.result.unfilled}
        return [pair for pair in blank if pair in wanted]

    @cached_property
    def _value_tables(self) -> list[InputTable]:
        return value_tables(self.template)

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
        #: Files that were mended: as they were before, they are kept.
        self.mended: set[Path] = set()

    @property
    def current(self) -> OpenBook:
        """The last save.

        Raises
        ------
        UsageError
            If there is none.
        """
        if not self.books:
            raise UsageError.of("XC100.no_workbook_open")
        return self.books[-1]

    @property
    def previous(self) -> OpenBook | None:
        """The save before the last one; a workbook without a value is nothing to compare with."""
        if len(self.books) < KEPT or any(book.is_foreign for book in self.books):
            return None
        before = self.books[-2]
        return (
            before
            if any(value is not None for value in before.inputs.values())
            else None
        )

    @no_collection()  # or a search for circles among all cells may take longer than the save
    def open(self, content: bytes, file: str) -> dict[str, Any]:
        """Read what a file holds; return what can be shown at once."""
        mark = hashlib.sha256(content).hexdigest()
        self.add(OpenBook(Package.from_bytes(content, file), mark, file))
        return overview(self)

    def add(self, book: OpenBook) -> None:
        """Take a workbook as the current one."""
        if self.books and self.current.subject.path != book.subject.path:
            self.books = []  # another file, even of the same content: nothing to compare it with
        if not self.books or book.hash != self.current.hash:
            self.books = [*self.books, book][-KEPT:]


def _as_typed(value: float, *, is_blank: bool) -> float | str | None:
    if not math.isnan(value):
        return value
    return None if is_blank else "NA"


def overview(books: Books) -> dict[str, Any]:
    """Return cities with scores and ranks, missing values, and what changed since the last save.

    A workbook that is not a template has none of them.
    """
    book = books.current
    about = {
        "file": Path(book.subject.path).name,
        "hash": book.hash,
        "foreign": book.is_foreign,
    }
    if book.is_foreign:
        no_lists: dict[str, Any] = {
            "nodes": [],
            "ranking": [],
            "changed": [],
            "synthetic": False,
            "absent": {"count": 0, "first": []},
        }
        return {**about, **no_lists, "missing": {"count": 0, "cells": [], "spare": 0}}
    template = book.template
    values = book.inputs
    absent = [pair for pair, value in values.items() if value == "NA"]
    blank = sum(value is None for value in values.values())
    needed = book.needed_blanks
    missing = [
        {"unit": unit, "code": code, "cell": book.place(unit, code)}
        for unit, code in needed[:LISTED]
    ]
    return {
        **about,
        "report": template.report,
        "synthetic": bool(book.results["synthetic"]),
        "draft": book.results["draft"],
        "nodes": describe_nodes(template),
        "ranking": list_cities(book, books.previous),
        "absent": {"count": len(absent), "first": absent[:_NAMED]},
        "missing": {
            "count": len(needed),
            "cells": missing,
            "spare": blank - len(needed),
        },
        "changed": _list_changes(books, values),
    }


def _list_changes(
    books: Books, values: Mapping[tuple[str, str], Any]
) -> list[dict[str, Any]]:
    if books.previous is None:
        return []
    before = books.previous.inputs
    changes = [
        {
            "unit": unit,
            "code": code,
            "from": before.get((unit, code)),
            "to": value,
            "cell": books.current.place(unit, code),
        }
        for (unit, code), value in values.items()
        if before.get((unit, code)) != value
    ]
    return changes[:LISTED]


@no_collection()
def check(books: Books) -> dict[str, Any]:
    """Return the verdict, its headline, what is wrong by cause, and every check.

    `group` says how a check is shown: open, or folded as the same as a cause ("failed") or as
    nothing to do ("passed"). Of a workbook that is not a template, what follows from a cause is
    listed beside it, all by severity, and no check that says the same as a cause.
    """
    book = books.current
    checked = check_workbook(
        book.subject if book.is_foreign else book.template, count_different=False
    )
    reported = [*checked.findings]
    checks = [*checked.checks]
    if book.is_foreign:
        reported = _with_effects(reported)
        messages = {finding.message for finding in reported}
        checks = [
            result
            for result in checks
            if result.status != "fail" and f"{result.detail}." not in messages
        ]
    checks.sort(key=lambda result: _ORDER.index(result.status))
    findings = [_describe_check(book, result) for result in checks]
    causes = [_describe_cause(book, cause) for cause in reported[:LISTED]]
    grouping = _Grouping(checked.verdict, causes, findings)
    for finding in findings:
        finding["group"] = grouping.group_of(finding)
    headline = _headline_key(book, checked, findings)
    said = _count_doubts(book, reported) or checked.summary
    summary = in_each_language(partial(named_text, said, book.names))
    title = {language: text.rstrip(".。") for language, text in summary.items()}
    if headline not in _SUMMED:
        count = _things_to_do(book, headline, causes, findings)
        title = in_each_language(partial(page_text, f"verdict.{headline}", count))
    return {
        "verdict": checked.verdict,
        "headline": headline,
        "title": _tell_blanks(book, title),
        "engine": checked.engine,
        "causes": causes,
        "findings": findings,
    }


def _with_effects(causes: Iterable[Finding]) -> list[Finding]:
    """Return causes and what follows from them, the gravest first."""
    reported: list[Finding] = []
    for cause in causes:
        reported += [cause, *cause.follows]
    return sorted(reported, key=lambda finding: finding.weight)


def _describe_check(book: OpenBook, result: CheckResult) -> dict[str, Any]:
    """Return a check with its places, and how the values of a template may be mended."""
    mends = []
    if not book.is_foreign:
        mends = [suggest_mend(book, problem) for problem in result.problems]
    return {
        "name": result.name,
        "status": result.status,
        "detail": result.detail,
        "cells": list(result.cells),
        "places": [place_of(problem) for problem in result.problems],
        "mends": mends,
        "texts": in_each_language(partial(finding_text, result, book.names)),
    }


def _count_doubts(book: OpenBook, reported: Sequence[Finding]) -> Message | None:
    """Return how many values to check there are and blanks, if a value comes first."""
    confirmable = [cause for cause in reported if cause.rule in CONFIRMABLE]
    doubts = [cause for cause in confirmable if len(cause.areas) == 1]
    if book.is_foreign or not doubts or doubts[0] is not reported[0]:
        return None
    blank = len(book.needed_blanks)
    key = "doubt.draft" if blank else "doubt.count"
    return Message(key, number=len(doubts), blank=blank)


def _tell_blanks(book: OpenBook, title: Mapping[str, str]) -> dict[str, str]:
    """Return a headline, and behind it how many blanks count as missing, if any do."""
    result = None if book.is_foreign else book.result
    if result is None or not result.blanks_as_missing:
        return {**title}
    blanks = Message("check.blanks_as_missing", number=result.blanks_as_missing)

    def tell() -> str:
        return told(Message("list.also", before=title[own_language()], after=blanks))

    return in_each_language(tell)


def _describe_cause(book: OpenBook, cause: Finding) -> dict[str, Any]:
    """Return a finding with the full addresses of its cells, and what a value in doubt may be."""
    sheet = f"{quote_sheet(cause.sheet)}!" if cause.sheet else ""
    cells = [cell if "!" in cell else sheet + cell for cell in cause.areas]
    return {
        **plain(cause),
        "cells": cells,
        "confirmable": cause.rule in CONFIRMABLE,
        "doubt": describe_doubt(book, cause) if cause.rule in CONFIRMABLE else None,
        "texts": in_each_language(partial(cause_text, cause, book.names)),
    }


def _headline_key(
    book: OpenBook, checked: Checked, findings: Sequence[Mapping[str, Any]]
) -> str:
    if book.is_foreign:
        return "foreign"
    if checked.verdict != "fail" and checked.findings and checked.findings[0].named:
        # A value or a city that a person should look at is said before anything else.
        return "named"
    is_noted = any(finding["status"] == "note" for finding in findings)
    return "notes" if is_noted and checked.verdict == "pass" else checked.verdict


def _things_to_do(
    book: OpenBook,
    headline: str,
    causes: Sequence[Mapping[str, Any]],
    findings: Sequence[Mapping[str, Any]],
) -> int:
    """Return how many notes there are, values are not filled, or causes have to be mended."""
    if headline == "draft":
        return len(book.needed_blanks)
    errors = len([cause for cause in causes if cause["severity"] == "error"])
    if headline == "fail" and errors:
        return errors
    status = "note" if headline == "notes" else "fail"
    return len([finding for finding in findings if finding["status"] == status])


class _Grouping:
    """How checks are shown beside the causes.

    A check that failed says again what its causes say: it is open where they leave a cell out. What
    is not filled is counted by the verdict and listed; a city without a value may be a misspelt
    one.
    """

    def __init__(
        self,
        verdict: str,
        causes: Sequence[Mapping[str, Any]],
        findings: Sequence[Mapping[str, Any]],
    ) -> None:
        self._is_caused = any(cause["severity"] == "error" for cause in causes)
        self._named_cells: set[str] = set()
        for cause in causes:
            self._named_cells.update(cause["cells"])
        self._counted = set()
        if verdict != "pass":
            self._counted.add("sheet:inputs-blank")
        mends = [*chain(*map(_mends_of, findings))]
        if any(mend.get("city") and mend["new"] for mend in mends):
            self._counted.add("sheet:without-values")

    def group_of(self, finding: Mapping[str, Any]) -> str:
        """Return "open", "failed" or "passed"."""
        if finding["name"] in self._counted:
            return "failed"
        if finding["status"] not in ("fail", "note"):
            return "passed"
        cells = {mend["cell"] for mend in _mends_of(finding)}
        is_echo = self._is_caused and cells <= self._named_cells
        return "failed" if is_echo and finding["status"] == "fail" else "open"


def _mends_of(finding: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [mend for mend in finding["mends"] if mend]


def trace(books: Books, cell: str, node: str = "") -> dict[str, Any]:
    """Return one cell and what it reads directly; a face asks again for what is opened.

    With a `node`, the cell is the id of a city: its score is traced.
    """
    book = books.current
    sheet, position = find_cell(book.subject, cell, node)
    cell_trace = book.tracer.trace(sheet, position, 1)
    traced: dict[str, Any] = plain(cell_trace)
    traced["inputs"] = traced["inputs"][:LISTED]
    _add_texts(traced, cell_trace)
    return traced


def _add_texts(node: dict[str, Any], cell_trace: Trace) -> None:
    """Add what a cell and those below it are, in each language alone."""
    about = cell_trace.steps[node["cell"]].description
    node["texts"] = in_each_language(partial(step_text, about))
    for below in node["inputs"]:
        _add_texts(below, cell_trace)


def city(books: Books, unit: str) -> dict[str, Any]:
    """Return the indicators behind a city's score; see `explain_city`."""
    book = books.current
    find_cell(book.subject, unit, book.template.framework.root.code)  # or it says why
    return {"unit": unit, "indicators": explain_city(book, unit)}


def example(_: Books) -> dict[str, Any]:
    """Return what the page shows to who has no table yet."""
    return first_of_example()


def moves(books: Books) -> dict[str, Any]:
    """Return what changed since the last save, and why ranks moved."""
    if books.previous is None:
        return {"cells": [], "ranks": []}
    return _differences(books, books.previous.subject)


def compare_with(books: Books, second: str) -> dict[str, Any]:
    """Return what changes from another workbook to this one, and why ranks move."""
    return _differences(books, Subject.of(second))


def _differences(books: Books, before: Subject) -> dict[str, Any]:
    comparison = compare(before, books.current.subject)
    cells = [
        {**plain(change), "texts": in_each_language(partial(describe_change, change))}
        for change in comparison.cells[:LISTED]
    ]
    return {"cells": cells, "ranks": plain(comparison.ranks[:LISTED])}


def look(
    _: Books, table: str, choices: str, lang: str, last: str = "", map: str = ""
) -> dict[str, Any]:
    """Return a sheet of a team's table, how it would be read, and what a person should know.

    Parameters
    ----------
    table
        The file.
    choices
        What the person has chosen so far (JSON); see `propose_map`.
    lang
        The language of sentences.
    last, map
        A workbook whose index the table has values of, and the map of its last table: `fit` then
        says what is open; see `fit_table`.
    """
    os.environ["XLCITY_LANG"] = lang
    is_book = is_workbook_name(table)
    parts = Package.read(table).parts if is_book else {}
    # A template by a name that its workbook defines.
    if b'"xl_input_hash"' in parts.get("xl/workbook.xml", b""):
        return {"name": Path(table).name, "template": True}
    sheets, proposal, fit = _read_proposal(table, choices, last, map)
    cells = sheets[proposal.sheet]
    read = preview(table, sheets, proposal)
    for problem in (*read["problems"], *read["doubtful"]):
        problem |= suggest_in_table(problem, cells, proposal)
    return {
        "name": Path(table).name,
        "sheets": [*sheets],
        "formulas": any(b"<f>" in part or b"<f " in part for part in parts.values()),
        **plain(proposal),
        "doubts": [told(doubt) for doubt in proposal.doubts],
        "grid": shown_cells(cells),
        "preview": read,
        "fit": fit,
    }


def method(books: Books, words: str = "") -> dict[str, Any]:
    """Return the method of the open workbook in words, and what other words make of its values.

    Parameters
    ----------
    words
        Option -> methods in words (JSON), as `rebuild` takes them.
    """
    template = books.current.template
    recipe = template.authored
    index = template.framework, template.dataset
    return {
        "now": words_of(recipe),
        "cities": sum(unit.is_scored for unit in template.dataset.units),
        "ranking": rank_by(*index, read_words(words), usual=recipe),
    }


def names(books: Books, lang: str) -> dict[str, Any]:
    """Return the names that the open workbook lacks in a language, or in one of "both"."""
    template = books.current.template
    chosen = [each for each in LANGUAGES if lang in (each, "both")]
    lacking = chain.from_iterable(missing_names(template, each) for each in chosen)
    return {"names": plain([*lacking])}


def preview_merge(books: Books, copies: Sequence[str]) -> dict[str, Any]:
    """Return what copies of the open workbook changed, and on what they disagree.

    Of a value `ranks` says which rank its city gets with what each copy says.
    """
    from xlcity.api.remake import combine

    path = books.current.subject.path
    names, merged, _ = combine(path, copies)
    package = merged.built.package
    template = template_or_none(package, read_book(package), path)
    conflicts = []
    for number, conflict in enumerate(merged.conflicts):
        ranks = {}
        if template is not None and number < _RANKED:
            ranks = ranks_said(template, conflict)
        conflicts.append({**plain(conflict), "ranks": ranks})
    return {
        "copies": [[name, merged.taken[name]] for name in names],
        "values": plain(merged.values[:LISTED]),
        "conflicts": conflicts,
    }


def prove_table(
    _: Books, table: str, total: str = "", keep: str = ""
) -> dict[str, Any]:
    """Return the index that the formulas of a team's workbook tell of; see `proofs.prove`."""
    from xlcity.desk.proofs import prove

    return prove(table, total, keep)


def write_map(
    _: Books,
    table: str,
    choices: str,
    target: str,
    last: str = "",
    map: str = "",
) -> dict[str, Any]:
    """Write the map that was chosen; an older file of that name is kept as .bak."""
    require_output(Path(target), [table])
    proposal = _read_proposal(table, choices, last, map).proposal
    parts = map_parts(Path(target))._replace(table=map_text(proposal))
    backup = write_output(Path(target), parts.text.encode("utf-8"))
    return {"kept": backup.name if backup else ""}


class _Proposed(NamedTuple):
    """Cells of a table, how it is to be read, and how that fits the index of a workbook."""

    sheets: dict[str, Cells]
    proposal: MapProposal
    fit: dict[str, Any]


def _read_proposal(
    table: str, choices: str, last: str = "", map: str = ""
) -> _Proposed:
    chosen = read_choices(choices)
    sheets = _read_sheets(table, _stamp(table))
    if not last:
        return _Proposed(sheets, propose_map(sheets, chosen), {})
    template = _read_last(last, _stamp(last))
    before = Path(map).read_text("utf-8") if map else ""
    known = choices_before(before, sheets)
    for name in ("columns", "cities"):
        known[name] = known.get(name, {}) | chosen.pop(name, {})
    units = template.dataset.units
    chosen = {**known, **chosen}
    fitted = fit_table(sheets, chosen, template.framework, units)
    parts = [part.name for part in fields(fitted) if part.name != "proposal"]
    fit = {name: plain(getattr(fitted, name)) for name in parts}
    fit["units"] = {unit.id: name_in(own_language(), unit) for unit in units}
    nodes = template.framework.nodes
    fit["names"] = {node.code: name_in(own_language(), node) for node in nodes}
    return _Proposed(sheets, fitted.proposal, fit)


def _stamp(file: str) -> tuple[int, int]:
    stat = Path(file).stat()
    return stat.st_size, stat.st_mtime_ns


@lru_cache(maxsize=1)
def _read_last(file: str, _: tuple[int, ...]) -> Template:
    """Return a workbook whose index a table has values of; read again when it has changed."""
    return open_template(file)


@lru_cache(maxsize=1)
def _read_sheets(table: str, _: tuple[int, ...]) -> dict[str, Cells]:
    """Return the cells of a file; read again only when it has changed."""
    return read_sheets(table)


#: What a person can ask, by name; texts stand under `command.NAME`. The arguments after the first
#: are what a face has to collect. The last two are of a table that is not open: a team's own.
COMMANDS: dict[str, Callable[..., dict[str, Any]]] = {
    "compare": compare_with,
    "map": write_map,
    "merge": preview_merge,
    "prove": prove_table,
    **{
        run.__name__: run
        for run in (
            *(overview, check, trace, city, example, moves, look),
            *(mend, confirm, method, names),
        )
    },
}


def answer(books: Books, name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Run a command by name.

    Raises
    ------
    UsageError
        If there is no such command or it is not given what it needs.
    WorkbookError
        If a file that it reads does not exist.
    """
    if name == "open":
        return books.open(given["content"], given["file"])
    if (command := COMMANDS.get(name)) is None:
        raise UsageError.of("XC100.unknown_command", name=name, commands=[*COMMANDS])
    needs = [*inspect.signature(command).parameters.values()][1:]
    lacking = [n.name for n in needs if n.default is n.empty and not given.get(n.name)]
    if lacking:
        raise UsageError.of("XC100.command_needs", name=name, lacking=[*lacking])
    read = [given[name] for name in ("table", "second") if given.get(name)]
    WorkbookError.raise_for(missing_files("XC320", *read))
    return command(books, **{n.name: given[n.name] for n in needs if given.get(n.name)})
