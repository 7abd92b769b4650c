"""Errors in workbooks that people corrected themselves, found in the histories of repositories.

Run from the root of the project: `python -m tools.lint_history collect FOLDER GIT...` writes
workbooks as they were before a correction, and `errors.csv`, which lists the corrected cells;
`python -m tools.lint_corpus FOLDER --corrected neighbour|said|slip --part development|unseen|last|
all --judged tools/lint_history.csv` holds the lint against them. The workbooks are not part of this
project.

What counts was written down before any of these workbooks was read:

- Two versions of a file that follow each other are compared sheet by sheet. A sheet counts if at
  least 90 % of its formulas and 95 % of its texts are at the same place in both.
- A cell was corrected if it held a typed number or another formula before, and after it the
  formula of a cell next to it (in R1C1 form) that holds it in both versions. At least two cells of
  the sheet held this formula in both versions, and at least as many as cells were given it:
  otherwise a method was changed. These are of the kind `neighbour`.
- Where the commit says that it corrects something, formulas that were replaced by another formula
  count as well, if no more than 20 clusters of the workbook were: of the kind `said`. Nothing in
  the workbook need show these.
- Forks and versions of a file are one file: its name, letters only, in lower case. Three versions
  of a file at most are taken, those with the most corrected cells, of these the later. In each, all
  cells count that hold what was corrected there in this or any other version of the file.
- The SHA-1 of that name divides the files: even for development, 1 modulo 4 unseen, 3 modulo 4 for
  a last evaluation after rules were changed.

After the list was made it was said of each `neighbour` whether it is a `slip`: a formula that is
odd where it stands, and not another method, naming or order. By then the findings in three of the
workbooks were known, and that no cluster of the unseen part was named; all parts were read for it,
so that there was one evaluation, of all of them. `lint_history.csv` has these verdicts and those on
findings. The repositories: OWASP/samm, owaspsamm/toolbox-spreadsheet, OWASP/owasp-mastg,
shenril/owasp-asvs-checklist, w3c/maturity-model, jacobq/budget-spreadsheet,
HSLdevcom/helmet-model-system, ProjectDrawdown/solutions, MaREI-EPMG/times-ireland-model,
EECA-NZ/TIMES-NZ-Model-Files and EnergyInnovation/eps-southkorea.

A second set was made for an evaluation of rules as they were: EnergyInnovation eps-india,
eps-canada, eps-brazil, eps-mexico, eps-indonesia and eps-hongkong, without files whose name is in
the first set and without pairs of versions that take more than six seconds to compare. Its list
was fixed by the numbers of cells, and its slips were told before any finding was known.

Clusters, hits and alarms are those of `tools.lint_corpus`. A slip that nobody corrected is not in
the list, nor one that was corrected otherwise than into a neighbour's formula: a finding there
counts as false until a person judges it.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import re
import subprocess
import sys
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from tools.lint_corpus import clusters
from xlcity.audit.lint.subject import Subject, is_number
from xlcity.errors import XlcityError
from xlcity.xlsx.address import cell_name
from xlcity.xlsx.cells import Cell, Position
from xlcity.xlsx.package import Package

PARTS = {"development": (0, 2), "unseen": (1,), "last": (3,)}
_SAME_FORMULAS, _SAME_TEXTS, _VERSIONS = 0.9, 0.95, 3
#: Bytes of a workbook, versions of a file and of a repository that are looked at; formulas that
#: may differ as the file has them (a shared formula is written in its first cell alone).
_LARGEST, _PAIRS, _OF_REPOSITORY, _FEW = 3_000_000, 60, 1500, 30
_KINDS = "*.xlsx", "*.xlsm"
_FORMULA = re.compile(rb'<c r="([A-Z]+[0-9]+)"[^>]*><f([^<]*)<')

#: Sheet, position and what it held: the key of a formula, or "" for a number.
Held = tuple[str, Position, str]
_SAYS = re.compile(r"-(?:fix|correct|bug|error|wrong|mistake|typo|repair|broken)", re.IGNORECASE)
_CLUSTERS = 20


@dataclass
class Version:
    """A workbook before a commit that corrected cells of it."""

    repository: str
    path: str
    blob: str
    commit: str
    corrected: dict[Held, str]


def stem(path: str) -> str:
    """Return the name under which forks and versions of a file are one."""
    return re.sub(r"[^a-z]", "", Path(path).stem.lower())


def part_of(name: str) -> str:
    """Return the part to which a file belongs."""
    digest = hashlib.sha1(name.encode(), usedforsecurity=False).digest()[-1] % 4
    return next(part for part, rests in PARTS.items() if digest in rests)


def corrections(before: Subject, after: Subject, said: bool) -> dict[Held, str]:
    """Return what was corrected between two versions of a workbook, and of which kind it is."""
    found: dict[Held, str] = {}
    for sheet in before.book.sheets:
        if sheet in after.book.sheets and _is_same(before, after, sheet):
            changed = _changed(before, after, sheet)
            if said:
                was = before.keys(sheet)
                found |= {(sheet, p, was[p]): "said" for p in changed if p in was}
            found |= {(sheet, *held): "neighbour" for held in _corrected(before, after, sheet)}
    said_places = {
        (sheet, *position) for (sheet, position, _), kind in found.items() if kind == "said"
    }
    if len(clusters(said_places)) > _CLUSTERS:
        return {held: kind for held, kind in found.items() if kind == "neighbour"}
    return found


def _is_same(before: Subject, after: Subject, sheet: str) -> bool:
    """Tell whether a sheet is laid out as it was."""
    was, now, new = before.keys(sheet), after.keys(sheet), after.cells(sheet)
    kept = sum(now.get(position) == key for position, key in was.items())
    texts = [
        (position, cell.value)
        for position, cell in before.cells(sheet).items()
        if isinstance(cell.value, str) and not cell.computed
    ]
    same = sum(p in new and new[p].value == value for p, value in texts)
    return kept >= _SAME_FORMULAS * len(was) and same >= _SAME_TEXTS * len(texts)


def _changed(before: Subject, after: Subject, sheet: str) -> set[Position]:
    """Return the cells that were given another formula, or one in place of a number."""
    was, cells = before.keys(sheet), before.cells(sheet)
    return {
        position
        for position, key in after.keys(sheet).items()
        if was.get(position) != key and position in cells and _holds(cells[position])
    }


def _holds(cell: Cell) -> bool:
    return cell.computed or is_number(cell.value)


def _corrected(before: Subject, after: Subject, sheet: str) -> Iterator[tuple[Position, str]]:
    """Yield the cells that were given the formula of a cell beside them."""
    was, now = before.keys(sheet), after.keys(sheet)
    kept = {p for p, key in was.items() if now.get(p) == key}
    usual = Counter(was[p] for p in kept)
    given: dict[str, set[Position]] = defaultdict(set)
    for position in _changed(before, after, sheet):
        given[now[position]].add(position)
    for key, positions in given.items():
        if len(positions) <= usual[key] and usual[key] > 1:
            for position in _reached(positions, {p for p in kept if was[p] == key}):
                yield position, was.get(position, "")


def _reached(positions: set[Position], from_: set[Position]) -> set[Position]:
    """Return the positions that touch the given cells, directly or through one another."""
    left, found, edge = set(positions), set(), from_
    while edge:
        steps = ((0, 1), (1, 0), (0, -1), (-1, 0))
        edge = {(r + a, c + b) for r, c in edge for a, b in steps} & left
        left -= edge
        found |= edge
    return found


def _git(folder: Path, *args: str) -> bytes:
    command = ["git", f"--git-dir={folder}", *args]
    return subprocess.run(command, capture_output=True, check=False).stdout


def pairs(folder: Path) -> Iterator[tuple[str, str, str, str]]:
    """Yield commit and subject, path and both blobs of each change of a workbook.

    The order is that of time. A file that is added follows the one of the same name before it.
    """
    shape = ("log", "--all", "--no-renames", "--diff-filter=AM", "--raw", "--no-abbrev")
    text = _git(folder, *shape, "--date-order", "--reverse", "--format=%H-%f", "-z", "--", *_KINDS)
    commit, seen, of_name = "", set(), Counter[str]()
    latest: dict[str, str] = {}
    words = iter(text.decode("utf-8", "replace").split("\0"))
    for word in words:
        for line in word.strip().split("\n"):
            if not line.startswith(":"):
                commit = line or commit
                continue
            old, new, kind = line.split()[2:5]
            path = next(words)
            name = stem(path)
            if kind == "A":
                old = latest.get(name, "")
            latest[name] = new
            if old and old != new and (old, new) not in seen and of_name[name] < _PAIRS:
                seen.add((old, new))
                of_name[name] += 1
                yield commit, path, old, new


def _workbook(folder: Path, blob: str) -> bytes | None:
    size = _git(folder, "cat-file", "-s", blob).strip()
    if not size or int(size) > _LARGEST:
        return None
    return _git(folder, "cat-file", "blob", blob)


def _may_be_corrected(old: bytes, new: bytes) -> bool:
    """Tell whether a few formulas of a sheet differ; cheap, because most versions are alike."""
    with zipfile.ZipFile(io.BytesIO(old)) as before, zipfile.ZipFile(io.BytesIO(new)) as after:
        sums = {info.filename: info.CRC for info in after.infolist()}
        for info in before.infolist():
            name = info.filename
            if "/worksheets/sheet" in name and sums.get(name, info.CRC) != info.CRC:
                was = dict(_FORMULA.findall(before.read(name)))
                now = dict(_FORMULA.findall(after.read(name)))
                different = sum(was.get(place) != text for place, text in now.items())
                if 0 < different <= (1 - _SAME_FORMULAS) * len(was) + _FEW:
                    return True
    return False


def _read(data: bytes, before: Subject | None = None) -> Subject:
    return Subject(Package.from_bytes(data), "", before=before)


def versions(repository: str, folder: Path) -> list[Version]:
    """Return the workbooks of a repository in which cells were corrected."""
    of_repository = []
    for message, path, old, new in islice(pairs(folder), _OF_REPOSITORY):
        data = _workbook(folder, old), _workbook(folder, new)
        if data[0] is None or data[1] is None:
            continue
        try:
            if not _may_be_corrected(data[0], data[1]):
                continue
            before = _read(data[0])
            said = bool(_SAYS.search(message))
            found = corrections(before, _read(data[1], before), said)
        except (XlcityError, zipfile.BadZipFile, RecursionError):
            continue
        if found:
            of_repository.append(Version(repository, path, old, message[:40], found))
    return of_repository


def chosen(found: Sequence[Version]) -> Iterator[tuple[str, Version]]:
    """Yield the versions to take, each with the name of its file and all that is wrong in it."""
    by_name: dict[str, list[Version]] = defaultdict(list)
    for version in found:
        by_name[stem(version.path)].append(version)
    for name, of_file in sorted(by_name.items()):
        ever: dict[Held, str] = {}
        for version in of_file:
            sure = {held: kind for held, kind in ever.items() if kind == "neighbour"}
            ever = ever | version.corrected | sure
        different = {frozenset(version.corrected): version for version in of_file}
        most = sorted(different.values(), key=lambda v: -len(v.corrected))
        for version in most[:_VERSIONS]:
            version.corrected = ever
            yield name, version


def _places(subject: Subject, corrected: dict[Held, str]) -> Iterator[tuple[str, Position, str]]:
    """Yield the cells that hold what was corrected there, and the kind."""
    for (sheet, position, key), kind in corrected.items():
        cell = subject.cells(sheet).get(position) if sheet in subject.book.sheets else None
        if cell is not None and _holds(cell):
            held = subject.keys(sheet).get(position, "") if cell.computed else ""
            if held == key:
                yield sheet, position, kind


def collect(target: Path, folders: Sequence[Path]) -> None:
    """Write the workbooks and the list of their corrected cells."""
    git = {next(part for part in folder.parts[::-1] if "+" in part): folder for folder in folders}
    found = []
    with ProcessPoolExecutor() as pool:
        for name, of_repository in zip(git, pool.map(versions, git, folders), strict=True):
            sys.stderr.write(f"{name}: {len(of_repository)} versions\n")
            found += of_repository
    write(target, git, found)


def write(target: Path, git: Mapping[str, Path], found: Sequence[Version]) -> None:
    """Write the versions to take."""
    target.mkdir(parents=True, exist_ok=True)
    with (target / "errors.csv").open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream)
        for number, (name, version) in enumerate(chosen(found)):
            data = _workbook(git[version.repository], version.blob) or b""
            file = f"{number:03} {name[:60]}{Path(version.path).suffix}"
            (target / file).write_bytes(data)
            source = version.repository, version.path, version.blob, version.commit
            for sheet, position, kind in sorted(_places(_read(data), version.corrected)):
                rows.writerow((file, sheet, cell_name(*position), part_of(name), kind, *source))


def main() -> None:
    """Collect the workbooks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("verb", choices=("collect",))
    parser.add_argument("folder", type=Path)
    parser.add_argument("git", type=Path, nargs="+")
    args = parser.parse_args()
    collect(args.folder, args.git)


if __name__ == "__main__":
    main()
