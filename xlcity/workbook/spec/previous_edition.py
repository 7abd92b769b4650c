"""What a workbook knows of the previous edition: values, scores, ranks, and what became of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from xlcity.index.result import IndexResult
from xlcity.model.dataset import Dataset, State, Status
from xlcity.model.framework import Framework
from xlcity.model.panel import Break
from xlcity.reports.report import PublishedScores

if TYPE_CHECKING:
    from xlcity.workbook.spec import TemplateSpec

#: What became of an indicator: the value can be compared only where it was kept.
STATUSES = ("kept", "redefined", "split", "dropped", "new")
#: Status of a score or rank that was computed from values none of which is invented or derived.
COMPUTED = "computed"
#: Kinds of numbers of an edition, in the order in which `LastEdition` shows them.
KINDS = ("values", "made", "scores", "ranks")

#: City and indicator or node -> number.
_Numbers = dict[tuple[str, str], float]


@dataclass(frozen=True, slots=True)
class Mapped:
    """What became of one indicator.

    `code` is the code now ("" if dropped), `old` the code then ("" if new).
    """

    status: str
    code: str
    old: str
    name: str = ""
    note: str = ""

    @property
    def is_carried(self) -> bool:
        """Whether the indicator is one of now, if with another meaning."""
        return self.status in ("kept", "redefined") and bool(self.code)


@dataclass(frozen=True)
class LastEdition:
    """The previous edition.

    Attributes
    ----------
    edition
        What it was called.
    units, codes, nodes
        Its scored cities, inputs and composite nodes, in its order.
    values
        (unit, code then) -> value.
    scores, ranks
        (unit, node then) -> score, rank: as printed where the report printed it.
    mapping
        What became of each indicator.
    made
        (unit, indicator then) -> value of an indicator that is made from others.
    status
        (kind, unit, code) -> what the number is: the status of a value, "printed", or what a
        computed one rests on ("synthetic", "derived", "computed").
    """

    edition: str
    units: tuple[str, ...]
    codes: tuple[str, ...] = ()
    nodes: tuple[str, ...] = ()
    values: Mapping[tuple[str, str], float] = field(default_factory=dict)
    scores: Mapping[tuple[str, str], float] = field(default_factory=dict)
    ranks: Mapping[tuple[str, str], int] = field(default_factory=dict)
    mapping: tuple[Mapped, ...] = ()
    made: Mapping[tuple[str, str], float] = field(default_factory=dict)
    status: Mapping[tuple[str, str, str], str] = field(default_factory=dict)

    def comparable(self) -> dict[str, str]:
        """Return code now -> code then of the indicators that were kept."""
        return {m.code: m.old for m in self.mapping if m.status == "kept"}

    def numbers(self, kind: str) -> Mapping[tuple[str, str], float]:
        """Return the numbers of one of `KINDS`."""
        numbers: Mapping[tuple[str, str], float] = getattr(self, kind)
        return numbers

    def codes_of(self, kind: str) -> tuple[str, ...]:
        """Return the columns of one of `KINDS`."""
        if kind == "made":
            return tuple(dict.fromkeys(code for _, code in self.made))
        return self.codes if kind == "values" else self.nodes


@dataclass(frozen=True, slots=True)
class PastEdition:
    """Scores and ranks of an edition, by city and node.

    Those of the nodes `invented` rest on invented values.
    """

    edition: str
    scores: Mapping[tuple[str, str], float]
    ranks: Mapping[tuple[str, str], int]
    invented: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Past:
    """Past editions, the oldest first, and where series of indicators break."""

    editions: tuple[PastEdition, ...] = ()
    breaks: tuple[Break, ...] = ()

    def followed_by(self, last: LastEdition, edition: str = "") -> Past:
        """Return the past with one edition more, and breaks of `edition`, which follows it.

        A series breaks where an indicator is another one than before.
        """
        invented = {
            node
            for (kind, _, node), word in last.status.items()
            if kind == "scores" and word == Status.SYNTHETIC.value
        }
        past = PastEdition(last.edition, last.scores, last.ranks, frozenset(invented))
        changed = (m for m in last.mapping if m.code and m.status != "kept")
        breaks = (
            Break(
                m.code,
                edition,
                " · ".join(filter(None, (m.status, m.note))),
            )
            for m in changed
        )
        return Past(
            (*self.editions, past), (*self.breaks, *(breaks if edition else ()))
        )


NO_PAST = Past()


def past_of(spec: TemplateSpec) -> Past:
    """Return what a template shows of the past: what it stored, else the previous edition."""
    if spec.past.editions or spec.last is None:
        editions = tuple(
            past for past in spec.past.editions if past.edition != spec.edition
        )
        return replace(spec.past, editions=editions)
    return Past().followed_by(spec.last, spec.edition)


def last_of(
    edition: str,
    dataset: Dataset,
    result: IndexResult,
    became: tuple[Mapped, ...],
    printed: Iterable[PublishedScores] = (),
) -> LastEdition:
    """Return what the next edition knows of one: values, scores and ranks of its scored cities.

    Parameters
    ----------
    edition, dataset, result
        Its name, its values and its index.
    became
        What became of each indicator.
    printed
        What its report printed: that counts before what is computed again.
    """
    scored = [unit.id for unit in dataset.units if unit.population]
    values, status = _values(dataset)
    has_value = result.raw_states == State.VALUE
    raw = np.where(has_value, result.raw, np.nan)
    constructed = _numbers_of(dataset, result.leaf_codes, raw)
    constructed = {k: number for k, number in constructed.items() if k not in values}
    status_by_node = _status_by_node(result.framework, dataset, status)
    status |= {("made", *place): status_by_node[place[1]] for place in constructed}
    tables = {table.node: table for table in printed}
    ranks = np.where(result.ranks > 0, result.ranks, np.nan)
    numbers: dict[str, _Numbers] = {}
    for kind, computed in (("scores", result.scores), ("ranks", ranks)):
        numbers[kind] = _numbers_of(dataset, result.node_codes, computed)
        for place in numbers[kind]:
            status[kind, *place] = status_by_node[place[1]]
        in_print = _printed_numbers(tables, result.node_codes, kind, scored)
        numbers[kind] |= in_print
        status |= dict.fromkeys(
            ((kind, *place) for place in in_print), Status.PRINTED.value
        )
    with_values = {code for _, code in values}
    # A city that was listed and never filled was no part of it.
    entries = (*values, *constructed, *numbers["scores"], *numbers["ranks"])
    filled = {unit for unit, _ in entries}
    return LastEdition(
        edition,
        tuple(unit for unit in scored if unit in filled or not filled),
        tuple(code for code in dataset.codes if code in with_values),
        result.node_codes,
        values=values,
        scores=numbers["scores"],
        ranks={place: int(rank) for place, rank in numbers["ranks"].items()},
        mapping=became,
        made=constructed,
        status=status,
    )


def _numbers_of(
    dataset: Dataset, codes: Sequence[str], numbers: np.ndarray
) -> _Numbers:
    """Return the numbers of scored cities, a column a code, without gaps."""
    present: _Numbers = {}
    for column, code in enumerate(codes):
        for row, unit in enumerate(dataset.units):
            number = float(numbers[row, column])
            if unit.population and not np.isnan(number):
                present[unit.id, code] = number
    return present


def _printed_numbers(
    tables: Mapping[str, PublishedScores],
    nodes: Iterable[str],
    kind: str,
    units: Iterable[str],
) -> _Numbers:
    """Return the scores or ranks that a report printed of cities and nodes."""
    numbers: _Numbers = {}
    for node, unit in product(nodes, units):
        of_print = getattr(tables[node], kind) if node in tables else {}
        if of_print.get(unit):
            numbers[unit, node] = float(of_print[unit])
    return numbers


def node_status(framework: Framework, dataset: Dataset) -> dict[str, str]:
    """Return what the scores of every node rest on: "synthetic", "derived" or "computed"."""
    return _status_by_node(framework, dataset, _values(dataset)[1])


def _values(
    dataset: Dataset,
) -> tuple[_Numbers, dict[tuple[str, str, str], str]]:
    """Return the values of scored cities, and the status of each."""
    values: dict[tuple[str, str], float] = {}
    status: dict[tuple[str, str, str], str] = {}
    for column, code in enumerate(dataset.codes):
        for row, unit in enumerate(dataset.units):
            if unit.population and dataset.states[row, column] == State.VALUE:
                values[unit.id, code] = float(dataset.values[row, column])
                basis = str(dataset.basis[row, column]) or Status.ENTERED.value
                status["values", unit.id, code] = basis
    return values, status


def _status_by_node(
    framework: Framework, dataset: Dataset, status: Mapping[tuple[str, str, str], str]
) -> dict[str, str]:
    """Return what the computed numbers of every node rest on: the worst of all values below.

    `status` is that of the values.

    A score is relative to those of other cities, and a rank is: one invented value reaches all.
    """
    inputs: dict[str, set[str]] = {}
    for (_, _, code), word in status.items():
        inputs.setdefault(code, set()).add(word)
    for lines in (dataset.links, dataset.items):
        for code, several in lines.items():
            inputs.setdefault(code, set()).update(line.basis for line in several)
    statuses_below: dict[str, set[str]] = {}
    for leaf in framework.indicators:
        parts = [
            leaf.code,
            *(part.code for part in framework.ingredients_of(leaf.code)),
        ]
        below = set().union(
            *(inputs.get(code, set()) for code in (*parts, leaf.denominator))
        )
        for node in framework.path(leaf.code):
            statuses_below.setdefault(node.code, set()).update(
                below, inputs.get(node.code, set())
            )
    worst = (Status.SYNTHETIC.value, Status.DERIVED.value)
    statuses = {}
    for code, below in statuses_below.items():
        statuses[code] = next(filter(below.__contains__, worst), COMPUTED)
    return statuses
