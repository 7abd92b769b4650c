"""Columns of `Framework`: where each parameter of an indicator's method stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from xlcity.messages import Message
from xlcity.methods.normalise.record import POOL, Normalisation
from xlcity.methods.record import NUMBER, ParameterValue
from xlcity.workbook.drawing.grid import Area
from xlcity.workbook.layout.inputs import InputLayout, framework_columns
from xlcity.workbook.methods_in_cells import (
    is_live,
    normalisation_of,
    parameter_cells,
    step_for,
)
from xlcity.workbook.spec import TemplateSpec
from xlcity.workbook.steps.native_support import no_native
from xlcity.workbook.steps.prepare import values_of as values_of_preparing

SHEET = "Framework"
#: Parameters of bands of values; each has columns of its own behind those of the tree.
LISTS = ("cuts", "scores")


def check_parameters(spec: TemplateSpec, code: str) -> None:
    """Refuse to normalise an indicator with parameters that have no cells.

    Raises
    ------
    RecipeError
        If its step names one.
    """
    step = step_for(spec, "normalise", code)
    shown = {p.name for p in step.record.parameters if p.cell is not None}
    method = normalisation_of(spec, code)
    shown |= {*LISTS} if method.native.by_bands else set()
    shown |= {POOL.name} if method.is_pooled and spec.apart else set()
    if others := sorted(step.params.keys() - shown):
        what = Message(
            "step.parameters", names=[*others], method=step.method, code=code
        )
        hint = Message("hint.remove_it_supported", shown=sorted(shown))
        raise no_native(code, Message("XC259.not_shown", what=what), hint)


def methods_of(spec: TemplateSpec) -> list[Normalisation]:
    """Return the methods by which any indicator is normalised, each once."""
    codes = (node.code for node in spec.framework.indicators)
    methods = (normalisation_of(spec, code) for code in codes)
    return [*{method.name: method for method in methods}.values()]


def value_of(spec: TemplateSpec, code: str, name: str) -> ParameterValue:
    """Return the value of a parameter of an indicator, None for one that is empty."""
    return step_for(spec, "normalise", code).settings(spec.framework[code]).value(name)


def shared_values(spec: TemplateSpec) -> dict[str, float | str]:
    """Return the parameters that have one cell for all indicators: name -> the most usual value."""
    counts_by_cell: dict[str, Counter[float | str]] = {}
    for node in spec.framework.indicators:
        step = step_for(spec, "normalise", node.code)
        for name, own in parameter_cells(step).items():
            value = step.settings().value(name)
            if own.shared and is_live(own, spec.apart):
                assert isinstance(value, (int, float, str))
                typed = value if isinstance(value, str) else float(value)
                counts_by_cell.setdefault(own.shared, Counter())[typed] += 1
    most_usual = {
        name: counts.most_common(1)[0][0] for name, counts in counts_by_cell.items()
    }
    # Sub-measures of constructed indicators are standardised too, by the same cell.
    parts = [
        step
        for step in spec.recipe.steps_doing("construct")
        if "ddof" in step.record.names
    ]
    return most_usual | ({"ddof": parts[0].number("ddof")} if parts else {})


def most_cuts(spec: TemplateSpec) -> int:
    """Return the number of cut points of the indicator that has most."""
    return max(
        (
            len(step.numbers(LISTS[0]) or ())
            for step in spec.recipe.steps_doing("normalise")
        ),
        default=0,
    )


class Entry(NamedTuple):
    """A parameter of an indicator in a column of `Framework`.

    Attributes
    ----------
    typed
        Whether formulas follow what is typed.
    kind
        That of the parameter; needed numbers must not be left empty.
    shared
        Name of the cell that it is taken from, as all indicators have it.
    """

    value: ParameterValue
    typed: bool
    kind: str | tuple[str, ...] = NUMBER
    needed: bool = True
    shared: str = ""


def entries(
    spec: TemplateSpec, code: str, shared: Mapping[str, float | str] = {}
) -> dict[str, Entry]:
    """Return what stands in the row of an indicator: column -> entry.

    Entries are marked as shared where they are one of `shared_values`.
    """
    step = step_for(spec, "normalise", code)
    by_column = {}
    for name, parameter in parameter_cells(step).items():
        value = value_of(spec, code, name)
        # A rule for a bound is part of the formula.
        live = is_live(parameter, spec.apart) and step.settings().rule(name) is None
        is_shared = live and parameter.shared and value == shared.get(parameter.shared)
        by_column[parameter.column] = Entry(
            value,
            live,
            step.record.parameter(name).kind,
            parameter.needed,
            shared=f"par_{parameter.shared}" if is_shared else "",
        )
    if spec.preparing:
        prepared = values_of_preparing(spec, code)
        by_column |= {
            name: Entry(v, isinstance(v, float)) for name, v in prepared.items()
        }
    return by_column


class Bands(NamedTuple):
    """Cut points and scores of an indicator that is scored in bands, and their cells."""

    row: int
    cuts: tuple[float, ...]
    scores: tuple[float, ...]
    #: First columns of the cuts, of the values that they mean, and of the scores.
    left: tuple[int, int, int]

    @classmethod
    def of(cls, spec: TemplateSpec, code: str) -> Bands:
        """Return those of an indicator."""
        step = step_for(spec, "normalise", code)
        cuts = step.numbers("cuts") or ()
        even = (
            tuple(100.0 * index / len(cuts) for index in range(len(cuts) + 1))
            if cuts
            else ()
        )
        wide = most_cuts(spec)
        first = len(framework_columns(spec)) + 1
        left = first, first + wide, first + 2 * wide
        row = InputLayout(spec).framework_row(code)
        return cls(row, cuts, step.numbers("scores") or even, left)

    def ref(self, which: int) -> str:
        """Return the cells of the cuts (0), the values they mean (1) or the scores (2)."""
        size = len(self.scores if which == 2 else self.cuts)
        if not size:
            return ""
        first = self.left[which]
        return Area.of_row(SHEET, self.row, first, first + size - 1).ref()
