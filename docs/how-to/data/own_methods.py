"""Three functions of one's own that are methods of an index: see add-your-own-function.md."""

import numpy as np

from xlcity import function


@function(
    zh={
        "": "稳健 z 分数：与中位数之差，以绝对中位差为单位。",
        "values": "数据区域。",
        "factor": "差与绝对中位差之比的系数。",
    }
)
def robust_z(values, factor: float = 0.6745):
    """Robust z-scores: distance from the median in median absolute deviations.

    Parameters
    ----------
    values
        Block of cells, a column per indicator.
    factor
        Factor on the distance; 0.6745 makes it a z-score where values are normal.
    """
    distance = values - np.nanmedian(values, axis=0)
    return factor * distance / np.nanmedian(np.abs(distance), axis=0)


@function(
    zh={
        "": "超出四分位界限的值收至界限。",
        "values": "数据区域。",
        "times": "四分位距的倍数。",
    }
)
def tukey_fence(values, times: float = 1.5):
    """Values beyond Tukey's fences are drawn in to them.

    Parameters
    ----------
    values
        Block of cells, a column per indicator.
    times
        How many interquartile ranges the fences are from the quartiles.
    """
    low, high = np.nanpercentile(values, [25, 75], axis=0)
    return np.clip(values, low - times * (high - low), high + times * (high - low))


@function(
    returns="column",
    kinds={"weights": "weights"},
    zh={
        "": "加权平均减去离差之半。",
        "values": "得分。",
        "weights": "权重。",
        "share": "离差所占比例。",
    },
)
def spread_penalty(values, weights, share: float = 0.5):
    """Weighted mean less a share of the distance between the best and the worst child.

    Parameters
    ----------
    values
        Scores of the children, a column each.
    weights
        A weight per child.
    share
        Share of the distance.
    """
    mean = values @ np.asarray(weights) / np.sum(weights)
    return mean - share * (values.max(axis=1) - values.min(axis=1))
