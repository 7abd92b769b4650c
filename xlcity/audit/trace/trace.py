"""Where a number comes from: its cells, down to what was typed and its source."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from xlcity.audit.lint.subject import Subject
from xlcity.audit.trace.arithmetic import format_number, write_arithmetic
from xlcity.audit.trace.describe import TemplateDescriber, unit_words
from xlcity.audit.trace.steps import Description, TraceInput, TraceStep, Words
from xlcity.audit.trace.team import TeamDescriber
from xlcity.errors import CellError, CellValue, UsageError, Where, did_you_mean
from xlcity.messages import Message, sentences
from xlcity.model.reading.units import Match, UnitMatcher
from xlcity.recalc.precedents import Follower
from xlcity.workbook.reading.results import score_places
from xlcity.workbook.tab_titles import typed_titles
from xlcity.xlsx.address import Range, full_address, parse_cell, split_sheet
from xlcity.xlsx.cells import Position
from xlcity.xlsx.formulas.graph import Place

#: The JSON form nests at most so deep.
DEEPEST = 150


@dataclass(frozen=True)
class Trace:
    """A number and everything it comes from: a cell that is read twice is listed once.

    Attributes
    ----------
    root
        Key of the cell that was asked for.
    steps
        Key -> step.
    cut
        Keys whose inputs were not followed, by the depth that was asked for.
    """

    root: str
    steps: Mapping[str, TraceStep]
    cut: frozenset[str] = frozenset()
    path: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form; a cell that was opened before is `repeated`, without inputs."""
        return self._node(TraceInput(self.root, "value"), set(), 0)

    def _node(
        self,
        read: TraceInput,
        seen: set[str],
        depth: int,
    ) -> dict[str, Any]:
        step = self.steps[read.key]
        node = {**self.nodes[read.key], "role": read.role, "inputs": []}
        if step.key in self.cut or depth >= DEEPEST:
            node["cut"] = bool(step.inputs) or step.key in self.cut
        elif step.key in seen:
            node["repeated"] = bool(step.inputs)
        else:
            seen.add(step.key)
            node["inputs"] = [self._node(item, seen, depth + 1) for item in step.inputs]
        return node

    def _node_alone(self, step: TraceStep) -> dict[str, Any]:
        about = step.description
        return {
            "cell": step.key,
            "value": step.value,
            "formula": None if step.formula is None else f"={step.formula}",
            "arithmetic": step.arithmetic or None,
            "label": about.label,
            **{name: getattr(about, name) or None for name in ("unit", "node", "step")},
            "kind": step.kind,
            "role": "",
            "marks": list(about.marks),
            "source": None if about.source is None else dict(about.source),
            "inputs": [],
        }

    @cached_property
    def nodes(self) -> dict[str, dict[str, Any]]:
        """Key -> JSON form of a step, whatever reads it and without what it reads."""
        return {key: self._node_alone(step) for key, step in self.steps.items()}


def trace(
    path: str | Path | Subject,
    cell: str,
    depth: int | None = None,
    *,
    node: str = "",
) -> Trace:
    """Trace a cell of a workbook.

    Parameters
    ----------
    path
        The workbook; its stored values are read, nothing is computed.
    cell
        Sheet and cell, ``Index!T16``, or a defined name of one cell; in a template also a city.
    depth
        Steps to follow; ``None`` is down to what was typed.
    node
        Node or indicator whose score of the city is traced; the total, if it is empty.

    Raises
    ------
    WorkbookError
        If the file is not a workbook.
    UsageError
        If there is no such cell.
    """
    subject = Subject.of(path)
    return Tracer(subject).trace(*find_cell(subject, cell, node), depth)


def find_cell(subject: Subject, text: str, node: str = "") -> Place:
    """Return sheet and position of a cell as a person writes it, or of a city's score.

    Raises
    ------
    UsageError
        If there is no such sheet, cell, name, city or node.
    """
    area = subject.area(text)
    if not node and area is not None and area.rows * area.columns == 1:
        return area.sheet, (area.r1, area.c1)
    score = _find_score(subject, text, node)
    if score is not None:
        return score
    name, address = split_sheet(text)
    typed = typed_titles(subject.book).items()
    sheets = {sheet.casefold(): title for sheet, title in typed}
    if node or name is None or name.casefold() not in sheets:
        raise _unknown_cell(subject, text, node, titles=sheets.values())
    try:
        return sheets[name.casefold()], parse_cell(address)
    except ValueError as error:
        where = Where(file=subject.path)
        raise UsageError.of("XC100.no_address", where, reason=error) from error


def _unknown_cell(
    subject: Subject, text: str, node: str, titles: Iterable[str]
) -> UsageError:
    """Return that a text is no cell: with a node no city, with a sheet's name no sheet."""
    where = Where(file=subject.path)
    template = subject.template
    cities = [] if template is None else [unit.id for unit in template.dataset.units]
    if node:
        hint = sentences(did_you_mean(text, cities), Message("hint.code_with_city"))
        return UsageError.of("XC100.no_city", where, hint=hint, text=text)
    name, _ = split_sheet(text)
    names = [*titles] if name else [*cities, *titles, *subject.book.names]
    meant = did_you_mean(name or text, names)
    hint = sentences(meant, Message("hint.sheet_and_cell"))
    key = "XC100.unknown_sheet" if name else "XC100.no_cell_name_or_city"
    return UsageError.of(key, where, hint=hint, name=name, text=text)


def _find_score(subject: Subject, city: str, node: str) -> Place | None:
    """Return the cell of a city's score; None where the workbook has no such city."""
    template = None if not city or "!" in city else subject.template
    if template is None:
        return None
    match = UnitMatcher(template.dataset.units).match(city)
    places = score_places(template)
    root = template.framework.root.code
    if not isinstance(match, Match) or (match.unit.id, root) not in places:
        return None
    code_by_name: dict[str, str] = {}
    for own in template.framework.nodes:
        names = filter(None, (own.name_en, own.name_zh))
        code_by_name |= dict.fromkeys(names, own.code)
    code_by_name |= {code: code for _, code in places}
    code = code_by_name.get(node, node or root)
    place = places.get((match.unit.id, code))
    if place is None:
        where = Where(file=subject.path, indicator=node)
        hint = did_you_mean(node, code_by_name)
        raise UsageError.of("XC100.unknown_node", where, hint=hint, node=node)
    return place


class Tracer:
    """Traces cells of one workbook."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.follower = Follower(subject.graph)
        template = subject.template
        self.describer = (
            TemplateDescriber(template) if template else TeamDescriber(subject)
        )
        sheets = subject.book.sheets
        self._computed = cache(lambda name: frozenset(sheets[name].cells.computed()))

    def trace(self, sheet: str, position: Position, depth: int | None = None) -> Trace:
        """Trace a cell; see `trace`."""
        root = full_address(sheet, position)
        steps = dict[str, TraceStep]()
        cut = set[str]()
        places: dict[str, Place] = {root: (sheet, position)}
        waiting = deque([(root, 0)])
        while waiting:
            key, level = waiting.popleft()
            step = self._step(key, *places[key])
            steps[key] = self._with_arithmetic(step, places[key])
            if step.kind != "formula":
                continue
            if depth is not None and level >= depth:
                cut.add(key)
                continue
            inputs = []
            for read in self.follower.reads(*places[key]):
                members = self._members(read.area)
                near = self._add_area(read.area, members, steps)
                if near != key:
                    inputs.append(TraceInput(near, read.role))
                for member in members:
                    member_key = full_address(*member)
                    if member_key not in places:
                        places[member_key] = member
                        waiting.append((member_key, level + 1))
            steps[key] = replace(steps[key], inputs=tuple(inputs))
        return Trace(root, steps, frozenset(cut), self.subject.path)

    def _with_arithmetic(self, step: TraceStep, place: Place) -> TraceStep:
        """Return a step with the arithmetic of its formula, if that gives a number."""
        if step.kind != "formula":
            return step
        evaluated = self.follower.evaluated(*place)
        if not evaluated or not isinstance(step.value, float):
            return step
        return replace(step, arithmetic=write_arithmetic(*evaluated))

    def _members(self, area: Range) -> list[Place]:
        """Return the cells of an area that hold something."""
        sheet = self.subject.book.sheets[area.sheet]
        computed = self._computed(area.sheet)
        value = sheet.cells.value
        return [
            (area.sheet, position)
            for position in sheet.within(area)
            if value(position) not in (None, "") or position in computed
        ]

    def _add_area(
        self, area: Range, members: list[Place], steps: dict[str, TraceStep]
    ) -> str:
        """Return the key of an area; a range, or a blank cell, becomes a step of its own."""
        first = area.r1, area.c1
        if area.rows * area.columns == 1:
            key = full_address(area.sheet, first)
            if not members and key not in steps:
                about = self.describer.of(area.sheet, first)
                steps[key] = _blank_step(key, about)
            return key
        key = str(area)
        if key not in steps:
            addresses = [full_address(*member) for member in members]
            steps[key] = TraceStep(
                key,
                "range",
                value=None,
                formula=None,
                description=self._describe_range(area, len(members)),
                inputs=tuple(TraceInput(address, "value") for address in addresses),
            )
        return key

    def _step(self, key: str, sheet: str, position: Position) -> TraceStep:
        cells = self.subject.book.sheets[sheet].cells
        about = self.describer.of(sheet, position)
        cell = cells.get(position)
        if cell is None or (cell.value is None and not cell.computed):
            return _blank_step(key, about)
        return TraceStep(
            key,
            "formula" if cell.computed else "input",
            value=cell.value,
            formula=cells[cell.in_array].formula if cell.in_array else cell.formula,
            description=about,
        )

    def _describe_range(self, area: Range, members: int) -> Description:
        first = self.describer.of(area.sheet, (area.r1, area.c1))
        last = self.describer.of(area.sheet, (area.r2, area.c2))
        node = first.node if first.node == last.node else ""
        what = first.step or area.sheet
        same = first.unit == last.unit and first.unit in self.describer.units
        words = [unit_words(self.describer.units[first.unit])] if same else []
        if not node and "" not in (first.node, last.node):
            words.append(Words(f"{first.node} … {last.node}"))
        else:
            words.append(Words("格", "cell" if members == 1 else "cells", str(members)))
            words += [Words(node)] if node else []
        # Weights above the scores of a sheet are not scores.
        alike = first.words[-1:] == last.words[-1:]
        words.append(first.words[-1] if alike else self.describer.step_words(what))
        return Description(tuple(words), node=node, step=what)


def _blank_step(key: str, about: Description) -> TraceStep:
    return TraceStep(key, "blank", value=None, formula=None, description=about)


def shown_value(value: CellValue) -> str:
    """Return a value for people: numbers as `format_number` gives them, blanks as a dash."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return format_number(value)
    return str(value) if isinstance(value, CellError) else value
