"""Assesses an index: how its parts move together, which units are alike, how groups compare."""

from xlcity.assess.clusters import Agreement, Clustering, agreement, cluster
from xlcity.assess.correlation import Correlation, correlate
from xlcity.assess.regions import GroupMean, regional_means
from xlcity.assess.regression import Regression, coefficient_of_sum, outside_variable, regress

__all__ = [
    "Agreement",
    "Clustering",
    "Correlation",
    "GroupMean",
    "Regression",
    "agreement",
    "cluster",
    "coefficient_of_sum",
    "correlate",
    "outside_variable",
    "regional_means",
    "regress",
]
