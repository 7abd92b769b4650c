"""Remarks that several verbs make: files kept, what reading data noted, what was copied."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xlcity.api.documents import place_text
from xlcity.api.texts import language, say, told
from xlcity.cli.result import Result
from xlcity.errors import Problem, doubt_text
from xlcity.grouping import grouped
from xlcity.messages import Message

if TYPE_CHECKING:
    from xlcity.api.remake import WrittenWorkbook
    from xlcity.model.reading.values import Conversion, Notes
    from xlcity.workbook.migrate.rebuild import Rebuilt

#: Conversions and leftovers listed one by one at a terminal.
_CONVERSIONS = 20
_LEFTOVERS = 40


def kept_notes(backups: Path | Sequence[str] | None) -> list[str]:
    """Return where files that were replaced are kept."""
    if isinstance(backups, (list, tuple)):
        return [say("kept.several", files=[*backups])] if backups else []
    return [say("kept", file=backups)] if backups else []


def save_page(file: str, page: str) -> list[str]:
    """Write a page for a browser; return where an older file of that name is kept."""
    from xlcity.xlsx.save import write_output

    return kept_notes(write_output(Path(file), page.encode(errors="replace")))


def doubt_notes(unverified: Sequence[str], file: object) -> list[str]:
    """Return what no engine is known to compute as Excel does, if anything."""
    if not unverified:
        return []
    return [say("about", name=file, text=told(doubt_text(unverified)))]


def synthetic_notes(invented: int) -> list[str]:
    """Return that results follow from invented values, if there are any."""
    return [say("synthetic", invented=invented)] if invented else []


def consistency_notes(ratios: dict[str, float]) -> Iterator[str]:
    """Yield whether pairwise judgements agree, by node."""
    from xlcity.index.steps import MOST_INCONSISTENT

    for code, ratio in ratios.items():
        key = "agree" if ratio <= MOST_INCONSISTENT else "differ"
        yield say(f"judgements.{key}", code=code, ratio=ratio)


def reading_document(notes: Notes) -> dict[str, Any]:
    """Return what reading data noted, for JSON."""
    return {
        "converted": notes.converted,
        "ignored": [
            *notes.ignored,
            *(f"{row.cell}: {row.text}" for row in notes.left_out),
        ],
        "unused": [
            {"column": column, "reason": reason} for column, reason in notes.unused
        ],
        "doubtful": notes.doubtful,
    }


def reading_notes(notes: Notes, *, unused: bool = True) -> Iterator[str | Problem]:
    """Yield what reading data noted: doubtful values, conversions and, if asked, unused columns."""
    from xlcity.model.reading.data import MATCHED_BY_NAME

    yield from notes.doubtful
    headings = [made for made in notes.converted if made.note == MATCHED_BY_NAME]
    if headings:
        file = headings[0].where.file
        yield say("converted.by_name", file=file, columns=len(headings))
    # One line for all headings, so that they do not hide converted values and names.
    others = [made for made in notes.converted if made.note != MATCHED_BY_NAME]
    yield from _conversion_notes(others)
    if unused:
        yield from _unused_notes(notes)


def _conversion_notes(others: Sequence[Conversion]) -> Iterator[str]:
    """Yield a line on each of the first conversions, and how many more there are."""
    for conversion in others[:_CONVERSIONS]:
        yield say(
            "converted",
            place=place_text(conversion.where),
            raw=conversion.raw,
            value=told(conversion.result),
            why=told(conversion.note),
        )
    if len(others) > _CONVERSIONS:
        yield say("converted.more", number=len(others) - _CONVERSIONS)


def _unused_notes(notes: Notes) -> Iterator[str]:
    """Yield what was not used of data: columns by the reason, and rows."""
    by_reason = grouped((reason, heading) for heading, reason in notes.unused)
    for reason, columns in by_reason.items():
        yield Message("note.columns_not_used", columns=columns, reason=reason)
    for row in notes.left_out:
        yield Message("note.not_used", row=row.message)


def copied_counts(built: Rebuilt) -> list[str] | str:
    """Return how many of each kind were copied; "nothing …" where there was nothing to copy."""
    counts = built.carried.items()
    words = [say(f"copied.{kind}", number=number) for kind, number in counts if number]
    return words or say("copied.nothing")


def copied_notes(built: Rebuilt, file: object) -> Iterator[str]:
    """Yield what could not be copied, and what may be computed otherwise than in Excel."""
    lines = built.leftovers
    if lines:
        yield say("leftovers", number=len(lines))
    yield from (f"  {line.text(language())}" for line in lines[:_LEFTOVERS])
    if len(lines) > _LEFTOVERS:
        yield say("leftovers.more", number=len(lines) - _LEFTOVERS)
    yield from doubt_notes(built.unverified, file)


def remade(
    key: str,
    workbook: WrittenWorkbook,
    document: dict[str, Any],
    lines: Sequence[str] = (),
    notes: Sequence[str | Problem] = (),
    code: int = 0,
    **values: object,
) -> Result:
    """Return the result of a verb that has made a workbook from another one.

    Parameters
    ----------
    key
        The text of what was made; `document`, `values` and `copied` are put into it.
    lines, notes
        What comes before it, and remarks beside those on files and on what was copied.
    code
        Exit code where nothing was lost.
    """
    built = workbook.built
    read = getattr(workbook, "notes", None)
    if read is not None:
        document |= reading_document(read)
        notes = [*notes, *reading_notes(read)]
    before = getattr(workbook, "before", None)
    if before is not None and before.source is not None:
        notes = [*notes, *before.source.exchanged_goalposts]
    values = {
        "number": len(built.sheets),
        "copied": copied_counts(built),
        **document,
        **values,
    }
    text = say(key, path=workbook.path, **values)
    document = {
        "path": workbook.path,
        **document,
        "sheets": built.sheets,
        "carried": built.carried,
        "lost": built.lost,
        "leftovers": built.leftovers,
        "unverified": built.unverified,
        "kept": workbook.kept,
    }
    remarks = [*kept_notes(workbook.kept), *notes, *copied_notes(built, workbook.path)]
    return Result(
        document, [*lines, text], notes=remarks, code=1 if built.lost else code
    )
