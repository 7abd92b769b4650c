"""The TOML files of the package: words, patterns, styles. Each stands beside what reads it."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any


@cache
def toml_beside(module: str, name: str) -> dict[str, Any]:
    """Return a file that stands beside a module, given by its `__file__`; nobody changes it."""
    return tomllib.loads(Path(module).with_name(name).read_text(encoding="utf-8"))
