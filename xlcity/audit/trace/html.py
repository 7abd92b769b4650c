"""A trace as one page for a browser: unfolded on demand, searchable, loads nothing."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from xlcity import __version__
from xlcity.audit.trace.description import Words
from xlcity.audit.trace.steps import TraceStep
from xlcity.audit.trace.trace import Trace, shown_value
from xlcity.errors import CellError

#: Bytes of a page at most, unless a depth was asked for.
LARGEST = 1_000_000


@dataclass(frozen=True, slots=True)
class TracePage:
    """A page, and how much of the trace it holds.

    Attributes
    ----------
    html
        The page.
    depth
        Formulas after each other that it follows, where it had to be cut; else None.
    whole
        The depth that shows everything.
    """

    html: str
    depth: int | None = None
    whole: int = 0


def trace_page(
    traced: Trace,
    recomputed: float | str | None = None,
    *,
    largest: int | None = LARGEST,
    companion: bool = False,
) -> TracePage:
    """Return the page of a trace.

    Parameters
    ----------
    traced
        The trace.
    recomputed
        The value that the inputs alone gave, if it was computed (see `recompute`).
    largest
        Bytes at most: a longer page is cut at the greatest depth that fits. None: no limit.
    companion
        Whether the companion page serves it: its cells then link there.
    """
    frame = resources.files("xlcity.audit.trace").joinpath("page.html").read_text(encoding="utf-8")

    def drawn(part: Trace, cut: int | None = None) -> str:
        document = _document(part) | {"companion": companion, "depth": cut}
        if recomputed is not None:
            document["recomputed"] = recomputed
        text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        data = base64.b64encode(zlib.compress(text.encode("utf-8"), 9)).decode("ascii")
        return frame.replace("/*DATA*/", data)

    page = drawn(traced)
    if largest is None or len(page.encode("utf-8")) <= largest:
        return TracePage(page)
    deepest = traced.deepest
    fits, low, high = drawn(traced.shallower(0), 0), 0, deepest
    while high - low > 1:
        middle = (low + high) // 2
        page = drawn(traced.shallower(middle), middle)
        if len(page.encode("utf-8")) <= largest:
            fits, low = page, middle
        else:
            high = middle
    return TracePage(fits, low, deepest)


def _document(traced: Trace) -> dict[str, Any]:
    """Return what the page draws; texts and sources stand in it once."""
    keys = [traced.root, *(key for key in traced.steps if key != traced.root)]
    number = {key: position for position, key in enumerate(keys)}
    words: dict[Words, int] = {}
    sources: dict[tuple[tuple[str, str], ...], int] = {}
    return {
        "path": Path(traced.path).name,
        "version": __version__,
        "cut": len(traced.cut),
        "steps": [_entry(traced, traced.steps[key], number, words, sources) for key in keys],
        "words": [phrase.alone() for phrase in words],
        "sources": [dict(source) for source in sources],
    }


def _entry(
    traced: Trace,
    step: TraceStep,
    number: Mapping[str, int],
    words: dict[Words, int],
    sources: dict[tuple[tuple[str, str], ...], int],
) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "cell": step.key,
        "kind": step.kind,
        "value": str(step.value) if isinstance(step.value, CellError) else step.value,
        "label": [words.setdefault(piece, len(words)) for piece in step.description.words],
        "in": [[number[item.key], item.role] for item in step.inputs],
    }
    if step.formula is not None:
        entry["formula"] = f"={step.formula}"
    if step.arithmetic:
        entry["arithmetic"] = step.arithmetic
    if step.description.marks:
        entry["marks"] = list(step.description.marks)
    if step.description.source:
        source = tuple(step.description.source.items())
        entry["source"] = sources.setdefault(source, len(sources))
    if step.key in traced.cut:
        entry["cut"] = True
    if (summary := traced.summaries.of(step)) is not None:
        entry["summary"] = [summary.text(shown_value(step.value), lang) for lang in (0, 1)]
    return entry
