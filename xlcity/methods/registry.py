"""All methods there are: whatever record a module of this package has, with words and texts."""

from __future__ import annotations

import pkgutil
from collections import UserDict
from collections.abc import Collection, Iterator, Mapping
from importlib import import_module
from typing import TypeVar

import xlcity.methods
from xlcity.data_files import toml_beside
from xlcity.errors import RecipeError, closest, did_you_mean
from xlcity.methods.own import describe_own, own_method
from xlcity.methods.record import Method, Word

_StepMethod = TypeVar("_StepMethod", bound=Method)

#: The steps of a recipe, in the order in which they act.
STEPS = (
    "construct",
    "denominate",
    "screen",
    "impute_raw",
    "treat",
    "normalise",
    "impute_scores",
    "weight",
    "aggregate",
    "rescale",
    "rank",
    "pairs",
    "rate",
)
#: Option of the command line, and column of a framework -> the steps whose methods it names.
OPTION_STEPS: Mapping[str, tuple[str, ...]] = {
    "denominate": ("denominate",),
    "screen": ("screen",),
    "treat": ("treat",),
    "impute": ("impute_raw", "impute_scores"),
    "normalise": ("normalise",),
    "weights": ("weight",),
    "aggregate": ("aggregate",),
}
OPTIONS = tuple(OPTION_STEPS)


def _scan_records() -> Iterator[Method]:
    """Yield the records in the modules of this package."""
    for info in pkgutil.walk_packages(xlcity.methods.__path__, "xlcity.methods."):
        if info.name != __name__:
            members = vars(import_module(info.name)).values()
            yield from (value for value in members if isinstance(value, Method))


class _StepMethods(UserDict[str, Method]):
    """The methods of one step by name: those listed, and functions of the user where asked for.

    Only a name that the library lacks makes files of the user run.
    """

    def __init__(self, step: str, records: Mapping[str, Method]) -> None:
        """Keep the records of the library's methods of a step."""
        super().__init__(records)
        self.step = step

    def __contains__(self, name: object) -> bool:
        """Tell whether there is a method of this name, or a function of the user that fits."""
        return name in self.data or own_method(self.step, str(name)) is not None

    def __missing__(self, name: str) -> Method:
        """Return a function of the user as a method.

        Raises
        ------
        KeyError
            If there is none.
        """
        if (method := own_method(self.step, name)) is None:
            raise KeyError(name)
        return method


def _records_by_step() -> dict[str, _StepMethods]:
    """Return step -> name -> the method's record, for all records there are."""
    methods: dict[str, dict[str, Method]] = {step: {} for step in STEPS}
    for (
        record
    ) in _scan_records():  # a record comes more than once where modules import it
        if methods[record.step].setdefault(record.name, record) is not record:
            raise ValueError(f"two records of the method {record.step} {record.name}")
    return {
        step: _StepMethods(step, dict(sorted(by_name.items())))
        for step, by_name in methods.items()
    }


#: Step -> name of the method -> its record; steps in their order.
METHODS: Mapping[str, Mapping[str, Method]] = _records_by_step()


def find_method(kind: type[_StepMethod], name: str) -> _StepMethod:
    """Return the method of a step by its name.

    Raises
    ------
    RecipeError
        If the step has no such method.
    """
    method = METHODS[kind.step].get(name)
    if isinstance(method, kind):
        return method
    hint = unknown_hint(kind.step, name, METHODS[kind.step])
    raise RecipeError.of("XC250.unknown_method", hint=hint, step=kind.step, name=name)


def unknown_hint(step: str, name: str, known: Collection[str]) -> str:
    """Return what to do about a name that no method of a step has: a near one, or a function.

    `known` are the names that could be meant.
    """
    return closest(name, known) or describe_own(step, name) or did_you_mean(name, known)


def words_of_option(option: str) -> dict[str, tuple[Word, Method]]:
    """Return the words that an option of the command line takes, with what they stand for.

    Keys are their names; values are the word and the method that it stands for.
    """
    meant: dict[str, tuple[Word, Method]] = {}
    for step in OPTION_STEPS[option]:
        for method in METHODS[step].values():
            meant |= {word.name: (word, method) for word in method.words}
    return meant


def parameter_texts() -> Mapping[str, Mapping[str, str]]:
    """Return "step.parameter" -> language -> what the parameter means."""
    return toml_beside(__file__, "texts.toml")


def parameter_text(method: Method, name: str, language: str) -> str:
    """Return what a parameter of a method means, its name where no text says so."""
    texts = parameter_texts().get(f"{method.step}.{name}", {})
    return texts.get(language) or name


def describe_word_parts(option: str, language: str = "en") -> str:
    """Return what the parts of an option's words mean, as "PART: meaning" joined by "; ".

    The words, such as `minmax:BASE:SCALE`, are what an option of the command line takes.

    >>> describe_word_parts("weights").partition(";")[0]
    'SET: name of a set of weights of the framework'
    """
    meanings: dict[str, str] = {}
    for word, method in words_of_option(option).values():
        for part in word.parts:
            meanings[part.upper()] = parameter_text(method, part, language)
    return "; ".join(f"{part}: {text}" for part, text in meanings.items())
