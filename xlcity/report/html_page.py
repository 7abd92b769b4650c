"""One HTML file: tables to sort and search, figures, a page per city; nothing from elsewhere."""

from __future__ import annotations

import base64
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from html import escape
from pathlib import Path

from xlcity.figures.contents import Label
from xlcity.figures.figure import Figure
from xlcity.figures.style import ems
from xlcity.report.contents import (
    INDENT,
    NOTHING,
    ROOMY,
    Field,
    ReportTable,
    Section,
    Sentence,
    shown,
)
from xlcity.report.page_shapes import PageShapes
from xlcity.report.table_fit import em_cm, fitted, least_widths, parts, upright
from xlcity.report.texts import say

#: Tables of more rows than this are moved up and down in a box of their own.
BOXED = 50
#: Tables of at most this many rows stay on one page in print. One in columns stays wherever a page
#: has room for it: the caption and the head of its first column would be left behind.
TOGETHER, BALANCED = 30, 54
#: Width of the text in print and on a wide screen in cm, and half points of the type of tables.
_PRINT, _PRINTED, _SCREEN, _SEEN = 17.4, (16, 14), 29.0, (21, 18)
#: Ems of a text that is not broken where there is room.
_WHOLE = 13.0
#: Rows that a column has at least where a table is set in columns.
_ROWS = 8


class HtmlPage:
    """Writes one page.

    Parameters
    ----------
    title
        Title of the page.
    lang
        "zh" or "en".
    cities
        City id -> its name, of the cities that have a page of their own.
    """

    def __init__(self, title: Label, lang: str, cities: Mapping[str, Label]) -> None:
        self.title, self.lang, self.cities = title, lang, cities
        self._counts = {"table": 0, "figure": 0}
        self._shapes = PageShapes()

    def text(self, label: Label) -> str:
        """Return a label for the page."""
        return escape(label.text(self.lang))

    def page(
        self,
        sections: Sequence[Section],
        profiles: Sequence[Section],
        pictures: Mapping[str, bytes],
    ) -> bytes:
        """Return the page.

        Parameters
        ----------
        sections
            The chapter.
        profiles
            A section per city.
        pictures
            Figure id -> SVG.
        """
        places = Path(__file__).parent
        style = (places / "page.css").read_text(encoding="utf-8")
        script = (places / "page.js").read_text(encoding="utf-8")
        body = "".join(self._section(one, pictures) for one in sections)
        cities = "".join(self._profile(one, pictures) for one in profiles)
        title, search = self.text(self.title), self.text(say("html.search"))
        language = "zh-CN" if self.lang == "zh" else "en"
        return (
            f'<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f"<title>{title}</title>\n<style>\n{style}</style>\n</head>\n<body>\n"
            f'<header><h1 id="top">{title}</h1>\n<input type="search" id="search" '
            f'placeholder="{search}" aria-label="{search}"></header>\n'
            f"{self._shapes.shared()}<main>\n{self._contents(sections, profiles)}{body}"
            f"{self._cities(profiles)}{cities}"
            f"</main>\n<script>\n{script}</script>\n</body>\n</html>\n"
        ).encode()

    def _contents(self, sections: Sequence[Section], profiles: Sequence[Section]) -> str:
        links = [f'<a href="#{one.anchor}">{self.text(one.title)}</a>' for one in sections]
        if profiles:
            links.append(f'<a href="#s-profiles">{self.text(say("section.profiles"))}</a>')
        joined = "".join(f"<li>{link}</li>" for link in links)
        return f'<nav aria-label="{self.text(say("html.contents"))}"><ol>{joined}</ol></nav>\n'

    def _section(self, section: Section, pictures: Mapping[str, bytes]) -> str:
        parts = [f"<h2>{self.text(section.title)}</h2>", self._said(section.sentences)]
        for item in section.items:
            if isinstance(item, ReportTable):
                parts.append(self.table(item))
            elif item.id in pictures:
                parts.append(self._figure(item, pictures[item.id]))
        return f'<section id="{section.anchor}">{"".join(parts)}</section>\n'

    def _said(self, sentences: Sequence[Sentence]) -> str:
        """Return statements; each shows where its numbers are from when it is pointed at."""
        lines = []
        for one in sentences:
            cells = [str(cell) for cell in one.cells]
            more = " …" if len(cells) > 12 else ""
            places = escape("; ".join(cells[:12]) + more)
            lines.append(f'<li title="{places}">{self.text(one.text)}</li>')
        return f'<ul class="said">{"".join(lines)}</ul>' if lines else ""

    def _numbered(self, kind: str, title: Label) -> str:
        self._counts[kind] += 1
        return f"<b>{self.text(say(kind, n=self._counts[kind]))}</b> {self.text(title)}"

    def _below(self, item: ReportTable | Figure) -> str:
        texts = [say("note", text=item.note)] if item.note.zh else []
        texts += [item.source] if item.source.zh else []
        lines = ("" if self.lang == "zh" else " ").join(map(self.text, texts))
        warned = ""
        if item.synthetic:
            warned = (
                f'<p class="invented">{self.text(say("synthetic", n=f"{item.synthetic:,}"))}</p>'
            )
        return f'{warned}<p class="note">{lines}</p>'

    def table(self, table: ReportTable) -> str:
        """Return a table with its caption, note and source."""
        texts = [
            [shown(cell, one.kind, self.lang) for cell, one in zip(row, table.fields, strict=True)]
            for row in table.rows
        ]
        every = parts(table.fields, texts, self.lang, _PRINT)
        across = table.across if len(texts) >= table.across * _ROWS and len(every) == 1 else 1
        numbered = self._numbered("table", table.title)
        more = say("table.goes_on", table=say("table", n=self._counts["table"]))
        made = [self._part(table, columns, texts, across) for columns in every]
        joined = f"<figcaption>{self.text(more)}</figcaption>".join(made)
        rows = len(table.rows)
        look = " long" if rows > BOXED else ""
        look += " short" if rows / across <= (BALANCED if across > 1 else TOGETHER) else ""
        look += f" blocks-{across}" if across > 1 else ""
        return (
            f'<figure class="table{look}" id="{escape(table.id)}"><figcaption>{numbered}'
            f"</figcaption>{joined}{self._below(table)}</figure>"
        )

    def _part(
        self,
        table: ReportTable,
        columns: Sequence[int],
        texts: Sequence[Sequence[str]],
        across: int,
    ) -> str:
        """Return some columns of a table."""
        fields = [table.fields[at] for at in columns]
        lines = [[line[at] for at in columns] for line in texts]
        room = _PRINT / across
        printed = upright(fields, lines, self.lang, room, _PRINTED)
        size, short = printed or (_PRINTED[-1], 0.0)
        fit = fitted(fields, lines, self.lang, room, _PRINTED)
        look = "" if size == _PRINTED[0] else ' class="tight"'
        if fit.turned:
            look = f' class="turned" style="--tall:{fit.tall / em_cm(size):.1f}em"'
        least = least_widths(fields, lines, self.lang, size, short, turned=fit.turned)
        spare = (room - sum(least)) / em_cm(size) / max(1, sum(one.is_text for one in fields))
        whole = min(_WHOLE, short + max(0.0, spare))
        seen = upright(fields, lines, self.lang, _SCREEN, _SEEN)
        widths = [0.0] * len(fields)
        if seen and seen[0] == _SEEN[0]:
            found = fitted(fields, lines, self.lang, _SCREEN, _SEEN)
            widths = [wide / em_cm(found.size) for wide in found.widths]
        some = replace(table, fields=fields, rows=[[r[at] for at in columns] for r in table.rows])
        named = self._named(some)
        units = table.units or [""] * len(table.rows)
        rows = [
            self._row(some, row, unit, named, whole)
            for row, unit in zip(some.rows, units, strict=True)
        ]
        heads = self._heads(fields, named, widths, fit.turned)
        return (
            f'<div class="scroll"><table{look}><thead>{heads}</thead>'
            f"<tbody>{''.join(rows)}</tbody></table></div>{self._all(len(rows))}"
        )

    def _all(self, rows: int) -> str:
        """Return the button that shows all rows of a table in a box."""
        text = self.text(say("html.all", n=rows))
        return f'<button class="all">{text}</button>' if rows > BOXED else ""

    def _named(self, table: ReportTable) -> int | None:
        """Return the column that has the names of the cities that the rows are about."""
        for unit, row in zip(table.units, table.rows, strict=False):
            if unit in self.cities and self.cities[unit] in row:
                return [*row].index(self.cities[unit])
        return None

    def _heads(
        self,
        fields: Sequence[Field],
        named: int | None,
        widths: Sequence[float],
        turned: frozenset[int],
    ) -> str:
        over = ""
        if any(one.over != NOTHING for one in fields):
            over_some = ' class="over-some"'
            spans = itertools.groupby(fields, key=lambda one: one.over)
            cells = "".join(
                f'<th colspan="{len([*several])}"{"" if label == NOTHING else over_some}>'
                f"{self.text(label)}</th>"
                for label, several in spans
            )
            over = f'<tr class="over">{cells}</tr>'
        hint, total = self.text(say("html.sort")), say("head.score")
        heads = "".join(
            f'<th scope="col" class="{"text" if one.is_text else "number"}'
            f"{' name' if at == named else ''}{' total' if one.head == total else ''}"
            f'{" up" if at in turned else ""}" '
            f'aria-sort="none"{_wide(wide)}>'
            f'<button title="{hint}"><span>{self.text(one.head)}</span></button></th>'
            for at, (one, wide) in enumerate(zip(fields, widths, strict=True))
        )
        return f"{over}<tr>{heads}</tr>"

    def _row(
        self,
        table: ReportTable,
        row: Sequence[object],
        unit: str,
        named: int | None,
        whole: float,
    ) -> str:
        """Return a row; texts of at most some ems are never broken."""
        cells = []
        for at, (value, one) in enumerate(zip(row, table.fields, strict=True)):
            text = escape(shown(value, one.kind, self.lang))  # type: ignore[arg-type]
            if one.is_text:
                wide = ems(text)
                if at == named and unit in self.cities:
                    text = f'<a href="#city-{escape(unit)}">{text}</a>'
                looks = ["name"] if at == named else []
                looks += ["whole"] if wide <= whole else []
                look = f' class="{" ".join(looks)}"' if looks else ""
                # Below a node by so many levels: all lines of a name are moved in.
                deep = len(text) - len(text.lstrip(INDENT))
                look += f' style="--deep:{deep}"' if deep else ""
                cells.append(f"<td{look}>{text[deep:]}</td>")
            else:
                key = "" if value is None or isinstance(value, Label) else f' data-value="{value}"'
                cells.append(f'<td class="number"{key}>{text}</td>')
        name = self.cities.get(unit)
        words = f' data-city="{escape(f"{unit} {name.zh} {name.en}".lower())}"' if name else ""
        return f"<tr{words}>{''.join(cells)}</tr>"

    def _figure(self, figure: Figure, picture: bytes) -> str:
        chart = self._shapes.element(picture, figure.title.text(self.lang))
        return (
            f'<figure id="{escape(figure.id)}"><div class="scroll">{chart}</div>'
            f"<figcaption>{self._numbered('figure', figure.title)}</figcaption>"
            f"{self._below(figure)}</figure>"
        )

    def _cities(self, profiles: Sequence[Section]) -> str:
        if not profiles:
            return ""
        links = "".join(
            f'<li data-city="{escape(f"{one.units[0]} {one.title.zh} {one.title.en}".lower())}">'
            f'<a href="#city-{escape(one.units[0])}">{self.text(one.title)}</a></li>'
            for one in profiles
        )
        title = self.text(say("section.profiles"))
        return (
            f'<section id="s-profiles"><h2>{title}</h2><ul class="names">{links}</ul></section>\n'
        )

    def _profile(self, section: Section, pictures: Mapping[str, bytes]) -> str:
        unit, back = escape(section.units[0]), self.text(say("html.top"))
        figures = [one for one in section.items if isinstance(one, Figure) and one.id in pictures]
        tables = [one for one in section.items if isinstance(one, ReportTable)]
        # What is said of a city stands beside its chart.
        made = [self._radar(one, pictures[one.id]) for one in figures]
        made.append(self._said(section.sentences))
        made += [self.table(one) for one in tables]
        # A short page has larger type in print.
        look = " roomy" if sum(len(one.rows) for one in tables) <= ROOMY else ""
        return (
            f'<article class="city{look}" id="city-{unit}"><h2>{self.text(section.title)}</h2>'
            f'{"".join(made)}<p class="back"><a href="#s-profiles">{back}</a></p></article>\n'
        )

    def _radar(self, figure: Figure, picture: bytes) -> str:
        """Return the chart of a city, a PNG: there are many, and few are ever looked at."""
        title, data = figure.title.text(self.lang), base64.b64encode(picture).decode()
        return (
            f'<figure class="beside" id="{escape(figure.id)}"><img loading="lazy" '
            f'alt="{escape(title)}" src="data:image/png;base64,{data}"><figcaption>'
            f"{self._numbered('figure', figure.title)}</figcaption>{self._below(figure)}</figure>"
        )


def _wide(ems_wide: float) -> str:
    """Return how wide a heading is where there is room."""
    return f' style="--wide:{ems_wide:.1f}em"' if ems_wide else ""
