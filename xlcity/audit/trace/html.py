"""A trace as one page for a browser: collapsible, searchable, nothing loaded from elsewhere."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from typing import Any

from xlcity import __version__
from xlcity.audit.trace.trace import Trace, TraceStep
from xlcity.errors import CellError


def trace_page(traced: Trace, recomputed: float | str | None = None) -> str:
    """Return the page of a trace.

    Parameters
    ----------
    traced
        The trace.
    recomputed
        The value that the inputs alone gave, if it was computed (see `recompute`).
    """
    keys = [traced.root, *(key for key in traced.steps if key != traced.root)]
    number = {key: place for place, key in enumerate(keys)}
    document: dict[str, Any] = {
        "path": Path(traced.path).name,
        "version": __version__,
        "cut": len(traced.cut),
        "steps": [_entry(traced.steps[key], number) for key in keys],
    }
    if recomputed is not None:
        document["recomputed"] = recomputed
    data = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    # Inside a script element only this ends it.
    data = data.replace("</", "<\\/").replace("<!--", "<\\!--")
    page = resources.files("xlcity.audit.trace").joinpath("page.html")
    return page.read_text(encoding="utf-8").replace("/*DATA*/", data)


def _entry(step: TraceStep, number: dict[str, int]) -> dict[str, Any]:
    value = str(step.value) if isinstance(step.value, CellError) else step.value
    return {
        "cell": step.key,
        "kind": step.kind,
        "value": value,
        "formula": None if step.formula is None else f"={step.formula}",
        "label": step.description.label,
        "marks": list(step.description.marks),
        "source": None if step.description.source is None else dict(step.description.source),
        "in": [[number[item.key], item.role] for item in step.inputs],
    }
