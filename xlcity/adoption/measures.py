"""By what factor values in one unit of measure become values in another one."""

from __future__ import annotations

import re
from decimal import Decimal

from xlcity.model.reading.units import fold_name

#: Words that count, the longer ones first, and how much each counts.
_COUNTS = {
    "万亿": Decimal(10**12),
    "千亿": Decimal(10**11),
    "百亿": Decimal(10**10),
    "十亿": Decimal(10**9),
    "千万": Decimal(10**7),
    "百万": Decimal(10**6),
    "十万": Decimal(10**5),
    "亿": Decimal(10**8),
    "万": Decimal(10**4),
    "千": Decimal(1000),
    "百": Decimal(100),
    "10,000": Decimal(10**4),
    "1,000": Decimal(1000),
    "hundred": Decimal(100),
    "thousand": Decimal(1000),
    "million": Decimal(10**6),
    "billion": Decimal(10**9),
    "trillion": Decimal(10**12),
    "‰": Decimal("0.001"),
    "%": Decimal("0.01"),
}
_COUNT = re.compile("|".join(map(re.escape, _COUNTS)), re.IGNORECASE)
#: What stands between a measure and what it is counted by.
_PER = re.compile(r"/|／|每|\bper\b", re.IGNORECASE)


def conversion_factor(uom: str, own: str) -> Decimal | None:
    """Return what values in one measure are multiplied by to be in another one.

    None where the two do not differ in words that count alone: 亿美元 and 亿元, km and ha.

    Examples
    --------
    >>> conversion_factor("万元", "亿元"), conversion_factor("元/人", "万元/万人")
    (Decimal('0.0001'), Decimal('1'))
    >>> conversion_factor("million USD", "USD"), conversion_factor("‰", "%")
    (Decimal('1000000'), Decimal('0.1'))
    >>> conversion_factor("亿元", "亿美元") is None
    True
    """
    parts = _PER.split(uom)
    own_parts = _PER.split(own)
    if len(parts) != len(own_parts):
        return None
    factor = Decimal(1)
    for place, (part, own_part) in enumerate(zip(parts, own_parts, strict=True)):
        if _without_count(part) != _without_count(own_part):
            return None
        ratio = _count_of(part) / _count_of(own_part)
        factor = factor / ratio if place else factor * ratio
    return factor


def _count_of(measure: str) -> Decimal:
    word = _COUNT.search(measure)
    return _COUNTS[word[0].lower()] if word else Decimal(1)


def _without_count(measure: str) -> str:
    return fold_name(_COUNT.sub("", measure, count=1)).removesuffix("s")
