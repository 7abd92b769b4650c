"""Texts that are kept beside the tests, and what a test says where a product differs from them."""

import datetime as dt
import difflib
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from pathlib import Path
from xml.etree import ElementTree

#: Lines of a difference that are shown.
MOST = 60


def require_kept(path: Path, text: str, *, refresh: bool) -> None:
    """Require a text to be the one that is kept; with `refresh` keep it."""
    if refresh:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    kept = path.read_text(encoding="utf-8") if path.exists() else ""
    if kept != text:
        lines = [*differences(kept, text)]
        more = [f"… and {len(lines) - MOST} lines more"] if len(lines) > MOST else []
        advice = f"{path} differs; where it should: pytest --refresh-kept, and read git diff."
        raise AssertionError("\n".join([advice, *lines[:MOST], *more]))


def differences(old: str, new: str) -> Iterator[str]:
    """Yield the lines that two texts do not share, below the headings of their sheets."""
    before, after = old.splitlines(), new.splitlines()
    heading = ""
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for change, first, last, other_first, other_last in matcher.get_opcodes():
        if change == "equal":
            continue
        headings = [line for line in after[:other_first] if line.startswith("== ")]
        if headings and headings[-1] != heading:
            heading = headings[-1]
            yield heading
        yield from (f"- {line}" for line in before[first:last])
        yield from (f"+ {line}" for line in after[other_first:other_last])


def shown(value: object) -> str:
    """Return anything that a function gives on one line."""
    if isinstance(value, Enum | str | bytes | int | float | dt.datetime | type(None)):
        return f"{value:.9g}" if isinstance(value, float) else repr(value)
    if isinstance(value, ElementTree.Element):
        return "…"
    if is_dataclass(value):
        inner = ((field.name, getattr(value, field.name)) for field in fields(value))
        filled = (f"{name}={shown(content)}" for name, content in inner if content)
        return f"{type(value).__name__}({', '.join(filled)})"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{shown(k)}: {shown(v)}" for k, v in value.items()) + "}"
    if hasattr(value, "_fields"):
        return f"{type(value).__name__}({', '.join(map(shown, value))})"
    if isinstance(value, frozenset | set):
        return f"{{{', '.join(sorted(map(shown, value)))}}}"
    return f"({', '.join(map(shown, value))})"  # type: ignore[call-overload]
