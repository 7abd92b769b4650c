"""Says cities and indicators by their names where messages have ids and codes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from xlcity.errors import Problem
from xlcity.messages import Message, Wording
from xlcity.model.dataset import Unit
from xlcity.model.nodes import Ingredient, Node
from xlcity.workbook.labels import name_in

#: Values of messages that are cities, and those that are nodes of the framework.
_CITIES = {"unit", "unit_id", "units", "city", "cities", "names", "first"}
_NODES = {"code", "codes", "node", "nodes", "node_code", "parent", "group", "names"}
#: A space between two Chinese characters: where a name follows a word, none stands.
_BETWEEN_HAN = re.compile(r"(?<=[\u3400-\u9fff”]) (?=[\u3400-\u9fff“])")


class NamedParts:
    """The names of the cities and nodes of a workbook, in the language of whoever reads them.

    Parameters
    ----------
    units, nodes
        Those of the workbook. Of those with the same name the id or code is said, too.
    """

    def __init__(
        self, units: Iterable[Unit], nodes: Iterable[Node | Ingredient]
    ) -> None:
        cities = {unit.id: unit for unit in units}
        self._cities = _wordings(cities)
        self._nodes = _wordings({node.code: node for node in nodes})
        # Where the name in the workbook's language is said, the reader's is.
        for city, unit in cities.items():
            for name in filter(None, (unit.name_zh, unit.name_en)):
                self._cities.setdefault(name, self._cities[city])

    def named(self, text: str) -> str:
        """Return a message with names in place of ids and codes; any other text as it is."""
        if not isinstance(text, Message) or isinstance(text, Wording):
            return text
        named = {}
        for key, value in text.values.items():
            named[key] = self._value(key, value)
        return Message(text.key, **named)

    def _value(self, key: str, value: Any) -> Any:
        if isinstance(value, Message):
            return self.named(value)
        if isinstance(value, (list, tuple)):
            return [self._value(key, each) for each in value]
        if key in _CITIES and value in self._cities:
            return self._cities[value]
        if key in _NODES and value in self._nodes:
            return self._nodes[value]
        return value

    def named_problem(self, problem: Problem) -> Problem:
        """Return a problem whose message and address have names."""
        where = problem.where
        unit = self._cities.get(where.unit or "", where.unit)
        indicator = self._nodes.get(where.indicator or "", where.indicator)
        return replace(
            problem,
            message=self.named(problem.message),
            hint=self.named(problem.hint),
            where=replace(where, unit=unit, indicator=indicator),
        )


def without_gaps(text: str) -> str:
    """Return a text without spaces between Chinese words.

    >>> without_gaps("北京 的 国际航线 为 2.1")
    '北京的国际航线为 2.1'
    """
    return _BETWEEN_HAN.sub("", text)


def _wordings(
    named: Mapping[str, Unit] | Mapping[str, Node | Ingredient],
) -> dict[str, Wording]:
    """Return id -> name in both languages."""
    english = _told_apart("en", named)
    chinese = _told_apart("zh", named)
    return {key: Wording(english[key], zh=chinese[key]) for key in named}


def _told_apart(
    language: str, named: Mapping[str, Unit] | Mapping[str, Node | Ingredient]
) -> dict[str, str]:
    """Return id -> name in a language, with the id where others have the same name."""
    names = {key: name_in(language, one) or key for key, one in named.items()}
    counts = Counter(names.values())
    for key, name in names.items():
        if counts[name] > 1 and name != key:
            names[key] = f"{name} ({key})"
    return names
