"""Names and texts of the figures of an index, in both languages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from xlcity.figures.contents import Axis, Chart, Label, Matrix2D, NetworkChart
from xlcity.figures.draw_matrices import has_cut_names
from xlcity.figures.figure import Figure
from xlcity.figures.fonts import CUT
from xlcity.figures.style import figure_style
from xlcity.index.result import IndexResult
from xlcity.report.notes import gap_note
from xlcity.report.result_names import ResultNames
from xlcity.report.texts import filled, joined, population_name, report_texts


class FigureTexts(ResultNames):
    """Names and texts of the figures of one index, for one group of cities.

    Parameters
    ----------
    result
        The index.
    node
        The node whose scores and ranks are shown.
    population
        The group of cities.
    texts
        Texts by kind and key.
    """

    def __init__(
        self,
        result: IndexResult,
        node: str,
        population: str,
        texts: dict[str, Any] | None = None,
    ) -> None:
        self.result, self.top, self.population = result, node, population
        self.texts = report_texts("figures") if texts is None else texts
        self.units = result.dataset.units
        order = result.order(node, population)
        #: The line of the source of a figure that names none.
        self.origin = self.words("source", "index")
        #: Rows of the cities that have a rank, the first one first.
        self.rows = np.array([result.dataset.row(unit) for unit in order], dtype=np.int64)

    def shade(self, code: str) -> int | None:
        """Return the place of the colour that the whole or a dimension has in every figure."""
        tree = self.result.framework
        every = [tree.root.code, *(child.code for child in tree.children(tree.root.code))]
        fits = len(every) <= len(figure_style().colour["series"])
        return every.index(code) if code in every and fits else None

    def ranked(self, rows: Iterable[int] | None = None) -> list[Label]:
        """Return names after their ranks, of all cities unless some are given."""
        ranks = self.result.rank(self.top)
        rows = self.rows.tolist() if rows is None else rows
        return [numbered(int(ranks[row]), self.marked_city(row, self.top)) for row in rows]

    def given(self) -> dict[str, object]:
        """Return what every text of a figure may name."""
        several = len(self.result.populations) > 1
        name = population_name(self.population)
        group = Label(f"，样本组“{name.zh}”", f" in the group “{name.en}”")
        return {"node": self.node(self.top), "group": group if several else ""}

    def words(self, kind: str, key: str, **values: object) -> Label:
        """Return a text of a figure with its values, each a text or a label."""
        return filled(self.texts[kind][key], {**self.given(), **values})

    def figure(
        self,
        kind: str,
        content: Chart,
        origin: Label | None = None,
        name: str = "",
        note: str = "note",
        title: str = "title",
        **values: object,
    ) -> Figure:
        """Return a figure with the texts of its kind.

        Parameters
        ----------
        origin
            The line of its source, if it is not the index as it is.
        name
            Its id, if it is not that of the kind.
        note, title
            Which of the kind's notes and titles it has.
        """
        groups = self.result.populations
        suffix = "" if self.population == groups[0] else f"-{self.population}"
        shown = self.words(kind, title, **values)
        if len(groups) > 1:
            name_of = population_name(self.population)
            shown = Label(f"{shown.zh}（{name_of.zh}）", f"{shown.en} ({name_of.en})")
        return Figure(
            f"{name or kind}{suffix}",
            shown,
            content,
            joined(
                self.words(kind, note, **values),
                self.cut_names(content),
                gap_note(repr(content)),
                self.derived_note,
            ),
            origin or self.origin,
            self.result.dataset.synthetic,
        )

    def cut_names(self, content: Chart) -> Label:
        """Return that names are shortened, in the languages where any is."""
        text, cut = self.words("declared", "short_names"), {}
        for lang in ("zh", "en"):
            cut[lang] = (
                has_cut_names(content, lang)
                if isinstance(content, Matrix2D)
                else isinstance(content, NetworkChart)
                and any(CUT in name.text(lang) for name in content.rows)
            )
        return Label(text.zh if cut["zh"] else "", text.en if cut["en"] else "")

    def axis(self, kind: str, key: str, **options: Any) -> Axis:
        """Return an axis with its text."""
        return Axis(self.words(kind, key), **options)


def numbered(rank: int | None, name: Label) -> Label:
    """Return a name after its rank."""
    return Label(f"{rank}  {name.zh}", f"{rank}  {name.en}") if rank else name
