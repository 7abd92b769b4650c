"""Write out omitted arguments of our functions.

Engines hand an omitted argument over as 0: `ZSCORE_WINSOR(A1:A9,,-1)` would lose its clipping.
An empty text is a blank to every function of the library, so it says "omitted" in every engine.
"""

from __future__ import annotations

import re

from xlcity.functions.registry import FUNCTIONS

#: Texts, quoted sheet names, array constants, names before a bracket, and what separates arguments.
_PIECE = re.compile(
    r'"(?:[^"]|"")*"|\'(?:[^\']|\'\')*\'|\{[^}]*\}|[\w.]+(?=\()|[(),]|\s+|[^\s(),"\'{\w]+|[\w.]+'
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
    name = ""
    empty = False
    for piece in _PIECE.findall(formula):
        if piece == "(":
            ours.append(name.upper().removeprefix("_XLDUDF_") in FUNCTIONS)
            # FUNCTION() has no argument, not an omitted one: only a comma opens a gap.
            empty = False
        elif piece in (",", ")"):
            if ours and ours[-1] and (empty or (piece == "," and out[-1].strip() == "(")):
                out.append('""')
            if piece == ")" and ours:
                ours.pop()
            empty = piece == ","
        elif piece.strip():
            empty = False
        if piece.strip():
            name = piece
        out.append(piece)
    return "".join(out)
