"""Pictures of a verb: what is refused before anything is computed, and the files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from xlcity.api.texts import say
from xlcity.cli.notes import kept_notes
from xlcity.cli.progress import step
from xlcity.errors import UsageError, did_you_mean
from xlcity.figures.figure import FORMATS, Figure
from xlcity.figures.fonts import require_glyphs, require_matplotlib
from xlcity.xlsx.save import safe_name, write_files

#: A text that needs a Chinese font.
_CHINESE = "城市名次"


def read_formats(words: Sequence[str]) -> list[str]:
    """Return formats of pictures.

    Raises
    ------
    UsageError
        If there is no such format.
    """
    formats = dict.fromkeys(word.lower() for word in words or ("svg", "png"))
    for word in formats:
        if word not in FORMATS:
            raise UsageError(f"figures have no format '{word}'.", did_you_mean(word, FORMATS))
    return list(formats)


def require_drawing(languages: Iterable[str]) -> None:
    """Refuse to draw without Matplotlib, or Chinese texts without a Chinese font.

    Raises
    ------
    FigureError
        With the remedy.
    """
    require_matplotlib()
    if "zh" in languages:
        require_glyphs([_CHINESE], "zh")


def write_figures(
    figures: Iterable[Figure], folder: str, languages: Sequence[str], formats: Sequence[str]
) -> tuple[list[dict[str, str]], list[str]]:
    """Draw figures into a folder; return what was written, and notes.

    Raises
    ------
    XlcityError
        If a file cannot be written, or a character has no glyph.
    """
    listed, files = [], {}
    drawn = [(figure, lang) for figure in figures for lang in languages]
    for number, (figure, lang) in enumerate(drawn, 1):
        step(f"drawing {number} of {len(drawn)}: {figure.id}")
        for form, content in figure.files(lang, formats).items():
            name = f"{safe_name(figure.id)}.{lang}.{form}"
            files[name] = content
            entry = {"file": str(Path(folder) / name), "id": figure.id}
            listed.append({**entry, "title": figure.title.text(lang)})
    notes = kept_notes(write_files(Path(folder), files))
    return listed, [*notes, say("figures.written", number=len(files), folder=folder)]
