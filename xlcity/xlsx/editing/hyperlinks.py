"""Hyperlinks on cells, written."""

from __future__ import annotations

from collections.abc import Mapping

from xlcity.xlsx.address import cell_name
from xlcity.xlsx.cells import Position, ReadBook
from xlcity.xlsx.editing.write_features import with_entries
from xlcity.xlsx.package import Package
from xlcity.xlsx.parts import decode
from xlcity.xlsx.relations import Relations
from xlcity.xlsx.text import in_quotes


def with_links(
    package: Package, book: ReadBook, links: Mapping[str, Mapping[Position, str]]
) -> Package:
    """Return a workbook whose cells lead somewhere.

    Parameters
    ----------
    package
        The workbook, as this package writes workbooks.
    book
        Its sheets.
    links
        Sheet -> position -> an address, ``#Sheet!A1`` for one inside the workbook.
    """
    parts: dict[str, bytes] = {}
    for name, wanted in links.items():
        part = book.sheets[name].part
        xml, relations = decode(package.parts, part, package.name), Relations.of(package, part)
        entries = ""
        for position, target in wanted.items():
            to, _, inside = target.partition("#")
            head = f' ref="{cell_name(*position)}"'
            if to:
                rid = relations.add("hyperlink", to, external=True)
                head += f' xmlns:r="{Relations.NAMESPACE}" r:id="{rid}"'
            if inside:
                head += f" location={in_quotes(inside)}"
            entries += f"<hyperlink{head}/>"
        parts[part] = with_entries(xml, "hyperlinks", entries).encode("utf-8")
        parts[relations.part] = relations.to_bytes()
    return package.replace(parts) if parts else package
