"""The formula library: pure numpy, one module per step, and the registry.

The cores (`normalise`, `rescale`, `rank`, `aggregate`) take numbers and trust them; `entry` checks
cells and options before it calls one; `registry` says what there is.

In Python every function of the library is an attribute in lower case, and takes arrays, lists,
Series and frames:

>>> from xlcity import functions
>>> functions.minmax_scale([2.0, 4.0, 6.0]).tolist()
[0.0, 50.0, 100.0]
>>> functions.weighted_index([[1.0, 3.0], [2.0, 4.0]], weights=[1, 3]).tolist()
[2.5, 3.5]
"""

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any


def __getattr__(name: str) -> Callable[..., Any]:
    """Return the function of the library that has this name in capitals, as `callable_of` does."""
    # Looked up when asked for: the registry loads every module of the library. A module that is
    # still to be imported is not a function.
    if name.startswith("_") or find_spec(f"{__name__}.{name}") is not None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from xlcity.functions.frames import callable_of
    from xlcity.functions.registry import find_function

    if (function := find_function(name)) is None:
        raise AttributeError(
            f"module {__name__!r} has no function {name!r}; see dir({__name__})"
        )
    return callable_of(function)


def __dir__() -> list[str]:
    """Return the names of this module, and those of the library's functions in lower case."""
    from xlcity.functions.registry import FUNCTIONS

    return [*globals(), *(name.lower() for name in FUNCTIONS)]
