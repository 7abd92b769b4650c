"""Two workbooks compared: what changed, which ranks moved, and why."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
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

#: What is said of a comparison with a seal.
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
    if first.template is not None and second.template is not None:
        language = read_tab_language(first.book.sheets)
        first, second = (
            _with_tabs_in(language, side, doubts) for side in (first, second)
        )
    cells = tuple(changes(first, second))
    if first.template is None or second.template is None:
        return _compare_teams(first, second, cells, doubts)
    templates = first.template, second.template
    mine, theirs = (IndexInputs(t.framework, t.recipe, t.dataset) for t in templates)
    sides = _side(first, doubts), _side(second, doubts)
    ranks = _explained(mine, theirs, sides, cells, doubts)
    return WorkbookDiff(
        first.path, second.path, cells, ranks=ranks, notes=tuple(doubts)
    )


def _compare_teams(
    first: Subject, second: Subject, cells: tuple[CellChange, ...], doubts: list[str]
) -> WorkbookDiff:
    """Compare two workbooks that are no templates, with causes where formulas tell of an index."""
    before = None if first.template else read_team_index(first)
    after = None if before is None or second.template else read_team_index(second)
    if before is None or after is None:
        note = Message("note.ranks_between_indices")
        return WorkbookDiff(first.path, second.path, cells, notes=(*doubts, note))
    inputs = before.inputs, after.inputs
    teams = before, after
    sides = [_team_side(*pair) for pair in zip(teams, inputs, strict=True)]
    # What was typed comes first, before what follows from it.
    named = tuple(sorted(map(after.named, cells), key=is_no_input))
    doubts.append(Message("note.read_from_formulas"))
    ranks = _explained(*inputs, (sides[0], sides[1]), named, doubts)
    return WorkbookDiff(
        first.path, second.path, named, ranks=ranks, notes=tuple(doubts)
    )


def _team_side(team: TeamIndex, inputs: IndexInputs) -> _Side:
    """Return the index that was read, and the scores and ranks that the file has of it."""
    result = compute(inputs.framework, inputs.recipe, inputs.dataset)
    computed = computed_results(result)
    scores = {**computed.scores, **dict(team.scores())}
    ranks = {**computed.ranks, **dict(team.ranks())}
    return _Side(computed, ShownResults(scores, ranks))


def _explained(
    mine: IndexInputs,
    theirs: IndexInputs,
    sides: tuple[_Side, _Side],
    cells: Iterable[CellChange],
    doubts: list[str],
) -> tuple[RankMove, ...]:
    """Return the ranks that moved, with their causes."""
    explained = explain_change(mine, theirs)
    formulas = _changed_formulas(cells)
    gone_or_new = "; ".join(sample_changes(mine, theirs))
    before, after = (side.shown.ranks for side in sides)
    ranked = sorted(
        (key for key in {**after, **before} if key[1] in explained.nodes),
        key=lambda key: explained.nodes.index(key[1]),
    )
    moved = [key for key in ranked if before.get(key) != after.get(key)]
    if together := ", ".join(explained.together):
        doubts.append(Message("note.one_cause", together=together))
    return tuple(_moved(explained, sides, key, gone_or_new, formulas) for key in moved)


def _compare_with_seal(path: str | Path, subject: Subject) -> WorkbookDiff:
    """Compare a workbook with what a seal holds of it."""
    since = changes_since(read_seal(path), subject.package, subject.book)
    cells = tuple(map(_cell_change, since))
    return WorkbookDiff(
        str(path), subject.path, cells, notes=(Message("note.seal_without_method"),)
    )


def _cell_change(change: SealedChange) -> CellChange:
    prefix = f"{change.what}: " if change.what else ""
    before, after = (
        None if text == EMPTY else prefix + text
        for text in (change.before, change.after)
    )
    return CellChange(
        change.kind, change.sheet, change.cell, before=before, after=after
    )


def _is_report(side: str | Path | Subject) -> bool:
    return isinstance(side, str) and side in report_ids() and not Path(side).exists()


def _open_both(a: str | Path | Subject, b: str | Path | Subject) -> list[Subject]:
    """Return two workbooks; that of a report is drawn in the language of the other one."""
    files = [Subject.of(side) for side in (a, b) if not _is_report(side)]
    templates = [subject.template for subject in files if subject.template is not None]
    language = templates[0].text("xl_lang") if templates else "zh"
    return [
        Subject(
            build(
                with_pages(template_spec(load_report(str(side)), language=language), ())
            ).package,
            str(side),
        )
        if _is_report(side)
        else files.pop(0)
        for side in (a, b)
    ]


def _with_tabs_in(language: str, side: Subject, doubts: list[str]) -> Subject:
    """Return a template whose tabs are named in a language; `doubts` get what people named them."""
    tabs = renamed_tabs(side.book).items()
    for tab in tabs:
        text = describe_renamed_tab(*tab)
        doubts.append(Message("note.of_file", file=side.path, text=text))
    package = with_tabs_in(side.package, side.book, language)
    return side if package is side.package else Subject(package, side.path)


def _side(subject: Subject, notes: list[str]) -> _Side:
    assert subject.template is not None
    computed = computed_results(subject.template.index)
    return _Side(computed, shown_results(subject, computed, notes))


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
    """The index of a workbook's inputs, and what its formulas give."""

    computed: ShownResults
    shown: ShownResults

    def gap(self, of: str, key: tuple[str, str]) -> float | None:
        """Return by how much its formulas moved a score or rank; None where only one has it."""
        shown, computed = (
            getattr(side, of).get(key) for side in (self.shown, self.computed)
        )
        if shown is None or computed is None:
            return 0.0 if shown == computed else None
        return 0.0 if agree(shown, computed) else shown - computed


def _changed_formulas(cells: Iterable[CellChange]) -> str:
    """Return the cells with other formulas, as areas."""
    changed = (change for change in cells if change.kind == "formula")
    places = grouped(
        (quote_sheet(change.sheet), parse_cell(change.cell)) for change in changed
    )
    return ", ".join(f"{sheet}!{ranges_text(cells)}" for sheet, cells in places.items())


def _moved(
    explained: Attribution,
    sides: tuple[_Side, _Side],
    key: tuple[str, str],
    sample: str,
    formulas: str,
) -> RankMove:
    """Return why a rank moved; `sample` and `formulas` say which cities and formulas changed."""
    unit, node = key
    old, new = (side.shown.ranks.get(key) for side in sides)
    if unit not in explained.units:
        return RankMove(
            *key, old, new, None, None, (RankCause("sample", sample, None),)
        )
    row = explained.units.index(unit)
    column = explained.nodes.index(node)
    parts = ((e.cause, e.what, float(e.points[row, column])) for e in explained.effects)
    causes = [RankCause(*part) for part in parts if part[2] and not math.isnan(part[2])]
    before, after = (side.gap("scores", key) for side in sides)
    ranked, reranked = (side.gap("ranks", key) for side in sides)
    effect = None if before is None or after is None else after - before
    # A city's rank may have been moved by the formulas of others.
    if effect != 0 or ranked != reranked:
        causes.append(RankCause("formulas", formulas, effect))
    score, later = (side.shown.scores.get(key) for side in sides)
    if (
        not causes
    ):  # what moved other cities past it, or left one of the two without a score
        own = None if score is None or later is None else 0.0
        moving = [cause for cause in explained.effects if cause.points[:, column].any()]
        # Rounding to fewer digits moves ranks and no score.
        causes = [RankCause(e.cause, e.what, own) for e in moving or explained.effects]
    causes.sort(key=lambda reason: -abs(reason.effect or 0))
    return RankMove(*key, old, new, score, later, tuple(causes))


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
    for node in index.node_codes:
        lines = zip(
            index.dataset.units, index.column(node), index.rank(node), strict=True
        )
        for unit, score, rank in lines:
            ranks |= {(unit.id, node): int(rank)} if rank else {}
            scores |= {} if math.isnan(score) else {(unit.id, node): float(score)}
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
    follows = fresh.agrees(computed)
    shown = stored if follows else fresh
    other = [
        key for key, rank in computed.ranks.items() if shown.ranks.get(key) != rank
    ]
    # A program that does not calculate stores nothing: nothing is out of date then.
    if other and (shown.ranks or not follows):
        key = "note.ranks_changed_by_formulas"
        if follows:
            key = "note.ranks_not_up_to_date"
        note = Message(
            key,
            file=subject.path,
            number=len(other),
            rank=_rank(template, other[0], shown),
            computed=computed.ranks[other[0]],
        )
        notes.append(note)
    return computed if follows else fresh


def _results(template: Template, computed: ShownResults) -> ShownResults:
    """Return the stored results of the cities and nodes that an index has."""
    nodes = {node for _, node in computed.scores.keys() | computed.ranks.keys()}
    blocks = []
    for name in ("out_scores", "out_ranks"):
        places = {
            key: cell
            for key, cell in _places(template, name).items()
            if key[1] in nodes
        }
        values = {
            key: template.book.value(sheet, *p) for key, (sheet, p) in places.items()
        }
        blocks.append({key: v for key, v in values.items() if isinstance(v, float)})
    return ShownResults(blocks[0], {key: int(rank) for key, rank in blocks[1].items()})


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
