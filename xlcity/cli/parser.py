"""The parser of a verb: shared options, help with examples, and answers to wrong words."""

from __future__ import annotations

import argparse
import importlib
import re
from functools import cached_property
from types import ModuleType
from typing import Any, NoReturn

from xlcity.api.texts import translated

#: Verbs that need no time limit, or have one of their own.
UNTIMED = frozenset(("audit", "completion", "demo", "desk", "list", "trust", "udf"))


class _HelpFormatter(argparse.RawDescriptionHelpFormatter):
    """Help in the user's language."""

    def add_usage(self, usage, actions, groups, prefix=None):  # type: ignore[no-untyped-def]
        # An empty prefix is asked for what stands before the kinds of a verb.
        shown = translated("usage: ", "word") if prefix is None else prefix
        super().add_usage(usage, actions, groups, shown)

    def start_section(self, heading: str | None) -> None:
        super().start_section(heading and translated(heading, "word"))

    def _expand_help(self, action: argparse.Action) -> str:
        shown, action.help = action.help, translated(action.help or "", "help", "verb")
        try:
            return super()._expand_help(action)
        finally:
            action.help = shown


class VerbParser(argparse.ArgumentParser):
    """Takes the words of a verb.

    Parameters
    ----------
    verb
        The verb, or a verb and what it works on ("audit tables").
    module
        Its docstring is the description; what follows "Examples" is shown as it is.
    prog
        What the words follow (default: xlcity and the verb).
    """

    def __init__(self, verb: str, module: ModuleType, prog: str = "") -> None:
        description, _, examples = (module.__doc__ or "").partition("\nExamples\n--------\n")
        paragraphs = translated(verb, "description")
        if paragraphs == verb:
            paragraphs = description.strip()
        import textwrap

        filled = (textwrap.fill(text, 92) for text in re.split(r"\n\n", paragraphs))
        shown = textwrap.indent(examples.strip(), "  ")
        self._width: int | None = 80
        super().__init__(
            prog=prog or f"xlcity {verb}",
            description="\n\n".join(filled),
            epilog=f"{translated('examples', 'word')}:\n{shown}" if examples else None,
            add_help=False,
        )
        self.add_argument("-h", "--help", action="help", help="show this help and exit")
        # `--json` may stand before or after the kind of an audit: absent, it sets nothing.
        self.add_argument(
            "--json",
            action="store_true",
            default=argparse.SUPPRESS,
            help="print one JSON document on stdout",
        )
        module.configure(self)

    def _get_formatter(self) -> argparse.HelpFormatter:
        # Adding an option takes one: asking for the terminal's width imports half of `shutil`.
        return _HelpFormatter(self.prog, width=self._width)

    def format_help(self) -> str:
        """Return the help, as wide as the terminal."""
        self._width = None
        return super().format_help()

    def add_output(self, text: str = "the workbook to write", metavar: str = "F") -> None:
        """Take the place to write to."""
        self.add_argument("-o", "--out", metavar=metavar, required=True, help=text)

    def add_output_or_in_place(self) -> argparse._MutuallyExclusiveGroup:
        """Take another file or `--in-place`, and whether the older file is kept."""
        self.add_argument(
            "--no-backup", action="store_true", help="do not keep the replaced file as .bak"
        )
        where = self.add_mutually_exclusive_group(required=True)
        where.add_argument("-o", "--out", metavar="F2", help="write to this file")
        where.add_argument(
            "--in-place", action="store_true", help="overwrite; the old file is kept as .bak"
        )
        return where

    def add_value(self, name: str, metavar: str, text: str, **settings: Any) -> None:
        """Take a word, or an option with a value; `settings` are for argparse."""
        self.add_argument(name, metavar=metavar, help=text, **settings)

    def add_flag(self, name: str, text: str) -> None:
        """Take an option without a value."""
        self.add_argument(name, action="store_true", help=text)

    def add_list(self, name: str, metavar: str, text: str) -> None:
        """Take an option that may be repeated."""
        self.add_argument(name, action="append", default=[], metavar=metavar, help=text)

    def add_pages(self, name: str, text: str, default: str = "") -> None:
        """Take pages on demand, separated by commas."""
        self.add_value(name, "LIST", text, type=_words, default=_words(default))

    def add_jobs(self, what: str) -> argparse._MutuallyExclusiveGroup:
        """Take how many processes compute `what`, or what takes their place."""
        group = self.add_mutually_exclusive_group()
        text = f"{what}; 0 = one per processor"
        group.add_argument("--jobs", type=int, default=1, metavar="N", help=text)
        return group

    def add_timeout(
        self, text: str = "seconds for one file (default: %(default)g)", dest: str = "timeout"
    ) -> None:
        """Take a time limit that the verb applies itself; `seconds` is one for all it does."""
        from xlcity.xlsx.process import DEFAULT_TIMEOUT as USUAL

        self.add_value("--timeout", "S", text, type=_seconds, default=USUAL, dest=dest)

    def parse_known_args(self, args=None, namespace=None):  # type: ignore[no-untyped-def]
        """Parse, and remember the words for `error`."""
        self._typed = [*args] if args is not None else []
        return super().parse_known_args(args, namespace)

    def error(self, message: str) -> NoReturn:
        """Refuse wrong words, with the nearest that there are."""
        from xlcity.errors import UsageError, closest

        choice = re.search(r"invalid choice: '(.*?)' \(choose from (.*)\)", message)
        if choice:
            hint = closest(choice[1], re.findall(r"[\w-]+", choice[2]))
        else:  # a misspelt option may show as a missing one
            options = [*self._option_string_actions]
            typed = [word.partition("=")[0] for word in self._typed if word.startswith("--")]
            unknown = [word for word in typed if not any(o.startswith(word) for o in options)]
            hint = closest(unknown[0], options) if unknown else ""
        help_hint = f"Run `{self.prog} --help` to see the options."
        raise UsageError(f"{message.rstrip('.')}.", f"{hint} {help_hint}".lstrip())


class LaterParser:
    """A `VerbParser` that is made when something is asked of it: its module may load much.

    Parameters
    ----------
    verb, prog
        See `VerbParser`.
    """

    def __init__(self, verb: str, prog: str = "") -> None:
        self._verb, self._prog = verb, prog

    @cached_property
    def _parser(self) -> VerbParser:
        return VerbParser(self._verb, module_of(self._verb), self._prog)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._parser, name)


def parser_of(verb: str) -> VerbParser:
    """Return the parser of a verb, with the options that all verbs take."""
    parser = VerbParser(verb, module_of(verb))
    parser.add_list("--functions", "PY", "run a Python file with your own functions (repeatable)")
    if verb not in UNTIMED and "--timeout" not in parser._option_string_actions:
        parser.add_timeout("seconds this may take (default: %(default)g)", "seconds")
    return parser


def module_of(verb: str) -> ModuleType:
    """Return the module of a verb, or of a verb and what it works on."""
    return importlib.import_module(f"xlcity.cli.{verb.replace(' ', '_')}")


def _seconds(text: str) -> float:
    seconds = float(text)
    if not seconds > 0:
        from xlcity.errors import UsageError

        raise UsageError("--timeout must be above 0.", "It is a number of seconds.")
    return seconds


def _words(text: str) -> list[str]:
    return text.replace(",", " ").split()
