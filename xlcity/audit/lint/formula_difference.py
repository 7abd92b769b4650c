"""Says in which way a formula differs from the one that belongs in its cell."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from xlcity.xlsx.cells import Position
from xlcity.xlsx.formulas.tokens import Corner, NormalisedFormula, Ref, Token

_SIGNS = frozenset("+-*/^")
_OPERATORS = _SIGNS | {"<", ">", "=", "<=", ">=", "<>"}


class FormulaDifference(NamedTuple):
    """A difference in words, and of which kind it is.

    `kind` is "file", "dollar", "extent", "other cell", "number", "operator", "sign" (an operator
    more), "text", "part" (a term more or fewer) or "other".
    """

    kind: str
    message: str

    @property
    def rule(self) -> str:
        """The rule that the formula breaks."""
        return "E04" if self.kind == "extent" else "E03"


def explain_difference(
    expected: NormalisedFormula, actual: NormalisedFormula, sheet: str, position: Position
) -> FormulaDifference:
    """Return in which way a formula differs.

    Parameters
    ----------
    expected, actual
        The formula that belongs in the cell and the one that it has.
    sheet, position
        The cell.
    """
    expected, actual = _without_plus(expected), _without_plus(actual)
    outside = [ref for ref in actual.refs if ref.book]
    if outside and not any(ref.book for ref in expected.refs):
        return FormulaDifference("file", f"the formula reads another file ({outside[0].book})")
    if len(expected.tokens) == len(actual.tokens):
        pairs = zip(expected.tokens, actual.tokens, strict=True)
        changed = [(a, b) for a, b in pairs if a.text != b.text]
        if all(a.ref and b.ref for a, b in changed):
            return _changed_references(changed, sheet, position)
        text = ", ".join(f"{b.text} instead of {a.text}" for a, b in changed)
        if all(a.kind == b.kind == "number" for a, b in changed):
            return FormulaDifference("number", f"a number in the formula was changed: {text}")
        if all({a.text, b.text} <= _OPERATORS for a, b in changed):
            return FormulaDifference("operator", f"an operator was changed: {text}")
        if all(a.kind == b.kind == "text" for a, b in changed):
            return FormulaDifference("text", f"a text was changed: {text}")
    added = Counter(actual.numbers) - Counter(expected.numbers)
    typed = [number for number in added if number not in ("0", "1")] or list(added)
    if typed:
        message = f"the formula contains another number: {', '.join(typed)}"
        return FormulaDifference("number", message)
    signs = Counter(t.text for t in actual.tokens if t.text in _SIGNS)
    signs -= Counter(t.text for t in expected.tokens if t.text in _SIGNS)
    if len(actual.tokens) == len(expected.tokens) + 1 and sum(signs.values()) == 1:
        return FormulaDifference("sign", f"an operator was added: {next(iter(signs))}")
    term = _added_term(expected, actual)
    if term:
        text = "".join(str(t.ref.area(sheet, *position)) if t.ref else t.text for t in term)
        verb = "added" if len(actual.tokens) > len(expected.tokens) else "left out"
        return FormulaDifference("part", f"{text} was {verb}")
    return FormulaDifference("other", "the formula is another one")


def _added_term(expected: NormalisedFormula, actual: NormalisedFormula) -> tuple[Token, ...]:
    """Return what one formula has more than the other, if that is a term with its operator."""
    short, long = sorted((expected.tokens, actual.tokens), key=len)
    pairs = zip(short, long, strict=False)
    start = next((n for n, (a, b) in enumerate(pairs) if a.text != b.text), len(short))
    end = start + len(long) - len(short)
    term, kinds = long[start:end], [token.kind for token in long[start:end]]
    opened = kinds.count("open") - kinds.count("close")
    if not short or opened or [t.text for t in long[end:]] != [t.text for t in short[start:]]:
        return ()
    return term if kinds and "operator" in (kinds[0], kinds[-1]) else ()


def _without_plus(form: NormalisedFormula) -> NormalisedFormula:
    """Return a formula without the + that some people type before it."""
    tokens = form.tokens
    return NormalisedFormula(tokens[1:]) if tokens and tokens[0].text == "+" else form


def _changed_references(
    changed: list[tuple[Token, Token]], sheet: str, position: Position
) -> FormulaDifference:
    kinds = set()
    messages = []
    for expected, actual in changed:
        assert expected.ref is not None
        assert actual.ref is not None
        difference = _changed_reference(expected.ref, actual.ref, sheet, position)
        kinds.add(difference.kind)
        messages.append(difference.message)
    if kinds == {"dollar", "extent"}:
        kinds.remove("dollar")
    kind = kinds.pop() if len(kinds) == 1 else "other cell"
    return FormulaDifference(kind, "; ".join(dict.fromkeys(messages)))


def _changed_reference(
    expected: Ref, actual: Ref, sheet: str, position: Position
) -> FormulaDifference:
    old, new = expected.area(sheet, *position), actual.area(sheet, *position)
    same_sheet = old.sheet.casefold() == new.sheet.casefold()
    if same_sheet and (old.r1, old.c1, old.r2, old.c2) == (new.r1, new.c1, new.r2, new.c2):
        is_loose = sum(c.fixed for c in _corners(expected)) > sum(c.fixed for c in _corners(actual))
        verb = "lost a $" if is_loose else "gained a $"
        return FormulaDifference("dollar", f"the reference to {new} {verb}")
    touches = new.r1 <= old.r2 and old.r1 <= new.r2 and new.c1 <= old.c2 and old.c1 <= new.c2
    if same_sheet and touches and not (expected.single and actual.single):
        cells = new.rows * new.columns - old.rows * old.columns
        change = "shorter" if cells < 0 else "longer" if cells > 0 else "shifted"
        return FormulaDifference("extent", f"the range {new} is {change}: {old} belongs there")
    return FormulaDifference("other cell", f"{new} is read instead of {old}")


def _corners(ref: Ref) -> tuple[Corner, ...]:
    return ref.r1, ref.c1, ref.r2, ref.c2
