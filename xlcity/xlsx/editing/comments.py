"""Comments on cells: notes and threads read, notes written."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from xlcity.xlsx.address import cell_name, parse_cell
from xlcity.xlsx.cells import Position, ReadBook
from xlcity.xlsx.editing.write_features import insert_element
from xlcity.xlsx.package import Package
from xlcity.xlsx.parts import local, reads
from xlcity.xlsx.relations import ContentTypes, Relations
from xlcity.xlsx.text import escape_cell_text

_NOTES = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
_VML = "application/vnd.openxmlformats-officedocument.vmlDrawing"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
#: What the sentence ends with that Excel leaves in the note of a thread, and what labels its texts.
_PLACEHOLDER = "linkid=870924"
_LABEL = re.compile(r"\n[^\s][^\n]*[:：](?=\n    )")


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment on a cell; the answers of a thread follow in lines of their own."""

    text: str
    author: str = ""


@reads("comments")
def read_comments(package: Package, book: ReadBook) -> dict[tuple[str, Position], Comment]:
    """Return the comments of a workbook by sheet and position.

    A thread is one comment: each line with its writer's name. The placeholder that Excel leaves in
    the notes for older versions is left out.
    """
    people = {
        person.get("id", ""): person.get("displayName", "")
        for part in package.parts
        if re.fullmatch(r"xl/persons/[^/]+\.xml", part)
        for person in package.root(part)
    }
    comments: dict[tuple[str, Position], Comment] = {}
    for sheet in book.sheets.values():
        for part in sorted(package.related(sheet.part, "comments")):
            for position, comment in _read_notes(package, part):
                comments[sheet.name, position] = comment
        for part in package.related(sheet.part, "threadedComment"):
            for position, comment in _read_threads(package, part, people):
                comments[sheet.name, position] = comment
    return comments


def _read_notes(package: Package, part: str) -> Iterator[tuple[Position, Comment]]:
    root = package.root(part)
    authors = [e.text or "" for e in root.iter() if local(e.tag) == "author"]
    for element in root.iter():
        if local(element.tag) != "comment":
            continue
        text = "".join(t.text or "" for t in element.iter() if local(t.tag) == "t")
        number = element.get("authorId", "")
        author = authors[int(number)] if number.isdigit() and int(number) < len(authors) else ""
        # Excel opens a new note with the writer's name in a line of its own.
        text = text.removeprefix(f"{author}:\n") if author else text
        text, author = _without_placeholder(text) or (text.strip(), author)
        yield parse_cell(element.get("ref", "A1")), Comment(text, author)


def _without_placeholder(text: str) -> tuple[str, str] | None:
    """Return the text of a thread that another program saved as a note, without its writer.

    Below the sentence for older programs, each text is indented and has a label above it.
    """
    _, placeholder, rest = text.partition(_PLACEHOLDER)
    if not placeholder:
        return None
    lines = _LABEL.sub("", f"\n{rest.strip()}").splitlines()
    return "\n".join(line.removeprefix("    ").rstrip() for line in lines).strip(), ""


def _read_threads(
    package: Package, part: str, people: Mapping[str, str]
) -> Iterator[tuple[Position, Comment]]:
    threads: dict[Position, list[tuple[str, str]]] = {}
    for element in package.root(part):
        if local(element.tag) != "threadedComment":
            continue
        text = "".join(t.text or "" for t in element if local(t.tag) == "text")
        author = people.get(element.get("personId", ""), "")
        threads.setdefault(parse_cell(element.get("ref", "A1")), []).append((author, text))
    for position, lines in threads.items():
        (author, first), *answers = lines
        parts = [first, *(f"{who}: {text}" if who else text for who, text in answers)]
        yield position, Comment("\n".join(parts), author)


def add_comments(
    package: Package, book: ReadBook, comments: Mapping[str, Mapping[Position, Comment]]
) -> Package:
    """Return a workbook with notes on cells, sheet by sheet.

    Parameters
    ----------
    package
        The workbook; the sheets named have no comments yet.
    book
        Its sheets.
    comments
        Sheet -> (row, column) -> comment.
    """
    parts: dict[str, bytes] = {}
    types = ContentTypes.of(package)
    for name, notes in comments.items():
        if not notes:
            continue
        sheet = book.sheets[name]
        number = 1
        while {_notes_part(number), _vml_part(number)} & {*package.parts, *parts}:
            number += 1
        relations = Relations.of(package, sheet.part)
        relations.add("comments", _notes_part(number))
        drawing = relations.add("vmlDrawing", _vml_part(number))
        types.override(_notes_part(number), _NOTES)
        types.default("vml", _VML)
        parts[_notes_part(number)] = _write_notes(notes).encode("utf-8")
        parts[_vml_part(number)] = _write_vml(notes, number).encode("utf-8")
        xml = package.text(sheet.part)
        element = f'<legacyDrawing xmlns:r="{Relations.NAMESPACE}" r:id="{drawing}"/>'
        parts[sheet.part] = insert_element(xml, "legacyDrawing", element).encode("utf-8")
        parts[relations.part] = relations.to_bytes()
    return package.replace({**parts, ContentTypes.PART: types.to_bytes()}) if parts else package


def _notes_part(number: int) -> str:
    return f"xl/comments{number}.xml"


def _vml_part(number: int) -> str:
    return posixpath.join("xl/drawings", f"vmlDrawing{number}.vml")


def _write_notes(notes: Mapping[Position, Comment]) -> str:
    authors = list(dict.fromkeys(comment.author for comment in notes.values()))
    who = "".join(f"<author>{escape_cell_text(author)}</author>" for author in authors)
    lines = "".join(
        f'<comment ref="{cell_name(*position)}" authorId="{authors.index(comment.author)}"><text>'
        f'<r><rPr><sz val="9"/><rFont val="Tahoma"/></rPr>'
        f'<t xml:space="preserve">{escape_cell_text(comment.text)}</t></r></text></comment>'
        for position, comment in sorted(notes.items())
    )
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        f'<comments xmlns="{_MAIN}"><authors>{who}</authors><commentList>{lines}</commentList>'
        "</comments>"
    )


def _write_vml(notes: Mapping[Position, Comment], number: int) -> str:
    """Return the drawing that holds a yellow box per note; Excel places it by the anchor."""
    shapes = "".join(
        f'<v:shape id="_x0000_s{number * 1024 + shape_number}" type="#_x0000_t202" '
        'style="position:absolute;visibility:hidden" fillcolor="#ffffe1" o:insetmode="auto">'
        '<v:fill color2="#ffffe1"/><v:shadow on="t" color="black" obscured="t"/>'
        '<v:textbox style="mso-direction-alt:auto"/><x:ClientData ObjectType="Note">'
        "<x:MoveWithCells/><x:SizeWithCells/>"
        f"<x:Anchor>{column}, 15, {max(row - 2, 0)}, 10, {column + 2}, 15, {row + 3}, 4</x:Anchor>"
        f"<x:AutoFill>False</x:AutoFill><x:Row>{row - 1}</x:Row><x:Column>{column - 1}</x:Column>"
        "</x:ClientData></v:shape>"
        for shape_number, (row, column) in enumerate(sorted(notes), 1)
    )
    return (
        '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:'
        'office" xmlns:x="urn:schemas-microsoft-com:office:excel"><o:shapelayout v:ext="edit">'
        f'<o:idmap v:ext="edit" data="{number}"/></o:shapelayout><v:shapetype id="_x0000_t202" '
        'coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe"><v:stroke '
        'joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
        f"{shapes}</xml>"
    )
