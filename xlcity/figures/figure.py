"""A figure: what it shows and what stands around it; drawn with Matplotlib, the same bytes always.

Kinds of charts are found by scanning this package: each module has `CHART_KINDS`.
"""

from __future__ import annotations

import io
import logging
import pkgutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

import xlcity.figures
from xlcity.errors import require_known
from xlcity.figures.contents import Chart, Label, StripChart
from xlcity.figures.draw_strips import change_strips, strip_parts
from xlcity.figures.fonts import (
    ems,
    families,
    require_glyphs,
    require_matplotlib,
    wrapped,
)
from xlcity.figures.panels import ChartKind, Frame, Size
from xlcity.figures.style import INCH, POINT, figure_style, resized

#: The formats a figure can have.
FORMATS = ("svg", "png", "pdf")
#: The form of the chart alone, for documents and pages that write title, note and source.
CHART = "chart.png"
_NONE = Label("", "")
_INVENTED = Label(
    "虚构数据：{}个值为虚构，仅用于说明方法，不是研究结论。",
    "Synthetic data: {} values are invented. This illustrates the method and is not a finding.",
)
_WATERMARK = Label("虚构数据", "SYNTHETIC DATA")
#: Room at the left and right of texts, in cm; height of small charts, as a share of others.
_MARGIN = 0.3
_SMALL = 0.62
#: Digits of places in a picture that are the same in every run.
_DIGITS = 6


@dataclass(frozen=True, eq=False)
class Figure:
    """One figure.

    Attributes
    ----------
    id
        Its name in files and commands: "rank-intervals".
    title, subtitle
        What is seen, and what is drawn: quantity, unit, cities, edition.
    content
        Its data, by kind of chart.
    note, source
        What stands below it. The note says what each number means.
    synthetic
        How many invented values it rests on; if any, the picture itself says so.
    """

    id: str
    title: Label
    content: Chart
    note: Label = _NONE
    source: Label = _NONE
    synthetic: int = 0
    subtitle: Label = _NONE

    def draw(self, lang: str = "en", form: str = "svg") -> bytes:
        """Return the picture as a file.

        Parameters
        ----------
        lang
            "zh" or "en".
        form
            "svg", "png" or "pdf".

        Raises
        ------
        UsageError
            If there is no such language or form.
        FigureError
            If Matplotlib or a font for the characters is not installed.
        """
        return self.files(lang, (form,))[form]

    def __repr__(self) -> str:
        return f"<Figure {self.id}: {self.title.text('en')}>"

    def files(self, lang: str, forms: Sequence[str]) -> dict[str, bytes]:
        """Return the picture in several forms, laid out once.

        "chart.png" is the chart without the texts around it; that values are invented is still
        written across it.

        Raises
        ------
        UsageError
            If there is no such language or form.
        FigureError
            If Matplotlib or a font for the characters is not installed.
        """
        require_known("kind.language", lang, ("zh", "en"))
        for form in forms:
            require_known("kind.format", form, (*FORMATS, CHART))
        with laid_out(self, lang, alone={*forms} == {CHART}) as picture:
            return _files(picture, forms)

    def save(self, path: str | Path, lang: str = "en") -> Path:
        """Write the picture; the suffix of the path says in which form.

        Raises
        ------
        UsageError
            If the suffix is not that of a form.
        FigureError
            If Matplotlib or a font for the characters is not installed.
        """
        target = Path(path)
        target.write_bytes(self.draw(lang, target.suffix.lower().removeprefix(".")))
        return target

    def _repr_png_(self) -> bytes:
        return self.draw("en", "png")


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
    names = (info.name for info in pkgutil.iter_modules(xlcity.figures.__path__))
    modules = (
        import_module(f"xlcity.figures.{name}") for name in names if name[:5] == "draw_"
    )
    kinds = (module.CHART_KINDS for module in modules)
    return {chart: kind for by_chart in kinds for chart, kind in by_chart.items()}


def content_size(content: Chart, lang: str) -> Size:
    """Return the width and height of a chart in cm."""
    return _chart_kinds()[type(content)].size(content, lang)


def draw_alike(charts: Sequence[StripChart], synthetic: int, lang: str) -> list[bytes]:
    """Return small charts of strips that differ in their dots and texts, laid out once.

    That values are invented is written across each.

    Raises
    ------
    FigureError
        If Matplotlib is not installed, or no font has the characters.
    """
    # Their type is as large as in other figures: they are not made small afterwards.
    with (
        resized(plot=_SMALL),
        laid_out(
            Figure("", _NONE, charts[0], synthetic=synthetic), lang, alone=True
        ) as picture,
    ):
        canvas = picture.canvas
        body = picture.subfigs[1]
        pictures = list[bytes]()
        changing = strip_parts(body)
        for part in changing:
            part.set_animated(True)
        # What is the same in all is drawn once; what is above the numbers is drawn again.
        canvas.draw()
        background = canvas.copy_from_bbox(picture.bbox)
        for chart in charts:
            require_glyphs([text.text(lang) for text in chart.texts], lang)
            change_strips(body, chart, lang)
            canvas.restore_region(background)
            for part in changing:
                part.draw(canvas.get_renderer())
            pictures.append(_png(_chart_alone(_pixels(canvas), picture), picture))
        return pictures


@contextmanager
def laid_out(figure: Figure, lang: str, *, alone: bool = False) -> Iterator[Any]:
    """Yield the picture of Matplotlib, with everything in its place, under our settings.

    Parameters
    ----------
    alone
        Whether the chart is drawn without the texts around it.

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

        kind = _chart_kinds()[type(figure.content)]
        width, height = kind.size(figure.content, lang)
        above = list[_Paragraph]()
        below = list[_Paragraph]()
        if not alone:
            room = width - 2 * _MARGIN
            above = _paragraphs_above(figure, lang, room)
            below = _paragraphs_below(figure, lang, room)
        heights = [_height(above), height, _height(below)]
        picture: Any = Picture(
            figsize=(width * INCH, sum(heights) * INCH), layout="constrained"
        )
        FigureCanvasAgg(picture)
        head, body, foot = picture.subfigures(3, 1, height_ratios=heights)
        _write(head, above, width, heights[0])
        kind.draw(figure.content, Frame(body, lang, width, height))
        _write(foot, below, width, heights[2])
        if figure.synthetic:
            _watermark(body, lang, width, height)
        require_glyphs((text.get_text() for text in picture.findobj(Text)), lang)
        _lay_out(picture, kind.layouts)
        yield picture


def _lay_out(picture: Any, times: int) -> None:
    """Give everything its place, which every form of the picture keeps."""
    every = picture.get_axes()
    # Places of labels that there are not take a quarter of the time.
    for axis in chain.from_iterable((axes.xaxis, axes.yaxis) for axes in every):
        if not axis.get_label_text():
            axis.set_label_coords(0, 0)
    for _ in range(times):
        picture.get_layout_engine().execute(picture)
    picture.set_layout_engine("none")
    # The last digits of a layout differ from run to run.
    for part in picture.subfigs:
        box = part.bbox_relative
        box.p0 = box.p0.round(_DIGITS)
        box.p1 = box.p1.round(_DIGITS)
    for axes in every:
        bounds = axes.get_position(original=True).bounds
        axes.set_position(np.round(bounds, _DIGITS))
        # A round chart is as wide as it is high.
        axes.apply_aspect()


@contextmanager
def _settings(lang: str) -> Iterator[None]:
    """Draw by our style, and by nothing of the user's own settings."""
    import matplotlib

    style = figure_style()
    colour = style.colour
    size = style.type["label"]
    log = logging.getLogger("matplotlib.font_manager")
    level = log.level
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        # Chinese fonts often have one weight only; that it is taken for bold needs no warning.
        log.setLevel(logging.ERROR)
        sizes = ("font.size", "axes.labelsize", "xtick.labelsize", "ytick.labelsize")
        texts = (
            "axes.labelcolor",
            "xtick.labelcolor",
            "ytick.labelcolor",
            "text.color",
        )
        lines = ("axes.edgecolor", "grid.color", "xtick.color", "ytick.color")
        settings: Any = {
            **style.matplotlib,
            **dict.fromkeys((*sizes, "legend.fontsize"), size),
            **dict.fromkeys(texts, colour["text"]),
            **dict.fromkeys(lines, colour["line"]),
            "font.family": families(lang),
            # Laid out as it is saved: some fonts are narrower at lower resolutions.
            **dict.fromkeys(("figure.dpi", "savefig.dpi"), style.size["dpi"]),
        }
        matplotlib.rcParams.update(settings)
        try:
            yield
        finally:
            log.setLevel(level)


def _height(paragraphs: Sequence[_Paragraph]) -> float:
    """Return the room of paragraphs in cm."""
    return sum(text.height for text in paragraphs) + 0.15


def _paragraphs_above(figure: Figure, lang: str, room: float) -> list[_Paragraph]:
    """Return the texts above a chart."""
    style = figure_style()
    size = style.type
    text = style.colour["text"]
    title = wrapped(figure.title.text(lang), room, size["title"] * 1.08)
    above = [_Paragraph(title, size["title"], text, "bold")]
    if subtitle := figure.subtitle.text(lang):
        lines = wrapped(subtitle, room, size["label"])
        above.append(_Paragraph(lines, size["label"], text))
    if figure.synthetic:
        invented = _INVENTED.text(lang).format(f"{figure.synthetic:,}")
        lines = wrapped(invented, room - 0.4, size["label"])
        above.append(_Paragraph(lines, size["label"], text, box=True))
    return above


def _paragraphs_below(figure: Figure, lang: str, room: float) -> list[_Paragraph]:
    """Return the texts below a chart."""
    style = figure_style()
    size = style.type["note"]
    every = (figure.note.text(lang), figure.source.text(lang))
    return [
        _Paragraph(wrapped(text, room, size), size, style.colour["soft"])
        for text in every
        if text
    ]


def _write(
    part: Any, paragraphs: Sequence[_Paragraph], width: float, height: float
) -> None:
    """Write paragraphs into a part of the picture, from the top."""
    colour = figure_style().colour
    y = height - 0.12
    for paragraph in paragraphs:
        box = {
            "facecolor": colour["warning"],
            "edgecolor": colour["warning_line"],
            "pad": 3.0,
        }
        inset = 0.15 if paragraph.box else 0.0
        part.text(
            (_MARGIN + inset) / width,
            (y - inset) / height,
            "\n".join(paragraph.lines),
            size=paragraph.size,
            color=paragraph.colour,
            weight=paragraph.weight,
            va="top",
            linespacing=1.25,
            bbox=box if paragraph.box else None,
        )
        y -= paragraph.height


def _watermark(body: Any, lang: str, width: float, height: float) -> None:
    text = _WATERMARK.text(lang)
    # Turned by 24 degrees, and inside low pictures, too. Numbers below it stay legible.
    most = height * POINT / (ems(text) * 0.41 + 0.91)
    body.text(
        0.55,
        0.5,
        text,
        size=min(width * POINT / max(len(text), 12) * 0.75, most),
        alpha=0.16,
        color=figure_style().colour["warning_line"],
        rotation=24,
        ha="center",
        va="center",
        zorder=100,
    )


def _files(picture: Any, forms: Sequence[str]) -> dict[str, bytes]:
    """Return the picture in several forms; both forms of pixels are drawn once."""
    image = None
    if {"png", CHART} & {*forms}:
        picture.canvas.draw()
        image = _pixels(picture.canvas)
    draw_form: dict[str, Callable[[], bytes]] = {
        "png": lambda: _png(image, picture),
        CHART: lambda: _png(_chart_alone(image, picture), picture),
        "svg": lambda: _svg(picture),
        "pdf": lambda: _pdf(picture),
    }
    return {form: draw_form[form]() for form in forms}


def _pixels(canvas: Any) -> Any:
    """Return what a canvas shows, in few colours: a third of the size."""
    from PIL import Image

    image = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
    few = image.quantize(
        256, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE
    )
    # Its white is one less than that of paper.
    few.putpalette([255 if shade == 254 else shade for shade in few.getpalette() or ()])
    return few


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
    """Return the picture as SVG; nothing in a file depends on the day or the machine."""
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    target = io.StringIO()
    dpi = picture.dpi
    try:
        canvas: Any = FigureCanvasSVG(picture)
        canvas.print_svg(target, metadata={"Date": None, "Creator": None})
    finally:
        # Files of this kind have 72 points to the inch, and leave the picture so.
        picture.dpi = dpi
    return target.getvalue().encode()


def _pdf(picture: Any) -> bytes:
    target = io.BytesIO()
    without = dict.fromkeys(("CreationDate", "Creator", "Producer"))
    picture.savefig(target, format="pdf", metadata=without)
    return target.getvalue()


def read_formats(words: Sequence[str]) -> list[str]:
    """Return formats of pictures.

    Raises
    ------
    UsageError
        If there is no such format.
    """
    formats = dict.fromkeys(word.lower() for word in words or ("svg", "png"))
    for word in formats:
        require_known("kind.format", word, FORMATS)
    return list(formats)
