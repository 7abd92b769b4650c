"""Printed tables against recomputed ones: records and comparisons, and what is a report's own.

`xlcity.audit.tables.reproduction` runs them.
"""

from xlcity.reports.reproduction.comparison import (
    FLOAT_GUARD,
    ComparedCell,
    Comparison,
    compare,
    rank_cells,
)

#: As the module `reproduce` of a report elsewhere imports it.
Cell = ComparedCell

__all__ = ["FLOAT_GUARD", "Cell", "Comparison", "compare", "rank_cells"]
