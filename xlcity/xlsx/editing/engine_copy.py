"""Makes the copy of a workbook that an engine is given to calculate.

Stored results are taken out (an engine that kept one would be believed), function names are
spelled as the engine knows them, and cells can be frozen to values.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping

from xlcity.errors import CellValue
from xlcity.xlsx import scan
from xlcity.xlsx.cells import Cell, Position, ReadBook, Sheet
from xlcity.xlsx.editing.sheet_patch import constant_xml
from xlcity.xlsx.editing.splice import splice_cells
from xlcity.xlsx.package import Package
from xlcity.xlsx.text import escape_xml, normal_value, xml_text

#: (formula, its cell) -> formula as the engine is to have it.
Rename = Callable[[str, Cell], str]

_KEEP = re.compile(r"""\s(r|s)\s*=\s*(?:"([^"]*)"|'([^']*)')""")


def engine_copy(
    package: Package,
    book: ReadBook,
    rename: Rename | None = None,
    frozen: Mapping[str, Mapping[Position, CellValue]] | None = None,
    calling: Mapping[str, Collection[Position]] | None = None,
) -> Package:
    """Return a copy for an engine: formulas without stored results.

    Parameters
    ----------
    package
        The workbook.
    book
        Its cells.
    rename
        Applied to the text of each formula (a shared one is met once, in its first cell).
    frozen
        Sheet -> position -> value: cells that become constants and lose their formula.
    calling
        Sheet -> the cells whose formula `rename` is for; without it, all.
    """
    parts = {}
    for sheet in book.sheets.values():
        if not (computed := sheet.cells.computed()):
            continue
        xml = package.text(sheet.part)
        copy = _SheetCopy(
            xml,
            sheet,
            rename,
            (frozen or {}).get(sheet.name, {}),
            None if calling is None else calling.get(sheet.name, ()),
        )
        if (places := sheet.cells.file_indices(computed)) is None:
            new = copy.make()
        else:
            new = splice_cells(xml, zip(places, computed, strict=True), copy.content)
        parts[sheet.part] = new.encode("utf-8")
    return package.replace(parts)


class _SheetCopy:
    def __init__(
        self,
        xml: str,
        sheet: Sheet,
        rename: Rename | None,
        frozen: Mapping[Position, CellValue],
        calling: Collection[Position] | None,
    ) -> None:
        patterns = scan.find_grammar(xml)
        assert patterns is not None  # the reader has been through it
        self.xml, self.patterns, self.sheet = xml, patterns, sheet
        self.rename, self.frozen, self.calling = rename, frozen, calling

    def make(self) -> str:
        data = self.patterns.data.search(self.xml)
        assert data is not None
        assert data[2] is not None
        out, end = [], 0
        for row in scan.find_rows(self.xml, self.patterns, data.start(2), data.end(2)):
            for span in scan.find_cells(self.xml, self.patterns, row):
                position = row.number, span.number
                cell = self.sheet.cells[position]
                if not cell.computed:
                    continue
                out += [self.xml[end : span.start], self._cell(position, span)]
                end = span.end
        out.append(self.xml[end:])
        return "".join(out)

    def _cell(self, position: Position, span: scan.Span) -> str:
        p = self.patterns.prefix
        attributes = {m[1]: m[2] or m[3] for m in _KEEP.finditer(span.head)}
        head = "".join(f' {key}="{attributes[key]}"' for key in ("r", "s") if key in attributes)
        formula = self.patterns.formula.search(span.inner or "")
        kind, content = self.content("" if formula is None else formula[0], position)
        head += f' t="{kind}"' if kind else ""
        return f"<{p}c{head}>{content}</{p}c>" if content else f"<{p}c{head}/>"

    def content(self, formula: str, position: Position) -> tuple[str, str]:
        """Return type and content of a cell from its formula element (a member has none)."""
        p = self.patterns.prefix
        if position in self.frozen:
            value = normal_value(self.frozen[position])
            # As a constant an empty text is read as a blank cell, which COUNTA leaves out.
            if value == "":
                return "str", f'<{p}f>""</{p}f><{p}v></{p}v>'
            return constant_xml(value, p)
        if not formula:
            return "", ""
        if self.rename is None or not (self.calling is None or position in self.calling):
            return "", formula
        return "", self._renamed(self.rename, formula, position)

    def _renamed(self, rename: Rename, formula: str, position: Position) -> str:
        match = self.patterns.formula.match(formula)
        if match is None or not match[2]:
            return formula
        body = xml_text(match[2])
        new = rename(body, self.sheet.cells[position])
        return (
            formula
            if new == body
            else formula[: match.start(2)] + escape_xml(new) + formula[match.end(2) :]
        )
