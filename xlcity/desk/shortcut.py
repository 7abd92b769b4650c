"""Opens the companion page, puts a starter of it on the desktop, and says what it needs."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

from xlcity.errors import UsageError
from xlcity.xlsx.save import write_output


def require_server() -> None:
    """Require what serves the page.

    Raises
    ------
    UsageError
        If it is not installed.
    """
    if find_spec("starlette") is None or find_spec("uvicorn") is None:
        raise UsageError.of("XC100.no_server_packages")


def open_page(file: str | Path, *options: str) -> None:
    """Open the page of a file in a process that outlives this one.

    Raises
    ------
    UsageError
        If what serves it is not installed.
    """
    require_server()
    start_apart([sys.executable, "-P", "-m", "xlcity", "desk", str(file), *options])


def start_apart(command: Sequence[str]) -> None:
    """Start a program that outlives this one, and says nothing."""
    quiet = subprocess.DEVNULL
    subprocess.Popen(
        command, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True
    )


def write_shortcut(folder: Path, system: str = "") -> Path:
    """Write a starter that opens the page on a folder; return where it is.

    Parameters
    ----------
    folder
        What the page shows.
    system
        As `sys.platform` names it; this one by default.

    Raises
    ------
    UsageError
        If the desktop is not found or cannot be written to.
    """
    words = [sys.executable, "-P", "-m", "xlcity", "desk", str(folder)]
    system = system or sys.platform
    if system == "win32":
        return _write_to_desktop("xlcity.bat", _batch_file(words))
    if system == "darwin":
        return _write_to_desktop(
            "xlcity.command", f"#!/bin/sh\nexec {shlex.join(words)}\n"
        )
    icon = files("xlcity.desk").joinpath("page", "icon.svg")
    path = _write_to_desktop("xlcity.desktop", _desktop_entry(words, str(icon)))
    gio = shutil.which("gio")
    if gio is not None:  # GNOME asks once before it starts what is not marked
        mark = [gio, "set", str(path), "metadata::trusted", "true"]
        subprocess.run(mark, check=False, capture_output=True, timeout=10)
    return path


def _write_to_desktop(name: str, text: str) -> Path:
    path = find_desktop() / name
    write_output(path, text.encode("utf-8"))
    path.chmod(0o755)
    return path


def find_desktop() -> Path:
    """Return the folder whose files stand on the desktop.

    Raises
    ------
    UsageError
        If there is none.
    """
    home = Path.home()
    candidates = []
    if (asked := shutil.which("xdg-user-dir")) is not None:
        done = subprocess.run(
            [asked, "DESKTOP"], check=False, capture_output=True, text=True
        )
        candidates = [Path(done.stdout.strip())] if done.stdout.strip() else []
    # OneDrive takes the desktop of Windows over.
    candidates += [
        home / "OneDrive" / "Desktop",
        home / "OneDrive" / "桌面",
        home / "Desktop",
        home / "桌面",
    ]
    for folder in candidates:
        if folder.is_dir() and folder != home:
            return folder
    raise UsageError.of("XC100.no_desktop", home=home / "Desktop")


def _desktop_entry(words: Sequence[str], icon: str) -> str:
    """Return a starter by the rules of freedesktop.org: quoted twice, and % doubled."""

    def quoted(word: str) -> str:
        for letter in '\\"`$':
            word = word.replace(letter, f"\\{letter}")
        return f'"{word}"'.replace("\\", "\\\\").replace("%", "%%")

    lines = {
        "Type": "Application",
        "Name": "xlcity",
        "Comment": "City indices in spreadsheets",
        "Comment[zh_CN]": "电子表格中的城市指数",
        "Exec": " ".join(map(quoted, words)),
        "Icon": icon.replace("\\", "\\\\"),
        "Terminal": "false",
        "Categories": "Office;Spreadsheet;",
    }
    return "[Desktop Entry]\n" + "".join(
        f"{key}={value}\n" for key, value in lines.items()
    )


def _batch_file(words: Sequence[str]) -> str:
    """Return a batch file that starts Python without a window of its own."""
    program = Path(words[0])
    silent = program.with_name(f"{program.stem}w{program.suffix}")
    first = str(silent) if silent.exists() else str(program)
    command = " ".join(f'"{word}"' for word in (first, *words[1:]))
    quoted = command.replace("%", "%%")
    return f'@echo off\r\nchcp 65001 >nul\r\nstart "" {quoted}\r\n'
