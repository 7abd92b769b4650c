"""Starters on the desktop: the very words arrive, whatever letters the paths have."""

import configparser
import re
import shlex
import subprocess
import sys

import pytest

from tests.helpers.cli import run, run_json
from xlcity.desk import shortcut
from xlcity.errors import UsageError

ODD = '指数 "$HOME" 100%\\ `a` books'


@pytest.fixture
def home(tmp_path, monkeypatch):
    (tmp_path / "Desktop").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(shortcut.shutil, "which", lambda _: None)
    return tmp_path


def test_linux_starts_the_words(home):
    path = shortcut.write_shortcut(home / ODD, "linux")
    assert path == home / "Desktop" / "xlcity.desktop"
    assert path.stat().st_mode & 0o111
    entry = configparser.RawConfigParser()
    entry.optionxform = str
    entry.read(path, encoding="utf-8")
    line = entry["Desktop Entry"]["Exec"]
    # The rules backwards: escapes of the file, then quotes, then field codes.
    line = line.replace("\\\\", "\\")
    words = [
        re.sub(r'\\(["`$\\])', r"\1", word).replace("%%", "%")
        for word in re.findall(r'"((?:[^"\\]|\\.)*)"', line)
    ]
    assert words == [sys.executable, "-P", "-m", "xlcity", "desk", str(home / ODD)]
    assert entry["Desktop Entry"]["Terminal"] == "false"


def test_macos_starts_the_words(home, monkeypatch):
    echo = home / "py thon"
    echo.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    echo.chmod(0o755)
    monkeypatch.setattr(shortcut.sys, "executable", str(echo))
    path = shortcut.write_shortcut(home / ODD, "darwin")
    done = subprocess.run([path], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["-P", "-m", "xlcity", "desk", str(home / ODD)]
    assert shlex.split(path.read_text().splitlines()[1])[1] == str(echo)


def test_windows_starts_without_a_window(home, monkeypatch):
    for name in ("python.exe", "pythonw.exe"):
        (home / name).touch()
    monkeypatch.setattr(shortcut.sys, "executable", str(home / "python.exe"))
    text = (
        shortcut.write_shortcut(home / "指数 100%", "win32")
        .read_bytes()
        .decode("utf-8")
    )
    lines = text.split("\r\n")
    assert lines[:2] == ["@echo off", "chcp 65001 >nul"]
    assert lines[2] == (
        f'start "" "{home / "pythonw.exe"}" "-P" "-m" "xlcity" "desk" "{home / "指数 100%%"}"'
    )


def test_the_verb_writes_it_and_an_older_one_is_kept(home, capsys, monkeypatch):
    monkeypatch.setattr(shortcut.sys, "platform", "linux")
    (home / "Desktop" / "xlcity.desktop").write_text("mine")
    _, document = run_json(capsys, "desk", "--shortcut")
    assert document["opens"] == str(home / "xlcity")
    assert (home / "xlcity").is_dir()
    assert (home / "Desktop" / "xlcity.desktop.bak").read_text() == "mine"
    assert run(capsys, "desk", home / "no such", "--shortcut")[0] == 2


def test_the_desktop_is_the_folder_that_the_system_names(home, monkeypatch):
    asked = home / "xdg-user-dir"
    asked.write_text('#!/bin/sh\necho "$HOME/Schreibtisch"\n')
    asked.chmod(0o755)
    monkeypatch.setattr(shortcut.shutil, "which", lambda _: str(asked))
    assert shortcut.find_desktop() == home / "Desktop"
    (home / "Schreibtisch").mkdir()
    assert shortcut.find_desktop() == home / "Schreibtisch"


def test_no_desktop_is_said(home):
    (home / "Desktop").rmdir()
    with pytest.raises(UsageError, match="no desktop folder"):
        shortcut.write_shortcut(home)
