"""Comments on cells: notes and threads read, notes written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from xlcity.xlsx.address import parse_cell
from xlcity.xlsx.cells import Position, ReadBook
from xlcity.xlsx.package import Package
from xlcity.xlsx.parts import refusing_damage

#: What the sentence ends with that Excel leaves in the note of a thread, and what labels its texts.
_PLACEHOLDER = "linkid=870924"
_LABEL_LINE = re.compile(r"\n[^\s][^\n]*[:：](?=\n    )")


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment on a cell; the answers of a thread follow in lines of their own."""

    text: str
    author: str = ""


@refusing_damage("reads.comments")
def read_comments(
    package: Package, book: ReadBook
) -> dict[tuple[str, Position], Comment]:
    """Return the comments of a workbook by sheet and position.

    A thread is one comment: each line with its writer's name. The placeholder that Excel leaves in
    the notes for older versions is left out.
    """
    people: dict[str, str] = {}
    for part in package.parts:
        if re.fullmatch(r"xl/persons/[^/]+\.xml", part):
            for person in package.root(part):
                people[person.get("id", "")] = person.get("displayName", "")
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
    """Yield the notes in a part of the package: (row, column) of the cell, and the note."""
    root = package.root(part)
    authors = [author.text or "" for author in root.iterfind(".//{*}author")]
    for element in root.iterfind(".//{*}comment"):
        text = "".join(run.text or "" for run in element.iterfind(".//{*}t"))
        number = element.get("authorId", "")
        author = (
            authors[int(number)]
            if number.isdigit() and int(number) < len(authors)
            else ""
        )
        # Excel opens a new note with the writer's name in a line of its own.
        text = text.removeprefix(f"{author}:\n") if author else text
        if (thread_text := _find_thread_text(text)) is not None:
            text = thread_text
            author = ""
        text = text.strip()
        yield parse_cell(element.get("ref", "A1")), Comment(text, author)


def _find_thread_text(note: str) -> str | None:
    """Return the text of a thread that another program saved as a note, None for other notes.

    Below the sentence for older programs, each text is indented and has a label above it.
    """
    _, placeholder, rest = note.partition(_PLACEHOLDER)
    if not placeholder:
        return None
    lines = _LABEL_LINE.sub("", f"\n{rest.strip()}").splitlines()
    return "\n".join(line.removeprefix("    ").rstrip() for line in lines).strip()


def _read_threads(
    package: Package, part: str, people: Mapping[str, str]
) -> Iterator[tuple[Position, Comment]]:
    """Yield the threads in a part: (row, column) of the cell, and all its texts as one comment.

    The comment is by the first writer; answers follow as "name: text". `people` are names by id.
    """
    threads: dict[Position, list[tuple[str, str]]] = {}
    for element in package.root(part).iterfind("{*}threadedComment"):
        text = element.findtext("{*}text", "")
        author = people.get(element.get("personId", ""), "")
        threads.setdefault(parse_cell(element.get("ref", "A1")), []).append(
            (author, text)
        )
    for position, lines in threads.items():
        (author, first), *answers = lines
        parts = [first, *(f"{who}: {text}" if who else text for who, text in answers)]
        yield position, Comment("\n".join(parts), author)
