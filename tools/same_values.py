"""Whether two versions of the project compute the same: every template, every option, own methods.

python -m tools.same_values record NUMBERS.json [WORD ...]   with the version that is installed
python -m tools.same_values compare BEFORE.json AFTER.json

`record` builds each book through the command line, types five values into it, and stores what its
contract names hold by city and code. WORDs choose books whose name holds one of them. `compare`
prints each difference above 1e-12 and exits with 1 where there is one.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import xlcity
from xlcity.cli import main
from xlcity.reports import load_report, report_ids
from xlcity.workbook.reading.results import stored_results
from xlcity.workbook.reading.template import open_template

TOLERANCE = 1e-12
SYSTEMS = tuple(
    sorted(
        f.parent.name
        for f in (Path(xlcity.__file__).parent / "systems").glob("*/recipe.toml")
    )
)
#: A tree of two levels with nodes beside indicators, for methods in words.
TREE = """code,parent,weight,direction,goalpost_low,goalpost_high,target
T,,,,,,
P,T,2,,,,
Q,T,1,,,,
A,P,1,1,-5,9,4
B,P,3,-1,-5,9,4
R,P,1,,,,
C,R,1,1,-5,9,4
D,R,2,1,-5,9,4
E,Q,1,1,-5,9,4
F,Q,1,-1,-5,9,4
"""
METHODS: tuple[tuple[str, ...], ...] = (
    *(
        ("--normalise", word)
        for word in (
            "minmax",
            "minmax:1:100",
            "zscore",
            "winsor",
            "winsor:1",
            "goalposts",
            "rank",
            "percentile",
            "borda",
            "dist2max",
            "dist2ref:c03",
            "dist2target",
            "fracmax",
            "efficacy",
            "above_mean:0.1",
            "none",
            "zscore,A=rank,C=minmax",
        )
    ),
    *(("--impute", word) for word in ("mean", "median", "row_mean", "dimension")),
    ("--normalise", "rank", "--impute", "dimension"),
    ("--normalise", "minmax:1:100", "--aggregate", "geometric"),
    ("--normalise", "efficacy:30", "--aggregate", "harmonic"),
    ("--aggregate", "mpi"),
    ("--aggregate", "minimum"),
    ("--aggregate", "copeland"),
    ("--aggregate", "level2=power:2"),
    ("--weights", "entropy"),
    ("--weights", "critic"),
    ("--weights", "pca"),
    ("--treat", "winsor:2"),
    ("--treat", "log_skewed"),
    ("--treat", "clip:1.5"),
)


def books() -> Iterator[tuple[str, list[str]]]:
    """Yield name and arguments of every book."""
    for name in report_ids():
        yield name, [name]
        for option in load_report(name).recipe.options:
            yield f"{name} {option.id}", [name, "--option", option.id]
    for name in SYSTEMS:
        folder = Path(xlcity.__file__).parent / "systems" / name
        data = folder / "inputs.csv"
        yield name, ["--framework", str(folder), "--recipe", name, "--data", str(data)]
    for words in METHODS:
        given = ["--framework", "tree.csv", "--data", "tree.data.csv"]
        yield " ".join(("tree", *words)), [*given, *words]


def record(target: Path, chosen: Sequence[str]) -> None:
    """Build the books and write what they hold."""
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "tree.csv").write_text(TREE, encoding="utf-8")
        write_values(folder / "tree.data.csv", list("ABCDEF"))
        for title, words in books():
            if not any(word in title for word in chosen or ("",)):
                continue
            found[title] = _numbers(folder, words)
            sys.stderr.write(f"{title}: {len(found[title])} numbers\n")
    target.write_text(json.dumps(found, indent=0, sort_keys=True), encoding="utf-8")


def write_values(path: Path, codes: Sequence[str]) -> None:
    """Write invented values: skewed, with confirmed gaps and ties."""
    rng = np.random.default_rng(16)
    values = np.round(rng.lognormal(1.0, 0.6, (12, len(codes))), 2)
    values[3, 0] = values[4, 0]
    lines = [[f"c{at:02d}", *map(str, row)] for at, row in enumerate(values, 1)]
    lines[5][1 % len(codes) + 1] = lines[8][-1] = "NA"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["unit", *codes], *lines])


def _numbers(folder: Path, words: list[str]) -> dict[str, Any]:
    book = folder / "book.xlsx"
    changed = folder / "changed.xlsx"
    for path in folder.glob("*.xlsx*"):
        path.unlink()
    given = [str(folder / word) if word.startswith("tree.") else word for word in words]
    # Pages that come on demand hold values too.
    out = _run("new", *given, "--pages", "all", "-o", str(book))
    if out:
        return {"refused": out}
    found = {f"built {key}": value for key, value in _held(book).items()}
    template = open_template(book)
    units = [unit.id for unit in template.dataset.units][:5]
    with (folder / "typed.csv").open("w", encoding="utf-8", newline="") as file:
        code = template.framework.indicators[0].code
        rows = [[unit, str(1.5 + at / 7)] for at, unit in enumerate(units)]
        csv.writer(file).writerows([["unit", code], *rows])
    _run("fill", str(book), "--data", str(folder / "typed.csv"), "-o", str(changed))
    if changed.exists():
        found |= {f"typed {key}": value for key, value in _held(changed).items()}
    return found


def _run(*words: str) -> str:
    """Return the codes of what a verb refused, "" if nothing."""
    out = io.TextIOWrapper(io.BytesIO())
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
        code = main([*words, "--json"])
    out.seek(0)
    document = json.loads(out.read())
    return ",".join(error["code"] for error in document["errors"]) if code > 1 else ""


def _held(path: Path) -> dict[str, Any]:
    template = open_template(path)
    found: dict[str, Any] = {}
    document = stored_results(template)
    for kind in ("units", "pairs"):
        for unit in document[kind]:
            for part in ("scores", "normalised", "ranks"):
                for code, value in unit[part].items():
                    found[f"{kind} {part} {unit['unit']} {code}"] = value
    heads, *rows = template.book.block(template.area("in_data"))
    names = template.book.block(template.area("in_units"))[1:]
    for (unit,), row in zip(names, rows, strict=False):
        for code, value in zip(heads, row, strict=True):
            if isinstance(value, (int, float)):
                found[f"in_data {unit} {code}"] = value
    return found


def compare(before: Path, after: Path) -> int:
    """Print every difference; return the number of books that differ."""
    old, new = (
        json.loads(path.read_text(encoding="utf-8")) for path in (before, after)
    )
    wrong = 0
    for title in old.keys() & new.keys():
        lines = [
            f"  {key}: {old[title].get(key)} -> {new[title].get(key)}"
            for key in sorted(old[title].keys() | new[title].keys())
            if not _same(old[title].get(key), new[title].get(key))
        ]
        wrong += bool(lines)
        if lines:
            sys.stdout.write(
                "\n".join([f"{title}: {len(lines)} differ", *lines[:5]]) + "\n"
            )
    total = sum(len(held) for title, held in new.items() if title in old)
    only = sorted(old.keys() ^ new.keys())
    sys.stdout.write(
        f"{len(old.keys() & new.keys())} books, {total} numbers, {wrong} differ\n"
    )
    if only:
        sys.stdout.write(f"only one of them has: {only}\n")
    return wrong


def _same(old: Any, new: Any) -> bool:
    if isinstance(old, (int, float)) and isinstance(new, (int, float)):
        return abs(old - new) <= TOLERANCE * max(1.0, abs(old), abs(new))
    return bool(old == new)


if __name__ == "__main__":
    verb, first, *rest = sys.argv[1:]
    if verb == "record":
        record(Path(first), rest)
    else:
        sys.exit(1 if compare(Path(first), Path(rest[0])) else 0)
