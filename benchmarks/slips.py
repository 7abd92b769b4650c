"""What `check`, `audit`, `seal` and `diff` name of fifty kinds of slip, one per workbook.

python -m benchmarks.slips [--books own iecc2024] [--kinds WORD…] [--verbs V…] [--docs]

Own is a small framework of one's own in its second year. `--docs` writes
docs/explanation/slips.md and slips.zh.md from `--csv`, to which each run adds its answers.
A slip is named where a verb reports its sheet and cell, or the name, chart or setting itself;
"follows" means that only what depends on it is reported.
"""

from __future__ import annotations

import argparse
import csv
import re
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "helpers"))

from mutations import calculated  # noqa: E402
from slips import DATA, FURTHER, KINDS, STRUCTURE, Made, Sound, next_edition  # noqa: E402

from xlcity.audit.diff.changes import changes  # noqa: E402
from xlcity.audit.lint.run import lint  # noqa: E402
from xlcity.audit.lint.subject import Subject  # noqa: E402
from xlcity.errors import XlcityError  # noqa: E402
from xlcity.workbook.checking.check import check_workbook  # noqa: E402
from xlcity.workbook.checking.seal import broken, seal  # noqa: E402
from xlcity.xlsx.address import cell_name, parse_cell, parse_range  # noqa: E402
from xlcity.xlsx.cells import read_book  # noqa: E402
from xlcity.xlsx.package import Package  # noqa: E402

VERBS = ("check", "audit", "seal", "diff")
#: Where a slip was made, which stands among the answers.
PLACE = "place"
NAMED, FOLLOWS, NOTHING = "named", "follows", "–"
#: What a verb reports: sheet, place, text.
Report = tuple[str, str, str]


def main() -> None:
    """Make the slips, ask the verbs, write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--books", nargs="*", default=["own", "iecc2024"])
    parser.add_argument("--kinds", nargs="*", default=[])
    parser.add_argument("--verbs", nargs="*", default=list(VERBS))
    parser.add_argument("--docs", action="store_true")
    parser.add_argument("--csv", type=Path, default=ROOT / "docs/explanation/slips.csv")
    args = parser.parse_args()
    verbs = [verb for verb in VERBS if verb in args.verbs]
    known = read_answers(args.csv)
    for name in args.books:
        if name == "own":
            package = Package.from_bytes(next_edition(), "own.xlsx")
        else:
            package = Package.read(ROOT / "workbooks" / f"{name}.xlsx")
        for kind, verb, answer in asked(name, package, verbs, args.kinds):
            known[name, kind, verb] = answer
    with args.csv.open("w", newline="", encoding="utf-8") as stream:
        lines = [(*key, answer) for key, answer in known.items()]
        csv.writer(stream).writerows([("book", "slip", "verb", "answer"), *lines])
    if args.docs:
        for language in ("en", "zh"):
            write_page(known, language)


def read_answers(path: Path) -> dict[tuple[str, str, str], str]:
    """Return what earlier runs found: (book, slip, verb) -> answer."""
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))[1:]
    return {(book, kind, verb): answer for book, kind, verb, answer in rows}


def asked(
    name: str, package: Package, verbs: Iterable[str], kinds: Iterable[str] = ()
) -> Iterator[tuple[str, str, str]]:
    """Yield kind, verb and what the verb says of it."""
    sound = Sound(package, f"{name}.xlsx")
    before = Subject(package, f"{name}.xlsx")
    sealed = seal(package, sound.book)
    with tempfile.TemporaryDirectory() as folder:
        clean, path = Path(folder) / "clean.xlsx", Path(folder) / "slip.xlsx"
        package.write(clean)
        known = {verb: set(reports(verb, clean, clean, sealed, before)) for verb in verbs}
        for kind, _, changed, make in KINDS:
            if kinds and not any(word in kind for word in kinds):
                continue
            made = make(sound)
            yield kind, PLACE, where(made)
            fresh = changed in DATA or (changed == "formulas" and "stored" not in kind)
            (calculated(made.package) if fresh else made.package).write(path)
            for verb in verbs:
                started = time.perf_counter()
                told = set(reports(verb, path, clean, sealed, before)) - known[verb]
                answer = verdict(made, told)
                seconds = time.perf_counter() - started
                sys.stderr.write(f"{name}\t{kind}\t{verb}\t{answer}\t{seconds:.1f} s\n")
                yield kind, verb, answer


def where(made: Made) -> str:
    """Return the place of a slip; of several cells the first one and how many more."""
    found = (place for place in made.places if re.fullmatch(r"[A-Z]+\d+", place))
    cells = sorted(found, key=parse_cell)
    if not cells:
        return ": ".join(filter(None, (made.sheet, made.places[0])))
    more = f" + {len(cells) - 1}" if len(cells) > 1 else ""
    return f"{made.sheet}!{cells[0]}{more}"


def reports(verb: str, path: Path, clean: Path, sealed, before: Subject) -> Iterator[Report]:
    """Yield what a verb reports of a workbook."""
    package = Package.read(path)
    try:
        if verb == "seal":
            for one in broken(sealed, package, read_book(package)):
                yield one.sheet, one.cell, f"{one.kind} {one.what}"
        elif verb == "diff":
            for change in changes(before, Subject.of(path)):
                text = f"{change.kind} {change.indicator} {change.before} {change.after}"
                yield change.sheet, change.cell, text
        elif verb == "audit":
            for f in lint(path, template=clean, calculate=True).findings:
                yield f.sheet, f"{f.cell} {f.region}".strip(), f"{f.rule} {f.message}"
        else:
            for check in check_workbook(path).checks:
                if check.status in ("fail", "note"):
                    text = f"{check.name} {check.detail}"
                    for problem in check.problems:
                        where = problem.where
                        yield where.sheet or "", where.cell or "", f"{text} {problem.message}"
                    for place in check.cells:
                        sheet, _, cell = place.rpartition("!")
                        yield sheet.strip("'"), cell, text
                    if not check.cells and not check.problems:
                        yield "", "", text
    except XlcityError as error:
        for problem in error.problems:
            yield problem.where.sheet or "", problem.where.cell or "", problem.message


def verdict(made: Made, reported: set[Report]) -> str:
    """Return whether a slip is named, only what follows from it, or nothing at all."""
    for sheet, place, text in sorted(reported):
        if made.sheet and sheet != made.sheet:
            continue
        cells = set(_cells(place))
        if any(word and (word in cells or word in text) for word in made.places):
            return NAMED
    return FOLLOWS if reported else NOTHING


def _cells(place: str) -> Iterator[str]:
    """Yield a place as it stands, and each of its cells."""
    for text in place.replace(",", " ").split():
        yield text
        try:
            r1, c1, r2, c2 = parse_range(text)
        except ValueError:
            continue
        yield from (cell_name(r, c) for r in range(r1, r2 + 1) for c in range(c1, c2 + 1))


def write_page(known: dict[tuple[str, str, str], str], language: str) -> None:
    """Write the table as a page."""
    text = _TEXTS[language]
    books = list(dict.fromkeys(book for book, _, _ in known))
    rows = {
        (book, kind[0]): [known.get((book, kind[0], verb), "") for verb in (*VERBS, PLACE)]
        for book in books
        for kind in KINDS
    }
    heads = [f"{verb} {book}" for book in books for verb in (*VERBS, text[PLACE])]
    page = [text["title"], "", text["other"], "", text["intro"], ""]
    page.append(f"| {text['kind']} | {' | '.join(heads)} |")
    page.append("|---" * (len(heads) + 1) + "|")
    for kind, chinese, _, _ in KINDS:
        said = [text.get(word, word) for book in books for word in rows[book, kind]]
        page.append(f"| {chinese if language == 'zh' else kind} | {' | '.join(said)} |")
    page += ["", text["sums"], ""]
    for book in books:
        for place, verb in enumerate(VERBS):
            asked = sum(bool(rows[book, kind[0]][place]) for kind in KINDS)
            if not asked:
                continue
            named = sum(rows[book, kind[0]][place] == NAMED for kind in KINDS)
            structure = [kind[0] for kind in KINDS if kind[2] in STRUCTURE]
            of = sum(rows[book, kind][place] == NAMED for kind in structure)
            page.append(text["sum"].format(verb, book, named, asked, of, len(structure)))
    more = (", " if language == "en" else "、").join(line[language == "zh"] for line in FURTHER)
    page += ["", text["further"], "", text["beside"].format(more)]
    suffix = "" if language == "en" else ".zh"
    target = ROOT / "docs" / "explanation" / f"slips{suffix}.md"
    target.write_text("\n".join([*page, ""]), encoding="utf-8")


_TEXTS = {
    "en": {
        "title": "# Fifty kinds of slip, and what names them",
        "other": "[中文](slips.zh.md)",
        "intro": (
            "One slip was made in each copy of a workbook: of a small framework of one's own in "
            "its second year (own), and of iecc2024.\n*named*: the verb reports the cell, or the "
            "name, chart or setting, that stands beside it. *follows*: it only reports what "
            "depends on it. Blank: not asked.\n`check` and `audit workbook --template` look at one "
            "workbook, `check` without a seal (with one it names what `seal` does);\n`seal` and "
            "`diff` compare with the sound one.\n"
            "Made by `python -m benchmarks.slips --docs`."
        ),
        "kind": "slip",
        PLACE: "made in",
        NAMED: "named",
        FOLLOWS: "follows",
        NOTHING: "–",
        "sums": "## Sums",
        "sum": "- `{}`, {}: {} of {} named; of formulas, names, charts, formats and settings "
        "{} of {}.",
        "further": "## Further kinds",
        "beside": "`seal` and `diff` name these as well, `audit workbook --template` and `check` "
        "all but the formula that is not locked: {}.\nThe tests make them in a framework of one's "
        "own (tests/unit/audit_workbook/test_slips.py). How far a sheet was scrolled is no slip: "
        "programs store it with every save.",
    },
    "zh": {
        "title": "# 五十种差错，各由什么指出",
        "other": "[English](slips.md)",
        "intro": (
            "每份工作簿副本里只做一处差错：一份是自有指标体系的第二届（own），一份是 iecc2024。\n"
            "“指出”：报出“所在”一栏的单元格，或该名称、图表、设置。“连带”：只报出受它影响的内容。空白：没有问。\n"
            "`check` 和 `audit workbook --template` 只看一份工作簿"
            "（`check` 不用封存；有封存时与 `seal` 相同），"
            "`seal` 和 `diff` 与无误的一份比较。\n"
            "由 `python -m benchmarks.slips --docs` 生成。"
        ),
        "kind": "差错",
        PLACE: "所在",
        NAMED: "指出",
        FOLLOWS: "连带",
        NOTHING: "–",
        "sums": "## 合计",
        "sum": "- `{}`，{}：{}/{} 种指出；其中公式、名称、图表、格式、设置 {}/{}。",
        "further": "## 其他差错",
        "beside": "`seal` 和 `diff` 也指出以下差错；`audit workbook --template` 和 `check` "
        "除“公式未锁定”外也都指出：{}。\n测试在自有指标体系中逐一制造这些差错"
        "（tests/unit/audit_workbook/test_slips.py）。工作表滚动到哪里不算差错：程序每次保存都会写入。",
    },
}


if __name__ == "__main__":
    main()
