"""Names and texts of the figures of an assessment, in both languages."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from xlcity.figures.contents import Axis, Content, Label
from xlcity.figures.figure import Figure

if TYPE_CHECKING:
    from xlcity.api.assessment import Assessment


@cache
def figure_texts() -> dict[str, Any]:
    """Return the texts of all figures, by kind and key."""
    path = Path(__file__).with_name("assessment_figures.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


class FigureTexts:
    """Names and texts of the figures of one assessment, for one group of cities.

    Parameters
    ----------
    found
        The assessment.
    population
        The group of cities.
    """

    def __init__(self, found: Assessment, population: str) -> None:
        self.found = found
        self.plan = found.plan
        self.result = found.plan.base
        self.population = population
        self.units = self.plan.dataset.units
        order = self.result.order(self.plan.node, population)
        #: Rows of the cities that have a rank, the first one first.
        self.rows = np.array([self.plan.dataset.row(unit) for unit in order], dtype=np.int64)

    def city(self, row: int) -> Label:
        """Return the name of a city."""
        unit = self.units[row]
        return Label(unit.name_zh or unit.id, unit.name_en or unit.name_zh or unit.id)

    def node(self, code: str) -> Label:
        """Return the name of a node."""
        node = self.result.framework[code]
        return Label(node.name_zh or node.name_en or code, node.name_en or node.name_zh or code)

    def choice(self, name: str) -> Label:
        """Return the name of something that varies."""
        known = figure_texts()["choices"]
        return Label(f"{known[name]} ({name})" if name in known else name, name)

    def ranked(self) -> list[Label]:
        """Return the names of the cities after their ranks."""
        ranks = self.result.rank(self.plan.node)
        names = [(int(ranks[row]), self.city(row)) for row in self.rows.tolist()]
        return [Label(f"{rank}  {name.zh}", f"{rank}  {name.en}") for rank, name in names]

    def words(self, kind: str, key: str, **values: object) -> Label:
        """Return a text of a figure with its values, each a text or a label."""
        text, node = figure_texts()[kind][key], self.node(self.plan.node)
        several = len(self.result.populations) > 1
        group = Label(f"，样本组“{self.population}”", f" in the group “{self.population}”")
        given: dict[str, object] = {"n": f"{self.found.replicates:,}", "node": node}
        given["group"] = group if several else ""
        made = {
            lang: text[lang].format(
                **{
                    name: value.text(lang) if isinstance(value, Label) else value
                    for name, value in {**given, **values}.items()
                }
            )
            for lang in ("zh", "en")
        }
        return Label(**made)

    def figure(self, kind: str, content: Content, random: bool = True, **values: object) -> Figure:
        """Return a figure with the texts of its kind."""
        source = figure_texts()["source" if random else "source_data"]
        varied = [self.choice(choice.name) for choice in self.plan.choices]
        choices = Label("、".join(one.zh for one in varied), ", ".join(one.en for one in varied))
        filled = {
            lang: source[lang].format(
                n=f"{self.found.replicates:,}", seed=self.plan.seed, choices=choices.text(lang)
            )
            for lang in ("zh", "en")
        }
        groups = self.result.populations
        name = kind if self.population == groups[0] else f"{kind}-{self.population}"
        title = self.words(kind, "title", **values)
        if len(groups) > 1:
            title = Label(f"{title.zh}（{self.population}）", f"{title.en} ({self.population})")
        return Figure(
            name,
            title,
            content,
            self.words(kind, "note", **values),
            Label(**filled),
            self.plan.dataset.synthetic,
        )

    def axis(self, kind: str, key: str, **options: Any) -> Axis:
        """Return an axis with its text."""
        return Axis(self.words(kind, key), **options)
