"""`Intake`: paste names and values in any order, copy back a block in the order of `Data`."""

from __future__ import annotations

from functools import partial

from xlcity.workbook.drawing.canvas import Book, titled_sheet
from xlcity.workbook.drawing.grid import Fix, cell, nested_if
from xlcity.workbook.drawing.number_formats import AS_TEXT, GENERAL
from xlcity.workbook.drawing.styles import SMALL
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.rows import IN_CODE, IN_FIRST, INTAKE_FEWEST, INTAKE_ROWS
from xlcity.workbook.sheets.choosers import bare_name, typed_city
from xlcity.workbook.sheets.table import Column, Formula, RowCells, Table, fields, gap

#: Rows of the sections, and of the headings.
SECTIONS = 6
HEADER = IN_CODE - 2
NO_BREAK_SPACE = "\u00a0"
WIDE_SPACE = "\u3000"


def draw(book: Book) -> None:
    """Draw the sheet; nothing reads it.

    From left to right: what is pasted, city and message, the block to copy, helper columns.
    """
    layout = book.layout
    canvas = titled_sheet(book, "Intake", lines=3)
    codes = layout.inputs
    canvas.gap(IN_CODE - 1)
    lines = min(INTAKE_ROWS, max(INTAKE_FEWEST, layout.slots * 3 // 2))
    message = 46 if book.spec.language == "both" else 34

    def of_code(name: str, code: str, formula: Formula | None, role: str) -> Column:
        return Column(
            f"{name} {code}",
            formula=formula,
            role=role,
            number=GENERAL,
            width=13,
            code=code,
            head=layout.node_name(code),
            head_style=SMALL,
            value=lambda cells: None,
        )

    def helper(name: str, key: str, formula: Formula, width: float = 8) -> Column:
        return Column(name, key, formula, width=width, helper=True)

    result = len(codes) + 5
    typed = Table(
        canvas,
        HEADER,
        first=IN_FIRST,
        last=IN_FIRST + lines - 1,
        columns=(
            *fields(
                "intake",
                name=Column(
                    role="input", number=AS_TEXT, width=20, value=lambda cells: ""
                ),
            ),
            *(of_code("typed", code, None, "input") for code in codes),
            *fields(
                "data",
                id=Column(formula=partial(_city, layout), width=16, style=SMALL),
                message=Column(
                    formula=partial(_message, book),
                    role="id",
                    width=message,
                    style={"shrink": True, "indent": 1},
                ),
            ),
            gap(),
            *[Column()] * (len(codes) + 4),
            helper("clean", "intake.clean", _trimmed, 14),
            *(
                helper(name, f"intake.{name}", formula, width)
                for name, formula, width in (
                    ("bare", lambda cells: bare_name(cells.clean), 14),
                    ("first", lambda cells: typed_city(layout, cells.bare), 8),
                    ("joined", _joined, 14),
                    ("second", lambda cells: typed_city(layout, cells.joined), 8),
                    ("twins", partial(_twins, layout), 8),
                )
            ),
            helper("position", "intake.row", _position),
            helper("trouble", "intake.trouble", partial(_trouble, book), 20),
            helper(
                "count",
                "intake.state",
                lambda cells: f'SUMPRODUCT(({_states(cells)}="bad")*1)',
            ),
            *(
                helper(f"state {code}", "", partial(_state, layout, code))
                for code in codes
            ),
        ),
        codes=IN_CODE,
        items=[codes] * lines,
    ).draw()
    Table(
        canvas,
        HEADER,
        first=IN_FIRST,
        last=layout.in_last,
        columns=(
            *fields(
                "data",
                id=Column(formula=_unit, role="id", width=16),
                name=Column(formula=partial(_name, layout), role="name", width=18),
            ),
            *(
                of_code("result", code, partial(_result, layout, typed, code), "output")
                for code in codes
            ),
            gap(),
            helper(
                "line",
                "intake.pasted",
                lambda cells: (
                    f'IF({cells.id}="",0,IFERROR(MATCH({cells.id},{_column(typed, "id")},0),0))'
                ),
            ),
        ),
        left=result,
        codes=IN_CODE,
    ).draw()
    status = typed.column("id")
    first = RowCells(typed, IN_FIRST)
    for column, name in (
        (1, "paste"),
        (status, "match"),
        (result, "result"),
        (typed.column("clean"), "helpers"),
    ):
        canvas.heading(SECTIONS, column, f"intake.{name}")
    texts = typed.area("message")
    canvas.mark(texts, f"{first.message}={book.labels.ref('intake.ok')}", "good")
    canvas.mark(texts, f'{first.message}<>""', "bad")
    values = canvas.area(IN_FIRST, 2, typed.last, status - 1)
    state = cell(IN_FIRST, typed.column(f"state {codes[0]}"))
    canvas.mark(values, f'{state}="bad"', "bad")
    canvas.close(IN_CODE, 1, protected=False)


def _column(table: Table, name: str) -> str:
    return table.area(name).ref(home="Intake")


def _values(cells: RowCells) -> str:
    """Return the pasted values of a row."""
    return f"{cells[f'typed {cells.item[0]}']}:{cells[f'typed {cells.item[-1]}']}"


def _states(cells: RowCells) -> str:
    return f"{cells[f'state {cells.item[0]}']}:{cells[f'state {cells.item[-1]}']}"


def _trimmed(cells: RowCells) -> str:
    spaced = f'SUBSTITUTE(SUBSTITUTE({cells.name}&"","{WIDE_SPACE}"," "),"{NO_BREAK_SPACE}"," ")'
    return f"TRIM({spaced})"


def _joined(cells: RowCells) -> str:
    """Return the formula of a name without the spaces inside: 北 京, Qing dao."""
    return bare_name(f'SUBSTITUTE({cells.clean}," ","")')


def _position(cells: RowCells) -> str:
    """Return the formula of a city's position on `Cities`, 0 for none.

    Last of all a name is searched without the spaces inside.
    """
    second = f"IF(ISNUMBER({cells.second}),{cells.second},0)"
    found = f"IF(ISNUMBER({cells.first}),{cells.first},{second})"
    return f'IF({cells.clean}="",0,{found})'


def _twins(layout: Layout, cells: RowCells) -> str:
    """Return the formula of how many more cities have a name."""
    counts = (
        f"COUNTIF({layout.city(name).ref()},{cells.clean})"
        for name in ("name_zh", "name_en")
    )
    return f"MAX({','.join(counts)},1)-1"


def _city(layout: Layout, cells: RowCells) -> str:
    return (
        f'IF({cells.position}=0,"",INDEX({layout.city("id").ref()},{cells.position}))'
    )


def _message(book: Book, cells: RowCells) -> str:
    """Return the formula of what is wrong with a row, or that it is ready."""
    ref = book.labels.ref
    head = [
        cell(
            IN_CODE,
            column,
            Fix.BOTH,
        )
        for column in (2, 1 + len(cells.item))
    ]
    first = f'INDEX({":".join(head)},1,MATCH("bad",{_states(cells)},0))'
    text = f'{cells.count}&" "&{ref("data.notanumber")}&{first}'
    cases = {
        f'{cells.trouble}<>""': cells.trouble,
        f"{cells.count}=0": ref("intake.ok"),
    }
    without = f'IF(COUNTA({_values(cells)})>0,{ref("data.noid")},"")'
    return f'IF({cells.clean}="",{without},{nested_if(cases, text)})'


def _trouble(book: Book, cells: RowCells) -> str:
    """Return the formula of what is wrong with the city of a row, "" for nothing."""
    unit = cells.id
    ref = book.labels.ref
    cases = {
        f"{cells.position}=0": ref("intake.unmatched"),
        f"AND(NOT(EXACT({cells.clean},{unit})),{cells.twins}>0)": ref(
            "intake.ambiguous"
        ),
        f"COUNTIF({cells.id.column_cells},{unit})>1": ref("data.duplicate"),
        f"COUNTIF(in_units,{unit})=0": ref("intake.nodata"),
    }
    return nested_if(cases, '""')


def _state(layout: Layout, code: str, cells: RowCells) -> str:
    """Return the formula that says "bad" of a value that cannot be used.

    It is judged as those of `Data` are, but by cells of this sheet alone.
    """
    pasted = cells[f"typed {code}"]
    refused = layout.framework_cell(code, "no_data")
    # Logical values first: LibreOffice takes them for numbers.
    return (
        f'IF(ISERROR({pasted}),"bad",IF({pasted}="","",IF(ISLOGICAL({pasted}),"bad",'
        f'IF(ISNUMBER({pasted}),IF({refused}="","",IF({pasted}={refused},"bad","")),'
        f'IF(TRIM({pasted})="","",IF(SUMPRODUCT((par_missing=TRIM({pasted}))*1)>0,"","bad"))))))'
    )


def _unit(cells: RowCells) -> str:
    """Return the formula of the id in a row of `Data`."""
    position = f"ROW()-{IN_CODE - 1}"
    entry = f"INDEX(in_units,{position})"
    return f'IFERROR(IF(OR({entry}="",{position}>=ROWS(in_units)),"",{entry}),"")'


def _name(layout: Layout, cells: RowCells) -> str:
    return f'IF({cells.id}="","",IFERROR({layout.name_of(cells.id)},""))'


def _result(layout: Layout, typed: Table, code: str, cells: RowCells) -> str:
    """Return the formula of a value to copy: pasted, or what `Data` has."""
    on_data = f"INDEX({layout.data_column(code).ref(Fix.BOTH)},ROW()-{IN_CODE - 1})"
    pasted = f"INDEX({_column(typed, f'typed {code}')},{cells.line})"
    stays = f'IF({cells.line}=0,TRUE,IF(ISERROR({pasted}),TRUE,{pasted}=""))'
    return f'IFERROR(IF({stays},IF({on_data}="","",{on_data}),{pasted}),"")'
