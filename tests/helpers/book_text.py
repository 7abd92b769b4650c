"""A workbook as lines of text: all that is drawn in it, so that two of them differ readably.

The parts are read by themselves, without the package's readers and without openpyxl. Columns go by
their headings, formulas of one pattern are one line, as are cells of one look; what else a sheet, a
chart or a comment has is printed as it is nested, with names of looks, sheets, files for numbers.
"""

from __future__ import annotations

import hashlib
import io
import posixpath
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import NamedTuple
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from tests.helpers.cell_names import (
    Area,
    ColumnNames,
    FormulaNames,
    Pattern,
    Position,
    grouped,
    merged,
    parse_area,
    rectangles,
)
from tests.helpers.folding import summed
from xlcity import __version__
from xlcity.xlsx.address import cell_name, parse_cell

#: Characters of a line of what is nested.
WIDTH = 320
#: Rows of equal kinds of numbers that are shown; of more there are sums.
SHOWN_ROWS = 2
#: The first row that has headings; above it stand a title and a way back.
FIRST_HEADINGS = 3
#: A number below it is what rounding left.
SMALL = 1e-13
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
#: Elements of a sheet that are together on one line.
_SETTINGS = (
    "sheetPr",
    "sheetViews",
    "sheetFormatPr",
    "sheetProtection",
    "pageMargins",
    "pageSetup",
    "headerFooter",
    "printOptions",
    "drawing",
)
_ELSEWHERE = ("conditionalFormatting", "cols")
#: Elements of a chart whose parts have lines of their own.
_OPENED = ("chart", "plotArea", "commentList")
#: Parts of looks, in the order of their words, with where a format has their number.
_LOOKS = {
    "numFmt": "numFmtId",
    "font": "fontId",
    "fill": "fillId",
    "border": "borderId",
}


def name(element: Element) -> str:
    """Return the name of an element without its namespace."""
    return element.tag.rpartition("}")[2]


def attributes(element: Element) -> dict[str, str]:
    """Return the attributes of an element by their names without namespaces."""
    return {key.rpartition("}")[2]: value for key, value in element.items()}


#: Usual words of alignment and protection.
_SHORT = {
    "horizontal=center": "centre",
    "vertical=center": "middle",
    "wrapText=1": "wrap",
    "shrinkToFit=1": "shrink",
    "locked=0": "unlocked",
}
#: What charts remember of cells.
_CACHES = ("numCache", "strCache", "numLit", "strLit")
#: What says nothing.
_SILENT = ("lstStyle", "endParaRPr", "legacyDrawing", "dimension", "printSettings")


class Sheet(NamedTuple):
    """A sheet of the book."""

    title: str
    part: str
    state: str


class Line(str):
    """A line of text, and what it says roughly, by which one of another book is known to say it."""

    __slots__ = ("said",)

    def __new__(cls, text: str, said: str | Collection[str] = "") -> Line:
        """Return a line; if nothing else is given, it says its text."""
        line = super().__new__(cls, text)
        line.said = frozenset([said or text] if isinstance(said, str) else said)
        return line

    def new(self, known: Collection[str]) -> Line | None:
        """Return the line if it says anything that is not known."""
        return None if self.said <= frozenset(known) else self

    def on_one_line(self) -> Line:
        """Return the line with breaks in its texts as they are written in code."""
        return Line(self.replace("\n", "\\n"), self.said)


class LookLine(Line):
    """A look, and the cells that have it, sheet by sheet."""

    __slots__ = ("look", "places", "text")

    @classmethod
    def of(cls, look: str, text: str, places: dict[str, str]) -> LookLine:
        """Return the line of a look; it says of each sheet that it has the look."""
        cells = " ".join(f"{title}!{areas}" for title, areas in places.items())
        line = cls(f"{text} {cells}", [f"{title} {look}" for title in places])
        line.look = look
        line.text = text
        line.places = places
        return line

    def new(self, known: Collection[str]) -> LookLine | None:
        """Return the line of the sheets of which this is not known."""
        places = {
            title: areas
            for title, areas in self.places.items()
            if f"{title} {self.look}" not in known
        }
        return LookLine.of(self.look, self.text, places) if places else None

    def by_sheet(self) -> list[str]:
        """Return a line for each sheet."""
        return [f"{self.text} {title}!{held}" for title, held in self.places.items()]

    def on_one_line(self) -> LookLine:
        """Return the line; a look has no breaks."""
        return self


class Printed:
    """Elements as text: nested, in brackets where they fit on a line."""

    def __init__(self, resolve: Callable[[str, str], tuple[str, str]]) -> None:
        self.resolve = resolve

    def lines(self, element: Element, indent: str = "") -> Iterator[str]:
        """Yield an element: on one line if it fits."""
        whole = self.line(element)
        if (
            len(indent) + len(whole) <= WIDTH
            or not len(element)
            or name(element) in _CACHES
        ):
            yield indent + whole
            return
        head, children = self._head(element)
        yield indent + head
        for child in children:
            yield from self.lines(child, indent + "  ")

    def opened(self, element: Element) -> Iterator[str]:
        """Yield a part of a chart: what it has, then its plots, series and axes."""
        if not _is_opened(element):
            yield self.line(element)
            return
        alone = [e for e in element if _is_opened(e) or _is_of_chart(e)]
        for child in alone:
            element.remove(child)
        yield self.line(element)
        for child in alone:
            yield from self.opened(child)

    def line(self, element: Element) -> str:
        """Return an element with all that is in it."""
        if name(element) in _CACHES:
            formats = [e.text for e in element if name(e) == "formatCode"]
            points = " | ".join(
                _short(e.text or "") for e in element.iter() if name(e) == "v"
            )
            return f"{name(element)} {' '.join(filter(None, formats))} {points!r}"
        head, children = self._head(element)
        inner = "; ".join(map(self.line, children))
        return f"{head} ({inner})" if inner else head

    def head(self, element: Element) -> str:
        """Return an element without what is in it."""
        words = (
            f" {key}={value}"
            for key, value in (self.resolve(*p) for p in element.items())
        )
        return name(element) + "".join(words)

    def _head(self, element: Element) -> tuple[str, list[Element]]:
        """Return an element without what is in it, and that; one in another is a path."""
        path = [name(element)]
        given = attributes(element)
        children = [child for child in element if name(child) not in _SILENT]
        while not given and len(children) == 1 and name(children[0])[3:] != "Cache":
            (element,) = children
            path.append(name(element))
            given = attributes(element)
            children = [child for child in element if name(child) not in _SILENT]
        resolved = [self.resolve(*pair) for pair in element.items()]
        words = ["/".join(path), *(f"{key}={value}" for key, value in resolved)]
        if [*given] in (["val"], ["rgb"]):
            words = [words[0], resolved[0][1]]
        text = (element.text or "").strip("\r\n\t ") if not len(element) else ""
        return " ".join(words) + (f" {text!r}" if text else ""), children


class BookText:
    """What a workbook has, part by part."""

    def __init__(
        self, content: bytes, *, results: bool = True, without: str = ""
    ) -> None:
        self.results = results
        self.without = without.split()
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            self.parts = {entry: archive.read(entry) for entry in archive.namelist()}
        self.root = self.xml("xl/workbook.xml")
        self.relations = self._relations("xl/workbook.xml")
        strings = (
            self.xml("xl/sharedStrings.xml")
            if "xl/sharedStrings.xml" in self.parts
            else ()
        )
        self.strings = [_text_of(item) for item in strings]
        self.styles = self.xml("xl/styles.xml")
        self.lists = {name(child): [*child] for child in self.styles}
        self.formats = (
            {e.get("numFmtId"): e.get("formatCode") for e in self.lists["numFmts"]}
            if ("numFmts" in self.lists)
            else {}
        )
        self.printed = Printed(self._resolve)
        names = [self.printed.line(e) for font in self.lists["fonts"] for e in font]
        self.usual_font = Counter(
            n for n in names if n.startswith("name ")
        ).most_common(1)[0][0]
        self.related: dict[str, str] = {}
        self._looks: dict[str, str] = {}
        self.sheets = [self._sheet_of(e) for e in self.root.iter(_MAIN + "sheet")]
        self.formulas = FormulaNames(
            {sheet.title: self._names(sheet) for sheet in self.sheets}
        )
        self.found_looks: dict[str, list[FoundLook]] = {}
        self.title = ""
        self.columns = ColumnNames({})

    def _sheet_of(self, element: Element) -> Sheet:
        part = self.relations[element.get(_RELATION + "id", "")]
        return Sheet(element.get("name", ""), part, element.get("state", "visible"))

    def _names(self, sheet: Sheet) -> ColumnNames:
        """Return the names of columns: the texts of the last row above the frozen line."""
        root = self.xml(sheet.part)
        pane = root.find(f"{_MAIN}sheetViews/{_MAIN}sheetView/{_MAIN}pane")
        heading = "0" if pane is None else pane.get("ySplit", "0")
        headings = {}
        for row in root.iterfind(f"{_MAIN}sheetData/{_MAIN}row"):
            if row.get("r") == heading and int(heading) >= FIRST_HEADINGS:
                headings = {
                    parse_cell(cell.get("r", ""))[1]: self._text(cell) for cell in row
                }
        return ColumnNames({c: text for c, text in headings.items() if text})

    def _text(self, cell: Element) -> str:
        """Return the text that a cell shows, if it is one."""
        inline = cell.find("{*}is")
        value = cell.find("{*}v")
        if inline is not None:
            return _text_of(inline)
        if value is None or cell.get("t") not in ("s", "str"):
            return ""
        text = value.text or ""
        return self.strings[int(text)] if cell.get("t") == "s" else text

    def xml(self, part: str) -> Element:
        """Return the root of a part."""
        return ElementTree.fromstring(self.parts[part])

    def _relations(self, part: str) -> dict[str, str]:
        folder, file = posixpath.split(part)
        path = f"{folder}/_rels/{file}.rels"
        if path not in self.parts:
            return {}
        targets = {}
        for relation in self.xml(path):
            target = relation.get("Target", "")
            if relation.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/" + folder, target))[1:]
            targets[relation.get("Id", "")] = target
        return targets

    def _resolve(self, key: str, value: str) -> tuple[str, str]:
        """Return an attribute with what its number stands for."""
        plain = key.rpartition("}")[2]
        if plain == "rgb":
            return plain, value.removeprefix("FF")
        if plain == "dxfId":
            look = ", ".join(map(self.printed.line, self.lists["dxfs"][int(value)]))
            return (
                "look",
                f"[{look.replace('/patternFill/bgColor', '').replace('/color', '')}]",
            )
        if key.startswith(_RELATION):
            return plain, self.related.get(value, value)
        return plain, value

    # -- looks ---------------------------------------------------------------------------------
    def look(self, number: str) -> str:
        """Return a look in words: what it has otherwise than the first one."""
        if number not in self._looks:
            words = [word for word in self._look(number) if word not in self._look("0")]
            self._looks[number] = "; ".join(words) or "plain"
        return self._looks[number]

    def _look(self, number: str) -> list[str]:
        entry = self.lists["cellXfs"][int(number)]
        index = {kind: entry.get(key, "0") for kind, key in _LOOKS.items()}
        words = [f"format {self.formats.get(index['numFmt'], index['numFmt'])}"]
        font, fill, border = (
            self.lists[f"{kind}s"][int(index[kind])]
            for kind in ("font", "fill", "border")
        )
        parts = [
            self.printed.line(e) for e in font if name(e) not in ("family", "charset")
        ]
        parts = [
            re.sub("^(sz|color) ", "", part)
            for part in parts
            if part != self.usual_font
        ]
        words += [f"font {' '.join(parts)}"]
        words += [self._fill(e) for e in fill]
        sides = [
            " ".join(
                (
                    name(e),
                    e.get("style", ""),
                    *(_colour(self.printed.line(c)) for c in e),
                )
            )
            for e in border
            if len(e) or e.attrib
        ]
        around = {side.partition(" ")[2] for side in sides}
        words += (
            [f"border all {around.pop()}"]
            if len(sides) == 4 and len(around) == 1
            else [f"border {side}" for side in sides]
        )
        words += [f"border {key}={value}" for key, value in border.items()]
        words += [
            _SHORT.get(f"{key}={value}", f"{name(child)} {key}={value}")
            for child in entry
            for key, value in child.items()
        ]
        words += ["quotePrefix"] if entry.get("quotePrefix", "0") != "0" else []
        named = entry.get("xfId", "0")
        words += [
            f"style {style.get('name')}"
            for style in self.lists.get("cellStyles", ())
            if style.get("xfId") == named != "0"
        ]
        return words

    def _fill(self, fill: Element) -> str:
        if fill.get("patternType") != "solid":
            return f"fill {self.printed.line(fill)}"
        return f"fill {_colour(self.printed.line(fill[0]))}"

    # -- the whole ------------------------------------------------------------------------------
    def lines(self) -> Iterator[Line]:
        """Yield the lines of the workbook."""
        yield Line("== workbook")
        yield from self._workbook()
        for sheet in self.sheets:
            if sheet.title in self.without:
                continue
            hidden = "" if sheet.state == "visible" else f" ({sheet.state})"
            yield Line(f"== {sheet.title}{hidden}")
            yield from self._sheet(sheet)
        yield Line("== looks")
        yield from self._look_lines()

    def _look_lines(self) -> Iterator[Line]:
        """Yield the looks of cells; those that differ in texts in quotes alone are one."""
        for look, found in self.found_looks.items():
            text = merged([pattern for group in found for pattern in group.patterns])
            places = {group.title: group.areas for group in found}
            yield LookLine.of(look, text, places)

    def _workbook(self) -> Iterator[Line]:
        """Yield what belongs to no sheet."""
        titles = (f"{sheet.title} {sheet.state}" for sheet in self.sheets)
        yield Line(f"sheets {' | '.join(titles)}")
        for defined in self._defined_names():
            if not _is_print_setting(defined):
                yield self._defined(defined)
        lists = ("sheets", "definedNames")
        told = [self.printed.line(e) for e in self.root if name(e) not in lists]
        for part in ("docProps/core.xml", "docProps/app.xml", "docProps/custom.xml"):
            if part in self.parts:
                told += self._properties(part)
        told += [
            self.printed.line(self.lists[f"{kind}s"][0])
            for kind in ("font", "fill", "border")
        ]
        yield Line("; ".join([*told, f"usual font: {self.usual_font}"]))

    def _properties(self, part: str) -> Iterator[str]:
        for child in self.xml(part):
            if name(child) not in ("TitlesOfParts", "HeadingPairs", "modified"):
                yield self.printed.line(child)

    def _defined_names(self) -> Iterator[Element]:
        yield from self.root.iterfind(f"{_MAIN}definedNames/{_MAIN}definedName")

    def _defined(self, defined: Element) -> Line:
        given = attributes(defined)
        scope = given.pop("localSheetId", "")
        head = f"name {given.pop('name')}"
        if scope:
            head += f" of {self.sheets[int(scope)].title}"
        more = "".join(f" {key}={value}" for key, value in given.items())
        return Line(f"{head} = {self.formulas.fixed(defined.text or '')}{more}", head)

    def _sheet(self, sheet: Sheet) -> Iterator[Line]:
        self.related = self._relations(sheet.part)
        self.title = sheet.title
        self.columns = self.formulas.sheets[sheet.title]
        root = self.xml(sheet.part)
        yield from self._settings(sheet, root)
        links: list[str] = []
        for child in root:
            if name(child) == "sheetData":
                yield from self._rows(child, root.find(_MAIN + "cols"))
            elif name(child) == "ignoredErrors":
                yield from self._ignored(child)
            elif name(child) == "dataValidations":
                yield from map(self._validation, child)
            elif name(child) in ("mergeCells", "hyperlinks"):
                told = " | ".join(map(self._at_cells, child))
                links.append(f"{name(child)} {told}")
            elif name(child) not in (*_SILENT, *_SETTINGS, *_ELSEWHERE):
                yield from map(Line, self.printed.lines(child))
        if links:
            yield Line("; ".join(links))
        yield from self._rules(root)
        for target in sorted(self.related.values()):
            yield from _merged_lines(self._related(target))

    def _settings(self, sheet: Sheet, root: Element) -> Iterator[Line]:
        told = [self.printed.line(e) for e in root if name(e) in _SETTINGS]
        for defined in self._defined_names():
            of_sheet = self.sheets[int(defined.get("localSheetId", "0"))] == sheet
            if _is_print_setting(defined) and of_sheet:
                kind = defined.get("name", "").rpartition(".")[2]
                told.append(f"{kind} {self.formulas.fixed(defined.text or '')}")
        line = "; ".join(told)
        yield Line(line, re.sub(r"[A-Z]*\d+", "", line))

    def _at_cells(self, element: Element) -> str:
        """Return a link or merged cells with their columns by name."""
        given = {k: v for k, v in element.items() if k not in ("ref", "display")}
        words = (self._resolve(key, value)[1] for key, value in given.items())
        return " ".join([self.columns.address(element.get("ref", "")), *words])

    def _formula_parts(self, element: Element, first: Position) -> Pattern:
        """Return the formulas of a rule as they look from its first cell."""
        texts = [e.text or "" for e in element if name(e).startswith("formula")]
        return self.formulas.pattern(" ; ".join(texts), self.title, first)

    def _validation(self, element: Element) -> Line:
        areas = element.attrib.pop("sqref")
        pattern = self._formula_parts(element, _first_cell(areas))
        words = (f"{key}={value!r}" for key, value in element.items())
        told = f"validation {' '.join(words)} {pattern.shown()}"
        return Line(f"{told}: {self.columns.address(areas)}", told)

    def _rules(self, root: Element) -> Iterator[Line]:
        """Yield the rules of conditional formats; those of one pattern are one line."""
        groups: dict[str, list[tuple[str, Pattern]]] = {}
        number = 0
        for formatting in root.iter(_MAIN + "conditionalFormatting"):
            areas = formatting.get("sqref", "")
            for rule in formatting:
                number += 1
                late = int(rule.attrib.pop("priority")) - number
                place = self.columns.address(areas) + f" later by {late}" * bool(late)
                head, pattern = self._rule(rule, _first_cell(areas))
                key = f"rule {head} {pattern.text}"
                groups.setdefault(key, []).append((place, pattern._replace(text=key)))
        for key, members in groups.items():
            text = merged([pattern for _, pattern in members])
            yield Line(f"{text}: {' '.join(place for place, _ in members)}", key)

    def _rule(self, rule: Element, first: Position) -> tuple[str, Pattern]:
        pattern = self._formula_parts(rule, first)
        for element in rule.findall("{*}formula"):
            rule.remove(element)
        kind = rule.attrib.pop("type")
        words = self.printed.line(rule).removeprefix("cfRule")
        return f"{kind}{words}".replace("{", "⦃").replace("}", "⦄"), pattern

    def _related(self, part: str) -> Iterator[str]:
        """Yield a part that belongs to another one, and those that belong to it."""
        if part not in self.parts or "/externalLinks/" in part:
            return
        if part.endswith(".vml"):
            yield from self._boxes(part)
        elif part.endswith(".xml"):
            yield f"-- {posixpath.basename(posixpath.dirname(part))}"
            outer = self.related
            self.related = self._relations(part)
            for child in self.xml(part):
                if name(child) not in _SILENT:
                    yield from self.printed.opened(child)
            for target in sorted(self.related.values(), key=_in_order):
                yield from self._related(target)
            self.related = outer
        else:
            digest = hashlib.sha256(self.parts[part]).hexdigest()[:12]
            size = len(self.parts[part])
            yield f"{posixpath.splitext(part)[1]} {size} bytes {digest}"

    def _boxes(self, part: str) -> Iterator[str]:
        """Yield where the boxes of notes are, those of one kind together."""
        text = self.parts[part].decode()
        xml = re.sub(r"<!\[CDATA\[.*?\]\]>|<br>", "", text, flags=re.DOTALL)
        kinds: dict[str, list[str]] = {}
        for data in ElementTree.fromstring(xml).iter():
            if name(data) != "ClientData":
                continue
            words = {name(e): e.text or "yes" for e in data}
            cell = cell_name(int(words.pop("Row")) + 1, int(words.pop("Column")) + 1)
            anchor = words.pop("Anchor", "")
            kind = ", ".join(f"{key} {value}" for key, value in words.items())
            kinds.setdefault(kind, []).append(f"{cell} {anchor}")
        for kind, boxes in kinds.items():
            yield f"boxes {kind}: {' | '.join(boxes)}"

    def _ignored(self, errors: Element) -> Iterator[Line]:
        """Yield the errors that are not marked, together where they are of the same cells."""
        marks: dict[str, list[str]] = {}
        for error in errors:
            given = attributes(error)
            marks.setdefault(given.pop("sqref"), []).extend(given)
        told = []
        for areas, kinds in marks.items():
            cells = {place: True for area in areas.split() for place in _cells(area)}
            places = self._areas(area for area, _ in rectangles(cells))
            told.append(f"{' '.join(kinds)}: {places}")
        kinds_of_all = [" ".join(kinds) for kinds in marks.values()]
        yield Line(f"ignored {' | '.join(told)}", f"ignored {kinds_of_all}")

    def _column(self, column: Element) -> str:
        given = attributes(column)
        area = Area(0, int(given.pop("min")), 0, int(given.pop("max")))
        words = [self.columns.columns(area), _short(given.pop("width", ""))]
        style = given.pop("style", "0")
        given.pop("customWidth", None)
        words += [f"{key} {value}" for key, value in given.items()]
        words += [f"[{self.look(style)}]"] if style != "0" else []
        return " ".join(words)

    def _rows(self, data: Element, columns: Element | None) -> Iterator[Line]:
        cells = Cells()
        for row in data:
            self._read_row(row, cells)
        told = [
            f"{_rows_text(area)} {words}" for area, words in rectangles(cells.settings)
        ]
        widths = " | ".join(map(self._column, columns if columns is not None else ()))
        if widths or told:
            line = f"columns {widths}; rows {' | '.join(told)}"
            yield Line(line, f"columns {widths}")
        for group in grouped(cells.formulas):
            line = f"{self._areas(group.areas)} ={group.text}"
            yield Line(line, {f"={kind}" for kind in group.kinds})
        yield from self._value_lines(cells.values)
        for group in grouped(cells.looks):
            found = FoundLook(self.title, self._areas(group.areas), group.patterns)
            self.found_looks.setdefault(group.patterns[0].text, []).append(found)

    def _areas(self, areas: Iterable[Area]) -> str:
        return " ".join(map(self.columns.area, areas))

    def _read_row(self, row: Element, cells: Cells) -> None:
        given = attributes(row)
        number = int(given.pop("r"))
        style = given.pop("s", "0")
        for key in ("spans", "dyDescent", "customHeight"):
            given.pop(key, None)
        is_styled = given.pop("customFormat", "0") != "0"
        words = [f"{key} {value}" for key, value in given.items()]
        words += [f"[{self.look(style)}]"] if is_styled else []
        if words:
            cells.settings[number, 1] = " ".join(words)
        for cell in row:
            self._read_cell(cell, cells)

    def _read_cell(self, cell: Element, cells: Cells) -> None:
        position = parse_cell(cell.get("r", ""))
        look = self.look(cell.get("s", "0"))
        if look != "plain":
            cells.looks[position] = Pattern.quoted(f"[{look}]")
        formula = cell.find("{*}f")
        is_computed = formula is not None or position in cells.arrays
        if formula is not None:
            cells.formulas[position] = self._formula(formula, position)
            if formula.get("t") == "array":
                cells.arrays.update(_cells(formula.get("ref", "")))
        value = self._value(cell)
        if value is None:
            return
        if not is_computed or (self.results and value != "''"):
            cells.values.setdefault(position[0], {})[position[1]] = value

    def _formula(self, formula: Element, position: Position) -> Pattern:
        given = attributes(formula)
        kind = given.pop("t", "")
        area = given.pop("ref", "")
        given.pop("ca", None)
        words = [f" {key}={value}" for key, value in given.items()]
        if kind == "array":
            top, left, bottom, right = parse_area(area)
            words.append(f" array of {bottom - top + 1} x {right - left + 1}")
        elif kind:
            words.append(f" {kind}")
        pattern = self.formulas.pattern(formula.text or "", self.title, position)
        return pattern._replace(text=pattern.text + "".join(words))

    def _value_lines(self, rows: Mapping[int, Mapping[int, str]]) -> Iterator[Line]:
        """Yield what cells hold, row by row; rows of one kind together."""
        for block in _blocks(rows):
            lines = [self._row_line(rows[number]) for number in block]
            is_numeric = any(_is_number(value) for value in rows[block[0]].values())
            if is_numeric and len(block) > SHOWN_ROWS + 1:
                rest = block[SHOWN_ROWS:]
                for number, line in zip(block, lines[:SHOWN_ROWS], strict=False):
                    yield Line(f"{number}: {line}", line)
                yield Line(f"{rest[0]}:{rest[-1]}: {self._sums(rows, rest)}")
                continue
            columns = " ".join(map(self.columns.name, rows[block[0]]))
            for number, line in zip(block, lines, strict=True):
                yield Line(f"{number}: {columns} {line}", line)

    def _row_line(self, row: Mapping[int, str]) -> str:
        return " | ".join(row.values())

    def _sums(self, rows: Mapping[int, Mapping[int, str]], block: list[int]) -> str:
        """Return what columns of many rows have: sums of numbers, how many texts and which."""
        told = []
        for column in rows[block[0]]:
            held = [rows[number][column] for number in block]
            told.append(f"{self.columns.name(column)} {summed(held)}")
        return " | ".join(told)

    def _value(self, cell: Element) -> str | None:
        kind = cell.get("t", "n")
        value = cell.find("{*}v")
        inline = cell.find("{*}is")
        if inline is not None:
            return f"inline {_text_of(inline)!r}"
        if value is None:
            return None
        text = value.text or ""
        if kind == "s":
            return repr(self.strings[int(text)])
        if kind == "n":
            return _short(text)
        return repr(text) if kind == "str" else f"{text}({kind})"


class FoundLook(NamedTuple):
    """The cells of a sheet that have a look."""

    title: str
    areas: str
    patterns: list[Pattern]


class Cells:
    """What the cells of a sheet have."""

    def __init__(self) -> None:
        self.formulas: dict[Position, Pattern] = {}
        self.looks: dict[Position, Pattern] = {}
        self.values: dict[int, dict[int, str]] = {}
        self.settings: dict[Position, str] = {}
        self.arrays: set[Position] = set()


def _is_number(value: str) -> bool:
    return value[:1].isdigit() or value[:1] == "-"


def _is_print_setting(defined: Element) -> bool:
    return defined.get("name", "").startswith("_xlnm.Print_")


def _first_cell(areas: str) -> Position:
    return parse_cell(areas.split()[0].partition(":")[0])


def _rows_text(area: Area) -> str:
    return f"{area.top}" if area.top == area.bottom else f"{area.top}:{area.bottom}"


def _kinds(row: Mapping[int, str]) -> list[tuple[int, bool]]:
    return [(column, _is_number(value)) for column, value in row.items()]


def _blocks(rows: Mapping[int, Mapping[int, str]]) -> Iterator[list[int]]:
    """Yield rows below each other that have numbers and texts in the same columns."""
    block: list[int] = []
    for number in rows:
        is_next = block and number == block[-1] + 1
        if is_next and _kinds(rows[number]) == _kinds(rows[block[0]]):
            block.append(number)
            continue
        if block:
            yield block
        block = [number]
    if block:
        yield block


def _is_opened(element: Element) -> bool:
    return name(element) in _OPENED or name(element).endswith("Chart")


def _is_of_chart(element: Element) -> bool:
    return name(element) in ("ser", "comment") or name(element).endswith("Ax")


def _merged_lines(lines: Iterable[str]) -> Iterator[Line]:
    """Yield lines; those that differ in texts and numbers alone are one."""
    groups: dict[str, list[Pattern]] = {}
    for line in lines:
        pattern = Pattern.of_values(line)
        groups.setdefault(pattern.text, []).append(pattern)
    for key, patterns in groups.items():
        times = f" ×{len(patterns)}" if len(patterns) > 1 else ""
        yield Line(merged(patterns) + times, key)


def _cells(area: str) -> Iterator[Position]:
    top, left, bottom, right = parse_area(area)
    for row in range(top, bottom + 1):
        for column in range(left, right + 1):
            yield row, column


def _text_of(item: Element) -> str:
    """Return a text; runs of a rich one are marked by how they look."""
    texts = []
    for child in item:
        if name(child) == "t":
            texts.append(child.text or "")
        elif name(child) == "r":
            looks = [
                Printed(lambda k, v: (k, v)).line(e) for e in child if name(e) == "rPr"
            ]
            run = "".join(e.text or "" for e in child if name(e) == "t")
            texts.append(f"<{'; '.join(looks)}>{run}" if looks else run)
    return "".join(texts)


def _colour(text: str) -> str:
    return text.removeprefix("fgColor ").removeprefix("color ")


def _short(text: str) -> str:
    """Return a number with as many digits as every machine computes alike."""
    try:
        number = float(text)
    except ValueError:
        return text
    return "0" if abs(number) < SMALL else f"{number:.7g}"


def _in_order(part: str) -> tuple[str, int]:
    """Sort chart2 before chart10."""
    stem, number = re.fullmatch(r"(.*?)(\d*)\.\w+", part).groups()
    return stem, int(number or 0)


def book_lines(
    content: bytes, *, results: bool = True, without: str = ""
) -> list[Line]:
    """Return a workbook as lines of text, each with what makes it equal to another one.

    Parameters
    ----------
    results
        Whether the results of formulas are shown.
    without
        Sheets that are left out.
    """
    found = BookText(content, results=results, without=without).lines()
    version = f"xlcity {__version__}"
    lines = []
    for line in found:
        if version in line:
            line = Line(line.replace(version, "xlcity VERSION"), line.said)
        lines.append(line.on_one_line())
    return lines


def book_text(content: bytes, *, results: bool = True, without: str = "") -> str:
    """Return a workbook as text, looks sheet by sheet."""
    lines: list[str] = []
    for line in book_lines(content, results=results, without=without):
        lines += line.by_sheet() if isinstance(line, LookLine) else [line]
    return "\n".join([*lines, ""])
