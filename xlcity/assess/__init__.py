"""Assesses an index: how its parts move together, which units are alike, how sure ranks are."""

from xlcity.assess.regression import outside_variable
from xlcity.assess.statistics import Correlation, correlate

__all__ = ["Correlation", "correlate", "outside_variable"]
