"""Pictures of a verb: its options, what is refused before anything is computed, and the files."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path

from xlcity.api.texts import language
from xlcity.cli.notes import kept_notes
from xlcity.cli.parser import VerbParser
from xlcity.cli.progress import step
from xlcity.cli.target import require_folder
from xlcity.errors import UsageError, did_you_mean
from xlcity.figures.figure import FORMATS, Figure
from xlcity.figures.fonts import require_glyphs, require_matplotlib
from xlcity.xlsx.save import safe_name, write_files

#: A text that needs a Chinese font.
_CHINESE = "城市名次"


def add_figures(parser: VerbParser) -> None:
    """Take the folder, languages and formats of pictures."""
    parser.add_value("--figures", "DIR", "draw figures into this folder")
    add_language(parser, "language of figures (default: yours)")
    parser.add_value("--formats", "LIST", "formats of figures: svg,png,pdf (default: svg,png)")


def add_language(parser: VerbParser, text: str) -> None:
    """Take the languages of what is written."""
    parser.add_argument(
        "--lang",
        choices=("zh", "en", "both"),
        default="zh" if language() == "zh" else "en",
        help=text,
    )


def figure_languages(args: argparse.Namespace) -> tuple[str, ...]:
    """Return the languages that were asked for."""
    return ("zh", "en") if args.lang == "both" else (args.lang,)


def figure_formats(args: argparse.Namespace) -> list[str]:
    """Return the formats that were asked for.

    Raises
    ------
    UsageError
        If there is no such format.
    """
    words = [word.strip().lower() for word in (args.formats or "svg,png").split(",")]
    for word in words:
        if word not in FORMATS:
            raise UsageError(f"figures have no format '{word}'.", did_you_mean(word, FORMATS))
    return list(dict.fromkeys(words))


def require_figures(args: argparse.Namespace) -> None:
    """Refuse what would fail only after everything has been computed.

    Raises
    ------
    XlcityError
        If the folder is a file, or Matplotlib or a Chinese font is not installed.
    """
    if args.figures is None:
        if args.formats:
            raise UsageError("--formats needs --figures.", "Name a folder: --figures DIR.")
        return
    require_folder(Path(args.figures))
    figure_formats(args)
    require_drawing(figure_languages(args))


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
    args: argparse.Namespace, figures: Iterable[Figure]
) -> tuple[list[dict[str, str]], list[str]]:
    """Draw figures into the folder; return what was written, and notes.

    Raises
    ------
    XlcityError
        If a file cannot be written, or a character has no glyph.
    """
    folder = Path(args.figures)
    forms, listed, files = figure_formats(args), [], {}
    drawn = [(figure, lang) for figure in figures for lang in figure_languages(args)]
    for number, (figure, lang) in enumerate(drawn, 1):
        step(f"drawing {number} of {len(drawn)}: {figure.id}")
        for form, content in figure.files(lang, forms).items():
            name = f"{safe_name(figure.id)}.{lang}.{form}"
            files[name] = content
            title = figure.title.text(lang)
            listed.append({"file": str(folder / name), "id": figure.id, "title": title})
    notes = kept_notes(write_files(folder, files))
    return listed, [*notes, f"{len(files)} files of figures are in {folder}."]
