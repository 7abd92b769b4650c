"""Draws a figure with Matplotlib: title, chart, note and source, the same bytes each time."""

from __future__ import annotations

import io
import logging
import pkgutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

import numpy as np

import xlcity.figures
from xlcity.figures import draw_diagrams
from xlcity.figures.contents import (
    Chart,
    Label,
    RadarChart,
)
from xlcity.figures.fonts import families, require_glyphs, require_matplotlib
from xlcity.figures.panels import ChartKind, Frame
from xlcity.figures.style import INCH, POINT, figure_style, resized
from xlcity.figures.text_lines import ems, wrapped

_INVENTED = Label(
    "虚构数据：{}个值为虚构，仅用于说明方法，不是研究结论。",
    "Synthetic data: {} values are invented. This illustrates the method and is not a finding.",
)
_WATERMARK = Label("虚构数据", "SYNTHETIC DATA")
#: The form of the chart alone, for documents and pages that write title, note and source.
CHART = "chart.png"
#: Room at the left and right of texts, in cm; height of small charts, as a share of others.
_MARGIN, _SMALL = 0.3, 0.62
#: Nothing in a file depends on the day or the machine.
_METADATA: dict[str, dict[str, str | None]] = {
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}


@dataclass(frozen=True)
class Surroundings:
    """What stands around a chart: title, note, source, and how many values are invented."""

    title: Label
    note: Label
    source: Label
    synthetic: int


@dataclass
class _Paragraph:
    """Lines of one size, with the room they take in cm."""

    lines: list[str]
    size: float
    colour: str
    weight: str = "normal"
    box: bool = False

    @property
    def height(self) -> float:
        return len(self.lines) * self.size * 1.45 / POINT + (0.3 if self.box else 0.1)


@cache
def _chart_kinds() -> dict[type, ChartKind]:
    """Return what draws each kind of chart: the `CHART_KINDS` of the modules of this package."""
    modules = pkgutil.iter_modules(xlcity.figures.__path__, "xlcity.figures.")
    kinds = (getattr(import_module(info.name), "CHART_KINDS", {}) for info in modules)
    return {chart: kind for by_chart in kinds for chart, kind in by_chart.items()}


def content_size(content: Chart, lang: str) -> tuple[float, float]:
    """Return the width and height of a chart in cm."""
    return _chart_kinds()[type(content)].size(content, lang)


def draw(content: Chart, around: Surroundings, lang: str, forms: Sequence[str]) -> dict[str, bytes]:
    """Return a figure as files, by form.

    Raises
    ------
    FigureError
        If Matplotlib is not installed, or no font has the characters.
    """
    with laid_out(content, around, lang) as picture:
        return _files(picture, forms)


def draw_alike(charts: Sequence[RadarChart], synthetic: int, lang: str) -> list[bytes]:
    """Return small radar charts that differ in their numbers and their first name, laid out once.

    That values are invented is written across each.

    Raises
    ------
    FigureError
        If Matplotlib is not installed, or no font has the characters.
    """
    longest = max(charts, key=lambda chart: ems(chart.series[0].label.text(lang)))
    nothing = Label("", "")
    around = Surroundings(nothing, nothing, nothing, synthetic)
    # Their type is as large as in other figures: they are not made small afterwards.
    with resized(plot=_SMALL), laid_out(longest, around, lang) as picture:
        pictures: list[bytes] = []
        for chart in charts:
            require_glyphs([chart.series[0].label.text(lang)], lang)
            draw_diagrams.change_radar(picture.subfigs[1], chart, lang)
            pictures += _files(picture, [CHART]).values()
        return pictures


@contextmanager
def laid_out(content: Chart, around: Surroundings, lang: str) -> Iterator[Any]:
    """Yield the picture of Matplotlib, with everything in its place, under our settings.

    Raises
    ------
    FigureError
        If Matplotlib is not installed, or no font has the characters.
    """
    require_matplotlib()
    with _settings(lang):
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure as Picture
        from matplotlib.text import Text

        kind = _chart_kinds()[type(content)]
        width, height = kind.size(content, lang)
        above, below = _above(around, lang, width), _below(around, lang, width)
        heights = [_height(above) + 0.15, height, _height(below) + 0.15]
        picture = Picture(figsize=(width * INCH, sum(heights) * INCH), layout="constrained")
        FigureCanvasAgg(picture)
        parts: Any = picture.subfigures(3, 1, height_ratios=heights)
        head, body, foot = parts
        _write(head, above, width, heights[0])
        kind.draw(content, Frame(body, lang, width, height))
        _write(foot, below, width, heights[2])
        if around.synthetic:
            _watermark(body, lang, width, height)
        require_glyphs((text.get_text() for text in picture.findobj(Text)), lang)
        # Labels have their room after the second time.
        for _ in range(2):
            picture.draw_without_rendering()
        # Every form has the same layout.
        picture.set_layout_engine("none")
        # The last digits of a layout differ from run to run.
        for part in parts:
            box = part.bbox_relative
            box.p0, box.p1 = box.p0.round(6), box.p1.round(6)
        for axes in picture.get_axes():
            left, bottom, width, height = np.round(axes.get_position(original=True).bounds, 6)
            axes.set_position((left, bottom, width, height))
            # A round chart is as wide as it is high.
            axes.apply_aspect()
        yield picture


@contextmanager
def _settings(lang: str) -> Iterator[None]:
    """Draw by our style, and by nothing of the user's own settings."""
    import matplotlib

    style = figure_style()
    colour, size = style.colour, style.type
    log = logging.getLogger("matplotlib.font_manager")
    level = log.level
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        # Chinese fonts often have one weight only; that it is taken for bold needs no warning.
        log.setLevel(logging.ERROR)
        matplotlib.rcParams.update(
            {
                "font.family": families(lang),
                "font.size": size["label"],
                "axes.labelsize": size["label"],
                "xtick.labelsize": size["label"],
                "ytick.labelsize": size["label"],
                "legend.fontsize": size["label"],
                "legend.frameon": False,
                "axes.edgecolor": colour["line"],
                "axes.labelcolor": colour["text"],
                "axes.linewidth": 0.6,
                "axes.spines.top": False,
                "axes.spines.right": False,
                "axes.axisbelow": True,
                "grid.color": colour["line"],
                "grid.linewidth": 0.4,
                "xtick.color": colour["line"],
                "ytick.color": colour["line"],
                "xtick.labelcolor": colour["text"],
                "ytick.labelcolor": colour["text"],
                "text.color": colour["text"],
                "axes.unicode_minus": True,
                "svg.fonttype": "path",
                "svg.hashsalt": "xlcity",
                "path.simplify": False,
                # Laid out as it is saved: some fonts are narrower at lower resolutions.
                "figure.dpi": style.size["dpi"],
                "savefig.dpi": style.size["dpi"],
                "text.hinting": "none",
            }
        )
        try:
            yield
        finally:
            log.setLevel(level)


def _above(around: Surroundings, lang: str, width: float) -> list[_Paragraph]:
    style = figure_style()
    size, colour = style.type, style.colour
    room = width - 2 * _MARGIN
    title = wrapped(around.title.text(lang), room, size["title"] * 1.08)
    paragraphs = [_Paragraph(title, size["title"], colour["text"], "bold")]
    if around.synthetic:
        text = _INVENTED.text(lang).format(f"{around.synthetic:,}")
        lines = wrapped(text, room - 0.4, size["label"])
        paragraphs.append(_Paragraph(lines, size["label"], colour["text"], box=True))
    return paragraphs


def _below(around: Surroundings, lang: str, width: float) -> list[_Paragraph]:
    style = figure_style()
    size = style.type["note"]
    return [
        _Paragraph(wrapped(text, width - 2 * _MARGIN, size), size, style.colour["soft"])
        for text in (around.note.text(lang), around.source.text(lang))
        if text
    ]


def _height(paragraphs: Sequence[_Paragraph]) -> float:
    return sum(paragraph.height for paragraph in paragraphs)


def _write(part: Any, paragraphs: Sequence[_Paragraph], width: float, height: float) -> None:
    """Write paragraphs into a part of the picture, from the top."""
    colour = figure_style().colour
    y = height - 0.12
    for paragraph in paragraphs:
        inset = 0.15 if paragraph.box else 0.0
        box = (
            {"facecolor": colour["warning"], "edgecolor": colour["warning_line"], "pad": 3.0}
            if paragraph.box
            else None
        )
        part.text(
            (_MARGIN + inset) / width,
            (y - inset) / height,
            "\n".join(paragraph.lines),
            size=paragraph.size,
            color=paragraph.colour,
            weight=paragraph.weight,
            va="top",
            linespacing=1.25,
            bbox=box,
        )
        y -= paragraph.height


def _watermark(body: Any, lang: str, width: float, height: float) -> None:
    text = _WATERMARK.text(lang)
    # Turned by 24 degrees, and inside low pictures, too.
    most = height * POINT / (ems(text) * 0.41 + 0.91)
    body.text(
        0.55,
        0.5,
        text,
        size=min(width * POINT / max(len(text), 12) * 0.75, most),
        color=figure_style().colour["warning_line"],
        # Numbers below it stay legible.
        alpha=0.16,
        rotation=24,
        ha="center",
        va="center",
        zorder=100,
    )


def _files(picture: Any, forms: Sequence[str]) -> dict[str, bytes]:
    """Return the picture in several forms; both forms of pixels are drawn once."""
    image = _pixels(picture) if {"png", CHART} & {*forms} else None
    draw_form: dict[str, Callable[[], bytes]] = {
        "png": lambda: _png(image, picture),
        CHART: lambda: _png(_chart_alone(image, picture), picture),
        "svg": lambda: _svg(picture),
        "pdf": lambda: _pdf(picture),
    }
    return {form: draw_form[form]() for form in forms}


def _pixels(picture: Any) -> Any:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from PIL import Image

    canvas: Any = FigureCanvasAgg(picture)
    canvas.draw()
    image = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
    # A third of the size: charts have few colours.
    return image.quantize(256, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)


def _chart_alone(image: Any, picture: Any) -> Any:
    """Return what is between the texts above and below a chart."""
    box = picture.subfigs[1].bbox_relative
    top, bottom = (round((1 - float(end)) * image.height) for end in (box.y1, box.y0))
    return image.crop((0, top, image.width, bottom))


def _png(image: Any, picture: Any) -> bytes:
    target = io.BytesIO()
    image.save(target, format="png", dpi=(picture.dpi, picture.dpi))
    return target.getvalue()


def _svg(picture: Any) -> bytes:
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    target, dpi = io.StringIO(), picture.dpi
    try:
        canvas: Any = FigureCanvasSVG(picture)
        canvas.print_svg(target, metadata=_METADATA["svg"])
    finally:
        # Files of this kind have 72 points to the inch, and leave the picture so.
        picture.dpi = dpi
    return target.getvalue().encode()


def _pdf(picture: Any) -> bytes:
    target = io.BytesIO()
    picture.savefig(target, format="pdf", metadata=_METADATA["pdf"])
    return target.getvalue()
