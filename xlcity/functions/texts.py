"""What a function says about itself: English in its docstring, all else in texts.toml."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from xlcity.data_files import toml_beside

#: A function wizard shows at most so many characters of help.
HELP_LIMIT = 255
#: The languages of the data file; English stands in for what one of them lacks.
LANGUAGES = ("en", "zh")

_TITLE = re.compile(r"^(\S.*)\n-{3,}$", re.MULTILINE)
_DEFAULT = re.compile(r"\bdefault (.+)\Z")


class Text(dict[str, str]):
    """A text by language; English where a language is missing."""

    def __missing__(self, language: str) -> str:
        return self["en"]


def tables() -> dict[str, Any]:
    """Return the data file: a table per function, and those that functions share."""
    return toml_beside(__file__, "texts.toml")


def word(name: str) -> Text:
    """Return a text that is of no single function, by its name in the data file."""
    return Text(tables()["words"][name])


class Docstring:
    r"""A numpydoc text in its parts.

    Examples
    --------
    >>> read = Docstring("Return a sum.\n\nParameters\n----------\nx : (n,), default 3\n    One.")
    >>> read.summary, read.parameters, read.defaults
    ('A sum.', {'x': 'One.'}, {'x': '3'})
    """

    def __init__(self, text: str) -> None:
        head, *rest = _TITLE.split(text)
        summary = re.sub(r"\AReturn (the )?", "", _unwrap(head.split("\n\n")[0]))
        self.summary = summary[:1].upper() + summary[1:]
        self._sections = dict(zip(rest[::2], rest[1::2], strict=True))
        self.parameters: dict[str, str] = {}
        self.defaults: dict[str, str] = {}
        for part in re.split(r"\n(?=\S)", self._sections.get("Parameters", "").strip("\n")):
            line, _, help_text = part.partition("\n")
            names, _, kind = line.partition(":")
            for name in names.split(","):
                self.parameters[name.strip()] = _unwrap(help_text)
                if match := _DEFAULT.search(kind.strip()):
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
        """The list items of the notes."""
        bullets = re.findall(r"^- (.+(?:\n  .+)*)", self._sections.get("Notes", ""), re.MULTILINE)
        return [_unwrap(item) for item in bullets]

    @property
    def see_also(self) -> tuple[str, ...]:
        """Names of related functions."""
        return tuple(re.findall(r"\w+", self._sections.get("See Also", "").upper()))

    @property
    def references(self) -> str:
        """Where the function comes from: the first paragraph of its references."""
        return _unwrap(self._sections.get("References", "").strip().split("\n\n")[0])


def _unwrap(text: str) -> str:
    """Return a text on one line, single spaces between its words."""
    return " ".join(text.split())


class FunctionTexts:
    """The texts of one function, read when one is asked for.

    Parameters
    ----------
    python
        The Python function.
    name
        Its table in the data file; functions of the user have the table `OWN`.
    own
        Texts that come with the function, as its table in the data file would hold them.
    series
        Whether a single row of values is one column.
    """

    def __init__(
        self, python: Callable[..., Any], name: str, own: Mapping[str, Any], *, series: bool
    ) -> None:
        self._python, self._name, self._own, self.series = python, name, own, series
        #: The module that declares the function.
        self.module: str = python.__module__

    @cached_property
    def docstring(self) -> Docstring:
        """The docstring in its parts."""
        return Docstring(inspect.getdoc(self._python) or "")

    @cached_property
    def table(self) -> Mapping[str, Any]:
        """What the data file says of the function."""
        shared: dict[str, Any] = tables().get(self._name) or tables()["OWN"]
        own = {key: {**shared.get(key, {}), **texts} for key, texts in self._own.items()}
        return {**shared, **own}

    def text(self, english: str, key: str) -> Text:
        """Return a text in every language: English as given, the others by key in the data file."""
        return Text({"en": english, **self.table.get(key, {})})

    def remarks(self) -> tuple[Text, ...]:
        """Return the list items of the docstring's notes in every language."""
        english = self.docstring.remarks
        others = self.table.get("remarks", {})
        return tuple(
            Text({"en": item, **{language: others[language][number] for language in others}})
            for number, item in enumerate(english)
        )

    def argument(self, name: str, tail: str = "") -> Text:
        """Return the help of an argument, followed by one of the data file's words.

        Parameters
        ----------
        name
            Keyword of the argument.
        tail
            Name of the word; empty = none.
        """
        texts = Text({"en": self.docstring.parameters.get(name, ""), **self._argument_table(name)})
        texts.pop("default", None)
        sentence = word(tail) if tail else {}
        return Text(
            {language: text + sentence.get(language, "") for language, text in texts.items()}
        )

    def default(self, name: str) -> Text:
        """Return how to say that an argument without a default is left out."""
        english = self.docstring.defaults.get(name) or word("none")["en"]
        others = self._argument_table(name).get("default") or (
            {} if english != "none" else word("none")
        )
        return Text({**others, "en": english})

    def _argument_table(self, name: str) -> Mapping[str, Any]:
        """Return what the data file says of an argument, for this function or for all."""
        texts: Mapping[str, Any] = (
            self.table.get("arguments", {}).get(name) or tables()["arguments"].get(name) or {}
        )
        return texts
