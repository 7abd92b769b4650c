"""What the page asks the server for, request by request."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from importlib.resources import files
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from xlcity.api.documents import sentence
from xlcity.desk.desk import Desk
from xlcity.desk.texts import page_texts
from xlcity.errors import UsageError, XlcityError

#: Seconds between signs of life on an open stream.
_BEAT = 15
#: Largest file that may be handed over on the page.
_LARGEST = 128 * 1024 * 1024
_TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css",
          ".svg": "image/svg+xml"}  # fmt: skip


class Answers:
    """Answers to the page's requests; guarded by `guard.Guard`."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    async def page(self, request: Request) -> Response:
        """Return the page, its script, style or icon."""
        name = request.path_params.get("name") or "index.html"
        source = files("xlcity.desk").joinpath("page", name)
        kind = _TYPES.get(Path(name).suffix)
        if kind is None or not source.is_file():
            return JSONResponse({}, status_code=404)
        return Response(source.read_bytes(), media_type=kind)

    async def texts(self, request: Request) -> Response:
        """Return the words of the page."""
        return JSONResponse(page_texts(request.query_params.get("lang", "en")))

    async def workbooks(self, _: Request) -> Response:
        """Return the workbooks of the folder and which one is shown."""
        chosen = self.desk.file.name if self.desk.file else ""
        return JSONResponse({"files": self.desk.workbooks(), "open": chosen})

    async def show(self, request: Request) -> Response:
        """Show another workbook of the folder."""
        self.desk.open((await request.json())["name"])
        await self.desk.look()
        return JSONResponse({})

    async def ask(self, request: Request) -> Response:
        """Run a command on the workbook that is shown."""
        asked = await request.json()
        given = {str(key): str(value) for key, value in asked.get("given", {}).items()}
        if "second" in given:  # a file that this page handed over, by its number
            given["second"] = str(self.desk.private / f"second{int(given['second'])}.xlsx")
        command = str(asked.get("command", ""))
        if command == "open":
            raise UsageError("'open' is not a command of the page.", "Choose a workbook.")
        return JSONResponse(await asyncio.to_thread(self.desk.worker.ask, command, given))

    async def cancel(self, _: Request) -> Response:
        """End what is being computed."""
        self.desk.worker.cancel()
        return JSONResponse({})

    async def hand_over(self, request: Request) -> Response:
        """Keep a second workbook to compare with; return its number."""
        content = bytearray()
        async for part in request.stream():
            content += part
            if len(content) > _LARGEST:
                raise UsageError("the file is larger than 128 MB.", "Use xlcity diff.")
        number = len([*self.desk.private.glob("second*.xlsx")])
        (self.desk.private / f"second{number}.xlsx").write_bytes(content)
        return JSONResponse({"second": number})

    async def events(self, _: Request) -> Response:
        """Return the stream of events."""
        return StreamingResponse(self._events(), media_type="text/event-stream")

    async def _events(self) -> AsyncIterator[str]:
        """Yield what is known, then every event as it comes."""
        queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        for event in self.desk.last.values():
            queue.put_nowait(event)
        self.desk.clients.add(queue)
        try:
            while True:
                try:
                    event = await asyncio.wait_for(queue.get(), _BEAT)
                except TimeoutError:
                    yield ": still here\n\n"
                    continue
                yield f"data: {json.dumps(event, ensure_ascii=False)}\n\n"
        finally:
            self.desk.clients.discard(queue)


def application(desk: Desk) -> Starlette:
    """Return what answers the page's requests."""
    answers = Answers(desk)

    def refused(_: Request, error: Exception) -> Response:
        assert isinstance(error, XlcityError)
        problems = [{"code": p.code, "text": sentence(p)} for p in error.problems]
        return JSONResponse({"problems": problems}, status_code=422)

    return Starlette(
        routes=[
            Route("/", answers.page),
            Route("/texts", answers.texts),
            Route("/events", answers.events),
            Route("/workbooks", answers.workbooks),
            Route("/open", answers.show, methods=["POST"]),
            Route("/ask", answers.ask, methods=["POST"]),
            Route("/cancel", answers.cancel, methods=["POST"]),
            Route("/second", answers.hand_over, methods=["POST"]),
            Route("/{name}", answers.page),
        ],
        exception_handlers={XlcityError: refused},
    )
