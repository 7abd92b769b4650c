"""Reads the catalogue of functions: what their parameters take, and samples of their use."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from xlcity.errors import CellValue
from xlcity.xlsx.formulas.syntax import Expr, parse
from xlcity.xlsx.formulas.tokens import normalise_formula

#: What the names in samples mean, row by row.
BLOCKS: dict[str, list[list[CellValue]]] = {
    "X": [[3.0], [1.0], [4.0], [1.5], [9.0]],
    "Y": [[2.0], [7.0], [1.0], [8.0], [2.5]],
    "Z": [[10.0], [20.0], [30.0], [40.0], [50.0]],
    "G": [[2.0], [1.0], [3.0], [1.0], [2.0]],
    "P": [[1.0], [2.0], [3.0]],
    "W": [[0.2], [0.3], [0.5]],
    "O": [[1.0], [0.0], [1.0], [1.0], [0.0]],
    "I": [[-70.0], [12.0], [25.0], [28.0], [31.0]],
    "D": [[45000.0], [45010.0], [45035.0]],
    "T": [["b"], ["a"], ["c"], ["e"], ["dog"]],
    "U": [["a"], ["b"], ["A"], ["ab"], ["c"]],
    "KT": [["a"], ["b"], ["d"]],
    "M": [[2.0, 1.0, 0.5], [1.0, 3.0, 1.0], [0.5, 1.0, 4.0]],
    "V": [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 10.0]],
    "Q": [[1.0, 10.0], [2.0, 20.0], [3.0, 35.0], [4.0, 40.0], [5.0, 55.0]],
    "K": [["a", 1.0], ["b", 2.5], ["c", 3.0], ["d", 4.0], ["e", 7.0]],
    "H": [[1.0, 2.0, 3.0, 4.0, 5.0]],
    "HH": [[1.0, 2.0, 3.0, 4.0, 5.0], [10.0, 20.0, 35.0, 40.0, 55.0]],
}


@dataclass(frozen=True, slots=True)
class FunctionSignature:
    """The parameters of a function (one letter each, see the catalogue) and what it returns."""

    fixed: str
    group: str
    result: str

    @classmethod
    def parse(cls, text: str, result: str) -> FunctionSignature:
        """Read ``vr(v)*``: the last group repeats, one before it may be left out."""
        parts = re.findall(r"\((\w+)\)\*|(\w)", text)
        if text.endswith("*"):
            return cls("".join(a or b for a, b in parts[:-1]), parts[-1][0], result)
        return cls("".join(a or b for a, b in parts), "", result)

    def letter(self, index: int) -> str:
        """Return the letter of a parameter."""
        if index < len(self.fixed):
            return self.fixed[index]
        return (
            self.group[(index - len(self.fixed)) % len(self.group)]
            if self.group
            else "v"
        )


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """One function: its name, its signature and formulas that use it."""

    name: str
    signature: FunctionSignature
    samples: tuple[str, ...]


@cache
def catalogue() -> dict[str, CatalogueEntry]:
    """Return the functions that are searched, by name."""
    text = Path(__file__).with_name("catalogue.txt")
    found = {}
    for line in text.read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("# ") or " | " not in line:
            continue
        head, _, tail = line.partition(" | ")
        words = head.split()
        pattern = words[1] if len(words) == 3 else ""
        signature = FunctionSignature.parse(pattern, words[-1])
        found[words[0]] = CatalogueEntry(
            words[0],
            signature,
            tuple(s.strip() for s in tail.split(" ; ") if s.strip()),
        )
    return found


@cache
def signatures() -> dict[str, FunctionSignature]:
    """Return the signatures, by name."""
    return {name: entry.signature for name, entry in catalogue().items()}


@dataclass(frozen=True, slots=True)
class Part:
    """An argument of a sample: text in the formula, or a block of cells."""

    text: str = ""
    block: tuple[tuple[CellValue, ...], ...] = ()


def read_sample(entry: CatalogueEntry, sample: str) -> tuple[Part, ...]:
    """Return the arguments of a sample of the catalogue."""
    tree = parse(normalise_formula(sample, 1, 1).tokens)
    assert tree is not None, sample
    return tuple(_part(arg) for arg in tree.args)


def _part(arg: Expr) -> Part:
    if arg.kind == "name" and arg.text in BLOCKS:
        return Part(block=tuple(map(tuple, BLOCKS[arg.text])))
    if arg.kind == "unary":
        return Part(arg.text + arg.args[0].text)
    if arg.kind in ("number", "text", "name"):
        return Part(arg.text)
    raise ValueError(arg)


def literal(text: str) -> CellValue:
    """Return the value of a constant in a formula."""
    if text in ("TRUE", "FALSE"):
        return text == "TRUE"
    return text[1:-1].replace('""', '"') if text.startswith('"') else float(text)


@cache
def stored_name(name: str) -> str:
    """Return a function's name as files have it: newer ones have a prefix."""
    if any(other.replace(".", "") == name != other for other in catalogue()):
        return name  # NORMSDIST would be taken for NORM.S.DIST
    made: str = _worksheet()._prepare_formula(f"{name}(", expand_future_functions=True)
    return made[:-1]


@cache
def _worksheet() -> Any:
    """Return a worksheet that knows the prefixes."""
    import xlsxwriter

    with xlsxwriter.Workbook(io.BytesIO(), {"use_future_functions": True}) as book:
        return book.add_worksheet()
