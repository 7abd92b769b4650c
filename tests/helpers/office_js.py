"""Calls of functions in xlwings Lite: as xlwings itself answers them, or a double of it does.

xlwings' own part has a licence of its own. It is imported only where whoever runs the tests has
said by a key (XLWINGS_LICENSE_KEY) under which terms.
"""

from __future__ import annotations

import asyncio
import os
import sys
import types
import typing

import xlwings

from xlcity.errors import CELL_ERRORS, CellError

ERROR_TYPES = {
    "Div0": CellError.DIV0,
    "NotAvailable": CellError.NA,
    "Name": CellError.NAME,
    "Num": CellError.NUM,
    "Value": CellError.VALUE,
    "Ref": CellError.REF,
    "Null": CellError.NULL,
}


def has_licence() -> bool:
    """Whether xlwings' own caller may be used here."""
    return bool(os.environ.get("XLWINGS_LICENSE_KEY"))


def as_office_sends(cell):
    """Return a cell as Office.js hands it over: "" for a blank, an error as an object."""
    if isinstance(cell, CellError):
        return {"type": "Error", "basicValue": str(cell)}
    return "" if cell is None else cell


class OfficeDouble:
    """Registers functions as xlwings documents it, and calls them as Office.js does."""

    def func(self, *, help_url):
        def keep(python):
            python.help = python.__doc__
            python.help_url = help_url
            return python

        return keep

    def arg(self, name, *, doc, **options):
        def keep(python):
            described = python.__dict__.setdefault("arguments", {})
            described[name] = (doc, options)
            return python

        return keep

    def script(self, *, name):
        def keep(python):
            python.button = name
            return python

        return keep

    def meta(self, module):
        """Return name -> help and, by argument, its help and the words to choose from."""
        found = {}
        for name, python in vars(module).items():
            if hasattr(python, "help"):
                hints = typing.get_type_hints(python)
                found[name] = (
                    python.help,
                    {
                        key: (doc, typing.get_args(hints.get(key)))
                        for key, (doc, _) in python.arguments.items()
                    },
                )
        return found

    def buttons(self, module):
        return {
            each.button for each in vars(module).values() if hasattr(each, "button")
        }

    def call(self, module, name, arguments):
        python = getattr(module, name)
        names = python.__code__.co_varnames
        given = [
            self._read(rows, python.arguments[argument][1])
            for argument, rows in zip(names, arguments, strict=False)
        ]
        rows = python(*given)
        return [[CELL_ERRORS.get(cell, cell) for cell in row] for row in rows]

    def _read(self, rows, options):
        """Return an argument as xlwings reads it: a single blank cell is an omitted argument."""
        assert options == {"ndim": 2, "err_to_str": True}
        if rows == [[None]]:
            return None
        sent = [[as_office_sends(cell) for cell in row] for row in rows]
        return [
            [
                c["basicValue"] if isinstance(c, dict) else None if c == "" else c
                for c in row
            ]
            for row in sent
        ]

    def press(self, module, name, book):
        asyncio.run(getattr(module, name)(book))


class OfficeOfXlwings:
    """The same by xlwings itself."""

    def __init__(self):
        from xlwings.pro import udfs_officejs

        self.own = udfs_officejs
        self.func = udfs_officejs.xlfunc
        self.arg = udfs_officejs.xlarg
        self.script = udfs_officejs.script

    def meta(self, module):
        meta = self.own.custom_functions_meta(module)
        words = {
            enum["id"]: tuple(value["name"] for value in enum["values"])
            for enum in meta["enums"]
        }
        return {
            each["name"]: (
                each["description"],
                {
                    p["name"]: (
                        p["description"],
                        words.get(p.get("customEnumId"), ()),
                    )
                    for p in each["parameters"]
                },
            )
            for each in meta["functions"]
        }

    def buttons(self, module):
        return {each["name"] for each in self.own.custom_scripts_meta(module)}

    def call(self, module, name, arguments):
        sent = [[[*map(as_office_sends, row)] for row in rows] for rows in arguments]
        data = {
            "func_name": name,
            "args": [None if rows == [[""]] else rows for rows in sent],
            "version": "",
            "client": "Office.js",
            "date_format": None,
            "culture_info_name": None,
            "runtime": "1.4",
            "caller_address": None,
        }
        rows = asyncio.run(self.own.custom_functions_call(data, module))
        return [
            [ERROR_TYPES[c["errorType"]] if isinstance(c, dict) else c for c in row]
            for row in rows
        ]

    def press(self, module, name, book):
        asyncio.run(getattr(module, name).__wrapped__(book))


def load_main(text, office):
    """Return main.py as a module whose decorators are those of an office."""
    stand_in = types.ModuleType("xlwings")
    stand_in.BookAsync = xlwings.BookAsync
    stand_in.func = office.func
    stand_in.arg = office.arg
    stand_in.script = office.script
    module = types.ModuleType("lite_main")
    sys.modules["xlwings"] = stand_in
    sys.modules["lite_main"] = module
    try:
        exec(compile(text, "main.py", "exec"), module.__dict__)
    finally:
        sys.modules["xlwings"] = xlwings
    return module
