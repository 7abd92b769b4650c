"""By what factor values in one unit of measure become values in another one."""

from __future__ import annotations

import re
from decimal import Decimal

from xlcity.model.count_words import COUNT_WORDS
from xlcity.model.reading.units import fold_name

#: Words that count, and how much each counts.
_COUNTS = {**COUNT_WORDS, "‰": Decimal("0.001"), "%": Decimal("0.01")}
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
    >>> conversion_factor("100 million yuan", "10,000 yuan")
    Decimal('10000')
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
