"""The one style of all figures, read from `style.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from xlcity.data_files import parse_toml, require_regular, toml_beside
from xlcity.errors import Problem, UsageError, Where, did_you_mean, system_reason

#: cm to inches, to points.
INCH = 1 / 2.54
POINT = 72 / 2.54


@dataclass(frozen=True)
class FigureStyle:
    """Sizes in cm, sizes of type in points, fonts, colours, settings of Matplotlib."""

    size: dict[str, float]
    type: dict[str, float]
    font: dict[str, list[str]]
    colour: dict[str, Any]
    matplotlib: dict[str, Any]


#: The style that a user has chosen, where one has.
_CHOSEN: ContextVar[FigureStyle | None] = ContextVar("figure_style", default=None)


def figure_style() -> FigureStyle:
    """Return the style."""
    return _CHOSEN.get() or _standard()


@cache
def _standard() -> FigureStyle:
    return FigureStyle(**toml_beside(__file__, "style.toml"))


@contextmanager
def _drawn_by(style: FigureStyle) -> Iterator[None]:
    token = _CHOSEN.set(style)
    try:
        yield
    finally:
        _CHOSEN.reset(token)


def styled(file: str | Path | None) -> AbstractContextManager[None]:
    """Draw by a style file as long as this is open; what the file leaves out stays as it is.

    Raises
    ------
    UsageError
        With every entry that is not one of the standard style, or is of another kind.
    """
    return _drawn_by(figure_style() if file is None else _read(Path(file)))


def resized(**shares: float) -> AbstractContextManager[None]:
    """Draw with sizes of the style times some shares as long as this is open."""
    style = figure_style()
    size = {
        name: size_there * shares.get(name, 1.0)
        for name, size_there in style.size.items()
    }
    return _drawn_by(replace(style, size=size))


def _read(file: Path) -> FigureStyle:
    """Return the standard style with the entries of a file."""
    where = Where(file=str(file))
    try:
        require_regular(file)
        given = parse_toml(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        reason = system_reason(error) if isinstance(error, OSError) else error
        raise UsageError.of("XC282.unreadable", where, reason=reason) from error
    standard = asdict(_standard())
    problems = []
    for section, entries in given.items():
        for name, value in (
            entries.items() if isinstance(entries, dict) else [("", entries)]
        ):
            old = standard.get(section, {}).get(name)
            kind = (int, float) if isinstance(old, float) else type(old)
            if old is None or not isinstance(value, kind):
                hint = did_you_mean(name, standard.get(section, standard))
                problems.append(
                    Problem.of(
                        "XC282.no_entry", where, hint=hint, section=section, name=name
                    )
                )
    UsageError.raise_for(problems)
    return FigureStyle(
        **{name: {**part, **given.get(name, {})} for name, part in standard.items()}
    )


def is_wide(character: str) -> bool:
    """Return whether a character is as wide as it is high: Chinese, and full-width forms."""
    return ord(character) >= 0x2E80
