"""Copies whole sheets of one workbook into another, with what hangs on them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import count
from xml.etree import ElementTree as ET

from xlcity.messages import Message
from xlcity.xlsx.address import quote_sheet
from xlcity.xlsx.cells import read_names
from xlcity.xlsx.editing.rename_sheets import rewrite_formulas
from xlcity.xlsx.editing.restyle import StyleCopier, StyleTable
from xlcity.xlsx.editing.shared_formulas import give_own_formulas
from xlcity.xlsx.markup import (
    child_in_order,
    markup_to_bytes,
    named,
    prefix_of,
    prefixed,
    read_markup,
)
from xlcity.xlsx.package import Package
from xlcity.xlsx.parts import Relationship, damage_error
from xlcity.xlsx.relations import ContentTypes, Relations
from xlcity.xlsx.text import xml_text

_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
#: The children of a workbook around its tabs, in the order of the format.
ORDER_OF_WORKBOOK = (
    "bookViews",
    "sheets",
    "functionGroups",
    "externalReferences",
    "definedNames",
    "calcPr",
    "oleSize",
    "customWorkbookViews",
    "pivotCaches",
    "fileRecoveryPr",
    "extLst",
)
_SHARED_TEXT = re.compile(
    r'<((?:\w+:)?c)\b([^>]*?)\st="s"([^>]*)>\s*<(?:\w+:)?v>(\d+)</(?:\w+:)?v>'
)
_STYLE = re.compile(r'(<(?:\w+:)?(?:c|row|col)\b[^>]*?\s(?:s|style)=")(\d+)(")')
_CONDITIONAL = re.compile(r'(\s\w*[dD]xfId=")(\d+)(")')
#: Parts that belong to the program that wrote them and are better left behind.
_KINDS_NOT_COPIED = (
    "printerSettings",
    "customProperty",
    "control",
    "ctrlProp",
    "oleObject",
    "pivotTable",
    "slicer",
    "timeline",
    "queryTable",
)
#: Those of them that are left behind without a message, because no data are lost.
_KINDS_LEFT_SILENTLY = ("printerSettings", "customProperty", "ctrlProp")
#: A reference to another file, by its number in a list that stays behind.
_OTHER_FILE = re.compile(r"\[\d+\][^\W\d]?[\w.]*'?!")
_CELL_FORMULA = re.compile(r"<((?:\w+:)?f)\b[^>]*>([^<]*)</\1>")

#: A formula, with its sheet and cell -> the formula for the other workbook; the cell is ""
#: in charts, rules and names.
Rewrite = Callable[[str, str, str], str]


def copy_sheets(
    source: Package,
    target: Package,
    sheets: Mapping[str, str],
    rewrite: Rewrite | None = None,
    left: list[tuple[str, str]] | None = None,
) -> Package:
    """Return `target` with sheets of `source` behind its own.

    Cells, formats, conditional formats, pictures, charts, tables, comments and threads are copied;
    shared texts become texts of their own. Macros and settings of a printer do not.

    Parameters
    ----------
    source, target
        The workbooks; `target` as this package writes workbooks.
    sheets
        Sheets of the source -> what they are called in the target, which has none of that name.
    rewrite
        What formulas become, those of charts and conditional formats included.
    left
        Gets what cannot be copied: (sheet, kind).
    """
    work = _Transplant(source, target, rewrite or (lambda formula, *_: formula))
    target_with_sheets = work.copy_sheets_with_parts(sheets)
    if left is not None:
        left += work.left
    return target_with_sheets


class _Transplant:
    """Copies sheets; its parameters are those of `copy_sheets`.

    Attributes
    ----------
    parts
        The new and changed parts of the target.
    renamed
        Part of the source -> its name in the target.
    main, old_main
        The workbook parts of target and source.
    types, old_types
        Their lists of content types.
    sheet
        The sheet that is being copied.
    left
        What was not copied: (sheet, kind).
    """

    def __init__(self, source: Package, target: Package, rewrite: Rewrite) -> None:
        self.source = source
        self.target = target
        self.rewrite = rewrite
        self.style_table = StyleTable(target)
        self.copier = StyleCopier(source, self.style_table)
        self.types = ContentTypes.read_from(target)
        self.old_types = ContentTypes.read_from(source)
        self.parts: dict[str, bytes] = {}
        self.renamed: dict[str, str] = {}
        self.main, self.old_main = (
            package.workbook_part for package in (target, source)
        )
        self.shared_texts = list(self._read_shared_texts())
        self.sheet = ""
        self.left: list[tuple[str, str]] = []

    def copy_sheets_with_parts(self, sheets: Mapping[str, str]) -> Package:
        """Return the target with sheets (name in the source -> title in the target).

        Their parts, names and the authors of threads are copied.
        """
        source_tabs = {tab.name: tab for tab in self.source.sheets}
        workbook = read_markup(self.target.text(self.main))
        tabs = child_in_order(workbook, "sheets", ORDER_OF_WORKBOOK)
        relations = Relations.read_from(self.target, self.main)
        for name, title in sheets.items():
            if name not in source_tabs:
                raise damage_error(
                    Message("damage.sheet_absent"), self.source.name, name
                )
            self.sheet = name
            part = self._copy_part(source_tabs[name].part)
            self.types.override(part, _SHEET)
            used_ids = (int(tab.get("sheetId", "0")) for tab in tabs)
            last_id = max(used_ids, default=0)
            attributes = {
                named("xmlns:r"): Relations.NAMESPACE,
                "name": title,
                "sheetId": str(last_id + 1),
                "state": source_tabs[name].state,
                named("r:id"): relations.add("worksheet", part),
            }
            ET.SubElement(tabs, prefix_of(workbook) + "sheet", attributes)
            for local_name, formula in self._local_names(name, title):
                names = child_in_order(workbook, "definedNames", ORDER_OF_WORKBOOK)
                scope = {"name": local_name, "localSheetId": str(len(tabs) - 1)}
                ET.SubElement(
                    names, prefix_of(workbook) + "definedName", scope
                ).text = formula
        if any("/threadedComments/" in part for part in self.renamed):
            self._add_people(relations)
        self.parts[self.main] = markup_to_bytes(workbook)
        self.parts[relations.part] = relations.to_bytes()
        self.parts[self.style_table.part] = self.style_table.to_bytes()
        self.parts[ContentTypes.PART] = self.types.to_bytes()
        return self.target.replace(self.parts)

    def _local_names(self, name: str, title: str) -> Iterator[tuple[str, str]]:
        """Yield name and formula of the names that belong to a sheet, such as its print area.

        `name` is what the sheet is called in the source, `title` what in the target.
        """
        _, source_names = read_names(self.source)
        for (owner, local_name), formula in source_names.items():
            # The rows that a filter hid stay hidden, its range is its own.
            if owner == name and local_name != "_xlnm._FilterDatabase":
                formula = self.rewrite(formula, name, "")
                if title != name:
                    formula = formula.replace(
                        f"{quote_sheet(name)}!", f"{quote_sheet(title)}!"
                    )
                yield local_name, formula

    def _add_people(self, relations: Relations) -> None:
        """Add the authors of comment threads in the source to those of the target.

        `relations` are those of the target's workbook part, which gets a list of authors if it has
        none.
        """
        source_part, target_part = (
            next(iter(package.related(package.workbook_part, "person")), "")
            for package in (self.source, self.target)
        )
        if source_part and not target_part:
            kinds = {
                link.target: link.type for link in self.source.relations(self.old_main)
            }
            relations.add(kinds[source_part], self._copy_part(source_part))
        elif source_part:
            people = read_markup(self.target.text(target_part))
            known_ids = {person.get("id") for person in people}
            for person in read_markup(self.source.text(source_part)):
                if person.get("id") not in known_ids:
                    people.append(prefixed(person, prefix_of(people)))
            self.parts[target_part] = markup_to_bytes(people)

    def _read_shared_texts(self) -> Iterable[str]:
        """Yield the XML inside each shared text (<si>) of the source, in order."""
        texts = re.compile(r"<((?:\w+:)?si)\b[^>]*?(?:/>|>(.*?)</\1>)", re.DOTALL)
        for part in self.source.related(self.old_main, "sharedStrings"):
            for match in texts.finditer(self.source.text(part)):
                yield match[2] or ""

    def _copy_part(self, part: str) -> str:
        """Copy a part of the source, and all it points to, once; return its name in the target.

        The new name has the next free number; the type of the content is listed.
        """
        if part in self.renamed:
            return self.renamed[part]
        folder, base = posixpath.split(part)
        stem, dot, extension = base.rpartition(".")
        used_names = {*self.target.parts, *self.parts, *self.renamed.values()}
        path = posixpath.join(folder, re.sub(r"\d+$", "", stem))
        names = (f"{path}{number}{dot}{extension}" for number in count(1))
        new = self.renamed[part] = next(
            name for name in names if name not in used_names
        )
        content = self.source.parts[part]
        relations = Relations(new)
        if links := self.source.relations(part):
            content = self._copy_relationships(content, relations, links)
            self.parts[relations.part] = relations.to_bytes()
        self.parts[new] = self._adapt_content(part, content)
        self.types.copy_type(self.old_types, part, new)
        return new

    def _copy_relationships(
        self, content: bytes, relations: Relations, links: list[Relationship]
    ) -> bytes:
        """Copy what a part points to; return its content with the new ids of its relationships.

        `links` are its relationships in the source; those of the copy are added to `relations`.
        Elements that point to what is not copied are removed, and their kinds are noted.
        """
        ids = {}  # old id -> new one, "" for what is not copied
        for rid, kind, target, external in links:
            kind_word = kind.rpartition("/")[2]
            if kind_word in _KINDS_NOT_COPIED or (
                not external and target not in self.source.parts
            ):
                ids[rid] = ""
                if kind_word not in _KINDS_LEFT_SILENTLY:
                    self.left.append((self.sheet, kind_word))
                continue
            new_target = target if external else self._copy_part(target)
            ids[rid] = relations.add(kind, new_target, external=external)
        text = content.decode("utf-8")
        for rid in (rid for rid, new in ids.items() if not new):
            text = re.sub(
                rf'<[\w:]+\b[^>]*\s\w+:id="{re.escape(rid)}"[^>]*/>', "", text
            )

        def write_new_id(match: re.Match[str]) -> str:
            return f"{match[1]}{ids.get(match[2]) or match[2]}{match[3]}"

        # All at once: a new id may be an old one of another relationship.
        pattern = r'(\s\w+:(?:id|embed|link|pict|relid)=")([^"]+)(")'
        return re.sub(pattern, write_new_id, text).encode("utf-8")

    def _adapt_content(self, part: str, content: bytes) -> bytes:
        """Return the content of a part as it is in the target.

        Shared texts become texts of their own; formats and tables get numbers of the target;
        formulas that read other files are left out, others are what `rewrite` gives.
        """
        if not part.endswith(".xml"):
            return content
        text = content.decode("utf-8")
        root = re.search(
            r"<(?:\w+:)?(\w+)\b", re.sub(r"<\?.*?\?>", "", text, flags=re.DOTALL)
        )
        kind = root[1] if root else ""
        if kind == "worksheet":
            text = _SHARED_TEXT.sub(self._inline_shared_text, text)
            # What the cells read may no longer stand side by side.
            text = give_own_formulas(text)
            text = _CELL_FORMULA.sub(self._drop_formula_of_other_file, text)
            text = _STYLE.sub(
                lambda m: f"{m[1]}{self.copier.cell_format(int(m[2]))}{m[3]}", text
            )
            # One tab is selected, and it is one of the template's own.
            text = re.sub(r'\stabSelected="(?:1|true)"', "", text)
        elif kind == "table":
            text = self._renumber_table(text)
        if kind in ("worksheet", "table"):
            text = _CONDITIONAL.sub(
                lambda m: f"{m[1]}{self.copier.conditional(int(m[2]))}{m[3]}", text
            )
        if kind in ("worksheet", "chartSpace"):
            text = rewrite_formulas(
                text, lambda f, cell: self.rewrite(f, self.sheet, cell)
            )
        return text.encode("utf-8")

    def _inline_shared_text(self, match: re.Match[str]) -> str:
        """Return a cell, a match of `_SHARED_TEXT`, with its text instead of the text's number."""
        number = int(match[4])
        inner = self.shared_texts[number] if number < len(self.shared_texts) else ""
        before_colon, colon, _ = match[1].rpartition(":")
        prefix = before_colon + colon
        return f'<{match[1]}{match[2]} t="inlineStr"{match[3]}><{prefix}is>{inner}</{prefix}is>'

    def _drop_formula_of_other_file(self, match: re.Match[str]) -> str:
        """Return a match of `_CELL_FORMULA`, or "" if the formula reads another file.

        Such a formula is noted in `left`; the cell keeps its value.
        """
        if not _OTHER_FILE.search(xml_text(match[2])):
            return match[0]
        self.left.append((self.sheet, f"={xml_text(match[2])}"))
        return ""

    def _renumber_table(self, text: str) -> str:
        """Return the XML of a table with an id that no other table has."""
        pattern = r'(<(?:\w+:)?table\b[^>]*?\sid=")(\d+)(")'
        last_id = 0
        for part, content in {**self.target.parts, **self.parts}.items():
            if "/tables/" in part:
                match = re.search(pattern, content.decode("utf-8"))
                if match is not None:
                    last_id = max(last_id, int(match[2]))
        return re.sub(pattern, rf"\g<1>{last_id + 1}\g<3>", text, count=1)


def order_tabs(names: Sequence[str], old: Sequence[str]) -> list[str]:
    """Return the tabs of a workbook in the order that people gave them, new ones in between.

    A new one stands behind the tab that it stands behind in `names`.
    """
    order = [name for name in old if name in names]
    for before, name in zip(["", *names], names, strict=False):
        if name not in order:
            order.insert(order.index(before) + 1 if before else 0, name)
    return order


def order_sheets(package: Package, order: Sequence[str]) -> Package:
    """Return a workbook with its tabs in another order.

    Tabs that `order` does not name, such as sheets of charts, stay behind the one before them.
    """
    main = package.workbook_part
    workbook = read_markup(package.text(main))
    prefix = prefix_of(workbook)
    tabs = child_in_order(workbook, "sheets", ORDER_OF_WORKBOOK)
    tab_by_title = {tab.get("name", ""): tab for tab in tabs}
    titles = list(tab_by_title)
    order = order_tabs(titles, order)
    if titles == order:
        return package
    tabs[:] = [tab_by_title[title] for title in order]
    # Names that belong to a sheet, and the tab that shows, have its index.
    for tag, attribute, default in (
        ("definedName", "localSheetId", ""),
        ("workbookView", "activeTab", "0"),
    ):
        for element in workbook.iter(prefix + tag):
            if index := element.get(attribute, default):
                element.set(attribute, str(order.index(titles[int(index)])))
    return package.replace({main: markup_to_bytes(workbook)})
