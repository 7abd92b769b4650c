"""A small framework of one's own, its template, and edits such as people make in a program."""

import contextlib
import functools
import io
import tempfile
from pathlib import Path

import numpy as np
import openpyxl
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill

from xlcity.cli import main
from xlcity.xlsx.address import parse_area

CODES = ("A0", "A1", "A2", "B0", "B1", "B2")
UNITS = tuple(f"city{k:02d}" for k in range(12))


def write_tables(folder: Path, seed: int = 1, units: tuple[str, ...] = UNITS) -> None:
    """Write fw.csv and data.csv."""
    rng = np.random.default_rng(seed)
    nodes = ["code,parent,weight,direction,name_en", "X,,1,1,Index"]
    for pillar in "AB":
        nodes.append(f"{pillar},X,1,1,Pillar {pillar}")
        nodes += [
            f"{code},{pillar},1,{-1 if code[1] == '2' else 1},Indicator {code}"
            for code in CODES
            if code[0] == pillar
        ]
    (folder / "fw.csv").write_text("\n".join(nodes) + "\n")
    rows = [",".join(f"{x:.4f}" for x in rng.normal(50, 10, len(CODES))) for _ in units]
    lines = [f"{unit},{row}" for unit, row in zip(units, rows, strict=True)]
    (folder / "data.csv").write_text(
        "\n".join(["unit," + ",".join(CODES), *lines]) + "\n"
    )


def own_bytes(
    seed: int = 1, udf: bool = True, lang: str = "en", pages: str = "none"
) -> bytes:
    """Return the template of these tables; without functions it is made and read faster."""
    cells = "both" if udf else "native"
    return made_book(("--lang", lang, "--pages", pages, "--cells", cells), seed)


@functools.cache
def made_book(
    options: tuple[str, ...], seed: int = 1, units: tuple[str, ...] = UNITS
) -> bytes:
    """Return the template of these tables, made with options of `new`."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_tables(folder, seed, units)
        words = ["--framework", folder / "fw.csv", "--data", folder / "data.csv"]
        words += ["-o", folder / "own.xlsx", *options]
        with contextlib.redirect_stdout(io.StringIO()):
            code = main(["new", *map(str, words)])
        assert code == 0
        return (folder / "own.xlsx").read_bytes()


class Edited:
    """A template opened for editing; cells are named by city and code."""

    def __init__(self, content: bytes) -> None:
        self.book = openpyxl.load_workbook(io.BytesIO(content))

    def cell(self, unit: str, code: str, block: str = ""):
        """Return a city's input, or its cell in a block such as `out_scores`."""
        if block:
            ids, first, left, last, _ = self.named("xl_units")
            place = [ids.cell(row, left).value for row in range(first, last + 1)].index(
                unit
            )
            # Sheets that calculate keep the order of Cities.
            page, top, left, _, right = self.named(block)
            heads = [
                page.cell(top - 1, column).value for column in range(left, right + 1)
            ]
            return page.cell(top + place, left + heads.index(code))
        page = self.book["Data"]
        row = next(c.row for c in page["A"] if c.value == unit)
        return page.cell(row, next(c.column for c in page[9] if c.value == code))

    def page_of(self, block: str):
        """Return the sheet that a block is on."""
        return self.named(block)[0]

    def free_cell(self, block: str, down: int = 0):
        """Return a cell of that sheet to the right of all others, in a row of the block."""
        page, row, *_ = self.named(block)
        return page.cell(row + down, page.max_column + 3)

    def comment(self, unit: str, code: str, text: str, author: str = "Li") -> None:
        self.cell(unit, code).comment = Comment(text, author)

    def colour(self, unit: str, code: str, rgb: str) -> None:
        self.cell(unit, code).fill = PatternFill("solid", fgColor=f"FF{rgb}")

    def named(self, name: str):
        """Return (sheet, first row, first column, last row, last column) of a name."""
        area = parse_area(self.book.defined_names[name].attr_text)
        return self.book[area.sheet], area.r1, area.c1, area.r2, area.c2

    def exception(self, line: int, **said: object) -> None:
        """Write a line of the table of exceptions on Sources."""
        page, row, left, _, right = self.named("xl_exceptions")
        heads = [page.cell(row, c).value for c in range(left, right + 1)]
        for name, value in said.items():
            page.cell(row + 1 + line, left + heads.index(name)).value = value

    def source(self, code: str, field: str, text: str) -> None:
        """Write a default of an indicator on Sources."""
        page, row, left, last, right = self.named("xl_sources")
        heads = [page.cell(row, c).value for c in range(left, right + 1)]
        line = next(
            r for r in range(row + 1, last + 1) if page.cell(r, left).value == code
        )
        page.cell(line, left + heads.index(field)).value = text

    def save(self, path: Path) -> Path:
        self.book.save(path)
        return path
