"""Normalising by z-scores, and imputing among them: rows of the header and UDF calls."""

from __future__ import annotations

from xlcity.workbook.layout import ROW_FIXED_HIGH, ROW_FIXED_LOW, ROW_HIGH, ROW_LOW, Layout
from xlcity.workbook.spec import TemplateSpec

ROW_DIRECTION, ROW_DIMENSION, ROW_PILLAR, ROW_CLIPPED = (
    ROW_FIXED_LOW,
    ROW_FIXED_HIGH,
    ROW_LOW,
    ROW_HIGH,
)


def dimension_of(spec: TemplateSpec, code: str) -> str:
    """Return the node among whose indicators an imputed value takes its mean first."""
    steps = spec.recipe.steps_doing("impute")
    if steps and steps[0].get("level") == "pillar":
        return pillar_of(spec, code)
    return spec.framework[code].parent or ""


def pillar_of(spec: TemplateSpec, code: str) -> str:
    """Return the node of the first level above an indicator."""
    path = spec.framework.path(code)
    return path[1].code if len(path) > 1 else path[0].code


def zscore_udf(layout: Layout) -> str:
    """Return the call that standardises, clips and orients all indicators."""
    codes = layout.indicators
    direction = layout.normalised.rows_of(codes, ROW_DIRECTION, ROW_DIRECTION).ref()
    return f"ZSCORE_WINSOR({layout.raw.span().ref()},par_limit,{direction},par_ddof)"


def again_udf(layout: Layout) -> str:
    """Return the call that standardises clipped z-scores once more."""
    return f"ZSCORE_WINSOR({layout.clipped.span().ref()},0,1,par_ddof)"


def impute_udf(layout: Layout) -> str:
    """Return the call that imputes all indicators."""
    groups, parents = (
        layout.normalised.rows_of(layout.indicators, row, row).ref()
        for row in (ROW_DIMENSION, ROW_PILLAR)
    )
    return f"IMPUTE_DIMENSION({layout.oriented.span().ref()},{groups},{parents})"
