"""`Checks`: one row per check (pass, fail, note, skipped) and the verdict."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from xlcity.workbook.drawing.canvas import Book, Canvas, titled_sheet
from xlcity.workbook.drawing.grid import Area, Fix, cell
from xlcity.workbook.drawing.number_formats import GENERAL, INTEGER
from xlcity.workbook.drawing.styles import CENTER, SMALL
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.groups import populations_of
from xlcity.workbook.layout.links import MESSAGE, LinkLayout
from xlcity.workbook.layout.rows import (
    CODE,
    DATA_COUNT_COLUMN,
    FIRST,
    IN_CODE,
    INDEX,
    MESSAGES,
    ROW_COLUMN_STATE,
    ROW_NAME,
    ROW_UNUSUAL,
    ROW_VANISHED,
)
from xlcity.workbook.sheets.calculation.messages import (
    BLANK,
    CONSTANT,
    EQUAL,
    OUTSIDE,
    UNUSABLE,
    WITHOUT,
    fault_words,
    letters_in,
)
from xlcity.workbook.sheets.calculation.typed import takes_blanks
from xlcity.workbook.sheets.checking.published import (
    changed_method,
    count_cells,
    count_rows,
)
from xlcity.workbook.sheets.checking.udf import mark_absent
from xlcity.workbook.sheets.inputs.framework import method_parameters
from xlcity.workbook.sheets.inputs.methods import count_wrong_parameters
from xlcity.workbook.sheets.inputs.sources import letter_count
from xlcity.workbook.sheets.table import Column, RowCells, Table, field_of, fields
from xlcity.workbook.wildcards import WILDCARDS

HEADER = 7
#: First of the helper columns behind the table, out of the printed page.
HELPERS = 8
#: All stand in one window. What to do is broken into lines, which LibreOffice does not do with
#: links: the names of the checks are these.
WIDTHS = (15, 36, 11, 8, 28, 44)
#: The same in two languages, as much as fits on a page.
WIDTHS_OF_TWO = (15, 40, 11, 8, 34, 60)
#: Checks whose detail says how many of how many agree, also where all do. The label of every other
#: check names what is counted, so that it reads right with any count and status.
SHARES = ("compare-print", "udf-native")
#: The cell with the meaning of the verdict.
VERDICT_TEXT = (4, 4)
#: Height in points of the row with the verdict: two lines.
VERDICT_HEIGHT = 32
#: The check that makes a draft, as blank inputs do.
WITHOUT_VALUES = "without-values"
#: The check that values were there when they were written last.
VANISHED = "vanished"
#: The check that a book without any total does not pass.
WITHOUT_TOTAL = "without-total"


#: Checks whose first city the meaning of the verdict names.
HEADLINED = (WITHOUT_TOTAL, WITHOUT_VALUES, VANISHED)


@dataclass(frozen=True, slots=True)
class Check:
    """One row: its name (stable, ASCII), the number it counts, its status and where to look.

    Formulas may name the count, `{n}`, and what stands behind the table: `helpers` are formulas by
    name, which may name those before them.
    """

    name: str
    count: str
    status: str
    detail: str = '""'
    sheet: str = "Data"
    helpers: Mapping[str, str] = field(default_factory=dict)


#: Status formulas of checks that fail, or are a note, when something is counted.
FAILS = 'IF({n}>0,"fail","pass")'
NOTES = 'IF({n}>0,"note","pass")'


def _list_checks(book: Book) -> Iterator[Check]:
    yield from _input_checks(book)
    yield from _result_checks(book)
    # They make a draft unless the recipe takes them as missing codes.
    blanks = f'COUNTIF(xl_letters,"{BLANK}")'
    yield Check("inputs-blank", blanks, NOTES, detail=_first_city(book, BLANK))
    yield _check_without_values(book)
    yield _check_vanished(book)
    if _has_total(book):
        yield _check_without_total(book)
    yield Check(
        "inputs-missing",
        letter_count("M"),
        NOTES,
        detail=_first_city(book, "M"),
    )
    derived = f"{letter_count('D')}+xl_synthetic"
    yield Check(
        "derived-values",
        derived,
        NOTES,
        detail=book.labels.ref("check.derived.detail"),
        sheet=MESSAGES,
    )
    yield from book.checks
    if book.spec.apart:
        gaps = "&".join(_first_city(book, letter) for letter in (BLANK, "M"))
        yield Check("whole", _count_refused(book), NOTES, detail=gaps, sheet=INDEX)
    yield from _link_checks(book)
    if book.spec.printed:
        yield _check_print(book)


def _first_city(book: Book, worst: str) -> str:
    """Return the formula of the first city whose values are so, and its message, or ""."""
    texts = book.layout.fact("text").ref()
    names = book.layout.names()
    place = _first_place(book, worst)
    return f'IFERROR(INDEX({names},{place})&" · "&INDEX({texts},{place}),"")'


def _first_place(book: Book, worst: str) -> str:
    """Return the formula of the place of the first city whose values are so, or an error."""
    return f'MATCH("{worst}",{book.layout.fact("worst").ref()},0)'


def _names_of_inputs(book: Book) -> str:
    """Return the cells with the names of what is typed, in the order of the status letters."""
    typed = book.layout.typed
    return typed.rows_of(typed.codes, ROW_NAME, ROW_NAME).ref()


def _input_checks(book: Book) -> Iterator[Check]:
    """Yield the checks of weights, cities and values."""
    layout = book.layout
    in_data = Area.of_column(MESSAGES, DATA_COUNT_COLUMN, FIRST, layout.last).ref()
    units = layout.ids()
    members = populations_of(layout).members.ref()
    weights = layout.framework_column("children_sum").ref()
    tolerance = "par_share_tolerance"
    group_ok = f'COUNTIFS({weights},">="&1-{tolerance},{weights},"<="&1+{tolerance})'
    wrong = 'ROWS(in_weights)-COUNT(in_weights)+COUNTIF(in_weights,"<0")'
    if book.spec.recipe.weights == "shares":
        wrong = f"COUNT({weights})-{group_ok}+{wrong}"
    yield Check(
        "weights",
        wrong,
        FAILS,
        detail=book.labels.ref("check.weights.detail"),
        sheet="Framework",
    )
    yield _check_method(book)
    yield _check_unusable(book)
    duplicates = f'COUNTIF({in_data},">1")'
    most = f"MAX({in_data})"
    twice = f'IFERROR(INDEX({units},MATCH({most},{in_data},0)),"")&" × "&{most}'
    yield Check("duplicate-city", duplicates, FAILS, detail=twice)
    ids, populations = (layout.city(name).ref() for name in ("id", "population"))
    # Those that stand a second time, or that cannot be looked up, are not scored.
    meant = "+".join(
        f'SUMPRODUCT(({populations}="{name}")*({ids}<>""))-COUNTIF({members},"{name}")'
        for name in book.spec.populations
    )
    meant += "".join(f'+COUNTIF({ids},"*~{sign}*")' for sign in WILDCARDS)
    yield Check("duplicate-id", meant, FAILS, sheet="Cities")
    listed = "".join(
        f'-COUNTIF({populations},"{name}")' for name in book.spec.populations
    )
    yield Check(
        "population",
        f"COUNTA({populations}){listed}",
        FAILS,
        sheet="Cities",
    )
    unknown = f"COUNTA(in_units)-2-SUM({in_data})"
    yield Check("unknown-city", unknown, FAILS, detail=_first_unknown_city(book))
    # Inserted rows have no message, and a typed error leaves all values uncounted.
    message = _messages_of_data(layout)
    values = 'IFERROR(SUMPRODUCT((in_units="")*(in_data<>"")),0)'
    without = f"MAX({values},COUNTIF({message},{book.labels.ref('data.noid')}))"
    yield Check("values-without-city", without, FAILS)
    outside = f"SUM({layout.fact('outside').ref()})"
    yield Check("bounds", outside, FAILS, detail=_first_city(book, OUTSIDE))
    yield _check_unusual(book)


def _messages_of_data(layout: Layout) -> str:
    """Return the cells on `Data` with what is said of each line."""
    return Area.of_column("Data", 3, IN_CODE, layout.closing).ref()


def _check_unusable(book: Book) -> Check:
    """Count entries that are neither a number nor a missing code; the detail is the first."""
    names = book.layout.names()
    texts, entries, kinds = (
        book.layout.fact(name).ref() for name in ("text", "entry", "kind")
    )
    first = _first_place(book, "!")
    fix = fault_words(book, f"INDEX({kinds},{{first}})", "fault.fix")
    entry = f"INDEX({entries},{{first}})"
    entry = f'IF(ISTEXT({entry}),": “"&{entry}&"”","")'
    detail = (
        f'INDEX({names},{{first}})&" · "&INDEX({texts},{{first}})&{entry}&" → "&{fix}'
    )
    return Check(
        "values-not-numbers",
        letter_count("!"),
        FAILS,
        detail=f'IFERROR({detail},"")',
        helpers={"first": f'IFERROR({first},"")'},
    )


def _check_unusual(book: Book) -> Check:
    """Count the indicators with a value unlike all others, or unlike that of the last edition."""
    cities = letters_in(book, ROW_UNUSUAL, home="Checks")
    names = _names_of_inputs(book)
    count = f'SUMPRODUCT(({cities}<>"")*1)'
    position = f'MATCH("?*",{cities},0)'
    first = (
        f'IFERROR(INDEX({cities},1,{position})&" · "&INDEX({names},1,{position}),"")'
    )
    return Check("plausibility", count, NOTES, detail=first)


def _result_checks(book: Book) -> Iterator[Check]:
    """Yield the checks of results."""
    states = letters_in(book, ROW_COLUMN_STATE, home="Checks")
    names = _names_of_inputs(book)

    def first_of(state: str) -> str:
        return f'IFERROR(INDEX({names},1,MATCH("{state}",{states},0)),"")'

    def count_of(state: str) -> str:
        return f'COUNTIF({states},"{state}")'

    yield Check(
        "constant-column",
        count_of(CONSTANT),
        FAILS,
        detail=first_of(CONSTANT),
        sheet=INDEX,
    )
    yield Check(
        "constant-note", count_of(EQUAL), NOTES, detail=first_of(EQUAL), sheet=INDEX
    )
    numbers = sum(
        not isinstance(value, str) for value in method_parameters(book).values()
    )
    unusable = f"{count_of(UNUSABLE)}+{count_wrong_parameters(book)}+{numbers}-COUNT(xl_parameters)"
    yield Check("scale", unusable, FAILS, detail=first_of(UNUSABLE), sheet="Framework")
    if book.spec.udf:
        yield _check_udf(book)


def _check_method(book: Book) -> Check:
    """Count the weights and parameters that are not those the book was made with."""
    code, built, now, changed = (
        book.layout.framework_column(name).ref()
        for name in ("code", "report_weight", "weight", "changed")
    )
    first_changed = f"MATCH(1,{changed},0)"
    node, old, new = (
        f"INDEX({column},{first_changed})" for column in (code, built, now)
    )
    detail = f'IFERROR({node}&IF({old}={new},"",": "&{old}&" → "&{new}),"")'
    return Check(
        "method-changed", changed_method(book), NOTES, detail=detail, sheet="Framework"
    )


def _check_print(book: Book) -> Check:
    """Count the printed scores that the cells do not give, and those no longer compared.

    Those of tables that the data were derived from are stated apart: they are no evidence.
    """
    none, compared = (book.labels.ref(f"compare.{key}") for key in ("no", "compared"))
    kinds = [*count_rows(book)]
    of = _sum_of_counts(kinds, "of")
    built = _sum_of_counts(kinds, "built")
    within = _sum_of_counts(kinds, "within")
    agreeing_by_kind = []
    for kind in kinds:
        word = book.labels.ref(f"compare.{kind}within")
        agreeing_by_kind.append(f'{{{kind}within}}&" / "&{{{kind}of}}&" "&{word}')
    agreeing = '&" · "&'.join(agreeing_by_kind)
    count = f"{of}-({within})" if kinds[1:] else f"{of}-{within}"
    status = f'IF({of}+{built}=0,"skipped",IF(OR({{n}}>0,{of}<{built}),"note","pass"))'
    detail = (
        f'IF({of}+{built}=0,{none},{agreeing}&" · "&{of}&" / "&{built}&" "&{compared})'
    )
    helpers = {name: f"SUM({cells})" for name, cells in count_cells(book).items()}
    return Check(
        "compare-print", count, status, detail, sheet="Published", helpers=helpers
    )


def _sum_of_counts(kinds: Sequence[str], name: str) -> str:
    """Return the sum of a count over all kinds, as the names of helpers."""
    return "+".join(f"{{{kind}{name}}}" for kind in kinds)


def _check_without_values(book: Book) -> Check:
    """Count the cities and indicators without any value: such a book is a draft.

    A book without a city has none.
    """
    layout = book.layout
    count = f'IF(SUMPRODUCT(({populations_of(layout).members.ref()}<>"")*1)=0,1,0)'
    cities = layout.fact("valueless").ref()
    mark = "1"
    states = letters_in(book, ROW_COLUMN_STATE, home="Checks")
    heads = _names_of_inputs(book)
    city = f'IFERROR(INDEX({layout.names()},MATCH({mark},{cities},0))&" ","")'
    code = f'IFERROR(INDEX({heads},1,MATCH("{WITHOUT}",{states},0)),"")'
    count = f'COUNTIF({cities},{mark})+COUNTIF({states},"{WITHOUT}")+{count}'
    detail = f"TRIM({city}&{code})"
    return Check(WITHOUT_VALUES, count, NOTES, detail)


def _check_vanished(book: Book) -> Check:
    """Count the cities and indicators with fewer values than when they were written last."""
    layout = book.layout
    cities = layout.fact("vanished").ref()
    inputs = letters_in(book, ROW_VANISHED, home="Checks")
    codes = letters_in(book, CODE, home="Checks")
    city = f"INDEX({layout.names()},MATCH(1,{cities},0))"
    code = f"INDEX({codes},1,MATCH(1,{inputs},0))"
    both = f'{city}&" · "&{code}'
    return Check(
        VANISHED,
        f"SUM({cities})+SUM({inputs})",
        NOTES,
        f'IFERROR({both},IFERROR({city},IFERROR({code},"")))',
    )


def _has_total(book: Book) -> bool:
    """Return whether the method makes a total of the nodes below the root."""
    step = book.spec.recipe.step_for("aggregate", book.spec.framework.root.code)
    return step is not None and not step.is_idle


def _check_without_total(book: Book) -> Check:
    """Count the cities that have no total although their values are filled.

    Some are a matter of the method, of which a reader should know; without any total there is no
    index, unless it is a draft.
    """
    flags = book.layout.fact("untotalled").ref()
    totals = book.layout.ranks.over(
        book.spec.framework.root.code,
        "Checks",
        Fix.BOTH,
    )
    detail = f'IFERROR(INDEX({book.layout.names()},MATCH(1,{flags},0)),"")'
    open_cells = f'COUNTIF(xl_letters,"{BLANK}")'
    if takes_blanks(book.layout):
        open_cells = f"SUM({book.layout.fact('valueless').ref()})"
    has_none = f"COUNT({totals})+{open_cells}=0"
    status = f'IF({{n}}=0,"pass",IF({has_none},"fail","note"))'
    return Check(WITHOUT_TOTAL, f"SUM({flags})", status, detail, sheet=INDEX)


def _first_unknown_city(book: Book) -> str:
    """Return the formula of the first id on `Data` that is not a city, by its message."""
    text = _messages_of_data(book.layout)
    unknown, write = (book.labels.ref(key) for key in ("data.unknown", "data.write"))
    position = f'IFERROR(MATCH({unknown},{text},0),MATCH({write}&"*",{text},0))'
    return f'IFERROR(INDEX(in_units,{position}),"")'


def _count_refused(book: Book) -> str:
    """Return the formula that counts nodes not computed for a population, as values lack."""
    populations = populations_of(book.layout)
    codes = book.layout.from_below
    parts = []
    for index in range(len(populations.names)):
        row = populations.row("aggregates", codes[0], "complete", index)
        flags = populations.block("aggregates").rows_of(codes, row, row).ref()
        parts.append(f"IF({populations.size(index)}=0,0,COUNTIF({flags},0))")
    return "+".join(parts)


def _link_checks(book: Book) -> Iterator[Check]:
    links = LinkLayout(book.layout)
    if not links.codes:
        return
    messages = Area.of_column("Links", MESSAGE, links.header + 1, links.closing).ref()
    selves = f"COUNTIF({messages},{book.labels.ref('links.fault.self')})"
    faults = f'COUNTIF({messages},"?*")-{selves}'
    named = f'IFERROR(INDEX({messages},MATCH("?*",{messages},0)),"")'
    yield Check("links", faults, FAILS, detail=named, sheet="Links")
    yield Check("links-self", selves, NOTES, sheet="Links")


def _check_udf(book: Book) -> Check:
    """Count the calls that differ from the cells."""
    # Their statuses stand in one row; COUNTIF of one cell is an error in some programs.
    last = book.statuses[-1]
    span = Area.of_row(last.sheet, last.r1, 2, last.c1).ref()
    count, passed = (f'COUNTIF({span},"{word}")' for word in ("fail", "pass"))
    absent = book.labels.ref("check.udf-native.absent")
    status = f'IF({{n}}>0,"fail",IF({{passed}}={len(book.statuses)},"pass","skipped"))'
    detail = f'IF({{passed}}+{{n}}=0,{absent},{{passed}}&" / {len(book.statuses)}")'
    return Check(
        "udf-native",
        count,
        status,
        detail=detail,
        sheet="UDF",
        helpers={"passed": passed},
    )


def draw(book: Book) -> None:
    """Draw the sheet and define `chk_table` and `chk_verdict`."""
    widths = WIDTHS_OF_TWO if book.spec.language == "both" else WIDTHS
    canvas = titled_sheet(book, "Checks", widths, banner=True)
    canvas.heading(4, 1, "checks.verdict")
    table = _table(canvas, list(_list_checks(book)))
    headlines = [*_draw_beside(canvas, table)]
    table.draw()
    status = canvas.area(table.first, 3, table.last)
    verdict_cell = canvas.area(4, 3)
    canvas.formula(4, 3, _verdict(book, status), "check", text_wrap=True)
    meaning = _meaning(book, status)
    canvas.formula(*VERDICT_TEXT, "&".join((meaning, *headlines)), "plain")
    canvas.mark_status(status)
    canvas.sheet.set_row(VERDICT_TEXT[0] - 1, VERDICT_HEIGHT)
    mark_verdict(canvas, verdict_cell)
    book.define("chk_verdict", verdict_cell)
    canvas.gap(HEADER)
    canvas.close(HEADER, 1)


def _table(canvas: Canvas, checks: list[Check]) -> Table:
    """Return the table of the checks."""
    text = canvas.book.labels.text
    wrapped = {"text_wrap": True, "font_size": 9}
    return Table(
        canvas,
        HEADER - 1,
        first=HEADER + 1,
        last=HEADER + len(checks),
        columns=fields(
            "checks",
            name=Column(role="link", value=field_of("name"), style=SMALL),
            label=Column(
                role="stub", value=lambda cells: text(f"check.{cells.item.name}")
            ),
            status=Column(
                formula=lambda cells: (
                    f'IFERROR({_filled(cells, cells.item.status)},"fail")'
                ),
                role="check",
            ),
            count=Column(
                formula=lambda cells: _filled(cells, cells.item.count),
                role=CENTER,
                number=INTEGER,
            ),
            detail=Column(formula=_detail, style=wrapped),
            remedy=Column(
                role="text",
                value=lambda cells: text(f"remedy.{cells.item.name}"),
                style=wrapped,
            ),
        ),
        codes=HEADER,
        items=checks,
        mutes=True,
        define="chk_table",
    )


def _draw_beside(canvas: Canvas, table: Table) -> Iterator[str]:
    """Draw links, helper cells and marks of each check; yield the cells that go in the headline."""
    for row, check in enumerate(table.items, table.first):
        cells = RowCells(table, row)
        for column, formula in enumerate(check.helpers.values(), HELPERS):
            canvas.formula(
                row, column, _filled(cells, formula), "helper", number=GENERAL
            )
        # The name of the check is written over it.
        canvas.link(row, 1, check.sheet, "")
        if check.name in HEADLINED:
            said = (
                f'IF({cells.status}="pass",""," · "&{cells.label}&": "&{cells.detail})'
            )
            canvas.formula(row, HELPERS, said, "helper", number=GENERAL)
            yield cell(row, HELPERS)
        settled = f'OR({cells.status}="pass",{cells.status}="skipped")'
        canvas.mark(canvas.area(row, 6), settled, "faint")
        if check.name == "udf-native":
            call = f"UDF!{cell(FIRST, canvas.book.statuses[0].c1, Fix.BOTH)}"
            mark_absent(canvas, canvas.area(row, 3), call)
            reason = "check.udf-native.absent"
            mark_absent(canvas, canvas.area(row, 4, row, 5), call, reason)


def _verdict(book: Book, status: Area) -> str:
    """Return the formula of the word that sums up all checks."""
    statuses = status.ref(home="Checks")
    names = replace(status, c1=1, c2=1).ref(home="Checks")
    drafts = [WITHOUT_VALUES, *(() if takes_blanks(book.layout) else ("inputs-blank",))]
    is_draft = ",".join(
        f'INDEX({statuses},MATCH("{name}",{names},0))="note"' for name in drafts
    )
    counted = "-".join(
        f'COUNTIF({statuses},"{word}")' for word in ("pass", "note", "skipped")
    )
    failed = f"ROWS({statuses})-{counted}>0"
    return f'IF({failed},"fail",IF(OR({is_draft}),"draft","pass"))'


def _meaning(book: Book, status: Area) -> str:
    """Return the formula of the sentence that says what the verdict means."""
    passed, notes, draft, fail = (
        book.labels.ref(f"verdict.{word}")
        for word in ("pass", "notes", "draft", "fail")
    )
    statuses = status.ref(home="Checks")
    fine = f'IF(COUNTIF({statuses},"note")>0,{notes},{passed})'
    return f'IF($C$4="fail",{fail},IF($C$4="draft",{draft},{fine}))'


def mark_verdict(canvas: Canvas, area: Area) -> None:
    """Mark the verdict by its word; a pass of values that nobody published says so."""
    verdict = cell(area.r1, area.c1, Fix.BOTH)
    unpublished = f"{letter_count('D')}+xl_synthetic>0"
    mark = f"pass_unpublished_{canvas.book.spec.language}"
    canvas.mark(area, f'AND({verdict}="pass",{unpublished})', mark, stop=True)
    canvas.mark_status(area, verdict)


def _filled(cells: RowCells, formula: str) -> str:
    """Return a formula of a check with the addresses of what it names."""
    formula = formula.replace("{n}", cells.count)
    for column, name in enumerate(cells.item.helpers, HELPERS):
        formula = formula.replace(f"{{{name}}}", cell(cells.row, column, Fix.BOTH))
    return formula


def _detail(cells: RowCells) -> str | None:
    """Return the formula of what a check found first, None where it names nothing."""
    if cells.item.detail == '""':
        return None
    detail = _filled(cells, cells.item.detail)
    return (
        detail
        if cells.item.name in SHARES
        else f'IF({cells.status}="pass","",{detail})'
    )
