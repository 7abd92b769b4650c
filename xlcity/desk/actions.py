"""What a person can have made: declared once for every face, carried out by the verb of that name.

An action makes files out of files. It runs as a program of its own, so that it can be cancelled at
any moment and its memory is given back; what it writes, refuses or keeps as .bak is the verb's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import chain
from typing import Any

from xlcity.audit.check.seal import SUFFIX
from xlcity.data_files import toml_beside
from xlcity.errors import Problem, UsageError
from xlcity.reports import known_ids
from xlcity.workbook.spec import PAGES

#: In place of another workbook that a command compares with: the save before the last one.
BEFORE = "before"
#: What was given: id of a need -> text, or texts where there may be several.
Given = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Need:
    """Something that an action has to be given.

    Attributes
    ----------
    id
        Its name; its text stands under `need.ID`, its help under `need.ID.help` where it has one.
    kind
        How it is asked for: "book" (a workbook), "table" (a file with a table), "file", "text",
        "number", "choice", "save" (a file to write), "folder" (a folder to write into).
    required
        Whether it may be left out.
    many
        Whether there may be several.
    default
        What stands there first; `{book}` is the name of the workbook that is shown.
    options
        Of a choice: what can be chosen; texts stand under `option.ID`.
    """

    id: str
    kind: str
    required: bool = True
    many: bool = False
    default: str = ""
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Action:
    """Something a person can have made.

    Attributes
    ----------
    id
        Its name; texts stand under `command.ID`.
    call
        The command line; `actions.toml` says how it is read.
    needs
        What it has to be given.
    on_book
        Whether it works on the workbook that is shown (`given["book"]`).
    seconds
        How long it takes with a report of a hundred cities, from and to.
    writes
        The file that it writes where no place is given; `{book}` is the workbook.
    """

    id: str
    call: str
    needs: Sequence[Need] = ()
    on_book: bool = True
    seconds: Sequence[int] = (2, 10)
    writes: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return what a face has to know."""
        needs = [asdict(need) for need in self.needs]
        return {"id": self.id, "needs": needs, "on_book": self.on_book, "seconds": self.seconds}


def _build_need(options: Sequence[str] = (), **entries: Any) -> Need:
    choices = {"{reports}": known_ids(), "{pages}": PAGES}
    each = (choices.get(option, (option,)) for option in options)
    return Need(**entries, options=tuple(chain.from_iterable(each)))


ACTIONS = {
    name: Action(name, **{**entries, "needs": [_build_need(**need) for need in entries["needs"]]})
    for name, entries in toml_beside(__file__, "actions.toml").items()
}
#: A need in a word of a call, and what must have been chosen there.
_NEED = re.compile(r"\{(\w+)(?:=(\w+))?\}")


def _fill_pattern(pattern: str, given: Given) -> list[str]:
    """Return what a word of a call stands for; a value that begins with a dash is not an option."""
    for form in pattern.split("|"):
        if (need := _NEED.search(form)) is None:
            return [form]
        value, wanted = given.get(need[1]), need[2]
        values = value if isinstance(value, (list, tuple)) else [value]
        chosen = [v for v in values if v not in (None, "") and wanted in (None, v)]
        words = [form.replace(need[0], "" if wanted else str(v)) for v in chosen]
        if words:
            is_bare = form.startswith("{")
            return [f"./{w}" if is_bare and w.startswith("-") else w for w in words]
    return []


def command_words(name: str, given: Given) -> list[str]:
    """Return the words of the command line that carry an action out.

    Raises
    ------
    UsageError
        If there is no such action or it is not given what it needs.
    """
    if (action := ACTIONS.get(name)) is None:
        raise UsageError(f"unknown command {name!r}.", f"Known: {', '.join(ACTIONS)}.")
    lacking = [need.id for need in action.needs if need.required and not given.get(need.id)]
    if action.on_book and not given.get("book"):
        lacking.insert(0, "book")
    problems = [Problem("XC100", f"{name} needs: {need_id}.", "Fill it in.") for need_id in lacking]
    for need in action.needs:
        value = given.get(need.id)
        if value and need.kind == "choice" and value not in need.options:
            problems.append(Problem("XC100", f"{value!r} cannot be chosen.", "Choose another."))
    if problems:
        raise UsageError(problems)
    if name == "new" and bool(given.get("report")) == bool(given.get("framework")):
        message = "give either a report or a framework of your own."
        raise UsageError(message, "Choose one of the two.")
    return [word for pattern in action.call.split() for word in _fill_pattern(pattern, given)]


def written_paths(name: str, given: Given) -> Sequence[tuple[str, str]]:
    """Return what an action writes: kind of the need ("save", "folder") and the path given."""
    action = ACTIONS[name]
    outputs = [
        (need.kind, str(given[need.id]))
        for need in action.needs
        if need.kind in ("save", "folder") and given.get(need.id)
    ]
    if not outputs and action.writes:
        return [("save", action.writes.format(book=given["book"], seal=SUFFIX))]
    return outputs
