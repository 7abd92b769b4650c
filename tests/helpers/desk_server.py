"""The companion page's server, and that nothing of it is left."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.helpers.desk_window import PATIENCE, Window


@contextlib.contextmanager
def serving(place: Path, private: Path, *program: str):
    """Serve a place; yield the process and its window. Nothing is left of it, and nothing runs.

    `private` is an empty folder for its temporary files; `program` starts it, as another user.
    """
    words = [
        *program,
        sys.executable,
        "-m",
        "xlcity",
        "desk",
        str(place),
        "--no-browser",
        "--json",
    ]
    environment = {**os.environ, "TMPDIR": str(private)}
    process = subprocess.Popen(
        words, stdout=subprocess.PIPE, text=True, env=environment
    )
    document = json.loads(process.stdout.readline())
    assert set(document) == {"schema", "url"}
    try:
        yield process, Window(document["url"])
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
        assert process.stdout.read() == ""
        assert [*private.iterdir()] == []
        assert running_in(private) == []


def running_in(private: Path) -> list[str]:
    """Return the command lines of the processes that have a folder for their temporary files."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if f"TMPDIR={private}\0".encode() in (process / "environ").read_bytes():
                found.append((process / "cmdline").read_text())
    return found
