"""The error tree: exceptions that carry addresses, and spreadsheet errors that are values.

Exceptions are for people: each holds *problems*, and each problem says where it is, what is wrong
and what to do. Spreadsheet errors (`CellError`) are values that live in cells and results.
"""

from __future__ import annotations

import errno
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from enum import Enum
from itertools import islice
from types import MappingProxyType
from typing import Any, Self

from xlcity.messages import Message, find_message, printable, shortened


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
    if not unverified:
        return ""
    if engine:
        return Message("doubt.in_engine", engine=engine, functions=[*unverified])
    return Message("doubt.functions", functions=[*unverified])


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
    if not words:
        return ""
    if len(words) <= most:
        return Message("list.all", words=[*words])
    return Message("list.first", words=[*islice(words, most)])


def closest(word: str, known_words: Iterable[str]) -> str:
    """Return "Did you mean …?" with the nearest known word, or "" if none is near.

    >>> closest("arithmetc", ["arithmetic", "geometric"])
    'Did you mean arithmetic?'
    """
    meant = nearest(word, known_words)
    return Message("hint.did_you_mean", meant=meant) if meant else ""


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
    if meant := closest(word, words):
        return meant
    if not words:
        return Message("hint.none_known")
    return Message("hint.known", words=first_of(words, 20))


@dataclass(frozen=True, slots=True)
class Where:
    """Address of a problem; the parts that do not apply stay ``None``."""

    file: str | None = None
    sheet: str | None = None
    cell: str | None = None
    indicator: str | None = None
    unit: str | None = None

    def __str__(self) -> str:
        return printable(", ".join(self.parts()))

    def parts(self) -> Iterator[str]:
        """Yield the file, the cell, the city and the indicator, as far as they are known."""
        if self.file:
            yield self.file
        if self.sheet and self.cell:
            yield f"{self.sheet}!{self.cell}"
        elif address := self.sheet or self.cell:
            yield address
        if self.unit:
            yield Message("where.city", unit=self.unit)
        if self.indicator:
            yield Message("where.indicator", indicator=self.indicator)


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
            text = getattr(self, name)
            if not isinstance(text, Message):
                object.__setattr__(self, name, shortened(text))

    @classmethod
    def of(
        cls,
        key: str,
        where: Where | None = None,
        /,
        *,
        hint: str | None = None,
        related: Where | None = None,
        **values: Any,
    ) -> Problem:
        """Return the problem of a key of the catalogues, which begins with its code.

        Parameters
        ----------
        key, values
            The message, and what its fields are: `XC311.unknown`.
        where, related
            Its addresses.
        hint
            Its remedy, if that is not the message `KEY.hint`.
        """
        if hint is None:
            hint = find_message(f"{key}.hint", values)
        code = key.partition(".")[0]
        message = Message(key, **values)
        return cls(code, message, hint, where=where or Where(), related=related)

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


#: Problems of one kind that are listed one by one.
_MOST_ALIKE = 10


def summary_lines(problems: Iterable[Problem]) -> Iterator[str]:
    """Yield each problem as a line; of many of one cause the first, and how many more there are."""
    for alike in group_by_cause(problems):
        if len(alike) <= _MOST_ALIKE:
            yield from map(str, alike)
        else:
            yield Message("error.alike", first=str(alike[0]), more=len(alike) - 1)


def group_by_cause(problems: Iterable[Problem]) -> list[list[Problem]]:
    """Return problems with the code and the key of the message in common, and the indicator."""
    causes: dict[tuple[str, str, str | None], list[Problem]] = {}
    for problem in problems:
        key = getattr(problem.message, "key", problem.code)
        cause = problem.code, key, problem.where.indicator
        causes.setdefault(cause, []).append(problem)
    return [*causes.values()]


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
        super().__init__("\n".join(summary_lines(self.problems)))

    @classmethod
    def of(
        cls,
        key: str,
        where: Where | None = None,
        /,
        *,
        hint: str | None = None,
        **values: Any,
    ) -> Self:
        """Return an error with the problem of a key of the catalogues, see `Problem.of`."""
        return cls(Problem.of(key, where, hint=hint, **values))

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

    `kind` is the key of the message that names such words.

    >>> require_known("kind.host", "exce", ["excel", "python"])
    Traceback (most recent call last):
    xlcity.errors.UsageError: unknown host 'exce'. Did you mean excel?
    """
    if word not in known_words:
        hint = did_you_mean(word, known_words)
        raise UsageError.of("XC100.unknown", hint=hint, kind=Message(kind), word=word)


#: Number of an error of the system -> the key of its reason.
_SYSTEM_REASONS = {
    errno.ENOENT: "system.no_file",
    errno.EACCES: "system.no_permission",
    errno.EPERM: "system.not_permitted",
    errno.ENOSPC: "system.no_space",
    errno.EROFS: "system.read_only",
    errno.EISDIR: "system.is_folder",
    errno.ENOTDIR: "system.is_no_folder",
    errno.EINVAL: "system.invalid",
    errno.ENAMETOOLONG: "system.long_name",
    errno.EIO: "system.broken",
}


def system_reason(error: OSError) -> str:
    """Return why the system refuses something, in words of ours where there are some."""
    key = _SYSTEM_REASONS.get(error.errno or 0)
    if key is None or not error.strerror:
        return error.strerror or str(error)
    return Message(key)


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
        return Problem.of("XC408.memory", where)
    if isinstance(error, RecursionError):
        return Problem.of("XC409.nested", where)
    if isinstance(error, OSError) and error.strerror:
        reason = system_reason(error)
        if error.filename:
            return Problem.of(
                "XC425.refused_file", where, reason=reason, file=error.filename
            )
        return Problem.of("XC425.refused", where, reason=reason)
    message = Message("internal_error", kind=type(error).__name__, error=error)
    return Problem(code, message, Message("internal_error.hint"), where)
