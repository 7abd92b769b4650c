"""The error tree: exceptions that carry addresses, and spreadsheet errors that are values.

Exceptions are for people: each holds *problems*, and each problem says where it is, what is wrong
and what to do. Spreadsheet errors (`CellError`) are values that live in cells and results.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from enum import Enum
from itertools import islice
from types import MappingProxyType
from typing import Any


class CellError(Enum):
    """An error value of a cell, as Excel spells it."""

    NULL = "#NULL!"
    DIV0 = "#DIV/0!"
    VALUE = "#VALUE!"
    REF = "#REF!"
    NAME = "#NAME?"
    NUM = "#NUM!"
    NA = "#N/A"

    def __str__(self) -> str:
        return self.value


#: Text -> error, for readers ("#N/A" in a cell of type ``e``).
CELL_ERRORS: dict[str, CellError] = {error.value: error for error in CellError}
#: Errors that newer programs have: the functions take them, and answer, as #VALUE!.
NEW_ERRORS = (
    "#GETTING_DATA",
    "#SPILL!",
    "#CONNECT!",
    "#BLOCKED!",
    "#UNKNOWN!",
    "#FIELD!",
    "#CALC!",
    "#BUSY!",
)
CELL_ERRORS |= dict.fromkeys(NEW_ERRORS, CellError.VALUE)

#: What a single cell can hold. ``None`` is a blank cell; "12" is text.
CellValue = float | str | bool | CellError | None


def doubt_text(unverified: Sequence[str], engine: str = "") -> str:
    """Return what to say of what formulas use and no engine is known to compute as Excel does.

    >>> doubt_text(["TREND"], "formualizer"), doubt_text([])
    ('not known to be right in formualizer: TREND', '')
    """
    where = f" in {engine}" if engine else ""
    return (
        f"not known to be right{where}: {', '.join(unverified)}" if unverified else ""
    )


def counted(number: int, noun: str, nouns: str | None = None) -> str:
    """Return a number with its noun, for messages.

    >>> counted(1, "cell"), counted(1250, "cell"), counted(0, "city", "cities")
    ('1 cell', '1250 cells', '0 cities')
    """
    return f"{number} {noun if number == 1 else nouns or noun + 's'}"


def first_of(words: Collection[str], most: int = 6) -> str:
    """Return words with commas, the first ones only and an ellipsis if there are more than `most`.

    >>> first_of(["a", "b", "c"], 2), first_of(["a", "b"], 2)
    ('a, b, …', 'a, b')
    """
    return ", ".join([*words] if len(words) <= most else [*islice(words, most), "…"])


def closest(word: str, known_words: Iterable[str]) -> str:
    """Return "Did you mean …?" with the nearest known word, or "" if none is near.

    >>> closest("arithmetc", ["arithmetic", "geometric"])
    'Did you mean arithmetic?'
    """
    meant = nearest(word, known_words)
    return f"Did you mean {meant}?" if meant else ""


def nearest(word: str, known_words: Iterable[str]) -> str:
    """Return the nearest known word that is not the opposite, or "" if none is near.

    >>> nearest("instal", ["install", "remove"]), nearest("uninstall", ["install", "remove"])
    ('install', '')
    """
    import difflib

    typed = word.casefold()
    lower = {name.casefold(): name for name in reversed([*known_words])}
    lower.pop(typed[2:] if typed.startswith("un") else "", None)
    close = difflib.get_close_matches(typed, lower, 1)
    return lower[close[0]] if close else ""


def did_you_mean(word: str, known_words: Iterable[str]) -> str:
    """Return a remedy for an unknown word: the nearest one, or what there is.

    >>> did_you_mean("arithmetc", ["arithmetic", "geometric"])
    'Did you mean arithmetic?'
    >>> did_you_mean("x", ["arithmetic", "geometric"])
    'Known: arithmetic, geometric.'
    """
    words = dict.fromkeys(known_words)
    return closest(word, words) or f"Known: {first_of(words, 20) or 'none'}."


@dataclass(frozen=True, slots=True)
class Where:
    """Address of a problem; the parts that do not apply stay ``None``."""

    file: str | None = None
    sheet: str | None = None
    cell: str | None = None
    indicator: str | None = None
    unit: str | None = None

    def __str__(self) -> str:
        address = self.cell or ""
        if self.sheet:
            address = f"{self.sheet}!{address}" if address else self.sheet
        parts = [part for part in (self.file, address) if part]
        if self.unit:
            parts.append(f"city {self.unit}")
        if self.indicator:
            parts.append(f"indicator {self.indicator}")
        return printable(", ".join(parts))


#: What would change a terminal or hide in a sentence: controls, zero-width and direction marks.
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
)


def printable(text: str) -> str:
    r"""Return a text with such characters spelled out.

    >>> printable("A\x1b[31m")
    'A\\u001b[31m'
    """
    return _UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


#: Characters of a sentence; a cell that it quotes may hold many more.
_LONGEST = 4000


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: a stable code, a sentence, a remedy and an address.

    `related` is the address of what it conflicts with, such as the first of two rows; JSON has it
    in the sentence alone.
    """

    code: str
    message: str
    hint: str = ""
    where: Where = field(default_factory=Where)
    related: Where | None = None

    def __post_init__(self) -> None:
        for name in ("message", "hint"):
            text = printable(getattr(self, name))
            if len(text) > _LONGEST:
                half = _LONGEST // 2
                text = f"{text[:half]} … {text[-half:]}"
            object.__setattr__(self, name, text)

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "code": self.code,
            "message": self.message,
            "hint": self.hint,
            "where": asdict(self.where),
        }

    def __str__(self) -> str:
        address = str(self.where)
        text = f"{address}: {self.message}" if address else self.message
        return f"{text} {self.hint}".rstrip()


class XlcityError(Exception):
    """Root of all errors raised on purpose.

    Parameters
    ----------
    problems
        Every problem found, in reading order. A single sentence is taken as one problem.
    hint, code, where, where_fields
        Of that one problem: its remedy, its code if it is not the class's, and its address, whole
        or part by part.
    """

    #: Exit code of the command line (see the contract): 2 usage, 3 bad input, 4 a file failed.
    exit_code = 3
    code = "XC000"

    def __init__(
        self,
        problems: str | Problem | Iterable[Problem],
        hint: str = "",
        code: str = "",
        where: Where | None = None,
        **where_fields: str | None,
    ) -> None:
        if isinstance(problems, str):
            problems = Problem(
                code or self.code, problems, hint, where or Where(**where_fields)
            )
        if isinstance(problems, Problem):
            problems = (problems,)
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    @classmethod
    def raise_for(cls, problems: Iterable[Problem]) -> None:
        """Raise an error of this kind with all of the problems, unless there are none."""
        if listed := tuple(problems):
            raise cls(listed)


@contextmanager
def collecting(problems: list[Problem], *kinds: type[XlcityError]) -> Iterator[None]:
    """Add the problems of an error of these kinds (none named: of any) to others, and go on."""
    try:
        yield
    except XlcityError as error:
        if kinds and not isinstance(error, kinds):
            raise
        problems += error.problems


class TerminatedError(KeyboardInterrupt):
    """The run is to end (SIGTERM): as an interrupt, with another exit code."""


class UsageError(XlcityError):
    """The command or call itself is wrong (unknown report, two outputs, a missing option)."""

    exit_code = 2
    code = "XC100"


class FrameworkError(XlcityError):
    """A framework table that is not a tree, or weights that do not add up."""

    code = "XC200"
    #: Nodes that could be read as arguments of a framework, by which data can be judged.
    readable: Mapping[str, Any] = MappingProxyType({})


class RecipeError(XlcityError):
    """A recipe with an unknown step, method or parameter."""

    code = "XC250"


class DataError(XlcityError):
    """Values, units or codes that cannot be used."""

    code = "XC300"


class WorkbookError(XlcityError):
    """A file that is not a workbook, or not one of ours where one is needed."""

    code = "XC400"


class EngineError(XlcityError):
    """An engine is absent, failed, or left a formula cell without a value."""

    exit_code = 4
    code = "XC500"


class TimeLimitError(EngineError):
    """Something took longer than it was given."""

    code = "XC520"


class FunctionError(XlcityError):
    """A library function called with a bad option or shape; `value` is what a cell shows."""

    code = "XC600"

    def __init__(self, message: str, value: CellError = CellError.VALUE) -> None:
        self.value = value
        super().__init__(message)


class RegistryError(XlcityError):
    """A file with functions of one's own, or the settings that name it, cannot be used."""

    code = "XC610"


def require_known(kind: str, word: str, known_words: Collection[str]) -> None:
    """Refuse a word that is not known, such as a node or a host, with what there is.

    >>> require_known("host", "exce", ["excel", "python"])
    Traceback (most recent call last):
    xlcity.errors.UsageError: unknown host 'exce'. Did you mean excel?
    """
    if word not in known_words:
        raise UsageError(f"unknown {kind} '{word}'.", did_you_mean(word, known_words))


def problem_of(error: BaseException, code: str, file: str | None = None) -> Problem:
    """Return what to tell a person about an exception that nothing foresaw.

    Parameters
    ----------
    error
        The exception.
    code
        For what is a fault of ours.
    file
        What was worked on.
    """
    where = Where(file=file)
    if isinstance(error, MemoryError):
        hint = "Close other programs, use fewer --jobs, or work on a smaller file."
        return Problem("XC408", "there is not enough memory.", hint, where)
    if isinstance(error, RecursionError):
        hint = "Simplify the longest formulas, or the nested tables of a settings file."
        return Problem(
            "XC409", "something in the input is nested too deeply.", hint, where
        )
    if isinstance(error, OSError) and error.strerror:
        hint = "Check the path, the permissions and the space on the disk."
        what = (
            f"{error.strerror}: {error.filename}" if error.filename else error.strerror
        )
        return Problem("XC425", f"the system refused access ({what}).", hint, where)
    hint = "Please report this with what it prints when XLCITY_TRACE=1 is set, and the file."
    return Problem(
        code, f"internal error: {type(error).__name__}: {error}.", hint, where
    )
