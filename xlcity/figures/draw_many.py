"""Draws many figures in several processes: Matplotlib uses one processor."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor

from xlcity.errors import XlcityError
from xlcity.figures.figure import Figure
from xlcity.figures.style import FigureStyle, choose_style, figure_style

#: A figure, "zh" or "en", and the forms of its picture.
Drawing = tuple[Figure, str, Sequence[str]]
#: Fewer pictures are drawn sooner than another process has started.
_FEWEST = 24


def draw_many(drawings: Sequence[Drawing], jobs: int = 1) -> Iterator[dict[str, bytes]]:
    """Yield the pictures of each figure in order; see `Figure.files`.

    Parameters
    ----------
    jobs
        Processes that draw. A process that must not have others draws by itself.

    Raises
    ------
    XlcityError
        As `Figure.files`.
    """
    is_alone = multiprocessing.current_process().daemon or len(drawings) < _FEWEST
    if jobs <= 1 or is_alone:
        yield from (figure.files(lang, forms) for figure, lang, forms in drawings)
        return
    # A process begins with "python -c", which imports from the current folder unless told.
    os.environ.setdefault("PYTHONSAFEPATH", "1")
    # spawn: a fork of a process with engine threads can hang.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(jobs, context, _start, (figure_style(),))
    try:
        pictures = pool.map(_draw, drawings)
        for drawing, files in zip(drawings, pictures, strict=True):
            # What cannot be drawn fails here as it did there: errors do not travel whole.
            yield drawing[0].files(*drawing[1:]) if files is None else files
    finally:
        pool.shutdown(cancel_futures=True)


def _start(style: FigureStyle) -> None:
    # Ctrl+C ends the process that asked; it ends these.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    choose_style(style)


def _draw(drawing: Drawing) -> dict[str, bytes] | None:
    figure, lang, forms = drawing
    try:
        return figure.files(lang, forms)
    except XlcityError:
        return None
