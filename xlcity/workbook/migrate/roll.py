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
from xlcity.reports.report import PublishedScores, SourceException
from xlcity.workbook.labels import name_in
from xlcity.workbook.migrate.content import Content, with_sources
from xlcity.workbook.migrate.leftovers import Leftover, shown_value
from xlcity.workbook.migrate.rebuild import leftover_of_remark, with_framework
from xlcity.workbook.reading.stored_assessment import NOTHING
from xlcity.workbook.spec import TemplateSpec
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
    heads = {name.strip().lower() for name in table.header}
    if heads.isdisjoint({"old", "code"}):
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
    next_framework = framework or spec.framework
    became = _map_indicators(spec.framework, next_framework, tuple(mapping))
    codes = {m.old: m.code for m in became if m.is_carried}
    lasting = without_values(content)
    renamed = {old: code for old, code in codes.items() if old != code}
    sources = {code: spec.framework.inputs[old] for old, code in renamed.items()}
    moved = with_framework(lasting, with_sources(next_framework, sources), values=False)
    last = last_of(
        spec.edition, spec.dataset, result, became, printed=_printed_numbers(spec)
    )
    cities = _with_edition(spec.dataset.units if units is None else units, last.units)
    keeps_past = "trajectories" in spec.chosen_pages
    remarks = [
        replace(remark, node=codes.get(remark.node, remark.node))
        for remark in lasting.spec.remarks
    ]
    return replace(moved, renamed=renamed).changed(
        edition=edition,
        recipe=_recipe_for(spec.recipe, next_framework, codes),
        dataset=empty_dataset(cities, moved.spec.dataset.codes),
        recorded=spec.recorded and spec.recorded.without_counts(),
        remarks=tuple(remarks),
        last=last,
        past=past_of(spec).followed_by(last, edition) if keeps_past else Past(),
    )


def _printed_numbers(spec: TemplateSpec) -> Sequence[PublishedScores]:
    """Return a report's printed ranks and scores: they are facts of its edition."""
    shipped = shipped_report(spec.id, spec.edition)
    return () if shipped is None else printed_of(shipped)


def _leftover_values(data: Dataset, unit: str, row: int) -> Iterator[Leftover]:
    """Yield the values of a city that is not scored."""
    values = data.values[row]
    states = data.states[row]
    for code, value, state in zip(data.codes, values, states, strict=True):
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
    left = (*content.leftovers, *_left_with_values(content.spec))
    remarks = content.spec.remarks
    lasting = replace(content, leftovers=left, rolled=True)
    return lasting.changed(
        assessed=NOTHING,
        exceptions=(),
        remarks=tuple(remark for remark in remarks if remark.status != "closed"),
    )


def _left_with_values(spec: TemplateSpec) -> Iterator[Leftover]:
    """Yield what belongs to values and stands nowhere in the next edition."""
    # `LastEdition` has the values of the cities that were scored.
    for row, unit in enumerate(spec.dataset.units):
        if not unit.population:
            yield from _leftover_values(spec.dataset, unit.id, row)
    for line in spec.exceptions:
        yield leftover_of_exception(line, "edition")
    for remark in spec.remarks:
        if remark.status == "closed":
            yield leftover_of_remark(remark, "edition")
    if spec.assessed is not NOTHING:
        # Its results stay in the workbook of this edition.
        run = " · ".join(f"{k} {v}" for k, v in spec.assessed.settings.items())
        yield Leftover("page", "Assessment", content=run, reason="edition")


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
    continued = []
    for unit in units:
        word = _CONTINUED if unit.id in last else _NEW
        attributes = {**unit.attributes, "edition": word}
        continued.append(replace(unit, attributes=attributes))
    return tuple(continued)


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
    """Return what became of every input, first what was given, then what codes and texts say.

    Raises
    ------
    DataError
        If what was given names unknown indicators; all are reported together.
    """
    _require_codes(given, before, now)
    old = _leaves(before)
    new = _leaves(now)
    given_old = {mapped.old for mapped in given if mapped.old}
    given_new = {mapped.code for mapped in given if mapped.code}
    mappings = []
    for mapped in given:
        part = new.get(mapped.code) or old.get(mapped.old)
        mappings.append(replace(mapped, name=mapped.name or _name(part)))
    for code, node in new.items():
        if code not in given_new:
            former = None if code in given_old else old.get(code)
            mappings.append(_map_to(code, node, former))
    for code, node in old.items():
        if code not in new and code not in given_old:
            mappings.append(Mapped("dropped", "", code, _name(node)))
    order = {code: number for number, code in enumerate([*new, *old])}

    def place(mapping: Mapped) -> int:
        return order.get(mapping.code or mapping.old, len(order))

    return tuple(sorted(mappings, key=place))


def _leaves(framework: Framework) -> dict[str, Node | Ingredient]:
    """Return the indicators by code, then the ingredients."""
    parts: list[Node | Ingredient] = [*framework.indicators, *framework.ingredients]
    return {part.code: framework.inputs[part.code] for part in parts}


def _map_to(
    code: str, node: Node | Ingredient, former: Node | Ingredient | None
) -> Mapped:
    """Return what an input is beside the one that had its code: new, kept or redefined."""
    if former is None:
        return Mapped("new", code, "", _name(node))
    differs = [name for name in _MEANING if _differs(name, (node, former))]
    status = "redefined" if differs else "kept"
    return Mapped(status, code, code, _name(node), note=", ".join(differs))


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
