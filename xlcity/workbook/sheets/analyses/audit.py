"""`Audit`: the statistical audit of every node as an assessment stored it, with its verdict.

Numbers are stored; what is beyond a limit, the verdict of each node and the sentence on all of them
are formulas of these numbers and of the limits, which stand above the columns.
"""

from __future__ import annotations

from functools import partial

from xlcity.assess.statistical_audit import LIMITS
from xlcity.workbook.drawing.canvas import ROW_PIXELS, Book, Canvas, titled_sheet
from xlcity.workbook.drawing.grid import Fix, cell, nested_if
from xlcity.workbook.drawing.number_formats import INTEGER, ONE_DECIMAL, TWO_DECIMALS
from xlcity.workbook.drawing.styles import PUBLISHED_CENTER, SMALL
from xlcity.workbook.reading.stored_assessment import AUDIT, PAIRS, TABLES
from xlcity.workbook.sheets.analyses.assessed import fill_text, stored_column_ref
from xlcity.workbook.sheets.analyses.assessment import (
    go_grey,
    node_name,
    repeat_state,
    stored_column,
)
from xlcity.workbook.sheets.table import Column, RowCells, Table

#: The sheet, the row of the sentence on all nodes, that of the limits, and that of the headings.
SHEET = "Audit"
SENTENCE = 6
LIMIT = 8
HEADER = 9
#: Column -> number format, where it is not that of a coefficient.
NUMBERS = {
    "coverage": "0%",
    "weight": "0%",
    "component": "0%",
    "treated": "0",
    "children": "0",
    "factors": "0",
}
#: Flag of a pair -> mark.
FLAGS = {"negative": "bad", "low": "note", "high": "derived"}
#: What may be found of a node -> when: `{name}` is a cell, `{name.limit}` the limit above it.
FINDINGS = {
    "coverage": "{coverage}<{coverage.limit}",
    "skewed": "AND(ABS({skew})>={skew.limit},{kurt}>={kurt.limit},{treated}=0)",
    "negative": "{r_above}<0",
    "weak": "AND({r_above}>=0,{r_above}<{r_above.limit})",
    "elsewhere": "{r_elsewhere}>{r_above}",
    "unbalanced": "OR({ratio}<{ratio.limit},{ratio}>1/{ratio.limit})",
    "redundant": "{highest_r}>{highest_r.limit}",
    "alpha": "{alpha}<{alpha.limit}",
    "factors": "{factors}>{factors.limit}",
}


def draw(book: Book) -> None:
    """Draw the sheet."""
    canvas = titled_sheet(book, SHEET, banner=True)
    stored = book.spec.assessed.lines(AUDIT)
    rows = max(
        len(book.spec.populations) * len(book.spec.framework.tree_order), len(stored)
    )
    table = Table(
        canvas,
        HEADER,
        HEADER + 2,
        last=HEADER + 1 + rows,
        columns=_columns(book),
        codes=HEADER + 1,
        define=AUDIT,
    )
    canvas.label(LIMIT, 2, "audit.limits", "note")
    for name, limit in LIMITS.items():
        canvas.put(
            LIMIT,
            table.column(name),
            limit,
            role=PUBLISHED_CENTER,
            number=NUMBERS.get(name, "0.00"),
        )
    go_grey(
        canvas,
        canvas.area(
            table.first,
            1,
            table.last,
            table.column("verdict"),
        ),
    )
    table.draw()
    for row in range(table.first, table.last + 1):
        canvas.sheet.set_row_pixels(row - 1, 2 * ROW_PIXELS)  # two lines of a verdict
    verdicts = table.area("verdict")
    first = cell(table.first, table.column("verdict"), Fix.COLUMN)
    canvas.mark(
        verdicts, f'AND({first}<>"",{first}<>{book.labels.ref("audit.none")})', "note"
    )
    repeat_state(canvas, table.area("coverage").ref(home=SHEET))
    _draw_sentence(canvas, table)
    _draw_pairs(canvas, table.last + 3)
    canvas.close(HEADER, 2)


def _draw_sentence(canvas: Canvas, table: Table) -> None:
    """Say of how many nodes nothing is remarked; what it counts stands at the right."""
    book = canvas.book
    verdicts = table.area("verdict").ref()
    low, high = (stored_column_ref(book, end) for end in ("low", "high"))
    none = book.labels.ref("audit.none")
    left = table.column("verdict") + 1

    def count(row: int, name: str, formula: str) -> str:
        canvas.put(row, left, name, "helper")
        canvas.formula(row, left + 1, formula, role="helper", number=ONE_DECIMAL)
        return cell(row, left + 1, Fix.BOTH)

    nodes = count(SENTENCE - 1, "nodes", f'COUNTIF({verdicts},"?*")')
    without = count(SENTENCE, "no_remarks", f"COUNTIF({verdicts},{none})")
    mean_width = f"(SUM({high})-SUM({low}))/COUNT({low})"
    width = count(SENTENCE + 1, "mean_width", f"IF(COUNT({low})=0,0,{mean_width})")
    text = book.labels.ref("audit.sentence")
    sentence = fill_text(text, without, nodes, f'TEXT({width},"0.0")')
    canvas.formula(SENTENCE, 1, f'IF({nodes}=0,"",{sentence})', "plain", bold=True)


def _draw_pairs(canvas: Canvas, header: int) -> None:
    """Draw what is stored of pairs of nodes, and what that means of children of one node."""
    book = canvas.book
    stored = book.spec.assessed.lines(PAIRS)
    tree = book.spec.framework
    children = [len(tree.children(code)) for code in book.layout.composites]
    siblings = sum(count * (count - 1) // 2 for count in children)
    above = sum(tree.depth(node.code) for node in tree.nodes)
    rows = max(len(book.spec.populations) * (siblings + above), len(stored))

    def names(cells: RowCells) -> str:
        one, other = (node_name(book, name, cells) for name in ("first", "second"))
        return f'IF({cells.first}="","",{one}&" – "&{other})'

    def remark(cells: RowCells) -> str:
        words = {
            f'{cells.flag}="{flag}"': book.labels.ref(f"correlation.{flag}")
            for flag in FLAGS
        }
        return nested_if(words, '""')

    pair = partial(stored_column, book, PAIRS, width=0)
    table = Table(
        canvas,
        header,
        header + 2,
        last=header + 1 + rows,
        columns=(
            pair("first", "framework.code", "stub_code"),
            Column("pair", "audit.pair", names, "name", style=SMALL),
            pair("population", "robustness.population", helper=not book.spec.apart),
            pair("n", "statistics.n", number=INTEGER),
            pair("kendall", "audit.kendall", number=TWO_DECIMALS),
            Column("remark", "correlation.remark", remark, "name", style=SMALL),
            *(
                pair(name, role="id", helper=True)
                for name in ("second", "node", "flag")
            ),
        ),
        codes=header + 1,
        define=PAIRS,
    )
    canvas.section(header - 1, "audit.pairs", 1, table.column("remark"))
    go_grey(
        canvas,
        canvas.area(
            table.first,
            1,
            table.last,
            table.column("flag"),
        ),
    )
    table.draw()
    canvas.mark_words(table.area("kendall"), FLAGS, table.address("flag", table.first))


def _columns(book: Book) -> tuple[Column, ...]:
    """Return node and name, what is stored of it, the verdict, and what it follows from."""
    text = book.labels.ref
    node, population, *numbers = TABLES[AUDIT]
    shown = [
        stored_column(
            book,
            AUDIT,
            name,
            f"audit.{name}",
            number=NUMBERS.get(name, "0.00"),
            width=10,
        )
        for name in numbers
    ]
    left = {column.name: number for number, column in enumerate(shown, 4)}

    def is_found(finding: str, cells: RowCells) -> str:
        """Return the formula for 1 where a finding is true of numbers that are all there."""
        names = [name for name in numbers if f"{{{name}}}" in FINDINGS[finding]]
        test = FINDINGS[finding]
        for name in names:
            limit = cell(LIMIT, left[name], Fix.BOTH)
            test = test.replace(f"{{{name}}}", cells[name]).replace(
                f"{{{name}.limit}}", limit
            )
        present = ",".join(cells[name] for name in names)
        return f"IF(COUNT({present})={len(names)},IF({test},1,0),0)"

    def verdict(cells: RowCells) -> str:
        """Say what is found, in the words of the headings of the columns that tell it."""
        between = "" if book.spec.language == "zh" else '&" "'
        found = [cells[f"is_{name}"] for name in FINDINGS]
        words = (f'IF({flag}=1,{flag.heading}{between},"")' for flag in found)
        beyond = "+".join(found)
        none = text("audit.none")
        said = f"IF({beyond}=0,{none},TRIM({'&'.join(words)}))"
        return f'IF({cells.node}="","",{said})'

    return (
        stored_column(
            book, AUDIT, node, key="framework.code", role="stub_code", width=16
        ),
        Column(
            "name",
            "framework.display",
            partial(node_name, book, node),
            role="name",
            width=34,
            style=SMALL,
        ),
        stored_column(
            book,
            AUDIT,
            population,
            "robustness.population",
            width=9.5,
            helper=not book.spec.apart,
        ),
        *shown,
        Column(
            "verdict",
            "audit.verdict",
            verdict,
            role="name",
            width=90,
            style={**SMALL, "text_wrap": True},
        ),
        *(
            Column(
                f"is_{name}",
                f"audit.is_{name}",
                partial(is_found, name),
                number=INTEGER,
                helper=True,
                code=f"is_{name}",
            )
            for name in FINDINGS
        ),
    )
