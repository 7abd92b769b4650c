"""A template's content as single facts, each under a key of its own, and back."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

import numpy as np

from xlcity.model.dataset import Dataset, State, Status, Unit
from xlcity.model.framework import Framework, Ingredient, Node
from xlcity.workbook.carry.anchors import Anchor
from xlcity.workbook.carry.content import Content, UserPage
from xlcity.workbook.carry.leftovers import Leftover
from xlcity.workbook.carry.typed import MERGED, Extras, OwnRule, Typed
from xlcity.workbook.spec import Departure, Remark
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.comments import Comment
from xlcity.xlsx.features import Line

#: ("value", unit, code), ("unit", unit, field), ("node", code, field), ...; the first word is the
#: kind.
Key = tuple[Any, ...]
Facts = dict[Key, Any]

_NODE_FIELDS = tuple(f.name for f in fields(Node) if f.name != "code")
_INGREDIENT_FIELDS = tuple(f.name for f in fields(Ingredient) if f.name != "code")


def facts_of(content: Content) -> Facts:
    """Return all that people put into a template as facts; what is not filled is no fact."""
    found: Facts = {}
    dataset = content.dataset
    for unit in dataset.units:
        found["unit", unit.id, "id"] = unit.id
        for name in ("name_zh", "name_en", "aliases", "population"):
            found["unit", unit.id, name] = getattr(unit, name)
        for name, text in unit.attributes.items():
            found["unit", unit.id, f"attribute:{name}"] = text
    for row, unit in enumerate(dataset.units):
        for column, code in enumerate(dataset.codes):
            if dataset.states[row, column] == State.VALUE:
                found["value", unit.id, code] = float(dataset.values[row, column])
            elif dataset.states[row, column] == State.MISSING:
                found["value", unit.id, code] = "NA"
    for (unit_id, code), entry in content.typed.items():
        found["value", unit_id, code] = entry
    for code, items in dataset.items.items():
        for item in items:
            found["item", code, item.unit, item.name] = item
    for code, links in dataset.links.items():
        for link in links:
            found["link", code, link.start, link.end] = link
    for node in content.framework.nodes:
        for name in _NODE_FIELDS:
            found["node", node.code, name] = getattr(node, name)
    for ingredient in content.framework.ingredients:
        for name in _INGREDIENT_FIELDS:
            found["ingredient", ingredient.code, name] = getattr(ingredient, name)
    found["recipe",] = content.recipe
    found["language",] = content.language
    seen: dict[Key, int] = {}
    for line in content.departures:
        place = ("exception", line.unit, line.code)
        found[*place, seen.get(place, 0)] = line
        seen[place] = seen.get(place, 0) + 1
    for remark in content.remarks:
        line_key = ("review", remark.city, remark.node, remark.cell, remark.remark, remark.who)
        found[*line_key, "date"] = remark.date
        found[*line_key, "answer"] = remark.answer
        found[*line_key, "status"] = remark.status
    for anchor, comment in content.comments.items():
        found["comment", anchor] = comment
    found |= _extras_facts(content)
    for page in content.pages:
        found["page", page.title] = _Page(page)
    return found


def _extras_facts(content: Content) -> Facts:
    """Return what was typed and set beside the index; a formula for a value is that value."""
    found: Facts = {}
    extras, dataset = content.extras, content.dataset
    units, codes = {unit.id for unit in dataset.units}, {*dataset.codes}
    for anchor, typed in extras.cells.items():
        is_value = anchor.sheet == "Data" and anchor.firm
        if is_value and anchor.unit in units and anchor.code in codes:
            found["value", anchor.unit, anchor.code] = typed
        else:
            found["cell", anchor] = typed
    for anchor, look in extras.looks.items():
        for part, said in look.items():
            found["look", anchor, part] = said
    for own in (*extras.rules, *extras.merged):
        found["rule", own.sheet, own.meaning] = own
    for key, line in extras.lines.items():
        found["line", *key] = line
    for anchor, target in extras.links.items():
        found["hyperlink", anchor] = target
    for name, formula in extras.names.items():
        found["name", name] = formula
    for anchor, behind in extras.columns:
        found["column", anchor] = behind
    for left in (*extras.unplaced, *content.leftovers):
        found["leftover", left] = left
    for left in content.listed:
        found["listed", left] = left
    return found


def _extras(facts: Mapping[Key, Any], like: Extras) -> Extras:
    looks: dict[Anchor, dict[str, str]] = {}
    for (_, anchor, part), said in _of(facts, "look"):
        looks.setdefault(anchor, {})[part] = said
    cells = {key[1]: typed for key, typed in _of(facts, "cell")}
    cells |= {
        Anchor("Data", key[1], key[2], 0, (0, 0)): typed
        for key, typed in _of(facts, "value")
        if isinstance(typed, Typed)
    }
    rules = [own for _, own in _of(facts, "rule")]
    return Extras(
        cells,
        looks,
        tuple(own for own in rules if own.rule.kind != MERGED),
        tuple(own for own in rules if own.rule.kind == MERGED),
        {key[1:]: line for key, line in _of(facts, "line")},
        {key[1]: target for key, target in _of(facts, "hyperlink")},
        {key[1]: formula for key, formula in _of(facts, "name")},
        tuple((key[1], behind) for key, behind in _of(facts, "column")),
        (),
        like.home,
    )


def leftover_of(key: Key, value: Any, reason: str, source: str = "") -> Leftover:
    """Return the line that lists a fact without a place."""
    kind, *rest = key
    line = Leftover(_KINDS.get(kind) or kind, content=shown(value), reason=reason, source=source)
    first = rest[0] if rest else ""
    if isinstance(value, Typed):
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
        said = line.content if kind == "exception" else " · ".join(filter(None, map(str, rest[2:])))
        return replace(line, sheet=sheet, unit=rest[0], code=rest[1], content=said)
    if kind == "name":
        return replace(line, what="name", sheet="", cell="", content=f"{first} {line.content}")
    if kind == "page":
        return replace(line, sheet=first, content=first)
    if kind in ("item", "link"):
        return replace(line, sheet=kind.title() + "s", code=first, unit=" | ".join(rest[1:]))
    if isinstance(first, Anchor):
        return replace(line, sheet=first.sheet, unit=first.unit, code=first.code)
    if kind == "line":
        _, axis, name, behind = rest
        said = " ".join((axis, name, f"+{behind}" if behind else "", line.content))
        return replace(line, sheet=first, content=" ".join(said.split()))
    if kind == "rule":
        what = value.rule.kind if isinstance(value, OwnRule) else line.what
        return replace(line, what=what, sheet=first)
    return line


def gone(before: Content, after: Content, *, values: bool = True) -> tuple[Leftover, ...]:
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
    found: list[Leftover] = []
    nodes: dict[str, list[str]] = {}
    reason = "gone" if values else "edition"
    for key, value in facts_of(before).items():
        kind, *rest = key
        if kind == "value" and values and (rest[0] not in units or rest[1] not in codes):
            found.append(leftover_of(key, value, "gone"))
        elif kind in ("node", "ingredient") and rest[0] not in codes:
            said = nodes.setdefault(rest[0], [])
            if value not in (None, "", (), 0):
                said.append(f"{rest[1]}: {shown(value)}")
        elif (kind == "unit" and rest[0] not in units and rest[1] != "id" and value) or (
            kind in ("item", "link") and rest[0] not in codes
        ):
            found.append(leftover_of(key, value, reason))
    found += [
        Leftover("node", "Framework", code=code, content="; ".join(said), reason=reason)
        for code, said in nodes.items()
    ]
    return tuple(found)


def private(content: Content) -> tuple[Leftover, ...]:
    """Return what a workbook for the public, or plain tables, have no place for."""
    facts = facts_of(content)
    found = [
        leftover_of(key, value, "private")
        for key, value in facts.items()
        if key[0] in _BESIDE or isinstance(value, Typed)
    ]
    return (*found, *content.listed, *content.extras.unplaced)


#: Kinds of facts that stand beside the index.
_BESIDE = ("cell", "look", "rule", "line", "hyperlink", "name", "comment", "review", "page")
#: Kind of a fact -> kind of a leftover, where they differ.
_KINDS = {
    "unit": "city",
    "ingredient": "node",
    "look": "format",
    "rule": "conditional format",
    "hyperlink": "link",
    "link": "link of cities",
}


class _Absent:
    """What stands for a fact that a copy does not have; an empty entry is one."""


ABSENT = _Absent()


def shown(value: Any) -> str:
    """Return a fact as people read it."""
    if value is ABSENT or value is None:
        return "—"
    if isinstance(value, float):
        return f"{value:.15g}"
    if isinstance(value, (Comment, Typed)):
        return value.text
    if isinstance(value, Departure):
        told = (value.basis, value.year, value.url, value.remark_zh)
        return " · ".join(filter(None, told)) or shown(value.value)
    if isinstance(value, OwnRule):
        return value.rule.described()
    if isinstance(value, Line):
        size = None if value.size is None else f"{value.size:g}"
        return " ".join(filter(None, ("hidden" if value.hidden else "", size)))
    return str(value) if isinstance(value, (str, int, tuple)) else type(value).__name__.lower()


class _Page:
    """A sheet of the user's own; two are equal when their cells are."""

    def __init__(self, page: UserPage) -> None:
        self.page = page
        cells = read_book(page.package).sheets[page.name].cells
        told = [(place, cell.value if not cell.formula else cell.formula)
                for place, cell in sorted(cells.items())
                if cell.formula or cell.value not in (None, "")]  # fmt: skip
        self._digest = hashlib.sha256(repr(told).encode()).hexdigest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Page) and self._digest == other._digest

    def __hash__(self) -> int:
        return hash(self._digest)


def content_of(facts: Mapping[Key, Any], like: Content) -> Content:
    """Return the content that facts tell.

    Parameters
    ----------
    facts
        As `facts_of` returns them.
    like
        Gives the order of cities, nodes and codes, and what no fact tells.
    """
    dataset = _dataset(facts, like.dataset)
    known = {unit.id for unit in dataset.units}
    return replace(
        like,
        framework=_framework(facts, like.framework),
        recipe=facts["recipe",],
        language=facts["language",],
        dataset=dataset,
        typed={
            (unit, code): value
            for (_, unit, code), value in _of(facts, "value")
            if isinstance(value, str) and value != "NA" and unit in known
        },
        departures=tuple(value for _, value in _of(facts, "exception")),
        remarks=_remarks(facts),
        comments={key[1]: value for key, value in _of(facts, "comment")},
        extras=_extras(facts, like.extras),
        leftovers=tuple(value for _, value in _of(facts, "leftover")),
        listed=tuple(value for _, value in _of(facts, "listed")),
        pages=tuple(replace(v.page, title=key[1]) for key, v in _of(facts, "page")),
    )


def _of(facts: Mapping[Key, Any], kind: str) -> list[tuple[Key, Any]]:
    return [(key, value) for key, value in facts.items() if key[0] == kind]


def _order(known: list[str], told: list[str]) -> list[str]:
    """Return what is told, in the known order; what is new comes last."""
    return [
        *(name for name in known if name in told),
        *(name for name in told if name not in known),
    ]


def _framework(facts: Mapping[Key, Any], like: Framework) -> Framework:
    nodes: dict[str, dict[str, Any]] = {}
    for (_, code, name), value in _of(facts, "node"):
        nodes.setdefault(code, {})[name] = value
    ingredients: dict[str, dict[str, Any]] = {}
    for (_, code, name), value in _of(facts, "ingredient"):
        ingredients.setdefault(code, {})[name] = value
    order = _order([n.code for n in like.nodes], list(nodes))
    return Framework(
        tuple(Node(code=code, **nodes[code]) for code in order),
        like.file,
        tuple(Ingredient(code=code, **entries) for code, entries in ingredients.items()),
    )


def _dataset(facts: Mapping[Key, Any], like: Dataset) -> Dataset:
    told: dict[str, dict[str, Any]] = {}
    for (_, unit, name), value in _of(facts, "unit"):
        told.setdefault(unit, {})[name] = value
    known = {unit.id: unit for unit in like.units}
    ids = [unit for unit in _order(list(known), list(told)) if "id" in told[unit]]
    units = tuple(_unit(unit, told[unit]) for unit in ids)
    values = {(unit, code): value for (_, unit, code), value in _of(facts, "value")}
    codes = _order(list(like.codes), list(dict.fromkeys(code for _, code in values)))
    rows = {unit: row for row, unit in enumerate(ids)}
    columns = {code: column for column, code in enumerate(codes)}
    shape = len(ids), len(codes)
    numbers = np.full(shape, np.nan)
    states = np.full(shape, State.BLANK, dtype=np.uint8)
    basis = np.full(shape, "", dtype="<U12")
    for (unit, code), value in values.items():
        if unit not in rows:
            continue
        at = rows[unit], columns[code]
        value = value.value if isinstance(value, Typed) else value
        if isinstance(value, float):
            numbers[at], states[at], basis[at] = value, State.VALUE, _basis(like, unit, code, value)
        elif value == "NA":
            states[at] = State.MISSING
    items: dict[str, list[Any]] = {}
    for key, item in _of(facts, "item"):
        items.setdefault(key[1], []).append(item)
    links: dict[str, list[Any]] = {}
    for key, link in _of(facts, "link"):
        links.setdefault(key[1], []).append(link)
    return Dataset(
        units,
        tuple(codes),
        numbers,
        states,
        basis,
        {code: tuple(lines) for code, lines in items.items()},
        {code: tuple(lines) for code, lines in links.items()},
    )


def _unit(unit: str, told: Mapping[str, Any]) -> Unit:
    attributes = {
        name.removeprefix("attribute:"): value
        for name, value in told.items()
        if name.startswith("attribute:")
    }
    plain = {n: v for n, v in told.items() if not n.startswith("attribute:") and n != "id"}
    return Unit(id=unit, attributes=attributes, **plain)


def _basis(like: Dataset, unit: str, code: str, value: float) -> str:
    """Return the status of a value: that of the same value before, else entered."""
    row = next((at for at, known in enumerate(like.units) if known.id == unit), None)
    if row is not None and code in like.codes:
        column = like.column(code)
        if like.values[row, column] == value:
            return str(like.basis[row, column])
    return Status.ENTERED.value


def _remarks(facts: Mapping[Key, Any]) -> tuple[Remark, ...]:
    told: dict[Key, dict[str, str]] = {}
    for (_, *place, name), value in _of(facts, "review"):
        told.setdefault(tuple(place), {})[name] = value
    return tuple(
        Remark(city, node, cell, remark, who, **said)
        for (city, node, cell, remark, who), said in told.items()
    )
