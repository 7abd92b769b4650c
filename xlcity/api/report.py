"""Reports for Python: from an index or a workbook into a folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from xlcity.api.templates import index_spec
from xlcity.assess.statistics import population_rows
from xlcity.errors import DataError, Problem, UsageError, did_you_mean
from xlcity.figures.style import styled
from xlcity.recalc.engines.soffice import print_document
from xlcity.report.make import MadeReport, ReportMaker, ReportOptions
from xlcity.report.source import ReportSource, source_of
from xlcity.workbook.reading.stored_assessment import read_assessment
from xlcity.workbook.reading.template import Template
from xlcity.workbook.spec.from_template import shipped_report, spec_of
from xlcity.xlsx.save import write_files

if TYPE_CHECKING:
    from xlcity.api.index import Index

#: What `language` may be -> the languages that are written.
LANGUAGES = {"zh": ("zh",), "en": ("en",), "both": ("zh", "en")}


def index_source(index: Index) -> ReportSource:
    """Return what a report of an index is taken from."""
    inputs = index.inputs
    shipped = inputs.report is not None and inputs.dataset is inputs.report.dataset
    return source_of(index_spec(inputs, shipped), index.result, inputs.report)


def workbook_source(template: Template) -> ReportSource:
    """Return what a report of a workbook is taken from: its inputs, computed by Python."""
    report = shipped_report(template.report, template.text("xl_edition"))
    spec = replace(spec_of(template), assessed=read_assessment(template.book))
    return source_of(spec, template.index, report)


def write_report(
    source: ReportSource,
    folder: str | Path,
    language: str = "zh",
    *,
    only: Sequence[str] = (),
    annex: bool = False,
    cities: Sequence[str] = (),
    template: str | Path | None = None,
    style: str | Path | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> MadeReport:
    """Write the tables, figures and sentences of an index into a folder.

    Parameters
    ----------
    source
        The index with its names.
    folder
        Where to. A file that changes is kept as .bak; one that does not is not touched.
    language
        "zh", "en" or "both".
    only
        Ids of tables and figures, or "chapter", "profiles", "html", "tables", "figures",
        "sentences"; none: everything.
    annex
        Whether the chapter has every table and figure, those that it does not choose in an annex.
    cities
        Ids of the cities that have a profile; none: all that are ranked.
    template
        A Word document whose styles, page and header the documents take.
    style
        A TOML file of colours, fonts and sizes of figures; what it leaves out stays.
    progress
        Gets a line of text before each longer step.

    Raises
    ------
    XlcityError
        If no city has a score, a name is unknown, a library or a font is missing, or a file cannot
        be written.
    """
    if language not in LANGUAGES:
        hint = did_you_mean(language, LANGUAGES)
        raise UsageError(f"reports have no language {language!r}.", hint)
    _require_scores(source)
    path = Path(template) if template is not None else None
    languages = LANGUAGES[language]
    options = ReportOptions(languages, only, cities, path, progress, annex, print_document)
    with styled(style):
        report = ReportMaker(source, options).make()
    backups = write_files(Path(folder), {file.file: file.content for file in report.files})
    return MadeReport(report.files, report.waiting, str(folder), tuple(backups))


def _require_scores(source: ReportSource) -> None:
    """Refuse an index whose first group of cities has no score: a report begins with it."""
    group = next(iter(source.result.populations), "")
    rows = population_rows(source.result, group)
    if not np.isfinite(source.result.column(source.root)[rows]).any():
        hint = "Fill the data in; `xlcity check` names what is missing."
        message = "no city has an overall score: there is nothing to report."
        if len(source.result.populations) > 1:
            message = f"no city of the group '{group}' has an overall score: a report needs one."
        raise DataError(Problem("XC293", message, hint))
