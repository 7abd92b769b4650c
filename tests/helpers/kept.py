"""Texts that are kept beside the tests, and what a test says where a product differs from them."""

import dataclasses
import datetime as dt
import difflib
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from enum import Enum
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd

from tests.helpers.folding import SHOWN_ROWS, folded, summed
from xlcity.errors import Problem, XlcityError

#: Lines of a difference that are shown.
MOST_LINES = 60
#: Where a block of a page begins.
_BLOCK = re.compile(
    r"(?=<(?:tr|h[1-6]|p|section|figure|table|details|nav|header|footer|style|div|li)\b)"
)
#: Texts that were kept anew: no two tests may keep one.
_REFRESHED: set[Path] = set()


def require_kept(
    path: Path, value: object, *, refresh: bool, whole: bool = False
) -> None:
    """Require a value, as text, to be the one that is kept; with `refresh` keep it.

    Lines are folded, unless the text is to be kept `whole`.
    """
    text = value if isinstance(value, str) else as_text(value)
    lines = [line.rstrip() for line in text.splitlines()]
    text = "\n".join(lines if whole else folded(lines)) + "\n"
    # An address in memory: no two runs have the same.
    assert " at 0x" not in text
    if refresh:
        assert path not in _REFRESHED, f"two tests keep {path}"
        _REFRESHED.add(path)
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    kept = path.read_text(encoding="utf-8") if path.exists() else ""
    if kept != text:
        told = [*differences(kept, text)]
        more = (
            [f"… and {len(told) - MOST_LINES} lines more"]
            if len(told) > MOST_LINES
            else []
        )
        advice = f"{path} differs; where it should: pytest --refresh-kept, and read git diff."
        raise AssertionError("\n".join([advice, *told[:MOST_LINES], *more]))


def differences(old: str, new: str) -> Iterator[str]:
    """Yield the lines that two texts do not share, below the headings of their sheets."""
    before = old.splitlines()
    after = new.splitlines()
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


def gained(old: str, new: str) -> Iterator[str]:
    """Yield the lines of a text that another one has not, below the headings of their sheets.

    Lines that are gone are told only where more are gone than have come.
    """
    left = Counter(old.splitlines())
    heading = ""
    told = ""
    came = 0
    for line in new.splitlines():
        if line.startswith("== "):
            heading = line
        if left[line] > 0:
            left[line] -= 1
            continue
        if heading != told and line != heading:
            told = heading
            yield heading
        came += 1
        yield f"+ {line}"
    gone = [line for line in left.elements() if line]
    if len(gone) > came:
        yield from (f"- {line}" for line in gone)


def beside(text: str, known: str) -> str:
    """Return the lines of an indented text that another one has not, below their headings."""
    told = {*known.splitlines()}
    lines = []
    heading = ""
    for line in text.splitlines():
        if not line.startswith(" "):
            heading = line
        if line in told:
            continue
        if heading in told and line != heading:
            lines.append(heading)
            told.discard(heading)
        lines.append(line)
    return "\n".join(lines)


def marked(value: object) -> str:
    """Return how long the text of a value is, and a mark that changes with it."""
    return summed(as_text(value).splitlines() or [""])


def one_of_each_kind(values: Mapping[str, object], kind: Callable[[str], str]) -> dict:
    """Return the first value of each kind, and marks of all others."""
    kinds: set[str] = set()
    kept = {}
    for name, value in values.items():
        is_first = kind(name) not in kinds
        kinds.add(kind(name))
        kept[name] = value if is_first else marked(value)
    return kept


def shown(value: object) -> str:
    """Return what a function gives on one line; texts are in quotes, so that types show."""
    if isinstance(value, Enum | str | bytes | int | float | dt.datetime | type(None)):
        return f"{value:.9g}" if isinstance(value, float) else repr(value)
    if isinstance(value, ElementTree.Element):
        return "…"
    if is_dataclass(value):
        inner = ((field.name, getattr(value, field.name)) for field in fields(value))
        filled = (f"{name}={shown(content)}" for name, content in inner if content)
        return f"{type(value).__name__}({', '.join(filled)})"
    if isinstance(value, Mapping):
        return (
            "{" + ", ".join(f"{shown(k)}: {shown(v)}" for k, v in value.items()) + "}"
        )
    if hasattr(value, "_fields"):
        return f"{type(value).__name__}({', '.join(map(shown, value))})"
    if isinstance(value, frozenset | set):
        return f"{{{', '.join(sorted(map(shown, value)))}}}"
    return f"({', '.join(map(shown, value))})"  # type: ignore[call-overload]


def as_text(value: object) -> str:
    """Return documents, records and arrays as indented lines; records alike are a table."""
    return "\n".join(_lines(value))


def outcome(make: Callable[[], object]) -> object:
    """Return what is made, or what is refused: problems, or the text of a Python error."""
    try:
        return make()
    except XlcityError as error:
        return {"refused": list(error.problems)}
    except (KeyError, TypeError, ValueError, zipfile.BadZipFile) as error:
        return f"{type(error).__name__}: {error}"


def outcomes_text(makers: Mapping[str, Callable[[], object]], *places: object) -> str:
    """Return a part for each name: what its function makes, or refuses, as lines of text."""
    lines = []
    for name, make in makers.items():
        value = outcome(make)
        lines += [f"== {name}", value if isinstance(value, str) else as_text(value)]
    return without("\n".join(lines), *places)


def markup_lines(markup: str) -> Iterator[str]:
    """Yield a page block by block; of many rows of a table the first, and a mark of all others."""
    text = re.sub(r">\s+<", "><", markup)
    rows: list[str] = []
    for line in [*_BLOCK.sub("\n", text).splitlines(), ""]:
        if line.startswith("<tr"):
            rows.append(line)
            continue
        yield from rows[:SHOWN_ROWS]
        if len(rows) > SHOWN_ROWS:
            yield f"… <tr> {summed(rows[SHOWN_ROWS:])}"
        rows = []
        yield line


def without(text: str, *places: object) -> str:
    """Return a text without folders, seconds, dates, versions and hashes."""
    for place in places:
        text = text.replace(str(place), "…")
    text = re.sub(r"\b\d+(\.\d+)? (s|seconds|min|秒)(?!\w)", r"N \2", text)
    text = re.sub(r"\b20\d\d-\d\d-\d\d([T ]\d\d:\d\d(:\d\d)?Z?)?", "DATE", text)
    return re.sub(r"\b[0-9a-f]{64}\b", "HASH", text)


def without_counts(text: str) -> str:
    """Return a text without how many cells a book has: a new column changes no other text."""
    kinds = "formulas|different_formulas|formats|inputs"
    text = re.sub(rf'\b({kinds})("?): \d+', r"\1\2: N", text)
    text = re.sub(r"\b\d+ (formula cells|different ones|inputs|cells;)", r"N \1", text)
    text = re.sub(r"(?:\b\d+ of )?\b\d+ formulas\b", "N formulas", text)
    text = re.sub(r"formats of \d+ cells", "formats of N cells", text)
    return re.sub(r"(\bok +)\d+", r"\1N", text)


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
        fields = [
            f.name for f in dataclasses.fields(value) if not f.name.startswith("_")
        ]
        return {name: getattr(value, name) for name in fields}
    if isinstance(value, (np.ndarray, pd.Index)):
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
