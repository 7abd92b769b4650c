"""Makes the tables that `chapter.toml` says a report printed besides those of any index."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from xlcity.figures.contents import Label, listed
from xlcity.functions.cluster import cut_tree
from xlcity.grouping import grouped
from xlcity.model.reading.tables import parse_float
from xlcity.report.city_columns import CityColumns
from xlcity.report.contents import NOTHING, Cells, Field, ReportCell, ReportTable
from xlcity.report.notes import print_note, rank_note, table
from xlcity.report.quantities import Quantities
from xlcity.report.source import ReportSource
from xlcity.report.texts import head, say
from xlcity.reports.declarations import Declaration, declared


@dataclass(frozen=True)
class TableContent:
    """Columns and rows of a table, and which cities these are; print rests on no invented value."""

    fields: Sequence[Field]
    rows: Sequence[Sequence[ReportCell]]
    units: Sequence[int] = ()
    notes: Sequence[Label] = ()
    as_printed: bool = False


class DeclaredTables:
    """Makes tables by their kinds."""

    def __init__(self, source: ReportSource) -> None:
        self.source = source
        self.quantities = Quantities(source)

    def declared(
        self, name: str, title: Label, rule: Declaration
    ) -> ReportTable | None:
        """Return a table by its declaration; None where the index lacks what it shows."""
        source = self.source
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
        base = (
            Label(*rule["note"]) if "note" in rule else say(f"declared.{rule['kind']}")
        )
        is_text = content.as_printed or rule["kind"] in ("sources", "listed")
        return table(
            source,
            name,
            content.fields,
            content.rows,
            title=title,
            units=content.units,
            across=rule.get("across", 1),
            invented=not is_text,
            notes=[base, *content.notes],
        )

    def ranked_rows(self, rule: Declaration) -> list[int]:
        """Return the rows of the ranked cities that a table is about, the first one first."""
        return self.quantities.rows(
            {key: rule[key] for key in ("node", "where") if key in rule}
        )

    def _cities(self, rule: Declaration) -> TableContent:
        """Return columns of the cities from one rank to another."""
        code = rule.get("node", self.source.root)
        every = self.ranked_rows(rule)
        rows = [
            row
            for row in every
            if rule.get("first", 1)
            <= (self.source.rank(row, code) or 0)
            <= rule.get("last", len(every))
        ]
        columns = CityColumns(self.source, code)
        words = rule["columns"]
        below = columns.ranked_children(words)
        notes = [rank_note(self.source, code, below)]
        notes.append(print_note(self.source, [code, *below], rows))
        return TableContent(*columns.table(rows, words), rows, notes)

    def _sources(self, rule: Declaration) -> TableContent:
        """Return where the data of each indicator come from, and its definition if declared."""
        tree = self.source.result.framework
        before = ""
        rows: Cells = []
        for leaf in tree.indicators:
            above = tree.path(leaf.code)[1].code
            name = self.source.node(above) if above != before else NOTHING
            origin = Label(leaf.source_zh or leaf.source, leaf.source or leaf.source_zh)
            defined = Label(leaf.definition_zh or leaf.definition, leaf.definition)
            cells = [defined] if rule.get("definitions") else []
            uom = self.source.uom(leaf.code)
            rows.append([name, self.source.node(leaf.code), *cells, uom, origin])
            before = above
        words = ["level_1", "indicator", *["definition"] * len(cells), "uom", "source"]
        return TableContent([*map(head, words)], rows)

    def _published(self, rule: Declaration) -> TableContent | None:
        """Return columns of a printed table as they are: [column, kind, Chinese, English]."""
        table = self.source.published.get(rule["table"])
        source = self.source
        if table is None:
            return None
        places = source.result.dataset.rows

        def cell(line: Mapping[str, str], column: str, kind: str) -> ReportCell:
            text = line[column]
            if column == "city_id" and text in places:
                return source.city(places[text])
            english = line.get(column.replace("_zh", "_en"), text)
            return Label(text, english) if kind == "text" else parse_float(text)

        rows = [
            [cell(line, column, kind) for column, kind, *_ in rule["columns"]]
            for line in table.rows[: rule.get("first", len(table.rows))]
        ]
        if rule.get("joined"):
            # What belongs to one name stands in one line.
            lists = grouped(
                (row[0], row[1]) for row in rows if isinstance(row[1], Label)
            )
            rows = [[name, listed(texts)] for name, texts in lists.items()]
        fields = [Field(Label(*heads), kind) for _, kind, *heads in rule["columns"]]
        return TableContent(
            fields, rows, notes=[say("declared.as_printed")], as_printed=True
        )

    def _listed(self, rule: Declaration) -> TableContent:
        """Return lines of texts, each in both languages."""
        fields = [Field(Label(*heads)) for heads in rule["columns"]]
        return TableContent(
            fields, [[Label(*cell) for cell in row] for row in rule["rows"]]
        )

    def _classes(self, rule: Declaration) -> TableContent:
        """Return the clusters that a declared dendrogram is cut into, the best city's first."""
        drawn = declared(self.source.spec.id, "figures")[rule["of"]]
        tree = self.quantities.merged(drawn)
        labels = cut_tree(tree.merges, drawn["k"]).tolist()
        members = grouped(zip(labels, tree.rows, strict=True))
        every = [self._by_rank(rows) for rows in members.values()]
        every.sort(key=lambda rows: self._rank(rows[0]))
        rows: Cells = []
        for number, cities in enumerate(every, 1):
            names = listed(map(self.source.city, cities))
            means = [float(np.mean(q.values[cities])) for q in tree.used]
            rows.append([number, len(cities), names, *means])
        heads = head("class", "rank"), head("count", "count"), head("members")
        over = say("head.means")
        means_of = [Field(quantity.label, "score", over) for quantity in tree.used]
        fields = [*heads, *means_of]
        return TableContent(fields, rows)

    def _by_rank(self, rows: Sequence[int]) -> list[int]:
        return sorted(rows, key=self._rank)

    def _rank(self, row: int) -> int:
        """Return the rank of a city; one without a rank is behind all others."""
        return self.source.rank(row, self.source.root) or len(self.source.units)
