"""Native formula and UDF call of each step, side by side.

A step has three forms that must agree: the Python function of the library, the native formula
that a reviewer reads, and the call of the function over whole columns. The latter two are here,
a module per step.
"""

from xlcity.workbook.steps.nodes import missing_rule, node_native, node_udf, weighs_by_leaves
from xlcity.workbook.steps.template_support import check_supported

__all__ = [
    "check_supported",
    "missing_rule",
    "node_native",
    "node_udf",
    "weighs_by_leaves",
]
