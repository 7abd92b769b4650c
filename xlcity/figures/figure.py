"""A figure: what it shows and what stands around it, declared once for every way of drawing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from xlcity.errors import UsageError, did_you_mean
from xlcity.figures.contents import Chart, Label
from xlcity.figures.drawing import CHART, Surroundings, draw

#: The formats a figure can have.
FORMATS = ("svg", "png", "pdf")
_NONE = Label("", "")


@dataclass(frozen=True, eq=False)
class Figure:
    """One figure.

    Attributes
    ----------
    id
        Its name in files and commands: "rank-intervals".
    title, note, source
        What stands above and below it. The note says what each number means.
    content
        Its data, by kind of chart.
    synthetic
        How many invented values it rests on; if any, the picture itself says so.
    """

    id: str
    title: Label
    content: Chart
    note: Label = _NONE
    source: Label = _NONE
    synthetic: int = 0

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
        for word, words in ((lang, ("zh", "en")), *((form, (*FORMATS, CHART)) for form in forms)):
            if word not in words:
                raise UsageError(f"figures have no '{word}'.", did_you_mean(word, words))
        around = Surroundings(self.title, self.note, self.source, self.synthetic)
        return draw(self.content, around, lang, forms)

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
