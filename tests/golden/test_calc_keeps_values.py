"""The five templates edited in LibreOffice, which calculates only what an edit changes."""

from collections.abc import Iterator

import pytest

from tests.helpers.calc_session import edit_in_calc
from tests.helpers.large_reports import reports_by_size
from xlcity.cli import main
from xlcity.recalc.compare import find_stale_values
from xlcity.recalc.workbook import recalculate
from xlcity.reports import load_report
from xlcity.workbook.build import build
from xlcity.workbook.reading.template import open_template
from xlcity.workbook.spec.from_report import template_spec
from xlcity.workbook.tabs import with_pages
from xlcity.xlsx.address import cell_name, parse_cell
from xlcity.xlsx.cells import read_book, resolve
from xlcity.xlsx.package import Package

pytestmark = [
    pytest.mark.golden,
    pytest.mark.slow,
    pytest.mark.libreoffice,
    pytest.mark.uno,
]
#: Words of parameters -> another that is allowed.
WORDS = {
    "minmax": "zero",
    "exclude": "include",
    "values": "presence",
    "presence": "values",
    "own": "all",
    "yes": "no",
}
METHOD_COLUMNS = ("direction", "valid_low", "valid_high", "no_data")
TYPED = ("暂缺", "n.a.", "1e", "12,3", "３.5", "3.5%", " NA ", None, 0.0, -1.5)


def parameters(template) -> Iterator[tuple[str, str, object]]:
    """Yield an edit of every parameter, weight, direction and setting of a method."""
    book = template.book
    indicators = {node.code for node in template.framework.indicators}
    names = [name for name in book.names if name.startswith("par_")]
    for name in (*names, "in_weights", "xl_framework", "xl_methods"):
        area = resolve(book, name)
        head = (
            dict(enumerate(book.block(area)[0], area.c1))
            if name.startswith("xl_")
            else {}
        )
        codes = {row: book.value(area.sheet, row, area.c1) for row, _ in area.positions}
        computed = book.sheets[area.sheet].cells.computed()
        for position in sorted(set(area.positions) - set(computed)):
            value = book.value(area.sheet, *position)
            if name == "xl_framework" and codes[position[0]] not in indicators:
                continue  # protected
            new = changed(name, head.get(position[1], ""), value)
            if new != value:
                yield area.sheet, cell_name(*position), new


def changed(name, column, value):
    """Return another value of a parameter; the same where it has none."""
    if name == "par_missing":
        return value or "暂缺"
    if name == "xl_framework" and column not in METHOD_COLUMNS:
        return value
    if column == "no_data" and value is None:
        return 0.0
    if column == "direction" and isinstance(value, float):
        return -value
    return value + 0.5 if isinstance(value, float) else WORDS.get(value, value)


def entries(template) -> Iterator[tuple[str, str, object]]:
    """Yield entries of every kind in `Data`, and one in every other table of inputs."""
    book = template.book
    rows = list(template.rows.values())
    for place, column in enumerate(template.columns.values()):
        row = rows[place % len(rows)]
        value = TYPED[place % len(TYPED)]
        yield "Data", cell_name(row, column), value
    yield "Data", cell_name(rows[-1], 1), "atlantis"
    yield "Cities", cell_name(resolve(book, "xl_units").r1 + 1, 1), "atlantis"
    for name in book.names:
        if name.startswith("in_") and name not in ("in_data", "in_weights"):
            area = resolve(book, name)
            numbers = (
                p
                for p in area.positions
                if isinstance(book.value(area.sheet, *p), float)
            )
            if (position := next(numbers, None)) is not None:
                yield area.sheet, cell_name(*position), 7.0


@pytest.fixture(scope="module", params=reports_by_size())
def books(tmp_path_factory, request):
    """Return the files of a report: as built, saved, edited twice and restored by LibreOffice."""
    folder = tmp_path_factory.mktemp(request.param)
    names = ("built", "saved", "parameters", "entries", "restored")
    files = {name: folder / f"{name}.xlsx" for name in names}
    build(with_pages(template_spec(load_report(request.param)), ["all"])).package.write(
        files["built"]
    )
    template = open_template(files["built"])
    first = list(parameters(template))
    second = list(entries(template))
    was = [
        (sheet, cell, template.book.value(sheet, *parse_cell(cell)))
        for sheet, cell, _ in (*second, *first)
    ]
    steps = [["store", str(files["saved"])]]
    for name, edits in (("parameters", first), ("entries", second), ("restored", was)):
        steps += [["set", *edit] for edit in edits] + [["store", str(files[name])]]
    edit_in_calc([(files["built"], files["restored"], steps)], timeout=600, hard=False)
    return files


@pytest.mark.parametrize("stage", ["parameters", "entries", "restored"])
def test_an_edit_gives_what_a_fresh_calculation_gives(books, stage):
    package = Package.read(books[stage])
    book = read_book(package)
    stale = find_stale_values(book, recalculate(package, book=book).values)
    assert stale.lacks_functions  # LibreOffice has no functions in this profile
    assert [
        (c.sheet, cell_name(*c.position), c.stored, c.fresh) for c in stale.cells
    ] == []


def test_what_was_restored_is_as_built(books):
    built, restored = (
        read_book(Package.read(books[name])) for name in ("built", "restored")
    )
    values = {
        sheet.name: dict(zip(computed, sheet.values(computed), strict=True))
        for sheet in built.sheets.values()
        if (computed := sheet.cells.computed())
    }
    assert find_stale_values(restored, values).cells == []


def test_a_book_that_was_only_saved_has_no_finding(books, capsys):
    built = str(books["built"])
    saved = str(books["saved"])
    said = {}
    for name in (built, saved):
        assert main(["check", name]) == 0
        said[name] = [
            line.split()[:2] for line in capsys.readouterr().out.splitlines()[1:]
        ]
    assert said[built] == said[saved]
    assert main(["check", saved, "--findings", "--template", built]) == 0
    assert " 0 errors, 0 warnings; " in capsys.readouterr().out
    assert main(["diff", built, saved]) == 0
    assert "nothing differs" in capsys.readouterr().out
