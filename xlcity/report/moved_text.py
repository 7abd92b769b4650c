"""Moves what an author wrote from one Word document into another, with all that it refers to."""

from __future__ import annotations

import copy
import itertools
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from xlcity.report.places import W

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#: Kinds of relationships to parts of which a document has one.
_STYLES = f"{_OFFICE}/styles"
_NUMBERING = f"{_OFFICE}/numbering"
_NOTES = {"footnote": f"{_OFFICE}/footnotes", "endnote": f"{_OFFICE}/endnotes"}
#: Elements that name a style.
_STYLED = {
    W + name for name in ("pStyle", "rStyle", "tblStyle", "basedOn", "link", "next")
}
#: Marks of comments and ends of sections, which are not moved.
_DROPPED = {
    W + name
    for name in ("commentRangeStart", "commentRangeEnd", "commentReference", "sectPr")
}
_DRAWING = (
    "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}docPr"
)
_VALUE = f"{W}val"
_ID = f"{W}id"
_LATER = "{http://schemas.microsoft.com/"
_RELATION = f"{{{_OFFICE}}}"
#: Numbers of what is moved begin here: the document's own are smaller.
_FIRST_NUMBER = 1_000_000


class TextMover:
    """Moves paragraphs and tables into another document, of which its own styles win.

    Parameters
    ----------
    old, new
        The documents, as python-docx opens them.
    """

    def __init__(self, old: Any, new: Any) -> None:
        self._old = old
        self._new = new
        self._styles = dict[str, str]()
        self._lists = dict[str, str]()
        self._notes = dict[tuple[str, str], str]()
        new_numbers = map(str, itertools.count(_FIRST_NUMBER))
        self._numbers = defaultdict[tuple[str, str], str](new_numbers.__next__)
        self._next_part = itertools.count(1)
        self._renamed = set[Any]()
        #: Elements -> the attribute that refers to something, and what finds this anew.
        self._changes: dict[str, tuple[str, Callable[[str], str]]]
        self._changes = dict.fromkeys(_STYLED, (_VALUE, self._style))
        self._changes[f"{W}numId"] = (_VALUE, self._list)
        for word, kind in _NOTES.items():
            self._changes[f"{W}{word}Reference"] = (_ID, partial(self._note, kind))
        for word in ("bookmarkStart", "bookmarkEnd"):
            self._changes[W + word] = (_ID, partial(self._number, "bookmark"))
        self._changes[_DRAWING] = ("id", partial(self._number, "drawing"))

    def moved(self, content: Sequence[Any]) -> str:
        """Return paragraphs and tables of the old document as XML of the new one."""
        copies = [copy.deepcopy(element) for element in content]
        for element in copies:
            self._mend(element, self._old.part, self._new.part)
        return "".join(map(_text, copies))

    def _mend(self, root: Any, source: Any, target: Any) -> None:
        """Change what an element, copied between two parts, refers to."""
        for element in list(root.iter("*")):
            if element.tag in _DROPPED:
                element.getparent().remove(element)
                continue
            if element.tag in self._changes:
                attribute, change = self._changes[element.tag]
                element.set(attribute, change(element.get(attribute)))
            self._mend_attributes(element, source, target)

    def _mend_attributes(self, element: Any, source: Any, target: Any) -> None:
        """Relate what an element refers to, and drop what only later programs know."""
        for name, value in element.attrib.items():
            if name.startswith(_LATER):
                element.attrib.pop(name)
            elif name.startswith(_RELATION) and value in source.rels:
                element.set(name, self._related(source.rels[value], target))

    def _number(self, kind: str, old_id: str) -> str:
        """Return the number of a bookmark or a drawing, which no other one has."""
        return self._numbers[kind, old_id]

    def _related(self, relation: Any, target: Any) -> str:
        """Return the id of a relationship of the new document to what an old one is to."""
        if relation.is_external:
            address = relation.target_ref
            return str(target.relate_to(address, relation.reltype, is_external=True))
        self._rename(relation.target_part)
        return str(target.relate_to(relation.target_part, relation.reltype))

    def _rename(self, part: Any) -> None:
        """Give a part, and those that it refers to, names that the new document has not."""
        if part in self._renamed:
            return
        self._renamed.add(part)
        from docx.opc.packuri import PackURI

        name = part.partname
        number = next(self._next_part)
        part.partname = PackURI(f"{name.baseURI}/moved{number}.{name.ext}")
        for relation in part.rels.values():
            if not relation.is_external:
                self._rename(relation.target_part)

    def _style(self, old_id: str) -> str:
        """Return the id of a style of the same name; the new document gets one that it lacks."""
        if old_id in self._styles:
            return self._styles[old_id]
        styles = self._new.styles.element
        old = _first(self._old.styles.element, f"{W}style", f"{W}styleId", old_id)
        if old is None:
            return old_id
        name = old.name_val.casefold()
        for style in styles.iterchildren(f"{W}style"):
            if (style.name_val or "").casefold() == name:
                self._styles[old_id] = style.styleId
                return str(style.styleId)
        taken = {style.styleId for style in styles.iterchildren(f"{W}style")}
        new_id = old_id if old_id not in taken else f"{old_id}moved"
        self._styles[old_id] = new_id
        added = copy.deepcopy(old)
        added.set(f"{W}styleId", new_id)
        added.attrib.pop(f"{W}default", None)
        styles.append(added)
        kind = _STYLES
        self._mend(added, _part(self._old, kind), _part(self._new, kind))
        return new_id

    def _list(self, old_id: str) -> str:
        """Return the number of a list of the new document like one of the old."""
        if old_id == "0" or old_id in self._lists:
            return self._lists.get(old_id, old_id)
        kind = _NUMBERING
        old = _part(self._old, kind)
        new = _part(self._new, kind)
        if old is None:
            return old_id
        if new in (None, old):
            self._new.part.relate_to(old, kind)
            return old_id
        number = _first(old.element, f"{W}num", f"{W}numId", old_id)
        if number is None:
            return old_id
        number = copy.deepcopy(number)
        levels = number.find(f"{W}abstractNumId")
        pattern = _first(
            old.element, f"{W}abstractNum", f"{W}abstractNumId", levels.get(_VALUE)
        )
        pattern = copy.deepcopy(pattern)
        patterns = [*new.element.iterchildren(f"{W}abstractNum")]
        numbers = [*new.element.iterchildren(f"{W}num")]
        new_pattern = _next_id(patterns, f"{W}abstractNumId")
        new_id = _next_id(numbers, f"{W}numId")
        pattern.set(f"{W}abstractNumId", new_pattern)
        levels.set(_VALUE, new_pattern)
        number.set(f"{W}numId", new_id)
        # Patterns stand before the lists that have them.
        new.element.insert(len(patterns), pattern)
        new.element.append(number)
        self._lists[old_id] = new_id
        self._mend(pattern, old, new)
        return new_id

    def _note(self, kind: str, old_id: str) -> str:
        """Return the number of a note of the new document like one of the old."""
        if (kind, old_id) in self._notes:
            return self._notes[kind, old_id]
        old = _part(self._old, kind)
        if old is None:
            return old_id
        new = _part(self._new, kind)
        if new is None:
            self._adopt_notes(kind, old)
            return old_id
        if new is old:
            return old_id
        notes = _parse(new.blob)
        old_note = _first(_parse(old.blob), notes[0].tag, _ID, old_id)
        note = copy.deepcopy(old_note)
        new_id = _next_id([*notes], _ID)
        self._notes[kind, old_id] = new_id
        note.set(_ID, new_id)
        self._mend(note, old, new)
        notes.append(note)
        new._blob = _text(notes).encode()
        return new_id

    def _adopt_notes(self, kind: str, part: Any) -> None:
        """Give the new document, which has no notes of a kind, all of the old one."""
        self._new.part.relate_to(part, kind)
        notes = _parse(part.blob)
        self._mend(notes, part, part)
        part._blob = _text(notes).encode()


def _parse(content: bytes) -> Any:
    from docx.oxml import parse_xml

    return parse_xml(content)


def _text(root: Any) -> str:
    from lxml import etree

    return str(etree.tostring(root, encoding="unicode"))


def _part(document: Any, kind: str) -> Any:
    """Return what a document has one of, such as its footnotes; None without it."""
    relations = document.part.rels.values()
    parts = (rel.target_part for rel in relations if rel.reltype == kind)
    return next(parts, None)


def _first(root: Any, tag: str, attribute: str, value: str) -> Any:
    """Return the first child with a value of an attribute, None without one."""
    children = root.iterchildren(tag)
    return next((child for child in children if child.get(attribute) == value), None)


def _next_id(elements: Sequence[Any], attribute: str) -> str:
    """Return a number that no element has."""
    numbers = (int(element.get(attribute)) for element in elements)
    return str(max(numbers, default=0) + 1)
