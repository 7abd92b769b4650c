"""What arguments of verbs are: the annotations that a verb's signature is made of.

Verbs import this module as `take`, for their annotations alone: ``file: take.Book``.
"""

from __future__ import annotations

import re
import sys
import types
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Literal,
    NamedTuple,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

from xlcity.api.texts import own_language, text_of
from xlcity.api.verb import Verb, sections_of

if TYPE_CHECKING:
    from xlcity.api.inputs import Inputs, MethodChoice
    from xlcity.api.workbook import Workbook


#: The parameter by which a verb learns whether its JSON document is asked for.
AS_JSON = "as_json"


class Takes(NamedTuple):
    """What an argument is.

    Attributes
    ----------
    kind
        How it is asked for: "book" (a workbook), "table" (a file with a table), "file", "save" (a
        file to write), "folder" (to write into), "choice", "number", "flag" or "text".
    metavar, help
        What help shows, where the docstring of the verb says nothing else.
    options
        What can be chosen, or what is suggested where it is not `strict`; "module:name" is a
        sequence or a function that is imported when it is asked for.
    many
        How several are given: "repeat" (the option again), "several" (words after it), "comma".
    positional
        Whether it is a word of its own also where it belongs to a group.
    parse
        Reads the word that was given.
    over
        Whether a file that is written may be one that is read.
    beside
        Whether a copy beside it is written while a program has it open.
    stream
        Whether "-" in place of a file is the standard output.
    """

    kind: str
    metavar: str = ""
    help: str = ""
    options: tuple[str, ...] = ()
    strict: bool = False
    many: str = ""
    positional: bool = False
    parse: Callable[[str], Any] | None = None
    over: bool = False
    beside: bool = False
    stream: bool = False


class VerbArgument(NamedTuple):
    """One argument of a verb; see `Takes`.

    Attributes
    ----------
    positional
        Whether it is a word of its own on the command line, and no option.
    group, inside
        The group of arguments that it belongs to, and the parameter that takes the group.
    """

    name: str
    kind: Takes
    metavar: str
    help: str
    required: bool
    default: Any
    positional: bool
    group: Any = None
    inside: str = ""

    @property
    def options(self) -> list[str]:
        """What can be chosen, or is suggested."""
        words: list[str] = []
        for option in self.kind.options:
            module, colon, name = option.partition(":")
            value = (
                getattr(import_module(f"xlcity.{module}"), name) if colon else [option]
            )
            words += value() if callable(value) else value
        return words

    @property
    def flag(self) -> str:
        """The option on the command line; a flag that is set by default is taken back by it."""
        text = f"no-{self.name}" if self.default is True else self.name
        return f"--{text.replace('_', '-')}"


def arguments_of(verb: Verb) -> tuple[VerbArgument, ...]:
    """Return the arguments of a verb, those of groups one by one."""
    code = verb.run.__code__
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    words = names[: code.co_argcount]
    values = verb.run.__defaults__ or ()
    words_with_default = words[len(words) - len(values) :]
    defaults = dict(zip(words_with_default, values, strict=True))
    defaults |= verb.run.__kwdefaults__ or {}
    return tuple(
        _arguments(verb.run, [n for n in names if n != AS_JSON], defaults, words)
    )


def run_verb(verb: Verb, values: Mapping[str, Any]) -> Any:
    """Do what a verb does, with values by the names of arguments."""
    given: dict[str, Any] = {}
    for argument in arguments_of(verb):
        if argument.group is None:
            given[argument.name] = values[argument.name]
        elif argument.inside not in given:
            members = (values[name] for name in argument.group._fields)
            given[argument.inside] = argument.group(*members)
    if AS_JSON in verb.run.__code__.co_varnames:
        given[AS_JSON] = values[AS_JSON]
    return verb.run(**given)


def _arguments(
    owner: Any,
    names: Iterable[str],
    defaults: dict[str, Any],
    words: Sequence[str],
) -> Iterator[VerbArgument]:
    text = sections_of(owner.__doc__).get("Parameters", "")
    described = {
        name: (metavar, " ".join(about.split()))
        for name, metavar, about in re.findall(
            r"^(\w+)(?: : (.+))?\n((?:    .*\n?)+)", text, re.MULTILINE
        )
    }
    kinds = sys.modules[__name__]
    hints = get_type_hints(
        owner, localns={**vars(kinds), "take": kinds}, include_extras=True
    )
    for name in names:
        hint = hints[name]
        if isinstance(hint, type) and hasattr(hint, "_field_defaults"):
            for argument in _arguments(
                hint, hint._field_defaults, hint._field_defaults, ()
            ):
                yield argument._replace(group=hint, inside=name)
            continue
        kind = kind_of(hint)
        metavar, about = described.get(name, ("", ""))
        yield VerbArgument(
            name,
            kind,
            metavar or kind.metavar,
            about or kind.help,
            required=name not in defaults,
            default=defaults.get(name),
            positional=name in words or kind.positional,
        )


def help_of(verb: Verb, argument: VerbArgument) -> str:
    """Return what an argument is for, in the user's language."""
    option = f"--{argument.name}"
    text = text_of(f"{verb.key} {option}") or text_of(option) or argument.help
    values: dict[str, Any] = {
        "default": argument.default,
        "choices": ", ".join(argument.options),
    }
    if "{limit" in text:
        from xlcity.xlsx.process import DEFAULT_TIMEOUT

        values["limit"] = DEFAULT_TIMEOUT
    if "{methods}" in text:
        from xlcity.index.method_options import spell_words
        from xlcity.methods.registry import describe_word_parts

        parts = describe_word_parts(argument.name, own_language())
        values["methods"] = f"{spell_words(argument.name)}; {parts}"
    return text.format(**values)


def kind_of(hint: Any) -> Takes:
    """Return the kind of argument that an annotation means."""
    origin = get_origin(hint)
    if origin is Annotated:
        kind: Takes = hint.__metadata__[0]
        return kind
    if origin in (Union, types.UnionType):
        return kind_of(
            next(part for part in get_args(hint) if part is not types.NoneType)
        )
    if origin is Literal:
        return Takes("choice", options=get_args(hint), strict=True)
    numbers = {int: Takes("number", parse=int), float: Takes("number", parse=float)}
    return (numbers | {bool: Takes("flag")}).get(hint, Takes("text"))


def split_words(text: str) -> list[str]:
    """Return words separated by commas or spaces."""
    return text.replace(",", " ").split()


def split_pages(text: str) -> list[str]:
    """Return pages separated as words are; the title of a tab, `WhatIf`, names its page too."""
    return split_words(text.lower().replace("-", ""))


def above_zero(text: str) -> float:
    """Return the seconds of a time limit, at most 12 days: timers of systems end there."""
    seconds = float(text)
    if not seconds > 0:
        from xlcity.errors import UsageError

        raise UsageError.of("XC100.timeout")
    return min(seconds, 1e6)


#: Where words stand that are imported when they are asked for.
_ENGINES = "recalc.engines.registry:ENGINE_NAMES"
_REPORTS = "reports:known_ids"

Template = Annotated[str, Takes("book", "F", "the template workbook")]
Book = Annotated[str, Takes("book", "F")]
Books = Annotated[Sequence[str], Takes("book", "F", many="several")]
Table = Annotated[str, Takes("table", "D")]
File = Annotated[str, Takes("file", "F")]
Save = Annotated[str, Takes("save", "F", "the workbook to write")]
SaveOrPrint = Annotated[str, Takes("save", "F", stream=True)]
SaveOver = Annotated[str, Takes("save", "F", "the workbook to write", over=True)]
SaveBeside = Annotated[
    str, Takes("save", "F", "the workbook to write", over=True, beside=True)
]
Folder = Annotated[str, Takes("folder", "DIR")]
Text = Annotated[str, Takes("text")]
Texts = Annotated[Sequence[str], Takes("text", many="several")]
Form = Annotated[str, Takes("choice", options=("desk.forms:forms",), strict=True)]
Host = Annotated[str, Takes("choice", options=("hosts.sheet_call:HOSTS",))]
Code = Annotated[str, Takes("text", "CODE")]
#: Words with commas between them.
_LISTED = Takes("text", "LIST", many="comma", parse=split_words)
Listed = Annotated[Sequence[str], _LISTED]
_PAGES = ("none", "all", "workbook.spec:PAGES")
Pages = Annotated[Sequence[str], _LISTED._replace(parse=split_pages, options=_PAGES)]
Tables = Annotated[Sequence[str], Takes("table", "CSV", many="repeat")]
Language = Literal["zh", "en", "both"]
Report = Annotated[
    str, Takes("choice", "REPORT", "report id", (_REPORTS,), positional=True)
]
Reports = Annotated[
    Sequence[str], Takes("choice", "ID", options=(_REPORTS,), many="several")
]
_OUTPUTS = "report.outputs:OUTPUTS"
Outputs = Annotated[
    Sequence[str], Takes("text", "ID", options=(_OUTPUTS,), many="several")
]
Engine = Annotated[str, Takes("choice", "E", options=(_ENGINES,), strict=True)]
Engines = Annotated[Sequence[str], _LISTED._replace(metavar="", options=(_ENGINES,))]
EngineOrAuto = Annotated[str, Takes("choice", options=("auto", _ENGINES), strict=True)]
_LIMIT = "seconds for one file (default: {limit:g})"
Seconds = Annotated[float, Takes("number", "S", _LIMIT, parse=above_zero)]
Repeated = Annotated[Sequence[str], Takes("text", many="repeat")]
_METHODS = "{methods}; CODE=METHOD for one, commas between several"
Method = Annotated[Sequence[str], Takes("text", "METHOD", _METHODS, many="repeat")]


class IndexArguments(NamedTuple):
    """What an index is made from: a report, or tables of one's own.

    Parameters
    ----------
    report
        report id
    framework : F
        your own framework (CSV, xlsx, folder)
    data
        CSV, folder or xlsx with your values
    recipe : R
        the method (TOML), instead of the report's or the default
    option : ID
        an option of the recipe (repeatable)
    denominate
        {methods}; CODE=DENOMINATOR[:SCALE]; CODE=METHOD for one, commas between several
    screen
        {methods}; level2=METHOD for the indicators below each node of a level; CODE=METHOD for
        one, commas between several
    aggregate
        {methods}; level2=METHOD for all nodes of a level; CODE=METHOD for one, commas between
        several
    judgements : J
        weights by pairwise judgements (AHP): a square CSV, or sheets of an xlsx
    """

    report: Report | None = None
    framework: Table | None = None
    data: Table | None = None
    recipe: File | None = None
    option: Repeated = ()
    denominate: Method = ()
    screen: Method = ()
    treat: Method = ()
    impute: Method = ()
    normalise: Method = ()
    weights: Method = ()
    aggregate: Method = ()
    judgements: Repeated = ()

    def read(self, *, empty: bool = False) -> Inputs:
        """Read them; with `empty` a framework needs no data.

        Raises
        ------
        XlcityError
            If there is not exactly one of report and framework, or a file cannot be used.
        """
        from xlcity.api.inputs import read_inputs
        from xlcity.errors import UsageError
        from xlcity.reports import load_report

        chosen = self.chosen
        if self.report is not None and self.framework is None:
            return read_inputs(load_report(self.report), self.data or None, chosen)
        if self.framework is None or self.report is not None:
            raise UsageError.of("XC100.report_or_framework")
        if not self.data and not empty:
            raise UsageError.of("XC100.framework_without_data")
        return read_inputs(self.framework, self.data or None, chosen, empty=empty)

    @property
    def chosen(self) -> MethodChoice:
        """What is chosen of the method."""
        from xlcity.api.inputs import MethodChoice
        from xlcity.methods.registry import OPTIONS

        words = {option: getattr(self, option) for option in OPTIONS}
        return MethodChoice(self.recipe or None, words, self.judgements, self.option)

    def workbook(self) -> Workbook | None:
        """Return the workbook that was given in place of a report, if it is one.

        Raises
        ------
        XlcityError
            If there are tables beside it, or it cannot be read.
        """
        from xlcity.api.inputs import is_file_name
        from xlcity.api.workbook import Workbook
        from xlcity.errors import UsageError

        if self.report is None or not is_file_name(self.report):
            return None
        if self.framework or self.data or self.recipe:
            raise UsageError.of("XC100.workbook_has_its_own")
        return Workbook.open(self.report)


class Destination(NamedTuple):
    """Where a changed workbook is written.

    Parameters
    ----------
    out : F2
        write to this file
    in_place
        overwrite; the old file is kept as .bak
    backup
        do not keep the replaced file as .bak
    """

    out: Save | None = None
    in_place: bool = False
    backup: bool = True
