"""Content as people read it, and what of it has no place in another workbook."""

from __future__ import annotations

from dataclasses import replace

from xlcity.workbook.migrate.content import Content
from xlcity.workbook.migrate.keyed_content import keyed
from xlcity.workbook.migrate.unplaced import Leftover
from xlcity.workbook.migrate.user_edits import PLACE, TypedCell, leftover_of, shown
from xlcity.workbook.spec import Remark
from xlcity.workbook.tab_titles import contract_name, tab_title


def leftover_of_remark(remark: Remark, reason: str) -> Leftover:
    """Return the line that lists a remark of `Review`."""
    about = (remark.cell, remark.remark, remark.who, remark.date, remark.answer)
    return leftover_of(("review", remark.city, remark.node, *about), remark.status, reason)


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


def with_title(line: Leftover, content: Content) -> Leftover:
    """Return a line that names its sheet by the title of the tab."""
    name = contract_name(line.sheet, content.report)
    return replace(line, sheet=tab_title(name, content.tab_language, content.report))
