"""Columns of tables with a city per row, named by words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from xlcity.figures.contents import Label
from xlcity.index.compute import rank_among
from xlcity.report.contents import Cells, Field, ReportCell
from xlcity.report.source import ReportSource
from xlcity.report.texts import head, say

#: Beyond these numbers of children a table shows their scores alone, and none of them.
_RANKED_CHILDREN = 4
_MOST_CHILDREN = 8
#: Columns of the nodes below: scores, scores and ranks, ranks.
_CHILDREN = ("children", "children and ranks", "ranks of children")
#: What does not rest on the gaps of the scores of this edition.
_UNMARKED = ("last", "now")
#: Before the name of an attribute of the cities.
ATTRIBUTE = "@"

Cell = Callable[[int], ReportCell]
Columns = list[tuple[Field, Cell]]


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
        columns = [column for word in words for column in self._columns(word)]
        return [field for field, _ in columns], [
            [cell(row) for _, cell in columns] for row in rows
        ]

    def _columns(self, word: str) -> Iterator[tuple[Field, Cell]]:
        source = self.source
        code = self.code
        editions = self.source.editions
        if word.startswith(ATTRIBUTE):
            yield self._attribute(word.removeprefix(ATTRIBUTE))
        elif word in _CHILDREN:
            yield from self._children(word)
        elif word == "city":
            yield head("city"), source.city
        else:
            now = say("head.now", edition=source.spec.edition or source.edition)
            columns: dict[str, tuple[Field, Callable[[int, str], float | None]]] = {
                "rank": (head("rank", "rank"), source.rank),
                "group rank": (
                    head("group_rank", "rank"),
                    lambda r, _: self._group_ranks[r],
                ),
                "overall": (head("overall", "rank"), source.rank),
                "score": (head("score", source.score_kind(code)), source.score),
                "last": (last_head(source), editions.last_rank),
                "now": (Field(now, "rank"), editions.rank_beside),
                "change": (head("change", "change"), editions.change),
            }
            field, number = columns[word]
            if word in _UNMARKED or (
                word == "change" and editions.is_beside_print(code)
            ):
                yield field, lambda row: number(row, code)
            else:
                yield field, self._cell(number, code)

    def _cell(self, number: Callable[[int, str], float | None], code: str) -> Cell:
        """Return what gives a city's cell: a number in a node, with the marks of its gaps."""
        return lambda row: self.source.marked(number(row, code), row, code)

    @cached_property
    def _group_ranks(self) -> dict[int, int]:
        ranks = rank_among(self.source.result, self.code, self.members)
        return dict(zip(self.members, ranks, strict=True))

    def _attribute(self, name: str) -> tuple[Field, Cell]:
        """Return an attribute: the names of groups, or its words in both languages."""
        kind = self.source.group_type(name)
        heading = (
            head(name) if kind is None else Field(Label(kind.name_zh, kind.name_en))
        )
        names = (
            {g.value: Label(g.name_zh, g.name_en) for g in kind.groups} if kind else {}
        )

        def cell(row: int) -> Label | None:
            words = self.source.units[row].attributes
            if not (value := words.get(name, "")):
                return None
            return names.get(value, Label(words.get(f"{name}_zh", value), value))

        return heading, cell

    def _children(self, word: str) -> Iterator[tuple[Field, Cell]]:
        source = self.source
        for child in self.children():
            name = source.scored(child)
            kind = source.score_kind(child)
            score, rank = (
                self._cell(number, child) for number in (source.score, source.rank)
            )
            if word == _CHILDREN[1]:
                yield head("score", kind, name), score
                yield head("rank", "rank", name), rank
            elif word == _CHILDREN[0]:
                yield Field(name, kind), score
            else:
                yield Field(name, "rank"), rank

    def children(self) -> list[str]:
        """Return the children that have columns: none where there are too many, or one alone."""
        codes = self.source.children(self.code)
        return codes if 1 < len(codes) <= _MOST_CHILDREN else []

    def shown_children(self, words: Sequence[str]) -> list[str]:
        """Return the children whose scores or ranks some columns show."""
        return self.children() if {*words} & {*_CHILDREN} else []

    def ranked_children(self, words: Sequence[str]) -> list[str]:
        """Return the children whose ranks some columns show."""
        return self.shown_children([word for word in words if word in _CHILDREN[1:]])

    def usual(self, *, has_earlier: bool) -> list[str]:
        """Return the columns of a ranking that nothing else was declared for."""
        words = ["rank", "city", "score", *(["last", "change"] if has_earlier else [])]
        few = len(self.children()) <= _RANKED_CHILDREN
        return [*words, _CHILDREN[1] if few else _CHILDREN[0]]
