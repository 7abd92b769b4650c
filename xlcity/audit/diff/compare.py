"""Two workbooks compared: what changed, which ranks moved, and why."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from xlcity.audit.check.seal import (
    EMPTY,
    SealedChange,
    changes_since,
    is_seal,
    read_seal,
)
from xlcity.audit.check.template_checks import typed_formulas
from xlcity.audit.diff.attribution import Attribution, explain_change, sample_changes
from xlcity.audit.diff.changes import CellChange, changes
from xlcity.audit.diff.hybrid_index import IndexInputs
from xlcity.audit.diff.team import TeamIndex, is_no_input, read_team_index
from xlcity.audit.lint.subject import Subject
from xlcity.errors import EngineError
from xlcity.grouping import grouped
from xlcity.index.compute import compute
from xlcity.index.result import IndexResult
from xlcity.messages import Message
from xlcity.recalc.compare import agree
from xlcity.recalc.workbook import patch_results, recalculate
from xlcity.reports import load_report, report_ids
from xlcity.workbook.build import build
from xlcity.workbook.reading.results import result_places
from xlcity.workbook.reading.template import Template, read_template
from xlcity.workbook.spec.from_report import template_spec
from xlcity.workbook.tab_titles import (
    describe_renamed_tab,
    read_tab_language,
    renamed_tabs,
    with_tabs_in,
)
from xlcity.workbook.tabs import with_pages
from xlcity.xlsx.address import full_address, parse_cell, quote_sheet, ranges_text
from xlcity.xlsx.formulas.graph import Place

#: A score or a rank by city and node.
_Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class RankCause:
    """One reason: the cause, what of it, and how many points it moved the score.

    The effect is 0 where it moved other cities past this one, and `None` where one of the two has
    no score.
    """

    cause: str
    what: str
    effect: float | None

    @property
    def size(self) -> float:
        """By how many points it moved the score, up or down."""
        return abs(self.effect or 0)


@dataclass(frozen=True, slots=True)
class RankMove:
    """A rank that moved; `None` where a city has none."""

    unit: str
    node: str
    rank_before: int | None
    rank_after: int | None
    score_before: float | None
    score_after: float | None
    because: tuple[RankCause, ...] = ()

    @property
    def change(self) -> float | None:
        """How the score changed."""
        if self.score_before is None or self.score_after is None:
            return None
        same = agree(
            self.score_before, self.score_after
        )  # weights in 15 digits move it by 1e-14
        return 0.0 if same else self.score_after - self.score_before

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "unit": self.unit,
            "node": self.node,
            "from": self.rank_before,
            "to": self.rank_after,
            "score_from": self.score_before,
            "score_to": self.score_after,
            "change": self.change,
            "because": self.because,
        }


@dataclass(frozen=True, slots=True)
class WorkbookDiff:
    """Two workbooks compared.

    Attributes
    ----------
    cells
        What differs.
    ranks
        Every rank that moved, of every node both have; the root first.
    notes
        What a reader should know: causes that cannot be distinguished, for one.
    """

    a: str
    b: str
    cells: tuple[CellChange, ...]
    ranks: tuple[RankMove, ...] = ()
    notes: tuple[str, ...] = ()


def compare(a: str | Path | Subject, b: str | Path | Subject) -> WorkbookDiff:
    """Compare two workbooks; of indices also ranks, with the causes of every change.

    An index is a template, or a team's own workbook whose formulas tell of one.

    Parameters
    ----------
    a, b
        Before and after; neither is written. One may be the id of a report, whose template as
        shipped is compared; `a` may be a seal, of which no causes are known.

    Raises
    ------
    WorkbookError
        If one is not a workbook.
    XlcityError
        If the inputs of a template allow no index.
    """
    if not isinstance(a, Subject) and is_seal(a):
        return _compare_with_seal(a, Subject.of(b))
    doubts: list[str] = []
    first, second = (_calculated(side, doubts) for side in _open_both(a, b))
    if first.template is None or second.template is None:
        return _compare_teams(first, second, doubts)
    language = read_tab_language(first.book.sheets)
    first, second = (_with_tabs_in(language, side, doubts) for side in (first, second))
    cells = tuple(changes(first, second))
    ranks = _explained(_side(first, doubts), _side(second, doubts), cells, doubts)
    return WorkbookDiff(
        first.path, second.path, cells, ranks=ranks, notes=tuple(doubts)
    )


def _compare_teams(first: Subject, second: Subject, doubts: list[str]) -> WorkbookDiff:
    """Compare workbooks of which one is no template, with causes where both tell of an index."""
    cells = tuple(changes(first, second))
    before = None if first.template else read_team_index(first)
    after = None if before is None or second.template else read_team_index(second)
    if before is None or after is None:
        note = Message("note.ranks_between_indices")
        return WorkbookDiff(first.path, second.path, cells, notes=(*doubts, note))
    # What was typed comes first, before what follows from it.
    named = tuple(sorted(map(after.named, cells), key=is_no_input))
    doubts.append(Message("note.read_from_formulas"))
    ranks = _explained(_team_side(before), _team_side(after), named, doubts)
    return WorkbookDiff(
        first.path, second.path, named, ranks=ranks, notes=tuple(doubts)
    )


def _team_side(team: TeamIndex) -> _Side:
    """Return the index that was read, and the scores and ranks that the file has of it."""
    inputs = team.inputs
    result = compute(inputs.framework, inputs.recipe, inputs.dataset)
    computed = computed_results(result)
    scores = {**computed.scores, **dict(team.scores())}
    ranks = {**computed.ranks, **dict(team.ranks())}
    return _Side(inputs, computed, ShownResults(scores, ranks))


def _explained(
    before: _Side,
    after: _Side,
    cells: Iterable[CellChange],
    doubts: list[str],
) -> tuple[RankMove, ...]:
    """Return the ranks that moved, with their causes."""
    explained = explain_change(before.inputs, after.inputs)
    if explained.together:
        together = ", ".join(explained.together)
        doubts.append(Message("note.one_cause", together=together))
    causes = _RankReasons(
        explained,
        before,
        after,
        sample="; ".join(sample_changes(before.inputs, after.inputs)),
        formulas=_changed_formulas(cells),
    )
    old = before.shown.ranks
    new = after.shown.ranks
    keys = [key for key in {**new, **old} if key[1] in explained.nodes]
    keys.sort(key=lambda key: explained.nodes.index(key[1]))
    moved = [key for key in keys if old.get(key) != new.get(key)]
    return tuple(map(causes.move_of, moved))


def _compare_with_seal(path: str | Path, subject: Subject) -> WorkbookDiff:
    """Compare a workbook with what a seal holds of it."""
    since = changes_since(read_seal(path), subject.package, subject.book)
    cells = tuple(map(_cell_change, since))
    return WorkbookDiff(
        str(path), subject.path, cells, notes=(Message("note.seal_without_method"),)
    )


def _cell_change(change: SealedChange) -> CellChange:
    prefix = f"{change.what}: " if change.what else ""
    return CellChange(
        change.kind,
        change.sheet,
        change.cell,
        before=None if change.before == EMPTY else prefix + change.before,
        after=None if change.after == EMPTY else prefix + change.after,
    )


def _is_report(side: str | Path | Subject) -> bool:
    return isinstance(side, str) and side in report_ids() and not Path(side).exists()


def _open_both(a: str | Path | Subject, b: str | Path | Subject) -> list[Subject]:
    """Return two workbooks; that of a report is drawn in the language of the other one."""
    files = [Subject.of(side) for side in (a, b) if not _is_report(side)]
    templates = [subject.template for subject in files if subject.template is not None]
    language = templates[0].text("xl_lang") if templates else "zh"
    opened = []
    for side in (a, b):
        if _is_report(side):
            spec = template_spec(load_report(str(side)), language=language)
            opened.append(Subject(build(with_pages(spec, ())).package, str(side)))
        else:
            opened.append(files.pop(0))
    return opened


def _with_tabs_in(language: str, side: Subject, doubts: list[str]) -> Subject:
    """Return a template whose tabs are named in a language; `doubts` get what people named them."""
    tabs = renamed_tabs(side.book).items()
    for tab in tabs:
        text = describe_renamed_tab(*tab)
        doubts.append(Message("note.of_file", file=side.path, text=text))
    package = with_tabs_in(side.package, side.book, language)
    return side if package is side.package else Subject(package, side.path)


def _side(subject: Subject, notes: list[str]) -> _Side:
    template = subject.template
    assert template is not None
    inputs = IndexInputs.of(template)
    computed = computed_results(template.index)
    return _Side(inputs, computed, shown_results(subject, computed, notes))


def _calculated(subject: Subject, doubts: list[str]) -> Subject:
    """Return a workbook with the results of formulas in input cells: not all programs save them.

    `doubts` gets a line if these may not be what Excel gives.
    """
    typed = typed_formulas(subject.template) if subject.template is not None else ()
    if all(
        subject.book.value(name, *position) is not None for name, position, _ in typed
    ):
        return subject

    computed = recalculate(subject.package, book=subject.book)
    if computed.doubt:
        text = computed.doubt
        doubts.append(Message("note.of_file", file=subject.path, text=text))
    package = patch_results(subject.package, computed)
    return Subject(package, subject.path)


@dataclass(frozen=True, slots=True)
class _Side:
    """An index, its results, and what the formulas of its workbook give."""

    inputs: IndexInputs
    computed: ShownResults
    shown: ShownResults

    def gap(self, of: str, key: _Key) -> float | None:
        """Return by how much its formulas moved a score or rank; None where only one has it."""
        shown = getattr(self.shown, of).get(key)
        computed = getattr(self.computed, of).get(key)
        if shown is None or computed is None:
            return 0.0 if shown == computed else None
        return 0.0 if agree(shown, computed) else shown - computed


@dataclass(frozen=True, slots=True)
class _RankReasons:
    """What may have moved a rank.

    Attributes
    ----------
    explained
        What each cause did to the scores.
    sample, formulas
        Which cities and which formulas changed.
    """

    explained: Attribution
    before: _Side
    after: _Side
    sample: str
    formulas: str

    def move_of(self, key: _Key) -> RankMove:
        """Return how a rank moved, and why."""
        unit, node = key
        before = self.before.shown
        after = self.after.shown
        move = RankMove(
            unit,
            node,
            rank_before=before.ranks.get(key),
            rank_after=after.ranks.get(key),
            score_before=None,
            score_after=None,
        )
        if unit not in self.explained.units:
            return replace(move, because=(RankCause("sample", self.sample, None),))
        scores = (before.scores.get(key), after.scores.get(key))
        causes = [*self._effects(key), *self._effect_of_formulas(key)]
        if not causes:
            causes = self._others(node, None if None in scores else 0.0)
        causes.sort(key=lambda cause: cause.size, reverse=True)
        return replace(
            move,
            score_before=scores[0],
            score_after=scores[1],
            because=tuple(causes),
        )

    def _effects(self, key: _Key) -> Iterator[RankCause]:
        """Yield the causes that moved the score."""
        row = self.explained.units.index(key[0])
        column = self.explained.nodes.index(key[1])
        for cause in self.explained.effects:
            points = float(cause.points[row, column])
            if points and not math.isnan(points):
                yield RankCause(cause.cause, cause.what, points)

    def _effect_of_formulas(self, key: _Key) -> Iterator[RankCause]:
        """Yield what changed formulas did to a score; those of others may have moved the rank."""
        before = self.before.gap("scores", key)
        after = self.after.gap("scores", key)
        effect = None if before is None or after is None else after - before
        ranks_before = self.before.gap("ranks", key)
        if effect != 0 or ranks_before != self.after.gap("ranks", key):
            yield RankCause("formulas", self.formulas, effect)

    def _others(self, node: str, effect: float | None) -> list[RankCause]:
        """Return what moved other cities past one, or left it without a score."""
        column = self.explained.nodes.index(node)
        effects = self.explained.effects
        moving = [cause for cause in effects if cause.points[:, column].any()]
        # Rounding to fewer digits moves ranks and no score.
        return [RankCause(e.cause, e.what, effect) for e in moving or effects]


def _changed_formulas(cells: Iterable[CellChange]) -> str:
    """Return the cells with other formulas, as areas."""
    changed = (change for change in cells if change.kind == "formula")
    places = grouped(
        (quote_sheet(change.sheet), parse_cell(change.cell)) for change in changed
    )
    return ", ".join(f"{sheet}!{ranges_text(cells)}" for sheet, cells in places.items())


@dataclass(frozen=True, slots=True)
class ShownResults:
    """Scores and ranks by city and node."""

    scores: Mapping[_Key, float]
    ranks: Mapping[_Key, int]

    def agrees(self, other: ShownResults) -> bool:
        """Tell whether both have the same ranks, and the same scores but for rounding."""
        mine = self.scores
        theirs = other.scores
        return (
            self.ranks == other.ranks
            and mine.keys() == theirs.keys()
            and all(agree(score, theirs[key]) for key, score in mine.items())
        )


def computed_results(index: IndexResult) -> ShownResults:
    """Return the scores and ranks of an index."""
    scores = dict[_Key, float]()
    ranks = dict[_Key, int]()
    units = index.dataset.units
    for node in index.node_codes:
        lines = zip(units, index.column(node), index.rank(node), strict=True)
        for unit, score, rank in lines:
            if rank:
                ranks[unit.id, node] = int(rank)
            if not math.isnan(score):
                scores[unit.id, node] = float(score)
    return ShownResults(scores, ranks)


def shown_results(
    subject: Subject, computed: ShownResults, notes: list[str]
) -> ShownResults:
    """Return what the formulas of a template give, calculated afresh where they were not.

    Parameters
    ----------
    subject
        The template.
    computed
        The index of its inputs: what its formulas give if they are the template's.
    notes
        Gets a line where stored ranks, or those of the formulas, are not those of the inputs.
    """
    template = subject.template
    assert template is not None
    stored = fresh = _results(template, computed)
    if stored.agrees(computed):
        return computed

    try:
        calculated = recalculate(subject.package, book=subject.book, keep=True)
        book = calculated.as_book()
        fresh = _results(read_template(subject.package, book, subject.path), computed)
    except EngineError as error:
        text = error.problems[0].message
        notes.append(Message("note.of_file", file=subject.path, text=text))
    if not fresh.agrees(computed):
        key = "note.ranks_changed_by_formulas"
        notes.extend(_note_ranks(key, template, fresh, computed))
        return fresh
    # A program that does not calculate stores nothing: nothing is out of date then.
    if stored.ranks:
        key = "note.ranks_not_up_to_date"
        notes.extend(_note_ranks(key, template, stored, computed))
    return computed


def _note_ranks(
    key: str,
    template: Template,
    shown: ShownResults,
    computed: ShownResults,
) -> Iterator[Message]:
    """Yield how many ranks are shown otherwise than computed, if any."""
    ranks = computed.ranks
    other = [place for place in ranks if shown.ranks.get(place) != ranks[place]]
    if other:
        yield Message(
            key,
            file=template.file,
            number=len(other),
            rank=_rank(template, other[0], shown),
            computed=ranks[other[0]],
        )


def _results(template: Template, computed: ShownResults) -> ShownResults:
    """Return the stored results of the cities and nodes that an index has."""
    nodes = {node for _, node in computed.scores.keys() | computed.ranks.keys()}
    ranks = _stored_numbers(template, "out_ranks", nodes)
    return ShownResults(
        _stored_numbers(template, "out_scores", nodes),
        {key: int(rank) for key, rank in ranks.items()},
    )


def _stored_numbers(
    template: Template, name: str, nodes: Collection[str]
) -> dict[_Key, float]:
    """Return the numbers that a block of results has of some nodes."""
    numbers = {}
    for key, (sheet, position) in _places(template, name).items():
        value = template.book.value(sheet, *position)
        if key[1] in nodes and isinstance(value, float):
            numbers[key] = value
    return numbers


def _places(template: Template, name: str) -> dict[_Key, Place]:
    """Return the cell of each city and node in a block of results."""
    places = result_places(template, name)
    cities = template.dataset.rows
    return {key: cell for key, cell in places.items() if key[0] in cities}


def _rank(template: Template, key: _Key, shown: ShownResults) -> str:
    """Return the cell of a rank and what it shows."""
    cell = _places(template, "out_ranks").get(key)
    where = f"{key[0]} {key[1]}" if cell is None else full_address(*cell)
    rank = shown.ranks.get(key, Message("value.nothing"))
    return Message("note.rank_of", cell=where, rank=rank)
