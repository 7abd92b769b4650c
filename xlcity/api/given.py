"""Arguments of Python as they are given: one or several, of the right type, or refused by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain
from numbers import Integral
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xlcity.errors import UsageError
from xlcity.messages import Message

if TYPE_CHECKING:
    import pandas as pd

    from xlcity.model.dataset import Dataset
    from xlcity.model.framework import Framework
    from xlcity.reports.report import Report

    #: A framework as it is given.
    FrameworkSource = Report | Framework | str | Path | pd.DataFrame


def as_several(argument: str, given: Any) -> tuple[str, ...]:
    """Return the texts of an argument that may be one text or several.

    Raises
    ------
    UsageError
        If it is something else; the message names the argument.
    """
    return as_paths(argument, given, Message("given.texts"), (str,))


#: Types of a file's name.
_NAMES = (str, Path)


def as_paths(
    argument: str, given: Any, expected: str, kinds: tuple[type, ...] = _NAMES
) -> tuple[Any, ...]:
    """Return the values of an argument that may be one or several, of some types.

    `expected` says in words which they are.
    """
    if isinstance(given, kinds):
        return (given,)
    if not isinstance(given, Iterable) or isinstance(given, Mapping):
        raise wrong_type(argument, given, expected)
    several = tuple(given)
    for each in several:
        if not isinstance(each, kinds):
            raise wrong_type(argument, each, expected)
    return several


def wrong_type(argument: str, given: Any, expected: str) -> UsageError:
    """Return the error that an argument has a type that it cannot have."""
    kind = type(given).__name__
    return UsageError.of(
        "XC100.wrong_type", argument=argument, kind=kind, expected=expected
    )


def language_of(framework: Framework, dataset: Dataset) -> str:
    """Return the language of an index: "zh" where a node or city has a Chinese name, else "en"."""
    from xlcity.model.reading.units import is_chinese

    names = chain(
        (node.name_zh for node in framework.nodes),
        (unit.name_zh for unit in dataset.units),
    )
    return "zh" if any(map(is_chinese, names)) else "en"


def require_whole(argument: str, given: Any) -> None:
    """Refuse an argument that is not a whole number."""
    if isinstance(given, bool) or not isinstance(given, Integral):
        raise wrong_type(argument, given, Message("given.whole"))


def is_frame(given: Any) -> bool:
    """Tell whether a value is a frame of pandas, or a Series."""
    return hasattr(given, "index") and hasattr(given, "iloc")


def require_type(
    argument: str, given: Any, kinds: tuple[type, ...], expected: str
) -> None:
    """Refuse an argument that is neither of some types, nor a frame, nor left out (None)."""
    if given is None or is_frame(given) or isinstance(given, kinds):
        return
    raise wrong_type(argument, given, expected)


def framework_of(source: FrameworkSource) -> Framework:
    """Return a framework, that of a report, or the one in a file or frame."""
    from xlcity.model.framework import Framework
    from xlcity.reports.report import Report

    if isinstance(source, Framework):
        return source
    if isinstance(source, Report):
        return source.framework
    if isinstance(source, (str, Path)):
        return Framework.read(source)
    if is_frame(source):
        return Framework.from_frame(source)
    raise wrong_type("framework", source, Message("given.framework"))
