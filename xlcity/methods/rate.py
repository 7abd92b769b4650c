"""The step *rate*: levels of scores in words and colours, and arrows for the change since."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from xlcity.data_files import toml_beside
from xlcity.messages import Message
from xlcity.methods.record import NUMBER, NUMBERS, TEXTS, Method, Parameter, Settings


@dataclass(frozen=True, slots=True)
class Level:
    """A level or a trend: its name, and its colour as #RRGGBB or its arrow."""

    zh: str
    en: str
    sign: str


#: Levels, trends and their two parameters that a page has rows for.
MOST_ROWS = 11
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
#: Cuts -> their words in Chinese and English, and their signs.
_LISTS = {
    "cuts": ("words_zh", "words_en", "colours"),
    "trend": ("trend_zh", "trend_en", "arrows"),
}


def levels_of(settings: Settings, cuts: str = "cuts") -> tuple[Level, ...]:
    """Return the levels between the cut points of a step, the lowest first; none without any.

    `cuts` is "trend" for those of the change since the previous edition. What the step does not
    name of them is that of the usual levels of this number.
    """
    lists = _named_or_usual(settings, cuts) if settings.numbers(cuts) else {}
    return tuple(Level(*words) for words in zip(*lists.values(), strict=False))


def _named_or_usual(settings: Settings, cuts: str) -> dict[str, tuple[str, ...]]:
    """Return the names and signs of levels or trends by parameter, as far as there are any."""
    usual = toml_beside(__file__, "levels.toml")[cuts]
    levels = usual.get(str(len(settings.numbers(cuts) or ())), ())
    named = {}
    for position, name in enumerate(_LISTS[cuts]):
        usual_words = tuple(level[position] for level in levels)
        named[name] = settings.texts(name) or usual_words
    return named


#: What cuts are taken from ranks, so that the best numbers are the smallest.
BY_RANK = ("rank", "share")


def is_falling(settings: Settings) -> bool:
    """Tell whether cut points fall: then smaller numbers are in higher levels."""
    cuts = settings.numbers("cuts") or ()
    return bool(cuts) and cuts[-1] < cuts[0]


def _check_cuts(settings: Settings, name: str, cuts: Sequence[float]) -> Iterator[str]:
    """Yield what is wrong with the order of cut points and the number of their words."""
    falls = name == "cuts" and is_falling(settings)
    if list(cuts) != sorted({*cuts}, reverse=falls):
        yield Message("method.numbers_unordered", name=name)
    needed = len(cuts) + 1
    for part, words in _named_or_usual(settings, name).items():
        if len(words) != needed:
            yield Message(
                "method.numbers_need_words",
                number=len(cuts),
                name=name,
                needed=needed,
                part=part,
            )


def _check_levels(settings: Settings) -> Iterator[str]:
    """Yield what is wrong with cut points, words and colours."""
    rows = 2 * (settings.optional("target") is not None)
    for name in _LISTS:
        if cuts := settings.numbers(name):
            rows += len(cuts) + 1
            yield from _check_cuts(settings, name, cuts)
    if not settings.numbers("cuts"):
        yield Message("method.no_cuts")
    elif settings.text("by") in BY_RANK and not _cuts_ranks(settings):
        yield Message("method.cuts_of_ranks")
    for colour in settings.texts("colours"):
        if not _COLOUR.fullmatch(colour):
            yield Message("method.no_colour", colour=colour)
    if rows > MOST_ROWS:
        yield Message("method.too_many_levels", most=MOST_ROWS)


def _cuts_ranks(settings: Settings) -> bool:
    """Tell whether cut points are ranks or shares of scores, the last level's first."""
    cuts = settings.numbers("cuts") or ()
    most = 1.0 if settings.text("by") == "share" else float("inf")
    is_of_scores = settings.text("of") == "scores"
    falls = len(cuts) == 1 or is_falling(settings)
    return is_of_scores and falls and min(cuts) > 0 and max(cuts) <= most


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating(Method):
    """A method to rate by: it says in words where numbers stand, and changes none."""

    step: ClassVar[str] = "rate"


CUTS = Rating(
    name="cuts",
    parameters=(
        Parameter("cuts", NUMBERS),
        # Cut points are scores, deviations from the mean of the cities (n - 1), last ranks of the
        # levels, or shares of all cities from the best on.
        Parameter("by", ("number", "sd", "rank", "share"), "number"),
        Parameter("of", ("scores", "values"), "scores"),
        # The level of a number on a cut point.
        Parameter("edge", ("upper", "lower"), "upper"),
        *(Parameter(name, TEXTS) for name in _LISTS["cuts"]),
        # Cut points of the change of the score, or of its share in the change that was due.
        Parameter("trend", NUMBERS),
        *(Parameter(name, TEXTS) for name in _LISTS["trend"]),
        Parameter("target", NUMBER),
        Parameter("due", NUMBER, 1.0, above=0.0),
    ),
    check=_check_levels,
)
