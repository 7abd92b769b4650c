"""Which members of XlsxWriter are used that its documentation does not promise.

XlsxWriter names them as it likes from one version to the next: up to 3.2 no template could be
written. What is used is found by watching a template being drawn, and by reading the package.
"""

import ast
import importlib
import sys
from pathlib import Path

import pytest
from xlsxwriter.format import Format
from xlsxwriter.packager import Packager
from xlsxwriter.sharedstrings import SharedStringTable
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

import xlcity
from tests.helpers.templates import small_spec
from xlcity.hosts.self_test import build_self_test
from xlcity.workbook.build import draw
from xlcity.workbook.drawing.worksheet import packager_class, worksheet_class
from xlcity.xlsx.new_book import close_to_bytes, new_book

HOME = Path(xlcity.__file__).parent
WATCHED = (Workbook, Worksheet, Format, Packager, SharedStringTable)
#: Class -> members used that are no public methods. One more is a risk to weigh: is there a public
#: method? Where not, add it here, and try the lowest version of pyproject.toml: `make test-lowest`.
PRIVATE_MEMBERS = {
    "Workbook": {"_get_packager", "calc_on_load", "filename", "worksheets_objs"},
    "Worksheet": {
        "_check_dimensions",
        "_prepare_formula",
        "_write_blank",
        "_write_cell",
        "_write_number",
        "_write_string",
        "col_info",
        "fh",
        "index",
        "merge",
        "name",
        "row_info",
        "str_table",
        "table",
    },
    "Format": {
        "_get_xf_index",
        "bold",
        "font_size",
        "num_format",
        "rotation",
        "text_wrap",
    },
    "Packager": {"_create_package"},
    "SharedStringTable": {"string_table"},
}
#: Records that stand for cells and columns -> their fields that are used.
FIELDS = {
    "CellArrayFormulaTuple": {"format"},
    "CellBlankTuple": {"format"},
    "CellFormulaTuple": {"formula", "format", "value"},
    "CellNumberTuple": {"number", "format"},
    "CellStringTuple": {"string", "format"},
    "ColumnInfo": {"width"},
}


def is_public(kind, name):
    """Return whether a member is a method that the documentation describes."""
    return not name.startswith("_") and callable(getattr(kind, name, None))


def source_nodes(*words):
    """Yield all nodes of the modules that contain one of some words."""
    for path in sorted(HOME.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if any(word in text for word in words):
            yield from ast.walk(ast.parse(text))


def watch(monkeypatch, kind, used):
    """Write down which members of a class, and of its subclasses, the package asks for."""

    def note(name):
        module = sys._getframe(2).f_globals["__name__"]
        if module.startswith("xlcity.") and not name.startswith("__"):
            used.setdefault(kind.__name__, set()).add(name)

    def reading(self, name):
        note(name)
        return object.__getattribute__(self, name)

    def writing(self, name, value):
        note(name)
        object.__setattr__(self, name, value)

    monkeypatch.setattr(kind, "__getattribute__", reading)
    monkeypatch.setattr(kind, "__setattr__", writing)


def overridden():
    """Yield (class, member) of the methods that subclasses of the package replace."""
    for own, kind in ((worksheet_class(), Worksheet), (packager_class(), Packager)):
        for name in vars(own):
            if not name.startswith("__") and hasattr(kind, name):
                yield kind.__name__, name


@pytest.fixture
def used(monkeypatch):
    """Class -> the members that are used and are no public methods."""
    members = {}
    for kind in WATCHED:
        watch(monkeypatch, kind, members)
    draw(small_spec())
    build_self_test()
    book = new_book()
    book.add_worksheet("S").write_string(0, 0, "text")
    close_to_bytes(book)
    for name, member in overridden():
        members.setdefault(name, set()).add(member)
    own = {**vars(worksheet_class()), **packager_class().__annotations__}
    return {
        kind.__name__: {
            name
            for name in members.get(kind.__name__, ())
            if not is_public(kind, name)
            if name not in own or hasattr(kind, name)
        }
        for kind in WATCHED
    }


def test_no_other_private_member_is_used(used):
    assert used == PRIVATE_MEMBERS


def test_no_private_member_is_used_where_no_template_is_drawn():
    of_library = {
        name
        for kind in WATCHED
        for name in dir(kind)
        if name.startswith("_") and not name.startswith("__")
    }
    defined = set()
    used = set()
    for node in source_nodes(*(f".{name}" for name in of_library)):
        if isinstance(node, ast.FunctionDef):
            defined.add(node.name)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            defined.add(node.attr)
        elif isinstance(node, ast.Attribute):
            used.add(node.attr)
    known = set().union(*PRIVATE_MEMBERS.values())
    assert {"_get_xf_index", "_write_blank"} <= used
    assert (used & of_library) - defined <= known


def test_records_of_cells_have_the_fields_that_are_used():
    names = {
        alias.name
        for node in source_nodes("xlsxwriter.worksheet")
        if isinstance(node, ast.ImportFrom) and node.module == "xlsxwriter.worksheet"
        for alias in node.names
    }
    assert names == {*FIELDS, "Worksheet"} - {"ColumnInfo"}
    library = importlib.import_module("xlsxwriter.worksheet")
    for name, fields in FIELDS.items():
        record = getattr(library, name)
        known = getattr(record, "_fields", None) or record.__annotations__
        assert fields <= set(known), name


def test_the_library_still_has_them():
    book = Workbook(None, {"in_memory": True})
    sheet = book.add_worksheet("S")
    present = {
        "Workbook": book,
        "Worksheet": sheet,
        "Format": book.add_format(),
        "Packager": Packager(),
        "SharedStringTable": book.str_table,
    }
    for kind, members in PRIVATE_MEMBERS.items():
        missing = {name for name in members if not hasattr(present[kind], name)}
        assert missing == set(), kind
