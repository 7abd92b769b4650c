"""Data goes to stdout, talk to stderr."""

from __future__ import annotations

import json
import math
import sys
from enum import Enum
from typing import Any

SCHEMA = 1


def plain(value: Any) -> Any:
    """Return a value as JSON can hold it: NaN is null, a spreadsheet error its text."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    if hasattr(value, "item") and not isinstance(value, (str, bytes)):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def emit(document: dict[str, Any]) -> None:
    """Print one JSON document on stdout."""
    text = json.dumps(plain({"schema": SCHEMA, **document}), ensure_ascii=False, allow_nan=False)
    # Pipes on Windows default to a legacy code page; JSON is UTF-8.
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    sys.stdout.write(text + "\n")


def talk(text: str) -> None:
    """Tell the person at the terminal."""
    sys.stderr.write(text + "\n")
