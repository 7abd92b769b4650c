"""What reading a table tells besides its values: conversions, doubts, what was left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from xlcity.errors import Problem, Where
from xlcity.grouping import grouped
from xlcity.model.dataset import State

#: Why a column of names or remarks is not used: no score is expected from it.
DESCRIBES = "it describes a city or a value"


@dataclass(frozen=True, slots=True)
class Conversion:
    """Something that was read as what it evidently means; people see a list of these."""

    where: Where
    raw: str
    result: str
    note: str

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        address = {"file": self.where.file, "sheet": self.where.sheet, "cell": self.where.cell}
        unit = {"unit": self.where.unit, "indicator": self.where.indicator}
        return {**address, **unit, "raw": self.raw, "result": self.result, "note": self.note}


@dataclass(frozen=True, slots=True)
class DataCell:
    """One written cell: a value or a missing code. Absent and blank cells are not among them."""

    unit: str
    code: str
    value: float
    state: State
    basis: str
    where: Where


@dataclass(frozen=True, slots=True)
class Notes:
    """What a reader tells besides the values.

    Parameters
    ----------
    cells
        Every written cell, in reading order, so that a caller can overlay them.
    converted
        Texts and names that were converted.
    unused
        (heading, reason) of columns that no score is made from.
    remarks
        Rows left out because they hold one text alone that is not a city, with their place.
    doubtful
        Values outside the plausible bounds of their indicator; they are used.
    blanks
        (unit, code) of cells that the table has and leaves empty.
    """

    cells: tuple[DataCell, ...] = ()
    converted: tuple[Conversion, ...] = ()
    unused: tuple[tuple[str, str], ...] = ()
    doubtful: tuple[Problem, ...] = ()
    blanks: tuple[tuple[str, str], ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def problems(self) -> Iterator[Problem]:
        """What a reader should know of the data: doubtful values, columns without use."""
        yield from self.doubtful
        unused = ((why, heading) for heading, why in self.unused if why != DESCRIBES)
        for reason, headings in grouped(unused).items():
            yield Problem("XC346", f"not used: {', '.join(headings)} ({reason}).")

    @property
    def ignored(self) -> tuple[str, ...]:
        """Return the headings of the columns that no score is made from."""
        return tuple(heading for heading, _ in self.unused)
