"""Makes the files of a report: documents, page, figures, tables; and lists what waits for data."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property, partial
from itertools import chain, product
from pathlib import Path
from typing import Any, NamedTuple

from xlcity.errors import DataError, Problem, UsageError, did_you_mean
from xlcity.figures.contents import Label, StripChart
from xlcity.figures.figure import CHART, Figure, draw_alike
from xlcity.grouping import grouped
from xlcity.messages import Message
from xlcity.report.chapter import chapter, profile
from xlcity.report.contents import Contents, Exhibit, ReportTable, Section
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

#: Names of documents.
_CHAPTER = "chapter"
_PROFILES = "profiles"
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

    def as_dict(self) -> dict[str, str]:
        """Return the JSON form, without the bytes."""
        keys = ("file", "kind", "id", "title")
        return {key: getattr(self, key) for key in keys}


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
        document: dict[str, Any] = {
            "path": self.folder,
            "files": [file.as_dict() for file in self.files],
            "waiting": [
                {"id": item.id, "needs": item.needs.en} for item in self.waiting
            ],
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
        #: Ids of what the annex of the chapter shows, and of all that it shows.
        self.annex: list[str] = []
        if options.annex:
            self.annex = [name for name in self.items if name not in chosen]
        self.shown = [*chosen, *self.annex]
        self._require_names()
        if options.wants(_CHAPTER) or options.wants(_PROFILES):
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
        items = [*OUTPUTS, *self.items]
        units = [unit.id for unit in self.source.units]
        UsageError.raise_for(
            [
                *_unknown("kind.table_or_figure", self.options.only, items),
                *_unknown("kind.city", self.options.cities, units),
            ]
        )

    def content(self, name: str) -> Exhibit | None:
        """Return a table or figure, made once; None where the index has no data for it."""
        if name not in self._content:
            made_of = self.items.get(name)
            self._content[name] = None if made_of is None else made_of.make()
        return self._content[name]

    def _contents(self, names: Iterable[str]) -> dict[str, Exhibit]:
        found = ((name, self.content(name)) for name in names)
        return {name: content for name, content in found if content is not None}

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
        self._require_data(named)
        has_text = any(map(options.wants, (_CHAPTER, "html", "sentences")))
        in_chapter = self._contents(self.shown) if has_text else {}
        sections = chapter(
            self.source, self.items, in_chapter, self.annex, is_half=options.half
        )
        own = self._own_files(named)
        self._draw({**in_chapter, **own}, own)
        documents = self._documents(sections)
        files: list[ReportFile] = []
        for lang in options.languages:
            files += self._written(documents, lang)
            files += self._shows(sections, lang)
            files += self._tables(own, sections, lang)
            files += self._figures(own, lang)
        places = tuple(
            replace(document.made.places, file=document.path)
            for document in documents
            if document.name == _CHAPTER
        )
        waiting = waiting_for(self.source, lambda name: self.content(name) is not None)
        made = MadeReport(tuple(files), waiting, places=places)
        return made if options.manuscript is None else self._with_manuscript(made)

    def _require_data(self, named: Sequence[str]) -> None:
        """Refuse what is named and has no data, unless the report has printed it.

        What it has printed waits for its data, see `waiting_for`.
        """
        printed = {item.made for item in inventory(self.source.spec.id)}
        DataError.raise_for(
            Problem.of("XC294.needs", name=name, need=need_of(name))
            for name in dict.fromkeys(named)
            if name not in printed and self.content(name) is None
        )

    def _own_files(self, named: Sequence[str]) -> dict[str, Exhibit]:
        """Return what has files of its own: all tables, all figures, and those that are named."""
        options = self.options
        wants_all = options.wants("tables") or options.wants("figures")
        names = [*self.shown, *named] if wants_all else named
        own: dict[str, Exhibit] = {}
        for name, content in self._contents(names).items():
            kind = "figures" if isinstance(content, Figure) else "tables"
            if name in named or options.wants(kind):
                own[name] = content
        return own

    def _documents(self, sections: Sequence[Section]) -> list[_Document]:
        """Return the chapters and the profiles, with numbers of pages where something prints."""
        documents: list[_Document] = []
        for lang in self.options.languages:
            if self.options.wants(_CHAPTER):
                made = self._chapter(sections, lang)
                documents.append(_Document(_CHAPTER, lang, made))
            if self.options.wants(_PROFILES):
                made = self._profiles_of_cities(lang)
                documents.append(_Document(_PROFILES, lang, made))
        self.options.progress(Message("step.finding_pages"))
        # Profiles of very many cities take too long: they come after the chapters.
        by_name = sorted(documents, key=lambda own: (own.name, own.lang))
        number_pages([document.made for document in by_name], self.options.printed)
        return documents

    def _written(
        self, documents: Sequence[_Document], lang: str
    ) -> Iterator[ReportFile]:
        """Yield the documents of a language as files."""
        for document in documents:
            if document.lang == lang:
                file = document.path
                self.options.progress(Message("step.writing", file=file))
                title = document.made.title
                content = document.made.to_bytes()
                yield ReportFile(file, "docx", document.name, title, content=content)

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
        has_documents = options.wants(_CHAPTER) or options.wants("html")
        in_documents = {*self.shown} if has_documents else set[str]()
        drawn = in_documents | own.keys()
        figures = [
            figure
            for name, figure in content.items()
            if isinstance(figure, Figure) and name in drawn
        ]
        total = len(figures) * len(options.languages)
        drawings = product(figures, options.languages)
        for number, (figure, lang) in enumerate(drawings, 1):
            options.progress(
                Message("step.drawing", number=number, total=total, figure=figure.id)
            )
            forms = [*_FORMS] if figure.id in own else []
            if figure.id in in_documents:
                forms.append(CHART)
            for form, picture in figure.files(lang, forms).items():
                self.pictures[figure.id, lang, form] = picture

    def _chapter(self, sections: Sequence[Section], lang: str) -> DocxFile:
        """Return the chapter, with what its author wrote into the one that it replaces."""
        file = DocxFile(
            self.title,
            lang,
            self.options.template,
            edition=self.title.text(lang),
            finding=Chapter(self.source).finding(),
        )
        older = self._older_chapter(lang)
        if older is not None:
            file.take_over(older)
        self._fill(file, with_places(sections), lang)
        return file

    def _profiles_of_cities(self, lang: str) -> DocxFile:
        """Return the document of all profiles."""
        self._draw_strips(lang)
        file = DocxFile(
            say("chapter.profiles", name=self.title),
            lang,
            self.options.template,
            edition=self.title.text(lang),
            compact=True,
        )
        self._fill(file, self._profiles, lang)
        return file

    def _fill(self, file: DocxFile, sections: Sequence[Section], lang: str) -> None:
        """Put sections with their pictures into a document."""
        items = chain.from_iterable(section.items for section in sections)
        figures = [item for item in items if isinstance(item, Figure)]
        pictures = {f.id: self.pictures[f.id, lang, CHART] for f in figures}
        charts = {f.id: native_charts(f.content, lang, f.synthetic) for f in figures}
        file.fill(sections, pictures, charts)

    def _older_chapter(self, lang: str) -> Path | None:
        """Return the chapter that lies where the report will, None without one."""
        if self.options.folder is None:
            return None
        path = self.options.folder / f"{_CHAPTER}.{lang}.docx"
        return path if path.is_file() else None

    @cached_property
    def _rows(self) -> list[int]:
        """The cities that have a profile, group by group, the first one first."""
        source = self.source
        orders = (
            source.order(source.root, group) for group in source.result.populations
        )
        every = [*chain.from_iterable(orders)]
        chosen = self.options.cities
        if not chosen:
            return every
        return [row for row in every if source.units[row].id in chosen]

    @cached_property
    def _profiles(self) -> list[Section]:
        """The page of each of these cities."""
        source = self.source
        figures = {}
        stories = {}
        for group in source.result.populations:
            figures[group] = ReportFigures(source, source.root, group)
            stories[group] = Chapter(source, group)
        profiles = []
        for row in self._rows:
            group = source.units[row].population
            profiles.append(profile(stories[group], row, figures[group].strips(row)))
        return profiles

    def _draw_strips(self, lang: str) -> None:
        """Draw the strips of all profiles, laid out once for each group of cities."""
        items = chain.from_iterable(section.items for section in self._profiles)
        strips = grouped(
            (len(item.content.rows), (item.id, item.content))
            for item in items
            if isinstance(item, Figure) and isinstance(item.content, StripChart)
        )
        for alike in strips.values():
            self.options.progress(Message("step.drawing_strips", number=len(alike)))
            names, charts = zip(*alike, strict=True)
            pictures = draw_alike(charts, self.source.synthetic, lang)
            for name, picture in zip(names, pictures, strict=True):
                self.pictures[name, lang, CHART] = picture

    def _tables(
        self, own: Contents, sections: Sequence[Section], lang: str
    ) -> Iterator[ReportFile]:
        """Yield tables, each as a file and all as one workbook; the sentences are one of them."""
        options = self.options
        tables = [made for made in own.values() if isinstance(made, ReportTable)]
        stated = [*chain.from_iterable(section.statements() for section in sections)]
        if stated and (options.wants("sentences") or options.wants("tables")):
            tables.append(sentence_table(self.source, stated))
        for table in tables:
            yield ReportFile(
                f"tables/{safe_name(table.id)}.{lang}.csv",
                "table",
                table.id,
                table.title.text(lang),
                content=table_csv(table, lang),
            )
        if options.wants("tables"):
            yield ReportFile(
                f"tables.{lang}.xlsx",
                "table",
                "tables",
                self.title.text(lang),
                content=tables_xlsx(tables, lang),
            )

    def _figures(self, own: Contents, lang: str) -> Iterator[ReportFile]:
        """Yield figures with their numbers."""
        for figure in own.values():
            if isinstance(figure, Figure):
                contents = {"csv": figure_csv(figure, lang)}
                for form in _FORMS:
                    contents[form] = self.pictures[figure.id, lang, form]
                for form, content in contents.items():
                    yield ReportFile(
                        f"figures/{safe_name(figure.id)}.{lang}.{form}",
                        "figure",
                        figure.id,
                        figure.title.text(lang),
                        content=content,
                    )

    def _shows(self, sections: Sequence[Section], lang: str) -> Iterator[ReportFile]:
        """Yield what is looked at on a screen: the page, the slide, the picture of the ranking."""
        options = self.options
        if options.wants("html"):
            yield self._page(sections, lang)
        if options.wants("slide"):
            yield self._slide(lang)
        if options.wants("picture"):
            yield from self._picture(lang)

    def _page(self, sections: Sequence[Section], lang: str) -> ReportFile:
        file = f"report.{lang}.html"
        self.options.progress(Message("step.writing", file=file))
        pictures = {
            name: _compressed(picture)
            for (name, of, form), picture in self.pictures.items()
            if (of, form) == (lang, CHART) and name in self.shown
        }
        download = self._ranking(lang)["png"]
        content = PageContent(
            self.title, sections, self._rows, pictures=pictures, download=download
        )
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
        title = self._first_bars.title.text(lang)
        for form, content in self._ranking(lang).items():
            name = f"ranking.{lang}.{form}"
            yield ReportFile(name, "figure", "picture", title, content=content)

    @cached_property
    def _first_bars(self) -> Figure:
        """The figure of the ranking."""
        return ReportFigures(self.source, self.source.root).first_bars()

    @cached_property
    def _ranking(self) -> Callable[[str], dict[str, bytes]]:
        """Language -> the picture of the ranking by form, in all that are wanted."""
        forms = _FORMS if self.options.wants("picture") else ("png",)
        return cache(partial(self._first_bars.files, forms=forms))


class _Document(NamedTuple):
    """A chapter or the profiles, in a language."""

    name: str
    lang: str
    made: DocxFile

    @property
    def path(self) -> str:
        """Its path in the folder of the report."""
        return f"{self.name}.{self.lang}.docx"


def _unknown(
    kind: str, chosen: Sequence[str], names: Sequence[str]
) -> Iterator[Problem]:
    """Yield a problem for each name of a kind that is not known."""
    for name in chosen:
        if name not in names:
            yield Problem.of(
                "XC100.unknown",
                hint=did_you_mean(name, names),
                kind=Message(kind),
                word=name,
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
