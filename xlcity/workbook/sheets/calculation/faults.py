"""What an input cell holds that is neither a number nor a missing code, in one formula.

The program names some entries more exactly (`xlcity.model.reading.values`).
"""

from __future__ import annotations

from xlcity.model.reading.values import FAULT_KINDS, INEXACT
from xlcity.workbook.drawing.canvas import Book
from xlcity.workbook.drawing.grid import nested_if

#: What stands for an error value that was typed.
ERROR = "#!"
_NUMBER = {name: number for number, name in enumerate(FAULT_KINDS, 1)}
_DIGITS, _WIDE_DIGITS = "0123456789.", "０１２３４５６７８９"


def kind_of(entry: str) -> str:
    """Return the formula of the number of an entry's kind among `FAULT_KINDS`."""
    first, last = f"LEFT(TRIM({entry}),1)", f"RIGHT(TRIM({entry}),1)"
    steps = (
        (f'{entry}="{ERROR}"', "error"),
        (f"ISLOGICAL({entry})", "logical"),
        (f"ISNUMBER({entry})", "no_data"),
        (f'TRIM({entry})=""', "text"),
        (f'OR({last}="%",{last}="％")', "percent"),
        (f'OR({last}="万",{last}="亿")', "suffix"),
        (f'ISNUMBER(FIND({first},"{"".join(INEXACT)}"))', "several"),
        (f'ISNUMBER(FIND({last},"{_WIDE_DIGITS}"))', "full_width"),
        (f'ISERROR(FIND({last},"{_DIGITS}"))', "text"),
        (f'ISNUMBER(FIND(",",{entry}))', "comma"),
        (f'ISNUMBER(FIND("-",{entry},2))', "several"),
        (f'ISNUMBER(FIND({first},"+-{_DIGITS}"))', "as_text"),
    )
    numbers = {condition: _NUMBER[kind] for condition, kind in steps}
    return nested_if(numbers, str(_NUMBER["text"]))


def words(book: Book, number: str, key: str = "fault") -> str:
    """Return the formula of the words for a kind: what it is, or with `fault.fix` what to do."""
    return f"INDEX({book.words[key][1]},{number})"
