"""Formulas in all parts of a workbook rewritten; sheets called otherwise in them and in links."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from xlcity.xlsx.address import quote_sheet
from xlcity.xlsx.package import Package
from xlcity.xlsx.text import escape_xml, in_quotes, xml_text

#: Elements of cells, rules, names and charts that hold formulas, with the cell before them; the
#: attribute of links inside the workbook; a tab.
_FORMULA = re.compile(
    r"""(?P<cell><(?:\w+:)?c\b[^>]*>\s*)?
        (?P<open><(?P<tag>(?:\w+:)?(?:f|formula[12]?|definedName))\b[^>]*(?<!/)>)
        (?P<text>[^<]+)(?=</(?P=tag)>)""",
    re.VERBOSE,
)
_CELL_NAME = re.compile(r'\sr="([A-Z]+\d+)"')
_LOCATION = re.compile(r'(\slocation=")([^"]*)(?=")')
_TAB = re.compile(r'(<(?:\w+:)?sheet\s[^>]*?\bname=)("[^"]*"|\'[^\']*\')')


def rewrite_formulas(xml: str, rewrite: Callable[[str, str], str]) -> str:
    """Return XML in which formulas of cells, rules, names and charts are others.

    `rewrite` is given a formula and the name of its cell, "" outside of cells.
    """

    def replace(match: re.Match[str]) -> str:
        """Return a match of `_FORMULA` with the formula rewritten."""
        formula = xml_text(match["text"])
        cell_name = _CELL_NAME.search(match["cell"] or "")
        rewritten = rewrite(formula, cell_name[1] if cell_name else "")
        if rewritten == formula:
            return match[0]
        return f"{match['cell'] or ''}{match['open']}{_escape_formula(rewritten)}"

    return _FORMULA.sub(replace, xml)


def _escape_formula(formula: str) -> str:
    """Return a formula as text of an element or of an attribute in double quotes."""
    return escape_xml(formula).replace('"', "&quot;")


def sheet_renamer(names: Mapping[str, str]) -> Callable[[str], str]:
    """Return a function that renames sheets (old name -> new) in a formula, but for its texts.

    >>> sheet_renamer({"Index": "指数", "Data": "Data"})("Index!$A$1+'Index'!B2+Data!C3")
    '指数!$A$1+指数!B2+Data!C3'
    """
    titles: dict[str, str] = {}
    for old, new in names.items():
        if old != new:
            quoted = "'" + old.replace("'", "''") + "'"
            titles |= dict.fromkeys((f"{quoted}!", f"{old}!"), f"{quote_sheet(new)}!")
    if not titles:
        return lambda formula: formula
    # What must not stand before a name is asked behind it, so that the search skips to the first
    # letters of names.
    pattern = re.compile(
        "|".join(rf"{name}(?<![\w.'!\]]{name})" for name in map(re.escape, titles))
    )

    def rename(formula: str) -> str:
        """Return a formula with the new names of sheets."""
        if "!" not in formula:
            return formula
        # Texts stand between two quotation marks; what follows the last one is none.
        pieces = formula.split('"')
        for index in {*range(0, len(pieces), 2), len(pieces) - 1}:
            if "!" in pieces[index]:
                pieces[index] = pattern.sub(
                    lambda match: titles[match[0]], pieces[index]
                )
        return '"'.join(pieces)

    return rename


def rename_sheets(package: Package, names: Mapping[str, str]) -> Package:
    """Return a workbook with other names of sheets; names that are in no mapping stay.

    Parameters
    ----------
    package
        The workbook.
    names
        Old name -> new name.
    """
    rename = sheet_renamer(names)

    def rename_target(match: re.Match[str]) -> str:
        """Return the target of a link, a match of `_LOCATION`, with new names."""
        text = xml_text(match[2])
        renamed = rename(text)
        return match[0] if renamed == text else match[1] + _escape_formula(renamed)

    def rename_tab(match: re.Match[str]) -> str:
        """Return the start of a tab, a match of `_TAB`, with its new name."""
        name = xml_text(match[2][1:-1])
        return match[1] + (in_quotes(names[name]) if name in names else match[2])

    parts: dict[str, bytes] = {}
    for part, content in package.parts.items():
        if not part.endswith(".xml") or (
            b"!" not in content and part != package.workbook_part
        ):
            continue
        text = content.decode("utf-8")
        renamed = rewrite_formulas(text, lambda formula, _: rename(formula))
        renamed = _LOCATION.sub(rename_target, renamed)
        if part == package.workbook_part:
            renamed = _TAB.sub(rename_tab, renamed)
        if renamed != text:
            parts[part] = renamed.encode("utf-8")
    return package.replace(parts)
