"""Verbs that say whether a workbook is right, where its numbers come from, and what it holds."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from xlcity.api.texts import say, told
from xlcity.api.verb import verb
from xlcity.cli.progress import step
from xlcity.cli.result import Result, TextTable, headed_table, ranking_table
from xlcity.messages import Message, find_message

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from xlcity.api import arguments as take
    from xlcity.api.stored_results import StoredResults
    from xlcity.audit.check.check import Checked
    from xlcity.audit.diff.changes import CellChange
    from xlcity.audit.diff.compare import RankCause, RankMove, WorkbookDiff
    from xlcity.audit.lint.finding import Finding
    from xlcity.audit.trace.steps import TraceInput, TraceStep
    from xlcity.audit.trace.trace import Trace
    from xlcity.cli.result import Blocks
    from xlcity.errors import Problem

#: Findings shown at a terminal.
_FINDINGS = 40
#: Steps of a trace shown at a terminal, and how many are followed unless --depth says otherwise.
_TRACE_LINES = 400
_TRACE_DEPTH = 3
#: Members of a longer range shown at a terminal; shorter ones are shown in place of the range.
_RANGE_MEMBERS = 3
_SHORT_RANGE = 12
#: Differences of one kind, and reasons of one move, shown at a terminal.
_PER_KIND = 12
_REASONS = 4
#: About as many lines of a comparison are shown at a terminal, and never fewer ranks that moved.
_DIFF_LINES = 46
_FEWEST_MOVES = 10
#: Longer reasons are listed below the table, in full.
_LONGEST_REASON = 40
#: More addresses of a difference are left out; a longer formula is shown from where it differs.
_LONGEST_CELLS = 60
_LONGEST_FORMULA = 40


@verb("check")
def check(
    files: take.Books,
    *,
    engines: take.Engines = (),
    timeout: take.Seconds | None = None,
    seal: take.File | None = None,
    template: take.Book | None = None,
    findings: bool = False,
    html: take.Save | None = None,
    as_json: bool = False,
) -> Result:
    """Tell whether workbooks are right: recalculate them and run all checks. No file is changed.

    A template is compared with its report's method, with itself drawn afresh and with its seal; any
    other workbook is recalculated and searched for errors.

    Parameters
    ----------
    files
        any workbooks, folders or patterns
    engines : E[,E…]
        compute with the first, compare the others ({choices})
    seal : SEAL
        the fingerprint that one file must match (default: F.seal.txt, if it exists)
    template : T
        compare formulas of one file with this workbook (default: a template is compared with
        itself, drawn afresh)
    findings
        only the findings of one file; exit code 1 also for warnings
    html : OUT
        write one page for a browser, with links to cells

    Examples
    --------
    xlcity check image.xlsx
    xlcity check returned.xlsx --findings --template sent.xlsx
    xlcity check books/*.xlsx --engines formualizer,libreoffice --json
    xlcity check image.xlsx --html image.html
    """
    from xlcity.api.documents import finding_words
    from xlcity.audit.check.check import check_page, check_workbook
    from xlcity.cli.notes import save_page
    from xlcity.errors import UsageError, XlcityError, problem_of, require_known
    from xlcity.recalc.engines.registry import ENGINE_NAMES
    from xlcity.recalc.files.targets import find_workbooks
    from xlcity.xlsx.process import DEFAULT_TIMEOUT, time_limit

    files = [str(workbook.path) for workbook in find_workbooks(files)]
    for name in engines:
        require_known("kind.engine", name, ENGINE_NAMES)
    if seal and len(files) > 1:
        raise UsageError.of("XC100.one_seal")
    if (findings or template) and len(files) > 1:
        raise UsageError.of("XC100.one_workbook")
    limit = timeout or DEFAULT_TIMEOUT
    workbooks: list[Checked] = []
    problems: list[Problem] = []
    result = Result({"workbooks": workbooks}, problems=problems)

    def checks() -> Blocks:
        """Yield the checks of each file as they are done, and complete the result."""
        for number, file in enumerate(files, 1):
            total = len(files)
            step(Message("step.file_of", number=number, total=total, file=file))
            try:
                with time_limit(limit, file):
                    checked = check_workbook(
                        file,
                        engines,
                        limit,
                        sealed=seal,
                        template=template,
                        count_different=as_json or findings,
                    )
            except Exception as error:
                if len(files) == 1:
                    raise
                own = error.problems if isinstance(error, XlcityError) else ()
                problems.extend(own or [problem_of(error, "XC599", file)])
                result.document["errors"] = problems
                result.code = 4
                continue
            workbooks.append(checked)
            if findings:
                result.document = _findings_document(checked)
                result.code = int(any(map(_counts, checked.findings)))
                yield from _findings_alone(checked)
                continue
            result.code = max(result.code, 0 if checked.is_sound else 1)
            yield from _check_blocks(checked)
        if html:
            page = check_page(
                workbooks,
                say=_word,
                told=told,
                finding_words=finding_words,
            )
            result.notes = [html, *save_page(html, page)]

    result.blocks = checks()
    return result


def _counts(finding: Finding) -> bool:
    """Tell whether a finding is more than a note."""
    return finding.severity != "note"


def _findings_document(checked: Checked) -> dict[str, Any]:
    from collections import Counter

    rules = Counter(finding.rule for finding in checked.findings)
    return {
        "path": checked.path,
        "findings": checked.findings,
        "summary": dict(sorted(rules.items())),
    }


def _findings_alone(checked: Checked) -> Blocks:
    """Yield how many errors and warnings there are, then each."""
    from collections import Counter

    counts = Counter(finding.severity for finding in checked.findings)
    yield say(
        "check.findings",
        path=checked.path,
        errors=counts["error"],
        warnings=counts["warning"],
        formulas=checked.formulas,
        forms=checked.different_formulas,
    )
    yield from _finding_blocks(checked)


def _check_blocks(checked: Checked) -> Blocks:
    """Yield the verdict on a file, what was found, and its checks."""
    computed = say("check.engine", engine=checked.engine) if checked.engine else ""
    warned = any(finding.severity == "warning" for finding in checked.findings)
    verdict = "warned" if warned and checked.verdict == "pass" else checked.verdict
    yield say("about", name=checked.path, text=_word(verdict) + computed)
    yield f"  {told(checked.summary)}"
    yield from _finding_blocks(checked)
    lines = [
        [_word(check.status), check.name, told(check.detail)]
        for check in checked.checks
    ]
    yield headed_table("status, check, detail", lines, "  ")


def _word(word: str) -> str:
    """Return a word of checks in the user's language."""
    return told(find_message(f"verdict.{word}", {}) or word)


def _finding_blocks(checked: Checked) -> Blocks:
    """Yield the findings, what follows from them, and what to do."""
    from xlcity.api.documents import finding_words
    from xlcity.audit.lint.finding import Finding
    from xlcity.audit.lint.registry import rule_of

    rows = []
    for finding in checked.findings[:_FINDINGS]:
        message, _ = finding_words(finding)
        if finding.follows:
            message += f" {say('check.follow', number=len(finding.follows))}"
        rows.append([_word(finding.severity), finding.rule, finding.place, message])
    if rows:
        yield headed_table("severity, rule, cell, finding", rows, "  ")
    if len(checked.findings) > _FINDINGS:
        yield say("check.more", number=len(checked.findings) - _FINDINGS)
    for rule in dict.fromkeys(finding.rule for finding in checked.findings):
        title, fix = finding_words(Finding(rule, "", "", rule_of(rule).title))
        stop = "。" if fix.endswith("。") else ". "
        yield f"  {rule}: {title}{stop}{fix}"
    for finding, reason in checked.allowed:
        about = {"rule": finding.rule, "place": finding.place, "reason": reason}
        yield f"  {told(Message('check.allowed', **about))}"


@verb("check")
def trace(
    file: take.Book,
    cell: take.Text,
    node: take.Code = "",
    *,
    depth: int | None = None,
    html: take.Save | None = None,
    as_json: bool = False,
) -> Result:
    """Show where a number comes from: every step down to the typed values and their sources.

    Parameters
    ----------
    file
        any workbook
    cell : SHEET!CELL|CITY
        a cell, a name of one cell, or a city of a template: id, name or alias
    node : NODE
        code or name of the city's score (the total)
    depth : N
        follow N steps (default: 3; in files: all)
    html : OUT
        write one page for a browser

    Examples
    --------
    xlcity trace image.xlsx Index!AC20
    xlcity trace image.xlsx Beijing IMG_COM
    xlcity trace image.xlsx Index!AC20 --html why.html
    """
    from xlcity.audit.trace.trace import trace as trace_cell
    from xlcity.errors import UsageError

    if depth is not None and depth < 0:
        raise UsageError.of("XC100.depth")
    steps = _TRACE_DEPTH if depth is None and not (as_json or html) else depth
    traced = trace_cell(file, cell, steps, node=node)
    document = traced.as_dict() if as_json else {}
    notes: list[str] = []
    if html:
        from xlcity.audit.trace.html import trace_page
        from xlcity.cli.notes import save_page

        backups = save_page(html, trace_page(traced))
        notes = [say("trace.page", file=html, steps=len(traced.steps)), *backups]
    return Result(document, _trace_lines(traced), notes=notes)


def _trace_lines(traced: Trace) -> Iterator[str]:
    from itertools import islice

    from xlcity.audit.trace.steps import TraceInput

    walk = _Walk(traced).lines(TraceInput(traced.root, "value"))
    lines = list(islice(walk, _TRACE_LINES + 1))
    yield from lines[:_TRACE_LINES]
    if len(lines) > _TRACE_LINES:
        yield say("trace.more")
    if formula := traced.steps[traced.root].formula:
        yield f"={formula}"
    computed = [step for step in traced.steps.values() if step.formula]
    if computed and all(step.value is None for step in computed):
        yield say("trace.no_values", file=traced.path)


class _Walk:
    """Goes through the steps of a trace from above; what was shown before is not repeated."""

    def __init__(self, traced: Trace) -> None:
        self._traced = traced
        self._seen: set[str] = set()

    def lines(
        self,
        read: TraceInput,
        level: int = 0,
        unit: str = "",
    ) -> Iterator[str]:
        """Yield a step and those below it.

        Of a long range far below only the cells of the city follow whose cell (of `unit`) reads it.
        """
        step = self._traced.steps[read.key]
        is_range = step.kind == "range"
        if not is_range:
            unit = step.description.unit
        inputs = _inputs_shown(step)
        was_shown = step.key in self._seen and bool(step.inputs)
        if was_shown:
            yield f"{'  ' * level}{_trace_line(step)} …"
            return
        self._seen.add(step.key)
        if is_range and level and len(inputs) <= _SHORT_RANGE:
            for item in inputs:
                yield from self.lines(item, level, unit)
            return
        ellipsis = " …" if step.key in self._traced.cut else ""
        yield f"{'  ' * level}{_trace_line(step)}{ellipsis}"
        if is_range and level > 1:
            inputs = [item for item in inputs if self._is_of_unit(item, unit)]
        members = inputs[:_RANGE_MEMBERS] if is_range else inputs
        for item in members:
            yield from self.lines(item, level + 1, unit)
        rest = len(inputs) - len(members)
        if rest:
            yield "  " * (level + 1) + say("trace.range", rest=rest)

    def _is_of_unit(self, read: TraceInput, unit: str) -> bool:
        """Return whether a step that is read is a city's."""
        step = self._traced.steps.get(read.key)
        return unit != "" and step is not None and step.description.unit == unit


def _inputs_shown(step: TraceStep) -> list[TraceInput]:
    """Return the values that a step reads.

    What reads no value has conditions alone, as a grade has: `IF(B5>80,"A","B")`.
    """
    values = [read for read in step.inputs if read.role == "value"]
    if values or step.value in (None, ""):
        return values
    return [read for read in step.inputs if read.role == "condition"]


def _trace_line(step: TraceStep) -> str:
    from xlcity.audit.trace.trace import shown_value
    from xlcity.desk.texts import step_text

    texts = step_text(step.description)
    value = "" if step.kind == "range" else f" = {shown_value(step.value)}"
    value += f" = {step.arithmetic}" if step.arithmetic else ""
    marks = f" ({texts['marks']})" if texts["marks"] else ""
    source = f" ← {texts['source']}" if texts["source"] else ""
    return f"{texts['label']}{value}  [{step.key}]{marks}{source}"


@verb(
    "check",
    book="b",
    form={"a": "", "who": "", "why": "", "into": "{book}.xlsx"},
    seconds=(3, 15),
)
def diff(
    a: take.Book,
    b: take.Book,
    *,
    node: take.Code | None = None,
    into: take.SaveOver | None = None,
    who: take.Text | None = None,
    why: take.Text | None = None,
) -> Result:
    """Show what changed between two workbooks, and why ranks moved. The files are not changed.

    A may also be the id of a report: its template as shipped, or a seal: what B held when it was
    sealed.

    With --into, B is written to F with the differences on its sheet `ChangeLog`: date, city,
    indicator, from, to; people add who and why. F may be B, the old file is kept as .bak. What the
    log says already is not repeated.

    Parameters
    ----------
    a : A
        the workbook before
    b : B
        the workbook after
    node
        show the ranks of this node (default: root)
    into : F
        write B with the differences in its change log to F
    who : NAME
        who made the changes, for the change log
    why : TEXT
        why they were made, for the change log

    Examples
    --------
    xlcity diff last-week.xlsx today.xlsx
    xlcity diff last-week.xlsx today.xlsx --node IMG_INF
    xlcity diff last-week.xlsx today.xlsx --into today.xlsx --who Li --why "yearbook 2025"
    """
    from pathlib import Path

    from xlcity.api.documents import plain
    from xlcity.audit.diff.change_lines import log_changes
    from xlcity.audit.diff.compare import compare
    from xlcity.errors import UsageError, did_you_mean
    from xlcity.xlsx.process import no_collection

    if (who or why) and not into:
        raise UsageError.of("XC100.who_without_into")
    with no_collection():  # 0.15 s of 1.15 for image2025
        compared = compare(a, b)
    notes: list[str] = []
    for note in compared.notes:
        notes.append(Message("note.of_verb", verb="diff", text=note))
    nodes = {moved.node for moved in compared.ranks}
    if node and node not in nodes:
        notes.append(
            say("diff.no_move", node=node, hint=did_you_mean(node, sorted(nodes)))
        )
    document = plain(compared)
    if into:
        logged = log_changes(compared, Path(into), who or "", why or "")
        notes.append(say("diff.logged", file=into, lines=logged))
        document |= {"into": into, "logged": logged}
    code = 1 if compared.cells or compared.ranks else 0
    return Result(document, _differences(compared, node), notes=notes, code=code)


def _differences(compared: WorkbookDiff, node: str | None) -> Blocks:
    """Yield what differs, kind by kind, then the ranks of a node that moved and why."""
    from xlcity.api.documents import kind_text
    from xlcity.grouping import grouped

    of_kinds = grouped((change.kind, change) for change in compared.cells)
    by_kind = {kind_text(kind): changes for kind, changes in of_kinds.items()}
    counts = [
        say("diff.of_kind", number=len(cs), kind=kind) for kind, cs in by_kind.items()
    ]
    files = f"{compared.a} → {compared.b}"
    yield say("about", name=files, text=counts if counts else say("diff.nothing"))
    rows: list[list[object]] = []
    for changes in by_kind.values():
        rows += map(_change_row, changes[:_PER_KIND])
    if any(row[2] or row[3] for row in rows):
        yield headed_table("kind, cell, city, indicator, before, after", rows, "  ")
    elif rows:  # of a workbook that is not a template
        rows = [[*row[:2], *row[4:]] for row in rows]
        yield headed_table("kind, cell, before, after", rows, "  ")
    for kind, changes in by_kind.items():
        if len(changes) > _PER_KIND:
            yield say("diff.more", number=len(changes) - _PER_KIND, kind=kind)
    if compared.ranks:
        chosen = node or compared.ranks[0].node
        moves = [moved for moved in compared.ranks if moved.node == chosen]
        yield say("diff.moved", node=chosen, ranks=len(moves))
        yield from _move_blocks(moves, max(_FEWEST_MOVES, _DIFF_LINES - len(rows)))


def _place_after(moved: RankMove) -> int:
    """Return the rank of a city after the change; those without one come last."""
    return moved.rank_after or 10**9


def _move_blocks(moves: Sequence[RankMove], most: int) -> Blocks:
    """Yield the moves of the first ranks, so many at most, with their reasons."""
    ordered = sorted(moves, key=_place_after)
    long: dict[str, str] = {}
    lines = [_move_row(moved, long) for moved in ordered[:most]]
    yield headed_table("city, rank, score, because", lines, "  ")
    yield from (f"  [{mark}] {what}" for what, mark in long.items())
    if len(moves) > most:
        yield say("diff.more_moves", number=len(moves) - most)


def _change_row(change: CellChange) -> list[object]:
    from xlcity.api.documents import describe_change
    from xlcity.xlsx.address import quote_sheet
    from xlcity.xlsx.formulas.formula import changed_part

    cell = f"{quote_sheet(change.sheet)}!{change.cell}" if change.cell else change.sheet
    if len(cell) > _LONGEST_CELLS:  # many areas of one sheet
        cell = f"{cell[:_LONGEST_CELLS].rpartition(', ')[0]}, …"
    kind, *values = describe_change(change).values()
    are_formulas = all(text.startswith("=") for text in values)
    is_long = max(map(len, values)) > _LONGEST_FORMULA
    if change.kind == "formula" and is_long and are_formulas:
        # From the first token that differs, with … for what both have.
        parts = changed_part(*values)
        are_beginnings = all(parts) and all(map(str.startswith, values, parts))
        if not are_beginnings:
            values = [f"…{part}" for part in parts]
    cut = [text if len(text) <= 60 else f"{text[:59]}…" for text in values]
    return [kind, cell, change.unit, change.indicator, *cut]


def _move_row(moved: RankMove, long: dict[str, str]) -> list[object]:
    """Return a line; reasons that are too long for it go to `long` with a mark."""
    ranks = f"{_shown_rank(moved.rank_before)} → {_shown_rank(moved.rank_after)}"
    score = "" if moved.change is None else f"{moved.change:+.4g}"
    reasons = "; ".join(_shown_reason(r, long) for r in moved.because[:_REASONS])
    about = _what_moved(moved)
    if about:
        reasons = say("about", name=about, text=reasons)
    rest = len(moved.because) - _REASONS
    if rest > 0:
        reasons += f" {say('more', number=rest)}"
    return [moved.unit, ranks, score, reasons]


def _shown_rank(rank: int | None) -> str:
    return "–" if rank is None else str(rank)


def _shown_reason(reason: RankCause, long: dict[str, str]) -> str:
    """Return a reason of a move; one that is too long goes to `long`, and its mark stands here."""
    from xlcity.api.documents import kind_text

    what = reason.what
    if len(what) > _LONGEST_REASON:
        what = f"[{long.setdefault(what, str(len(long) + 1))}]"
    effect = f" {reason.effect:+.4g}" if reason.effect else ""
    return f"{kind_text(reason.cause)} {what}{effect}"


def _what_moved(moved: RankMove) -> str:
    """Return what comes before the reasons: a score is missing, or others moved; "" for none."""
    had_score = moved.score_before is not None
    has_score = moved.score_after is not None
    if had_score and has_score:
        is_own = any(reason.effect for reason in moved.because)
        return "" if is_own else say("diff.others")
    if has_score:
        return say("diff.no_score_before")
    return say("diff.no_score") if had_score else ""


@verb("check", at_most_one="csv xlsx")
def results(
    files: take.Books,
    *,
    csv: take.SaveOrPrint | None = None,
    xlsx: take.Save | None = None,
    top: int | None = None,
    node: take.Code | None = None,
    sort: take.Text | None = None,
) -> Result:
    """Show the scores and ranks stored in workbooks.

    The stored values are read, nothing is computed. Several files give one table with a `file`
    column.

    Parameters
    ----------
    files
        template workbooks, folders or patterns
    csv : OUT
        write a table as CSV (- for stdout)
    xlsx : OUT
        write a table as a workbook
    top : N
        only the first N cities
    node
        rank by this node and show it (default: the root)
    sort : COLUMN
        rank, unit, name_zh, name_en, or a code: its highest score first (default: rank)

    Examples
    --------
    xlcity results image.xlsx --top 10
    xlcity results image.xlsx --node IMG_INF --sort name_en
    xlcity results books/*.xlsx --csv all.csv
    """
    from pathlib import Path

    from xlcity.cli.notes import kept_notes
    from xlcity.errors import UsageError
    from xlcity.recalc.files.targets import find_workbooks
    from xlcity.xlsx.save import write_output

    if top is not None and top < 1:
        raise UsageError.of("XC100.top")
    paths = [str(workbook.path) for workbook in find_workbooks(files)]
    several = len(paths) > 1
    read = _StoredOfFiles({"node": node, "sort": sort, "top": top})
    for path in paths:
        read.add(path, is_only=not several)
    documents = read.documents
    document = _joined(documents, read.problems) if several else documents[0]
    table = _table(documents, several)
    notes: list[str | Problem] = []
    blocks: Blocks = []
    to_file = xlsx if xlsx or csv == "-" else csv
    if to_file:
        frozen = 5 if several else 4
        content = table.xlsx_file("results", frozen) if xlsx else table.csv_file()
        notes += kept_notes(write_output(Path(to_file), content))
        rows = sum(len(one["units"]) for one in documents)
        notes.append(say("results.written", file=to_file, rows=rows))
    else:
        blocks = [table.csv()] if csv else _by_file(read.shown, node)
    for document_of_file in documents:
        notes += _remarks_on(document_of_file)
    code = 4 if read.problems else 0
    return Result(document, blocks, problems=read.problems, notes=notes, code=code)


class _StoredOfFiles:
    """Reads what is stored in workbooks, one after the other.

    `choice` has the arguments of `StoredResults.selected`: what is shown, and in which order.
    """

    def __init__(self, choice: dict[str, Any]) -> None:
        self._choice = choice
        self.shown: list[tuple[str, StoredResults]] = []
        self.documents: list[dict[str, Any]] = []
        self.problems: list[Problem] = []

    def add(self, file: str, *, is_only: bool) -> None:
        """Read a workbook; one that cannot be read stops no other, and is refused alone."""
        from xlcity.api.workbook import Workbook
        from xlcity.errors import UsageError, XlcityError
        from xlcity.methods.own import stand_ins

        try:
            # What is stored needs no function of one's own, so that none has to be there.
            with stand_ins():
                stored = Workbook.open(file).results
            ranked = stored.selected(**self._choice)
        except XlcityError as error:
            if is_only or isinstance(error, UsageError):
                raise
            self.problems += error.problems
            return
        self.shown.append((file, ranked))
        # Without a choice of order, documents keep the workbook's own.
        chosen = ranked if any(self._choice.values()) else stored
        self.documents.append({"file": file, **chosen.document})


def _remarks_on(document: dict[str, Any]) -> list[str]:
    """Return remarks on results that are a draft's, or of invented values."""
    values = {"file": document["file"], "invented": document["synthetic"]}
    kinds = [kind for kind in ("draft", "synthetic") if document[kind]]
    return [say(f"results.{kind}", **values) for kind in kinds]


def _joined(
    documents: list[dict[str, Any]],
    problems: list[Problem],
) -> dict[str, Any]:
    """Return several documents as one, each unit and pair with its file."""
    reports = {document["report"] for document in documents}
    joined: dict[str, Any] = {
        "report": reports.pop() if len(reports) == 1 else None,
        "draft": any(document["draft"] for document in documents),
        "synthetic": sum(document["synthetic"] for document in documents),
        "files": list(map(_head_of, documents)),
        "units": _entries_with_file(documents, "units"),
        "pairs": _entries_with_file(documents, "pairs"),
    }
    if problems:
        joined["errors"] = problems
    return joined


def _head_of(document: dict[str, Any]) -> dict[str, Any]:
    """Return what a document says of its file."""
    return {key: document[key] for key in ("file", "report", "draft", "synthetic")}


def _entries_with_file(
    documents: list[dict[str, Any]], key: str
) -> list[dict[str, Any]]:
    """Return the entries that documents have under a key, each with its file."""
    entries: list[dict[str, Any]] = []
    for document in documents:
        file = document["file"]
        entries += [{"file": file, **entry} for entry in document[key]]
    return entries


def _table(documents: list[dict[str, Any]], several: bool) -> TextTable:
    """Return all scores, ranks and normalised values, a row per city."""
    names = ["unit", "name_zh", "name_en", "population"]
    if several:
        names.insert(0, "file")
    units = _entries_with_file(documents, "units")
    numbers = list(map(_numbers_of, units))
    codes = list(dict.fromkeys(chain.from_iterable(numbers)))
    rows = [
        [*map(unit.get, names), *map(row.get, codes)]
        for unit, row in zip(units, numbers, strict=True)
    ]
    return TextTable([*names, *codes], rows)


def _numbers_of(unit: dict[str, Any]) -> dict[str, object]:
    """Return the scores, ranks and normalised values of a city by the head of their column."""
    prefixes = {"scores": "", "ranks": "rank_", "normalised": "normalised_"}
    numbers: dict[str, object] = {}
    for key, prefix in prefixes.items():
        for code, number in unit[key].items():
            numbers[f"{prefix}{code}"] = number
    return numbers


def _by_file(files: Sequence[tuple[str, StoredResults]], node: str | None) -> Blocks:
    """Yield the cities of each file with the scores of a node and its children."""
    for number, (file, stored) in enumerate(files):
        if len(files) > 1:
            yield f"\n{file}" if number else file
        yield ranking_table(*stored.ranking(node))
