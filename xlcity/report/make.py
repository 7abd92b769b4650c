"""Makes the files of a report: documents, page, figures, tables; and lists what waits for data."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from xlcity.errors import UsageError, did_you_mean
from xlcity.figures.contents import Label, RadarChart
from xlcity.figures.figure import CHART, Figure, draw_alike, draw_many
from xlcity.report.chapter import chapter, profile
from xlcity.report.contents import ReportTable, Section
from xlcity.report.docx_file import DocxFile, require_docx
from xlcity.report.facts import sentence_table
from xlcity.report.figure_list import more_figures, report_figures
from xlcity.report.figures import ReportFigures
from xlcity.report.html_page import write_page
from xlcity.report.inventory import Waiting, waiting_for
from xlcity.report.native import Lines, native_charts
from xlcity.report.source import ReportSource
from xlcity.report.table_files import table_csv, tables_xlsx
from xlcity.report.tables import report_tables
from xlcity.report.texts import say
from xlcity.xlsx.save import safe_name

#: Documents, and what stands for all tables or all figures.
OUTPUTS = ("chapter", "profiles", "html", "tables", "figures", "sentences")
#: How documents show figures: as charts that Word edits with a picture for other programs, or one.
CHARTS = ("both", "native", "pictures")
#: Forms of a figure: two files, and the chart alone for documents and pages.
_FORMS, _ALONE = ("svg", "png"), CHART


@dataclass(frozen=True)
class ReportFile:
    """One file of a report.

    Attributes
    ----------
    file
        Its path inside the folder of the report.
    kind
        "docx", "html", "figure" or "table".
    id, title
        What it shows.
    content
        The bytes.
    """

    file: str
    kind: str
    id: str
    title: str
    content: bytes


@dataclass(frozen=True)
class MadeReport:
    """The files of a report, and what it could not show.

    Attributes
    ----------
    files
        What was made.
    waiting
        Tables and figures that need more data, and which.
    folder
        Where it was written.
    kept
        Names that replaced files are kept under.
    """

    files: tuple[ReportFile, ...]
    waiting: tuple[Waiting, ...]
    folder: str = ""
    kept: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        keys = ("file", "kind", "id", "title")
        return {
            "path": self.folder,
            "files": [{key: getattr(file, key) for key in keys} for file in self.files],
            "waiting": [{"id": file.id, "needs": file.needs.en} for file in self.waiting],
            "kept": list(self.kept),
        }


@dataclass(frozen=True)
class ReportOptions:
    """What is wanted of a report.

    Attributes
    ----------
    languages
        "zh", "en" or both.
    only
        Ids of tables and figures, and words of `OUTPUTS`; none: everything.
    cities
        Ids of the cities that have a profile; none: all that are ranked.
    template
        A Word document whose styles are taken.
    charts
        How documents show figures, one of `CHARTS`.
    jobs
        Processes that draw figures.
    progress
        Gets a line of text before each longer step.
    """

    languages: Sequence[str] = ("zh",)
    only: Sequence[str] = ()
    cities: Sequence[str] = ()
    template: Path | None = None
    charts: str = "both"
    jobs: int = 1
    progress: Callable[[str], None] = field(default=lambda _: None)

    def wants(self, word: str) -> bool:
        """Tell whether a document, or all tables or figures, are wanted."""
        return not self.only or word in self.only


class ReportMaker:
    """Makes the files of one report.

    Parameters
    ----------
    source
        The index.
    options
        What is wanted.

    Raises
    ------
    UsageError
        If there is no table, figure or city of that name; all of them at once.
    """

    def __init__(self, source: ReportSource, options: ReportOptions) -> None:
        self.source, self.options = source, options
        self.tables = report_tables(source)
        self.book = report_figures(source)
        self.makers = {**self.book, **more_figures(source)}
        self._check()
        if options.wants("chapter") or options.wants("profiles"):
            require_docx()
        self.title = say("chapter.title", name=self._name)
        self.figures: dict[str, Figure] = {}
        self.pictures: dict[tuple[str, str, str], bytes] = {}
        self.charts: dict[tuple[str, str], Lines] = {}
        self._drawn_radars: dict[str, dict[str, bytes]] = {}

    @property
    def _name(self) -> Label:
        """The name of the index, with its edition."""
        spec = self.source.spec
        edition = f" {spec.edition}" if spec.edition else ""
        return Label(spec.name_zh + edition, spec.name_en + edition)

    def _check(self) -> None:
        names = [*OUTPUTS, *(table.id for table in self.tables), *self.makers]
        problems = [
            UsageError(f"there is no table or figure '{name}'.", did_you_mean(name, names))
            for name in self.options.only
            if name not in names
        ]
        units = [unit.id for unit in self.source.units]
        problems += [
            UsageError(f"unknown city '{name}'.", did_you_mean(name, units))
            for name in self.options.cities
            if name not in units
        ]
        if problems:
            raise UsageError([problem for table in problems for problem in table.problems])

    def make(self) -> MadeReport:
        """Return the files.

        Raises
        ------
        XlcityError
            If a library or a font is not installed, or the template cannot be used.
        """
        options = self.options
        documents = options.wants("chapter") or options.wants("html")
        self._draw(documents)
        sections = chapter(self.source, self.tables, self.figures)
        files: list[ReportFile] = []
        for lang in options.languages:
            if options.wants("chapter"):
                files.append(self._document("chapter", self.title, sections, lang))
            if options.wants("profiles"):
                files.append(self._profiles(lang))
            if options.wants("html"):
                files.append(self._page(sections, lang))
            files += self._table_files(sections, lang)
        files += self._figure_files()
        return MadeReport(tuple(files), waiting_for(self.source))

    def _draw(self, documents: bool) -> None:
        """Draw the figures that are wanted: as files, in documents, or both."""
        options = self.options
        named = [
            name
            for asked in options.only
            for name in self.makers
            # A heat map in parts is one figure to those who ask for it.
            if name == asked or (asked == "heat-map" and name.startswith("heat-map-"))
        ]
        chosen = [*self.book] if documents or options.wants("figures") else named
        chosen = [*dict.fromkeys([*chosen, *named])]
        own = options.wants("figures")
        figures = {name: figure for name in chosen if (figure := self.makers[name]()) is not None}
        self.figures = figures
        keys = [(name, lang) for name in figures for lang in options.languages]
        pictures = draw_many(
            [(figures[n], lang, self._forms(n, lang, own=own or n in named)) for n, lang in keys],
            options.jobs,
        )
        for number, (name, lang) in enumerate(keys, 1):
            options.progress(f"drawing {number} of {len(keys)}: {name}")
            for form, content in next(pictures).items():
                self.pictures[name, lang, form] = content

    def _forms(self, name: str, lang: str, *, own: bool) -> list[str]:
        """Return the forms in which a figure is drawn: as files of its own, and in documents."""
        options = self.options
        forms = [*_FORMS] if own else []
        drawn = options.charts != "native" or not self._native(self.figures[name], lang)
        alone = options.wants("html") or (options.wants("chapter") and drawn)
        return [*forms, _ALONE] if alone else forms

    def _native(self, figure: Figure, lang: str) -> Lines:
        """Return the native charts of a figure, made once; none where none are wanted."""
        key = figure.id, lang
        if key not in self.charts:
            wanted = self.options.charts != "pictures"
            args = figure.content, lang, figure.synthetic
            self.charts[key] = native_charts(*args) if wanted else []
        return self.charts[key]

    def _pictures_alone(self, lang: str) -> dict[str, bytes]:
        """Return the charts without the texts around them, by figure."""
        return {
            name: content
            for (name, of, form), content in self.pictures.items()
            if (of, form) == (lang, _ALONE)
        }

    def _document(
        self, name: str, title: Label, sections: Sequence[Section], lang: str
    ) -> ReportFile:
        self.options.progress(f"writing {name}.{lang}.docx")
        compact = name == "profiles"
        file = DocxFile(title, lang, self.options.template, compact=compact)
        file.number(sections)
        file.contents(sections)
        pictures = self._pictures_alone(lang)
        for section in sections:
            figures = [item for item in section.items if isinstance(item, Figure)]
            charts = {figure.id: self._native(figure, lang) for figure in figures}
            shown = {
                figure.id: pictures[figure.id]
                for figure in figures
                if figure.id in pictures
                and (self.options.charts != "native" or not charts[figure.id])
            }
            file.section(section, shown, charts, new_page=compact)
        return ReportFile(f"{name}.{lang}.docx", "docx", name, title.text(lang), file.to_bytes())

    @cached_property
    def _rows(self) -> list[int]:
        """Return the cities that have a profile, group by group, the first one first."""
        source, chosen = self.source, self.options.cities
        groups = source.result.populations
        every = [row for group in groups for row in source.order(source.root, group)]
        return [row for row in every if not chosen or source.units[row].id in chosen]

    @cached_property
    def _radars(self) -> dict[int, Figure]:
        """The radar charts of the cities that have a profile."""
        source = self.source
        groups = {
            group: ReportFigures(source, source.root, group) for group in source.result.populations
        }
        radars = {row: groups[source.units[row].population].radar(row) for row in self._rows}
        return {row: radar for row, radar in radars.items() if radar is not None}

    def _radar_pictures(self, lang: str) -> dict[str, bytes]:
        """Return the radar charts of all profiles as PNG, drawn once for documents and page."""
        if lang not in self._drawn_radars:
            source, pictures = self.source, self._drawn_radars.setdefault(lang, {})
            self.options.progress(f"drawing {len(self._radars)} radar charts")
            for group in source.result.populations:
                figures = [
                    r for row, r in self._radars.items() if source.units[row].population == group
                ]
                charts = [
                    figure.content for figure in figures if isinstance(figure.content, RadarChart)
                ]
                drawn = draw_alike(charts, source.synthetic, lang) if charts else []
                pictures.update(zip((figure.id for figure in figures), drawn, strict=True))
        return self._drawn_radars[lang]

    def _profiles(self, lang: str) -> ReportFile:
        """Return a document with a page per city."""
        if self.options.charts != "native":
            for name, picture in self._radar_pictures(lang).items():
                self.pictures[name, lang, _ALONE] = picture
        sections = [profile(self.source, row, self._radars.get(row)) for row in self._rows]
        title = say("chapter.profiles", name=self._name)
        return self._document("profiles", title, sections, lang)

    def _page(self, sections: Sequence[Section], lang: str) -> ReportFile:
        self.options.progress(f"writing report.{lang}.html")
        rows = self._rows
        names = {self.source.units[row].id: self.source.city(row) for row in rows}
        profiles = [profile(self.source, row, self._radars.get(row)) for row in rows]
        drawn = {**self._pictures_alone(lang), **self._radar_pictures(lang)}
        pictures = {name: _compressed(picture) for name, picture in drawn.items()}
        content = write_page(self.title, lang, names, sections, profiles, pictures).encode()
        return ReportFile(f"report.{lang}.html", "html", "html", self.title.text(lang), content)

    def _table_files(self, sections: Sequence[Section], lang: str) -> list[ReportFile]:
        """Return the tables, those of a choice alone; all of them as one workbook too."""
        stated = [sentence for table in sections for sentence in table.sentences]
        sentences = sentence_table(self.source, stated)
        options, every = self.options, [*self.tables, *([sentences] if stated else [])]
        all_wanted = options.wants("tables")
        chosen = every if all_wanted else [table for table in every if table.id in options.only]
        files = [self._table_file(table, lang) for table in chosen]
        if all_wanted:
            content = tables_xlsx(every, lang)
            title = self.title.text(lang)
            files.append(ReportFile(f"tables.{lang}.xlsx", "table", "tables", title, content))
        return files

    @staticmethod
    def _table_file(table: ReportTable, lang: str) -> ReportFile:
        name, title = f"tables/{safe_name(table.id)}.{lang}.csv", table.title.text(lang)
        return ReportFile(name, "table", table.id, title, table_csv(table, lang))

    def _figure_files(self) -> list[ReportFile]:
        return [
            ReportFile(
                f"figures/{safe_name(name)}.{lang}.{form}",
                "figure",
                name,
                self.figures[name].title.text(lang),
                content,
            )
            for (name, lang, form), content in self.pictures.items()
            if form in _FORMS
        ]


def _compressed(png: bytes) -> bytes:
    """Return a picture as WebP without loss: half the size, which programs for documents lack."""
    from PIL import Image

    target = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("RGB").save(target, "webp", lossless=True, method=3)
    return target.getvalue()
