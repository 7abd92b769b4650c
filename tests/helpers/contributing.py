"""The examples of CONTRIBUTING.md, so that tests follow what it says to the letter."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).parents[2] / "CONTRIBUTING.md"


def example(heading: str, language: str = "python") -> str:
    """Return the code, or the lines of a table, below a heading."""
    (section,) = re.findall(
        rf"^## {heading}\n(.*?)(?=^## |\Z)",
        PAGE.read_text(encoding="utf-8"),
        re.DOTALL | re.MULTILINE,
    )
    (code,) = re.findall(
        rf"^```{language}\n(.*?)^```", section, re.DOTALL | re.MULTILINE
    )
    return code


def run(script: str, *words: object) -> subprocess.CompletedProcess[str]:
    """Run a script with words in a process of its own."""
    command = [sys.executable, "-c", script, *map(str, words)]
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=300,
    )
