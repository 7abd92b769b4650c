"""Units: reading the table of cities, and finding the one that a typed name means."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from xlcity.errors import DataError, Problem, nearest
from xlcity.messages import Message
from xlcity.model.dataset import Unit
from xlcity.model.nodes import AlikeIds
from xlcity.model.reading.tables import ID_COLUMNS, FileTable, as_text, read_csv
from xlcity.model.reading.values import Refusal
from xlcity.model.reading.words import is_called

#: What may follow a city's name without making it another city.
_CITY_SUFFIXES = ("市", " city", " shi", " municipality")
#: What a name may lack. A city's own is not cut so: 吉林省 is not 吉林.
_PROVINCE_SUFFIXES = ("省", "自治区", "壮族自治区", "回族自治区", "维吾尔自治区")
_SPACE_IN_CHINESE = re.compile(r"(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff])")
#: How the notes of a table begin.
_NOTE_START = re.compile(
    r"\s*[*＊※(（\[【]?\s*(?:附?注释?|备注|说明|(?:数据|资料)?来源|(?:数据|资料)来自|notes?|sources?)\s*"
    r"(?:[\d①-⑳]{1,2}\s*)?[:：.．、)）\]】①-⑳]",
    re.IGNORECASE,
)
_IGNORED_CHARACTERS = re.compile(r"[\s\u200b-\u200f\u2060\ufeff'’‘`·.\-_]+")
#: Names of provinces and of groups of them.
_REGION = re.compile(
    ".{2,}(?:省|自治区)|.+ province|(?:[东中西]部?|东北|西[南北]|华[东南中北])地区",
    re.IGNORECASE,
)
#: How a note begins that stands alone.
_LONE_NOTE = re.compile("[*＊※①-⑳]|[数资][据料]来")
#: What may be around a name: the number of its row, its English below it, and marks of footnotes.
_AROUND_NAME = re.compile(
    r"^\d{1,3}[.．、)）]\s*|(?<=[\u3400-\u9fff])\s+[a-z][a-z' .-]*$|"
    r"\s*(?:[①-⑳*＊†‡¹²³]+|\[\d+\]|\d[)）])$"
)
#: Columns that name a unit -> in which language, "name" for either.
NAME_COLUMNS = {
    "name_zh": "name_zh",
    "name_en": "name_en",
    "uname": "name",
    "name": "name",
}
_ALIAS_COLUMNS = ("alias_1", "alias_2")
#: Headings that mean something in any case; any other one is an attribute.
_COLUMNS = (*ID_COLUMNS, *NAME_COLUMNS, *_ALIAS_COLUMNS, "aliases", "population")
#: Aliases stand in one cell, separated by this.
ALIAS_SEPARATOR = "|"
_VOWELS = re.compile("[aeiouy]")
#: Shorter names are compared as they are: Lima is not Lomé. So are those with fewer consonants.
_LEAST_LETTERS = 5
_LEAST_CONSONANTS = 3
#: Characters of one sound, about ten, are nearer than this in GB 2312.
_NEAR_SOUND = 12


@dataclass(frozen=True, slots=True)
class Match:
    """A found unit, and whether by its id, a name or an alias as they are written."""

    unit: Unit
    is_exact: bool


def fold_name(text: str) -> str:
    """Return a name without case, spaces, width, accents, hyphens and apostrophes.

    >>> fold_name("  XI’AN "), fold_name("Ürümqi")
    ('xian', 'urumqi')
    """
    bare = text
    if not text.isascii():
        wide = unicodedata.normalize("NFKD", text)
        bare = "".join(char for char in wide if not unicodedata.combining(char))
    return _IGNORED_CHARACTERS.sub("", bare).casefold()


def is_total(text: str) -> bool:
    """Tell whether a row of this name sums up the rows of cities, as a total or a mean does.

    >>> is_total("合 计"), is_total("Average"), is_total("Summit")
    (True, True, False)
    >>> is_total("东部地区小计"), is_total("全国平均"), is_total("全省"), is_total("平均镇")
    (True, True, True, False)
    >>> [is_total(text) for text in ("合计 Total", "National mean", "全国（含港澳）", "全椒")]
    [True, True, True, False]
    >>> is_total("Average of 27 cities"), is_total("總計"), is_total("Max Meadows")
    (True, True, False)
    """
    return is_called("total", text) or is_called("total", fold_name(text))


def close_gaps(text: str) -> str:
    """Return a Chinese name without the spaces that fill its column.

    >>> close_gaps("天　津"), close_gaps("New York"), close_gaps("澳门 Macao")
    ('天津', 'New York', '澳门 Macao')
    """
    return _SPACE_IN_CHINESE.sub("", text)


def is_note(text: str) -> bool:
    """Tell whether a text is a note on a table, not a name.

    >>> [is_note(text) for text in ("注1：…", "（注）…", "Source: yearbook", "来宾", "Notec")]
    [True, True, True, False, False]
    """
    return _NOTE_START.match(text) is not None


def is_lone_note(text: str) -> bool:
    """Tell whether a text that stands alone in its row is a note, not the name of a city.

    >>> is_lone_note("* 初步核算数"), is_lone_note("资料来源 统计局"), is_lone_note("来宾")
    (True, True, False)
    """
    return _LONE_NOTE.match(text) is not None


def is_region(text: str) -> bool:
    """Tell whether a name is that of a province or a group of them.

    >>> is_region("江西省"), is_region("东部地区"), is_region("大兴安岭地区"), is_region("省")
    (True, True, False, False)
    """
    return _REGION.fullmatch(text) is not None


def is_total_or_note(text: str) -> bool:
    """Tell whether a row of this name is neither of a city nor of what should be one."""
    return is_total(text) or is_note(text)


class UnitMatcher:
    """Finds the unit that a text means.

    Parameters
    ----------
    units
        All units, the left-out ones too.
    """

    def __init__(self, units: Iterable[Unit]) -> None:
        """Index units by their ids, names and aliases, exactly and without case and spaces."""
        self._ids = {unit.id: unit for unit in units}
        #: Name, alias or id -> ids of the units that have it; the same by `fold_name`.
        self._exact: dict[str, set[str]] = {}
        self._tolerant: dict[str, set[str]] = {}
        for unit in self._ids.values():
            for name in unit.spellings:
                self._exact.setdefault(name, set()).add(unit.id)
                self._tolerant.setdefault(fold_name(name), set()).add(unit.id)

    def match(self, text: object) -> Match | Refusal:
        """Return the unit, or why there is none: nothing found, or more than one.

        An exact id wins; then an exact name or alias; then either without case, spaces and accents,
        with and without 市.
        """
        typed = as_text(text) if text is None or isinstance(text, float) else str(text)
        if typed in self._ids:
            return Match(self._ids[typed], is_exact=True)
        exact = self._exact.get(typed, set())
        unit_ids = exact or self._find_tolerant(typed)
        if len(unit_ids) == 1:
            return Match(self._ids[next(iter(unit_ids))], is_exact=bool(exact))
        if unit_ids:
            return Refusal.of("XC312.several", typed=typed, units=sorted(unit_ids))
        if meant := self._find_nearest(typed):
            hint = Message("hint.new_city", meant=meant)
            return Refusal.of("XC311.unknown_city", hint=hint, typed=typed)
        return Refusal.of("XC311.unknown_city", typed=typed)

    def _find_nearest(self, typed: str) -> str:
        """Return the name or id nearest to an unknown one, "" if none is near."""
        near_names = (
            near_two_letter_names(typed, self._exact) if len(typed) == 2 else []
        )
        if near_names:
            distance = abs(_place_by_sound(near_names[0]) - _place_by_sound(typed))
            if len(near_names) == 1 or distance < _NEAR_SOUND:
                return near_names[0]
        return nearest(typed, self._exact) if len(typed) > 1 else ""

    def _find_tolerant(self, typed: str) -> set[str]:
        """Return ids of units that a text may mean without case, spaces, accents and suffixes.

        Nor does what is around it: a number, its translation, marks of footnotes.
        """
        lowered = typed.casefold().strip()
        unmarked = _AROUND_NAME.sub("", lowered)
        bare = (lowered[: -len(end)] for end in _CITY_SUFFIXES if lowered.endswith(end))
        longer = (f"{typed}{suffix}" for suffix in ("市", *_PROVINCE_SUFFIXES))
        keys = map(fold_name, (typed, *bare, *longer, unmarked))
        return next(
            (self._tolerant[key] for key in keys if key and key in self._tolerant),
            set(),
        )


def read_units_csv(
    path: str | Path, attributes: Iterable[str] = ()
) -> tuple[Unit, ...]:
    """Read units from a CSV file. `attributes`: those that are known, as they are spelled.

    Columns: `id`, `name_zh`, `name_en`, `aliases` (separated by "|"), `population` ("main" where
    the column is absent; blank leaves a unit out); every further column is an attribute.

    Raises
    ------
    DataError
        With every row that has no id or repeats one.
    """
    return units_from_table(read_csv(path), attributes)


def units_from_table(
    table: FileTable, attributes: Iterable[str] = ()
) -> tuple[Unit, ...]:
    """Return the units of a table that was read already (CSV or sheet)."""
    names = (*table.header, *attributes, *_COLUMNS)
    spelled = {name.lower(): name for name in names}
    header = [spelled[name.lower()] for name in table.header]
    id_column = next(
        (header.index(name) for name in ID_COLUMNS if name in header), None
    )
    if id_column is None:
        raise DataError.of("XC323.no_id", table.where())
    problems: list[Problem] = []
    units: dict[str, Unit] = {}
    alike = AlikeIds()
    for row, cells in enumerate(replace(table, header=tuple(header)).records()):
        unit_id = cells.pop(header[id_column])
        where = table.where(row, id_column, unit=unit_id)
        if not unit_id:
            problems.append(Problem.of("XC325.no_id", where))
        elif unit_id in units:
            problems.append(Problem.of("XC313.listed_city", where, unit=unit_id))
        else:
            problems += alike.check(
                unit_id, partial(table.where, row, id_column, unit=unit_id)
            )
            units[unit_id] = _read_unit(unit_id, cells)
    DataError.raise_for(problems)
    return tuple(units.values())


def is_units_header(row: Sequence[object]) -> bool:
    """Tell whether a row is the header of a list of units: an id, and a name or a population."""
    headings = {as_text(cell).lower() for cell in row}
    names = {*NAME_COLUMNS, "population", "aliases"}
    return not headings.isdisjoint(ID_COLUMNS) and not headings.isdisjoint(names)


def _read_unit(unit_id: str, cells: dict[str, str]) -> Unit:
    """Return a unit from its row, heading -> text, which is emptied of what is read.

    What is left are its attributes.
    """
    names: dict[str, str] = {}
    for column, field in NAME_COLUMNS.items():
        if column in cells:
            names[field] = cells.pop(column) or names.get(field, "")
    aliases = cells.pop("aliases", "").split(ALIAS_SEPARATOR)
    # The sheet `Cities` of a template has aliases apart.
    aliases += [cells.pop(column, "") for column in _ALIAS_COLUMNS]
    return make_unit(
        unit_id,
        names,
        default_name="",
        aliases=tuple(alias.strip() for alias in aliases if alias.strip()),
        population=cells.pop("population", "main"),
        attributes=cells,
    )


def make_unit(
    unit_id: str,
    names: Mapping[str, str],
    default_name: str | None = None,
    **fields: Any,
) -> Unit:
    """Return a unit with each name in its own language.

    Parameters
    ----------
    names
        "name_zh", "name_en", or "name" for a name in either language.
    default_name
        Its name where `names` has none; None takes the id.
    fields
        What else is known of it: fields of `Unit`.
    """
    zh = names.get("name_zh", "")
    en = names.get("name_en", "")
    any_name = names.get("name", "")
    if not (any_name or zh or en):
        any_name = unit_id if default_name is None else default_name
    elif default_name is None and is_chinese(unit_id) and not is_chinese(any_name):
        zh = zh or unit_id
    if is_chinese(any_name):
        return Unit(unit_id, zh or any_name, en, **fields)
    return Unit(unit_id, zh, en or any_name, **fields)


def near_two_letter_names(typed: str, names: Iterable[str]) -> list[str]:
    """Return the names of two characters that differ from `typed`, of two as well, in one.

    Those that sound most alike come first.

    >>> near_two_letter_names("杨州", ["郑州", "杨陵", "扬州", "杨州", "泰安"])
    ['扬州', '郑州', '杨陵']
    """
    near_names = [
        name for name in names if len(name) == 2 and _differs_in_one(name, typed)
    ]
    place = _place_by_sound(typed)
    return sorted(near_names, key=lambda name: abs(_place_by_sound(name) - place))


def _differs_in_one(name: str, typed: str) -> bool:
    """Tell whether one of two letters is the same, and the other is not."""
    return (name[0] == typed[0]) != (name[1] == typed[1])


def _place_by_sound(name: str) -> int:
    """Return a number from GB 2312, which orders common characters by their sound."""
    return sum(
        int.from_bytes(letter.encode("gb2312", "replace"), "big") for letter in name
    )


def is_chinese(text: str) -> bool:
    """Tell whether a text has Chinese characters."""
    return not text.isascii() and any("\u3400" <= letter <= "\u9fff" for letter in text)


def _name_key(name: str) -> str:
    """Return a key, equal for names that are nearly alike.

    It is the first letter and the consonants, or all of a short name.

    >>> _name_key("Turkey"), _name_key("Türkiye"), _name_key("Oslo"), _name_key("北京市")
    ('ttrk', 'ttrk', 'oslo', '北京')
    """
    folded = fold_name(name).removesuffix("市")
    consonants = _VOWELS.sub("", folded)
    is_short = len(folded) < _LEAST_LETTERS or len(consonants) < _LEAST_CONSONANTS
    return folded if is_short else folded[0] + consonants


def find_near_names(
    names: Iterable[tuple[str, str]],
) -> list[tuple[str, str]]:
    """Return (later unit, first unit) of each unit whose name is nearly that of an earlier one.

    `names` are (unit, name) of each, in order.
    """
    unit_by_key: dict[str, str] = {}
    near = []
    for unit, name in names:
        key = _name_key(name)
        first = unit_by_key.setdefault(key, unit) if key else unit
        if first != unit:
            near.append((unit, first))
    return near
