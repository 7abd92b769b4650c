"""What a press of a button hands over: the workbook, the selected cell, a second file.

It runs in the Python that answers Excel's functions, with Excel waiting: so it asks Excel for what
only Excel has, hands the rest to the helper, and returns.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import uuid
from pathlib import Path
from typing import Any

import xlwings

from xlcity.desk.commands import COMMANDS
from xlcity.errors import UsageError
from xlcity.extension.excel.ribbon import FORM
from xlcity.extension.excel.task_sheet import (
    SOURCE,
    apply,
    is_task_book,
    jump,
    take_back,
    task_cell,
)
from xlcity.extension.texts import words

_TABLES = "Excel (*.xlsx;*.xlsm),*.xlsx;*.xlsm"


def press(name: str, language: str) -> None:
    """Do what a button says; what goes wrong is shown as a message."""
    book = xlwings.Book.caller()
    try:
        if name == "jump":
            jump(book, language)
            return
        if name in ("apply", "undo"):
            outcome = apply(book, language) if name == "apply" else take_back(book, language)
            book.app.status_bar = f"xlcity: {outcome}"
            return
        if name == "cancel":
            HELPER.cancel()
            book.app.status_bar = f"xlcity: {words('fault.cancelled', language)}"
            return
        if (question := _build_question(book, name, language)) is not None:
            busy = words(f"busy.{question['ask']}", language)
            book.app.status_bar = f"xlcity: {busy}"
            HELPER.ask(question)
    except UsageError as error:
        text = "\n".join(f"{problem.message} {problem.hint}" for problem in error.problems)
        book.app.alert(text, "xlcity")


def _build_question(book: Any, name: str, language: str) -> dict[str, Any] | None:
    """Return what the helper has to know; None if the person thought better of it."""
    app, cell = book.app, ""
    if is_task_book(book):
        cell = task_cell(book)
        book = app.books[book.sheets[0].range(SOURCE).value]
    elif "cell" in _needs_of(name):
        selected = app.selection
        address = selected.get_address(row_absolute=False, column_absolute=False)
        cell = f"{selected.sheet.name}!{address.partition(':')[0]}"
    question: dict[str, Any] = {
        "ask": "page" if name.startswith(FORM) else name,
        "language": language,
        "pid": app.pid,
        "book": book.name,
        "cell": cell,
    }
    if "second" in _needs_of(name):
        second = app.api.GetOpenFilename(_TABLES)
        if not second:
            return None
        question["second"] = second
    file = Path(book.fullname)
    question["screen"] = {"file": str(file)}
    if question["ask"] == "page":
        if not file.is_file():
            raise UsageError(words("unsaved", language))
        question["form"] = name.removeprefix(FORM) if name.startswith(FORM) else ""
    elif not file.is_file() or not book.api.Saved:
        copy = Path(tempfile.gettempdir()) / f"xlcity-{uuid.uuid4().hex}.xlsx"
        book.api.SaveCopyAs(str(copy))
        question["screen"] = {"file": str(file), "copy": str(copy)}
    return question


def _needs_of(name: str) -> tuple[str, ...]:
    return COMMANDS[name].needs if name in COMMANDS else ()


class ButtonHelper:
    """The process that computes: started when it is needed, and again if it has ended."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        #: Copies that were handed over; the helper deletes each when it has answered.
        self._copies: list[Path] = []

    def ask(self, question: dict[str, Any]) -> None:
        """Hand a question over, without waiting for the answer."""
        line = json.dumps(question).encode("ascii") + b"\n"
        copy = question["screen"].get("copy")
        self._copies = [path for path in self._copies if path.exists()]
        self._copies += [Path(copy)] if copy else []
        try:
            self._send(line)
        except OSError:
            self._process = None
            self._send(line)

    def cancel(self) -> None:
        """End what is being computed, and the helper with it."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
        for copy in self._copies:
            copy.unlink(missing_ok=True)

    def _send(self, line: bytes) -> None:
        if self._process is None or self._process.poll() is not None:
            command = [sys.executable, "-P", "-m", "xlcity.extension.excel.helper"]
            hidden = getattr(subprocess, "CREATE_NO_WINDOW", 0)
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                creationflags=hidden,
            )
        assert self._process.stdin is not None
        self._process.stdin.write(line)
        self._process.stdin.flush()


HELPER = ButtonHelper()
