"""Columns of tables with a city per row, named by words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from xlcity.figures.contents import Label
from xlcity.index.compute import rank_among
from xlcity.report.contents import Cells, Field, ReportCell
from xlcity.report.source import ReportSource
from xlcity.report.texts import head, say

#: Beyond these numbers of children a table shows their scores alone, and none of them.
_RANKED_CHILDREN = 4
_MOST_CHILDREN = 8
#: Columns of the nodes below: scores, scores and ranks, ranks.
_SCORES = "children"
_SCORES_AND_RANKS = "children and ranks"
_CHILDREN = (_SCORES, _SCORES_AND_RANKS, "ranks of children")
#: What does not rest on the gaps of the scores of this edition.
_UNMARKED = ("last", "now")
#: Before the name of an attribute of the cities.
ATTRIBUTE = "@"

#: Number of a city in a node; cell of a city.
CityNumber = Callable[[int, str], float | None]
Cell = Callable[[int], ReportCell]


class CityColumn(NamedTuple):
    """A column: its heading, and the cell of a city."""

    field: Field
    cell: Cell


def last_head(source: ReportSource) -> Field:
    """Return the heading of the ranks of the previous edition, with its year where it is known."""
    last = source.editions.last.label
    is_year = last.en[:1].isdigit()
    return Field(
        say("head.last", last=last) if is_year else say("head.previous"), "rank"
    )


@dataclass(frozen=True)
class CityColumns:
    """The columns of a table of cities.

    Attributes
    ----------
    source
        The index.
    code
        The node that the cities are ranked by.
    members
        Rows of the cities that the rank in a group counts, where there is a group.
    """

    source: ReportSource
    code: str
    members: Sequence[int] = ()

    def table(
        self, rows: Sequence[int], words: Sequence[str]
    ) -> tuple[list[Field], Cells]:
        """Return headings, and the cells of some cities.

        Parameters
        ----------
        rows
            The cities.
        words
            "rank", "group rank", "overall", "city", "score", "last", "change", "now" (the printed
            rank), "children", "children and ranks", "ranks of children", or "@" and the name of an
            attribute.
        """
        columns: list[CityColumn] = []
        for word in words:
            columns += self._columns(word)
        cells: Cells = []
        for row in rows:
            cells.append([column.cell(row) for column in columns])
        return [column.field for column in columns], cells

    def _columns(self, word: str) -> Sequence[CityColumn]:
        if word in _CHILDREN:
            return [*self._children(word)]
        if word.startswith(ATTRIBUTE):
            return [self._attribute(word.removeprefix(ATTRIBUTE))]
        if word == "city":
            return [CityColumn(head("city"), self.source.city)]
        return [self._number(word)]

    def _number(self, word: str) -> CityColumn:
        """Return a column of ranks, scores or moves."""
        source = self.source
        editions = source.editions
        numbers: dict[str, CityNumber] = {
            "rank": source.rank,
            "group rank": lambda row, _: self._group_ranks[row],
            "overall": source.rank,
            "score": source.score,
            "last": editions.last_rank,
            "now": editions.rank_beside,
            "change": editions.change,
        }
        code = self.code
        number = numbers[word]
        field = self._heading(word)
        is_printed = word == "change" and editions.is_beside_print(code)
        if is_printed or word in _UNMARKED:
            return CityColumn(field, lambda row: number(row, code))
        return CityColumn(field, self._marked(number, code))

    def _heading(self, word: str) -> Field:
        """Return the heading of a column of numbers."""
        source = self.source
        if word == "last":
            return last_head(source)
        if word == "now":
            edition = source.spec.edition or source.edition
            return Field(say("head.now", edition=edition), "rank")
        if word == "score":
            return head("score", source.score_kind(self.code))
        return head(word.replace(" ", "_"))

    def _marked(self, number: CityNumber, code: str) -> Cell:
        """Return what gives a city's cell: a number in a node, with the marks of its gaps."""
        return lambda row: self.source.marked(number(row, code), row, code)

    @cached_property
    def _group_ranks(self) -> dict[int, int]:
        ranks = rank_among(self.source.result, self.code, self.members)
        return dict(zip(self.members, ranks, strict=True))

    def _attribute(self, name: str) -> CityColumn:
        """Return an attribute: the names of groups, or its words in both languages."""
        kind = self.source.group_type(name)
        names: dict[str, Label] = {}
        if kind is None:
            heading = head(name)
        else:
            heading = Field(Label(kind.name_zh, kind.name_en))
            names = {
                group.value: Label(group.name_zh, group.name_en)
                for group in kind.groups
            }

        def cell(row: int) -> Label | None:
            words = self.source.units[row].attributes
            value = words.get(name, "")
            if not value:
                return None
            return names.get(value, Label(words.get(f"{name}_zh", value), value))

        return CityColumn(heading, cell)

    def _children(self, word: str) -> Iterator[CityColumn]:
        """Yield the scores, the ranks, or both, of each node below."""
        source = self.source
        for child in self.children():
            name = source.scored(child)
            kind = source.score_kind(child)
            score = self._marked(source.score, child)
            rank = self._marked(source.rank, child)
            if word == _SCORES_AND_RANKS:
                yield CityColumn(head("score", kind, name), score)
                yield CityColumn(head("rank", over=name), rank)
            elif word == _SCORES:
                yield CityColumn(Field(name, kind), score)
            else:
                yield CityColumn(Field(name, "rank"), rank)

    def children(self) -> list[str]:
        """Return the children that have columns: none where there are too many, or one alone."""
        codes = self.source.children(self.code)
        return codes if 1 < len(codes) <= _MOST_CHILDREN else []

    def shown_children(self, words: Sequence[str]) -> list[str]:
        """Return the children whose scores or ranks some columns show."""
        return self.children() if {*words} & {*_CHILDREN} else []

    def ranked_children(self, words: Sequence[str]) -> list[str]:
        """Return the children whose ranks some columns show."""
        return self.shown_children([word for word in words if word != _SCORES])

    def usual(self, *, has_earlier: bool) -> list[str]:
        """Return the columns of a ranking that nothing else was declared for."""
        few = len(self.children()) <= _RANKED_CHILDREN
        earlier = ["last", "change"] if has_earlier else []
        of_children = _SCORES_AND_RANKS if few else _SCORES
        return ["rank", "city", "score", *earlier, of_children]
