"""Holds what engines gave against the rules, and against LibreOffice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from tools.formula_search.make import Made
from tools.formula_search.oracle import Fault, NoRuleError, Open, expected
from tools.formula_search.run import Computed
from xlcity.errors import CellError, CellValue
from xlcity.recalc.compare import agree
from xlcity.xlsx.formulas.number_texts import is_decimal, reads_otherwise

#: Why LibreOffice 7.4 differs from a value that is called ok, by function.
_KNOWN = {
    "PERCENTRANK": "rounds the share, Excel cuts it to its digits",
    "RANK": "ranks a number that is not in the list, Excel says #N/A",
    "GEOMEAN": "0 gives 0, Excel says #NUM!",
    "HARMEAN": "0 gives an error of another kind",
    "ATAN2": "ATAN2(0,0) is 0, Excel says #DIV/0!",
    "TEXT": "leaves out the point of a format such as 0.##, Excel writes it",
    "CHAR": "signs from 128 on are those of its own code page",
    "NUMBERVALUE": "takes no numbers, Excel takes their text",
    "MROUND": "takes numbers of different signs, Excel says #NUM!",
    "DOLLAR": "writes -$1, Excel ($1)",
    "FIND": "does not find the empty text, Excel finds it at the start",
    "COMBINA": "cuts or refuses what Excel takes",
    "CODE": "counts bytes of its own code page",
    "IRR": "gives up, Excel goes on",
    "DB": "refuses a cost below the salvage value",
    "DDB": "refuses a cost of 0",
    "DEC2BIN": "takes the empty text for a left out number of places",
    "TYPE": "has a type of its own for formulas that give an empty text",
    "ERF": "takes the empty text for a left out limit",
    "ADDRESS": "takes other kinds of reference than 1 to 4 for 1",
    "VALUE": "gives truth values back",
    "DEC2HEX": "rounds a fraction down, Excel cuts it",
    "DEC2OCT": "rounds a fraction down, Excel cuts it",
    "PPMT": "loses digits where the rate is high",
    "IPMT": "loses digits where the rate is high",
}


@dataclass
class Report:
    """What was found."""

    formulas: int = 0
    ok: Counter[str] = field(default_factory=Counter)
    by_rule: int = 0
    by_office: int = 0
    alone: int = 0
    #: Cells called ok that are wrong, or whose value is unknown.
    wrong: list[str] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)
    #: Differences from LibreOffice that no reason is written for.
    unexplained: list[str] = field(default_factory=list)

    def add(self, found: Iterable[Computed]) -> None:
        """Judge formulas."""
        for one in found:
            self.formulas += 1
            for engine in sorted(one.trusted):
                self.ok[engine] += 1
                self._one(one, engine)

    def _one(self, one: Computed, engine: str) -> None:
        made = one.laid.made
        value = one.given[engine]
        try:
            problem = _differs(made, value)
        except NoRuleError:
            problem = None
        else:
            self.by_rule += 1
        if problem:
            self.wrong.append(f"{made} {engine}: {value!r}, {problem}")
            return
        office = one.given.get("libreoffice")
        if engine == "libreoffice":
            return
        if office is None or office is CellError.NAME:
            self.alone += 1
        elif _same(value, office):
            self.by_office += 1
        elif (reason := _reason(made)) is not None:
            self.reasons[reason] += 1
        else:
            self.unexplained.append(
                f"{made} {engine}: {value!r}, libreoffice: {office!r}"
            )

    def lines(self) -> list[str]:
        """Return the report."""
        called = ", ".join(
            f"{name} {count:,}" for name, count in sorted(self.ok.items())
        )
        return [
            f"{self.formulas:,} formulas; cells called ok: {called}",
            f"held against a written rule: {self.by_rule:,}; wrong: {len(self.wrong)}",
            *(f"  {line}" for line in self.wrong),
            f"as LibreOffice: {self.by_office:,}; absent there: {self.alone:,}; "
            f"other, with a reason: {self.reasons.total():,}; without: {len(self.unexplained)}",
            *(f"  {count} {reason}" for reason, count in self.reasons.most_common()),
            *(f"  {line}" for line in self.unexplained),
        ]


def _differs(made: Made, value: CellValue) -> str | None:
    """Return how a value differs from the rule; ``None`` if it does not."""
    try:
        want = expected(made)
    except Open:
        return (
            None
            if isinstance(value, CellError) and _has_error(made)
            else "no rule decides it"
        )
    except Fault as fault:
        return (
            None
            if isinstance(value, CellError)
            else f"the rule says {fault.value or 'an error'}"
        )
    if made.name in "+-" and want == 0 != value:
        return "the rule says 0"
    return None if _same(value, want) else f"the rule says {want!r}"


def _has_error(made: Made) -> bool:
    """Return whether an argument is an error or makes one, whatever the others are."""
    return any(
        isinstance(v, CellError | str)
        for a in made.arguments
        for row in a.rows
        for v in row
    )


def _same(a: CellValue, b: CellValue) -> bool:
    if isinstance(a, CellError) and isinstance(b, CellError):
        return True  # which error it is matters little, and is measured
    if isinstance(a, bool) != isinstance(b, bool) and isinstance(a, float | bool):
        return isinstance(b, float | bool) and float(a) == float(b)
    return agree(a, b)


def _reason(made: Made) -> str | None:
    values = [v for a in made.arguments for row in a.rows for v in row]
    if any(isinstance(v, bool) for v in values):
        return "TRUE and FALSE: LibreOffice has them as the numbers 1 and 0"
    for name, reason in _KNOWN.items():
        if made.name == name or made.name.startswith(f"{name}."):
            return f"{name}: LibreOffice {reason}"
    texts = [v for v in values if isinstance(v, str)]
    if any(is_decimal(v) or reads_otherwise(v) for v in texts):
        return "text: LibreOffice reads it by the formats of its region"
    return None
