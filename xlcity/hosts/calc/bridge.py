"""What LibreOffice's own Python runs: it hands calls to a helper that has numpy and xlcity.

LibreOffice's Python often has no numpy and is not the one that xlcity lives in. So this script uses
the standard library only, and talks to the helper over the pipes of a process of its own: nothing
listens anywhere, and the helper ends when LibreOffice does. It must also run on Python 3.7.
"""

from __future__ import annotations

import json
import os
import struct
import subprocess
import threading
from typing import Any

#: How to start the helper, and where it finds xlcity. `xlcity udf install` writes these lines.
COMMAND = ["python3", "-P", "-m", "xlcity.hosts.calc.server"]
IMPORT_FROM = ""
#: Files with functions of one's own, as the variable XLCITY_FUNCTIONS names them.
OWN_FILES = ""

#: Calc's error value is a NaN whose lower bits are the number of the error.
ERROR_BITS = 0x7FF8000000000000
NAME_ERROR = 525

_lock = threading.Lock()
_helper: Any = None

#: Nothing here is for the list of macros.
g_exportedScripts = ()  # noqa: N816


def call(name: str, count: int, given: tuple[Any, ...]) -> tuple[tuple[Any, ...], ...]:
    """Answer one call of Basic: rows of numbers, texts, and errors as Calc writes them.

    Where the helper cannot be reached the answer is #NAME?, as if there were no function: sheets
    tell "not loaded" from wrong by it.
    """
    question = json.dumps([name, [_encode_argument(value) for value in given[: int(count)]]])
    for _ in range(2):  # once more with a new helper, should this one have died
        try:
            with _lock:
                rows = _ask_helper(question)
        except (OSError, ValueError):
            _stop()
            continue
        return tuple(tuple(_decode_cell(cell) for cell in row) for row in rows)
    return ((error_value(NAME_ERROR),),)


def error_value(number: int) -> float:
    """Return an error of Calc as a number."""
    bits = struct.pack(">Q", ERROR_BITS + number)
    return float(struct.unpack(">d", bits)[0])


def _encode_argument(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_encode_argument(item) for item in value]
    if isinstance(value, float) and value != value:
        # Inline arrays may hold errors; ranges with errors never come this far.
        return {"error": struct.unpack(">Q", struct.pack(">d", value))[0] & 0xFFFF}
    return value


def _decode_cell(cell: Any) -> Any:
    return error_value(cell["error"]) if isinstance(cell, dict) else cell


def _ask_helper(question: str) -> Any:
    global _helper
    if _helper is None or _helper.poll() is not None:
        _helper = _start_helper()
    _helper.stdin.write(question.encode("ascii") + b"\n")
    _helper.stdin.flush()
    answer = _helper.stdout.readline()
    if not answer.endswith(b"\n"):
        raise OSError("the helper is gone")
    return json.loads(answer.decode("ascii"))


def _start_helper() -> Any:
    # LibreOffice sets PYTHONHOME and PYTHONPATH for its own Python.
    environment = {key: text for key, text in os.environ.items() if not key.startswith("PYTHON")}
    environment["PYTHONPATH"] = IMPORT_FROM
    if OWN_FILES:
        environment.setdefault("XLCITY_FUNCTIONS", OWN_FILES)
    return subprocess.Popen(
        COMMAND,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )


def _stop() -> None:
    global _helper
    if _helper is not None:
        _helper.kill()
        _helper.wait()
        _helper = None
