"""Checks of claims that need no ranks: scores, values, shares, sizes, and plain arithmetic."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product

from xlcity.audit.text.claims import TextClaim
from xlcity.audit.text.evidence import Group, SourcedNumber, TextEvidence
from xlcity.audit.text.outcome import TRUE, UNKNOWN, ClaimOutcome, Telling, verdict
from xlcity.audit.text.patterns import whole_number
from xlcity.functions.rounding import round_excel

#: Terms of an equation that are computed with both limits of each.
_MOST_TERMS = 8
_FALLING = (
    "降幅", "下降", "下滑", "骤降", "降", "减少", "down", "decrease", "fall", "fell", "dropped",
    "decreased", "declined",
)  # fmt: skip


def check_names(claim: TextClaim, evidence: TextEvidence) -> ClaimOutcome:
    """Check how many names a list has."""
    count, n = claim.number("count"), len(claim.who)
    listed_before = claim.sentence.text[: claim.start].endswith(("、", "和"))
    if count is None or n < 2 or listed_before:
        return UNKNOWN
    return verdict(n == count or (claim.has("etc") and count > n), "names", n=n, count=count)


def check_sizes(claim: TextClaim, evidence: TextEvidence) -> ClaimOutcome:
    """Check sizes of groups in a list, or of one group."""
    if re.match(r"\s*(?:or\b|and\b|或|和|、)", claim.sentence.text[claim.end :]):
        return UNKNOWN  # of several groups together
    listed = re.findall(r"(\d+|[一-龥]+?)(?:座|个|家)([\uf400-\uf7ff])", claim.span)
    for word, char in listed or [(claim.first("count"), claim.first("of"))]:
        group = claim.sentence.groups(char)[0][0]
        size = sum(evidence.is_in(unit.id, group) for unit in evidence.units)
        wanted = whole_number(word) if word else len(evidence.members(())) / 2
        if wanted not in (size, len(evidence.members(group))):
            return verdict(False, "size", group=group, n=size)
    return TRUE


def check_score(claim: TextClaim, evidence: TextEvidence) -> ClaimOutcome:
    """Check the score of a city against all that it has; a near miss is a slip."""
    if len(claim.who) != 1:
        return UNKNOWN
    unit, wanted, named = claim.who[0], claim.value("value"), _named(claim)
    own = {code: cell for (code, u), cell in evidence.scores.items() if u == unit}
    values = [cell for (_, u), cells in evidence.values.items() if u == unit for cell in cells]
    if any(wanted.stands_for(cell.value) for cell in values):
        return TRUE
    if slipped := _slipped(claim, evidence, unit):
        return slipped
    codes = [code for code in named if code in own]
    if any(wanted.stands_for(own[code].value) for code in codes or own):
        return TRUE
    near = [code for code in codes or own if _is_slip(own[code].text, wanted.text)]
    # "Scores 48.0", of an index all of whose scores are known, is nothing else.
    words = claim.sentence.text[claim.match : claim.end]
    plain = evidence.computed and re.match(r"得分|scored?", words) is not None
    code = next(iter((*near, *codes)), evidence.root)
    slip: Telling | None = ("digits", {"right": own[code].text}) if near else None
    if not near and (codes or wanted.decimals > 1):
        slip = _whose(evidence, code, wanted)
    unclear = len(claim.words) > 60 if codes else slip is None and not plain
    if not near and (unclear or code not in own):
        return UNKNOWN
    x, table = own[code].text, own[code].table
    return verdict(False, "score", slip=slip, table=table, city=unit, node=code, x=x)


def _slipped(claim: TextClaim, evidence: TextEvidence, unit: str) -> ClaimOutcome | None:
    """Return that a number of a named indicator has a slip of digits."""
    for code in _named(claim):
        for cell in evidence.values.get((code, unit), ()):
            if _is_slip(cell.text, claim.value("value").text):
                values = {"city": unit, "node": code, "x": cell.text}
                slip = ("digits", {"right": cell.text})
                return verdict(False, "value", slip=slip, table=cell.table, **values)
    return None


def _means(evidence: TextEvidence, code: str) -> Iterator[tuple[Group, float]]:
    """Yield the mean score of every group of which all scores are known."""
    kinds = evidence.group_types
    groups = [((kind.attribute, member.value),) for kind in kinds for member in kind.groups]
    for group in ((), *groups):
        if (cells := evidence.known_scores(code, group)) is not None:
            yield group, sum(cell.value for cell in cells.values()) / len(cells)


def check_mean(claim: TextClaim, evidence: TextEvidence) -> ClaimOutcome:
    """Check a mean score against those of all groups."""
    wanted, named = claim.value("value"), _named(claim, sentence=True)
    for code in named or evidence.nodes:
        means = dict(_means(evidence, code))
        # Means of printed scores and of exact ones differ in the last digit.
        within = wanted.half + 0.006
        if any(abs(mean - wanted.value) < within for mean in means.values()):
            return TRUE
        if named[:1] == [code] and () in means:
            mean = f"{means[()]:.2f}"
            slip: Telling | None = ("digits", {"right": mean})
            slip = slip if _is_slip(mean, wanted.text) else None
            if slip or (evidence.computed and not claim.sentence.groups(claim.sentence.text)):
                return verdict(False, "mean", slip=slip, node=code, mean=mean)
    return UNKNOWN


def check_value(claim: TextClaim, evidence: TextEvidence) -> ClaimOutcome:
    """Check a number of an indicator; what is far from all that is known may be another one."""
    wanted, keys = claim.value("value"), product(_named(claim), claim.who)
    cells = [cell for key in keys for cell in evidence.values.get(key, ())]
    scale = {"万": 1e4, "亿": 1e8}.get(claim.parts.get("unit", ""), 1.0)
    if any(wanted.stands_for(cell.value / by) for cell in cells for by in (1.0, scale)):
        return TRUE
    if len(claim.who) != 1:
        return UNKNOWN
    near = [c for c in cells if 0.5 < wanted.value * scale / (c.value or math.inf) < 2]
    if evidence.computed and scale > 1 and near:
        table, (code, *_) = near[0].table, _named(claim)
        return verdict(False, "value", table=table, city=claim.who[0], node=code, x=near[0].text)
    if len(re.sub(r"\D", "", wanted.text)) < 3:
        return UNKNOWN
    return _slipped(claim, evidence, claim.who[0]) or UNKNOWN


def check_ratio(claim: TextClaim, evidence: TextEvidence) -> ClaimOutcome:
    """Check how many times the number of one city that of another is."""
    about, (unit, other) = claim.first("about"), (claim.who[0], claim.other[0])
    text = claim.first("by") or "2"
    by = float(text) if text[0].isdigit() else float(whole_number(text) or 0)
    low, high = {"近": (0.85, 1.0), "约": (0.9, 1.1)}.get(about, (1.0, 1.25 if about else 1.0))
    half = 0.0 if about else SourcedNumber(text, "").half
    ratios = [
        a.value / b.value
        for code in _named(claim, sentence=True)
        for a in evidence.values.get((code, unit), ())
        for b in evidence.values.get((code, other), ())
        if b.value
    ]
    if not by or not ratios:
        return UNKNOWN
    right = any(low * by - half <= ratio <= high * by + half for ratio in ratios)
    return verdict(right or (None if not evidence.computed else False), "result",
                   x=f"{ratios[0]:.3g}", unit=unit)  # fmt: skip


def check_arithmetic(claim: TextClaim, evidence: TextEvidence) -> ClaimOutcome:
    """Check the arithmetic of a sentence: a change and its two ends, or a total and its parts."""
    if claim.has("parts"):
        n, total = sum(map(int, re.findall(r"\d+", claim.parts["parts"]))), claim.value("to").value
        return UNKNOWN if n < total else verdict(n == total, "total", n=n)
    start, end = claim.value("from"), claim.value("to")
    if claim.has("way") and (end.value < start.value) == (claim.parts["way"] not in _FALLING):
        return verdict(False, "wrong_way", x=start.text, y=end.text)
    if not claim.has("by"):
        return TRUE
    by, share = claim.value("by"), claim.parts["what"] in ("%", "per cent")
    sign = -1 if claim.parts["by_way"].lower() in _FALLING else 1

    def change(ends: Sequence[float]) -> float:
        return sign * (100 * (ends[1] / ends[0] - 1) if share else ends[1] - ends[0])

    outcome = _computed([start, end], change, by, by.half if share else by.reach)
    if outcome.holds is not False:
        return outcome
    if share and claim.parts.get("u1") == "%" and by.stands_for(abs(end.value - start.value)):
        return UNKNOWN  # points of a percentage or per cent of it: the text leaves it open
    shown = _shown(sign * change([start.value, end.value]), by)
    return verdict(False, "change", x=shown, share="%" if share else "")


def check_equation(claim: TextClaim, evidence: TextEvidence) -> ClaimOutcome:
    """Check a sum, difference, product or quotient that is written out: 100/46 = 2.17."""
    terms = re.findall(r"([-+−–×*/÷]?)\s*([\d.,]+)(%?)", claim.parts["terms"])
    cells = [SourcedNumber.written(number) for _, number, _ in terms]
    signs = [{"−": "-", "–": "-", "×": "*", "÷": "/"}.get(sign, sign) for sign, _, _ in terms]
    parts = [0.01 if percent else 1.0 for _, _, percent in terms]

    def result(numbers: Sequence[float]) -> float:
        total, factors = 0.0, numbers[0] * parts[0]
        for sign, number, part in zip(signs[1:], numbers[1:], parts[1:], strict=True):
            if sign in ("+", "-"):
                total, factors = total + factors, number * part * (1 if sign == "+" else -1)
            else:
                factors = factors * number * part if sign == "*" else factors / (number * part)
        return (total + factors) * (100 if claim.has("share") else 1)

    return _computed(cells, result, claim.value("to"))


def check_times(claim: TextClaim, evidence: TextEvidence) -> ClaimOutcome:
    """Check how many times a number another one is."""
    ends = [claim.value("to"), claim.value("from")]
    return _computed(ends, lambda numbers: numbers[0] / numbers[1], claim.value("by"))


def check_distance(claim: TextClaim, evidence: TextEvidence) -> ClaimOutcome:
    """Check the difference of two numbers that the sentence gives."""
    ends = [claim.value("from"), claim.value("to")]
    return _computed(ends, lambda two: abs(two[0] - two[1]), claim.value("by"))


def _computed(
    cells: Sequence[SourcedNumber],
    result: Callable[[Sequence[float]], float],
    wanted: SourcedNumber,
    slack: float | None = None,
) -> ClaimOutcome:
    """Check a result; what was printed may be rounded, so it lies between those of the limits."""
    if len(cells) > _MOST_TERMS:
        return UNKNOWN
    limits = [{cell.value - cell.reach, cell.value + cell.reach} for cell in cells]
    try:
        results = [result(numbers) for numbers in product(*limits)]
        exact = result([cell.value for cell in cells])
    except ZeroDivisionError:
        return UNKNOWN
    slack = (wanted.half if slack is None else slack) + 1e-9
    right = min(results) - slack <= wanted.value <= max(results) + slack
    return verdict(right, "result", x=_shown(exact, wanted))


def _shown(exact: float, wanted: SourcedNumber) -> str:
    return f"{float(round_excel(exact, max(wanted.decimals, 1))):g}"


#: Kind -> its check.
NUMBER_CHECKS: Mapping[str, Callable[[TextClaim, TextEvidence], ClaimOutcome]] = {
    check.__name__.removeprefix("check_"): check
    for check in (
        check_names, check_sizes, check_score, check_mean, check_value, check_ratio,
        check_arithmetic, check_equation, check_times,
        check_distance, )
}  # fmt: skip


def _named(claim: TextClaim, *, sentence: bool = False) -> list[str]:
    """Return the nodes of the claim, the nearest first."""
    part = claim.sentence.text[: claim.end] if sentence else claim.span
    return [code for codes in reversed(claim.sentence.nodes(part)) for code in codes]


def _whose(evidence: TextEvidence, code: str, wanted: SourcedNumber) -> Telling | None:
    cells = evidence.scores.items()
    others = [unit for (c, unit), cell in cells if c == code and wanted.stands_for(cell.value)]
    return ("other_city", {"cities": others}) if 0 < len(others) < 4 else None


def _is_slip(right: str, written: str) -> bool:
    """Tell whether two digits were exchanged, or one is another.

    >>> _is_slip("88.65", "88.56"), _is_slip("88.65", "88.95"), _is_slip("88.65", "71.2")
    (True, True, False)
    """
    if len(right) != len(written):
        return False
    wrong = sum(a != b for a, b in zip(right, written, strict=True))
    return (wrong == 1 and len(right) > 3) or (wrong == 2 and sorted(right) == sorted(written))
