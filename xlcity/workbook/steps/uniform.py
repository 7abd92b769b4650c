"""Normalising by ranks: UDF calls over adjacent indicators with the same options."""

from __future__ import annotations

from collections.abc import Iterator

from xlcity.workbook.layout import ROW_FIXED_LOW, Layout

ROW_DIRECTION = ROW_FIXED_LOW


def options_of(layout: Layout, code: str) -> tuple[str, str]:
    """Return the rules for ties and for missing codes of an indicator."""
    step = layout.spec.recipe.step_for("normalise", code)
    assert step is not None, "checked before drawing"
    return str(step.get("ties", "min")), str(step.get("missing", "na"))


def rank_udfs(layout: Layout) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield (codes, call) of every run of indicators with the same options."""
    run: list[str] = []
    for code in (*layout.indicators, None):
        if run and (code is None or options_of(layout, code) != options_of(layout, run[0])):
            codes = tuple(run)
            ties, missing = options_of(layout, run[0])
            direction = layout.normalised.rows_of(codes, ROW_DIRECTION, ROW_DIRECTION).ref()
            yield (
                codes,
                f'RANK_UNIFORM({layout.raw.span(codes).ref()},{direction},"{ties}","{missing}")',
            )
            run = []
        if code is not None:
            run.append(code)
