"""`Messages`: the status of every value, and a message about each city's values.

Nothing on the path of a score reads it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from xlcity.methods.formulas import varies_condition
from xlcity.model.reading.values import FAULT_KINDS, INEXACT
from xlcity.workbook.drawing.canvas import Book, titled_sheet
from xlcity.workbook.drawing.grid import Area, cell, nested_if
from xlcity.workbook.layout.links import LinkLayout
from xlcity.workbook.layout.rows import (
    CODE,
    DATA_ROW_COLUMN,
    FIRST,
    INDEX,
    MESSAGES,
    ROW_BOUND_HIGH,
    ROW_BOUND_LOW,
    ROW_COLUMN_STATE,
    ROW_NAME,
    ROW_RECORD,
    ROW_RECORD_GAPS,
    ROW_RECORD_NUMBERS,
    ROW_UNUSUAL,
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
from xlcity.workbook.sheets.calculation.calculate import CENTER, VALUE
from xlcity.workbook.sheets.calculation.typed import (
    blank_word,
    data_value,
    takes_blanks,
)
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
#: What is said of an indicator: no value at all, equal values with a score or without, no scale.
WITHOUT = "without"
EQUAL = "equal"
CONSTANT = "constant"
UNUSABLE = "unusable"
#: What stands for an error value that was typed.
TYPED_ERROR = "#!"
_NUMBER = {name: number for number, name in enumerate(FAULT_KINDS, 1)}
_DIGITS = "0123456789."
_WIDE_DIGITS = "０１２３４５６７８９"


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
    if spec.counts_values:
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
    if not book.spec.counts_values:
        return ()
    return tuple(table for table in TABLES if codes[table])


def _rows_above(book: Book, recorded: Recorded) -> Iterator[Above]:
    """Yield above the letters the plausible range, and what is odd about a whole column."""
    layout = book.layout
    small = {"font_size": 8, "shrink": True}

    def bound(name: str, none: float, code: str) -> str:
        typed = layout.framework_cell(code, name)
        return f"IF(ISNUMBER({typed}),{typed},{none:.0E})"

    def state(code: str) -> str | None:
        return _column_state(book, code) if code in layout.indicators else None

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
    yield Above(ROW_COLUMN_STATE, "messages.column", state, CENTER, style=small)
    yield Above(
        ROW_RECORD,
        "messages.record_weight",
        lambda code: recorded.weights.get(code, 0.0),
        number=VALUE,
        style=small,
    )
    if book.spec.counts_values:
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
            number="0",
            style={"font_size": 8},
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
        shipped_ids = Area("Published", FIRST, 1, layout.published_last, 1).ref()
        shipped_row = f"MATCH({cells.unit},{shipped_ids},0)"
        return f'IF({layout.population(cells.row)}="","",IFERROR({shipped_row},""))'

    yield Column("unit", "data.id", unit, "id", "", 16)
    # What stands above the letters is named above the counts.
    yield Column("count", "messages.count", count, CENTER, "", 20, code="count")
    yield Column("default", "messages.default", shipped, CENTER, "", 9, code="default")


def _letter(book: Book, code: str, row: int) -> str:
    """Return the status letter of a value: of an exception, as shipped, or E for entered.

    What is not a value has "M" for confirmed missing, "!" for unusable, "blank", or "" where no
    value is needed.
    """
    layout = book.layout
    value = layout.typed.at(code, row, MESSAGES)
    default = cell(row, SHIPPED_ROW_COLUMN, "c")
    letter = '"E"'
    if layout.default_values.codes:
        shipped, shipped_letter = (
            f"INDEX({block.over(code, MESSAGES, 'rc')},{default})"
            for block in (layout.default_values, layout.default_letters)
        )
        letter = f'IF({default}="","E",IF({value}={shipped},{shipped_letter},"E"))'
    key = f'{cell(row, 1, "c")}&"|"&{cell(CODE, layout.letters.column(code), "r")}'
    exception = f"MATCH({key},xl_exception_keys,0)"
    word = f"MATCH(INDEX(xl_exception_bases,{exception}),xl_status_words,0)"
    stated = f'IFERROR(INDEX(xl_status_letters,{word}),"?")'
    status = f"IF(ISNUMBER({exception}),{stated},{letter})"
    missing = '"M"'
    blank = blank_word(book, code, row, BLANK, MESSAGES)
    if takes_blanks(layout):
        left_blank = f'IFERROR({data_value(layout, code, row)}="",TRUE)'
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
        values = layout.typed.rows_of(layout.inputs, cells.row, cells.row).ref("c")
        low, high = (letters_in(book, row) for row in (ROW_BOUND_LOW, ROW_BOUND_HIGH))
        texts = f"COLUMNS({values})-COUNT({values})"
        return f"SUMPRODUCT(({values}<{low})+({values}>{high}))-({texts})"

    def entry(cells: RowCells) -> str:
        column = f'MATCH("!",{letters_in(book, cells.row, "c")},0)'
        typed = (
            f"INDEX(in_data,{INDEX}!{cell(cells.row, DATA_ROW_COLUMN, 'c')}-1,{column})"
        )
        return f'IF(ISNUMBER({column}),IFERROR({typed},"{TYPED_ERROR}"),"")'

    def kind(cells: RowCells) -> str:
        return f'IF({cells.entry}="","",{fault_kind(cells.entry)})'

    formulas: dict[str, Formula] = {
        "outside": outside,
        "entry": entry,
        "kind": kind,
        "text": partial(_text, book),
    }
    for name, formula in formulas.items():
        width, role = (30, "id") if name == "text" else (10, CENTER)
        yield Column(name, f"messages.{name}", formula, role, "", width, code=name)
    yield gap()
    yield from _record(book, recorded)
    if book.spec.counts_values:
        yield gap()
        for name, flag in (("valueless", _valueless), ("untotalled", _untotalled)):
            yield Column(
                name,
                f"messages.{name}",
                partial(flag, book),
                CENTER,
                number="0",
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
        yield Column("", key, None, "id", "0", 13, value=value, helper=True)


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
    if book.spec.counts_values:
        formats |= dict.fromkeys(ValueCounts._fields, "0")
    for field, (name, number) in enumerate(formats.items()):
        key = f"messages.record_{name}"
        value = partial(stored, field)
        yield Column(
            key=key, role="id", number=number, width=13, value=value, helper=True
        )


def _valueless(book: Book, cells: RowCells) -> str:
    """Return 1 for a scored city without any value that has blanks, else 0.

    What is confirmed missing is not a blank.
    """
    layout = book.layout
    letters = letters_in(book, cells.row, "c")
    blank = f'ISNUMBER(MATCH("{BLANK}",{letters},0))'
    is_scored = f'{layout.population(cells.row)}<>""'
    values = _values_of_city(book, cells)
    return f"IF(AND({is_scored},COUNT({values})=0,{blank}),1,0)"


def _values_of_city(book: Book, cells: RowCells) -> str:
    """Return the cells of a row with what was typed and what is made from items and links."""
    blocks = (book.layout.typed, book.layout.constructed_values)
    return ",".join(
        block.rows_of(block.codes, cells.row, cells.row).ref("c")
        for block in blocks
        if block.codes
    )


def _untotalled(book: Book, cells: RowCells) -> str:
    """Return 1 for a scored city that has no total although its values are filled, else 0."""
    layout = book.layout
    total = layout.ranks.at(book.spec.framework.root.code, cells.row, MESSAGES)
    letters = letters_in(book, cells.row, "c")
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


def letters_in(book: Book, row: int, fix: str = "rc", home: str = MESSAGES) -> str:
    """Return a row of the block of letters, or above it."""
    return book.layout.letters.rows_of(book.layout.inputs, row, row).ref(fix, home)


def _text(book: Book, cells: RowCells) -> str:
    """Return what is said of a city's values: the worst of them, how many, the first of them."""
    layout = book.layout
    ref = book.labels.ref
    letters = letters_in(book, cells.row, "c")
    codes = letters_in(book, CODE)

    def counted(letter: str, key: str, tail: str = "") -> str:
        # Not COUNTIF: along a row of text formualizer takes twenty times as long for it.
        return f'SUMPRODUCT(({letters}="{letter}")*1)&" "&{ref(key)}{tail}'

    def first(letter: str) -> str:
        return f'INDEX({codes},1,MATCH("{letter}",{letters},0))'

    unusable = f'&{first("!")}&" "&{fault_words(book, cells.kind)}'
    cases = {f'{cells.kind}<>""': counted("!", "data.notanumber", unusable)}
    if takes_blanks(layout):
        values = _values_of_city(book, cells)
        # What is confirmed missing is not a blank.
        blank = f'ISNUMBER(MATCH("{BLANK}",{letters},0))'
        cases[f"AND(COUNT({values})=0,{blank})"] = ref("messages.without")
    cases[f"{cells.outside}>0"] = f'{cells.outside}&" "&{ref("data.outside")}'
    for letter, key in (
        (BLANK, "data.blanks"),
        ("M", "data.codes"),
        ("Y", "data.synthetic"),
    ):
        first_code = "" if letter == "Y" else f'&" · "&{first(letter)}'
        cases[f'ISNUMBER(MATCH("{letter}",{letters},0))'] = counted(
            letter, key, first_code
        )
    return f'IF({cell(cells.row, 1, "c")}="","",{nested_if(cases, ref("data.ok"))})'


def _unusual(book: Book, code: str) -> str:
    """Return the city with the one negative value among positive ones.

    A slip that `Change` flags beside the last edition comes first: a digit too many, another sign.
    Values that are far from all others `xlcity check` finds.
    """
    values = book.layout.typed.over(code, MESSAGES, "rc")
    names = book.layout.names()
    lone_negative = f'AND(COUNTIF({values},"<0")=1,COUNTIF({values},">0")>2)'
    lowest = f"INDEX({names},MATCH(MIN({values}),{values},0))"
    lone = f'IF({lone_negative},{lowest},"")'
    if not book.spec.counts_values:
        # As books were drawn before: the largest, so many times the next one.
        largest, second = (f"LARGE({values},{order})" for order in (1, 2))
        highest = f"INDEX({names},MATCH(MAX({values}),{values},0))"
        is_far = f"AND({second}>0,{largest}>par_neighbour*{second})"
        lone = f"IF({is_far},{highest},{lone})"
    formula = f'IF(COUNT({values})<4,"",{lone})'
    if (
        book.spec.last is not None
        and code in (previous := PreviousLayout(book.layout)).codes
    ):
        flags = previous.flags.over(code, MESSAGES, "rc")
        formula = f'IFERROR(INDEX({names},MATCH("?*",{flags},0)),{formula})'
    return formula


def _column_state(book: Book, code: str) -> str:
    """Return what is odd about an indicator's values and their scale, "" for nothing.

    Whether there is a scale is asked of the scores, as fixed bounds may be typed or emptied. One
    number alone has none yet, while blanks remain.
    """
    layout = book.layout
    values, scores = (
        block.over(code, MESSAGES, "rc")
        for block in (layout.raw, layout.scores_before_imputing)
    )
    letters = layout.letters.over(code, MESSAGES, "rc")
    none = '""'
    if takes_blanks(layout) or book.spec.counts_values:
        none = f'IF({_blanks_alone(book, code)},"{WITHOUT}","")'
    equal = f"NOT({varies_condition(f'MIN({values})', f'MAX({values})')})"
    unscored = f"COUNT({scores})=0"
    unusable = UNUSABLE
    if book.spec.apart:
        # A group is scored where all of it has values; another may be without a scale.
        gaps = "+".join(
            f'COUNTIF({letters},"{letter}")' for letter in ("M", "!", BLANK)
        )
        unscored = f"AND(COUNT({scores})<COUNT({values}),{gaps}=0)"
        native = normalisation_of(book.spec, code).native
        unusable = CONSTANT if native.fails_only_if_equal else UNUSABLE
    settled = f'OR(COUNT({values})>1,COUNTIF({letters},"{BLANK}")=0)'
    scale = f'IF({unscored},IF({settled},"{unusable}",""),"")'
    flat = f'IF({unscored},"{CONSTANT}","{EQUAL}")'
    return f"IF(COUNT({values})=0,{none},IF(AND(COUNT({values})>1,{equal}),{flat},{scale}))"


def _blanks_alone(book: Book, code: str) -> str:
    """Return the condition that an indicator without values has blanks, and no node above it has.

    What is confirmed missing is not a blank.
    """
    layout = book.layout
    spec = book.spec
    above = [node.code for node in spec.framework.path(code)]
    sources = (of for of in (code, *layout.ingredients_of(code)) if of in layout.inputs)
    blanks = [
        f'COUNTIF({layout.letters.over(of, MESSAGES, "rc")},"{BLANK}")'
        for of in sources
    ]
    given = [
        f"COUNT({layout.typed.over(c, MESSAGES, 'rc')})=0"
        for c in spec.direct_nodes
        if c in above
    ]
    blank_somewhere = f"{'+'.join(blanks) or 0}>0"
    return f"AND({','.join((*given, blank_somewhere))})"


def fault_kind(entry: str) -> str:
    """Return the formula of the number of an entry's kind among `FAULT_KINDS`.

    The program names some entries more exactly (`xlcity.model.reading.values`).
    """
    first = f"LEFT(TRIM({entry}),1)"
    last = f"RIGHT(TRIM({entry}),1)"
    steps = (
        (f'{entry}="{TYPED_ERROR}"', "error"),
        (f"ISLOGICAL({entry})", "logical"),
        (f"ISNUMBER({entry})", "no_data"),
        (f'TRIM({entry})=""', "text"),
        (f'OR({last}="%",{last}="％")', "percent"),
        (f'OR({last}="万",{last}="亿")', "suffix"),
        (f'ISNUMBER(FIND({first},"{"".join(INEXACT)}"))', "several"),
        (f'ISNUMBER(FIND({last},"{_WIDE_DIGITS}"))', "full_width"),
        (f'ISERROR(FIND({last},"{_DIGITS}"))', "text"),
        (f'ISNUMBER(FIND(",",{entry}))', "comma"),
        (f'ISNUMBER(FIND("-",{entry},2))', "several"),
        (f'ISNUMBER(FIND({first},"+-{_DIGITS}"))', "as_text"),
    )
    numbers = {condition: _NUMBER[kind] for condition, kind in steps}
    return nested_if(numbers, str(_NUMBER["text"]))


def fault_words(book: Book, number: str, key: str = "fault") -> str:
    """Return the formula of the words for a kind: what it is, or with `fault.fix` what to do."""
    return f"INDEX({book.words[key][1]},{number})"
