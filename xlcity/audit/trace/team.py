"""Cells of a team's workbook in words, with what its map says of their columns."""

from __future__ import annotations

from xlcity.audit.lint.subject import Subject
from xlcity.audit.trace.describe import Describer
from xlcity.audit.trace.steps import Description, Words
from xlcity.methods.aggregate.means import ARITHMETIC, GEOMETRIC, HARMONIC
from xlcity.methods.normalise.bands import BANDS
from xlcity.methods.normalise.fracmax import FRACMAX
from xlcity.methods.normalise.goalposts import GOALPOSTS
from xlcity.methods.normalise.minmax import MINMAX
from xlcity.methods.normalise.ranks import BORDA
from xlcity.methods.normalise.zscore import ZSCORE
from xlcity.proof.workbook_map import KeptColumn, read_workbook_map
from xlcity.xlsx.address import column_letters, quote_sheet
from xlcity.xlsx.cells import Position

#: Method -> what it is called.
_METHODS = {
    MINMAX.name: Words("极差标准化", "min-max"),
    ZSCORE.name: Words("z 值", "z-score"),
    GOALPOSTS.name: Words("上下限之间的得分", GOALPOSTS.name),
    FRACMAX.name: Words("占最大值的比例", "share of the best"),
    BORDA.name: Words("名次分", "points by rank"),
    BANDS.name: Words("分档得分", BANDS.name),
    ARITHMETIC.name: Words("加权平均", "weighted mean"),
    GEOMETRIC.name: Words("几何平均", "geometric mean"),
    HARMONIC.name: Words("调和平均", "harmonic mean"),
    "minimum": Words("最小值", "minimum"),
    "ratio": Words("比值", "ratio"),
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
        if kept is None or not is_computed or kept.means not in _METHODS:
            return described
        return Description((_words(kept), *described.words))


def _words(kept: KeptColumn) -> Words:
    """Return what a column is of another one."""
    method = _METHODS[kept.means]
    return Words(f"{kept.of} 的{method.zh}", f"{method.en} of {kept.of}")
