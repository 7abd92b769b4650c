"""How well the lint finds the errors that people annotated in real workbooks.

Run from the root of the project: `python -m tools.lint_corpus FOLDER [--part development|unseen|
seeded|last|all] [--corrected KIND] [--all] [--judged CSV] [--findings OUT]`. FOLDER is a checkout
of ExceLint-core (its `test` folder has the workbooks and the annotations); neither is part of this
project. With `--corrected` it is what `tools.lint_history` collected; its rules stand there.

The rule of division: workbooks whose file name has an even SHA-1 are for development; the others
were unseen until they were read. Four evaluations, of which only totals were looked at, gave the
same: 22 of 56 clusters, 11 of 17 error-level findings true (the last at commit 7ec66660). Then the
misses were read and rules mended: what this tool prints since is a figure after reading.

A cluster is a set of annotated cells of one sheet that touch at their sides. It is named if a
finding is about one of its cells, or contrasts its own cell with one of the cluster's: of two
formulas that contradict each other the annotators marked both. Copies are grouped, so that one
alarm may name many clusters: `alone` counts one for each alarm. An error-level finding that touches
no annotated cell is false unless the table of judged findings (`lint_corpus.csv`) says that it is
true, and why.

With `--part seeded`, FOLDER is one of workbooks into which TU Graz put faults, each with a list of
its faulty cells (`.properties`), such as `Benchmarks/ArtifSpreadsheets/SEEDED` of
`bhoferTU/Abstraction-Levels-for-Model-based-Software-Debugging`. What counts is the same: faulty
cells that touch are one cluster, and a finding that touches none is false, without judgement.
Stored values are not held against a calculation there: cells lost theirs when a fault was put in
and so betrayed it (E09; the one evaluation made with it named 284 of 346 clusters).
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import re
import statistics
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from xlcity.audit.lint.finding import LintFinding
from xlcity.audit.lint.run import lint
from xlcity.audit.lint.subject import Subject
from xlcity.errors import XlcityError
from xlcity.xlsx.address import parse_cell, parse_range

#: What the authors of ExceLint report of the same workbooks (OOPSLA 2018, section 5.5): means of
#: precision and recall over the workbooks, then true and false alarms of all.
PUBLISHED = (("ExceLint", 0.641, 0.621, 89, 223), ("CUSTODES", 0.203, 0.612, 52, 1816))
JUDGED = Path(__file__).with_suffix(".csv")

_RANGE = re.compile(
    r"(?:(?P<sheet>'(?:[^']|'')+'|[^',!]+)!)?(?P<cells>[A-Z]+\d+(?::[A-Z]+\d+)?)(?:, |$)"
)

Published = tuple[str, float, float, int, int]
Place = tuple[str, int, int]
#: Workbook, sheet, cell and rule of a finding that a person judged.
Key = tuple[str, str, str, str]


@dataclass
class Judged:
    """What the lint says of one workbook, held against its annotations.

    `clusters`, `named`, `itself` (named otherwise than by contrast) and `alone` (one for each
    alarm) count clusters; `alarms`, `true` and `false` count findings.
    """

    name: str
    clusters: int = 0
    named: int = 0
    itself: int = 0
    alone: int = 0
    alarms: int = 0
    true: int = 0
    false: int = 0
    lines: list[Sequence[object]] = field(default_factory=list)

    @property
    def precision(self) -> float:
        """As ExceLint's authors count: 1 for a workbook without an alarm."""
        told = self.true + self.false
        return self.true / told if told else 1.0

    @property
    def recall(self) -> float:
        """Share of the clusters named, 1 if there is none."""
        return self.named / self.clusters if self.clusters else 1.0


def is_development(name: str) -> bool:
    """Tell whether a workbook is for development: an even SHA-1 of its file name."""
    return hashlib.sha1(name.encode(), usedforsecurity=False).digest()[-1] % 2 == 0


def clusters(cells: set[Place]) -> list[set[Place]]:
    """Return the sets of cells that touch at their sides."""
    left, found = set(cells), []
    while left:
        group: set[Place] = set()
        reached = {left.pop()}
        while reached:
            group |= reached
            steps = ((0, 1), (1, 0), (0, -1), (-1, 0))
            reached = {(s, r + a, c + b) for s, r, c in reached for a, b in steps} & left
            left -= reached
        found.append(group)
    return found


def cells_of(sheet: str, ranges: str) -> set[Place]:
    """Return the cells of a list of ranges, such as "B2:C3, 'Page 2'!E5"."""
    found = set()
    for text in _RANGE.finditer(ranges):
        owner = (text["sheet"] or sheet).strip("'").replace("''", "'").strip()
        r1, c1, r2, c2 = parse_range(text["cells"])
        found |= {(owner, r, c) for r in range(r1, r2 + 1) for c in range(c1, c2 + 1)}
    return found


def judge(
    name: str, wrong: set[Place], findings: Sequence[LintFinding], known: dict[Key, str]
) -> Judged:
    """Hold the findings of a workbook against its annotated cells."""
    found = Judged(name)
    groups = clusters(wrong)
    told: set[Place] = set()
    contrasted: set[Place] = set()
    alone: list[set[Place]] = []
    for finding in findings:
        if finding.severity == "info":
            continue
        # Names of sheets have lost their outer spaces in the annotations.
        sheet = finding.sheet.strip()
        mine = cells_of(sheet, finding.cell) | cells_of(sheet, finding.region)
        beside = cells_of(sheet, finding.beside)
        told |= mine
        contrasted |= beside
        touched = [g for g in groups if g & (mine | beside) and g not in alone]
        alone += sorted(touched, key=lambda g: not g & cells_of(sheet, finding.cell))[:1]
        verdict = known.get((name, sheet, finding.cell, finding.rule), "")
        if (mine | beside) & wrong:
            verdict = "annotated"
        found.alarms += 1
        if finding.severity == "error":
            found.true += verdict in ("annotated", "true")
            found.false += verdict not in ("annotated", "true")
        surprise = f"{finding.surprise:.1f}"
        found.lines.append(
            (name, sheet, finding.cell, finding.rule, verdict, surprise, finding.message)
        )
    missed = [group for group in groups if not group & (told | contrasted)]
    found.itself = sum(bool(group & told) for group in groups)
    found.lines += [(name, *min(group), "missed", len(group)) for group in missed]
    found.clusters, found.named = len(groups), len(groups) - len(missed)
    found.alone = len(alone)
    return found


def report(books: Sequence[Judged], published: Sequence[Published] = ()) -> Iterator[str]:
    """Yield the figures, beside those that others report."""
    every, named = sum(b.clusters for b in books), sum(b.named for b in books)
    true, false = sum(b.true for b in books), sum(b.false for b in books)
    alarms = [book.alarms for book in books]
    precision = statistics.mean(book.precision for book in books)
    recall = statistics.mean(book.recall for book in books)
    itself = sum(b.itself for b in books)
    yield (
        f"{len(books)} workbooks, {every} clusters: {named} named ({named / every:.1%}), "
        f"{itself} of them otherwise than by contrast; {sum(b.alone for b in books)} if each "
        "alarm counts for one cluster"
    )
    told = true + false
    yield f"  error-level findings: {told}, of them true: {true} ({true / max(told, 1):.1%})"
    yield (
        f"  alarms a workbook: median {statistics.median(alarms):g}, "
        f"mean {statistics.mean(alarms):.1f}, most {max(alarms)}"
    )
    yield f"  means of the workbooks: precision {precision:.1%}, recall {recall:.1%}"
    for tool, precision, recall, true, false in published:
        yield (
            f"  {tool}, published for all 70: precision {precision:.1%}, recall {recall:.1%}; "
            f"{true} of {true + false} alarms true ({true / (true + false):.1%})"
        )


def annotated(folder: Path, development: bool) -> Iterator[tuple[Path, set[Place]]]:
    """Yield the workbooks of one half of ExceLint's, and their annotated cells."""
    annotations = folder / "test" / "annotations-processed.json"
    marks = json.loads(annotations.read_text(encoding="utf-8"))
    for path in sorted((folder / "test" / "subjects_xlsx").glob("*.xlsx")):
        if is_development(path.name) is development:
            wrong = {
                (sheet.strip(), row, column)
                for sheet, marked in marks[path.name].items()
                for column, row, *_ in marked["bugs"]
            }
            yield path, wrong


def corrected(
    folder: Path, part: str, kind: str, known: dict[Key, str]
) -> Iterator[tuple[Path, set[Place]]]:
    """Yield the workbooks of a part that `tools.lint_history` collected, and their errors."""
    wrong: dict[str, set[Place]] = {}
    with (folder / "errors.csv").open(encoding="utf-8", newline="") as stream:
        for file, sheet, cell, of_part, of_kind, *_ in csv.reader(stream):
            if part in ("all", of_part):
                cells = wrong.setdefault(file, set())
                is_slip = (file, sheet.strip(), cell, "slip") in known
                if kind == of_kind or (kind == "slip" and is_slip):
                    cells.add((sheet.strip(), *parse_cell(cell)))
    for file, cells in sorted(wrong.items()):
        if cells or kind == "slip":
            yield folder / file, cells


def seeded(folder: Path) -> Iterator[tuple[Path, set[Place]]]:
    """Yield workbooks with faults put into them, and the faulty cells, such as "0!D!14"."""
    books = {path.stem: path for path in folder.rglob("*.xlsx")}
    for listed in sorted(folder.rglob("*.properties")):
        path, text = books.get(listed.stem), listed.read_text(encoding="latin-1")
        if path is not None:
            sheets = list(Subject.open(path).book.sheets)
            faults = "\n".join(re.findall(r"FAULTY_CELLS_\d+=(.*)", text))
            cells = re.findall(r"(\d+)!([A-Z]+)!(\d+)", faults)
            yield path, {(sheets[int(n)].strip(), *parse_cell(a + row)) for n, a, row in cells}


def judged_findings(path: Path) -> dict[Key, str]:
    """Read the verdicts of a person: workbook, sheet, cell, rule, true or false, reason."""
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as stream:
        return {(row[0], row[1], row[2], row[3]): row[4] for row in csv.reader(stream)}


def main() -> None:
    """Evaluate one part of the corpus."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parts = "development", "unseen", "last", "all", "seeded"
    parser.add_argument("--part", choices=parts, default=parts[0])
    kinds = "neighbour", "said", "slip"
    parser.add_argument("--corrected", choices=kinds, help="FOLDER is of lint_history")
    parser.add_argument("--all", action="store_true", help="all findings, not the default's choice")
    parser.add_argument("--judged", type=Path, default=JUDGED)
    parser.add_argument("--findings", type=Path, help="write all findings and missed clusters")
    args = parser.parse_args()
    known = judged_findings(args.judged)
    if args.corrected:
        corpus = corrected(args.folder, args.part, args.corrected, known)
    elif args.part == "seeded":
        corpus = seeded(args.folder)
    else:
        corpus = annotated(args.folder, args.part == "development")
    books = []
    for path, wrong in corpus:
        try:
            linted = lint(path, calculate=args.part != "seeded")
            findings = (linted if args.all else linted.digest()).findings
        except XlcityError as error:
            sys.stderr.write(f"{path.name}: {error}\n")
            findings = ()
        books.append(judge(path.name, wrong, findings, known))
    if args.findings:
        with args.findings.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows(line for book in books for line in book.lines)
    published = () if args.corrected or args.part == "seeded" else PUBLISHED
    sys.stdout.write("\n".join(report(books, published)) + "\n")


if __name__ == "__main__":
    main()
