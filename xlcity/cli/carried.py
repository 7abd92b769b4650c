"""What was copied from one workbook into another, and what was not, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xlcity.cli.output import talk
from xlcity.errors import counted
from xlcity.workbook.carry.leftovers import Leftover

#: Kind -> one of it, several of it.
_WORDS = {
    "cells": ("typed cell", "typed cells"),
    "formulas": ("formula", "formulas"),
    "comments": ("comment", "comments"),
    "fills": ("coloured cell", "coloured cells"),
    "formats": ("formatted cell", "formatted cells"),
    "conditional_formats": ("conditional format", "conditional formats"),
    "validations": ("validation", "validations"),
    "lines": ("row or column (hidden, size)", "rows or columns (hidden, size)"),
    "merged": ("merged range", "merged ranges"),
    "links": ("hyperlink", "hyperlinks"),
    "names": ("defined name", "defined names"),
    "exceptions": ("line on sources", "lines on sources"),
    "pages": ("sheet of your own", "sheets of your own"),
}
#: Leftovers shown one by one at a terminal.
_SHOWN = 40


def told(carried: Mapping[str, int]) -> str:
    """Return what was copied, "nothing" where there was nothing to copy."""
    said = [counted(carried[kind], *words) for kind, words in _WORDS.items() if carried.get(kind)]
    return ", ".join(said) or "nothing beside the inputs"


def tell_leftovers(lines: Sequence[Leftover], what: str = "on the sheet Leftovers") -> None:
    """List at the terminal what has no place."""
    if not lines:
        return
    talk(f"No place for {counted(len(lines), 'thing')}, listed {what}:")
    for line in lines[:_SHOWN]:
        talk(f"  {line}")
    if len(lines) > _SHOWN:
        talk(f"  … and {len(lines) - _SHOWN} more; --json lists all.")
