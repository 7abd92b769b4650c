"""The signs that stand in a sentence for names and years: one for each, of a range for each kind.

They are of Unicode's range for private use; a text that has such signs of its own loses them when
it is read. Patterns write a range by its name: `[^，{city_signs}]`.
"""

from __future__ import annotations

#: First sign of cities, nodes, groups and years; behind the last one.
CITY = 0xE000
NODE = 0xF000
GROUP = 0xF400
YEAR = 0xF8F0
END = 0xF900


def _range(first: int, end: int) -> str:
    """Return a range of signs for a class of a regular expression."""
    return rf"\u{first:04x}-\u{end - 1:04x}"


#: Name -> its range, as patterns write it.
SIGNS = {
    "city_signs": _range(CITY, NODE),
    "node_signs": _range(NODE, GROUP),
    "group_signs": _range(GROUP, 0xF800),
    "year_signs": _range(YEAR, END),
    "name_signs": _range(CITY, 0xF800),
    "all_signs": _range(CITY, END),
}
