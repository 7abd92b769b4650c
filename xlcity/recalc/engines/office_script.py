"""Converts workbooks one after the other in one LibreOffice; run by a Python that has `uno`.

Not part of a Python package there: it imports nothing of this project. Started with the pipe's
name and LibreOffice's command line; then it is a `recalc.child_process.ChildProcess` whose tasks
are pairs of URLs: of a workbook, and of the result. When its stdin closes, even at work, it ends
itself, LibreOffice and all else in its process group: it must be started in a group of its own.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from queue import SimpleQueue
from typing import Any

_FILTER = "Calc MS Excel 2007 XML"


def _property_values(**values: object) -> tuple[Any, ...]:
    """Return keyword arguments as LibreOffice's `PropertyValue` structures."""
    from com.sun.star.beans import PropertyValue

    return tuple(
        PropertyValue(Name=name, Value=value) for name, value in values.items()
    )


def _connect_to_desktop(pipe: str, process: subprocess.Popen[bytes]) -> Any:
    """Return the `Desktop` of a starting LibreOffice, as soon as it listens on its pipe."""
    import uno

    context = uno.getComponentContext()
    resolver = context.ServiceManager.createInstanceWithContext(
        "com.sun.star.bridge.UnoUrlResolver", context
    )
    while process.poll() is None:
        try:
            office = resolver.resolve(
                f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext"
            )
        except Exception:
            time.sleep(0.05)
            continue
        return office.ServiceManager.createInstanceWithContext(
            "com.sun.star.frame.Desktop", office
        )
    raise SystemExit(f"LibreOffice ended with {process.returncode}")


def _convert_file(desktop: Any, source: str, target: str) -> None:
    """Load the workbook at one URL, which recalculates it, and save it as .xlsx to another.

    `desktop` is LibreOffice's.
    """
    document = desktop.loadComponentFromURL(
        source, "_blank", 0, _property_values(Hidden=True)
    )
    if document is None:
        raise ValueError("it cannot be loaded")
    try:
        document.storeToURL(target, _property_values(FilterName=_FILTER))
    finally:
        document.close(True)


def main() -> None:
    """Start LibreOffice and convert the workbooks that stdin names, until it closes; see above."""
    pipe = sys.argv[1]
    command = sys.argv[2:]
    process = subprocess.Popen(
        [*command, f"--accept=pipe,name={pipe};urp"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    tasks: SimpleQueue[tuple[str, str]] = SimpleQueue()

    def read_tasks() -> None:
        """Put the tasks from stdin into the queue; end the whole group when stdin closes."""
        with contextlib.suppress(EOFError, pickle.UnpicklingError):
            while True:
                tasks.put(pickle.load(sys.stdin.buffer))
        process.kill()
        if sys.platform != "win32":
            os.killpg(0, signal.SIGKILL)
        os._exit(0)

    threading.Thread(target=read_tasks, daemon=True).start()
    try:
        desktop = _connect_to_desktop(pipe, process)
        while True:
            try:
                _convert_file(desktop, *tasks.get())
                answer: tuple[bool, str] = True, ""
            except Exception as error:
                answer = False, f"{type(error).__name__}: {error}"
            pickle.dump(answer, sys.stdout.buffer)
            sys.stdout.flush()
    finally:
        with contextlib.suppress(Exception):
            process.kill()


if __name__ == "__main__":
    main()
