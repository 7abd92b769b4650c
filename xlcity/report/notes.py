"""Sentences of notes below tables: how ranks are made, what "—" and standardised values mean."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from xlcity.figures.contents import Label
from xlcity.report.contents import NOTHING, ReportCell
from xlcity.report.source import ReportSource
from xlcity.report.texts import say


def joined(*parts: Label) -> Label:
    """Return sentences as one text, in English with a space between them."""
    english = " ".join(part.en.strip() for part in parts if part.en)
    return Label("".join(part.zh for part in parts), english)


def rank_note(source: ReportSource) -> Label:
    """Return of which scores ranks are."""
    decimals = source.rank_decimals
    if decimals is None:
        return say("ranks.unrounded")
    return say("ranks.rounded", step=f"{10.0**-decimals:.{max(decimals, 0)}f}")


def dash_note(rows: Iterable[Sequence[ReportCell]]) -> Label:
    """Return what "—" means, where a table has one."""
    cells = (cell for row in rows for cell in row if not isinstance(cell, Label))
    return say("dash") if any(cell is None or not np.isfinite(cell) for cell in cells) else NOTHING


def score_note(source: ReportSource, codes: Iterable[str]) -> Label:
    """Return that the scores of indicators are standardised, where some of these are."""
    return say("zscores") if any(map(source.is_standardised, codes)) else NOTHING
