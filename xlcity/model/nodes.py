"""Nodes of a framework and their ingredients, and what keeps nodes from being one tree."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field, fields
from enum import IntEnum

from xlcity.errors import Problem, Where
from xlcity.functions.block import DIRECTIONS
from xlcity.messages import Message

#: What a cell holds at most.
LONGEST_CELL_TEXT = 32_767
#: Categories of characters that show nothing: controls, zero-width and direction marks, separators.
_INVISIBLE_CATEGORIES = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))
#: Letters, by category, that are drawn as nothing.
_BLANK_LETTERS = frozenset("\u034f\u115f\u1160\u2800\u3164\uffa0")
#: Cyrillic and Greek letters -> the Latin ones that they look like.
_LATIN_LOOKALIKES = str.maketrans(
    "АВЕЅІЈКМНОРСТУХаеѕіјорсухԁһԛԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧοϲϳ",
    "ABESIJKMHOPCTYXaesijopcyxdhqwABEZHIKMNOPTYXocj",
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_WORD = re.compile(r"\w+")
_LATIN_LETTER = re.compile("[A-Za-z\u00c0-\u024f]")


def spreadsheet_key(text: str) -> str:
    """Return a key for comparison: texts that a spreadsheet program takes for equal have the same.

    >>> [spreadsheet_key(text) for text in ("Straße", "STRASSE", "ﬁne", "fine")]
    ['strasse', 'strasse', 'fine', 'fine']
    """
    return unicodedata.normalize("NFC", text.casefold())


def look_key(text: str) -> str:
    """Return a key for comparison: texts that look alike to a reader have the same.

    Invisible characters are left out, Cyrillic and Greek letters become the Latin ones they look
    like.

    >>> look_key("О\u200bslo") == look_key("oslo")
    True
    """
    if text.isascii() and text.isprintable():
        return text.casefold()
    visible = "".join(char for char in text if not _is_unseen(char))
    return spreadsheet_key(visible.translate(_LATIN_LOOKALIKES))


def odd_characters(text: str) -> str:
    """Return the names of characters in a text that a reader cannot see, or takes for others.

    These are invisible ones, and letters that look like the Latin ones beside them in a word. They
    are joined by ", "; "" if there are none.

    >>> odd_characters("A\u200b1"), odd_characters("Осло"), odd_characters("Оslo")
    ('U+200B ZERO WIDTH SPACE', '', 'U+041E CYRILLIC CAPITAL LETTER O')
    """
    if text.isascii() and text.isprintable():
        return ""
    odd = [char for char in text if _is_unseen(char)]
    for word in _WORD.findall(text):
        if _LATIN_LETTER.search(word):
            latin = word.translate(_LATIN_LOOKALIKES)
            pairs = zip(word, latin, strict=True)
            odd += [char for char, alike in pairs if char != alike]
    names = (f"U+{ord(char):04X} {unicodedata.name(char, 'control')}" for char in odd)
    return ", ".join(dict.fromkeys(names))


def _is_unseen(char: str) -> bool:
    """Tell whether a character shows nothing."""
    return char in _BLANK_LETTERS or unicodedata.category(char) in _INVISIBLE_CATEGORIES


def code_problem(text: str, where: Where) -> Problem | None:
    """Return why a text cannot be a code, None if it can."""
    if odd := odd_characters(text):
        return Problem.of("XC227.odd_characters", where, text=text, odd=odd)
    return length_problem(text, where)


def length_problem(text: str, where: Where) -> Problem | None:
    """Return the problem of a text that is longer than a cell can hold, None for others."""
    if len(text) <= LONGEST_CELL_TEXT:
        return None
    return Problem.of(
        "XC227.too_long",
        where,
        start=text[:20],
        length=len(text),
        most=LONGEST_CELL_TEXT,
    )


class AlikeIds:
    """Finds ids of cities that cannot be used, or that a program or a reader takes for equal."""

    def __init__(self) -> None:
        """Begin without any id."""
        #: `look_key` of an id -> the first id with this key.
        self._first: dict[str, str] = {}

    def check(self, unit_id: str, find_where: Callable[[], Where]) -> Iterator[Problem]:
        """Record a new id, and yield what is wrong with it, also that it is like an earlier one.

        `find_where` returns its address, which is asked for only where something is wrong.
        """
        # Ids may be names in any script: odd characters are refused only beside control ones.
        has_control = _CONTROL.search(unit_id) is not None
        if has_control or len(unit_id) > LONGEST_CELL_TEXT:
            find_problem = code_problem if has_control else length_problem
            if problem := find_problem(unit_id, find_where()):
                yield problem
        if (
            earlier_id := self._first.setdefault(look_key(unit_id), unit_id)
        ) != unit_id:
            yield Problem.of(
                "XC313.cities_alike", find_where(), earlier=earlier_id, unit=unit_id
            )


def name_notes(where: Where, *names: str) -> Iterator[Problem]:
    """Yield a note on each name that has characters which cannot be seen or look like others."""
    for name in dict.fromkeys(names):
        if odd := odd_characters(
            "".join(name.split())
        ):  # spaces of any kind may be there
            yield Problem.of("XC228.odd_characters", where, name=name, odd=odd)


class Direction(IntEnum):
    """Whether more is better (+1) or worse (-1)."""

    POSITIVE = 1
    NEGATIVE = -1

    @classmethod
    def parse(cls, text: object) -> Direction:
        """Read a direction in any accepted spelling (1, "+", "benefit", "正向", ...).

        Raises
        ------
        ValueError
            If the spelling is not known.
        """
        spelling = str(text if text is not None else "").strip().lower()
        sign = DIRECTIONS.get(_TABLE_SPELLINGS.get(spelling, spelling))
        if sign is None:
            raise ValueError(f"{text!r} is not a direction")
        return cls(int(sign))


#: Spellings that only tables have: an empty cell, and whole numbers with a decimal point.
_TABLE_SPELLINGS = {"": "1", "1.0": "1", "+1.0": "1", "-1.0": "-1"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """What is known of something measured.

    `valid_low` and `valid_high` bound plausible values in its own `uom`; `no_data` is a number that
    never is a value (0 for a rating that starts at "unrated"): it is refused with a hint to write a
    missing code instead.
    """

    uom: str = ""
    uom_zh: str = ""
    definition: str = ""
    definition_zh: str = ""
    source: str = ""
    source_zh: str = ""
    period: str = ""
    scope: str = ""
    url: str = ""
    notes: str = ""
    valid_low: float | None = None
    valid_high: float | None = None
    no_data: float | None = None

    @property
    def is_share(self) -> bool:
        """Whether it is a share in per cent, which moves in percentage points."""
        names = (self.uom.lstrip(), self.uom_zh.lstrip())
        return any(name.startswith("%") for name in names)


@dataclass(frozen=True, slots=True)
class Node(Measure):
    """One node of the tree; a node without children is an indicator.

    `weight` is the weight inside the parent. `goalpost_low`, `goalpost_high` and `target` are what
    scores may be measured against, `denominator` the code of what an indicator may be divided by.
    `best_zh` and `best_en` are what its best value is called in a text: 最短, "shortest".
    """

    code: str
    parent: str | None
    name_zh: str
    name_en: str
    weight: float = 1.0
    direction: Direction = Direction.POSITIVE
    _: KW_ONLY
    goalpost_low: float | None = None
    goalpost_high: float | None = None
    target: float | None = None
    denominator: str = ""
    best_zh: str = ""
    best_en: str = ""


@dataclass(frozen=True, slots=True)
class Ingredient(Measure):
    """A measurement that an indicator is constructed from.

    `code` is the indicator's code, a point and a name of its own ("B2.1.a"); `of` is the
    indicator.
    """

    code: str
    of: str
    name_zh: str = ""
    name_en: str = ""

    @property
    def name(self) -> str:
        """The part of the code after the indicator's."""
        return self.code.removeprefix(f"{self.of}.")


def table_columns(record: type[Measure]) -> tuple[str, ...]:
    """Return the names of a record's fields in the order in which tables have them as columns.

    Positional fields (code, names) come before keyword-only ones (`Measure`, which it inherits).
    """
    in_order = sorted(fields(record), key=lambda field_: field_.kw_only is True)
    return tuple(field_.name for field_ in in_order)


@dataclass(frozen=True, slots=True)
class SupplementaryIndex:
    """A supplementary index beside the tree.

    Attributes
    ----------
    kind
        What the report's own code computes it by.
    parts
        Codes of the nodes that it is computed from.
    scale
        Supplementary indices with the same word are put on 0 to 100 together.
    group
        Word by which a report names several of them together, such as "mode".
    """

    code: str
    kind: str
    name_zh: str
    name_en: str
    parts: tuple[str, ...] = ()
    scale: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class MethodWord:
    """The method that a row of a framework names for its node: `goalposts:0:100` under `normalise`.

    Attributes
    ----------
    option
        One of `OPTIONS`.
    code
        The node.
    text
        As written.
    where
        The row.
    """

    option: str
    code: str
    text: str
    where: Where = field(default_factory=Where)


def structure_problems(
    nodes: Sequence[Node], file: str | None = None
) -> Iterator[Problem]:
    """Yield every problem of a tree: codes, roots, parents, weights, loops, goalposts."""
    for code, count in sorted(Counter(node.code for node in nodes).items()):
        if count > 1:
            where = Where(file=file, indicator=code)
            yield Problem.of("XC201.code_twice", where, code=code)
    roots = [node.code for node in nodes if node.parent is None]
    if len(roots) != 1:
        yield from _root_problems(roots, file)
    parents = {node.code: node.parent for node in nodes}
    for node in nodes:
        yield from _node_problems(node, parents, Where(file=file, indicator=node.code))


def _root_problems(roots: Sequence[str], file: str | None) -> Iterator[Problem]:
    """Yield the problem of a tree without a root, or of each root beside others."""
    hint = Message("hint.name_parents")
    if not roots:
        yield Problem.of("XC202.no_root", Where(file=file), hint=hint)
    for code in roots:
        # The roots may have the same code: then there are no others to name.
        others = [other for other in roots if other != code] or [code]
        where = Where(file=file, indicator=code)
        yield Problem.of("XC202.two_roots", where, hint=hint, code=code, others=others)


def _node_problems(
    node: Node, parents: Mapping[str, str | None], where: Where
) -> Iterator[Problem]:
    """Yield what is wrong with a node; `parents` has the parent of each code."""
    code = node.code
    if node.parent is not None and node.parent not in parents:
        yield Problem.of("XC203.no_parent", where, code=code, parent=node.parent)
    if not 0 <= node.weight < math.inf:
        yield Problem.of("XC204.below_zero", where, code=code, weight=node.weight)
    if _is_looped(node, parents):
        yield Problem.of("XC205.loop", where, code=code)
    if node.direction < 0 and code in parents.values():
        yield Problem.of("XC206.turned_parent", where, code=code)
    low = node.goalpost_low
    high = node.goalpost_high
    if low is not None and high is not None and low >= high:
        yield Problem.of("XC215.not_ascending", where, code=code, low=low, high=high)


def text_problems(
    nodes: Iterable[Node | Ingredient | SupplementaryIndex], file: str | None = None
) -> Iterator[Problem]:
    """Yield problems: codes that cannot be typed or told apart, texts too long for a cell.

    `file` is what messages name.
    """
    first_code_by_key: dict[str, str] = {}
    for node in nodes:
        where = Where(file=file, indicator=node.code)
        candidates = [code_problem(node.code, where)]
        candidates += [
            length_problem(name, where) for name in (node.name_zh, node.name_en)
        ]
        yield from filter(None, candidates)
        earlier_code = first_code_by_key.setdefault(look_key(node.code), node.code)
        if earlier_code != node.code:
            yield Problem.of(
                "XC227.codes_alike", where, earlier=earlier_code, code=node.code
            )


def _is_looped(node: Node, parents: Mapping[str, str | None]) -> bool:
    """Tell whether the way up from a node passes a node twice, so that it never ends at a root.

    `parents` maps each code to the code of its parent, None for a root.
    """
    visited = {node.code}
    ancestor = node.parent
    while ancestor is not None and ancestor in parents:
        if ancestor in visited:
            return True
        visited.add(ancestor)
        ancestor = parents[ancestor]
    return False
