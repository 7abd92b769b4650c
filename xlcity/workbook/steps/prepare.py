"""Steps before normalising, in cells: denominate, screen, fill, treat.

Each acts on the block before it. Parameters stand on `Framework`, a row per indicator.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product, zip_longest
from typing import NamedTuple

from xlcity.index.prepare import model_indicators
from xlcity.index.steps import imputation_dimensions
from xlcity.methods.formulas import varies_condition
from xlcity.methods.impute_raw.record import RawImputation
from xlcity.methods.normalise.record import SKIPPED
from xlcity.methods.record import NUMBER, Parameter
from xlcity.methods.registry import find_method
from xlcity.methods.treat.record import WHEN_PARAMETER, TreatedCells, Treatment
from xlcity.model.recipe import Step
from xlcity.workbook.drawing.grid import Area, Block, Fix, cell
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.inputs import NEAREST, PREPARATIONS
from xlcity.workbook.layout.rows import (
    OF_NUMBERS,
    ROW_FIXED_HIGH,
    ROW_HIGH,
    ROW_LOW,
    ROW_MAX,
    ROW_MEAN,
    ROW_MIN,
    ROW_N,
    ROW_RANGE,
    ROW_SD,
)
from xlcity.workbook.preparations import (
    DRAWN,
    FILLS,
    by_function,
    group_of,
    is_model,
    predictor_of,
    step_of,
)
from xlcity.workbook.spec import TemplateSpec, denominator_of

#: Header rows of these steps that the other blocks have no use for.
ROW_METHOD = 4
ROW_SKEW = 5
ROW_KURT = 6
ROW_FLAG = ROW_RANGE
_ROWS_ABOVE_TREATED = {
    "n": ROW_N,
    "mean": ROW_MEAN,
    "sd": ROW_SD,
    "minimum": ROW_MIN,
    "maximum": ROW_MAX,
    "skew": ROW_SKEW,
    "low": ROW_LOW,
    "high": ROW_HIGH,
    "flag": ROW_FLAG,
}
#: Step -> the function that does it, and the columns of `Framework` that it takes behind the
#: values; a treatment has a function of its own.
_FUNCTIONS: Mapping[str, tuple[str, ...]] = {
    "denominate": ("DENOMINATE", "factor"),
    "impute_raw": ("IMPUTE_MEAN", "impute_raw"),
}
#: Block of calls of what only a function can do -> the step.
_ALONE = {FILLS: "impute_raw", DRAWN: "treat"}


def values_of(spec: TemplateSpec, code: str) -> dict[str, float | str]:
    """Return what stands on `Framework` for an indicator, by column."""
    values: dict[str, float | str] = dict.fromkeys(PREPARATIONS, "")
    if (step := step_of(spec, "denominate", code)) is not None:
        values["denominator"] = denominator_of(spec, code)
        values["factor"] = step.number("scale")
    if (step := step_of(spec, "impute_raw", code)) is not None:
        values["impute_raw"] = step.method
        values["group"] = source_of(spec, code)
        nearest = None
        if "nearest" in step.record.names:
            nearest = step.settings().optional("nearest")
        if nearest:
            values[NEAREST] = nearest
    if (step := step_of(spec, "treat", code)) is not None:
        values["treat"] = step.method
        for parameter in step.record.parameters:
            value = step.settings().value(parameter.name)
            if isinstance(value, (str, int, float)):
                values[_column_of(parameter)] = (
                    value if isinstance(value, str) else float(value)
                )
    return values


def parameters_of(step: Step) -> dict[str, str]:
    """Return the numbers of a step that are typed on `Framework`: recipe name -> column."""
    if step.do == "denominate":
        return {"scale": "factor"} if "scale" in step.record.names else {}
    if step.do == "impute_raw":
        return {NEAREST: NEAREST} if NEAREST in step.record.names else {}
    parameters = step.record.parameters if step.do == "treat" else ()
    return {p.name: _column_of(p) for p in parameters if p.kind == NUMBER}


def source_of(spec: TemplateSpec, code: str) -> str:
    """Return the predictor, the level or the attribute of cities that fills an indicator's gaps."""
    step = step_of(spec, "impute_raw", code)
    level = (
        "" if step is None or not is_model(step) else str(step.get("level") or "all")
    )
    return predictor_of(spec, code) or level or group_of(spec, code)


def _column_of(parameter: Parameter) -> str:
    """Return the column of `Framework` with a parameter of a treatment."""
    assert parameter.cell is not None, "each parameter of a treatment has a cell"
    return parameter.cell.column


def treatment_of(spec: TemplateSpec, code: str) -> Treatment:
    """Return the method by which an indicator that is treated is."""
    step = step_of(spec, "treat", code)
    assert step is not None, "it is treated"
    return find_method(Treatment, step.method)


def treated_cells(
    layout: Layout, code: str, column: int, fix: Fix = Fix.NONE, **cells: str
) -> TreatedCells:
    """Return what formulas of a treatment name.

    Parameters
    ----------
    layout, code
        The template and the indicator.
    column
        The column above which statistics and bounds stand.
    fix
        "r" for addresses that are copied down.
    **cells
        Fields of `TreatedCells` that differ from row to row.
    """
    values = values_of(layout.spec, code)
    above = {name: cell(row, column, fix) for name, row in _ROWS_ABOVE_TREATED.items()}
    return TreatedCells(
        cell_of={name: layout.framework_cell(code, name) for name in PREPARATIONS},
        word_of={name: v for name, v in values.items() if isinstance(v, str)},
        **(above | cells),
    )


def tests(column: int, xs: str) -> dict[int, str]:
    """Return the statistics above a treated column of what it was before: row -> formula."""
    n, low, high = (cell(row, column) for row in (ROW_N, ROW_MIN, ROW_MAX))
    different = varies_condition(low, high)
    formulas = {
        ROW_SKEW: f'IF({n}>2,IF({different},SKEW({xs}),""),"")',
        ROW_KURT: f'IF({n}>3,IF({different},KURT({xs}),""),"")',
        ROW_N: f"COUNT({xs})",
    }
    numbers = {
        row: f'IF({n}=0,"",{function}({xs}))' for row, function in OF_NUMBERS.items()
    }
    return formulas | numbers


def list_prepare_calls(
    layout: Layout,
) -> Iterator[tuple[str, Area, str, tuple[Area, ...]]]:
    """Yield (code, native cells, call, what it reads) of all that a function can repeat."""
    spec = layout.spec
    for do, code in product(spec.preparing, layout.indicators):
        step = step_of(spec, do, code)
        if step is None or by_function(spec, do, code):
            continue
        function: tuple[str, ...] = _FUNCTIONS.get(do, ())
        if do == "treat":
            native = treatment_of(spec, code).native
            function = native.call_for(str(step.get(WHEN_PARAMETER.name)))
        if not function:
            continue
        sources = [layout.before(do).span((code,))]
        if do == "impute_raw" and is_model(step):
            table = layout.before(do).span(layout.indicators)
            target = layout.blocks[do]
            yield (
                code,
                target.span((code,)),
                _model_call(
                    layout,
                    step,
                    code,
                ),
                (table,),
            )
            continue
        if do == "denominate":
            of = denominator_of(spec, code)
            sources.append(denominators(layout, of).span((of,)))
        values = ",".join(source.ref() for source in sources)
        call = _call(layout, code, values, function, do=do)
        yield code, layout.blocks[do].span((code,)), call, tuple(sources)


def call_alone(layout: Layout, part: str, code: str, home: str) -> str:
    """Return the call of a step that has no native form, as it stands on the sheet `home`."""
    do = _ALONE[part]
    step = step_of(layout.spec, do, code)
    function = _FUNCTIONS.get(do) or treatment_of(layout.spec, code).native.call
    if step is not None and is_model(step):
        return _model_call(layout, step, code)
    own = step.record.own if step is not None else None
    if step is not None and own is not None:
        column_of = {p.name: _column_of(p) for p in step.record.parameters}
        _, *arguments = own.arguments
        columns = (column_of.get(argument.name, "") for argument in arguments)
        function = (own.name, *columns)
    values = layout.before(do).over(code, home)
    return _call(layout, code, values, function, do=do)


def _call(
    layout: Layout, code: str, values: str, function: tuple[str, ...], do: str
) -> str:
    """Return a call with an indicator's parameters, and with groups of cities if it has any."""
    name, *parameters = function
    arguments = [
        values,
        *(layout.framework_cell(code, p) if p else SKIPPED for p in parameters),
    ]
    if do == "impute_raw" and (group := group_of(layout.spec, code)):
        arguments.append(layout.city(group).ref())
    return f"{name}({','.join(arguments)})"


def _model_call(layout: Layout, step: Step, code: str) -> str:
    """Return the call that fills an indicator's gaps from the indicators beside it."""
    framework = layout.spec.framework
    predictor = predictor_of(layout.spec, code)
    codes = model_indicators(framework, code, step.settings(framework[code]))
    arguments = [str(codes.index(code) + 1)]
    if predictor:
        codes = layout.indicators
        arguments = [str(codes.index(name) + 1) for name in (code, predictor)]
    elif NEAREST in step.record.names:
        arguments.append(layout.framework_cell(code, NEAREST))
    values = layout.before(step.do).span(codes).ref()
    return f"{find_method(RawImputation, step.method).function}({','.join((values, *arguments))})"


def denominators(layout: Layout, code: str) -> Block:
    """Return the block that holds a denominator."""
    return layout.raw if code in layout.indicators else layout.typed


#: Header rows of imputed scores: dimension, the wider one, and how many are imputed.
ROW_DIMENSION = ROW_FIXED_HIGH
ROW_PILLAR = ROW_LOW
ROW_IMPUTED = ROW_HIGH


class Relatives(NamedTuple):
    """Among whose scores a gap of each indicator takes a mean; the index has the same rule."""

    #: Indicator -> its dimension, and the wider one; "" = there is none.
    near: dict[str, str]
    far: dict[str, str]

    @classmethod
    def of(cls, spec: TemplateSpec) -> Relatives:
        """Return those of a template; all indicators are imputed in one way."""
        codes = [node.code for node in spec.framework.indicators]
        step = spec.recipe.step_for("impute_scores", codes[0])
        level = "parent" if step is None else str(step.get("level", "parent"))
        near, far = imputation_dimensions(spec.framework, level)
        return cls(
            dict(zip(codes, near, strict=True)),
            dict(zip_longest(codes, far, fillvalue="")),
        )

    def labels(self, code: str) -> tuple[str, str]:
        """Return the dimension of an indicator and the wider one; where it has none, the same."""
        return self.near[code], self.far[code] or self.near[code]

    def groups(self, code: str) -> tuple[tuple[str, ...], ...]:
        """Return the indicators of its dimension and of the wider one, if that has others."""
        groups: list[tuple[str, ...]] = []
        for labels in (self.near, self.far):
            members = tuple(
                other for other, label in labels.items() if label == labels[code]
            )
            if labels[code] and members not in (*groups, (code,)):
                groups.append(members)
        return tuple(groups)


def impute_udf(layout: Layout) -> str:
    """Return the call that imputes all indicators."""
    groups, parents = (
        layout.normalised.rows_of(layout.indicators, row, row).ref()
        for row in (ROW_DIMENSION, ROW_PILLAR)
    )
    return f"IMPUTE_DIMENSION({layout.scores_before_imputing.span().ref()},{groups},{parents})"
