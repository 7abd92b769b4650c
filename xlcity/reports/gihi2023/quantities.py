"""Quantities of cities that only this report's declarations name."""

from __future__ import annotations

import numpy as np

from xlcity.figures.contents import Label
from xlcity.report.quantities import Quantities, Quantity
from xlcity.reports.gihi2023.supplementary import FIELD, indices_of_kind

PAPERS = Label("论文总数", "papers in all fields")


def supplementary(quantities: Quantities, code: str) -> Quantity:
    """Return the scores of a supplementary index."""
    result = quantities.source.result
    index = next(s for s in result.framework.supplementary if s.code == code)
    values = result.supplementary.column(code)
    return Quantity(Label(index.name_zh, index.name_en), values)


def fields(quantities: Quantities, name: str) -> list[Quantity]:
    """Return an input of each field: its papers, or its highly cited papers."""
    of_fields = indices_of_kind(quantities.source.result.framework, FIELD)
    return quantities.all([f"data:{field.code}.{name}" for field in of_fields])


def papers(quantities: Quantities, _: str) -> Quantity:
    """Return the papers of a city in all fields."""
    every = quantities.all(["fields:papers"])
    values = np.sum([quantity.values for quantity in every], axis=0)
    rows = every[0].invented_rows
    return Quantity(PAPERS, values, invented_rows=rows)
