"""Native formula and UDF call of each step, side by side.

A step has three forms that must agree: the Python function of the library, the native formula
that a reviewer reads, and the call of the function over whole columns. The latter two are here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from xlcity.errors import Problem, RecipeError, Where
from xlcity.model.recipe import Step
from xlcity.workbook.grid import cell
from xlcity.workbook.layout import (
    ROW_FIXED_HIGH,
    ROW_FIXED_LOW,
    ROW_HIGH,
    ROW_LOW,
    ROW_RANGE,
    Layout,
)
from xlcity.workbook.spec import TemplateSpec

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
    direction: int = 1

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
        high = cell(ROW_HIGH, column, "r")
        distance = f"({value}-{low})" if self.direction > 0 else f"({high}-{value})"
        scaled = f"{distance}/{span}*par_scale"
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
        tail = ",par_floor" if self.floor is not None else ""
        if self.direction < 0:
            # An omitted argument in the middle is "" and not nothing: engines differ on the latter.
            tail = (tail or ',""') + ",-1"
        return f"MINMAX_SCALE({values},{low},{high},par_scale{tail})"

    def key(self) -> tuple[str, float | None, bool, int]:
        """Return what must be equal for columns to share one call."""
        return (self.method, self.floor, self.unrated, self.direction)


def normaliser_for(spec: TemplateSpec, code: str) -> Normaliser:
    """Return how an indicator is normalised.

    Raises
    ------
    RecipeError
        If the recipe has no step for it, or one that has no native form here.
    """
    step = spec.recipe.step_for("normalise", code)
    if step is None:
        raise _no_step(spec, code, "normalise")
    _require_known(step, _KNOWN, "normalise", code)
    direction = int(spec.framework[code].direction)
    if step.method == "rating":
        if direction < 0:
            raise _no_native(
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
    )


def _require_known(step: Step, known: Mapping[str, set[str]], do: str, code: str) -> None:
    """Refuse a step that has no native form, before anything is drawn."""
    if step.method not in known:
        raise _no_native(
            code,
            f"templates cannot {do} {code} by {step.method!r} yet.",
            f"With native cells: {', '.join(sorted(known))}. `xlcity index` knows more methods.",
        )
    unknown = sorted(set(step.params) - known[step.method])
    if unknown:
        raise _no_native(
            code,
            f"templates cannot show {', '.join(unknown)} of {step.method} ({do} {code}) yet.",
            f"Leave it out; shown are {', '.join(sorted(known[step.method]))}. `xlcity index` "
            "knows it.",
        )


def _no_native(code: str, message: str, hint: str) -> RecipeError:
    return RecipeError(Problem("XC259", message, hint, Where(indicator=code)))


def _no_step(spec: TemplateSpec, code: str, do: str) -> RecipeError:
    message = f"no step of recipe {spec.recipe.id} says how to {do} {code}."
    hint = f'Add a step with do = "{do}" for it.'
    return RecipeError(Problem("XC256", message, hint, Where(indicator=code)))


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


def missing_rule(spec: TemplateSpec, code: str) -> str:
    """Return what a composite does with missing children: na, renormalise or zero.

    Raises
    ------
    RecipeError
        If its aggregation has no native form here.
    """
    step = spec.recipe.step_for("aggregate", code)
    if step is None:
        raise _no_step(spec, code, "aggregate")
    _require_known(step, {"arithmetic": {"missing"}}, "aggregate", code)
    rule = str(step.get("missing", "na"))
    if rule not in ("na", "renormalise", "zero"):
        raise _no_native(
            code,
            f"templates cannot treat missing children of {code} by {rule!r} yet.",
            "Say na, renormalise or zero. `xlcity index` knows more rules.",
        )
    return rule


def node_native(values: str, weights: str, missing: str = "na") -> str:
    """Return the formula of one composite cell from its children and the weights above them.

    A blank child leaves the node blank. A missing code among otherwise filled children makes it
    "NA" (`na`), leaves the child out of numerator and weights (`renormalise`), or counts as 0.
    """
    filled = f'COUNT({values})+COUNTIF({values},"NA")=COUNT({weights})'
    total = f"SUMPRODUCT({values},{weights})"
    if missing == "renormalise":
        # SUMIF takes the weights where there is a number; text is no number to it.
        there = f'SUMIF({values},">=-1E+300",{weights})'
        return f'IF({filled},IFERROR({total}/{there},"NA"),"")'
    if missing == "zero":
        return f'IF({filled},IFERROR({total}/SUM({weights}),""),"")'
    return (
        f'IF(COUNT({values})=COUNT({weights}),IFERROR({total}/SUM({weights}),""),'
        f'IF({filled},"NA",""))'
    )


def node_udf(values: str, weights: str, missing: str = "na") -> str:
    """Return the call that computes a composite column."""
    rule = "" if missing == "na" else f',"arithmetic","{missing}"'
    return f"WEIGHTED_INDEX({values},{weights}{rule})"


def check_drawable(spec: TemplateSpec) -> None:
    """Refuse a specification that native cells cannot show, naming everything at once.

    Raises
    ------
    RecipeError
        With every indicator and node that has no native form, steps that disagree on a parameter
        that has one cell, and values given to composite nodes.
    """
    problems: list[Problem] = []
    for codes, look in (
        ([node.code for node in spec.framework.indicators], normaliser_for),
        ([node.code for node in spec.framework.composites], missing_rule),
    ):
        for code in codes:
            try:
                look(spec, code)
            except RecipeError as error:
                problems += error.problems
    for name in ("scale", "unrated", "floor"):
        steps = [
            step for step in spec.recipe.steps_doing("normalise") if step.get(name) is not None
        ]
        if len({step.number(name, 0.0) for step in steps}) > 1:
            problems.append(
                Problem(
                    "XC257",
                    f"the steps that normalise differ in {name}.",
                    "A template has one cell for it: use one value.",
                )
            )
    known = {node.code for node in spec.framework.indicators}
    for code in spec.dataset.codes:
        if code not in known:
            problems.append(
                Problem(
                    "XC258",
                    f"{code} has values of its own, which templates cannot take yet.",
                    "Give the values of its indicators.",
                )
            )
    if problems:
        raise RecipeError(problems)
