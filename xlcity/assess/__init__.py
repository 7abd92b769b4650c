"""Assesses an index: how its parts move together, and which units are alike."""

from xlcity.assess.clusters import Agreement, Clustering, agreement, cluster
from xlcity.assess.correlation import Correlation, correlate
from xlcity.assess.regression import coefficient_of_sum, outside_variable

__all__ = [
    "Agreement",
    "Clustering",
    "Correlation",
    "agreement",
    "cluster",
    "coefficient_of_sum",
    "correlate",
    "outside_variable",
]
