"""Methods that a framework names row by row: `goalposts:0:100` in the column `normalise`."""

from __future__ import annotations

from dataclasses import dataclass, field

from xlcity.errors import Where


@dataclass(frozen=True, slots=True)
class MethodWord:
    """The method that a row names for its node.

    Attributes
    ----------
    option
        One of `OPTIONS`.
    code
        The node.
    text
        As written.
    where
        The row.
    """

    option: str
    code: str
    text: str
    where: Where = field(default_factory=Where)
