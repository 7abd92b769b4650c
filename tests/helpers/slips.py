"""Forty and more kinds of slip as people make them, one per workbook, and where each was made.

A kind is its name, in English and Chinese, what of a workbook it changes, and what makes it in any
template. `audit` with the template has to name every kind in `STRUCTURE`.
"""

from __future__ import annotations

import contextlib
import functools
import io
import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from tests.helpers.contract_cells import block_position, score_sheet
from tests.helpers.mutations import with_cell, with_formula, with_text
from tests.helpers.own import CODES, UNITS, own_bytes
from xlcity.cli import main
from xlcity.workbook.layout.rows import ROW_HIGH, ROW_RANGE
from xlcity.workbook.reading.template import Template, read_template
from xlcity.workbook.tab_titles import with_tabs_in
from xlcity.xlsx.address import Range, cell_name, column_letters
from xlcity.xlsx.cells import ReadBook, read_book
from xlcity.xlsx.package import Package
from xlcity.xlsx.text import escape_xml, number_text


@functools.cache
def next_edition() -> bytes:
    """Return a small framework of one's own in its second year, filled and calculated.

    Values change by a few per cent from one edition to the next.
    """
    with tempfile.TemporaryDirectory() as name:
        old, empty, data, new = (
            Path(name) / f for f in ("a.xlsx", "b.xlsx", "c.csv", "d.xlsx")
        )
        old.write_bytes(own_bytes(udf=False))
        template = read_template(
            Package.read(old), read_book(Package.read(old)), "a.xlsx"
        )
        rng = np.random.default_rng(7)
        rows = [",".join(("unit", *CODES))]
        for place, unit in enumerate(UNITS):
            columns = [template.dataset.column(code) for code in CODES]
            values = template.dataset.values[place, columns] * rng.normal(
                1.02, 0.01, len(CODES)
            )
            rows.append(",".join((unit, *(f"{value:.4f}" for value in values))))
        data.write_text("\n".join(rows) + "\n")
        with contextlib.redirect_stdout(io.StringIO()):
            words = ["roll", old, "--edition", "2026", "-o", empty]
            assert main([*map(str, words)]) == 0
            assert main([*map(str, ["fill", empty, "--data", data, "-o", new])]) == 0
        return new.read_bytes()


#: What slips change: `audit` with the template has to name those of formulas and below.
DATA = ("data", "weights", "texts")
STRUCTURE = ("formulas", "names", "charts", "formats", "settings")


@dataclass(frozen=True)
class Made:
    """A slip in a workbook: the sheet, and words one of which names the place."""

    package: Package
    sheet: str
    places: tuple[str, ...]


class Sound:
    """A sound template that slips are made in; its tabs are named as the contract does."""

    def __init__(self, package: Package, name: str = "book.xlsx") -> None:
        self.package = with_tabs_in(package, read_book(package), "en")
        self.name = name
        self.book: ReadBook = read_book(self.package)

    @cached_property
    def template(self) -> Template:
        return read_template(self.package, self.book, self.name)

    @cached_property
    def units(self) -> list[str]:
        """Cities with values in most columns."""
        return [unit for unit in self.template.rows if unit]

    @cached_property
    def codes(self) -> list[str]:
        """Columns of the inputs with at least eight different numbers, most first."""
        found = {}
        for code in self.template.columns:
            values = [
                v for u in self.units if isinstance(v := self.value(u, code), float)
            ]
            if len(set(values)) >= 8:
                found[code] = len(set(values))
        return sorted(found, key=lambda code: -found[code])

    def at(self, unit: str, code: str) -> tuple[int, int]:
        return self.template.rows[unit], self.template.columns[code]

    def value(self, unit: str, code: str) -> object:
        return self.book.value("Data", *self.at(unit, code))

    def area(self, name: str) -> Range:
        return self.template.area(name)

    def typed(self, values: dict[tuple[str, str], float]) -> Made:
        """Type numbers over inputs."""
        package = self.package
        for (unit, code), value in values.items():
            inner = f"<v>{number_text(value)}</v>"
            package = with_cell(package, self.book, "Data", self.at(unit, code), inner)
        return Made(
            package, "Data", tuple(cell_name(*self.at(*place)) for place in values)
        )

    def text(self, sheet: str, position: tuple[int, int], text: str) -> Made:
        package = with_text(self.package, self.book, sheet, position, text)
        return Made(package, sheet, (cell_name(*position),))

    def number(self, sheet: str, position: tuple[int, int], value: float) -> Made:
        inner = f"<v>{number_text(value)}</v>"
        package = with_cell(self.package, self.book, sheet, position, inner)
        return Made(package, sheet, (cell_name(*position),))

    def formula(
        self, position: tuple[int, int], change: Callable[[str], str], sheet=""
    ):
        sheet = sheet or self.scores
        text = self.book.sheets[sheet].cells[position].formula
        new = change(text)
        assert new != text, text
        package = with_formula(
            self.package, self.book, sheet, position, new, calculate=False
        )
        return Made(package, sheet, (cell_name(*position),))

    def part(self, part: str, pattern: str, new: str, count: int = 1) -> Package:
        xml = self.package.text(part)
        changed = re.sub(pattern, new, xml, count=count, flags=re.DOTALL)
        assert changed != xml, pattern
        return self.package.replace({part: changed.encode()})

    def main(self, pattern: str, new: str, *places: str) -> Made:
        """Edit the workbook part."""
        part = self.package.workbook_part
        return Made(self.part(part, pattern, new), "", places)

    def sheet(self, name: str, pattern: str, new: str, *places: str) -> Made:
        """Edit the part of a sheet."""
        return Made(self.part(self.book.sheets[name].part, pattern, new), name, places)

    def chart(self, pattern: str, new: str) -> Made:
        """Edit the first chart on `Ranking`."""
        (drawing,) = self.package.related(self.book.sheets["Ranking"].part, "drawing")
        chart = self.package.related(drawing, "chart")[0]
        anchor = re.search(
            r"<xdr:col>(\d+)</xdr:col>.*?<xdr:row>(\d+)",
            self.package.text(drawing),
            re.DOTALL,
        )
        place = cell_name(int(anchor[2]) + 1, int(anchor[1]) + 1)
        return Made(self.part(chart, pattern, new), "Ranking", (place,))

    def style(
        self, position: tuple[int, int], sheet: str, change: Callable[[str], str]
    ) -> Made:
        """Give a cell a format like its own, but for one change of the element `xf`."""
        style = self.book.sheets[sheet].cells[position].style
        xml = self.package.text("xl/styles.xml")
        block = re.search(r"<cellXfs count=\"(\d+)\">(.*?)</cellXfs>", xml, re.DOTALL)
        formats = re.findall(r"<xf\b[^>]*/>|<xf\b.*?</xf>", block[2], re.DOTALL)
        new = change(formats[style])
        more = f'<cellXfs count="{len(formats) + 1}">{block[2]}{new}</cellXfs>'
        xml = xml.replace(block[0], more)
        white = (
            '<font><sz val="10"/><color rgb="FFFFFFFF"/><name val="Calibri"/></font>'
        )
        fonts = re.search(r"<fonts\b.*?</fonts>", xml, re.DOTALL)[0]
        xml = xml.replace("</fonts>", f"{white}</fonts>", 1)
        xml = xml.replace("WHITE", str(len(re.findall(r"<font\b", fonts)))).replace(
            "NOFILL", "0"
        )
        codes = '<numFmt numFmtId="900" formatCode=";;;"/><numFmt numFmtId="901" formatCode="0"/>'
        xml = re.sub(r"(<numFmts\b[^>]*>)", rf"\1{codes}", xml, count=1)
        package = self.package.replace({"xl/styles.xml": xml.encode()})
        part = self.book.sheets[sheet].part
        name = cell_name(*position)
        text = package.text(part)
        styled = re.sub(
            rf'(<c r="{name}"[^>]*?) s="\d+"', rf'\1 s="{len(formats)}"', text, count=1
        )
        assert styled != text
        return Made(package.replace({part: styled.encode()}), sheet, (name,))

    @property
    def score(self) -> tuple[int, int]:
        """The first city's total, on the sheet `scores`."""
        return block_position(self.book, "out_scores")

    @property
    def scores(self) -> str:
        """The sheet of the scores."""
        return score_sheet(self.book)


def _pick(sound: Sound, column: int = 0) -> tuple[str, str]:
    """Return a city and an indicator with a number of several digits."""
    code = sound.codes[column]
    values = {u: v for u in sound.units if isinstance(v := sound.value(u, code), float)}
    return max(
        values, key=lambda u: len(number_text(values[u])) * 1000 - abs(values[u]) % 1
    ), code


def _digit(sound):
    unit, code = _pick(sound)
    text = number_text(sound.value(unit, code))
    last = text[-1]
    return sound.typed({(unit, code): float(text[:-1] + ("1" if last != "1" else "2"))})


def _transposed(sound):
    """Exchange the two neighbouring digits that change the number most."""
    code = sound.codes[0]
    best = None
    for unit in sound.units:
        value = sound.value(unit, code)
        text = number_text(value) if isinstance(value, float) else ""
        for at in range(len(text) - 1):
            a, b = text[at : at + 2]
            if a.isdigit() and b.isdigit() and a != b:
                new = float(text[:at] + b + a + text[at + 2 :])
                change = abs(new - value) / abs(value)
                if best is None or change > best[0]:
                    best = change, unit, new
    return sound.typed({(best[1], code): best[2]})


def _tenfold(sound):
    unit, code = _pick(sound)
    return sound.typed({(unit, code): sound.value(unit, code) * 10})


def _exchanged_cities(sound):
    code = sound.codes[0]
    known = sorted(
        (u for u in sound.units if isinstance(sound.value(u, code), float)),
        key=lambda u: sound.value(u, code),
    )
    a = known[len(known) // 8]
    b = known[-1 - len(known) // 8]
    return sound.typed(
        {(a, code): sound.value(b, code), (b, code): sound.value(a, code)}
    )


def _columns(sound) -> list[str]:
    """Return the indicators with a number for every city."""
    whole = [
        c
        for c in sound.codes
        if all(isinstance(sound.value(u, c), float) for u in sound.units)
    ]
    return whole or sound.codes


def _row(sound, unit) -> dict[str, float]:
    columns = sound.template.columns
    return {c: v for c in columns if isinstance(v := sound.value(unit, c), float)}


def _exchanged_rows(sound):
    rows = {unit: _row(sound, unit) for unit in sound.units}
    a, b = sorted(rows, key=lambda u: -len(rows[u]))[:2]
    both = rows[a].keys() & rows[b].keys()
    values = {(a, c): rows[b][c] for c in both} | {(b, c): rows[a][c] for c in both}
    return sound.typed({p: v for p, v in values.items() if v != sound.value(*p)})


def _exchanged_columns(sound):
    a, b = _columns(sound)[:2]
    values = {}
    for unit in sound.units:
        first = sound.value(unit, a)
        second = sound.value(unit, b)
        if isinstance(first, float) and isinstance(second, float):
            values |= {(unit, a): second, (unit, b): first}
    return sound.typed({p: v for p, v in values.items() if v != sound.value(*p)})


def _pasted(noise):
    def make(sound):
        rows = {unit: _row(sound, unit) for unit in sound.units}
        a, b = sorted(rows, key=lambda u: -len(rows[u]))[:2]
        values = {}
        for place, code in enumerate(sorted(rows[a].keys() & rows[b].keys())):
            factor = 1 + noise * (-1) ** place * (1 + place % 3) / 3
            values[b, code] = float(f"{rows[a][code] * factor:.6g}")
        return sound.typed({p: v for p, v in values.items() if v != sound.value(*p)})

    return make


def _double_city(sound):
    rows = sound.template.rows
    first, second = sound.units[:2]
    return sound.text("Data", (rows[second], sound.area("in_units").c1), first)


def _double_header(sound):
    area = sound.area("in_data")
    a, b = sound.codes[:2]
    made = sound.text("Data", (area.r1, sound.template.columns[b]), a)
    return Made(
        made.package,
        "Data",
        (cell_name(area.r1, sound.template.columns[a]), *made.places),
    )


def _as_text(sound):
    unit, code = _pick(sound)
    return sound.text(
        "Data", sound.at(unit, code), f"约{number_text(sound.value(unit, code))}"
    )


def _emptied(sound):
    position = sound.at(*_pick(sound))
    package = with_cell(sound.package, sound.book, "Data", position, "")
    return Made(package, "Data", (cell_name(*position),))


def _missing(sound):
    return sound.text("Data", sound.at(*_pick(sound)), "NA")


def _weights(sound) -> list[tuple[int, float]]:
    area = sound.area("in_weights")
    rows = range(area.r1 + 1, area.r2 + 1)
    found = [(row, sound.book.value(area.sheet, row, area.c1)) for row in rows]
    return [(row, value) for row, value in found if isinstance(value, float) and value]


def _weight(factor):
    def make(sound):
        area = sound.area("in_weights")
        row, value = _weights(sound)[-1]
        return sound.number(area.sheet, (row, area.c1), value * factor)

    return make


def _two_weights(sound):
    """Move a hair of weight from one indicator to the next one of its group."""
    area = sound.area("in_weights")
    (first, one), (second, two) = _weights(sound)[-2:]
    made = sound.number(area.sheet, (first, area.c1), one + 0.004)
    inner = f"<v>{number_text(two - 0.004)}</v>"
    package = with_cell(made.package, sound.book, area.sheet, (second, area.c1), inner)
    return Made(package, area.sheet, (*made.places, cell_name(second, area.c1)))


def _framework(column, new):
    def make(sound):
        area = sound.area("xl_framework")
        header, *rows = sound.book.block(area)
        at = header.index(column)
        place, row = [(n, r) for n, r in enumerate(rows, 1) if r[0]][-1]
        position = area.r1 + place, area.c1 + at
        if column == "direction":
            return sound.number(area.sheet, position, -float(row[at]))
        return sound.text(area.sheet, position, f"{row[at] or ''}{new}")

    return make


def _parameter(sound):
    name = next(
        n
        for n in ("par_limit", "par_scale", "par_rank_digits")
        if n in sound.book.names
    )
    area = sound.area(name)
    old = sound.book.value(area.sheet, area.r1, area.c1)
    return sound.number(area.sheet, (area.r1, area.c1), float(old or 0) + 1)


def _source(sound):
    area = sound.area("xl_sources")
    return sound.text(area.sheet, (area.r1 + 1, area.c1 + 2), "别处 2023")


def _overwritten(sound):
    value = sound.book.value(sound.scores, *sound.score)
    return sound.number(sound.scores, sound.score, round(value + 0.5, 2))


def _statistic(sound, column: int) -> tuple[int, int]:
    """Return a cell above a column of `Index` whose formula reads a range: a bound, or the sd."""
    cells = sound.book.sheets[sound.scores].cells
    places = [(row, column) for row in (ROW_HIGH, ROW_RANGE)]
    return next(p for p in places if p in cells and ":" in (cells[p].formula or ""))


def _short(sound):
    def change(text):
        return re.sub(
            r":(\$?[A-Z]+\$?)(\d+)", lambda m: f":{m[1]}{int(m[2]) - 1}", text, count=1
        )

    area = sound.area("out_normalised")
    return sound.formula(_statistic(sound, area.c1), change, area.sheet)


def _dollar(sound):
    area = sound.area("out_ranks")
    return sound.formula(
        (area.r1, area.c1), lambda t: t.replace("$", "", 1), area.sheet
    )


def _function(sound):
    area = sound.area("out_normalised")
    change = lambda text: text.replace("MAX(", "MEDIAN(")  # noqa: E731
    return sound.formula(_statistic(sound, area.c1), change, area.sheet)


def _term(sound):
    return sound.formula(sound.score, lambda t: f"{t}+0.5")


def _stale(sound):
    text = sound.book.sheets[sound.scores].cells[sound.score].formula
    value = sound.book.value(sound.scores, *sound.score)
    inner = f"<f>{escape_xml(text)}</f><v>{value + 1}</v>"
    package = with_cell(sound.package, sound.book, sound.scores, sound.score, inner)
    return Made(package, sound.scores, (cell_name(*sound.score),))


def _label(sound):
    return sound.text("Framework", (3, 5), " (best cities)")


def _heading(sound):
    """Type a heading over the cell of `Ranking` that takes it from the labels."""
    return sound.text("Ranking", (7, 1), "Place")


def _city_name(sound):
    area = sound.area("xl_cities")
    header = sound.book.block(area)[0]
    return sound.text(
        area.sheet, (area.r1 + 1, area.c1 + header.index("name_en")), "Atlantis"
    )


def _renamed_name(sound):
    return sound.main(
        r'(<definedName name="out_scores">[^<]*?\$)(\d+)(</)',
        lambda m: f"{m[1]}{int(m[2]) - 1}{m[3]}",
        "out_scores",
    )


def _lost_name(sound):
    return sound.main(
        r'<definedName name="par_udf_tolerance">[^<]*</definedName>',
        "",
        "par_udf_tolerance",
    )


def _series_end(sound):
    def shorter(match):
        return f"{match[1]}{int(match[2]) - 2}</c:f>"

    return sound.chart(r"(<c:val>.*?<c:f>[^<]*?)(\d+)</c:f>", shorter)


def _series_column(sound):
    return sound.chart(
        r"(<c:val>.*?<c:f>[^<]*?!)\$(\w+)\$(\d+):\$\w+\$", r"\1$A$\3:$A$"
    )


def _printed(sound) -> tuple[int, int]:
    """The first city's score on `Ranking`."""
    cells = sound.book.sheets["Ranking"].cells
    return next(
        (8, c)
        for c in range(4, 12)
        if (8, c) in cells and isinstance(cells[8, c].value, float)
    )


def _number_format(code):
    def make(sound):
        new = f'numFmtId="{code}"'
        return sound.style(
            _printed(sound), "Ranking", lambda xf: re.sub(r'numFmtId="\d+"', new, xf)
        )

    return make


def _white(sound, down=0):
    def change(xf):
        return re.sub(
            r'fillId="\d+"', 'fillId="0"', re.sub(r'fontId="\d+"', 'fontId="WHITE"', xf)
        )

    row, column = _printed(sound)
    return sound.style((row + down, column), "Ranking", change)


def _lost_format(sound):
    return sound.sheet(
        "Checks",
        r"<conditionalFormatting\b.*?</conditionalFormatting>",
        "",
        *_areas(sound, "Checks"),
    )


def _areas(sound, sheet) -> tuple[str, ...]:
    xml = sound.package.text(sound.book.sheets[sheet].part)
    first = re.search(r'<conditionalFormatting sqref="([^"]*)"', xml)[1]
    return first, first.partition(":")[0].split()[0]


def _blind_format(sound):
    """Let a conditional format write white on white."""
    xml = sound.package.text("xl/styles.xml")
    look = (
        '<dxf><font><color rgb="FFFFFFFF"/></font><fill><patternFill><bgColor rgb="FFFFFFFF"/>'
        "</patternFill></fill></dxf>"
    )
    number = len(re.findall(r"<dxf>", xml))
    styled = sound.package.replace(
        {"xl/styles.xml": xml.replace("</dxfs>", f"{look}</dxfs>").encode()}
    )
    rule = (
        f'<conditionalFormatting sqref="E8:E12"><cfRule type="expression" dxfId="{number}" '
        'priority="1"><formula>TRUE</formula></cfRule></conditionalFormatting>'
    )
    part = sound.book.sheets["Ranking"].part
    text = styled.text(part)
    new = text.replace("<conditionalFormatting", f"{rule}<conditionalFormatting", 1)
    assert new != text
    return Made(styled.replace({part: new.encode()}), "Ranking", ("E8:E12", "E8"))


def _calc(attribute):
    places = ("calculation", "precision", "iterative")
    return lambda sound: sound.main(r"<calcPr ", f"<calcPr {attribute} ", *places)


def _sheet_state(state):
    old = '<sheet name="Sources"'
    return lambda sound: _of(
        "Sources", sound.main(old, f'{old} state="{state}"', "sheet")
    )


def _of(sheet, made):
    return Made(made.package, sheet, made.places)


def _print_area(sound):
    return _of(
        "Ranking",
        sound.main(
            r'(Print_Area" localSheetId="\d+">Ranking![^<]*?\$)(\d+)(</)',
            lambda m: f"{m[1]}{int(m[2]) - 3}{m[3]}",
            "print area",
        ),
    )


def _hidden_row(sound):
    return sound.sheet(
        "Ranking", r'<row r="9"', '<row r="9" hidden="1"', "hidden rows", "row 9"
    )


def _hidden_column(sound):
    letter = column_letters(3)
    return sound.sheet(
        "Ranking",
        r'(<col min="3" max="\d+")',
        r'\1 hidden="1"',
        "hidden columns",
        f"column {letter}",
    )


def _zeros(sound):
    return sound.sheet("Ranking", r"<sheetView ", '<sheetView showZeros="0" ', "zeros")


def _validation(pattern, new):
    return lambda sound: sound.sheet("Framework", pattern, new, "G5", "validation")


def _unlocked(sound):
    def change(xf):
        return re.sub(r"<xf([^>]*?)/?>.*", r'<xf\1><protection locked="0"/></xf>', xf)

    made = sound.style(sound.score, sound.scores, change)
    return Made(made.package, sound.scores, ("formulas not protected",))


def _numbers_by_rule(sound):
    """Let a conditional format write the same text over every number."""
    made = _blind_format(sound)
    xml = made.package.text("xl/styles.xml")
    look = '<dxf><numFmt numFmtId="960" formatCode="&quot;97.5&quot;"/></dxf></dxfs>'
    xml = re.sub(r"<dxf>(?:(?!<dxf>).)*</dxf></dxfs>", look, xml, flags=re.DOTALL)
    return Made(
        made.package.replace({"xl/styles.xml": xml.encode()}), made.sheet, made.places
    )


def _tiny(sound):
    """Write a score in black letters of one point."""
    made = _white(sound, down=1)
    xml = made.package.text("xl/styles.xml")
    font = '<sz val="10"/><color rgb="FFFFFFFF"/><name val="Calibri"/></font></fonts>'
    assert font in xml
    xml = xml.replace(font, '<sz val="1"/><name val="Calibri"/></font></fonts>')
    return Made(
        made.package.replace({"xl/styles.xml": xml.encode()}), made.sheet, made.places
    )


def _unprotected(sound):
    return sound.sheet(sound.scores, r"<sheetProtection\b[^>]*/>", "", "protect")


def _drawn(word, pattern, new):
    """Edit the first chart on `Ranking`; the word says what is named."""

    def make(sound):
        return Made(sound.chart(pattern, new).package, "Ranking", (word,))

    return make


_BOX = (
    "<xdr:twoCellAnchor><xdr:from><xdr:col>4</xdr:col><xdr:row>13</xdr:row></xdr:from><xdr:to>"
    "<xdr:col>6</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>15</xdr:row><xdr:rowOff>9</xdr:rowOff>"
    '</xdr:to><xdr:sp><xdr:nvSpPr><xdr:cNvPr id="99" name="Box"/></xdr:nvSpPr><xdr:txBody><a:p>'
    "<a:r><a:t>97.3</a:t></a:r></a:p></xdr:txBody></xdr:sp></xdr:twoCellAnchor></xdr:wsDr>"
)


def _anchored(word, pattern, new):
    """Edit the drawing of `Ranking`."""

    def make(sound):
        (drawing,) = sound.package.related(sound.book.sheets["Ranking"].part, "drawing")
        return Made(sound.part(drawing, pattern, new), "Ranking", (word,))

    return make


def _cell_format(down, font="", alignment=""):
    """Give a score on `Ranking` a font or an alignment."""

    def make(sound):
        row, column = _printed(sound)
        return _styled(sound, "Ranking", (row + down, column), font, alignment)

    return make


def _styled(sound, sheet, position, font="", inner=""):
    def change(xf):
        xf = re.sub(r"<xf([^>]*?)/?>.*", rf"<xf\1>{inner}</xf>", xf) if inner else xf
        return re.sub(r'fontId="\d+"', 'fontId="WHITE"', xf) if font else xf

    made = sound.style(position, sheet, lambda xf: change(xf) + " ")
    if not font:
        return made
    xml = made.package.text("xl/styles.xml")
    white = '<font><sz val="10"/><color rgb="FFFFFFFF"/><name val="Calibri"/></font></fonts>'
    assert white in xml
    styles = {"xl/styles.xml": xml.replace(white, f"{font}</fonts>").encode()}
    return Made(made.package.replace(styles), made.sheet, made.places)


def _palette(sound):
    """Take a colour by its number, and make that number white."""
    row, column = _printed(sound)
    font = '<font><sz val="10"/><color indexed="60"/><name val="Calibri"/></font>'
    made = _styled(sound, "Ranking", (row + 9, column), font)
    colours = '<rgbColor rgb="00FFFFFF"/>' * 64
    xml = made.package.text("xl/styles.xml").replace(
        "</styleSheet>",
        f"<colors><indexedColors>{colours}</indexedColors></colors></styleSheet>",
    )
    xml = re.sub(
        r'(<xf [^>]*)fillId="\d+"([^>]*>(?:(?!<xf ).)*</cellXfs>)',
        r'\1fillId="0"\2',
        xml,
    )
    return Made(
        made.package.replace({"xl/styles.xml": xml.encode()}), made.sheet, made.places
    )


def _part_white(sound):
    text = escape_xml(str(sound.book.value("README", 3, 1)))
    inner = (
        f'<is><r><t>{text[:2]}</t></r><r><rPr><color rgb="FFFFFFFF"/></rPr><t>{text[2:]}</t>'
        "</r></is>"
    )
    package = with_cell(
        sound.package, sound.book, "README", (3, 1), inner, ' t="inlineStr"'
    )
    return Made(package, "README", ("A3",))


def _hidden_formula(sound):
    row, column = sound.score
    made = _styled(
        sound, sound.scores, (row + 1, column), inner='<protection hidden="1"/>'
    )
    return Made(made.package, sound.scores, ("formulas not shown",))


def _related(kind, content, word):
    """Add a part that the workbook refers to."""

    def make(sound):
        address = f"http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}"
        link = f'<Relationship Id="r{kind}" Type="{address}" Target="{kind}.x"/></Relationships>'
        package = sound.part("xl/_rels/workbook.xml.rels", "</Relationships>", link)
        return Made(package.replace({f"xl/{kind}.x": content}), "", (word,))

    return make


#: (English, Chinese, what it changes, what makes it).
KINDS = (
    ("one digit of a value", "一个值错一位数字", "data", _digit),
    ("two digits of a value transposed", "一个值两位数字颠倒", "data", _transposed),
    ("a decimal point shifted", "小数点错位", "data", _tenfold),
    (
        "two cities exchanged in one indicator",
        "一个指标中两个城市互换",
        "data",
        _exchanged_cities,
    ),
    ("two rows exchanged", "两行互换", "data", _exchanged_rows),
    ("two columns exchanged", "两列互换", "data", _exchanged_columns),
    ("a row pasted over another", "一行粘贴到另一行", "data", _pasted(0.0)),
    (
        "a row pasted over another, with noise",
        "一行加扰动后粘贴到另一行",
        "data",
        _pasted(0.004),
    ),
    ("a city twice", "城市重复", "data", _double_city),
    ("a header code twice", "列标题代码重复", "data", _double_header),
    ("a number as text", "数成了文字", "data", _as_text),
    ("a value deleted", "值被删去", "data", _emptied),
    ("a value made missing", "值改为缺失", "data", _missing),
    ("a weight changed by a hair", "权重略有改动", "weights", _weight(1.004)),
    (
        "weight moved between two indicators",
        "权重在两个指标间挪动",
        "weights",
        _two_weights,
    ),
    ("a direction turned", "方向颠倒", "weights", _framework("direction", None)),
    ("a parameter changed", "参数改动", "weights", _parameter),
    ("a source changed", "来源改动", "texts", _source),
    ("a unit of measure changed", "计量单位改动", "texts", _framework("uom", "（万）")),
    ("a label changed", "标签改动", "texts", _label),
    ("a city renamed", "城市改名", "texts", _city_name),
    ("a formula overwritten by a number", "公式被数覆盖", "formulas", _overwritten),
    ("a heading typed over its formula", "标题公式被文字覆盖", "formulas", _heading),
    ("a range one row short", "区域少一行", "formulas", _short),
    ("a $ dropped", "少了 $", "formulas", _dollar),
    ("another function", "换了函数", "formulas", _function),
    ("points added in a formula", "公式里加了分", "formulas", _term),
    ("a stored result typed over", "已存结果被改", "formulas", _stale),
    ("a name repointed", "名称改指", "names", _renamed_name),
    ("a name deleted", "名称被删", "names", _lost_name),
    ("a chart's series too short", "图表系列变短", "charts", _series_end),
    (
        "a chart's series in another column",
        "图表系列指向另一列",
        "charts",
        _series_column,
    ),
    (
        "a chart's title typed",
        "图表标题改为文字",
        "charts",
        lambda s: s.chart(
            r"<c:title>.*?</c:title>",
            "<c:title><c:tx><c:rich><a:p><a:r><a:t>Winners"
            "</a:t></a:r></a:p></c:rich></c:tx></c:title>",
        ),
    ),
    (
        "another kind of chart",
        "换了图表类型",
        "charts",
        lambda s: s.chart(r'<c:barDir val="bar"/>', '<c:barDir val="col"/>'),
    ),
    (
        "a chart's axis cut off",
        "坐标轴被截",
        "charts",
        lambda s: s.chart(r'<c:min val="[^"]*"/>', '<c:min val="40"/>'),
    ),
    ("decimals of a score hidden", "得分的小数不显示", "formats", _number_format(901)),
    ("the number format ;;;", "数字格式 ;;;", "formats", _number_format(900)),
    ("white on white", "白字白底", "formats", _white),
    ("a conditional format removed", "条件格式被删", "formats", _lost_format),
    ("a conditional format that hides", "用条件格式隐藏", "formats", _blind_format),
    ("calculation by hand", "手动计算", "settings", _calc('calcMode="manual"')),
    (
        "precision as displayed",
        "以显示精度为准",
        "settings",
        _calc('fullPrecision="0"'),
    ),
    ("iterative calculation", "迭代计算", "settings", _calc('iterate="1"')),
    ("a hidden sheet", "隐藏工作表", "settings", _sheet_state("hidden")),
    ("a very hidden sheet", "深度隐藏工作表", "settings", _sheet_state("veryHidden")),
    ("a row less in the print area", "打印区域缺行", "settings", _print_area),
    ("a hidden row", "隐藏行", "settings", _hidden_row),
    ("a hidden column", "隐藏列", "settings", _hidden_column),
    ("zeros not shown", "不显示零值", "settings", _zeros),
    ("a sheet without protection", "取消工作表保护", "settings", _unprotected),
)

_LABELS = '<c:dLbls><c:numFmt formatCode="'
#: Further kinds, like `KINDS`; they are not in the published table.
FURTHER = (
    (
        "labels of a chart that write one number",
        "图表标签写死",
        "charts",
        lambda s: s.chart(f'{_LABELS}[^"]*', f"{_LABELS}&quot;99&quot;"),
    ),
    (
        "an axis that writes one number",
        "坐标轴数字写死",
        "charts",
        lambda s: s.chart(
            r'(<c:valAx>(?:(?!<c:numFmt).)*<c:numFmt formatCode=")[^"]*',
            r"\1&quot;99&quot;",
        ),
    ),
    (
        "an axis removed",
        "坐标轴被删",
        "charts",
        lambda s: s.chart(r"(<c:catAx>.*?</c:scaling>)", r'\1<c:delete val="1"/>'),
    ),
    (
        "a series without colour",
        "系列无颜色",
        "charts",
        lambda s: s.chart(
            r"(<c:ser>.*?)<c:spPr>.*?</c:spPr>",
            r"\1<c:spPr><a:noFill/><a:ln><a:noFill/></a:ln></c:spPr>",
        ),
    ),
    (
        "a conditional format that writes one number",
        "条件格式写死数字",
        "formats",
        _numbers_by_rule,
    ),
    (
        "two scores merged",
        "合并两个得分单元格",
        "formats",
        lambda s: s.sheet(
            "Ranking",
            r"(<sheetProtection\b[^>]*/>)",
            r'\1<mergeCells count="1"><mergeCell ref="E11:E12"/></mergeCells>',
            "E11",
        ),
    ),
    (
        "a conditional format that stops others",
        "条件格式阻断其他规则",
        "formats",
        lambda s: s.sheet(
            "Checks",
            r"(<conditionalFormatting|</worksheet>)",
            r'<conditionalFormatting sqref="C9"><cfRule type="expression" priority="1" '
            r'stopIfTrue="1"><formula>TRUE</formula></cfRule></conditionalFormatting>\1',
            "C9",
        ),
    ),
    ("letters of one point", "字号 1 磅", "formats", _tiny),
    (
        "a row of no height",
        "行高为零",
        "settings",
        lambda s: s.sheet(
            "Ranking", r'<row r="10"', '<row ht="0.75" r="10"', "hidden rows"
        ),
    ),
    (
        "a column of no width",
        "列宽为零",
        "settings",
        lambda s: s.sheet(
            "Ranking", r'(<col min="3"[^>]*width=")[^"]*', r"\g<1>0", "hidden columns"
        ),
    ),
    (
        "a validation removed",
        "数据验证被删",
        "settings",
        _validation(r"<dataValidations\b.*?</dataValidations>", ""),
    ),
    (
        "a validation that stops nothing",
        "数据验证不再阻止",
        "settings",
        lambda s: s.sheet("Ranking", r' showErrorMessage="1"', "", "D4", "validation"),
    ),
    ("a formula not locked", "公式未锁定", "protection", _unlocked),
    (
        "a name of a sheet before the workbook's",
        "工作表名称遮住工作簿名称",
        "names",
        lambda s: _of(
            "README",
            s.main(
                "<definedNames>",
                '<definedNames><definedName name="par_rank_digits" localSheetId="0">'
                "Framework!$A$1</definedName>",
                "par_rank_digits",
            ),
        ),
    ),
    (
        "a validation of another list on Data",
        "Data 的数据验证改了内容",
        "settings",
        lambda s: s.sheet(
            "Data",
            "<formula1>xl_units</formula1>",
            '<formula1>"a,b"</formula1>',
            "xl_units",
        ),
    ),
    (
        "values that a chart stores typed over",
        "图表存的数值被改",
        "charts",
        lambda s: s.chart(r"(<c:val>.*?<c:v>)[^<]*", r"\g<1>50.5"),
    ),
    (
        "another scale and paper of the page",
        "页面缩放和纸张改动",
        "settings",
        lambda s: s.sheet(
            "Ranking",
            r"<pageSetup [^>]*>",
            '<pageSetup paperSize="11" scale="10"/>',
            "paper",
        ),
    ),
    (
        "a page turned",
        "页面方向改动",
        "settings",
        lambda s: s.sheet(s.scores, r' orientation="landscape"', "", "orientation"),
    ),
    (
        "other margins",
        "页边距改动",
        "settings",
        lambda s: s.sheet(
            s.scores, r'<pageMargins left="0.4"', '<pageMargins left="4"', "margins"
        ),
    ),
    (
        "a page that ends earlier",
        "分页符改动",
        "settings",
        lambda s: s.sheet(
            s.scores,
            r"(<headerFooter|<drawing )",
            r'<rowBreaks count="1"><brk id="20" man="1"/></rowBreaks>\1',
            "page break",
        ),
    ),
    (
        "a link led elsewhere",
        "链接改指",
        "settings",
        lambda s: s.sheet(
            "Ranking", r"""location="'README'!A1\"""", "location=\"'Sources'!A1\"", "A2"
        ),
    ),
    (
        "rows behind the frozen panes",
        "冻结窗格遮住行",
        "settings",
        lambda s: s.sheet(
            "Ranking", r"<sheetView ", '<sheetView topLeftCell="A5" ', "panes"
        ),
    ),
    (
        "panes frozen elsewhere",
        "冻结位置改动",
        "settings",
        lambda s: s.sheet(s.scores, r'ySplit="\d+"', 'ySplit="40"', "panes"),
    ),
    (
        "a label of a chart deleted",
        "图表删去一个标签",
        "charts",
        _drawn(
            "missing labels",
            r"<c:dLbls>",
            '<c:dLbls><c:dLbl><c:idx val="1"/><c:delete val="1"/></c:dLbl>',
        ),
    ),
    (
        "hidden rows drawn",
        "图表画出隐藏的行",
        "charts",
        _drawn("hidden cells", '<c:plotVisOnly val="1"/>', '<c:plotVisOnly val="0"/>'),
    ),
    (
        "a bar without colour",
        "一根柱子无颜色",
        "charts",
        _drawn(
            "points of their own",
            r"(<c:ser>.*?</c:spPr>)",
            r'\1<c:dPt><c:idx val="0"/><c:spPr>'
            "<a:noFill/></c:spPr></c:dPt>",
        ),
    ),
    (
        "a trend line",
        "加上趋势线",
        "charts",
        _drawn(
            "lines added",
            r"(<c:cat>)",
            r'<c:trendline><c:trendlineType val="linear"/>'
            r"</c:trendline>\1",
        ),
    ),
    (
        "labels of an axis removed",
        "坐标轴标签被删",
        "charts",
        _drawn(
            "axis labels", r'<c:tickLblPos val="\w+"/>', '<c:tickLblPos val="none"/>'
        ),
    ),
    (
        "axes that cross elsewhere",
        "坐标轴交叉点改动",
        "charts",
        _drawn(
            "crosses at", r'<c:crosses val="autoZero"/>', '<c:crossesAt val="0.4"/>'
        ),
    ),
    (
        "an axis in thousands",
        "坐标轴以千为单位",
        "charts",
        _drawn(
            "axis units",
            r"</c:valAx>",
            '<c:dispUnits><c:builtInUnit val="thousands"/></c:dispUnits></c:valAx>',
        ),
    ),
    (
        "an entry of the legend removed",
        "图例少一项",
        "charts",
        _drawn(
            "legend leaves out",
            r"(<c:plotVisOnly)",
            r'<c:legend><c:legendEntry><c:idx val="0"/>'
            r'<c:delete val="1"/></c:legendEntry></c:legend>\1',
        ),
    ),
    (
        "a white title",
        "白色标题",
        "charts",
        _drawn(
            "letters of the title",
            r"<c:title>(<c:tx>.*?</c:tx>).*?</c:title>",
            r'<c:title>\1<c:txPr><a:p><a:pPr><a:defRPr><a:solidFill><a:srgbClr val="FFFFFF"/>'
            r"</a:solidFill></a:defRPr></a:pPr></a:p></c:txPr></c:title>",
        ),
    ),
    (
        "a chart within one cell",
        "图表缩在一格内",
        "charts",
        _anchored(
            "size",
            r"<xdr:to>.*?</xdr:to>",
            "<xdr:to><xdr:col>0</xdr:col><xdr:row>0</xdr:row></xdr:to>",
        ),
    ),
    (
        "a hidden chart",
        "图表被隐藏",
        "charts",
        _anchored("shown", "<xdr:cNvPr ", '<xdr:cNvPr hidden="1" '),
    ),
    (
        "a text box over scores",
        "文本框盖住得分",
        "formats",
        _anchored("E14:F16", "</xdr:wsDr>", _BOX),
    ),
    (
        "digits in signs of Wingdings",
        "数字用符号字体",
        "formats",
        _cell_format(5, '<font><sz val="10"/><name val="Wingdings"/></font>'),
    ),
    (
        "digits repeated by the alignment",
        "填充对齐使数字重复",
        "formats",
        _cell_format(6, alignment='<alignment horizontal="fill"/>'),
    ),
    (
        "digits turned round",
        "数字旋转",
        "formats",
        _cell_format(7, alignment='<alignment textRotation="180"/>'),
    ),
    (
        "digits struck out",
        "数字加删除线",
        "formats",
        _cell_format(8, '<font><strike/><sz val="10"/><name val="Calibri"/></font>'),
    ),
    (
        "raised digits",
        "数字设为上标",
        "formats",
        _cell_format(
            10,
            '<font><vertAlign val="superscript"/><sz val="10"/><name val="Calibri"/>'
            "</font>",
        ),
    ),
    ("white by the palette of the workbook", "用自定调色板变白", "formats", _palette),
    ("a part of a label white", "标签的一部分为白色", "formats", _part_white),
    ("a formula hidden", "公式被隐藏", "settings", _hidden_formula),
    (
        "all other rows hidden",
        "其余各行全部隐藏",
        "settings",
        lambda s: s.sheet(
            s.scores, "<sheetFormatPr ", '<sheetFormatPr zeroHeight="1" ', "hidden rows"
        ),
    ),
    (
        "a sheet mirrored",
        "工作表左右颠倒",
        "settings",
        lambda s: s.sheet(
            s.scores, "<sheetView ", '<sheetView rightToLeft="1" ', "right to left"
        ),
    ),
    (
        "headings of rows and columns hidden",
        "隐藏行号列标",
        "settings",
        lambda s: s.sheet(
            s.scores, "<sheetView ", '<sheetView showRowColHeaders="0" ', "headings"
        ),
    ),
    (
        "errors not printed",
        "不打印错误值",
        "settings",
        lambda s: s.sheet(
            s.scores, "<pageSetup ", '<pageSetup errors="blank" ', "errors"
        ),
    ),
    (
        "pages numbered from 5",
        "页码从 5 起",
        "settings",
        lambda s: s.sheet(
            s.scores,
            "<pageSetup ",
            '<pageSetup firstPageNumber="5" useFirstPageNumber="1" ',
            "first page number",
        ),
    ),
    (
        "another message beside an input",
        "输入提示改动",
        "settings",
        lambda s: s.sheet(
            "Ranking",
            "(<dataValidation (?![^>]*prompt))",
            r'\1prompt="thousands" ',
            "thousands",
        ),
    ),
    (
        "a background picture",
        "工作表背景图片",
        "settings",
        lambda s: s.sheet(
            s.scores, "(<drawing |</worksheet>)", r"<picture/>\1", "background"
        ),
    ),
    (
        "a sparkline over a cell",
        "单元格上加迷你图",
        "settings",
        lambda s: s.sheet(
            s.scores,
            "</worksheet>",
            "<extLst><ext><sparkline><f>Data!D10:I10</f>"
            "<sqref>F30</sqref></sparkline></ext></extLst></worksheet>",
            "F30",
        ),
    ),
    (
        "a hidden window",
        "窗口被隐藏",
        "settings",
        lambda s: s.main(
            "<workbookView ", '<workbookView visibility="hidden" ', "window"
        ),
    ),
    (
        "hidden tabs of sheets",
        "隐藏工作表标签",
        "settings",
        lambda s: s.main(
            "<workbookView ", '<workbookView showSheetTabs="0" ', "sheet tabs"
        ),
    ),
    (
        "a locked structure",
        "锁定工作簿结构",
        "settings",
        lambda s: s.main(
            "<bookViews>",
            '<workbookProtection lockStructure="1"/><bookViews>',
            "structure",
        ),
    ),
    ("macros", "加入宏", "settings", _related("vbaProject", b"x", "macros")),
    (
        "a data connection",
        "加入数据连接",
        "settings",
        _related(
            "connections",
            b'<connections><connection name="Prices"/></connections>',
            "data connections",
        ),
    ),
    (
        "another title of the document",
        "文档标题改动",
        "texts",
        lambda s: Made(
            s.part("docProps/core.xml", r"<dc:title>[^<]*", "<dc:title>Other"),
            "",
            ("Other", "title"),
        ),
    ),
    (
        "another theme",
        "主题颜色改动",
        "texts",
        lambda s: Made(
            s.part(
                "xl/theme/theme1.xml",
                r"(<a:accent1><a:srgbClr val=\")\w+",
                r"\g<1>123456",
            ),
            "",
            ("theme colours",),
        ),
    ),
)
