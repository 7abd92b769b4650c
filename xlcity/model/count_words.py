"""Words that a unit of measure counts in: 万元, million USD, 10,000 arrivals."""

from __future__ import annotations

from decimal import Decimal

#: Word, the longer ones of those that contain one another first -> how many it is.
COUNT_WORDS = {
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
    "100 million": Decimal(10**8),
    "100,000": Decimal(10**5),
    "10,000": Decimal(10**4),
    "1,000": Decimal(1000),
    "hundred": Decimal(100),
    "thousand": Decimal(1000),
    "million": Decimal(10**6),
    "billion": Decimal(10**9),
    "trillion": Decimal(10**12),
}
