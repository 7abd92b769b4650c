"""Who may talk to the page's server: the browser window that was given its address, nobody else."""

from __future__ import annotations

import secrets
from html import escape
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: Sent with every answer that has none of its own: scripts, styles and connections from this
#: server only.
HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


class Guard:
    """Lets requests through that come from the page itself.

    The address that is opened first carries a token; it is exchanged once for a cookie that scripts
    cannot read. Without it, with another Host or Origin, or from another site: 403.

    Parameters
    ----------
    app
        What answers.
    port
        The port of the server; it keeps the cookies of several desks apart.
    token
        The secret of the address.
    start
        The page that is shown first.
    """

    def __init__(self, app: ASGIApp, port: int, token: str, start: str = "/") -> None:
        self.app, self.start = app, start
        self._token, self._is_spent = token, False
        self._secret = secrets.token_urlsafe(24)
        self.cookie = f"xlcity-{port}"
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

        answer = self._refusal(scope)
        await (answer or self.app)(scope, receive, with_headers)

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        origin = headers.get("origin")
        if host not in self.hosts or origin not in (None, f"http://{host}"):
            return _forbid()
        given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        if given and scope["path"] == "/" and scope["method"] == "GET":
            return self._exchange(given, headers)
        if headers.get("sec-fetch-site") in ("cross-site", "same-site"):
            return _forbid()
        return None if self._is_known(headers) else _forbid()

    def _exchange(self, given: str, headers: Headers) -> Response:
        """Return the page that leads to the first one, with a cookie for the token.

        It is a page of this server: a redirection of the file that the browser was opened with
        would come from another site.
        """
        if not _is_same(given, self._token) or (self._is_spent and not self._is_known(headers)):
            return _forbid()
        answer = HTMLResponse(
            '<!doctype html><link rel="icon" href="data:,">'
            f'<meta http-equiv="refresh" content="0;url={escape(self.start)}">'
        )
        if not self._is_spent:
            answer.set_cookie(self.cookie, self._secret, httponly=True, samesite="strict")
        self._is_spent = True
        return answer

    def _is_known(self, headers: Headers) -> bool:
        """Tell whether a request has the cookie, whatever other programs have set beside it."""
        cookies = ";".join(headers.getlist("cookie")).split(";")
        pairs = (cookie.strip().partition("=") for cookie in cookies)
        return any(
            name == self.cookie and _is_same(value, self._secret) for name, _, value in pairs
        )


def _is_same(text: str, secret: str) -> bool:
    return secrets.compare_digest(text.encode("utf-8", "replace"), secret.encode())


def _forbid() -> Response:
    return PlainTextResponse(
        "403: start xlcity desk again and open its address, which works once.\n", status_code=403
    )
