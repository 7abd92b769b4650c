"""Who may talk to the page's server: the browser window that was given its address, nobody else."""

from __future__ import annotations

import secrets
from http.cookies import SimpleCookie
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse, Response
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

    The address that is opened first carries a token; it is exchanged for a cookie that scripts
    cannot read. Without it, with another Host or Origin, or from another site: 403.

    Parameters
    ----------
    app
        What answers.
    port
        The port of the server; cookies of one machine are told apart by it.
    token
        The secret.
    """

    def __init__(self, app: ASGIApp, port: int, token: str) -> None:
        self.app, self.token = app, token
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
        foreign = (
            host not in self.hosts
            or (origin is not None and origin != f"http://{host}")
            or headers.get("sec-fetch-site") in ("cross-site", "same-site")
        )
        if foreign:
            return _forbidden()
        given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        if given and scope["path"] == "/" and scope["method"] == "GET":
            if not self._is_token(given):
                return _forbidden()
            answer = RedirectResponse("/", status_code=303)
            answer.set_cookie(self.cookie, self.token, httponly=True, samesite="strict")
            return answer
        cookies = SimpleCookie(headers.get("cookie", ""))
        if self.cookie in cookies and self._is_token(cookies[self.cookie].value):
            return None
        return _forbidden()

    def _is_token(self, text: str) -> bool:
        return secrets.compare_digest(text.encode("utf-8", "replace"), self.token.encode())


def _forbidden() -> Response:
    return PlainTextResponse("403: open the address that xlcity desk printed.\n", status_code=403)
