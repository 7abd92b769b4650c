"""The Basic module that gives Calc the library's names, generated from the registry.

Only functions of Basic keep their plain names when Calc reads an .xlsx; those of a UNO add-in
become #NAME?.
"""

from __future__ import annotations

from collections.abc import Iterable

from xlcity.functions.declare import Function
from xlcity.functions.registry import FUNCTIONS
from xlcity.xlsx.text import escape_xml

#: Name of the module in the library Standard, and of the script it calls.
MODULE = "xlcity"
SCRIPT = "xlcity_calc.py"

_HEAD = """\
REM The functions of xlcity for LibreOffice Calc. Generated: do not edit.
Option Explicit

Private bridge As Variant

Private Function xlcity_call(name As String, count As Integer, given As Variant) As Variant
    Dim rows As Variant
    Dim down As Long, across As Long, r As Long, c As Long
    On Error GoTo Failed
    If IsEmpty(bridge) Then
        bridge = createUnoService("com.sun.star.script.provider.MasterScriptProviderFactory") _
            .createScriptProvider("") _
            .getScript("vnd.sun.star.script:{script}$call?language=Python&location=user")
    End If
    rows = bridge.invoke(Array(name, count, given), Array(), Array())
    down = UBound(rows) + 1
    across = UBound(rows(0)) + 1
    Dim block(1 To down, 1 To across) As Variant
    For r = 1 To down
        For c = 1 To across
            block(r, c) = rows(r - 1)(c - 1)
        Next c
    Next r
    xlcity_call = block
    Exit Function
Failed:
    xlcity_call = xlcity_not_loaded()
End Function

REM #NAME? as Calc spells it: a number that only a stream of bytes can make.
Private Function xlcity_not_loaded() As Variant
    Dim pipe As Variant, reader As Variant
    pipe = createUnoService("com.sun.star.io.Pipe")
    pipe.writeBytes(Array(127, -8, 0, 0, 0, 0, 2, 13))
    reader = createUnoService("com.sun.star.io.DataInputStream")
    reader.setInputStream(pipe)
    xlcity_not_loaded = reader.readDouble()
End Function
"""
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
    return _HEAD.replace("{script}", SCRIPT) + "".join(map(_function, chosen))


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
