"""A workbook as lines of text: all that is drawn in it, so that two of them differ readably.

The parts are read by themselves, without the package's readers and without openpyxl. Formulas are
grouped by how they look from their cells, looks by their words; what else a sheet, a chart or a
comment has is printed as it is nested, with names of looks, sheets and files put for numbers.
"""

from __future__ import annotations

import hashlib
import io
import posixpath
import re
import textwrap
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from xlcity import __version__
from xlcity.xlsx.address import cell_name, column_letters, parse_cell

Position = tuple[int, int]
WIDTH = 110
#: A number below it is what rounding left.
SMALL = 1e-13
_REFERENCE = re.compile(
    r"""("(?:[^"]|"")*"|'(?:[^']|'')*'!)|(?<![\w.\\])(\$?)([A-Z]{1,3})(\$?)([1-9]\d{0,6})(?![\w.(!])"""
)
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
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

    def line(self, element: Element) -> str:
        """Return an element with all that is in it."""
        if name(element) in _CACHES:
            formats = [e.text for e in element if name(e) == "formatCode"]
            points = " | ".join(
                _short(e.text or "") for e in element.iter() if name(e) == "v"
            )
            return f"{name(element)} {' '.join(filter(None, formats))}: {points}"
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
    def lines(self) -> Iterator[str]:
        """Yield the lines of the workbook."""
        yield "== workbook"
        sheets: list[tuple[str, str, str]] = []
        for child in self.root:
            if name(child) == "sheets":
                for sheet in child:
                    part = self.relations[sheet.get(_RELATION + "id", "")]
                    state = sheet.get("state", "visible")
                    sheets.append((sheet.get("name", ""), part, state))
                yield f"sheets {' | '.join(f'{title} {state}' for title, _, state in sheets)}"
            elif name(child) == "definedNames":
                for defined in child:
                    given = attributes(defined)
                    scope = given.pop("localSheetId", "")
                    words = [
                        given.pop("name"),
                        *(sheets[int(scope)][0:1] if scope else ()),
                    ]
                    more = "".join(f" {key}={value}" for key, value in given.items())
                    yield f"name {' of '.join(words)} = {defined.text}{more}"
            else:
                yield from self.printed.lines(child)
        for part in ("docProps/core.xml", "docProps/app.xml", "docProps/custom.xml"):
            if part in self.parts:
                for child in self.xml(part):
                    if name(child) not in ("TitlesOfParts", "HeadingPairs", "modified"):
                        yield from self.printed.lines(child)
        default = [
            self.printed.line(self.lists[f"{k}s"][0])
            for k in ("font", "fill", "border")
        ]
        yield f"plain cells: {'; '.join(default)}; usual font: {self.usual_font}"
        for title, part, state in sheets:
            if title in self.without:
                continue
            yield ""
            yield f"== {title}" + ("" if state == "visible" else f" ({state})")
            yield from self._sheet(part)

    def _sheet(self, part: str) -> Iterator[str]:
        self.related = self._relations(part)
        rules: dict[tuple[str, ...], tuple[list[str], list[str]]] = {}
        for child in self.xml(part):
            if name(child) == "sheetData":
                yield from self._rows(child)
            elif name(child) == "cols":
                for column in child:
                    yield self._column(column)
            elif name(child) == "conditionalFormatting":
                self._add_rules(child, rules)
            elif name(child) == "ignoredErrors":
                yield from self._ignored(child)
            elif name(child) not in _SILENT:
                yield from self.printed.lines(child)
        for lines, areas in rules.values():
            yield from _wrapped(f"{lines[0]}: {' '.join(areas)}")
            yield from lines[1:]
        for target in sorted(self.related.values()):
            yield from self._related(target)

    def _add_rules(self, formatting: Element, rules: dict) -> None:
        """Add the rules of some cells to the equal ones of others, as they are seen from there."""
        areas = formatting.get("sqref", "")
        first = parse_cell(areas.split()[0].partition(":")[0])
        for rule in formatting:
            number = sum(len(of[1]) for of in rules.values()) + 1
            kind = rule.attrib.pop("type")
            priority = int(rule.attrib.pop("priority"))
            formulas = [rule.find("{*}formula")] if kind == "expression" else []
            for formula in formulas:
                rule.remove(formula)
            head = (
                f"{kind}{self.printed.line(rule).removeprefix('cfRule')}"
                if not len(rule)
                else kind
            )
            head += "".join(f" {formula.text}" for formula in formulas)
            head += f" priority {priority}" if priority != number else ""
            key = [head.replace(f.text, relative(f.text, first)) for f in formulas] or [
                head
            ]
            more = [line for part in rule for line in self.printed.lines(part, "    ")]
            rules.setdefault((*key, *more), ([head, *more], []))[1].append(areas)

    def _related(self, part: str) -> Iterator[str]:
        """Yield a part that belongs to another one, and those that belong to it."""
        if part not in self.parts or "/externalLinks/" in part:
            return
        if part.endswith(".vml"):
            xml = re.sub(
                r"<!\[CDATA\[.*?\]\]>|<br>",
                "",
                self.parts[part].decode(),
                flags=re.DOTALL,
            )
            for data in ElementTree.fromstring(xml).iter():
                if name(data) == "ClientData":
                    words = {name(e): e.text or "yes" for e in data}
                    cell = cell_name(
                        int(words.pop("Row")) + 1, int(words.pop("Column")) + 1
                    )
                    yield f"box of {cell} {', '.join(f'{k} {v}' for k, v in words.items())}"
        elif part.endswith(".xml"):
            yield f"-- {posixpath.basename(posixpath.dirname(part))}"
            outer, self.related = self.related, self._relations(part)
            for child in self.xml(part):
                yield from self.printed.lines(child)
            for target in sorted(self.related.values(), key=_in_order):
                yield from self._related(target)
            self.related = outer
        else:
            digest = hashlib.sha256(self.parts[part]).hexdigest()[:12]
            yield f"{posixpath.splitext(part)[1]} {len(self.parts[part])} bytes {digest}"

    def _ignored(self, errors: Element) -> Iterator[str]:
        """Yield the errors that are not marked, together where they are of the same cells."""
        marks: dict[str, list[str]] = {}
        for error in errors:
            given = attributes(error)
            marks.setdefault(given.pop("sqref"), []).extend(given)
        for areas, kinds in marks.items():
            cells = {place: True for area in areas.split() for place in _cells(area)}
            ((_, joined),) = _grouped(cells)
            yield from _wrapped(f"ignored {' '.join(kinds)}: {' '.join(joined)}")

    def _column(self, column: Element) -> str:
        given = attributes(column)
        ends = [column_letters(int(given.pop(key))) for key in ("min", "max")]
        words = [f"columns {ends[0]}:{ends[1]}", f"width {given.pop('width', '')}"]
        style = given.pop("style", "0")
        given.pop("customWidth", None)
        words += [f"{key} {value}" for key, value in given.items()]
        return " ".join(words) + (f" [{self.look(style)}]" if style != "0" else "")

    def _rows(self, data: Element) -> Iterator[str]:
        formulas: dict[Position, tuple[str, str]] = {}
        looks: dict[Position, str] = {}
        values: list[str] = []
        settings: dict[Position, str] = {}
        arrays: set[Position] = set()
        for row in data:
            given = {
                k: v
                for k, v in attributes(row).items()
                if k not in ("spans", "dyDescent")
            }
            number = int(given.pop("r"))
            given.pop("customHeight", None)
            style = given.pop("s", "0")
            words = [f"{key} {value}" for key, value in given.items()]
            words += (
                [f"[{self.look(style)}]"]
                if given.pop("customFormat", "0") != "0"
                else []
            )
            if words:
                settings[number, 1] = " ".join(words)
            shown = []
            for cell in row:
                position = parse_cell(cell.get("r", ""))
                look = self.look(cell.get("s", "0"))
                if look != "plain":
                    looks[position] = look
                formula = cell.find("{*}f")
                if formula is not None:
                    formulas[position] = self._formula(formula, position)
                value = self._value(cell)
                computed = formula is not None or position in arrays
                if formula is not None and formula.get("t") == "array":
                    arrays.update(_cells(formula.get("ref", "")))
                if value is None or (computed and (value == "''" or not self.results)):
                    continue
                shown.append(f"{column_letters(position[1])} {value}")
            if shown:
                values.append(f"{number}: {' | '.join(shown)}")
        for words, areas in _grouped(settings):
            yield f"rows {' '.join(re.sub('[A-Z]', '', area) for area in areas)}: {words}"
        for (_, shown_formula), areas in _grouped(formulas, first=1):
            yield from _wrapped(f"{' '.join(areas)} {shown_formula}")
        for line in values:
            yield from _wrapped(line)
        for words, areas in _grouped(looks):
            yield from _wrapped(f"[{words}] {' '.join(areas)}")

    def _formula(self, formula: Element, position: Position) -> tuple[str, str]:
        text = formula.text or ""
        given = attributes(formula)
        kind = given.pop("t", "")
        area = given.pop("ref", "")
        given.pop("ca", None)
        words = [f"{key}={value}" for key, value in given.items()]
        if kind == "array":
            size = area.partition(":")[2] or area
            rows, columns = (
                b - a + 1 for a, b in zip(position, parse_cell(size), strict=True)
            )
            words.append(f"array of {rows} x {columns}")
        elif kind:
            words.append(kind)
        more = f" {' '.join(words)}" if words else ""
        return relative(text, position) + more, f"={text}{more}"

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


def relative(formula: str, position: Position) -> str:
    """Return a formula as it is seen from its cell: copies of it are equal."""

    def seen(match: re.Match[str]) -> str:
        text, fixed_column, letters, fixed_row, number = match.groups()
        if text:
            return text
        row, column = parse_cell(letters + number)
        down = f"R{row}" if fixed_row else f"R[{row - position[0]}]"
        return down + (f"C{column}" if fixed_column else f"C[{column - position[1]}]")

    return _REFERENCE.sub(seen, formula)


def _grouped(
    cells: dict[Position, object], first: int = 0
) -> Iterator[tuple[object, list[str]]]:
    """Yield what equal cells have, with their areas; pairs are equal if their first words are.

    With `first` the rest of a pair is that of its first cell.
    """
    groups: dict[object, tuple[object, list[str]]] = {}
    seen: set[Position] = set()
    for position in sorted(cells):
        if position in seen:
            continue
        value = cells[position]
        key = value[0] if first else value

        def same(row: int, column: int, key: object = key) -> bool:
            other = cells.get((row, column))
            at = (row, column)
            return (
                other is not None
                and at not in seen
                and (other[0] if first else other) == key
            )

        top, left = position
        right = left
        while same(top, right + 1):
            right += 1
        bottom = top
        while all(same(bottom + 1, column) for column in range(left, right + 1)):
            bottom += 1
        seen.update(
            (r, c) for r in range(top, bottom + 1) for c in range(left, right + 1)
        )
        area = cell_name(top, left)
        if (top, left) != (bottom, right):
            area += f":{cell_name(bottom, right)}"
        groups.setdefault(key, (value, []))[1].append(area)
    yield from groups.values()


def _cells(area: str) -> Iterator[Position]:
    (top, left), (bottom, right) = (
        parse_cell(end) for end in (area.split(":") * 2)[:2]
    )
    yield from (
        (row, column)
        for row in range(top, bottom + 1)
        for column in range(left, right + 1)
    )


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


def _wrapped(line: str) -> list[str]:
    return textwrap.wrap(
        line,
        WIDTH,
        subsequent_indent="    ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def book_text(content: bytes, *, results: bool = True, without: str = "") -> str:
    """Return a workbook as text.

    Parameters
    ----------
    results
        Whether the results of formulas are shown.
    without
        Sheets that are left out.
    """
    text = "\n".join(BookText(content, results=results, without=without).lines()) + "\n"
    return text.replace(f"xlcity {__version__}", "xlcity VERSION")
