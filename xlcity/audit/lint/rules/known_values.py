"""Values that something or someone vouches for: notes at their cells, and a seal."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from xlcity.audit.lint.subject import Subject
from xlcity.workbook.reading.records import number_of, plain_text
from xlcity.xlsx.editing.comments import read_comments

if TYPE_CHECKING:
    from xlcity.audit.lint.rules.former_inputs import FormerInputs

#: City x input -> its value, NaN for none.
Matrix = npt.NDArray[np.float64]

#: Rules that are silent about a value that a person has confirmed.
CONFIRMABLE = ("W41", "W42", "W44")
#: A note that confirms a value, in both languages.
_CONFIRMED_NOTE = re.compile(
    r"xlcity\s*[:：]\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*(?:is right|属实)"
)


def confirming_text(value: float) -> str:
    """Return the note at a cell with which a person confirms its value.

    Examples
    --------
    >>> confirming_text(29700.0)
    'xlcity: 29700 is right'
    """
    return f"xlcity: {value:.15g} is right"


def confirmed_values(subject: Subject, inputs: FormerInputs) -> Matrix:
    """Return the values that notes at their cells say are right, else NaN."""
    confirmed = np.full(inputs.values.shape, np.nan)
    template = inputs.template
    name = template.area("in_data").sheet
    row_of = {template.rows[unit]: row for row, unit in enumerate(inputs.units)}
    column_of = {template.columns[c]: n for n, c in enumerate(inputs.codes)}
    for (sheet, (row, column)), note in read_comments(
        subject.package, subject.book
    ).items():
        match = _CONFIRMED_NOTE.search(note.text)
        if sheet == name and match and row in row_of and column in column_of:
            confirmed[row_of[row], column_of[column]] = float(match[1])
    return confirmed


def sealed_values(subject: Subject, inputs: FormerInputs) -> Matrix:
    """Return the values that were sealed, of cities whose row is the same, else NaN."""
    sealed = np.full(inputs.values.shape, np.nan)
    template = inputs.template
    ids = template.area("in_units")
    cells = subject.sealed_inputs.get(ids.sheet, {})
    for row, unit in enumerate(inputs.units):
        line = template.rows[unit]
        # Without the city the seal does not say whose values these were.
        if plain_text(cells.get((line, ids.c1))) == plain_text(
            template.book.value(ids.sheet, line, ids.c1)
        ):
            for column, code in enumerate(inputs.codes):
                value = number_of(cells.get((line, template.columns[code])))
                sealed[row, column] = np.nan if value is None else value
    return sealed
