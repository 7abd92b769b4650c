"""Holds the arguments of functions against the classes they are to be trusted with.

The measured list says which ways of use an engine computes rightly; engines that share a mistake
outvote the right one there. The rules (verified/rules.txt) are not measured: they say for each
function in which classes of arguments it is at home. A cell with an argument at a border is
doubted, whatever engines agree on.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import cache, cached_property, partial
from importlib import resources

from xlcity.errors import CellError
from xlcity.recalc.engines.protocol import Values
from xlcity.recalc.support.argument_results import always_in, in_by_result, is_from_1
from xlcity.recalc.support.argument_tests import SPECIAL, snapped
from xlcity.recalc.support.argument_values import ArgumentEvaluator, CurrentValues
from xlcity.recalc.support.formula_groups import FormulaGroup
from xlcity.recalc.support.parsed_formulas import ParsedFormulas, RuledUse, RuledUses
from xlcity.recalc.support.value_classes import CLASSES, RANGES
from xlcity.xlsx.address import Range
from xlcity.xlsx.cells import Position, ReadBook
from xlcity.xlsx.formulas.evaluate import Unknown
from xlcity.xlsx.formulas.graph import Graph
from xlcity.xlsx.formulas.range_values import Stored
from xlcity.xlsx.formulas.syntax import Expr

#: Where LibreOffice takes truth values for 1 and 0: those in cells, those read as text.
_COUNTED = frozenset(("amounts", "amounts_a", "referred", "truths", "flows"))
_SPELT = frozenset(("text", "word", "texts", "pattern", "ascii"))
#: What a class takes, for messages.
_WORDS = {
    **dict.fromkeys(("text", "word", "texts"), "text and numbers of up to 15 digits"),
    **dict.fromkeys(("short", "plain", "plains", "shown", "distinct"), "values of up to 15 digits"),
    **dict.fromkeys(("truth", "truths", "bool", "switch"), "truth values and numbers"),
    **dict.fromkeys(("date", "day", "dates"), "dates from 1 March 1900"),
    **dict.fromkeys(("moment", "clock"), "whole seconds"),
    **dict.fromkeys(("iso_date", "iso_time"), "dates as 2024-12-31 and times as 18:30"),
    **dict.fromkeys(("prob", "share"), "shares inside 0 and 1"),
    **dict.fromkeys(("pairs", "positives"), "full pairs of numbers"),
    **dict.fromkeys(
        "count count0 whole few small digits freedom freedoms trial trials periods months year"  # noqa: SIM905
        " choice factorial naturals tails base roman_number".split(),
        "whole numbers",
    ),
    "amounts": "numbers, and other values in cells",
    "referred": "references",
    "order": "plain words and numbers",
    "decimal": "plain decimal numbers",
    "criterion": "plain criteria",
    "criteria_range": "plain values",
    "sought": "plain lookup values",
}
#: Classes of text -> the same with numbers of any digits.
_DIGITS = {"text": "digits15", "word": "digits15", "texts": "digits15s"}
#: In templates these are drawn, not written by hand: their inputs are checked where they enter.
_DRAWN = frozenset(
    "+ - * / ^ & = <> < > <= >= u- u+ % IF IFERROR IFNA AND OR NOT INDEX MATCH COUNT COUNTA"  # noqa: SIM905
    " COUNTIF COUNTIFS SUMIF SUMIFS AVERAGEIF SUM SUMPRODUCT MAX MIN AVERAGE ROUND ABS TRIM LEN"
    " SUBSTITUTE FIND MID VALUE"
    " ISNUMBER ISERROR TYPE N ROW ROWS COLUMNS EXACT LEFT RIGHT STDEV.P".split()
)


@dataclass(frozen=True, slots=True)
class ArgumentRule:
    """Where a function is at home."""

    classes: tuple[str, ...]
    group: tuple[str, ...]
    able: frozenset[str]
    never: frozenset[str]
    why: str
    special: bool = False

    @property
    def bounded(self) -> bool:
        """Whether there is a border at all."""
        return bool(self.never or self.special or {*self.classes, *self.group} - {"any"})

    def letter(self, index: int) -> str:
        """Return the class of an argument."""
        if index < len(self.classes):
            return self.classes[index]
        rest = index - len(self.classes)
        return self.group[rest % len(self.group)] if self.group else "any"


@dataclass(frozen=True, slots=True)
class ArgumentDoubt:
    """A use at a border: a doubt that no agreement of engines settles."""

    text: str
    able: frozenset[str]

    def __str__(self) -> str:
        return self.text

    def supported_by(self, engine: str, _table: object) -> bool:
        """Return whether an engine is known to be right there."""
        return engine in self.able


@cache
def rules() -> dict[str, ArgumentRule]:
    """Return the rules by function."""
    text = resources.files("xlcity.recalc.support").joinpath("data", "rules.txt")
    found = {}
    for line in text.read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("# ") or " | " not in line:
            continue
        names, classes, others, why = (part.strip() for part in f"{line} ".split(" |", 3))
        fixed, _, group = classes.partition("(")
        whom = others.split()
        rule = ArgumentRule(
            tuple(fixed.split()),
            tuple(group.rstrip(")").split()),
            frozenset(name for name in whom if not name.startswith("-")),
            frozenset(name[1:] for name in whom if name.startswith("-")),
            why,
        )
        for name in names.split():
            found[name] = replace(rule, special=name in SPECIAL)
    return found


def _rule(expr: Expr, *, drawn: bool) -> ArgumentRule | None:
    """Return the rule of a use; None where it is at home whatever cells hold."""
    name = _name_of(expr)
    if not expr.args or expr.kind == "array" or (drawn and name in _DRAWN):
        return None
    rule = rules().get(name)
    if rule is None or rule.never or rule.special:
        return rule
    # Whatever its size: measured up to 1e308.
    if name == "LOG10" and is_from_1(expr.args[0]):
        return None
    letters = map(rule.letter, range(len(expr.args)))
    return None if all(map(always_in, letters, expr.args)) else rule


def _name_of(expr: Expr) -> str:
    return f"u{expr.text}" if expr.kind == "unary" else expr.text


_Use = RuledUse[ArgumentRule]
#: A sheet, cells, and the formula that they have in common.
ParsedCells = tuple[str, tuple[Position, ...], Expr]


class ArgumentChecker:
    """The borders that the formulas of a workbook meet.

    Parameters
    ----------
    book
        The workbook.
    shapes
        Its formulas; or parsed, those of them that may meet a border.
    engine
        Whose values are looked at.
    drawn
        Whether it is a template of ours, whose everyday formulas are known.
    """

    def __init__(
        self,
        book: ReadBook,
        shapes: Collection[FormulaGroup | ParsedCells],
        engine: str,
        *,
        drawn: bool = False,
    ) -> None:
        self._book, self._shapes = book, shapes
        self._drawn, self._engine = drawn, engine
        self._graph = Graph(book)
        self._stored = Stored(book)
        self._parsed = ParsedFormulas()
        self._uses = RuledUses(partial(_rule, drawn=drawn))
        self._seen: dict[tuple[str, object], bool] = {}

    @cached_property
    def concerned(self) -> tuple[FormulaGroup, ...]:
        """The formulas that may meet a border."""
        known = rules()
        groups = (shape for shape in self._shapes if isinstance(shape, FormulaGroup))
        return tuple(shape for shape in groups if self._concerns(shape, known))

    def parsed(self) -> tuple[ParsedCells, ...]:
        """Return the same as the cells of each sheet that have one formula."""
        found: dict[tuple[str, int], tuple[Expr, list[Position]]] = {}
        for sheet, position, expr in self.cells():
            if self._drawn and self._uses.of(expr) is None:
                continue
            found.setdefault((sheet, id(expr)), (expr, []))[1].append(position)
        return tuple((sheet, tuple(cells), expr) for (sheet, _), (expr, cells) in found.items())

    def cells(
        self, among: Collection[tuple[str, Position]] | None = None
    ) -> Iterator[tuple[str, Position, Expr]]:
        """Yield the cells that may meet a border, or those of some that may; each is read once."""
        for shape in self.concerned:
            for position, text in zip(shape.cells, shape.texts, strict=True):
                if among is not None and (shape.sheet, position) not in among:
                    continue
                if (expr := self._parsed.of(text, position)) is not None:
                    yield shape.sheet, position, expr
        for one in self._shapes:
            if not isinstance(one, FormulaGroup):
                sheet, cells, expr = one
                yield from (
                    (sheet, position, expr)
                    for position in cells
                    if among is None or (sheet, position) in among
                )

    def reads(self, sheet: str, position: Position) -> tuple[Range, ...]:
        """Return the areas that decide whether a cell meets a border."""
        return (*self._graph.reads(sheet, position), Range(sheet, *position, *position))

    def met(
        self,
        values: Values | None,
        book: ReadBook | None = None,
        among: Collection[tuple[str, Position]] | None = None,
    ) -> Iterator[tuple[tuple[str, Position], tuple[ArgumentDoubt, ...]]]:
        """Yield the cells that meet a border, with what they meet.

        Parameters
        ----------
        values
            What formula cells hold.
        book
            The workbook with other typed values, if it is not as it was.
        among
            Look at these cells alone.
        """
        present: ReadBook = CurrentValues(book or self._book, values)  # type: ignore[assignment]
        self._graph.book, self._stored, self._seen = present, Stored(present), {}
        arrays = {name: sheet.arrays() for name, sheet in self._book.sheets.items()}
        for name, position, expr in self.cells(among):
            reckoner = ArgumentEvaluator(self._graph, self._stored, name, position)
            array = position in arrays[name]
            doubts: list[ArgumentDoubt] = []
            if (use := self._uses.of(expr)) is not None:
                self._walk(use, reckoner, doubts, set(), array=array)
            found = dict.fromkeys(doubts)
            if expr.kind == "binary" and expr.text in "+-" and not array and not self._drawn:
                value = self._graph.book.value(name, *position)
                if snapped(expr, reckoner, value):
                    found[ArgumentDoubt("a difference that Excel takes for 0", frozenset())] = None
            if found:
                yield (name, position), tuple(found)

    def _concerns(self, shape: FormulaGroup, known: dict[str, ArgumentRule]) -> bool:
        """Return whether copies of a formula may meet a border."""
        names = {use.name for use in shape.uses}
        if self._drawn:
            names -= _DRAWN
        return any(name in known and known[name].bounded for name in names) or (
            not self._drawn and not names.isdisjoint(("+", "-"))
        )

    def _walk(
        self,
        use: _Use,
        of: ArgumentEvaluator,
        found: list[ArgumentDoubt],
        done: set[int],
        *,
        array: bool,
    ) -> None:
        """Find the borders that an expression meets."""
        if id(use) in done:
            return
        done.add(id(use))
        expr, inner = use.expr, use.inner
        if expr.kind == "call" and expr.text in ("IF", "IFERROR") and not array:
            if inner[0] is not None:
                self._walk(inner[0], of, found, done, array=array)
            inner = self._taken(use, of)
        for one in inner:
            if one is not None:
                self._walk(one, of, found, done, array=array)
        if use.rule is not None:
            outside = self._outside(_name_of(expr), expr, of, use.rule)
            if outside is not None:
                found.append(outside)
            elif self._engine in use.rule.never:
                found.append(ArgumentDoubt(_name_of(expr), use.rule.able))

    def _taken(self, use: _Use, of: ArgumentEvaluator) -> tuple[_Use | None, ...]:
        """Return the arguments of IF and IFERROR that the first one leads to."""
        first, rest = use.expr.args[0], use.inner[1:]
        if not any(rest):
            return ()
        if use.expr.text == "IFERROR":
            return rest if isinstance(of.value(first), CellError | Unknown) else ()
        test = of.number(first)
        if not isinstance(test, float):
            return rest
        return rest[:1] if test else rest[1:2]

    def _outside(
        self, name: str, expr: Expr, of: ArgumentEvaluator, rule: ArgumentRule
    ) -> ArgumentDoubt | None:
        """Return the border that a call's arguments meet, whichever engine computes it."""
        for index, arg in enumerate(expr.args):
            letter = rule.letter(index)
            if letter == "any" or arg.kind == "empty":
                continue
            if not self._is_in(letter, arg, of):
                # An engine that writes 15 digits is right about longer numbers, not about others.
                digits = letter in _DIGITS and self._is_in(_DIGITS[letter], arg, of)
                able = rule.able if digits else frozenset[str]()
                beyond = _WORDS.get(letter, "plain numbers")
                return ArgumentDoubt(f"{name} beyond {beyond} (argument {index + 1})", able)
        special = SPECIAL.get(name)
        if special is not None and not special(expr, of):
            why = f" ({rule.why})" if rule.why else ""
            return ArgumentDoubt(f"{name} at a border between its arguments{why}", frozenset())
        return None

    def _is_in(self, letter: str, arg: Expr, of: ArgumentEvaluator) -> bool:
        area = of.area(arg) if arg.kind in ("ref", "name") else None
        if area is not None and area.rows * area.columns > 1:
            key = letter, area
            if key not in self._seen:
                test = RANGES[letter][0] if letter in RANGES else CLASSES[letter]
                values = self._stored.values(area)
                counts = self._counts_truth(letter, _COUNTED)
                self._seen[key] = all(map(test, values)) and not (
                    counts and any(isinstance(value, bool) for value in values)
                )
            return self._seen[key]
        counts = self._counts_truth(letter, _SPELT)
        for value, in_cell in of.each(arg):
            if isinstance(value, Unknown):
                if not in_by_result(letter, arg):
                    return False
                continue
            test = RANGES[letter][not in_cell] if letter in RANGES else CLASSES[letter]
            if isinstance(value, CellError):
                if letter == "criterion":
                    return False
            elif not test(value) or (counts and isinstance(value, bool)):
                return False
        return True

    def _counts_truth(self, letter: str, letters: frozenset[str]) -> bool:
        return self._engine == "libreoffice" and letter in letters
