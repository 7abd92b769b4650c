"""Recalculate workbooks made by Excel and hold every result against what Excel stored.

``python benchmarks/excel_survey.py FOLDER [--engine E] [--json OUT]`` takes each .xlsx and .xlsm
below FOLDER that says it was made by Excel itself and has formulas. It reports how many end `ok`,
`unverified` or `failed`, each value of an `ok` workbook that is not Excel's (there should be
none), and each file whose output differs in more than values and chart caches.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
import zipfile
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path

from xlcity.errors import CellError, CellValue
from xlcity.recalc.compare import agree
from xlcity.recalc.files.jobs import Job, run_job
from xlcity.xlsx.address import cell_name
from xlcity.xlsx.cells import ReadBook, read_book
from xlcity.xlsx.formulas.graph import Graph, Place
from xlcity.xlsx.package import Package

#: OFFSET and INDIRECT are recalculated often, too, but say the same each time.
_VOLATILE = frozenset(
    ("NOW", "TODAY", "RAND", "RANDBETWEEN", "RANDARRAY", "CELL", "INFO")
)
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml\Z")
_CHART = re.compile(r"xl/charts/chart[^/]*\.xml\Z")
_VALUE = re.compile(rb"<(?:\w+:)?v(?:\s[^>]*)?(?:/>|>.*?</(?:\w+:)?v>)", re.DOTALL)
_TYPE = re.compile(rb"(<(?:\w+:)?c\b[^>]*?)\s+(?:t|vm)=[\"'][^\"']*[\"']")
_EMPTY = re.compile(rb"<((?:\w+:)?c)\b([^>]*?)\s*(?:/>|>\s*</\1>)")
_CACHE = re.compile(
    rb"<((?:\w+:)?(?:num|str)Cache)\b.*?</\1>|<(?:\w+:)?(?:num|str)Cache\s*/>",
    re.DOTALL,
)
#: Libraries that say they are Excel: these builds are copied by them.
_COPIED = re.compile(r'rupBuild="4505".*?calcId="(?:124519|999999)"', re.DOTALL)


@dataclass
class Found:
    """What became of one workbook."""

    file: str
    status: str
    engine: str | None = None
    formulas: int = 0
    unverified: list[str] = field(default_factory=list)
    error: str | None = None
    #: Cells of an `ok` workbook whose value is not the one Excel stored.
    wrong: list[str] = field(default_factory=list)
    volatile: int = 0
    #: Parts that differ in more than values and caches.
    touched: list[str] = field(default_factory=list)
    seconds: float = 0.0


def made_by_excel(path: Path) -> bool:
    """Return whether a file says that Excel made it, and has formulas."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            app = archive.read("docProps/app.xml").decode("utf-8", "replace")
            books = [n for n in names if re.fullmatch(r"xl/workbook\d*\.xml", n)]
            head = archive.read(books[0]).decode("utf-8", "replace") if books else ""
            if not re.search(r"<Application>Microsoft (?:Macintosh )?Excel", app):
                return False
            if "<fileVersion" not in head or _COPIED.search(head):
                return False
            return any(
                re.search(rb"<(?:\w+:)?f[ >/]", archive.read(n))
                for n in names
                if _SHEET.match(n)
            )
    except (
        zipfile.BadZipFile,
        KeyError,
        OSError,
        NotImplementedError,
        EOFError,
        ValueError,
    ):
        return False


def survey(path: Path, engine: str, timeout: float) -> Found:
    """Recalculate one workbook and compare."""
    with tempfile.TemporaryDirectory(prefix="xlcity-") as name:
        target = Path(name) / path.name
        outcome = run_job(Job(path, target, engine, timeout=timeout))
        entry = outcome.entry
        found = Found(
            str(path),
            entry["status"],
            entry["engine"],
            entry["formula_cells"] or 0,
            list(entry["unverified"]),
            entry["error"],
            seconds=entry["seconds"] or 0.0,
        )
        if entry["status"] == "failed":
            return found
        found.touched = touched(path, target)
        if entry["status"] == "ok":
            found.wrong, found.volatile = _wrong(path, target)
    return found


def _wrong(before: Path, after: Path) -> tuple[list[str], int]:
    old = read_book(Package.read(before))
    new = read_book(Package.read(after))
    moving = volatile_cells(old)
    wrong = [
        f"{sheet.name}!{cell_name(*position)} {sheet.value(*position)!r}"
        f" -> {new.sheets[sheet.name].value(*position)!r}"
        for sheet in old.sheets.values()
        for position in sheet.cells.computed()
        if (sheet.name, position) not in moving
        and not _is_stored(
            new.sheets[sheet.name].value(*position), sheet.value(*position)
        )
    ]
    return wrong, len(moving)


def _is_stored(value: CellValue, stored: CellValue) -> bool:
    if isinstance(value, CellError) or isinstance(stored, CellError):
        return value is stored
    return agree(value, stored)


def volatile_cells(book: ReadBook) -> set[Place]:
    """Return the cells that call a volatile function or stand on one that does."""
    graph = Graph(book)
    formulas = [
        (name, p) for name, sheet in book.sheets.items() for p in sheet.cells.texts()
    ]
    moving = {
        place
        for place in formulas
        if (made := graph.normalised_formula(*place)) is not None
        and made.functions & _VOLATILE
    }
    before = 0
    while moving and before < len(moving):
        before = len(moving)
        for place in formulas:
            areas = graph.reads(*place)
            if any(a.sheet == s and a.holds(s, p) for a in areas for s, p in moving):
                moving.add(place)
    for sheet in book.sheets.values():
        members = sheet.cells.members.items()
        moving |= {
            (sheet.name, p) for p, anchor in members if (sheet.name, anchor) in moving
        }
    return moving


def touched(before: Path, after: Path) -> list[str]:
    """Return the parts of two files that differ in more than values and chart caches."""
    with zipfile.ZipFile(before) as old, zipfile.ZipFile(after) as new:
        if [(i.filename, i.compress_type) for i in old.infolist()] != [
            (i.filename, i.compress_type) for i in new.infolist()
        ]:
            return ["(order or compression of the parts)"]
        return [
            name
            for name in old.namelist()
            if (a := old.read(name)) != (b := new.read(name))
            and _rest(name, a) != _rest(name, b)
        ]


def _rest(name: str, data: bytes) -> bytes:
    if _SHEET.match(name):
        return _EMPTY.sub(
            rb"<\1\2/>", _TYPE.sub(rb"\1", _TYPE.sub(rb"\1", _VALUE.sub(b"", data)))
        )
    return _CACHE.sub(b"", data) if _CHART.search(name) else data


def main(argv: list[str] | None = None) -> int:
    """Run the survey."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--engine", default="auto")
    parser.add_argument("--timeout", type=float, default=60)
    parser.add_argument("--json", type=Path, help="write all there is to know")
    args = parser.parse_args(argv)
    files = sorted(
        path
        for folder in args.folders
        for path in ([folder] if folder.is_file() else folder.rglob("*"))
        if path.suffix.lower() in (".xlsx", ".xlsm") and made_by_excel(path)
    )
    results = []
    for number, path in enumerate(files, 1):
        results.append(survey(path, args.engine, args.timeout))
        last = results[-1]
        print(
            f"{number}/{len(files)} {last.status} {last.engine} {path}", file=sys.stderr
        )
    if args.json:
        args.json.write_text(
            json.dumps([asdict(r) for r in results], indent=1), encoding="utf-8"
        )
    print(_summary(results))
    return 1 if any(r.wrong or r.touched for r in results) else 0


def _summary(results: list[Found]) -> str:
    counts = Counter(r.status for r in results)
    engines = Counter(r.engine for r in results if r.status == "ok")
    cells = sum(r.formulas for r in results)
    wrong = sum(len(r.wrong) for r in results)
    touched = sum(bool(r.touched) for r in results)
    lines = [
        f"{len(results)} workbooks made by Excel, {cells:,} formula cells",
        *(
            f"{status}: {counts[status]} ({counts[status] / max(1, len(results)):.0%})"
            for status in ("ok", "unverified", "failed")
        ),
        "computed by: " + ", ".join(f"{e} {n}" for e, n in engines.most_common()),
        f"values that are not Excel's in workbooks that ended ok: {wrong}",
        f"cells left out of the comparison (NOW, TODAY, RAND): {sum(r.volatile for r in results)}",
        f"files changed in more than values and chart caches: {touched}",
    ]
    lines += [
        f"  wrong: {r.file}: {', '.join(r.wrong[:5])}" for r in results if r.wrong
    ]
    lines += [
        f"  touched: {r.file}: {', '.join(r.touched[:5])}" for r in results if r.touched
    ]
    doubted = Counter(name for r in results for name in r.unverified)
    lines += [f"  unverified in {n}: {name}" for name, n in doubted.most_common(25)]
    return "\n".join(lines)


if __name__ == "__main__":
    raise SystemExit(main())
