"""How formulas are written: lookups, volatile functions; in templates also typed numbers."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from xlcity.audit.lint.finding import LintFinding, finding_at
from xlcity.audit.lint.registry import finds
from xlcity.audit.lint.subject import Subject, is_number
from xlcity.errors import CellError
from xlcity.xlsx.address import cell_name, full_address
from xlcity.xlsx.cells import Position
from xlcity.xlsx.formulas.syntax import Expr

_PLAIN = frozenset(("0", "1", "2", "100"))
#: Larger than any value: x < 1E+300 asks whether x is a number, since texts count as more.
_BEYOND = 1e300
#: Numbers up to this in a formula say what counts as equal, as 4E-15 does.
_ROUNDING = 1e-9
_ARITHMETIC = frozenset("+-*/^")
_COMPARED = frozenset(("=", "<>", "<", ">", "<=", ">="))
_TEXTS = frozenset(
    ("LEFT", "RIGHT", "MID", "LEN", "FIND", "SEARCH", "SUBSTITUTE", "REPLACE", "TEXT", "TRIM",
     "CHAR", "CODE", "UPPER", "LOWER", "CONCATENATE", "CONCAT", "TEXTJOIN", "REPT", "EXACT")
)  # fmt: skip
#: What these return is a place, a number of cells or a kind: numbers beside them are not data.
_PLACES = frozenset(
    ("ROW", "ROWS", "COLUMN", "COLUMNS", "COUNT", "COUNTA", "COUNTIF", "COUNTIFS", "MATCH",
     "ERROR.TYPE", "TYPE", "LEN", "FIND", "INT", "MOD")
)  # fmt: skip
_VOLATILE = frozenset(
    ("OFFSET", "INDIRECT", "NOW", "TODAY", "RAND", "RANDBETWEEN", "RANDARRAY", "INFO", "CELL")
)
_KINDS = (
    ("population and sample statistics", ("STDEV.P", "STDEVP", "VAR.P", "VARP"),
     ("STDEV.S", "STDEV", "VAR.S", "VAR")),
    ("PERCENTRANK.INC and .EXC", ("PERCENTRANK.INC", "PERCENTRANK"), ("PERCENTRANK.EXC",)),
    ("RANK.EQ and RANK.AVG", ("RANK.EQ", "RANK"), ("RANK.AVG",)),
    ("QUARTILE or PERCENTILE .INC and .EXC",
     ("QUARTILE.INC", "QUARTILE", "PERCENTILE.INC", "PERCENTILE"),
     ("QUARTILE.EXC", "PERCENTILE.EXC")),
)  # fmt: skip
_HEAVY = frozenset(
    ("AVERAGE", "STDEV.P", "STDEV.S", "STDEVP", "STDEV", "SUMPRODUCT", "CORREL", "MEDIAN",
     "VAR.P", "VAR.S", "SLOPE", "RSQ", "AVERAGEIFS", "SUMIFS")
)  # fmt: skip
#: Numbers up to this are few cities or values.
_TOO_FEW = 10

_CellKey = tuple[str, Position]


@finds(
    "W05 an approximate lookup | Look up exactly: MATCH(…,0), VLOOKUP(…,FALSE).",
    "W10 a volatile function in a calculation | Use INDEX, or a fixed value.",
    order=30,
    of_formulas=True,
)
def unsafe_functions(subject: Subject) -> Iterator[LintFinding]:
    """Yield W05 and W10, once for all copies of a formula."""
    for places, form in subject.distinct():
        expr = subject.syntax(form)
        approximate = "" if expr is None else _approximate_lookup(expr)
        if approximate:
            message = f"{approximate} takes the nearest value where no value is equal."
            yield finding_at("W05", *places[0], message, region=_region(places))
        volatile = sorted(form.functions & _VOLATILE)
        if volatile:
            message = f"{', '.join(volatile)} is computed anew at every change."
            yield finding_at("W10", *places[0], message, region=_region(places))


@finds(
    "W01 a number is typed into a formula | Put it in a separate cell and refer to it.",
    "W07 kinds of statistics are mixed | Use one kind throughout.",
    "W12 the same calculation twice | Calculate once and refer to it.",
    order=31,
    where="template",
    of_formulas=True,
)
def formulas_beside_template(subject: Subject) -> Iterator[LintFinding]:
    """Yield W01, W07 and W12 of formulas that people wrote beside those of a template."""
    for places, form in subject.distinct():
        expr = subject.syntax(form)
        if expr is None or _in_checks(subject, *places[0]) or _is_label(subject, expr, places):
            continue
        typed = list(dict.fromkeys(_typed_numbers(_CountedSides(subject, *places[0]), expr)))
        if typed:
            message = f"the formula contains {', '.join(typed)}."
            yield finding_at("W01", *places[0], message, region=_region(places))
    yield from _mixed_statistics(subject)
    yield from _double_calculations(subject)


def _region(places: list[_CellKey]) -> str:
    """Return the cells that share a form, as a range where they are one."""
    if len(places) == 1:
        return ""
    sheets = {sheet for sheet, _ in places}
    if len(sheets) == 1:
        rows = [row for _, (row, _) in places]
        columns = [column for _, (_, column) in places]
        size = (max(rows) - min(rows) + 1) * (max(columns) - min(columns) + 1)
        if size == len(places):
            first = cell_name(min(rows), min(columns))
            return f"{first}:{cell_name(max(rows), max(columns))}"
    return f"{len(places)} cells"


def _in_checks(subject: Subject, sheet: str, position: Position) -> bool:
    area = subject.area("chk_table")
    return area is not None and area.holds(sheet, position)


def _is_label(subject: Subject, expr: Expr, places: list[_CellKey]) -> bool:
    """Tell whether a formula makes a text to read, or a code to look up."""
    if any(e.kind == "binary" and e.text == "&" for e in expr.walk()):
        return True
    if any(True for _ in expr.calls(*_TEXTS)):
        return True
    values = [subject.value(sheet, position) for sheet, position in places]
    texts = sum(isinstance(value, str) and value != "" for value in values)
    return texts > 0 and not any(is_number(value) for value in values)


@dataclass(frozen=True, slots=True)
class _CountedSides:
    """Tells which sides of an operation are places or counts: a number beside one is not data."""

    subject: Subject
    sheet: str
    position: Position

    def is_count(self, expr: Expr, follow: int = 3) -> bool:
        """Tell whether an expression counts, or reads a cell that does."""
        if expr.kind == "call":
            if expr.text in _PLACES:
                return True
            return expr.text in ("IFERROR", "IFNA", "IF") and any(
                self.is_count(arg, follow) for arg in expr.args[expr.text == "IF" :]
            )
        if expr.kind in ("binary", "unary"):
            return any(self.is_count(arg, follow) for arg in expr.args)
        if expr.ref is None or not expr.ref.single or not follow:
            return False
        area = self.subject.graph.area(expr.ref, self.sheet, self.position)
        form = area and self.subject.form(area.sheet, (area.r1, area.c1))
        inner = form and self.subject.syntax(form)
        return bool(inner and self.is_count(inner, follow - 1))


def _typed_numbers(sides: _CountedSides, expr: Expr) -> Iterator[str]:
    """Yield numbers that take part in arithmetic."""
    if expr.kind == "binary" and expr.text in _ARITHMETIC | _COMPARED:
        for side, arg in enumerate(expr.args):
            number = arg.args[0] if arg.kind in ("unary", "percent") and arg.args else arg
            if number.kind != "number":
                yield from _typed_numbers(sides, arg)
            elif not _is_harmless(expr.text, side, number.text):
                is_count = number.text.isdigit() and any(map(sides.is_count, expr.args))
                if not is_count:
                    yield number.text
        return
    if expr.kind == "call" and expr.text == "IF" and any(a.text == '""' for a in expr.args[1:]):
        yield from _numbers_of_guard(sides, expr.args[0])
        for arg in expr.args[1:]:
            yield from _typed_numbers(sides, arg)
        return
    for arg in expr.args:
        if expr.kind == "call" and expr.text in ("MAX", "MIN", "SUM", "SUMPRODUCT", "POWER"):
            number = arg.args[0] if arg.kind == "unary" else arg
            if number.kind == "number" and number.text not in _PLAIN:
                yield number.text
        yield from _typed_numbers(sides, arg)


def _numbers_of_guard(sides: _CountedSides, test: Expr) -> Iterator[str]:
    """Yield numbers of a test that leaves its cell empty: IF(n<3,"",…) says when n is too few."""
    if test.kind == "call" and test.text in ("OR", "AND", "NOT"):
        for arg in test.args:
            yield from _numbers_of_guard(sides, arg)
    elif test.kind == "binary" and test.text in _COMPARED:
        few = [
            a.kind == "number" and a.text.isdigit() and int(a.text) <= _TOO_FEW for a in test.args
        ]
        if not any(few):
            yield from _typed_numbers(sides, test)
        for arg, is_few in zip(test.args, few, strict=True):
            if any(few) and not is_few:
                yield from _typed_numbers(sides, arg)
    else:
        yield from _typed_numbers(sides, test)


def _is_harmless(operator: str, side: int, number: str) -> bool:
    """Return whether a number is a power, a power of ten, or a limit of rounding or size."""
    if number in _PLAIN:
        return True
    if number[:1].isdigit() and (0 < float(number) <= _ROUNDING or float(number) >= _BEYOND):
        return True
    if operator == "^":
        return number in (("10",), ("3", "4", "0.5"))[side]
    # Per million, or thousandths that keep ties apart: a power of ten changes the unit only.
    return operator in "*/" and side == 1 and _is_power_of_ten(number)


def _is_power_of_ten(text: str) -> bool:
    return text.strip("0") == "1" and text.startswith("1") and len(text) > 3


def _approximate_lookup(expr: Expr) -> str:
    """Return the function that looks up a near value, or ""."""
    for call in expr.calls("MATCH"):
        if len(call.args) < 3 or (call.args[2].kind == "number" and call.args[2].text != "0"):
            return "MATCH"
        if call.args[2].kind == "unary":
            return "MATCH"
    for call in expr.calls("VLOOKUP", "HLOOKUP"):
        if len(call.args) < 4 or call.args[3].text in ("1", "TRUE"):
            return call.text
    return "LOOKUP" if any(True for _ in expr.calls("LOOKUP")) else ""


def _mixed_statistics(subject: Subject) -> Iterator[LintFinding]:
    """Yield the rarer kind where two kinds of one statistic are used."""
    for what, first, second in _KINDS:
        users: dict[bool, list[list[_CellKey]]] = defaultdict(list)
        for places, form in subject.distinct():
            for other, names in ((False, first), (True, second)):
                if form.functions & set(names):
                    users[other].append(places)
        if len(users) == 2:
            rarer = min(users.values(), key=lambda groups: sum(map(len, groups)))
            for places in rarer:
                sheet, position = places[0]
                message = f"the workbook uses both {what}."
                yield finding_at("W07", sheet, position, message, region=_region(places))


def _double_calculations(subject: Subject) -> Iterator[LintFinding]:
    """Yield heavy calculations that stand in two cells of one sheet, word for word."""
    seen: dict[tuple[str, str], Position] = {}
    reported: Counter[str] = Counter()
    for sheet, position, form in subject.formulas():
        cell = subject.cells(sheet)[position]
        if not form.functions & _HEAVY or cell.array or isinstance(cell.value, CellError):
            continue
        if not is_number(cell.value) or _in_checks(subject, sheet, position):
            continue
        text = "".join(
            str(subject.graph.area(token.ref, sheet, position)) if token.ref else token.text
            for token in form.tokens
        )
        first = seen.setdefault((sheet, text), position)
        # Side by side they are the two ends of a table of pairs, whose diagonal is one variable.
        beside = first[0] == position[0] and abs(first[1] - position[1]) == 1
        if first != position and not beside and not reported[text]:
            reported[text] += 1
            where = full_address(sheet, first)
            yield finding_at("W12", sheet, position, f"{where} calculates the same.")
