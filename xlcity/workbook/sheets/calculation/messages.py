"""`Messages`: the status of every value, and a message about each city's values.

Nothing on the path of a score reads it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial

from xlcity.methods.formulas import varies_condition
from xlcity.model.reading.values import FAULT_KINDS, INEXACT
from xlcity.workbook.drawing.canvas import Book, titled_sheet
from xlcity.workbook.drawing.grid import Area, Fix, cell, nested_if
from xlcity.workbook.drawing.number_formats import INTEGER
from xlcity.workbook.drawing.styles import CENTER, TINY
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.links import LinkLayout
from xlcity.workbook.layout.rows import (
    CODE,
    FIRST,
    MESSAGES,
    ROW_BOUND_HIGH,
    ROW_BOUND_LOW,
    ROW_COLUMN_STATE,
    ROW_EQUAL,
    ROW_NAME,
    ROW_RECORD,
    ROW_RECORD_GAPS,
    ROW_RECORD_NUMBERS,
    ROW_UNSCORED,
    ROW_UNUSUAL,
    ROW_VANISHED,
    SHIPPED_ROW_COLUMN,
)
from xlcity.workbook.methods_in_cells import normalisation_of
from xlcity.workbook.reading.recorded_lines import (
    ITEMS,
    LINKS,
    TABLES,
    LineTable,
    record_lines,
)
from xlcity.workbook.reading.recorded_values import (
    COLUMN_COUNTS,
    ROW_COUNTS,
    ROWS,
    WEIGHTS,
    Recorded,
    ValueCounts,
    recorded_units,
    renew_record,
)
from xlcity.workbook.sheets.calculation.calculate import VALUE
from xlcity.workbook.sheets.calculation.typed import (
    LARGEST,
    TYPED_ERROR,
    blank_word,
    takes_blanks,
)
from xlcity.workbook.sheets.choosers import bare_name, typed_city
from xlcity.workbook.sheets.previous import PreviousLayout
from xlcity.workbook.sheets.table import (
    Above,
    Column,
    Formula,
    RowCells,
    draw_block,
    gap,
    unit_table,
)

#: A bound that no value reaches, where an indicator has none.
FAR = 9e307
#: What stands among the status letters for a blank that is not filled.
BLANK = "blank"
#: What is worst about a city's values, beside status letters: some are outside bounds.
OUTSIDE = "outside"
#: What is said of an indicator, or of a city: no value at all, equal values with a score or
#: without, no scale.
WITHOUT = "without"
EQUAL = "equal"
CONSTANT = "constant"
UNUSABLE = "unusable"
_NUMBER = {name: number for number, name in enumerate(FAULT_KINDS, 1)}
_DIGITS = "0123456789."
#: Last signs of entries by kind: of percentages, of units of measure, full-width digits, digits.
_ENDS = "%％万亿０１２３４５６７８９" + _DIGITS


def draw(book: Book) -> None:
    """Draw what is found out about each value and each city beside the path of a score."""
    layout = book.layout
    spec = book.spec
    canvas = titled_sheet(book, MESSAGES)
    tables = _recorded_tables(book)
    names = {table.record for table in tables}
    recorded = renew_record(
        spec.recorded,
        spec.framework,
        layout.inputs,
        spec.dataset,
        lines=record_lines(spec.recipe, spec.dataset, names),
        keeps_counts=True,
    )
    unit_table(canvas, _city(book), left=1).draw()
    marked = {"D": "derived", "Y": "synthetic", "!": "bad", "S": "note", BLANK: "note"}
    marks = [(f'{{0}}="{word}"', mark) for word, mark in marked.items()]
    draw_block(
        canvas,
        layout.letters,
        partial(_letter, book),
        CENTER,
        marks=marks,
        width=10,
        above=_rows_above(book, recorded),
    )
    book.define(WEIGHTS, layout.letters.rows_of(layout.inputs, ROW_RECORD, CODE))
    unit_table(canvas, _facts(book, recorded), left=layout.facts_left).draw()
    book.define(ROWS, layout.fact("record unit", "record sum"))
    rows = ROW_RECORD_NUMBERS, ROW_RECORD_GAPS
    book.define(COLUMN_COUNTS, layout.letters.rows_of(layout.inputs, *rows))
    book.define(ROW_COUNTS, layout.fact("record numbers", "record gaps"))
    for table in tables:
        book.define(table.record, layout.fact(table.fact))
    canvas.close(ROW_NAME, 1, head=CODE, landscape=False)


def _recorded_tables(book: Book) -> tuple[LineTable, ...]:
    """Return the tables of lines that the book has, and a record of."""
    codes = {
        LINKS: LinkLayout(book.layout).codes,
        ITEMS: book.layout.item_codes,
    }
    return tuple(table for table in TABLES if codes[table])


def _rows_above(book: Book, recorded: Recorded) -> Iterator[Above]:
    """Yield above the letters the plausible range, and what is odd about a whole column."""
    layout = book.layout
    small = {**TINY, "shrink": True}

    def bound(name: str, none: float, code: str) -> str:
        typed = layout.framework_cell(code, name)
        return f"IF(ISNUMBER({typed}),{typed},{none:.0E})"

    def of_indicator(formula: Callable[[Book, str], str], code: str) -> str | None:
        return formula(book, code) if code in layout.indicators else None

    for row, name, none, within in (
        (ROW_BOUND_LOW, "valid_low", -FAR, ">"),
        (ROW_BOUND_HIGH, "valid_high", FAR, "<"),
    ):
        form = f'[{within}{none:.0E}]General;""'
        yield Above(
            row,
            f"framework.{name}",
            partial(bound, name, none),
            number=form,
            style=small,
        )
    yield Above(
        ROW_UNUSUAL, "messages.unusual", partial(_unusual, book), CENTER, style=small
    )
    for row, name, formula in (
        (ROW_COLUMN_STATE, "column", _column_state),
        (ROW_EQUAL, "equal", _is_equal),
        (ROW_UNSCORED, "unscored", _is_unscored),
    ):
        yield Above(
            row,
            f"messages.{name}",
            partial(of_indicator, formula),
            CENTER,
            style=small,
        )
    yield Above(
        ROW_VANISHED,
        "messages.vanished",
        partial(_vanished_above, book),
        CENTER,
        number=INTEGER,
        style=small,
    )
    yield Above(
        ROW_RECORD,
        "messages.record_weight",
        lambda code: recorded.weights.get(code, 0.0),
        number=VALUE,
        style=small,
    )
    yield from _recorded_counts(recorded)


def _recorded_counts(recorded: Recorded) -> Iterator[Above]:
    """Yield above the weights how many numbers and gaps each column had."""

    def count(field: int, code: str) -> float:
        return recorded.by_input.get(code, ValueCounts(0, 0))[field]

    for field, row in enumerate((ROW_RECORD_NUMBERS, ROW_RECORD_GAPS)):
        yield Above(
            row,
            f"messages.record_{ValueCounts._fields[field]}",
            partial(count, field),
            number=INTEGER,
            style=TINY,
        )


def _city(book: Book) -> Iterator[Column]:
    """Yield a city's id, how often it stands on `Data`, its row among the shipped values."""
    layout = book.layout

    def unit(cells: RowCells) -> str:
        id_cell = layout.city_cell("id", cells.row)
        return f'IF({id_cell}="","",{id_cell})'

    def count(cells: RowCells) -> str:
        # Exact, as MATCH is: COUNTIF would count the number 110000 for the text "110000".
        exact = f"SUMPRODUCT((in_units={cells.unit})*1)"
        return f'IF({cells.unit}="","",IFERROR({exact},COUNTIF(in_units,{cells.unit})))'

    def shipped(cells: RowCells) -> str | None:
        if not layout.default_values.codes:
            return None
        shipped_ids = Area.of_column("Published", 1, FIRST, layout.published_last).ref()
        shipped_row = f"MATCH({cells.unit},{shipped_ids},0)"
        return f'IF({layout.population(cells.row)}="","",IFERROR({shipped_row},""))'

    yield Column("unit", "data.id", unit, role="id", width=16)
    # What stands above the letters is named above the counts.
    yield Column("count", "messages.count", count, role=CENTER, width=20, code="count")
    yield Column(
        "default", "messages.default", shipped, role=CENTER, width=9, code="default"
    )


def _letter(book: Book, code: str, row: int) -> str:
    """Return the status letter of a value: of an exception, as shipped, or E for entered.

    What is not a value has "M" for confirmed missing, "!" for unusable, "blank", or "" where no
    value is needed.
    """
    layout = book.layout
    value = layout.typed.at(code, row, MESSAGES)
    default = cell(row, SHIPPED_ROW_COLUMN, Fix.COLUMN)
    letter = '"E"'
    if layout.default_values.codes:
        shipped, shipped_letter = (
            f"INDEX({block.over(code, MESSAGES, Fix.BOTH)},{default})"
            for block in (layout.default_values, layout.default_letters)
        )
        letter = f'IF({default}="","E",IF({value}={shipped},{shipped_letter},"E"))'
    key = f'{cell(row, 1, Fix.COLUMN)}&"|"&{cell(CODE, layout.letters.column(code), Fix.ROW)}'
    exception = f"MATCH({key},xl_exception_keys,0)"
    status = f"IFERROR(INDEX(xl_exception_letters,{exception}),{letter})"
    missing = '"M"'
    blank = blank_word(book, code, row, BLANK, home=MESSAGES)
    if takes_blanks(layout):
        left_blank = f'{layout.entries.at(code, row, MESSAGES)}=""'
        missing = f'IF({left_blank},"{BLANK}","M")'
        blank = '""'
    return (
        f'IF({layout.population(row)}="","",IF(ISNUMBER({value}),{status},'
        f'IF({value}="NA",{missing},IF({value}="?","!",{blank}))))'
    )


def _facts(book: Book, recorded: Recorded) -> Iterator[Column]:
    """Yield the columns about each city behind its letters, in the order of `CITY_FACTS`."""
    layout = book.layout

    def outside(cells: RowCells) -> str:
        # A text is greater than any number; only numbers count.
        values = layout.typed.rows_of(layout.inputs, cells.row, cells.row).ref(
            Fix.COLUMN
        )
        low, high = (letters_in(book, row) for row in (ROW_BOUND_LOW, ROW_BOUND_HIGH))
        texts = f"COLUMNS({values})-COUNT({values})"
        return f"SUMPRODUCT(({values}<{low})+({values}>{high}))-({texts})"

    def entry(cells: RowCells) -> str:
        column = f'MATCH("!",{letters_in(book, cells.row, Fix.COLUMN)},0)'
        entries = layout.entries.rows_of(layout.inputs, cells.row, cells.row).ref(
            Fix.COLUMN
        )
        return f'IFERROR(INDEX({entries},1,{column}),"")'

    def kind(cells: RowCells) -> str:
        return f'IF({cells.entry}="","",{fault_kind(cells)})'

    formulas: dict[str, Formula] = {
        "outside": outside,
        "entry": entry,
        # Only a text has signs: programs write a logical value as they like.
        "begins": lambda cells: (
            f'IF(ISTEXT({cells.entry}),LEFT(TRIM({cells.entry}),1),"")'
        ),
        # Programs differ in where they find a text that is empty.
        "ends": lambda cells: (
            f'IF({cells.begins}="",0,'
            f'IFERROR(FIND(RIGHT(TRIM({cells.entry}),1),"{_ENDS}"),0))'
        ),
        "kind": kind,
        "worst": partial(_worst, book),
        "code": partial(_first_code, book),
        "text": partial(_text, book),
        "bare": partial(_unknown_name, layout),
        "place": lambda cells: typed_city(layout, cells.bare),
        "advice": partial(_advice, book),
    }
    for name, formula in formulas.items():
        width, role = (30, "id") if name == "text" else (10, CENTER)
        yield Column(
            name, f"messages.{name}", formula, role=role, width=width, code=name
        )
    yield gap()
    yield from _record(book, recorded)
    yield gap()
    flags = {
        "valueless": _valueless,
        "untotalled": _untotalled,
        "recorded": _recorded_place,
        "vanished": _vanished,
    }
    for name, flag in flags.items():
        yield Column(
            name,
            f"messages.{name}",
            partial(flag, book),
            CENTER,
            number=INTEGER,
            width=10,
            code=name,
        )
    yield from _line_numbers(book, recorded)


def _line_numbers(book: Book, recorded: Recorded) -> Iterator[Column]:
    """Yield what was recorded of the cities' lines, beside their ids in the record."""
    units = recorded_units(recorded)
    drawn = _recorded_tables(book)

    def stored(table: LineTable, cells: RowCells) -> object:
        if cells.slot >= len(units):
            return None
        return recorded.lines.get(table.record, {}).get(units[cells.slot])

    if not drawn:
        return
    yield gap()
    for table in TABLES:
        if table not in drawn:
            yield gap()
            continue
        key = f"messages.{table.fact.replace(' ', '_')}"
        value = partial(stored, table)
        yield Column(key=key, number=INTEGER, width=13, value=value, helper=True)


def _record(book: Book, recorded: Recorded) -> Iterator[Column]:
    """Yield what was recorded of the cities' values."""
    no_counts = ValueCounts(0, 0)
    lines = [
        (unit, recorded.sums.get(unit), *recorded.by_city.get(unit, no_counts))
        for unit in recorded_units(recorded)
    ]

    def stored(field: int, cells: RowCells) -> object:
        return lines[cells.slot][field] if cells.slot < len(lines) else None

    formats = {"unit": "", "sum": VALUE}
    formats |= dict.fromkeys(ValueCounts._fields, "0")
    for field, (name, number) in enumerate(formats.items()):
        key = f"messages.record_{name}"
        value = partial(stored, field)
        yield Column(key=key, number=number, width=13, value=value, helper=True)


def _valueless(book: Book, cells: RowCells) -> str:
    """Return 1 for a scored city without any value that has blanks, else 0.

    What is confirmed missing is not a blank.
    """
    layout = book.layout
    letters = letters_in(book, cells.row, Fix.COLUMN)
    blank = f'ISNUMBER(MATCH("{BLANK}",{letters},0))'
    is_scored = f'{layout.population(cells.row)}<>""'
    values = _values_of_city(book, cells)
    return f"IF(AND({is_scored},COUNT({values})=0,{blank}),1,0)"


def _values_of_city(book: Book, cells: RowCells) -> str:
    """Return the cells of a row with what was typed and what is made from items and links."""
    blocks = (book.layout.typed, book.layout.constructed_values)
    return ",".join(
        block.rows_of(block.codes, cells.row, cells.row).ref(Fix.COLUMN)
        for block in blocks
        if block.codes
    )


def _untotalled(book: Book, cells: RowCells) -> str:
    """Return 1 for a scored city that has no total although its values are filled, else 0."""
    layout = book.layout
    total = layout.ranks.at(book.spec.framework.root.code, cells.row, MESSAGES)
    letters = letters_in(book, cells.row, Fix.COLUMN)
    # A city whose values are all confirmed missing has nothing to make a total of.
    is_open = [f'{cells.kind}<>""', f"COUNT({_values_of_city(book, cells)})=0"]
    if takes_blanks(layout):
        states = letters_in(book, ROW_COLUMN_STATE)
        is_open.append(f'ISNUMBER(MATCH("{WITHOUT}",{states},0))')
    else:
        is_open.append(f'ISNUMBER(MATCH("{BLANK}",{letters},0))')
    has_total = f"IF(ISNUMBER({total}),0,1)"
    is_settled = f"IF(OR({','.join(is_open)}),0,{has_total})"
    return f'IF({layout.population(cells.row)}="",0,{is_settled})'


def _recorded_place(book: Book, cells: RowCells) -> str:
    """Return where a scored city stands in the record, "" where it does not."""
    units = book.layout.fact("record unit").ref(home=MESSAGES)
    place = f'IFERROR(MATCH({cell(cells.row, 1, Fix.COLUMN)},{units},0),"")'
    return f'IF({book.layout.population(cells.row)}="","",{place})'


def _vanished(book: Book, cells: RowCells) -> str:
    """Return 1 for a city with fewer values than when they were written last, else 0."""
    recorded = (
        f"INDEX({book.layout.fact(name).ref(home=MESSAGES)},{cells.recorded})"
        for name in ("record numbers", "record gaps")
    )
    values = book.layout.typed.rows_of(book.layout.inputs, cells.row, cells.row)
    fewer = _fewer_values(book, values.ref(Fix.COLUMN), *recorded)
    return f"IF(ISNUMBER({cells.recorded}),{fewer},0)"


def _vanished_above(book: Book, code: str) -> str:
    """Return 1 for an input with fewer values than when they were written last, else 0.

    Without one of the cities of the record there is nothing to compare.
    """
    layout = book.layout
    column = layout.letters.column(code)
    recorded = (
        cell(row, column, Fix.ROW) for row in (ROW_RECORD_NUMBERS, ROW_RECORD_GAPS)
    )
    fewer = _fewer_values(book, layout.typed.over(code, MESSAGES), *recorded)
    places, units = (
        layout.fact(name).ref(home=MESSAGES) for name in ("recorded", "record unit")
    )
    return f"IF(COUNT({places})<COUNTA({units}),0,{fewer})"


def _fewer_values(book: Book, values: str, numbers: str, gaps: str) -> str:
    """Return the formula of 1 where numbers vanished, or gaps without numbers in their place.

    Filling is none: there are more numbers then, and a gap that is filled is one number more.
    Where the recipe takes a blank as a gap, a gap cannot vanish.
    """
    lost = "0"
    if not takes_blanks(book.layout):
        now = f'COUNT({values})+COUNTIF({values},"NA")'
        lost = f"IF({now}<{numbers}+{gaps},1,0)"
    return f"IF(COUNT({values})<{numbers},1,{lost})"


def letters_in(
    book: Book,
    row: int,
    fix: Fix = Fix.BOTH,
    home: str = MESSAGES,
) -> str:
    """Return a row of the block of letters, or above it."""
    return book.layout.letters.rows_of(
        book.layout.inputs,
        row,
        row,
    ).ref(fix, home)


def _worst(book: Book, cells: RowCells) -> str:
    """Return the worst of what a city's values are: a status letter, or a word; "" for none."""
    letters = letters_in(book, cells.row, Fix.COLUMN)

    def has(letter: str) -> str:
        return f'ISNUMBER(MATCH("{letter}",{letters},0))'

    cases = {f'{cells.kind}<>""': '"!"'}
    if takes_blanks(book.layout):
        # What is confirmed missing is not a blank.
        is_empty = f"COUNT({_values_of_city(book, cells)})=0"
        cases[f"AND({is_empty},{has(BLANK)})"] = f'"{WITHOUT}"'
    cases[f"{cells.outside}>0"] = f'"{OUTSIDE}"'
    cases |= {has(letter): f'"{letter}"' for letter in (BLANK, "M", "Y")}
    return nested_if(cases, '""')


def _first_code(book: Book, cells: RowCells) -> str:
    """Return the code of the first value that has the worst letter, "" where it is none."""
    letters = letters_in(book, cells.row, Fix.COLUMN)
    column = f"MATCH({cells.worst},{letters},0)"
    return f'IFERROR(INDEX({letters_in(book, CODE)},1,{column}),"")'


def _text(book: Book, cells: RowCells) -> str:
    """Return what is said of a city's values: the worst of them, how many, the first of them."""
    ref = book.labels.ref
    letters = letters_in(book, cells.row, Fix.COLUMN)
    worst = cells.worst
    unusable = f'{ref("data.notanumber")}&{cells.code}&" "'
    of_letter = {
        f'{worst}="!"': f"{unusable}&{fault_words(book, cells.kind)}",
        f'{worst}="{BLANK}"': f'{ref("data.blanks")}&" · "&{cells.code}',
        f'{worst}="M"': f'{ref("data.codes")}&" · "&{cells.code}',
    }
    # Not COUNTIF: along a row of text formualizer takes twenty times as long for it.
    count = f"SUMPRODUCT(({letters}={worst})*1)"
    counted = f'{count}&" "&{nested_if(of_letter, ref("data.synthetic"))}'
    cases = {
        f'{cell(cells.row, 1, Fix.COLUMN)}=""': '""',
        f'{worst}=""': ref("data.ok"),
    }
    if takes_blanks(book.layout):
        cases[f'{worst}="{WITHOUT}"'] = ref("messages.without")
    cases[f'{worst}="{OUTSIDE}"'] = f'{cells.outside}&" "&{ref("data.outside")}'
    return nested_if(cases, counted)


def _unknown_name(layout: Layout, cells: RowCells) -> str:
    """Return the formula of the bare name in a row of `Data` that is not an id, "" of an id."""
    above = f"{cell(CODE, 1, Fix.BOTH)}:{cell(cells.row - 1, 1, Fix.COLUMN)}"
    # The first of them is the heading.
    typed = f"INDEX(in_units,ROWS({above})+1)"
    is_id = f"ISNUMBER(MATCH({typed},{layout.city('id').ref()},0))"
    bare = f'IF({is_id},"",{bare_name(typed)})'
    return f'IFERROR(IF({typed}="","",{bare}),"")'


def _advice(book: Book, cells: RowCells) -> str:
    """Return the formula of what to do about an unknown name."""
    ids = book.layout.city("id").ref()
    write, unknown = (book.labels.ref(f"data.{name}") for name in ("write", "unknown"))
    return f'IF({cells.place}="",{unknown},{write}&INDEX({ids},{cells.place}))'


def _unusual(book: Book, code: str) -> str:
    """Return the city with the one negative value among positive ones.

    A slip that `Change` flags beside the last edition comes first: a digit too many, another sign.
    Values that are far from all others `xlcity check` finds.
    """
    values = book.layout.typed.over(code, MESSAGES, Fix.BOTH)
    names = book.layout.names()
    lone_negative = f'AND(COUNTIF({values},"<0")=1,COUNTIF({values},">0")>2)'
    lowest = f"INDEX({names},MATCH(MIN({values}),{values},0))"
    lone = f'IF({lone_negative},{lowest},"")'
    formula = f'IF(COUNT({values})<4,"",{lone})'
    if (
        book.spec.last is not None
        and code in (previous := PreviousLayout(book.layout)).codes
    ):
        flags = previous.flags.over(code, MESSAGES, Fix.BOTH)
        formula = f'IFERROR(INDEX({names},MATCH("?*",{flags},0)),{formula})'
    return formula


def _is_equal(book: Book, code: str) -> str:
    """Return 1 where an indicator has several numbers that are all equal, else 0."""
    values = book.layout.raw.over(code, MESSAGES, Fix.BOTH)
    varies = varies_condition(f"MIN({values})", f"MAX({values})")
    return f"IF(COUNT({values})>1,IF({varies},0,1),0)"


def _is_unscored(book: Book, code: str) -> str:
    """Return 1 where an indicator's numbers have no scores, else 0.

    It is asked of the scores, as fixed bounds may be typed or emptied.
    """
    layout = book.layout
    scores = layout.scores_before_imputing.over(code, MESSAGES, Fix.BOTH)
    if not book.spec.apart:
        return f"IF(COUNT({scores})=0,1,0)"
    # A group is scored where all of it has values; another may be without a scale.
    values = layout.raw.over(code, MESSAGES, Fix.BOTH)
    letters = layout.letters.over(code, MESSAGES, Fix.BOTH)
    gaps = "+".join(f'COUNTIF({letters},"{letter}")' for letter in ("M", "!", BLANK))
    return f"IF(COUNT({scores})<COUNT({values}),IF({gaps}=0,1,0),0)"


def _column_state(book: Book, code: str) -> str:
    """Return what is odd about an indicator's values and their scale, "" for nothing.

    One number alone has no scale yet, while blanks remain.
    """
    layout = book.layout
    values = layout.raw.over(code, MESSAGES, Fix.BOTH)
    letters = layout.letters.over(code, MESSAGES, Fix.BOTH)
    column = layout.letters.column(code)
    equal, unscored = (
        f"{cell(row, column, Fix.ROW)}=1" for row in (ROW_EQUAL, ROW_UNSCORED)
    )
    none = f'IF({_blanks_alone(book, code)},"{WITHOUT}","")'
    unusable = UNUSABLE
    if book.spec.apart:
        native = normalisation_of(book.spec, code).native
        unusable = CONSTANT if native.fails_only_if_equal else UNUSABLE
    settled = f'OR(COUNT({values})>1,COUNTIF({letters},"{BLANK}")=0)'
    scale = f'IF({unscored},IF({settled},"{unusable}",""),"")'
    flat = f'IF({unscored},"{CONSTANT}","{EQUAL}")'
    return f"IF(COUNT({values})=0,{none},IF({equal},{flat},{scale}))"


def _blanks_alone(book: Book, code: str) -> str:
    """Return the condition that an indicator without values has blanks, and no node above it has.

    What is confirmed missing is not a blank.
    """
    layout = book.layout
    spec = book.spec
    above = [node.code for node in spec.framework.path(code)]
    sources = (of for of in (code, *layout.ingredients_of(code)) if of in layout.inputs)
    blanks = [
        f'COUNTIF({layout.letters.over(of, MESSAGES, Fix.BOTH)},"{BLANK}")'
        for of in sources
    ]
    given = [
        f"COUNT({layout.typed.over(c, MESSAGES, Fix.BOTH)})=0"
        for c in spec.direct_nodes
        if c in above
    ]
    blank_somewhere = f"{'+'.join(blanks) or 0}>0"
    return f"AND({','.join((*given, blank_somewhere))})"


def fault_kind(cells: RowCells) -> str:
    """Return the formula of the number of an entry's kind among `FAULT_KINDS`.

    Columns beside it have the entry, its first sign and the place of its last one in `_ENDS`. The
    program names some entries more exactly (`xlcity.model.reading.values`).
    """
    entry, first, last = (cells[name] for name in ("entry", "begins", "ends"))
    is_unit = f"({last}>0)*({last}<5)"
    steps = (
        (f'{entry}="{TYPED_ERROR}"', "error"),
        (f"ISLOGICAL({entry})", "logical"),
        (f"ISNUMBER({entry})", f"IF(ABS({entry})>{LARGEST},too_large,no_data)"),
        (f'{first}=""', "text"),
        (is_unit, f"IF({last}<3,percent,suffix)"),
        (f'ISNUMBER(FIND({first},"{"".join(INEXACT)}"))', "several"),
        (f"{last}=0", "text"),
        (f"{last}<15", "full_width"),
        (f'ISNUMBER(FIND(",",{entry}))', "comma"),
        (f'ISNUMBER(FIND("-",{entry},2))', "several"),
        (f'ISNUMBER(FIND({first},"+-{_DIGITS}"))', "as_text"),
    )
    numbers = {
        condition: re.sub(r"\b[a-z_]+\b", _number_of, kind) for condition, kind in steps
    }
    return nested_if(numbers, str(_NUMBER["text"]))


def _number_of(kind: re.Match[str]) -> str:
    """Return the number of a kind that a formula names."""
    return str(_NUMBER[kind[0]])


def fault_words(book: Book, number: str, key: str = "fault") -> str:
    """Return the formula of the words for a kind: what it is, or with `fault.fix` what to do."""
    return f"INDEX({book.words[key][1]},{number})"
