"""Template workbooks of an index that was put together."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from xlcity.api.inputs import Inputs
from xlcity.errors import UsageError
from xlcity.index.compute import compute
from xlcity.workbook.build import Built, build
from xlcity.workbook.from_panel import panel_spec
from xlcity.workbook.from_report import own_spec, template_spec
from xlcity.workbook.spec import TemplateSpec
from xlcity.xlsx.save import write_output


def template_of(
    inputs: Inputs,
    *,
    language: str = "zh",
    functions: bool = True,
    own_data: bool = False,
    empty: bool = False,
) -> tuple[TemplateSpec, Built]:
    """Build the template workbook of an index, computed.

    Parameters
    ----------
    inputs
        What the index is made from.
    language
        Language of the labels at first.
    functions
        With the sheet of function calls.
    own_data
        Of a report: the data are not those that it ships with.
    empty
        Leave the inputs blank.

    Raises
    ------
    XlcityError
        If the index refuses its inputs, or the method has no cells.
    """
    if inputs.report is not None:
        data = inputs.dataset if own_data else None
        spec = template_spec(inputs.report, data, empty=empty, language=language, udf=functions)
        spec = replace(spec, recipe=inputs.recipe)
    else:
        spec = own_spec(
            inputs.framework, inputs.recipe, inputs.dataset, language=language, udf=functions
        )
        if inputs.panel is not None:
            spec = panel_spec(spec, inputs.panel)
    # What the index refuses, such as shares that do not sum to 1, is refused before building.
    compute(spec.framework, spec.recipe, spec.dataset)
    return spec, build(spec)


def write_template(
    inputs: Inputs, target: Path, *, language: str = "zh", functions: bool = True
) -> Path:
    """Write the template workbook of an index; an older file of that name is kept as .bak."""
    if target.suffix.lower() != ".xlsx":
        raise UsageError(f"{target.name} does not end with .xlsx.", "Templates are .xlsx files.")
    shipped = inputs.report is not None and inputs.dataset is inputs.report.dataset
    _, built = template_of(inputs, language=language, functions=functions, own_data=not shipped)
    write_output(target, built.package)
    return target
