"""The parser of a verb, from its record: options, help with examples, answers to wrong words."""

from __future__ import annotations

import argparse
import re
from typing import Any, NoReturn

from xlcity.api.arguments import VerbArgument, above_zero, arguments_of, help_of
from xlcity.api.texts import say, text_of
from xlcity.api.verb import Verb, all_verbs, heads, verb_named
from xlcity.messages import Message, sentences


class _HelpFormatter(argparse.RawDescriptionHelpFormatter):
    """Help in the user's language."""

    def add_usage(self, usage, actions, groups, prefix=None):  # type: ignore[no-untyped-def]
        # An empty prefix is asked for what stands before the kinds of a verb.
        super().add_usage(
            usage, actions, groups, say("cli.usage") if prefix is None else prefix
        )

    def start_section(self, heading: str | None) -> None:
        super().start_section(heading and say(f"cli.{heading}"))


class Parser(argparse.ArgumentParser):
    """Takes words.

    Parameters
    ----------
    prog
        What the words follow.
    description, examples
        Paragraphs; lines that are shown as they are.
    """

    def __init__(self, prog: str, description: str, examples: str) -> None:
        import textwrap

        filled = (textwrap.fill(text, 92) for text in re.split(r"\n\n", description))
        self._width: int | None = 80
        super().__init__(
            prog=prog,
            description="\n\n".join(filled),
            epilog=f"{say('cli.examples')}:\n{textwrap.indent(examples, '  ')}",
            add_help=False,
        )
        self.add_argument("-h", "--help", action="help", help=say("cli.help"))
        # `--json` may stand before or after the kind of an audit: absent, it sets nothing.
        absent = argparse.SUPPRESS
        self.add_argument(
            "--json", action="store_true", default=absent, help=say("cli.json")
        )

    def _get_formatter(self) -> argparse.HelpFormatter:
        # Adding an option takes one: asking for the terminal's width imports half of `shutil`.
        return _HelpFormatter(self.prog, width=self._width)

    def format_help(self) -> str:
        """Return the help, as wide as the terminal."""
        self._width = None
        return super().format_help()

    def add_verb(self, verb: Verb) -> None:
        """Take the arguments of a verb, and what every verb takes."""
        homes: dict[str, Any] = {}
        for names, required in ((verb.one_of, True), (verb.at_most_one, False)):
            if names:
                group = self.add_mutually_exclusive_group(required=required)
                homes |= dict.fromkeys(names.split(), group)
        for argument in arguments_of(verb):
            home = homes.get(argument.name, self)
            home.add_argument(*_names(argument), **_settings(verb, argument))
        help_text = say("cli.functions")
        self.add_argument(
            "--functions", action="append", default=[], metavar="PY", help=help_text
        )
        self.add_argument("--encoding", choices=["western"], help=say("cli.encoding"))
        if verb.timed and "--timeout" not in self._option_string_actions:
            from xlcity.xlsx.process import DEFAULT_TIMEOUT

            self.add_argument(
                "--timeout",
                metavar="S",
                type=above_zero,
                default=DEFAULT_TIMEOUT,
                dest="seconds",
                help=say("cli.timeout", limit=DEFAULT_TIMEOUT),
            )
        self.set_defaults(verb=verb)

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
        else:
            hint = self._option_meant()
        hint = sentences(hint, Message("hint.see_options", prog=self.prog))
        for key, form in _WRONG_WORDS.items():
            if said := re.fullmatch(form, message):
                raise UsageError.of(key, hint=hint, **said.groupdict())
        raise UsageError.of("XC100.wrong_words", hint=hint, message=message)

    def _option_meant(self) -> str:
        """Return a hint on a misspelt option, which may show as a missing one; "" without one."""
        from xlcity.errors import closest

        options = list(self._option_string_actions)
        for word in self._typed:
            name, _, _ = word.partition("=")
            is_known = any(option.startswith(name) for option in options)
            if name.startswith("--") and not is_known:
                return closest(name, options)
        return ""


#: Key of a message -> how argparse says it.
_WRONG_WORDS = {
    "XC100.invalid_choice": (
        r"argument (?P<argument>.*): invalid choice: (?P<value>.*) "
        r"\(choose from (?P<choices>.*)\)"
    ),
    "XC100.one_required": r"one of the arguments (?P<arguments>.*) is required",
    "XC100.required": r"the following arguments are required: (?P<arguments>.*)",
    "XC100.unrecognised": r"unrecognized arguments: (?P<arguments>.*)",
    "XC100.no_value": r"argument (?P<argument>.*): expected (?:one|at least one) argument",
    "XC100.excluded": r"argument (?P<argument>.*): not allowed with argument (?P<other>.*)",
    "XC100.invalid_value": r"argument (?P<argument>.*): invalid \w+ value: (?P<value>.*)",
    "XC100.ambiguous": r"ambiguous option: (?P<argument>.*) could match (?P<choices>.*)",
    "XC100.argument": r"argument (?P<argument>.*): (?P<fault>.*?)\.?",
}


def parser_of(name: str) -> Parser:
    """Return the parser of a verb, with the options that all verbs take.

    A word that several verbs begin with has a parser that takes what stands after it.
    """
    if name in heads():
        verb = verb_named(name)
        parser = Parser(f"xlcity {name}", _description(verb), verb.sections["Examples"])
        parser.add_verb(verb)
        return parser
    family = [verb for verb in all_verbs().values() if verb.family == name]
    first = [verb.sections["Examples"].partition("\n")[0] for verb in family]
    parser = Parser(f"xlcity {name}", say(name), "\n".join(first))
    kinds = parser.add_subparsers(metavar="WHAT", required=True)
    for verb in family:
        own = kinds.add_parser(
            verb.name.split()[1],
            help=verb.summary,
            description=_description(verb),
            examples=verb.sections["Examples"],
        )
        own.add_verb(verb)
    return parser


def _description(verb: Verb) -> str:
    return text_of(verb.key) or verb.sections[""]


def _names(argument: VerbArgument) -> list[str]:
    if argument.positional:
        return [argument.name]
    return ["-o", "--out"] if argument.name == "out" else [argument.flag]


def _settings(verb: Verb, argument: VerbArgument) -> dict[str, Any]:
    """Return what argparse has to know of an argument."""
    kind = argument.kind
    default = argument.default
    settings: dict[str, Any] = {}
    settings["help"] = help_of(verb, argument).replace("%", "%%")
    if not argument.positional:
        settings["dest"] = argument.name
    if kind.kind == "flag":
        settings["action"] = "store_false" if default is True else "store_true"
        return settings
    settings |= {"metavar": argument.metavar or None, "type": kind.parse or str}
    settings["default"] = [*default] if isinstance(default, tuple) else default
    if kind.strict:
        settings["choices"] = argument.options
        if kind.metavar == "" == argument.metavar:
            del settings["metavar"]
    if argument.positional:
        settings["nargs"] = _count_wanted(argument)
        return settings
    settings["required"] = argument.required
    ways = {
        "repeat": {"action": "append"},
        "several": {"action": "extend", "nargs": "+"},
    }
    return settings | ways.get(kind.many, {})


def _count_wanted(argument: VerbArgument) -> str | None:
    """Return how many words a positional argument takes, as argparse has it; None is one."""
    if argument.kind.many:
        return "+" if argument.required else "*"
    return None if argument.required else "?"
