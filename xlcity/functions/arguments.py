"""Annotations that say what an argument of a function is: the decorator reads them.

An argument without one of these is, in this order: the block of values (the first), a further block
(without a default), or an option of the kind that its annotation and its default say.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Annotated

from numpy.typing import ArrayLike

from xlcity.errors import CellValue
from xlcity.functions.block import PerColumn, WordPerColumn
from xlcity.functions.declare import Accepts, Argument, Kind

#: One number per column of the values, in a row or a column.
Weights = Annotated[ArrayLike, Argument(kind=Kind.WEIGHTS)]
#: A row or a column of numbers, as many as there are.
NumberList = Annotated[ArrayLike, Argument(kind=Kind.NUMBERS)]
#: One text per column of the values, in a row or a column.
LabelPerColumn = Annotated[Sequence[str], Argument(kind=Kind.LABELS)]
#: A column of cells of any kind.
CellColumn = Annotated[Sequence[CellValue], Argument(kind=Kind.CELLS)]
#: One cell per row that names the row's group; an empty one leaves the row out.
Groups = Annotated[Sequence[CellValue] | None, Argument(kind=Kind.CELLS)]
#: A block of cells of any kind.
CellTable = Annotated[Sequence[Sequence[CellValue]], Argument(kind=Kind.TABLE)]


def numbers(
    minimum: float | None = None,
    maximum: float | None = None,
    *,
    whole: bool = False,
    above: bool = False,
    each: bool = True,
) -> Argument:
    """Say which numbers an option takes; `above` excludes the minimum itself."""
    accepts = Accepts.INTEGER if whole else Accepts.NUMBER
    return Argument(
        accepts=accepts,
        minimum=minimum,
        maximum=maximum,
        open_minimum=above,
        per_column=each,
    )


#: As `numbers`, for an option that is given once.
one_number = partial(numbers, each=False)


def one_of(*words: str) -> Argument:
    """Say that an option is one of some words."""
    return Argument(accepts=Accepts.CHOICE, choices=words, per_column=False)


def each_of(*words: str) -> Argument:
    """Say that an option is one of some words, given once or once per column."""
    return Argument(accepts=Accepts.CHOICE, choices=words)


#: Options that are given once or once per column.
Number = Annotated[PerColumn, numbers()]
AtLeastZero = Annotated[PerColumn, numbers(0.0)]
Positive = Annotated[PerColumn, numbers(0.0, above=True)]
Percent = Annotated[PerColumn, numbers(0.0, 100.0)]
#: Whole numbers: from 0, from 1, and decimals of a printed number.
WholeNumber = Annotated[PerColumn, numbers(0.0, whole=True)]
Count = Annotated[PerColumn, numbers(1.0, whole=True)]
Decimals = Annotated[PerColumn, numbers(0.0, 12.0, whole=True)]
#: 1 or -1, or a word for one of them.
Direction = Annotated[PerColumn, Argument(accepts=Accepts.DIRECTION)]
#: How equal values share ranks.
Ties = Annotated[WordPerColumn, each_of("min", "average", "max")]
#: What a missing code does.
Missing = Annotated[str, one_of("na", "renormalise", "zero", "refuse")]
YesNo = Annotated[str, one_of("yes", "no")]
