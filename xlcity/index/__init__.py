"""Computes an index: Recipe x Dataset -> IndexResult with its steps."""

from xlcity.index.compute import compute
from xlcity.index.result import Bounds, IndexResult, Mark, StepResult

__all__ = ["Bounds", "IndexResult", "Mark", "StepResult", "compute"]
