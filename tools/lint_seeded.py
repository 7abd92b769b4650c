"""Puts slips into other people's workbooks, to be held against the lint by `tools.lint_corpus`.

Run from the root of the project: `python -m tools.lint_seeded OUT WORKBOOK... [--seed 20]`, then
`python -m tools.lint_corpus OUT --part seeded`. Of each workbook two copies are written, with up to
four slips each, and a `.properties` beside each copy that lists the cells, as TU Graz does.

What counts was written down before any of the workbooks was read: kinds in turn, one slip of each
to a workbook; for each a formula is drawn from the different formulas (in R1C1 form) of the
workbook that suit the kind, then a cell from its copies, so that filled blocks do not outweigh
single formulas. Cells of two slips are five rows or columns apart. Stored values stay as they were.
Verdicts on errors found in the workbooks as they were are in `lint_seeded.csv`.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

from xlcity.audit.lint.subject import Subject, is_number
from xlcity.errors import XlcityError
from xlcity.xlsx.address import cell_name, column_letters, column_number
from xlcity.xlsx.cells import Position

#: Cell -> its new formula, or the number typed into it.
Slip = dict[Position, str | float]
Draw = Callable[[Subject, str, Position, random.Random], Slip]

_REF = re.compile(r"(?<![\w!:$'\"\].])(\$?)([A-Z]{1,3})(\$?)(\d{1,5})(?![\w(:!.])")
_RANGE = re.compile(r"(?<![\w!$'\].])(\$?[A-Z]{1,3}\$?)(\d+):(\$?[A-Z]{1,3}\$?)(\d+)(?![\w(])")
_SIGN = re.compile(r"(?<=[\w)])([-+*/])(?=[\w($])(?<![\dE]E.)")
_SIDES = ((1, 0), (-1, 0), (0, 1), (0, -1))
#: Rows or columns between two slips.
_APART = 5
_LONGEST_RUN = 4


def _range(subject: Subject, sheet: str, place: Position, rng: random.Random) -> Slip:
    """Return a range of three rows or more that ends one row early or late."""
    text = _text(subject, sheet, place)
    able = [m for m in _RANGE.finditer(text) if int(m[4]) - int(m[2]) >= 2]
    if not able or '"' in text:
        return {}
    match, by = rng.choice(able), rng.choice((-1, -1, 1))
    return {place: text[: match.start(4)] + str(int(match[4]) + by) + text[match.end(4) :]}


def _reference(subject: Subject, sheet: str, place: Position, rng: random.Random) -> Slip:
    """Return a reference to the row or column beside the one meant."""
    text = _text(subject, sheet, place)
    able = list(_REF.finditer(text))
    if not able or '"' in text:
        return {}
    match = rng.choice(able)
    down, right = rng.choice(_SIDES)
    row, column = int(match[4]) + down, column_number(match[2]) + right
    if min(row, column) < 1 or (row, column) == place:
        return {}
    new = f"{match[1]}{column_letters(column)}{match[3]}{row}"
    return {place: text[: match.start()] + new + text[match.end() :]}


def _typed(subject: Subject, sheet: str, place: Position, rng: random.Random) -> Slip:
    """Return another number typed over a formula that has its like beside it."""
    value = subject.cells(sheet)[place].value
    if not is_number(value) or not any(_like(subject, sheet, place)):
        return {}
    return {place: round(float(str(value)) * rng.choice((0.9, 1.1, 1.25)) + 1.0, 2)}


def _formula(subject: Subject, sheet: str, place: Position, rng: random.Random) -> Slip:
    """Return a formula for a number with two typed ones on both sides."""
    cells = subject.cells(sheet)
    for down, right in rng.sample(((1, 0), (0, 1)), 2):
        around = [(place[0] + n * down, place[1] + n * right) for n in (-2, -1, 1, 2)]
        if all(p in cells and not cells[p].computed and is_number(cells[p].value) for p in around):
            return {place: f"{cell_name(*around[1])}+{cell_name(*around[0])}"}
    return {}


def _operator(subject: Subject, sheet: str, place: Position, rng: random.Random) -> Slip:
    """Return another sign or operator."""
    text = _text(subject, sheet, place)
    able = list(_SIGN.finditer(text))
    if not able or '"' in text or "!" in text:
        return {}
    match = rng.choice(able)
    other = {"+": "-", "-": "+", "*": "/", "/": "*"}[match[1]]
    return {place: text[: match.start()] + other + text[match.end() :]}


def _twice(subject: Subject, sheet: str, place: Position, _rng: random.Random) -> Slip:
    """Return a total whose range takes in a subtotal of its numbers, or itself one cell twice."""
    text = _text(subject, sheet, place)
    match = _RANGE.search(text)
    if match is None or "SUM(" not in text.upper() or int(match[4]) - int(match[2]) < 1:
        return {}
    return {place: f"{text}+{match[3]}{match[4]}".replace("$", "")}


def _not_adapted(subject: Subject, sheet: str, place: Position, rng: random.Random) -> Slip:
    """Return the text of a like formula beside, as it stands there."""
    able = list(_like(subject, sheet, place))
    texts = {_text(subject, sheet, p) for p in able} - {_text(subject, sheet, place)}
    return {place: rng.choice(sorted(texts))} if texts else {}


def _dollar(subject: Subject, sheet: str, place: Position, rng: random.Random) -> Slip:
    """Return a run of like formulas filled down, or across, from one without its $."""
    keys, text = subject.keys(sheet), _text(subject, sheet, place)
    for down, right in ((1, 0), (0, 1)):
        able = [n for n, m in enumerate(_REF.finditer(text)) if m[3 if down else 1]]
        run = [place]
        while (
            len(run) <= _LONGEST_RUN
            and keys.get((run[-1][0] + down, run[-1][1] + right)) == keys[place]
        ):
            run.append((run[-1][0] + down, run[-1][1] + right))
        if not able or len(run) <= 1 or '"' in text:
            continue
        number = rng.choice(able)
        slip: Slip = {}
        for n, cell in enumerate(run[1:], 1):
            own = _text(subject, sheet, cell)
            found = list(_REF.finditer(own))
            if number >= len(found):
                return {}
            m = found[number]
            column, row = column_number(m[2]) + n * right, int(m[4]) + n * down
            moved = f"{column_letters(column)}{row}"
            slip[cell] = own[: m.start()] + moved + own[m.end() :]
        return slip
    return {}


KINDS: dict[str, Draw] = {
    "range": _range,
    "reference": _reference,
    "typed": _typed,
    "formula": _formula,
    "operator": _operator,
    "twice": _twice,
    "not adapted": _not_adapted,
    "dollar": _dollar,
}


def _text(subject: Subject, sheet: str, place: Position) -> str:
    return subject.cells(sheet)[place].formula or ""


def _like(subject: Subject, sheet: str, place: Position) -> Iterator[Position]:
    """Yield the cells beside one that hold the same formula."""
    keys = subject.keys(sheet)
    for down, right in _SIDES:
        side = place[0] + down, place[1] + right
        if keys.get(side) == keys.get(place):
            yield side


def _places(subject: Subject, kind: str, rng: random.Random) -> Iterator[tuple[str, Position]]:
    """Yield cells in random order: one of each different formula first."""
    if kind == "formula":
        able = [
            (sheet, p)
            for sheet in subject.book.sheets
            for p, cell in sorted(subject.cells(sheet).items())
            if not cell.computed and is_number(cell.value)
        ]
        yield from rng.sample(able, min(len(able), 400))
        return
    groups = list(subject.copies.values())
    rng.shuffle(groups)
    for group in groups:
        yield rng.choice(group)


def _draw(subject: Subject, kind: str, rng: random.Random) -> tuple[str, Slip] | None:
    for sheet, place in _places(subject, kind, rng):
        cell = subject.cells(sheet)[place]
        if cell.array is None and cell.in_array is None:
            slip = KINDS[kind](subject, sheet, place, rng)
            if slip:
                return sheet, slip
    return None


def _written(path: Path, subject: Subject, slips: list[tuple[str, Slip]]) -> bytes | None:
    """Return the workbook with slips in it; cells whose formula others share are left alone."""
    parts = dict(subject.package.parts)
    for sheet, slip in slips:
        part = subject.book.sheets[sheet].part
        xml = parts[part].decode()
        for place, new in slip.items():
            name = cell_name(*place)
            match = re.search(rf'<c r="{name}"([^>]*?)(/>|>(.*?)</c>)', xml, re.S)
            if match is None or ('t="shared"' in match[0] and "ref=" in match[0]):
                return None
            style = re.search(r'\bs="\d+"', match[1])
            value = re.search(r"<v>[^<]*</v>", match[0])
            held = value[0] if value and ' t="' not in match[1] else "<v>0</v>"
            inner = f"<v>{new}</v>"
            if isinstance(new, str):
                text = new.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
                inner = f"<f>{text}</f>{held}"
            cell = f'<c r="{name}" {style[0] if style else ""}>{inner}</c>'
            xml = xml[: match.start()] + cell + xml[match.end() :]
        parts[part] = xml.encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return b""


def seed(path: Path, out: Path, number: int, rng: random.Random) -> list[str]:
    """Write two copies of a workbook with slips; return the kinds put in."""
    subject = Subject.open(path)
    order = list(KINDS)
    rng.shuffle(order)
    done: list[str] = []
    for copy, kinds in enumerate((order[::2], order[1::2])):
        held: list[tuple[str, str, Slip]] = []
        for kind in kinds:
            for _ in range(5):
                drawn = _draw(subject, kind, rng)
                if drawn is None:
                    break
                sheet, slip = drawn
                near = any(
                    of == sheet and min(abs(a[0] - b[0]), 99) + abs(a[1] - b[1]) < _APART
                    for _, of, other in held
                    for a in other
                    for b in slip
                )
                target = out / "try.xlsx"
                if not near and _written(target, subject, [drawn]) is not None:
                    held.append((kind, sheet, slip))
                    break
        name = f"{number:03d}_{copy}"
        if held:
            _written(out / f"{name}.xlsx", subject, [(sheet, slip) for _, sheet, slip in held])
            _listed(out / f"{name}.properties", subject, path, held)
            done += [kind for kind, _, _ in held]
    (out / "try.xlsx").unlink(missing_ok=True)
    return done


def _listed(target: Path, subject: Subject, path: Path, held: list[tuple[str, str, Slip]]) -> None:
    sheets = list(subject.book.sheets)
    lines, number = [f"# {path}"], 0
    for kind, sheet, slip in held:
        for (row, column), new in slip.items():
            number += 1
            lines.append(
                f"FAULTY_CELLS_{number}={sheets.index(sheet)}!{column_letters(column)}!{row}"
            )
            lines.append(f"FAULT_TYPE_{number}={kind}")
            lines.append(f"# {_text(subject, sheet, (row, column))} -> {new}")
    target.write_text("\n".join(lines) + "\n", encoding="utf-8")


def main() -> None:
    """Write the copies of all workbooks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("workbooks", type=Path, nargs="+")
    parser.add_argument("--seed", type=int, default=20)
    args = parser.parse_args()
    rng = random.Random(args.seed)
    for number, path in enumerate(args.workbooks):
        try:
            kinds = seed(path, args.out, number, rng)
        except XlcityError as error:
            kinds = [str(error)]
        sys.stdout.write(f"{number:03d} {path.name}: {', '.join(kinds)}\n")


if __name__ == "__main__":
    main()
