"""The rules of the lint: code, severity, what is wrong and what to do."""

from __future__ import annotations

from dataclasses import dataclass

SEVERITIES = {"E": "error", "W": "warning", "I": "info"}


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule."""

    code: str
    title: str
    fix: str

    @property
    def severity(self) -> str:
        """error, warning or info, by the code's letter."""
        return SEVERITIES[self.code[0]]


_RULES = (
    ("E01", "a formula shows an error or depends on one", "Correct the first cell in the chain."),
    ("E02", "a constant stands where a formula belongs", "Restore the formula."),
    ("E03", "a formula differs from its neighbours", "Copy the formula from its neighbours."),
    ("E04", "a range is shorter or longer than its block", "Let the range cover the whole block."),
    ("E05", "statistics are taken from another range than the scores", "Use one range for both."),
    ("E06", "weights of a group do not sum to 1 (or 100)", "Correct the weights of the group."),
    ("E07", "a reference to a parameter is not absolute", "Write it with $ before row and column."),
    ("E08", "scores run against the declared direction", "Correct the direction or the formula."),
    ("E09", "a stored value is not what the formula gives", "Recalculate and save the workbook."),
    ("E10", "a library function disagrees with the cells", "Compare the two step by step."),
    ("E11", "formulas run in a circle", "Break the circle; switch iterative calculation off."),
    ("E12", "ranks are not those of the scores", "Rank all scores by one rule, unrounded."),
    ("W01", "a number is typed into a formula", "Put it in a cell of its own and refer to it."),
    ("W02", "a number is stored as text", "Type it as a number."),
    ("W03", "a formula reads a blank cell", "Fill the cell, or ask for it with IF(cell=\"\",…)."),
    ("W04", "a gap becomes 0 without a mark", "Leave the gap, or mark what replaces it."),
    ("W05", "an approximate lookup", "Look up exactly: MATCH(…,0), VLOOKUP(…,FALSE)."),
    ("W06", "a city stands twice or is not known", "Give each city one row and one spelling."),
    ("W07", "kinds of statistics are mixed", "Use one kind throughout."),
    ("W08", "a value is not plausible", "Check the value and its unit."),
    ("W09", "a link to something outside, or a name that is gone", "Bring the values in."),
    ("W10", "a volatile function in a calculation", "Use INDEX, or a fixed value."),
    ("W11", "something hidden feeds a result", "Show it, or say on a visible sheet what it does."),
    ("W12", "the same calculation twice", "Calculate once and refer to it."),
    ("W13", "a subtotal is inside a summed range", "Sum the parts or the subtotals, not both."),
    ("W14", "an input is never used, or a formula has no input", "Use it or take it out."),
    ("W15", "an indicator that cannot tell units apart", "Check its values, or leave it out."),
    ("W16", "a formula is not protected", "Lock the cell and protect the sheet."),
    ("I01", "a long or deeply nested formula", "Split it into steps."),
    ("I02", "no source, version or check beside the numbers", "Say where they come from."),
    ("I03", "a cell's style is not its role", "Give it the style of what it is."),
    ("I04", "computed numbers are compared exactly", "Round both sides first."),
    ("I05", "a doubled sign", "Write the formula without it."),
)  # fmt: skip

#: Code -> rule.
RULES = {code: Rule(code, title, fix) for code, title, fix in _RULES}
