"""`Regions` and `RegionTables`: means of crossed groups, and every region in full."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xlcity.reports.report import GroupType
from xlcity.reports.vitality2014.pages.analysis import Analysis, RegionalTable, node_name
from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.charts import columns
from xlcity.workbook.drawing.grid import cell
from xlcity.workbook.drawing.titled_sheet import titled_sheet
from xlcity.workbook.sheets.results.groups import ALL, group_name
from xlcity.workbook.sheets.table import Column, Formula, RowCells, item_table
from xlcity.workbook.spec import TemplateSpec

REGIONS, TABLES = "Regions", "RegionTables"
HEADER = 5
WIDTHS = (22.0, 36.0, 9.0, 16.0)
#: Columns of a regional table beyond the cities that it has in the report.
SPARE = 4
TABLE_WIDTHS = (30.0, 12.0)


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim of the report: the mean of `group` is greater than that of `than`."""

    node: str
    group_type: str
    group: str
    than: str
    subset: str = ALL


@dataclass(frozen=True, slots=True)
class Regions:
    """What the page of means shows.

    Parameters
    ----------
    group_types
        Attributes that name regions.
    split
        Attribute that divides each of them.
    charted
        Those of the group types that the chart shows.
    codes
        The nodes.
    claims
        Statements of the report about the means.
    """

    group_types: tuple[str, ...]
    split: str
    charted: tuple[str, ...]
    codes: tuple[str, ...]
    claims: tuple[Claim, ...] = ()


def _group_type(spec: TemplateSpec, attribute: str) -> GroupType:
    return next(g for g in spec.group_types if g.attribute == attribute)


@dataclass(frozen=True)
class Rows:
    """The rows with the means of every group and each part of it."""

    spec: TemplateSpec
    shown: Regions

    @property
    def subsets(self) -> tuple[str, ...]:
        """The whole of a group, then its parts."""
        return (ALL, *(group.value for group in _group_type(self.spec, self.shown.split).groups))

    def sections(self) -> list[tuple[str, list[tuple[str, str, int]]]]:
        """Return (group type, its (group, subset, row)), one after the other."""
        sections, row = [], HEADER + 1
        for attribute in (ALL, *self.shown.group_types):
            groups = [ALL]
            if attribute != ALL:
                row += 1
                groups = [group.value for group in _group_type(self.spec, attribute).groups]
            lines = []
            for group in groups:
                for subset in self.subsets:
                    lines.append((group, subset, row))
                    row += 1
            sections.append((attribute, lines))
        return sections

    def at(self, group_type: str, group: str, subset: str) -> int:
        """Return the row of one group, or of a part of it."""
        lines = dict(self.sections())[group_type]
        return next(row for g, s, row in lines if (g, s) == (group, subset))


def draw(book: Book, shown: Regions) -> None:
    """Draw `Regions`."""
    rows = Rows(book.spec, shown)
    right = 3 + len(shown.codes)
    chart_left = right + 4
    widths = [*WIDTHS[:3], *[WIDTHS[3]] * len(shown.codes), 9, 7, 2, 26, 24, *[14] * 6]
    canvas = titled_sheet(book, REGIONS, widths)
    canvas.heads(HEADER, ("regions.group", "regions.subset", "regions.n"))
    canvas.fit_names(HEADER, shown.codes[1:], WIDTHS[3])
    for column, code in enumerate(shown.codes, 4):
        canvas.formula(HEADER, column, node_name(book, code), "header", font_size=9)
    last = HEADER
    for attribute, lines in rows.sections():
        if attribute != ALL:
            # The title runs on into the empty cells beside it.
            canvas.label(lines[0][2] - 1, 1, f"attribute.{attribute}", "section")
        for group, subset, row in lines:
            _draw_means(book, canvas, shown, (attribute, group, subset), row)
            last = row
    canvas_bottom = _draw_chart(book, canvas, shown, rows, chart_left)
    if shown.claims:
        canvas_bottom = _draw_claims(book, canvas, shown, rows, chart_left, canvas_bottom + 2)
    canvas.finish(max(last, canvas_bottom), chart_left + 7, HEADER, tall=1)


def _draw_means(
    book: Book, canvas: Canvas, shown: Regions, which: tuple[str, str, str], row: int
) -> None:
    """Write number and means of one group, or of a part of it by `split`."""
    layout, (attribute, group, subset) = book.layout, which
    role = "stub" if subset == ALL else "calculation"
    bold = subset == ALL
    canvas.formula(row, 1, group_name(book, attribute, group), "stub", text_wrap=False, bold=bold)
    name = book.labels.ref("regions.whole") if subset == ALL else None
    part = name or group_name(book, shown.split, subset)
    canvas.formula(row, 2, part, role, bold=bold, text_wrap=False, shrink=True)
    # The codes that formulas look up stand right of the table.
    code_column = 4 + len(shown.codes)
    criteria = []
    for offset, (key, value) in enumerate(((attribute, group), (shown.split, subset))):
        if value != ALL:
            canvas.text(row, code_column + offset, value, "id", font_size=7, border=0)
            criteria.append(f"{layout.city(key).ref()},{cell(row, code_column + offset, 'c')}")
    within = ",".join(criteria)
    root = layout.keys.over(book.spec.framework.root.code, REGIONS, "rc")
    n = f'COUNTIFS({within},{root},">-1E+300")' if criteria else f"COUNT({root})"
    canvas.formula(row, 3, n, "calculation_center", "0", bold=bold)
    for column, code in enumerate(shown.codes, 4):
        values = layout.scores.over(code, REGIONS, "rc")
        mean = f"AVERAGEIFS({values},{within})" if criteria else f"AVERAGE({values})"
        canvas.formula(row, column, f'IFERROR({mean},"")', "calculation", "0.00", bold=bold)


def _draw_chart(book: Book, canvas: Canvas, shown: Regions, rows: Rows, left: int) -> int:
    """Draw the chart of one node's means, chosen by its code; return its last row."""
    canvas.label(HEADER - 1, left, "regions.chart", "section")
    canvas.blank(HEADER - 1, left + 1, "section")
    canvas.chooser(HEADER - 1, left + 2, shown.codes[0], shown.codes)
    chosen = cell(HEADER - 1, left + 2, "rc")

    def of_chosen(formulas: Sequence[str], otherwise: str) -> str:
        for code, value in zip(reversed(shown.codes), reversed(formulas), strict=True):
            otherwise = f'IF({chosen}="{code}",{value},{otherwise})'
        return otherwise

    name = of_chosen([node_name(book, code) for code in shown.codes], '"?"')
    canvas.formula(HEADER - 1, left + 3, name, "title", font_size=12, indent=1)

    def mean(subset: str) -> Formula:
        def formula(cells: RowCells) -> str:
            row = rows.at(cells.item[0], cells.item[1], subset)
            return of_chosen([cell(row, column) for column, _ in enumerate(shown.codes, 4)], '""')

        return formula

    parts = [group_name(book, shown.split, s) for s in rows.subsets[1:]]
    heads = (book.labels.ref("regions.whole"), *parts)
    lines = [
        (attribute, group.value)
        for attribute in shown.charted
        for group in _group_type(book.spec, attribute).groups
    ]
    table = item_table(canvas, HEADER, lines, (
        Column("group", "regions.group", lambda cells: group_name(book, *cells.item), "stub",
               style={"font_size": 9}),
        *(Column(subset, "", mean(subset), number="0.00", head=head)
          for subset, head in zip(rows.subsets, heads, strict=True)),
    ), left=left).draw()  # fmt: skip
    series = [
        (f"={REGIONS}!{cell(HEADER, table.column(subset), 'rc')}", table.area(subset))
        for subset in rows.subsets
    ]
    title = f"{REGIONS}!{cell(HEADER - 1, left + 3, 'rc')}"
    chart = columns(book, table.area("group"), series)
    canvas.insert_chart(chart, title, table.last + 2, left, 700, 320)
    return table.last + 18


def _draw_claims(
    book: Book, canvas: Canvas, shown: Regions, rows: Rows, left: int, row: int
) -> int:
    """Write the claims of the report and whether they hold; return the last row."""
    wording = book.labels.ref
    canvas.label(row, left, "regions.claims", "section")
    narrow = {"font_size": 9, "text_wrap": False, "shrink": True}

    def subset_name(cells: RowCells) -> str:
        subset = cells.item.subset
        return wording("regions.whole") if subset == ALL else group_name(book, shown.split, subset)

    def group_text(attribute: str) -> Formula:
        return lambda cells: group_name(book, cells.item.group_type, getattr(cells.item, attribute))

    def difference(cells: RowCells) -> str:
        claim, column = cells.item, 4 + shown.codes.index(cells.item.node)
        greater, less = (
            cell(rows.at(claim.group_type, group, claim.subset), column)
            for group in (claim.group, claim.than)
        )
        return f'IF(COUNT({greater},{less})=2,{greater}-{less},"")'

    def verdict_text(cells: RowCells) -> str:
        verdict = f"IF({cells.gap}>0,{wording('regions.holds')},{wording('regions.fails')})"
        return f'IF({cells.gap}="","",{verdict})'

    def text(key: str, formula: Formula) -> Column:
        return Column("", key, formula, "published", style={"font_size": 9, "shrink": True})

    table = item_table(canvas, row + 1, shown.claims, (
        text("profile.node", lambda cells: node_name(book, cells.item.node)),
        text("regions.subset", subset_name),
        text("regions.greater", group_text("group")),
        text("regions.less", group_text("than")),
        Column("gap", "regions.gap", difference, number="0.00"),
        Column("", "udf.status", verdict_text, "calculation_center", style={"font_size": 9},
               marks=[(f"{{0}}={wording('regions.fails')}", "note")]),
    ), left=left, head_style=narrow).draw()  # fmt: skip
    return table.last


def draw_tables(book: Book, analysis: Analysis, codes: tuple[str, ...]) -> None:
    """Draw `RegionTables`: every region with its units as columns."""
    width = _table_width(book.spec, analysis.tables)
    canvas = titled_sheet(book, TABLES, [TABLE_WIDTHS[0], *[TABLE_WIDTHS[1]] * width])
    for index, table in enumerate(analysis.tables):
        _draw_table(book, canvas, analysis, table, codes, table_row(index, codes), width)
    last = table_row(len(analysis.tables), codes) - 2
    canvas.finish(last, 1 + width, 2, 1, landscape=False, tall=1)


def table_row(index: int, codes: Sequence[str]) -> int:
    """Return the row of a table's title; head, rank, scores, ranks and a gap are below it."""
    return 4 + index * (2 * len(codes) + 4)


def _table_width(spec: TemplateSpec, tables: Sequence[RegionalTable]) -> int:
    """Return the columns of cities: as many as the largest table has, and spare ones."""
    sizes = [
        sum(
            all(u.attributes.get(a) == v for a, v in table.conditions) for u in spec.published_units
        )
        for table in tables
    ]
    return max(sizes) + SPARE


def _draw_table(
    book: Book,
    canvas: Canvas,
    analysis: Analysis,
    table: RegionalTable,
    codes: tuple[str, ...],
    row: int,
    width: int,
) -> None:
    """Write one table."""
    layout, text = book.layout, book.labels.ref
    root = book.spec.framework.root.code
    key = analysis.places.over(table.label, TABLES, "rc")
    parts = '&" · "&'.join(group_name(book, a, v) for a, v in table.conditions)
    title = f'{text("regiontables.chart")}&" {table.label}  "&{parts}'
    canvas.band(row, range(2, 2 + width), "section")
    canvas.formula(row, 1, title, "section", font_size=11)
    missing_cities = f'"⚠ "&(MAX({key})-{width})&" "&{text("regiontables.more")}'
    canvas.formula(
        row, width - 1, f'IF(MAX({key})>{width},{missing_cities},"")', "section", font_size=9
    )
    head = row + 1
    canvas.sheet.set_row(head - 1, 28)
    lines = [
        (node_name(book, root), True, layout.ranks.over(root, TABLES, "rc")),
        *[(node_name(book, c), False, layout.scores.over(c, TABLES, "rc")) for c in codes],
        *[(node_name(book, c), True, layout.ranks.over(c, TABLES, "rc")) for c in codes],
    ]
    canvas.label(head, 1, "data.name", "header")
    for line, (name, is_rank, _) in enumerate(lines, head + 1):
        formula = f'{name}&" · "&{text("regiontables.rank")}' if is_rank else name
        canvas.formula(line, 1, formula, "stub", font_size=9, shrink=True, text_wrap=False)
    names = layout.names()
    for column in range(2, 2 + width):
        # Counted up to the column before: no cell names itself.
        match = f"MATCH(COLUMNS({cell(head, 1, 'rc')}:{cell(head, column - 1, 'r')}),{key},0)"
        city_name = cell(head, column, "r")
        canvas.formula(head, column, f'IFERROR(INDEX({names},{match}),"")', "header", font_size=9)
        for line, (_, is_rank, source) in enumerate(lines, head + 1):
            role, number = ("calculation_center", "0") if is_rank else ("output", "0.00")
            canvas.formula(
                line, column, f'IF({city_name}="","",INDEX({source},{match}))', role, number
            )
