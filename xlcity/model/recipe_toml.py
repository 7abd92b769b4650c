"""Recipes as TOML: read with all problems collected, written back line by line."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from xlcity.data_files import parse_toml, toml_value
from xlcity.errors import Problem, RecipeError, Where, did_you_mean
from xlcity.functions.block import MISSING_CODES
from xlcity.messages import Message, joined
from xlcity.methods.record import ParameterValue
from xlcity.methods.registry import METHODS, unknown_hint
from xlcity.model.framework import Framework
from xlcity.model.reading.tables import decode_text, read_bytes
from xlcity.model.recipe import MAIN_POPULATION, Option, Recipe, Step

#: The version in which recipes are written; the key may be left out.
VERSION = 2
_RECIPE_KEYS = frozenset(
    {
        "version",
        "id",
        "weights",
        "blank",
        "missing_codes",
        "populations",
        "step",
        "option",
    }
)
_CHOICES_OF_KEY = {"weights": ("shares", "relative"), "blank": ("draft", "missing")}
_STEP_KEYS = ("do", "method", "codes")
_OPTION_KEYS = frozenset({"id", "label_zh", "label_en", "changes"})


def read_recipe(source: str | Path) -> Recipe:
    """Read a recipe from a TOML file, or from a TOML text (anything with a line break).

    Raises
    ------
    RecipeError
        With every problem: no TOML, unknown keys, steps, methods, parameters or values.
    """
    if isinstance(source, str) and "\n" in source:
        return _read_text(source, None)
    return _read_text(decode_text(read_bytes(Path(source)), str(source)), str(source))


def _read_text(text: str, file: str | None) -> Recipe:
    """Return the recipe of a TOML text, or raise all that is wrong with it."""
    try:
        document = parse_toml(text)
    except tomllib.TOMLDecodeError as error:
        where = Where(file=file)
        raise RecipeError.of("XC251.no_toml", where, error=error) from error
    reader = _Reader(file, text)
    recipe = reader.read(document)
    RecipeError.raise_for(reader.problems)
    return recipe


class _Reader:
    """Reads the document of a recipe, and collects what is wrong with it in `problems`.

    Parameters
    ----------
    file
        Its name for messages, None for a text.
    text
        The TOML as it is written; a parsed document has no row numbers, the text has them.
    """

    def __init__(self, file: str | None, text: str) -> None:
        """Find the rows of the text that are headings of tables, for the addresses of problems."""
        self.file = file
        #: Kind of table -> rows of its headings, from 1.
        self.rows: dict[str, list[int]] = {"step": [], "option": []}
        for number, line in enumerate(map(str.strip, text.splitlines()), 1):
            kind = line.removeprefix("[[").removesuffix("]]")
            if kind in self.rows and line == f"[[{kind}]]":
                self.rows[kind].append(number)
        self.problems: list[Problem] = []

    def refuse(
        self,
        key: str,
        address: str | None = None,
        /,
        *,
        hint: str | None = None,
        **values: Any,
    ) -> None:
        """Add the problem of a key; `address` is such as "row 3, step 1"."""
        where = Where(file=self.file, cell=address)
        self.problems.append(Problem.of(key, where, hint=hint, **values))

    def _describe_address(self, kind: str, number: int) -> str:
        """Return where a table of the recipe is: its row, if that can be known, and its number.

        `kind` is "step" or "option", `number` counts from 1: "row 3, step 1".
        """
        rows = self.rows[kind]
        key = "place.step" if kind == "step" else "place.option"
        place = Message(key, number=number)
        if number > len(rows):
            return place
        return Message("place.in_row", row=rows[number - 1], place=place)

    def read(self, document: Mapping[str, Any]) -> Recipe:
        """Return the recipe, with defaults for what is wrong."""
        self._refuse_unknown(document, _RECIPE_KEYS, Message("recipe.itself"), None)
        self._check_version_and_choices(document)
        codes = document.get("missing_codes", list(MISSING_CODES))
        if not _is_text_list(codes):
            self.refuse("XC254.missing_codes")
            codes = []
        populations = self._read_populations(document)
        step_tables = self._read_tables(document, "step")
        steps = tuple(
            self._read_step(table, self._describe_address("step", number))
            for number, table in enumerate(step_tables, start=1)
        )
        options = self._read_options(document, steps)
        if not steps and not self.problems:
            self.refuse("XC252.no_step")
        return Recipe(
            id=str(document.get("id", "")),
            steps=steps,
            weights=str(document.get("weights", "shares")),
            blank=str(document.get("blank", "draft")),
            missing_codes=tuple(codes),
            options=options,
            populations=populations,
        )

    def _read_populations(self, document: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the populations of a recipe; the main one alone where they are wrong."""
        names = document.get("populations", [MAIN_POPULATION])
        # A name that is blank or repeated makes the set no larger than the list.
        if _is_text_list(names) and len({*names, ""}) > len(names):
            return tuple(names)
        self.refuse("XC254.populations")
        return (MAIN_POPULATION,)

    def _read_options(
        self, document: Mapping[str, Any], steps: tuple[Step, ...]
    ) -> tuple[Option, ...]:
        """Return the options of a recipe with some steps; an id that two have is refused."""
        tables = self._read_tables(document, "option")
        options = tuple(
            self._read_option(table, steps, self._describe_address("option", number))
            for number, table in enumerate(tables, start=1)
        )
        ids = [option.id for option in options]
        for repeated in sorted({name for name in ids if ids.count(name) > 1}):
            self.refuse("XC254.option_twice", id=repeated)
        return options

    def _read_tables(
        self, document: Mapping[str, Any], key: str
    ) -> list[Mapping[str, Any]]:
        """Return the list of tables under a key of the document; none, refused, for others."""
        tables = document.get(key, [])
        if isinstance(tables, list) and all(
            isinstance(table, dict) for table in tables
        ):
            return tables
        self.refuse("XC254.no_tables", key=key)
        return []

    def _refuse_unknown(
        self,
        table: Mapping[str, Any],
        keys: frozenset[str],
        owner: str,
        address: str | None,
    ) -> None:
        """Refuse keys of a table that are not known.

        Parameters
        ----------
        table, keys
            The table, and the keys that it may have.
        owner, address
            What messages call it, and where it is.
        """
        for key in table:
            if key not in keys:
                hint = did_you_mean(key, sorted(keys))
                self.refuse(
                    "XC254.unknown_key", address, hint=hint, owner=owner, key=key
                )

    def _read_step(self, table: Mapping[str, Any], address: str) -> Step:
        """Return a step, as it is written even if something in it is refused."""
        do = str(table.get("do", ""))
        method = str(table.get("method", ""))
        codes = table.get("codes", [])
        if not _is_text_list(codes):
            self.refuse("XC254.codes", address)
            codes = []
        params = {
            key: _freeze_value(table[key]) for key in table if key not in _STEP_KEYS
        }
        if do not in METHODS:
            hint = did_you_mean(do, METHODS)
            self.refuse("XC252.unknown_step", address, hint=hint, step=do)
        elif method not in METHODS[do]:
            hint = unknown_hint(do, method, METHODS[do])
            self.refuse(
                "XC252.unknown_method", address, hint=hint, step=do, name=method
            )
        else:
            for name, value in params.items():
                fault = METHODS[do][method].problem(name, value)
                if fault:
                    self.refuse("XC253.fault", address, fault=fault)
        return Step(do, method, params, tuple(codes))

    def _check_version_and_choices(self, document: Mapping[str, Any]) -> None:
        """Refuse another version, and other words than a key has a choice of."""
        version = document.get("version", VERSION)
        if version != VERSION:
            self.refuse("XC254.version", version=version, newest=VERSION)
        for key, choices in _CHOICES_OF_KEY.items():
            value = document.get(key, choices[0])
            if value not in choices:
                shown = joined(choices, "list.or")
                self.refuse("XC254.choice", key=key, value=value, choices=shown)

    def _read_new_value(
        self, change: Mapping[str, Any], address: str
    ) -> ParameterValue:
        """Return the value that a change sets, None where it removes the parameter."""
        if change.get("remove"):
            return None
        value: ParameterValue = _freeze_value(change.get("value"))
        if value is None:
            self.refuse("XC254.no_value", address)
        return value

    def _read_option(
        self, table: Mapping[str, Any], steps: Sequence[Step], address: str
    ) -> Option:
        """Return an option, its changes checked against the steps that they change."""
        self._refuse_unknown(table, _OPTION_KEYS, Message("recipe.option"), address)
        changes: dict[tuple[int, str], ParameterValue] = {}
        # A change of a method counts for the changes after it.
        methods = [step.method for step in steps]
        for change in self._read_tables(table, "changes"):
            number = change.get("step")
            name = str(change.get("param", ""))
            if not isinstance(number, int) or not 1 <= number <= len(steps):
                self.refuse("XC254.step_number", address, number=number)
                continue
            value = self._read_new_value(change, address)
            fault = _change_problem(
                steps[number - 1].do, methods[number - 1], name, value
            )
            if fault:
                self.refuse("XC253.fault", address, fault=fault)
            elif name == "method":
                methods[number - 1] = str(value)
            changes[number - 1, name] = value
        option_id = str(table.get("id", ""))
        if not option_id:
            self.refuse("XC254.no_id", address)
        labels = str(table.get("label_zh", "")), str(table.get("label_en", ""))
        return Option(option_id, *labels, changes)


def _change_problem(do: str, method: str, name: str, value: Any) -> str:
    """Return why an option cannot change a parameter of a step, "" if it can.

    Parameters
    ----------
    do, method
        The step and its method.
    name, value
        The parameter, or "method" itself, and its new value; None removes it.
    """
    methods = METHODS.get(do, {})
    if name == "method" and value not in methods:
        return Message("change.unknown_method", step=do, name=value, methods=[*methods])
    if name == "method" or method not in methods:
        return ""
    if value is not None:
        return methods[method].problem(name, value)
    if name in methods[method].names:
        return ""
    return Message("change.unknown_parameter", method=method, name=name)


def _freeze_value(value: Any) -> Any:
    """Return a parameter as a recipe holds it: lists as tuples, which never change."""
    return tuple(value) if isinstance(value, list) else value


def _is_text_list(value: object) -> bool:
    """Tell whether a value is a list of texts."""
    return isinstance(value, list) and all(isinstance(text, str) for text in value)


def code_problems(recipe: Recipe, framework: Framework) -> tuple[Problem, ...]:
    """Return problems of steps that name codes which the framework does not have."""
    problems = []
    for number, step in enumerate(recipe.steps, start=1):
        for code in step.codes:
            if code not in framework:
                problem = Problem.of(
                    "XC255.step",
                    Where(file=framework.file, indicator=code),
                    number=number,
                    step=step.do,
                    method=step.method,
                    code=code,
                )
                problems.append(problem)
    return tuple(problems)


def recipe_lines(recipe: Recipe) -> list[str]:
    """Return the recipe as lines of TOML; `read_recipe` makes the same recipe of them."""
    keys: dict[str, object] = {"version": VERSION, "id": recipe.id}
    keys |= {"weights": recipe.weights, "blank": recipe.blank}
    if recipe.missing_codes != MISSING_CODES:
        keys["missing_codes"] = recipe.missing_codes
    if recipe.populations != (MAIN_POPULATION,):
        keys["populations"] = recipe.populations
    lines = _key_lines(keys)
    for step in recipe.steps:
        codes = {"codes": step.codes} if step.codes else {}
        step_keys = {"do": step.do, "method": step.method, **codes, **step.params}
        lines += ["", "[[step]]", *_key_lines(step_keys)]
    for option in recipe.options:
        labels = {key: getattr(option, key) for key in ("id", "label_zh", "label_en")}
        lines += ["", "[[option]]", *_key_lines(labels), "changes = ["]
        for (position, name), value in option.changes.items():
            new = (
                "remove = true" if value is None else f"value = {_toml_literal(value)}"
            )
            lines.append(
                f"    {{ step = {position + 1}, param = {_toml_literal(name)}, {new} }},"
            )
        lines.append("]")
    return lines


def _key_lines(values: Mapping[str, object]) -> list[str]:
    """Return a line of TOML for each key."""
    return [f"{key} = {_toml_literal(value)}" for key, value in values.items()]


def _toml_literal(value: object) -> str:
    """Return a value as it is written in TOML; a whole number without its decimal point."""
    if isinstance(value, tuple):
        return f"[{', '.join(map(_toml_literal, value))}]"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return toml_value(value)
