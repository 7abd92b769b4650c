"""What is read in workbooks of several programs, and what edits make of them, kept as text."""

import datetime as dt
import io
import zipfile
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path

import pytest

from tests.helpers.book_text import book_text
from tests.helpers.kept import gained, shown
from tests.helpers.rich_book import rich_book
from xlcity.errors import CellError
from xlcity.xlsx.address import cell_name, ranges_text
from xlcity.xlsx.appearance import compare_appearance, describe_look, read_appearance
from xlcity.xlsx.cells import find_area, read_book
from xlcity.xlsx.editing.charts import refresh_charts
from xlcity.xlsx.editing.comments import Comment, read_comments
from xlcity.xlsx.editing.engine_copy import engine_copy
from xlcity.xlsx.editing.patch import (
    CellEntry,
    patch_values,
    write_entries,
    write_inputs,
)
from xlcity.xlsx.editing.rename_sheets import rename_sheets
from xlcity.xlsx.editing.restyle import StyleTable
from xlcity.xlsx.editing.sheet_editor import SheetEditor
from xlcity.xlsx.editing.transplant import copy_sheets, order_sheets
from xlcity.xlsx.features import read_features
from xlcity.xlsx.formulas.circles import find_circles, sort_formulas
from xlcity.xlsx.formulas.formula import find_calls
from xlcity.xlsx.formulas.graph import Graph
from xlcity.xlsx.formulas.syntax import parse
from xlcity.xlsx.formulas.tokens import normalise_formula
from xlcity.xlsx.new_book import (
    calculate_on_load,
    close_to_bytes,
    marker,
    names_axis,
    new_book,
    radar_axis,
    values_axis,
)
from xlcity.xlsx.package import Package
from xlcity.xlsx.page_settings import misleading_settings, read_breaks
from xlcity.xlsx.plain_cells import read_plain_cells
from xlcity.xlsx.properties import (
    describe_hidden_lines,
    read_book_settings,
    read_external_links,
)
from xlcity.xlsx.relations import ContentTypes

FILES = Path(__file__).parents[2] / "golden" / "excel"
RICH = "rich"
NAMES = (
    RICH,
    "ExcelTables",
    "FormulaSheetRange",
    "NewlineInFormulas",
    "TestShiftRowSharedFormula",
    "WithConditionalFormatting",
    "WithThreeCharts",
    "XSSFSheet.copyRows",
)
COPIED = (
    RICH,
    "NewStyleConditionalFormattings",
    "WithThreeCharts",
    "XSSFSheet.copyRows",
    "48539",
)
EDITED = (RICH, "WithThreeCharts", "ExcelTables")


def package_of(name: str) -> Package:
    if name == RICH:
        return Package.from_bytes(rich_book(), "rich.xlsx")
    return Package.read(FILES / f"{name}.xlsx")


def read_lines(package: Package, path: Path):
    """Yield what all readers say of a workbook."""
    book = read_book(package)
    styles = package.styles
    yield f"sheets {shown(package.sheets)}"
    yield f"names {shown(book.names)} {shown(book.local_names)}"
    yield f"areas {shown({name: find_area(book, name) for name in book.names})}"
    yield f"settings {shown(read_book_settings(package, styles))}"
    yield f"links to {shown([link.target for link in read_external_links(package)])}"
    yield f"comments {shown(read_comments(package, book))}"
    for style, _ in enumerate(styles.entries("cellXfs")):
        look = styles.look(style)
        yield f"style {style} {styles.named_style(style)} {shown(look)} {describe_look(look)}"
    for entry in styles.entries("dxfs"):
        yield f"change {shown(styles.changes(entry))}"
    graph = Graph(book)
    yield f"circles {shown(find_circles(graph))}"
    cells = [
        (name, p)
        for name, sheet in graph.book.sheets.items()
        for p in sheet.cells.texts()
    ]
    yield f"order {shown(sort_formulas(graph, cells))}"
    keys: set[str] = set()
    for name, sheet in book.sheets.items():
        yield f"== {name}"
        yield f"extent {sheet.cells.extent()} arrays {shown(sheet.arrays())}"
        for position, cell in sorted(sheet.cells.items()):
            array = sheet.cells.arrays.get(position, "")
            yield f"{cell_name(*position)} {shown(cell)} {array}".rstrip()
        for position, text in sorted(sheet.cells.texts().items()):
            formula = normalise_formula(text, *position)
            reads = " ".join(map(str, graph.reads(name, position)))
            needs = " ".join(map(str, graph.needs(name, position)))
            yield f"{cell_name(*position)} ={text} reads {reads} needs {needs}"
            if formula.key in keys:
                continue
            keys.add(formula.key)
            yield f"  key {formula.key} names {formula.names}"
            yield f"  functions {shown(formula.functions)} calls {shown([*find_calls(text)])}"
            yield f"  tree {shown(parse(formula.tokens))}"
        features = read_features(package, sheet.part, styles)
        for field in fields(features):
            content = getattr(features, field.name)
            if isinstance(content, Mapping):
                yield from (
                    f"{field.name} {shown(k)}: {shown(v)}" for k, v in content.items()
                )
            elif field.name in ("rules", "placed", "objects"):
                for one in content:
                    yield f"{field.name} {shown(one)}"
                    if field.name == "rules":
                        yield f"  {one.described()} | {one.effect} | {shown(one.limits)}"
            elif field.name != "root":
                yield f"{field.name} {shown(content)}"
        yield f"breaks {shown(read_breaks(features.root))}"
        yield f"hidden {shown([*describe_hidden_lines(features)])}"
        yield f"misleading {shown([*misleading_settings(features.settings)])}"
    appearance = read_appearance(package, book)
    yield f"== appearance {appearance.program}"
    yield from (
        f"{' '.join(filter(None, a))}: {text}" for a, text in appearance.aspects.items()
    )
    for name, formats in appearance.formats.items():
        areas: dict[str, list[tuple[int, int]]] = {}
        for position, words in formats.items():
            areas.setdefault(words, []).append(position)
        yield from (f"{name} {ranges_text(of)}: {words}" for words, of in areas.items())
    package.write(path)
    for name, rows in read_plain_cells(path).items():
        for row in rows:
            yield f"plain {name}: {shown([(type(cell).__name__, cell) for cell in row])}"


@pytest.mark.parametrize("name", NAMES)
def test_what_is_read_is_what_is_kept(name, require_kept, tmp_path):
    lines = read_lines(package_of(name), tmp_path / "book.xlsx")
    require_kept(f"read-{name}", "\n".join([*lines, ""]))


# -- edits -----------------------------------------------------------------------------------------
VALUES = (2.5, "text <&>", " spaced\n", True, CellError.NA, None, 1e300, "", -0.0)


def results(package: Package) -> Package:
    """Give every formula another result."""
    book = read_book(package)
    values = {
        name: {
            position: VALUES[number % len(VALUES)]
            for number, position in enumerate(sorted(sheet.cells.computed()))
        }
        for name, sheet in book.sheets.items()
    }
    return patch_values(package, values, book)


def inputs(package: Package) -> Package:
    """Type over constants, and beside and below all cells."""
    book = read_book(package)
    values = {}
    for name, sheet in book.sheets.items():
        taken = [p for p, cell in sorted(sheet.cells.items()) if not cell.computed][::3]
        row, column = sheet.cells.extent() if len(sheet.cells) else (1, 1)
        places = [*taken, (row, column + 2), (row + 2, 1), (row + 1, column)]
        values[name] = {
            place: VALUES[n % len(VALUES)] for n, place in enumerate(places)
        }
    return write_inputs(package, values, book)


def entries(package: Package) -> Package:
    """Type formulas, an array, a rich text, where nothing is."""
    book = read_book(package)
    typed = {}
    for name, sheet in book.sheets.items():
        row, column = sheet.cells.extent() if len(sheet.cells) else (1, 1)
        array = f"{cell_name(row + 3, 1)}:{cell_name(row + 4, 1)}"
        typed[name] = {
            (row + 1, column + 1): CellEntry(3.0, "1+2"),
            (row + 1, 1): CellEntry("x", '"x"&A1<B1'),
            (row + 3, 1): CellEntry(None, "A1:A2*2", array),
            (row + 5, 2): CellEntry(
                "ab", runs="<r><t>a</t></r><r><rPr><b/></rPr><t>b</t></r>"
            ),
        }
    return write_entries(package, typed, book)


def titles(package: Package) -> Package:
    """Give every second sheet another title, and turn the order of all."""
    names = [sheet.name for sheet in package.sheets]
    new = {
        name: f"It's {number} 新"
        for number, name in enumerate(names)
        if number % 2 == 0
    }
    renamed = rename_sheets(package, new)
    root = renamed.workbook
    order = [e.get("name", "") for e in root.iter() if e.tag.endswith("}sheet")]
    return order_sheets(renamed, order[::-1])


def settings(package: Package) -> Package:
    """Set lines, looks, notes, links and colours on the first sheet."""
    book = read_book(package)
    sheet = next(iter(book.sheets.values()))
    editor = SheetEditor(package, sheet.part)
    styles = StyleTable(package)
    looks = (
        {"fill": "FF0000"},
        {"bold": "1", "colour": "00FF00", "size": "20"},
        {"number": "0.0%"},
        {"unlocked": "1"},
        {"left": "thin 112233", "top": ""},
        {"fill": "", "bold": ""},
        {"horizontal": "center", "wrapText": "1"},
        {"font": "Arial", "underline": "double"},
    )
    cells = sorted(sheet.cells.items()) or [((1, 1), None)]
    for number, look in enumerate(looks):
        position, cell = cells[number % len(cells)]
        editor.styles[position] = styles.changed(
            0 if cell is None else cell.style, look
        )
    editor.styles[60, 30] = styles.changed(0, looks[0])
    editor.entries[61, 2] = CellEntry("typed")
    editor.rows[3], editor.rows[70] = {"ht": "33", "customHeight": "1"}, {"hidden": "1"}
    editor.set_column(2, {"width": "44", "customWidth": "1"})
    editor.set_column(7, {"hidden": "1"})
    editor.child("sheetPr", "tabColor").set("rgb", "FF123456")
    editor.child("sheetViews", "sheetView", "pane").attrib.update(
        ySplit="1", state="frozen"
    )
    editor.add("hyperlink", {"ref": "A1", "location": "B2"}, "hyperlinks")
    editor.remove("pageMargins")
    editor.notes = {
        (2, 2): Comment("a <note>\nof two lines", "Li"),
        (9, 9): Comment("b", ""),
    }
    types = ContentTypes.read_from(package)
    parts = editor.parts(types)
    return package.replace(
        {**parts, styles.part: styles.to_bytes(), ContentTypes.PART: types.to_bytes()}
    )


def copies(package: Package) -> Package:
    """Copy all sheets into a plain book that has some of these names."""
    left: list[tuple[str, str]] = []
    names = {sheet.name: f"{sheet.name[:20]} copy" for sheet in package.sheets}
    target = Package.from_bytes(rich_book())
    copied = copy_sheets(
        package, target, names, lambda f, s, c: f.replace("A1", "A$1"), left
    )
    return copied.replace({"left.txt": shown(left).encode()})


def for_engine(package: Package) -> Package:
    """Make the copy that an engine computes."""
    book = read_book(package)
    sheet = next(iter(book.sheets.values()))
    computed = sorted(sheet.cells.computed())
    # Cells that share a formula become constants together.
    odd = [position for position in computed if position[1] % 2]
    constants = {sheet.name: {p: VALUES[n % len(VALUES)] for n, p in enumerate(odd)}}
    renamed = {sheet.name: [position for position in computed if position not in odd]}
    return engine_copy(package, book, lambda text, _: f"MY({text})", constants, renamed)


def charts(package: Package) -> Package:
    """Let charts store what cells would have."""
    book = read_book(package)

    def lookup(sheet: str, row: int, column: int):
        return f"r{row}" if column == 1 else row * 10.0 + column

    refreshed = refresh_charts(
        package, lookup, lambda name: find_area(book, name), lambda *_: True
    )
    return calculate_on_load(refreshed)


EDITS = (results, inputs, entries, titles, settings, for_engine, charts)


@pytest.mark.parametrize("name", EDITED)
def test_what_edits_change_is_what_is_kept(name, require_kept):
    package = package_of(name)
    before = package.to_bytes()
    text = book_text(before)
    book = read_book(package)
    seen = read_appearance(package, book)
    lines = []
    for edit in EDITS:
        after = edit(package)
        lines.append(f"==== {edit.__name__}: {edit.__doc__}")
        changed = [
            part for part in after.parts if after.parts[part] != package.parts.get(part)
        ]
        lines.append(f"parts {' '.join(changed)}")
        lines += gained(text, book_text(after.to_bytes()))
        again = read_appearance(after, read_book(after))
        changes = [*compare_appearance(seen, again)]
        lines += [f"seen {shown(change)}" for change in changes]
        # LibreOffice drops some things, which are no changes then.
        office = replace(again, program="LibreOffice/7.4")
        lines += [
            f"in LibreOffice {shown(change)}"
            for change in changes
            if change not in [*compare_appearance(seen, office)]
        ]
        lines.append(f"read {shown([*read_book(after).sheets])}")
    # Of what is shown no more, all is told that LibreOffice keeps.
    bare = replace(seen, aspects={}, program="LibreOffice/7.4")
    for pair in ((seen, bare), (bare, seen)):
        aspects = (shown(change.aspect) for change in compare_appearance(*pair))
        lines.append(f"bare {' '.join(aspects).replace('Aspect', '')}")
    # The same cells in other styles.
    styles = (
        package.text(package.styles.part)
        .replace("FFFF0000", "FF00FF00")
        .replace("%", "")
    )
    restyled = package.replace({package.styles.part: styles.encode()})
    again = read_appearance(restyled, book)
    lines += [f"restyled {shown(change)}" for change in compare_appearance(seen, again)]
    require_kept(f"edited-{name}", "\n".join([*lines, ""]), whole=True)


def test_a_new_book_is_what_is_kept(require_kept):
    book = new_book()
    book.set_properties({"created": dt.datetime(2025, 1, 1)})
    sheet = book.add_worksheet("New")
    for column, axis in enumerate((values_axis, names_axis, radar_axis)):
        chart = book.add_chart({"type": "radar" if axis is radar_axis else "bar"})
        chart.add_series({"values": "=New!$A$1:$A$3", "marker": marker("#123456", 5)})
        chart.set_x_axis(axis({"size": 9, "color": "#112233"}))
        sheet.insert_chart(0, 8 * column, chart)
    require_kept("new", book_text(close_to_bytes(book)), whole=True)


@pytest.mark.parametrize("name", COPIED)
def test_what_a_copied_sheet_brings_is_what_is_kept(name, require_kept):
    copied = copies(package_of(name))
    text = book_text(copied.to_bytes())
    plain = book_text(Package.from_bytes(rich_book()).to_bytes())
    left = copied.parts["left.txt"].decode()
    with zipfile.ZipFile(io.BytesIO(copied.to_bytes())) as archive:
        entries = archive.infolist()
    kinds = {(entry.date_time, entry.compress_type) for entry in entries}
    parts = f"entries {kinds} {' '.join(entry.filename for entry in entries)}"
    require_kept(
        f"copied-{name}",
        "\n".join([left, parts, *gained(plain, text), ""]),
        whole=True,
    )
