"""What headings and rows of tables are called, by the patterns of `words.toml`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from xlcity.data_files import toml_beside


@cache
def _compile_words() -> Mapping[str, re.Pattern[str]]:
    words = toml_beside(__file__, "words.toml").items()
    return {
        kind: re.compile("|".join(patterns), re.IGNORECASE) for kind, patterns in words
    }


def is_called(kind: str, text: str) -> bool:
    """Tell whether a text is among the words of a kind in `words.toml`.

    >>> [is_called("measure", text) for text in ("亿元", "(km²)", "%", "人均")]
    [True, True, True, False]
    >>> is_called("sum", "小计"), is_called("weights", "Weights (%)"), is_called("groups", "GDP")
    (True, True, False)
    """
    return _compile_words()[kind].fullmatch(text) is not None


def city_heading_score(text: str) -> int:
    """Return how sure it is that a heading is that of the cities: 5, 1 or 0 (it is not).

    >>> [city_heading_score(text) for text in ("Town", "县（市、区）", "所在地区", "GDP")]
    [5, 5, 1, 0]
    """
    plain = re.sub(r"[\s（）()、]", "", text)
    return 5 if is_called("city", plain) else int(is_called("maybe_city", text))


def is_rank_heading(text: str) -> bool:
    """Tell whether ranks, total scores, numbers of rows or years stand below a heading.

    >>> is_rank_heading("本年排名"), is_rank_heading("总分"), is_rank_heading("总分校数")
    (True, True, False)
    """
    return is_called("rank", text)
