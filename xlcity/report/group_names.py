"""What groups of cities are called: as the index declares it, else from the values alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain

from xlcity.model.dataset import Unit
from xlcity.model.reading.columns import GROUP_PREFIX
from xlcity.model.reading.tables import parse_float
from xlcity.report.texts import capitalised, report_texts
from xlcity.report.wording import group_name_en, group_name_zh, is_rest, names_cities
from xlcity.reports.report import Group, GroupType

#: Values of an attribute, at most, that are taken for groups where none are declared.
_MOST_GROUPS = 12
#: Answers, which are no names of groups.
_ANSWERS = {"yes", "no", "true", "false", "y", "n", "是", "否"}
#: What Chinese names end in that say themselves that they are cities'.
_CITIES_ZH = tuple(report_texts("words")["cities_zh"])


def named_group_types(
    units: Sequence[Unit], declared: Sequence[GroupType], index_name_zh: str
) -> tuple[GroupType, ...]:
    """Return what sorts cities into groups: declared attributes, and those of few words.

    Parameters
    ----------
    declared
        Groups with names in one language or both; groups that only cities have are added.
    index_name_zh
        The Chinese name of the index, which tells whether its cities are China's.
    """
    declared_kinds = {kind.attribute: kind for kind in declared}
    kinds = []
    for name in dict.fromkeys(chain.from_iterable(unit.attributes for unit in units)):
        words = (unit.attributes.get(name, "") for unit in units)
        values = [*dict.fromkeys(filter(None, words))]
        kind = declared_kinds.get(name)
        if kind is None:
            if not _sorts(values, len(units)):
                continue
            kind = _undeclared_type(name, values)
        kinds.append(_named_group_type(kind, values, index_name_zh))
    return tuple(kinds)


def _undeclared_type(name: str, values: Sequence[str]) -> GroupType:
    """Return an attribute as a type of groups without names; answers are not reported."""
    is_named = _ANSWERS.isdisjoint(value.lower() for value in values)
    return GroupType(name, "", "", (), is_reported=is_named)


def _named_group_type(
    kind: GroupType, values: Sequence[str], index_name_zh: str
) -> GroupType:
    """Return a type of groups with names for it and for the groups of all its values."""
    known = {group.value for group in kind.groups}
    added = [Group(value, "", "") for value in values if value not in known]
    groups = (named_group(g, index_name_zh) for g in (*kind.groups, *added))
    shown = kind.attribute.removeprefix(GROUP_PREFIX)
    return replace(
        kind,
        name_zh=kind.name_zh or group_name_zh(shown),
        name_en=kind.name_en or group_name_en(capitalised(shown)),
        groups=tuple(groups),
    )


def _sorts(values: Sequence[str], cities: int) -> bool:
    """Tell whether the values of an attribute are few words, as those of groups are."""
    is_few = 2 <= len(values) <= min(_MOST_GROUPS, cities // 2)
    return is_few and all(parse_float(value) is None for value in values)


def named_group(group: Group, index_name_zh: str = "") -> Group:
    """Return a group with names for it and its cities in both languages.

    A value without a known form stays a name: it is not made an adjective.

    >>> nordic = named_group(Group("Nordic", "", ""))
    >>> nordic.cities_en, nordic.cities_zh
    ('cities of group Nordic', 'Nordic组城市')
    >>> named_group(Group("Capitals", "", "")).cities_zh
    '首都城市'
    >>> coastal = named_group(Group("沿海", "", ""))
    >>> coastal.name_en, coastal.cities_en, coastal.cities_zh
    ('Coastal', '', '沿海城市')
    >>> named_group(Group("Nordic", "", "the North", cities_en="Nordic cities")).cities_en
    'Nordic cities'
    """
    zh = group.name_zh or _known_name_zh(group, index_name_zh)
    en = group.name_en or group_name_en(group.value)
    if is_rest(group):
        return replace(group, name_zh=zh, name_en=en)
    cities_zh = group.cities_zh or _cities_zh(group.value, zh)
    cities_en = group.cities_en
    if not cities_en and not group.name_en and not _says_itself(en):
        cities_en = f"cities of group {en}"
    return replace(
        group, name_zh=zh, name_en=en, cities_zh=cities_zh, cities_en=cities_en
    )


def _known_name_zh(group: Group, index_name_zh: str) -> str:
    """Return the Chinese name of a group by its value or its English name; else the value."""
    name = group_name_zh(group.value, index_name_zh)
    english = group.name_en.removeprefix("the ")
    if name != group.value or not english:
        return name
    known = group_name_zh(english, index_name_zh)
    return name if known == english else known


def _cities_zh(value: str, name: str) -> str:
    """Return the Chinese words for the cities of a group."""
    if name.endswith(_CITIES_ZH):
        return name
    is_known = name != value or group_name_en(value) != value
    return f"{name}城市" if is_known else f"{name}组城市"


def _says_itself(name: str) -> bool:
    """Tell whether a name has a known form for its cities, or is the plural of what they are."""
    if "en" in report_texts("groups").get(name.lower(), {}):
        return True
    return names_cities(name)
