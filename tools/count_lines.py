"""Counts lines of code: without docstrings, comments, blank lines and imports.

Run from the root of the project: `python tools/count_lines.py [FOLDER…]` (default: xlcity). Prints
a line per package, and the longest functions and files.
"""

from __future__ import annotations

import ast
import io
import sys
import tokenize
from collections import Counter
from pathlib import Path

#: Tokens that make no line of code.
_NOTHING = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
}
_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def code_lines(text: str) -> set[int]:
    """Return the numbers of the lines that hold code."""
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in _NOTHING:
            lines |= set(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            lines -= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
        if isinstance(node, _DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            first = node.body[0]
            lines -= set(range(first.lineno, (first.end_lineno or first.lineno) + 1))
    return lines


def functions(text: str) -> list[tuple[int, str]]:
    """Return (lines from `def` to its end, name) of every function."""
    return [
        ((node.end_lineno or node.lineno) - node.lineno + 1, node.name)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    ]


def main(folders: list[str]) -> None:
    """Count and print."""
    for folder in folders or ["xlcity"]:
        root = Path(folder)
        counts: Counter[str] = Counter()
        files: list[tuple[int, str]] = []
        long: list[tuple[int, str]] = []
        for path in sorted(root.rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            parts = path.relative_to(root).parts
            counts[parts[0] if len(parts) > 1 else "."] += len(code_lines(text))
            files.append((text.count("\n"), str(path)))
            long += [(size, f"{path}:{name}") for size, name in functions(text)]
        for package, lines in sorted(counts.items()):
            sys.stdout.write(f"{lines:7,}  {root / package}\n")
        sys.stdout.write(f"{counts.total():7,}  {root} in {len(files)} files\n")
        for title, found, most in (("files", files, 400), ("functions", long, 60)):
            over = sorted((item for item in found if item[0] > most), reverse=True)
            sys.stdout.write(f"{len(over):7,}  {title} over {most} lines\n")
            for size, name in over[:20]:
                sys.stdout.write(f"{size:12,}  {name}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
