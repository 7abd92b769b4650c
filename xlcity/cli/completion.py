"""Print a script that completes verbs, options and their values in your shell.

SHELL is bash, zsh, fish or powershell.

Examples
--------
xlcity completion bash > ~/.local/share/bash-completion/completions/xlcity
xlcity completion zsh >> ~/.zshrc
xlcity completion fish > ~/.config/fish/completions/xlcity.fish
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping

from xlcity.api.texts import translated
from xlcity.cli import VERBS
from xlcity.cli.parser import VerbParser, parser_of
from xlcity.cli.result import Result

#: (verb, the word before) -> words that may follow; "" before stands for any other place.
Choices = Mapping[tuple[str, str], list[str]]

_BASH = """\
_xlcity() {{
  local words= cur="${{COMP_WORDS[COMP_CWORD]}}" before="${{COMP_WORDS[COMP_CWORD-1]}}"
  case "${{COMP_WORDS[1]}} $before" in
{cases}
  esac
  if [ "$COMP_CWORD" = 1 ]; then words="{verbs}"; fi
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}}
complete -o default -F _xlcity xlcity
"""
_ZSH = "autoload -Uz compinit bashcompinit\ncompinit\nbashcompinit\n"
_POWERSHELL = """\
Register-ArgumentCompleter -Native -CommandName xlcity -ScriptBlock {{
  param($current, $line, $position)
  $known = @{{
{cases}
  }}
  $typed = @($line.CommandElements | ForEach-Object {{ "$_" }})
  if ($current) {{ $typed = @($typed | Select-Object -SkipLast 1) }}
  $key = "$($typed[1]) $($typed[-1])"
  if ($typed.Count -lt 2) {{ $words = "{verbs}" }}
  elseif ($known.ContainsKey($key)) {{ $words = $known[$key] }}
  else {{ $words = $known["$($typed[1]) "] }}
  $words -split ' ' | Where-Object {{ $_ -like "$current*" }}
}}
"""


def configure(parser: VerbParser) -> None:
    """Declare the options."""
    parser.add_value("shell", "SHELL", "bash, zsh, fish or powershell", choices=_SCRIPTS)


def run(args: argparse.Namespace) -> Result:
    """Write the script, from the parsers of all verbs."""
    choices = dict(_choices())
    script = _SCRIPTS[args.shell](choices)
    return Result({"shell": args.shell, "script": script}, [script])


def _choices() -> Iterator[tuple[tuple[str, str], list[str]]]:
    from xlcity.reports import known_ids, report_ids

    for verb in VERBS:
        parser = parser_of(verb)
        options: list[str] = []
        for position, action in _actions(parser, verb):
            long = [name for name in action.option_strings if name.startswith("--")]
            options += long[:1]
            words = [*map(str, action.choices or ())]
            if action.metavar in ("REPORT", "ID") and not action.option_strings:
                words = [*(known_ids() if action.metavar == "REPORT" else report_ids())]
            for before in action.option_strings or [position]:
                if words:
                    yield (verb, before), words
        yield (verb, ""), [*dict.fromkeys(options)]


def _actions(parser: argparse.ArgumentParser, verb: str) -> Iterator[tuple[str, argparse.Action]]:
    """Yield the actions of a parser and of those below it, with the word before their place."""
    for action in parser._actions:
        yield verb, action
        if isinstance(action, argparse._SubParsersAction):
            for name, below in action.choices.items():
                yield from _actions(below, name)


def _bash(choices: Choices) -> str:
    cases = [
        f'    "{verb} {before}") words="{" ".join(words)}" ;;'
        for (verb, before), words in choices.items()
        if before
    ]
    cases += [
        f'    "{verb} "*) words="{" ".join(words)}" ;;'
        for (verb, before), words in choices.items()
        if not before
    ]
    return _BASH.format(cases="\n".join(cases), verbs=" ".join(VERBS))


def _fish(choices: Choices) -> str:
    lines = [
        f"complete -c xlcity -n __fish_use_subcommand -a {verb} -d '{translated(text, 'verb')}'"
        for verb, text in VERBS.items()
    ]
    for (verb, before), words in choices.items():
        start = f"complete -c xlcity -n '__fish_seen_subcommand_from {verb}'"
        if before.startswith("--"):
            lines.append(f"{start} -l {before[2:]} -xa '{' '.join(words)}'")
        elif before:
            lines.append(f"{start} -a '{' '.join(words)}'")
        else:
            lines += [f"{start} -l {word[2:]}" for word in words]
    return "\n".join(lines) + "\n"


def _powershell(choices: Choices) -> str:
    cases = [f"    '{verb} {before}' = '{' '.join(w)}'" for (verb, before), w in choices.items()]
    return _POWERSHELL.format(cases="\n".join(cases), verbs=" ".join(VERBS))


_SCRIPTS = {
    "bash": _bash,
    "zsh": lambda choices: _ZSH + _bash(choices),
    "fish": _fish,
    "powershell": _powershell,
}
