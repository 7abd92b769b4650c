"""Puts the functions into a workbook for xlwings Lite, or takes them out."""

from __future__ import annotations

from pathlib import Path

from xlcity.hosts.excel.embedded import (
    Carried,
    carried_functions,
    with_functions,
    without_functions,
    workbook_language,
)
from xlcity.hosts.excel.lite import lite_text
from xlcity.hosts.state import Availability, HostState
from xlcity.messages import Message, sentences
from xlcity.xlsx.package import Package
from xlcity.xlsx.save import write_output


def embed_in_workbook(book: str, target: Path, *, remove: bool = False) -> HostState:
    """Put the functions into a workbook for xlwings Lite, or take them out; return what it has.

    A main.py that a person has written or changed stays.

    Parameters
    ----------
    book, target
        The workbook, and the file to write; a different file of that name is kept as ``.bak``.
    remove
        Whether to take out what the workbook has of them, also what a program left of them.
    """
    package = Package.read(book)
    carried = carried_functions(package)
    state = Availability.INSTALLED
    detail: str = Message(
        "embed.put_in", file=target, kilobytes=len(lite_text()) // 1000
    )
    if remove:
        state = Availability.ABSENT
        detail = Message(f"removed.{carried.value}", file=target)
        package = without_functions(package)
    elif carried is Carried.CHANGED:
        detail = Message("embed.kept_changed", file=book)
    else:
        package = with_functions(package, workbook_language(package))
    if carried is Carried.DROPPED and not remove:
        detail = sentences(Message("embed.was_dropped"), detail)
    if backup := write_output(target, package):
        detail = sentences(detail, Message("embed.backup", kept=backup.name))
    remedy = "" if remove else Message("embed.next")
    return HostState("lite", state, detail, remedy)
