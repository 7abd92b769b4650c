"""The registry of the formula library: name in a sheet -> its entry."""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

import xlcity.functions
from xlcity.errors import RegistryError
from xlcity.functions.declare import Argument as Argument
from xlcity.functions.declare import Category
from xlcity.functions.declare import Function as Function
from xlcity.functions.decorator import functions_of_module
from xlcity.functions.session import declared_functions
from xlcity.functions.settings import load_functions, own_files


def _collect_built_in() -> Mapping[str, Function]:
    """Return what the modules of the library declare, in the order of the work."""
    functions: list[Function] = []
    for module in pkgutil.iter_modules(xlcity.functions.__path__, "xlcity.functions."):
        if module.name != __name__:
            functions += functions_of_module(importlib.import_module(module.name))
    steps = list(Category)
    return MappingProxyType(
        {
            function.name: function
            for function in sorted(
                functions, key=lambda function: steps.index(function.category)
            )
        }
    )


#: The project's own functions.
BUILT_IN: Mapping[str, Function] = _collect_built_in()


@functools.cache
def _load_all(files: tuple[Path, ...]) -> Mapping[str, Function]:
    """Return the built-in functions and those of some files, which are run; by name."""
    return {**BUILT_IN, **load_functions(files, frozenset(BUILT_IN))}


class _Library(Mapping[str, Function]):
    """The built-in functions and, after them, those of the project, the user and the session.

    Their files are run when the library is first looked at, and again only where the settings name
    others. Functions of a Python session take the place of a file's of the same name.

    Raises
    ------
    RegistryError
        Whenever it is read, while a settings file or a file with functions is faulty.
    """

    def __getitem__(self, name: str) -> Function:
        """Return the function that has this name in a sheet."""
        return self._functions()[name]

    def __iter__(self) -> Iterator[str]:
        """Yield the names of all functions, the built-in ones first."""
        return iter(self._functions())

    def __len__(self) -> int:
        """Return how many functions there are."""
        return len(self._functions())

    @staticmethod
    def _functions() -> Mapping[str, Function]:
        listed = _load_all(own_files())
        declared = declared_functions()
        return {**listed, **declared, **BUILT_IN} if declared else listed


#: Every function that can be called, by its name.
FUNCTIONS: Mapping[str, Function] = _Library()


def find_function(name: str) -> Function | None:
    """Return a function by its name, None for an unknown one.

    Faulty files of the user are ignored: a cell can show no more than #NAME?.
    """
    try:
        return FUNCTIONS.get(name.upper())
    except RegistryError:
        return BUILT_IN.get(name.upper())
