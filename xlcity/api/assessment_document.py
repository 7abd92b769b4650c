"""An assessment as a JSON document, and as a workbook keeps it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from xlcity import __version__
from xlcity.assess.clusters import dendrogram, nearest_units
from xlcity.assess.statistics import (
    LEAST_AVAILABLE,
    alphas,
    components,
    correlations,
    indicator_statistics,
    measure_availability,
)
from xlcity.assess.uncertainty import SURE_SHARE
from xlcity.errors import CellValue
from xlcity.workbook.reading.stored_assessment import (
    AUDIT,
    CITIES,
    PAIRS,
    PEER_COUNT,
    PEERS,
    TABLES,
    StoredAssessment,
    unranked_text,
)
from xlcity.xlsx.address import find_runs

if TYPE_CHECKING:
    from xlcity.api.assessment import Assessment
    from xlcity.assess.choices import Choice
    from xlcity.assess.sensitivity import RankComparison, SobolIndices
    from xlcity.assess.statistical_audit import NodeAudit
    from xlcity.assess.statistics import PairCorrelation
    from xlcity.index.result import IndexResult


#: Numbers of places whose probability a workbook shows.
_TOP = (3, 5, 10)
#: Options of a choice that a workbook lists, and runs of ranks.
_LISTED = 4
_RUNS = 3


def document(assessment: Assessment) -> dict[str, Any]:
    """Return everything that an assessment says; see `docs/reference/assessment.md`."""
    plan = assessment.plan
    simulated = assessment.uncertainty
    ids = [unit.id for unit in plan.dataset.units]
    return {
        "replicates": assessment.replicates,
        "seconds": assessment.seconds,
        "choices": assessment.choices,
        "seed": plan.seed,
        "node": plan.node,
        "synthetic": plan.dataset.synthetic,
        "units": assessment.unit_rows(),
        "above": {"units": ids, "p": simulated.above.tolist()},
        "groups": [list(group) for group in simulated.groups],
        "convergence": [_stage(stage) for stage in simulated.convergence],
        "leave_one_out": _records(assessment.leave_one_out),
        "reversals": _records(assessment.reversals),
        "sensitivity": _sensitivity(assessment),
        "city_sensitivity": {
            unit: _by_choice(assessment, shares)
            for unit, shares in assessment.city_sobol.items()
        },
        "overtaking": _records(assessment.overtakings),
        "top_margins": assessment.top_margins,
        "all_margins": assessment.all_margins,
        "decisive_data": _records(assessment.decisive_data),
        "compare": [_comparison(ids, compared) for compared in assessment.comparisons],
        **statistics_document(assessment),
    }


def _records(items: Iterable[Any]) -> list[dict[str, Any]]:
    """Return records as JSON has them."""
    return [asdict(item) for item in items]


def _record(item: Any | None) -> dict[str, Any] | None:
    """Return a record as JSON has it, None for none."""
    return None if item is None else asdict(item)


def _stage(stage: tuple[int, float, float]) -> dict[str, float]:
    """Return how far ranks had settled after some replicates."""
    replicates, median, interval = stage
    return {"replicates": replicates, "median": median, "interval": interval}


def _comparison(ids: Sequence[str], compared: RankComparison) -> dict[str, Any]:
    """Return the ranks by another method, None where a city has none."""
    ranks = [int(rank) or None for rank in compared.ranks]
    return {**asdict(compared), "ranks": dict(zip(ids, ranks, strict=True))}


def _sensitivity(assessment: Assessment) -> dict[str, Any]:
    """Return what each choice does to the ranks of all cities; nothing where it was not asked."""
    if assessment.sobol is None:
        return {}
    return _by_choice(assessment, assessment.sobol)


def _by_choice(assessment: Assessment, shares: SobolIndices) -> dict[str, Any]:
    """Return the shares of each choice, with their intervals."""
    return {
        choice.name: {
            "first": _at(shares.first, position),
            "total": _at(shares.total, position),
            "first_interval": _at(shares.first_interval, position),
            "total_interval": _at(shares.total_interval, position),
        }
        for position, choice in enumerate(assessment.plan.choices)
    }


def _at(values: Any, position: int) -> Any:
    """Return what an array has for a choice, as JSON has it."""
    return np.asarray(values[position]).tolist()


def statistics_document(assessment: Assessment) -> dict[str, Any]:
    """Return what can be said before anything varies; `populations` has the groups after the first.

    Their correlations and outside measures are in one list with those of the first.
    """
    result = assessment.plan.base
    first, *others = result.populations
    with np.errstate(all="ignore"):
        related = _related(result)
        own = {name: _of_population(assessment, name) for name in result.populations}
    units, nodes = measure_availability(result)
    return {
        "statistics": _records(indicator_statistics(result)),
        "availability": {
            "least": LEAST_AVAILABLE,
            "units": _records(units),
            "nodes": _records(nodes),
        },
        "correlations": _records(related),
        "audit": [_audit(audit) for audit in assessment.audits],
        "sizes": _records(assessment.sizes),
        **own[first],
        "populations": {name: own[name] for name in others},
        "outside": _records(assessment.explanations),
        "editions": _editions(assessment),
    }


def _related(result: IndexResult) -> list[PairCorrelation]:
    """Return the correlations inside each group of cities."""
    return [*chain.from_iterable(correlations(result, p) for p in result.populations)]


def _audit(audit: NodeAudit) -> dict[str, Any]:
    """Return the audit of a node."""
    return {**asdict(audit), "findings": [*audit.findings]}


def _editions(assessment: Assessment) -> dict[str, Any]:
    """Return how cities moved over the editions, and where series break."""
    units, convergence = assessment.editions
    panel = assessment.panel
    return {
        "units": _records(units),
        "convergence": _records(convergence),
        "breaks": [] if panel is None else _records(panel.breaks),
    }


def _of_population(assessment: Assessment, population: str) -> dict[str, Any]:
    """Return how nodes hang together in one group of cities, and which of its cities are alike."""
    result = assessment.plan.base
    alpha = alphas(result, population)
    pca = components(result, population)
    tree = dendrogram(result, population)
    peers = assessment.peers(population)
    return {
        "alpha": {node: all_together for node, (all_together, _) in alpha.items()},
        "alpha_without": {node: less for node, (_, less) in alpha.items()},
        "pca": {node: asdict(part) for node, part in pca.items()},
        "clusters": _record(tree),
        "peers": _record(peers),
    }


def stored_form(assessment: Assessment) -> StoredAssessment:
    """Return what the sheets of a workbook keep of an assessment."""
    tables: dict[str, Iterable[Mapping[str, Any]]] = {
        CITIES: _city_lines(assessment),
        PEERS: _peer_lines(assessment),
        PAIRS: _pair_lines(assessment.plan.base),
        AUDIT: map(asdict, assessment.audits),
    }
    lines = {name: _cell_lines(name, table) for name, table in tables.items()}
    return StoredAssessment(_settings(assessment), lines, {})


def _settings(assessment: Assessment) -> dict[str, CellValue]:
    """Return what was assessed, and how."""
    plan = assessment.plan
    return {
        "replicates": float(assessment.uncertainty.replicates),
        "seed": float(plan.seed),
        "node": plan.node,
        "synthetic": float(plan.dataset.synthetic),
        "version": __version__,
        "varied": "; ".join(map(_in_words, plan.choices)),
        "unranked": unranked_text(assessment.unranked_shares) or None,
    }


def _city_lines(assessment: Assessment) -> list[dict[str, Any]]:
    """Return a line a city, in the order of ranks."""
    plan = assessment.plan
    ids = [unit.id for unit in plan.dataset.units]
    scores = dict(zip(ids, plan.base.column(plan.node), strict=True))
    groups = {}
    for number, group in enumerate(assessment.uncertainty.groups, 1):
        groups.update(dict.fromkeys(group, number))
    alike = _not_apart(assessment)
    lines = []
    for row in assessment.ranked_rows():
        unit = row["unit"]
        line = {f"top_{places}": row["top"].get(places) for places in _TOP}
        line |= {"score": scores[unit], "group": groups.get(unit)}
        line["alike"] = alike[unit] or None
        lines.append({**row, **line})
    return lines


def _peer_lines(assessment: Assessment) -> list[dict[str, Any]]:
    """Return the peer group of each city, and the cities nearest to it."""
    groups = _peer_groups(assessment)
    base = assessment.plan.base
    near: dict[str, tuple[str, ...]] = {}
    for population in base.populations:
        near |= nearest_units(base, population, PEER_COUNT)
    lines = []
    for row in assessment.ranked_rows():
        unit = row["unit"]
        line = {"unit": unit, "group": groups.get(unit)}
        for number, peer in enumerate(near.get(unit, ()), 1):
            line[f"peer_{number}"] = peer
        lines.append(line)
    return lines


def _peer_groups(assessment: Assessment) -> dict[str, float]:
    """Return the peer group of each city, numbered on from population to population."""
    numbers: dict[str, float] = {}
    for population in assessment.plan.base.populations:
        before = max(numbers.values(), default=0.0)
        peers = assessment.peers(population)
        if peers is not None:
            numbers |= {unit: before + number for unit, number in peers.groups.items()}
    return numbers


def _pair_lines(result: IndexResult) -> list[dict[str, Any]]:
    """Return a line a pair of nodes."""
    return [
        {**asdict(pair), "first": pair.a, "second": pair.b, "node": pair.group}
        for pair in _related(result)
    ]


def _cell_lines(
    name: str, lines: Iterable[Mapping[str, Any]]
) -> tuple[dict[str, CellValue], ...]:
    """Return the lines of a table as its cells hold them."""
    keys = TABLES[name]
    found = []
    for line in lines:
        found.append({key: _cell(line.get(key)) for key in keys})
    return tuple(found)


def _not_apart(assessment: Assessment) -> dict[str, str]:
    """Return the ranks of the cities that each cannot be distinguished from, its own among them.

    Two cities are distinguished where one is above the other in nearly all replicates.
    """
    plan = assessment.plan
    units = plan.dataset.units
    ranks = plan.base.rank(plan.node)
    is_sure = assessment.uncertainty.above >= SURE_SHARE
    is_apart = is_sure | is_sure.T
    populations = np.array([unit.population for unit in units])
    texts = {}
    for row, unit in enumerate(units):
        is_alike = (populations == unit.population) & (ranks > 0) & ~is_apart[row]
        alike = ranks[is_alike & (ranks[row] > 0)]
        is_alone = len(alike) < 2
        texts[unit.id] = "" if is_alone else spans(np.unique(alike).tolist())
    return texts


def spans(numbers: Sequence[int]) -> str:
    """Return ascending whole numbers as people write them; of many, the ends and how many.

    >>> spans([1, 3, 4, 5, 9])
    '1, 3–5, 9'
    >>> spans([1, 3, 5, 7])
    '1–7 (4)'
    """
    runs = find_runs(numbers)
    if len(runs) > _RUNS:
        return f"{numbers[0]}–{numbers[-1]} ({len(numbers)})"
    return ", ".join(_run_text(*run) for run in runs)


def _run_text(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}–{last}"


def _cell(value: float | str | None) -> CellValue:
    """Return what a cell holds; it has one kind of number, and no NaN."""
    if value is None or isinstance(value, str):
        return value
    number = float(value)
    return None if math.isnan(number) else number


def _in_words(choice: Choice) -> str:
    """Return a choice with its options, as far as there is room."""
    labels = [variation.label for variation in choice.variations]
    text = f"{choice.name}={','.join(labels[:_LISTED])}"
    if len(labels) > _LISTED:
        text += f" … ({len(labels)})"
    return text
