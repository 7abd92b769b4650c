"""Remarks that several verbs make: files kept, what reading data noted, what was copied."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xlcity.api.documents import conversion_text, place_text
from xlcity.api.texts import language, translated
from xlcity.errors import Problem, counted, doubt_text
from xlcity.grouping import grouped

if TYPE_CHECKING:
    from xlcity.model.reading.notes import Notes
    from xlcity.workbook.migrate.rebuild import Rebuilt

#: Conversions and leftovers listed one by one at a terminal.
_CONVERSIONS, _LEFTOVERS = 20, 40
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
    "settings": ("sheet setting", "sheet settings"),
    "merged": ("merged range", "merged ranges"),
    "links": ("hyperlink", "hyperlinks"),
    "names": ("defined name", "defined names"),
    "exceptions": ("line on sources", "lines on sources"),
    "pages": ("sheet of your own", "sheets of your own"),
}


def kept_notes(backups: Path | list[str] | None) -> list[str]:
    """Return where files that were replaced are kept."""
    if isinstance(backups, list) and backups:
        return [f"The replaced files are kept as {', '.join(backups)}."]
    return [f"The replaced file is kept as {backups}."] if backups else []


def doubt_notes(unverified: Sequence[str], file: object) -> list[str]:
    """Return what no engine is known to compute as Excel does, if anything."""
    return [f"{file}: {doubt_text(unverified)}"] if unverified else []


def synthetic_notes(invented: int) -> list[str]:
    """Return that results follow from invented values, if there are any."""
    count = counted(invented, "value is", "values are")
    sentence = f"Synthetic: {count} invented. This illustrates the method and is not a finding."
    return [sentence] if invented else []


def reading_document(notes: Notes) -> dict[str, Any]:
    """Return what reading data noted, for JSON."""
    return {
        "converted": notes.converted,
        "ignored": [*notes.ignored, *notes.remarks],
        "unused": [{"column": column, "reason": reason} for column, reason in notes.unused],
        "doubtful": notes.doubtful,
    }


def reading_notes(notes: Notes, *, unused: bool = True) -> Iterator[str | Problem]:
    """Yield what reading data noted: doubtful values, conversions and, if asked, unused columns."""
    from xlcity.model.reading.data import BY_NAME

    yield from notes.doubtful
    headings = [conversion for conversion in notes.converted if conversion.note == BY_NAME]
    if headings:
        number = counted(len(headings), "column")
        yield f"{headings[0].where.file}: {number} matched by name; --json lists them."
    # One line for all headings, so that they do not hide converted values and names.
    others = [conversion for conversion in notes.converted if conversion.note != BY_NAME]
    for conversion in others[:_CONVERSIONS]:
        read = f"'{conversion.raw}' read as {conversion.result} ({conversion_text(conversion)})"
        yield f"{place_text(conversion.where)}: {read}"
    if len(others) > _CONVERSIONS:
        unlisted = counted(len(others) - _CONVERSIONS, "more conversion")
        yield f"… and {unlisted}; --json lists all."
    if not unused:
        return
    for reason, columns in grouped((reason, heading) for heading, reason in notes.unused).items():
        yield f"Not used: {', '.join(columns)} ({reason})."
    if notes.remarks:
        yield f"Not used: {'; '.join(notes.remarks)}."


def copied_document(built: Rebuilt, backup: Path | None) -> dict[str, Any]:
    """Return what was copied into a workbook that was built again, for JSON."""
    return {
        "carried": built.carried,
        "lost": built.lost,
        "leftovers": built.leftovers,
        "unverified": list(built.unverified),
        "kept": backup,
    }


def copied_text(built: Rebuilt) -> str:
    """Return how much was copied; "nothing …" where there was nothing to copy."""
    counts = built.carried
    present = {kind: words for kind, words in _WORDS.items() if counts.get(kind)}
    if present and language() == "zh":
        return "，".join(
            f"{translated(several, 'copied')} {counts[kind]}"
            for kind, (_, several) in present.items()
        )
    words = [counted(counts[kind], *words) for kind, words in present.items()]
    return ", ".join(words) or "nothing besides the inputs"


def copied_notes(built: Rebuilt, file: object) -> Iterator[str]:
    """Yield what could not be copied, and what may be computed otherwise than in Excel."""
    lines = built.leftovers
    if lines:
        number = counted(len(lines), "item")
        yield f"{number} could not be placed. The sheet Leftovers lists them:"
    for line in lines[:_LEFTOVERS]:
        yield f"  {line.text(language())}"
    if len(lines) > _LEFTOVERS:
        yield f"  … and {len(lines) - _LEFTOVERS} more; --json lists all."
    yield from doubt_notes(built.unverified, file)
