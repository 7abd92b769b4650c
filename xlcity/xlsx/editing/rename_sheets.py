"""Sheets of a workbook called otherwise, in formulas, rules, charts and links, too."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from xlcity.xlsx.address import quote_sheet
from xlcity.xlsx.package import Package
from xlcity.xlsx.text import escape_xml, in_quotes, xml_text

#: Elements that hold formulas, and the attribute of links inside the workbook.
_FORMULA = re.compile(
    r"(<(?:\w+:)?(?:f|formula|formula1|formula2|definedName)(?:\s[^>]*)?>)([^<]*)(?=<)"
)
_LOCATION = re.compile(r'(\slocation=")([^"]*)(?=")')
_TAB = re.compile(r'(<(?:\w+:)?sheet\s[^>]*?\bname=)("[^"]*"|\'[^\']*\')')


def sheet_renamer(names: Mapping[str, str]) -> Callable[[str], str]:
    """Return what writes other names of sheets into a formula, but for its texts.

    >>> sheet_renamer({"Index": "指数", "Data": "Data"})("Index!$A$1+'Index'!B2+Data!C3")
    '指数!$A$1+指数!B2+Data!C3'
    """
    changed = {name: new for name, new in names.items() if name != new}
    if not changed:
        return lambda formula: formula
    ordered = sorted(changed, key=len, reverse=True)
    plain, quoted = (
        "|".join(map(re.escape, spelled))
        for spelled in (ordered, [name.replace("'", "''") for name in ordered])
    )
    pattern = re.compile(rf"""("(?:[^"]|"")*")|(?<![\w.'!\]])(?:'({quoted})'|({plain}))!""")

    def rename(match: re.Match[str]) -> str:
        if match[1]:
            return match[1]
        name = match[2].replace("''", "'") if match[2] else match[3]
        return f"{quote_sheet(changed[name])}!"

    return lambda formula: pattern.sub(rename, formula)


def rename_sheets(package: Package, names: Mapping[str, str]) -> Package:
    """Return a workbook with other names of sheets; names that are in no mapping stay.

    Parameters
    ----------
    package
        The workbook.
    names
        Old name -> new name.
    """
    if not names:
        return package
    rename = sheet_renamer(names)

    def rewrite(match: re.Match[str]) -> str:
        text = xml_text(match[2])
        renamed = rename(text)
        if renamed == text:
            return match[0]
        return match[1] + escape_xml(renamed).replace('"', "&quot;")

    def rename_tab(match: re.Match[str]) -> str:
        name = xml_text(match[2][1:-1])
        return match[1] + (in_quotes(names[name]) if name in names else match[2])

    parts: dict[str, bytes] = {}
    for part, content in package.parts.items():
        if not part.endswith(".xml") or (b"!" not in content and part != package.workbook_part):
            continue
        text = content.decode("utf-8")
        renamed = _LOCATION.sub(rewrite, _FORMULA.sub(rewrite, text))
        if part == package.workbook_part:
            renamed = _TAB.sub(rename_tab, renamed)
        if renamed != text:
            parts[part] = renamed.encode("utf-8")
    return package.replace(parts)
