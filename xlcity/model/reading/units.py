"""Units by id, name or alias: reading the city table and matching what people type."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from xlcity.errors import closest
from xlcity.model.dataset import Unit
from xlcity.model.reading.values import Refusal

#: What may follow a city's name without making it another city.
_SUFFIXES = ("市", " city", " shi", " municipality")
#: Rows below a table of cities that are none (folded), and beginnings of its notes.
_TOTALS = re.compile(
    ".{0,6}(?:合计|总计|小计)|总和|(?:全国|全省|各市|城市|总体)?平均[值数]?|均值|中位数|最大值|最小值|标准差|(?:sub|grand)?totals?|sum|mean|"
    "average|median|min(?:imum)?|max(?:imum)?|standarddeviation"
)
_GAP = re.compile(r"(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff])")
_NOTE = re.compile(r"\s*(?:注|备注|说明|(?:数据|资料)?来源|notes?|sources?)\s*[:：]", re.IGNORECASE)
_NOISE = re.compile(r"[\s\u200b-\u200f\u2060\ufeff'’‘`·.\-_]+")


@dataclass(frozen=True, slots=True)
class Match:
    """A found unit; `how` is "id", "name", "alias" or "tolerant" (spaces, case, 市)."""

    unit: Unit
    how: str


def fold_name(text: str) -> str:
    """Return a name without case, spaces, width, accents, hyphens and apostrophes.

    >>> fold_name("  XI’AN "), fold_name("Ürümqi")
    ('xian', 'urumqi')
    """
    wide = unicodedata.normalize("NFKD", text)
    bare = "".join(char for char in wide if not unicodedata.combining(char))
    return _NOISE.sub("", bare).casefold()


def is_total(text: str) -> bool:
    """Tell whether a row so named sums up the rows of cities.

    >>> is_total("合 计"), is_total("Average"), is_total("Summit")
    (True, True, False)
    >>> is_total("东部地区小计"), is_total("全国平均"), is_total("平均镇")
    (True, True, False)
    """
    return _TOTALS.fullmatch(fold_name(text)) is not None


def without_gaps(text: str) -> str:
    """Return a Chinese name without the spaces that fill its column.

    >>> without_gaps("天　津"), without_gaps("New York"), without_gaps("澳门 Macao")
    ('天津', 'New York', '澳门 Macao')
    """
    return _GAP.sub("", text)


def is_note(text: str) -> bool:
    """Tell whether a text is a note on a table, not a name.

    >>> is_note("注：数据来自年鉴"), is_note("Source: yearbook"), is_note("来宾")
    (True, True, False)
    """
    return _NOTE.match(text) is not None


class UnitMatcher:
    """Finds the unit that a text means.

    Parameters
    ----------
    units
        All units, the left-out ones too.
    """

    def __init__(self, units: Iterable[Unit]) -> None:
        self._ids: dict[str, Unit] = {}
        self._exact: dict[str, dict[str, str]] = {}
        self._tolerant: dict[str, set[str]] = {}
        for unit in units:
            self._ids[unit.id] = unit
            for name in (unit.name_zh, unit.name_en):
                self._add(name, unit.id, "name")
            for alias in unit.aliases:
                self._add(alias, unit.id, "alias")
            self._fold(unit.id, unit.id)

    def _add(self, text: str, unit_id: str, how: str) -> None:
        if text:
            self._exact.setdefault(text, {}).setdefault(unit_id, how)
            self._fold(text, unit_id)

    def _fold(self, text: str, unit_id: str) -> None:
        self._tolerant.setdefault(fold_name(text), set()).add(unit_id)

    def match(self, text: object) -> Match | Refusal:
        """Return the unit, or why there is none: nothing found, or more than one.

        An exact id wins; then an exact name or alias; then the tolerant form, with and without 市.
        """
        typed = _typed(text)
        if typed in self._ids:
            return Match(self._ids[typed], "id")
        exact = self._exact.get(typed, {})
        if len(exact) == 1:
            ((unit_id, how),) = exact.items()
            return Match(self._ids[unit_id], how)
        found = set(exact) or self._find_tolerant(typed)
        if len(found) == 1:
            return Match(self._ids[found.pop()], "tolerant")
        if found:
            meant = ", ".join(sorted(found))
            return Refusal(
                "XC312", f"{typed!r} may be {meant}.", "Write the id of the one you mean."
            )
        hint = "Correct the name, use the id, or add the city or an alias to the list of cities."
        return Refusal("XC311", f"unknown city {typed!r}.", self._suggestion(typed) or hint)

    def _suggestion(self, typed: str) -> str:
        """Return "Did you mean …?" with the nearest name, or "" if none is near.

        Chinese names of two characters differ by half when one is wrong: a single one like that
        is near.
        """
        found = closest(typed, self._exact) if len(typed) > 1 else ""
        if found or len(typed) != 2:
            return found
        alike = [n for n in self._exact if len(n) == 2 and (n[0] == typed[0]) ^ (n[1] == typed[1])]
        return f"Did you mean {alike[0]}?" if len(alike) == 1 else ""

    def _find_tolerant(self, typed: str) -> set[str]:
        lowered = typed.casefold().strip()
        forms = [typed]
        forms += [lowered[: -len(end)] for end in _SUFFIXES if lowered.endswith(end)]
        forms += [f"{typed}市"]
        for form in forms:
            key = fold_name(form)
            if key and key in self._tolerant:
                return set(self._tolerant[key])
        return set()


def _typed(text: object) -> str:
    if isinstance(text, float) and text.is_integer():
        return str(int(text))
    return "" if text is None else str(text)
