"""Formulas that say what an input cell holds which is neither a number nor a missing code.

Each step has a cell of its own, so that a reader can follow what the book sees in an entry.
"""

from __future__ import annotations

from collections.abc import Mapping

from xlcity.model.reading.cell_faults import INEXACT, KINDS, NUMBER_RESTS, SPACES, SUFFIXES, WIDE
from xlcity.workbook.drawing.canvas import Book
from xlcity.workbook.sheets.calculation.near_names import replaced


def chain(book: Book, at: Mapping[str, str], raw: str) -> dict[str, str]:
    """Return the formulas about an unusable value by the cells they stand in; see `FAULTS`.

    `raw` refers to the value where it was typed: no other cell keeps that it is logical.
    """
    half, rest = at["half"], at["rest"]
    number = {name: place for place, name in enumerate(KINDS, 1)}
    digits = {sign: plain for sign, plain in WIDE.items() if plain.isdigit()}
    signs = {sign: plain for sign, plain in WIDE.items() if sign not in digits}
    plain, signed = (_one_of(rest, found) for found in (("", "."), NUMBER_RESTS[2:]))
    one_number = f"OR({plain},AND(OR({signed}),LEFT({half},1)=LEFT({rest},1)))"
    comma = f"AND({at['joined']}<>{rest},OR({_one_of(at['joined'], NUMBER_RESTS)}))"
    other = f"IF(ISLOGICAL({raw}),{number['logical']},{number['no_data']})"
    return {
        "entry": f'IFERROR(IF(ISTEXT({raw}),{raw},""),"")',
        "plain": replaced(f'{at["entry"]}&""', dict.fromkeys(SPACES, "")),
        "digits": replaced(at["plain"], digits),
        "half": replaced(at["digits"], signs),
        "rest": replaced(half, dict.fromkeys("0123456789", "")),
        "joined": replaced(rest, {",": ""}),
        "number": f"IF({one_number},1,0)",
        "comma": f"IF({comma},1,0)",
        "inexact": f"IF(OR({_one_of(f'LEFT({half},1)', INEXACT)}),1,0)",
        "other": f"IF(ISERROR({raw}),{number['error']},{other})",
        "kind": _kind(at, number),
        "words": f'{at["code"]}&" "&{words(book, at["kind"])}',
    }


def _kind(at: Mapping[str, str], number: Mapping[str, int]) -> str:
    """Return the formula of the number of an entry's kind among `KINDS`."""
    half = at["half"]
    steps = (
        (f"LEN({half})=LEN({at['rest']})", number["text"]),
        (f"{at['number']}*EXACT({half},{at['plain']})=1", number["as_text"]),
        (f"{at['number']}=1", number["full_width"]),
        (f"{at['comma']}=1", number["comma"]),
        (f"{at['inexact']}=1", number["several"]),
        (f'RIGHT({half},1)="%"', number["percent"]),
        (f"OR({_one_of(f'RIGHT({half},1)', SUFFIXES)})", number["suffix"]),
        (f'{at["rest"]}="-"', number["several"]),
    )
    formula = str(number["text"])
    for condition, found in reversed(steps):
        formula = f"IF({condition},{found},{formula})"
    return f'IF({at["entry"]}<>"",{formula},{at["other"]})'


def words(book: Book, number: str, key: str = "fault") -> str:
    """Return the formula of the words for a kind: what it is, or with `fault.fix` what to do."""
    first, *_, last = (book.labels.ref(f"{key}.{name}") for name in KINDS)
    return f"INDEX({first}:{last.partition('!')[2]},{number})"


def _one_of(text: str, found: tuple[str, ...]) -> str:
    return ",".join(f'{text}="{one}"' for one in found)
