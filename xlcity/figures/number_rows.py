"""The numbers of a chart as rows of a table."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

from xlcity.figures.contents import Chart

#: What charts call the names of their rows, the numbers of a series, and numbers of their own.
_NAMES = ("rows", "spokes", "names")
_SIDES = {"x": ": x", "y": "", "values": "", "low": ": 5%", "high": ": 95%"}
_BLOCKS = ("values", "ranks", "links", "across", "up", "sizes", "merges", "parents")


def number_rows(chart: Chart, lang: str) -> list[Sequence[object]]:
    """Return the numbers of a chart under their headings: the names of rows, a column each."""
    names = next((getattr(chart, part) for part in _NAMES if hasattr(chart, part)), ())
    columns: list[tuple[str, Any]] = [("", [name.text(lang) for name in names])] if names else []
    for line in getattr(chart, "series", getattr(chart, "panels", ())):
        for side in _SIDES:
            if (values := getattr(line, side, None)) is not None:
                columns.append((line.label.text(lang) + _SIDES[side], _numbers(values)))
    for part in _BLOCKS:
        block = np.asarray([] if (held := getattr(chart, part, None)) is None else held)
        heads = [part] if block.ndim == 1 else range(1, block.shape[1] + 1)
        if block.ndim == 2 and part != "merges":
            heads = [head.text(lang) for head in getattr(chart, "columns", names)]
        lines = [*block.reshape(len(block), -1).T] if block.size else []
        columns += [(str(head), _numbers(line)) for head, line in zip(heads, lines, strict=False)]
    return [*itertools.zip_longest(*([head, *cells] for head, cells in columns), fillvalue="")]


def _numbers(values: Any) -> list[object]:
    """Return numbers as cells; one that is not finite leaves its cell empty."""
    return [value if np.isfinite(value) else "" for value in np.asarray(values).tolist()]
