"""Where a number comes from: its cells, down to what was typed and its source."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from xlcity.audit.lint.subject import Subject
from xlcity.audit.trace.arithmetic import format_number, write_arithmetic
from xlcity.audit.trace.describe import Describer, unit_words
from xlcity.audit.trace.description import Description, Words
from xlcity.audit.trace.precedents import Follower
from xlcity.audit.trace.steps import TraceInput, TraceStep
from xlcity.audit.trace.summary import Summaries
from xlcity.errors import CellError, CellValue, UsageError, Where, did_you_mean
from xlcity.workbook.tab_titles import typed_titles
from xlcity.xlsx.address import Range, full_address, parse_cell, split_sheet
from xlcity.xlsx.cells import Position

#: A range of more cells than this is one input that can be opened.
FEW = 1
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
    places: Mapping[str, tuple[str, Position]] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form; a cell that was opened before is `repeated`, without inputs."""
        return self._node(TraceInput(self.root, "value"), set(), 0)

    def _node(self, read: TraceInput, seen: set[str], depth: int) -> dict[str, Any]:
        step = self.steps[read.key]
        if (alone := self._alone.get(read.key)) is None:
            alone = self._alone[read.key] = self._node_alone(step)
        node = {**alone, "role": read.role, "inputs": []}
        if step.key in self.cut or depth >= DEEPEST:
            node["cut"] = bool(step.inputs) or step.key in self.cut
        elif step.key in seen:
            node["repeated"] = bool(step.inputs)
        else:
            seen.add(step.key)
            node["inputs"] = [self._node(item, seen, depth + 1) for item in step.inputs]
        return node

    def _node_alone(self, step: TraceStep) -> dict[str, Any]:
        """Return the JSON form of a step, whatever reads it and without what it reads."""
        about = step.description
        node: dict[str, Any] = {
            "cell": step.key,
            "value": step.value,
            "formula": None if step.formula is None else f"={step.formula}",
            "arithmetic": step.arithmetic or None,
            "label": about.label,
            "unit": about.unit or None,
            "node": about.node or None,
            "step": about.step or None,
            "kind": step.kind,
            "role": "",
            "marks": list(about.marks),
            "source": None if about.source is None else dict(about.source),
            "inputs": [],
        }
        if (summary := self.summaries.of(step)) is not None:
            node["summary"] = summary.as_dict()
        return node

    @cached_property
    def _alone(self) -> dict[str, dict[str, Any]]:
        return {}

    @cached_property
    def summaries(self) -> Summaries:
        """What formulas take from many cells."""
        return Summaries(self.steps)

    @property
    def deepest(self) -> int:
        """How many formulas stand after each other at most, on the shortest ways."""
        levels = self._levels().items()
        formulas = (level for key, level in levels if self._goes_on(key))
        return max(formulas, default=-1) + 1

    def shallower(self, depth: int) -> Trace:
        """Return the trace with no more than so many formulas after each other."""
        steps: dict[str, TraceStep] = {}
        cut = set()
        for key, level in self._levels().items():
            step = self.steps[key]
            if level > depth:
                continue
            if step.kind == "formula" and level == depth and (step.inputs or key in self.cut):
                step = replace(step, inputs=())
                cut.add(key)
            steps[key] = step
        return replace(self, steps=steps, cut=frozenset(cut))

    def _goes_on(self, key: str) -> bool:
        step = self.steps[key]
        return step.kind == "formula" and bool(step.inputs)

    def _levels(self) -> dict[str, int]:
        """Return how many formulas stand before each step, on the shortest way."""
        levels: dict[str, int] = {}
        waiting = deque([(self.root, 0)])
        while waiting:
            key, level = waiting.popleft()
            if key in levels:
                continue
            levels[key] = level
            step = self.steps[key]
            if step.kind == "range":
                waiting.extendleft((read.key, level) for read in step.inputs)
            else:
                waiting.extend((read.key, level + 1) for read in step.inputs)
        return levels

    @property
    def leaves(self) -> tuple[TraceStep, ...]:
        """What was typed."""
        return tuple(step for step in self.steps.values() if step.kind == "input")


def trace(
    path: str | Path | Subject, cell: str, depth: int | None = None, *, node: str = ""
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


def unfolded_trace(path: str | Path | Subject, cell: str, *, node: str = "") -> Trace:
    """Trace a cell like `trace`, but follow a step when it is looked at: for a part of a tree."""
    subject = Subject.of(path)
    return Tracer(subject).unfolded(*find_cell(subject, cell, node))


def find_cell(subject: Subject, text: str, node: str = "") -> tuple[str, Position]:
    """Return sheet and position of a cell as a person writes it, or of a city's score.

    Raises
    ------
    UsageError
        If there is no such sheet, cell, name, city or node.
    """
    area = subject.area(text)
    if not node and area is not None and area.rows * area.columns == 1:
        return area.sheet, (area.r1, area.c1)
    if (score := _find_score(subject, text, node)) is not None:
        return score
    name, address = split_sheet(text)
    sheets = {sheet.casefold(): title for sheet, title in typed_titles(subject.book).items()}
    where = Where(file=subject.path)
    cities = [unit.id for unit in subject.template.dataset.units] if subject.template else []
    if node:
        hint = f"{did_you_mean(text, cities)} A code goes with a city of a template."
        raise UsageError(f"{text!r} is not a city.", hint, where=where)
    if name is None or name.casefold() not in sheets:
        names = [*sheets.values(), *(() if name else [*subject.book.names, *cities])]
        hint = f"{did_you_mean(name or text, names)} Write Sheet!Cell, such as Index!T16."
        message = (
            f"unknown sheet {name!r}." if name else f"{text!r} is not a cell, a name or a city."
        )
        raise UsageError(message, hint, where=where)
    try:
        return sheets[name.casefold()], parse_cell(address)
    except ValueError as error:
        raise UsageError(f"{error}.", "Write one cell, such as Index!T16.", where=where) from error


def _find_score(subject: Subject, city: str, node: str) -> tuple[str, Position] | None:
    """Return the cell of a city's score; None where the workbook has no such city."""
    template = None if not city or "!" in city else subject.template
    if template is None:
        return None
    from xlcity.workbook.reading.results import score_places

    names = {
        name: unit.id
        for unit in template.dataset.units
        for name in (*unit.aliases, unit.name_en, unit.name_zh, unit.id)
    }
    places = score_places(template)
    root = template.framework.root.code
    if city not in names or (names[city], root) not in places:
        return None
    if (score_cell := places.get((names[city], node or root))) is None:
        codes = dict.fromkeys(code for _, code in places)
        where = Where(file=subject.path, indicator=node)
        raise UsageError(f"unknown node {node!r}.", did_you_mean(node, codes), where=where)
    return score_cell


@dataclass(frozen=True, slots=True)
class _Followed:
    """Steps by key, places of the cells that they read, and keys of areas."""

    steps: dict[str, TraceStep]
    places: dict[str, tuple[str, Position]]
    keys: dict[Range, str] = field(default_factory=dict)


class _StepsOnDemand(Mapping[str, TraceStep]):
    """Steps that are followed when they are asked for; the others are not listed."""

    def __init__(self, tracer: Tracer, followed: _Followed) -> None:
        self._tracer, self._followed = tracer, followed

    def __getitem__(self, key: str) -> TraceStep:
        step = self._followed.steps.get(key)
        return self._tracer.step(key, self._followed) if step is None else step

    def __contains__(self, key: object) -> bool:
        return key in self._followed.steps or key in self._followed.places

    def __iter__(self) -> Iterator[str]:
        return iter(self._followed.steps)

    def __len__(self) -> int:
        return len(self._followed.steps)


class Tracer:
    """Traces cells of one workbook."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.follower = Follower(subject.graph)
        self.describer = Describer(subject.book, subject.template)
        self._computed: dict[str, frozenset[Position]] = {}

    def trace(self, sheet: str, position: Position, depth: int | None = None) -> Trace:
        """Trace a cell; see `trace`."""
        start = _key(sheet, position)
        followed = _Followed({}, {start: (sheet, position)})
        cut: set[str] = set()
        waiting = deque([(start, 0)])
        while waiting:
            key, level = waiting.popleft()
            step = followed.steps[key] = self._step(key, *followed.places[key])
            if step.kind != "formula":
                continue
            if depth is not None and level >= depth:
                cut.add(key)
                continue
            waiting.extend((near, level + 1) for near in self._follow(step, followed))
        return Trace(start, followed.steps, frozenset(cut), self.subject.path, followed.places)

    def unfolded(self, sheet: str, position: Position) -> Trace:
        """Trace a cell without end, following each step when it is looked at first."""
        start = _key(sheet, position)
        followed = _Followed({}, {start: (sheet, position)})
        steps = _StepsOnDemand(self, followed)
        return Trace(start, steps, frozenset(), self.subject.path, followed.places)

    def step(self, key: str, followed: _Followed) -> TraceStep:
        """Return one step with what it reads, and note the places of that."""
        step = followed.steps[key] = self._step(key, *followed.places[key])
        if step.kind == "formula":
            self._follow(step, followed)
        return followed.steps[key]

    def _follow(self, step: TraceStep, followed: _Followed) -> list[str]:
        """Add what a step reads, and return the keys of cells that were not known."""
        inputs, new = [], []
        for read in self.follower.reads(*followed.places[step.key]):
            if (key := followed.keys.get(read.area)) is None:
                members = self._members(read.area)
                key = followed.keys[read.area] = self._open(read.area, members, followed.steps)
                for member in members:
                    if (near := _key(*member)) not in followed.places:
                        followed.places[near] = member
                        new.append(near)
            if key != step.key:
                inputs.append(TraceInput(key, read.role))
        evaluated = self.follower.evaluated(*followed.places[step.key])
        shown = write_arithmetic(*evaluated) if evaluated and isinstance(step.value, float) else ""
        followed.steps[step.key] = replace(step, inputs=tuple(inputs), arithmetic=shown)
        return new

    def _members(self, area: Range) -> list[tuple[str, Position]]:
        """Return the cells of an area that hold something."""
        sheet = self.subject.book.sheets[area.sheet]
        if area.sheet not in self._computed:
            self._computed[area.sheet] = frozenset(sheet.cells.computed())
        computed, value = self._computed[area.sheet], sheet.cells.value
        return [
            (area.sheet, position)
            for position in sheet.within(area)
            if value(position) not in (None, "") or position in computed
        ]

    def _open(
        self, area: Range, members: list[tuple[str, Position]], steps: dict[str, TraceStep]
    ) -> str:
        """Return the key of an area; a range, or a blank cell, is a step from now on."""
        if area.rows * area.columns > FEW:
            key = str(area)
            steps[key] = self._range(area, members)
        else:
            key = _key(area.sheet, (area.r1, area.c1))
            if not members:
                steps.setdefault(key, self._blank(key, area))
        return key

    def _step(self, key: str, sheet: str, position: Position) -> TraceStep:
        cell = self.subject.book.sheets[sheet].cells.get(position)
        description = self.describer.of(sheet, position)
        if cell is None or (cell.value is None and not cell.computed):
            return TraceStep(key, "blank", None, None, description)
        formula = cell.formula
        if cell.in_array:
            formula = self.subject.book.sheets[sheet].cells[cell.in_array].formula
        return TraceStep(
            key, "formula" if cell.computed else "input", cell.value, formula, description
        )

    def _blank(self, key: str, area: Range) -> TraceStep:
        return TraceStep(
            key, "blank", None, None, self.describer.of(area.sheet, (area.r1, area.c1))
        )

    def _range(self, area: Range, members: list[tuple[str, Position]]) -> TraceStep:
        inputs = tuple(TraceInput(_key(*member), "value") for member in members)
        first = self.describer.of(area.sheet, (area.r1, area.c1))
        last = self.describer.of(area.sheet, (area.r2, area.c2))
        node = first.node if first.node == last.node else ""
        what = first.step or area.sheet
        same = first.unit == last.unit and first.unit in self.describer.units
        words = [unit_words(self.describer.units[first.unit])] if same else []
        if not node and first.node and last.node:
            words.append(Words(f"{first.node} … {last.node}"))
        else:
            cells = "cell" if len(members) == 1 else "cells"
            words.append(Words("格", cells, str(len(members))))
            words += [Words(node)] if node else []
        # Weights above the scores of a sheet are not scores.
        alike = first.words[-1:] == last.words[-1:]
        words.append(first.words[-1] if alike else self.describer.step_words(what))
        description = Description(tuple(words), node=node, step=what)
        return TraceStep(str(area), "range", None, None, description, inputs)


def _key(sheet: str, position: Position) -> str:
    return full_address(sheet, position)


def shown_value(value: CellValue) -> str:
    """Return a value for people: numbers with six figures, blanks as a dash."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return format_number(value)
    return str(value) if isinstance(value, CellError) else value
