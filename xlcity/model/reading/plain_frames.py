"""Frames of floats that need no reading: the index names the cities, the columns are codes.

What a person should look at (a total, a missing code, an implausible number, a heading that is no
code) is read cell by cell instead, see `tables.table_from_frame`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from xlcity.model.dataset import Dataset, FloatArray, Status, Unit
from xlcity.model.framework import Framework
from xlcity.model.nodes import Ingredient, Node
from xlcity.model.reading.data import input_codes
from xlcity.model.reading.labels import CityLabels
from xlcity.model.reading.tables import city_texts, is_index_of_cities
from xlcity.model.reading.units import close_gaps, is_chinese
from xlcity.model.reading.values import Notes, is_percent, is_usable, number_codes
from xlcity.model.recipe import Recipe

#: Rows from which on a frame is read so. In shorter ones names are compared with each other, too.
_LEAST_ROWS = 2000


class PlainFrame(NamedTuple):
    """What was read of a frame."""

    dataset: Dataset
    notes: Notes
    labels: CityLabels


def read_plain_frame(
    source: Any, framework: Framework, recipe: Recipe | None
) -> PlainFrame | None:
    """Return dataset, notes and labels of a long frame of plain floats; None for another one."""
    if not _is_plain(source, framework):
        return None
    codes = (recipe or Recipe(id="", steps=())).missing_codes
    values = np.array(source.to_numpy("float64"), order="F")
    headings = [*map(str, source.columns)]
    nodes = [framework.inputs[heading] for heading in headings]
    is_blank = np.isnan(values)
    if not _are_plain(values, is_blank, nodes, number_codes(codes)):
        return None
    ids = city_texts(source.index)
    is_ascii = "".join(ids).isascii()
    if not is_ascii:
        ids = [*map(close_gaps, ids)]
    if not all(ids) or not _differ(ids):
        return None
    units = _units_of(ids, is_ascii=is_ascii)
    dataset = _dataset_of(units, headings, values, is_blank)
    if tuple(headings) != input_codes(framework):
        dataset = dataset.reindexed(dataset.units, input_codes(framework))
    notes = Notes(codes=frozenset(headings))
    labels = CityLabels(source.index, source.index, source.columns.name)
    return PlainFrame(dataset, notes, labels)


def _is_plain(source: Any, framework: Framework) -> bool:
    """Tell whether a source is a long frame of floats by city and code."""
    if not hasattr(source, "dtypes") or getattr(source, "ndim", 0) != 2:
        return False
    if len(source) < _LEAST_ROWS or any(kind.kind != "f" for kind in source.dtypes):
        return False
    if not _are_labels(source.index) or not _are_labels(source.columns):
        return False
    headings = [*map(str, source.columns)]
    is_known = {*input_codes(framework)}.issuperset(headings)
    return is_known and is_index_of_cities(source, headings)


def _are_labels(labels: Any) -> bool:
    """Tell whether labels have one level, and each is another one."""
    return labels.nlevels == 1 and labels.is_unique and not labels.hasnans


def _are_plain(
    values: FloatArray,
    is_blank: np.ndarray,
    nodes: Sequence[Node | Ingredient],
    missing: Iterable[float],
) -> bool:
    """Tell whether no value needs a remark: none is a code, or implausible.

    Column by column, so that no further matrix is made.
    """
    codes = [*missing]
    for column, node in enumerate(nodes):
        present = values[:, column]
        if is_blank[:, column].any():
            present = present[~is_blank[:, column]]
        if not present.size:
            continue
        if not _is_plain_column(present, node):
            return False
        if any((present == code).any() for code in codes):
            return False
    return True


def _is_plain_column(present: FloatArray, node: Node | Ingredient) -> bool:
    """Tell whether the numbers of an indicator are plausible."""
    low = -math.inf if node.valid_low is None else node.valid_low
    high = math.inf if node.valid_high is None else node.valid_high
    if not (low <= present.min() and present.max() <= high):
        return False
    if not is_usable(present).all():
        return False
    if node.no_data is not None and (present == node.no_data).any():
        return False
    if not is_percent(node.uom):
        return True
    return not ((present > 0) & (present <= 1)).any()


def _differ(ids: Sequence[str]) -> bool:
    """Tell whether ids differ, also without regard to capitals."""
    folded = {name.casefold() for name in ids}
    return len(folded) == len(ids)


def _dataset_of(
    units: tuple[Unit, ...],
    headings: Sequence[str],
    values: FloatArray,
    is_blank: np.ndarray,
) -> Dataset:
    """Return the dataset of values by city and code."""
    # False and True are numbered as VALUE and BLANK.
    states = is_blank.view(np.uint8)
    if is_blank.any():
        basis = np.where(is_blank, "", np.str_(Status.ENTERED))
    else:
        basis = np.broadcast_to(np.array(np.str_(Status.ENTERED)), values.shape)
    return Dataset(units, tuple(headings), values, states, basis=basis)


def _units_of(ids: Sequence[str], *, is_ascii: bool) -> tuple[Unit, ...]:
    """Return the units of ids, each with its name in its language."""
    no_attributes: dict[str, str] = {}
    if is_ascii:
        return tuple(Unit(name, name_en=name, attributes=no_attributes) for name in ids)
    units = []
    for name in ids:
        names = (name, "") if is_chinese(name) else ("", name)
        units.append(Unit(name, *names, attributes=no_attributes))
    return tuple(units)
