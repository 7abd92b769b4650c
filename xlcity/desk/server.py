"""Serves the companion page on this machine alone, and watches the file that it shows."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import signal
import socket
import sys
import tempfile
import webbrowser
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

import uvicorn
import watchfiles
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from xlcity.cli.result import sentence
from xlcity.desk.guard import Guard
from xlcity.desk.texts import page_texts
from xlcity.desk.watch import Snapshots
from xlcity.desk.worker import Worker
from xlcity.errors import Problem, UsageError, Where, XlcityError

#: Milliseconds between looks at a file whose changes are not reported (network drives).
_LOOK = 700
#: Seconds without a window after which the server ends, if it opened the window itself.
_ALONE = 20
#: Seconds between signs of life on an open stream.
_BEAT = 15
#: Largest file that may be handed over on the page.
_LARGEST = 128 * 1024 * 1024
_TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css",
          ".svg": "image/svg+xml"}  # fmt: skip
_ENDINGS = (".xlsx", ".xlsm")


@dataclass
class Desk:
    """What is shown: a folder's workbooks, the one that is open, and what is known of it."""

    folder: Path
    private: Path
    file: Path | None = None
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

    def open(self, name: str) -> None:
        """Show another workbook of the folder.

        Raises
        ------
        UsageError
            If the folder has none of that name.
        """
        if name not in self.workbooks():
            raise UsageError(f"no workbook {name!r} in the folder.", "Choose one of the list.")
        self.file = self.folder / name
        self.snapshots = Snapshots(self.file, self.private)
        self.last.clear()

    def tell(self, kind: str, document: dict[str, Any]) -> None:
        """Send an event to every window."""
        event = {"kind": kind, **document}
        self.last[kind] = event
        for client in self.clients:
            client.put_nowait(event)

    async def look(self) -> None:
        """Take a new copy if the file was saved, and compute what is shown of it."""
        snapshots, file = self.snapshots, self.file
        if snapshots is None or file is None:
            return
        copy = await asyncio.to_thread(snapshots.take)
        self._tell_state(snapshots.state)
        if copy is None:
            return
        for name, given in (("open", {"copy": str(copy), "file": str(file)}), ("check", {})):
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


def serve(place: Path, *, port: int = 0, browser: bool = True, told: Callable[[str], None]) -> None:
    """Serve the page until it is ended.

    Parameters
    ----------
    place
        A workbook, or a folder of workbooks.
    port
        The port on 127.0.0.1; 0 takes a free one.
    browser
        Open the page in the browser; the server then ends some seconds after its last window.
    told
        Is given the address.

    Raises
    ------
    UsageError
        If there is no such place or the port is taken.
    """
    if not place.exists():
        where = Where(file=str(place))
        raise UsageError(Problem("XC100", "there is no such file or folder.", "Name one.", where))
    place = place.resolve()
    try:
        listening = socket.create_server(("127.0.0.1", port))
    except (OSError, OverflowError) as error:
        hint = "Leave --port out, or name another."
        raise UsageError(f"port {port} cannot be used: {error}.", hint) from error
    with tempfile.TemporaryDirectory(prefix="xlcity-desk-") as private, listening:
        desk = Desk(place if place.is_dir() else place.parent, Path(private))
        if place.is_file():
            desk.file = place
            desk.snapshots = Snapshots(place, desk.private)
        port = listening.getsockname()[1]
        token = secrets.token_urlsafe(24)
        url = f"http://127.0.0.1:{port}/?token={token}"
        told(url)
        if browser:
            webbrowser.open(url)
        # The page ends by a signal: what was private goes with it.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        try:
            with contextlib.suppress(KeyboardInterrupt):
                asyncio.run(_serve(desk, listening, token, leave=browser))
        finally:
            desk.worker.close()


async def _serve(desk: Desk, listening: socket.socket, token: str, *, leave: bool) -> None:
    app = Guard(application(desk), listening.getsockname()[1], token)
    config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1, lifespan="off")
    server = uvicorn.Server(config)
    tasks = [asyncio.create_task(desk.watch())]
    if leave:
        tasks.append(asyncio.create_task(_leave(desk, server)))
    try:
        await server.serve(sockets=[listening])
    finally:
        desk.worker.cancel()
        for task in tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


async def _leave(desk: Desk, server: uvicorn.Server) -> None:
    """End the server when its last window has been closed for a while."""
    seen, alone = False, 0
    while alone < _ALONE:
        await asyncio.sleep(1)
        seen = seen or bool(desk.clients)
        alone = alone + 1 if seen and not desk.clients else 0
    server.should_exit = True


def application(desk: Desk) -> Starlette:
    """Return what answers the page's requests."""

    async def page(request: Request) -> Response:
        name = request.path_params.get("name") or "index.html"
        source = files("xlcity.desk").joinpath("page", name)
        kind = _TYPES.get(Path(name).suffix)
        if kind is None or not source.is_file():
            return JSONResponse({}, status_code=404)
        return Response(source.read_bytes(), media_type=kind)

    async def texts(request: Request) -> Response:
        return JSONResponse(page_texts(request.query_params.get("lang", "en")))

    async def events(_: Request) -> Response:
        return StreamingResponse(_events(desk), media_type="text/event-stream")

    async def workbooks(_: Request) -> Response:
        chosen = desk.file.name if desk.file else ""
        return JSONResponse({"files": desk.workbooks(), "open": chosen})

    async def show(request: Request) -> Response:
        desk.open((await request.json())["name"])
        await desk.look()
        return JSONResponse({})

    async def ask(request: Request) -> Response:
        asked = await request.json()
        given = {str(key): str(value) for key, value in asked.get("given", {}).items()}
        if "second" in given:  # a file that this page handed over, by its number
            given["second"] = str(desk.private / f"second{int(given['second'])}.xlsx")
        command = str(asked.get("command", ""))
        if command == "open":
            raise UsageError("'open' is not a command of the page.", "Choose a workbook.")
        return JSONResponse(await asyncio.to_thread(desk.worker.ask, command, given))

    async def cancel(_: Request) -> Response:
        desk.worker.cancel()
        return JSONResponse({})

    async def hand_over(request: Request) -> Response:
        content = bytearray()
        async for part in request.stream():
            content += part
            if len(content) > _LARGEST:
                raise UsageError("the file is larger than 128 MB.", "Use xlcity diff.")
        number = len([*desk.private.glob("second*.xlsx")])
        (desk.private / f"second{number}.xlsx").write_bytes(content)
        return JSONResponse({"second": number})

    def refused(_: Request, error: Exception) -> Response:
        assert isinstance(error, XlcityError)
        problems = [{"code": p.code, "text": sentence(p)} for p in error.problems]
        return JSONResponse({"problems": problems}, status_code=422)

    return Starlette(
        routes=[
            Route("/", page),
            Route("/texts", texts),
            Route("/events", events),
            Route("/workbooks", workbooks),
            Route("/open", show, methods=["POST"]),
            Route("/ask", ask, methods=["POST"]),
            Route("/cancel", cancel, methods=["POST"]),
            Route("/second", hand_over, methods=["POST"]),
            Route("/{name}", page),
        ],
        exception_handlers={XlcityError: refused},
    )


async def _events(desk: Desk) -> AsyncIterator[str]:
    """Yield what is known, then every event as it comes."""
    queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    for event in desk.last.values():
        queue.put_nowait(event)
    desk.clients.add(queue)
    try:
        while True:
            try:
                event = await asyncio.wait_for(queue.get(), _BEAT)
            except TimeoutError:
                yield ": still here\n\n"
                continue
            yield f"data: {json.dumps(event, ensure_ascii=False)}\n\n"
    finally:
        desk.clients.discard(queue)
