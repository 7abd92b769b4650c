"""Scores and ranks as the cells of a workbook hold them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from xlcity.errors import require_known
from xlcity.model.framework import Framework

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class StoredResults:
    """Scores and ranks as the cells of a workbook hold them: rows are city ids."""

    document: dict[str, Any]
    framework: Framework

    @property
    def scores(self) -> pd.DataFrame:
        """Scores of the composite nodes; NaN has none."""
        return self._frame("scores")

    @property
    def normalised(self) -> pd.DataFrame:
        """Scores of the indicators."""
        return self._frame("normalised")

    @property
    def ranks(self) -> pd.DataFrame:
        """Ranks as nullable integers."""
        import pandas as pd

        return self._frame("ranks").astype(pd.Int64Dtype())

    @property
    def draft(self) -> bool:
        """Whether some inputs are not filled yet."""
        return bool(self.document["draft"])

    def selected(
        self,
        node: str | None = None,
        *,
        sort: str | None = None,
        top: int | None = None,
    ) -> StoredResults:
        """Return the results with cities in another order, or the first of them only.

        Parameters
        ----------
        node
            Cities are ordered by their rank in this node (None: the root).
        sort
            "rank", "unit", "name_zh" or "name_en" (ascending), or a code (the highest score first).
        top
            How many cities; those without a rank come last.

        Raises
        ------
        UsageError
            If there is no such node or column.
        """
        code = self._known(node or self.framework.root.code, ())
        column = self._known(sort or "rank", _COLUMNS)
        units = sorted(
            self.document["units"], key=lambda unit: _place(unit, code, column)
        )
        return StoredResults({**self.document, "units": units[:top]}, self.framework)

    def ranking(
        self, node: str | None = None, population: str = ""
    ) -> tuple[list[str], list[list[Any]]]:
        """Return the cities with their rank in a node, its scores and those of the nodes below it.

        Parameters
        ----------
        node
            A code (None: the root).
        population
            The group of cities; "" are all that belong to one.

        Returns
        -------
        tuple
            The codes whose scores are shown, and a row per city: its rank, id, names and scores.
        """
        code = self._known(node or self.framework.root.code, ())
        shown = [code, *(child.code for child in self.framework.children(code))]
        rows = []
        for unit in self.document["units"]:
            if unit["population"] and population in ("", unit["population"]):
                scores = (scores_of(unit).get(each) for each in shown)
                texts = [f"{x:.2f}" if isinstance(x, float) else x for x in scores]
                names = map(unit.get, _COLUMNS[1:])
                rows.append([unit["ranks"].get(code), *names, *texts])
        return shown, rows

    def _known(self, name: str, columns: Sequence[str]) -> str:
        codes = [node.code for node in self.framework.nodes]
        require_known(
            "kind.column" if columns else "kind.node", name, [*codes, *columns]
        )
        return name

    def _frame(self, key: str) -> pd.DataFrame:
        import pandas as pd

        units = self.document["units"]
        index = pd.Index([unit["unit"] for unit in units], name="unit")
        return pd.DataFrame([unit[key] for unit in units], index=index)

    def __repr__(self) -> str:
        return f"<StoredResults: {len(self.document['units'])} cities>"

    def _repr_html_(self) -> str:
        return str(self.scores.to_html(notebook=True, max_rows=60))


#: Columns of stored results beside the codes.
_COLUMNS = ("rank", "unit", "name_zh", "name_en")


def scores_of(unit: dict[str, Any]) -> dict[str, Any]:
    """Return the scores of a city by code; a normalised value is an indicator's score."""
    return {**unit["normalised"], **unit["scores"]}


def _place(unit: dict[str, Any], node: str, column: str) -> tuple[bool, Any]:
    """Return what a city is ordered by; what is missing comes last."""
    if column in _COLUMNS[1:]:
        return False, unit[column]
    is_rank = column == "rank"
    value = unit["ranks"].get(node) if is_rank else scores_of(unit).get(column)
    if not isinstance(value, (int, float)):
        return True, 0
    return False, value if is_rank else -value
