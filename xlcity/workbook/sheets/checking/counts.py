"""`CheckCounts`: what `Checks` sums up, a row per input and node.

A formula over a hundred indicators would be longer and deeper than Excel takes; here each is short.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from xlcity.methods.formulas import varies_condition
from xlcity.model.reading.values import FRACTION_GAP, LEAST_OTHERS, is_percent
from xlcity.workbook.aggregations import aggregation_of
from xlcity.workbook.drawing.canvas import Book
from xlcity.workbook.drawing.grid import Area, cell
from xlcity.workbook.drawing.titled_sheet import titled_sheet
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.groups import populations_of
from xlcity.workbook.layout.rows import INDEX, ROW_MAX, ROW_MIN, ROW_N, ROW_RANGE
from xlcity.workbook.sheets.calculation import faults
from xlcity.workbook.sheets.calculation.messages import BLANK
from xlcity.workbook.sheets.calculation.typed import takes_blanks
from xlcity.workbook.sheets.previous.last import Places
from xlcity.workbook.steps.method_table import step_of
from xlcity.workbook.steps.nodes import missing_rule

SHEET, HEADER, TOP = "CheckCounts", 5, 6
#: Count of inputs -> what stands among the status letters for it.
LETTERS = {"bad": "!", "blank": BLANK, "missing": "M"}
COUNTS = (
    "bad", "blank", "missing", "noid", "bounds", "odd", "fraction", "constant", "equal", "unusable",
    "outside", "without",
)  # fmt: skip
LEFT = 3


@dataclass(frozen=True)
class Counted:
    """Addresses on the sheet: a count and, beside it, what was counted first, per column."""

    layout: Layout

    @property
    def codes(self) -> tuple[str, ...]:
        """Codes in the order of rows: inputs, then indicators and nodes that are none."""
        return tuple(
            dict.fromkeys((*self.layout.inputs, *self.layout.indicators, *self.layout.composites))
        )

    @property
    def last(self) -> int:
        """The last row."""
        return TOP + len(self.codes) - 1

    def column(self, name: str) -> int:
        """Return the column of a count; its text stands right of it."""
        return LEFT + 2 * COUNTS.index(name)

    def total(self, name: str) -> str:
        """Return the formula of a count over all codes."""
        column = self.column(name)
        return f"SUM({Area(SHEET, TOP, column, self.last, column).ref()})"

    def first(self, name: str) -> str:
        """Return the formula of what was counted first, "" if nothing was."""
        column = self.column(name) + 1
        texts = Area(SHEET, TOP, column, self.last, column).ref()
        return f'IFERROR(INDEX({texts},MATCH("?*",{texts},0)),"")'


def draw(book: Book) -> None:
    """Draw the sheet."""
    layout = book.layout
    at = Counted(layout)
    canvas = titled_sheet(book, SHEET, [22, 30, *[8, 24] * len(COUNTS)])
    heads = [f"checkcounts.{name}" for name in COUNTS]
    canvas.fit_labels(HEADER - 1, [(head, 20) for head in heads], least=30)
    canvas.label_heads(HEADER - 1, HEADER, ("framework.code", "framework.display"))
    for name in COUNTS:
        column = at.column(name)
        canvas.blank(HEADER - 1, column, "header")
        canvas.label(HEADER - 1, column + 1, f"checkcounts.{name}", "header")
        canvas.text(HEADER, column, name, "stub_code")
        canvas.text(HEADER, column + 1, f"first {name}", "stub_code")
    for row, code in enumerate(at.codes, TOP):
        canvas.text(row, 1, code, "stub", font_size=9)
        canvas.formula(row, 2, layout.framework_cell(code, "display"), "name")
        counts = _counts(book, code)
        for name in COUNTS:
            column = at.column(name)
            if name not in counts:
                canvas.blank(row, column, "stub")
                canvas.blank(row, column + 1, "stub")
                continue
            canvas.formula(row, column, counts[name], "calculation_center", "0")
            text = f'IF({cell(row, column)}>0,{_counted_first(book, code, name, row)},"")'
            canvas.formula(row, column + 1, text, "calculation", font_size=9)
    right = at.column(COUNTS[-1]) + 1
    canvas.finish(at.last, right, HEADER, 2, titles=(HEADER - 1, HEADER), a3=True)


def _counts(book: Book, code: str) -> dict[str, str]:
    """Return what is counted of an input, indicator or node."""
    layout, found = book.layout, {}
    if code in layout.inputs:
        letters = layout.letters.over(code, SHEET, "rc")
        found = {name: f'COUNTIF({letters},"{letter}")' for name, letter in LETTERS.items()}
        found |= {
            "noid": _without_id(book, code),
            "bounds": _bounds(book, code),
            "odd": _odd(book, code),
        }
        if is_percent(book.spec.framework.inputs[code].uom):
            found["fraction"] = _fractions(layout.typed.over(code, SHEET, "rc"))
    if code in layout.indicators:
        found["constant"] = _constant(book, code, usable=False)
        found["equal"] = _constant(book, code, usable=True)
        found["unusable"] = _unusable(book, code)
        if takes_blanks(layout):
            found["without"] = _without(layout, code)
    mean = code in layout.composites and aggregation_of(book.spec, code).between
    if mean and code not in book.spec.direct_nodes:
        found["outside"] = _outside(book, code)
    return found


def _counted_first(book: Book, code: str, name: str, row: int) -> str:
    """Return what is said of the first that was counted: its city, where it has one, and name."""
    layout, shown = book.layout, f"$B{row}"
    units = layout.names()
    if name == "blank" and takes_blanks(book.layout):
        return shown
    if name in LETTERS:
        place = f'MATCH("{LETTERS[name]}",{layout.letters.over(code, SHEET, "rc")},0)'
        text = f'INDEX({units},{place})&" · "&{shown}'
        return text + _what_it_is(book, row, place) if name == "bad" else text
    if name in ("bounds", "odd", "fraction"):
        return f'INDEX({units},{_first(book, code, name)})&" · "&{shown}'
    return shown


def _without(layout: Layout, code: str) -> str:
    """Count 1 where no city has a value of an indicator or of a node above it, and some a blank."""
    above = [node.code for node in layout.spec.framework.path(code)]
    given = [f"COUNT({layout.raw.over(code, SHEET, 'rc')})"]
    for direct in layout.spec.direct_nodes:
        if direct in above:
            given.append(f"COUNT({layout.typed.over(direct, SHEET, 'rc')})")
    own = (code, *layout.ingredients_of(code))
    blanks = [
        f'COUNTIF({layout.letters.over(c, SHEET, "rc")},"{BLANK}")'
        for c in own
        if c in layout.inputs
    ]
    return f"IF({'+'.join(given)}=0,IF({'+'.join(blanks) or 0}>0,1,0),0)"


def _what_it_is(book: Book, row: int, place: str) -> str:
    """Return what is added about a city's unusable value, if it is the first one of the city."""
    code, entry, kind = (
        f"INDEX({book.layout.fact(f'fault {name}').ref()},{place})"
        for name in ("code", "entry", "kind")
    )
    shown = f'IF({entry}="","","“"&{entry}&"” ")'
    text = f'{faults.words(book, kind)}&" → "&{faults.words(book, kind, "fault.fix")}'
    return f'&IF({code}=$A{row},": "&{shown}&{text},"")'


def _bounds(book: Book, code: str) -> str:
    """Count the values of an input outside its plausible range."""
    layout = book.layout
    values = layout.typed.over(code, SHEET, "rc")
    low, high = (layout.framework_cell(code, name) for name in ("valid_low", "valid_high"))
    below = f'IF({low}="",0,COUNTIF({values},"<"&{low}))'
    return f'{below}+IF({high}="",0,COUNTIF({values},">"&{high}))'


def _without_id(book: Book, code: str) -> str:
    """Count the values of an input in rows without a city id, inserted ones too."""
    column = book.layout.data_column(code).ref()
    return f'IFERROR(SUMPRODUCT((in_units="")*({column}<>"")),0)'


def _odd(book: Book, code: str) -> str:
    """Count a largest value far above the second, one negative value among positive ones, slips.

    A slip is what `Change` flags beside the last edition: a digit too many, another sign.
    """
    values = book.layout.typed.over(code, SHEET, "rc")
    return (
        f"IF(COUNT({values})<4,0,IF({_lone_largest(values)},1,0)+IF({_lone_negative(values)},1,0))"
        # Not COUNTIF: what it makes of empty texts has to be asked of a second engine.
        + "".join(f'+SUMPRODUCT(({flags}<>"")*1)' for flags in _slips(book, code))
    )


def _fractions(values: str) -> str:
    """Count the values that look like fractions in an indicator in percent.

    The rule is that of `xlcity.model.reading.values`.
    """
    small, others = f'COUNTIFS({values},">0",{values},"<=1")', f'COUNTIF({values},">1")'
    greatest = f'SMALL({values},MAX(1,COUNTIF({values},"<=1")))'
    low, middle = (f"LARGE({values},MAX(1,{k}))" for k in (others, f"INT(({others}+1)/2)"))
    return (
        f"IF(OR({small}=0,{others}<MAX({LEAST_OTHERS},{small})),0,"
        f"IF({low}<MAX({FRACTION_GAP:g},{middle}/{low})*{greatest},0,"
        f'COUNTIFS({values},">="&{low}/{100 * FRACTION_GAP:g},{values},'
        f'"<="&{_largest_fraction(values)})))'
    )


def _largest_fraction(values: str) -> str:
    """Return up to which value one may be a fraction of the others' size."""
    return f"MIN(1,MAX({values})/{100 / FRACTION_GAP:g})"


def _lone_largest(values: str) -> str:
    return f"AND(LARGE({values},2)>0,LARGE({values},1)>par_neighbour*LARGE({values},2))"


def _lone_negative(values: str) -> str:
    return f'AND(COUNTIF({values},"<0")=1,COUNTIF({values},">0")>2)'


def _slips(book: Book, code: str) -> list[str]:
    """Return the column of `Change` that flags slips of an input, if there is one."""
    if book.spec.last is None:
        return []
    at = Places(book.layout)
    return [at.flags.over(code, SHEET, "rc")] if code in at.codes else []


def _first(book: Book, code: str, name: str) -> str:
    """Return the formula for the place of a city whose value was counted."""
    values = book.layout.typed.over(code, SHEET, "rc")
    greatest, least = (f"MATCH({f}({values}),{values},0)" for f in ("MAX", "MIN"))
    if name == "bounds":
        high = book.layout.framework_cell(code, "valid_high")
        above = f'IF({high}="",FALSE,MAX({values})>{high})'
        return f"IF({above},{greatest},{least})"
    if name == "fraction":
        up_to = f'COUNTIF({values},"<="&{_largest_fraction(values)})'
        largest = f"SMALL({values},MAX(1,{up_to}))"
        return f"MATCH({largest},{values},0)"
    odd = (
        f"IF(COUNT({values})<4,0,IF({_lone_largest(values)},{greatest},"
        f"IF({_lone_negative(values)},{least},0)))"
    )
    for flags in _slips(book, code):
        odd = f'IFERROR(MATCH("?*",{flags},0),{odd})'
    return odd


def _of_groups(book: Book, code: str, test: Callable[[str, str, str, str], str]) -> str:
    """Return a test of n, span, minimum and maximum; of several populations the largest result.

    The span is "" where the method of the indicator has none.
    """
    if not book.spec.apart:
        column = book.layout.scores_before_imputing.column(code)
        rows = (ROW_N, ROW_RANGE, ROW_MIN, ROW_MAX)
        return test(*(f"{INDEX}!{cell(row, column, 'rc')}" for row in rows))
    found, names = populations_of(book.layout), ("n", "span", "min", "max")
    spans = step_of(book.spec, code).method != "zscore"
    parts = [
        test(*(
            found.at("raw", code, name, place) if spans or name != "span" else "" for name in names
        ))
        for place in range(len(found.names))
    ]  # fmt: skip
    return f"MAX({','.join(parts)})"


def _constant(book: Book, code: str, *, usable: bool) -> str:
    """Count 1 where all numbers of an indicator are equal: with a scale all the same, or without.

    Whether there is a scale is asked of the cells, as fixed bounds may be typed or emptied.
    """
    yes, no = (1, 0) if usable else (0, 1)
    if step_of(book.spec, code).get("constant") is not None:
        # Equal values have a score of their own.
        no = yes

    def equal(n: str, span: str, low: str, high: str) -> str:
        kind = f"IF(ISNUMBER({span}),{yes},{no})" if span else str(no)
        return f"IF({n}>1,IF({varies_condition(low, high)},0,{kind}),0)"

    return _of_groups(book, code, equal)


def _unusable(book: Book, code: str) -> str:
    """Count 1 where an indicator has numbers but its bounds give no scale.

    A constant column has a check of its own. One number alone is none yet, while blanks remain.
    """
    apart, letters = book.spec.apart, book.layout.letters.over(code, SHEET, "rc")
    if apart and step_of(book.spec, code).method == "zscore":
        return "0"

    def unusable(n: str, span: str, low: str, high: str) -> str:
        alone = "0" if apart else f'IF({n}=1,IF(COUNTIF({letters},"{BLANK}")=0,1,0),0)'
        return f"IF(ISNUMBER({span}),0,IF({n}>1,IF({varies_condition(low, high)},1,0),{alone}))"

    return _of_groups(book, code, unusable)


def _outside(book: Book, code: str) -> str:
    """Count 1 where a node's best score beats its best child: a mean cannot."""
    layout = book.layout
    block, children = layout.children(code)
    column = layout.aggregates.over(code, SHEET, "rc")
    values = block.span(children).ref()
    # Missing children may count as 0 by the recipe.
    least = f"MIN({values})" if missing_rule(book.spec, code) != "zero" else f"MIN(0,{values})"
    return (
        f"IF(COUNT({column})=0,0,IF(OR(MAX({column})>MAX({values})+par_udf_tolerance*"
        f"(1+ABS(MAX({values}))),MIN({column})<{least}-par_udf_tolerance*"
        f"(1+ABS({least}))),1,0))"
    )
