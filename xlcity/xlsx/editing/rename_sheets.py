"""Sheets of a workbook called otherwise, in formulas, rules, charts and links, too."""

from __future__ import annotations

import re
from collections.abc import Mapping

from xlcity.xlsx.address import quote_sheet
from xlcity.xlsx.package import Package
from xlcity.xlsx.text import escape_xml, in_quotes, xml_text

#: Elements that hold formulas, and the attribute of links inside the workbook.
_FORMULA = re.compile(
    r"(<(?:\w+:)?(?:f|formula|formula1|formula2|definedName)(?:\s[^>]*)?>)([^<]*)(?=<)"
)
_LOCATION = re.compile(r'(\slocation=")([^"]*)(?=")')
_TAB = re.compile(r'(<(?:\w+:)?sheet\s[^>]*?\bname=)("[^"]*"|\'[^\']*\')')


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
    ordered = sorted(names, key=len, reverse=True)
    plain, quoted = (
        "|".join(map(re.escape, spelled))
        for spelled in (ordered, [name.replace("'", "''") for name in ordered])
    )
    pattern = re.compile(rf"""("(?:[^"]|"")*")|(?<![\w.'!\]])(?:'({quoted})'|({plain}))!""")

    def rename(match: re.Match[str]) -> str:
        if match[2]:
            return "'{}'!".format(names[match[2].replace("''", "'")].replace("'", "''"))
        return f"{quote_sheet(names[match[3]])}!" if match[3] else match[0]

    def rewrite(match: re.Match[str]) -> str:
        text = xml_text(match[2])
        renamed = pattern.sub(rename, text)
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
