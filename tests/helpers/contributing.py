"""The recipes of CONTRIBUTING.md, so that tests do what it says to the letter."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).parents[2] / "CONTRIBUTING.md"
_BLOCK = re.compile(
    r'^```(?P<kind>[\w-]+) title="(?P<file>[^"]+)"\n(?P<text>.*?)^```',
    re.DOTALL | re.MULTILINE,
)


@dataclass(frozen=True)
class Block:
    """A file of the tree, or what is added to one.

    Attributes
    ----------
    kind
        python, toml, toml-table, csv, diff, or python-method: what a class begins with.
    """

    kind: str
    file: str
    text: str

    def apply(self, tree: Path) -> None:
        """Do to a copy of the tree what the block says."""
        path = tree / self.file
        if self.kind == "python":
            assert not path.exists(), f"{path} is there"
            path.write_text(self.text, encoding="utf-8")
            return
        before = path.read_text(encoding="utf-8")
        path.write_text(self._added_to(before), encoding="utf-8")

    def _added_to(self, before: str) -> str:
        """Return the text of a file with the block in it."""
        if self.kind == "toml":
            keys, section, rest = before.partition("\n[")
            return f"{keys}\n{self.text}{section}{rest}"
        if self.kind == "diff":
            return self._patched(before)
        if self.kind == "python-method":
            (name,) = re.findall(r"def (\w+)_", self.text)
            first = before.index(f"    def {name}_")
            return f"{before[:first]}{self.text}\n{before[first:]}"
        return f"{before}{self.text}"

    def _patched(self, before: str) -> str:
        lines = self.text.splitlines(keepends=True)
        old = "".join(line[1:] for line in lines if line[0] != "+")
        new = "".join(line[1:] for line in lines if line[0] != "-")
        assert before.count(old) == 1, f"{self.file} has {before.count(old)} of {old}"
        return before.replace(old, new)


def blocks(heading: str) -> list[Block]:
    """Return what a recipe adds to files."""
    (section,) = re.findall(
        rf"^## {heading}\n(.*?)(?=^## |\Z)",
        PAGE.read_text(encoding="utf-8"),
        re.DOTALL | re.MULTILINE,
    )
    found = [Block(**match.groupdict()) for match in _BLOCK.finditer(section)]
    assert len(found) == section.count("\n```") // 2, (
        f"{heading}: a block lacks a title"
    )
    return found


def headings() -> list[str]:
    """Return the headings of all recipes that have blocks."""
    text = PAGE.read_text(encoding="utf-8")
    found = re.findall(r"^## (Add an? .*)$", text, re.MULTILINE)
    return [heading for heading in found if blocks(heading)]


def example(heading: str, language: str = "python") -> str:
    """Return the module, or the lines of a table, of a recipe."""
    (block,) = (block for block in blocks(heading) if block.kind == language)
    return block.text


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
