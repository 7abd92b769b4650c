"""The Basic module that gives Calc the library's names, generated from the registry.

Only functions of Basic keep their plain names when Calc reads an .xlsx; those of a UNO add-in
become #NAME?.
"""

from __future__ import annotations

from collections.abc import Iterable

from xlcity.data_files import text_beside
from xlcity.functions.declare import Function
from xlcity.functions.registry import FUNCTIONS
from xlcity.xlsx.text import escape_xml

#: Name of the module in the library Standard, and of the script it calls.
MODULE = "xlcity"
SCRIPT = "xlcity_calc.py"

_FUNCTION = """
Function {name}({parameters}) As Variant
    Dim given({last}) As Variant, count As Integer
{copies}
    {name} = xlcity_call("{name}", count, given)
End Function
"""
_COPY = """\
    If Not IsMissing(a{number}) Then
        given({place}) = a{number}
        count = {number}
    End If"""
_MODULE = """\
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE script:module PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "module.dtd">
<script:module xmlns:script="http://openoffice.org/2000/script" script:name="{module}" \
script:language="StarBasic">{text}</script:module>
"""


def basic_text(functions: Iterable[Function] | None = None) -> str:
    """Return the module as Basic shows it."""
    chosen = FUNCTIONS.values() if functions is None else functions
    head = text_beside(__file__, "functions.bas").replace("{script}", SCRIPT)
    return head + "".join(map(_function, chosen))


def _function(function: Function) -> str:
    # One argument more than there are, so that a call with too many is an error.
    numbers = range(1, len(function.arguments) + 2)
    return _FUNCTION.format(
        name=function.name,
        parameters=", ".join(f"Optional a{number}" for number in numbers),
        last=len(function.arguments),
        copies="\n".join(_COPY.format(number=number, place=number - 1) for number in numbers),
    )


def module_xml(functions: Iterable[Function] | None = None) -> str:
    """Return the module as a profile stores it."""
    text = escape_xml(basic_text(functions)).replace('"', "&quot;")
    return _MODULE.format(module=MODULE, text=text)
