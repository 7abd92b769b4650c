"""What the page asks the server for, request by request."""

from __future__ import annotations

import asyncio
import json
import mimetypes
import os
import re
import shutil
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from xlcity.api.texts import in_language
from xlcity.desk.desk import Desk
from xlcity.desk.forms import form_of, forms
from xlcity.desk.publications import list_made
from xlcity.desk.shortcut import start_apart
from xlcity.desk.texts import page_sentence, page_texts
from xlcity.errors import UsageError, XlcityError
from xlcity.reports import report_ids
from xlcity.xlsx.package import WORKBOOK_SUFFIXES
from xlcity.xlsx.save import safe_name

#: The files of the page.
PAGE = Path(__file__).with_name("page")
#: Seconds between signs of life on an open stream.
_BEAT = 15
#: Largest file that may be handed over on the page.
_LARGEST = 128 * 1024 * 1024
#: Pictures that the page shows itself; every other file is handed out to be kept.
_PICTURES = {".png": "image/png", ".svg": "image/svg+xml"}
#: What a command is given as a name in the folder.
_PATHS = ("table", "target", "second", "last", "map")
#: What stands before the number of a file that was handed over on the page.
_HANDED = "handed:"

#: Documents: what a system would run is never opened.
_DOCUMENTS = {
    *WORKBOOK_SUFFIXES,
    ".docx",
    ".html",
    ".pdf",
    ".csv",
    ".svg",
    ".png",
    ".txt",
    ".md",
}


#: Messages to the page, and what it has done, by the names of answers.
_TOLD = ("texts", "events", "workbooks", "actions")
_DONE = ("open", "ask", "cancel", "do", "stop", "start", "hand")


class AsciiJSONResponse(JSONResponse):
    """JSON with escapes alone: names of files may have bytes that no text has."""

    def render(self, content: Any) -> bytes:
        """Return the body."""
        return json.dumps(content, allow_nan=False).encode()


class Answers:
    """Answers to the page's requests; guarded by `server.Guard`."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    async def texts(self, request: Request) -> Response:
        """Return the words of the page."""
        return AsciiJSONResponse(page_texts(request.query_params.get("lang", "en")))

    async def workbooks(self, _: Request) -> Response:
        """Return the workbooks of the folder, when each was saved, and which one is shown."""
        chosen = self.desk.file.name if self.desk.file else ""
        names = self.desk.workbooks()
        saved = {name: _saved_at(self.desk.folder / name) for name in names}
        return AsciiJSONResponse({"files": names, "saved": saved, "open": chosen})

    async def open(self, request: Request) -> Response:
        """Show another workbook of the folder."""
        name = read_entry(await read_object(request), "name", str)
        if name.startswith(_HANDED):
            name = self.desk.take_in(Path(self._placed(name)))
        self.desk.open(name)
        return AsciiJSONResponse({"name": name})

    async def ask(self, request: Request) -> Response:
        """Run a command on the workbook that is shown."""
        asked = await read_object(request)
        entries = read_entry(asked, "given", dict, {})
        copies = entries.pop("copies", None)
        given = {key: self._placed(str(value)) for key, value in entries.items()}
        for key in _PATHS:
            if given.get(key):
                given[key] = str(self.desk.places.require(given[key]))
        if isinstance(copies, list):
            places = map(self.desk.places.require, self._placed(copies))
            given["copies"] = [*map(str, places)]
        command = str(asked.get("command", ""))
        if command == "open":
            raise UsageError.of("XC100.open_is_no_command")
        return AsciiJSONResponse(await self.desk.ask(command, given))

    async def actions(self, request: Request) -> Response:
        """Return what can be made, and the reports and files of the folder to make it of."""
        with in_language(request.query_params.get("lang", "")):
            fields = [form_of(verb) for verb in forms().values()]
        files: dict[str, Any] = {
            "files": self.desk.files(),
            "folder": self.desk.folder.name,
        }
        files["maps"] = self.desk.table_maps()
        files["made"] = list_made(self.desk)
        return AsciiJSONResponse({"actions": fields, "reports": report_ids(), **files})

    async def do(self, request: Request) -> Response:
        """Begin an action; all windows are shown how it goes on."""
        asked = await read_object(request)
        name = read_entry(asked, "action", str)
        given = {
            key: self._placed(v) for key, v in read_entry(asked, "given", dict).items()
        }
        if self.desk.file is not None:
            given["book"] = self.desk.file.name
            if asked.get("book", given["book"]) != given["book"]:
                raise UsageError.of("XC100.opened_elsewhere", book=given["book"])
        lang = "zh" if asked.get("lang") == "zh" else "en"
        self.desk.begin(name, given, lang, follows=bool(asked.get("follows")))
        return AsciiJSONResponse({})

    def _placed(self, value: Any) -> Any:
        """Return what was given, with the path of a file that was handed over."""
        if isinstance(value, list):
            return [self._placed(element) for element in value]
        text = str(value)
        if not text.startswith(_HANDED):
            return text
        number = text.removeprefix(_HANDED)
        folders = {folder.name: folder for folder in self.desk.handed.iterdir()}
        if number not in folders:
            raise UsageError.of("XC100.no_such_file")
        return str(
            min(folders[number].iterdir())
        )  # one that was mended has its .bak beside it

    async def stop(self, _: Request) -> Response:
        """End the action that is being carried out."""
        self.desk.runs.cancel()
        return AsciiJSONResponse({})

    async def made(self, request: Request) -> Response:
        """Return a file that an action wrote: a picture to be shown, all else to be kept."""
        number = request.path_params["number"]
        path = self._made(int(number)) if re.fullmatch("[0-9]{1,9}", number) else None
        if path is None:
            return AsciiJSONResponse({}, status_code=404)
        if (kind := _PICTURES.get(path.suffix)) is not None:
            return FileResponse(path, media_type=kind)
        return FileResponse(path, filename=path.name)

    def _made(self, number: int) -> Path | None:
        files = self.desk.runs.made
        return (
            files[number]
            if 0 <= number < len(files) and files[number].is_file()
            else None
        )

    async def start(self, request: Request) -> Response:
        """Open a file that an action wrote, the workbook or the folder, with its program."""
        asked = await read_object(request)
        path = self.desk.folder if asked.get("folder") else self.desk.file
        if asked.get("number") is not None:
            path = self._made(read_entry(asked, "number", int))
        if path is None:
            raise UsageError.of("XC100.file_gone")
        await asyncio.to_thread(open_file, path)
        return AsciiJSONResponse({})

    async def cancel(self, _: Request) -> Response:
        """End what is being computed."""
        self.desk.worker.cancel()
        return AsciiJSONResponse({})

    async def hand(self, request: Request) -> Response:
        """Keep a file that was dropped on the page, under its own name; return what to call it."""
        name = Path(request.query_params.get("name", "").replace("\\", "/")).name
        dropped = Path(name.lstrip(".-") or "file")
        content = bytearray()
        async for part in request.stream():
            content += part
            if len(content) > _LARGEST:
                raise UsageError.of("XC100.too_large")
        number = len([*self.desk.handed.iterdir()])
        folder = self.desk.handed / str(number)
        folder.mkdir()
        suffix = dropped.suffix and safe_name(dropped.suffix)
        (folder / (safe_name(dropped.stem) + suffix)).write_bytes(content)
        return AsciiJSONResponse({"file": f"{_HANDED}{number}", "name": name})

    async def events(self, _: Request) -> Response:
        """Return the stream of events."""
        return StreamingResponse(self._events(), media_type="text/event-stream")

    async def _events(self) -> AsyncIterator[str]:
        """Yield what is known, then every event as it comes."""
        queue: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()
        for event in self.desk.last.values():
            queue.put_nowait(event)
        self.desk.clients.add(queue)
        try:
            while True:
                try:
                    message = await asyncio.wait_for(queue.get(), _BEAT)
                except TimeoutError:
                    yield ": still here\n\n"
                    continue
                if message is None:  # the server ends
                    return
                yield f"data: {json.dumps(message)}\n\n"
        finally:
            self.desk.clients.discard(queue)


def _saved_at(path: Path) -> float | None:
    """Return when a file was written, in seconds; None where it is gone by now."""
    try:
        return path.stat().st_mtime
    except OSError:
        return None


_Entry = TypeVar("_Entry")


async def read_object(request: Request) -> dict[str, Any]:
    """Return the JSON object that a request holds; what is none is answered with 400."""
    try:
        body = await request.body()
        asked = None if rb"\u0000" in body else json.loads(body)
        json.dumps(asked, ensure_ascii=False).encode("utf-8")  # halves of characters
    except (ValueError, RecursionError) as error:
        raise HTTPException(400) from error
    if not isinstance(asked, dict):
        raise HTTPException(400)
    return asked


def read_entry(
    asked: Mapping[str, Any],
    key: str,
    kind: type[_Entry],
    default: _Entry | None = None,
) -> _Entry:
    """Return an entry of such an object; one of another kind is answered with 400."""
    value = asked.get(key, default)
    if not isinstance(value, kind):
        raise HTTPException(400)
    return value


def open_file(path: Path) -> None:
    """Open a document.

    Raises
    ------
    UsageError
        If it is not a document, or the system names no program.
    """
    if not path.is_dir() and path.suffix.lower() not in _DOCUMENTS:
        raise UsageError.of("XC100.no_document", path=path.name)
    if sys.platform == "win32":
        os.startfile(path)
        return
    opener = shutil.which("open" if sys.platform == "darwin" else "xdg-open")
    if opener is None:
        raise UsageError.of("XC100.no_opener", path=path.name)
    start_apart([opener, str(path)])


def build_application(desk: Desk) -> Starlette:
    """Return what answers the page's requests."""
    answers = Answers(desk)
    # The registry of Windows may say otherwise, and browsers run no script of another type.
    mimetypes.add_type("text/javascript", ".js")

    def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, XlcityError)
        # Sentences are those of the page's language, whatever the server was started in.
        with in_language(request.headers.get("x-language", "")):
            problems = [
                {"code": p.code, "text": page_sentence(p)} for p in error.problems
            ]
        return AsciiJSONResponse({"problems": problems}, status_code=422)

    return Starlette(
        routes=[
            *(Route(f"/{name}", getattr(answers, name)) for name in _TOLD),
            *(
                Route(f"/{name}", getattr(answers, name), methods=["POST"])
                for name in _DONE
            ),
            Route("/made/{number}", answers.made),
            Mount("/", StaticFiles(directory=PAGE, html=True)),
        ],
        exception_handlers={XlcityError: refused},
    )
