"""The script that LibreOffice's own Python runs: it passes calls to a helper with numpy and xlcity.

LibreOffice's Python often has no numpy and is not the one that xlcity is installed in. So this
script uses the standard library only, and talks to the helper, a process of its own, over pipes: no
port is opened, and the helper ends when LibreOffice does. It must also run on Python 3.7.
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

_helper_lock = threading.Lock()
_helper: Any = None

#: LibreOffice lists none of these functions among its macros.
g_exportedScripts = ()  # noqa: N816


def call(name: str, count: int, given: tuple[Any, ...]) -> tuple[tuple[Any, ...], ...]:
    """Return the result of a function that a cell calls through Basic.

    Where the helper cannot be reached it is #NAME?, as if there were no function: so sheets can
    tell that the library is not loaded.

    Parameters
    ----------
    name
        The function.
    count
        How many of the arguments are given.
    given
        The arguments: values, or rows of a range.

    Returns
    -------
    tuple
        Rows of numbers, texts, and errors as Calc writes them.
    """
    arguments = [_encode_argument(value) for value in given[: int(count)]]
    question = json.dumps([name, arguments])
    for _ in range(2):  # once more with a new helper, should this one have died
        try:
            with _helper_lock:
                rows = _ask_helper(question)
        except (OSError, ValueError):
            _stop_helper()
            continue
        return tuple(tuple(map(_decode_cell, row)) for row in rows)
    return ((error_value(NAME_ERROR),),)


def error_value(number: int) -> float:
    """Return Calc's error with a number, such as 532 for a division by 0: a NaN that holds it."""
    bits = struct.pack(">Q", ERROR_BITS + number)
    return float(struct.unpack(">d", bits)[0])


def _encode_argument(value: Any) -> Any:
    """Return an argument of a call as JSON takes it.

    Rows become lists; an error, in Calc a NaN that holds its number, a dictionary with the number.
    """
    if isinstance(value, tuple):
        return [_encode_argument(part) for part in value]
    if isinstance(value, float) and value != value:
        # Inline arrays may hold errors; ranges with errors never come this far.
        return {"error": struct.unpack(">Q", struct.pack(">d", value))[0] & 0xFFFF}
    return value


def _decode_cell(cell: Any) -> Any:
    """Return a cell of the helper's answer as Calc takes it: an error as a NaN with its number."""
    return error_value(cell["error"]) if isinstance(cell, dict) else cell


def _ask_helper(question: str) -> Any:
    """Send a line of JSON to the helper, started if need be, and return its answer, decoded.

    `OSError` or `ValueError` if it has ended.
    """
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
    """Start the helper's process; the person's own functions are passed as XLCITY_FUNCTIONS.

    It does not get the PYTHON… variables, which belong to LibreOffice's own Python.
    """
    environment = {
        key: text for key, text in os.environ.items() if not key.startswith("PYTHON")
    }
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


def _stop_helper() -> None:
    """End the helper's process, if there is one; the next call starts another."""
    global _helper
    if _helper is not None:
        _helper.kill()
        _helper.wait()
        _helper = None
