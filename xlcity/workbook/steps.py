"""Native formula and UDF call of each step, side by side.

A step has three forms that must agree: the Python function of the library, the native formula
that a reviewer reads, and the call of the function over whole columns. The latter two are here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from xlcity.errors import RecipeError
from xlcity.model.recipe import Recipe, Step
from xlcity.workbook.grid import cell
from xlcity.workbook.layout import (
    ROW_FIXED_HIGH,
    ROW_FIXED_LOW,
    ROW_LOW,
    ROW_RANGE,
    Layout,
)

#: Parameters of a step that the template knows how to show.
_KNOWN = {
    "minmax": {"lower", "upper", "scale", "floor"},
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

    def low_formula(self, column: int, values: str) -> str:
        """Return the formula of the bound that scores 0."""
        fixed = cell(ROW_FIXED_LOW, column)
        if self.method == "rating":
            return f'IF({fixed}<>"",{fixed},0)'
        return f'IF({fixed}<>"",{fixed},IF(COUNT({values})=0,"",MIN({values})))'

    def high_formula(self, column: int, values: str) -> str:
        """Return the formula of the bound that scores the whole scale."""
        fixed = cell(ROW_FIXED_HIGH, column)
        if self.method == "rating":
            return fixed
        return f'IF({fixed}<>"",{fixed},IF(COUNT({values})=0,"",MAX({values})))'

    def native(self, column: int, value: str) -> str:
        """Return the formula of one normalised cell; `value` is the cleaned input."""
        low, span = cell(ROW_LOW, column, "r"), cell(ROW_RANGE, column, "r")
        scaled = f"({value}-{low})/{span}*par_scale"
        if self.floor is not None:
            scaled = f"MAX({scaled},par_floor)"
        missing = f"par_unrated/{span}*par_scale" if self.unrated else '"NA"'
        return f'IF(ISNUMBER({span}),IF({value}="NA",{missing},IF({value}="","",{scaled})),"")'

    def udf(self, layout: Layout, codes: tuple[str, ...]) -> str:
        """Return the call over adjacent columns."""
        values = layout.cleaned.span(codes).ref()
        low = layout.normalised.rows_of(codes, ROW_FIXED_LOW, ROW_FIXED_LOW).ref()
        high = layout.normalised.rows_of(codes, ROW_FIXED_HIGH, ROW_FIXED_HIGH).ref()
        if self.method == "rating":
            unrated = ",par_unrated" if self.unrated else ""
            return f"RATING_SCALE({values},{high},par_scale{unrated})"
        floor = ",par_floor" if self.floor is not None else ""
        return f"MINMAX_SCALE({values},{low},{high},par_scale{floor})"

    def key(self) -> tuple[str, float | None, bool]:
        """Return what must be equal for columns to share one call."""
        return (self.method, self.floor, self.unrated)


def normaliser_for(recipe: Recipe, code: str) -> Normaliser:
    """Return how an indicator is normalised.

    Raises
    ------
    RecipeError
        If the recipe has no step for it, or one that has no native form here.
    """
    step = recipe.step_for("normalise", code)
    if step is None:
        raise RecipeError(f"no step of recipe {recipe.id} normalises {code}.")
    if step.method not in _KNOWN:
        raise RecipeError(
            f"templates cannot normalise by {step.method!r} yet ({code}).",
            f"Methods with native cells: {', '.join(sorted(_KNOWN))}.",
        )
    unknown = sorted(set(step.params) - _KNOWN[step.method])
    if unknown:
        raise RecipeError(f"{step.method} has no parameter {', '.join(unknown)} ({code}).")
    if step.method == "rating":
        return Normaliser(
            "rating", None, step.number("max", 5.0), None, step.get("unrated") is not None
        )
    return Normaliser(
        "minmax", _optional(step, "lower"), _optional(step, "upper"), _optional(step, "floor")
    )


def _optional(step: Step, name: str) -> float | None:
    return None if step.get(name) is None else step.number(name, 0.0)


def normaliser_runs(recipe: Recipe, layout: Layout) -> Iterator[tuple[Normaliser, tuple[str, ...]]]:
    """Yield adjacent indicators that one call can normalise."""
    run: list[str] = []
    current: Normaliser | None = None
    for code in layout.indicators:
        here = normaliser_for(recipe, code)
        if current is not None and here.key() == current.key():
            run.append(code)
            continue
        if current is not None:
            yield current, tuple(run)
        current, run = here, [code]
    if current is not None:
        yield current, tuple(run)


def node_native(values: str, weights: str) -> str:
    """Return the formula of one composite cell from its children and the weights above them.

    A blank child leaves the node blank; a missing code among otherwise filled children is "NA".
    """
    return (
        f"IF(COUNT({values})=COUNT({weights}),SUMPRODUCT({values},{weights})/SUM({weights}),"
        f'IF(COUNT({values})+COUNTIF({values},"NA")=COUNT({weights}),"NA",""))'
    )
