"""Content as people read it, and what of it has no place in another workbook."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from xlcity.workbook.migrate.cell_keys import Anchor
from xlcity.workbook.migrate.change_log import SHEET
from xlcity.workbook.migrate.content import Content
from xlcity.workbook.migrate.keyed_content import keyed
from xlcity.workbook.migrate.unplaced import Leftover
from xlcity.workbook.migrate.user_edits import (
    ABSENT,
    PLACE,
    Key,
    TypedCell,
    UserRule,
    setting_left,
    shown,
)
from xlcity.workbook.spec import Remark
from xlcity.workbook.tab_titles import contract_name, tab_title


def leftover_of(key: Key, value: Any, reason: str, source: str = "") -> Leftover:
    """Return the line that lists an entry without a place."""
    kind, *rest = key
    line = Leftover(_KINDS.get(kind) or kind, content=shown(value), reason=reason, source=source)
    first = rest[0] if rest else ""
    if isinstance(value, TypedCell):
        what = "formula" if value.formula else "cell"
        line = replace(line, what=what, sheet=value.sheet, cell=value.cell)
    if kind == "value":
        return replace(line, sheet="Data", unit=rest[0], code=rest[1])
    if kind == "unit":
        return replace(line, sheet="Cities", unit=rest[0], code=rest[1].removeprefix("attribute:"))
    if kind in ("node", "ingredient"):
        return replace(line, sheet="Framework", code=first, content=f"{rest[1]}: {line.content}")
    if kind in ("exception", "review"):
        sheet = "Sources" if kind == "exception" else "Review"
        text = line.content if kind == "exception" else _join_texts((*rest[2:], line.content))
        return replace(line, sheet=sheet, unit=rest[0], code=rest[1], content=text)
    if kind == "change":
        edition, day, unit, code, *about, _, _, _ = rest
        text = _join_texts((edition, day, *about, line.content))
        return replace(line, sheet=SHEET, unit=unit, code=code, content=text)
    if kind == "name":
        return replace(line, what="name", sheet="", cell="", content=f"{first} {line.content}")
    if kind == "page":
        return replace(line, sheet=first, content=first)
    if kind in ("item", "link"):
        return replace(line, sheet=kind.title() + "s", code=first, unit=" | ".join(rest[1:]))
    if kind == "look" and len(rest) > 1:
        line = replace(line, content=shown({rest[1]: value}))
    if isinstance(first, Anchor):
        return replace(line, sheet=first.sheet, unit=first.unit, code=first.code)
    if kind == "setting":
        listed = line if value is ABSENT else setting_left(first, rest[1], value, reason)
        return replace(listed, source=source)
    if kind == "line":
        _, axis, name, behind = rest
        text = " ".join((axis, name, f"+{behind}" if behind else "", line.content))
        return replace(line, sheet=first, content=" ".join(text.split()))
    if kind in ("rule", "merged"):
        if isinstance(value, UserRule):
            line = replace(line, what=value.rule.kind, cell=value.cells)
        return replace(line, sheet=first)
    return line


def leftover_of_remark(remark: Remark, reason: str) -> Leftover:
    """Return the line that lists a remark of `Review`."""
    about = (remark.cell, remark.remark, remark.who, remark.date, remark.answer)
    return leftover_of(("review", remark.city, remark.node, *about), remark.status, reason)


def _join_texts(parts: Iterable[Any]) -> str:
    return " · ".join(filter(None, (shown(part) for part in parts if part not in ("", 0))))


def list_gone(before: Content, after: Content, *, values: bool = True) -> tuple[Leftover, ...]:
    """Return what belongs to cities and nodes that a content has no longer.

    Parameters
    ----------
    before, after
        The contents.
    values
        Whether values are wanted, too; a next edition has them on a sheet of their own.
    """
    units = {unit.id for unit in after.dataset.units}
    codes = {*after.framework.inputs, *(node.code for node in after.framework.nodes)}
    codes |= {*after.dataset.codes}
    left: list[Leftover] = []
    nodes: dict[str, list[str]] = {}
    reason = "gone" if values else "edition"
    for key, value in keyed(before).items():
        kind, *rest = key
        if kind == "value" and values and (rest[0] not in units or rest[1] not in codes):
            left.append(leftover_of(key, value, "gone"))
        elif kind in ("node", "ingredient") and rest[0] not in codes:
            lines = nodes.setdefault(rest[0], [])
            if value not in (None, "", (), 0):
                lines.append(f"{rest[1]}: {shown(value)}")
        elif (kind == "unit" and rest[0] not in units and rest[1] != "id" and value) or (
            kind in ("item", "link") and rest[0] not in codes
        ):
            left.append(leftover_of(key, value, reason))
    left += [
        Leftover("node", "Framework", code=code, content="; ".join(lines), reason=reason)
        for code, lines in nodes.items()
    ]
    return tuple(left)


def list_private(content: Content) -> tuple[Leftover, ...]:
    """Return what a workbook for the public, or plain tables, have no place for."""
    entries = keyed(content)
    lines = [
        leftover_of(key, value, "private")
        for key, value in entries.items()
        if (key[0] in _BESIDE and key[-1] != PLACE) or isinstance(value, TypedCell)
    ]
    lines += [
        leftover_of(("look", anchor), look, "private")
        for anchor, look in content.edits.looks.items()
    ]
    lines += [leftover_of_remark(remark, "private") for remark in content.remarks]
    return (*lines, *content.listed, *content.edits.unplaced)


def list_unpublished(content: Content) -> tuple[Leftover, ...]:
    """Return what is not for the public, of the tables of inputs too; values in one line."""
    entries = keyed(content).items()
    lines = [leftover_of(k, value, "private") for k, value in entries if k[0] == "exception"]
    attributes = [name for unit in content.dataset.units for name in unit.attributes]
    lines += [
        Leftover("attribute", "Cities", content=name, reason="private")
        for name in dict.fromkeys(attributes)
    ]
    return (*list_private(content), *lines)


#: Kinds of entries that stand beside the index.
_BESIDE = ("cell", "rule", "merged", "line", "setting", "hyperlink", "name", "comment", "page")
#: Kind of an entry -> kind of a leftover, where they differ.
_KINDS = {
    "unit": "city",
    "ingredient": "node",
    "look": "format",
    "rule": "conditional format",
    "hyperlink": "link",
    "link": "link of cities",
}


def with_title(line: Leftover, content: Content) -> Leftover:
    """Return a line that names its sheet by the title of the tab."""
    name = contract_name(line.sheet, content.report)
    return replace(line, sheet=tab_title(name, content.tab_language, content.report))
