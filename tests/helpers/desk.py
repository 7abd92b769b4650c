"""A person at a workbook: types, formats, sorts, inserts, cuts; and what then stands there.

Edits of rows and columns lead the references along as spreadsheet programs do. What stands in a
workbook is described by city and heading, found by plain looking up, so that it can be compared
with what stands in another one.
"""

from __future__ import annotations

import copy
import io
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.comments import Comment
from openpyxl.formatting.formatting import ConditionalFormattingList
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.cell_range import CellRange, MultiCellRange
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.formula import ArrayFormula

from xlcity.xlsx.address import cell_name, column_number, parse_area

_REF = re.compile(
    r"""(?P<text>"(?:[^"]|"")*")
      | (?P<sheet>'(?:[^']|'')+'!|(?<![\w.$])[A-Za-z_][\w.]*!)?
        (?<![\w.$:])(?P<a>\$?[A-Z]{1,3}\$?[1-9]\d*)(?::(?P<b>\$?[A-Z]{1,3}\$?[1-9]\d*))?
        (?![\w(!.])""",
    re.VERBOSE,
)
_PARTS = re.compile(r"(\$?)([A-Z]+)(\$?)(\d+)")
CODE_ROW = 9
#: Edits that came later: without them older seeds do what they did.
LATER = frozenset(("do_source", "do_exception", "do_rename"))
#: Edits that came last, of whole sheets.
SHEETS = frozenset(("do_tab", "do_panes", "do_filter", "do_order", "do_list"))
#: Edits that came after these: how sheets are seen and printed, and cells turned and framed.
PAGES = frozenset(
    ("do_header", "do_zoom", "do_margin", "do_unprotect", "do_group", "do_turn")
)
LOG = "ChangeLog"


class Desk:
    """A template opened by a person.

    Parameters
    ----------
    content
        The workbook.
    rng
        Chance.
    number
        Where its marks begin: all that is typed bears one, and none is used twice.
    without
        Edits that it does not do.
    """

    def __init__(
        self,
        content: bytes,
        rng: random.Random,
        number: int,
        without: frozenset[str] = frozenset(),
    ) -> None:
        self.book = openpyxl.load_workbook(io.BytesIO(content))
        self.rng = rng
        self.number = number
        self.without = without
        #: What was done, for whoever reads a failure.
        self.done: list[str] = []

    # -- where things are --------------------------------------------------------------------
    @property
    def data(self) -> Any:
        return self.book["Data"]

    @property
    def scores(self) -> str:
        """The name of the sheet of the scores."""
        return parse_area(self.book.defined_names["out_scores"].attr_text).sheet

    @property
    def code_row(self) -> int:
        return parse_area(self.book.defined_names["xl_codes"].attr_text).r1

    @property
    def units(self) -> dict[str, int]:
        area = parse_area(self.book.defined_names["in_units"].attr_text)
        rows = range(area.r1 + 1, area.r2)
        return {
            str(v): r
            for r in rows
            if (v := self.data.cell(r, 1).value) not in (None, "")
        }

    @property
    def heads(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for cell in self.data[self.code_row]:
            if isinstance(cell.value, str) and not cell.value.startswith("="):
                found.setdefault(cell.value, cell.column)
        return found

    @property
    def codes(self) -> dict[str, int]:
        area = parse_area(self.book.defined_names["xl_codes"].attr_text)
        heads = self.heads.items()
        return {
            h: c
            for h, c in heads
            if area.c1 <= c <= area.c2 and not h.startswith(("tok", "mk"))
        }

    def mark(self) -> int:
        self.number += 1
        return self.number

    def some(self) -> tuple[str, str, Any]:
        """Return a city, a code and their cell."""
        unit = self.rng.choice([*self.units])
        code = self.rng.choice([*self.codes])
        return unit, code, self.data.cell(self.units[unit], self.codes[code])

    def save(self, path: Path) -> Path:
        self.book.save(path)
        return path

    # -- edits ---------------------------------------------------------------------------------
    def edit(self) -> None:
        """Do one thing."""
        names = [
            name
            for name in dir(self)
            if name.startswith("do_") and name not in self.without
        ]
        name = self.rng.choice(names)
        getattr(self, name)()
        self.done.append(name.removeprefix("do_"))

    def do_value(self) -> None:
        _, _, cell = self.some()
        cell.value = float(10_000 + self.mark())

    def do_formula(self) -> None:
        _, _, cell = self.some()
        cell.value = f"={20_000 + self.mark()}+3000"

    def do_text(self) -> None:
        _, _, cell = self.some()
        cell.value = "缺"

    def do_column(self) -> None:
        """A column of one's own, behind the last or among the others."""
        last = max(c for c, used in self._used().items() if used)
        at = last + self.rng.choice((1, 1, 2))
        if self.rng.random() < 0.3:
            at = self.rng.choice([*self.codes.values()][1:])
            self.shift(self.data, "column", at, 1)
        self.data.cell(self.code_row, at).value = f"mk{self.mark()} memo"
        for unit in self.rng.sample([*self.units], min(2, len(self.units))):
            self.data.cell(self.units[unit], at).value = f"tok{self.mark()} of {unit}"

    def _used(self) -> dict[int, bool]:
        return {
            cell.column: True
            for row in self.data.iter_rows(min_row=1, max_row=self.code_row)
            for cell in row
            if cell.value is not None
        }

    def do_note(self) -> None:
        """A note below or beside a table, on any sheet."""
        page = self.book[
            self.rng.choice(("Data", self.scores, "README", "Framework", "Checks"))
        ]
        used = [c for row in page.iter_rows() for c in row if c.value is not None]
        row = max(c.row for c in used) + self.rng.choice((1, 2, 4))
        column = self.rng.choice((1, 2, max(c.column for c in used) + 2))
        if self.rng.random() < 0.4 and page.title in (self.scores, "Checks"):
            row = self.rng.choice((18, 19))
            column = max(c.column for c in used) + 1
        page.cell(row, column).value = f"tok{self.mark()} note"

    def do_comment(self) -> None:
        _, _, cell = self.some()
        if self.rng.random() < 0.3:
            cell = self.data.cell(self.code_row, cell.column)
        said = f"{cell.comment.text} " if cell.comment else ""
        cell.comment = Comment(f"{said}tok{self.mark()} comment", "Li")

    def do_number_format(self) -> None:
        _, _, cell = self.some()
        cell.number_format = f'0.0"f{self.mark()}"'

    def do_fill(self) -> None:
        _, _, cell = self.some()
        cell.fill = PatternFill("solid", fgColor=f"FF{0xA00000 + self.mark():06X}")

    def do_bold(self) -> None:
        _, _, cell = self.some()
        cell.font = Font(bold=True, color=f"FF{0x0A0000 + self.mark():06X}")

    def do_rule(self) -> None:
        fill = PatternFill("solid", bgColor="FFFF0000")
        rule = CellIsRule(
            operator="greaterThan", formula=[str(900_000 + self.mark())], fill=fill
        )
        self.data.conditional_formatting.add(self._area(), rule)

    def do_validation(self) -> None:
        """A cell has one rule: a new one takes the place of the one before, as in programs."""
        limit = str(900_000 + self.mark())
        area = self._area()
        rule = DataValidation(type="decimal", operator="lessThan", formula1=limit)
        rule.add(area)
        taken = set(CellRange(area).cells)
        rules = self.data.data_validations
        for before in rules.dataValidation:
            left = {
                place for part in before.sqref.ranges for place in part.cells
            } - taken
            before.sqref = MultiCellRange([cell_name(*place) for place in sorted(left)])
        rules.dataValidation = [one for one in rules.dataValidation if one.sqref.ranges]
        self.data.add_data_validation(rule)

    def _area(self) -> str:
        rows = sorted(self.units.values())
        columns = sorted(self.codes.values())
        top = self.rng.randrange(len(rows))
        left = self.rng.randrange(len(columns))
        if self.rng.random() < 0.5:
            top = 0
            bottom = len(rows) - 1
        else:
            bottom = min(len(rows) - 1, top + self.rng.randrange(2))
        return f"{cell_name(rows[top], columns[left])}:{cell_name(rows[bottom], columns[-1])}"

    def do_hide(self) -> None:
        unit = self.rng.choice([*self.units])
        self.data.row_dimensions[self.units[unit]].hidden = True

    def do_page(self) -> None:
        """A sheet of one's own that reads the template."""
        page = self.book.create_sheet(f"tok{self.mark()} 表")
        _, _, cell = self.some()
        page["A1"] = f"tok{self.mark()} title"
        page["B1"] = f"=Data!{cell.coordinate}*2"
        page["B2"] = f"=Data!${get_column_letter(cell.column)}${cell.row}+1"
        page["A1"].font = Font(bold=True)

    def do_tab(self) -> None:
        page = self.book[self.rng.choice(("Data", self.scores, "Checks"))]
        page.sheet_properties.tabColor = f"FF{0xB00000 + self.mark():06X}"

    def do_panes(self) -> None:
        """Rows and columns that stay in sight, up to a city and an indicator."""
        _, _, cell = self.some()
        self.data.freeze_panes = self.data.cell(cell.row + 1, cell.column + 1)

    def do_filter(self) -> None:
        right = max(self.codes.values())
        self.data.auto_filter.ref = (
            f"A{self.code_row}:{cell_name(max(self.units.values()), right)}"
        )

    def _some_page(self) -> Any:
        return self.book[self.rng.choice(("Data", self.scores, "Checks"))]

    def do_header(self) -> None:
        self._some_page().oddHeader.center.text = f"tok{self.mark()} header"

    def do_zoom(self) -> None:
        self._some_page().sheet_view.zoomScale = 101 + self.mark() % 200

    def do_margin(self) -> None:
        self._some_page().page_margins.left = 1 + self.mark() % 100 / 100

    def do_unprotect(self) -> None:
        self.book[self.rng.choice((self.scores, "Checks"))].protection.sheet = False

    def do_group(self) -> None:
        unit = self.rng.choice([*self.units])
        self.data.row_dimensions[self.units[unit]].outlineLevel = 1

    def do_turn(self) -> None:
        """Turned text, or a thick frame."""
        _, _, cell = self.some()
        if self.rng.random() < 0.5:
            cell.alignment = Alignment(textRotation=1 + self.mark() % 89)
        else:
            cell.border = Border(
                top=Side("thick", color=f"FF{0xC00000 + self.mark():06X}")
            )

    def do_order(self) -> None:
        """A tab of one's own to another place."""
        own = [page for page in self.book.worksheets if page.title.startswith("tok")]
        if own:
            page = self.rng.choice(own)
            self.book.move_sheet(page, -self.rng.randrange(self.book.index(page) + 1))

    def do_list(self) -> None:
        """A sheet of one's own with a formula for each city, and one over two of them."""
        page = self.book.create_sheet(f"tok{self.mark()} 表")
        column = self.some()[2].column_letter
        rows = sorted(self.units.values())
        for number, row in enumerate(rows, 1):
            page.cell(number, 2).value = f"=Data!{column}{row}*2"
        top = self.rng.choice(rows[:-1])
        page["C1"] = f"=SUM(Data!{column}{top}:{column}{top + 1})"

    def do_name(self) -> None:
        _, _, cell = self.some()
        name = f"tok{self.mark()}_name"
        where = f"Data!${get_column_letter(cell.column)}${cell.row}"
        self.book.defined_names[name] = DefinedName(name, attr_text=where)

    def do_weight(self) -> None:
        """A weight as a formula."""
        page = self.book["Framework"]
        area = self.book.defined_names["in_weights"]
        place = parse_area(area.attr_text)
        row = self.rng.choice(range(place.r1 + 2, place.r2 + 1))
        page.cell(row, place.c1).value = f"=1+{self.mark()}/100000"

    def do_sort(self) -> None:
        """Sort the rows of cities, all their columns along."""
        rows = sorted(self.units.values())
        order = rows[:]
        self.rng.shuffle(order)
        right = self.data.max_column
        held = {}
        for row in rows:
            cells = [self.data.cell(row, c) for c in range(1, right + 1)]
            held[row] = [
                (c.value, copy.copy(c._style), c.comment, c.hyperlink) for c in cells
            ]
            for cell in cells:
                cell.comment = None
        for row, source in zip(rows, order, strict=True):
            for column, (value, style, comment, link) in enumerate(held[source], 1):
                cell = self.data.cell(row, column)
                cell.value = _copied(value, row - source)
                cell._style = style
                cell.comment = (
                    Comment(comment.text, comment.author) if comment else None
                )
                cell.hyperlink = link

    def do_insert(self) -> None:
        """A row among the cities, empty or with a note in it."""
        row = self.rng.choice([*self.units.values()])
        self.shift(self.data, "row", row, 1)
        if self.rng.random() < 0.5:
            self.data.cell(
                row, max(self.heads.values()) + 1
            ).value = f"tok{self.mark()} between"

    def do_cut(self) -> None:
        """Cut the row of a city; it stays on Cities."""
        if len(self.units) > 3:
            self.shift(self.data, "row", self.rng.choice([*self.units.values()]), -1)

    def do_city(self) -> None:
        """A new city, in spare rows."""
        unit = f"new{self.mark()}"
        place = parse_area(self.book.defined_names["xl_cities"].attr_text)
        page = self.book["Cities"]
        rows = range(place.r1 + 1, place.r2 + 1)
        free = next((r for r in rows if page.cell(r, 1).value in (None, "")), None)
        area = parse_area(self.book.defined_names["in_units"].attr_text)
        spare = next(
            (
                r
                for r in range(area.r1 + 1, area.r2)
                if self.data.cell(r, 1).value in (None, "")
                and not any(self.data.cell(r, c).value for c in self.codes.values())
            ),
            None,
        )
        if free is None or spare is None:
            return
        page.cell(free, 1).value = unit
        page.cell(free, 2).value = "main"
        page.cell(free, 5).value = f"tok{self.mark()} city"
        self.data.cell(spare, 1).value = unit
        for column in self.codes.values():
            self.data.cell(spare, column).value = float(50 + self.mark() / 1000)

    def do_source(self) -> None:
        """A source of an indicator, or when it was published."""
        page, heads, rows = self.table("xl_sources")
        known = [
            row for row in rows if page.cell(row, heads["code"]).value in self.codes
        ]
        if known:
            column = heads[self.rng.choice(("source", "source_zh", "period", "scope"))]
            page.cell(self.rng.choice(known), column).value = f"tok{self.mark()} source"

    def do_exception(self) -> None:
        """A value with another source than its column."""
        page, heads, rows = self.table("xl_exceptions")
        row = next((r for r in rows if not page.cell(r, heads["city"]).value), 0)
        unit, code, _ = self.some()
        said = {
            "city": unit,
            "indicator": code,
            "year": 2020,
            "remark": f"tok{self.mark()} of it",
        }
        known = {
            tuple(page.cell(r, heads[n]).value for n in ("city", "indicator"))
            for r in rows
        }
        for name, text in said.items() if row and (unit, code) not in known else ():
            page.cell(row, heads[name]).value = text

    def do_rename(self) -> None:
        """Another name of a city."""
        page, heads, rows = self.table("xl_cities")
        cities = [
            row for row in rows if page.cell(row, heads["id"]).value in self.units
        ]
        column = heads[self.rng.choice(("name_zh", "alias_1", "alias_2"))]
        if cities:
            page.cell(self.rng.choice(cities), column).value = f"tok{self.mark()} name"

    def table(self, name: str) -> tuple[Any, dict[str, int], range]:
        """Return the sheet, the columns and the rows of a named table."""
        area = parse_area(self.book.defined_names[name].attr_text)
        page = self.book[area.sheet]
        heads = {page.cell(area.r1, c).value: c for c in range(area.c1, area.c2 + 1)}
        return page, heads, range(area.r1 + 1, area.r2 + 1)

    def do_remark(self) -> None:
        """A remark of a reviewer, on a city, a node, a cell."""
        unit, code, cell = self.some()
        heads, rows = self.review()
        row = next(
            (r for r in rows if not self.book["Review"].cell(r, heads["remark"]).value),
            0,
        )
        said = {
            "city": unit,
            "node": code,
            "cell": f"Data!{cell.coordinate}",
            "who": "Li",
            "remark": f"tok{self.mark()} remark",
            "status": "open",
        }
        for name, text in said.items() if row else ():
            self.book["Review"].cell(row, heads[name]).value = text

    def do_answer(self) -> None:
        """An answer to a remark, sometimes the last one."""
        heads, rows = self.review()
        asked = [r for r in rows if self.book["Review"].cell(r, heads["remark"]).value]
        if asked:
            page = self.book["Review"]
            row = self.rng.choice(asked)
            page.cell(row, heads["answer"]).value = f"tok{self.mark()} answer"
            page.cell(row, heads["status"]).value = self.rng.choice(
                ("answered", "closed")
            )

    def review(self) -> tuple[dict[str, int], range]:
        """Return the columns and the rows of the remarks; none where the sheet is not there."""
        if "in_review" not in self.book.defined_names:
            return {}, range(0)
        _, heads, rows = self.table("in_review")
        return heads, rows

    def do_log(self) -> None:
        """A line of the change log typed, one amended, or all lines sorted."""
        if LOG not in self.book.sheetnames:
            return
        page, (top, heads) = self.book[LOG], log_heads(self.book[LOG])
        lines = [
            r
            for r in range(top + 1, page.max_row + 1)
            if page.cell(r, heads["date"]).value
        ]
        what = self.rng.choice(("new", "why", "sort", "beside"))
        if what == "new":
            row = page.max_row + self.rng.choice((1, 2))
            page.cell(row, heads["date"]).value = "2026-02-01"
            page.cell(row, heads["city"]).value = self.some()[0]
            page.cell(row, heads["why"]).value = f"tok{self.mark()} note"
        elif what == "why" and lines:
            page.cell(
                self.rng.choice(lines), heads["why"]
            ).value = f"tok{self.mark()} why"
        elif what == "sort":
            order = self.rng.sample(lines, len(lines))
            held = [[page.cell(r, c).value for c in heads.values()] for r in order]
            for row, values in zip(lines, held, strict=True):
                for column, value in zip(heads.values(), values, strict=True):
                    page.cell(row, column).value = value
        elif what == "beside":
            page.cell(
                self.rng.choice([top, *lines]), 13
            ).value = f"tok{self.mark()} beside"

    # -- rows and columns ----------------------------------------------------------------------
    def shift(self, page: Any, axis: str, at: int, by: int) -> None:
        """Insert (by 1) or delete (by -1) a row or column, references led along."""
        links = {
            cell: cell.hyperlink
            for row in page.iter_rows()
            for cell in row
            if cell.hyperlink
        }
        heights = page.row_dimensions if axis == "row" else page.column_dimensions
        index = (lambda key: key) if axis == "row" else column_number
        name = (lambda n: n) if axis == "row" else get_column_letter
        held = {index(key): value for key, value in heights.items()}
        if by > 0:
            (page.insert_rows if axis == "row" else page.insert_cols)(at)
        else:
            (page.delete_rows if axis == "row" else page.delete_cols)(at)
        for cell, link in links.items():
            link.ref = cell.coordinate
        for key in [*heights]:
            del heights[key]
        for number, dimension in held.items():
            place = _moved(number, at, by)
            if place is not None:
                dimension = copy.copy(dimension)
                dimension.index = name(place)
                if axis == "column":
                    dimension.min = dimension.max = None
                heights[name(place)] = dimension
        for other in self.book.worksheets:
            self._lead(other, page, axis, at, by)
        for defined in self.book.defined_names.values():
            defined.attr_text = _led(defined.attr_text, "", page.title, axis, at, by)

    def _lead(self, page: Any, moved: Any, axis: str, at: int, by: int) -> None:
        same = page is moved

        def led(text: str) -> str:
            return _led(text, page.title, moved.title, axis, at, by)

        for row in page.iter_rows():
            for cell in row:
                if isinstance(cell.value, ArrayFormula):
                    cell.value.text = led(cell.value.text)
                    if same:
                        cell.value.ref = (
                            _range_led(cell.value.ref, axis, at, by) or cell.coordinate
                        )
                elif isinstance(cell.value, str) and cell.value.startswith("="):
                    cell.value = led(cell.value)
        rules = ConditionalFormattingList()
        for area in page.conditional_formatting:
            ranges = str(area.sqref).split()
            if same:
                ranges = [r for text in ranges if (r := _range_led(text, axis, at, by))]
            for rule in area.rules:
                rule.formula = [led(text) for text in rule.formula]
                if ranges:
                    rules.add(" ".join(ranges), rule)
        page.conditional_formatting = rules
        for check in [*page.data_validations.dataValidation]:
            for field in ("formula1", "formula2"):
                if getattr(check, field):
                    setattr(check, field, led(getattr(check, field)))
            if same:
                ranges = [
                    _range_led(text, axis, at, by) for text in str(check.sqref).split()
                ]
                check.sqref = MultiCellRange([CellRange(r) for r in ranges if r])
                if not check.sqref.ranges:
                    page.data_validations.dataValidation.remove(check)
        if same and page.auto_filter.ref:
            page.auto_filter.ref = _range_led(page.auto_filter.ref, axis, at, by)


def log_heads(page: Any) -> tuple[int, dict[str, int]]:
    """Return the row of keys of a change log, and key -> column."""
    for row in range(10, 0, -1):
        heads = {cell.value: cell.column for cell in page[row] if cell.value}
        if {"edition", "from", "to", "why"} <= heads.keys():
            return row, heads
    raise AssertionError("no row of keys")


def _copied(value: Any, down: int) -> Any:
    """Return what a cell becomes when its row is sorted elsewhere."""
    if not (isinstance(value, str) and value.startswith("=")):
        return value

    def change(match: re.Match[str]) -> str:
        if match["text"] or match["sheet"]:
            return match[0]
        ends = []
        for end in filter(None, (match["a"], match["b"])):
            fixed, letters, dollar, digits = _PARTS.fullmatch(end).groups()
            ends.append(
                f"{fixed}{letters}{dollar}{digits if dollar else int(digits) + down}"
            )
        return ":".join(ends)

    return _REF.sub(change, value)


def _moved(number: int, at: int, by: int) -> int | None:
    if by > 0:
        return number + by if number >= at else number
    return None if number == at else number - 1 if number > at else number


def _led(text: str, home: str, moved: str, axis: str, at: int, by: int) -> str:
    """Return a formula after a row or column of a sheet was inserted or deleted."""

    def change(match: re.Match[str]) -> str:
        if match["text"]:
            return match[0]
        sheet = (match["sheet"] or "").rstrip("!").strip("'") or home
        if sheet != moved:
            return match[0]
        area = match["a"] + (f":{match['b']}" if match["b"] else "")
        led = _range_led(area, axis, at, by)
        return (match["sheet"] or "") + (led or "#REF!")

    return _REF.sub(change, text)


def _range_led(area: str, axis: str, at: int, by: int) -> str | None:
    ends = [list(_PARTS.fullmatch(end).groups()) for end in area.split(":")]
    numbers = [int(e[3]) if axis == "row" else column_number(e[1]) for e in ends]
    placed = [_moved(n, at, by) for n in numbers]
    if len(ends) == 1 and placed[0] is None:
        return None
    if len(ends) == 2:
        # A range whose end is deleted ends before it.
        placed = [
            at if placed[0] is None else placed[0],
            at - 1 if placed[1] is None else placed[1],
        ]
        if placed[0] > placed[1]:
            return None
    for end, number in zip(ends, placed, strict=True):
        if axis == "row":
            end[3] = str(number)
        else:
            end[1] = get_column_letter(number)
    return ":".join("".join(end) for end in ends)


# -- what stands in a workbook -------------------------------------------------------------------


class Standing(dict[tuple[Any, ...], Any]):
    """What stands in a workbook, what it lists as left over, and its indicators."""

    left = ""
    codes: frozenset[str] = frozenset()


def standing(path: Path) -> Standing:
    """Return all that bears a mark, and all values, by what it is about."""
    desk = Desk(path.read_bytes(), random.Random(0), 0)
    there = Standing(_standing(desk))
    there.codes = frozenset(desk.codes)
    if "Leftovers" in desk.book.sheetnames:
        rows = desk.book["Leftovers"].iter_rows(min_row=5, values_only=True)
        there.left = "\n".join(
            " | ".join(str(v) for v in r if v is not None) for r in rows
        )
    return there


def _standing(desk: Desk) -> dict[tuple[Any, ...], Any]:
    found: dict[tuple[Any, ...], Any] = {}
    units = {row: unit for unit, row in desk.units.items()}
    heads = {column: head for head, column in desk.heads.items()}
    codes = desk.codes
    for row in desk.data.iter_rows():
        for cell in row:
            about = units.get(cell.row), heads.get(cell.column)
            on_data = None not in about
            value = cell.value
            if on_data and about[1] in codes and isinstance(value, (int, float)):
                found["value", *about] = float(value)
            if (
                on_data
                and isinstance(value, str)
                and (value == "缺" or (value.startswith("=2") and about[1] in codes))
            ):
                found["entry", *about] = value
            if on_data and '"f' in cell.number_format:
                found["number", *about] = cell.number_format
            colour = cell.fill.fgColor.rgb if cell.fill.fill_type else ""
            if on_data and isinstance(colour, str) and colour.startswith("FFA0"):
                found["fill", *about] = colour[2:]
            colour = cell.font.color.rgb if cell.font.color else ""
            if on_data and isinstance(colour, str) and colour.startswith("FF0A"):
                found["font", *about] = (colour[2:], cell.font.b)
            if on_data and cell.alignment.textRotation:
                found["turned", *about] = cell.alignment.textRotation
            if on_data and (top := cell.border.top) and top.style == "thick":
                found["frame", *about] = top.color.rgb[2:]
    # A log says again what stands elsewhere.
    for page in sorted(desk.book.worksheets, key=lambda page: page.title == LOG):
        if page.title == "Leftovers":
            continue
        for row in page.iter_rows():
            for cell in row:
                _texts(found, page, cell, units, heads)
        if page.title.startswith("tok"):
            found["page", page.title] = True
            for place in ("B1", "B2", "B3", "B4", "B5"):
                if page[place].value is not None:
                    said = str(page[place].value)
                    found["reads", page.title, place] = _meant(said, units, heads)
            if page["C1"].value is not None:
                found["sums", page.title] = _summed(str(page["C1"].value), units, heads)
    for area in desk.data.conditional_formatting:
        for rule in area.rules:
            if rule.type == "cellIs":
                key = "rule", rule.formula[0]
                found[key] = found.get(key, frozenset()) | _covered(
                    area.sqref, units, codes
                )
    for check in desk.data.data_validations.dataValidation:
        if check.type == "decimal":
            key = "check", check.formula1
            found[key] = found.get(key, frozenset()) | _covered(
                check.sqref, units, codes
            )
    for row, unit in units.items():
        if desk.data.row_dimensions[row].hidden:
            found["hidden", unit] = True
        if desk.data.row_dimensions[row].outlineLevel:
            found["group", unit] = True
    for name, defined in desk.book.defined_names.items():
        if name.startswith("tok"):
            found["name", name] = _meant(defined.attr_text, units, heads)
    found |= _records(desk)
    found |= _sheets(desk, units, heads)
    place = parse_area(desk.book.defined_names["in_weights"].attr_text)
    for row in range(place.r1, place.r2 + 1):
        said = desk.book["Framework"].cell(row, place.c1).value
        if isinstance(said, str) and said.startswith("=1+"):
            found["weight", desk.book["Framework"].cell(row, 1).value] = said
    return {
        key: value for key, value in found.items() if value not in (None, frozenset())
    }


def _sheets(
    desk: Desk, units: dict[int, str], heads: dict[int, str]
) -> dict[tuple[Any, ...], Any]:
    """Return what was set on whole sheets: colours of tabs, panes, a filter, the order of tabs."""
    found: dict[tuple[Any, ...], Any] = {}
    for page in desk.book.worksheets:
        colour = page.sheet_properties.tabColor
        if (
            colour is not None
            and isinstance(colour.rgb, str)
            and colour.rgb.startswith("FFB0")
        ):
            found["tab", page.title] = colour.rgb[2:]
        header = str(page.oddHeader.center.text)
        if "tok" in header and not page.title.startswith("tok"):
            found["header", page.title] = header.strip()
        if (page.sheet_view.zoomScale or 0) > 100:
            found["zoom", page.title] = str(page.sheet_view.zoomScale)
        if page.page_margins.left >= 1 and not page.title.startswith("tok"):
            found["margins", page.title] = f"{page.page_margins.left:.2f}"
        if page.title in (desk.scores, "Checks") and not page.protection.sheet:
            found["protection", page.title] = "off"
    pane = desk.data.sheet_view.pane
    if pane is not None and int(pane.ySplit or 0) in units:
        found["panes",] = units[int(pane.ySplit)], heads.get(int(pane.xSplit or 0))
    if desk.data.auto_filter.ref and not desk.data.auto_filter.filterColumn:
        area = MultiCellRange(desk.data.auto_filter.ref)
        found["filter",] = _covered(area, units, desk.codes)
    names = desk.book.sheetnames
    own = [name for name in names if name.startswith("tok")]
    found["order",] = tuple(
        (name, names.index(name) < names.index("Data")) for name in own
    )
    return found


def _summed(formula: str, units: dict[int, str], heads: dict[int, str]) -> Any:
    """Return the cities that a sum over `Data` is of; "#REF!" where it is of none."""
    if "#REF!" in formula:
        return "#REF!"
    areas = MultiCellRange(re.sub(r"=SUM\(|\)|Data!|\$", "", formula).replace(",", " "))
    return frozenset(
        (units.get(row), heads.get(area.min_col))
        for area in areas.ranges
        for row in range(area.min_row, area.max_row + 1)
        if row in units
    )


def _records(desk: Desk) -> dict[tuple[Any, ...], Any]:
    """Return what remarks are about and were answered, and what a change log says of changes."""
    found: dict[tuple[Any, ...], Any] = {}
    heads, rows = desk.review()
    for row in rows:
        said = {
            name: desk.book["Review"].cell(row, c).value for name, c in heads.items()
        }
        if said["remark"]:
            about = said["city"], said["node"], said["answer"], said["status"]
            found["remark", said["remark"]] = about
            cell = parse_area(str(said["cell"]))
            if cell is not None:
                units = {r: unit for unit, r in desk.units.items()}
                codes = {c: code for code, c in desk.codes.items()}
                found["points", said["remark"]] = units.get(cell.r1), codes.get(cell.c1)
    if LOG in desk.book.sheetnames:
        page, (top, heads) = desk.book[LOG], log_heads(desk.book[LOG])
        for row in range(top + 1, page.max_row + 1):
            said = {
                name: page.cell(row, column).value for name, column in heads.items()
            }
            if said["date"]:
                about = [
                    str(said[n]) for n in ("date", "city", "node", "what", "from", "to")
                ]
                found["logged", *about, str(said["why"])] = True
    return found


def _texts(
    found: dict[tuple[Any, ...], Any],
    page: Any,
    cell: Any,
    units: dict[int, str],
    heads: dict[int, str],
) -> None:
    if isinstance(cell.value, str) and re.match(r"(tok|mk)\d", cell.value):
        own = page.title == "Data" and units.get(cell.row) and heads.get(cell.column)
        about = (units[cell.row], heads[cell.column]) if own else ()
        found.setdefault(("text", cell.value), (page.title, *about))
    if cell.comment and "tok" in cell.comment.text:
        about = (units.get(cell.row, cell.row), heads.get(cell.column))
        for said in re.findall(r"tok\d+ comment", cell.comment.text):
            found["comment", said] = about


def _meant(formula: str, units: dict[int, str], heads: dict[int, str]) -> str:
    """Return a formula with cities and codes for the cells of Data that it reads."""

    def about(match: re.Match[str]) -> str:
        if (match["sheet"] or "") != "Data!":
            return match[0]
        _, letters, _, digits = _PARTS.fullmatch(match["a"]).groups()
        return f"<{units.get(int(digits))} {heads.get(column_number(letters))}>"

    return _REF.sub(about, formula)


def _covered(
    sqref: Any, units: dict[int, str], codes: dict[str, int]
) -> frozenset[Any]:
    cells: Iterator[Any] = (
        (units.get(row), code)
        for area in sqref.ranges
        for row in range(area.min_row, area.max_row + 1)
        for code, column in codes.items()
        if area.min_col <= column <= area.max_col
    )
    return frozenset(pair for pair in cells if pair[0])
