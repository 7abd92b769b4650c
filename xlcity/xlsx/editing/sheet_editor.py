"""One sheet of a workbook, changed as a person changes it: cells, lines, settings, notes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import deepcopy
from xml.etree import ElementTree as ET

from xlcity.xlsx.address import cell_name
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.editing.comments import Comment, read_comments
from xlcity.xlsx.editing.patch import (
    CellEntry,
    refuse_divided_ranges,
    replace_cells,
)
from xlcity.xlsx.markup import (
    child_in_order,
    named,
    prefix_of,
    prefixed,
    read_markup,
    write_markup,
)
from xlcity.xlsx.package import Package
from xlcity.xlsx.relations import ContentTypes, Relations
from xlcity.xlsx.table import Position
from xlcity.xlsx.text import escape_xml, in_quotes

#: The children of a worksheet in the order of the format.
_ORDER_OF_SHEET = (
    "sheetPr",
    "dimension",
    "sheetViews",
    "sheetFormatPr",
    "cols",
    "sheetData",
    "sheetCalcPr",
    "sheetProtection",
    "protectedRanges",
    "scenarios",
    "autoFilter",
    "sortState",
    "dataConsolidate",
    "customSheetViews",
    "mergeCells",
    "phoneticPr",
    "conditionalFormatting",
    "dataValidations",
    "hyperlinks",
    "printOptions",
    "pageMargins",
    "pageSetup",
    "headerFooter",
    "rowBreaks",
    "colBreaks",
    "customProperties",
    "cellWatches",
    "ignoredErrors",
    "smartTags",
    "drawing",
    "legacyDrawing",
    "legacyDrawingHF",
    "picture",
    "oleObjects",
    "controls",
    "webPublishItems",
    "tableParts",
    "extLst",
)
#: Element -> its children in the order of the format.
_CHILD_ORDER_OF = {
    "sheetPr": ("tabColor", "outlinePr", "pageSetUpPr"),
    "sheetView": ("pane", "selection", "pivotSelection", "extLst"),
    "headerFooter": (
        "oddHeader",
        "oddFooter",
        "evenHeader",
        "evenFooter",
        "firstHeader",
        "firstFooter",
    ),
}
_SHEET_DATA = re.compile(r"<((?:\w+:)?sheetData)\b[^>]*?(?:/>|>.*</\1\s*>)", re.DOTALL)
_DIMENSION = re.compile(r'<(?:\w+:)?dimension\s[^>]*?ref="([^"]+)"')
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_COMMENTS_TYPE = (
    "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
)
_BOXES_TYPE = "application/vnd.openxmlformats-officedocument.vmlDrawing"
#: The drawing with the boxes of notes, and one of them, at columns and rows from zero.
_EMPTY_BOXES = (
    '<xml><v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" '
    'path="m,l,21600r21600,l21600,xe"><v:stroke joinstyle="miter"/><v:path gradientshapeok="t" '
    'o:connecttype="rect"/></v:shapetype></xml>'
)
#: What their prefixes mean, the last one first; programs may have others.
_BOX_PREFIXES = (
    'xmlns:x="urn:schemas-microsoft-com:office:excel"',
    'xmlns:o="urn:schemas-microsoft-com:office:office"',
    'xmlns:v="urn:schemas-microsoft-com:vml"',
)
_BOX_TEMPLATE = (
    '<v:shape id="_x0000_s{number}" type="#_x0000_t202" style="position:absolute;'
    'visibility:hidden" fillcolor="#ffffe1" o:insetmode="auto"><v:fill color2="#ffffe1"/>'
    '<v:shadow on="t" color="black" obscured="t"/><v:path o:connecttype="none"/><v:textbox/>'
    '<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/><x:Anchor>{left}, 15, '
    "{top}, 10, {right}, 15, {bottom}, 4</x:Anchor><x:AutoFill>False</x:AutoFill>"
    "<x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>"
)
_NOTE_BOX = re.compile(
    r'<(\w+:shape)\b(?:(?!</\1>).)*?ObjectType="Note".*?</\1>\s*', re.DOTALL
)


class SheetEditor:
    """Gathers what changes on a sheet; `parts` writes it.

    Parameters
    ----------
    package, part
        The workbook, and the part of the sheet.

    Attributes
    ----------
    root
        The sheet without its rows.
    entries, styles
        Cell -> what stands there, and the number of its format, from now on.
    rows
        Row -> its attributes from now on.
    notes
        All notes of the sheet from now on, None where they stay.
    """

    def __init__(self, package: Package, part: str) -> None:
        self.package = package
        self.part = part
        self._xml = package.text(part)
        self.root = read_markup(_SHEET_DATA.sub(r"<\1/>", self._xml))
        self._root_before = deepcopy(self.root)
        self.relations = Relations.read_from(package, part)
        self.entries: dict[Position, CellEntry] = {}
        self.styles: dict[Position, int] = {}
        self.rows: dict[int, dict[str, str]] = {}
        self.notes: Mapping[Position, Comment] | None = None

    def find(self, tag: str) -> ET.Element | None:
        """Return a child of the sheet's root by its tag such as "cols", None if there is none."""
        return self.root.find(prefix_of(self.root) + tag)

    def child(self, *path: str) -> ET.Element:
        """Return the element that a path of tags leads to, such as "sheetPr", "tabColor".

        Elements on the path that are not there are made, each in its place in the order of the
        format.
        """
        element = self.root
        order: tuple[str, ...] = _ORDER_OF_SHEET
        for tag in path:
            element = child_in_order(element, tag, order if tag in order else (tag,))
            order = _CHILD_ORDER_OF.get(tag, ())
        return element

    def add(
        self,
        tag: str,
        attributes: Mapping[str, str],
        *path: str,
    ) -> ET.Element:
        """Add an element behind its siblings in what a path leads to, and return it."""
        parent = self.child(*path)
        name = prefix_of(self.root) + tag
        siblings = [index for index, child in enumerate(parent) if child.tag == name]
        if siblings or path:
            element = ET.Element(name)
            parent.insert(siblings[-1] + 1 if siblings else len(parent), element)
        else:
            element = self.child(tag)
        element.attrib.update(attributes)
        if "count" in parent.attrib:
            parent.set("count", str(len(parent)))
        return element

    def append(self, parent: ET.Element, xml: str) -> None:
        """Add an element, given as XML without prefix, at the end of one of the sheet."""
        parent.append(prefixed(read_markup(xml), prefix_of(self.root)))

    def remove(self, tag: str) -> None:
        """Take a child of the sheet away."""
        if (element := self.find(tag)) is not None:
            self.root.remove(element)

    def set_column(self, number: int, attributes: Mapping[str, str]) -> None:
        """Set attributes of one column; others that are listed with it stay as they are."""
        columns = self.child("cols")
        # The column itself, then what is left of a list of columns that it was part of.
        spans = [(number, number, {"width": "9.140625", **attributes})]
        for column in list(columns):
            old = dict(column.attrib)
            first = int(old.pop("min", "1"))
            last = int(old.pop("max", "1"))
            if first <= number <= last:
                columns.remove(column)
                spans[0] = (number, number, {**old, **attributes})
                spans += [(first, number - 1, old), (number + 1, last, old)]
        for first, last, span_attributes in spans:
            if first <= last:
                self.add(
                    "col",
                    {"min": str(first), "max": str(last), **span_attributes},
                    "cols",
                )
        columns[:] = sorted(columns, key=_first_column)

    def parts(self, types: ContentTypes) -> dict[str, bytes]:
        """Return the parts that the gathered changes alter: name -> content.

        Those are the sheet, its relationships and its notes; types of new parts are added to
        `types`.

        Raises
        ------
        WorkbookError
            If a formula there gives values of other cells, too, that are not among the entries.
        """
        for sheet in self.package.sheets:
            if sheet.part == self.part:
                refuse_divided_ranges(self.package, sheet, self.entries)
        parts = {} if self.notes is None else self._note_parts(self.notes, types)
        xml = self._write_sheet()
        if xml != self._xml:
            parts[self.part] = xml.encode("utf-8")
        if len(self.relations.root):
            parts[self.relations.part] = self.relations.to_bytes()
        old_parts = self.package.parts
        return {
            part: data for part, data in parts.items() if data != old_parts.get(part)
        }

    def _write_sheet(self) -> str:
        """Return the XML of the sheet with the changed rows, and with what is around them."""
        xml = self._xml
        if self.entries or self.styles or self.rows:
            xml = replace_cells(xml, self.entries, self.styles, self.rows)
        if ET.tostring(self.root) == ET.tostring(self._root_before):
            return xml
        rows = _SHEET_DATA.search(xml)
        assert rows is not None  # the reader has been through it
        if (used := _DIMENSION.search(xml)) is not None:
            self.child("dimension").set("ref", used[1])
        # The rows take the place of the empty element that stands for them in the tree.
        around = write_markup(self.root)
        start = around.index(f"<{rows[1]}")
        end = around.index("/>", start) + 2
        declaration = xml[: xml.index("<", xml.find("?>") + 1)]
        return f"{declaration}{around[:start]}{rows[0]}{around[end:]}"

    def _note_parts(
        self, notes: Mapping[Position, Comment], types: ContentTypes
    ) -> dict[str, bytes]:
        """Return the parts with notes and with their boxes: name -> content.

        `notes` are all notes of the sheet by cell. Threads become notes. The sheet's relationships,
        and `types`, change with them.
        """
        self.relations.remove("threadedComment")
        lines_part = self._find_or_add_part("comments", "xl/comments_{}.xml")
        types.override(lines_part, _COMMENTS_TYPE)
        boxes_part = self._find_or_add_part("vmlDrawing", "xl/drawings/notes_{}.vml")
        types.add_default("vml", _BOXES_TYPE)
        authors = list(dict.fromkeys(note.author for note in notes.values()))
        lines = ""
        boxes = ""
        for number, ((row, column), note) in enumerate(
            sorted(notes.items(), key=lambda n: n[0])
        ):
            lines += (
                f'<comment ref="{cell_name(row, column)}" authorId="{authors.index(note.author)}">'
                f'<text><t xml:space="preserve">{escape_xml(note.text)}</t></text></comment>'
            )
            # Columns and rows are counted from 0 here; Excel numbers shapes from 1025.
            boxes += _BOX_TEMPLATE.format(
                number=1025 + number,
                left=column,
                right=column + 2,
                top=max(row - 2, 0),
                bottom=row + 3,
                row=row - 1,
                column=column - 1,
            )
        names = "".join(f"<author>{escape_xml(author)}</author>" for author in authors)
        text = f"<authors>{names}</authors><commentList>{lines}</commentList>"
        has_boxes = boxes_part in self.package.parts
        vml = (
            _NOTE_BOX.sub("", self.package.text(boxes_part))
            if has_boxes
            else _EMPTY_BOXES
        )
        for prefix in _BOX_PREFIXES:
            if prefix not in vml:
                vml = vml.replace("<xml", f"<xml {prefix}", 1)
        end = vml.rindex("</")
        return {
            lines_part: f"<comments xmlns={in_quotes(_MAIN)}>{text}</comments>".encode(),
            boxes_part: f"{vml[:end]}{boxes}{vml[end:]}".encode(),
        }

    def _find_or_add_part(self, kind: str, path: str) -> str:
        """Return the sheet's part of a kind such as "comments", or the name of a new one.

        `path` is that of a new part, with {} for the name of the sheet's; the sheet then refers to
        it.
        """
        for part in self.package.related(self.part, kind):
            return part  # the first, if there is one
        base = self.part.rpartition("/")[2]
        part = path.format(base.partition(".")[0])
        name = self.relations.add(kind, part)
        if kind == "vmlDrawing":
            self.root.set(named("xmlns:r"), Relations.NAMESPACE)
            self.child("legacyDrawing").set(named("r:id"), name)
        return part


def _first_column(columns: ET.Element) -> int:
    """Return the number of the first column that an element of a list of columns is for."""
    return int(columns.get("min", "1"))


def with_note(
    package: Package, sheet: str, position: Position, note: Comment
) -> Package:
    """Return a workbook with a note at a cell of a sheet, below what a note there says."""
    book = read_book(package)
    comments = read_comments(package, book)
    notes = {at: own for (name, at), own in comments.items() if name == sheet}
    if (former := notes.get(position)) is not None:
        note = Comment(f"{former.text}\n{note.text}", former.author or note.author)
    editor = SheetEditor(package, book.sheets[sheet].part)
    editor.notes = {**notes, position: note}
    types = ContentTypes.read_from(package)
    parts = editor.parts(types)
    return package.replace({**parts, types.PART: types.to_bytes()})
