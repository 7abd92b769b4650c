"""Small faults put into the code by seed, and whether the tests of their package notice them.

python tests/mutants/mutants.py draw [--seed N] [--of PLACE=COUNT …]   chooses them from the
    code as it is; a place is a folder of the package or a module, all folders by default
python tests/mutants/mutants.py run --column C    tries those without an answer in column C
python tests/mutants/mutants.py suite             tries 20 that survived, drawn by seed, with
    all of `make test`, those written for them and those of their package first
python tests/mutants/mutants.py report --column C counts the answers by package

A mutant is a line with one comparison, operator, number, truth value or returned value changed. It
is found again by its line, which its package has once. Its tests are those of its package that
`make test` runs without LibreOffice, in a minute of the processor; files come first that name its
module and its function, or that noticed others of its package. An answer is the test that failed,
"survived", or "late" where the minute was over; `suite` is what all of `make test` answered, where
it was asked. `mended`, the test written since that fails, and `equivalent`, the reason why none
can, are entered by hand.

The table `mutants.json` is not in git: the same seed draws the same mutants from the same code.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import json
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TABLE = Path(__file__).with_name("mutants.json")
#: Folder -> how many mutants; what decides values and verdicts and what is written comes first.
PACKAGES = {
    "functions": 14,
    "methods": 14,
    "index": 14,
    "recalc/support": 10,
    "recalc": 10,
    "xlsx": 16,
    "workbook/migrate": 10,
    "workbook": 12,
    "model": 8,
    "assess": 7,
    "audit": 9,
    "adoption": 4,
    "api": 5,
    "cli": 5,
    "desk": 3,
    "extension": 2,
    "figures": 3,
    "hosts": 4,
    "report": 6,
    "reports": 4,
}
SECONDS = 60
#: How many that survived are tried with all tests, and in how many seconds each.
DRAWN = 20
SECONDS_OF_ALL = 3600
#: What a sign becomes, by the kind of node that has it.
SIGNS: dict[str, dict[type[ast.AST], tuple[str, str]]] = {
    "comparison": {
        ast.Lt: ("<", "<="),
        ast.LtE: ("<=", "<"),
        ast.Gt: (">", ">="),
        ast.GtE: (">=", ">"),
        ast.Eq: ("==", "!="),
        ast.NotEq: ("!=", "=="),
        ast.Is: ("is", "is not"),
        ast.IsNot: ("is not", "is"),
        ast.In: ("in", "not in"),
        ast.NotIn: ("not in", "in"),
    },
    "arithmetic": {
        ast.Add: ("+", "-"),
        ast.Sub: ("-", "+"),
        ast.Mult: ("*", "/"),
        ast.Div: ("/", "*"),
        ast.FloorDiv: ("//", "/"),
        ast.Mod: ("%", "*"),
        ast.Pow: ("**", "*"),
    },
    "boolean": {ast.And: ("and", "or"), ast.Or: ("or", "and")},
}


def line_mutants(function: ast.AST, lines: list[str]) -> Iterator[tuple[str, str, str]]:
    """Yield (kind, line, mutated line) for what stands on one line."""

    def replaced(node: ast.expr, start: int, end: int, becomes: str) -> tuple[str, str]:
        text = lines[node.lineno - 1].encode()
        return text.decode(), f"{text[:start].decode()}{becomes}{text[end:].decode()}"

    for node in ast.walk(function):
        pairs: list[tuple[str, ast.expr, ast.expr, ast.AST]] = []
        if isinstance(node, ast.Compare):
            operands = (node.left, *node.comparators)
            pairs = [
                ("comparison", left, right, sign)
                for left, right, sign in zip(
                    operands, node.comparators, node.ops, strict=False
                )
            ]
        elif isinstance(node, ast.BinOp):
            pairs = [("arithmetic", node.left, node.right, node.op)]
        elif isinstance(node, ast.BoolOp):
            pairs = [("boolean", node.values[0], node.values[1], node.op)]
        for kind, left, right, sign in pairs:
            was, becomes = SIGNS[kind].get(type(sign), ("", ""))
            if not was or left.end_lineno != right.lineno:
                continue
            start = left.end_col_offset or 0
            end = right.col_offset
            between = lines[right.lineno - 1].encode()[start:end].decode()
            if between.count(was) == 1:
                yield (
                    kind,
                    *replaced(right, start, end, between.replace(was, becomes)),
                )
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            if node.lineno == node.operand.lineno:
                yield (
                    "boolean",
                    *replaced(node, node.col_offset, node.operand.col_offset, ""),
                )
        elif isinstance(node, ast.Constant) and isinstance(node.value, int | float):
            value = not node.value if isinstance(node.value, bool) else node.value + 1
            yield (
                "constant",
                *replaced(node, node.col_offset, node.end_col_offset or 0, repr(value)),
            )
        elif (
            isinstance(node, ast.Return)
            and node.value
            and node.lineno == node.end_lineno
        ):
            start = node.value.col_offset
            end = node.value.end_col_offset or 0
            yield ("return", *replaced(node.value, start, end, "None"))


def modules(home: Path, package: str) -> list[Path]:
    """Return the modules of a folder of the package, or the one that is named."""
    path = home / "xlcity" / package
    return [path] if path.is_file() else sorted(path.rglob("*.py"))


def draw(seed: int, counts: dict[str, int]) -> list[dict]:
    """Return mutants of the code: kinds equally often, as far as a package has them."""
    rng = random.Random(seed)
    chosen = []
    for package, count in counts.items():
        sources = [path.read_text(encoding="utf-8") for path in modules(ROOT, package)]
        lines = Counter(
            line.strip() for source in sources for line in source.splitlines()
        )
        possible: dict[str, set[tuple[str, ...]]] = {}
        for source in sources:
            for node in ast.walk(ast.parse(source)):
                if isinstance(node, ast.FunctionDef):
                    for kind, was, becomes in line_mutants(node, source.splitlines()):
                        if lines[was.strip()] == 1 and was != becomes:
                            mutant = (
                                package,
                                node.name,
                                kind,
                                was.strip(),
                                becomes.strip(),
                            )
                            possible.setdefault(kind, set()).add(mutant)
        text = "\n".join(sources).replace("from __future__ import annotations", "")
        end = len(chosen) + count
        while len(chosen) < end:
            mutant = rng.choice(sorted(possible[rng.choice(sorted(possible))]))
            possible[mutant[2]].remove(mutant)
            possible = {kind: mutants for kind, mutants in possible.items() if mutants}
            with contextlib.suppress(SyntaxError):  # an operand in brackets
                ast.parse(text.replace(mutant[3] + "\n", mutant[4] + "\n"))
                chosen.append(mutant)
    keys = ("package", "function", "kind", "was", "becomes")
    return [{"seed": seed, **dict(zip(keys, mutant, strict=True))} for mutant in chosen]


def read_table() -> list[dict]:
    """Return the mutants that have been drawn."""
    return json.loads(TABLE.read_text(encoding="utf-8")) if TABLE.exists() else []


def store(rows: list[dict]) -> None:
    """Write the table."""
    TABLE.write_text(
        json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )


def place(row: dict, home: Path) -> tuple[Path, str, str]:
    """Return the file, the line and the mutated line of a mutant in a tree."""
    was = row["was"]
    matches = []
    for path in modules(home, row["package"]):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.strip() == was:
                matches.append((path, line, line.replace(was, row["becomes"])))
    if len(matches) != 1:
        raise LookupError(
            f"{row['package']}: {row['function']}: {len(matches)} lines: {was}"
        )
    return matches[0]


def tests_of(row: dict, rows: list[dict], path: Path, home: Path) -> list[str]:
    """Return the files with tests of a mutant's package, those first that are likeliest to fail."""
    others = (other for other in rows if other["package"] == row["package"])
    answers = (other.get("mended") or other.get("killed") or "" for other in others)
    noticed = Counter(answer.partition("::")[0] for answer in answers)
    package = row["package"].partition("/")[0]
    module = path.stem
    parent = ".".join(path.relative_to(home).parts[:-1])
    files = [
        *(home / "tests").glob(f"unit/{package}*/**/test_*.py"),
        *(home / "tests").glob(f"property/test_{package}*.py"),
    ]

    def rank(file: Path) -> tuple[int, int, str]:
        text = file.read_text(encoding="utf-8")
        name = str(file.relative_to(home))
        score = 4 * bool(
            re.search(rf"{parent}(\.{module}\b| import .*\b{module}\b)", text)
        )
        score += (
            3 * (row["function"] in text) + 2 * (module in file.stem) + (parent in text)
        )
        return -score - min(6, noticed[name]), -noticed[name], name

    return [str(file.relative_to(home)) for file in sorted(files, key=rank)]


def _limit(seconds: int) -> None:
    """Limit the time of the processor, and let interrupts through, as no background job does."""
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    signal.signal(signal.SIGINT, signal.default_int_handler)


def answer(
    row: dict, rows: list[dict], home: Path, clock: int, *, all_tests: bool = False
) -> str:
    """Try one mutant in a copy of the tree, with the tests of its package or then all."""
    path, line, mutated = place(row, home)
    source = path.read_text(encoding="utf-8")
    path.write_text(source.replace(line + "\n", mutated + "\n"), encoding="utf-8")
    os.utime(path, (clock, clock))  # what was compiled is of another time
    words = [
        sys.executable,
        "-m",
        "pytest",
        "-x",
        "-q",
        "-n",
        "0",
        "-p",
        "no:cacheprovider",
    ]
    left_out = "not slow and not long" + " and not libreoffice" * (not all_tests)
    own = [row["mended"].partition("::")[0]] if "mended" in row else []
    words += ["-m", left_out, *own * all_tests, *tests_of(row, rows, path, home)]
    words += [
        "tests",
        "--keep-duplicates",
    ] * all_tests  # else the order is that of the names
    seconds = SECONDS_OF_ALL if all_tests else SECONDS
    try:
        done = subprocess.run(
            words,
            cwd=home,
            env={**os.environ, "PYTHONPATH": str(home)},
            timeout=6 * seconds,
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=partial(_limit, seconds),
        )
    except subprocess.TimeoutExpired:
        return "late"
    finally:
        path.write_text(source, encoding="utf-8")
        os.utime(path, (clock - 1, clock - 1))
    if done.returncode < 0:
        return "late"
    failed = re.search(r"^(?:FAILED|ERROR) (\S+)", done.stdout, re.MULTILINE)
    return "survived" if done.returncode == 0 else failed[1] if failed else "import"


def run(column: str, rows: list[dict], chosen: list[dict]) -> None:
    """Try mutants, all tests where the column is `suite`; what was tried before is skipped."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "copy"
        ignored = shutil.ignore_patterns(
            ".venv", ".git", "__pycache__", ".*_cache", "build"
        )
        shutil.copytree(ROOT, home, ignore=ignored)
        subprocess.run(
            [sys.executable, "-c", "import xlcity.cli.verbs.check"],
            cwd=home,
            check=True,
        )
        for number, row in enumerate(chosen):
            if column in row:
                continue
            try:
                clock = 1_000_000_000 + 2 * number
                row[column] = answer(
                    row, rows, home, clock, all_tests=column == "suite"
                )
            except LookupError:
                row[column] = None  # its line went with its code
            print(row["package"], row["function"], row["was"], row[column], flush=True)
            store(rows)


def report(column: str) -> None:
    """Print how many mutants of each package were killed, and which survived."""
    counts: dict[str, Counter[str]] = {}
    for row in read_table():
        if row.get(column):
            ended = row[column] if row[column] in ("survived", "late") else "killed"
            ended = next(
                (word for word in ("equivalent", "mended") if word in row), ended
            )
            counts.setdefault(row["package"], Counter())[ended] += 1
            if ended in ("survived", "late"):
                print(
                    ended,
                    row["package"],
                    row["function"],
                    row["was"],
                    "->",
                    row["becomes"],
                )
    for package, ends in counts.items():
        print(package, dict(ends))
    print("all", dict(sum(counts.values(), Counter())))


def main() -> None:
    """Draw the mutants, try them, or count the answers."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("what", choices=["draw", "run", "suite", "report"])
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--of", nargs="+", default=[], help="PLACE=COUNT, with draw")
    parser.add_argument(
        "--column", default="before", help="where the answers are stored"
    )
    args = parser.parse_args()
    if args.what == "draw":
        places = (words.split("=") for words in args.of)
        counts = {place: int(count) for place, count in places} or PACKAGES
        store([*read_table(), *draw(args.seed, counts)])
    elif not TABLE.exists():
        parser.error("draw mutants first")
    elif args.what in ("run", "suite"):
        rows = read_table()
        if args.what == "suite":
            survivors = [row for row in rows if row.get("killed") == "survived"]
            drawn = random.Random(args.seed).sample(survivors, DRAWN)
            run("suite", rows, [row for row in drawn if "equivalent" not in row])
        else:
            last_seed = rows[-1]["seed"]
            run(
                args.column, rows, [row for row in rows if row.get("seed") == last_seed]
            )
    else:
        report(args.column)


if __name__ == "__main__":
    main()
