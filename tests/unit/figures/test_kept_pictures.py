"""Every kind of figure as it is laid out, kept as text: axes, bars, lines, points and words."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.text import Text

from tests.unit.figures.test_figures import figure, kinds
from xlcity.figures.figure import laid_out


def shown(numbers: object) -> str:
    return " ".join(
        f"{x + 0.0:.3g}" for x in np.ravel(np.asarray(numbers, dtype=float)) + 0.0
    )


def parts_of(axes: Any) -> Iterator[str]:
    """Yield what is drawn in a pair of axes, in data units; colours as they are seen."""
    sides = [
        name
        for name, spine in axes.spines.items()
        if axes.axison and spine.get_visible()
    ]
    limits = f"x {shown(axes.get_xlim())} y {shown(axes.get_ylim())}"
    yield f"axes {limits} on {axes.axison} sides {' '.join(sides)}"
    for patch in axes.patches:
        yield (
            f"  patch {type(patch).__name__} {to_hex(patch.get_facecolor(), True)}"
            + (
                f" {shown(patch.get_bbox().bounds)}"
                if hasattr(patch, "get_bbox")
                else ""
            )
            + " behind the grid" * (patch.get_zorder() < axes.xaxis.get_zorder())
        )
    for line in axes.lines:
        yield (
            f"  line {to_hex(line.get_color())} {line.get_linestyle()} {line.get_marker()} "
            + (f"{shown(line.get_xdata())} | {shown(line.get_ydata())}")
        )
    for collection in axes.collections:
        sizes = collection.get_sizes() if hasattr(collection, "get_sizes") else ()
        colours = [to_hex(c, True) for c in collection.get_facecolor()]
        yield (
            f"  {type(collection).__name__} at {shown(collection.get_offsets())}"
            f" sizes {shown(sizes)} colours {' '.join(dict.fromkeys(colours))}"
            f" widths {shown(collection.get_linewidth())}"
        )
    for image in axes.images:
        yield f"  image {shown(image.get_array())} from {shown(image.get_clim())}"
    for axis in (axes.xaxis, axes.yaxis):
        labels = [label.get_text() for label in axis.get_ticklabels()]
        yield f"  ticks {shown(axis.get_ticklocs())} {labels} label {axis.get_label_text()!r}"
    for text in axes.texts:
        x, y = text.get_position()
        yield f"  text {text.get_text()!r} at {shown((x, y))} {text.get_ha()} {text.get_va()}"
    if legend := axes.get_legend():
        yield f"  legend {[text.get_text() for text in legend.get_texts()]}"


@pytest.mark.parametrize("kind", kinds())
def test_a_figure_as_a_whole(require_kept, kind):
    with laid_out(figure(kinds(6)[kind], synthetic=3), "en") as picture:
        width, height = picture.get_size_inches()
        lines = [f"{width:.2f} x {height:.2f} inches"]
        for axes in picture.get_axes():
            lines += parts_of(axes)
        for part in picture.subfigs:
            lines += [
                f"beside {text.get_text()!r} at {shown(text.get_position())} size"
                f" {text.get_fontsize():.3g} {text.get_weight()}"
                for text in part.findobj(Text)
                if text in part.texts
            ]
    require_kept(kind, "\n".join(lines))
