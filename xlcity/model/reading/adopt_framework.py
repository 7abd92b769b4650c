"""Makes the framework of a team's table, from its columns or from a sheet of nodes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from xlcity.model.reading.cities import is_chinese
from xlcity.model.reading.tables import FileTable

#: What a map may say of a column of values, and of a group, where it names no framework.
OF_COLUMN = ("code", "parent", "weight", "direction", "name_zh", "name_en", "uom")
OF_GROUP = ("code", "weight", "name_zh", "name_en")
#: The top of a framework that is made of columns alone.
_ROOT = "INDEX"

#: A table as text: the header, then rows.
Rows = list[list[str]]


def code_of(heading: str) -> str:
    """Return a heading as a code: without blanks and brackets."""
    return "".join(letter if letter.isalnum() else "_" for letter in heading).strip("_")


def grow(rows: Rows, fields: Sequence[str], root: str) -> None:
    """Add the top of a tree, and the groups that are only named as the parent of others."""
    at, codes = fields.index("parent"), {row[fields.index("code")] for row in rows}
    groups = dict.fromkeys(row[at] for row in rows if row[at] not in ("", *codes))
    for row in rows:
        row[at] = row[at] or root
    own = {"name_zh", "name_en", "weight"} & set(fields)
    for group in groups:
        if group != root:
            column_fields = {"code": group, "parent": root}
            column_fields |= {field: "1" if field == "weight" else group for field in own}
            rows.append([column_fields.get(field, "") for field in fields])
    if root not in codes:
        rows.append([root if field == "code" else "" for field in fields])


def default_title(headings: str) -> str:
    """Return what an index of these headings is called where nobody has said it."""
    return "综合指数" if is_chinese(headings) else ""


def _name(heading: str, fields: Mapping[str, str]) -> str:
    """Return a heading without its unit of measure, which has a column of its own."""
    uom = re.escape(fields.get("uom") or "\n")
    return re.sub(rf"\s*[（(]\s*{uom}\s*[)）]\Z", "", heading)


def flat_framework(
    columns: Mapping[str, Mapping[str, str]],
    groups: Mapping[str, Mapping[str, str]],
    top: Mapping[str, str],
    place: FileTable,
) -> FileTable:
    """Return the framework of a map without one: its columns, below groups where it names them.

    Parameters
    ----------
    columns, groups
        What the map says of each heading, and of each group.
    top
        What it says of the root.
    place
        The file, the sheet and the row (its only number) that the framework is addressed by.
    """
    above: dict[str, Mapping[str, str]] = {
        own["parent"]: {} for own in columns.values() if own.get("parent")
    }
    above |= groups
    codes = {name: own.get("code") or code_of(name) for name, own in above.items()}
    nodes: list[dict[str, str]] = [
        {"code": _ROOT, "name_zh": default_title("".join(columns)), **top},
        *({"parent": _ROOT, "name_zh": n, **own, "code": codes[n]} for n, own in above.items()),
        *({"parent": _ROOT, "name_zh": _name(h, own), **own} for h, own in columns.items()),
    ]
    for node in nodes:
        node["parent"] = codes.get(node.get("parent", ""), node.get("parent", ""))
    # A weight that was forgotten beside others is for the reader to refuse, not 1.
    weighed = {node["parent"] for node in nodes if node.get("weight")}
    for node in nodes:
        node.setdefault("weight", "" if node["parent"] in weighed else "1")
        node.setdefault("direction", "1")
    header = ["code", "parent", "weight", "direction", "name_zh"]
    given = {field for node in nodes for field in node}
    header += [field for field in OF_COLUMN if field in given and field not in header]
    rows = tuple(tuple(node.get(field, "") for field in header) for node in nodes)
    return FileTable(place.file, place.sheet, tuple(header), rows, place.numbers * len(rows))
