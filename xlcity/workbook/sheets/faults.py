"""Formulas that say what an input cell holds which is neither a number nor a missing code.

Three helper cells make a fourth short: the entry if it is text, that in half-width characters
without spaces, what is left of it without its digits, and the number of its kind among `KINDS`.
"""

from __future__ import annotations

from collections.abc import Mapping

from xlcity.model.cell_faults import (
    INEXACT,
    KINDS,
    NUMBER_RESTS,
    SPACES,
    SUFFIXES,
    WIDE,
)
from xlcity.workbook.canvas import Book


def chain(book: Book, at: Mapping[str, str], raw: str) -> dict[str, str]:
    """Return the formulas about an unusable value by the cells they stand in; see `FAULTS`.

    `raw` refers to the value where it was typed: no other cell keeps that it is logical.
    """
    return {
        "entry": f'IFERROR(IF(ISTEXT({raw}),{raw},""),"")',
        "half": half(at["entry"]),
        "rest": rest(at["half"]),
        "kind": kind(at["entry"], at["half"], at["rest"], raw),
        "words": f'{at["code"]}&" "&{words(book, at["kind"])}',
    }


def half(entry: str) -> str:
    """Return the formula of an entry in half-width characters, without spaces."""
    return _replaced(_without_spaces(entry), WIDE)


def rest(half_cell: str) -> str:
    """Return the formula of what is left without the digits."""
    return _replaced(half_cell, dict.fromkeys("0123456789", ""))


def kind(entry: str, half_cell: str, rest_cell: str, raw: str) -> str:
    """Return the formula of the number of an entry's kind; an entry that is no text is ""."""
    number = {name: place for place, name in enumerate(KINDS, 1)}
    plain, signed = (_one_of(rest_cell, r) for r in (("", "."), NUMBER_RESTS[2:]))
    one_number = f"OR({plain},AND(OR({signed}),LEFT({half_cell},1)=LEFT({rest_cell},1)))"
    joined = f'SUBSTITUTE({rest_cell},",","")'
    comma = f"AND({joined}<>{rest_cell},OR({_one_of(joined, NUMBER_RESTS)}))"
    steps = (
        (f"LEN({half_cell})=LEN({rest_cell})", number["text"]),
        (f"AND({one_number},EXACT({half_cell},{_without_spaces(entry)}))", number["as_text"]),
        (one_number, number["full_width"]),
        (comma, number["comma"]),
        (f"OR({_one_of(f'LEFT({half_cell},1)', INEXACT)})", number["several"]),
        (f'RIGHT({half_cell},1)="%"', number["percent"]),
        (f"OR({_one_of(f'RIGHT({half_cell},1)', SUFFIXES)})", number["suffix"]),
        (f'{rest_cell}="-"', number["several"]),
    )
    formula = str(number["text"])
    for condition, found in reversed(steps):
        formula = f"IF({condition},{found},{formula})"
    other = f"IF(TYPE({raw})=1,{number['no_data']},{number['logical']})"
    return f'IF({entry}<>"",{formula},IF(ISERROR({raw}),{number["error"]},{other}))'


def words(book: Book, number: str, key: str = "fault") -> str:
    """Return the formula of the words for a kind: what it is, or with `fault.fix` what to do."""
    first, *_, last = (book.labels.ref(f"{key}.{name}") for name in KINDS)
    return f"INDEX({first}:{last.partition('!')[2]},{number})"


def _without_spaces(entry: str) -> str:
    return _replaced(f'{entry}&""', dict.fromkeys(SPACES, ""))


def _replaced(text: str, pairs: dict[str, str]) -> str:
    for old, new in pairs.items():
        text = f'SUBSTITUTE({text},"{old}","{new}")'
    return text


def _one_of(text: str, found: tuple[str, ...]) -> str:
    return ",".join(f'{text}="{one}"' for one in found)
