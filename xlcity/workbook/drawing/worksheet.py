"""XlsxWriter's worksheet, quicker at the formulas that templates have."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

#: Functions that XlsxWriter looks for in every formula, one search each; templates have none.
_NEWER = re.compile(
    r"(?:ANCHORARRAY|BYCOL|BYROW|CHOOSECOLS|CHOOSEROWS|DROP|EXPAND|FILTER|HSTACK|LAMBDA|MAKEARRAY"
    r"|MAP|RANDARRAY|REDUCE|SCAN|SINGLE|SEQUENCE|SORT|SORTBY|SWITCH|TAKE|TEXTSPLIT|TOCOL|TOROW"
    r"|UNIQUE|VSTACK|WRAPCOLS|WRAPROWS|XLOOKUP)\("
)


@cache
def worksheet_class() -> Any:
    """Return the class of worksheets to draw on."""
    from xlsxwriter.worksheet import Worksheet

    class Quick(Worksheet):  # type: ignore[misc]
        def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:
            if expand_future_functions or self.use_future_functions or _NEWER.search(formula):
                text: str = super()._prepare_formula(formula, expand_future_functions)
                return text
            return formula.removeprefix("{").removeprefix("=").removesuffix("}")

    return Quick
