"""Sixty small faults put into the code by seed, and whether the tests of their package notice them.

python tests/golden/before/mutants.py draw   chooses them from the code as it is
python tests/golden/before/mutants.py run    tries each in a copy of the tree

A mutant is a line with one operator, comparison or number changed. It is found again by its line,
which its package has once; `now` holds both lines where they have been rewritten since.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
TABLE = Path(__file__).with_name("mutants.json")
PACKAGES = ("functions", "methods", "model", "index", "assess", "xlsx", "recalc")
SEED, COUNT = 36, 60
#: What an operator becomes.
SWAPPED = {
    ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">", ast.Eq: "!=", ast.NotEq: "==",
    ast.Add: "-", ast.Sub: "+", ast.Mult: "/", ast.Div: "*", ast.And: "or", ast.Or: "and",
}  # fmt: skip
SIGNS = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.And: "and", ast.Or: "or",
}  # fmt: skip


def line_mutants(function: ast.AST, lines: list[str]) -> Iterator[tuple[str, str]]:
    """Yield (line, mutated line) for operators and numbers that stand on one line."""
    for node in ast.walk(function):
        pairs: list[tuple[ast.expr, ast.expr, ast.AST]] = []
        if isinstance(node, ast.Compare):
            operands = (node.left, *node.comparators)
            pairs = list(zip(operands, node.comparators, node.ops, strict=False))
        elif isinstance(node, ast.BinOp):
            pairs = [(node.left, node.right, node.op)]
        elif isinstance(node, ast.BoolOp):
            pairs = [(node.values[0], node.values[1], node.op)]
        for left, right, operator in pairs:
            if type(operator) not in SWAPPED or left.end_lineno != right.lineno:
                continue
            text = lines[right.lineno - 1].encode()
            between = text[left.end_col_offset : right.col_offset].decode()
            sign = SIGNS[type(operator)]
            if between.count(sign) == 1:
                changed = between.replace(sign, SWAPPED[type(operator)])
                yield (
                    text.decode(),
                    text[: left.end_col_offset].decode()
                    + changed
                    + text[right.col_offset :].decode(),
                )
        if isinstance(node, ast.Constant) and type(node.value) in (int, float):
            text = lines[node.lineno - 1].encode()
            start, end = text[: node.col_offset].decode(), text[node.end_col_offset :].decode()
            yield text.decode(), f"{start}{node.value + 1!r}{end}"


def draw() -> None:
    """Choose the mutants, the same number in every package as far as it has lines."""
    rng, chosen = random.Random(SEED), []
    for package in PACKAGES:
        sources = [
            path.read_text(encoding="utf-8")
            for path in sorted((ROOT / "xlcity" / package).rglob("*.py"))
        ]
        counts = Counter(line.strip() for source in sources for line in source.splitlines())
        possible = [
            (package, node.name, before.strip(), after.strip())
            for source in sources
            for node in ast.walk(ast.parse(source))
            if isinstance(node, ast.FunctionDef)
            for before, after in line_mutants(node, source.splitlines())
            if counts[before.strip()] == 1
        ]
        chosen += rng.sample(sorted(set(possible)), -(-COUNT // len(PACKAGES)))
    keys = ("package", "function", "was", "becomes")
    rows = [dict(zip(keys, row, strict=True)) for row in chosen[:COUNT]]
    TABLE.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def place(row: dict[str, str], home: Path) -> tuple[Path, str, str]:
    """Return the file, the line and the mutated line of a mutant in a tree."""
    was, becomes = row.get("now", [row["was"], row["becomes"]])
    matches = []
    for path in sorted((home / "xlcity" / row["package"]).rglob("*.py")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.strip() == was:
                matches.append((path, line, line.replace(was, becomes)))
    if len(matches) != 1:
        raise LookupError(f"{row['package']}: {row['function']}: {len(matches)} lines: {was}")
    return matches[0]


def is_killed(row: dict[str, str], home: Path) -> bool:
    """Try one mutant in a copy of the tree: the tests of its package, then the published tables."""
    path, line, mutated = place(row, home)
    source = path.read_text(encoding="utf-8")
    path.write_text(source.replace(line + "\n", mutated + "\n"), encoding="utf-8")
    try:
        for tests in (f"tests/unit/{row['package']}", "tests/published"):
            words = [
                sys.executable,
                "-m",
                "pytest",
                "-x",
                "-q",
                "-n",
                "0",
                tests,
                "-p",
                "no:cacheprovider",
            ]
            words += ["-m", "not slow and not long and not libreoffice"]
            environment = {**os.environ, "PYTHONPATH": str(home), "PYTHONDONTWRITEBYTECODE": "1"}
            try:
                done = subprocess.run(
                    words, cwd=home, env=environment, capture_output=True, timeout=600, check=False
                )
            except subprocess.TimeoutExpired:
                return True
            if done.returncode:
                return True
        return False
    finally:
        path.write_text(source, encoding="utf-8")


def run(column: str) -> None:
    """Try all mutants; what was tried before is skipped."""
    rows = json.loads(TABLE.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "copy"
        shutil.copytree(
            ROOT, home, ignore=shutil.ignore_patterns(".venv", ".git", "*cache*", "build")
        )
        for row in rows:
            if column in row:
                continue
            try:
                row[column] = is_killed(row, home)
            except LookupError:
                row[column] = None  # its line went with its code
            print(row["package"], row["function"], row["was"], row[column], flush=True)
            TABLE.write_text(
                json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
            )
    tried = [row[column] for row in rows if row[column] is not None]
    print(sum(tried), "of", len(tried), "killed")


def main() -> None:
    """Draw the mutants, look where they are, or try them."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("what", choices=["draw", "where", "run"])
    parser.add_argument("--column", default="before", help="where the answers are stored")
    args = parser.parse_args()
    if args.what == "draw":
        draw()
    elif args.what == "run":
        run(args.column)
    else:
        for row in json.loads(TABLE.read_text(encoding="utf-8")):
            try:
                print("found", place(row, ROOT)[0].relative_to(ROOT))
            except LookupError as problem:
                print("LOST", problem)


if __name__ == "__main__":
    main()
