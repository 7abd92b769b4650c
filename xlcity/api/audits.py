"""Audits for Python: claims of a manuscript against tables, and printed tables by themselves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from xlcity.api.inputs import is_file_name
from xlcity.audit.text.audit import TextAudit, audit_passages
from xlcity.audit.text.evidence import SourcedNumber, TextEvidence, printed_evidence
from xlcity.audit.text.manuscript import read_manuscript, sentences_of
from xlcity.errors import UsageError, require_known
from xlcity.index.compute import compute, tie_rule
from xlcity.index.result import IndexResult
from xlcity.model.dataset import Status
from xlcity.report.contents import rounded
from xlcity.report.source import ReportSource
from xlcity.report.wording import cities_of
from xlcity.reports import load_report
from xlcity.reports.report import Group, GroupType, Report

if TYPE_CHECKING:
    from xlcity.api.index import Index
    from xlcity.api.workbook import Workbook
    from xlcity.audit.tables.diagnosis.findings import Audit

#: Numbers by code of the node and id of the city.
Numbers = dict[tuple[str, str], SourcedNumber]


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


def _scores(result: IndexResult) -> Numbers:
    """Return the scores of an index as texts print them."""
    scores: Numbers = {}
    for code in result.node_codes:
        for unit, score in zip(result.dataset.units, result.column(code), strict=True):
            if np.isfinite(score):
                text = f"{rounded(float(score), 2):.2f}"
                scores[code, unit.id] = SourcedNumber(text, "scores")
    return scores


def _computed(source: ReportSource, name: str) -> TextEvidence:
    """Return the numbers of an index: scores, ranks, values and the previous edition."""
    result = source.result
    spec = source.spec
    return TextEvidence(
        name,
        result.framework,
        result.dataset.units,
        group_types=tuple(map(_with_cities, source.group_types)),
        tiers=spec.tiers,
        ranks=_ranks(source),
        earlier=_earlier_ranks(source),
        ties=tie_rule(result.recipe, source.root),
        titles=(spec.name_zh, spec.name_en),
        beside=_ranks_beside(source),
        exact=_exact(source),
        invented=_invented(source),
        stated=cache(partial(_sentences_stated, source)),
    )


def _sentences_stated(source: ReportSource) -> frozenset[str]:
    """Return the sentences of the chapter on an index, in both languages."""
    from xlcity.report.chapter import chapter

    sections = chapter(source, {}, {})
    paragraphs = chain.from_iterable(section.paragraphs for section in sections)
    stated: set[str] = set()
    for own in paragraphs:
        # The title of a case begins its first line, as a sentence.
        stated |= {f"{own.title.zh}。", f"{own.title.en}."}
        for label in (sentence.text for sentence in own.sentences):
            stated.update(sentences_of(label.zh), sentences_of(label.en))
    return frozenset(stated)


def _ranks(source: ReportSource) -> Numbers:
    """Return the ranks of an index."""
    result = source.result
    ranks: Numbers = {}
    for code in (*result.node_codes, *result.leaf_codes):
        for row, unit in enumerate(result.dataset.units):
            rank = source.rank(row, code)
            if rank is not None:
                ranks[code, unit.id] = SourcedNumber(str(rank), "ranks")
    return ranks


def _ranks_beside(source: ReportSource) -> Numbers:
    """Return the ranks that the editions print beside those of the scores."""
    editions = source.editions
    ranks: Numbers = {}
    for code in filter(editions.is_beside_print, source.result.node_codes):
        for row, unit in enumerate(source.result.dataset.units):
            rank = editions.rank_beside(row, code)
            if rank is not None:
                ranks[code, unit.id] = SourcedNumber(str(rank), "printed")
    return ranks


def _earlier_ranks(source: ReportSource) -> Numbers:
    """Return the ranks of the previous edition."""
    if not source.earlier:
        return {}
    return {
        (code, unit): SourcedNumber(str(rank), "previous")
        for (unit, code), rank in source.earlier[0].ranks.items()
    }


def _invented(source: ReportSource) -> frozenset[str]:
    """Return the nodes whose values a report printed otherwise; none of one's own index."""
    if source.spec.defaults is None:
        return frozenset()
    statuses = source.node_status.items()
    return frozenset(code for code, status in statuses if status == Status.SYNTHETIC)


def _with_cities(kind: GroupType) -> GroupType:
    """Return what sorts cities with what its groups are called in running text."""
    return replace(kind, groups=tuple(map(_called_in_text, kind.groups)))


def _called_in_text(group: Group) -> Group:
    """Return a group with what its cities are called in running text."""
    name = cities_of(group)
    return replace(group, cities_zh=name.zh, cities_en=name.en)


def _exact(source: ReportSource) -> dict[str, dict[str, dict[str, float]]]:
    """Return all scores and values of an index and of its previous edition, not rounded."""
    result = source.result
    ids = [unit.id for unit in source.units]
    scores = {
        code: _by_city(ids, result.column(code))
        for code in (*result.node_codes, *result.leaf_codes)
    }
    raw = zip(result.leaf_codes, result.raw.T, strict=True)
    numbers = {
        "scores": scores,
        "values": {code: _by_city(ids, column) for code, column in raw},
        "earlier scores": {},
        "earlier values": {},
    }
    last = source.spec.last
    if last is not None:
        numbers["earlier scores"] = _by_code(last.scores)
        numbers["earlier values"] = _by_code({**last.made, **last.values})
    return numbers


def _by_city(ids: Sequence[str], column: Iterable[float]) -> dict[str, float]:
    """Return the numbers of a column that are there, by city."""
    numbers: dict[str, float] = {}
    for unit, number in zip(ids, column, strict=True):
        if np.isfinite(number):
            numbers[unit] = float(number)
    return numbers


def _by_code(
    cells: Mapping[tuple[str, str], float],
) -> dict[str, dict[str, float]]:
    """Return numbers by code, then city."""
    numbers: defaultdict[str, dict[str, float]] = defaultdict(dict)
    for (unit, code), number in cells.items():
        numbers[code][unit] = number
    return dict(numbers)


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
    if report or not tables:
        raise UsageError.of("XC100.nothing_to_audit")
    paths = _paths_by_name(tables)
    if spec is not None:
        return audit(read_spec(Path(spec)), paths, progress=progress)
    if len(paths) > 1:
        raise UsageError.of("XC100.nothing_to_audit")
    return audit_table(Path(tables[0]), progress)


def _paths_by_name(tables: Sequence[str | Path]) -> dict[str, Path]:
    """Return tables by the names of their files.

    Raises
    ------
    UsageError
        If two share a name.
    """
    paths: dict[str, Path] = {}
    for table in map(Path, tables):
        if table.stem in paths:
            raise UsageError.of("XC100.tables_of_one_name", twice=table.stem)
        paths[table.stem] = table
    return paths
