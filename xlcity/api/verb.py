"""A verb, declared once: the signature, annotations and docstring of one function.

Options and help of the command line, the form on the companion page and the entries in the menus
of spreadsheet programs follow from it. Verbs are found by scanning `FOLDERS`; what their arguments
are is read when it is asked for, see `xlcity.api.arguments`.
"""

from __future__ import annotations

import os
import re
from functools import cache, cached_property
from importlib import import_module
from itertools import chain

from xlcity.api.texts import FOLDERS, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, TypeVar

    Run = TypeVar("Run", bound=Callable[..., Any])

#: What people want, in the order of the overview.
GROUPS = ("start", "fill", "check", "publish", "connect")
#: The declaration of a verb: its group, its name, the function and the first line of its docstring.
_HEAD = re.compile(
    r'''^@verb\(\s*"(\w+)"(?:,\s*"([\w ]+)")?.*?^def (\w+)\(.*?^    """([^\n]+)''',
    re.MULTILINE | re.DOTALL,
)

_declared: dict[str, Verb] = {}


class Verb:
    """Something that people can have done.

    Attributes
    ----------
    run
        The function that does it; its result is written by `xlcity.cli.result`.
    group
        What people want when they use it: one of `GROUPS`.
    name
        What it is called: one word, or two ("audit tables").
    one_of, at_most_one
        Arguments that exclude each other; one of the former must be given.
    form
        The form on the companion page: argument -> what stands there first, where `{book}` is the
        name of the workbook that is shown and `{lang}` the language of the page; what begins with
        ``=`` is always so and not asked for. None has none.
    book
        The argument that takes the workbook that is shown; "" where none does.
    seconds
        How long it takes with a report of a hundred cities, from and to.
    timed
        Whether one time limit holds for all that it does.
    """

    def __init__(
        self,
        run: Callable[..., Any],
        group: str,
        name: str,
        *,
        one_of: str = "",
        at_most_one: str = "",
        form: Mapping[str, str] | None = None,
        book: str = "",
        seconds: tuple[int, int] = (2, 10),
        timed: bool = True,
    ) -> None:
        if group not in GROUPS:
            raise TypeError(f"{name}: {group}")
        self.run = run
        self.group = group
        self.name = name
        self.one_of = one_of
        self.at_most_one = at_most_one
        self.form = form
        self.book = book
        self.seconds = seconds
        self.timed = timed

    @property
    def key(self) -> str:
        """The name as one word: of its texts, its form and its buttons."""
        return self.name.replace(" ", "-")

    @property
    def family(self) -> str:
        """The word that it begins with, where it has two."""
        return self.name.rpartition(" ")[0]

    @property
    def summary(self) -> str:
        """What it does, in a sentence in the user's language."""
        text = text_of(self.key) or self.run.__doc__ or ""
        return " ".join(text.partition("\n\n")[0].split())

    @cached_property
    def sections(self) -> dict[str, str]:
        """Title -> text of the docstring; "" is the description."""
        return sections_of(self.run.__doc__)


def verb(
    group: str,
    name: str = "",
    **settings: Any,
) -> Callable[[Run], Run]:
    """Declare the decorated function as a verb; `settings` are attributes of `Verb`.

    An argument before ``*`` is a word on the command line, any other an option. The annotation
    says what it is (`xlcity.api.arguments`), the docstring what it is for. The value that the
    verb is given as `as_json` tells whether its document is asked for.
    """

    def declare(run: Run) -> Run:
        declared = Verb(run, group, name or run.__name__, **settings)
        _declared[declared.name] = declared
        return run

    return declare


@cache
def heads() -> dict[str, tuple[str, str, str]]:
    """Return name of a verb -> its group, its module and its summary, group by group.

    They are read from the source: to show what there is takes a tenth of importing it all.
    """
    head_by_name = {}
    for package in FOLDERS:
        folders = import_module(package).__path__
        files = chain.from_iterable(map(os.scandir, folders))
        for file in sorted(files, key=lambda file: file.name):
            if not file.name.endswith(".py"):
                continue
            with open(file.path, encoding="utf-8") as source:  # noqa: PTH123
                for group, name, function, summary in _HEAD.findall(source.read()):
                    module = f"{package}.{file.name[:-3]}"
                    head_by_name[name or function] = group, module, summary
    return dict(sorted(head_by_name.items(), key=_place_of_group))


def _place_of_group(head: tuple[str, tuple[str, str, str]]) -> int:
    """Return the place of a verb's group among all; `head` is its name, and what it is."""
    _, (group, *_) = head
    return GROUPS.index(group)


def verb_named(name: str) -> Verb:
    """Return a verb; its module is imported."""
    import_module(heads()[name][1])
    return _declared[name]


def all_verbs() -> dict[str, Verb]:
    """Return name -> verb, group by group."""
    return {name: verb_named(name) for name in heads()}


def sections_of(docstring: str | None) -> dict[str, str]:
    """Return title -> text of a docstring as numpydoc has them; "" is the description."""
    import textwrap

    first, _, rest = (docstring or "").partition("\n")
    parts = re.split(r"\n\n(\w+)\n-{3,}\n", f"{first}\n{textwrap.dedent(rest)}")
    titles = ["", *parts[1::2]]
    texts = map(str.strip, parts[::2])
    return dict(zip(titles, texts, strict=True))
