"""Serves the companion page on this machine alone, and watches the file that it shows."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import signal
import socket
import sys
import tempfile
import webbrowser
from collections.abc import Callable
from pathlib import Path

import uvicorn

from xlcity.desk.desk import Desk
from xlcity.desk.guard import Guard
from xlcity.desk.routes import build_application
from xlcity.errors import UsageError

#: Seconds without a window after which the server ends, if it opened the window itself.
_ALONE = 20


def serve(
    path: Path,
    *,
    port: int = 0,
    browser: bool = True,
    form: str = "",
    announce: Callable[[str], None],
) -> None:
    """Serve the page until it is ended.

    Parameters
    ----------
    path
        A workbook, or a folder of workbooks.
    port
        The port on 127.0.0.1; 0 takes a free one.
    browser
        Open the page in the browser; the server then ends some seconds after its last window.
    form
        An action whose form is shown first.
    announce
        Is given the address, which works once.

    Raises
    ------
    UsageError
        If there is no such path or the port is taken.
    """
    if not path.exists():
        raise UsageError("there is no such file or folder.", "Name one.", file=str(path))
    path = path.resolve()
    try:
        listening = socket.create_server(("127.0.0.1", port))
    except (OSError, OverflowError) as error:
        hint = "Remove --port, or specify another port."
        raise UsageError(f"port {port} cannot be used: {error}.", hint) from error
    with tempfile.TemporaryDirectory(prefix="xlcity-desk-") as private, listening:
        desk = Desk(path if path.is_dir() else path.parent, Path(private))
        if path.is_file():
            desk.show(path)
        port = listening.getsockname()[1]
        token = secrets.token_urlsafe(24)
        url = f"http://127.0.0.1:{port}/?token={token}"
        announce(url)
        page = _leading_to(url, Path(private))
        if browser:
            webbrowser.open(page.as_uri())
        # The page ends by a signal: what was private goes with it.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        try:
            with contextlib.suppress(KeyboardInterrupt):
                app = Guard(build_application(desk), port, token, f"/#{form}" if form else "/")
                asyncio.run(_serve(desk, listening, app, leave=browser))
        finally:
            desk.worker.close()
            page.unlink(missing_ok=True)


def _leading_to(url: str, private: Path) -> Path:
    """Return a file of this user alone that leads to an address.

    All users of a machine see the words that a program is started with, the address among them.
    """
    home = Path.home()
    # Browsers of the snap store read nothing but the home folder.
    folder = home if (home / "snap").is_dir() else private
    handle, name = tempfile.mkstemp(prefix="xlcity-desk-", suffix=".html", dir=folder)
    with os.fdopen(handle, "w", encoding="utf-8") as page:
        page.write(f'<meta http-equiv="refresh" content="0;url={url}">')
    return Path(name)


async def _serve(desk: Desk, listening: socket.socket, app: Guard, *, leave: bool) -> None:
    config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1, lifespan="off")
    server = uvicorn.Server(config)
    tasks = [asyncio.create_task(desk.watch()), asyncio.create_task(_end_streams(desk, server))]
    if leave:
        tasks.append(asyncio.create_task(_leave(desk, server)))
    try:
        await server.serve(sockets=[listening])
    finally:
        desk.worker.cancel()
        desk.runs.cancel()
        for task in tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


async def _end_streams(desk: Desk, server: uvicorn.Server) -> None:
    """End the streams of events when the server ends: it waits for what is open."""
    while not server.should_exit:
        await asyncio.sleep(0.1)
    desk.end()


async def _leave(desk: Desk, server: uvicorn.Server) -> None:
    """End the server when its last window has been closed for a while."""
    seen, alone = False, 0
    while alone < _ALONE:
        await asyncio.sleep(1)
        seen = seen or bool(desk.clients)
        alone = alone + 1 if seen and not desk.clients else 0
    server.should_exit = True
