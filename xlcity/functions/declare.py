"""What a registry entry is made of: the rules that every surface is generated from."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import Any

from xlcity.data_files import toml_beside
from xlcity.errors import CELL_ERRORS, CellError, CellValue
from xlcity.functions.block import CellArray

#: A function wizard shows at most so many characters of help.
HELP_LIMIT = 255
#: The languages of the data file; English stands in for what one of them lacks.
LANGUAGES = ("en", "zh")

_SECTION_TITLE = re.compile(r"^(\S.*)\n-{3,}$", re.MULTILINE)
_DEFAULT_CLAUSE = re.compile(r"\bdefault (.+)\Z")


class Text(dict[str, str]):
    """A text by language; English where a language is missing."""

    def __missing__(self, language: str) -> str:
        """Return the English text for a language that is missing."""
        return self["en"]


def text_tables() -> dict[str, Any]:
    """Return the texts of texts.toml: a table per function, and those that functions share.

    Shared ones are "words", "errors", "categories", "arguments" and "OWN", for functions of the
    user.
    """
    return toml_beside(__file__, "texts.toml")


def shared_text(name: str) -> Text:
    """Return a text that belongs to no single function, by its key under "words" in texts.toml."""
    return Text(text_tables()["words"][name])


class Docstring:
    r"""A numpydoc text in its parts.

    Parameters
    ----------
    text
        A docstring without indentation, as `inspect.getdoc` returns it.

    Attributes
    ----------
    summary
        Its first paragraph, without the word "Return".
    parameters, defaults
        Name of an argument -> its help, and what stands after "default" in its first line.

    Examples
    --------
    >>> read = Docstring("Return a sum.\n\nParameters\n----------\nx : (n,), default 3\n    One.")
    >>> read.summary, read.parameters, read.defaults
    ('A sum.', {'x': 'One.'}, {'x': '3'})
    """

    def __init__(self, text: str) -> None:
        """Read the parts of a numpydoc text without indentation."""
        # What stands before the first title, then title and text of each section by turns.
        head, *rest = _SECTION_TITLE.split(text)
        summary = re.sub(r"\AReturn (the )?", "", _unwrap(head.split("\n\n")[0]))
        self.summary = summary[:1].upper() + summary[1:]
        titles = rest[::2]
        self._sections = dict(zip(titles, rest[1::2], strict=True))
        self.parameters: dict[str, str] = {}
        self.defaults: dict[str, str] = {}
        for part in re.split(
            r"\n(?=\S)", self._sections.get("Parameters", "").strip("\n")
        ):
            line, _, help_text = part.partition("\n")
            names, _, kind = line.partition(":")
            for name in names.split(","):
                self.parameters[name.strip()] = _unwrap(help_text)
                if match := _DEFAULT_CLAUSE.search(kind.strip()):
                    self.defaults[name.strip()] = match[1]

    @property
    def formula(self) -> str:
        """The formula at the head of the notes: a line in backticks, or a literal block."""
        notes = self._sections.get("Notes", "")
        if line := re.match(r"``(.+)``$", notes.strip("\n"), re.MULTILINE):
            return line[1]
        _, _, rest = notes.partition("::\n\n")
        return textwrap.dedent(re.split(r"\n\n?(?=\S)", rest)[0]).strip("\n")

    @property
    def remarks(self) -> list[str]:
        """Return the list items of the docstring's notes, each in every language."""
        bullets = re.findall(
            r"^- (.+(?:\n  .+)*)", self._sections.get("Notes", ""), re.MULTILINE
        )
        return [_unwrap(bullet) for bullet in bullets]

    @property
    def see_also(self) -> tuple[str, ...]:
        """Names of related functions."""
        return tuple(re.findall(r"\w+", self._sections.get("See Also", "").upper()))

    @property
    def references(self) -> str:
        """Where the function comes from: the first paragraph of its references."""
        paragraphs = self._sections.get("References", "").strip().split("\n\n")
        return _unwrap(paragraphs[0])


def _unwrap(text: str) -> str:
    """Return a text that runs over several lines on one line, single spaces between its words."""
    return " ".join(text.split())


class FunctionTexts:
    """The texts of one function, read when one is asked for.

    Parameters
    ----------
    python
        The Python function.
    name
        Its table in the data file; functions of the user have the table `OWN`.
    own_texts
        Texts that come with the function, as its table in the data file would hold them.
    series
        Whether a single row of values is read as one column; see `Function`.
    """

    def __init__(
        self,
        python: Callable[..., Any],
        name: str,
        own_texts: Mapping[str, Any],
        *,
        series: bool,
    ) -> None:
        """Keep what texts are read from; `name` is the function's table in texts.toml.

        `own_texts` are in place of what that table says; `series` tells whether a row of values may
        be one column lying down.
        """
        self._python = python
        self._name = name
        self._own = own_texts
        self.series = series
        #: The module that declares the function.
        self.module: str = python.__module__

    @cached_property
    def docstring(self) -> Docstring:
        """The docstring in its parts."""
        return Docstring(inspect.getdoc(self._python) or "")

    @cached_property
    def table(self) -> Mapping[str, Any]:
        """What the data file of texts has for the function: summary, arguments, errors and so on.

        A user's own function has the entries of "OWN"; texts given with the function win.
        """
        tables = text_tables()
        shared: dict[str, Any] = tables.get(self._name) or tables["OWN"]
        texts = dict(shared)
        for key, own_texts in self._own.items():
            texts[key] = {**shared.get(key, {}), **own_texts}
        return texts

    def text(self, english: str, key: str) -> Text:
        """Return a text in every language: English as given, the others from texts.toml.

        `key` names it there, in the table of the function, such as "summary".
        """
        return Text({"en": english, **self.table.get(key, {})})

    def remarks(self) -> tuple[Text, ...]:
        """Return the list items of the docstring's notes in every language."""
        in_english = self.docstring.remarks
        remarks_by_language = {"en": in_english, **self.table.get("remarks", {})}
        return tuple(
            _text_of_line(remarks_by_language, number)
            for number in range(len(in_english))
        )

    def argument(self, name: str, added_sentence: str = "") -> Text:
        """Return the help of an argument, followed by a sentence that functions share.

        Parameters
        ----------
        name
            Keyword of the argument.
        added_sentence
            Name of the sentence in the data file; empty = none.
        """
        texts = Text(
            {
                "en": self.docstring.parameters.get(name, ""),
                **self._argument_table(name),
            }
        )
        texts.pop("default", None)
        sentence = shared_text(added_sentence) if added_sentence else {}
        return Text(
            {
                language: text + sentence.get(language, "")
                for language, text in texts.items()
            }
        )

    def default(self, name: str) -> Text:
        """Return what leaving out an argument means that has no default value, such as "none".

        Parameters
        ----------
        name
            Keyword of the argument; the docstring says it after "default".
        """
        english = self.docstring.defaults.get(name) or shared_text("none")["en"]
        # The shared translation is one of "none": other words have their own, or none at all.
        translations = self._argument_table(name).get("default") or (
            {} if english != "none" else shared_text("none")
        )
        return Text({**translations, "en": english})

    def _argument_table(self, name: str) -> Mapping[str, Any]:
        """Return what texts.toml says of an argument: for this function, else for all, else {}.

        It maps a language to the help, and "default" to the words for leaving it out.
        """
        texts: Mapping[str, Any] = (
            self.table.get("arguments", {}).get(name)
            or text_tables()["arguments"].get(name)
            or {}
        )
        return texts


def _text_of_line(lines_by_language: Mapping[str, Sequence[str]], number: int) -> Text:
    """Return the line with a number, from 0, in every language."""
    return Text(
        {language: lines[number] for language, lines in lines_by_language.items()}
    )


# -- declarations --------------------------------------------------------------------------------
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

    def shape(
        self,
        rows: int,
        columns: int,
        nodes: int = 1,
    ) -> tuple[int, int]:
        """Return how many rows and columns the result has.

        Parameters
        ----------
        rows, columns
            Shape of the first argument.
        nodes
            Cells of the argument `nodes`, where there is one.
        """
        sizes = {
            "n": rows,
            "k": columns,
            "m": nodes,
            "1": 1,
            "5": 5,
            "6": 6,
        }
        down, across = self.value.split(" x ")
        return sizes[down], sizes[across]


class Category(Enum):
    """The step of the work a function belongs to, in the order of the work."""

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
    #: Functions with the rules of one report, and of the audits of printed tables.
    REPORT = "report"
    AUDIT = "audit"
    #: Functions of the user.
    OWN = "own"

    @property
    def label(self) -> Text:
        """The name of the step."""
        return Text(text_tables()["categories"][self.value])

    def in_wizard(self, language: str) -> str:
        """Return the category in Excel's function wizard."""
        return f"xlcity {self.label[language]}" if self in _APART else "xlcity"


#: Categories that have one of their own in the wizard; the others share one.
_APART = (Category.REPORT, Category.AUDIT)


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a function.

    Parameters
    ----------
    name
        Name that users see; also that of a parameter in Python, so none of Python's own words.
    kind
        See `Kind`.
    optional
        Whether it may be left out.
    default
        What omitted or blank means; None = nothing of the kind (the column's own bound, no floor).
    parameter
        Keyword by which the core, the Python function, takes it; empty = the name.
    accepts, choices, minimum, maximum, open_minimum
        What an option may hold; outside the limits is #NUM!, anything else #VALUE!. An open
        minimum may itself not be taken.
    per_column
        Whether an option may be given once per column.
    texts
        The texts of its function.
    """

    name: str = ""
    kind: Kind = Kind.OPTION
    optional: bool = True
    default: float | str | None = None
    parameter: str = ""
    accepts: Accepts = Accepts.NUMBER
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    open_minimum: bool = False
    per_column: bool = True
    texts: FunctionTexts | None = field(default=None, repr=False, compare=False)

    @property
    def keyword(self) -> str:
        """Keyword of the core that takes this argument."""
        return self.parameter or self.name

    @property
    def help(self) -> Text:
        """What a function wizard says of it: its text, and whether it may be a row or a list."""
        assert self.texts is not None, "only arguments of functions have texts"
        added_sentence = ""
        if self.kind is Kind.OPTION and self.per_column:
            added_sentence = "each"
        elif self.kind is Kind.VALUES and self.texts.series:
            added_sentence = "series"
        return self.texts.argument(self.keyword, added_sentence)

    def describe(self, language: str) -> str:
        """Return the help in a language with the numbers that the argument takes, as in a wizard.

        The range is left out where the help would grow beyond `HELP_LIMIT` characters.
        """
        help_text = self.help[language]
        range_text = self._describe_range(language)
        full_text = f"{help_text}{shared_text('space')[language]}{range_text}"
        return full_text if range_text and len(full_text) <= HELP_LIMIT else help_text

    def _describe_range(self, language: str) -> str:
        """Return a sentence on which numbers an option takes, and what others give.

        "" for arguments that are not options, and for options that take all numbers.
        """
        if self.kind is not Kind.OPTION or (
            self.minimum is None and self.maximum is None
        ):
            return ""
        parts = []
        if self.minimum is not None:
            least = "above" if self.open_minimum else "at_least"
            parts.append(shared_text(least)[language].format(f"{self.minimum:g}"))
        if self.maximum is not None:
            parts.append(shared_text("at_most")[language].format(f"{self.maximum:g}"))
        integer = (
            shared_text("integer")[language] if self.accepts is Accepts.INTEGER else ""
        )
        return shared_text("takes")[language].format(
            integer + shared_text("and")[language].join(parts)
        )

    def default_label(self, language: str) -> str:
        """Return what leaving the argument out means: words such as "none", or the default."""
        if self.default is None and self.texts is not None:
            return self.texts.default(self.keyword)[language]
        return (
            f"{self.default:g}"
            if isinstance(self.default, float)
            else str(self.default)
        )


@dataclass(frozen=True, slots=True)
class Example:
    """A worked example: arguments, each as rows of cells, and a note on what it shows."""

    arguments: tuple[tuple[tuple[CellValue, ...], ...], ...]
    note: Text


@dataclass(frozen=True, eq=False)
class Function:
    """One function of the library: everything that calls, lists or describes it reads this.

    Parameters
    ----------
    name
        Name in a sheet.
    category
        Step of the work.
    returns
        Shape of the result.
    core
        Pure function of the arguments by keyword, the first by position; gives a `CellArray`.
        Blocks of numbers come with the states of their cells: `states` for the values,
        `NAME_states` for a further block.
    texts
        What is said about it.
    read_arguments
        Gives `arguments`; signatures take long to read, and few are asked for.
    check
        Takes all arguments by keyword (`states` too) and returns the error of the call, or None.
    series
        Whether it looks along columns and gives a block: a single row of several cells is then read
        as one column, and the result is a row.
    """

    name: str
    category: Category
    returns: Returns
    core: Callable[..., CellArray]
    texts: FunctionTexts = field(repr=False)
    read_arguments: Callable[[], tuple[Argument, ...]] = field(repr=False)
    check: Callable[[Mapping[str, Any]], CellError | None] | None = None
    series: bool = False

    @cached_property
    def arguments(self) -> tuple[Argument, ...]:
        """The arguments, in order."""
        return self.read_arguments()

    @property
    def syntax(self) -> str:
        """The call as Excel users know it: optional arguments in brackets."""
        names = (
            f"[{argument.name}]" if argument.optional else argument.name
            for argument in self.arguments
        )
        return f"{self.name}({', '.join(names)})"

    @property
    def summary(self) -> Text:
        """One sentence, at most `HELP_LIMIT` characters in each language."""
        return self.texts.text(self.texts.docstring.summary, "summary")

    def describe(self, language: str) -> str:
        """Return the help in a wizard: first what differs between like functions, then a sentence.

        That is the full score, and which of the arguments is the direction.
        """
        parts = {
            argument.name: argument.default_label(language)
            if argument.name == "scale"
            else number
            for number, argument in enumerate(self.arguments, 1)
            if self.category is Category.NORMALISE
            and argument.name in ("scale", "direction")
        }
        words = [
            shared_text(f"help_{name}")[language].format(part)
            for name, part in parts.items()
        ]
        return shared_text("space")[language].join([*words, self.summary[language]])

    @property
    def formula(self) -> Text:
        """The formula as text, in the words of the arguments; without one the summary."""
        english = self.texts.docstring.formula or self.texts.table.get(
            "formula", {}
        ).get("en")
        return self.texts.text(english, "formula") if english else self.summary

    @property
    def remarks(self) -> tuple[Text, ...]:
        """What a user must know beyond the arguments."""
        return self.texts.remarks()

    @property
    def errors(self) -> dict[CellError, Text]:
        """Error -> when it appears.

        The data file names a sentence that several functions share, or has the texts themselves.
        """
        shared = text_tables()["errors"]
        return {
            CELL_ERRORS[error]: Text(
                shared[condition] if isinstance(condition, str) else condition
            )
            for error, condition in self.texts.table["errors"].items()
        }

    @property
    def see_also(self) -> tuple[str, ...]:
        """Names of related functions."""
        return self.texts.docstring.see_also

    @cached_property
    def example(self) -> Example:
        """A worked example; its result is computed."""
        table = self.texts.table["example"]
        note = Text(
            {language: text for language, text in table.items() if language != "cells"}
        )
        return Example(
            tuple(_example_rows(argument) for argument in table["cells"]), note
        )


def _example_rows(argument: Any) -> tuple[tuple[CellValue, ...], ...]:
    """Return an argument of a worked example as rows of cells.

    `argument` is as texts.toml writes it: one cell, a list of cells that is one row, or a list of
    rows.
    """
    rows = argument if isinstance(argument, (list, tuple)) else [[argument]]
    if rows and not isinstance(rows[0], (list, tuple)):
        rows = [rows]
    return tuple(tuple(map(_example_cell, row)) for row in rows)


def _example_cell(cell: CellValue) -> CellValue:
    """Return a cell of a worked example: whole numbers as floats, an empty text as None."""
    if cell == "":
        return None
    return float(cell) if type(cell) is int else cell
