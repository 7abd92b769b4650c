"""Assesses an index: how its parts move together, which units are alike, how sure ranks are."""

from xlcity.assess.regression import coefficient_of_sum, outside_variable
from xlcity.assess.statistics import Correlation, correlate

__all__ = [
    "Correlation",
    "coefficient_of_sum",
    "correlate",
    "outside_variable",
]
