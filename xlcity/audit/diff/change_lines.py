"""Differences of two workbooks as lines of the change log of the second one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

from xlcity.audit.diff.changes import CellChange
from xlcity.audit.diff.compare import WorkbookDiff
from xlcity.errors import Where, WorkbookError
from xlcity.messages import Message
from xlcity.workbook.migrate.change_log import SHEET, LoggedChange, read_log
from xlcity.workbook.migrate.leftovers import find_list, with_list
from xlcity.workbook.reading.records import is_number
from xlcity.workbook.reading.template import open_template
from xlcity.workbook.tab_titles import titles_of
from xlcity.xlsx.address import quote_sheet
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.save import require_output, write_output

#: More differences of a kind on one sheet, or of an indicator, are one line.
_MANY = 20
#: What follows from other changes.
_FOLLOWS = "result"
#: How many cells a line is of, in the language of the log.
_NUMBER_OF_CELLS = {"en": "{} cells", "zh": "{} 处"}
#: Remarks have a sheet of their own for who, when and why.
_REMARKS = titles_of("Review")


def log_changes(compared: WorkbookDiff, target: Path, who: str, why: str) -> int:
    """Write the second workbook with the differences in its change log; return how many are new.

    Raises
    ------
    WorkbookError
        If it is not a template, or has another sheet of the log's name.
    UsageError
        If the file to write is the first workbook.
    """
    require_output(target, [compared.a])
    template = open_template(compared.b)
    if SHEET in template.book.sheets and find_list(template.book, SHEET) is None:
        message = Message("XC431.no_change_log", sheet=SHEET)
        hint = Message("XC431.no_change_log.hint")
        raise WorkbookError(message, hint, "XC431", Where(compared.b, SHEET))
    logged = read_log(template.book)
    language = template.text("xl_lang")
    stamp = {"edition": template.text("xl_edition"), "date": date.today().isoformat()}
    lines = [
        line._replace(**stamp, who=who, why=why)
        for line in _lines(_grouped(compared.cells), language)
    ]
    new = list(_new(lines, logged))
    package = (
        with_list(template.package, SHEET, new, language) if new else template.package
    )
    if new and len(read_log(read_book(package))) != len(logged) + len(new):
        message = Message("XC431.no_change_log_possible")
        raise WorkbookError(
            message,
            Message("XC431.no_change_log_possible.hint"),
            "XC431",
            file=compared.b,
        )
    write_output(target, package)
    return len(new)


def _grouped(cells: Iterable[CellChange]) -> Iterator[list[CellChange]]:
    """Yield differences that are one line: single ones, and many of a kind together.

    A value that takes the place of another one is always a line of its own.
    """
    groups: dict[tuple[object, ...], list[CellChange]] = {}
    for position, change in enumerate(cells):
        if change.kind == _FOLLOWS or change.sheet in _REMARKS:
            continue
        key: tuple[object, ...] = (change.kind, change.sheet, change.indicator)
        if change.kind == "input" and change.before is not None:
            key = (position,)
        groups.setdefault(key, []).append(change)
    for several in groups.values():
        if len(several) > _MANY:
            yield several
        else:
            yield from ([single] for single in several)


def _lines(groups: Iterable[list[CellChange]], language: str) -> Iterator[LoggedChange]:
    for several in groups:
        first = several[0]
        line = LoggedChange(
            node=first.indicator,
            cell=f"{quote_sheet(first.sheet)}!{first.cell}"
            if first.cell
            else first.sheet,
            what=first.kind,
        )
        if len(several) > 1:
            yield line._replace(after=_NUMBER_OF_CELLS[language].format(len(several)))
        else:
            yield line._replace(
                city=first.unit, before=_entry(first.before), after=_entry(first.after)
            )


def _entry(value: object) -> str | float:
    if is_number(value):
        return float(value)
    if isinstance(value, dict):  # an entry of a list, with what each source says of it
        ranks = ", ".join(f"{source} {rank}" for source, rank in value["ranks"].items())
        return f"{value['item']}: {ranks}"
    return "" if value is None else str(value)


def _new(
    lines: Iterable[LoggedChange], logged: Iterable[LoggedChange]
) -> Iterator[LoggedChange]:
    """Yield lines that are not what the log says last of the same thing."""
    last = {_about(line): (line.before, line.after) for line in logged}
    for line in lines:
        if last.get(_about(line)) != (line.before, line.after):
            yield line


def _about(line: LoggedChange) -> tuple[str, ...]:
    """Return what a line is about."""
    # Cities and names of the sample have no cell: "+ paris", "total: Index!T9". Of a source,
    # a definition or a list there are several things: "period: 2024", "period: 2025".
    text = str(line.after or line.before).lstrip("+− ")
    thing, colon, _ = text.partition(":")
    address = thing if colon else ""
    if not (line.city or line.node):
        address = line.cell or thing
    return line.edition, line.city, line.node, line.what, address
