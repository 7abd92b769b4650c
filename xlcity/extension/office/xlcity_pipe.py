"""Starts the helper that computes, and asks it from a thread: Calc is never kept waiting.

Part of the extension: runs in LibreOffice's own Python (3.7 and later), standard library only.
"""

from __future__ import annotations

import json
import os
import subprocess
import threading
from pathlib import Path
from typing import Any, Callable


class Pipe:
    """A helper process; started when it is needed, and again when it is gone.

    Parameters
    ----------
    settings
        The file that `xlcity udf install` writes: `command` and `import_from`, as JSON.
    """

    def __init__(self, settings: str) -> None:
        self.settings = settings
        self.process: subprocess.Popen[bytes] | None = None
        self.busy = False
        self._cancelled = False

    @property
    def alive(self) -> bool:
        """Whether the helper that answered last is still there."""
        return self.process is not None and self.process.poll() is None

    def ask(
        self, question: dict[str, Any], receive: Callable[[dict[str, Any]], None]
    ) -> None:
        """Ask in a thread; `receive` is called there with each document of the answer.

        The last one is `{"end": True}`; what went wrong is `{"fault": name}`.
        """
        self.busy = True
        self._cancelled = False
        threading.Thread(
            target=self._ask, args=(question, receive), daemon=True
        ).start()

    def cancel(self) -> None:
        """End what is being computed, and the helper with it."""
        self._cancelled = True
        self.stop()

    def stop(self) -> None:
        """End the helper."""
        process, self.process = self.process, None
        if process is not None:
            process.kill()
            process.wait()

    def _ask(
        self, question: dict[str, Any], receive: Callable[[dict[str, Any]], None]
    ) -> None:
        fault = ""
        try:
            self._exchange(question, receive)
        except FileNotFoundError:
            fault = "absent"
        except (OSError, ValueError, KeyError):
            self.stop()
            fault = "cancelled" if self._cancelled else "ended"
        self.busy = False  # the next question may come as soon as this is answered
        if fault:
            receive({"fault": fault})
        receive({"end": True})

    def _exchange(
        self, question: dict[str, Any], receive: Callable[[dict[str, Any]], None]
    ) -> None:
        process = self.process
        if process is None or process.poll() is not None:
            process = self.process = self._start()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(question).encode("ascii") + b"\n")
        process.stdin.flush()
        while True:
            line = process.stdout.readline()
            if not line.endswith(b"\n"):
                raise OSError("the helper is gone")
            document = json.loads(line.decode("ascii"))
            if document.get("end"):
                return
            receive(document)

    def _start(self) -> subprocess.Popen[bytes]:
        stored = json.loads(Path(self.settings).read_text(encoding="utf-8"))
        command: list[str] = stored["command"]
        # LibreOffice sets PYTHONHOME and PYTHONPATH for its own Python.
        environment = {
            k: text for k, text in os.environ.items() if not k.startswith("PYTHON")
        }
        environment["PYTHONPATH"] = stored["import_from"]
        flags = getattr(subprocess, "CREATE_NO_WINDOW", 0)
        pipe = subprocess.PIPE
        return subprocess.Popen(
            command,
            stdin=pipe,
            stdout=pipe,
            stderr=subprocess.DEVNULL,
            env=environment,
            creationflags=flags,
        )
