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

_TYPE = re.compile(rb' t="\w+"><f')
_RESULT = re.compile(rb"</f><v[^>]*>[^<]*</v>")
_KEEP = re.compile(r"""\s(r|s)\s*=\s*(?:"([^"]*)"|'([^']*)')""")


def engine_copy(
    package: Package,
    book: ReadBook,
    rename: Rename | None = None,
    frozen: Mapping[str, Mapping[Position, CellValue]] | None = None,
    calling: Mapping[str, Collection[Position]] | None = None,
    blocks: Mapping[str, Mapping[Position, tuple[str, str]]] | None = None,
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
    blocks
        Sheet -> anchor -> range and formula of an array formula to stand there instead.
    """
    parts = {}
    for sheet in book.sheets.values():
        table, computed = sheet.cells, sheet.cells.computed()
        if not computed:
            continue
        held = (frozen or {}).get(sheet.name, {})
        wanted = None if calling is None else calling.get(sheet.name, ())
        renamer = rename if wanted is None or wanted else None
        places = table.places(computed)
        data = package.parts[sheet.part]
        plain = not (held or (renamer and wanted is None))
        if plain and not wanted and is_plain(sheet, data):
            parts[sheet.part] = without_results(data)
            continue
        xml = package.text(sheet.part)
        arrays = (blocks or {}).get(sheet.name, {})
        copy = _SheetCopy(xml, sheet, renamer, held, arrays)
        if places is None:
            new = copy.make().encode("utf-8")
        elif not plain or "/><v" in xml:
            new = splice_cells(xml, zip(places, computed, strict=True), copy.content).encode(
                "utf-8"
            )
        else:
            own = [*table.members, *(p for p in wanted or () if p not in table.members)]
            there = table.places(own)
            assert there is not None
            spliced = splice_cells(xml, zip(there, own, strict=True), copy.content)
            new = without_results(spliced.encode("utf-8"))
        parts[sheet.part] = new
    return package.replace(parts)


def is_plain(sheet: Sheet, data: bytes) -> bool:
    """Return whether the results of a sheet's formulas can be taken out by `without_results`."""
    table = sheet.cells
    return not table.members and b"/><v" not in data and table.places(table.computed()) is not None


def without_results(data: bytes) -> bytes:
    """Take the results out of a sheet whose cells are all spelled one way (see `is_plain`)."""
    return _RESULT.sub(b"</f>", _TYPE.sub(b"><f", data))


class _SheetCopy:
    def __init__(
        self,
        xml: str,
        sheet: Sheet,
        rename: Rename | None,
        frozen: Mapping[Position, CellValue],
        blocks: Mapping[Position, tuple[str, str]],
    ) -> None:
        patterns = scan.find_grammar(xml)
        assert patterns is not None  # the reader has been through it
        self.xml, self.patterns, self.sheet = xml, patterns, sheet
        self.rename, self.frozen, self.blocks = rename, frozen, blocks

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
        if position in self.blocks:
            ref, text = self.blocks[position]
            return "", f'<{p}f t="array" ref="{ref}">{escape_xml(text)}</{p}f>'
        if not formula:
            return "", ""
        return "", formula if self.rename is None else self._renamed(self.rename, formula, position)

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
