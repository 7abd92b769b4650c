"""Imputing among scores: whose mean a gap takes, where that is said, and the call."""

from __future__ import annotations

from dataclasses import dataclass

from xlcity.index.steps import imputation_dimensions
from xlcity.model.framework import Framework
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.rows import ROW_FIXED_HIGH, ROW_HIGH, ROW_LOW
from xlcity.workbook.spec import TemplateSpec

#: Header rows of imputed scores: dimension, the wider one, and how many are imputed.
ROW_DIMENSION, ROW_PILLAR, ROW_IMPUTED = ROW_FIXED_HIGH, ROW_LOW, ROW_HIGH


@dataclass(frozen=True)
class Relatives:
    """Among whose scores a gap of each indicator takes a mean; the index has the same rule."""

    framework: Framework
    #: The dimension of each indicator, in tree order, and the wider one; "" = there is none.
    near: tuple[str, ...]
    far: tuple[str, ...]

    @classmethod
    def of(cls, spec: TemplateSpec) -> Relatives:
        """Return those of a template; all indicators are imputed in one way."""
        steps = (
            spec.recipe.step_for("impute_scores", node.code) for node in spec.framework.indicators
        )
        step = next((step for step in steps if step is not None), None)
        level = "parent" if step is None else str(step.get("level", "parent"))
        near, far = imputation_dimensions(spec.framework, level)
        return cls(spec.framework, tuple(near), tuple(far) or ("",) * len(near))

    def labels(self, code: str) -> tuple[str, str]:
        """Return the dimension of an indicator and the wider one; where it has none, the same."""
        position = self._codes.index(code)
        return self.near[position], self.far[position] or self.near[position]

    def groups(self, code: str) -> tuple[tuple[str, ...], ...]:
        """Return the indicators of its dimension and of the wider one, if that has others."""
        groups: list[tuple[str, ...]] = []
        for labels in (self.near, self.far):
            label = labels[self._codes.index(code)]
            members = tuple(c for c, own in zip(self._codes, labels, strict=True) if own == label)
            if label and members not in (*groups, (code,)):
                groups.append(members)
        return tuple(groups)

    @property
    def _codes(self) -> tuple[str, ...]:
        return tuple(node.code for node in self.framework.indicators)


def impute_udf(layout: Layout) -> str:
    """Return the call that imputes all indicators."""
    groups, parents = (
        layout.normalised.rows_of(layout.indicators, row, row).ref()
        for row in (ROW_DIMENSION, ROW_PILLAR)
    )
    return f"IMPUTE_DIMENSION({layout.scores_before_imputing.span().ref()},{groups},{parents})"
