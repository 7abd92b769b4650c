"""Makes the tables that `chapter.toml` says a report printed besides those of any index."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from xlcity.figures.contents import Label
from xlcity.report.city_columns import CityColumns
from xlcity.report.contents import NOTHING, Field, ReportCell, ReportTable
from xlcity.report.declared import Declaration, declared, maker_of
from xlcity.report.inventory import printed_titles
from xlcity.report.notes import cell_marks, dash_note, gap_note, rank_note
from xlcity.report.print_differences import print_note
from xlcity.report.quantities import LackingError, Quantities, Quantity
from xlcity.report.source import ReportSource
from xlcity.report.texts import head, inside, joined, listed, pair_name, say


@dataclass(frozen=True)
class TableContent:
    """Columns and rows of a table, and how many further values are invented."""

    fields: Sequence[Field]
    rows: Sequence[Sequence[ReportCell]]
    invented: int = 0
    units: Sequence[str] = ()
    notes: Sequence[Label] = ()
    as_printed: bool = False


def declared_tables(source: ReportSource) -> Iterator[ReportTable]:
    """Yield the tables that a report printed besides those of any index."""
    titles, maker = printed_titles(source.spec.id), DeclaredTables(source)
    for name, rule in declared(source.spec.id, "tables").items():
        try:
            content = maker.made(rule)
        except LackingError:
            # A later edition may have dropped a node.
            continue
        if content is not None:
            title = titles.get(name, Label(name))
            gaps = gap_note(cell_marks(content.rows))
            base = Label(*rule["note"]) if "note" in rule else say(f"declared.{rule['kind']}")
            note = joined(base, *content.notes, dash_note(content.rows), gaps)
            if content.invented and not source.synthetic:
                # All else in the report is real: its title says that this is not.
                title = say("title.synthetic", title=title)
            origin = say("source", name=Label(source.spec.name_zh, source.spec.name_en))
            synthetic = source.synthetic + content.invented
            synthetic *= rule["kind"] != "sources" and not content.as_printed
            yield ReportTable(
                name, title, content.fields, content.rows, note, origin, synthetic, 1, content.units
            )


class DeclaredTables:
    """Makes tables by their kinds."""

    def __init__(self, source: ReportSource) -> None:
        self.source, self.quantities = source, Quantities(source)
        self.population = source.result.populations[0]

    def made(self, rule: Declaration) -> TableContent | None:
        """Return a table; None where the index lacks what it shows."""
        makers: Mapping[str, Callable[[Declaration], TableContent | None]] = {
            "cities": self._cities, "first cities": self._first_cities,
            "first pairs": self._first_pairs, "first by group": self._first_by_group,
            "sources": self._sources, "quantities": self._quantities,
        }  # fmt: skip
        for code in (*rule.get("nodes", ()), rule.get("node", self.source.root)):
            self.quantities.find(f"score:{code}")
        content: TableContent | None = maker_of(self.source.spec.id, rule, makers, self)(rule)
        return content

    def ranked_rows(self, rule: Declaration) -> list[int]:
        """Return the ranked cities of a declaration."""
        code, where = rule.get("node", self.source.root), rule.get("where", {})
        return self.source.matching(code, self.population, where)

    def unit_ids(self, rows: Sequence[int]) -> list[str]:
        """Return the ids of cities."""
        return [self.source.units[row].id for row in rows]

    def child_codes(self) -> list[str]:
        """Return the nodes below the total."""
        return [node.code for node in self.source.children(self.source.root)]

    def _cities(self, rule: Declaration) -> TableContent:
        """Return cities from one place to another, with the columns that were printed."""
        rows = self.ranked_rows(rule)
        rows = rows[rule.get("first", 1) - 1 : rule.get("last", len(rows))]
        columns = CityColumns(self.source, rule.get("node", self.source.root))
        words = rule["columns"]
        below = columns.ranked_children(words)
        notes = [rank_note(self.source, columns.code, below)]
        notes.append(print_note(self.source, [columns.code, *below], rows))
        return TableContent(*columns.table(rows, words), units=self.unit_ids(rows), notes=notes)

    def _first_cities(self, rule: Declaration) -> TableContent:
        """Return the first cities of each node below the total, those of equal rank included."""
        source, codes = self.source, self.child_codes()
        columns = []
        for code in codes:
            every = [(source.rank(row, code), row) for row in source.order(code, self.population)]
            last = max((r or 0 for r, _ in every[: rule["depth"]]), default=0)
            columns.append(
                [(r, source.marked_city(row, code)) for r, row in every if r and r <= last]
            )
        return self._side_by_side(codes, columns, "city")

    def _first_pairs(self, rule: Declaration) -> TableContent | None:
        """Return the first pairs of each node below the total, those of equal rank included."""
        pairs, source = self.source.result.pairs, self.source
        if pairs is None:
            return None
        columns, codes = [], self.child_codes()
        for code in codes:
            column = pairs.node_codes.index(code)
            order = source.first_pairs(code)
            last = pairs.ranks[order[: rule["depth"]], column].max(initial=0)
            ranked = [
                (int(pairs.ranks[row, column]), pair_name(*source.pair(row))) for row in order
            ]
            columns.append([(rank, name) for rank, name in ranked if rank <= last])
        return self._side_by_side(codes, columns, "pair")

    def _side_by_side(
        self, codes: Sequence[str], columns: Sequence[Sequence[tuple[int, Label]]], word: str
    ) -> TableContent:
        """Return lists side by side: the rank of each beside its name."""
        length = max(map(len, columns), default=0)
        fields = [
            field
            for code in codes
            for field in (
                head("rank", "rank", self.source.node(code)),
                head(word, over=self.source.node(code)),
            )
        ]
        blank: tuple[ReportCell, ReportCell] = (NOTHING, NOTHING)
        rows = [
            [cell for column in columns for cell in (column[line] if line < len(column) else blank)]
            for line in range(length)
        ]
        return TableContent(fields, rows)

    def _first_by_group(self, rule: Declaration) -> TableContent | None:
        """Return which of the first cities of each node belong to which group."""
        source, kind = self.source, self.source.group_type(rule["class"])
        if kind is None:
            return None
        first = source.order(source.root, self.population)[: rule["depth"]]
        fields = [Field(Label(kind.name_zh, kind.name_en)), head("city"), head("overall", "rank")]
        fields += [Field(source.node(code), "rank") for code in rule["nodes"]]
        rows: list[list[ReportCell]] = []
        for group in kind.groups:
            name = Label(group.name_zh, group.name_en)
            for row in first:
                if source.units[row].attributes.get(kind.attribute) == group.value:
                    codes = (source.root, *rule["nodes"])
                    ranks = [source.marked(source.rank(row, code), row, code) for code in codes]
                    rows.append([name, source.city(row), *ranks])
                    name = NOTHING
        others = [code for code in self.child_codes() if code not in rule["nodes"]]
        notes = [say("declared.not_shown", names=listed(map(source.node, others)))]
        return TableContent(fields, rows, notes=notes if others else [])

    def _sources(self, rule: Declaration) -> TableContent:
        """Return where the data of each indicator come from."""
        tree, before = self.source.result.framework, ""
        rows: list[list[ReportCell]] = []
        for leaf in tree.indicators:
            above = tree.path(leaf.code)[1].code
            name = self.source.node(above) if above != before else NOTHING
            origin = Label(leaf.source_zh or leaf.source, leaf.source or leaf.source_zh)
            uom = Label(leaf.uom_zh or leaf.uom, leaf.uom or leaf.uom_zh)
            rows.append([name, self.source.node(leaf.code), uom, origin])
            before = above
        return TableContent([head("level_1"), head("indicator"), head("uom"), head("source")], rows)

    def _quantities(self, rule: Declaration) -> TableContent:
        """Return some quantities of the first cities by one of them."""
        quantities = self.quantities.all(rule["values"])
        order = self.quantities.find(rule["order"]).values
        every, among = self.ranked_rows(rule), self.source.order(self.source.root, self.population)
        rows = [row for row in every if np.isfinite(order[row])]
        rows = sorted(rows, key=lambda row: -order[row])[: rule["first"]]
        numbers = [[float(quantity.values[row]) for quantity in quantities] for row in rows]
        printed = self._printed(rule, quantities, rows)
        if printed:
            rows, numbers = [*printed], [*printed.values()]
        cells: list[list[ReportCell]] = [
            [self.source.city(row), *line] for row, line in zip(rows, numbers, strict=True)
        ]
        are_whole = [
            all(number.is_integer() for number in quantity)
            for quantity in zip(*numbers, strict=True)
        ]
        kinds = ["count" if is_whole else "score" for is_whole in are_whole]
        fields = [
            Field(quantity.label, kind) for quantity, kind in zip(quantities, kinds, strict=True)
        ]
        which = listed(map(inside, self.source.group_names(rule.get("where", {}))))
        chosen = say("declared.among", which=which, shown=len(every), total=len(among))
        notes = [chosen] if len(every) < len(among) else []
        notes += [say("declared.printed")] if printed else []
        units = self.unit_ids(rows)
        return TableContent(
            [head("city"), *fields], cells, units=units, notes=notes, as_printed=bool(printed)
        )

    def _printed(
        self, rule: Declaration, quantities: Sequence[Quantity], rows: Sequence[int]
    ) -> dict[int, list[float]]:
        """Return the numbers that print has of a table; none where no own number is invented."""
        name, *columns = rule.get("printed", [""])
        table = self.source.published.get(name)
        if table is None or not any(
            row in quantity.invented_rows for quantity in quantities for row in rows
        ):
            return {}
        places = self.source.result.dataset.rows
        return {
            places[line["city_id"]]: [float(line[column]) for column in columns]
            for line in table.rows
        }
