"""City indices computed and audited inside spreadsheets."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xlcity.functions.own import function as function

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    # Loaded when asked for: the command line must start without numpy.
    if name == "function":
        from xlcity.functions.own import function

        return function
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
