"""The four functions that city indices use most, as one writes them for xlwings.

Copy them into your own module, name it under *UDF Modules* on the tab xlwings, import functions.
"""

import numpy as np
import xlwings as xw

from xlcity import functions
from xlcity.errors import FunctionError


def in_cells(compute, *arguments):
    """Return rows for Excel: #N/A where there is no result, the error of a call that is wrong."""
    try:
        rows = np.atleast_2d(compute(*arguments))
    except FunctionError as error:
        return [[str(error.value)]]
    # What comes as a vector is one column.
    column = rows.T if len(rows) == 1 and len(arguments[0]) > 1 else rows
    return [["#N/A" if cell != cell else float(cell) for cell in row] for row in column]


@xw.func
@xw.arg("values", ndim=2, err_to_str=True)
@xw.arg("groups", ndim=2)
@xw.arg("pools", ndim=2)
def ZSCORE_WINSOR(
    values,
    limit=None,
    direction=None,
    ddof=None,
    groups=None,
    pools=None,
    constant=None,
):
    """Z-scores of each column, clipped at +/-1.96 and oriented so that more is better."""
    options = (limit, direction, ddof, groups, pools, constant)
    return in_cells(functions.zscore_winsor, values, *options)


@xw.func
@xw.arg("values", ndim=2, err_to_str=True)
@xw.arg("groups", ndim=2)
def EFFICACY_SCALE(values, omega=None, low=None, high=None, constant=None, groups=None):
    """Efficacy coefficient of each column: from omega for the lowest score to 100."""
    options = (omega, low, high, constant, groups)
    return in_cells(functions.efficacy_scale, values, *options)


@xw.func
@xw.arg("values", ndim=2, err_to_str=True)
def RANK_UNIFORM(values, direction=None, ties=None, missing=None):
    """Ranks of each column spread evenly: 100 for the best of n, 100/n for the last."""
    return in_cells(functions.rank_uniform, values, direction, ties, missing)


@xw.func
@xw.arg("values", ndim=2, err_to_str=True)
@xw.arg("groups", ndim=2)
def WEIGHTED_INDEX(values, weights, method=None, missing=None, power=None, groups=None):
    """Weighted mean of the columns, one score for each row."""
    options = (method, missing, power, groups)
    return in_cells(functions.weighted_index, values, weights, *options)
