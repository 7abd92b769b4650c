"""Recomputes every number in the tables of a chapter from the values of two editions.

Nothing of the package is used: z-scores, weighted means, ranks, moves and correlations by numpy,
the tables as the Word document has them. For an index of two levels, z-scores, relative weights.
"""

from __future__ import annotations

import math
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
#: Bounds of |t| with 28 degrees of freedom at 5 % and 1 %, two-sided.
_T = ((2.763262, "**"), (2.048407, "*"))

Table = list[list[str]]


@dataclass(frozen=True)
class Edition:
    """An edition by city: scores of the root, of groups and of indicators, each by name."""

    scores: Mapping[str, np.ndarray]
    cities: Sequence[str]

    def rank(self, name: str, city: str) -> int:
        """Return the rank of a city; what differs by less than 9 digits is equal."""
        own = self.score(name, city)
        return 1 + int((self.scores[name] > own + 1e-9).sum())

    def score(self, name: str, city: str) -> float:
        """Return the score of a city."""
        return float(self.scores[name][self.cities.index(city)])


def edition(
    root: str,
    cities: Sequence[str],
    columns: Sequence[tuple[str, str, int]],
    weights: Mapping[str, float],
    values: Sequence[Sequence[float]],
) -> Edition:
    """Compute an edition; `columns` are group, name and direction."""
    x = np.array(values, dtype=float)
    z = (x - x.mean(axis=0)) / x.std(axis=0, ddof=0) * [way for *_, way in columns]
    scores = {name: z[:, at] for at, (_, name, _) in enumerate(columns)}
    for group in weights:
        members = [at for at, column in enumerate(columns) if column[0] == group]
        scores[group] = z[:, members].mean(axis=1)
    total = sum(weights.values())
    scores[root] = sum(
        scores[group] * weight / total for group, weight in weights.items()
    )
    return Edition(scores, cities)


def tables_of(path: Path) -> Iterator[tuple[str, Table]]:
    """Yield the tables of a Word document with their captions."""
    body = ET.fromstring(zipfile.ZipFile(path).read("word/document.xml")).find(
        f"{_W}body"
    )
    caption = ""
    for element in body:
        if element.tag == f"{_W}p":
            caption = _text(element) or caption
        elif element.tag == f"{_W}tbl":
            rows = [
                [_text(c) for c in row.findall(f"{_W}tc")]
                for row in element.iter(f"{_W}tr")
            ]
            # The last row is the note.
            yield caption, [row for row in rows if len(row) > 1]


def _text(element: ET.Element) -> str:
    return "".join(part.text or "" for part in element.iter(f"{_W}t"))


class Comparison:
    """Compares printed numbers with recomputed ones; `wrong` has those that differ."""

    def __init__(
        self, root: str, now: Edition, before: Edition, share: Mapping[str, float]
    ):
        self.root = root
        self.now = now
        self.before = before
        self.share = share
        self.count = 0
        self.wrong = []
        self.unknown = []
        self.kinds: Mapping[tuple[str, ...], Callable[[str, Table], None]] = {
            ("一级指标", "权重", "二级指标"): self._framework,
            ("城市", "城市"): lambda _, rows: None,  # names alone
            ("城市", "名次", "上届名次"): self._moves,
            ("城市", "2026年", "上届"): self._history,
            ("城市", "上届", "2026年", "提示"): self._scores,
            ("指标", self.root): self._correlations,
            ("指标", "数据覆盖率", "与上级的 r"): self._audit,
            ("名次", "城市", "得分", "上届名次"): self._ranking,
        }

    def compare(self, path: Path) -> None:
        """Compare all tables of a chapter."""
        for caption, rows in tables_of(path):
            fits = [kind for kind in self.kinds if tuple(rows[0][: len(kind)]) == kind]
            if fits:
                self.kinds[fits[0]](caption, rows)
            else:
                self.unknown.append(caption)

    def _same(self, where: str, printed: str, expected: float) -> None:
        self.count += 1
        number = printed.strip("+*").replace("−", "-")
        numerator, _, denominator = number.removesuffix("%").partition("/")
        digits = len(numerator.partition(".")[2])
        value = float(numerator) / float(denominator or 1)
        if number.endswith("%"):
            value, digits = value / 100, digits + 2
        if abs(value - expected) > (0 if denominator else 0.5 * 10**-digits) + 1e-9:
            self.wrong.append((where, printed, expected))

    def _node(self, caption: str) -> str:
        """Return the node that a caption names after its number; the root, where it names none."""
        title = caption.replace("\ufeff", " ").split(maxsplit=2)[2]
        names = [name for name in self.now.scores if title.startswith(name)]
        return max(names, key=len, default=self.root)

    def _framework(self, caption: str, rows: Table) -> None:
        group = ""
        for row in rows[1:]:
            if row[0]:
                group = row[0]
                self._same(f"{caption}: {group}", row[1], self.share[group])
            self._same(f"{caption}: {row[2]}", row[3], 1 / 3)
            self._same(f"{caption}: {row[2]}", row[4], self.share[group] / 3)

    def _moves(self, caption: str, rows: Table) -> None:
        node = self._node(caption)
        for row in rows[1:]:
            for city, *printed in (row[:4], row[4:]):
                self._ranks(caption, node, city, printed)

    def _ranks(
        self, caption: str, node: str, city: str, printed: Sequence[str]
    ) -> None:
        """Compare rank, rank before and move."""
        ranks = self.now.rank(node, city), self.before.rank(node, city)
        for text, number in zip(printed, (*ranks, ranks[1] - ranks[0]), strict=True):
            self._same(f"{caption}: {city}", text, number)

    def _scores(self, caption: str, rows: Table) -> None:
        node = self._node(caption)
        for city, before, now, remark in rows[1:]:
            for edition, printed in ((self.before, before), (self.now, now)):
                self._same(f"{caption}: {city}", printed, edition.score(node, city))
            if remark:
                self.wrong.append((f"{caption}: {city}", remark, 0.0))

    def _history(self, caption: str, rows: Table) -> None:
        node = self._node(caption)
        for city, now, before in rows[1:]:
            self._same(f"{caption}: {city}", now, self.now.rank(node, city))
            self._same(f"{caption}: {city}", before, self.before.rank(node, city))

    def _correlations(self, caption: str, rows: Table) -> None:
        names = rows[0][1:]
        for name, *row in rows[1:]:
            for other, printed in zip(names, row, strict=True):
                if not printed:
                    continue
                r = float(
                    np.corrcoef(self.now.scores[name], self.now.scores[other])[0, 1]
                )
                self._same(f"{caption}: {name}, {other}", printed, r)
                stars = ""
                # Nothing is tested with itself, nor a whole with its own parts.
                if other not in (name, self.root):
                    t = abs(r) * math.sqrt(28 / (1 - r * r))
                    stars = next((s for least, s in _T if t > least), "")
                if printed.removeprefix(printed.rstrip("*")) != stars:
                    self.wrong.append((caption, printed, stars))

    def _audit(self, caption: str, rows: Table) -> None:
        """Compare how many values of a node are there, and how groups follow the index."""
        for name, coverage, own, *_ in rows[1:]:
            self._same(f"{caption}: {name}", coverage, 1.0)
            if name in self.share:
                r = float(
                    np.corrcoef(self.now.scores[name], self.now.scores[self.root])[0, 1]
                )
                self._same(f"{caption}: {name}", own, r)

    def _ranking(self, caption: str, rows: Table) -> None:
        node = self._node(caption)
        names = [name.removesuffix("（逆向）") for name in rows[0][5:]]
        for rank, city, score, before, move, *parts in rows[2:]:
            self._ranks(caption, node, city, (rank, before, move))
            self._same(f"{caption}: {city}", score, self.now.score(node, city))
            for name, text, place in zip(names, parts[::2], parts[1::2], strict=True):
                self._same(
                    f"{caption}: {city}, {name}", text, self.now.score(name, city)
                )
                self._same(
                    f"{caption}: {city}, {name}", place, self.now.rank(name, city)
                )
