"""Next year's workbook: what stays, what is known of the last edition, and blank data."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from xlcity.errors import DataError, Problem, UsageError, Where, require_known
from xlcity.index.result import IndexResult
from xlcity.messages import Message
from xlcity.model.dataset import Dataset, State, Unit
from xlcity.model.framework import SHARE_TOLERANCE, Framework
from xlcity.model.nodes import Ingredient, Node
from xlcity.model.reading.data import empty_dataset
from xlcity.model.reading.tables import as_text, read_csv
from xlcity.model.reading.units import make_unit
from xlcity.model.recipe import Recipe, Step
from xlcity.reports.known_cities import with_known_names
from xlcity.reports.printed import printed_of
from xlcity.reports.report import SourceException
from xlcity.workbook.labels import name_in
from xlcity.workbook.migrate.content import Content, with_sources
from xlcity.workbook.migrate.leftovers import Leftover, shown_value
from xlcity.workbook.migrate.rebuild import leftover_of_remark, with_framework
from xlcity.workbook.reading.stored_assessment import NOTHING
from xlcity.workbook.spec.from_template import shipped_report
from xlcity.workbook.spec.previous_edition import (
    STATUSES,
    Mapped,
    Past,
    last_of,
    past_of,
)

#: What makes an indicator another one: its values cannot be compared with those before.
_MEANING = ("definition", "definition_zh", "uom", "uom_zh", "direction")
#: What the attribute `edition` of a city says.
_CONTINUED = "continued"
_NEW = "new"


def read_mapping(path: str | Path) -> tuple[Mapped, ...]:
    """Read a table of what became of indicators: `old`, `code`, `status`, `note`.

    Raises
    ------
    DataError
        If it has neither column of codes; else with every row that names neither code or has an
        unknown status.
    """
    table = read_csv(path)
    if not {"old", "code"} & {name.strip().lower() for name in table.header}:
        raise DataError.of("XC335.no_columns", Where(table.file))
    mapped = []
    problems = []
    for row, record in enumerate(table.records()):
        entries = {
            name.strip().lower(): as_text(value) for name, value in record.items()
        }
        old = entries.get("old", "")
        code = entries.get("code", "")
        status = entries.get("status", "").lower()
        status = status or _usual_status(old, code)
        where = table.where(row, 0, indicator=code or old)
        if status not in STATUSES:
            message = Message("XC335.no_status", status=status)
            hint = Message("hint.write_status", statuses=[*STATUSES])
            problems.append(Problem("XC335", message, hint, where))
        elif not (old or code):
            message = Message("XC335.no_indicator")
            problems.append(
                Problem("XC335", message, Message("XC335.no_indicator.hint"), where)
            )
        mapped.append(
            Mapped(
                status, code, old, entries.get("name", ""), note=entries.get("note", "")
            )
        )
    DataError.raise_for(problems)
    return tuple(mapped)


def roll(
    content: Content,
    result: IndexResult,
    edition: str,
    framework: Framework | None = None,
    units: Sequence[Unit] | None = None,
    mapping: Iterable[Mapped] = (),
) -> Content:
    """Return the content of the next edition's workbook.

    Framework, method, cities with their aliases and what is known of sources stay, and so does what
    people typed that belongs to no value; values are blank, and those of this edition stand as last
    ones with its scores and ranks.

    Parameters
    ----------
    content, result
        This edition and its index.
    edition
        What the next one is called.
    framework
        The next framework; None keeps this one.
    units
        All cities of the next edition; None keeps these.
    mapping
        What became of indicators, where codes do not tell it.

    Raises
    ------
    DataError
        If the mapping names unknown indicators; all are reported together.
    """
    spec = content.spec
    mapped = tuple(mapping)
    next_framework = framework or spec.framework
    _require_codes(mapped, spec.framework, next_framework)
    became = _map_indicators(spec.framework, next_framework, mapped)
    codes = {
        m.old: m.code for m in became if m.status in ("kept", "redefined") and m.code
    }
    lasting = without_values(content)
    # A report's printed ranks and scores are facts of its edition, whatever the book computes.
    shipped = shipped_report(spec.id, spec.edition)
    printed = printed_of(shipped) if shipped is not None else ()
    renamed = {old: code for old, code in codes.items() if old != code}
    sources = {code: spec.framework.inputs[old] for old, code in renamed.items()}
    moved = with_framework(lasting, with_sources(next_framework, sources), values=False)
    last = last_of(spec.edition, spec.dataset, result, became, printed=printed)
    cities = _with_edition(spec.dataset.units if units is None else units, last.units)
    keeps_past = "trajectories" in spec.chosen_pages
    return replace(moved, renamed=renamed).changed(
        edition=edition,
        recipe=_recipe_for(spec.recipe, next_framework, codes),
        dataset=empty_dataset(cities, moved.spec.dataset.codes),
        recorded=spec.recorded and spec.recorded.without_counts(),
        remarks=tuple(
            replace(r, node=codes.get(r.node, r.node)) for r in lasting.spec.remarks
        ),
        last=last,
        past=past_of(spec).followed_by(last, edition) if keeps_past else Past(),
    )


def _leftover_values(data: Dataset, unit: str, row: int) -> Iterator[Leftover]:
    """Yield the values of a city that is not scored."""
    cells = zip(data.codes, data.values[row], data.states[row], strict=True)
    for code, value, state in cells:
        if state == State.VALUE:
            yield Leftover(
                "value",
                "Data",
                unit=unit,
                code=code,
                content=shown_value(float(value)),
                reason="edition",
            )


def without_indicators(framework: Framework, codes: Collection[str]) -> Framework:
    """Return a framework without some indicators, and without groups that had no other.

    Shares that sum to 1 still do: those of the siblings grow alike.

    Raises
    ------
    UsageError
        If it has no such indicator, or no other one.
    """
    leaves = [node.code for node in framework.indicators]
    for code in codes:
        require_known("kind.indicator", code, leaves)
    nodes = [node for node in framework.nodes if not _is_gone(framework, node, codes)]
    if not nodes:
        raise UsageError.of("XC100.no_indicator_left")
    staying = {node.code for node in nodes}
    ingredients = tuple(part for part in framework.ingredients if part.of not in codes)
    left = tuple(_with_share(framework, node, staying) for node in nodes)
    return replace(framework, nodes=left, ingredients=ingredients)


def _is_gone(framework: Framework, node: Node, codes: Collection[str]) -> bool:
    return all(leaf.code in codes for leaf in framework.leaves_below(node.code))


def _with_share(framework: Framework, node: Node, staying: Collection[str]) -> Node:
    """Return a node with its share of its group, of which some nodes go."""
    siblings = framework.children(node.parent) if node.parent else ()
    total = sum(each.weight for each in siblings)
    if abs(total - 1) > SHARE_TOLERANCE:
        return node
    left = sum(each.weight for each in siblings if each.code in staying)
    return replace(node, weight=node.weight * total / left)


def with_new_cities(units: Sequence[Unit], names: Iterable[str]) -> tuple[Unit, ...]:
    """Return cities and new ones by their names; they join the first group.

    Both names of cities that the reports know are filled in.
    """
    groups = [unit.population for unit in units if unit.is_scored]
    group = next(iter(groups), "main")
    added = [make_unit(name, {}, population=group) for name in names]
    return (*units, *map(with_known_names, added))


def without_values(content: Content) -> Content:
    """Return a content without what belongs to its values; that is left over.

    What stands beside the values follows when the workbook is drawn: `rolled`.
    """
    spec = content.spec
    data = spec.dataset
    # `LastEdition` has the values of the cities that were scored.
    left: list[Leftover] = []
    for row, unit in enumerate(data.units):
        if not unit.population:
            left += _leftover_values(data, unit.id, row)
    left += [leftover_of_exception(line, "edition") for line in spec.exceptions]
    closed = [remark for remark in spec.remarks if remark.status == "closed"]
    left += [leftover_of_remark(remark, "edition") for remark in closed]
    if spec.assessed is not NOTHING:
        # Its results stay in the workbook of this edition.
        run = " · ".join(f"{k} {v}" for k, v in spec.assessed.settings.items())
        left.append(Leftover("page", "Assessment", content=run, reason="edition"))
    remarks = tuple(remark for remark in spec.remarks if remark.status != "closed")
    lasting = replace(content, leftovers=(*content.leftovers, *left), rolled=True)
    return lasting.changed(assessed=NOTHING, exceptions=(), remarks=remarks)


def leftover_of_exception(line: SourceException, reason: str) -> Leftover:
    """Return the line that lists an exception of `Sources`."""
    number = "" if line.value is None else shown_value(line.value)
    parts = (number, line.basis, line.year, line.url, line.entered_by, line.checked_by)
    text = " · ".join(filter(None, (*parts, line.remark_zh)))
    return Leftover(
        "exception",
        "Sources",
        unit=line.unit,
        code=line.code,
        content=text,
        reason=reason,
    )


def _with_edition(units: Sequence[Unit], last: Collection[str]) -> tuple[Unit, ...]:
    """Return the cities with the attribute `edition` of the next edition, if they have one.

    It says whether a city was in the last edition; one with other words in it is left alone.
    """
    words = {unit.attributes.get("edition", "") for unit in units} - {""}
    if not words or not words <= {_CONTINUED, _NEW}:
        return tuple(units)
    edition = {unit.id: _CONTINUED if unit.id in last else _NEW for unit in units}
    return tuple(
        replace(u, attributes={**u.attributes, "edition": edition[u.id]}) for u in units
    )


def _require_codes(
    given: tuple[Mapped, ...], before: Framework, now: Framework
) -> None:
    problems = []
    for mapped in given:
        for code, framework, when in (
            (mapped.old, before, "last"),
            (mapped.code, now, "next"),
        ):
            if code and code not in framework.inputs:
                where = Where(framework.file)
                problems.append(
                    Problem.of(
                        "XC336.no_code",
                        replace(where, indicator=code),
                        code=code,
                        when=when,
                    )
                )
    DataError.raise_for(problems)


def _map_indicators(
    before: Framework, now: Framework, given: tuple[Mapped, ...]
) -> tuple[Mapped, ...]:
    """Return what became of every input, first what was given, then what codes and texts say."""

    def leaves(framework: Framework) -> dict[str, Node | Ingredient]:
        codes = [n.code for n in framework.indicators] + [
            i.code for i in framework.ingredients
        ]
        return {code: framework.inputs[code] for code in codes}

    old = leaves(before)
    new = leaves(now)
    given_old = {m.old for m in given if m.old}
    given_new = {m.code for m in given if m.code}
    mappings = [
        replace(m, name=m.name or _name(new.get(m.code) or old.get(m.old)))
        for m in given
    ]
    for code, node in new.items():
        if code in given_new:
            continue
        if code not in old or code in given_old:
            mappings.append(Mapped("new", code, "", _name(node)))
            continue
        both = (node, old[code])
        differs = [name for name in _MEANING if _differs(name, both)]
        status = "redefined" if differs else "kept"
        mappings.append(
            Mapped(status, code, code, _name(node), note=", ".join(differs))
        )
    for code, node in old.items():
        if code not in new and code not in given_old:
            mappings.append(Mapped("dropped", "", code, _name(node)))
    order = {code: number for number, code in enumerate([*new, *old])}

    def place(mapping: Mapped) -> int:
        return order.get(mapping.code or mapping.old, len(order))

    return tuple(sorted(mappings, key=place))


def _usual_status(old: str, code: str) -> str:
    """Return what became of an indicator where the map only says its codes."""
    if not old:
        return "new"
    return "redefined" if code else "dropped"


def _differs(name: str, nodes: Iterable[Node | Ingredient]) -> bool:
    return len({getattr(node, name, None) for node in nodes}) > 1


def _name(node: Node | Ingredient | None) -> str:
    return name_in("both", node) if node is not None else ""


def _recipe_for(recipe: Recipe, now: Framework, codes: dict[str, str]) -> Recipe:
    """Return the method with the codes of the next framework."""
    steps: list[Step] = []
    for step in recipe.steps:
        renamed = (codes.get(code, code) for code in step.codes)
        left = tuple(code for code in renamed if code in now.inputs)
        if left or not step.codes:
            steps.append(replace(step, codes=left))
    all_there = len(steps) == len(recipe.steps)
    return replace(
        recipe, steps=tuple(steps), options=recipe.options if all_there else ()
    )
