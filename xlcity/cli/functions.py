"""The formula library: every function with its arguments."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from xlcity.cli.output import emit, talk
from xlcity.errors import UsageError, counted
from xlcity.functions.declare import Argument, Function
from xlcity.functions.registry import FUNCTIONS
from xlcity.hosts.dispatch import HOSTS
from xlcity.hosts.pages import write as write_pages


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the verb."""
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="functions to tell in full; none = list all"
    )
    parser.add_argument(
        "--pages", metavar="DIR", help="write the reference pages there, those of your own too"
    )
    parser.add_argument("--lang", choices=("en", "zh"), default="en", help="language of the help")


def run(args: argparse.Namespace) -> int:
    """List the library, or tell some functions in full."""
    names = [name.upper() for name in args.names]
    if unknown := [name for name in names if name not in FUNCTIONS]:
        raise UsageError(
            f"there is no function {', '.join(unknown)}.", f"Functions: {', '.join(FUNCTIONS)}."
        )
    chosen = [FUNCTIONS[name] for name in names] or list(FUNCTIONS.values())
    if args.pages:
        written = write_pages(Path(args.pages))
        talk(f"{counted(len(written), 'page')} written to {args.pages}.")
    if args.json:
        emit({"functions": [_function(function) for function in chosen]})
        return 0
    if names:
        sys.stdout.write("\n\n".join(_in_full(f, args.lang) for f in chosen) + "\n")
        return 0
    width = max(len(function.name) for function in chosen)
    for function in chosen:
        sys.stdout.write(f"{function.name:<{width}}  {function.summary[args.lang]}\n")
    return 0


def _in_full(function: Function, language: str) -> str:
    width = max(len(argument.name) for argument in function.arguments)
    lines = [function.syntax, f"  {function.summary[language]}"]
    lines += [f"  {line}" for line in function.formula[language].splitlines()] + [""]
    for argument in function.arguments:
        line = f"  {argument.name:<{width}}  {argument.described(language)}"
        if argument.optional:
            line += f" [{argument.default_label(language)}]"
        lines.append(line)
    return "\n".join(lines)


def _function(function: Function) -> dict[str, Any]:
    return {
        "name": function.name,
        "summary": function.summary.en,
        "summary_zh": function.summary.zh,
        "category": function.category.value,
        "syntax": function.syntax,
        "formula": function.formula.en,
        "arguments": [_argument(argument) for argument in function.arguments],
        "returns": function.returns.value,
        "hosts": list(HOSTS),
    }


def _argument(argument: Argument) -> dict[str, Any]:
    return {
        "name": argument.name,
        "help": argument.help.en,
        "help_zh": argument.help.zh,
        "kind": argument.kind.value,
        "optional": argument.optional,
        "default": argument.default,
        "choices": list(argument.choices),
    }
