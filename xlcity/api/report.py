"""What a report is taken from: an index or a workbook."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from xlcity.api.templates import index_spec
from xlcity.assess.statistics import population_rows
from xlcity.errors import DataError, Problem
from xlcity.report.source import ReportSource, source_of
from xlcity.workbook.reading.stored_assessment import read_assessment
from xlcity.workbook.reading.template import Template
from xlcity.workbook.spec.from_template import shipped_report, spec_of

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


def require_scores(source: ReportSource) -> None:
    """Refuse an index whose first group of cities has no score: a report begins with it."""
    group = next(iter(source.result.populations), "")
    rows = population_rows(source.result, group)
    if not np.isfinite(source.result.column(source.root)[rows]).any():
        hint = "Fill the data in; `xlcity check` names what is missing."
        message = "no city has an overall score: there is nothing to report."
        if len(source.result.populations) > 1:
            message = f"no city of the group '{group}' has an overall score: a report needs one."
        raise DataError(Problem("XC293", message, hint))
