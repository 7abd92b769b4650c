"""What is said of a method once: its step, parameters, words of the command line, and checks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from sys import float_info
from typing import Any, ClassVar, NamedTuple, TypeGuard

from xlcity.errors import RecipeError
from xlcity.functions.block import CellArray, Matrix, States
from xlcity.functions.declare import Function
from xlcity.messages import Message
from xlcity.methods.bounds import RULE_EXAMPLES, BoundRule

#: The value of a parameter; lists are tuples.
ParameterValue = float | str | bool | tuple[float, ...] | tuple[str, ...] | None

#: A parameter that is one number.
NUMBER = "number"
#: A parameter that is a number, or a rule by which the numbers of an indicator give it.
BOUND = "number or rule"
#: A parameter that is one text.
TEXT = "text"
#: A parameter that is a list of numbers.
NUMBERS = "numbers"
#: A parameter that is a list of texts.
TEXTS = "texts"


@dataclass(frozen=True, slots=True)
class MethodCell:
    """The cell of a parameter on `Framework`, in the row of an indicator.

    Attributes
    ----------
    column
        Key of its column there, such as "a" or "scale".
    named
        Whether there is a cell only where the recipe names the parameter.
    shared
        The name `par_*` of the cell that holds it for all indicators.
    live
        Whether formulas follow when the cell changes; else they are written for its value, and only
        a workbook built again follows.
    live_in_groups
        The same where several groups are scored apart.
    needed
        Whether it must not be left empty.
    """

    column: str
    named: bool = False
    shared: str = ""
    live: bool = True
    live_in_groups: bool = True
    needed: bool = True


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a method.

    Attributes
    ----------
    name
        In recipes, and in capitals among the parts of a word.
    kind
        NUMBER, BOUND, TEXT, NUMBERS or TEXTS (lists), or the words to choose from.
    default
        What a step that does not name it means; None: it does without.
    limits
        Least and greatest value that make sense; a value outside is probably a slip.
    above
        A number must be greater than this one.
    column
        Column of the framework that gives the value of an indicator where the step does not.
    cell
        Its cell in a template; None: it has none.
    defined_name
        Defined name of its cells in a template, "" where they have none; one that ends in "{}" is
        a name for each indicator, by its code.
    """

    name: str
    kind: str | tuple[str, ...] = NUMBER
    default: ParameterValue = None
    limits: tuple[float, float] | None = None
    above: float | None = None
    column: str = ""
    cell: MethodCell | None = None
    defined_name: str = ""

    @property
    def is_shared(self) -> bool:
        """Whether all steps have one cell, or some, for it in a template."""
        return bool(self.defined_name) and not self.defined_name.endswith("{}")

    def problem(self, value: object) -> str:
        """Return what is wrong with a value, "" if nothing."""
        wrong = partial(Message, name=self.name, value=value)
        if isinstance(self.kind, tuple):
            if value in self.kind:
                return ""
            return wrong("parameter.not_one_of", kinds=[*self.kind])
        if self.kind == BOUND and isinstance(value, str):
            if BoundRule.parse(value) is not None:
                return ""
            return wrong("parameter.no_rule", rules=RULE_EXAMPLES)
        expected = _EXPECTED[self.kind]
        return "" if expected.is_right(value) else wrong(expected.key)


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the command line: `minmax:1:100` is its name and two parts.

    Attributes
    ----------
    name
        As typed.
    parts
        Names of the parameters that its parts set.
    fixed
        Parameters that the word itself sets.
    required
        Whether it has no meaning without its parts.
    """

    name: str
    parts: tuple[str, ...] = ()
    fixed: Mapping[str, ParameterValue] = field(default_factory=dict)
    required: bool = False

    @property
    def spelled(self) -> str:
        """The word with its parts, as it is typed."""
        text = "".join(f":{part.upper()}" for part in self.parts)
        return self.name + (text if self.required or not text else f"[{text}]")


class Settings:
    """The parameters of one step of a recipe, those that it does not name included.

    Parameters
    ----------
    method
        The method of the step.
    given
        Parameters that the step names -> their values.
    node
        The indicator of the framework, with an attribute for each `Parameter.column`; None where no
        parameter may come from the framework.
    """

    def __init__(
        self, method: Method, given: Mapping[str, ParameterValue], node: object = None
    ) -> None:
        """Keep a step's method, the parameters that it names, and the indicator that it acts on."""
        self.method = method
        self.given = given
        self._node = node

    def value(self, name: str) -> ParameterValue:
        """Return the value of a parameter: the step's, the framework's or the default."""
        value = self.given.get(name)
        parameter = self.method.parameter(name)
        if value is None and parameter.column and self._node is not None:
            framework_value: ParameterValue = getattr(self._node, parameter.column)
            value = framework_value
        return parameter.default if value is None else value

    def optional(self, name: str) -> float | None:
        """Return a parameter as a number, None where step, framework and default have none.

        Raises
        ------
        RecipeError
            If the value is not a number.
        """
        if (value := self.value(name)) is None:
            return None
        if not _is_number(value):
            raise self._type_error("XC250.no_number", name, value)
        return float(value)

    def rule(self, name: str) -> BoundRule | None:
        """Return the rule that stands for a number of a parameter, None where there is none."""
        value = self.value(name)
        return BoundRule.parse(value) if isinstance(value, str) else None

    def number(self, name: str) -> float:
        """Return a parameter as a number: the step's, the framework's or the default.

        Raises
        ------
        RecipeError
            If there is none.
        """
        if (value := self.optional(name)) is None:
            raise self._type_error("XC250.no_number", name, value)
        return value

    def numbers(self, name: str) -> tuple[float, ...] | None:
        """Return a parameter as a list of numbers, None where it has no value.

        Raises
        ------
        RecipeError
            If the value is not a list of numbers.
        """
        if (value := self.value(name)) is None:
            return None
        if not isinstance(value, tuple) or not all(map(_is_number, value)):
            raise self._type_error("XC250.no_numbers", name, value)
        return tuple(float(number) for number in value)

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a parameter as a list of texts, empty where it has no value."""
        value = self.value(name)
        return tuple(str(text) for text in value) if isinstance(value, tuple) else ()

    def text(self, name: str) -> str:
        """Return a parameter as a word or a text, "" where it has no value."""
        value = self.value(name)
        return "" if value is None else str(value)

    def argument(self, name: str) -> Any:
        """Return a parameter as a function of the library takes it: number, list or text."""
        kind = self.method.parameter(name).kind
        if kind == NUMBERS:
            return self.numbers(name)
        return self.optional(name) if kind == NUMBER else self.text(name)

    def arguments(
        self, names: Iterable[str], renamed: Mapping[str, str]
    ) -> dict[str, Any]:
        """Return parameters as arguments by name; `renamed` maps an argument to a parameter."""
        named = {name: name for name in names} | {**renamed}
        return {argument: self.argument(name) for argument, name in named.items()}

    def _type_error(self, key: str, name: str, value: ParameterValue) -> RecipeError:
        """Return the error of a key that a parameter's value is not of a kind."""
        method = self.method
        return RecipeError.of(
            key, step=method.step, method=method.name, name=name, value=value
        )


def no_remark(*subject: object) -> Iterator[Any]:
    """Yield nothing: the check of a method whose parameters need no fault or note."""
    yield from ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """One method of a step; a step has a class of its own, with the kernel that it needs.

    Attributes
    ----------
    name
        In recipes.
    parameters
        In the order in which they are shown.
    words
        Words of the command line that stand for it.
    check
        Yields what is wrong with parameters taken together, for one indicator or node.
    idle
        Whether the step leaves everything as it is.
    own
        The function of the user that it is, None for the methods of the library.
    """

    #: What the step is called in recipes.
    step: ClassVar[str]

    name: str
    parameters: tuple[Parameter, ...] = ()
    words: tuple[Word, ...] = ()
    check: Callable[[Settings], Iterator[str]] = no_remark
    idle: bool = False
    own: Function | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its parameters."""
        return tuple(parameter.name for parameter in self.parameters)

    @property
    def reads_framework(self) -> bool:
        """Whether the framework gives some parameters, so that they differ between indicators."""
        return any(parameter.column for parameter in self.parameters)

    def parameter(self, name: str) -> Parameter:
        """Return a parameter by its name.

        Raises
        ------
        KeyError
            If the method has none of that name.
        """
        for parameter in self.parameters:
            if parameter.name == name:
                return parameter
        raise KeyError(f"{self.step} {self.name} has no parameter {name}")

    def problem(self, name: str, value: object) -> str:
        """Return what is wrong with one parameter of a step, "" if nothing."""
        if name not in self.names:
            if not self.names:
                return Message("parameter.takes_none", method=self.name, name=name)
            return Message(
                "parameter.unknown", method=self.name, name=name, names=self.names
            )
        return self.parameter(name).problem(value)


#: Takes a block of numbers, their states and the parameters of a step, and gives a block.
BlockKernel = Callable[[Matrix, States, Settings], CellArray]


def kernel_of(
    function: Callable[..., CellArray], *names: str, **renamed: str
) -> BlockKernel:
    """Return a function of the library as a kernel; its options are the parameters named.

    `renamed` maps an argument of the function to a parameter of another name.
    """

    def compute(values: Matrix, states: States, settings: Settings) -> CellArray:
        """Return what the function gives for a block with the parameters of a step."""
        return function(values, **settings.arguments(names, renamed), states=states)

    return compute


def _is_number(value: object) -> TypeGuard[float]:
    """Tell whether a value is a number that cells can have; logicals and infinite ones are not."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return abs(value) <= float_info.max


def _is_text(value: object) -> bool:
    """Tell whether a value is a text that is not empty."""
    return isinstance(value, str) and bool(value)


def _is_list_of(is_member: Callable[[object], bool], value: object) -> bool:
    """Tell whether a value is a list with members, each as it should be."""
    if not isinstance(value, (list, tuple)) or not value:
        return False
    return all(map(is_member, value))


class _Expected(NamedTuple):
    """What a value should be, and the key of the message that it is not."""

    is_right: Callable[[object], bool]
    key: str


#: Kind of a parameter -> what its values should be.
_EXPECTED: Mapping[str, _Expected] = {
    NUMBER: _Expected(_is_number, "parameter.no_number"),
    NUMBERS: _Expected(
        partial(_is_list_of, _is_number), "parameter.no_list_of_numbers"
    ),
    BOUND: _Expected(_is_number, "parameter.no_bound"),
    TEXT: _Expected(_is_text, "parameter.no_text"),
    TEXTS: _Expected(partial(_is_list_of, _is_text), "parameter.no_list_of_texts"),
}
