"""An engine of xlwings whose Excel is played over openpyxl: books in memory, a selection, messages.

The front end is xlwings' own, so that code written for Excel runs as it is. What only COM has
(`api`) is there as far as the buttons use it.
"""

from __future__ import annotations

import itertools
from pathlib import Path
from types import SimpleNamespace

import openpyxl
import xlwings
from openpyxl.utils import get_column_letter
from openpyxl.utils.cell import range_boundaries
from xlwings import base_classes

NAME = "played"
PID = 4711


class Engine:
    """What xlwings asks of an engine."""

    name, type = NAME, "desktop"

    def __init__(self):
        self.apps = Apps()

    @staticmethod
    def clean_value_data(data, datetime_builder, empty_as, number_builder, err_to_str):
        return [[empty_as if cell in ("", None) else cell for cell in row] for row in data]

    @staticmethod
    def prepare_xl_data_element(cell, options):
        return "" if cell is None else cell


class Apps(base_classes.Apps):
    def __init__(self):
        self.app = None

    def keys(self):
        return [PID]

    def __iter__(self):
        return iter([self.app])

    def __len__(self):
        return 1

    def __getitem__(self, pid):
        assert pid == PID
        return self.app


class App(base_classes.App):
    pid, engine = PID, None
    status_bar = None
    #: What `GetOpenFilename` answers; False where the person cancels.
    chosen = False

    def __init__(self, engine):
        self.engine, self.alerts, self.selected = engine, [], None
        #: Computes a saved copy, as Excel has computed what it saves; the books here cannot.
        self.calculated = lambda path: None
        self._books = Books(self)

    books = property(lambda self: self._books)
    selection = property(lambda self: self.selected)
    api = property(lambda self: SimpleNamespace(GetOpenFilename=lambda kinds: self.chosen))

    def activate(self, steal_focus=False):
        pass

    def alert(self, prompt, title, buttons, mode, callback):
        self.alerts.append((title, prompt))
        return "ok"


class Books(base_classes.Books):
    def __init__(self, app):
        self.app, self.open_books, self.shown = app, [], None
        self.numbers = itertools.count(1)

    active = property(lambda self: self.shown)

    def __call__(self, key):
        if isinstance(key, int):
            return self.open_books[key - 1]
        for book in self.open_books:
            if book.name.lower() == key.lower():
                return book
        raise KeyError(key)

    def __len__(self):
        return len(self.open_books)

    def __iter__(self):
        return iter(self.open_books)

    def add(self):
        content = openpyxl.Workbook()
        return self._take(Book(self.app, content, f"Book{next(self.numbers)}"))

    def open(self, fullname, *args, **options):
        return self._take(Book(self.app, openpyxl.load_workbook(fullname), str(fullname)))

    def _take(self, book):
        self.open_books.append(book)
        self.shown = book
        return book


class Api:
    """A workbook's COM object."""

    def __init__(self, book):
        self.book, self.Saved = book, True

    def SaveCopyAs(self, path):
        self.book.content.save(path)
        self.book.app.calculated(path)


class Names(base_classes.Names):
    def __init__(self, names):
        self.names = list(names)

    def __len__(self):
        return len(self.names)

    def __call__(self, key):
        return self.names[key - 1]


class Book(base_classes.Book):
    #: The same cells with the values that formulas have, if these are to be seen.
    values = None

    def __init__(self, app, content, fullname):
        self._app, self.content, self._fullname = app, content, fullname
        self._api = Api(self)

    api = property(lambda self: self._api)
    app = property(lambda self: self._app)
    fullname = property(lambda self: self._fullname)
    name = property(lambda self: Path(self._fullname).name)
    sheets = property(lambda self: Sheets(self))

    @property
    def names(self):
        return Names(
            SimpleNamespace(name=name, refers_to=f"={one.attr_text}")
            for name, one in self.content.defined_names.items()
        )

    def activate(self):
        self._app.books.shown = self


class Sheets(base_classes.Sheets):
    def __init__(self, book):
        self.book = book

    def __call__(self, key):
        sheets = self.book.content.worksheets
        return Sheet(self.book, sheets[key - 1] if isinstance(key, int) else
                     self.book.content[key])  # fmt: skip

    def __len__(self):
        return len(self.book.content.worksheets)

    def add(self, before=None, after=None, name=None):
        return Sheet(self.book, self.book.content.create_sheet(name))

    def __iter__(self):
        return (Sheet(self.book, one) for one in self.book.content.worksheets)


class Sheet(base_classes.Sheet):
    def __init__(self, book, content):
        self._book, self.content = book, content

    book = property(lambda self: self._book)

    @property
    def name(self):
        return self.content.title

    @name.setter
    def name(self, value):
        self.content.title = value

    def range(self, first, last=None):
        if isinstance(first, str):
            left, top, right, bottom = range_boundaries(first)
        else:
            corners = [one if isinstance(one, tuple) else (one.row, one.column)
                       for one in (first, last or first)]  # fmt: skip
            (top, left), (bottom, right) = corners
        return Range(self, top, left, bottom, right)

    @property
    def used_range(self):
        return Range(self, 1, 1, self.content.max_row, self.content.max_column)

    def clear(self):
        self.content.delete_rows(1, self.content.max_row)

    def activate(self):
        self._book.content.active = self.content
        self._book.activate()


class Range(base_classes.Range):
    def __init__(self, sheet, top, left, bottom, right):
        self.sheet = sheet
        self.box = top, left, bottom, right

    row = property(lambda self: self.box[0])
    column = property(lambda self: self.box[1])
    api = property(lambda self: self)
    shape = property(lambda self: (self.box[2] - self.box[0] + 1, self.box[3] - self.box[1] + 1))
    coords = property(lambda self: (self.sheet.name, *self.box))
    max_cells_per_read = max_cells_per_write = None

    def __len__(self):
        return self.shape[0] * self.shape[1]

    def __call__(self, row, column):
        top, left = self.box[0] + row - 1, self.box[1] + column - 1
        return Range(self.sheet, top, left, top, left)

    def get_address(self, row_absolute, column_absolute, external):
        top, left, bottom, right = self.box
        corners = [f"{get_column_letter(left)}{top}", f"{get_column_letter(right)}{bottom}"]
        return corners[0] if corners[0] == corners[1] else ":".join(corners)

    def _cells(self):
        top, left, bottom, right = self.box
        return self.sheet.content.iter_rows(top, bottom, left, right)

    @property
    def raw_value(self):
        values = self.sheet.book.values
        return [
            [values[self.sheet.name][cell.coordinate].value
             if values and cell.data_type == "f" and self.sheet.name in values.sheetnames
             else cell.value for cell in row]
            for row in self._cells()
        ]  # fmt: skip

    @raw_value.setter
    def raw_value(self, value):
        self.formula = value

    @property
    def formula(self):
        return [[cell.value for cell in row] for row in self._cells()]

    async def get_formula(self):
        return self.formula

    @formula.setter
    def formula(self, value):
        """Take what a person could type: an apostrophe makes a text of what follows."""
        rows = value if isinstance(value, (list, tuple)) else [[value]]
        for cells, given in zip(self._cells(), rows, strict=True):
            for cell, one in zip(cells, given, strict=True):
                text = isinstance(one, str) and one.startswith("'")
                cell.value = one[1:] if text else one
                if isinstance(one, float) and cell.number_format == "@":
                    cell.value, text = str(one), True
                if text:
                    cell.data_type = "s"

    @property
    def number_format(self):
        return next(iter(self._cells()))[0].number_format

    @number_format.setter
    def number_format(self, value):
        for cells in self._cells():
            for cell in cells:
                cell.number_format = value

    def _width(self, value):
        self.sheet.content.column_dimensions[get_column_letter(self.column)].width = value

    column_width = property(lambda self: None, _width)

    def select(self):
        self.sheet.book.app.selected = self


def played_excel(monkeypatch):
    """Make an Excel that is played the active one; return its app as xlwings shows it."""
    engine = Engine()
    engine.apps.app = App(engine)
    front = xlwings.main.Engine(impl=engine)
    monkeypatch.setattr(xlwings.engines, "engines", [front])
    monkeypatch.setattr(xlwings.engines, "engines_by_name", {NAME: front})
    monkeypatch.setattr(xlwings.engines, "active", front)
    return xlwings.apps[PID]
