"""Twenty-five slips in a report's book and in a z-score book of one's own, and what names each.

python tests/helpers/slip_table.py [--books own image2025] [--slips WORD…]

writes tests/golden/slips.csv: for each slip where it is, and what `audit workbook`, `check` and
`diff` say: "named" at its cell, "follows" where only what depends on it is reported, "-" for
nothing; with the number of findings beside those of the sound book. All but what tests the stored
values is saved recalculated, as a spreadsheet program saves it.
"""

from __future__ import annotations

import argparse
import csv
import functools
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))

from mutations import calculated, with_cell, with_formula  # noqa: E402
from own import made_book  # noqa: E402
from slips import KINDS, Made, Sound  # noqa: E402

from xlcity.audit.check.check import check_workbook  # noqa: E402
from xlcity.audit.diff.changes import changes  # noqa: E402
from xlcity.audit.lint.run import lint  # noqa: E402
from xlcity.audit.lint.subject import Subject  # noqa: E402
from xlcity.xlsx.address import cell_name, parse_cell, parse_range  # noqa: E402
from xlcity.xlsx.package import Package  # noqa: E402
from xlcity.xlsx.text import number_text  # noqa: E402

TABLE = ROOT / "tests" / "golden" / "slips.csv"
REPORTS = ("image2025",)
BOOKS = ("own", *REPORTS)
VERBS = ("audit", "check", "diff")
NAMED = "named"
FOLLOWS = "follows"
NOTHING = "-"


@dataclass(frozen=True)
class TableSlip:
    """A slip: its name, what makes it, in which books the audit has to name it.

    `fresh` tells whether the book is saved recalculated. What names and sources were before *diff*
    and the seal say.
    """

    name: str
    make: Callable[[Sound], Made]
    required: tuple[str, ...] = BOOKS
    fresh: bool = True


@functools.cache
def sound_book(name: str) -> Sound:
    """Return a book without slips: a report's, or one of a small z-score index of one's own."""
    if name != "own":
        return Sound(Package.read(ROOT / "workbooks" / f"{name}.xlsx"), f"{name}.xlsx")
    words = ("--no-udf", "--normalise", "zscore", "--aggregate", "arithmetic")
    return Sound(Package.from_bytes(made_book(words), "own.xlsx"), "own.xlsx")


def _kind(name: str) -> Callable[[Sound], Made]:
    return next(line[3] for line in KINDS if line[0] == name)


def _by_row(sound: Sound) -> list[str]:
    return sorted(sound.units, key=lambda unit: sound.template.rows[unit])


def _one_row_low(sound: Sound) -> Made:
    """Paste fifty values, or as many as there are, one row below their own."""
    code = sound.codes[0]
    units = _by_row(sound)[:51]
    return sound.typed(
        {
            (below, code): sound.value(unit, code)
            for unit, below in pairwise(units)
            if isinstance(sound.value(unit, code), float)
        }
    )


def _rounded(sound: Sound) -> Made:
    """Round the column with most decimals to one decimal less than it has."""

    def decimals(code: str) -> int:
        texts = (
            number_text(v)
            for u in sound.units
            if isinstance(v := sound.value(u, code), float)
        )
        return max(len(text.partition(".")[2]) for text in texts)

    code = max(sound.codes, key=decimals)
    digits = 1 if decimals(code) > 1 else 0
    values = {u: v for u in sound.units if isinstance(v := sound.value(u, code), float)}
    return sound.typed(
        {
            (u, code): round(v, digits)
            for u, v in values.items()
            if round(v, digits) != v
        }
    )


def _zeros(sound: Sound) -> Made:
    """Type 0 for what is missing; a book without gaps gets one first."""
    inputs = sound.template.framework.inputs
    for code in sound.template.columns:
        gaps = [u for u in sound.units if not isinstance(sound.value(u, code), float)]
        if gaps and inputs[code].no_data is None:
            return sound.typed({(unit, code): 0.0 for unit in gaps[:3]})
    return sound.typed({(sound.units[3], sound.codes[0]): 0.0})


def _period(sound: Sound) -> Made:
    area = sound.area("xl_sources")
    column = area.c1 + sound.book.block(area)[0].index("period")
    return sound.text(area.sheet, (area.r1 + 1, column), "1999")


def _names(sound: Sound) -> Made:
    """Exchange the names of two cities."""
    area = sound.area("xl_cities")
    heads, *rows = sound.book.block(area)
    package = sound.package
    places = []
    for name in ("name_zh", "name_en"):
        column = heads.index(name)
        for row, other in ((1, 3), (3, 1)):
            text = str(rows[other - 1][column] or "")
            position = area.r1 + row, area.c1 + column
            inner = f"<is><t>{text}</t></is>" if text else ""
            package = with_cell(
                package,
                sound.book,
                area.sheet,
                position,
                inner,
                ' t="inlineStr"' if text else "",
            )
            places.append(cell_name(*position))
    return Made(package, area.sheet, tuple(places))


def _city_out(sound: Sound) -> Made:
    """Empty the group of a city, so that it is not scored."""
    area = sound.area("xl_cities")
    column = area.c1 + sound.book.block(area)[0].index("population")
    position = area.r1 + 2, column
    package = with_cell(sound.package, sound.book, area.sheet, position, "")
    return Made(
        package, area.sheet, (cell_name(*position), cell_name(area.r1 + 2, area.c1))
    )


def _constant(sound: Sound) -> Made:
    """Change a constant of the method that is typed for one indicator."""
    area = sound.area("xl_methods")
    kept = sound.area("xl_methods_built")
    heads, *rows = sound.book.block(area)
    names = [str(head).removeprefix("built_") for head in sound.book.block(kept)[0]]
    for down, row in enumerate(rows, 1):
        for right, head in enumerate(heads):
            if (
                head in names
                and head not in ("changed", "wrong")
                and isinstance(row[right], float)
            ):
                position = area.r1 + down, area.c1 + right
                if not sound.book.sheets[area.sheet].cells[position].computed:
                    return sound.number(area.sheet, position, row[right] + 5)
    return _parameter(sound)


def _parameter(sound: Sound) -> Made:
    """Change a parameter of all indicators."""
    names = ("par_limit", "par_scale", "par_centre", "par_spread")
    name = next(
        name for name in (*names, "par_rank_digits") if name in sound.book.names
    )
    area = sound.area(name)
    old = sound.book.value(area.sheet, area.r1, area.c1)
    return sound.number(area.sheet, (area.r1, area.c1), float(old or 0) + 5)


def _all_scores(
    change: Callable[[Sound, tuple[int, int]], str],
) -> Callable[[Sound], Made]:
    """Put another formula, or a number, into all scores of the total."""

    def make(sound: Sound) -> Made:
        package, (first, column) = sound.package, sound.score
        rows = range(first, sound.area("out_scores").r2 + 1)
        places = []
        for row in rows:
            cell = sound.book.sheets[sound.scores].cells[row, column]
            new = change(sound, (row, column))
            if new.startswith("="):
                package = with_formula(
                    package,
                    sound.book,
                    sound.scores,
                    (row, column),
                    new[1:],
                    calculate=False,
                )
            elif isinstance(cell.value, float):
                package = with_cell(
                    package, sound.book, sound.scores, (row, column), new
                )
            else:
                continue
            places.append(cell_name(row, column))
        return Made(package, sound.scores, tuple(places))

    return make


def _average(sound: Sound, position: tuple[int, int]) -> str:
    text = sound.book.sheets[sound.scores].cells[position].formula
    mean = re.search(r"SUMPRODUCT\(([^,]*),[^)]*\)/SUM(?:IF)?\([^)]*\)", text)
    return "=" + text.replace(mean[0], f"AVERAGE({mean[1]})")


def _pasted_score(sound: Sound, position: tuple[int, int]) -> str:
    value = sound.book.value(sound.scores, *position)
    return f"<v>{number_text(value)}</v>" if isinstance(value, float) else ""


def _repointed(sound: Sound) -> Made:
    area = sound.area("par_rank_digits")
    made = sound.main(
        r'(<definedName name="par_rank_digits">)[^<]*', r"\1Framework!$G$7", ""
    )
    return Made(
        made.package, area.sheet, (cell_name(area.r1, area.c1), "par_rank_digits")
    )


def _typed_weight(factor: float) -> Callable[[Sound], Made]:
    def make(sound: Sound) -> Made:
        area = sound.area("in_weights")
        row = next(
            row
            for row in range(area.r1 + 1, area.r2 + 1)
            if sound.book.value(area.sheet, row, area.c1)
        )
        old = sound.book.value(area.sheet, row, area.c1)
        return sound.number(area.sheet, (row, area.c1), old * factor)

    return make


SLIPS = (
    TableSlip("values pasted one row low", _one_row_low),
    TableSlip("a column rounded", _rounded),
    TableSlip("0 for missing values", _zeros, required=()),
    TableSlip("the period of a source changed", _period, required=()),
    TableSlip("a city taken out", _city_out),
    TableSlip("two names exchanged", _names, required=()),
    TableSlip("two cities exchanged", _kind("two cities exchanged in one indicator")),
    TableSlip("a weight changed", _typed_weight(1.5)),
    TableSlip("a weight changed, not recalculated", _typed_weight(1.5), fresh=False),
    TableSlip("a constant of the method changed", _constant),
    TableSlip("a parameter of all indicators changed", _parameter),
    TableSlip("a direction turned", _kind("a direction turned")),
    TableSlip("AVERAGE in all scores", _all_scores(_average)),
    TableSlip(
        "points added to one score", lambda s: s.formula(s.score, lambda t: f"{t}+2")
    ),
    TableSlip("a column of scores pasted as values", _all_scores(_pasted_score)),
    TableSlip("a range one row short", _kind("a range one row short")),
    TableSlip("a name repointed", _repointed),
    TableSlip("another kind of chart", _kind("another kind of chart")),
    TableSlip("a number as text", _kind("a number as text")),
    TableSlip(
        "a heading typed over its formula", _kind("a heading typed over its formula")
    ),
    TableSlip(
        "a stored result typed over", _kind("a stored result typed over"), fresh=False
    ),
    TableSlip(
        "decimals of a score hidden", _kind("decimals of a score hidden"), required=()
    ),
    TableSlip("a hidden row", _kind("a hidden row"), required=()),
    TableSlip("a decimal point shifted", _kind("a decimal point shifted"), required=()),
    TableSlip("one digit of a value", _kind("one digit of a value"), required=()),
)


def reports(verb: str, package: Package, sound: Sound) -> Iterator[tuple[str, str]]:
    """Yield what a verb says of a book: places, text."""
    if verb == "audit":
        for found in lint(Subject(package, sound.name)).findings:
            yield (
                f"{found.sheet}!{found.region or found.cell}",
                f"{found.rule} {found.message}",
            )
    elif verb == "diff":
        before = Subject(sound.package, sound.name)
        for change in changes(before, Subject(package, sound.name)):
            yield f"{change.sheet}!{change.cell}", f"{change.kind} {change.after}"
    else:
        for found in check_workbook(Subject(package, sound.name)).findings:
            yield (
                f"{found.sheet}!{found.region or found.cell}",
                f"{found.rule} {found.message}",
            )


@functools.cache
def of_sound(verb: str, name: str) -> frozenset[tuple[str, str]]:
    """Return what a verb says of the book without slips."""
    sound = sound_book(name)
    return frozenset(reports(verb, sound.package, sound))


def answer(verb: str, name: str, slip: TableSlip) -> tuple[str, str]:
    """Return the cell of a slip and what a verb says of it."""
    sound = sound_book(name)
    made = slip.make(sound)
    package = calculated(made.package) if slip.fresh else made.package
    said = set(reports(verb, package, sound)) - of_sound(verb, name)
    where = _place(made, sound)
    if not said:
        return where, NOTHING
    named = any(_holds(places, text, made) for places, text in said)
    return where, f"{NAMED if named else FOLLOWS} ({len(said)})"


def _place(made: Made, sound: Sound) -> str:
    """Return where a slip is; among the scores from the first total on, as R[0]C[0]."""
    if made.sheet != sound.scores:
        return f"{made.sheet}!{made.places[0]}"
    (row, column), (first, left) = parse_cell(made.places[0]), sound.score
    return f"out_scores R[{row - first}]C[{column - left}]"


def _holds(places: str, text: str, made: Made) -> bool:
    sheet = ""
    for place in re.split(r",\s*", places):
        name, mark, area = place.rpartition("!")
        sheet = name.strip("'") if mark else sheet
        if sheet != made.sheet:
            continue
        for part in area.split():
            try:
                r1, c1, r2, c2 = parse_range(part)
            except ValueError:
                continue
            cells = {
                cell_name(r, c) for r in range(r1, r2 + 1) for c in range(c1, c2 + 1)
            }
            if cells & set(made.places):
                return True
    return any(
        re.search(rf"(?<!\w){re.escape(place)}(?!\w)", text) for place in made.places
    )


def read_table() -> dict[tuple[str, str], dict[str, str]]:
    """Return the table: book and slip -> cell and answers."""
    if not TABLE.exists():
        return {}
    with TABLE.open(encoding="utf-8", newline="") as stream:
        return {(row["book"], row["slip"]): row for row in csv.DictReader(stream)}


def main() -> None:
    """Make the slips, ask the verbs, write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--books", nargs="*", default=BOOKS)
    parser.add_argument("--slips", nargs="*", default=[])
    args = parser.parse_args()
    for book in args.books:
        for slip in SLIPS:
            if args.slips and not any(word in slip.name for word in args.slips):
                continue
            row = {"book": book, "slip": slip.name}
            for verb in VERBS:
                row["cell"], row[verb] = answer(verb, book, slip)
            sys.stderr.write(f"{row}\n")
            write_table({**read_table(), (book, slip.name): row})


def write_table(table: dict[tuple[str, str], dict[str, str]]) -> None:
    """Write the table in the order of books and slips."""
    order = {(book, slip.name): None for book in BOOKS for slip in SLIPS}
    with TABLE.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(
            stream, ["book", "slip", "cell", *VERBS], lineterminator="\n"
        )
        writer.writeheader()
        writer.writerows(table[key] for key in order if key in table)


if __name__ == "__main__":
    main()
