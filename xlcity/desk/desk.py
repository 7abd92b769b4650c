"""The workbook that is watched, what is known of it, and the windows that are informed."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import io
import os
import threading
import time
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from xlcity.desk.forms import forms, named_paths
from xlcity.desk.places import Places
from xlcity.desk.runs import Runs
from xlcity.desk.texts import in_each_language, page_sentence
from xlcity.desk.undo import History, Kept
from xlcity.errors import Problem, UsageError, WorkbookError, XlcityError, problem_of
from xlcity.recalc.child_process import ChildProcess, LostError
from xlcity.xlsx.limits import read_file
from xlcity.xlsx.package import WORKBOOK_SUFFIXES, is_workbook_name
from xlcity.xlsx.save import write_output
from xlcity.xlsx.text import replace_undecodable


class Worker:
    """Answers commands one after the other; one that takes too long can be ended by `cancel`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: ChildProcess | None = None
        #: What was opened: opened again where the process had to be replaced.
        self._opened: dict[str, Any] | None = None

    def ask(self, name: str, given: Mapping[str, Any]) -> dict[str, Any]:
        """Run a command; see `commands.answer`.

        Raises
        ------
        XlcityError
            What the command reports, or that the computation was cancelled.
        """
        with self._lock:
            tasks = [(name, dict(given))]
            if self._process is None or not self._process.is_running:
                self.close()
                self._process = ChildProcess.for_function(
                    answer_in_process, "the computation"
                )
                if self._opened is not None and name != "open":
                    tasks.insert(0, ("open", self._opened))
            for task in tasks:
                try:
                    document, problems = self._process.ask(task)
                except LostError as error:
                    self.close()
                    raise XlcityError([Problem.of("XC560.ended")]) from error
                XlcityError.raise_for(problems)
            if name == "open":
                self._opened = dict(given)
            return dict(document)

    def cancel(self) -> None:
        """End what is being computed; the next command starts afresh."""
        if self._process is not None:
            self._process.kill()

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.close()


@cache
def _books() -> Any:
    """Return the workbooks of this process."""
    from xlcity.desk.commands import Books

    return Books()


def answer_in_process(
    task: tuple[str, Mapping[str, Any]],
) -> tuple[dict[str, Any], list[Problem]]:
    """Return the document of a command and its problems; it runs in the process of a `Worker`."""
    from xlcity.desk.commands import answer

    try:
        return answer(_books(), *task), []
    except XlcityError as error:
        return {}, [*error.problems]
    except Exception as error:  # shown on the page; the process goes on
        return {}, [problem_of(error, "XC999")]


#: Files larger than this are not read at every save.
LARGEST = 512 * 1024 * 1024
#: Seconds after which two writes have different times, whatever the file system.
_SETTLED = 2
#: Seconds between two readings of a file that looks the same, until then.
_AGAIN = 0.5


class Snapshots:
    """What one file holds, whenever it was saved.

    Parameters
    ----------
    file
        The workbook.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self._last = b""
        #: Size and time of the file, and since when, on a monotonic clock.
        self._stamp: tuple[int, ...] = ()
        self._since = self._read = 0.0
        #: Whether it was read, whole, after it had looked so long enough.
        self._settled = False
        #: Why there is nothing new: "", "absent", "unreadable", "large".
        self.state = "absent"

    def take(self) -> bytes | None:
        """Return the content of the file if it is whole and is not what was taken last."""
        try:
            seen = self.file.stat()
            if seen.st_size > LARGEST:
                self.state = "large"
                return None
            stamp = (seen.st_dev, seen.st_ino, seen.st_size, seen.st_mtime_ns)
            now = time.monotonic()
            if stamp != self._stamp:
                self._stamp = stamp
                self._since = now
                self._settled = False
                self._read = -_AGAIN
            if self._settled or now - self._read < _AGAIN:
                return None  # looked at every moment: not read each time
            self._read = now
            content = read_file(self.file)
        except FileNotFoundError:
            self.state = "absent"
            self._stamp = ()
            return None
        except (OSError, WorkbookError):
            self.state = "unreadable"
            return None
        self._settled = now - self._since > _SETTLED
        # What stays broken is not being saved: reading it says what is wrong.
        self.state = "" if self._settled or _is_whole(content) else "unreadable"
        if self.state:
            return None
        digest = hashlib.sha256(content).digest()
        if digest == self._last:
            return None
        self._last = digest
        return content


def _is_whole(content: bytes) -> bool:
    """Return whether a file is a zip whose parts are all there (an encrypted one is whole too)."""
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        return True  # encrypted, or an old .xls: reading says so
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return archive.testzip() is None
    except Exception:  # whatever a half-written file does to the reader
        return False


#: Seconds between two looks; a file at rest is not read, its size and time are asked for.
_LOOK = 0.1
_TAKEN = (*WORKBOOK_SUFFIXES, ".csv", ".txt", ".tsv", ".toml", ".docx")
#: How maps end, and the section that a map of formulas has.
_MAP = ".map.toml"
_OF_FORMULAS = "[formulas]"


def _is_of_formulas(path: Path) -> bool:
    """Tell whether a map is what was read of formulas; `proof` reads it whole."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    return _OF_FORMULAS in lines


#: Commands that write a file, and the argument that names it.
_WRITTEN = {"mend": "table", "confirm": "table", "map": "target", "undo": "table"}


class _Action(NamedTuple):
    """What is carried out, and copies of the files that it may write."""

    name: str
    given: Mapping[str, Any]
    kept: Kept
    follows: bool


@dataclass
class Desk:
    """What is shown: a folder's workbooks, the one that is open, and what is known of it."""

    folder: Path
    private: Path
    worker: Worker = field(default_factory=Worker)
    #: The last event of each kind, for windows that come later.
    last: dict[str, dict[str, Any]] = field(default_factory=dict)
    clients: set[asyncio.Queue[dict[str, Any] | None]] = field(default_factory=set)
    snapshots: Snapshots | None = None
    #: Set when there is something to look at that no change of the folder tells.
    wanted: asyncio.Event = field(default_factory=asyncio.Event)
    #: The action that is carried out, and what follows it.
    _action: _Action | None = None
    _run: asyncio.Task[None] | None = None
    #: The workbook that the worker computes for, if it does.
    _looking: Snapshots | None = None

    def __post_init__(self) -> None:
        self.handed = self.private / "handed"
        self.handed.mkdir(exist_ok=True)
        self.places = Places(self.folder, self.handed)
        former = self.private / "former"
        former.mkdir(exist_ok=True)
        self.history = History(former, self.folder)
        self.runs = Runs(self.places, self._tell_run)

    def workbooks(self) -> list[str]:
        """Return the names of the folder's workbooks; those of programs at work are left out."""
        return [name for name in self.files() if is_workbook_name(name)]

    def files(self) -> list[str]:
        """Return the names of the folder's files that an action can be given.

        A name with bytes that no text has is left out: the page could not name it; so is a link
        that leads out of the folder.
        """
        names: list[str] = []
        with contextlib.suppress(OSError):  # removed, or not to be read
            names = sorted(
                path.name for path in self.folder.iterdir() if self.places.holds(path)
            )
        names = [name for name in names if name == replace_undecodable(name)]
        return [
            name
            for name in names
            if name.lower().endswith(_TAKEN) and not name.startswith(("~$", "."))
        ]

    def table_maps(self) -> list[str]:
        """Return the names of maps of tables; what was read of formulas is none."""
        names = [name for name in self.files() if name.endswith(_MAP)]
        return [name for name in names if not _is_of_formulas(self.folder / name)]

    @property
    def file(self) -> Path | None:
        """The workbook that is shown."""
        return None if self.snapshots is None else self.snapshots.file

    def show(self, file: Path) -> None:
        """Show a workbook from the next look on."""
        self.snapshots = Snapshots(file)
        # What came of an action on the one before is not shown with this one.
        self.last = {
            k: event
            for k, event in self.last.items()
            if event.get("state") == "running"
        }
        if self._looking is not None:
            self.worker.cancel()  # what is computed for another workbook is of no use
        self.wanted.set()

    def open(self, name: str) -> None:
        """Show another workbook of the folder.

        Raises
        ------
        UsageError
            If the folder has none of that name.
        """
        if name not in self.workbooks():
            raise UsageError.of("XC100.no_workbook_in_folder", name=name)
        self.show(self.folder / name)

    def take_in(self, handed: Path) -> str:
        """Put a file that was handed over into the folder; return its name there.

        Another file of the same name stays: the new one gets a number.
        """
        content = handed.read_bytes()
        number = 1
        target = self.folder / handed.name
        while target.exists() and target.read_bytes() != content:
            number += 1
            target = self.folder / f"{handed.stem}-{number}{handed.suffix}"
        if not target.exists():
            write_output(self.places.require(target.name), content)
        return target.name

    def _in_folder(self, file: str) -> str:
        """Return the name in the folder of a file that may have been handed over."""
        path = Path(file)
        if not path.is_relative_to(self.handed) or not path.is_file():
            return file
        return self.take_in(path)

    def begin(
        self, name: str, given: dict[str, Any], lang: str, *, follows: bool = False
    ) -> None:
        """Begin an action; what follows another one is taken back with it.

        Raises
        ------
        UsageError
            If it is given a file that is neither in the folder nor was handed over.
        """
        for path in named_paths(name, given):
            self.places.require(path)
        if name == "adopt" and not given.get("map"):
            # What is read of formulas is kept beside the workbook.
            given = {**given, "file": self._in_folder(given.get("file", ""))}
        if name in forms() and not self.runs.running:  # any other is refused
            kept = self.history.keep(self.runs.files_of(name, given))
            self._action = _Action(name, given, kept, follows)
        self._run = self.runs.start(name, given, lang)

    def _tell_run(self, event: dict[str, Any]) -> None:
        """Tell how an action goes on; what it has written can be taken back from then on."""
        action = self._action
        if action is not None and event["state"] in ("done", "findings"):
            files = self.runs.files_of(action.name, action.given)
            written = self.history.note(action.kept, files, follows=action.follows)
            names = [os.path.relpath(path, self.folder) for path in written]
            event = {**event, "undo": "".join(names[:1])}
        self.tell("run", event)

    async def ask(self, command: str, given: Mapping[str, Any]) -> dict[str, Any]:
        """Answer a command; what it writes can be taken back.

        Raises
        ------
        XlcityError
            What the command reports.
        """
        named = given.get(_WRITTEN.get(command, ""))
        written = [Path(named)] if named else []
        if command == "undo" and written:
            return self.take_back(written[0])
        kept = self.history.keep(written)
        answered = await asyncio.to_thread(self.worker.ask, command, given)
        self.history.note(kept, written)
        return answered

    def take_back(self, file: Path) -> dict[str, Any]:
        """Take back the last step that wrote a file; windows are told where it was an action.

        Raises
        ------
        UsageError
            If there is none, or one of its files was changed since.
        """
        taken = self.history.take_back(file)
        last = self.last.get("run", {})
        if self.folder / last.get("undo", "") in taken.files:
            nothing = {"undo": "", "files": [], "text": "", "notes": []}
            self.tell("run", {**last, **nothing, "state": "undone"})
        if self.file in taken.files and not self.file.exists():
            self.snapshots = None
            self.last = {"run": self.last["run"]} if last else {}
            self.tell("file", {"state": "", "name": ""})
        return {"left": taken.left, "gone": taken.is_gone}

    def tell(self, kind: str, document: dict[str, Any]) -> None:
        """Send an event to every window."""
        event = {"kind": kind, **document}
        self.last[kind] = event
        for client in self.clients:
            client.put_nowait(event)

    def end(self) -> None:
        """Let no window wait for more."""
        for client in self.clients:
            client.put_nowait(None)

    async def look(self) -> None:
        """Take what the file holds if it was saved, and compute what is shown of it.

        If another workbook is chosen meanwhile, nothing more is said of this one.
        """
        if (shown := self.snapshots) is None:
            return
        content = await asyncio.to_thread(shown.take)
        if shown is not self.snapshots:
            return
        self._tell_state(shown.state)
        if content is None:
            return
        self._looking = shown
        try:
            await self._compute(shown, content)
        finally:
            self._looking = None

    async def _compute(self, shown: Snapshots, content: bytes) -> None:
        opened = {"content": content, "file": str(shown.file)}
        for name, given in (("open", opened), ("check", {})):
            self.tell("busy", {"command": name})
            problems: dict[str, list[str]] = {}
            document: dict[str, Any] = {}
            try:
                document = await asyncio.to_thread(self.worker.ask, name, given)
            except XlcityError as error:
                reported = error.problems
                problems = in_each_language(
                    lambda: [page_sentence(p) for p in reported]  # noqa: B023
                )
            if shown is not self.snapshots:
                return
            if problems:
                self.tell("problems", {"problems": problems})
                break
            self.last.pop("problems", None)
            self.tell("overview" if name == "open" else name, document)
        self.tell("busy", {"command": ""})

    def _tell_state(self, state: str) -> None:
        if self.last.get("file", {}).get("state") != state:
            self.tell(
                "file", {"state": state, "name": self.file.name if self.file else ""}
            )

    async def watch(self) -> None:
        """Look at the file again and again: what programs and network drives report differs."""
        while True:
            await self.look()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.wanted.wait(), _LOOK)
            self.wanted.clear()
