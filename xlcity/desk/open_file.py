"""Opens a file with the program that the system keeps for it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from xlcity.errors import UsageError

#: Documents: what a system would run is never opened.
_DOCUMENTS = {".xlsx", ".docx", ".html", ".pdf", ".csv", ".svg", ".png", ".txt", ".md"}


def open_file(path: Path) -> None:
    """Open a document.

    Raises
    ------
    UsageError
        If it is not a document, or the system names no program.
    """
    if path.suffix.lower() not in _DOCUMENTS:
        raise UsageError(f"{path.name} is not a document that can be opened.", "Open it yourself.")
    if sys.platform == "win32":
        os.startfile(path)
        return
    opener = shutil.which("open" if sys.platform == "darwin" else "xdg-open")
    if opener is None:
        raise UsageError("this system has no xdg-open.", f"Open the file yourself: {path}.")
    quiet = subprocess.DEVNULL
    subprocess.Popen(
        [opener, str(path)], stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True
    )
