"""One slide: a finding as its title, the first cities as a table with bars, and the source."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from xlcity.errors import UsageError
from xlcity.figures.contents import Label, joined
from xlcity.figures.fonts import ems
from xlcity.figures.style import FigureStyle, figure_style
from xlcity.report.contents import NOTHING, shown
from xlcity.report.figures import ReportFigures
from xlcity.report.headline import headline
from xlcity.report.source import ReportSource
from xlcity.report.texts import say
from xlcity.xlsx.new_book import close_to_bytes, new_book
from xlcity.xlsx.package import Package

#: Cities that are shown; up to how many all are.
_FIRST = 10
_EVERY = 12
#: Width and height of a slide, and its margins, in points.
_WIDTH = 960.0
_HEIGHT = 540.0
_MARGIN = 56.0
#: Top and bottom of the ranking, and the greatest height of a row.
_TOP = 136.0
_BOTTOM = 456.0
_ROW = 30.0
#: Sizes of type, the last as a share of a row.
_TITLE = 28.0
_SUBTITLE = 15.0
_NOTE = 12.0
_IN_ROW = 0.53
#: Widths of the columns of ranks and scores.
_RANK = 56.0
_SCORE = 80.0
_HEADS = ("head.rank", "head.city", "head.score")
#: The table style of PowerPoint without lines and grounds.
_PLAIN = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"
_LAYOUT = "Title Only"
_THEME = "ppt/theme/theme1.xml"
#: Where the bars of a chart are: over all of it.
_WHOLE_FRAME = """\
<c:layout xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart"><c:manualLayout>\
<c:layoutTarget val="inner"/><c:xMode val="edge"/><c:yMode val="edge"/>\
<c:x val="0.0"/><c:y val="0.0"/><c:w val="1.0"/><c:h val="1.0"/>\
</c:manualLayout></c:layout>"""


def require_pptx() -> None:
    """Refuse to write a slide without the library that writes it.

    Raises
    ------
    UsageError
        With the remedy.
    """
    try:
        import pptx  # noqa: F401
    except ImportError as error:
        raise UsageError.of("XC290.no_pptx") from error


def write_slide(source: ReportSource, title: Label, lang: str) -> bytes:
    """Return a PowerPoint file of one slide, the same bytes for the same index.

    Parameters
    ----------
    title
        The name of the index with its edition.
    lang
        "zh" or "en".
    """
    slide = _Slide(lang)
    figures = ReportFigures(source, source.root)
    rows = figures.first_rows(_FIRST, _EVERY)
    every = len(figures.rows)
    key = "slide.every" if len(rows) == every else "slide.first"
    subtitle = say(key, name=title, all=every, n=len(rows))
    finding = headline(source)
    slide.write_title(title if finding == NOTHING else finding, subtitle)
    slide.rank(source, rows)
    slide.write_notes(joined(figures.origin, source.derived_note), source.synthetic)
    return slide.to_bytes()


class _RankedCity(NamedTuple):
    """A row of the ranking, as it is written, and the length of its bar."""

    rank: str
    name: str
    score: float
    shown_score: str


class _Slide:
    """A slide that is being made; lengths are points."""

    def __init__(self, lang: str) -> None:
        from pptx import Presentation
        from pptx.util import Pt

        self.lang = lang
        self.style: FigureStyle = figure_style()
        self.points = Pt
        self.file = Presentation()
        self.file.slide_width = Pt(_WIDTH)
        self.file.slide_height = Pt(_HEIGHT)
        layouts = self.file.slide_layouts
        layout: Any = layouts.get_by_name(_LAYOUT)
        for other in [*layouts]:
            if other.name != _LAYOUT:
                layouts.remove(other)
        self._place(layout.placeholders[0], 28.0, 76.0)
        self.slide = self.file.slides.add_slide(layout)

    def _place(self, shape: Any, top: float, height: float) -> None:
        """Give a shape the width of the text."""
        shape.left = self.points(_MARGIN)
        shape.top = self.points(top)
        shape.width = self.points(_WIDTH - 2 * _MARGIN)
        shape.height = self.points(height)

    def write_title(self, title: Label, subtitle: Label) -> None:
        """Write the finding and, below it, what is shown."""
        from pptx.enum.text import MSO_ANCHOR

        frame = self.slide.shapes.title.text_frame
        frame.vertical_anchor = MSO_ANCHOR.BOTTOM
        self._write(frame, title.text(self.lang), _TITLE, bold=True)
        below = self._box(104.0, 24.0)
        self._write(below, subtitle.text(self.lang), _SUBTITLE, colour="soft")

    def write_notes(self, note: Label, synthetic: int) -> None:
        """Write the source and, on a ground of its own, that values are invented."""
        frame = self._box(_HEIGHT - 44.0, 24.0)
        self._write(frame, note.text(self.lang), _NOTE, colour="soft")
        if not synthetic:
            return
        warning = self._box(_HEIGHT - 72.0, 24.0, ground="warning")
        text = say("synthetic", n=f"{synthetic:,}").text(self.lang)
        self._write(warning, text, _NOTE, bold=True)
        warning.margin_left = self.points(_NOTE / 2)

    def _box(self, top: float, height: float, ground: str = "") -> Any:
        """Return the frame of a text across the slide."""
        box = self.slide.shapes.add_textbox(0, 0, 0, 0)
        self._place(box, top, height)
        if ground:
            box.fill.solid()
            box.fill.fore_color.rgb = self._colour(ground)
        return box.text_frame

    def _colour(self, name: str) -> Any:
        from pptx.dml.color import RGBColor

        return RGBColor.from_string(self.style.colour[name].removeprefix("#"))

    def _write(
        self,
        frame: Any,
        text: str,
        size: float,
        *,
        colour: str = "text",
        bold: bool = False,
        right: bool = False,
    ) -> None:
        """Write a text into a frame without room at its left and right."""
        from pptx.enum.text import PP_ALIGN

        frame.word_wrap = True
        frame.margin_left = 0
        frame.margin_right = 0
        line = frame.paragraphs[0]
        line.alignment = PP_ALIGN.RIGHT if right else PP_ALIGN.LEFT
        run = line.add_run()
        run.text = text
        run.font.size = self.points(size)
        run.font.bold = bold
        run.font.color.rgb = self._colour(colour)

    def rank(self, source: ReportSource, rows: Sequence[int]) -> None:
        """Show some cities as rows of a table, with a bar beside each."""
        height = min(_ROW, (_BOTTOM - _TOP) / (len(rows) + 1))
        cities = [self._city(source, row) for row in rows]
        heads = [say(key).text(self.lang) for key in _HEADS]
        lines = [[city.rank, city.name, city.shown_score] for city in cities]
        names = [city.name for city in cities]
        longest = max(map(ems, [heads[1], *names]))
        widths = [_RANK, height * _IN_ROW * (longest + 1), _SCORE]
        self._add_table([heads, *lines], widths, height)
        self._add_bars(cities, left=_MARGIN + sum(widths), row=height)

    def _city(self, source: ReportSource, row: int) -> _RankedCity:
        root = source.root
        score = source.score(row, root) or 0.0
        return _RankedCity(
            rank=str(source.rank(row, root)),
            name=source.marked_city(row, root).text(self.lang),
            score=score,
            shown_score=shown(score, source.score_kind(root), self.lang),
        )

    def _add_table(
        self, lines: Sequence[Sequence[str]], widths: Sequence[float], row: float
    ) -> None:
        from pptx.enum.text import MSO_ANCHOR

        box = (_MARGIN, _TOP, sum(widths), row * len(lines))
        at = map(self.points, box)
        shape = self.slide.shapes.add_table(len(lines), len(widths), *at)
        shape.name = say("head.rank").text(self.lang)
        table = shape.table
        table.horz_banding = False
        shape.element.xpath(".//a:tableStyleId")[0].text = _PLAIN
        for column, width in zip(table.columns, widths, strict=True):
            column.width = self.points(width)
        for number, line in enumerate(lines):
            table.rows[number].height = self.points(row)
            for column, text in enumerate(line):
                cell = table.cell(number, column)
                cell.margin_left = 0
                cell.margin_right = 0
                cell.margin_top = 0
                cell.margin_bottom = 0
                cell.vertical_anchor = MSO_ANCHOR.MIDDLE
                is_quiet = number == 0 or column == 0
                self._write(
                    cell.text_frame,
                    text,
                    row * _IN_ROW if number else _NOTE,
                    colour="soft" if is_quiet else "text",
                    right=column == 2,
                )

    def _add_bars(
        self, cities: Sequence[_RankedCity], *, left: float, row: float
    ) -> None:
        """Add bars whose rows are those of the table; those of the first rank are dark."""
        from pptx.chart.data import CategoryChartData
        from pptx.enum.chart import XL_CHART_TYPE

        head = say("head.score").text(self.lang)
        names = [city.name for city in cities]
        scores = [city.score for city in cities]
        data = CategoryChartData()
        data.categories = names
        data.add_series(head, scores)
        left += row
        box = (left, _TOP + row, _WIDTH - _MARGIN - left, row * len(names))
        kind = XL_CHART_TYPE.BAR_CLUSTERED
        shape = self.slide.shapes.add_chart(kind, *map(self.points, box), data)
        shape.name = head
        chart = shape.chart
        chart.has_legend = False
        chart.has_title = False
        _set_axes(chart, scores, self._colour("soft"))
        bars = chart.plots[0].series[0]
        bars.invert_if_negative = False
        for number, city in enumerate(cities):
            is_first = city.rank == cities[0].rank
            fill = bars.points[number].format.fill
            fill.solid()
            fill.fore_color.rgb = self._colour("main" if is_first else "pale")
        chart.plots[0].gap_width = 45
        chart.part.chart_workbook.update_from_xlsx_blob(_workbook(head, names, scores))
        _fill_frame(chart)
        _number_axes(chart)

    def to_bytes(self) -> bytes:
        """Return the file: without a time, and with the house's fonts."""
        about = self.file.core_properties
        about.author = ""
        about.title = self.slide.shapes.title.text_frame.text
        about.last_modified_by = ""
        about.created = datetime(2000, 1, 1)
        about.modified = about.created
        file = io.BytesIO()
        self.file.save(file)
        with zipfile.ZipFile(file) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        latin, chinese = self.style.font["document"]
        fonts = f'<a:latin typeface="{latin}"/><a:ea typeface="{chinese}"/>'
        theme = parts[_THEME].decode()
        named = re.sub(r'<a:latin typeface="Calibri"/>\s*<a:ea [^>]*/>', fonts, theme)
        return Package.from_parts({**parts, _THEME: named.encode()}).to_bytes()


def _set_axes(chart: Any, scores: Sequence[float], colour: Any) -> None:
    """Set the axes of bars: a line without names, and lengths from 0."""
    from pptx.enum.chart import XL_TICK_LABEL_POSITION, XL_TICK_MARK

    down = chart.category_axis
    down.reverse_order = True
    down.tick_label_position = XL_TICK_LABEL_POSITION.NONE
    down.major_tick_mark = XL_TICK_MARK.NONE
    down.format.line.color.rgb = colour
    across = chart.value_axis
    across.minimum_scale = min(0.0, *scores)
    across.maximum_scale = max(0.0, *scores)
    across.has_major_gridlines = False
    across.visible = False


def _workbook(head: str, names: Sequence[str], scores: Sequence[float]) -> bytes:
    """Return the workbook that PowerPoint opens for the numbers of the chart."""
    book = new_book()
    page = book.add_worksheet()
    page.write_column(0, 0, ["", *names])
    page.write_column(0, 1, [head, *scores])
    return close_to_bytes(book)


def _number_axes(chart: Any) -> None:
    """Give the axes the numbers 1, 2: the library's are negative, which Open XML does not allow."""
    numbers: dict[str, int] = {}
    for node in chart.element.xpath(".//c:axId | .//c:crossAx"):
        number = numbers.setdefault(node.get("val"), len(numbers) + 1)
        node.set("val", str(number))


def _fill_frame(chart: Any) -> None:
    """Let the bars fill the chart, so that they stand beside the rows of the table."""
    from pptx.oxml import parse_xml

    (area,) = chart.element.xpath(".//c:plotArea")
    area.insert(0, parse_xml(_WHOLE_FRAME))
