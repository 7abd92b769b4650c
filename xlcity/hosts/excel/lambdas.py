"""A workbook of LAMBDA names: the functions that Excel 365 computes with no add-in."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Iterable

from xlcity.functions.declare import Function
from xlcity.functions.registry import FUNCTIONS

#: Functions newer than Excel 2007, which files store with a prefix.
_NEW = "LAMBDA LET MAKEARRAY BYCOL BYROW MAP REDUCE ISOMITTED".split()  # noqa: SIM905
_TOKEN = re.compile(
    r'"(?:[^"]|"")*"|\[\w+\]|#[A-Z0-9/]+[!?]?|\d[\d.]*(?:E[+-]?\d+)?|[A-Za-z_][\w.]*|.', re.DOTALL
)
#: Most characters of a name's formula.
LIMIT = 8192


def spell_for_file(text: str) -> str:
    """Return a LAMBDA as a file stores it, with prefixes before functions and parameters.

    >>> spell_for_file("LAMBDA(x,[k],LET(y,x*2,SUM(y)+k))")
    '_xlfn.LAMBDA(_xlpm.x,_xlop.k,_xlfn.LET(_xlpm.y,_xlpm.x*2,SUM(_xlpm.y)+_xlpm.k))'
    """
    tokens: list[str] = _TOKEN.findall(text)
    stored = []
    for number, token in enumerate(tokens):
        is_called = number + 1 < len(tokens) and tokens[number + 1] == "("
        if token in _NEW:
            stored.append(f"_xlfn.{token}")
        elif token.startswith("["):
            stored.append(f"_xlop.{token[1:-1]}")
        elif re.match(r"[A-Za-z_]", token) and not is_called:
            stored.append(f"_xlpm.{token}")
        else:
            stored.append(token)
    return "".join(stored)


def lambda_parameters(text: str) -> list[str]:
    """Return the parameters of a LAMBDA, optional ones in brackets."""
    names: list[str] = []
    for token in _TOKEN.findall(text)[2:]:
        if token == "LET":
            return names
        if token != ",":
            names.append(token)
    return names


def lambda_texts(functions: Iterable[Function] | None = None) -> dict[str, str]:
    """Return function -> LAMBDA, for those that have one; by default of the whole registry."""
    chosen = FUNCTIONS.values() if functions is None else functions
    return {f.name: f.lambda_text for f in chosen if f.lambda_text is not None}


def build_lambda_workbook(language: str = "en") -> bytes:
    """Return an .xlsx whose names are the functions, with a sheet that lists them."""
    import xlsxwriter

    zh = language == "zh"
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        book.set_properties({"created": dt.datetime(2000, 1, 1)})  # same functions, same bytes
        sheet = book.add_worksheet("Functions")
        bold = book.add_format({"bold": True})
        wrap = book.add_format({"text_wrap": True, "valign": "top"})
        sheet.set_column(0, 0, 22, wrap)
        sheet.set_column(1, 1, 58, wrap)
        sheet.set_column(2, 2, 70, wrap)
        intro = (
            "这些名称是 LAMBDA 函数，供 Excel 365 不装加载项时使用；不可与加载项同时启用。"
            if zh
            else "These names are LAMBDA functions for Excel 365 without an add-in. Do not use "
            "them while the xlcity add-in is active."
        )
        sheet.merge_range(0, 0, 0, 2, intro, wrap)
        sheet.set_row(0, 32)
        for column, head in enumerate(
            ("函数", "写法", "作用") if zh else ("Function", "Syntax", "What it does")
        ):
            sheet.write(1, column, head, bold)
        for row, (name, text) in enumerate(lambda_texts().items(), start=2):
            sheet.write_string(row, 0, name)
            sheet.write_string(row, 1, f"{name}({', '.join(lambda_parameters(text))})")
            sheet.write_string(row, 2, FUNCTIONS[name].summary[language])
            book.define_name(name, f"={spell_for_file(text)}")
    return target.getvalue()
