"""Writes a VBA project ([MS-OVBA]) from the text of its modules, without Excel.

Only the text is written: Excel compiles it when it opens the file, as after an update of Excel. The
project is a compound file ([MS-CFB], version 3), the one binary part that an add-in has.
"""

from __future__ import annotations

import struct
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from xlcity.errors import EngineError

#: Limits of VBA: characters of a line, continued lines of a statement.
LONGEST_LINE, MOST_CONTINUED = 1023, 24
_CODEPAGE = "cp1252"
#: Bytes that are compressed together.
_CHUNK = 4096
#: The library that every project refers to.
_OLE = (
    "*\\G{00020430-0000-0000-C000-000000000046}#2.0#0#C:\\Windows\\System32\\stdole2.tlb"
    "#OLE Automation"
)
#: Class identifiers (their first part) that the modules of a workbook and of a sheet extend.
_BASES = {"workbook": "00020819", "sheet": "00020820"}


@dataclass(frozen=True, slots=True)
class Module:
    """A module of VBA.

    Attributes
    ----------
    name, text
        Its name, and its text without attributes.
    document
        "workbook" or "sheet" for the module of one, "" for a module of its own.
    """

    name: str
    text: str
    document: str = ""

    def source(self) -> bytes:
        """Return the text as the project stores it, with attributes, in ASCII.

        Raises
        ------
        EngineError
            If lines or statements are longer than VBA takes.
        """
        attributes = f'Attribute VB_Name = "{self.name}"\n'
        if self.document:
            base = f"0{{{_BASES[self.document]}-0000-0000-C000-000000000046}}"
            attributes += f'Attribute VB_Base = "{base}"\n' + "".join(
                f"Attribute VB_{name} = {value}\n"
                for name, value in (
                    ("GlobalNameSpace", False),
                    ("Creatable", False),
                    ("PredeclaredId", True),
                    ("Exposed", True),
                    ("TemplateDerived", False),
                    ("Customizable", True),
                )
            )
        text = attributes + self.text.strip("\n") + "\n"
        _require_limits(self.name, text)
        return text.replace("\n", "\r\n").encode("ascii")


def _require_limits(name: str, text: str) -> None:
    """Raise `EngineError` if a module's text exceeds VBA's limits or is not ASCII."""
    continued = 0
    for number, line in enumerate(text.split("\n"), 1):
        continued = continued + 1 if line.endswith(" _") else 0
        if len(line) > LONGEST_LINE or continued > MOST_CONTINUED or not line.isascii():
            raise EngineError(
                f"line {number} of the VBA module {name} cannot be written.",
                "Install the version of xlwings that xlcity requires.",
            )


def build_vba_project(name: str, modules: Sequence[Module]) -> bytes:
    """Return the content of vbaProject.bin; same modules, same bytes."""
    identity = "{" + str(uuid.uuid5(uuid.NAMESPACE_DNS, name)).upper() + "}"
    name_entries = (
        module.name.encode(_CODEPAGE) + b"\0" + module.name.encode("utf-16-le") + b"\0\0"
        for module in modules
    )
    streams = {
        "PROJECT": _project_text(name, identity, modules).encode(_CODEPAGE),
        "PROJECTwm": b"".join(name_entries) + b"\0\0",
        "VBA/_VBA_PROJECT": bytes.fromhex("cc61ffff000000"),
        "VBA/dir": compress(b"".join(_project_records(name, modules))),
    }
    streams |= {f"VBA/{module.name}": compress(module.source()) for module in modules}
    return build_compound_file(streams)


def _project_text(name: str, identity: str, modules: Sequence[Module]) -> str:
    """Return the stream PROJECT (2.3.1) of a project with a name and an ID."""
    declarations = (
        f"Document={module.name}/&H00000000" if module.document else f"Module={module.name}"
        for module in modules
    )
    lines = [
        f'ID="{identity}"',
        *declarations,
        f'Name="{name}"',
        'HelpContextID="0"',
        'VersionCompatible32="393222000"',
        # Not protected, no password, visible.
        f'CMG="{obfuscate(identity, bytes(4))}"',
        f'DPB="{obfuscate(identity, bytes(1))}"',
        f'GC="{obfuscate(identity, bytes([255]))}"',
        "",
        "[Host Extender Info]",
        "&H00000001={3832D640-CF90-11CF-8E43-00A0C911005A};VBE;&H00000000",
        "",
        "[Workspace]",
        *(f"{module.name}=0, 0, 0, 0, C" for module in modules),
    ]
    return "".join(f"{line}\r\n" for line in lines)


def obfuscate(identity: str, data: bytes, seed: int = 0x5D) -> str:
    """Return data obfuscated as in a project's text (2.4.3.2), in hexadecimal.

    Parameters
    ----------
    identity
        The project's ID, which is the key.
    data
        The data.
    seed
        Any byte.
    """
    key = sum(identity.encode(_CODEPAGE)) & 0xFF
    encrypted = [seed, seed ^ 2, seed ^ key]
    second_last, last, plain = encrypted[1], encrypted[2], key
    for byte in (*bytes((seed & 6) // 2), *struct.pack("<I", len(data)), *data):
        encrypted_byte = byte ^ ((second_last + plain) & 0xFF)
        second_last, last, plain = last, encrypted_byte, byte
        encrypted.append(encrypted_byte)
    return bytes(encrypted).hex().upper()


def _record(number: int, data: bytes) -> bytes:
    """Return a record: the number of its kind, the length of its data, the data."""
    return struct.pack("<HI", number, len(data)) + data


def _text_records(number: int, text: str, unicode_number: int) -> bytes:
    """Return two records of a text: in the code page, and in Unicode."""
    unicode_record = _record(unicode_number, text.encode("utf-16-le"))
    return _record(number, text.encode(_CODEPAGE)) + unicode_record


def _project_records(name: str, modules: Sequence[Module]) -> Iterator[bytes]:
    """Yield the records that describe the project (2.3.4.2)."""
    yield _record(0x01, struct.pack("<I", 1))  # system: 32 bits
    yield _record(0x02, struct.pack("<I", 0x409))  # language
    yield _record(0x14, struct.pack("<I", 0x409))  # language of calls
    yield _record(0x03, struct.pack("<H", 1252))  # code page
    yield _record(0x04, name.encode(_CODEPAGE))
    yield _text_records(0x05, "", 0x40)  # description
    yield _record(0x06, b"") + _record(0x3D, b"")  # help files
    yield _record(0x07, bytes(4)) + _record(0x08, bytes(4))  # help context, flags
    # Version; its length field is 4 for six bytes.
    yield struct.pack("<HIIH", 0x09, 4, 1, 1)
    yield _text_records(0x0C, "", 0x3C)  # constants
    yield _text_records(0x16, "stdole", 0x3E)  # name of a reference
    library = _OLE.encode(_CODEPAGE)
    yield _record(0x0D, struct.pack("<I", len(library)) + library + bytes(6))
    # Count of modules, and a cookie.
    yield _record(0x0F, struct.pack("<H", len(modules))) + _record(0x13, b"\xff\xff")
    for module in modules:
        # Name, name of the stream, description.
        yield (
            _text_records(0x19, module.name, 0x47)
            + _text_records(0x1A, module.name, 0x32)
            + _text_records(0x1C, "", 0x48)
        )
        # Offset of the text (0: nothing compiled comes before it), help context, cookie.
        yield _record(0x31, bytes(4)) + _record(0x1E, bytes(4)) + _record(0x2C, b"\xff\xff")
        # Kind of module, end of the module.
        yield _record(0x22 if module.document else 0x21, b"") + _record(0x2B, b"")
    yield _record(0x10, b"")  # end of the project


def compress(data: bytes) -> bytes:
    """Return data compressed as VBA stores streams: a compressed container (2.4.1)."""
    chunks = (data[start : start + _CHUNK] for start in range(0, len(data), _CHUNK))
    return b"\x01" + b"".join(map(_compress_chunk, chunks))


def _compress_chunk(data: bytes) -> bytes:
    """Return a compressed chunk with its header; the plain bytes where that is not shorter.

    It is groups of eight tokens (a byte, or offset and length of a copy), each group after a byte
    of flags that say which tokens are copies.
    """
    packed, position, seen_at = bytearray(), 0, dict[bytes, list[int]]()
    while position < len(data):
        flags, tokens = 0, bytearray()
        for bit in range(8):
            if position >= len(data):
                break
            offset, length = _longest_copy(data, position, seen_at)
            if length:
                bits = max(4, (position - 1).bit_length())
                flags |= 1 << bit
                tokens += struct.pack("<H", (offset - 1) << (16 - bits) | (length - 3))
            else:
                tokens.append(data[position])
            for copied in range(position, position + max(1, length)):
                seen_at.setdefault(data[copied : copied + 3], []).append(copied)
            position += max(1, length)
        packed.append(flags)
        packed += tokens
    if len(packed) > _CHUNK:
        return struct.pack("<H", 0x3FFF) + data.ljust(_CHUNK, b"\0")
    return struct.pack("<H", 0xB000 | (len(packed) - 1)) + bytes(packed)


def _longest_copy(
    data: bytes, position: int, seen_at: Mapping[bytes, list[int]]
) -> tuple[int, int]:
    """Return how far back the longest copy of the next bytes begins, and its length; else (0, 0).

    `seen_at` has the earlier positions of each three bytes.
    """
    limit = (
        min((0xFFFF >> max(4, (position - 1).bit_length())) + 3, len(data) - position)
        if position
        else 0
    )
    best, length = 0, 0
    for earlier in reversed(seen_at.get(data[position : position + 3], ())):
        size = 3
        while size < limit and data[earlier + size] == data[position + size]:
            size += 1
        if size > length and size <= limit:
            best, length = position - earlier, size
            if length == limit:
                break
    return (best, length) if length >= 3 else (0, 0)


_SIGNATURE = bytes.fromhex("d0cf11e0a1b11ae1")
#: Bytes of a sector, of one that small streams share, and of an entry of the directory.
_SECTOR, _SMALL_SECTOR, _ENTRY = 512, 64, 128
#: Streams below this size share sectors.
_CUTOFF = 4096
#: Entries of the table of sectors: not used, the last of a chain, part of the table.
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
#: No entry of the directory.
_NONE = 0xFFFFFFFF
#: Kinds of entries: a folder, a stream, the root.
_STORAGE, _STREAM, _ROOT = 1, 2, 5
#: Sectors of the table that the header lists itself: enough for 6.8 MB.
_IN_HEADER = 109


@dataclass(eq=False)
class _Entry:
    """An entry of the directory: the root, a folder, or a stream.

    Attributes
    ----------
    name, kind
        Its name; root, folder or stream.
    data, size, first
        The content of a stream, its bytes and its first sector.
    inside
        The entries of a folder.
    left, right, child
        Numbers of entries in a tree: of the same folder, and the top of its own.
    """

    name: str
    kind: int
    data: bytes = b""
    inside: list[_Entry] = field(default_factory=list)
    left: int = _NONE
    right: int = _NONE
    child: int = _NONE
    first: int = _END
    size: int = 0

    def to_bytes(self) -> bytes:
        """Return its 128 bytes; a black node of the tree, without times."""
        name = self.name.encode("utf-16-le") + b"\0\0"
        head = struct.pack("<64sHBB", name, len(name), self.kind, 1)
        links = struct.pack("<III16sI16s", self.left, self.right, self.child, b"", 0, b"")
        return head + links + struct.pack("<IQ", self.first, self.size)


def build_compound_file(streams: Mapping[str, bytes]) -> bytes:
    """Return the bytes of a compound file.

    Parameters
    ----------
    streams
        Path -> content; `VBA/dir` is in the folder `VBA`.
    """
    root = _Entry("Root Entry", _ROOT)
    for path, data in streams.items():
        *folders, name = path.split("/")
        folder_entry = root
        for folder in folders:
            same_name = (e for e in folder_entry.inside if e.name == folder)
            subfolder = next(same_name, None) or _Entry(folder, _STORAGE)
            if subfolder not in folder_entry.inside:
                folder_entry.inside.append(subfolder)
            folder_entry = subfolder
        folder_entry.inside.append(_Entry(name, _STREAM, data, size=len(data)))
    entries = _number_entries(root)
    small = [e for e in entries if e.kind == _STREAM and e.size < _CUTOFF]
    large = [e for e in entries if e.kind == _STREAM and e.size >= _CUTOFF]
    shared, small_table = b"", _SectorTable()
    for entry in small:
        sectors = -(-entry.size // _SMALL_SECTOR)
        entry.first = small_table.add_chain(sectors) if entry.data else _END
        shared += _pad(entry.data, _SMALL_SECTOR)
    return _lay_out_sectors(root, entries, large, shared, small_table)


class _SectorTable:
    """A table of sectors: for each the number of the one that follows in its chain."""

    def __init__(self) -> None:
        self.next: list[int] = []

    def add_chain(self, count: int) -> int:
        """Add a chain of so many sectors; return the number of the first."""
        start = len(self.next)
        self.next += [*range(start + 1, start + count), _END]
        return start

    def to_bytes(self, sectors: int) -> bytes:
        """Return the table, which takes so many sectors itself."""
        free = [_FREE] * (sectors * _SECTOR // 4 - len(self.next))
        return struct.pack(f"<{sectors * _SECTOR // 4}I", *self.next, *free)


def _lay_out_sectors(
    root: _Entry,
    entries: Sequence[_Entry],
    large: Iterable[_Entry],
    shared: bytes,
    small_table: _SectorTable,
) -> bytes:
    """Return a compound file: header, sectors, table of sectors.

    Parameters
    ----------
    root, entries
        The root, and all entries in the order of the file; first sectors are set here.
    large
        Streams with sectors of their own.
    shared, small_table
        The content of the other streams, and the table of its small sectors.
    """
    body, table = b"", _SectorTable()

    def add_sectors(data: bytes) -> tuple[int, int]:
        """Add data to the body; return the number of its first sector, and how many there are."""
        nonlocal body
        sectors = -(-len(data) // _SECTOR)
        body += _pad(data, _SECTOR)
        return (table.add_chain(sectors), sectors) if sectors else (_END, 0)

    for entry in large:
        entry.first, _ = add_sectors(entry.data)
    root.first, root.size = add_sectors(shared)[0], len(shared)
    small_table_bytes = small_table.to_bytes(-(-len(small_table.next) * 4 // _SECTOR))
    small_first, small_count = add_sectors(small_table_bytes)
    empty = struct.pack("<64sHBBIII", b"", 0, 0, 0, _NONE, _NONE, _NONE).ljust(_ENTRY, b"\0")
    entry_bytes = b"".join(entry.to_bytes() for entry in entries)
    directory, _ = add_sectors(entry_bytes + empty * (-len(entries) % (_SECTOR // _ENTRY)))
    count = 1
    while (len(table.next) + count) * 4 > count * _SECTOR:
        count += 1
    first = len(table.next)
    table.next += [_FAT] * count
    # Version 3, bytes in little-endian order, sectors of 2 ** 9 bytes, small ones of 2 ** 6.
    header = _SIGNATURE + struct.pack(
        "<16sHHHHH6sIIIIIIIII", b"", 0x3E, 3, 0xFFFE, 9, 6, b"", 0, count, directory, 0, _CUTOFF,
        small_first, small_count, _END, 0,
    )  # fmt: skip
    table_sectors = range(first, first + count)
    header += struct.pack(f"<{_IN_HEADER}I", *table_sectors, *[_FREE] * (_IN_HEADER - count))
    return header + body + table.to_bytes(count)


def _pad(data: bytes, size: int) -> bytes:
    """Return data with zeros up to the next multiple of a size."""
    return data + b"\0" * (-len(data) % size)


def _number_entries(root: _Entry) -> list[_Entry]:
    """Return all entries in the order of the file, and link each folder's as a balanced tree."""
    entries = [root]
    for entry in entries:
        # The order of the format: by length of the name, then by capitals.
        ordered = sorted(entry.inside, key=lambda e: (len(e.name), e.name.upper()))
        start = len(entries)
        entries += ordered
        entry.child = _link_tree(ordered, start)
    return entries


def _link_tree(ordered: Sequence[_Entry], start: int) -> int:
    """Link sorted entries, the first of which has the number `start`; return the top's number."""
    if not ordered:
        return _NONE
    middle = len(ordered) // 2
    top = ordered[middle]
    top.left = _link_tree(ordered[:middle], start)
    top.right = _link_tree(ordered[middle + 1 :], start + middle + 1)
    return start + middle
