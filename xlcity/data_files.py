"""Files of the package: words, patterns, styles, programs in other languages than Python.

Each stands beside what reads it.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any


@cache
def text_beside(module: str, name: str) -> str:
    """Return the text of a file that stands beside a module, given by its `__file__`."""
    return Path(module).with_name(name).read_text(encoding="utf-8")


@cache
def toml_beside(module: str, name: str) -> dict[str, Any]:
    """Return a file that stands beside a module, given by its `__file__`; nobody changes it."""
    return tomllib.loads(text_beside(module, name))
