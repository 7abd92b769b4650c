"""The file as a zip of parts: read whole, changed part by part, written whole.

A part that is not replaced keeps its content, date, order and kind of compression. A package in
which nothing was replaced writes the input.
"""

from __future__ import annotations

import copy
import io
import os
import posixpath
import re
import zipfile
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from dataclasses import replace as _replace
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from xml.etree import ElementTree as ET

from xlcity.errors import WorkbookError, system_reason
from xlcity.messages import Message
from xlcity.xlsx.atomic import write_atomic
from xlcity.xlsx.diagnose import OLE_SIGNATURE, no_workbook_error, not_a_zip_error
from xlcity.xlsx.limits import read_file, read_packed, refusal, unpack_parts
from xlcity.xlsx.parts import (
    Relationship,
    SheetPart,
    damage_error,
    relation_id,
)
from xlcity.xlsx.styles import StyleReader
from xlcity.xlsx.text import xml_fault

#: Levels of compression: of the parts of a new package, as XlsxWriter has it; of changed ones,
#: which is faster. Others are copied as they are.
_LEVEL_NEW = 6
_LEVEL_CHANGED = 2
#: An archive without files.
_EMPTY_ZIP = b"PK\5\6" + bytes(18)
#: Control characters that XML cannot have.
_CONTROL_BYTES = bytes({*range(32)} - {*b"\t\n\r"})
#: Roots of a list of relationships and of the list of content types, also in strict files.
_PACKAGE_NAMESPACE = "http://schemas.openxmlformats.org/package/2006"
_RELATIONSHIPS_ROOT = f"{{{_PACKAGE_NAMESPACE}/relationships}}Relationships"
_CONTENT_TYPES_ROOT = f"{{{_PACKAGE_NAMESPACE}/content-types}}Types"
_CONTENT_TYPES = "[Content_Types].xml"

#: Suffixes of workbooks that are read and written; the second kind has macros.
WORKBOOK_SUFFIXES = (".xlsx", ".xlsm")
#: Suffixes of their templates, which recalculating writes, too.
TEMPLATE_SUFFIXES = (".xltx", ".xltm")


def is_workbook_name(file: str | Path) -> bool:
    """Tell whether a file is a workbook by its name.

    >>> is_workbook_name("index.XLSX"), is_workbook_name("index.csv")
    (True, False)
    """
    return Path(file).suffix.lower() in WORKBOOK_SUFFIXES


@dataclass(frozen=True)
class Package:
    """An .xlsx (.xlsm, .xltx) file in memory.

    Attributes
    ----------
    parts
        Part name -> content, in the order of the zip.
    name
        The file it was read from, for messages.
    """

    parts: Mapping[str, bytes]
    name: str | None = None
    _source: bytes = field(default=b"", repr=False)
    _replaced: frozenset[str] = frozenset()

    @classmethod
    def read(cls, path: str | Path) -> Package:
        """Read a file.

        Raises
        ------
        WorkbookError
            If it is absent or no workbook; the message says what it is and what to do.
        """
        name = str(path)
        try:
            data = read_file(path)
        except OSError as error:
            message = Message("XC400.unreadable", reason=system_reason(error))
            hint = Message("hint.close_and_permissions")
            if isinstance(error, FileNotFoundError):
                message = Message("file.missing")
                hint = Message("hint.check_path")
            elif Path(
                path
            ).is_dir():  # Windows answers "permission denied" for a folder.
                message = Message("XC400.folder")
                hint = Message("XC400.folder.hint")
                if not os.access(path, os.R_OK | os.X_OK):
                    message = Message("XC400.unreadable_folder")
                    hint = Message("XC400.unreadable_folder.hint")
            raise refusal(message, hint, name, "XC400") from error
        return cls.from_bytes(data, name)

    @classmethod
    def from_bytes(cls, data: bytes, name: str | None = None) -> Package:
        """Read a package from memory; raises as `read`."""
        if data.startswith(OLE_SIGNATURE):  # an .xls may have a zip in it
            raise not_a_zip_error(data, name)
        try:
            parts = unpack_parts(data, name)
        except (zipfile.BadZipFile, OSError, ValueError) as error:
            raise not_a_zip_error(data, name) from error
        except NotImplementedError as error:
            message = Message("XC403.packed", error=error)
            raise refusal(message, Message("hint.save_again"), name, "XC403") from error
        package = cls(MappingProxyType(parts), name, data)
        package._require_workbook()
        return package

    @classmethod
    def from_parts(cls, parts: Mapping[str, bytes], name: str | None = None) -> Package:
        """Return a package of new parts, which are packed when it is written."""
        return cls(MappingProxyType(dict(parts)), name, _EMPTY_ZIP)

    @property
    def is_from_file(self) -> bool:
        """Whether it was read from a file, and not just made of new parts."""
        return self._source is not _EMPTY_ZIP

    def _require_workbook(self) -> None:
        """Raise `WorkbookError` for a zip that is not a workbook, or without its content types."""
        if not self.workbook_part:
            raise no_workbook_error(
                list(self.parts), self.parts.get("mimetype", b""), self.name
            )
        names = (
            part for part in self.parts if part.casefold() == _CONTENT_TYPES.casefold()
        )
        part = next(names, _CONTENT_TYPES)
        if self.root(part).tag != _CONTENT_TYPES_ROOT:
            raise damage_error(Message("damage.no_content_types", part=part), self.name)

    def _content(self, part: str) -> bytes:
        """Return the content of a part that has to be there; raises `WorkbookError`."""
        if part not in self.parts:
            raise damage_error(Message("damage.absent", part=part), self.name)
        return self.parts[part]

    def text(self, part: str) -> str:
        """Return an XML part as text, which encodes back to its bytes.

        Raises
        ------
        WorkbookError
            If the part is absent or not UTF-8, the only encoding that spreadsheet programs write,
            or has a character that XML cannot have.
        """
        data = self._content(part)
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise damage_error(
                Message("damage.no_utf8", part=part), self.name
            ) from error
        if len(data.translate(None, _CONTROL_BYTES)) < len(data):
            raise damage_error(
                Message("damage.control_character", part=part), self.name
            )
        return text

    def root(self, part: str) -> ET.Element:
        """Return the root element of a small XML part.

        Raises
        ------
        WorkbookError
            If the part is absent or no XML.
        """
        data = self._content(part)
        try:
            return ET.fromstring(data)
        except ET.ParseError as error:
            raise damage_error(
                Message("damage.no_xml", part=part, error=xml_fault(error)), self.name
            ) from error
        except (
            ValueError,
            LookupError,
        ) as error:  # GB18030, or an encoding unknown to Python
            raise damage_error(
                Message("damage.no_utf8_because", part=part, error=error), self.name
            ) from error

    def relations(self, part: str) -> list[Relationship]:
        """Return the relationships of a part (``""``: the package); raises `WorkbookError`."""
        if part not in self._relations:
            self._relations[part] = list(self._read_relations(part))
        return self._relations[part]

    def _read_relations(self, part: str) -> Iterator[Relationship]:
        """Yield the relationships of a part; raises `WorkbookError` if their part is another."""
        folder, base = posixpath.split(part)
        list_part = posixpath.join(folder, "_rels", base + ".rels")
        root = self.root(list_part) if list_part in self.parts else ()
        if isinstance(root, ET.Element) and root.tag != _RELATIONSHIPS_ROOT:
            raise damage_error(
                Message("damage.no_relationships", part=list_part), self.name
            )
        for element in root:
            target = element.get("Target", "")
            external = element.get("TargetMode") == "External"
            if not external:
                # A target that begins with "/" leaves the folder out.
                target = posixpath.normpath(posixpath.join("/", folder, target)).lstrip(
                    "/"
                )
            yield Relationship(
                element.get("Id", ""), element.get("Type", ""), target, external
            )

    @cached_property
    def _relations(self) -> dict[str, list[Relationship]]:
        """The relationships read so far, by the part that has them."""
        return {}

    def related(self, part: str, kind: str) -> list[str]:
        """Return the parts that a part refers to by relationships of a kind, such as "drawing"."""
        links = (link for link in self.relations(part) if not link.external)
        return [
            link.target
            for link in links
            if link.kind == kind and link.target in self.parts
        ]

    @cached_property
    def workbook_part(self) -> str:
        """The name of the workbook part, "" if there is no workbook in XML."""
        try:
            books = self.related("", "officeDocument")
        except WorkbookError:
            return ""
        root_tag = re.compile(rb"<(?:\w+:)?workbook\b")
        return next((part for part in books if root_tag.search(self.parts[part])), "")

    @cached_property
    def workbook(self) -> ET.Element:
        """The root element of the workbook part."""
        return self.root(self.workbook_part)

    @cached_property
    def sheets(self) -> tuple[SheetPart, ...]:
        """The worksheets in the order of their tabs, without sheets of charts and dialogues."""
        targets = {link.id: link for link in self.relations(self.workbook_part)}
        sheets = []
        unlinked = 0
        titles = set[str]()
        targets_of_sheets = set[str]()
        for element in self.workbook.iterfind("{*}sheets/{*}sheet"):
            title = element.get("name", "")
            # Programs take names that differ in case for one.
            if title.casefold() in titles:
                raise damage_error(Message("damage.same_name"), self.name, title)
            titles.add(title.casefold())
            state = element.get("state", "visible")
            link = targets.get(relation_id(element))
            if link is None or link.external:
                unlinked += 1
                continue
            if link.kind != "worksheet":
                continue
            self._check_target(link.target, targets_of_sheets, title)
            targets_of_sheets.add(link.target)
            sheets.append(SheetPart(title, link.target, state))
        if unlinked and not sheets:
            raise damage_error(Message("damage.no_part"), self.name)
        return tuple(sheets)

    def _check_target(self, target: str, former: Collection[str], title: str) -> None:
        """Raise if the part of a sheet is absent, or that of a former sheet."""
        if target not in self.parts:
            raise damage_error(Message("damage.absent", part=target), self.name, title)
        if target in former:
            # Each would be read again: a small file would fill the memory.
            message = Message("damage.shared_part", part=target)
            raise damage_error(message, self.name, title)

    @cached_property
    def styles(self) -> StyleReader:
        """Its cell formats."""
        links = self.relations(self.workbook_part)
        targets = {link.kind: link.target for link in links if not link.external}
        part = targets.get("styles", "xl/styles.xml")
        theme = targets.get("theme", "")

        def read_theme() -> ET.Element | None:
            return self.root(theme) if theme in self.parts else None

        root = self.root(part) if part in self.parts else None
        return StyleReader(part, root, read_theme)

    def replace(self, parts: Mapping[str, bytes]) -> Package:
        """Return the package with the content of some parts changed.

        Parameters
        ----------
        parts
            Part name -> new content. A name that is not in the package is added at its end.
            Equal content changes nothing.
        """
        changed = {
            part: content
            for part, content in parts.items()
            if self.parts.get(part) != content
        }
        if not changed:
            return self
        return _replace(
            self,
            parts=MappingProxyType({**self.parts, **changed}),
            _replaced=self._replaced | set(changed),
        )

    def to_bytes(self, *, packed: bool = True) -> bytes:
        """Return the file.

        Parameters
        ----------
        packed
            Whether new content is compressed; a copy that is read at once need not be.
        """
        if not self._replaced and self._source != _EMPTY_ZIP:
            return self._source
        file = io.BytesIO()
        with (
            zipfile.ZipFile(io.BytesIO(self._source)) as source,
            zipfile.ZipFile(file, "w") as target,
        ):
            target.comment = source.comment
            existing = {info.filename: info for info in source.infolist()}
            for part in self.parts:
                self._write_part(target, part, existing.get(part), packed=packed)
        return file.getvalue()

    def _write_part(
        self,
        target: zipfile.ZipFile,
        part: str,
        old_entry: zipfile.ZipInfo | None,
        *,
        packed: bool,
    ) -> None:
        """Write a part into an archive, as it was compressed where its content is the same.

        `old_entry` is the one in the file that was read, None for a new part; `packed` says whether
        new content is compressed.
        """
        is_changed = part in self._replaced
        if old_entry is not None and not is_changed:
            packed_content = read_packed(self._source, old_entry)
            _append_packed(target, _copy_entry(old_entry), packed_content)
            return
        zip_entry = _make_entry(part) if old_entry is None else _copy_entry(old_entry)
        if is_changed and not packed:
            zip_entry.compress_type = zipfile.ZIP_STORED
        level = _LEVEL_CHANGED if is_changed else _LEVEL_NEW
        target.writestr(zip_entry, self.parts[part], compresslevel=level)

    def write(self, path: str | Path) -> None:
        """Write the file whole or not at all (see `write_atomic`)."""
        write_atomic(path, self.to_bytes())


def _make_entry(part: str) -> zipfile.ZipInfo:
    """Return the zip entry of a new part, with date and attributes as XlsxWriter writes them."""
    zip_entry = zipfile.ZipInfo(part, (1980, 1, 1, 0, 0, 0))
    zip_entry.compress_type = zipfile.ZIP_DEFLATED
    zip_entry.external_attr = 0o600 << 16
    return zip_entry


def _append_packed(
    archive: zipfile.ZipFile, zip_entry: zipfile.ZipInfo, content: bytes
) -> None:
    """Add an entry whose content is compressed already, which `zipfile` has no function for."""
    assert archive.fp is not None
    zip_entry.header_offset = archive.fp.tell()
    archive.fp.write(zip_entry.FileHeader() + content)
    archive.filelist.append(zip_entry)
    archive.NameToInfo[zip_entry.filename] = zip_entry
    archive.start_dir = archive.fp.tell()


def _copy_entry(info: zipfile.ZipInfo) -> zipfile.ZipInfo:
    """Return a zip entry with the name, date and attributes of another, without extra fields."""
    zip_entry = copy.copy(info)
    zip_entry.flag_bits = 0  # no entry is encrypted, and its sizes do not follow it
    zip_entry.extra = b""
    return zip_entry
