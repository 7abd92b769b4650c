"""Serves the companion page on this machine alone, and watches the file that it shows."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import secrets
import signal
import socket
import sys
import tempfile
import webbrowser
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import uvicorn
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from xlcity.api.texts import ON_PAGE
from xlcity.desk.connections import PatientProtocol
from xlcity.desk.desk import Desk
from xlcity.desk.routes import PAGE, build_application
from xlcity.errors import UsageError, Where
from xlcity.recalc.child_process import PrivateFolder

#: Sent with every answer that has none of its own: scripts, styles and connections from this
#: server only.
HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "img-src 'self' blob: data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


#: Header in which the page sends its secret, and the one for the token of the address.
SECRET = "x-xlcity-secret"
TOKEN = "x-xlcity-token"
_ENTER = "/enter"
#: Seconds for which a connection stays open for the next request.
_KEEP_ALIVE = 75
#: What everybody may see: files of the program, in which nothing of the user stands.
_OPEN = frozenset(f"/{path.name}" for path in PAGE.iterdir())


class Guard:
    """Lets requests through that come from the page itself.

    The address that is opened first carries a token; the page exchanges it once for a secret, which
    it keeps for its own window and sends in a header: a browser, unlike with cookies, gives it to
    no other port and no other program. Without it, with another Host or Origin, or from another
    site: 403.

    Parameters
    ----------
    app
        What answers.
    port
        The port of the server.
    token
        The secret of the address.
    """

    def __init__(self, app: ASGIApp, port: int, token: str) -> None:
        self.app = app
        self._token = token
        self._is_spent = False
        self._secret = secrets.token_urlsafe(24)
        self.hosts = (f"127.0.0.1:{port}", f"localhost:{port}")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        answer = self._own_answer(scope)
        await (answer or self.app)(scope, receive, with_headers)

    def _own_answer(self, scope: Scope) -> Response | None:
        """Return a refusal, or the secret for the token; None for what the page may ask."""
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        origin = headers.get("origin")
        if host not in self.hosts or origin not in (None, f"http://{host}"):
            return _forbid()
        # A browser that opens the page comes from a file, or from another site.
        is_opened = _is_read(scope) and scope["path"] == "/"
        is_of_others = headers.get("sec-fetch-site") in ("cross-site", "same-site")
        if is_of_others and not is_opened:
            return _forbid()
        return None if is_opened else self._answer_by_secret(scope, headers)

    def _answer_by_secret(self, scope: Scope, headers: Headers) -> Response | None:
        """Return a refusal without the secret, or the secret for the token."""
        path = scope["path"]
        if _is_read(scope) and path in _OPEN:
            return None
        if path == _ENTER and not _is_read(scope):
            return self._exchange(headers.get(TOKEN, ""))
        is_known = _is_same(headers.get(SECRET, ""), self._secret)
        return None if is_known else _forbid()

    def _exchange(self, given: str) -> Response:
        """Return the secret for the token, once."""
        if self._is_spent or not _is_same(given, self._token):
            return _forbid()
        self._is_spent = True
        return PlainTextResponse(self._secret)


def _is_read(scope: Scope) -> bool:
    return scope["method"] in ("GET", "HEAD")


def _is_same(text: str, secret: str) -> bool:
    return secrets.compare_digest(text.encode("utf-8", "replace"), secret.encode())


def _forbid() -> Response:
    # Nothing is known of who is refused, not even the language.
    texts = (
        "403",
        "此地址只能用一次，请再点图标打开页面。",
        "This address works once: open the page again from its icon.",
    )
    return PlainTextResponse("\n".join(texts), status_code=403)


#: Seconds without a window after which the server ends, if it opened the window itself.
_ALONE = 20


def serve(
    path: Path,
    *,
    port: int = 0,
    browser: bool = True,
    first: str = "",
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
    first
        What is shown first: the key of a form, or a cell whose trace is shown.
    announce
        Is given the address, which works once.

    Raises
    ------
    UsageError
        If there is no such path or the port is taken.
    """
    if not path.exists():
        raise UsageError.of("XC100.no_file_or_folder", Where(file=str(path)))
    path = path.resolve()
    try:
        listening = socket.create_server(("127.0.0.1", port))
    except (OSError, OverflowError) as error:
        raise UsageError.of("XC100.port", port=port, error=error) from error
    with contextlib.closing(PrivateFolder()) as private, listening:
        desk = Desk(path if path.is_dir() else path.parent, private.path)
        if path.is_file():
            desk.show(path)
        port = listening.getsockname()[1]
        token = secrets.token_urlsafe(24)
        url = f"http://127.0.0.1:{port}/?token={token}"
        url += f"#{quote(first)}" if first else ""
        announce(url)
        page = _leading_to(url, private.path)
        if browser:
            webbrowser.open(page.as_uri())
        os.environ[ON_PAGE] = "1"
        # The page ends by a signal: what was private goes with it.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        try:
            with contextlib.suppress(KeyboardInterrupt):
                app = Guard(build_application(desk), port, token)
                asyncio.run(_serve(desk, listening, app, leave=browser))
        finally:
            del os.environ[ON_PAGE]
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


async def _serve(
    desk: Desk, listening: socket.socket, app: Guard, *, leave: bool
) -> None:
    config = uvicorn.Config(
        app,
        http=PatientProtocol,
        log_level="warning",
        timeout_graceful_shutdown=1,
        # A browser may ask on a connection just as it is closed, and shows a failure.
        timeout_keep_alive=_KEEP_ALIVE,
        lifespan="off",
    )
    server = uvicorn.Server(config)
    tasks = [
        asyncio.create_task(desk.watch()),
        asyncio.create_task(_end_streams(desk, server)),
    ]
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
    """End the streams of events when the server ends: it waits for what is open.

    What is still open a second later is cut off, which is no error to be logged.
    """
    while not server.should_exit:
        await asyncio.sleep(0.1)
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    desk.end()


async def _leave(desk: Desk, server: uvicorn.Server) -> None:
    """End the server when its last window has been closed for a while."""
    seen = False
    alone = 0
    while alone < _ALONE:
        await asyncio.sleep(1)
        seen = seen or bool(desk.clients)
        alone = alone + 1 if seen and not desk.clients else 0
    server.should_exit = True
