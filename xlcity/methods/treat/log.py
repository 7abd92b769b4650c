"""Logarithms of values."""

from __future__ import annotations

from xlcity.functions.treat import treat_log
from xlcity.methods.formulas import varies_condition
from xlcity.methods.record import Word, kernel_of
from xlcity.methods.treat.record import (
    LOG_PARAMETER,
    SKEW_PARAMETERS,
    WHEN_PARAMETER,
    NativeTreatment,
    TreatedCells,
    Treatment,
)


def logarithm_formula(cells: TreatedCells) -> str:
    """Return the formula of a logarithm of the kind asked for; "" where it does not exist."""
    x = cells.x
    low = cells.minimum
    high = cells.maximum
    kind = cells.word_of["kind"]
    room = f"0.01*({high}-{low})"
    up = f"LN({x}-{low}+{room})"
    down = f"-LN({high}-{x}+{room})"
    formula = {
        "ct": up,
        "ct_orig": f"LN({x}-{low}+1)",
        "ct_plus": f"IF(N({cells.skew})>1E-10,{up},{down})",
        "gii": f"LN(({high}-1)*({x}-{low})/({high}-{low})+1)",
        "ln": f"LN({x})",
        "ln1p": f"LN({x}+1)",
    }[kind]
    if kind in ("ct", "ct_plus", "gii"):
        formula = f'IF({varies_condition(low, high)},{formula},"")'
    return f'IFERROR({formula},"")'


LOGARITHM = Treatment(
    name="log",
    parameters=(LOG_PARAMETER, WHEN_PARAMETER, *SKEW_PARAMETERS),
    words=(
        Word("log", ("log",)),
        Word("log_skewed", ("log",), fixed={"when": "skewed"}),
    ),
    kernel=kernel_of(treat_log, "when", "skew", "kurt", method="log"),
    takes_columns=True,
    native=NativeTreatment(
        formula=logarithm_formula, call=("TREAT_LOG", "kind", "when", "skew", "kurt")
    ),
)
