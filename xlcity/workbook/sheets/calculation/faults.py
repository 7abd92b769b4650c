"""Formulas that say what an input cell holds which is neither a number nor a missing code.

The entry, what it is in half-width characters, and that without digits have cells of their own.
"""

from __future__ import annotations

from collections.abc import Mapping

from xlcity.model.reading.cell_faults import INEXACT, KINDS, NUMBER_RESTS, SPACES, SUFFIXES, WIDE
from xlcity.workbook.drawing.canvas import Book


def chain(at: Mapping[str, str], raw: str) -> dict[str, str]:
    """Return the formulas about an unusable value by the cells they stand in; see `FAULTS`.

    `raw` refers to the value where it was typed: no other cell keeps that it is logical.
    """
    return {
        "entry": f'IFERROR(IF(ISTEXT({raw}),{raw},""),"")',
        "half": replaced(_without_spaces(at["entry"]), WIDE),
        "rest": replaced(at["half"], dict.fromkeys("0123456789", "")),
        "kind": _kind(at, raw),
    }


def _without_spaces(entry: str) -> str:
    return replaced(f'{entry}&""', dict.fromkeys(SPACES, ""))


def _kind(at: Mapping[str, str], raw: str) -> str:
    """Return the formula of the number of an entry's kind among `KINDS`."""
    number = {name: place for place, name in enumerate(KINDS, 1)}
    half, rest = at["half"], at["rest"]
    joined = replaced(rest, {",": ""})
    plain, signed = (_one_of(rest, found) for found in (("", "."), NUMBER_RESTS[2:]))
    one_number = f"OR({plain},AND(OR({signed}),LEFT({half},1)=LEFT({rest},1)))"
    steps = (
        (f"LEN({half})=LEN({rest})", number["text"]),
        (f"AND({one_number},EXACT({half},{_without_spaces(at['entry'])}))", number["as_text"]),
        (one_number, number["full_width"]),
        (f"AND({joined}<>{rest},OR({_one_of(joined, NUMBER_RESTS)}))", number["comma"]),
        (f"OR({_one_of(f'LEFT({half},1)', INEXACT)})", number["several"]),
        (f'RIGHT({half},1)="%"', number["percent"]),
        (f"OR({_one_of(f'RIGHT({half},1)', SUFFIXES)})", number["suffix"]),
        (f'{rest}="-"', number["several"]),
    )
    formula = str(number["text"])
    for condition, found in reversed(steps):
        formula = f"IF({condition},{found},{formula})"
    other = f"IF(ISLOGICAL({raw}),{number['logical']},{number['no_data']})"
    other = f"IF(ISERROR({raw}),{number['error']},{other})"
    return f'IF({at["entry"]}<>"",{formula},{other})'


def replaced(text: str, pairs: Mapping[str, str]) -> str:
    """Return the formula of a text in which signs are replaced by others."""
    for old, new in pairs.items():
        text = f'SUBSTITUTE({text},"{old}","{new}")'
    return text


def words(book: Book, number: str, key: str = "fault") -> str:
    """Return the formula of the words for a kind: what it is, or with `fault.fix` what to do."""
    return f"INDEX({book.words[key].area.ref()},{number})"


def _one_of(text: str, found: tuple[str, ...]) -> str:
    return ",".join(f'{text}="{one}"' for one in found)
