"""The form of a verb: what is asked for, and the words of the command line that carry it out.

A verb runs as a program of its own, so that it can be cancelled at any moment and its memory is
given back; what it writes, refuses or keeps as .bak is its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from xlcity.api.arguments import VerbArgument, arguments_of, help_of
from xlcity.api.texts import own_language, text_of
from xlcity.api.verb import Verb, all_verbs
from xlcity.errors import Problem, UsageError
from xlcity.reports import summaries

#: What was given: name of an argument -> text, or texts where there may be several.
Given = Mapping[str, Any]


def forms() -> dict[str, Verb]:
    """Return the verbs that have a form, by key."""
    return {verb.key: verb for verb in all_verbs().values() if verb.form is not None}


def menu_forms() -> dict[str, Verb]:
    """Return those that a spreadsheet program lists; what connects programs is on the page only."""
    return {key: verb for key, verb in forms().items() if verb.group != "connect"}


def button_text(verb: Verb) -> str:
    """Return what a button that opens the form says, in the language that is asked for."""
    return text_of(f"{verb.key}.button") or verb.summary


def help_text(verb: Verb) -> str:
    """Return what a form does, in the language that is asked for."""
    return text_of(f"{verb.key}.help") or verb.summary


def form_of(verb: Verb) -> dict[str, Any]:
    """Return what a face has to know of a form, in the language that is asked for."""
    return {
        "id": verb.key,
        "name": button_text(verb),
        "help": help_text(verb),
        "on_book": bool(verb.book),
        "group": verb.group,
        "seconds": verb.seconds,
        "needs": [_need(verb, argument) for argument in _asked_for(verb)],
    }


def _asked_for(verb: Verb) -> list[VerbArgument]:
    """Return the arguments of a form that a person fills in, in its order."""
    by_name = {argument.name: argument for argument in arguments_of(verb)}
    return [
        by_name[name] for name, first in (verb.form or {}).items() if first[:1] != "="
    ]


def _need(verb: Verb, argument: VerbArgument) -> dict[str, Any]:
    """Return what a field is, its words, and what stands in it first."""
    name = argument.name
    kind = argument.kind.kind
    first = (verb.form or {})[argument.name]
    label = text_of(f"{verb.key}.label.{name}") or text_of(f"label.{name}")
    needed = is_needed(verb, argument)
    titles = _report_titles() if name == "report" else {}
    choices = [*argument.options]
    if choices and not needed and not first:
        choices.insert(0, "")
    return {
        "id": name,
        "kind": "choice" if choices else kind,
        "label": label or help_of(verb, argument),
        "help": text_of(f"{verb.key}.hint.{name}") or text_of(f"hint.{name}"),
        "required": needed,
        "many": argument.kind.many in ("repeat", "several"),
        "default": first,
        "options": [[word, titles.get(word) or _option_text(word)] for word in choices],
    }


def _option_text(option: str) -> str:
    """Return what a person reads in place of an option."""
    return text_of(f"option.{option}") or option


def _report_titles() -> dict[str, str]:
    """Return the id of each report, and name and edition as a person reads them."""
    titles = {}
    for line in summaries():
        name = line[f"name_{own_language()}"]
        titles[line["id"]] = f"{name} {line['edition']}".strip()
    return titles


def is_needed(verb: Verb, argument: VerbArgument) -> bool:
    """Tell whether a field must be filled in: one of several ways is, if the form has no other."""
    ways = verb.one_of.split()
    if argument.name not in ways or "in_place" in ways:
        return argument.required
    return not [
        way for way in ways if way in (verb.form or ()) and way != argument.name
    ]


def command_words(key: str, given: Given) -> list[str]:
    """Return the words of the command line that carry a verb out.

    Parameters
    ----------
    key
        The verb's.
    given
        What was filled in, and as `book` the workbook that is shown.

    Raises
    ------
    UsageError
        If there is no such form, or it is not given what it needs.
    """
    if (verb := forms().get(key)) is None:
        raise UsageError.of("XC100.unknown_form", key=key, forms=[*forms()])
    values = _values_of(verb, given)
    UsageError.raise_for(_form_problems(verb, values))
    if key == "new" and bool(given.get("report")) == bool(given.get("framework")):
        raise UsageError.of("XC100.report_or_own_framework")
    words = verb.name.split()
    ways = f"{verb.one_of} {verb.at_most_one}".split()
    if "in_place" in ways and not values.get("out"):
        words.append("--in-place")
    named = {*(verb.form or ()), verb.book}
    used = [argument for argument in arguments_of(verb) if argument.name in named]
    # What has no name of its own stands behind everything that has one.
    used.sort(key=lambda argument: argument.positional)
    for argument in used:
        words += _words_of(argument, values.get(argument.name))
    return words


def _values_of(verb: Verb, given: Given) -> dict[str, Any]:
    """Return what was filled in, the workbook that is shown, and what a form always says."""
    values = dict(given)
    if verb.book:
        values[verb.book] = given.get("book")
    for name, first in (verb.form or {}).items():
        if first.startswith("="):
            values[name] = first.removeprefix("=")
    return values


def _form_problems(verb: Verb, values: Given) -> Iterator[Problem]:
    """Yield what a form lacks, then which values are none of its choices."""
    key = verb.key
    if verb.book and not values[verb.book]:
        yield Problem.of("XC100.form_needs", key=key, name="book")
    fields = _asked_for(verb)
    for field in fields:
        if is_needed(verb, field) and not values.get(field.name):
            yield Problem.of("XC100.form_needs", key=key, name=field.name)
    for field in fields:
        value = values.get(field.name)
        if value and field.kind.kind == "choice" and value not in field.options:
            yield Problem.of("XC100.no_choice", value=value)


def _words_of(argument: VerbArgument, value: Any) -> list[str]:
    """Return the words of the command line that carry the value of an argument."""
    every = value if isinstance(value, (list, tuple)) else [value]
    texts = [str(one) for one in every if one]
    if argument.positional:
        # A value that begins with a dash is not an option.
        return [f"./{text}" if text.startswith("-") else text for text in texts]
    if argument.kind.kind == "flag":
        return [argument.flag] if texts else []
    return [f"{argument.flag}={text}" for text in texts]


def named_paths(key: str, given: Given) -> list[str]:
    """Return the files and folders that were named for a verb to read or write."""
    if (verb := forms().get(key)) is None:
        return []
    kinds = {"book", "table", "file", "save", "folder"}
    names = [field.name for field in _asked_for(verb) if field.kind.kind in kinds]
    values = [given.get(name) for name in ("book", *names)]
    texts: list[str] = []
    for value in values:
        texts += map(str, value) if isinstance(value, list) else [str(value or "")]
    return [text for text in texts if text]


def written_paths(key: str, given: Given) -> list[str]:
    """Return the files and folders that were named for a verb to write."""
    saved = (
        field
        for field in _asked_for(forms()[key])
        if field.kind.kind in ("save", "folder")
    )
    return [str(given[field.name]) for field in saved if given.get(field.name)]
