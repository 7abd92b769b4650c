"""A book in which people did everything they do, and what verbs make of it, kept as text.

What is kept is what the same workbook in which nobody did anything has not, and what the verb says;
of verbs that draw the workbook anew, what `rebuild` does not show already.
"""

import datetime as dt
import functools
from pathlib import Path

import pytest

from tests.helpers.book_text import book_text
from tests.helpers.everything import (
    Person,
    as_libreoffice,
    document_text,
    filled_text,
    of_each_kind,
    verb,
    write_base,
    write_copies,
    write_later_copies,
)
from tests.helpers.kept import gained
from xlcity.workbook.migrate.leftovers import Leftover

#: Name of the kept text -> the verb and its words.
VERBS = {
    "rebuild": "rebuild {book} -o {out}",
    "office": "rebuild {folder}/office.xlsx -o {out}",
    "next_tree": "rebuild {book} -o {out} --framework {folder}/next.csv --cities {folder}/new.csv",
    "both_languages": "rebuild {book} -o {out} --lang both",
    "roll": "roll {book} -o {out} --edition 2027 --framework {folder}/next.csv "
    "--cities {folder}/new.csv --map {folder}/map.csv",
    "pages": "pages {book} -o {out} --add intake --remove review",
    "release": "release {book} -o {out}",
    "fill": "fill {book} -o {out} --data {folder}/more.csv",
    "export": "export {book} -o {out}",
    "diff": "diff {base} {book} --into {out} --who Li --why asked",
    "check": "check {book}",
}


#: What of these is kept whole, and what is compared with the workbook that they change.
WHOLE = ("release", "export", "check")
CHANGED = ("fill", "diff")
#: What is like `rebuild`, with more.
ALIKE = ("office", "next_tree", "both_languages", "roll", "pages")


@pytest.fixture(scope="module")
def books(tmp_path_factory):
    """Return the folder, the workbook as it was made, and the one that people worked in."""
    folder = tmp_path_factory.mktemp("carried")
    base = write_base(folder)
    person = Person(base)
    person.everything()
    edited = person.save(folder / "edited.xlsx")
    verb("recalc", edited, "-o", folder / "everything.xlsx")
    as_libreoffice(folder / "everything.xlsx", folder / "office.xlsx")
    return folder, base, folder / "everything.xlsx"


def inputs_text(book: Path) -> str:
    """Return a workbook as text without the results of its formulas."""
    return book_text(book.read_bytes(), results=False)


@functools.cache
def text_before(book: Path) -> str:
    """Return the same of a workbook that several verbs begin with."""
    return inputs_text(book)


def made_by(words, folder, book, out):
    """Return the text of what a verb makes, and the document of the verb without paths."""
    filled = words.format(
        base=folder / "base.xlsx", book=book, out=out, folder=folder
    ).split()
    said = verb(*filled)
    # Lists of leftovers are also what people read at a terminal in Chinese.
    left = said.pop("leftovers", ())
    lines = of_each_kind(
        left, lambda line: f"{filled_text(line)} {Leftover(**line).text('zh')}"
    )
    document = "\n".join([*document_text(said), *lines])
    if out.is_dir():
        tables = (
            f"== {path.name}\n{path.read_text()}" for path in sorted(out.iterdir())
        )
        text = "\n".join(tables)
    else:
        text = inputs_text(out) if out.exists() else ""
    today = dt.date.today().isoformat()
    return tuple(
        part.replace(str(folder), "").replace(today, "TODAY")
        for part in (text, document)
    )


@functools.cache
def rebuilt_from(folder, book):
    """Return the text of what `rebuild` makes of a workbook, and its document."""
    out = folder / f"rebuild-{book.stem}.xlsx"
    return made_by(VERBS["rebuild"], folder, book, out)


def shown_by(name, books):
    """Return what a verb says and what it makes, as lines."""
    folder, *paths = books
    outs = [folder / f"{name}-{path.stem}.xlsx" for path in paths]
    if name == "rebuild":
        made, said = rebuilt_from(folder, paths[1])
    else:
        made, said = made_by(VERBS[name], folder, paths[1], outs[1])
    if name == "office":  # what LibreOffice would not keep is not taken for changed
        rebuilt, _ = rebuilt_from(folder, paths[1])
        shown = gained(rebuilt, made)
    elif name in WHOLE:
        shown = [made]
    elif name in CHANGED:
        shown = gained(text_before(paths[1]), made)
    elif name == "rebuild":
        plain, _ = rebuilt_from(folder, paths[0])
        shown = gained(plain, made)
    else:
        plain, _ = made_by(VERBS[name], folder, paths[0], outs[0])
        shown = gained(plain, made)
    return [*said.splitlines(), *"\n".join(shown).splitlines()]


@pytest.fixture(scope="module")
def rebuilt(books):
    """Return the lines of what `rebuild` makes."""
    return frozenset(
        line for line in shown_by("rebuild", books) if not line.startswith("== ")
    )


@pytest.mark.parametrize("name", VERBS)
def test_what_a_verb_carries_over_is_what_is_kept(books, rebuilt, name, require_kept):
    lines = shown_by(name, books)
    if name in ALIKE:
        own = [line for line in lines if line not in rebuilt]
        lines = [f"{len(lines) - len(own)} lines as of rebuild", *own]
    is_table = name == "export"
    require_kept(f"carried-{name}", "\n".join(lines), whole=not is_table)


@pytest.mark.parametrize("name", ["merged", "merged-later"])
def test_what_a_merge_takes_from_copies_is_what_is_kept(
    books, rebuilt, name, require_kept
):
    folder, base, everything = books
    if name == "merged":
        copies = write_copies(base)
    else:
        base = everything
        copies = write_later_copies(everything)
    words = f"merge {base} {' '.join(map(str, copies))} -o {{out}}"
    words += "" if name == "merged" else f" --prefer {copies[1]}"
    made, said = made_by(words, folder, base, folder / f"{name}.xlsx")
    if name == "merged-later":  # lists with lines below them are drawn anew
        before, _ = rebuilt_from(folder, base)
    else:
        before = text_before(base)
    lines = [*said.splitlines(), *"\n".join(gained(before, made)).splitlines()]
    own = [line for line in lines if line not in rebuilt]
    told = [f"{len(lines) - len(own)} lines as of rebuild", *own]
    require_kept(name, "\n".join(told), whole=True)
