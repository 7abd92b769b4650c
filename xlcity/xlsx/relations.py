"""Changes the relationships of a part, and the list of content types."""

from __future__ import annotations

import itertools
import posixpath
from xml.etree import ElementTree as ET

from xlcity.xlsx.markup import markup_to_bytes, prefix_of, read_markup
from xlcity.xlsx.package import Package

_OFFICE_NAMESPACE = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
)
_PACKAGE_NAMESPACE = "http://schemas.openxmlformats.org/package/2006/relationships"


class _EntryList:
    """A list of entries, as XML to which others are added; `text` is the XML so far."""

    def __init__(self, text: str) -> None:
        self.root = read_markup(text)

    def _add(self, tag: str, attributes: dict[str, str]) -> None:
        """Add an entry, an element of a tag with attributes, at the end."""
        ET.SubElement(self.root, prefix_of(self.root) + tag, attributes)

    def to_bytes(self) -> bytes:
        """Return the part."""
        return markup_to_bytes(self.root)


class Relations(_EntryList):
    """The relationships of one part.

    Parameters
    ----------
    owner
        The name of the part.
    text
        The XML of its relationships so far.

    Attributes
    ----------
    part
        The name of the part that lists them.
    """

    NAMESPACE = _OFFICE_NAMESPACE

    def __init__(
        self, owner: str, text: str = f'<Relationships xmlns="{_PACKAGE_NAMESPACE}"/>'
    ) -> None:
        super().__init__(text)
        folder, base = posixpath.split(owner)
        self.owner = owner
        self.part = posixpath.join(folder, "_rels", f"{base}.rels")

    @classmethod
    def read_from(cls, package: Package, owner: str) -> Relations:
        """Return the relationships of the part `owner`; an empty list if it has none yet."""
        part = cls(owner).part
        return cls(owner, package.text(part)) if part in package.parts else cls(owner)

    def add(self, kind: str, target: str, *, external: bool = False) -> str:
        """Add a relationship and return its id.

        Parameters
        ----------
        kind
            Last word of the type ("comments"), or the whole type.
        target
            Part name, or an address outside the package.
        external
            Whether it is such an address.
        """
        used_ids = {element.get("Id", "") for element in self.root}
        free_ids = (f"rId{number}" for number in itertools.count(1))
        name = next(free for free in free_ids if free not in used_ids)
        attributes = {
            "Id": name,
            "Type": kind if "/" in kind else f"{_OFFICE_NAMESPACE}/{kind}",
        }
        if external:
            attributes["Target"] = target
            attributes["TargetMode"] = "External"
        else:
            # Relative, as most programs write it: some readers accept nothing else.
            folder = posixpath.dirname(self.owner)
            attributes["Target"] = posixpath.relpath(target, folder)
        self._add("Relationship", attributes)
        return name

    def remove(self, kind: str) -> None:
        """Take relationships away: all of a kind, such as "comments", or the one with this id."""
        for element in list(self.root):
            last_word = element.get("Type", "").rpartition("/")[2]
            if kind in (last_word, element.get("Id")):
                self.root.remove(element)


class ContentTypes(_EntryList):
    """The content types of parts."""

    PART = "[Content_Types].xml"

    @classmethod
    def read_from(cls, package: Package) -> ContentTypes:
        """Return the list of a package."""
        return cls(package.text(cls.PART))

    def _find(self, key: str, text: str) -> ET.Element | None:
        """Return the entry whose attribute `key` is `text`, capitals ignored; or None."""
        wanted = text.casefold()
        for entry in self.root:
            if entry.get(key, "").casefold() == wanted:
                return entry
        return None

    def copy_type(self, source: ContentTypes, part: str, new: str) -> None:
        """List the content type of a part of another workbook for its copy, the part `new`."""
        extension = part.rpartition(".")[2]
        if (own := source._find("PartName", f"/{part}")) is not None:
            self.override(new, own.get("ContentType", ""))
        elif (default := source._find("Extension", extension)) is not None:
            self.add_default(extension, default.get("ContentType", ""))

    def override(self, part: str, kind: str) -> None:
        """List the content type `kind` of one part, unless the part is listed."""
        if self._find("PartName", f"/{part}") is None:
            self._add("Override", {"PartName": f"/{part}", "ContentType": kind})

    def add_default(self, extension: str, kind: str) -> None:
        """List the content type `kind` of all parts with an extension, unless it is listed."""
        if self._find("Extension", extension) is None:
            self._add("Default", {"Extension": extension, "ContentType": kind})

    def remove(self, part: str) -> None:
        """List a part no longer."""
        if (listed := self._find("PartName", f"/{part}")) is not None:
            self.root.remove(listed)
