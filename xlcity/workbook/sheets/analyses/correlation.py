"""`Correlation`: coefficients of siblings, and of each node with those above it.

Lists have the pairs of every node. Matrices show the children of the node that is
chosen, with rank correlations, whose ranks stand beside them in the order of the cities.
"""

from __future__ import annotations

from collections.abc import Callable

from xlcity.workbook.drawing.canvas import Book
from xlcity.workbook.drawing.grid import cell
from xlcity.workbook.labels import name_in
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.rows import FIRST
from xlcity.workbook.sheets.analyses.correlation_matrices import CorrelationMatrices
from xlcity.workbook.sheets.analyses.correlation_tables import (
    GROUP,
    LIMITS,
    MEMBERS,
    NAME,
    SHEET,
    SMALL,
    STARTS,
    SUMS,
    WIDTH,
    find_families,
    list_pairs,
)
from xlcity.workbook.sheets.choosers import NODES, node_code
from xlcity.workbook.sheets.table import Column, RowCells, Table, item_table


def has_siblings(layout: Layout) -> bool:
    """Return whether any nodes have siblings."""
    return bool(find_families(layout.spec))


def draw(book: Book) -> None:
    """Draw the sheet."""
    CorrelationSheet(book, book.canvas(SHEET)).draw()


class CorrelationSheet(CorrelationMatrices):
    """The sheet of one template."""

    def draw(self) -> None:
        """Draw heads, matrices, lists and workings."""
        canvas = self.canvas
        canvas.heading("correlation", "correlation.note", banner_column=5)
        canvas.widths([NAME, *[WIDTH] * (self.left - 3), 2])
        canvas.columns(self.left, self.sums.right, SMALL)
        self._draw_choosers()
        listed = self._draw_pairs()
        self._draw_groups(self.overview, listed)
        self.draw_matrices(listed)
        self.draw_workings()
        for table in (self.members, self.nodes, self.sums):
            table.draw()
        canvas.finish(listed.last, self.left - 2, 2, 1)

    def _draw_choosers(self) -> None:
        canvas, layout = self.canvas, self.book.layout
        marks = {"low": "note", "high": "derived", "negative": "bad"}
        for row, (name, value) in enumerate(STARTS.items(), LIMITS):
            canvas.label(row, 1, f"correlation.limit.{name}", "stub_line")
            canvas.input(row, 2, value, "input_center", "0.00")
            canvas.label(
                row, 3, f"correlation.{name}", "calculation_center", font_size=9, shrink=True
            )
            canvas.mark(canvas.area(row, 3), "1=1", marks[name])
        groups = self.members.column_ref("group")
        canvas.label(GROUP, 1, "correlation.choose", "stub_line")
        canvas.chooser(GROUP, 2, next(iter(self.families)), f"={groups}", NODES)
        typed = cell(GROUP, 2, "rc")
        canvas.formula(GROUP, self.left, node_code(layout, typed), "id")
        canvas.formula(GROUP, self.left + 1, f'IFERROR(MATCH({self.chosen},{groups},0),"")', "id")
        codes = canvas.range(FIRST - 6, self.left, FIRST - 6, self.left + self.size - 1)
        canvas.formula(GROUP, self.left + 2, f'SUMPRODUCT(({codes}<>"")*1)', "id")
        display, codes = (layout.framework_column(name).ref() for name in ("display", "code"))
        shown = f"INDEX({display},MATCH({self.chosen},{codes},0))"
        none = self.book.labels.ref("correlation.none")
        canvas.formula(GROUP, 3, f'IF({self.position}="",{none},{shown})', "title", font_size=12)
        if self.book.spec.apart:
            names = self.book.spec.populations
            canvas.label(MEMBERS, 1, "statistics.population", "stub_line")
            canvas.chooser(MEMBERS, 2, names[0], names)

    def _draw_pairs(self) -> Table:
        """Draw the list of pairs and return it."""
        top = self.listed
        canvas, label, limits = self.canvas, self.book.labels.ref, self.limits

        def coefficient(cells: RowCells) -> str:
            x, y, xx, yy, xy = (self.sums.address(name, cells.row) for name in SUMS)
            # Numbers that are equal but for rounding have no coefficient.
            flat = f"OR({xx}-{x}^2/{cells.n}<=1E-12*{xx},{yy}-{y}^2/{cells.n}<=1E-12*{yy})"
            spreads = f"({xx}-{x}^2/{cells.n})*({yy}-{y}^2/{cells.n})"
            quotient = f"({xy}-{x}*{y}/{cells.n})/SQRT({spreads})"
            return f'IF({cells.n}<2,"",IF({flat},"",MAX(-1,MIN(1,{quotient}))))'

        def significance(cells: RowCells) -> str:
            t = f"ABS({cells.r})*SQRT(({cells.n}-2)/(1-{cells.r}^2))"
            # Where r is 0 but for rounding, p is known; engines differ that far out.
            p_value = f"IF(ABS({cells.r})<1E-9,1,TDIST({t},{cells.n}-2,2))"
            p_value = f"IF({nearly_perfect(cells.r, cells.n, '1E-12')},0,{p_value})"
            return f'IF({cells.n}<=3,"",IF({cells.r}="","",{p_value}))'

        def remark(cells: RowCells) -> str | None:
            if not cells.item.group:
                return None
            low, high, negative = (label(f"correlation.{name}") for name in STARTS)
            above = f'IF({cells.r}>{limits["high"]},{high},"")'
            below = f"IF({cells.r}<{limits['low']},{low},{above})"
            return f'IF({cells.r}="","",IF({cells.r}<{limits["negative"]},{negative},{below}))'

        small = {"font_size": 9, "text_wrap": True}
        columns = (
            Column("group", "correlation.group", lambda cells: self.display(cells.item.group)
                   if cells.item.group else label("correlation.levels"), "name", style=small),
            Column("first", "correlation.one", lambda cells: self.display(cells.item.first), "name",
                   style=small),
            Column("second", "correlation.other", lambda cells: self.display(cells.item.second),
                   "name", style=small),
            Column("n", "statistics.n",
                   lambda cells: self.counted(cells.item.first, cells.item.second),
                   "calculation_center", "0"),
            Column("r", "correlation.r", coefficient, "output_center", "0.00"),
            Column("p", "correlation.p", significance, "calculation_center", "0.000"),
            Column("remark", "correlation.remark", remark, "name", style=small),
        )  # fmt: skip
        canvas.fit_labels(top, [(column.key, WIDTH) for column in columns], 9)
        canvas.label(top - 1, 1, "correlation.pairs", "section")
        listed = item_table(canvas, top, list_pairs(self.book.spec), columns).draw()
        for row, pair in enumerate(listed.items, listed.first):
            nodes = [self.book.spec.framework[code] for code in (pair.first, pair.second)]
            names = (name_in(self.book.spec.language, node) for node in nodes)
            canvas.fit(row, [(name, WIDTH * 1.7) for name in names], 9)
        siblings = sum(1 for pair in listed.items if pair.group)
        column = listed.column("r")
        self.mark(canvas.area(listed.first, column, listed.first + siblings - 1, column))
        return listed

    def _draw_groups(self, top: int, listed: Table) -> None:
        """Draw the list of nodes with several children: coefficients at a glance, and alpha."""
        canvas, label = self.canvas, self.book.labels.ref

        def rows_of_group(name: str, cells: RowCells) -> str:
            rows = [
                row
                for row, pair in enumerate(listed.items, listed.first)
                if pair.group == cells.item
            ]
            column = listed.column(name)
            return canvas.range(rows[0], column, rows[-1], column)

        def aggregate(function: str) -> Callable[[RowCells], str]:
            def formula(cells: RowCells) -> str:
                coefficients = rows_of_group("r", cells)
                return f'IF(COUNT({coefficients})=0,"",{function}({coefficients}))'

            return formula

        def alpha(cells: RowCells) -> str:
            r, n, k = rows_of_group("r", cells), rows_of_group("n", cells), cells.k
            first, last = (self.node(self.families[cells.item][end], "n") for end in (0, -1))
            same = f"MIN({n})=MAX({first}:{last})"
            has_all_pairs = f"COUNT({r})={k}*({k}-1)/2"
            alpha = f'IFERROR({k}*{cells.mean}/(1+({k}-1)*{cells.mean}),"")'
            gaps = label("correlation.gaps")
            return f'IF({has_all_pairs},IF({same},{alpha},{gaps}),"")'

        columns = (
            Column("group", "correlation.group", lambda cells: self.display(cells.item), "name"),
            Column("k", "correlation.children", lambda cells: str(len(self.families[cells.item])),
                   "calculation_center", "0"),
            Column("mean", "correlation.mean", aggregate("AVERAGE"), "calculation_center", "0.00"),
            Column("least", "correlation.least", aggregate("MIN"), "calculation_center", "0.00"),
            Column("most", "correlation.most", aggregate("MAX"), "calculation_center", "0.00"),
            Column("alpha", "correlation.alpha", alpha, "output_center", "0.00"),
        )  # fmt: skip
        canvas.fit_labels(top, [(column.key, WIDTH) for column in columns], 9)
        canvas.label(top - 1, 1, "correlation.groups", "section")
        item_table(canvas, top, [*self.families], columns).draw()


def nearly_perfect(r: str, n: str, least: str = "0") -> str:
    """Return the condition that p of a correlation is 0: below 1E-11, with t above 1000.

    Engines are not known to agree that far out. Few pairs have a larger p there: theirs is computed
    unless 1 - r^2 is at most `least`.
    """
    return f"1-{r}^2<=IF({n}>5,{r}^2*({n}-2)/1000000,{least})"
