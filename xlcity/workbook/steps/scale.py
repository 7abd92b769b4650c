"""Normalising by bounds: min-max and rating scales."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from xlcity.model.recipe import Step
from xlcity.workbook.grid import cell, settled, varies
from xlcity.workbook.layout import (
    ROW_FIXED_HIGH,
    ROW_FIXED_LOW,
    ROW_HIGH,
    ROW_LOW,
    ROW_MAX,
    ROW_MIN,
    ROW_N,
    ROW_RANGE,
    Layout,
)
from xlcity.workbook.spec import TemplateSpec
from xlcity.workbook.steps.known import no_native, no_step, require_known

#: Parameters of a step that the template knows how to show.
_KNOWN = {
    "minmax": {"lower", "upper", "scale", "floor", "bounds", "constant"},
    "rating": {"max", "scale", "unrated"},
}


@dataclass(frozen=True, slots=True)
class Normaliser:
    """How one indicator is normalised in the cells."""

    method: str
    low: float | None
    high: float | None
    floor: float | None = None
    unrated: bool = False
    direction: int = 1
    #: Whether the bounds that a column has by itself are a choice, and equal values have a score.
    chosen: bool = False
    flat: bool = False

    def low_formula(self, column: int, values: str) -> str:
        """Return the formula of the bound that scores 0."""
        fixed = cell(ROW_FIXED_LOW, column)
        if self.method == "rating":
            return f'IF({fixed}<>"",{fixed},0)'
        own = f"MIN({values})"
        if self.chosen:
            own = f'IF(par_bounds="minmax",{own},0)'
        return f'IF({fixed}<>"",{fixed},IF(COUNT({values})=0,"",{own}))'

    def high_formula(self, column: int, values: str) -> str:
        """Return the formula of the bound that scores the whole scale."""
        fixed = cell(ROW_FIXED_HIGH, column)
        if self.method == "rating":
            return fixed
        own = f"MAX({values})"
        if self.chosen:
            mean = settled(f"SUM({values})", f"COUNT({values})", values)
            own = f'IF(par_bounds="mean",{mean},{own})'
        return f'IF({fixed}<>"",{fixed},IF(COUNT({values})=0,"",{own}))'

    def native(self, column: int, value: str) -> str:
        """Return the formula of one normalised cell; `value` is the cleaned input."""
        low, span = cell(ROW_LOW, column, "r"), cell(ROW_RANGE, column, "r")
        high = cell(ROW_HIGH, column, "r")
        distance = f"({value}-{low})" if self.direction > 0 else f"({high}-{value})"
        scaled = f"{distance}/{span}*par_scale"
        if self.floor is not None:
            scaled = f"MAX({scaled},par_floor)"
        missing = f"par_unrated/{span}*par_scale" if self.unrated else '"NA"'
        # A column that fails has no result for any city; in one without numbers gaps stay gaps.
        same = f'IF({cell(ROW_N, column, "r")}=0,{value},"")'
        if self.flat:
            # N: a column without any number has no extremes.
            lowest, highest = (f"N({cell(row, column, 'r')})" for row in (ROW_MIN, ROW_MAX))
            fixed = f"COUNT({cell(ROW_FIXED_LOW, column, 'r')},{cell(ROW_FIXED_HIGH, column, 'r')})"
            same = (
                f"IF(OR({varies(lowest, highest)},{fixed}>0),"
                f'{same},IF({value}="NA","NA",IF({value}="","",par_flat)))'
            )
        return f'IF(ISNUMBER({span}),IF({value}="NA",{missing},IF({value}="","",{scaled})),{same})'

    def udf(self, layout: Layout, codes: tuple[str, ...]) -> str:
        """Return the call over adjacent columns."""
        values = layout.raw.span(codes).ref()
        low = layout.normalised.rows_of(codes, ROW_FIXED_LOW, ROW_FIXED_LOW).ref()
        high = layout.normalised.rows_of(codes, ROW_FIXED_HIGH, ROW_FIXED_HIGH).ref()
        if self.method == "rating":
            unrated = ",par_unrated" if self.unrated else ""
            return f"RATING_SCALE({values},{high},par_scale{unrated})"
        # An omitted argument in the middle is "" and not nothing: engines differ on the latter.
        tail = [
            "par_floor" if self.floor is not None else '""',
            "-1" if self.direction < 0 else '""',
            "par_bounds" if self.chosen else '""',
            "par_flat" if self.flat else '""',
        ]
        while tail and tail[-1] == '""':
            tail.pop()
        return f"MINMAX_SCALE({','.join((values, low, high, 'par_scale', *tail))})"

    def key(self) -> tuple[object, ...]:
        """Return what must be equal for columns to share one call."""
        parts = (self.method, self.floor, self.unrated, self.direction)
        return (*parts, self.chosen, self.flat)


def normaliser_for(spec: TemplateSpec, code: str) -> Normaliser:
    """Return how an indicator is normalised.

    Raises
    ------
    RecipeError
        If the recipe has no step for it, or one that has no native form here.
    """
    step = spec.recipe.step_for("normalise", code)
    if step is None:
        raise no_step(spec, code, "normalise")
    require_known(step, _KNOWN, code)
    direction = int(spec.framework[code].direction)
    if step.method == "rating":
        if direction < 0:
            raise no_native(
                code,
                f"{code} is a rating with the direction -1, which templates cannot show.",
                "Turn the rating before it is entered, or normalise it by minmax.",
            )
        return Normaliser(
            "rating", None, step.number("max", 5.0), None, step.get("unrated") is not None
        )
    return Normaliser(
        "minmax",
        _optional(step, "lower"),
        _optional(step, "upper"),
        _optional(step, "floor"),
        direction=direction,
        chosen=step.get("bounds") is not None,
        flat=step.get("constant") is not None,
    )


def _optional(step: Step, name: str) -> float | None:
    return None if step.get(name) is None else step.number(name, 0.0)


def normaliser_runs(
    spec: TemplateSpec, layout: Layout
) -> Iterator[tuple[Normaliser, tuple[str, ...]]]:
    """Yield adjacent indicators that one call can normalise."""
    run: list[str] = []
    current: Normaliser | None = None
    for code in layout.indicators:
        here = normaliser_for(spec, code)
        if current is not None and here.key() == current.key():
            run.append(code)
            continue
        if current is not None:
            yield current, tuple(run)
        current, run = here, [code]
    if current is not None:
        yield current, tuple(run)
