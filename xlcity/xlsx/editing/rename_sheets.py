"""Sheets of a workbook called otherwise, in formulas, rules, charts and links, too."""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.sax.saxutils import escape, quoteattr, unescape

from xlcity.xlsx.address import quote_sheet
from xlcity.xlsx.package import Package

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
        text = unescape(match[2], {"&quot;": '"', "&apos;": "'"})
        renamed = pattern.sub(rename, text)
        return match[0] if renamed == text else match[1] + escape(renamed, {'"': "&quot;"})

    def rename_tab(match: re.Match[str]) -> str:
        name = unescape(match[2][1:-1], {"&quot;": '"', "&apos;": "'"})
        return match[1] + (quoteattr(names[name]) if name in names else match[2])

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
