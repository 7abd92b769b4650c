"""Write out omitted arguments of our functions.

Engines hand an omitted argument over as 0: `ZSCORE_WINSOR(A1:A9,,-1)` would lose its clipping.
An empty text is a blank to every function of the library, so it says "omitted" in every engine.
"""

from __future__ import annotations

import re

from xlcity.functions.registry import FUNCTIONS

#: What has commas of its own (texts, quoted sheet names, array constants, table references), a
#: name, what separates arguments, spaces, anything else: together they leave no character out.
_PIECE = re.compile(
    r""""(?:[^"]|"")*"|'(?:[^']|'')*'|\{[^}]*\}|\[(?:[^\[\]]|\[[^\]]*\])*\]"""
    r"""|[\w.]+|[(),]|\s+|.""",
    re.DOTALL,
)


def fill_gaps(formula: str) -> str:
    """Return a formula in which omitted arguments of the library's functions are empty texts.

    Parameters
    ----------
    formula
        A formula as files store it: English names, commas between arguments.

    Examples
    --------
    >>> fill_gaps('=ZSCORE_WINSOR(A1:A9,,-1)+SUM(B1,)')
    '=ZSCORE_WINSOR(A1:A9,"",-1)+SUM(B1,)'
    """
    if not any(name in formula.upper() for name in FUNCTIONS):
        return formula
    out: list[str] = []
    ours: list[bool] = []
    last = ""
    for piece in _PIECE.findall(formula):
        if piece == "(":
            ours.append(last.upper().removeprefix("_XLDUDF_") in FUNCTIONS)
        # NAME() has no argument rather than an omitted one: only a comma makes a gap.
        elif ours and ours[-1] and (piece, last) in ((",", "("), (",", ","), (")", ",")):
            out.append('""')
        if piece == ")" and ours:
            ours.pop()
        out.append(piece)
        last = piece if piece.strip() else last
    return "".join(out)
