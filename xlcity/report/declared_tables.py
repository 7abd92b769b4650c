"""Makes the tables that `declared.toml` says a report printed besides those of any index."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from xlcity.figures.contents import Label
from xlcity.index.ranking import rank_key, ranks_among
from xlcity.index.satellites import satellites
from xlcity.model.satellites import FIELD, of_kind
from xlcity.report.beside_print import print_note
from xlcity.report.city_columns import CityColumns
from xlcity.report.contents import NOTHING, Field, ReportCell, ReportTable
from xlcity.report.declared import Declaration, declared
from xlcity.report.inventory import printed_titles
from xlcity.report.notes import cell_marks, dash_note, gap_note, joined, rank_note
from xlcity.report.quantities import LackingError, Quantities, Quantity
from xlcity.report.source import ReportSource
from xlcity.report.texts import head, inside, listed, pair_name, say


@dataclass(frozen=True)
class _Made:
    """Columns and rows of a table, and how many further values are invented."""

    fields: Sequence[Field]
    rows: Sequence[Sequence[ReportCell]]
    invented: int = 0
    units: Sequence[str] = ()
    notes: Sequence[Label] = ()
    as_printed: bool = False


def declared_tables(source: ReportSource) -> Iterator[ReportTable]:
    """Yield the tables that a report printed besides those of any index."""
    titles, maker = printed_titles(source.spec.id), _Tables(source)
    for name, rule in declared(source.spec.id, "tables").items():
        try:
            made = maker.made(rule)
        except LackingError:
            # A later edition may have dropped a node.
            continue
        if made is not None:
            title = titles[name]
            gaps = gap_note(cell_marks(made.rows))
            note = joined(say(f"declared.{rule['kind']}"), *made.notes, dash_note(made.rows), gaps)
            if made.invented and not source.synthetic:
                # All else in the report is real: its title says that this is not.
                title = say("title.synthetic", title=title)
            origin = say("source", name=Label(source.spec.name_zh, source.spec.name_en))
            synthetic = source.synthetic + made.invented
            synthetic *= rule["kind"] != "sources" and not made.as_printed
            yield ReportTable(
                name, title, made.fields, made.rows, note, origin, synthetic, 1, made.units
            )


class _Tables:
    """Makes tables by their kinds."""

    def __init__(self, source: ReportSource) -> None:
        self.source, self.quantities = source, Quantities(source)
        self.population = source.result.populations[0]

    def made(self, rule: Declaration) -> _Made | None:
        """Return a table; None where the index lacks what it shows."""
        makers: Mapping[str, Callable[[Declaration], _Made | None]] = {
            "cities": self._cities, "first cities": self._first_cities,
            "first pairs": self._first_pairs, "first by group": self._first_by_group,
            "without": self._without, "beside": self._beside, "sources": self._sources,
            "regression": self._regression, "quantities": self._quantities, "hubs": self._hubs,
        }  # fmt: skip
        for code in (*rule.get("nodes", ()), rule.get("node", self.source.root)):
            self.quantities.find(f"score:{code}")
        return makers[rule["kind"]](rule)

    def _rows(self, rule: Declaration) -> list[int]:
        """Return the ranked cities of a declaration."""
        code, where = rule.get("node", self.source.root), rule.get("where", {})
        return self.source.matching(code, self.population, where)

    def _ids(self, rows: Sequence[int]) -> list[str]:
        return [self.source.units[row].id for row in rows]

    def _children(self) -> list[str]:
        return [node.code for node in self.source.children(self.source.root)]

    def _cities(self, rule: Declaration) -> _Made:
        """Return cities from one place to another, with the columns that were printed."""
        rows = self._rows(rule)
        rows = rows[rule.get("first", 1) - 1 : rule.get("last", len(rows))]
        found = CityColumns(self.source, rule.get("node", self.source.root))
        words = rule["columns"]
        below = found.ranked_children(words)
        notes = [rank_note(self.source, found.code, below)]
        notes.append(print_note(self.source, [found.code, *below], rows))
        return _Made(*found.table(rows, words), units=self._ids(rows), notes=notes)

    def _first_cities(self, rule: Declaration) -> _Made:
        """Return the first cities of each node below the total, those of equal rank included."""
        source, codes = self.source, self._children()
        columns = []
        for code in codes:
            every = [(source.rank(row, code), row) for row in source.order(code, self.population)]
            last = max((r or 0 for r, _ in every[: rule["depth"]]), default=0)
            columns.append(
                [(r, source.marked_city(row, code)) for r, row in every if r and r <= last]
            )
        return self._side_by_side(codes, columns, "city")

    def _first_pairs(self, rule: Declaration) -> _Made | None:
        """Return the first pairs of each node below the total, those of equal rank included."""
        found, source = self.source.result.pairs, self.source
        if found is None:
            return None
        columns, codes = [], self._children()
        for code in codes:
            at = found.node_codes.index(code)
            order = source.first_pairs(code)
            last = found.ranks[order[: rule["depth"]], at].max(initial=0)
            ranked = [(int(found.ranks[row, at]), pair_name(*source.pair(row))) for row in order]
            columns.append([(rank, name) for rank, name in ranked if rank <= last])
        return self._side_by_side(codes, columns, "pair")

    def _side_by_side(
        self, codes: Sequence[str], columns: Sequence[Sequence[tuple[int, Label]]], word: str
    ) -> _Made:
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
            [cell for column in columns for cell in (column[at] if at < len(column) else blank)]
            for at in range(length)
        ]
        return _Made(fields, rows)

    def _first_by_group(self, rule: Declaration) -> _Made | None:
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
        rest = listed(source.node(code) for code in self._children() if code not in rule["nodes"])
        return _Made(fields, rows, notes=[say("declared.not_shown", names=rest)] if rest.en else [])

    def _without(self, rule: Declaration) -> _Made:
        """Return by how many places cities gain because of one node."""
        source, out = self.source, rule["without"]
        self.quantities.find(f"score:{out}")
        codes = [code for code in self._children() if code != out]
        weights = np.array([source.result.framework[code].weight for code in codes])
        block = np.column_stack([source.result.column(code) for code in codes])
        every = source.order(source.root, self.population)
        score = block @ weights / weights.sum()
        keys, _ = rank_key(source.result.recipe, source.root, score)
        places = dict(zip(every, ranks_among(source.result, source.root, every, keys), strict=True))
        rows = self._rows(rule)
        cells: list[list[ReportCell]] = []
        for row in rows:
            now = source.rank(row, source.root) or 0
            marked = source.marked(now, row, source.root)
            cells.append([source.city(row), marked, places[row], places[row] - now])
        name = source.node(out)
        fields = [
            head("city"), head("overall", "rank"),
            Field(say("declared.rank_without", node=name), "rank"),
            Field(say("declared.effect", node=name), "change"),
        ]  # fmt: skip
        return _Made(fields, cells, units=self._ids(rows))

    def _beside(self, rule: Declaration) -> _Made | None:
        """Return ranks of this index and of another one, among the cities that are in both."""
        source = self.source
        other = self.quantities.find(f"attribute:{rule['beside']}").values
        rows = [row for row in self._rows(rule) if np.isfinite(other[row])]
        if not rows:
            return None
        there = ranks_among(source.result, source.root, rows, -other)
        cells: list[list[ReportCell]] = []
        for place, row in sorted(zip(there, rows, strict=True), key=self._by_side):
            here = source.rank(row, source.root) or 0
            side = "here" if here < place else "there" if here > place else "same"
            marked = source.marked(here, row, source.root)
            cells.append([source.city(row), marked, place, say(f"declared.{side}")])
        fields = [
            head("city"),
            head("overall", "rank"),
            head("other_rank", "rank"),
            head("stronger"),
        ]
        return _Made(fields, cells, units=self._ids(rows))

    def _by_side(self, pair: tuple[float, int]) -> tuple[int, int]:
        """Return the order: stronger here, stronger there, equal; each by rank."""
        here = self.source.rank(pair[1], self.source.root) or 0
        return (0 if here < pair[0] else 1 if here > pair[0] else 2), here

    def _sources(self, rule: Declaration) -> _Made:
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
        return _Made([head("level_1"), head("indicator"), head("uom"), head("source")], rows)

    def _regression(self, rule: Declaration) -> _Made:
        """Return the standardised coefficient and R² of each node on one predictor."""
        source, predictor = self.source, self.quantities.find(rule["predictor"])
        rows, nodes = self._rows(rule), rule["nodes"]
        found = [
            np.corrcoef(predictor.values[rows], source.result.column(code)[rows])[0, 1]
            for code in nodes
        ]
        lines = [[float(r) for r in found], [float(r) ** 2 for r in found], [1.0] * len(found)]
        cells: list[list[ReportCell]] = [
            [say(f"declared.{key}"), *line]
            for key, line in zip(("coefficient", "r2", "collinearity"), lines, strict=True)
        ]
        fields = [head("statistic"), *(Field(source.node(code), "coefficient") for code in nodes)]
        return _Made(fields, cells, predictor.invented)

    def _quantities(self, rule: Declaration) -> _Made:
        """Return some quantities of the first cities by one of them."""
        found = self.quantities.all(rule["values"])
        order = self.quantities.find(rule["order"]).values
        every, among = self._rows(rule), self.source.order(self.source.root, self.population)
        rows = [row for row in every if np.isfinite(order[row])]
        rows = sorted(rows, key=lambda row: -order[row])[: rule["first"]]
        numbers = [[float(one.values[row]) for one in found] for row in rows]
        printed = self._printed(rule, found, rows)
        if printed:
            rows, numbers = [*printed], [*printed.values()]
        cells: list[list[ReportCell]] = [
            [self.source.city(row), *line] for row, line in zip(rows, numbers, strict=True)
        ]
        whole = [all(number.is_integer() for number in one) for one in zip(*numbers, strict=True)]
        kinds = ["count" if is_whole else "score" for is_whole in whole]
        fields = [Field(one.label, kind) for one, kind in zip(found, kinds, strict=True)]
        which = listed(map(inside, self.source.group_names(rule.get("where", {}))))
        said = say("declared.among", which=which, shown=len(every), total=len(among))
        notes = [said] if len(every) < len(among) else []
        notes += [say("declared.printed")] if printed else []
        units = self._ids(rows)
        return _Made(
            [head("city"), *fields], cells, units=units, notes=notes, as_printed=bool(printed)
        )

    def _printed(
        self, rule: Declaration, found: Sequence[Quantity], rows: Sequence[int]
    ) -> dict[int, list[float]]:
        """Return the numbers that print has of a table; none where no own number is invented."""
        name, *columns = rule.get("printed", [""])
        table = self.source.published.get(name)
        if table is None or not any(row in one.invented_rows for one in found for row in rows):
            return {}
        places = self.source.result.dataset.rows
        return {
            places[line["city_id"]]: [float(line[column]) for column in columns]
            for line in table.rows
        }

    def _hubs(self, rule: Declaration) -> _Made | None:
        """Return cities among the first ten of a field: their place and rank in each field."""
        source, found = self.source, satellites(self.source.result)
        tree = source.result.framework
        fields_of = of_kind(tree, FIELD)
        if not fields_of:
            return None
        top, share = found.codes.index("DTOP"), found.codes.index("DSHARE")
        rows = [row for row in range(len(source.units)) if found.scores[row, top] > 0]
        rows.sort(key=lambda row: found.ranks[row, top])
        fields = [
            head("rank", "rank"),
            head("city"),
            head("fields", "count"),
            head("share", "score"),
        ]
        fields += [Field(Label(one.name_zh, one.name_en), "rank") for one in fields_of]
        at = [found.codes.index(one.code) for one in fields_of]
        cells: list[list[ReportCell]] = [
            [
                place, source.city(row), float(found.scores[row, top]),
                float(found.scores[row, share]), *(int(found.ranks[row, column]) for column in at),
            ]
            for place, row in enumerate(rows, 1)
        ]  # fmt: skip
        return _Made(fields, cells, units=self._ids(rows))
