"""A trace as one page for a browser: unfolded on demand, searchable, loads nothing."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from xlcity import __version__
from xlcity.audit.trace.steps import TraceStep
from xlcity.audit.trace.trace import Trace
from xlcity.data_files import text_beside
from xlcity.errors import CellError

#: What the page and the JSON form have alike.
_SHARED = ("cell", "kind", "formula", "arithmetic", "marks", "source")


def trace_page(traced: Trace) -> str:
    """Return the page of a trace."""
    # The root is the first step.
    number = {key: position for position, key in enumerate(traced.steps)}
    document = {
        "path": Path(traced.path).name,
        "version": __version__,
        "cut": len(traced.cut),
        "steps": [_entry(traced, step, number) for step in traced.steps.values()],
    }
    text = json.dumps(
        document, ensure_ascii=False, separators=(",", ":"), allow_nan=False
    )
    data = base64.b64encode(zlib.compress(text.encode(errors="replace"), 9)).decode(
        "ascii"
    )
    return text_beside(__file__, "page.html").replace("/*DATA*/", data)


def _entry(
    traced: Trace,
    step: TraceStep,
    number: Mapping[str, int],
) -> dict[str, Any]:
    node = traced.nodes[step.key]
    return {
        **{key: node[key] for key in _SHARED if node[key]},
        "value": str(step.value) if isinstance(step.value, CellError) else step.value,
        "label": [piece.alone() for piece in step.description.words],
        "in": [[number[item.key], item.role] for item in step.inputs],
        **({"cut": True} if step.key in traced.cut else {}),
    }
