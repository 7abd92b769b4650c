"""Which steps before normalising a template has, and their columns on `Index`."""

from __future__ import annotations

from collections.abc import Iterator

from xlcity.index.prepare import screen_groups
from xlcity.methods.impute_raw.record import RawImputation
from xlcity.methods.registry import find_method
from xlcity.methods.treat.record import Treatment
from xlcity.model.recipe import Step
from xlcity.workbook.spec import TemplateSpec, acts

#: Blocks of function calls, and of what they are held against, before the block that reads them.
FILLS = "fills"
DRAWN = "drawn"
HELD = "held"
KEPT = "kept"
#: Deviations from their means, of a predictor and of what it predicts, where both have a number.
PREDICTOR_DEVIATIONS = "predictor_deviations"
DEVIATIONS = "deviations"


def step_of(spec: TemplateSpec, do: str, code: str) -> Step | None:
    """Return the step of a kind that does something to an indicator."""
    step = spec.recipe.step_for(do, code)
    return step if step is not None and acts(spec, do, code) else None


def columns(spec: TemplateSpec) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield step, or what it needs beside it, and the codes of its columns, in their order."""
    codes = tuple(node.code for node in spec.framework.indicators)
    for do in spec.preparing:
        yield from _columns_beside(spec, do, codes)
        yield do, codes


def _columns_beside(
    spec: TemplateSpec, do: str, codes: tuple[str, ...]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the columns that a step needs before its own."""
    if do == "screen":
        screens = len(screen_groups(spec.framework, spec.recipe))
        numbered = (f"{KEPT} {number}" for number in range(screens) if screens > 1)
        yield KEPT, (KEPT, *numbered)
    elif do == "impute_raw":
        yield FILLS, tuple(c for c in codes if by_function(spec, do, c))
        predicted = tuple(c for c in codes if predictor_of(spec, c))
        yield PREDICTOR_DEVIATIONS, predicted
        yield DEVIATIONS, predicted
    elif do == "treat":
        yield DRAWN, tuple(c for c in codes if by_function(spec, do, c))
        yield HELD, tuple(c for c in codes if tries_twice(spec, c))


def tries_twice(spec: TemplateSpec, code: str) -> bool:
    """Tell whether an indicator's logarithm is taken where drawing in is not enough."""
    step = step_of(spec, "treat", code)
    return step is not None and find_method(Treatment, step.method).native.tries_twice


def by_function(spec: TemplateSpec, do: str, code: str) -> bool:
    """Tell whether only a function can do a step for an indicator."""
    if (step := step_of(spec, do, code)) is None:
        return False
    if do == "impute_raw":
        if is_model(step):
            return not predictor_of(spec, code)
        method = find_method(RawImputation, step.method)
        return bool(group_of(spec, code)) and not method.group_function
    return do == "treat" and find_method(Treatment, step.method).by_function


def by_formula(spec: TemplateSpec, do: str, code: str) -> bool:
    """Tell whether a formula does a step for an indicator."""
    return step_of(spec, do, code) is not None and not by_function(spec, do, code)


def is_model(step: Step) -> bool:
    """Tell whether a step fills gaps from other indicators."""
    return (
        step.do == "impute_raw"
        and find_method(RawImputation, step.method).model is not None
    )


def predictor_of(spec: TemplateSpec, code: str) -> str:
    """Return the indicator by which the gaps of another one are predicted, "" for none."""
    step = step_of(spec, "impute_raw", code)
    return "" if step is None else str(step.get("predictor") or "")


def group_of(spec: TemplateSpec, code: str) -> str:
    """Return the attribute whose groups of cities fill gaps, "" where all of them do."""
    step = step_of(spec, "impute_raw", code)
    return "" if step is None else str(step.get("group") or "")
