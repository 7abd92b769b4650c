"""Cells of a team's workbook in words, with what its map says of their columns."""

from __future__ import annotations

from xlcity.audit.lint.subject import Subject
from xlcity.audit.trace.describe import Describer
from xlcity.audit.trace.steps import Description, Words
from xlcity.messages import Message
from xlcity.methods.aggregate.means import ARITHMETIC, GEOMETRIC, HARMONIC, POWER
from xlcity.methods.aggregate.minimum import MINIMUM
from xlcity.methods.aggregate.topsis import TOPSIS
from xlcity.methods.normalise.bands import BANDS
from xlcity.methods.normalise.fracmax import FRACMAX
from xlcity.methods.normalise.fracsum import FRACSUM
from xlcity.methods.normalise.goalposts import GOALPOSTS
from xlcity.methods.normalise.minmax import MINMAX
from xlcity.methods.normalise.ranks import BORDA, PERCENTILE
from xlcity.methods.normalise.zscore import ZSCORE
from xlcity.proof.workbook_map import RATIO, KeptColumn, read_workbook_map
from xlcity.xlsx.address import column_letters, quote_sheet
from xlcity.xlsx.cells import Position

#: Method -> the message with its name.
_NAMED = {
    MINMAX.name: "means.minmax",
    ZSCORE.name: "means.zscore",
    GOALPOSTS.name: "means.goalposts",
    FRACMAX.name: "means.fracmax",
    FRACSUM.name: "means.fracsum",
    PERCENTILE.name: "means.percentile",
    BORDA.name: "means.borda",
    BANDS.name: "means.bands",
    ARITHMETIC.name: "means.arithmetic",
    GEOMETRIC.name: "means.geometric",
    HARMONIC.name: "means.harmonic",
    POWER.name: "means.power",
    MINIMUM.name: "means.minimum",
    TOPSIS.name: "means.topsis",
    RATIO: "means.ratio",
}


class TeamDescriber(Describer):
    """Describes cells by the texts around them, and by what was read of their columns."""

    def __init__(self, subject: Subject) -> None:
        super().__init__(subject.book)
        known = read_workbook_map(subject.path)
        self._columns = {} if known is None else known.columns

    def of(self, sheet: str, position: Position) -> Description:
        """Return what a cell is: min-max of GDP, where that is known."""
        described = super().of(sheet, position)
        row, column = position
        title = quote_sheet(sheet)
        kept = self._columns.get(f"{title}!{column_letters(column)}")
        kept = kept or self._columns.get(f"{title}!{row}")
        is_computed = position in self.book.sheets[sheet].cells.texts()
        if kept is None or not is_computed or kept.means not in _NAMED:
            return described
        return Description((_words(kept), *described.words))


def _words(kept: KeptColumn) -> Words:
    """Return what a column is of others."""
    said = Message(_NAMED[kept.means], of=kept.of)
    return Words(said.in_language("zh"), said.in_language("en"))
