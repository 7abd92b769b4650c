"""Audits for Python: claims of a manuscript against tables, and printed tables by themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from xlcity.api.inputs import is_file_name
from xlcity.audit.text.audit import TextAudit, audit_passages
from xlcity.audit.text.evidence import SourcedNumber, TextEvidence, printed_evidence
from xlcity.audit.text.manuscript import read_manuscript
from xlcity.errors import UsageError, require_known
from xlcity.index.compute import compute, tie_rule
from xlcity.index.result import IndexResult
from xlcity.model.dataset import Status
from xlcity.report.contents import rounded
from xlcity.report.source import ReportSource
from xlcity.report.wording import cities_of
from xlcity.reports import load_report
from xlcity.reports.report import GroupType, Report

if TYPE_CHECKING:
    from xlcity.api.index import Index
    from xlcity.api.workbook import Workbook
    from xlcity.audit.tables.diagnosis.findings import Audit


def audit_text(
    manuscript: str | Path,
    against: str | Path | Index | Workbook,
    *,
    language: str = "en",
) -> TextAudit:
    """Check the claims of a manuscript against tables.

    Parameters
    ----------
    manuscript
        A .docx, .md or .txt file, in Chinese or English.
    against
        A report's id (its printed tables), a workbook or its path, or an index.
    language
        "zh" or "en": of what the findings say.

    Returns
    -------
    TextAudit
        `findings` are the claims that the tables contradict ("false") or cannot settle ("unsure").

    Raises
    ------
    XlcityError
        If the manuscript or the workbook cannot be read, or there is no such report.
    """
    require_known("kind.language", language, ("zh", "en"))
    passages = read_manuscript(manuscript)
    return audit_passages(passages, text_evidence(against), language, str(manuscript))


def text_evidence(against: str | Path | Index | Workbook) -> TextEvidence:
    """Return what claims are checked against."""
    from xlcity.api.index import Index
    from xlcity.api.workbook import Workbook

    if isinstance(against, Index):
        return _computed(against.source(), against.framework.root.code)
    if isinstance(against, Workbook):
        return _computed(against.source(), against.path.name)
    if is_file_name(against):
        return text_evidence(Workbook.open(against))
    return _of_report(load_report(str(against)))


def _of_report(report: Report) -> TextEvidence:
    """Return what a report prints, and the scores that its own data give beyond that."""
    evidence = printed_evidence(report)
    if report.data_kind == "synthetic":
        return evidence
    printed = {code for code, _ in evidence.scores}
    result = compute(report.framework, report.recipe, report.dataset)
    computed_scores = {
        key: cell for key, cell in _scores(result).items() if key[0] not in printed
    }
    return replace(evidence, scores={**evidence.scores, **computed_scores})


def _scores(result: IndexResult) -> dict[tuple[str, str], SourcedNumber]:
    """Return the scores of an index as texts print them."""
    return {
        (code, unit.id): SourcedNumber(f"{rounded(float(score), 2):.2f}", "scores")
        for code in result.node_codes
        for unit, score in zip(result.dataset.units, result.column(code), strict=True)
        if np.isfinite(score)
    }


def _computed(source: ReportSource, name: str) -> TextEvidence:
    """Return the numbers of an index: scores, ranks, values and the previous edition."""
    result = source.result
    data = source.result.dataset
    ranks = {
        (code, unit.id): SourcedNumber(str(rank), "ranks")
        for code in (*result.node_codes, *result.leaf_codes)
        for row, unit in enumerate(data.units)
        if (rank := source.rank(row, code)) is not None
    }
    earlier = source.earlier[0].ranks if source.earlier else {}
    beside = {
        (code, data.units[row].id): SourcedNumber(str(rank), "printed")
        for code in result.node_codes
        if source.editions.is_beside_print(code)
        for row in range(len(data.units))
        if (rank := source.editions.rank_beside(row, code)) is not None
    }
    previous = {
        (c, unit): SourcedNumber(str(n), "previous") for (unit, c), n in earlier.items()
    }
    groups = map(_with_cities, source.group_types)
    ties = tie_rule(result.recipe, source.root)
    spec = source.spec
    # A report printed other values than those invented for it; of one's own index there are none.
    statuses = source.node_status if spec.defaults is not None else {}
    invented = {code for code, status in statuses.items() if status == Status.SYNTHETIC}
    return TextEvidence(
        name,
        result.framework,
        data.units,
        tuple(groups),
        spec.tiers,
        ranks=ranks,
        earlier=previous,
        ties=ties,
        titles=(spec.name_zh, spec.name_en),
        beside=beside,
        exact=_exact(source),
        invented=frozenset(invented),
    )


def _with_cities(kind: GroupType) -> GroupType:
    """Return what sorts cities with what its groups are called in running text."""
    called = ((group, cities_of(group)) for group in kind.groups)
    groups = (
        replace(group, cities_zh=name.zh, cities_en=name.en) for group, name in called
    )
    return replace(kind, groups=tuple(groups))


def _exact(source: ReportSource) -> dict[str, dict[str, dict[str, float]]]:
    """Return all scores and values of an index and of its previous edition, not rounded."""
    result = source.result
    last = source.spec.last

    def by_city(column: Iterable[float]) -> dict[str, float]:
        numbers = zip(source.units, column, strict=True)
        return {unit.id: float(x) for unit, x in numbers if np.isfinite(x)}

    codes = (*result.node_codes, *result.leaf_codes)
    raw = result.raw.T
    numbers = {
        "scores": {code: by_city(result.column(code)) for code in codes},
        "values": {
            code: by_city(x) for code, x in zip(result.leaf_codes, raw, strict=True)
        },
    }
    before = (last.scores, {**last.made, **last.values}) if last else ({}, {})
    for what, cells in zip(("earlier scores", "earlier values"), before, strict=True):
        numbers[what] = {}
        for (unit, code), x in cells.items():
            numbers[what].setdefault(code, {})[unit] = x
    return numbers


def audit_tables(
    report: str | None = None,
    *,
    tables: Sequence[str | Path] = (),
    spec: str | Path | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Audit:
    """Audit printed tables: whether they can be right, and which method they follow.

    Parameters
    ----------
    report
        Id of a report that has a specification of its tables.
    tables
        CSV files of printed tables; each file has a name of its own.
    spec
        The TOML file that says what the tables hold. Without it that of the same name beside the
        one table counts; if there is none, it is guessed and written there.
    progress
        Gets a line of text before each longer step.

    Returns
    -------
    Audit
        `findings` are the suspect cells, ordered by severity; `as_dict()` gives the JSON form.

    Raises
    ------
    UsageError
        If it is neither a report, nor one table, nor tables with a specification; or two tables
        share a name.
    DataError
        If a table or the specification cannot be used.

    Examples
    --------
    >>> import xlcity as xc
    >>> audit = xc.audit_tables("iecc2024")
    >>> sorted({finding.severity.value for finding in audit.findings})
    ['warning']
    """
    from xlcity.audit.tables.guess import audit_table
    from xlcity.audit.tables.run import audit, audit_report
    from xlcity.audit.tables.spec.read import read_spec

    if report and not (tables or spec):
        return audit_report(report, progress)
    if report or not tables or (len(tables) > 1 and not spec):
        raise UsageError.of("XC100.nothing_to_audit")
    stems = [Path(table).stem for table in tables]
    if twice := [stem for stem in stems if stems.count(stem) > 1]:
        raise UsageError.of("XC100.tables_of_one_name", twice=twice[0])
    if spec is None:
        return audit_table(Path(tables[0]), progress)
    paths = dict(zip(stems, map(Path, tables), strict=True))
    return audit(read_spec(Path(spec)), paths, progress=progress)
