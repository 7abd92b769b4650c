"""The pipes of a process that answers questions from inside a spreadsheet program."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import BinaryIO


def serve_on_pipes(serve: Callable[[BinaryIO, BinaryIO], None]) -> None:
    """Serve on this process's pipes; what is printed meanwhile must not get into the answers."""
    target = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    serve(sys.stdin.buffer, target)
