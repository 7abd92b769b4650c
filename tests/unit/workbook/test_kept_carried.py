"""A book in which people did everything they do, and what verbs make of it, kept as text.

What is kept is what differs from the same workbook in which nobody did anything, and what the verb
says.
"""

import pytest

from tests.helpers.book_text import book_text
from tests.helpers.everything import Person, document_text, verb, write_base, write_copies
from tests.helpers.kept import differences

#: Name of the kept text -> the verb and its words.
VERBS = {
    "rebuild": "rebuild {book} -o {out}",
    "next_tree": "rebuild {book} -o {out} --framework {folder}/next.csv --cities {folder}/new.csv",
    "both_languages": "rebuild {book} -o {out} --lang both",
    "roll": "roll {book} -o {out} --edition 2027 --framework {folder}/next.csv "
    "--cities {folder}/new.csv --map {folder}/map.csv",
    "pages": "pages {book} -o {out} --add intake --remove review",
    "release": "release {book} -o {out}",
}


@pytest.fixture(scope="module")
def books(tmp_path_factory):
    """Return the folder, the workbook as it was made, and the one that people worked in."""
    folder = tmp_path_factory.mktemp("carried")
    base = write_base(folder)
    person = Person(base)
    person.everything()
    edited = person.save(folder / "edited.xlsx")
    verb("recalc", edited, "-o", folder / "everything.xlsx")
    return folder, base, folder / "everything.xlsx"


def made_by(words, folder, book, out):
    """Return the text of what a verb makes, and the document of the verb without paths."""
    filled = words.format(book=book, out=out, folder=folder).split()
    document = "\n".join(document_text(verb(*filled)))
    return book_text(out.read_bytes()), document.replace(str(folder), "")


@pytest.mark.parametrize("name", VERBS)
def test_what_a_verb_carries_over_is_what_is_kept(books, name, require_kept):
    folder, *paths = books
    outs = [folder / f"{name}-{path.stem}.xlsx" for path in paths]
    (plain, _), (made, said) = (
        made_by(VERBS[name], folder, path, out) for path, out in zip(paths, outs, strict=True)
    )
    # Of a public workbook all is new.
    shown = [made] if name == "release" else differences(plain, made)
    require_kept(f"carried-{name}", "\n".join([said, *shown, ""]))


@pytest.mark.parametrize("prefer", ["", "right"])
def test_what_a_merge_takes_from_copies_is_what_is_kept(books, prefer, require_kept):
    folder, base, _ = books
    copies, out = write_copies(base), folder / f"merged-{prefer}.xlsx"
    words = "merge", base, *copies, "-o", out, *(["--prefer", copies[1]] if prefer else [])
    said = "\n".join(document_text(verb(*words))).replace(str(folder), "")
    changed = differences(book_text(base.read_bytes()), book_text(out.read_bytes()))
    require_kept(f"merged-{prefer}".strip("-"), "\n".join([said, *changed, ""]))
