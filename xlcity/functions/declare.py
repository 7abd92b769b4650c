"""What a registry entry is made of: the words and rules that every surface is generated from."""

from __future__ import annotations

import keyword
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Any

from xlcity.errors import CellError, CellValue
from xlcity.functions.block import Block

#: A function wizard shows at most so many characters of help.
HELP_LIMIT = 255


@dataclass(frozen=True, slots=True)
class Text:
    """A text in both languages."""

    en: str
    zh: str

    def __getitem__(self, language: str) -> str:
        return self.zh if language == "zh" else self.en


def same(text: str) -> Text:
    """Return a text that reads alike in both languages: a formula in symbols."""
    return Text(text, text)


class Kind(Enum):
    """What an argument is for."""

    #: The first block of numbers: n x k.
    VALUES = "values"
    #: A further block of numbers, n x k or n x 1.
    BLOCK = "block"
    #: A row or a column with one number per column of the values.
    WEIGHTS = "weights"
    #: A row or a column with one text per column of the values.
    LABELS = "labels"
    #: A column of cells of any kind and length, texts among them.
    CELLS = "cells"
    #: A row or a column of numbers, as many as there are.
    NUMBERS = "numbers"
    #: A block of cells of any kind and shape.
    TABLE = "table"
    OPTION = "option"


class Accepts(Enum):
    """What an option may hold."""

    NUMBER = "number"
    INTEGER = "integer"
    DIRECTION = "direction"
    CHOICE = "choice"


class Returns(Enum):
    """The shape of a result, for n x k values."""

    BLOCK = "n x k"
    COLUMN = "n x 1"
    SQUARE = "k x k"
    #: One row and one column for each row of the first argument.
    PAIRS = "n x n"
    COEFFICIENTS = "k x 6"
    #: Per column: low, middle, high, rows outside, rows used.
    INTERVALS = "k x 5"
    ROW = "1 x k"
    SINGLE = "1 x 1"
    #: A column for each of the nodes that are asked for.
    NODES = "n x m"

    def shape(self, rows: int, columns: int, nodes: int = 1) -> tuple[int, int]:
        """Return rows and columns of the result for values of that many rows and columns.

        Parameters
        ----------
        rows, columns
            Shape of the first argument.
        nodes
            Cells of the argument `nodes`, where there is one.
        """
        known = {"n": rows, "k": columns, "m": nodes, "1": 1, "5": 5, "6": 6}
        down, across = self.value.split(" x ")
        return known[down], known[across]


class Category(Enum):
    """The step of the work a function belongs to; the label of each is in `CATEGORY_NAMES`."""

    CONSTRUCT = "construct"
    DENOMINATE = "denominate"
    IMPUTE = "impute"
    TREAT = "treat"
    NORMALISE = "normalise"
    WEIGHT = "weight"
    AGGREGATE = "aggregate"
    RESCALE = "rescale"
    RANK = "rank"
    ASSESS = "assess"
    AUDIT = "audit"
    #: Functions of the project or the user.
    OWN = "own"


CATEGORY_NAMES: Mapping[Category, Text] = MappingProxyType(
    {
        Category.CONSTRUCT: Text("Construct", "构造指标"),
        Category.DENOMINATE: Text("Denominate", "换算为相对量"),
        Category.IMPUTE: Text("Impute", "插补"),
        Category.TREAT: Text("Treat", "处理异常值"),
        Category.NORMALISE: Text("Normalise", "标准化"),
        Category.WEIGHT: Text("Weight", "赋权"),
        Category.AGGREGATE: Text("Aggregate", "合成"),
        Category.RESCALE: Text("Rescale", "换算分数"),
        Category.RANK: Text("Rank", "排名"),
        Category.ASSESS: Text("Assess", "分析"),
        Category.AUDIT: Text("Audit", "审计"),
        Category.OWN: Text("Your own", "自定义"),
    }
)


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a function.

    Parameters
    ----------
    name
        Name that users see; also that of a parameter in Python, so none of Python's own words.
    help
        Help of at most `HELP_LIMIT` characters in each language.
    kind
        See `Kind`.
    optional
        Whether it may be left out.
    default
        What omitted or blank means; None = nothing of the kind (the column's own bound, no floor).
    default_text
        How to say a default of None.
    parameter
        Keyword of the core; empty = the name.
    accepts, choices, minimum, maximum, open_minimum
        What an option may hold; outside the limits is #NUM!, anything else #VALUE!. An open
        minimum may itself not be taken.
    per_column
        Whether an option may be given once per column.
    """

    name: str
    help: Text
    kind: Kind = Kind.OPTION
    optional: bool = True
    default: float | str | None = None
    default_text: Text | None = None
    parameter: str = ""
    accepts: Accepts = Accepts.NUMBER
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    open_minimum: bool = False
    per_column: bool = True

    def __post_init__(self) -> None:
        if not self.name.isidentifier() or keyword.iskeyword(self.name):
            raise ValueError(f"{self.name!r} cannot be the name of an argument")
        for text in (self.help.en, self.help.zh):
            if len(text) > HELP_LIMIT:
                raise ValueError(f"help of {self.name} has {len(text)} characters: {text}")

    @property
    def keyword(self) -> str:
        """Keyword of the core that takes this argument."""
        return self.parameter or self.name

    def described(self, language: str) -> str:
        """Return the help with the numbers that the argument takes, as a function wizard shows it.

        The range is left out where the help would grow beyond `HELP_LIMIT`.
        """
        said, taken = self.help[language], self._range(language)
        whole = f"{said}{'' if language == 'zh' else ' '}{taken}"
        return whole if taken and len(whole) <= HELP_LIMIT else said

    def _range(self, language: str) -> str:
        """Say which numbers an option takes, and what others give; "" where all are taken."""
        if self.kind is not Kind.OPTION or (self.minimum is None and self.maximum is None):
            return ""
        least = None if self.minimum is None else f"{self.minimum:g}"
        most = None if self.maximum is None else f"{self.maximum:g}"
        if language == "zh":
            low = "" if least is None else ("大于 " if self.open_minimum else "不小于 ") + least
            parts = [low, "" if most is None else f"不大于 {most}"]
            whole = "整数，" if self.accepts is Accepts.INTEGER else ""
            return f"取值：{whole}{'，'.join(filter(None, parts))}；否则为 #NUM!。"
        low = "" if least is None else ("above " if self.open_minimum else "at least ") + least
        parts = [low, "" if most is None else f"at most {most}"]
        whole = "a whole number, " if self.accepts is Accepts.INTEGER else ""
        return f"Takes {whole}{' and '.join(filter(None, parts))}; else #NUM!."

    def default_label(self, language: str) -> str:
        """Say what omitted means."""
        if self.default_text is not None:
            return self.default_text[language]
        return f"{self.default:g}" if isinstance(self.default, float) else str(self.default)


@dataclass(frozen=True, slots=True)
class Example:
    """A worked example: arguments as cells, and what it shows."""

    arguments: tuple[tuple[tuple[CellValue, ...], ...], ...]
    note: Text


@dataclass(frozen=True, slots=True)
class Function:
    """One function of the library: everything that calls, lists or describes it reads this.

    Parameters
    ----------
    name
        Name in a sheet.
    summary
        One sentence, at most `HELP_LIMIT` characters in each language.
    category
        Step of the work.
    arguments
        In order.
    returns
        Shape of the result.
    core
        Pure function of the arguments by keyword, the first by position; gives a `Block`. Blocks
        of numbers come with the states of their cells: `states` for the values, `NAME_states` for
        a further block.
    formula
        The formula as text, in the words of the arguments.
    remarks
        What a user must know beyond the arguments.
    errors
        Error -> when it appears.
    example
        Worked example; its result is computed.
    see_also
        Names of related functions.
    check
        Looks at all options together; returns the error of the call, or None.
    lambda_text
        LAMBDA twin for Excel 365, where there is one.
    series
        Whether it looks along columns and gives a block: a single row of several cells is then one
        column that lies down.
    """

    name: str
    summary: Text
    category: Category
    arguments: tuple[Argument, ...]
    returns: Returns
    core: Callable[..., Block]
    formula: Text
    remarks: tuple[Text, ...]
    errors: Mapping[CellError, Text]
    example: Example
    see_also: tuple[str, ...] = ()
    check: Callable[[Mapping[str, Any]], CellError | None] | None = None
    lambda_text: str | None = None
    series: bool = False

    def __post_init__(self) -> None:
        for text in (self.summary.en, self.summary.zh):
            if len(text) > HELP_LIMIT:
                raise ValueError(f"summary of {self.name} has {len(text)} characters: {text}")

    @property
    def syntax(self) -> str:
        """The call as Excel users know it: optional arguments in brackets."""
        names = (f"[{a.name}]" if a.optional else a.name for a in self.arguments)
        return f"{self.name}({', '.join(names)})"
