"""Signs that MATCH and COUNTIF take for any text: what cells look up has none of them."""

from __future__ import annotations

from xlcity.errors import Problem, Where
from xlcity.messages import Message

WILDCARDS = "*?~"


def wildcard_problem(what: str, text: str, where: Where) -> Problem | None:
    """Return why cells cannot look up an id or a code, if they cannot."""
    if not any(sign in text for sign in WILDCARDS):
        return None
    return Problem.of("XC313.wildcard", where, what=Message(what), text=text)


def criterion(text: str) -> str:
    """Return the criterion that a text equals, whatever operators or wildcards it has.

    `text` is its address. COUNTIF would take `<100` for an operator, and `N*` for a pattern.
    """
    escaped = text
    for sign in "~*?":
        escaped = f'SUBSTITUTE({escaped},"{sign}","~{sign}")'
    return f'"="&{escaped}'


def is_plain(text: str) -> str:
    """Return the condition that a text has no wildcards."""
    bare = text
    for sign in WILDCARDS:
        bare = f'SUBSTITUTE({bare},"{sign}","")'
    return f'{bare}={text}&""'
