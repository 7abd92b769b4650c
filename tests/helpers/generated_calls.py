"""Calls of every function of the registry, made from its worked example and its declaration.

A function that joins the registry is covered without a line here.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from xlcity.errors import CellError, CellValue
from xlcity.functions.declare import Accepts, Argument, Function, Kind

Rows = list[list[CellValue]]

#: What may stand in a cell instead of a number. No logicals: Calc hands them over as 1 and 0.
GAPS = (None, "", "NA", "缺", " n/a ", "..", "12,3", "１２", "<5", " ", "=1+1")
ERRORS = (CellError.NA, CellError.DIV0, CellError.NUM, CellError.VALUE, CellError.REF)


@dataclass(frozen=True)
class GeneratedCall:
    """A call: what it shows, the function, the cells of its arguments."""

    what: str
    name: str
    arguments: list[Rows]

    def __str__(self) -> str:
        return f"{self.name}, {self.what}: {self.arguments}"


def generated_calls(function: Function) -> Iterator[GeneratedCall]:
    """Yield calls of a function: good ones, and each way to go wrong."""
    rng = random.Random(zlib.crc32(function.name.encode()))
    example = [[list(row) for row in rows] for rows in function.example.arguments]

    def made(what: str, arguments: Sequence[Rows]) -> GeneratedCall:
        return GeneratedCall(what, function.name, list(arguments))

    yield made("example", example)
    required = sum(not argument.optional for argument in function.arguments)
    yield made("required arguments only", example[:required])
    yield made("no argument", [])
    extra = [*example, *[[[None]]] * (len(function.arguments) - len(example)), [[1.0]]]
    yield made("too many arguments", extra)

    first = example[0]
    rest = example[1:]
    for turn in range(3):
        yield made(f"gaps {turn}", [_with_gaps(first, rng), *rest])
    yield made("all blank", [[[None] * len(row) for row in first], *rest])
    yield made("constant columns", [[list(first[0]) for _ in first], *rest])
    yield made("a single row", [_cut(rows, first, 1, None) for rows in example])
    yield made("a single column", [_cut(rows, first, None, 1) for rows in example])
    yield made("a single cell", [_cut(rows, first, 1, 1) for rows in example])
    if function.arguments[0].kind is Kind.VALUES:
        yield made(
            "#N/A as a gap", [[*first[:-1], [CellError.NA] * len(first[0])], *rest]
        )
        yield made("random numbers", [_random_block(first, rng), *rest])
        yield made(
            "random numbers with gaps",
            [_with_gaps(_random_block(first, rng), rng), *rest],
        )
    for place, rows in enumerate(example):
        error = rng.choice(ERRORS)
        yield made(
            f"{error} in argument {place + 1}",
            _with(example, place, _struck(rows, error, rng)),
        )
        if place and function.arguments[place].kind is not Kind.OPTION:
            yield made(
                f"gaps in argument {place + 1}",
                _with(example, place, _with_gaps(rows, rng)),
            )
            yield made(
                f"argument {place + 1} cut short",
                _with(example, place, rows[:-1] or [[None]]),
            )
    for place, argument in enumerate(function.arguments):
        if argument.kind is Kind.OPTION:
            for what, rows in _options(argument, len(first[0])):
                yield made(f"{argument.name} {what}", _with(example, place, rows))


def _options(argument: Argument, columns: int) -> Iterator[tuple[str, Rows]]:
    """Yield values of an option, right and wrong."""
    yield "an empty text", [[""]]
    yield "a word of no meaning", [["nonsense"]]
    yield "two rows", [[1.0], [1.0]]
    yield "one too many", [[1.0] * (columns + 1)]
    for choice in argument.choices:
        yield choice, [[choice]]
    if argument.per_column and argument.choices:
        turns = [
            argument.choices[place % len(argument.choices)] for place in range(columns)
        ]
        yield "a word per column", [list(turns)]
    if argument.accepts is Accepts.DIRECTION:
        yield "less is better", [[-1.0]]
        yield "in words", [["负向"]]
        yield "neither", [[0.5]]
    if argument.accepts in (Accepts.NUMBER, Accepts.INTEGER):
        numbers = {2.0, -1e9, 0.5, argument.minimum, argument.maximum} - {None}
        for number in sorted(numbers):
            yield f"{number:g}", [[number]]
        if argument.per_column:
            yield "a number per column", [[1.0 + place for place in range(columns)]]


def _with(arguments: Sequence[Rows], place: int, rows: Rows) -> list[Rows]:
    """Return arguments with another one at a place; blanks fill up to it."""
    out: list[Rows] = [*arguments, *[[[None]]] * (place + 1 - len(arguments))]
    out[place] = rows
    return out


def _with_gaps(rows: Rows, rng: random.Random) -> Rows:
    return [
        [rng.choice(GAPS) if rng.random() < 0.3 else cell for cell in row]
        for row in rows
    ]


def _random_block(like: Rows, rng: random.Random) -> Rows:
    """Return numbers with every digit, ties among them, a few rows more than the example has."""
    return [
        [rng.choice((rng.uniform(0.1, 9.0), float(rng.randint(1, 4)))) for _ in like[0]]
        for _ in range(len(like) + 3)
    ]


def _struck(rows: Rows, error: CellError, rng: random.Random) -> Rows:
    out = [list(row) for row in rows]
    row = rng.choice(out)
    row[rng.randrange(len(row))] = error
    return out


def _cut(rows: Rows, first: Rows, down: int | None, across: int | None) -> Rows:
    """Cut an argument as the first one is cut, where it is as long or as wide."""
    out = rows[:down] if len(rows) == len(first) else rows
    return [row[:across] for row in out] if len(rows[0]) == len(first[0]) else out
