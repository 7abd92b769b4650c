"""The workbook that is watched, what is known of it, and the windows that are told."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import watchfiles

from xlcity.api.documents import sentence
from xlcity.desk.watch import Snapshots
from xlcity.desk.worker import Worker
from xlcity.errors import UsageError, XlcityError

#: Milliseconds between looks at a file whose changes are not reported (network drives).
_LOOK = 700
_ENDINGS = (".xlsx", ".xlsm")


@dataclass
class Desk:
    """What is shown: a folder's workbooks, the one that is open, and what is known of it."""

    folder: Path
    private: Path
    worker: Worker = field(default_factory=Worker)
    #: The last event of each kind, for windows that come later.
    last: dict[str, dict[str, Any]] = field(default_factory=dict)
    clients: set[asyncio.Queue[dict[str, Any]]] = field(default_factory=set)
    snapshots: Snapshots | None = None

    def workbooks(self) -> list[str]:
        """Return the names of the folder's workbooks; those of programs at work are left out."""
        return sorted(
            path.name
            for path in self.folder.iterdir()
            if path.suffix.lower() in _ENDINGS and not path.name.startswith(("~$", "."))
        )

    @property
    def file(self) -> Path | None:
        """The workbook that is shown."""
        return None if self.snapshots is None else self.snapshots.file

    def show(self, file: Path) -> None:
        """Show a workbook from the next look on."""
        self.snapshots = Snapshots(file, self.private)
        self.last.clear()

    def open(self, name: str) -> None:
        """Show another workbook of the folder.

        Raises
        ------
        UsageError
            If the folder has none of that name.
        """
        if name not in self.workbooks():
            raise UsageError(f"no workbook {name!r} in the folder.", "Choose one of the list.")
        self.show(self.folder / name)

    def tell(self, kind: str, document: dict[str, Any]) -> None:
        """Send an event to every window."""
        event = {"kind": kind, **document}
        self.last[kind] = event
        for client in self.clients:
            client.put_nowait(event)

    async def look(self) -> None:
        """Take a new copy if the file was saved, and compute what is shown of it."""
        snapshots = self.snapshots
        if snapshots is None:
            return
        copy = await asyncio.to_thread(snapshots.take)
        self._tell_state(snapshots.state)
        if copy is None:
            return
        for name, given in (
            ("open", {"copy": str(copy), "file": str(snapshots.file)}),
            ("check", {}),
        ):
            self.tell("busy", {"command": name})
            try:
                document = await asyncio.to_thread(self.worker.ask, name, given)
            except XlcityError as error:
                self.tell("problems", {"problems": [sentence(p) for p in error.problems]})
                break
            self.last.pop("problems", None)
            self.tell("overview" if name == "open" else name, document)
        self.tell("busy", {"command": ""})

    def _tell_state(self, state: str) -> None:
        if self.last.get("file", {}).get("state") != state:
            self.tell("file", {"state": state, "name": self.file.name if self.file else ""})

    async def watch(self) -> None:
        """Look at the file whenever its folder changes."""
        await self.look()
        changes = watchfiles.awatch(
            self.folder, recursive=False, debounce=200, step=50,
            rust_timeout=_LOOK, yield_on_timeout=True,
        )  # fmt: skip
        async for _ in changes:
            await self.look()
