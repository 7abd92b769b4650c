"""Whole results kept as text beside the tests: what a change does to them shows line by line.

A kept file is read before it is committed. `XLCITY_KEEP=1 python -m pytest FILE` writes it anew.
"""

import dataclasses
import difflib
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from pathlib import Path

import numpy as np

from xlcity.errors import Problem


def assert_kept(test_file: str, name: str, value: object) -> None:
    """Compare a value, as text, with `kept/NAME.txt` beside a file of tests."""
    kept = Path(test_file).parent / "kept" / f"{name}.txt"
    text = value if isinstance(value, str) else as_text(value)
    text = "\n".join(line.rstrip() for line in text.splitlines()) + "\n"
    if os.environ.get("XLCITY_KEEP"):
        kept.parent.mkdir(exist_ok=True)
        kept.write_text(text, encoding="utf-8")
    before = kept.read_text(encoding="utf-8")
    lines = difflib.unified_diff(before.splitlines(), text.splitlines(), "kept", "now", "", "", 1)
    assert text == before, "\n".join(lines)


def as_text(value: object) -> str:
    """Return documents, records and arrays as indented lines; records alike are a table."""
    return "\n".join(_lines(value))


def without(text: str, *places: object) -> str:
    """Return a text without folders, seconds, dates, versions and hashes."""
    for place in places:
        text = text.replace(str(place), "…")
    text = re.sub(r"\b\d+(\.\d+)? (s|seconds|min|秒)(?!\w)", r"N \2", text)
    text = re.sub(r"\b20\d\d-\d\d-\d\d([T ]\d\d:\d\d(:\d\d)?Z?)?", "DATE", text)
    return re.sub(r"\b[0-9a-f]{64}\b", "HASH", text)


def _lines(value: object) -> Iterator[str]:
    value = _plain(value)
    if isinstance(value, Mapping):
        for key, member in value.items():
            yield from _entry(f"{key}:", member)
    elif isinstance(value, list) and value:
        if _is_table(value):
            yield " | ".join(value[0])
            yield from (" | ".join(map(_scalar, row.values())) for row in value)
        else:
            for member in value:
                yield from _entry("-", member)
    else:
        yield _scalar(value)


def _entry(head: str, value: object) -> Iterator[str]:
    value = _plain(value)
    if _is_short(value):
        yield f"{head} {_scalar(value)}".rstrip()
    else:
        yield head
        yield from ("  " + line for line in _lines(value))


def _plain(value: object) -> object:
    """Return records as mappings, sequences as lists."""
    if isinstance(value, Problem):
        where = {k: v for k, v in dataclasses.asdict(value.where).items() if v}
        place = " ".join(f"{k}={v}" for k, v in where.items())
        return f"{value.code} {place}: {value.message} > {value.hint}"
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = [f.name for f in dataclasses.fields(value) if not f.name.startswith("_")]
        return {name: getattr(value, name) for name in fields}
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, (set, frozenset)):
        return sorted(value, key=str)
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        return [*value]
    return value


def _is_short(value: object) -> bool:
    return not isinstance(value, (Mapping, list)) or not value or _is_flat(value)


def _is_flat(value: object) -> bool:
    """Tell whether a list has scalars only, or a mapping few of them."""
    members = [*value.values()] if isinstance(value, Mapping) else value
    plain = [_plain(member) for member in members]
    is_scalars = not any(isinstance(m, (Mapping, list)) and m for m in plain)
    return (
        is_scalars
        and (isinstance(value, list) or len(plain) <= 4)
        and not any(isinstance(m, str) and len(m) > 40 for m in plain)
    )


def _is_table(rows: list[object]) -> bool:
    plain = [_plain(row) for row in rows]
    if not all(isinstance(row, Mapping) for row in plain):
        return False
    rows[:] = plain
    return (
        len({tuple(row) for row in plain}) == 1
        and len(plain[0]) > 1
        and all(_is_short(_plain(cell)) for row in plain for cell in row.values())
    )


def _scalar(value: object) -> str:
    value = _plain(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{k}: {_scalar(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_scalar, value)) + "]"
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, (float, np.floating)):
        number = float(f"{value:.9g}") + 0.0
        return f"{number:.9g}"
    if callable(value):
        return getattr(value, "__qualname__", type(value).__name__)
    return str(value).replace("\n", "\\n")
