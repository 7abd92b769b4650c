"""What the notes of declared figures say: only what applies to what is drawn."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from xlcity.figures.contents import (
    BarPanels,
    Chart,
    Dendrogram,
    Label,
    LineChart,
    Matrix2D,
    NetworkChart,
    ScatterChart,
)
from xlcity.figures.panels import signed
from xlcity.figures.point_names import ALL_NAMED
from xlcity.report.chosen_cities import ChosenCities
from xlcity.report.contents import NOTHING
from xlcity.report.declared import Declaration
from xlcity.report.figures import sized
from xlcity.report.invented_values import INVENTED
from xlcity.report.notes import gap_note
from xlcity.report.texts import inside, joined, listed

#: Entries of a declaration that choose cities in a way that its title says.
_TITLED = ("first", "names", "by", "having", "subsets", "groups", "links")


class DeclaredNotes:
    """Writes the notes of declared figures."""

    def __init__(self, cities: ChosenCities) -> None:
        self.cities, self.figures, self.source = cities, cities.figures, cities.source

    def note(self, rule: Declaration, content: Chart) -> Label:
        """Return the note of a figure: its own, or that of its kind, and what this one needs."""
        remark = [Label(*rule["remark"])] if "remark" in rule else []
        every = (self._base(rule), remark, self._explained(rule, content), self._cities(rule))
        status = self.figures.words("declared", "status") if INVENTED in repr(content) else NOTHING
        sentences = (sentence for some in every for sentence in some)
        return joined(*sentences, gap_note(repr(content)), status)

    def _base(self, rule: Declaration) -> list[Label]:
        if "note" in rule:
            return [Label(*rule["note"])]
        kind = rule["kind"]
        if kind == "bars" and has_ranks(rule):
            kind = "ranked bars"
        elif kind == "lines" and "fields" in rule:
            kind = "lines of fields"
        ranked = self.figures.node(rule.get("node", self.figures.top))
        return [] if kind == "own" else [self.figures.words("declared", kind, ranked=ranked)]

    def _explained(self, rule: Declaration, content: Chart) -> Iterator[Label]:
        """Yield what the marks of a chart mean."""
        if isinstance(content, BarPanels):
            if not np.isfinite([panel.values for panel in content.panels]).all():
                yield self.figures.words("declared", "empty")
        elif isinstance(content, ScatterChart):
            yield from self._points(rule, content)
        elif isinstance(content, Dendrogram):
            yield self.figures.lone_cities(content)
        elif isinstance(content, LineChart) and content.y.log:
            yield self.figures.words("declared", "logarithmic")
        elif isinstance(content, Matrix2D | NetworkChart):
            yield self.figures.cut_names(content)

    def _points(self, rule: Declaration, content: ScatterChart) -> Iterator[Label]:
        if "size" in rule:
            what = self.cities.quantities.find(rule["size"][0]).label
            yield self.figures.words("declared", "area", what=inside(what))
        axes = zip((content.x, content.y), content.limits, strict=True)
        lines = [
            Label(*(f"{axis.label.text(lang)} = {signed(f'{limit:g}')}" for lang in ("zh", "en")))
            for axis, limits in axes
            for limit in limits
        ]
        if lines:
            yield self.figures.words("declared", "lines_at", lines=listed(lines))
        if content.diagonal:
            yield self.figures.words("declared", "diagonal")
        if len(content.rows) > ALL_NAMED:
            yield self.figures.words("declared", "crowded")

    def _cities(self, rule: Declaration) -> Iterator[Label]:
        """Yield which cities, or groups of them, are not shown, where the title does not say so."""
        kind = self.source.group_type(rule["class"]) if "groups" in rule else None
        if kind is not None:
            of = self.source.members
            others = [
                sized(group, len(rows))
                for group in kind.groups
                if group.value not in rule["groups"]
                and (rows := of(kind, group, self.figures.top, self.figures.population))
            ]
            if others:
                yield self.figures.words("declared", "left_out", groups=listed(others))
        if "names" in rule:
            yield self.figures.words("declared", "printed_order")
        yield from self._first(rule)
        if any(word in rule for word in _TITLED) or rule["kind"] in ("framework", "histograms"):
            return
        every = self.source.order(self.figures.top, self.figures.population)
        matching = self.cities.matching(rule)
        if len(matching) < len(every):
            which = listed(map(inside, self.source.group_names(rule.get("where", {}))))
            counts = {"shown": len(matching), "total": len(every)}
            yield self.figures.words("declared", "chosen", which=which, **counts)
        shown = len(self.cities.rows_with_numbers(rule))
        if shown < len(matching):
            yield self.figures.words("declared", "missing", shown=shown, total=len(matching))

    def _first(self, rule: Declaration) -> Iterator[Label]:
        """Yield which cities the first ones are, where no rank says so, and that some tie."""
        if "first" not in rule or "fields" in rule:
            return
        shown = len(self.cities.rows(rule))
        if not has_ranks(rule) or "by" in rule:
            names = [self.cities.quantities.find(rule["order"]).label] if "order" in rule else []
            is_by_value = rule["kind"] in ("bars", "lines") and not has_ranks(rule)
            key = "most_of" if names else "most" if is_by_value else "first"
            if rule["kind"] == "lines":
                key, names = "latest", [Label(self.cities.quantities.keys(rule["series"])[-1][0])]
            node = self.figures.node(rule.get("node", self.figures.top))
            yield self.figures.words(
                "declared", key, n=shown, node=node, what=inside(listed(names))
            )
        if shown > rule["first"]:
            yield self.figures.words("declared", "tied", first=rule["first"])


def has_ranks(rule: Declaration) -> bool:
    """Tell whether names of bars are after their ranks."""
    return "node" in rule and "where" not in rule
