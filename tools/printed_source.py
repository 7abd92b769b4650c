"""A source of facts whose scores and ranks are those that a report printed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from xlcity.api.index import Index
from xlcity.api.inputs import of_report
from xlcity.api.report import index_source
from xlcity.api.text_audit import text_evidence
from xlcity.audit.text.evidence import TextEvidence
from xlcity.figures.contents import Label
from xlcity.model.dataset import FloatArray
from xlcity.report.earlier_editions import EarlierRanks
from xlcity.report.source import ReportSource
from xlcity.reports.report import Group, GroupType


@dataclass(frozen=True)
class PrintedSource(ReportSource):
    """An index whose numbers are those of printed tables; what these lack is not known."""

    evidence: TextEvidence = field(kw_only=True)

    #: Printed numbers are not invented.
    synthetic = 0

    @property
    def node_status(self) -> Mapping[str, str]:
        """Nothing rests on the values of the index."""
        return {}

    def order(self, code: str, population: str) -> list[int]:
        """Return the rows of the cities with a printed place, the first one first."""
        rows = self.result.dataset.rows
        return [rows[unit] for unit in self.evidence.order(code, (), population)]

    def scores(self, code: str) -> FloatArray:
        """Return the printed scores, NaN without one."""
        cells = [self.evidence.scores.get((code, unit.id)) for unit in self.units]
        return np.array([cell.value if cell else np.nan for cell in cells])

    def rank(self, row: int, code: str) -> int | None:
        """Return the printed rank, or that of the printed scores."""
        cell = self.evidence.place(code, self.units[row].id)
        return int(cell.text) if cell else None

    def has(self, code: str) -> bool:
        """Tell whether any place of a node is printed."""
        return code in self.evidence.nodes

    def without(self, table: str) -> PrintedSource:
        """Return the same without what one table prints."""
        ranks = {key: cell for key, cell in self.evidence.ranks.items() if cell.table != table}
        return replace(self, evidence=replace(self.evidence, ranks=ranks))

    def grouped(self, attribute: str, values: Iterable[str] = ()) -> GroupType:
        """Return a type of groups: as declared, or every value that the cities have."""
        known = self.group_type(attribute)
        chosen = [*values]
        if known and not chosen:
            return known
        words = [unit.attributes.get(attribute, "") for unit in self.units]
        names = {one.value: one for one in known.groups} if known else {}
        found = {
            word: names.get(word) or Group(word, word, word)
            for word in words
            if not chosen or word in chosen
        }
        return GroupType(attribute, attribute, attribute, tuple(found.values()))


def printed_source(report: str) -> PrintedSource:
    """Return what a report printed as a source of facts."""
    made, evidence = index_source(Index.of(of_report(report))), text_evidence(report)
    ranks = {(unit, code): int(cell.text) for (code, unit), cell in evidence.earlier.items()}
    earlier = (EarlierRanks(Label("上届", "the previous edition"), ranks),)
    return PrintedSource(made.spec, made.result, earlier, made.outside, evidence=evidence)
