"""Python's search for circles among objects, put off while many thousand cells are made."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_collection() -> Iterator[None]:
    """Let nobody look for circles among the many objects that are being made and kept.

    As a decorator it lets go of what a function made before they are looked for again.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
