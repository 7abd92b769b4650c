"""Links to an add-in: a program that has it writes its path, user's name and all, into the file.

Excel stores a call of an add-in's function as `[1]!NAME(…)`, where 1 is the number of a link to the
place the add-in had on that machine. The plain name means the same wherever the add-in is loaded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

from xlcity.xlsx.editing.rename_sheets import rewrite_formulas
from xlcity.xlsx.package import Package
from xlcity.xlsx.relations import ContentTypes, Relations
from xlcity.xlsx.text import in_quotes

_EXTERNAL_REFERENCE = re.compile(
    r'<(?:\w+:)?externalReference\b[^>]*\bid="([^"]*)"[^>]*/>'
)
_TARGET = re.compile(r"""(?<=\sTarget=)(?:"[^"]*"|'[^']*')""")


def find_addin_links(package: Package, addin: str) -> dict[int, str]:
    """Return the links of a workbook to an add-in, by its file name such as "xlcity.xlam".

    Number of the link, as formulas have it (`[1]!NAME`) -> path that is stored in the file.
    """
    return {
        number: path
        for number, _, path in _read_links(package)
        if re.split(r"[\\/]", path)[-1].lower() == addin.lower()
    }


def remove_addin_links(package: Package, addin: str) -> Package:
    """Return the workbook with plain names of functions in place of links to an add-in.

    `addin` is its file name. A link stays, without its path, if a later link is to another file:
    formulas refer to links by their number.
    """
    links = find_addin_links(package, addin)
    if not links:
        return package
    link_prefix = re.compile(rf"\[(?:{'|'.join(map(str, links))})\]!")

    def write_plain_names(formula: str, _cell: str) -> str:
        """Return a formula without the links before names of functions."""
        # What stands between quotation marks is text.
        pieces = formula.split('"')
        pieces[::2] = [link_prefix.sub("", piece) for piece in pieces[::2]]
        return '"'.join(pieces)

    texts = {
        part: package.text(part)
        for part, data in package.parts.items()
        if part.endswith(".xml") and b"]!" in data
    }
    package = package.replace(
        {
            p: rewrite_formulas(text, write_plain_names).encode()
            for p, text in texts.items()
        }
    )
    # Number, part and path of each. The last ones can be removed; one that others are counted
    # behind keeps the add-in's file name alone.
    listed_links = list(_read_links(package))
    while listed_links and listed_links[-1][0] in links:
        package = _remove_link(package, listed_links.pop()[1])
    left = (Relations(part).part for number, part, _ in listed_links if number in links)
    target = in_quotes(addin)
    return package.replace(
        {p: _TARGET.sub(target, package.text(p)).encode() for p in left}
    )


def _read_links(package: Package) -> Iterator[tuple[int, str, str]]:
    """Yield the workbook's links to other files: number in formulas (from 1), part, path."""
    main = package.workbook_part
    parts = {
        link.id: link.target for link in package.relations(main) if not link.external
    }
    for number, name in enumerate(_EXTERNAL_REFERENCE.findall(package.text(main)), 1):
        part = parts.get(name, "")
        for link in package.relations(part)[:1]:
            yield number, part, unquote(link.target)


def _remove_link(package: Package, part: str) -> Package:
    """Remove a link: its parts, and the entries of the workbook that refer to it."""
    main = package.workbook_part
    (name,) = (link.id for link in package.relations(main) if link.target == part)
    book = package.text(main)
    book = re.sub(rf'<(?:\w+:)?externalReference\b[^>]*\bid="{name}"[^>]*/>', "", book)
    book = re.sub(r"<((?:\w+:)?externalReferences)\b[^>]*>\s*</\1>", "", book)
    relations = Relations.read_from(package, main)
    types = ContentTypes.read_from(package)
    relations.remove(name)
    types.remove(part)
    relations_part = Relations.read_from(package, part).part
    parts = {
        key: data
        for key, data in package.parts.items()
        if key not in (part, relations_part)
    }
    parts |= {
        main: book.encode("utf-8"),
        relations.part: relations.to_bytes(),
        ContentTypes.PART: types.to_bytes(),
    }
    return Package.from_parts(parts, package.name)
