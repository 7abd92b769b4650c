"""Written by tools/function_stubs.py: types of the functions of the library."""

from collections.abc import Mapping, Sequence
from typing import Any, overload

import pandas as pd
from numpy.typing import NDArray

Values = NDArray[Any] | Sequence[Any] | float
Numbers = float | Sequence[Any] | NDArray[Any] | pd.Series[Any] | Mapping[Any, float]
Words = str | Sequence[str] | Mapping[Any, str]
Cells = Values | str | pd.Series[Any] | pd.DataFrame

def __getattr__(name: str) -> Any: ...
def __dir__() -> list[str]: ...
@overload
def above_mean(
    values: pd.DataFrame,
    threshold: Numbers | None = ...,
    direction: Numbers | None = ...,
) -> pd.DataFrame: ...
@overload
def above_mean(
    values: pd.Series[Any],
    threshold: Numbers | None = ...,
    direction: Numbers | None = ...,
) -> pd.Series[Any]: ...
@overload
def above_mean(
    values: Values,
    threshold: Numbers | None = ...,
    direction: Numbers | None = ...,
) -> NDArray[Any]: ...
@overload
def affine_check(
    values: pd.DataFrame,
    whole: Cells | Mapping[Any, Any],
    direction: Numbers | None = ...,
    decimals: Numbers | None = ...,
    whole_decimals: Numbers | None = ...,
    what: Words | None = ...,
) -> pd.Series[Any]: ...
@overload
def affine_check(
    values: pd.Series[Any],
    whole: Cells | Mapping[Any, Any],
    direction: Numbers | None = ...,
    decimals: Numbers | None = ...,
    whole_decimals: Numbers | None = ...,
    what: Words | None = ...,
) -> pd.Series[Any]: ...
@overload
def affine_check(
    values: Values,
    whole: Cells | Mapping[Any, Any],
    direction: Numbers | None = ...,
    decimals: Numbers | None = ...,
    whole_decimals: Numbers | None = ...,
    what: Words | None = ...,
) -> NDArray[Any]: ...
def ahp_ratio(
    comparisons: Cells,
) -> float: ...
@overload
def ahp_weights(
    comparisons: pd.DataFrame,
) -> pd.Series[Any]: ...
@overload
def ahp_weights(
    comparisons: pd.Series[Any],
) -> pd.Series[Any]: ...
@overload
def ahp_weights(
    comparisons: Values,
) -> NDArray[Any]: ...
@overload
def balance_weights(
    values: pd.DataFrame,
    targets: Cells | Mapping[Any, Any] | None = ...,
) -> pd.Series[Any]: ...
@overload
def balance_weights(
    values: pd.Series[Any],
    targets: Cells | Mapping[Any, Any] | None = ...,
) -> pd.Series[Any]: ...
@overload
def balance_weights(
    values: Values,
    targets: Cells | Mapping[Any, Any] | None = ...,
) -> NDArray[Any]: ...
@overload
def band_index(
    units: pd.DataFrame,
    item_units: Cells | Mapping[Any, Any],
    ranks_a: Cells | Mapping[Any, Any],
    ranks_b: Cells | Mapping[Any, Any] | None = ...,
    uppers: Cells | Mapping[Any, Any] | None = ...,
    weights: Cells | Mapping[Any, Any] | None = ...,
) -> pd.Series[Any]: ...
@overload
def band_index(
    units: pd.Series[Any],
    item_units: Cells | Mapping[Any, Any],
    ranks_a: Cells | Mapping[Any, Any],
    ranks_b: Cells | Mapping[Any, Any] | None = ...,
    uppers: Cells | Mapping[Any, Any] | None = ...,
    weights: Cells | Mapping[Any, Any] | None = ...,
) -> pd.Series[Any]: ...
@overload
def band_index(
    units: Values,
    item_units: Cells | Mapping[Any, Any],
    ranks_a: Cells | Mapping[Any, Any],
    ranks_b: Cells | Mapping[Any, Any] | None = ...,
    uppers: Cells | Mapping[Any, Any] | None = ...,
    weights: Cells | Mapping[Any, Any] | None = ...,
) -> NDArray[Any]: ...
@overload
def bod_index(
    values: pd.DataFrame,
    low: Numbers | None = ...,
    high: Numbers | None = ...,
    shares: Words | None = ...,
) -> pd.Series[Any]: ...
@overload
def bod_index(
    values: pd.Series[Any],
    low: Numbers | None = ...,
    high: Numbers | None = ...,
    shares: Words | None = ...,
) -> pd.Series[Any]: ...
@overload
def bod_index(
    values: Values,
    low: Numbers | None = ...,
    high: Numbers | None = ...,
    shares: Words | None = ...,
) -> NDArray[Any]: ...
@overload
def category_scale(
    values: pd.DataFrame,
    cuts: Cells | Mapping[Any, Any],
    scores: Cells | Mapping[Any, Any] | None = ...,
    by: Words | None = ...,
    direction: Numbers | None = ...,
) -> pd.DataFrame: ...
@overload
def category_scale(
    values: pd.Series[Any],
    cuts: Cells | Mapping[Any, Any],
    scores: Cells | Mapping[Any, Any] | None = ...,
    by: Words | None = ...,
    direction: Numbers | None = ...,
) -> pd.Series[Any]: ...
@overload
def category_scale(
    values: Values,
    cuts: Cells | Mapping[Any, Any],
    scores: Cells | Mapping[Any, Any] | None = ...,
    by: Words | None = ...,
    direction: Numbers | None = ...,
) -> NDArray[Any]: ...
@overload
def clip_percentile(
    values: pd.DataFrame,
    low: Numbers | None = ...,
    high: Numbers | None = ...,
) -> pd.DataFrame: ...
@overload
def clip_percentile(
    values: pd.Series[Any],
    low: Numbers | None = ...,
    high: Numbers | None = ...,
) -> pd.Series[Any]: ...
@overload
def clip_percentile(
    values: Values,
    low: Numbers | None = ...,
    high: Numbers | None = ...,
) -> NDArray[Any]: ...
@overload
def clip_sd(
    values: pd.DataFrame,
    limit: Numbers | None = ...,
    ddof: Numbers | None = ...,
) -> pd.DataFrame: ...
@overload
def clip_sd(
    values: pd.Series[Any],
    limit: Numbers | None = ...,
    ddof: Numbers | None = ...,
) -> pd.Series[Any]: ...
@overload
def clip_sd(
    values: Values,
    limit: Numbers | None = ...,
    ddof: Numbers | None = ...,
) -> NDArray[Any]: ...
@overload
def cluster_labels(
    values: pd.DataFrame,
    k: Numbers | None = ...,
    linkage: Words | None = ...,
    metric: Words | None = ...,
    standardise: Words | None = ...,
) -> pd.Series[Any]: ...
@overload
def cluster_labels(
    values: pd.Series[Any],
    k: Numbers | None = ...,
    linkage: Words | None = ...,
    metric: Words | None = ...,
    standardise: Words | None = ...,
) -> pd.Series[Any]: ...
@overload
def cluster_labels(
    values: Values,
    k: Numbers | None = ...,
    linkage: Words | None = ...,
    metric: Words | None = ...,
    standardise: Words | None = ...,
) -> NDArray[Any]: ...
@overload
def contributions(
    values: pd.DataFrame,
    weights: Cells | Mapping[Any, Any],
    missing: Words | None = ...,
) -> pd.DataFrame: ...
@overload
def contributions(
    values: pd.Series[Any],
    weights: Cells | Mapping[Any, Any],
    missing: Words | None = ...,
) -> pd.Series[Any]: ...
@overload
def contributions(
    values: Values,
    weights: Cells | Mapping[Any, Any],
    missing: Words | None = ...,
) -> NDArray[Any]: ...
@overload
def copeland_score(
    values: pd.DataFrame,
    weights: Cells | Mapping[Any, Any] | None = ...,
    missing: Words | None = ...,
) -> pd.Series[Any]: ...
@overload
def copeland_score(
    values: pd.Series[Any],
    weights: Cells | Mapping[Any, Any] | None = ...,
    missing: Words | None = ...,
) -> pd.Series[Any]: ...
@overload
def copeland_score(
    values: Values,
    weights: Cells | Mapping[Any, Any] | None = ...,
    missing: Words | None = ...,
) -> NDArray[Any]: ...
@overload
def critic_weights(
    values: pd.DataFrame,
) -> pd.Series[Any]: ...
@overload
def critic_weights(
    values: pd.Series[Any],
) -> pd.Series[Any]: ...
@overload
def critic_weights(
    values: Values,
) -> NDArray[Any]: ...
def cronbach_alpha(
    values: Cells,
    standardise: Words | None = ...,
) -> float: ...
@overload
def cv_weights(
    values: pd.DataFrame,
    ddof: Numbers | None = ...,
) -> pd.Series[Any]: ...
@overload
def cv_weights(
    values: pd.Series[Any],
    ddof: Numbers | None = ...,
) -> pd.Series[Any]: ...
@overload
def cv_weights(
    values: Values,
    ddof: Numbers | None = ...,
) -> NDArray[Any]: ...
@overload
def degree_centrality(
    matrix: pd.DataFrame,
    share: Words | None = ...,
    flow: Words | None = ...,
    members: Cells | Mapping[Any, Any] | None = ...,
) -> pd.Series[Any]: ...
@overload
def degree_centrality(
    matrix: pd.Series[Any],
    share: Words | None = ...,
    flow: Words | None = ...,
    members: Cells | Mapping[Any, Any] | None = ...,
) -> pd.Series[Any]: ...
@overload
def degree_centrality(
    matrix: Values,
    share: Words | None = ...,
    flow: Words | None = ...,
    members: Cells | Mapping[Any, Any] | None = ...,
) -> NDArray[Any]: ...
@overload
def denominate(
    values: pd.DataFrame,
    denominators: Cells | Mapping[Any, Any],
    scale: Numbers | None = ...,
) -> pd.DataFrame: ...
@overload
def denominate(
    values: pd.Series[Any],
    denominators: Cells | Mapping[Any, Any],
    scale: Numbers | None = ...,
) -> pd.Series[Any]: ...
@overload
def denominate(
    values: Values,
    denominators: Cells | Mapping[Any, Any],
    scale: Numbers | None = ...,
) -> NDArray[Any]: ...
@overload
def dist_reference(
    values: pd.DataFrame,
    reference: Numbers | None = ...,
    direction: Numbers | None = ...,
    cap: Words | None = ...,
    scale: Numbers | None = ...,
) -> pd.DataFrame: ...
@overload
def dist_reference(
    values: pd.Series[Any],
    reference: Numbers | None = ...,
    direction: Numbers | None = ...,
    cap: Words | None = ...,
    scale: Numbers | None = ...,
) -> pd.Series[Any]: ...
@overload
def dist_reference(
    values: Values,
    reference: Numbers | None = ...,
    direction: Numbers | None = ...,
    cap: Words | None = ...,
    scale: Numbers | None = ...,
) -> NDArray[Any]: ...
@overload
def efficacy_scale(
    values: pd.DataFrame,
    omega: Numbers | None = ...,
    low: Numbers | None = ...,
    high: Numbers | None = ...,
    constant: Numbers | None = ...,
    groups: Cells | Mapping[Any, Any] | None = ...,
) -> pd.DataFrame: ...
@overload
def efficacy_scale(
    values: pd.Series[Any],
    omega: Numbers | None = ...,
    low: Numbers | None = ...,
    high: Numbers | None = ...,
    constant: Numbers | None = ...,
    groups: Cells | Mapping[Any, Any] | None = ...,
) -> pd.Series[Any]: ...
@overload
def efficacy_scale(
    values: Values,
    omega: Numbers | None = ...,
    low: Numbers | None = ...,
    high: Numbers | None = ...,
    constant: Numbers | None = ...,
    groups: Cells | Mapping[Any, Any] | None = ...,
) -> NDArray[Any]: ...
@overload
def eigen_centrality(
    matrix: pd.DataFrame,
    weighted: Words | None = ...,
    flow: Words | None = ...,
    tolerance: Numbers | None = ...,
    members: Cells | Mapping[Any, Any] | None = ...,
) -> pd.Series[Any]: ...
@overload
def eigen_centrality(
    matrix: pd.Series[Any],
    weighted: Words | None = ...,
    flow: Words | None = ...,
    tolerance: Numbers | None = ...,
    members: Cells | Mapping[Any, Any] | None = ...,
) -> pd.Series[Any]: ...
@overload
def eigen_centrality(
    matrix: Values,
    weighted: Words | None = ...,
    flow: Words | None = ...,
    tolerance: Numbers | None = ...,
    members: Cells | Mapping[Any, Any] | None = ...,
) -> NDArray[Any]: ...
@overload
def entropy_weights(
    values: pd.DataFrame,
) -> pd.Series[Any]: ...
@overload
def entropy_weights(
    values: pd.Series[Any],
) -> pd.Series[Any]: ...
@overload
def entropy_weights(
    values: Values,
) -> NDArray[Any]: ...
@overload
def equal_weights(
    values: pd.DataFrame,
    groups: Cells | Mapping[Any, Any] | None = ...,
) -> pd.Series[Any]: ...
@overload
def equal_weights(
    values: pd.Series[Any],
    groups: Cells | Mapping[Any, Any] | None = ...,
) -> pd.Series[Any]: ...
@overload
def equal_weights(
    values: Values,
    groups: Cells | Mapping[Any, Any] | None = ...,
) -> NDArray[Any]: ...
@overload
def fraction_max(
    values: pd.DataFrame,
    direction: Numbers | None = ...,
    scale: Numbers | None = ...,
) -> pd.DataFrame: ...
@overload
def fraction_max(
    values: pd.Series[Any],
    direction: Numbers | None = ...,
    scale: Numbers | None = ...,
) -> pd.Series[Any]: ...
@overload
def fraction_max(
    values: Values,
    direction: Numbers | None = ...,
    scale: Numbers | None = ...,
) -> NDArray[Any]: ...
@overload
def fraction_sum(
    values: pd.DataFrame,
    direction: Numbers | None = ...,
    scale: Numbers | None = ...,
) -> pd.DataFrame: ...
@overload
def fraction_sum(
    values: pd.Series[Any],
    direction: Numbers | None = ...,
    scale: Numbers | None = ...,
) -> pd.Series[Any]: ...
@overload
def fraction_sum(
    values: Values,
    direction: Numbers | None = ...,
    scale: Numbers | None = ...,
) -> NDArray[Any]: ...
@overload
def goalpost_scale(
    values: pd.DataFrame,
    low: Numbers | None = ...,
    high: Numbers | None = ...,
    scale: Numbers | None = ...,
    direction: Numbers | None = ...,
) -> pd.DataFrame: ...
@overload
def goalpost_scale(
    values: pd.Series[Any],
    low: Numbers | None = ...,
    high: Numbers | None = ...,
    scale: Numbers | None = ...,
    direction: Numbers | None = ...,
) -> pd.Series[Any]: ...
@overload
def goalpost_scale(
    values: Values,
    low: Numbers | None = ...,
    high: Numbers | None = ...,
    scale: Numbers | None = ...,
    direction: Numbers | None = ...,
) -> NDArray[Any]: ...
@overload
def growth_rate(
    values: pd.DataFrame,
    times: Cells | Mapping[Any, Any] | None = ...,
    kind: Words | None = ...,
) -> pd.Series[Any]: ...
@overload
def growth_rate(
    values: pd.Series[Any],
    times: Cells | Mapping[Any, Any] | None = ...,
    kind: Words | None = ...,
) -> pd.Series[Any]: ...
@overload
def growth_rate(
    values: Values,
    times: Cells | Mapping[Any, Any] | None = ...,
    kind: Words | None = ...,
) -> NDArray[Any]: ...
@overload
def impute_dimension(
    values: pd.DataFrame,
    groups: Cells | Mapping[Any, Any],
    parents: Cells | Mapping[Any, Any] | None = ...,
) -> pd.DataFrame: ...
@overload
def impute_dimension(
    values: pd.Series[Any],
    groups: Cells | Mapping[Any, Any],
    parents: Cells | Mapping[Any, Any] | None = ...,
) -> pd.Series[Any]: ...
@overload
def impute_dimension(
    values: Values,
    groups: Cells | Mapping[Any, Any],
    parents: Cells | Mapping[Any, Any] | None = ...,
) -> NDArray[Any]: ...
@overload
def impute_em(
    values: pd.DataFrame,
    column: Numbers | None = ...,
) -> pd.Series[Any]: ...
@overload
def impute_em(
    values: pd.Series[Any],
    column: Numbers | None = ...,
) -> pd.Series[Any]: ...
@overload
def impute_em(
    values: Values,
    column: Numbers | None = ...,
) -> NDArray[Any]: ...
@overload
def impute_mean(
    values: pd.DataFrame,
    method: Words | None = ...,
    groups: Cells | Mapping[Any, Any] | None = ...,
) -> pd.DataFrame: ...
@overload
def impute_mean(
    values: pd.Series[Any],
    method: Words | None = ...,
    groups: Cells | Mapping[Any, Any] | None = ...,
) -> pd.Series[Any]: ...
@overload
def impute_mean(
    values: Values,
    method: Words | None = ...,
    groups: Cells | Mapping[Any, Any] | None = ...,
) -> NDArray[Any]: ...
@overload
def impute_neighbours(
    values: pd.DataFrame,
    column: Numbers | None = ...,
    nearest: Numbers | None = ...,
) -> pd.Series[Any]: ...
@overload
def impute_neighbours(
    values: pd.Series[Any],
    column: Numbers | None = ...,
    nearest: Numbers | None = ...,
) -> pd.Series[Any]: ...
@overload
def impute_neighbours(
    values: Values,
    column: Numbers | None = ...,
    nearest: Numbers | None = ...,
) -> NDArray[Any]: ...
@overload
def impute_regression(
    values: pd.DataFrame,
    column: Numbers | None = ...,
    predictor: Numbers | None = ...,
) -> pd.Series[Any]: ...
@overload
def impute_regression(
    values: pd.Series[Any],
    column: Numbers | None = ...,
    predictor: Numbers | None = ...,
) -> pd.Series[Any]: ...
@overload
def impute_regression(
    values: Values,
    column: Numbers | None = ...,
    predictor: Numbers | None = ...,
) -> NDArray[Any]: ...
@overload
def impute_series(
    values: pd.DataFrame,
    method: Words | None = ...,
    times: Cells | Mapping[Any, Any] | None = ...,
    most: Numbers | None = ...,
) -> pd.DataFrame: ...
@overload
def impute_series(
    values: pd.Series[Any],
    method: Words | None = ...,
    times: Cells | Mapping[Any, Any] | None = ...,
    most: Numbers | None = ...,
) -> pd.Series[Any]: ...
@overload
def impute_series(
    values: Values,
    method: Words | None = ...,
    times: Cells | Mapping[Any, Any] | None = ...,
    most: Numbers | None = ...,
) -> NDArray[Any]: ...
@overload
def index_scores(
    values: pd.DataFrame,
    codes: Cells | Mapping[Any, Any],
    framework: Cells | Mapping[Any, Any],
    nodes: Cells | Mapping[Any, Any] | None = ...,
    normalise: Words | None = ...,
    aggregate: Words | None = ...,
    missing: Words | None = ...,
) -> pd.DataFrame: ...
@overload
def index_scores(
    values: pd.Series[Any],
    codes: Cells | Mapping[Any, Any],
    framework: Cells | Mapping[Any, Any],
    nodes: Cells | Mapping[Any, Any] | None = ...,
    normalise: Words | None = ...,
    aggregate: Words | None = ...,
    missing: Words | None = ...,
) -> pd.DataFrame | pd.Series[Any]: ...
@overload
def index_scores(
    values: Values,
    codes: Cells | Mapping[Any, Any],
    framework: Cells | Mapping[Any, Any],
    nodes: Cells | Mapping[Any, Any] | None = ...,
    normalise: Words | None = ...,
    aggregate: Words | None = ...,
    missing: Words | None = ...,
) -> NDArray[Any]: ...
@overload
def infomax_weights(
    values: pd.DataFrame,
) -> pd.Series[Any]: ...
@overload
def infomax_weights(
    values: pd.Series[Any],
) -> pd.Series[Any]: ...
@overload
def infomax_weights(
    values: Values,
) -> NDArray[Any]: ...
@overload
def lattice_check(
    values: pd.DataFrame,
    parts: Numbers | None = ...,
    units: Numbers | None = ...,
    top: Numbers | None = ...,
    decimals: Numbers | None = ...,
    what: Words | None = ...,
) -> pd.DataFrame: ...
@overload
def lattice_check(
    values: pd.Series[Any],
    parts: Numbers | None = ...,
    units: Numbers | None = ...,
    top: Numbers | None = ...,
    decimals: Numbers | None = ...,
    what: Words | None = ...,
) -> pd.Series[Any]: ...
@overload
def lattice_check(
    values: Values,
    parts: Numbers | None = ...,
    units: Numbers | None = ...,
    top: Numbers | None = ...,
    decimals: Numbers | None = ...,
    what: Words | None = ...,
) -> NDArray[Any]: ...
@overload
def link_matrix(
    units: pd.DataFrame,
    starts: Cells | Mapping[Any, Any],
    ends: Cells | Mapping[Any, Any],
    values: Cells | Mapping[Any, Any],
    flow: Words | None = ...,
    codes: Cells | Mapping[Any, Any] | None = ...,
    code: Cells | Mapping[Any, Any] | None = ...,
) -> pd.DataFrame: ...
@overload
def link_matrix(
    units: pd.Series[Any],
    starts: Cells | Mapping[Any, Any],
    ends: Cells | Mapping[Any, Any],
    values: Cells | Mapping[Any, Any],
    flow: Words | None = ...,
    codes: Cells | Mapping[Any, Any] | None = ...,
    code: Cells | Mapping[Any, Any] | None = ...,
) -> pd.DataFrame | pd.Series[Any]: ...
@overload
def link_matrix(
    units: Values,
    starts: Cells | Mapping[Any, Any],
    ends: Cells | Mapping[Any, Any],
    values: Cells | Mapping[Any, Any],
    flow: Words | None = ...,
    codes: Cells | Mapping[Any, Any] | None = ...,
    code: Cells | Mapping[Any, Any] | None = ...,
) -> NDArray[Any]: ...
@overload
def link_strength(
    matrix: pd.DataFrame,
    flow: Words | None = ...,
    groups: Cells | Mapping[Any, Any] | None = ...,
    domestic: Words | None = ...,
    count: Words | None = ...,
) -> pd.Series[Any]: ...
@overload
def link_strength(
    matrix: pd.Series[Any],
    flow: Words | None = ...,
    groups: Cells | Mapping[Any, Any] | None = ...,
    domestic: Words | None = ...,
    count: Words | None = ...,
) -> pd.Series[Any]: ...
@overload
def link_strength(
    matrix: Values,
    flow: Words | None = ...,
    groups: Cells | Mapping[Any, Any] | None = ...,
    domestic: Words | None = ...,
    count: Words | None = ...,
) -> NDArray[Any]: ...
@overload
def minmax_scale(
    values: pd.DataFrame,
    low: Numbers | None = ...,
    high: Numbers | None = ...,
    scale: Numbers | None = ...,
    floor: Numbers | None = ...,
    direction: Numbers | None = ...,
    bounds: Words | None = ...,
    constant: Numbers | None = ...,
) -> pd.DataFrame: ...
@overload
def minmax_scale(
    values: pd.Series[Any],
    low: Numbers | None = ...,
    high: Numbers | None = ...,
    scale: Numbers | None = ...,
    floor: Numbers | None = ...,
    direction: Numbers | None = ...,
    bounds: Words | None = ...,
    constant: Numbers | None = ...,
) -> pd.Series[Any]: ...
@overload
def minmax_scale(
    values: Values,
    low: Numbers | None = ...,
    high: Numbers | None = ...,
    scale: Numbers | None = ...,
    floor: Numbers | None = ...,
    direction: Numbers | None = ...,
    bounds: Words | None = ...,
    constant: Numbers | None = ...,
) -> NDArray[Any]: ...
@overload
def min_index(
    values: pd.DataFrame,
    missing: Words | None = ...,
) -> pd.Series[Any]: ...
@overload
def min_index(
    values: pd.Series[Any],
    missing: Words | None = ...,
) -> pd.Series[Any]: ...
@overload
def min_index(
    values: Values,
    missing: Words | None = ...,
) -> NDArray[Any]: ...
@overload
def mpi_index(
    values: pd.DataFrame,
    penalty: Words | None = ...,
    missing: Words | None = ...,
) -> pd.Series[Any]: ...
@overload
def mpi_index(
    values: pd.Series[Any],
    penalty: Words | None = ...,
    missing: Words | None = ...,
) -> pd.Series[Any]: ...
@overload
def mpi_index(
    values: Values,
    penalty: Words | None = ...,
    missing: Words | None = ...,
) -> NDArray[Any]: ...
@overload
def outranking_matrix(
    values: pd.DataFrame,
    weights: Cells | Mapping[Any, Any] | None = ...,
    missing: Words | None = ...,
) -> pd.DataFrame: ...
@overload
def outranking_matrix(
    values: pd.Series[Any],
    weights: Cells | Mapping[Any, Any] | None = ...,
    missing: Words | None = ...,
) -> pd.DataFrame | pd.Series[Any]: ...
@overload
def outranking_matrix(
    values: Values,
    weights: Cells | Mapping[Any, Any] | None = ...,
    missing: Words | None = ...,
) -> NDArray[Any]: ...
@overload
def owa_index(
    values: pd.DataFrame,
    weights: Cells | Mapping[Any, Any] | None = ...,
    exponent: Numbers | None = ...,
    missing: Words | None = ...,
) -> pd.Series[Any]: ...
@overload
def owa_index(
    values: pd.Series[Any],
    weights: Cells | Mapping[Any, Any] | None = ...,
    exponent: Numbers | None = ...,
    missing: Words | None = ...,
) -> pd.Series[Any]: ...
@overload
def owa_index(
    values: Values,
    weights: Cells | Mapping[Any, Any] | None = ...,
    exponent: Numbers | None = ...,
    missing: Words | None = ...,
) -> NDArray[Any]: ...
@overload
def pair_scores(
    values: pd.DataFrame,
    weights: Cells | Mapping[Any, Any],
    count: Words | None = ...,
    bounds: Words | None = ...,
    scale: Numbers | None = ...,
    constant: Numbers | None = ...,
) -> pd.Series[Any]: ...
@overload
def pair_scores(
    values: pd.Series[Any],
    weights: Cells | Mapping[Any, Any],
    count: Words | None = ...,
    bounds: Words | None = ...,
    scale: Numbers | None = ...,
    constant: Numbers | None = ...,
) -> pd.Series[Any]: ...
@overload
def pair_scores(
    values: Values,
    weights: Cells | Mapping[Any, Any],
    count: Words | None = ...,
    bounds: Words | None = ...,
    scale: Numbers | None = ...,
    constant: Numbers | None = ...,
) -> NDArray[Any]: ...
@overload
def pca_weights(
    values: pd.DataFrame,
    method: Words | None = ...,
) -> pd.Series[Any]: ...
@overload
def pca_weights(
    values: pd.Series[Any],
    method: Words | None = ...,
) -> pd.Series[Any]: ...
@overload
def pca_weights(
    values: Values,
    method: Words | None = ...,
) -> NDArray[Any]: ...
@overload
def pearson_matrix(
    values: pd.DataFrame,
    what: Words | None = ...,
) -> pd.DataFrame: ...
@overload
def pearson_matrix(
    values: pd.Series[Any],
    what: Words | None = ...,
) -> pd.DataFrame | pd.Series[Any]: ...
@overload
def pearson_matrix(
    values: Values,
    what: Words | None = ...,
) -> NDArray[Any]: ...
@overload
def percentile_scale(
    values: pd.DataFrame,
    direction: Numbers | None = ...,
    scale: Numbers | None = ...,
    ties: Words | None = ...,
    base: Numbers | None = ...,
) -> pd.DataFrame: ...
@overload
def percentile_scale(
    values: pd.Series[Any],
    direction: Numbers | None = ...,
    scale: Numbers | None = ...,
    ties: Words | None = ...,
    base: Numbers | None = ...,
) -> pd.Series[Any]: ...
@overload
def percentile_scale(
    values: Values,
    direction: Numbers | None = ...,
    scale: Numbers | None = ...,
    ties: Words | None = ...,
    base: Numbers | None = ...,
) -> NDArray[Any]: ...
@overload
def per_million(
    values: pd.DataFrame,
    population: Cells | Mapping[Any, Any],
    persons: Numbers | None = ...,
) -> pd.DataFrame: ...
@overload
def per_million(
    values: pd.Series[Any],
    population: Cells | Mapping[Any, Any],
    persons: Numbers | None = ...,
) -> pd.Series[Any]: ...
@overload
def per_million(
    values: Values,
    population: Cells | Mapping[Any, Any],
    persons: Numbers | None = ...,
) -> NDArray[Any]: ...
@overload
def pm25_grade(
    values: pd.DataFrame,
    guideline: Numbers | None = ...,
) -> pd.DataFrame: ...
@overload
def pm25_grade(
    values: pd.Series[Any],
    guideline: Numbers | None = ...,
) -> pd.Series[Any]: ...
@overload
def pm25_grade(
    values: Values,
    guideline: Numbers | None = ...,
) -> NDArray[Any]: ...
@overload
def promethee_flow(
    values: pd.DataFrame,
    weights: Cells | Mapping[Any, Any] | None = ...,
    indifference: Numbers | None = ...,
    preference: Numbers | None = ...,
) -> pd.Series[Any]: ...
@overload
def promethee_flow(
    values: pd.Series[Any],
    weights: Cells | Mapping[Any, Any] | None = ...,
    indifference: Numbers | None = ...,
    preference: Numbers | None = ...,
) -> pd.Series[Any]: ...
@overload
def promethee_flow(
    values: Values,
    weights: Cells | Mapping[Any, Any] | None = ...,
    indifference: Numbers | None = ...,
    preference: Numbers | None = ...,
) -> NDArray[Any]: ...
@overload
def rank_borda(
    values: pd.DataFrame,
    direction: Numbers | None = ...,
    ties: Words | None = ...,
    base: Numbers | None = ...,
) -> pd.DataFrame: ...
@overload
def rank_borda(
    values: pd.Series[Any],
    direction: Numbers | None = ...,
    ties: Words | None = ...,
    base: Numbers | None = ...,
) -> pd.Series[Any]: ...
@overload
def rank_borda(
    values: Values,
    direction: Numbers | None = ...,
    ties: Words | None = ...,
    base: Numbers | None = ...,
) -> NDArray[Any]: ...
@overload
def rank_competition(
    values: pd.DataFrame,
    direction: Numbers | None = ...,
    ties: Words | None = ...,
    digits: Numbers | None = ...,
    groups: Cells | Mapping[Any, Any] | None = ...,
) -> pd.DataFrame: ...
@overload
def rank_competition(
    values: pd.Series[Any],
    direction: Numbers | None = ...,
    ties: Words | None = ...,
    digits: Numbers | None = ...,
    groups: Cells | Mapping[Any, Any] | None = ...,
) -> pd.Series[Any]: ...
@overload
def rank_competition(
    values: Values,
    direction: Numbers | None = ...,
    ties: Words | None = ...,
    digits: Numbers | None = ...,
    groups: Cells | Mapping[Any, Any] | None = ...,
) -> NDArray[Any]: ...
@overload
def rank_uniform(
    values: pd.DataFrame,
    direction: Numbers | None = ...,
    ties: Words | None = ...,
    missing: Words | None = ...,
) -> pd.DataFrame: ...
@overload
def rank_uniform(
    values: pd.Series[Any],
    direction: Numbers | None = ...,
    ties: Words | None = ...,
    missing: Words | None = ...,
) -> pd.Series[Any]: ...
@overload
def rank_uniform(
    values: Values,
    direction: Numbers | None = ...,
    ties: Words | None = ...,
    missing: Words | None = ...,
) -> NDArray[Any]: ...
@overload
def rating_scale(
    values: pd.DataFrame,
    max: Numbers | None = ...,
    scale: Numbers | None = ...,
    unrated: Numbers | None = ...,
) -> pd.DataFrame: ...
@overload
def rating_scale(
    values: pd.Series[Any],
    max: Numbers | None = ...,
    scale: Numbers | None = ...,
    unrated: Numbers | None = ...,
) -> pd.Series[Any]: ...
@overload
def rating_scale(
    values: Values,
    max: Numbers | None = ...,
    scale: Numbers | None = ...,
    unrated: Numbers | None = ...,
) -> NDArray[Any]: ...
@overload
def regression_simple(
    y: pd.DataFrame,
    x: Cells | Mapping[Any, Any],
) -> pd.DataFrame: ...
@overload
def regression_simple(
    y: pd.Series[Any],
    x: Cells | Mapping[Any, Any],
) -> pd.DataFrame | pd.Series[Any]: ...
@overload
def regression_simple(
    y: Values,
    x: Cells | Mapping[Any, Any],
) -> NDArray[Any]: ...
@overload
def tier_labels(
    values: pd.DataFrame,
    cuts: Cells | Mapping[Any, Any],
    by: Words | None = ...,
) -> pd.DataFrame: ...
@overload
def tier_labels(
    values: pd.Series[Any],
    cuts: Cells | Mapping[Any, Any],
    by: Words | None = ...,
) -> pd.Series[Any]: ...
@overload
def tier_labels(
    values: Values,
    cuts: Cells | Mapping[Any, Any],
    by: Words | None = ...,
) -> NDArray[Any]: ...
@overload
def topsis_score(
    values: pd.DataFrame,
    weights: Cells | Mapping[Any, Any] | None = ...,
    vector: Words | None = ...,
) -> pd.Series[Any]: ...
@overload
def topsis_score(
    values: pd.Series[Any],
    weights: Cells | Mapping[Any, Any] | None = ...,
    vector: Words | None = ...,
) -> pd.Series[Any]: ...
@overload
def topsis_score(
    values: Values,
    weights: Cells | Mapping[Any, Any] | None = ...,
    vector: Words | None = ...,
) -> NDArray[Any]: ...
@overload
def treat_boxcox(
    values: pd.DataFrame,
    power: Numbers | None = ...,
    shift: Words | None = ...,
) -> pd.DataFrame: ...
@overload
def treat_boxcox(
    values: pd.Series[Any],
    power: Numbers | None = ...,
    shift: Words | None = ...,
) -> pd.Series[Any]: ...
@overload
def treat_boxcox(
    values: Values,
    power: Numbers | None = ...,
    shift: Words | None = ...,
) -> NDArray[Any]: ...
@overload
def treat_log(
    values: pd.DataFrame,
    method: Words | None = ...,
    when: Words | None = ...,
    skew: Numbers | None = ...,
    kurt: Numbers | None = ...,
) -> pd.DataFrame: ...
@overload
def treat_log(
    values: pd.Series[Any],
    method: Words | None = ...,
    when: Words | None = ...,
    skew: Numbers | None = ...,
    kurt: Numbers | None = ...,
) -> pd.Series[Any]: ...
@overload
def treat_log(
    values: Values,
    method: Words | None = ...,
    when: Words | None = ...,
    skew: Numbers | None = ...,
    kurt: Numbers | None = ...,
) -> NDArray[Any]: ...
@overload
def trend_state(
    values: pd.DataFrame,
    before: Cells | Mapping[Any, Any],
    threshold: Numbers | None = ...,
    direction: Numbers | None = ...,
) -> pd.DataFrame: ...
@overload
def trend_state(
    values: pd.Series[Any],
    before: Cells | Mapping[Any, Any],
    threshold: Numbers | None = ...,
    direction: Numbers | None = ...,
) -> pd.Series[Any]: ...
@overload
def trend_state(
    values: Values,
    before: Cells | Mapping[Any, Any],
    threshold: Numbers | None = ...,
    direction: Numbers | None = ...,
) -> NDArray[Any]: ...
@overload
def ucm_weights(
    values: pd.DataFrame,
) -> pd.Series[Any]: ...
@overload
def ucm_weights(
    values: pd.Series[Any],
) -> pd.Series[Any]: ...
@overload
def ucm_weights(
    values: Values,
) -> NDArray[Any]: ...
@overload
def weighted_index(
    values: pd.DataFrame,
    weights: Cells | Mapping[Any, Any],
    method: Words | None = ...,
    missing: Words | None = ...,
    power: Numbers | None = ...,
    groups: Cells | Mapping[Any, Any] | None = ...,
) -> pd.Series[Any]: ...
@overload
def weighted_index(
    values: pd.Series[Any],
    weights: Cells | Mapping[Any, Any],
    method: Words | None = ...,
    missing: Words | None = ...,
    power: Numbers | None = ...,
    groups: Cells | Mapping[Any, Any] | None = ...,
) -> pd.Series[Any]: ...
@overload
def weighted_index(
    values: Values,
    weights: Cells | Mapping[Any, Any],
    method: Words | None = ...,
    missing: Words | None = ...,
    power: Numbers | None = ...,
    groups: Cells | Mapping[Any, Any] | None = ...,
) -> NDArray[Any]: ...
@overload
def weights_implied(
    values: pd.DataFrame,
    whole: Cells | Mapping[Any, Any],
    source: Words | None = ...,
    decimals: Numbers | None = ...,
    whole_decimals: Numbers | None = ...,
) -> pd.DataFrame: ...
@overload
def weights_implied(
    values: pd.Series[Any],
    whole: Cells | Mapping[Any, Any],
    source: Words | None = ...,
    decimals: Numbers | None = ...,
    whole_decimals: Numbers | None = ...,
) -> pd.DataFrame | pd.Series[Any]: ...
@overload
def weights_implied(
    values: Values,
    whole: Cells | Mapping[Any, Any],
    source: Words | None = ...,
    decimals: Numbers | None = ...,
    whole_decimals: Numbers | None = ...,
) -> NDArray[Any]: ...
@overload
def winsor_skew(
    values: pd.DataFrame,
    points: Numbers | None = ...,
    skew: Numbers | None = ...,
    kurt: Numbers | None = ...,
) -> pd.DataFrame: ...
@overload
def winsor_skew(
    values: pd.Series[Any],
    points: Numbers | None = ...,
    skew: Numbers | None = ...,
    kurt: Numbers | None = ...,
) -> pd.Series[Any]: ...
@overload
def winsor_skew(
    values: Values,
    points: Numbers | None = ...,
    skew: Numbers | None = ...,
    kurt: Numbers | None = ...,
) -> NDArray[Any]: ...
@overload
def zscore_index(
    values: pd.DataFrame,
    weights: Cells | Mapping[Any, Any] | None = ...,
    limit: Numbers | None = ...,
    missing: Words | None = ...,
    ddof: Numbers | None = ...,
) -> pd.Series[Any]: ...
@overload
def zscore_index(
    values: pd.Series[Any],
    weights: Cells | Mapping[Any, Any] | None = ...,
    limit: Numbers | None = ...,
    missing: Words | None = ...,
    ddof: Numbers | None = ...,
) -> pd.Series[Any]: ...
@overload
def zscore_index(
    values: Values,
    weights: Cells | Mapping[Any, Any] | None = ...,
    limit: Numbers | None = ...,
    missing: Words | None = ...,
    ddof: Numbers | None = ...,
) -> NDArray[Any]: ...
@overload
def zscore_scale(
    values: pd.DataFrame,
    mean: Numbers | None = ...,
    sd: Numbers | None = ...,
    direction: Numbers | None = ...,
    ddof: Numbers | None = ...,
) -> pd.DataFrame: ...
@overload
def zscore_scale(
    values: pd.Series[Any],
    mean: Numbers | None = ...,
    sd: Numbers | None = ...,
    direction: Numbers | None = ...,
    ddof: Numbers | None = ...,
) -> pd.Series[Any]: ...
@overload
def zscore_scale(
    values: Values,
    mean: Numbers | None = ...,
    sd: Numbers | None = ...,
    direction: Numbers | None = ...,
    ddof: Numbers | None = ...,
) -> NDArray[Any]: ...
@overload
def zscore_winsor(
    values: pd.DataFrame,
    limit: Numbers | None = ...,
    direction: Numbers | None = ...,
    ddof: Numbers | None = ...,
    groups: Cells | Mapping[Any, Any] | None = ...,
    pools: Cells | Mapping[Any, Any] | None = ...,
    constant: Numbers | None = ...,
) -> pd.DataFrame: ...
@overload
def zscore_winsor(
    values: pd.Series[Any],
    limit: Numbers | None = ...,
    direction: Numbers | None = ...,
    ddof: Numbers | None = ...,
    groups: Cells | Mapping[Any, Any] | None = ...,
    pools: Cells | Mapping[Any, Any] | None = ...,
    constant: Numbers | None = ...,
) -> pd.Series[Any]: ...
@overload
def zscore_winsor(
    values: Values,
    limit: Numbers | None = ...,
    direction: Numbers | None = ...,
    ddof: Numbers | None = ...,
    groups: Cells | Mapping[Any, Any] | None = ...,
    pools: Cells | Mapping[Any, Any] | None = ...,
    constant: Numbers | None = ...,
) -> NDArray[Any]: ...
