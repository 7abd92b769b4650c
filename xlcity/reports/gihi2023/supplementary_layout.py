"""Addresses of supplementary indices: `Satellites` (scales), `Disciplines`, `Fields` (inputs)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from xlcity.model.dataset import Status
from xlcity.model.nodes import SupplementaryIndex
from xlcity.reports.gihi2023.supplementary import FIELD, JOINT, indices_of_kind
from xlcity.workbook.drawing.grid import Area, Fix, cell
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.blocks import block_on
from xlcity.workbook.layout.rows import IN_CODE, INVENTED_ROW

JOINT_SHEET = "Satellites"
FIELD_SHEET = "Disciplines"
INPUT_SHEET = "Fields"
#: Columns of the table of these indices, by which a workbook tells of them, and their widths.
TABLE = {
    "code": 9,
    "kind": 11,
    "name_zh": 26,
    "name_en": 34,
    "parts": 30,
    "scale": 9,
    "group": 9,
}
#: First column of the inputs of fields, after id and name.
INPUT_LEFT = 3
#: Column of `Disciplines` with the position on `Fields`.
POSITION = 3


@dataclass(frozen=True)
class SupplementaryLayout:
    """Addresses of one template's supplementary indices."""

    layout: Layout

    @property
    def all(self) -> tuple[SupplementaryIndex, ...]:
        """Every supplementary index."""
        return self.layout.spec.framework.supplementary

    @cached_property
    def joint(self) -> tuple[SupplementaryIndex, ...]:
        """Those on joint scales."""
        return indices_of_kind(self.layout.spec.framework, JOINT)

    @cached_property
    def fields(self) -> tuple[SupplementaryIndex, ...]:
        """The fields alone."""
        return indices_of_kind(self.layout.spec.framework, FIELD)

    @cached_property
    def others(self) -> tuple[SupplementaryIndex, ...]:
        """Fields and what follows from them."""
        return tuple(index for index in self.all if index.kind != JOINT)

    @cached_property
    def inputs(self) -> tuple[str, ...]:
        """Inputs of these indices, papers and best papers each side by side."""
        codes = [part.code for part in self.layout.spec.framework.supplementary_inputs]
        return tuple(sorted(codes, key=lambda code: _ORDER[code.rpartition(".")[2]]))

    # -- Satellites ----------------------------------------------------------------------------
    #: Means of the parts of those on joint scales.
    means = block_on(JOINT_SHEET, lambda layout: tuple(s.code for s in layout.joint))
    #: Their scores, 0 to 100.
    joint_scores = block_on(JOINT_SHEET, "means.codes", after="means")
    #: Their ranks inside the population.
    joint_ranks = block_on(JOINT_SHEET, "means.codes", after="joint_scores")

    # -- Fields --------------------------------------------------------------------------------
    def input(self, code: str) -> Area:
        """Return a whole column of `Fields`, code row to closing row."""
        column = INPUT_LEFT + self.inputs.index(code)
        return Area(INPUT_SHEET, IN_CODE, column, self.layout.closing, column)

    @property
    def input_ids(self) -> Area:
        """The ids of `Fields`, code row to closing row."""
        return Area(INPUT_SHEET, IN_CODE, 1, self.layout.closing, 1)

    @cached_property
    def invented_values(self) -> np.ndarray | None:
        """The invented inputs that the template ships with, NaN for others; None without any."""
        spec = self.layout.spec
        if spec.defaults is None or not spec.apart:
            return None
        shipped = spec.defaults.reindexed(spec.dataset.units, self.inputs)
        is_invented = shipped.basis == Status.SYNTHETIC
        return (
            np.where(is_invented, shipped.values, np.nan) if is_invented.any() else None
        )

    @property
    def shipped_left(self) -> int:
        """First column of the invented inputs that the template ships with."""
        return INPUT_LEFT + len(self.inputs) + 2

    @property
    def invented(self) -> str:
        """The number of inputs that are still the invented ones."""
        return f"{INPUT_SHEET}!{cell(INVENTED_ROW, self.shipped_left - 1, Fix.BOTH)}"

    # -- Disciplines ---------------------------------------------------------------------------
    #: Inputs by city.
    values = block_on(FIELD_SHEET, "inputs", left=POSITION + 1)
    #: Scores of fields and of what follows from them.
    field_scores = block_on(
        FIELD_SHEET, lambda layout: tuple(s.code for s in layout.others), after="values"
    )
    #: Their ranks among all scored cities.
    field_ranks = block_on(FIELD_SHEET, "field_scores.codes", after="field_scores")


_ORDER = {
    name: position for position, name in enumerate(("papers", "hcp", "first", "last"))
}
