"""`Regions` and `RegionTables`: means of crossed groups, and every region in full."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xlcity.reports.report import GroupType
from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.charts import columns
from xlcity.workbook.drawing.grid import cell
from xlcity.workbook.sheets.analyses.analysis import Analysis, RegionalTable, node_name
from xlcity.workbook.spec import TemplateSpec

REGIONS, TABLES = "Regions", "RegionTables"
ALL = "all"
HEADER = 5
WIDTHS = (22.0, 36.0, 9.0, 16.0)
#: Columns of a regional table beyond the cities that it has in the report.
SPARE = 4
TABLE_WIDTHS = (30.0, 12.0)


@dataclass(frozen=True, slots=True)
class Claim:
    """What a text says: the mean of `group` is greater than that of `than`."""

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


def _type(spec: TemplateSpec, attribute: str) -> GroupType:
    return next(g for g in spec.group_types if g.attribute == attribute)


@dataclass(frozen=True)
class Rows:
    """Where the means of every group and part of it stand."""

    spec: TemplateSpec
    shown: Regions

    @property
    def subsets(self) -> tuple[str, ...]:
        """The whole of a group, then its parts."""
        return (ALL, *(group.value for group in _type(self.spec, self.shown.split).groups))

    def sections(self) -> list[tuple[str, list[tuple[str, str, int]]]]:
        """Return (group type, its (group, subset, row)), one after the other."""
        found, row = [], HEADER + 1
        for attribute in (ALL, *self.shown.group_types):
            groups = [ALL]
            if attribute != ALL:
                row += 1
                groups = [group.value for group in _type(self.spec, attribute).groups]
            lines = []
            for group in groups:
                for subset in self.subsets:
                    lines.append((group, subset, row))
                    row += 1
            found.append((attribute, lines))
        return found

    def at(self, group_type: str, group: str, subset: str) -> int:
        """Return the row of one group, or of a part of it."""
        lines = dict(self.sections())[group_type]
        return next(row for g, s, row in lines if (g, s) == (group, subset))


def draw(book: Book, shown: Regions) -> None:
    """Draw `Regions`."""
    canvas, rows = book.canvas(REGIONS), Rows(book.spec, shown)
    right = 3 + len(shown.codes)
    chart_left = right + 4
    canvas.heading("regions", "regions.note")
    canvas.widths([*WIDTHS[:3], *[WIDTHS[3]] * len(shown.codes), 9, 7, 2, 26, 24, *[14] * 6])
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
            _means(book, canvas, shown, (attribute, group, subset), row)
            last = row
    canvas_bottom = _chart(book, canvas, shown, rows, chart_left)
    if shown.claims:
        canvas_bottom = _claims(book, canvas, shown, rows, chart_left, canvas_bottom + 2)
    canvas.finish(max(last, canvas_bottom), chart_left + 7, HEADER, tall=1)


def _group_name(book: Book, group_type: str, group: str) -> str:
    return book.labels.ref("group.all" if group == ALL else f"group.{group_type}.{group}")


def _means(
    book: Book, canvas: Canvas, shown: Regions, which: tuple[str, str, str], row: int
) -> None:
    """Write number and means of one group, or of the part of it that `split` names."""
    layout, (attribute, group, subset) = book.layout, which
    role = "stub" if subset == ALL else "calculation"
    bold = subset == ALL
    canvas.formula(row, 1, _group_name(book, attribute, group), "stub", text_wrap=False, bold=bold)
    name = book.labels.ref("regions.whole") if subset == ALL else None
    part = name or _group_name(book, shown.split, subset)
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


def _chart(book: Book, canvas: Canvas, shown: Regions, rows: Rows, left: int) -> int:
    """Write what the chart shows, for a chosen node, and the chart; return its last row."""
    canvas.label(HEADER - 1, left, "regions.chart", "section")
    canvas.blank(HEADER - 1, left + 1, "section")
    canvas.input(HEADER - 1, left + 2, shown.codes[0], "chooser", "@")
    chosen = cell(HEADER - 1, left + 2, "rc")
    canvas.choices(canvas.area(HEADER - 1, left + 2), list(shown.codes))
    name = '"?"'
    for code in reversed(shown.codes):
        name = f'IF({chosen}="{code}",{node_name(book, code)},{name})'
    canvas.formula(HEADER - 1, left + 3, name, "title", font_size=12, indent=1)
    heads = [_group_name(book, shown.split, s) for s in rows.subsets[1:]]
    canvas.label(HEADER, left, "regions.group", "header", font_size=9)
    for column, head in enumerate((book.labels.ref("regions.whole"), *heads), left + 1):
        canvas.formula(HEADER, column, head, "header", font_size=9)
    lines = [
        (attribute, group.value)
        for attribute in shown.charted
        for group in _type(book.spec, attribute).groups
    ]
    for row, (attribute, group) in enumerate(lines, HEADER + 1):
        canvas.formula(row, left, _group_name(book, attribute, group), "stub", font_size=9)
        for column, subset in enumerate(rows.subsets, left + 1):
            source = rows.at(attribute, group, subset)
            formula = '""'
            for place, code in reversed(list(enumerate(shown.codes, 4))):
                formula = f'IF({chosen}="{code}",{cell(source, place)},{formula})'
            canvas.formula(row, column, formula, "calculation", "0.00")
    first, last = HEADER + 1, HEADER + len(lines)
    chart = columns(
        book,
        f"={REGIONS}!{cell(HEADER - 1, left + 3, 'rc')}",
        canvas.area(first, left, last),
        [
            (f"={REGIONS}!{cell(HEADER, c, 'rc')}", canvas.area(first, c, last))
            for c in range(left + 1, left + 1 + len(rows.subsets))
        ],
    )
    canvas.insert_chart(chart, last + 2, left, 700, 320)
    return last + 18


def _claims(book: Book, canvas: Canvas, shown: Regions, rows: Rows, left: int, row: int) -> int:
    """Write what the text says of the means, and whether it holds here; return the last row."""
    said = book.labels.ref
    canvas.label(row, left, "regions.claims", "section")
    heads = (
        "profile.node",
        "regions.subset",
        "regions.greater",
        "regions.less",
        "regions.gap",
        "udf.status",
    )
    canvas.heads(row + 1, heads, left, font_size=9, text_wrap=False, shrink=True)
    first = row + 2
    for at, claim in enumerate(shown.claims, first):
        whole = said("regions.whole")
        part = whole if claim.subset == ALL else _group_name(book, shown.split, claim.subset)
        names = (
            node_name(book, claim.node),
            part,
            _group_name(book, claim.group_type, claim.group),
            _group_name(book, claim.group_type, claim.than),
        )
        for column, name in enumerate(names, left):
            canvas.formula(at, column, name, "published", font_size=9, shrink=True)
        column = 4 + shown.codes.index(claim.node)
        one, other = (
            cell(rows.at(claim.group_type, group, claim.subset), column)
            for group in (claim.group, claim.than)
        )
        gap = cell(at, left + 4, "c")
        formula = f'IF(COUNT({one},{other})=2,{one}-{other},"")'
        canvas.formula(at, left + 4, formula, "calculation", "0.00")
        canvas.formula(
            at,
            left + 5,
            f'IF({gap}="","",IF({gap}>0,{said("regions.holds")},{said("regions.fails")}))',
            "calculation_center",
            font_size=9,
        )
    last = row + 1 + len(shown.claims)
    area = canvas.area(first, left + 5, last)
    canvas.mark(area, f"{cell(first, left + 5)}={said('regions.fails')}", "note")
    return last


def draw_tables(book: Book, analysis: Analysis, codes: tuple[str, ...]) -> None:
    """Draw `RegionTables`: every region with its units as columns."""
    canvas = book.canvas(TABLES)
    canvas.heading("regiontables", "regiontables.note")
    width = _width(book.spec, analysis.tables)
    canvas.widths([TABLE_WIDTHS[0], *[TABLE_WIDTHS[1]] * width])
    for place, table in enumerate(analysis.tables):
        _table(book, canvas, analysis, table, codes, table_row(place, codes), width)
    last = table_row(len(analysis.tables), codes) - 2
    canvas.finish(last, 1 + width, 2, 1, landscape=False, tall=1)


def table_row(place: int, codes: Sequence[str]) -> int:
    """Return the row of a table's title: head, rank, scores, ranks and a gap stand below it."""
    return 4 + place * (2 * len(codes) + 4)


def _width(spec: TemplateSpec, tables: Sequence[RegionalTable]) -> int:
    """Return the columns of cities: as many as the largest table has, and spare ones."""
    sizes = [
        sum(
            all(u.attributes.get(a) == v for a, v in table.conditions) for u in spec.published_units
        )
        for table in tables
    ]
    return max(sizes) + SPARE


def _table(
    book: Book,
    canvas: Canvas,
    analysis: Analysis,
    table: RegionalTable,
    codes: tuple[str, ...],
    row: int,
    width: int,
) -> None:
    """Write one table."""
    layout, said = book.layout, book.labels.ref
    root = book.spec.framework.root.code
    key = analysis.places.over(table.label, TABLES, "rc")
    parts = '&" · "&'.join(_group_name(book, a, v) for a, v in table.conditions)
    title = f'{said("regiontables.chart")}&" {table.label}  "&{parts}'
    for column in range(2, 2 + width):
        canvas.blank(row, column, "section")
    canvas.formula(row, 1, title, "section", font_size=11)
    canvas.formula(
        row,
        width - 1,
        f'IF(MAX({key})>{width},"⚠ "&(MAX({key})-{width})&" "&{said("regiontables.more")},"")',
        "section",
        font_size=9,
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
        formula = f'{name}&" · "&{said("regiontables.rank")}' if is_rank else name
        canvas.formula(line, 1, formula, "stub", font_size=9, shrink=True, text_wrap=False)
    names = layout.names("Scores")
    for column in range(2, 2 + width):
        # Counted up to the column before: no cell names itself.
        at = f"MATCH(COLUMNS({cell(head, 1, 'rc')}:{cell(head, column - 1, 'r')}),{key},0)"
        here = cell(head, column, "r")
        canvas.formula(head, column, f'IFERROR(INDEX({names},{at}),"")', "header", font_size=9)
        for line, (_, is_rank, source) in enumerate(lines, head + 1):
            canvas.formula(
                line,
                column,
                f'IF({here}="","",INDEX({source},{at}))',
                "calculation_center" if is_rank else "output",
                "0" if is_rank else "0.00",
            )
