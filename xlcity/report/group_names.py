"""What groups of cities are called: as the index declares it, else from the values alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from xlcity.model.dataset import Unit
from xlcity.model.reading.tables import parse_float
from xlcity.report.texts import report_texts
from xlcity.report.wording import group_name_en, group_name_zh, is_rest
from xlcity.reports.report import Group, GroupType

#: Values of an attribute, at most, that are taken for groups where none are declared.
_MOST_GROUPS = 12
#: Answers, which are no names of groups.
_ANSWERS = {"yes", "no", "true", "false", "y", "n", "是", "否"}
#: What names end in that say themselves that they are cities'.
_CITIES_ZH = tuple(report_texts("words")["cities_zh"])
_CITIES_EN = tuple(report_texts("words")["cities_en"])
#: What attributes from tables of other programs begin with.
_PREFIX = "Group_"


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
    for name in dict.fromkeys(key for unit in units for key in unit.attributes):
        words = (unit.attributes.get(name, "") for unit in units)
        values = [*dict.fromkeys(word for word in words if word)]
        kind = declared_kinds.get(name)
        if kind is None and not _sorts(values, len(units)):
            continue
        is_named = not {value.lower() for value in values} & _ANSWERS
        kind = kind or GroupType(name, "", "", (), is_reported=is_named)
        known = {group.value for group in kind.groups}
        added = (Group(value, "", "") for value in values if value not in known)
        groups = (named_group(g, index_name_zh) for g in (*kind.groups, *added))
        shown = name.removeprefix(_PREFIX)
        kinds.append(
            replace(
                kind,
                name_zh=kind.name_zh or group_name_zh(shown),
                name_en=kind.name_en or group_name_en(shown[:1].upper() + shown[1:]),
                groups=tuple(groups),
            )
        )
    return tuple(kinds)


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
    zh = group.name_zh or group_name_zh(group.value, index_name_zh)
    en = group.name_en or group_name_en(group.value)
    if is_rest(group):
        return replace(group, name_zh=zh, name_en=en)
    is_known = zh != group.value or group_name_en(group.value) != group.value
    chinese = f"{zh}城市" if is_known else f"{zh}组城市"
    if zh.endswith(_CITIES_ZH):
        chinese = zh
    english = f"cities of group {en}"
    if group.name_en or _says_itself(en):
        english = ""
    return replace(
        group,
        name_zh=zh,
        name_en=en,
        cities_zh=group.cities_zh or chinese,
        cities_en=group.cities_en or english,
    )


def _says_itself(name: str) -> bool:
    """Tell whether a name has a known form for its cities, or is the plural of what they are."""
    if "en" in report_texts("groups").get(name.lower(), {}):
        return True
    first, *others = name.lower().split(" ")
    is_plural = any(re.search("[^s]s$", word) for word in (first, *others[-1:]))
    return is_plural and (name.islower() or name.lower().endswith(_CITIES_EN))
