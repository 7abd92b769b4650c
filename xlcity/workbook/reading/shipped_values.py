"""The values that a report ships with and their status, kept so that its tables are read once."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from xlcity.model.dataset import Dataset, Item, Link, Unit
from xlcity.reports import load_report, report_folder
from xlcity.xlsx.user_cache import cache_folder, find_entry, keep_entry

_KIND = "shipped"


class ShippedValues(NamedTuple):
    """The edition of a report and its data; of the cities the ids alone."""

    edition: str
    dataset: Dataset


def shipped_values(report_id: str) -> ShippedValues:
    """Return what a report ships with; raises as `load_report`."""
    return _of_folder(report_folder(report_id), report_id)


@cache
def _of_folder(folder: Path, report_id: str) -> ShippedValues:
    if cache_folder() is None:
        return _read(report_id)
    digest = _digest(folder)
    if (content := find_entry(_KIND, digest)) is not None:
        return _unpacked(json.loads(content))
    found = _read(report_id)
    keep_entry(_KIND, digest, json.dumps(_packed(found)).encode())
    return found


def _read(report_id: str) -> ShippedValues:
    report = load_report(report_id)
    return ShippedValues(report.edition, report.dataset)


def _digest(folder: Path) -> str:
    made = hashlib.sha256()
    for path in sorted(path for path in folder.iterdir() if path.is_file()):
        made.update(f"{path} {path.stat().st_size}\n".encode("utf-8", "surrogatepass"))
        made.update(path.read_bytes())
    return made.hexdigest()


def _packed(shipped: ShippedValues) -> list[Any]:
    data = shipped.dataset
    arrays = [array.tolist() for array in (data.values, data.states, data.basis)]
    items = {
        code: [(item.unit, item.name, dict(item.ranks), item.basis) for item in lines]
        for code, lines in data.items.items()
    }
    links = {
        code: [(link.start, link.end, link.value, link.basis) for link in lines]
        for code, lines in data.links.items()
    }
    return [shipped.edition, [unit.id for unit in data.units], data.codes, arrays, items, links]


def _unpacked(content: list[Any]) -> ShippedValues:
    edition, units, codes, (values, states, basis), items, links = content
    shape = len(units), len(codes)
    return ShippedValues(
        edition,
        Dataset(
            tuple(map(Unit, units)),
            tuple(codes),
            np.array(values, dtype=np.float64).reshape(shape),
            np.array(states, dtype=np.uint8).reshape(shape),
            np.array(basis, dtype=np.str_).reshape(shape),
            {code: tuple(Item(*line) for line in lines) for code, lines in items.items()},
            {code: tuple(Link(*line) for line in lines) for code, lines in links.items()},
        ),
    )
