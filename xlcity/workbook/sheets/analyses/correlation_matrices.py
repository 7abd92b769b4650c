"""Matrices of the children of the chosen node, and the ranks and sums behind them."""

from __future__ import annotations

from xlcity.workbook.drawing.grid import Area, along, cell
from xlcity.workbook.layout.rows import FIRST
from xlcity.workbook.sheets.analyses.correlation_tables import (
    GROUP,
    MATRICES,
    PAIRED,
    SHEET,
    CorrelationTables,
)
from xlcity.workbook.sheets.table import Table


class CorrelationMatrices(CorrelationTables):
    """The matrices of one template."""

    def draw_matrices(self, listed: Table) -> None:
        """Draw the matrices of the chosen node's children, and their alpha."""
        canvas, size, below = self.canvas, range(self.size), MATRICES + self.size + 3
        keys = self.sums.column_ref("key")
        corners = {
            "r": (MATRICES, 1),
            "p": (MATRICES, self.names_right),
            "spearman": (below, 1),
            "n": (below, self.names_right),
        }
        display, codes = (
            self.book.layout.framework_column(name).ref() for name in ("display", "code")
        )
        for name, (row, left) in corners.items():
            key = f"correlation.matrix.{name}"
            if name == "spearman" and self.size > PAIRED:
                key += ".complete"
            canvas.label(row, left, key, "section")
            canvas.sheet.set_row(row, 32)
            canvas.blank(row + 1, left, "header")
            for index in size:
                code = self.slot(index)
                shown = f'IF({code}="","",INDEX({display},MATCH({code},{codes},0)))'
                canvas.formula(row + 1, left + 1 + index, shown, "header", font_size=9)
                canvas.sheet.set_row(row + 1 + index, 26)
                canvas.formula(row + 2 + index, left, shown, "stub", font_size=9)
            role = "output_center" if name in ("r", "spearman") else "calculation_center"
            form = {"p": "0.000", "n": "0"}.get(name, "0.00")
            for row_index in size:
                for column_index in size:
                    position = row + 2 + row_index, left + 1 + column_index
                    formula = self._matrix_cell(
                        name, row_index, column_index, (row, left), corners["n"], keys, listed
                    )
                    canvas.formula(*position, formula, role, form)
            if name in ("r", "spearman"):
                self._mark_matrix(
                    canvas.area(row + 2, left + 1, row + 1 + self.size, left + self.size)
                )
        self._draw_alpha()

    def _matrix_cell(
        self,
        name: str,
        row_index: int,
        column_index: int,
        corner: tuple[int, int],
        counts: tuple[int, int],
        keys: str,
        listed: Table,
    ) -> str | None:
        """Return the formula of a cell of a matrix; below the diagonal that of the one above it."""
        if row_index == column_index:
            return f'IF({self.slot(row_index)}="","",1)' if name in ("r", "spearman") else None
        if row_index > column_index:
            return cell(corner[0] + 2 + column_index, corner[1] + 1 + row_index)
        if name == "spearman":
            n = cell(counts[0] + 2 + row_index, counts[1] + 1 + column_index)
            x, y = self.ranks(row_index, column_index), self.ranks(column_index, row_index)
            if self.size > PAIRED:
                n = f"SUM({self.over(self.complete)})"
            # Ranks have the mean (n + 1) / 2.
            xy, xx, yy = (
                f"SUMPRODUCT({a},{b})-{n}*(({n}+1)/2)^2" for a, b in ((x, y), (x, x), (y, y))
            )
            return f'IFERROR(MAX(-1,MIN(1,({xy})/SQRT(({xx})*({yy})))),"")'
        key = f'{self.slot(row_index)}&"|"&{self.slot(column_index)}'
        return f'IFERROR(INDEX({listed.column_ref(name)},MATCH({key},{keys},0)),"")'

    def _mark_matrix(self, area: Area) -> None:
        """Mark coefficients of different nodes."""
        diagonal = f"ROW()-{area.r1}=COLUMN()-{area.c1}"
        self.canvas.mark(area, diagonal, "faint", stop=True)
        self.mark(area)

    def _draw_alpha(self) -> None:
        """Write Cronbach's alpha of the chosen node's children, over cities with all of them."""
        canvas, k = self.canvas, self.children
        n = f"SUM({self.over(self.complete)})"
        for index in range(self.size):
            x = f"{self.values(index)},{self.over(self.complete)}"
            squares = f"SUMPRODUCT({self.values(index)},{x})"
            spread = f"{squares}-SUMPRODUCT({x})^2/{n}"
            # Less is what rounding leaves of equal values.
            formula = f'IFERROR(IF({spread}>1E-13*{squares},1/SQRT({spread}),""),"")'
            canvas.formula(GROUP, self.left + 4 + index, formula, "id", font_size=8)
        formula = f"{k}/({k}-1)*(1-{k}/DEVSQ({self.over(self.standardised)}))"
        formula = f'IF(COUNT({self._scales})={k},IFERROR({formula},""),"")'
        canvas.label(GROUP, 5, "correlation.alpha", "stub_line")
        canvas.formula(GROUP, 6, f'IF({k}<2,"",{formula})', "output_center", "0.00")
        canvas.formula(GROUP, 7, n, "calculation_center", '"n = "0')

    @property
    def _scales(self) -> str:
        """Factors that give the values of each child the same spread."""
        return self.canvas.range(GROUP, self.left + 4, GROUP, self.left + 3 + self.size)

    def draw_workings(self) -> None:
        """Write the values of the chosen node's children by city, and their ranks."""
        canvas, layout = self.canvas, self.book.layout
        for index in range(self.size):
            column = self.left + index
            child_code = f"INDEX({self.members.column_ref(f'child{index}')},{self.position})"
            code = f'IFERROR(IF({child_code}="","",{child_code}),"")'
            values = self.values(index)
            near = f"IF(COUNT({values})=0,0,8E-16*MAX(MAX({values}),-MIN({values})))"
            for row, formula in enumerate((
                code,
                f"IFERROR(MATCH({self.slot(index)},out_leaves,0),0)",
                f"IFERROR(MATCH({self.slot(index)},out_nodes,0),0)",
                near,
            ), FIRST - 6):  # fmt: skip
                canvas.formula(row, column, formula, "id", font_size=8)
        for column, (child, partner) in enumerate(self.ranked, self.complete + 1):
            canvas.formula(FIRST - 6, column, self._is_complete(child, partner), "id", font_size=8)
        for row in range(FIRST, layout.last + 1):
            for index in range(self.size):
                canvas.formula(
                    row, self.left + index, self._child_value(index, row), "id", font_size=8
                )
                canvas.formula(row, self.own + index, self._own_rank(index, row), "id", font_size=8)
            values = canvas.range(row, self.left, row, self.left + self.size - 1, "c")
            some = f"IF(COUNT({values})={self.children},IF({self.children}>1,1,0),0)"
            canvas.formula(row, self.complete, some, "id", font_size=8)
            total = f'IF({cell(row, self.complete, "c")}=1,SUMPRODUCT({values},{self._scales}),"")'
            canvas.formula(row, self.standardised, total, "id", font_size=8)
            for index, (child, partner) in enumerate(self.ranked, self.complete + 1):
                canvas.formula(row, index, self._rank(child, partner, row), "id", font_size=8)

    def _child_value(self, index: int, row: int) -> str:
        layout = self.book.layout
        leaf, node = (self.slot(index, FIRST - 5 + line) for line in range(2))
        of_leaf, of_node = (
            along(block.rows_of(block.codes, row, row).ref("c", SHEET), position)
            for block, position in ((layout.normalised, leaf), (layout.scores, node))
        )
        value = f'IF({leaf}>0,{of_leaf},IF({node}>0,{of_node},""))'
        if not self.book.spec.apart:
            return value
        own = layout.population(row)
        return f'IF({own}={self.population},{value},"")'

    def _is_complete(self, child: int, partner: int) -> str:
        """Return the formula that is 1 if each city with a child's number has its partner's."""
        values, there = self.values(child), self.values(partner)
        both = f"SUMPRODUCT(({values}<1E+300)*({there}<1E+300))"
        if partner < 0:
            both = f"SUM({self.over(self.complete)})"
        return f"IF({both}=COUNT({values}),1,0)"

    def _own_rank(self, child: int, row: int) -> str:
        """Return the rank of a value among all of its child; ties share."""
        x, values = cell(row, self.left + child, "c"), self.values(child)
        near = self.slot(child, FIRST - 3)
        both = f"({values}<{x}-{near})+({values}<={x}+{near})"
        return f'IF(ISNUMBER({x}),(SUMPRODUCT({both})+1)/2,"")'

    def _rank(self, child: int, partner: int, row: int) -> str:
        """Return the rank of a value among the cities that have the other one too; ties share."""
        x = cell(row, self.left + child, "c")
        near = self.slot(child, FIRST - 3)
        here, there = f"COUNT({x},{cell(row, self.left + partner, 'c')})=2", self.values(partner)
        inside = f"({there}<1E+300)"
        if partner < 0:
            here = f"{cell(row, self.complete, 'c')}=1"
            inside = f"({self.over(self.complete)}=1)"
        values = self.values(child)
        # Those below and those below or equal, together: twice the rank, but for 1.
        both = f"({values}<{x}-{near})+({values}<={x}+{near})"
        column = self.complete + 1 + self.ranked.index((child, partner))
        is_complete, own = cell(FIRST - 6, column, "r"), cell(row, self.own + child, "c")
        return f'IF({here},IF({is_complete}=1,{own},(SUMPRODUCT(({both})*{inside})+1)/2),"")'
