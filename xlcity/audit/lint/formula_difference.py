"""Says in which way a formula differs from the one that belongs in its cell."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

from xlcity.xlsx.cells import Position
from xlcity.xlsx.formulas.tokens import Corner, NormalisedFormula, Ref, Token

_SIGNS = frozenset("+-*/^")
#: Operators between two values.
OPERATORS = _SIGNS | {"<", ">", "=", "<=", ">=", "<>"}
#: Functions that give the same whichever of two cells comes first.
_EITHER_WAY = frozenset(("SUM", "PRODUCT", "MIN", "MAX", "AVERAGE"))
#: Tokens of IFERROR(A1,"") without the text.
_CAUGHT = 5
_RULES = {"dollar": "E07", "extent": "E04", "other cell": "E03"}


@dataclass(frozen=True, slots=True)
class FormulaDifference:
    """A difference: the rule it breaks, what it is in words, and of which kind it is.

    `kind` is "file", "dollar", "extent", "other cell", "number", "operator", "sign" (an operator
    more), "text", "part" (a term more or fewer) or "other".
    """

    rule: str
    message: str
    kind: str


def explain(
    expected: NormalisedFormula, found: NormalisedFormula, sheet: str, position: Position
) -> FormulaDifference:
    """Return in which way a formula differs.

    Parameters
    ----------
    expected, found
        The formula that belongs there and the one that stands there.
    sheet, position
        The cell.
    """
    expected, found = _without_plus(expected), _without_plus(found)
    outside = [ref for ref in found.refs if ref.book]
    if outside and not any(ref.book for ref in expected.refs):
        return FormulaDifference(
            "W09", f"the formula reads another file ({outside[0].book})", "file"
        )
    if len(expected.tokens) == len(found.tokens):
        pairs = zip(expected.tokens, found.tokens, strict=True)
        changed = [(a, b) for a, b in pairs if a.text != b.text]
        if all(a.ref and b.ref for a, b in changed):
            return _references(changed, sheet, position)
        text = ", ".join(f"{b.text} instead of {a.text}" for a, b in changed)
        if all(a.kind == b.kind == "number" for a, b in changed):
            return FormulaDifference(
                "W01", f"a number in the formula was changed: {text}", "number"
            )
        if all({a.text, b.text} <= OPERATORS for a, b in changed):
            return FormulaDifference("E03", f"an operator was changed: {text}", "operator")
        if all(a.kind == b.kind == "text" for a, b in changed):
            return FormulaDifference("E03", f"a text was changed: {text}", "text")
    more = Counter(found.numbers) - Counter(expected.numbers)
    typed = [number for number in more if number not in ("0", "1")] or list(more)
    if typed:
        return FormulaDifference(
            "W01", f"the formula contains another number: {', '.join(typed)}", "number"
        )
    signs = Counter(t.text for t in found.tokens if t.text in _SIGNS)
    signs -= Counter(t.text for t in expected.tokens if t.text in _SIGNS)
    if len(found.tokens) == len(expected.tokens) + 1 and sum(signs.values()) == 1:
        return FormulaDifference("E03", f"an operator was added: {next(iter(signs))}", "sign")
    part = _part(expected, found)
    if part:
        text = "".join(str(t.ref.area(sheet, *position)) if t.ref else t.text for t in part)
        what = "added" if len(found.tokens) > len(expected.tokens) else "left out"
        return FormulaDifference("E03", f"{text} was {what}", "part")
    return FormulaDifference("E03", "the formula is another one", "other")


def _part(expected: NormalisedFormula, found: NormalisedFormula) -> tuple[Token, ...]:
    """Return what one formula has more than the other, if that is a term with its operator."""
    fewer, more = sorted((expected.tokens, found.tokens), key=len)
    pairs = zip(fewer, more, strict=False)
    start = next((n for n, (a, b) in enumerate(pairs) if a.text != b.text), len(fewer))
    end = start + len(more) - len(fewer)
    term, kinds = more[start:end], [token.kind for token in more[start:end]]
    opened = kinds.count("open") - kinds.count("close")
    if not fewer or opened or [t.text for t in more[end:]] != [t.text for t in fewer[start:]]:
        return ()
    return term if kinds and "operator" in (kinds[0], kinds[-1]) else ()


def _without_plus(made: NormalisedFormula) -> NormalisedFormula:
    """Return a formula without the + that some people type before it."""
    tokens = made.tokens
    return NormalisedFormula(tokens[1:]) if tokens and tokens[0].text == "+" else made


def _references(
    changed: list[tuple[Token, Token]], sheet: str, position: Position
) -> FormulaDifference:
    kinds = set()
    parts = []
    for a, b in changed:
        assert a.ref is not None
        assert b.ref is not None
        kind, text = _reference(a.ref, b.ref, sheet, position)
        kinds.add(kind)
        parts.append(text)
    if kinds == {"dollar", "extent"}:
        kinds.remove("dollar")
    kind = kinds.pop() if len(kinds) == 1 else "other cell"
    return FormulaDifference(_RULES[kind], "; ".join(dict.fromkeys(parts)), kind)


def _reference(a: Ref, b: Ref, sheet: str, position: Position) -> tuple[str, str]:
    old, new = a.area(sheet, *position), b.area(sheet, *position)
    same_sheet = old.sheet.casefold() == new.sheet.casefold()
    if same_sheet and (old.r1, old.c1, old.r2, old.c2) == (new.r1, new.c1, new.r2, new.c2):
        loose = sum(c.fixed for c in _corners(a)) > sum(c.fixed for c in _corners(b))
        word = "lost a $" if loose else "gained a $"
        return "dollar", f"the reference to {new} {word}"
    touches = new.r1 <= old.r2 and old.r1 <= new.r2 and new.c1 <= old.c2 and old.c1 <= new.c2
    if same_sheet and touches and not (a.single and b.single):
        more = new.rows * new.columns - old.rows * old.columns
        word = "shorter" if more < 0 else "longer" if more > 0 else "shifted"
        return "extent", f"the range {new} is {word}: {old} belongs there"
    return "other cell", f"{new} is read instead of {old}"


def _corners(ref: Ref) -> tuple[Corner, ...]:
    return ref.r1, ref.c1, ref.r2, ref.c2


def is_meant(slip: FormulaDifference, own: NormalisedFormula, model: NormalisedFormula) -> bool:
    """Tell whether a difference is one of those that tables have on purpose.

    Labels and links read a cell each; in a tree each node reads its own parent in the same column;
    texts are words; b + a is a + b.
    """
    if slip.kind == "text":
        return True
    # A balance is carried on as it is, and in one period something is added to it.
    if slip.kind == "part" and len(model.tokens) == 1:
        return True
    if slip.kind != "other cell":
        return False
    if Counter(own.refs) == Counter(model.refs):
        signs = {token.text for token in own.tokens if token.kind == "operator"}
        return signs in (set(), {"+"}, {"*"}) and own.functions <= _EITHER_WAY
    return is_link(own) or is_tree(own, model)


def is_link(made: NormalisedFormula) -> bool:
    """Tell whether a formula fetches one cell, be it with IFERROR: which one is chosen."""
    plain = [token.text for token in made.tokens if token.kind not in ("operator", "text")]
    return len(made.refs) == 1 and (
        (len(plain) == 1 and not any(token.kind == "text" for token in made.tokens))
        or (made.functions == {"IFERROR"} and len(plain) == _CAUGHT)
    )


def is_tree(own: NormalisedFormula, model: NormalisedFormula) -> bool:
    """Tell whether two formulas differ in what they read of their own column: each its parent.

    One that reads other cells of that column as the other does is a sum of them.
    """
    pairs = [
        (a, b)
        for a, b in zip(own.refs, model.refs, strict=True)
        if a.single and not a.sheet and not a.c1.fixed and a.c1.number == 0
    ]
    return any(a != b for a, b in pairs) and all(a != b or a.fixed for a, b in pairs)


def is_one_off(own: NormalisedFormula, model: NormalisedFormula) -> bool:
    """Tell whether one reference of a formula is a cell beside the one of another formula."""
    apart = sum(
        abs(a.r1.number - b.r1.number) + abs(a.c1.number - b.c1.number)
        for a, b in zip(own.refs, model.refs, strict=True)
    )
    return apart == 1


def is_other_sheet(own: NormalisedFormula, model: NormalisedFormula) -> bool:
    """Tell whether two formulas read the same places of different sheets."""
    pairs = [(a, b) for a, b in zip(own.refs, model.refs, strict=True) if a != b]
    return bool(pairs) and all(
        a.sheet and b.sheet and a.book == b.book and replace(a, sheet=b.sheet) == b
        for a, b in pairs
    )


def near(expected: NormalisedFormula, found: NormalisedFormula) -> bool:
    """Tell whether two formulas are so alike that one is a slip of the other."""
    a, b = (Counter(_kind(token) for token in form.tokens) for form in (expected, found))
    common = sum((a & b).values())
    most = max(sum(a.values()), sum(b.values()))
    return common >= (2 if most == 3 else 0.7 * most)


def _kind(token: Token) -> str:
    return token.kind if token.ref is not None else token.text
