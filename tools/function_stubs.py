"""Types of the functions of the library, for checkers: `xlcity/functions/__init__.pyi`.

``python -m tools.function_stubs`` writes the file, ``--check`` fails where it is not up to date. A
frame in gives a frame or a Series out, as `xlcity.functions.frames` does when it is run.
"""

from __future__ import annotations

import sys
from pathlib import Path

from xlcity.functions.declare import Accepts, Argument, Function, Kind, Returns
from xlcity.functions.registry import BUILT_IN

TARGET = Path(__file__).resolve().parent.parent / "xlcity/functions/__init__.pyi"
HEAD = '''"""Written by tools/function_stubs.py: types of the functions of the library."""

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
'''
FRAME = "pd.DataFrame"
SERIES = "pd.Series[Any]"
ARRAY = "NDArray[Any]"
#: Shape of a result -> what a frame, and what a Series gives.
LABELLED = {
    Returns.BLOCK: (FRAME, SERIES),
    Returns.ROW: (SERIES, SERIES),
    Returns.COLUMN: (SERIES, SERIES),
}
#: What any other shape gives.
OTHER = (FRAME, f"{FRAME} | {SERIES}")


def argument_type(argument: Argument) -> str:
    """Return the type of a further argument."""
    if argument.kind is not Kind.OPTION:
        return "Cells | Mapping[Any, Any]"
    return "Words" if argument.accepts is Accepts.CHOICE else "Numbers"


def further_parameters(function: Function) -> str:
    """Return the parameters behind the first one."""
    parameters = []
    for argument in function.arguments[1:]:
        kind = argument_type(argument)
        optional = f"{kind} | None = ..." if argument.optional else kind
        parameters.append(f"    {argument.name}: {optional},\n")
    return "".join(parameters)


def stub_of(function: Function) -> str:
    """Return the declarations of a function: one, or one for each kind of values."""
    name = function.name.lower()
    first = function.arguments[0].name
    rest = further_parameters(function)
    if function.returns is Returns.SINGLE:
        return f"def {name}(\n    {first}: Cells,\n{rest}) -> float: ...\n"
    of_frame, of_series = LABELLED.get(function.returns, OTHER)
    kinds = ((FRAME, of_frame), (SERIES, of_series), ("Values", ARRAY))
    return "".join(
        f"@overload\ndef {name}(\n    {first}: {given},\n{rest}) -> {returned}: ...\n"
        for given, returned in kinds
    )


def stubs() -> str:
    """Return the text of the file."""
    functions = sorted(BUILT_IN.values(), key=lambda function: function.name)
    return HEAD + "".join(map(stub_of, functions))


def main() -> int:
    """Write or check the file; return 1 where it is not up to date."""
    if "--check" in sys.argv[1:]:
        return int(TARGET.read_text(encoding="utf-8") != stubs())
    TARGET.write_text(stubs(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
