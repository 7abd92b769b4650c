"""The page's server: who may talk to it, what a save brings, and that nothing stays behind."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from contextlib import ExitStack
from urllib.parse import quote

import pytest

from tests.helpers.cli import wait_until
from tests.helpers.desk_server import PATIENCE, running_in, serving
from tests.helpers.desk_window import Window
from tests.helpers.own import own_bytes
from xlcity.desk.connections import MOST_WAITING
from xlcity.desk.forms import forms
from xlcity.desk.server import SECRET, TOKEN


@pytest.fixture
def desk(tmp_path):
    """Start the server on a folder with spaces; yield (process, its window, the file)."""
    folder = tmp_path / "我的 books"
    private = tmp_path / "private"
    folder.mkdir()
    private.mkdir()
    file = folder / "指数 1.xlsx"
    file.write_bytes(own_bytes(udf=False))
    with serving(file, private) as (process, window):
        yield process, window, file


REFUSED = ("/events", "/workbooks", "/texts", "/actions", "/made/0", "/commands.py")


def test_only_the_page_itself_is_answered(desk):
    _, window, _ = desk
    page = window.get("/")
    assert page.status == 200
    assert "script-src 'self'" in page.getheader("content-security-policy")
    host = f"127.0.0.1:{window.place.port}"
    strangers = [
        {"Host": "evil.example"},
        {"Host": f"evil.example:{window.place.port}"},
        {"Origin": "http://evil.example"},
        {"Origin": f"https://{host}"},
        {"Origin": "null"},
    ]
    for path in ("/", "/page.js", *REFUSED):
        for headers in strangers:
            assert window.get(path, **headers).status == 403, (path, headers)
    cross_site = {"Sec-Fetch-Site": "cross-site"}
    for path in ("/page.js", *REFUSED):
        assert window.get(path, **cross_site).status == 403, path
    for path in (
        "/commands.py",
        "/..%2Fserver.py",
        "/%2e%2e/server.py",
        "/nothing.html",
    ):
        assert window.get(path).status == 404, path


def test_without_the_secret_the_files_of_the_program_are_all_that_is_given(desk):
    """What a browser or a program adds by itself opens nothing."""
    _, window, _ = desk
    secret = window.secret
    unknown = [
        {SECRET: ""},
        {SECRET: "wrong"},
        {
            SECRET: "",
            "Cookie": f"{SECRET}={secret}; xlcity-{window.place.port}={secret}",
        },
        {SECRET: "", "Authorization": f"Bearer {secret}"},
    ]
    for headers in unknown:
        for path in REFUSED:
            assert window.get(path, **headers).status == 403, (path, headers)
            assert window.get(f"{path}?secret={secret}", **headers).status == 403
        for path in ("/open", "/ask", "/cancel", "/do", "/stop", "/start", "/hand"):
            assert window.request("POST", path, b"{}", **headers).status == 403
        for path in ("/", "/index.html", "/page.js", "/page.css", "/icon.svg"):
            assert window.get(path, **headers).status == 200


def test_nothing_is_given_that_a_browser_would_send_to_another_port(desk):
    """A cookie goes to every port of 127.0.0.1: there is none, and no answer says the secret."""
    _, window, file = desk
    for path in ("/", "/page.js", "/texts", "/workbooks", "/actions", "/made/0"):
        answer = window.get(path)
        names = {name.lower() for name, _ in answer.getheaders()}
        assert not {"set-cookie", "access-control-allow-origin"} & names
        assert window.secret not in answer.read().decode()
    assert (
        window.request("POST", "/open", json.dumps({"name": file.name})).status == 200
    )


def test_the_address_works_once_and_no_secret_is_among_the_words_of_a_program(
    tmp_path, monkeypatch
):
    from xlcity.desk import server

    opened = []
    monkeypatch.setattr(server.webbrowser, "open", opened.append)

    def end(coroutine):
        coroutine.close()
        (page,) = tmp_path.glob("xlcity-*/*.html")
        assert opened == [page.as_uri()]
        assert stat.S_IMODE(page.stat().st_mode) == 0o600
        assert told[0] in page.read_text("utf-8")
        raise KeyboardInterrupt

    told = []
    monkeypatch.setattr(server.tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(server.Path, "home", lambda: tmp_path)
    monkeypatch.setattr(server.asyncio, "run", end)
    monkeypatch.setattr(server.signal, "signal", lambda *_: None)
    server.serve(tmp_path, announce=told.append)
    assert [*tmp_path.iterdir()] == []


def test_the_token_is_exchanged_once(tmp_path):
    (tmp_path / "private").mkdir()
    with serving(tmp_path, tmp_path / "private") as (_, window):
        token = window.place.query.partition("=")[2]
        assert token not in window.secret
        for given in (token, "", "wrong", window.secret):
            assert window.request("POST", "/enter", **{TOKEN: given}).status == 403
        assert window.get("/enter", **{TOKEN: token}).status != 200
        # A browser comes to the page from a file: that is another site.
        led = window.get(f"/?{window.place.query}", **{"Sec-Fetch-Site": "cross-site"})
        assert led.status == 200
        assert window.get("/workbooks", **{SECRET: token}).status == 403


def test_a_token_that_was_guessed_wrong_is_not_spent(tmp_path):
    from xlcity.desk.server import Guard

    guard = Guard(None, 1, "token")
    statuses = [guard._exchange(given).status_code for given in ("x", "token", "token")]
    assert statuses == [403, 200, 403]


def _half_open(stack, window, number, text):
    place = "127.0.0.1", window.place.port
    connection = stack.enter_context(socket.create_connection(place, timeout=5))
    connection.sendall(text.format(number).encode())
    return connection


def _is_closed(connection):
    connection.settimeout(0.01)
    try:
        return connection.recv(1) == b""
    except TimeoutError:
        return False
    except OSError:
        return True


@pytest.fixture
def two_windows(tmp_path):
    """Start two servers; yield their windows."""
    with ExitStack() as servers:
        windows = []
        for name in ("first", "second"):
            folder = tmp_path / name
            private = folder / "private"
            private.mkdir(parents=True)
            _, window = servers.enter_context(serving(folder, private))
            windows.append(window)
        yield windows


def test_three_hundred_requests_that_never_end_lock_nobody_out(two_windows):
    """Of begun requests at one server, of silent connections at the other: both wait at once."""
    texts = ("GET /{} HTTP/1.1\r\nHost: ", "")
    with ExitStack() as slow:
        left = []
        for window, text in zip(two_windows, texts, strict=True):
            waiting = [_half_open(slow, window, n, text) for n in range(300)]
            start = time.monotonic()
            assert window.get("/").status == 200
            assert time.monotonic() - start < PATIENCE
            # Those that have waited longest are closed for others.
            assert sum(map(_is_closed, waiting)) >= 300 - MOST_WAITING - 1
            left += waiting
        # All of them are closed after a while.
        assert wait_until(lambda: all(map(_is_closed, left)), PATIENCE)


def test_names_with_bytes_that_no_text_has_leave_the_page_alive(tmp_path):
    (tmp_path / "private").mkdir()
    folder = tmp_path / "\udcfe"
    try:
        folder.mkdir()
    except OSError:
        pytest.skip("no such name here")
    for name in ("\udcff.xlsx", "a.xlsx"):
        (folder / name).write_bytes(own_bytes(udf=False))
    with serving(folder / "\udcff.xlsx", tmp_path / "private") as (_, window):
        files, actions = (
            json.loads(window.get(f"/{n}").read()) for n in ("workbooks", "actions")
        )
        assert files.pop("saved").keys() == {"a.xlsx"}
        assert files == {"files": ["a.xlsx"], "open": "\udcff.xlsx"}
        assert actions["files"] == ["a.xlsx"]
        events = window.events()
        assert next(e for e in events if e["kind"] == "overview")


BODIES = [
    b"",
    b"[",
    b"[]",
    b"1",
    b"null",
    b"\xff\xfe",
    b"[" * 100_000,
    b'{"name": 1}',
    b'{"given": []}',
    b'{"action": ["x"], "given": {}}',
    b'{"action": "seal", "given": {"book": "\\ud800"}}',
    b'{"number": "x"}',
    b'{"number": ' + b"9" * 5000 + b"}",
    b'{"number": 1e400}',
    b'{"command": "compare", "given": {"second": "handed:x"}}',
    b'{"command": "compare", "given": {"second": "a\\u0000"}}',
    b'{"action": "new", "given": {"empty": "yes", "report": "image2025", "out": "a\\u0000"}}',
    b'{"action": "new", "given": {"empty": "yes", "report": "image2025", "out": "'
    + b"x" * 300_000
    + b'"}}',
]
PATHS = [
    "/made/" + "9" * 5000,
    "/made/-1",
    "/made/٣",
    "/%00",
    "/%ff",
    "/" + "x" * 300 + ".html",
]


@pytest.mark.slow
def test_malformed_requests_are_refused_without_a_traceback(tmp_path, capfd):
    (tmp_path / "private").mkdir()
    (tmp_path / "books").mkdir()
    with serving(tmp_path / "books", tmp_path / "private") as (_, window):
        answers = [
            window.request("POST", path, body).status
            for path in ("/open", "/ask", "/do", "/start")
            for body in BODIES
        ]
        answers += [window.get(quote(path, safe="/%")).status for path in PATHS]
        names = ("%00", "x" * 400, "..", "%ff", "a%0Ab.xlsx", "%ED%A0%80")
        kept = [
            window.request("POST", f"/hand?name={name}", b"x").status for name in names
        ]
    assert [status for status in answers if not 400 <= status < 500] == []
    assert kept == [200] * len(names)
    assert "Traceback" not in capfd.readouterr().err


@pytest.mark.slow
def test_a_save_is_seen_checked_and_traced(desk):
    _, window, file = desk
    events = window.events()
    kinds = []
    for event in events:
        kinds.append(event["kind"])
        if event["kind"] == "check":
            break
    assert event["verdict"] == "pass"
    assert "overview" in kinds
    # Half a file changes nothing; the whole one, renamed into place, is seen.
    file.write_bytes(own_bytes(2, udf=False)[:5000])
    assert next(e for e in events if e["kind"] == "file")["state"] == "unreadable"
    new = file.with_name("new")
    new.write_bytes(own_bytes(2, udf=False))
    new.rename(file)
    overview = next(e for e in events if e["kind"] == "overview")
    assert overview["file"] == "指数 1.xlsx"
    assert len(overview["changed"]) > 10
    assert next(e for e in events if e["kind"] == "check")["verdict"] == "pass"
    status, step = window.ask("trace", cell=overview["ranking"][0]["cell"])
    assert (status, step["value"]) == (200, overview["ranking"][0]["score"])
    status, refused = window.ask("trace", cell="Nowhere!A1")
    assert status == 422
    assert "Nowhere" in refused["problems"][0]["text"]
    assert window.ask("open", copy="/etc/passwd", file="x")[0] == 422
    body = json.dumps(
        {
            "command": "map",
            "given": {"table": file.name, "choices": "{}", "target": "."},
        }
    )
    for lang, said in (("zh", "文件夹"), ("en", "this is a folder")):
        answer = window.request("POST", "/ask", body, **{"x-language": lang})
        assert said in json.loads(answer.read())["problems"][0]["text"]
    path = f"/hand?name={quote('../二 2.xlsx')}"
    handed = json.loads(window.request("POST", path, own_bytes(udf=False)).read())
    assert handed == {"file": "handed:0", "name": "二 2.xlsx"}
    assert window.ask("compare", second=handed["file"])[1]["cells"]
    file.unlink()
    assert next(e for e in events if e["kind"] == "file")["state"] == "absent"


def test_the_language_and_the_list_of_the_folder(desk):
    _, window, file = desk
    (file.parent / "~$指数 1.xlsx").write_bytes(b"lock")
    (file.parent / "other.xlsx").write_bytes(b"no workbook")
    found = json.loads(window.get("/workbooks").read())
    saved = found.pop("saved")
    assert found == {"files": ["other.xlsx", "指数 1.xlsx"], "open": "指数 1.xlsx"}
    assert saved[file.name] == file.stat().st_mtime
    assert json.loads(window.get("/texts?lang=zh").read())["findings"] == "检查"
    body = json.dumps({"name": "../private"})
    assert window.request("POST", "/open", body).status == 422
    assert (
        window.request("POST", "/open", json.dumps({"name": "other.xlsx"})).status
        == 200
    )
    state = next(event for event in window.events() if event["kind"] == "file")
    assert (state["name"], state["state"]) == ("other.xlsx", "unreadable")


@pytest.mark.slow
def test_an_action_writes_beside_the_workbook_and_offers_the_file(desk):
    _, window, file = desk
    found = json.loads(window.get("/actions").read())
    assert found["files"] == ["指数 1.xlsx"]
    assert {action["id"] for action in found["actions"]} == set(forms())
    events = window.events()

    def done(action, **given):
        body = json.dumps({"action": action, "given": given, "lang": "zh"})
        answer = window.request("POST", "/do", body)
        if answer.status != 200:
            return json.loads(answer.read())
        return next(e for e in events if e["kind"] == "run" and e["state"] != "running")

    (file.parent / "numpy.py").write_text("raise SystemExit('the folder is searched')")
    sealed = done("seal")
    assert (sealed["state"], [one["name"] for one in sealed["files"]]) == (
        "done",
        ["指数 1.xlsx.seal.txt"],
    )
    assert sealed["text"]
    made = window.get(f"/made/{sealed['files'][0]['number']}")
    assert made.getheader("content-disposition").startswith("attachment")
    assert made.read() == (file.parent / sealed["files"][0]["name"]).read_bytes()
    assert window.get("/made/7").status == 404
    handed = json.loads(
        window.request("POST", "/hand?name=-late.csv", b"unit,Q\nx,1\n").read()
    )
    failed = done("fill", data=handed["file"], out="-new.xlsx")
    assert (failed["state"], failed["files"]) == ("failed", [])
    assert any(note.count("late.csv") and "/" not in note for note in failed["notes"])
    assert "edition" in done("roll", out="next.xlsx")["problems"][0]["text"]
    assert sorted(path.name for path in file.parent.iterdir()) == [
        "numpy.py",
        "指数 1.xlsx",
        "指数 1.xlsx.seal.txt",
    ]


def test_ctrl_c_ends_it_quietly(tmp_path):
    words = [sys.executable, "-m", "xlcity", "desk", str(tmp_path), "--no-browser"]
    process = subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout.readline().startswith("http://127.0.0.1:")
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE) == 0
    assert process.stderr.read() == ""


def test_requests_that_are_open_at_the_end_are_cut_off_without_a_word(tmp_path, capfd):
    (tmp_path / "private").mkdir()
    with ExitStack() as slow, serving(tmp_path, tmp_path / "private") as (_, window):
        place = "127.0.0.1", window.place.port
        connection = slow.enter_context(socket.create_connection(place, timeout=5))
        head = f"POST /open HTTP/1.1\r\nHost: 127.0.0.1:{place[1]}\r\n{SECRET}: {window.secret}\r\n"
        connection.sendall(f"{head}Content-Length: 9\r\n\r\n{{".encode())
        assert window.get("/").status == 200  # that one is being waited for
    assert capfd.readouterr().err == ""


def test_nothing_of_a_page_that_is_killed_goes_on_and_the_next_removes_its_files(
    tmp_path,
):
    private = tmp_path / "private"
    file = tmp_path / "1.xlsx"
    private.mkdir()
    file.write_bytes(own_bytes(udf=False))
    words = [
        sys.executable,
        "-m",
        "xlcity",
        "desk",
        str(file),
        "--no-browser",
        "--json",
    ]
    environment = {**os.environ, "TMPDIR": str(private)}
    process = subprocess.Popen(
        words, stdout=subprocess.PIPE, text=True, env=environment
    )
    window = Window(json.loads(process.stdout.readline())["url"])
    assert window.do("assess", {"n": "1000000"}) is None
    assert wait_until(
        lambda: any("assess" in words for words in running_in(private)), PATIENCE
    )
    process.kill()
    process.wait()
    assert wait_until(lambda: running_in(private) == [], 10)
    with serving(file, private):
        pass  # which asserts that the folder is empty


def test_places_and_ports_that_cannot_be_used(run_xlcity_desk):
    assert run_xlcity_desk("nowhere.xlsx") == (2, "there is no such file or folder")
    assert run_xlcity_desk(".", "--port", "99999")[0] == 2


@pytest.fixture
def run_xlcity_desk():
    def run(*words):
        command = [sys.executable, "-m", "xlcity", "desk", *words, "--no-browser"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
        expected = "there is no such file or folder"
        return done.returncode, expected if expected in done.stderr else done.stderr

    return run
