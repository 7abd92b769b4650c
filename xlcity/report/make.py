"""Makes the files of a report: documents, page, figures, tables; and lists what waits for data."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from xlcity.errors import DataError, Problem, UsageError, did_you_mean
from xlcity.figures.contents import Label, StripChart
from xlcity.figures.figure import CHART, Figure, draw_alike
from xlcity.grouping import grouped
from xlcity.messages import Message
from xlcity.report.chapter import chapter, profile
from xlcity.report.contents import NOTHING, Contents, Exhibit, ReportTable, Section
from xlcity.report.declared import inventory
from xlcity.report.docx_file import DocxFile, number_pages, require_docx
from xlcity.report.figures import ReportFigures
from xlcity.report.html_page import PageContent, write_page
from xlcity.report.items import Waiting, chosen_ids, need_of, report_items, waiting_for
from xlcity.report.manuscript import FilledManuscript, fill_manuscript
from xlcity.report.native import native_charts
from xlcity.report.outputs import OUTPUTS
from xlcity.report.places import PlacesFound, with_places
from xlcity.report.slide import require_pptx, write_slide
from xlcity.report.source import ReportSource
from xlcity.report.story.sections import Chapter
from xlcity.report.table_files import (
    figure_csv,
    sentence_table,
    table_csv,
    tables_xlsx,
)
from xlcity.report.texts import say
from xlcity.xlsx.save import safe_name

#: Forms of a figure as files.
_FORMS = ("svg", "png")
#: Size of a picture on a screen, as a share of that in print.
_ON_SCREEN = 0.64


@dataclass(frozen=True)
class ReportFile:
    """One file of a report.

    Attributes
    ----------
    file
        Its path inside the folder of the report.
    kind
        "docx", "html", "pptx", "figure" or "table".
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
    synthetic
        How many values of the index are invented.
    places
        What became of the places of each chapter where its author writes.
    fields
        The manuscript whose fields were filled.
    """

    files: tuple[ReportFile, ...]
    waiting: tuple[Waiting, ...]
    folder: str = ""
    kept: tuple[str, ...] = ()
    synthetic: int = 0
    places: tuple[PlacesFound, ...] = ()
    fields: FilledManuscript | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        keys = ("file", "kind", "id", "title")
        files = [{key: getattr(file, key) for key in keys} for file in self.files]
        waiting = [{"id": item.id, "needs": item.needs.en} for item in self.waiting]
        document: dict[str, Any] = {
            "path": self.folder,
            "files": files,
            "waiting": waiting,
            "kept": [*self.kept],
            "places": [found.as_dict() for found in self.places],
        }
        if self.fields is not None:
            unknown = [*self.fields.unknown]
            document["fields"] = {"filled": self.fields.filled, "unknown": unknown}
        return document


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
    progress
        Gets a line of text before each longer step.
    annex
        Whether the chapter has every table and figure, those that it does not choose in an annex.
    half
        Whether the text of the chapter has half the length.
    folder
        Where the files will lie: what an author wrote into the chapters there is taken over.
    manuscript
        A Word document of the author's own whose fields are filled; it alone, unless `only` names
        more.
    printed
        Returns documents as PDFs, where something prints them: they say what is on which page.
    """

    languages: Sequence[str] = ("zh",)
    only: Sequence[str] = ()
    cities: Sequence[str] = ()
    template: Path | None = None
    progress: Callable[[str], None] = field(default=lambda _: None)
    annex: bool = False
    half: bool = False
    folder: Path | None = None
    manuscript: Path | None = None
    printed: Callable[[Sequence[bytes]], Sequence[bytes | None]] = field(
        default=lambda _: ()
    )

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
        If no table, figure or city has that name. All of them are reported together.
    """

    def __init__(self, source: ReportSource, options: ReportOptions) -> None:
        self.source = source
        self.options = options
        self.items = report_items(source)
        chosen = chosen_ids(source, self.items)
        annex = (
            [name for name in self.items if name not in chosen] if options.annex else []
        )
        #: Ids of what the chapter shows, and of that in its annex.
        self.shown = [*chosen, *annex]
        self.annex = annex
        self._require_names()
        if options.wants("chapter") or options.wants("profiles"):
            require_docx()
        if options.wants("slide"):
            require_pptx()
        self._content: dict[str, Exhibit | None] = {}
        self.pictures: dict[tuple[str, str, str], bytes] = {}

    @cached_property
    def title(self) -> Label:
        """The name of the index, with its edition."""
        spec = self.source.spec
        edition = f" {spec.edition}" if spec.edition else ""
        return Label(spec.name_zh + edition, spec.name_en + edition)

    def _require_names(self) -> None:
        units = [unit.id for unit in self.source.units]
        options = self.options
        named = (
            ("kind.table_or_figure", options.only, [*OUTPUTS, *self.items]),
            ("kind.city", options.cities, units),
        )
        UsageError.raise_for(
            Problem.of(
                "XC100.unknown",
                hint=did_you_mean(name, names),
                kind=Message(what),
                word=name,
            )
            for what, chosen, names in named
            for name in chosen
            if name not in names
        )

    def content(self, name: str) -> Exhibit | None:
        """Return a table or figure, made once; None where the index has no data for it."""
        if name not in self._content:
            made_of = self.items.get(name)
            self._content[name] = None if made_of is None else made_of.make()
        return self._content[name]

    def _contents(self, names: Sequence[str]) -> dict[str, Exhibit]:
        return {
            name: content
            for name in names
            if (content := self.content(name)) is not None
        }

    def make(self) -> MadeReport:
        """Return the files.

        Raises
        ------
        XlcityError
            If a library or a font is not installed, or the template cannot be used; if the index
            has no data for a table or figure that is named and the report has not printed: all of
            them are reported together.
        """
        options = self.options
        if options.manuscript is not None and not options.only:
            return self._with_manuscript(MadeReport((), ()))
        named = [name for name in options.only if name in self.items]
        # What the report has printed waits for its data, see `waiting`.
        waits = {item.made for item in inventory(self.source.spec.id)}
        if empty := [n for n in named if n not in waits and self.content(n) is None]:
            raise DataError(
                Problem.of("XC294.needs", name=name, need=need_of(name))
                for name in dict.fromkeys(empty)
            )
        has_documents = any(map(options.wants, ("chapter", "html", "sentences")))
        chapter_content = self._contents(self.shown) if has_documents else {}
        sections = chapter(
            self.source, self.items, chapter_content, self.annex, is_half=options.half
        )
        # Files of their own: all tables, all figures, and those that are named.
        has_files = options.wants("tables") or options.wants("figures")
        files_of = [*self.shown, *named] if has_files else named
        own = {
            name: content
            for name, content in self._contents(files_of).items()
            if name in named
            or options.wants("figures" if isinstance(content, Figure) else "tables")
        }
        self._draw({**chapter_content, **own}, own)
        documents = {
            (name, lang): self._document(name, lang, sections)
            for lang in options.languages
            for name in ("chapter", "profiles")
            if options.wants(name)
        }
        options.progress(Message("step.finding_pages"))
        # Profiles of very many cities take too long: they come after the chapters.
        number_pages([documents[key] for key in sorted(documents)], options.printed)
        files: list[ReportFile] = []
        for lang in options.languages:
            for (name, of), document in documents.items():
                if of == lang:
                    file = f"{name}.{lang}.docx"
                    options.progress(Message("step.writing", file=file))
                    file = f"{name}.{lang}.docx"
                    content = document.to_bytes()
                    files.append(
                        ReportFile(file, "docx", name, document.title, content)
                    )
            if options.wants("html"):
                files.append(self._page(sections, lang))
            if options.wants("slide"):
                files.append(self._slide(lang))
            if options.wants("picture"):
                files += self._picture(lang)
            files += self._data_files(own, sections, lang)
        waiting = waiting_for(self.source, lambda name: self.content(name) is not None)
        places = [
            replace(document.places, file=f"{name}.{lang}.docx")
            for (name, lang), document in documents.items()
            if name == "chapter"
        ]
        made = MadeReport(tuple(files), waiting, places=tuple(places))
        return made if options.manuscript is None else self._with_manuscript(made)

    def _with_manuscript(self, made: MadeReport) -> MadeReport:
        """Return a report with the author's own document, its fields filled."""
        assert self.options.manuscript is not None
        fields = fill_manuscript(
            self.options.manuscript, self.source, self.options.languages
        )
        name = fields.name
        file = ReportFile(
            file=name, kind="docx", id="manuscript", title=name, content=fields.content
        )
        return replace(made, files=(*made.files, file), fields=fields)

    def _draw(self, content: Contents, own: Contents) -> None:
        """Draw figures: as files of their own, in documents, or both."""
        options = self.options
        in_documents = (
            self.shown if options.wants("chapter") or options.wants("html") else []
        )
        drawings = [
            (figure, lang)
            for name, figure in content.items()
            if isinstance(figure, Figure) and (name in own or name in in_documents)
            for lang in options.languages
        ]
        for number, (figure, lang) in enumerate(drawings, 1):
            total = len(drawings)
            options.progress(
                Message("step.drawing", number=number, total=total, figure=figure.id)
            )
            forms = [*_FORMS] * (figure.id in own) + [CHART] * (
                figure.id in in_documents
            )
            for form, picture in figure.files(lang, forms).items():
                self.pictures[figure.id, lang, form] = picture

    def _document(self, name: str, lang: str, sections: Sequence[Section]) -> DocxFile:
        """Return the chapter, or the profiles."""
        title = self.title
        compact = name == "profiles"
        if compact:
            title, sections = say("chapter.profiles", name=title), self._profiles
            self._draw_strips(lang)
        else:
            sections = with_places(sections)
        file = DocxFile(
            title,
            lang,
            self.options.template,
            edition=self.title.text(lang),
            finding=NOTHING if compact else Chapter(self.source).finding(),
            compact=compact,
        )
        items = (item for section in sections for item in section.items)
        figures = [item for item in items if isinstance(item, Figure)]
        pictures = {
            figure.id: self.pictures[figure.id, lang, CHART] for figure in figures
        }
        charts = {f.id: native_charts(f.content, lang, f.synthetic) for f in figures}
        if not compact and (older := self._older_chapter(lang)) is not None:
            file.take_over(older)
        file.fill(sections, pictures, charts)
        return file

    def _older_chapter(self, lang: str) -> Path | None:
        """Return the chapter that lies where the report will, None without one."""
        if self.options.folder is None:
            return None
        path = self.options.folder / f"chapter.{lang}.docx"
        return path if path.is_file() else None

    @cached_property
    def _rows(self) -> list[int]:
        """The cities that have a profile, group by group, the first one first."""
        source = self.source
        chosen = self.options.cities
        groups = source.result.populations
        every = [row for group in groups for row in source.order(source.root, group)]
        return [row for row in every if not chosen or source.units[row].id in chosen]

    @cached_property
    def _profiles(self) -> list[Section]:
        """The page of each of these cities."""
        source = self.source
        groups = {
            g: ReportFigures(source, source.root, g) for g in source.result.populations
        }
        stories = {group: Chapter(source, group) for group in groups}
        of_row = {row: source.units[row].population for row in self._rows}
        return [
            profile(stories[group], row, groups[group].strips(row))
            for row, group in of_row.items()
        ]

    def _draw_strips(self, lang: str) -> None:
        """Draw the strips of all profiles, laid out once for each group of cities."""
        strips = grouped(
            (len(item.content.rows), (item.id, item.content))
            for section in self._profiles
            for item in section.items
            if isinstance(item, Figure) and isinstance(item.content, StripChart)
        )
        for alike in strips.values():
            self.options.progress(Message("step.drawing_strips", number=len(alike)))
            names, charts = zip(*alike, strict=True)
            pictures = draw_alike(charts, self.source.synthetic, lang)
            for name, picture in zip(names, pictures, strict=True):
                self.pictures[name, lang, CHART] = picture

    def _page(self, sections: Sequence[Section], lang: str) -> ReportFile:
        file = f"report.{lang}.html"
        self.options.progress(Message("step.writing", file=file))
        pictures = {
            name: _compressed(picture)
            for (name, of, form), picture in self.pictures.items()
            if (of, form) == (lang, CHART) and name in self.shown
        }
        ranking = ReportFigures(self.source, self.source.root).first_bars()
        download = ranking.draw(lang, "png")
        content = PageContent(self.title, sections, self._rows, pictures, download)
        page = write_page(self.source, content, lang)
        title = self.title.text(lang)
        return ReportFile(file, "html", "html", title, content=page.encode())

    def _slide(self, lang: str) -> ReportFile:
        """Return the slide."""
        file = f"slide.{lang}.pptx"
        self.options.progress(Message("step.writing", file=file))
        content = write_slide(self.source, self.title, lang)
        title = self.title.text(lang)
        return ReportFile(file, "pptx", "slide", title, content=content)

    def _picture(self, lang: str) -> Iterator[ReportFile]:
        """Yield the picture of the ranking in each form."""
        figure = ReportFigures(self.source, self.source.root).first_bars()
        title = figure.title.text(lang)
        for form, content in figure.files(lang, _FORMS).items():
            name = f"ranking.{lang}.{form}"
            yield ReportFile(name, "figure", "picture", title, content=content)

    def _data_files(
        self, own: Contents, sections: Sequence[Section], lang: str
    ) -> Iterator[ReportFile]:
        """Yield tables, and figures with their numbers; tables as one workbook too."""
        options = self.options
        stated = [sentence for section in sections for sentence in section.statements()]
        tables = [
            content for content in own.values() if isinstance(content, ReportTable)
        ]
        if stated and (options.wants("sentences") or options.wants("tables")):
            tables.append(sentence_table(self.source, stated))
        for table in tables:
            name = f"tables/{safe_name(table.id)}.{lang}.csv"
            title = table.title.text(lang)
            yield ReportFile(name, "table", table.id, title, table_csv(table, lang))
        if options.wants("tables"):
            title = self.title.text(lang)
            content = tables_xlsx(tables, lang)
            yield ReportFile(f"tables.{lang}.xlsx", "table", "tables", title, content)
        for figure in own.values():
            if isinstance(figure, Figure):
                files = {form: self.pictures[figure.id, lang, form] for form in _FORMS}
                for form, content in {"csv": figure_csv(figure, lang), **files}.items():
                    name = f"figures/{safe_name(figure.id)}.{lang}"
                    title = figure.title.text(lang)
                    yield ReportFile(
                        f"{name}.{form}", "figure", figure.id, title, content
                    )


def _compressed(png: bytes) -> bytes:
    """Return a picture as small as a page on a screen needs it, in a third of the bytes."""
    from PIL import Image

    picture = Image.open(io.BytesIO(png)).convert("RGB")
    target = io.BytesIO()
    size = round(picture.width * _ON_SCREEN), round(picture.height * _ON_SCREEN)
    small = picture.resize(size, Image.Resampling.LANCZOS)
    few = small.quantize(64, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    few.convert("RGB").save(target, "webp", lossless=True, method=3)
    return target.getvalue()
