"""Copies of one workbook, filled by several hands, put together again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from xlcity.model.framework import Framework
from xlcity.workbook.migrate.cell_keys import DATA, Anchor, value_anchor
from xlcity.workbook.migrate.content import Content
from xlcity.workbook.migrate.keyed_content import KeyedContent, content_of, keyed
from xlcity.workbook.migrate.unplaced import Leftover
from xlcity.workbook.migrate.user_edits import (
    ABSENT,
    COLOUR,
    DISAGREE,
    DISPUTED,
    PANES,
    PLACE,
    Key,
    UserRule,
    leftover_of,
    shown,
)
from xlcity.xlsx.editing.comments import Comment
from xlcity.xlsx.features import LineFormat
from xlcity.xlsx.page_settings import VIEWS

#: LibreOffice rounds sizes of rows and columns by up to this share of them.
_ROUNDED = 0.02


@dataclass(frozen=True, slots=True)
class Conflict:
    """An entry that several copies changed in different ways.

    Attributes
    ----------
    key
        What it is about: its kind, then city, code, field.
    base
        What it was, `ABSENT` for nothing.
    by_copy
        Copy -> what it says; `ABSENT` where it was taken away.
    chosen
        What the merged workbook has.
    """

    key: Key
    base: Any
    by_copy: Mapping[str, Any]
    chosen: Any


@dataclass(frozen=True, slots=True)
class Merged:
    """Copies put together.

    Attributes
    ----------
    content
        All that anybody entered.
    taken
        Copy -> how many changes came from it alone or from it, too.
    agreed
        Values that two or more hands entered alike.
    conflicts
        What they disagree on.
    rowless
        Copy -> cities whose row on `Data` it has lost; their values stay.
    """

    content: Content
    taken: Mapping[str, int]
    agreed: int
    conflicts: tuple[Conflict, ...]
    rowless: Mapping[str, tuple[str, ...]]


def merge(base: Content, copies: Mapping[str, Content], prefer: str | None = None) -> Merged:
    """Merge copies of a workbook entry by entry.

    An entry that one copy changed, or several alike, is taken. Where copies disagree, the base's
    entry is kept, or that of the copy `prefer`, and a comment on the cell lists all of them.
    Comments are joined, and all sheets of the user's own are kept. A missing row removes no values.

    Parameters
    ----------
    base
        The workbook that the copies were made from.
    copies
        Name -> content.
    prefer
        Whose word counts in a conflict.
    """
    before = keyed(base)
    after = {name: keyed(content) for name, content in copies.items()}
    rowless = _keep_rowless(before, after, copies)
    keys = dict.fromkeys([*before, *(key for entries in after.values() for key in entries)])
    merged: KeyedContent = {}
    conflicts, taken, agreed = [], dict.fromkeys(copies, 0), 0
    for key in keys:
        was = before.get(key, ABSENT)
        values = {name: entries.get(key, ABSENT) for name, entries in after.items()}
        changed = {name: value for name, value in values.items() if value != was}
        distinct: list[Any] = []
        for value in changed.values():
            if value not in distinct:
                distinct.append(value)
        if _is_place(key) and len(distinct) > 1:
            # A tab stands somewhere: nobody's entry is lost.
            distinct = [changed.get(prefer or "", distinct[0])]
        for name in changed:
            # Where the tab of a new sheet stands is not a change of its own.
            taken[name] += not (_is_place(key) and ("page", key[1]) not in before)
        if len(distinct) > 1:
            chosen = _chosen_entry(key, was, changed, prefer)
            if key[0] == "page":
                _keep_pages(merged, key, changed)
                chosen = ABSENT
            conflicts.append(Conflict(key, was, changed, chosen))
        else:
            chosen = distinct[0] if distinct else was
            if isinstance(chosen, UserRule):
                # Where a row was inserted the same rule covers more: the widest holds for all.
                chosen = max(
                    (v for v in values.values() if isinstance(v, UserRule)), key=_count_cells
                )
            agreed += key[0] == "value" and len(changed) > 1
        if chosen is not ABSENT:
            merged[key] = chosen
    for key, value in _drop_orphans(merged, base.framework):
        line = leftover_of(key, value, "gone")
        merged["leftover", line] = line
    for line in _list_not_taken(conflicts):
        merged["leftover", line] = line
    _mark_disputed_cells(merged, conflicts, base)
    like = _with_most_nodes(base, copies)
    doubts = (what for content in (base, *copies.values()) for what in content.unverified)
    pages = (page for content in (base, *copies.values()) for page in content.chosen_pages)
    content = replace(
        content_of(merged, like),
        unverified=tuple(dict.fromkeys(doubts)),
        chosen_pages=tuple(dict.fromkeys(pages)),
    )
    return Merged(content, taken, agreed, tuple(conflicts), rowless)


def _keep_rowless(
    before: KeyedContent, after: dict[str, KeyedContent], copies: Mapping[str, Content]
) -> dict[str, tuple[str, ...]]:
    """Keep what stands in the rows of cities that a copy has lost; return those cities by copy.

    What a program lost in a copy is kept, too.
    """
    rowless: dict[str, tuple[str, ...]] = {}
    for name, content in copies.items():
        gone = {k: v for k, v in before.items() if _city_of(k) in content.rowless}
        after[name] |= gone
        if gone:
            rowless[name] = tuple(dict.fromkeys(map(_city_of, gone)))
        if not content.edits.keeps:
            after[name] = {k: v for k, v in before.items() if _is_seen(k)} | after[name]
            after[name] |= {
                k: before[k]
                for k, v in after[name].items()
                if k[0] == "line" and _is_rounded(v, before.get(k))
            }
    return rowless


def _city_of(key: Key) -> str:
    """Return the city in whose row of `Data` an entry stands; "" where it stands elsewhere."""
    if key[0] == "value":
        return str(key[1])
    anchor = key[1] if len(key) > 1 else None
    return anchor.unit if isinstance(anchor, Anchor) and anchor.sheet in DATA else ""


def _is_seen(key: Key) -> bool:
    """Tell whether an entry is how a sheet is seen, which some programs lose."""
    return bool(key[0] == "setting" and key[-1] in {COLOUR, PANES, *VIEWS})


def _is_rounded(line: LineFormat, was: LineFormat | None) -> bool:
    """Tell whether a row or column is as it was, but for its size in another program."""
    if was is None or line.size is None or was.size is None:
        return False
    return replace(line, size=was.size) == was and abs(line.size - was.size) < max(
        1, _ROUNDED * was.size
    )


def _is_place(key: Key) -> bool:
    return bool(key[0] == "setting" and key[-1] == PLACE)


def _chosen_entry(key: Key, was: Any, changed: Mapping[str, Any], prefer: str | None) -> Any:
    if key[0] == "comment":
        texts = [f"{name}: {c.text}" for name, c in changed.items() if isinstance(c, Comment)]
        first = next(c for c in changed.values() if isinstance(c, Comment))
        return replace(first, text="\n".join(texts))
    return changed.get(prefer, was) if prefer is not None else was


def _count_cells(own: UserRule) -> int:
    """Return how many cells a rule covers."""
    return sum(
        (bottom - top + 1) * (right - left + 1) for top, left, bottom, right in own.rule.areas
    )


def _keep_pages(merged: KeyedContent, key: Key, changed: Mapping[str, Any]) -> None:
    """Keep each copy's version of a sheet of the user's own under a name of its own."""
    for name, page in changed.items():
        if page is not ABSENT:
            title = f"{key[1]} ({name.rpartition('/')[2].rpartition('.')[0] or name})"
            merged["page", _sheet_title(title)] = page


def _sheet_title(text: str) -> str:
    """Return a text as the name of a sheet: 31 characters, none of those that Excel refuses."""
    plain = "".join("_" if letter in "[]:*?/\\" else letter for letter in text)
    return plain if len(plain) <= 31 else f"{plain[:15]}…{plain[-15:]}"


def _list_not_taken(conflicts: Sequence[Conflict]) -> Iterator[Leftover]:
    """Yield what hands said and was not kept, where no note on a cell says so."""
    for conflict in conflicts:
        if conflict.key[0] in ("comment", "page", "value", "column", "leftover"):
            continue
        for name, value in conflict.by_copy.items():
            if value is not ABSENT and value != conflict.chosen:
                yield leftover_of(conflict.key, value, "conflict", name)


def _drop_orphans(merged: KeyedContent, framework: Framework) -> list[tuple[Key, Any]]:
    """Leave out, and return, what belongs to a city or a node that was taken away."""
    dropped = []
    units = {key[1] for key in merged if key[0] == "unit" and key[2] == "id"}
    nodes = {key[1] for key in merged if key[0] == "node" and key[2] == "parent"}
    nodes |= {key[1] for key in merged if key[0] == "node" and key[2] == "weight"}
    nodes |= {key[1] for key in merged if key[0] == "ingredient" and key[2] == "of"}
    tree = {*framework.nodes, *framework.ingredients}
    # Variables and inputs of supplementary indices are not in the tree.
    nodes |= {code for code, node in framework.inputs.items() if node not in tree}
    for key in list(merged):
        homeless = (key[0] == "value" and (key[1] not in units or key[2] not in nodes)) or (
            key[0] == "unit" and key[1] not in units
        )
        if homeless or (key[0] in ("node", "ingredient") and key[1] not in nodes):
            dropped.append((key, merged.pop(key)))
    # A city's or node's own entries say nothing of what somebody typed but its names.
    return [
        (key, value)
        for key, value in dropped
        if value not in (None, "", ()) and not (key[0] == "unit" and key[2] == "id")
    ]


def _mark_disputed_cells(
    merged: KeyedContent, conflicts: Sequence[Conflict], base: Content
) -> None:
    """Write on each disputed cell of Data what every hand says."""
    for conflict in conflicts:
        if conflict.key[0] != "value":
            continue
        _, unit, code = conflict.key
        anchor = value_anchor(unit, code, base.tab_language)
        lines = [f"{name}: {shown(value)}" for name, value in conflict.by_copy.items()]
        old = merged.get(("comment", anchor))
        text = "\n".join([*([old.text] if old else []), DISAGREE + " | ".join(lines)])
        merged["comment", anchor] = Comment(text, old.author if old else "xlcity merge")
        if (fill := merged.get(("look", anchor, "fill"), DISPUTED)) != DISPUTED:
            line = leftover_of(("look", anchor), {"fill": fill}, "taken")
            merged["leftover", line] = line
        merged["look", anchor, "fill"] = DISPUTED


def _with_most_nodes(base: Content, copies: Mapping[str, Content]) -> Content:
    """Return the base with the order of a copy that has more nodes, if one has.

    Cells that remarks name are those of the base where it has the remark.
    """
    contents = [*copies.values(), base]
    largest = max([base, *contents], key=lambda c: len(c.framework.nodes))
    cells_by_remark = {
        key: cell for content in contents for key, cell in content.remark_cells.items()
    }
    return replace(base, framework=largest.framework, remark_cells=cells_by_remark)
