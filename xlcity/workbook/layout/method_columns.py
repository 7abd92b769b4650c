"""The columns of the tree on `Framework`: those of every template, and those of its methods."""

from __future__ import annotations

from xlcity.workbook.layout.rows import FRAMEWORK_COLUMNS
from xlcity.workbook.methods_in_cells import parameter_cells
from xlcity.workbook.spec import TemplateSpec

#: Parameters that any method has, in the order of their columns.
PARAMETERS = ("a", "b", "clip", "base", "scale", "rule", "floor", "missing", "constant")
#: Columns of what prepares raw values.
PREPARATIONS = ("denominator", "factor", "impute_raw", "group", "treat", "t1", "t2", "kind", "when",
                "skew", "kurt")  # fmt: skip
#: Column of the number of nearest cities, where gaps are filled from them.
NEAREST = "nearest"


def columns(spec: TemplateSpec) -> tuple[str, ...]:
    """Return the columns of the parameters that methods and preparations have."""
    steps = (spec.recipe.step_for("normalise", node.code) for node in spec.framework.indicators)
    used = {
        own.column for step in steps if step is not None for own in parameter_cells(step).values()
    }
    parameters = tuple(name for name in PARAMETERS if name in used)
    is_used = any(NEAREST in step.record.names for step in spec.recipe.steps_doing("impute_raw"))
    preparations = (*PREPARATIONS, *((NEAREST,) if is_used else ()))
    return (*parameters, *(preparations if spec.preparing else ()))


def framework_columns(spec: TemplateSpec) -> tuple[str, ...]:
    """Return the columns of the tree on `Framework`, those of methods behind the direction."""
    after_direction = FRAMEWORK_COLUMNS.index("direction") + 1
    methods = ("method", *columns(spec), "meaning")
    return (*FRAMEWORK_COLUMNS[:after_direction], *methods, *FRAMEWORK_COLUMNS[after_direction:])
