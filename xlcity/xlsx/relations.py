"""Adds relationships to a part, and types to the list of content types."""

from __future__ import annotations

import posixpath
import re

from xlcity.xlsx.package import Package
from xlcity.xlsx.text import in_quotes

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_ID = re.compile(r'\bId="rId(\d+)"')


class Relations:
    """The relationships of one part, as XML to which others are added."""

    NAMESPACE = _OFFICE

    def __init__(self, owner: str, text: str) -> None:
        folder, base = posixpath.split(owner)
        self.owner = owner
        self.part = posixpath.join(folder, "_rels", f"{base}.rels")
        self._text = text

    @classmethod
    def of(cls, package: Package, owner: str) -> Relations:
        """Return the relationships of a part of a package; there may be none yet."""
        relations = cls(owner, "")
        if relations.part in package.parts:
            relations._text = package.text(relations.part)
        else:
            relations._text = f'{_HEAD}<Relationships xmlns="{_PACKAGE}"></Relationships>'
        return relations

    def add(self, kind: str, target: str, *, external: bool = False, name: str = "") -> str:
        """Add a relationship and return its id.

        Parameters
        ----------
        kind
            Last word of the type ("comments"), or the whole type.
        target
            Part name, or an address outside the package.
        external
            Whether it is such an address.
        name
            The id; "" = the next number.
        """
        numbers = [int(n) for n in _ID.findall(self._text)]
        name = name or f"rId{max(numbers, default=0) + 1}"
        kind = kind if "/" in kind else f"{_OFFICE}/{kind}"
        # Relative, as most programs write it: some readers accept nothing else.
        if not external:
            target = posixpath.relpath(target, posixpath.dirname(self.owner))
        mode = ' TargetMode="External"' if external else ""
        entry = (
            f'<Relationship Id="{name}" Type={in_quotes(kind)} Target={in_quotes(target)}{mode}/>'
        )
        if re.search(r"<Relationships\b[^>]*/>", self._text):
            self._text = re.sub(
                r"<Relationships\b([^>]*)/>", r"<Relationships\1></Relationships>", self._text
            )
        end = self._text.rindex("</")
        self._text = self._text[:end] + entry + self._text[end:]
        return name

    def to_bytes(self) -> bytes:
        """Return the part."""
        return self._text.encode("utf-8")


class ContentTypes:
    """The content types of parts, as XML to which others are added."""

    PART = "[Content_Types].xml"

    def __init__(self, text: str) -> None:
        self._text = text

    @classmethod
    def of(cls, package: Package) -> ContentTypes:
        """Return the list of a package."""
        return cls(package.text(cls.PART))

    def type_of(self, part: str) -> str | None:
        """Return the type of one part that is listed itself, else None."""
        pattern = rf'<Override\b(?=[^>]*PartName="/{re.escape(part)}")[^>]*ContentType="([^"]*)"'
        match = re.search(pattern, self._text)
        return match[1] if match else None

    def default_of(self, extension: str) -> str | None:
        """Return the type of all parts with an extension, else None."""
        pattern = (
            rf'<Default\b(?=[^>]*Extension="{re.escape(extension)}")[^>]*ContentType="([^"]*)"'
        )
        match = re.search(pattern, self._text, re.IGNORECASE)
        return match[1] if match else None

    def override(self, part: str, kind: str) -> None:
        """List the type of one part, unless it is listed."""
        if self.type_of(part) is None:
            self._insert(f'<Override PartName="/{part}" ContentType="{kind}"/>')

    def add_default(self, extension: str, kind: str) -> None:
        """List the type of all parts with an extension, unless it is listed."""
        if self.default_of(extension) is None:
            self._insert(f'<Default Extension="{extension}" ContentType="{kind}"/>')

    def _insert(self, entry: str) -> None:
        end = self._text.rindex("</")
        self._text = self._text[:end] + entry + self._text[end:]

    def to_bytes(self) -> bytes:
        """Return the part."""
        return self._text.encode("utf-8")
