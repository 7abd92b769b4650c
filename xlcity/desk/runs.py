"""Carries out an action in a program of its own, tells how it goes on, and finds what it wrote."""

from __future__ import annotations

import asyncio
import contextlib
import glob
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from xlcity.api.texts import STEP_FILE
from xlcity.desk.forms import command_words, written_paths
from xlcity.desk.places import Places
from xlcity.errors import UsageError
from xlcity.recalc.child_process import bind_to_stdin, kill_group
from xlcity.xlsx.atomic import remove_leftovers

#: Seconds between two signs of progress.
_BEAT = 1.0
#: Most characters of what a verb prints that are shown.
_SHOWN = 60_000
#: Files that an action wrote and that are offered.
_OFFERED = 400

#: What the command line puts before a message.
_SAID = re.compile(r"^xlcity [a-z ]+: ")

Tell = Callable[[dict[str, Any]], None]


class Runs:
    """The action that is carried out, and the files that actions have written.

    Parameters
    ----------
    places
        The folder where paths begin and the program is started, and the private one of files that
        were handed over: messages show their names alone.
    tell
        Is given the state: action, state ("running", "done", "findings", "failed", "cancelled"),
        seconds; while it runs the step that it is at, then text, notes, files.
    """

    def __init__(self, places: Places, tell: Tell) -> None:
        self.places = places
        self.folder = places.folder
        self.handed = places.handed
        self.tell = tell
        self.made: list[Path] = []
        self._process: subprocess.Popen[str] | None = None
        self._step_file = places.handed.with_name("step")
        self._cancelled = False

    @property
    def running(self) -> bool:
        """Whether an action is being carried out."""
        return self._process is not None

    def start(
        self, name: str, given: Mapping[str, Any], lang: str
    ) -> asyncio.Task[None]:
        """Begin an action.

        Raises
        ------
        UsageError
            If it is not given what it needs, or another one is under way.
        """
        if self.running:
            raise UsageError.of("XC100.busy")
        words = command_words(name, given)
        environment = {**os.environ, "XLCITY_LANG": lang}
        environment[STEP_FILE] = str(self._step_file)
        self._step_file.unlink(missing_ok=True)
        self._cancelled = False
        # -P: the folder of the user's files is not searched for Python modules. An embeddable
        # Python takes no PYTHONUTF8.
        command = [sys.executable, "-P", "-X", "utf8", "-m", "xlcity", *words]
        stdin, self._write_end = os.pipe()
        try:
            before = self._stamps(name, given)
            self._process = subprocess.Popen(
                bind_to_stdin(command),
                cwd=self.folder,
                env=environment,
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                encoding="utf-8",
                errors="replace",
                start_new_session=os.name != "nt",
            )
        except (OSError, ValueError) as error:
            os.close(self._write_end)
            raise UsageError.of("XC100.not_started", error=error) from error
        finally:
            os.close(stdin)
        return asyncio.create_task(
            self._follow(self._process, name, dict(given), before)
        )

    def cancel(self) -> None:
        """End the action and all that it has started; a file is written whole or not at all."""
        if (process := self._process) is None:
            return
        self._cancelled = True
        with contextlib.suppress(OSError):
            kill_group(process)

    async def _follow(
        self,
        process: subprocess.Popen[str],
        name: str,
        given: Mapping[str, Any],
        before: Mapping[Path, int],
    ) -> None:
        clock = time.monotonic()
        waiting = asyncio.create_task(asyncio.to_thread(process.communicate))
        try:
            while not waiting.done():
                passed = round(time.monotonic() - clock)
                going_on = {"action": name, "state": "running", "seconds": passed}
                self.tell({**going_on, "step": self._step()})
                await asyncio.wait([waiting], timeout=_BEAT)
            text, notes = await waiting
        finally:
            self._process = None
            os.close(self._write_end)
        if self._cancelled:
            self._tidy(name, given)
        code = process.returncode
        state = (
            "cancelled"
            if self._cancelled
            else {0: "done", 1: "findings"}.get(code, "failed")
        )
        files = (
            []
            if code not in (0, 1)
            else self._offered(before, self._stamps(name, given))
        )
        lines = [_SAID.sub("", line) for line in self._shown(notes).splitlines()]
        ended = {
            "action": name,
            "state": state,
            "seconds": round(time.monotonic() - clock, 1),
        }
        shown = self._shown(text)
        self.tell({**ended, "text": shown, "notes": lines, "files": files})

    def _tidy(self, name: str, given: Mapping[str, Any]) -> None:
        """Remove what the action was writing when it was ended."""
        for where in written_paths(name, given) or [str(given.get("book", ""))]:
            path = self.folder / where
            existing = next(
                folder for folder in (path, *path.parents) if folder.is_dir()
            )
            below = existing.rglob("*/") if existing == path else ()
            for folder in (existing, *below):
                remove_leftovers(folder)

    def _step(self) -> str:
        """Return what the action says it is at, or "" before it has said anything."""
        with contextlib.suppress(OSError):
            return self._step_file.read_text(encoding="utf-8", errors="replace")
        return ""

    def _shown(self, text: str) -> str:
        """Return a text with the names alone of files that were handed over."""
        for folder in self.handed.iterdir():
            text = text.replace(f"{folder}{os.sep}", "")
        return text[:_SHOWN]

    def _offered(
        self, before: Mapping[Path, int], after: Mapping[Path, int]
    ) -> list[Any]:
        """Return the files that an action has written, each with the number it is asked for by.

        Files that would be the same are not written again; if all are, they are what it offers.
        """
        written = [path for path, stamp in after.items() if before.get(path) != stamp]
        new = (written or [*after])[:_OFFERED]
        self.made += [path for path in new if path not in self.made]
        named = ((path, os.path.relpath(path, self.folder)) for path in new)
        return [
            {
                "number": self.made.index(path),
                "name": name,
                "here": path.parent == self.folder,
            }
            for path, name in named
        ]

    def _stamps(self, name: str, given: Mapping[str, Any]) -> dict[Path, int]:
        """Return when each file was written that an action may write."""
        files = self.files_of(name, given)
        return {path: path.stat().st_mtime_ns for path in files}

    def files_of(self, name: str, given: Mapping[str, Any]) -> list[Path]:
        """Return the files that are there of those that an action may write.

        Where no place was named, these are the workbook and what is named after it. What was
        kept of older ones is none.
        """
        paths: list[Path] = []
        for where in written_paths(name, given):
            path = self.folder / where
            # `Path.is_dir` fails for names that no file can have.
            is_folder = os.path.isdir(path)  # noqa: PTH112
            paths += sorted(path.rglob("*")) if is_folder else [path]
        if not paths:
            book = glob.escape(str(given.get("book", "")))
            paths = [*self.folder.glob(f"{book}*")]
        paths = [path for path in paths if ".bak" not in path.suffix]
        files = filter(os.path.isfile, paths)
        return [path for path in files if self.places.holds(path)]
