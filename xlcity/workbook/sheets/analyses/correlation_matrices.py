"""Matrices of the children of the chosen node, and the ranks and sums that they are made from."""

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
        keys = self.sums.whole("key")
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
            for at in size:
                shown = (
                    f'IF({self.slot(at)}="","",INDEX({display},MATCH({self.slot(at)},{codes},0)))'
                )
                canvas.formula(row + 1, left + 1 + at, shown, "header", font_size=9)
                canvas.sheet.set_row(row + 1 + at, 26)
                canvas.formula(row + 2 + at, left, shown, "stub", font_size=9)
            role = "output_center" if name in ("r", "spearman") else "calculation_center"
            form = {"p": "0.000", "n": "0"}.get(name, "0.00")
            for one in size:
                for other in size:
                    here = row + 2 + one, left + 1 + other
                    made = self._cell(name, one, other, (row, left), corners["n"], keys, listed)
                    canvas.formula(*here, made, role, form)
            if name in ("r", "spearman"):
                self._mark_matrix(
                    canvas.area(row + 2, left + 1, row + 1 + self.size, left + self.size)
                )
        self._alpha()

    def _cell(
        self,
        name: str,
        one: int,
        other: int,
        corner: tuple[int, int],
        counts: tuple[int, int],
        keys: str,
        listed: Table,
    ) -> str | None:
        """Return the formula of a cell of a matrix; below the diagonal that of the one above it."""
        if one == other:
            return f'IF({self.slot(one)}="","",1)' if name in ("r", "spearman") else None
        if one > other:
            return cell(corner[0] + 2 + other, corner[1] + 1 + one)
        if name == "spearman":
            n = cell(counts[0] + 2 + one, counts[1] + 1 + other)
            x, y = self.ranks(one, other), self.ranks(other, one)
            if self.size > PAIRED:
                n = f"SUM({self.over(self.complete)})"
            # Ranks have the mean (n + 1) / 2.
            xy, xx, yy = (
                f"SUMPRODUCT({a},{b})-{n}*(({n}+1)/2)^2" for a, b in ((x, y), (x, x), (y, y))
            )
            return f'IFERROR(MAX(-1,MIN(1,({xy})/SQRT(({xx})*({yy})))),"")'
        key = f'{self.slot(one)}&"|"&{self.slot(other)}'
        return f'IFERROR(INDEX({listed.whole(name)},MATCH({key},{keys},0)),"")'

    def _mark_matrix(self, area: Area) -> None:
        """Mark coefficients of different nodes."""
        diagonal = f"ROW()-{area.r1}=COLUMN()-{area.c1}"
        self.canvas.mark(area, diagonal, "faint", stop=True)
        self.mark(area)

    def _alpha(self) -> None:
        """Write Cronbach's alpha of the chosen node's children, over cities with all of them."""
        canvas, k = self.canvas, self.children
        n = f"SUM({self.over(self.complete)})"
        for at in range(self.size):
            x = f"{self.values(at)},{self.over(self.complete)}"
            squares = f"SUMPRODUCT({self.values(at)},{x})"
            spread = f"{squares}-SUMPRODUCT({x})^2/{n}"
            # Less is what rounding leaves of equal values.
            made = f'IFERROR(IF({spread}>1E-13*{squares},1/SQRT({spread}),""),"")'
            canvas.formula(GROUP, self.left + 4 + at, made, "id", font_size=8)
        made = f"{k}/({k}-1)*(1-{k}/DEVSQ({self.over(self.standardised)}))"
        made = f'IF(COUNT({self._scales})={k},IFERROR({made},""),"")'
        canvas.label(GROUP, 5, "correlation.alpha", "stub_line")
        canvas.formula(GROUP, 6, f'IF({k}<2,"",{made})', "output_center", "0.00")
        canvas.formula(GROUP, 7, n, "calculation_center", '"n = "0')

    @property
    def _scales(self) -> str:
        """What makes the values of each child as wide as those of the others."""
        return self.canvas.range(GROUP, self.left + 4, GROUP, self.left + 3 + self.size)

    def draw_workings(self) -> None:
        """Write the values of the chosen node's children by city, and their ranks."""
        canvas, layout = self.canvas, self.book.layout
        for at in range(self.size):
            column = self.left + at
            found = f"INDEX({self.members.whole(f'child{at}')},{self.place})"
            code = f'IFERROR(IF({found}="","",{found}),"")'
            values = self.values(at)
            near = f"IF(COUNT({values})=0,0,8E-16*MAX(MAX({values}),-MIN({values})))"
            for row, made in enumerate((
                code,
                f"IFERROR(MATCH({self.slot(at)},out_leaves,0),0)",
                f"IFERROR(MATCH({self.slot(at)},out_nodes,0),0)",
                near,
            ), FIRST - 6):  # fmt: skip
                canvas.formula(row, column, made, "id", font_size=8)
        for column, (one, other) in enumerate(self.ranked, self.complete + 1):
            canvas.formula(FIRST - 6, column, self._whole(one, other), "id", font_size=8)
        for row in range(FIRST, layout.last + 1):
            for at in range(self.size):
                canvas.formula(row, self.left + at, self._value(at, row), "id", font_size=8)
                canvas.formula(row, self.own + at, self._own_rank(at, row), "id", font_size=8)
            values = canvas.range(row, self.left, row, self.left + self.size - 1, "c")
            some = f"IF(COUNT({values})={self.children},IF({self.children}>1,1,0),0)"
            canvas.formula(row, self.complete, some, "id", font_size=8)
            total = f'IF({cell(row, self.complete, "c")}=1,SUMPRODUCT({values},{self._scales}),"")'
            canvas.formula(row, self.standardised, total, "id", font_size=8)
            for at, (one, other) in enumerate(self.ranked, self.complete + 1):
                canvas.formula(row, at, self._rank(one, other, row), "id", font_size=8)

    def _value(self, at: int, row: int) -> str:
        layout = self.book.layout
        leaf, node = (self.slot(at, FIRST - 5 + line) for line in range(2))
        of_leaf, of_node = (
            along(block.rows_of(block.codes, row, row).ref("c", SHEET), place)
            for block, place in ((layout.normalised, leaf), (layout.scores, node))
        )
        found = f'IF({leaf}>0,{of_leaf},IF({node}>0,{of_node},""))'
        if not self.book.spec.apart:
            return found
        own = layout.population(row)
        return f'IF({own}={self.population},{found},"")'

    def _whole(self, one: int, other: int) -> str:
        """Return whether all cities that have a child's number have the other's too, as 1 or 0."""
        values, there = self.values(one), self.values(other)
        both = f"SUMPRODUCT(({values}<1E+300)*({there}<1E+300))"
        if other < 0:
            both = f"SUM({self.over(self.complete)})"
        return f"IF({both}=COUNT({values}),1,0)"

    def _own_rank(self, one: int, row: int) -> str:
        """Return the rank of a value among all of its child; ties share."""
        x, values = cell(row, self.left + one, "c"), self.values(one)
        near = self.slot(one, FIRST - 3)
        both = f"({values}<{x}-{near})+({values}<={x}+{near})"
        return f'IF(ISNUMBER({x}),(SUMPRODUCT({both})+1)/2,"")'

    def _rank(self, one: int, other: int, row: int) -> str:
        """Return the rank of a value among the cities that have the other one too; ties share."""
        x = cell(row, self.left + one, "c")
        near = self.slot(one, FIRST - 3)
        here, there = f"COUNT({x},{cell(row, self.left + other, 'c')})=2", self.values(other)
        inside = f"({there}<1E+300)"
        if other < 0:
            here = f"{cell(row, self.complete, 'c')}=1"
            inside = f"({self.over(self.complete)}=1)"
        values = self.values(one)
        # Those below and those below or equal, together: twice the rank, but for 1.
        both = f"({values}<{x}-{near})+({values}<={x}+{near})"
        column = self.complete + 1 + self.ranked.index((one, other))
        whole, own = cell(FIRST - 6, column, "r"), cell(row, self.own + one, "c")
        return f'IF({here},IF({whole}=1,{own},(SUMPRODUCT(({both})*{inside})+1)/2),"")'
