"""Titles of tabs: a book in Chinese has Chinese ones, any other the names of the contract.

Code, formulas as they are drawn, and what people type know a sheet by the name of the contract.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from itertools import chain, count, product, starmap

from xlcity.errors import CellValue
from xlcity.messages import Message
from xlcity.reports import known_ids, report_folder
from xlcity.reports.loading import read_labels
from xlcity.workbook.labels import page_labels
from xlcity.xlsx.address import parse_area
from xlcity.xlsx.cells import ReadBook, Sheet
from xlcity.xlsx.editing.rename_sheets import rename_sheets
from xlcity.xlsx.package import Package

#: Names that begin those of several sheets: a network's code or a population's name follows.
_BEGINNINGS = ("Matrix", "Centrality", "Ranking")
_KEY = "tab."
#: Tab -> a name of the contract whose cells stand on it, whatever the tab is called.
NAME_ON_TAB = {
    "README": "xl_banner",
    "Data": "in_units",
    "Links": "in_links",
    "Items": "in_items",
    "Cities": "xl_cities",
    "Index": "out_scores",
    "Ranking": "xl_ranking_column",
    "Checks": "chk_table",
    "Framework": "xl_framework",
    "Sources": "xl_sources",
    "Messages": "xl_letters",
    "Review": "in_review",
}


@cache
def chinese_titles(report: str) -> Mapping[str, str]:
    """Return name -> Chinese title of the package's tabs and of those that a report has."""
    labels = [*page_labels("tabs")]
    if report and report in known_ids():
        labels += read_labels(report_folder(report) / "labels.toml")
    titles = {}
    for key, zh, _ in labels:
        if key.startswith(_KEY):
            titles[key.removeprefix(_KEY)] = zh
    return titles


def tab_title(name: str, language: str, report: str = "") -> str:
    """Return the title of a tab in a language of tabs, "zh" or another one.

    >>> tab_title("Data", "zh"), tab_title("Matrix17", "zh"), tab_title("Data", "both")
    ('数据', '合作矩阵17', 'Data')
    """
    titles = chinese_titles(report)
    if language != "zh" or name in titles:
        return titles[name] if language == "zh" else name
    start = next((start for start in _BEGINNINGS if name.startswith(start)), "")
    return titles.get(start, "") + name.removeprefix(start)


@cache
def contract_name(title: str, report: str = "") -> str:
    """Return the name of the contract of a tab with a title, the title itself of any other.

    >>> contract_name("数据"), contract_name("合作矩阵17"), contract_name("Data")
    ('Data', 'Matrix17', 'Data')
    """
    titles = chinese_titles(report)
    for name, chinese in titles.items():
        if title == chinese:
            return name
    for start in _BEGINNINGS:
        if title.startswith(titles[start]):
            return start + title.removeprefix(titles[start])
    return title


def titles_of(*names: str) -> frozenset[str]:
    """Return the titles of tabs in all languages."""
    return frozenset(starmap(tab_title, product(names, ("zh", "en"))))


class TemplateSheets(dict[str, Sheet]):
    """Sheets by title, in the order of the tabs; they are also found by the contract's name."""

    def __init__(self, sheets: Mapping[str, Sheet], report: str = "") -> None:
        super().__init__(sheets)
        named = {contract_name(title, report): title for title in sheets}
        self.titles = {
            name: title for name, title in named.items() if name not in {*sheets}
        }

    def __missing__(self, name: str) -> Sheet:
        return self[self.titles[name]]

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or name in self.titles

    def get(self, name: str, default: Sheet | None = None) -> Sheet | None:  # type: ignore[override]
        """Return a sheet by its title or by the contract's name."""
        return super().get(self.titles.get(name, name), default)


def with_contract_names(book: ReadBook) -> ReadBook:
    """Return a workbook whose sheets are also found by the contract's names."""
    return replace(book, sheets=TemplateSheets(book.sheets, report_in(book)))


def report_in(book: ReadBook) -> str:
    """Return the report that a workbook says it is of, "" for none."""
    area = parse_area(book.names.get("xl_report", ""))
    return (
        ""
        if area is None
        else str(
            book.value(
                area.sheet,
                area.r1,
                area.c1,
            )
            or ""
        )
    )


def title_in(book: ReadBook, name: str) -> str:
    """Return the title that a sheet has in a workbook, named by it or by the contract."""
    return (
        book.sheets.titles.get(name, name)
        if isinstance(book.sheets, TemplateSheets)
        else name
    )


def typed_titles(book: ReadBook) -> dict[str, str]:
    """Return what people may call the sheets of a workbook -> their titles."""
    named = book.sheets.titles if isinstance(book.sheets, TemplateSheets) else {}
    return {**named, **{title: title for title in book.sheets}}


def read_tab_language(titles: Iterable[str]) -> str:
    """Return the language that most tabs of a template are named in: "zh" or "en"."""
    languages = Counter(
        "en" if contract_name(title) == title else "zh" for title in titles
    )
    return "zh" if languages["zh"] > languages["en"] / 2 else "en"


def renamed_tabs(book: ReadBook, language: str = "") -> dict[str, str]:
    """Return the tabs that people named otherwise: title in the template -> title.

    The template's titles are those of a language, by default that of the other tabs.
    """
    report = report_in(book)
    spoken = read_tab_language(book.sheets)
    language = language or spoken
    renamed = {}
    for name, title in _tabs_with_names(book).items():
        if tab_title(name, spoken, report) in book.sheets:
            continue
        # A title that another tab of templates has tells nothing of this one.
        other = contract_name(title, report)
        if other == name or other not in chinese_titles(report):
            renamed[tab_title(name, language, report)] = title
    ours = chinese_titles(report)
    own = book.sheets.keys() - ours.keys() - {*ours.values()}
    for title, heading in _list_on_readme(book).items() if own else ():
        # A tab without a name is known by its first cell, which README repeats beside the title.
        unnamed = own - {*renamed.values()}
        headed = [tab for tab in unnamed if book.value(tab, 1, 1) == heading]
        if title in book.sheets or len(headed) != 1:
            continue
        # README may list the tabs in another language than they are named in.
        own_title = tab_title(contract_name(title, report), language, report)
        if own_title != headed[0]:
            renamed.setdefault(own_title, headed[0])
    return renamed


def _tabs_with_names(book: ReadBook) -> dict[str, str]:
    """Return the tabs that defined names lead to: name in the contract -> title."""
    titles = {}
    for name, defined_name in NAME_ON_TAB.items():
        area = parse_area(book.names.get(defined_name, ""))
        if area is not None and area.sheet in book.sheets:
            titles[name] = area.sheet
    return titles


def _list_on_readme(book: ReadBook) -> dict[str, CellValue]:
    """Return the titles of tabs that README lists, and what each has in its first cell."""
    area = parse_area(book.names.get(NAME_ON_TAB["README"], ""))
    if area is None or area.sheet not in book.sheets:
        return {}
    listed = {}
    cells = book.sheets[area.sheet].cells
    last = max((row for row, _ in cells), default=0)
    # Of a title that is listed twice the first line counts.
    for row in range(last, area.r1 - 1, -1):
        heading = book.value(area.sheet, row, 2)
        listed[str(book.value(area.sheet, row, 1))] = heading
    return {title: heading for title, heading in listed.items() if heading}


def describe_renamed_tab(own: str, title: str) -> str:
    """Return that a tab of a template has another title than its own."""
    return Message("tab.renamed", own=own, title=title)


def with_tabs_in(package: Package, book: ReadBook, language: str) -> Package:
    """Return a template whose tabs are named in a language; a user's own sheets make room.

    The cells of the package are `book`. Tabs that people named otherwise have their names again.
    """
    changed = {title: own for own, title in renamed_tabs(book, language).items()}
    if (language == "zh") != (read_tab_language(book.sheets) == "zh"):
        report = report_in(book)
        for title in book.sheets:
            name = contract_name(title, report)
            new = tab_title(name, language, report)
            is_ours = name != title or name in chinese_titles(report)
            if is_ours and new != title:
                changed[title] = new
    if not changed:
        return package
    taken = {*changed.values()}
    for title in (book.sheets.keys() & taken) - changed.keys():
        changed[title] = free_title(title, (*book.sheets, *changed.values()))
    return rename_sheets(package, changed)


def free_title(title: str, taken: Iterable[str]) -> str:
    """Return a title of a sheet of the user's own, numbered where another one has it.

    >>> free_title("notes", ("Notes", "Data")), free_title("notes", ())
    ('notes (2)', 'notes')
    """
    others = {other.casefold() for other in taken}
    numbered = (f"{title[:27]} ({number})" for number in count(2))
    return next(
        free for free in chain([title], numbered) if free.casefold() not in others
    )
