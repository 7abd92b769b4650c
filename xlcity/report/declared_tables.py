"""Makes the tables that `chapter.toml` says a report printed besides those of any index."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from xlcity.figures.contents import Label, listed
from xlcity.functions.cluster import cut_tree
from xlcity.grouping import grouped
from xlcity.model.reading.tables import parse_float
from xlcity.report.city_columns import CityColumns
from xlcity.report.contents import (
    NOTHING,
    Cells,
    Field,
    ReportCell,
    ReportTable,
    TableContent,
)
from xlcity.report.notes import print_note, rank_note, titled_table
from xlcity.report.quantities import LackingError, Quantities
from xlcity.report.source import ReportSource
from xlcity.report.texts import heads, say
from xlcity.reports.declarations import Declaration, declared


class _PrintedColumn(NamedTuple):
    """A column of a printed table that is shown as it is: its kind, and its heading."""

    name: str
    kind: str
    zh: str
    en: str = ""


class DeclaredTables:
    """Makes tables by their kinds."""

    def __init__(self, source: ReportSource) -> None:
        self.source = source
        self.quantities = Quantities(source)

    def declared(
        self, name: str, title: Label, rule: Declaration
    ) -> ReportTable | None:
        """Return a table by its declaration; None where the index lacks what it shows."""
        makers: Mapping[str, Callable[[Declaration], TableContent | None]] = {
            "cities": self._cities,
            "sources": self._sources,
            "published": self._published,
            "listed": self._listed,
            "classes": self._classes,
        }
        content: TableContent | None = self.quantities.content(rule, makers, self)
        if content is None:
            return None
        kind = rule["kind"]
        base = Label(*rule["note"]) if "note" in rule else say(f"declared.{kind}")
        content = replace(content, notes=[base, *content.notes])
        return titled_table(self.source, name, title, content)

    def ranked_rows(self, rule: Declaration) -> list[int]:
        """Return the rows of the ranked cities that a table is about, the first one first."""
        return self.quantities.rows(
            {key: rule[key] for key in ("node", "where") if key in rule}
        )

    def _cities(self, rule: Declaration) -> TableContent:
        """Return columns of the cities from one rank to another."""
        source = self.source
        code = rule.get("node", source.root)
        every = self.ranked_rows(rule)
        first = rule.get("first", 1)
        last = rule.get("last", len(every))
        places = zip(every, source.ranks(every, code), strict=True)
        rows = [row for row, rank in places if first <= rank <= last]
        columns = CityColumns(source, code)
        words = rule["columns"]
        below = columns.ranked_children(words)
        fields, cells = columns.table(rows, words)
        ranks = rank_note(source, code, below)
        printed = print_note(source, [code, *below], rows)
        return TableContent(fields, cells, units=rows, notes=[ranks, printed])

    def _sources(self, rule: Declaration) -> TableContent:
        """Return where the data of each indicator come from, and its definition if declared."""
        source = self.source
        tree = source.result.framework
        is_defined = rule.get("definitions", False)
        if not is_defined:
            self._require_sources()
        before = ""
        rows: Cells = []
        for leaf in tree.indicators:
            above = tree.path(leaf.code)[1].code
            name = source.node(above) if above != before else NOTHING
            cells: list[ReportCell] = [name, source.node(leaf.code)]
            if is_defined:
                defined = Label(leaf.definition_zh or leaf.definition, leaf.definition)
                cells.append(defined)
            origin = Label(leaf.source_zh or leaf.source, leaf.source or leaf.source_zh)
            rows.append([*cells, source.shown_uom(leaf.code), origin])
            before = above
        definition = ["definition"] if is_defined else []
        fields = heads("level_1", "indicator", *definition, "uom", "source")
        return TableContent(fields, rows, as_printed=True)

    def _require_sources(self) -> None:
        """Raise where no indicator says where its data come from: such a table says nothing."""
        indicators = self.source.result.framework.indicators
        if not any(leaf.source or leaf.source_zh for leaf in indicators):
            raise LackingError("sources")

    def _published(self, rule: Declaration) -> TableContent | None:
        """Return columns of a printed table as they are: [column, kind, Chinese, English]."""
        printed = self.source.published.get(rule["table"])
        if printed is None:
            return None
        columns = [_PrintedColumn(*own) for own in rule["columns"]]
        rows: Cells = []
        for line in printed.rows[: rule.get("first")]:
            rows.append([self._printed_cell(line, column) for column in columns])
        if rule.get("joined"):
            # What belongs to one name stands in one line.
            lists = grouped(
                (name, text) for name, text in rows if isinstance(text, Label)
            )
            rows = [[name, listed(texts)] for name, texts in lists.items()]
        fields = [Field(Label(own.zh, own.en), own.kind) for own in columns]
        note = say("declared.as_printed")
        return TableContent(fields, rows, notes=[note], as_printed=True)

    def _printed_cell(
        self, line: Mapping[str, str], column: _PrintedColumn
    ) -> ReportCell:
        """Return a cell of a printed table: a city, a number, or a text in both languages."""
        text = line[column.name]
        places = self.source.result.dataset.rows
        if column.name == "city_id" and text in places:
            return self.source.city(places[text])
        if column.kind != "text":
            return parse_float(text)
        return Label(text, line.get(column.name.replace("_zh", "_en"), text))

    def _listed(self, rule: Declaration) -> TableContent:
        """Return lines of texts, each in both languages."""
        fields = [Field(Label(*heads)) for heads in rule["columns"]]
        rows: Cells = []
        for line in rule["rows"]:
            rows.append([Label(*texts) for texts in line])
        return TableContent(fields, rows, as_printed=True)

    def _classes(self, rule: Declaration) -> TableContent:
        """Return the clusters that a declared dendrogram is cut into, the best city's first."""
        drawn = declared(self.source.spec.id, "figures")[rule["of"]]
        tree = self.quantities.merged(drawn)
        labels = cut_tree(tree.merges, drawn["k"]).tolist()
        members = grouped(zip(labels, tree.rows, strict=True))
        every = [sorted(rows, key=self._rank) for rows in members.values()]
        every.sort(key=lambda rows: self._rank(rows[0]))
        rows: Cells = []
        for number, cities in enumerate(every, 1):
            names = listed(map(self.source.city, cities))
            means = [float(np.mean(q.values[cities])) for q in tree.used]
            rows.append([number, len(cities), names, *means])
        over = say("head.means")
        means_of = [Field(quantity.label, "score", over) for quantity in tree.used]
        fields = heads("class", "count", "members")
        return TableContent([*fields, *means_of], rows)

    def _rank(self, row: int) -> int:
        """Return the rank of a city; one without a rank is behind all others."""
        return self.source.rank(row, self.source.root) or len(self.source.units)
