"""The page's requests in turn, answered without a server and kept as text; files of the folder."""

import asyncio
import json
from collections.abc import Iterator
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest

from tests.helpers.kept import as_text, without
from tests.helpers.own import own_bytes
from xlcity.desk import desk as desk_module
from xlcity.desk import routes, shortcut
from xlcity.desk.desk import Desk, Snapshots
from xlcity.errors import UsageError


class RecordingWorker:
    """Answers every command with what it was asked."""

    def __init__(self) -> None:
        self.asked: list[object] = []

    def ask(self, name: str, given: dict) -> dict:
        self.asked.append((name, sorted(given)))
        if name == "check":
            raise UsageError("it cannot be checked.", "Choose another.")
        return {
            "command": name,
            "given": {k: str(v) for k, v in given.items() if k != "content"},
        }

    def cancel(self) -> None:
        self.asked.append("cancel")


@pytest.fixture
def desk(tmp_path, monkeypatch) -> Desk:
    folder = tmp_path / "folder"
    private = tmp_path / "private"
    folder.mkdir()
    private.mkdir()
    for name in (
        "b.xlsx",
        "A.XLSM",
        "d.csv",
        "notes.docx",
        "~$b.xlsx",
        ".h.xlsx",
        "x.exe",
        "p.png",
    ):
        (folder / name).write_bytes(b"PK")
    made = Desk(folder, private, RecordingWorker())
    begun: list[object] = []
    monkeypatch.setattr(made.runs, "start", lambda *words: begun.append(words))
    monkeypatch.setattr(made.runs, "cancel", lambda: begun.append("stop"))
    monkeypatch.setattr(routes, "open_file", lambda path: begun.append(f"open {path}"))
    made.begun = begun  # type: ignore[attr-defined]
    return made


def answered(
    desk: Desk, target: str, body: object = None, **headers: str
) -> tuple[int, object]:
    """Return status and content of an answer: text, JSON, or how many bytes there are."""
    parts = urlsplit(target)
    content = (
        body
        if isinstance(body, bytes)
        else b""
        if body is None
        else json.dumps(body).encode()
    )
    names = [
        (name.replace("_", "-").encode(), value.encode())
        for name, value in headers.items()
    ]
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET" if body is None else "POST",
        "path": parts.path,
        "raw_path": parts.path.encode(),
        "root_path": "",
        "scheme": "http",
        "query_string": parts.query.encode(),
        "headers": names,
        "server": ("h", 1),
    }
    sent: list[dict] = []
    parts_of_body = [{"type": "http.request", "body": content, "more_body": False}]

    async def receive() -> dict:
        if not parts_of_body:
            await asyncio.sleep(60)  # the other end waits
        return parts_of_body.pop()

    async def send(message: dict) -> None:
        sent.append(message)

    asyncio.run(routes.build_application(desk)(scope, receive, send))
    answer = b"".join(message.get("body", b"") for message in sent[1:])
    kind = dict(sent[0]["headers"]).get(b"content-type", b"").decode()
    kept = json.loads(answer) if "json" in kind else f"{kind} {len(answer) > 0}"
    if isinstance(kept, dict) and "saved" in kept:  # the times differ
        kept["saved"] = [*kept["saved"]]
    disposition = dict(sent[0]["headers"]).get(b"content-disposition", b"").decode()
    return sent[0]["status"], [kept, disposition] if disposition else kept


def test_requests_are_answered(require_kept, desk, tmp_path):
    (tmp_path / "made.png").write_bytes(b"png")
    (tmp_path / "made.docx").write_bytes(b"docx")
    desk.runs.made = [
        tmp_path / "made.png",
        tmp_path / "made.docx",
        tmp_path / "gone.csv",
    ]
    requests: list[tuple] = [
        ("/workbooks",),
        ("/open", {"name": "none.xlsx"}),
        ("/open", {"name": "b.xlsx"}),
        ("/workbooks",),
        ("/open", {"name": 5}),
        ("/open", ["b.xlsx"]),
        ("/open", b"{"),
        ("/open", b'{"name": "\\u0000"}'),
        ("/open", b'{"name": "\\ud800"}'),
        ("/open",),
        ("/hand?name=b.xlsx", b"other"),
        ("/hand?name=c%5Cd.csv", b"1"),
        ("/hand?name=..", b""),
        ("/open", {"name": "handed:0"}),
        ("/open", {"name": "handed:9"}),
        ("/workbooks",),
        ("/ask", {"command": "open"}),
        ("/ask", {"command": "moves"}),
        (
            "/ask",
            {"command": "look", "given": {"table": "d.csv", "target": "", "n": 3}},
        ),
        ("/ask", {"command": "look", "given": {"table": "handed:1"}}),
        ("/ask", {"command": "look", "given": 5}),
        ("/ask", {"command": "check"}),
        ("/do", {"action": "check", "given": {"n": ["handed:1", 2]}}),
        ("/do", {"action": "check", "given": {}, "book": "b.xlsx", "lang": "zh"}),
        ("/do", {"action": "check", "given": {}, "book": "b-2.xlsx", "lang": "zh"}),
        ("/do", {"action": "check", "given": {}, "lang": "fr"}),
        ("/do", {"action": "check"}),
        ("/stop", {}),
        ("/cancel", {}),
        ("/made/0",),
        ("/made/1",),
        ("/made/2",),
        ("/made/3",),
        ("/made/x",),
        ("/made/-1",),
        ("/made/0000000000",),
        ("/start", {}),
        ("/start", {"folder": 1}),
        ("/start", {"number": 1}),
        ("/start", {"number": 2}),
        ("/start", {"number": "1"}),
        ("/nothing",),
        ("/texts", {}),
        ("/",),
    ]
    lines = []
    for request in requests:
        status, content = answered(desk, *request)
        lines += [f"{' '.join(map(str, request))}: {status}", f"  {as_text(content)}"]
    _, refused = answered(desk, "/open", {"name": "none"}, x_language="zh")
    english, chinese = (
        answered(desk, f"/actions?lang={lang}")[1] for lang in ("en", "zh")
    )
    lines += [
        as_text(refused),
        as_text({k: v for k, v in english.items() if k != "actions"}),
        str(english["actions"] != chinese["actions"]),
        str(answered(desk, "/texts")[1] == answered(desk, "/texts?lang=en")[1]),
        str(answered(desk, "/texts?lang=zh")[1] == answered(desk, "/texts?lang=en")[1]),
        as_text(desk.worker.asked),
        as_text(desk.begun),
        as_text(desk.files()),
    ]
    require_kept("requests", without("\n".join(lines), tmp_path))


def test_files_handed_over_keep_their_names_and_never_take_another_s_place(
    desk, tmp_path
):
    for content, name in (
        (b"1", "d-2.csv"),
        (b"2", "d-3.csv"),
        (b"1", "d-2.csv"),
        (b"PK", "d.csv"),
    ):
        (tmp_path / "d.csv").write_bytes(content)
        assert desk.take_in(tmp_path / "d.csv") == name
        assert (desk.folder / name).read_bytes() == content
    assert (desk.folder / "d.csv").read_bytes() == b"PK"


def test_windows_are_told_what_is_known_and_then_what_comes(desk):
    async def heard() -> list[str]:
        answers = routes.Answers(desk)
        desk.tell("file", {"state": "absent"})
        desk.tell("file", {"state": ""})
        stream = answers._events()
        lines = [await anext(stream)]
        desk.tell("run", {"state": "running"})
        lines.append(await anext(stream))
        assert len(desk.clients) == 1
        desk.end()
        lines += [line async for line in stream]
        assert not desk.clients
        return lines

    assert asyncio.run(heard()) == [
        'data: {"kind": "file", "state": ""}\n\n',
        'data: {"kind": "run", "state": "running"}\n\n',
    ]


def test_what_is_shown_of_a_workbook(require_kept, desk, tmp_path):
    """The book is computed once for each save; what fails is shown in both languages."""
    told: list[object] = []
    desk.tell = lambda kind, event: told.append((kind, event))  # type: ignore[method-assign]
    desk.last["run"] = {"kind": "run", "state": "running"}
    desk.last["problems"] = {"kind": "problems", "problems": {}}
    asyncio.run(desk.look())
    (desk.folder / "b.xlsx").write_bytes(own_bytes(udf=False))
    desk.open("b.xlsx")
    known = [*desk.last]
    asyncio.run(desk.look())
    asyncio.run(desk.look())
    require_kept("shown", without(as_text({"known": known, "told": told}), tmp_path))


@pytest.fixture
def clock(monkeypatch) -> Iterator[SimpleNamespace]:
    now = SimpleNamespace(seconds=100.0)
    monkeypatch.setattr(desk_module.time, "monotonic", lambda: now.seconds)
    return now


def test_when_a_file_is_read_again(tmp_path, clock, monkeypatch):
    """At once when it looks other, every half second until it has looked so for two, then never."""
    file = tmp_path / "b.xlsx"
    shown = Snapshots(file)
    reads = []
    monkeypatch.setattr(
        desk_module,
        "read_file",
        lambda path: (reads.append(clock.seconds), path.read_bytes())[1],
    )
    assert (shown.take(), shown.state) == (None, "absent")
    book = own_bytes(udf=False)
    file.write_bytes(book)
    assert (shown.take(), shown.state) == (book, "")
    for _ in range(20):
        clock.seconds += 0.25
        assert shown.take() is None
    assert reads == [100.0, 100.5, 101.0, 101.5, 102.0, 102.5]
    file.write_bytes(book[:-100])
    assert (shown.take(), shown.state) == (None, "unreadable")
    clock.seconds += 2.5  # nobody is saving it: reading says what is wrong
    assert (shown.take(), shown.state) == (book[:-100], "")
    file.write_bytes(b"\xd0\xcf\x11\xe0 encrypted")
    assert (shown.take(), shown.state) == (b"\xd0\xcf\x11\xe0 encrypted", "")
    monkeypatch.setattr(desk_module, "LARGEST", 5)
    assert (shown.take(), shown.state) == (None, "large")
    monkeypatch.setattr(desk_module, "LARGEST", len(b"\xd0\xcf\x11\xe0 encrypted"))
    clock.seconds += 1
    assert (shown.take(), shown.state) == (None, "")
    file.unlink()
    assert (shown.take(), shown.state) == (None, "absent")


@pytest.mark.parametrize("absent", ["starlette", "uvicorn"])
def test_the_page_names_what_it_is_served_by(monkeypatch, absent):
    monkeypatch.setattr(
        shortcut, "find_spec", lambda name: None if name == absent else name
    )
    with pytest.raises(UsageError, match="needs starlette and uvicorn"):
        shortcut.require_server()


def test_only_documents_are_opened(tmp_path, monkeypatch):
    started: list[list[str]] = []
    monkeypatch.setattr(routes, "start_apart", started.append)
    monkeypatch.setattr(routes.shutil, "which", lambda name: f"/bin/{name}")
    for system, opener in (("linux", "xdg-open"), ("darwin", "open")):
        monkeypatch.setattr(routes.sys, "platform", system)
        for path in (tmp_path, tmp_path / "a.XLSX", tmp_path / "b.pdf"):
            routes.open_file(path)
            assert started.pop() == [f"/bin/{opener}", str(path)]
        for name in ("a.exe", "a.sh", "xlsx"):
            with pytest.raises(UsageError, match="is not a document"):
                routes.open_file(tmp_path / name)
    monkeypatch.setattr(routes.shutil, "which", lambda _: None)
    with pytest.raises(UsageError, match="no program was found"):
        routes.open_file(tmp_path)
