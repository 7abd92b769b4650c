"""Is it right? One answer for any workbook: checks, findings by cause, and a sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from xlcity import __version__
from xlcity.audit.check.foreign_values import (
    DOUBT,
    check_foreign_values,
    doubt_check,
    with_sure_results,
)
from xlcity.audit.check.seal import (
    SUFFIX,
    ChangedSealError,
    Grade,
    Seal,
    SealedChange,
    changes_since,
    file_code,
    read_seal,
    seal_from,
)
from xlcity.audit.check.team_columns import check_columns
from xlcity.audit.check.template_checks import (
    NO_VALUES,
    cannot_be_drawn,
    check_contract,
    check_inputs,
    check_stored_values,
    check_weights,
    rows_on_sheet,
    with_fresh_inputs,
)
from xlcity.audit.lint.finding import Finding
from xlcity.audit.lint.registry import rule_of
from xlcity.audit.lint.run import lint
from xlcity.audit.lint.subject import Subject
from xlcity.data_files import template_beside
from xlcity.errors import (
    CellValue,
    EngineError,
    Problem,
    Where,
    WorkbookError,
    XlcityError,
)
from xlcity.hosts.excel.embedded import Carried, carried_functions
from xlcity.index.result import IndexResult
from xlcity.messages import Message, joined
from xlcity.recalc.workbook import Recalculated, recalculate
from xlcity.workbook.checking.routes import (
    LISTED,
    CheckResult,
    cells_of,
    check_functions,
    check_index,
)
from xlcity.workbook.checking.seal_sheet import SHEET, has_seal, seal_of
from xlcity.workbook.reading.results import index_or_error, is_draft
from xlcity.workbook.reading.template import Template, template_or_none
from xlcity.workbook.tab_titles import describe_renamed_tab, renamed_tabs
from xlcity.xlsx.address import full_address, quote_sheet
from xlcity.xlsx.cells import Position
from xlcity.xlsx.editing.rename_sheets import rename_sheets, sheet_renamer
from xlcity.xlsx.limits import missing_files
from xlcity.xlsx.process import DEFAULT_TIMEOUT, no_collection
from xlcity.xlsx.user_cache import for_the_record

#: Share of the time limit in which a stranger's workbook is computed; rules need no values.
_FOREIGN_SHARE = 0.1
#: Rules whose errors no check reports: moved values, names, no total in books without that row,
#: precision as displayed, codes.
_ERRORS_WITHOUT_CHECK = ("E05", "E13", "E18", "W20", "W21")
#: Kinds of findings that the sentence names.
_NAMED = 3
#: Verdict -> how the sentence begins: of a template, of a workbook without scores.
_STARTS = {
    "fail": ("summary.do_not_use", "summary.do_not_rely"),
    "warned": ("summary.check_scores", "summary.check_foreign"),
    "draft": ("summary.draft", "summary.draft"),
    "pass": ("summary.scores_usable", "summary.no_error"),
}


#: What changed since sealing, but for scores.
_GRADES = {
    Grade.SHOWN: "check.shown_changed",
    Grade.PRESENTATION: "check.presentation_changed",
}
#: Severity of a change since sealing -> how many there are, in the summary.
_SEALED = {
    Grade.SHOWN.level: "sealed.shown_changes",
    Grade.PRESENTATION.level: "sealed.presentation_changes",
}


@dataclass(frozen=True, slots=True)
class _SealComparison:
    """A workbook beside its seal: nothing where it has none.

    Attributes
    ----------
    checks, findings
        What became of the seal, and what changed since.
    inputs
        Sheet -> cell -> input as it was sealed; none of a seal that cannot be read.
    """

    checks: tuple[CheckResult, ...] = ()
    findings: tuple[Finding, ...] = ()
    inputs: Mapping[str, Mapping[Position, CellValue]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Checked:
    """A workbook's checks, what is wrong by cause, and what it amounts to.

    Attributes
    ----------
    verdict
        "pass", "fail", or "draft": all is right, some inputs are not filled yet.
    summary
        One sentence.
    engine
        What computed the values, "" where nothing could.
    allowed
        Findings that notes on cells allow, with the reason.
    formulas, different_formulas
        How many there are, an array counted once; None where different ones were not counted.
    """

    path: str
    verdict: str
    summary: str
    checks: tuple[CheckResult, ...]
    findings: tuple[Finding, ...]
    allowed: tuple[tuple[Finding, str], ...]
    engine: str
    formulas: int
    different_formulas: int | None

    @property
    def is_sound(self) -> bool:
        """Whether no check failed, and a sealed workbook shows what it was sealed with."""
        every = [*self.findings]
        for cause in self.findings:
            every += cause.follows
        is_changed = any(f.rule == "E16" and f.severity != "note" for f in every)
        return self.verdict != "fail" and not is_changed

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        allowed = [
            {**finding.as_dict(), "reason": reason} for finding, reason in self.allowed
        ]
        return {name: getattr(self, name) for name in self.__slots__} | {
            "allowed": allowed
        }


@no_collection()
def check_workbook(
    given: str | Path | Template | Subject,
    engines: Sequence[str] = (),
    timeout: float = DEFAULT_TIMEOUT,
    sealed: str | Path | None = None,
    template: str | Path | None = None,
    count_different: bool = True,
) -> Checked:
    """Recalculate a workbook, run every check, and say what is wrong by cause.

    Parameters
    ----------
    given
        The workbook, or one that was read already; it is not written.
    engines
        The first computes (default: the fastest one verified); each further one computes again
        and must agree.
    timeout
        Seconds an engine may take; a tenth of it for a workbook that is not a template.
    sealed
        The seal to compare with; without it the one beside the workbook, or on its sheet.
    template
        A workbook to compare formulas with, in place of the template drawn afresh.
    count_different
        Whether to count the different formulas: a tenth of the time for large templates.

    Raises
    ------
    WorkbookError
        If the file is not a workbook, or a template that cannot be read, or there is no such seal.
    EngineError
        If a template cannot be computed.
    """
    subject = Subject.of(given)
    if subject.template is None:
        # Refuses a damaged one.
        template_or_none(subject.package, subject.book, subject.path)
    seal = _compare_with_seal(subject, sealed)
    how = _HowToCheck(engines or ("auto",), timeout, template, count_different)
    # What is said of a sealed workbook is for the record.
    with for_the_record() if seal.checks else nullcontext():
        if subject.template is None:
            return _check_foreign(subject, seal, how)
        return _check_template(subject, seal, how)


class _HowToCheck(NamedTuple):
    """What a user may ask of a check; see `check_workbook`."""

    engines: Sequence[str]
    timeout: float
    template: str | Path | None
    count_different: bool


def _check_template(
    subject: Subject, seal: _SealComparison, how: _HowToCheck
) -> Checked:
    """Check a template, also beside its seal."""
    titles = renamed_tabs(subject.book)
    # It is compared under the names of the template.
    as_saved = _with_names(subject, titles) if titles else subject
    state = _recalculate_template(as_saved, how)
    subject = as_saved
    if state.read is not as_saved.template:
        subject = Subject.of(state.read)
    stale, outdated = check_stored_values(as_saved, state.fresh)
    routes = _compare_routes(as_saved, state, how)
    on_sheet = list(rows_on_sheet(state.read, state.fresh))
    others = [*cannot_be_drawn(subject), *outdated, *seal.findings]
    others += _report_renamed(titles)
    others += _failed("E10", routes)
    others += _failed("E07", on_sheet)
    subject.sealed_inputs = seal.inputs
    linted = lint(subject, template=how.template, others=others)
    checks = (
        check_inputs(as_saved, state.read, state.result),
        check_weights(state.read),
        *check_contract(subject, linted.every),
        stale,
        *routes,
        *on_sheet,
        *seal.checks,
        *_check_functions_inside(subject),
    )
    has_failed = _has_failed(checks, linted.every)
    verdict = "fail" if has_failed else state.verdict
    checked = Checked(
        path=subject.path,
        verdict=verdict,
        summary=summarise(verdict, linted.findings, blank=state.blank),
        checks=checks,
        findings=linted.findings,
        allowed=linted.allowed,
        engine=state.fresh.engine,
        formulas=subject.graph.formula_cells,
        different_formulas=_count_forms(subject) if how.count_different else None,
    )
    return _with_titles(checked, titles) if titles else checked


class _TemplateState(NamedTuple):
    """A template as recalculated.

    Attributes
    ----------
    fresh
        Its values.
    read
        The template with what it has now where inputs are computed.
    result
        The index computed from it, or why there is none.
    """

    fresh: Recalculated
    read: Template
    result: IndexResult | XlcityError

    @property
    def verdict(self) -> str:
        """What it is if no check fails."""
        return "draft" if is_draft(self.read, self.result) else "pass"

    @property
    def blank(self) -> int:
        """How many inputs are not filled yet."""
        if isinstance(self.result, XlcityError):
            return 0
        return len(self.result.unfilled)


def _with_names(subject: Subject, titles: Mapping[str, str]) -> Subject:
    """Return a workbook with the names of the template on its sheets."""
    own_by_title = {title: own for own, title in titles.items()}
    return Subject(rename_sheets(subject.package, own_by_title), subject.path)


def _recalculate_template(subject: Subject, how: _HowToCheck) -> _TemplateState:
    """Recalculate a template in the first engine, and compute its index."""
    assert subject.template is not None
    fresh = recalculate(
        subject.package, how.engines[0], how.timeout, book=subject.book, keep=True
    )
    read = with_fresh_inputs(subject.template, fresh)
    return _TemplateState(fresh, read, index_or_error(read))


def _compare_routes(
    subject: Subject, state: _TemplateState, how: _HowToCheck
) -> list[CheckResult]:
    """Compare the library's functions, Python's index and further engines with a template."""
    routes = [
        check_functions(state.read, state.fresh),
        check_index(state.read, state.fresh, state.result),
    ]
    for other in how.engines[1:]:
        routes.append(_compare_engine(subject, state.fresh, other, how.timeout))
    return routes


def _report_renamed(titles: Mapping[str, str]) -> Iterator[Finding]:
    """Yield W20 for tabs that people named otherwise: own name -> theirs."""
    for own, title in titles.items():
        message = describe_renamed_tab(own, title)
        fix = Message("hint.name_again", title=own)
        yield Finding("W20", own, "", message, fix=fix, fault=own)


def _has_failed(checks: Iterable[CheckResult], findings: Iterable[Finding]) -> bool:
    """Tell whether a check failed, or an error was found that no check reports."""
    if any(check.status == "fail" for check in checks):
        return True
    errors = (finding for finding in findings if finding.severity == "error")
    return any(error.rule in _ERRORS_WITHOUT_CHECK for error in errors)


def _count_forms(subject: Subject) -> int:
    """Return how many different formulas there are."""
    return len({form.key for *_, form in subject.graph.blocks()})


def _with_titles(checked: Checked, titles: Mapping[str, str]) -> Checked:
    """Return what was found with the names that people gave to tabs: own name -> theirs."""
    rename = sheet_renamer(titles)

    def renamed(finding: Finding) -> Finding:
        sheet = titles.get(finding.sheet, finding.sheet)
        follows = map(renamed, finding.follows)
        return replace(finding, sheet=sheet, follows=tuple(follows))

    def with_cells(check: CheckResult) -> CheckResult:
        return replace(check, cells=tuple(map(rename, check.cells)))

    allowed = [(renamed(finding), reason) for finding, reason in checked.allowed]
    return replace(
        checked,
        checks=tuple(map(with_cells, checked.checks)),
        findings=tuple(map(renamed, checked.findings)),
        allowed=tuple(allowed),
    )


def _check_functions_inside(subject: Subject) -> Iterator[CheckResult]:
    """Yield what became of functions that a workbook carries, unless they are as they were."""
    carried = carried_functions(subject.package)
    if carried in (Carried.CHANGED, Carried.DROPPED):
        detail = Message(f"carried.{carried.value}")
        yield CheckResult("functions-inside", "note", detail)


def _failed(rule: str, checks: Sequence[CheckResult]) -> Iterator[Finding]:
    """Yield the checks that failed as findings, each at its first cell."""
    for check in checks:
        if check.status == "fail":
            sheet, _, cell = (check.cells[0] if check.cells else "").rpartition("!")
            message = Message("lint.check_fails", check=check.name, detail=check.detail)
            yield Finding(rule, sheet.strip("'"), cell, message, fault=check.name)


@dataclass(slots=True)
class _ForeignValues:
    """What the values of a stranger's workbook are beside fresh ones.

    Attributes
    ----------
    engine
        What computed them, "" where nothing could.
    doubtful
        How many no engine is known to compute.
    """

    subject: Subject
    engine: str = ""
    checks: list[CheckResult] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    doubtful: int = 0


def _check_foreign(
    subject: Subject, seal: _SealComparison, how: _HowToCheck
) -> Checked:
    """Check a workbook that was not made from a template: fresh values, rules, the seal."""
    formulas = subject.graph.formula_cells
    values = _compare_values(subject, how)
    others = [*values.findings, *seal.findings]
    linted = lint(values.subject, template=how.template, others=others)
    errors = any(finding.severity == "error" for finding in linted.every)
    text = Message("check.no_findings")
    if linted.findings:
        text = Message("check.findings", number=len(linted.findings))
    checks = [
        *values.checks,
        CheckResult("rules", "fail" if errors else "pass", text),
        *check_columns(values.subject),
        *seal.checks,
    ]
    failed = [check.name for check in checks if check.status == "fail"]
    is_wrong = any(name != DOUBT for name in failed)
    return Checked(
        path=subject.path,
        verdict="fail" if failed else "pass",
        summary=summarise(
            "fail" if is_wrong else "pass",
            linted.findings,
            formulas=formulas,
            doubtful=values.doubtful,
        ),
        checks=(*checks, *_check_functions_inside(values.subject)),
        findings=linted.findings,
        allowed=linted.allowed,
        engine=values.engine,
        formulas=formulas,
        different_formulas=len(values.subject.copies),
    )


def _compare_values(subject: Subject, how: _HowToCheck) -> _ForeignValues:
    """Compute a stranger's workbook, as far as that can be done in time."""
    values = _ForeignValues(subject)
    limit = how.timeout * _FOREIGN_SHARE
    try:
        fresh = recalculate(
            subject.package, how.engines[0], limit, book=subject.book, keep=True
        )
    except EngineError as error:
        problem = error.problems[0]
        values.checks.append(CheckResult("stale", "skipped", problem.message))
        if problem.code == "XC512":
            values.findings.append(Finding.of_problem("E17", problem))
        else:
            cells = [*_formula_cells(subject)]
            values.doubtful = len(cells)
            values.checks.append(doubt_check(cells, ""))
        return values
    compared = check_foreign_values(subject, fresh, limit)
    values.engine = fresh.engine
    values.checks += compared.checks
    values.findings += compared.findings
    values.doubtful = compared.doubtful
    values.subject = with_sure_results(subject, fresh)
    return values


def _formula_cells(subject: Subject) -> Iterator[str]:
    """Yield the addresses of all cells that a formula gives the value of, row by row."""
    for name, sheet in subject.book.sheets.items():
        for position in sorted(sheet.cells.computed()):
            yield full_address(name, position)


def _compare_engine(
    subject: Subject, fresh: Recalculated, engine: str, timeout: float
) -> CheckResult:
    again = recalculate(
        subject.package, fresh.engine, timeout, verify=engine, book=subject.book
    )
    seen = again.verified
    if seen is None:
        return CheckResult(f"engine:{engine}", "skipped")
    detail = Message(
        "check.compared",
        cells=seen.cells,
        engine=fresh.engine,
        difference=seen.max_diff,
    )
    status = "fail" if seen.differing else "pass"
    cells = tuple(seen.differing[:LISTED])
    return CheckResult(f"engine:{engine}", status, detail, cells)


def _compare_with_seal(subject: Subject, named: str | Path | None) -> _SealComparison:
    """Compare a workbook with its seal, if it has one."""
    WorkbookError.raise_for(missing_files("XC400", named))
    try:
        sealed = _find_seal(subject, named)
    except WorkbookError as error:
        if named is not None and not isinstance(error, ChangedSealError):
            raise  # it is another file
        return _unusable_seal(error)
    if sealed is None:
        return _SealComparison()
    changes = list(changes_since(sealed, subject.package, subject.book))
    findings = tuple(change.finding() for change in changes)
    problems = tuple(finding.problem(subject.path) for finding in findings)
    check = _check_seal(sealed, changes, problems)
    return _SealComparison((check,), findings, sealed.cells["input"])


def _find_seal(subject: Subject, named: str | Path | None) -> Seal | None:
    """Return the seal that is named, that beside a workbook, or that on its own sheet, if any."""
    if named is not None:
        return read_seal(named)
    beside = Path(f"{subject.path}{SUFFIX}")
    if beside.is_file():
        return read_seal(beside)
    if has_seal(subject.book):
        return seal_from(seal_of(subject.book), Where(subject.path, SHEET))
    return None


def _unusable_seal(error: WorkbookError) -> _SealComparison:
    """Return that a seal was changed or cannot be read."""
    problems = error.problems
    check = CheckResult("seal", "fail", problems[0].message, problems=problems)
    finding = Finding.of_problem("E16", problems[0])
    return _SealComparison((check,), (replace(finding, sheet="", cell=""),))


def _check_seal(
    sealed: Seal, changes: Sequence[SealedChange], problems: tuple[Problem, ...]
) -> CheckResult:
    """Return whether a workbook is as it was sealed; `problems` are the changes as such."""
    if not changes:
        code = sealed.code[:12]
        detail = Message("check.sealed_as_is", **sealed.counts, code=code)
        return CheckResult("seal", "pass", detail)
    grades = Counter(change.grade for change in changes)
    details = [Message("check.sealed_changed", number=len(changes))]
    if not grades[Grade.SCORES]:
        details.append(Message("check.scores_as_sealed"))
    for grade, key in _GRADES.items():
        if grades[grade]:
            details.append(Message(key, number=grades[grade]))
    return CheckResult(
        "seal",
        "fail" if grades[Grade.SCORES] else "note",
        joined(details),
        cells=cells_of(problems),
        problems=problems[:LISTED],
    )


def check_page(workbooks: Sequence[Checked], **words: Callable[..., object]) -> str:
    """Return the page of workbooks that were checked.

    `words` say its texts in the user's language: `say`, `told` and `finding_words`.
    """
    page = template_beside(__file__, "page.html")
    made_by = f"xlcity {__version__} · {datetime.now():%Y-%m-%d %H:%M}"
    return page.render(
        workbooks=workbooks, link=_link, sha256=file_code, made_by=made_by, **words
    )


def _link(checked: Checked, finding: Finding) -> str:
    """Return where a spreadsheet program opens the cell of a finding."""
    cell = f"{quote_sheet(finding.sheet)}!{finding.cell or 'A1'}"
    return f"{Path(checked.path).resolve().as_uri()}#{quote(cell)}"


class _Count(NamedTuple):
    """How a summary counts findings: the message that says how many, and their rule."""

    key: str
    rule: str = ""


_UNSTORED = _Count("summary.no_stored_values")


def _count_of(finding: Finding) -> _Count:
    """Return how a summary counts findings as this one."""
    if finding.fault == NO_VALUES:
        return _UNSTORED
    if finding.rule == "E16" and finding.level in _SEALED:
        return _Count(_SEALED[finding.level])
    return _Count(rule_of(finding.rule).count_key, finding.rule)


def summarise(
    verdict: str,
    findings: Sequence[Finding],
    *,
    blank: int = 0,
    formulas: int | None = None,
    doubtful: int = 0,
) -> str:
    """Return one sentence: "Do not use the scores: 3 weights were changed, 719 values are stale.".

    Parameters
    ----------
    verdict, findings
        What the check found.
    blank
        Inputs that are not filled yet.
    formulas
        Of a workbook without scores, how many formulas it has.
    doubtful
        Results that no engine is known to compute.
    """
    counts, phrases = _count_findings(verdict, findings)
    if counts == [_UNSTORED] and verdict == "pass" and not doubtful:
        return Message("summary.unstored")
    if doubtful:
        phrases.insert(_NAMED - 1, Message("check.doubtful", number=doubtful))
    named = _name_first(phrases)
    if verdict == "draft" and blank:
        unfilled = Message("summary.blank", number=blank)
        named = joined(filter(None, (unfilled, named)), "list.clauses")
    warned = doubtful > 0 or any(finding.severity == "warning" for finding in findings)
    start = _start_summary(verdict, formulas, warned=warned)
    if not named:
        return Message("summary.start", start=start)
    return Message("summary.of", start=start, found=named)


def _start_summary(verdict: str, formulas: int | None, *, warned: bool) -> str:
    """Return how the sentence begins."""
    if verdict == "pass" and formulas == 0:
        return Message("summary.no_formulas")
    of_scores, of_formulas = _STARTS[
        "warned" if verdict == "pass" and warned else verdict
    ]
    return Message(of_scores if formulas is None else of_formulas, formulas=formulas)


def _name_first(phrases: Sequence[str]) -> str:
    """Return the first phrases as one, with a word for the others."""
    named = joined(phrases[:_NAMED], "list.clauses")
    if len(phrases) > _NAMED:
        return Message("summary.and_more", found=named)
    return named


def _count_findings(
    verdict: str, findings: Sequence[Finding]
) -> tuple[list[_Count], list[str]]:
    """Return the kinds of findings that matter for a verdict, and how many there are of each."""
    counts: Counter[_Count] = Counter()
    named: dict[_Count, str] = {}
    for finding in findings:
        errors = any(f.severity == "error" for f in (finding, *finding.follows))
        if verdict == "fail" and not errors and not finding.hanging:
            continue
        count = _count_of(finding)
        counts[count] += finding.count
        if finding.named:
            named.setdefault(count, finding.named)
    phrases = []
    for count, number in counts.items():
        phrases.append(_phrase(count, number, named.get(count, "")))
    return [*counts], phrases


def _phrase(count: _Count, number: int, named: str) -> str:
    """Return how many findings of a kind there are; the first one is named if it has a name."""
    if not named:
        return Message(count.key, number=number, rule=count.rule)
    if number == 1:
        return named
    return Message("summary.named_and_more", named=named, number=number - 1)
