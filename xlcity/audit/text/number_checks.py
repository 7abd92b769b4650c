"""Checks of claims that need no ranks: scores, values, shares, sizes, and plain arithmetic."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import product

from xlcity.audit.text.claims import TextClaim, place_numbers, whole_number
from xlcity.audit.text.evidence import Group, SourcedNumber, TextEvidence
from xlcity.audit.text.scope import UNKNOWN, ClaimOutcome
from xlcity.functions.rounding import round_excel

#: Terms of an equation that are computed with both limits of each.
_MOST_TERMS = 8


def check_names(claim: TextClaim, evidence: TextEvidence) -> ClaimOutcome:
    """Check how many names a list has."""
    count, n = claim.number("count"), len(claim.who)
    listed_before = claim.sentence.text[: claim.start].endswith(("、", "和"))
    if count is None or n < 2 or listed_before:
        return UNKNOWN
    if n == count or (claim.has("etc") and count > n):
        return ClaimOutcome(True)
    return ClaimOutcome(False, (("names", {"n": n, "count": count}),))


def check_sizes(claim: TextClaim, evidence: TextEvidence) -> ClaimOutcome:
    """Check sizes of groups in a list."""
    for word, char in re.findall(r"(\d+|[一-龥]+?)(?:座|个|家)([\uf400-\uf7ff])", claim.span):
        group = claim.sentence.groups(char)[0][0]
        wanted = whole_number(word)
        size = sum(evidence.is_in(unit.id, group) for unit in evidence.units)
        if wanted not in (size, len(evidence.members(group))):
            return ClaimOutcome(False, (("size", {"group": group, "n": size}),))
    return ClaimOutcome(True)


def check_weight(claim: TextClaim, evidence: TextEvidence) -> ClaimOutcome:
    """Check the weight of a node."""
    codes = claim.sentence.nodes(claim.span)[0]
    wanted = _cell(claim.parts["value"])
    for code in codes:
        node = evidence.framework[code]
        if node.parent and _agree(100 * node.weight, wanted):
            return ClaimOutcome(True)
    return UNKNOWN


def check_score(claim: TextClaim, evidence: TextEvidence) -> ClaimOutcome:
    """Check the score of a city against all that it has; a near miss is a slip."""
    if len(claim.who) != 1:
        return UNKNOWN
    unit, wanted = claim.who[0], _cell(claim.parts["value"])
    named = _named(claim)
    own = {code: cell for (code, u), cell in evidence.scores.items() if u == unit}
    for (_, u), cells in evidence.values.items():
        if u == unit and any(_agree(cell.value, wanted) for cell in cells):
            return ClaimOutcome(True)
    for code in named:
        for cell in evidence.values.get((code, unit), ()):
            if _is_slip(cell.text, wanted.text):
                values = {"city": unit, "node": code, "x": cell.text}
                right = ("digits", {"right": cell.text})
                return ClaimOutcome(False, (("value", values),), right, unit, cell.table)
    codes = [code for code in named if code in own]
    if any(_agree(own[code].value, wanted) for code in codes or own):
        return ClaimOutcome(True)
    near = [code for code in codes or own if _is_slip(own[code].text, wanted.text)]
    if not codes and not near:
        slip = _whose(evidence, evidence.root, wanted) if wanted.decimals > 1 else None
        root = own.get(evidence.root)
        if slip is None or root is None:
            return UNKNOWN
        values = {"city": unit, "node": evidence.root, "x": root.text}
        return ClaimOutcome(False, (("score", values),), slip, unit, root.table)
    if len(claim.words) > 60 and not near:
        return UNKNOWN
    code = (near or codes)[0]
    values = {"city": unit, "node": code, "x": own[code].text}
    slip = ("digits", {"right": own[code].text}) if near else _whose(evidence, code, wanted)
    return ClaimOutcome(False, (("score", values),), slip, unit, own[code].table)


def _means(evidence: TextEvidence, code: str) -> Iterator[tuple[Group, float]]:
    """Yield the mean score of every group of which all scores are known."""
    groups: list[Group] = [()]
    groups += [
        ((kind.attribute, member.value),) for kind in evidence.group_types for member in kind.groups
    ]
    for group in groups:
        if (cells := evidence.known_scores(code, group)) is not None:
            yield group, sum(cell.value for cell in cells.values()) / len(cells)


def check_mean(claim: TextClaim, evidence: TextEvidence) -> ClaimOutcome:
    """Check a mean score against those of all groups."""
    keys = ("value", "value2", "value3")
    wanted = _cell(next(claim.parts[key] for key in keys if claim.has(key)))
    named = _named(claim, sentence=True)
    for code in named or evidence.nodes:
        means = dict(_means(evidence, code))
        # Means of printed scores and of exact ones differ in the last digit.
        within = 0.5 * 10.0 ** -len(wanted.text.partition(".")[2]) + 0.006
        if any(abs(mean - wanted.value) < within for mean in means.values()):
            return ClaimOutcome(True)
        if named[:1] == [code] and () in means and _is_slip(f"{means[()]:.2f}", wanted.text):
            values = {"node": code, "mean": f"{means[()]:.2f}"}
            return ClaimOutcome(False, (("mean", values),), ("digits", {"right": values["mean"]}))
    return UNKNOWN


def check_gap(claim: TextClaim, evidence: TextEvidence) -> ClaimOutcome:
    """Check how far a city is from the mean."""
    if len(claim.who) != 1:
        return UNKNOWN
    by, side = (
        next(part for end in ("", "2", "3") if (part := claim.parts.get(name + end)))
        for name in ("by", "side")
    )
    unit, wanted = claim.who[0], _cell(by)
    above = side.lower() not in ("低于", "低", "below")
    for code in _named(claim) or evidence.nodes:
        cell, mean = evidence.scores.get((code, unit)), dict(_means(evidence, code)).get(())
        if cell and mean is not None:
            gap = cell.value - mean
            # Both may be rounded before they are subtracted.
            within = 1.1 * 10.0 ** -len(by.partition(".")[2])
            if abs(abs(gap) - wanted.value) < within and (gap >= 0) == above:
                return ClaimOutcome(True)
    return UNKNOWN


def check_value(claim: TextClaim, evidence: TextEvidence) -> ClaimOutcome:
    """Check a number of an indicator; only a slip of digits is called false."""
    wanted = _cell(claim.parts["value"])
    cells = [
        (code, unit, cell)
        for unit in claim.who
        for code in _named(claim)
        for cell in evidence.values.get((code, unit), ())
    ]
    if any(_agree(cell.value, wanted) for _, _, cell in cells):
        return ClaimOutcome(True)
    if len(claim.who) > 1 or len(re.sub(r"\D", "", wanted.text)) < 3:
        return UNKNOWN
    for code, unit, cell in cells:
        if _is_slip(cell.text, wanted.text):
            values = {"city": unit, "node": code, "x": cell.text}
            slip = ("digits", {"right": cell.text})
            return ClaimOutcome(False, (("value", values),), slip, unit, cell.table)
    return UNKNOWN


def check_average(claim: TextClaim, evidence: TextEvidence) -> ClaimOutcome:
    """Check the growth of the sample."""
    text = next(claim.parts[key] for key in ("value", "value2", "value3") if claim.has(key))
    wanted = _cell(text)
    named = [code for code in _named(claim, sentence=True) if code in evidence.averages]
    opposite: list[tuple[str, SourcedNumber]] = []
    for code in named or evidence.averages:
        alike = [cell for cell in evidence.averages[code] if _agree(abs(cell.value), wanted)]
        falls = claim.parts.get("way") in _FALLING
        if any((cell.value < 0) == falls or not claim.has("way") for cell in alike):
            return ClaimOutcome(True)
        opposite += [(code, cell) for cell in alike]
    if opposite:
        code, cell = opposite[0]
        values = {"node": code, "x": cell.text}
        return ClaimOutcome(False, (("average", values),), None, "", cell.table)
    for code in named:
        for cell in evidence.averages[code]:
            if _is_slip(cell.text.lstrip("-"), wanted.text):
                values = {"node": code, "x": cell.text}
                slip = ("digits", {"right": cell.text})
                return ClaimOutcome(False, (("average", values),), slip, "", cell.table)
    return UNKNOWN


def check_difference(claim: TextClaim, evidence: TextEvidence) -> ClaimOutcome:
    """Check by how much two cities differ."""
    if len(claim.who) != 1 or not claim.other:
        return UNKNOWN
    wanted, unit, other = _cell(claim.parts["by"]), claim.who[0], claim.other[0]
    nodes = _named(claim) or [*{code for code, u in evidence.scores if u == unit}]
    for code in nodes:
        mine, its = evidence.scores.get((code, unit)), evidence.scores.get((code, other))
        if mine and its and _agree(abs(mine.value - its.value), wanted):
            return ClaimOutcome(True)
        for a in evidence.values.get((code, unit), ()):
            for b in evidence.values.get((code, other), ()):
                if _agree(abs(a.value - b.value), wanted):
                    return ClaimOutcome(True)
    return UNKNOWN


_FALLING = (
    "降幅", "下降", "下滑", "骤降", "降", "减少", "down", "decrease", "fall", "fell", "dropped",
    "decreased", "declined",
)  # fmt: skip


def check_arithmetic(claim: TextClaim, evidence: TextEvidence) -> ClaimOutcome:
    """Check the arithmetic of a sentence: a change and its two ends, or a total and its parts."""
    if claim.has("parts"):
        parts = [int(n) for n in re.findall(r"\d+", claim.parts["parts"])]
        total = int(_cell(claim.parts["to"]).value)
        if sum(parts) != total and sum(parts) > total:
            return ClaimOutcome(False, (("total", {"n": sum(parts)}),))
        return ClaimOutcome(True) if sum(parts) == total else UNKNOWN
    start, end = _cell(claim.parts["from"]), _cell(claim.parts["to"])
    if claim.has("way") and (end.value < start.value) == (claim.parts["way"] not in _FALLING):
        return ClaimOutcome(False, (("wrong_way", {"x": start.text, "y": end.text}),))
    if not claim.has("by"):
        return ClaimOutcome(True)
    by, share = _cell(claim.parts["by"]), claim.parts["what"] in ("%", "per cent")
    if share and not start.value:
        return UNKNOWN
    # What was printed may be rounded: the change lies between those of the ends' limits.
    a, b = _half(start), _half(end)
    ends = [
        (s, e) for s in (start.value - a, start.value + a) for e in (end.value - b, end.value + b)
    ]
    changes = [100 * (e / s - 1) if share else e - s for s, e in ends if s or not share]
    falls = claim.parts["by_way"].lower() in _FALLING
    wanted = -by.value if falls else by.value
    exact = 100 * (end.value / start.value - 1) if share else end.value - start.value
    slack = 0.5 * 10.0**-by.decimals if share else _half(by)
    if min(changes) - slack - 1e-9 <= wanted <= max(changes) + slack + 1e-9:
        return ClaimOutcome(True)
    if share and claim.parts.get("u1") == "%" and _agree(abs(end.value - start.value), by):
        return UNKNOWN  # points of a percentage or per cent of it: the text leaves it open
    shown = f"{float(round_excel(exact, max(by.decimals, 1))):g}"
    return ClaimOutcome(False, (("change", {"x": shown, "share": "%" if share else ""}),))


def check_equation(claim: TextClaim, evidence: TextEvidence) -> ClaimOutcome:
    """Check a sum, difference, product or quotient that is written out: 100/46 = 2.17."""
    terms = re.findall(r"([-+−–×*/÷]?)\s*([\d.,]+)(%?)", claim.parts["terms"])
    cells = [_cell(number) for _, number, _ in terms]
    signs = [{"−": "-", "–": "-", "×": "*", "÷": "/"}.get(sign, sign) for sign, _, _ in terms]
    parts = [0.01 if percent else 1.0 for _, _, percent in terms]

    def result(numbers: Sequence[float]) -> float:
        total, product = 0.0, numbers[0] * parts[0]
        for sign, number, part in zip(signs[1:], numbers[1:], parts[1:], strict=True):
            if sign in ("+", "-"):
                total, product = total + product, number * part * (1 if sign == "+" else -1)
            else:
                product = product * number * part if sign == "*" else product / (number * part)
        return (total + product) * (100 if claim.has("share") else 1)

    return _computes(cells, result, _cell(claim.parts["to"]))


def check_times(claim: TextClaim, evidence: TextEvidence) -> ClaimOutcome:
    """Check how many times a number another one is."""
    end, start, by = (
        _cell(claim.parts.get(name) or claim.parts[f"{name}2"]) for name in ("to", "from", "by")
    )
    return _computes([end, start], lambda numbers: numbers[0] / numbers[1], by)


def check_distance(claim: TextClaim, evidence: TextEvidence) -> ClaimOutcome:
    """Check the difference of two numbers that the sentence gives."""
    ends = [_cell(claim.parts[name]) for name in ("from", "to")]
    return _computes(ends, lambda two: abs(two[0] - two[1]), _cell(claim.parts["by"]))


def _computes(
    cells: Sequence[SourcedNumber],
    result: Callable[[Sequence[float]], float],
    wanted: SourcedNumber,
) -> ClaimOutcome:
    """Check a result; what was printed may be rounded, so it lies between those of the limits."""
    if len(cells) > _MOST_TERMS:
        return UNKNOWN
    limits = [{cell.value - _half(cell), cell.value + _half(cell)} for cell in cells]
    try:
        results = [result(numbers) for numbers in product(*limits)]
        exact = result([cell.value for cell in cells])
    except ZeroDivisionError:
        return UNKNOWN
    slack = 0.5 * 10.0**-wanted.decimals + 1e-9
    if min(results) - slack <= wanted.value <= max(results) + slack:
        return ClaimOutcome(True)
    shown = f"{float(round_excel(exact, max(wanted.decimals, 1))):g}"
    return ClaimOutcome(False, (("result", {"x": shown}),))


def check_course(claim: TextClaim, evidence: TextEvidence) -> ClaimOutcome:
    """Check that the direction of a sentence is that of its own numbers, or of who overtakes."""
    falls = claim.parts["way"] in (*_FALLING, "滑落", "跌")
    if claim.other:
        a, b = claim.other[0], claim.who[0]
        expected = ("wrong_course", {"cities": [a], "city": b})
        return ClaimOutcome(False, (expected,), None, b) if falls else ClaimOutcome(True)
    numbers = place_numbers if claim.has("before") else _decimals
    before, after = (
        numbers(claim.parts.get("before") or claim.parts["scores"]),
        numbers(claim.parts["after"]),
    )
    after = after * len(before) if len(after) == 1 else after
    for x, y in zip(before, after, strict=len(before) == len(after)):
        if x != y and (y < x) == (falls if claim.has("before") else not falls):
            return ClaimOutcome(False, (("wrong_way", {"x": f"{x:g}", "y": f"{y:g}"}),))
    return ClaimOutcome(True)


def _decimals(text: str) -> list[float]:
    return [_cell(number).value for number in re.findall(r"\d+(?:,\d{3})*(?:\.\d+)?", text)]


#: Kind -> its check.
NUMBER_CHECKS: Mapping[str, Callable[[TextClaim, TextEvidence], ClaimOutcome]] = {
    check.__name__.removeprefix("check_"): check
    for check in (
        check_names, check_sizes, check_weight, check_score, check_mean, check_gap, check_value,
        check_average, check_difference, check_arithmetic, check_equation, check_times,
        check_distance, check_course,
    )
}  # fmt: skip


def _cell(text: str) -> SourcedNumber:
    return SourcedNumber(text.replace(",", ""), "")


def _half(cell: SourcedNumber) -> float:
    return 0.5 * 10.0**-cell.decimals if cell.decimals else 0.5 if cell.value >= 1000 else 0.0


def _agree(value: float, wanted: SourcedNumber) -> bool:
    """Tell whether a number rounds to what is written."""
    return abs(value - wanted.value) <= 0.5 * 10.0**-wanted.decimals + 1e-9


def _named(claim: TextClaim, *, sentence: bool = False) -> list[str]:
    """Return the nodes of the claim, the nearest first."""
    part = claim.sentence.text[: claim.end] if sentence else claim.span
    return [code for codes in reversed(claim.sentence.nodes(part)) for code in codes]


def _whose(
    evidence: TextEvidence, code: str, wanted: SourcedNumber
) -> tuple[str, dict[str, object]] | None:
    cells = evidence.scores.items()
    others = [u for (c, u), cell in cells if c == code and _agree(cell.value, wanted)]
    return ("other_city", {"cities": others}) if 0 < len(others) < 4 else None


def _is_slip(right: str, written: str) -> bool:
    """Tell whether two digits were exchanged, or one is another.

    >>> _is_slip("88.65", "88.56"), _is_slip("88.65", "88.95"), _is_slip("88.65", "71.2")
    (True, True, False)
    """
    if len(right) != len(written) or right == written:
        return False
    wrong: Iterable[int] = [
        i for i, pair in enumerate(zip(right, written, strict=True)) if pair[0] != pair[1]
    ]
    places = [*wrong]
    if len(places) == 1:
        return len(right) > 3
    return len(places) == 2 and sorted(right) == sorted(written)
