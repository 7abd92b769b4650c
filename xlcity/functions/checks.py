"""Checks of options that belong together; a decorated function names one as its `check`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from xlcity.errors import CellError


def groups_fit(options: Mapping[str, Any]) -> CellError | None:
    """Return #VALUE! where there is not one group, pool or member for each row."""
    rows = len(options["states"])
    given = [options.get(name) for name in ("groups", "pools", "members")]
    wrong = any(cells is not None and len(cells) != rows for cells in given)
    return CellError.VALUE if wrong else None


def bounds_in_order(options: Mapping[str, Any]) -> CellError | None:
    """Return #NUM! where both bounds of a column are given and low >= high."""
    return CellError.NUM if np.any(np.greater_equal(options["low"], options["high"])) else None


def bounds_differ_and_groups(options: Mapping[str, Any]) -> CellError | None:
    """Return #NUM! where both bounds of a column are given and equal; else as `groups_fit`."""
    same = np.any(np.equal(options["low"], options["high"]))
    return CellError.NUM if same else groups_fit(options)
