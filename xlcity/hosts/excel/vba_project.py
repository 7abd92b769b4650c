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
LONGEST_LINE = 1023
MOST_CONTINUED = 24
_CODEPAGE = "cp1252"
#: Bytes that are compressed together.
_CHUNK_BYTES = 4096
#: The library that every project refers to.
_OLE_REFERENCE = (
    "*\\G{00020430-0000-0000-C000-000000000046}#2.0#0#C:\\Windows\\System32\\stdole2.tlb"
    "#OLE Automation"
)
#: Class identifiers (their first part) that the modules of a workbook and of a sheet extend.
_CLASS_ID_STARTS = {"workbook": "00020819", "sheet": "00020820"}


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
            base = f"0{{{_CLASS_ID_STARTS[self.document]}-0000-0000-C000-000000000046}}"
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
        _require_vba_limits(self.name, text)
        return text.replace("\n", "\r\n").encode("ascii")


def _require_vba_limits(name: str, text: str) -> None:
    """Raise `EngineError` if the text of the module `name` exceeds VBA's limits or is not ASCII."""
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
        module.name.encode(_CODEPAGE)
        + b"\0"
        + module.name.encode("utf-16-le")
        + b"\0\0"
        for module in modules
    )
    streams = {
        "PROJECT": _project_text(name, identity, modules).encode(_CODEPAGE),
        "PROJECTwm": b"".join(name_entries) + b"\0\0",
        "VBA/_VBA_PROJECT": bytes.fromhex("cc61ffff000000"),
        "VBA/dir": compress_stream(b"".join(_project_records(name, modules))),
    }
    streams |= {
        f"VBA/{module.name}": compress_stream(module.source()) for module in modules
    }
    return build_compound_file(streams)


def _project_text(name: str, identity: str, modules: Sequence[Module]) -> str:
    """Return the stream PROJECT of a VBA project: its ID, modules and name ([MS-OVBA] 2.3.1).

    `identity` is the ID, a GUID in braces; the ends of lines are those of Windows.
    """
    declarations = (
        f"Document={module.name}/&H00000000"
        if module.document
        else f"Module={module.name}"
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
    """Return data obfuscated as in a VBA project's text ([MS-OVBA] 2.4.3.2), in hexadecimal.

    Parameters
    ----------
    identity
        The project's ID, which is the key.
    data
        The data.
    seed
        Any byte: the obfuscation starts from it, and says so in its own first byte.
    """
    key = sum(identity.encode(_CODEPAGE)) & 0xFF
    encrypted = [seed, seed ^ 2, seed ^ key]
    second_last = encrypted[1]
    last = encrypted[2]
    plain = key
    # As the format wants it: bytes to be ignored, as many as the seed says, the length, the data.
    for byte in (*bytes((seed & 6) // 2), *struct.pack("<I", len(data)), *data):
        encrypted_byte = byte ^ ((second_last + plain) & 0xFF)
        second_last, last, plain = last, encrypted_byte, byte
        encrypted.append(encrypted_byte)
    return bytes(encrypted).hex().upper()


def _make_record(number: int, data: bytes) -> bytes:
    """Return a record of a VBA project: number of its kind, length of its data, the data."""
    return struct.pack("<HI", number, len(data)) + data


def _make_text_records(number: int, text: str, unicode_number: int) -> bytes:
    """Return two records of one text: in the code page, and in Unicode.

    `number` and `unicode_number` are the numbers of their kinds.
    """
    unicode_record = _make_record(unicode_number, text.encode("utf-16-le"))
    return _make_record(number, text.encode(_CODEPAGE)) + unicode_record


def _project_records(name: str, modules: Sequence[Module]) -> Iterator[bytes]:
    """Yield the records of the stream ``dir``, which describe the project ([MS-OVBA] 2.3.4.2)."""
    yield _make_record(0x01, struct.pack("<I", 1))  # system: 32 bits
    yield _make_record(0x02, struct.pack("<I", 0x409))  # language
    yield _make_record(0x14, struct.pack("<I", 0x409))  # language of calls
    yield _make_record(0x03, struct.pack("<H", 1252))  # code page
    yield _make_record(0x04, name.encode(_CODEPAGE))
    yield _make_text_records(0x05, "", 0x40)  # description
    yield _make_record(0x06, b"") + _make_record(0x3D, b"")  # help files
    yield _make_record(0x07, bytes(4)) + _make_record(
        0x08, bytes(4)
    )  # help context, flags
    # Version; its length field is 4 for six bytes.
    yield struct.pack("<HIIH", 0x09, 4, 1, 1)
    yield _make_text_records(0x0C, "", 0x3C)  # constants
    yield _make_text_records(0x16, "stdole", 0x3E)  # name of a reference
    library = _OLE_REFERENCE.encode(_CODEPAGE)
    yield _make_record(0x0D, struct.pack("<I", len(library)) + library + bytes(6))
    # Count of modules, and a cookie.
    yield _make_record(0x0F, struct.pack("<H", len(modules))) + _make_record(
        0x13, b"\xff\xff"
    )
    for module in modules:
        # Name, name of the stream, description.
        yield (
            _make_text_records(0x19, module.name, 0x47)
            + _make_text_records(0x1A, module.name, 0x32)
            + _make_text_records(0x1C, "", 0x48)
        )
        # Offset of the text (0: nothing compiled comes before it), help context, cookie.
        yield (
            _make_record(0x31, bytes(4))
            + _make_record(0x1E, bytes(4))
            + _make_record(0x2C, b"\xff\xff")
        )
        # Kind of module, end of the module.
        yield _make_record(0x22 if module.document else 0x21, b"") + _make_record(
            0x2B, b""
        )
    yield _make_record(0x10, b"")  # end of the project


def compress_stream(data: bytes) -> bytes:
    """Return data compressed as VBA stores streams: a compressed container ([MS-OVBA] 2.4.1)."""
    chunks = (
        data[start : start + _CHUNK_BYTES]
        for start in range(0, len(data), _CHUNK_BYTES)
    )
    return b"\x01" + b"".join(map(_compress_chunk, chunks))


def _compress_chunk(data: bytes) -> bytes:
    """Return up to 4,096 bytes as a compressed chunk with its header ([MS-OVBA] 2.4.1.1).

    A chunk is groups of eight tokens: a byte, or offset and length of a copy of earlier bytes. Each
    group comes after a byte of flags that say which tokens are copies. Where the chunk would be
    longer than the data, it holds the plain bytes.
    """
    packed = bytearray()
    position = 0
    while position < len(data):
        flags = 0
        tokens = bytearray()
        for bit in range(8):
            if position >= len(data):
                break
            # A token's 16 bits hold offset and length; the offset needs more as we go on.
            bits = max(4, (position - 1).bit_length())
            offset, length = _find_longest_copy(data, position, (0xFFFF >> bits) + 3)
            if length:
                flags |= 1 << bit
                tokens += struct.pack("<H", (offset - 1) << (16 - bits) | (length - 3))
            else:
                tokens.append(data[position])
            position += max(1, length)
        packed.append(flags)
        packed += tokens
    if len(packed) > _CHUNK_BYTES:
        return struct.pack("<H", 0x3FFF) + data.ljust(_CHUNK_BYTES, b"\0")
    return struct.pack("<H", 0xB000 | (len(packed) - 1)) + bytes(packed)


def _find_longest_copy(data: bytes, position: int, longest: int) -> tuple[int, int]:
    """Return how far back the longest earlier copy of the next bytes begins, and its length.

    The nearest of several; (0, 0) if there is no copy of three bytes or more.

    Parameters
    ----------
    data, position
        A chunk, and where its next bytes begin.
    longest
        How many bytes a copy may have.
    """
    offset = 0
    length = 0
    for size in range(3, min(longest, len(data) - position) + 1):
        # A copy may reach into the bytes that it is copied to.
        start = data.rfind(data[position : position + size], 0, position + size - 1)
        if start < 0:
            break
        offset = position - start
        length = size
    return offset, length


_SIGNATURE = bytes.fromhex("d0cf11e0a1b11ae1")
#: Bytes of a sector, of one of those that small streams get, and of an entry of the directory.
_SECTOR_BYTES = 512
_SMALL_SECTOR_BYTES = 64
_ENTRY_BYTES = 128
#: Streams below this size get small sectors, which are stored in those of the root.
_SMALL_STREAM_LIMIT = 4096
#: Entries of the table of sectors: not used, the last of a chain, part of the table.
_FREE_SECTOR = 0xFFFFFFFF
_END_OF_CHAIN = 0xFFFFFFFE
_TABLE_SECTOR = 0xFFFFFFFD
#: No entry of the directory.
_NO_ENTRY = 0xFFFFFFFF
#: Kinds of entries: a folder, a stream, the root.
_FOLDER_KIND = 1
_STREAM_KIND = 2
_ROOT_KIND = 5
#: Sectors of the table that the header lists itself: enough for 6.8 MB.
_SECTORS_IN_HEADER = 109


@dataclass(eq=False)
class _DirectoryEntry:
    """An entry of the directory: the root, a folder, or a stream.

    Attributes
    ----------
    name, kind
        Its name; root, folder or stream.
    data, size, first
        The content of a stream, its bytes and its first sector.
    members
        The entries of a folder.
    left, right, child
        Numbers of entries in a tree: of the same folder, and the top of its own.
    """

    name: str
    kind: int
    data: bytes = b""
    members: list[_DirectoryEntry] = field(default_factory=list)
    left: int = _NO_ENTRY
    right: int = _NO_ENTRY
    child: int = _NO_ENTRY
    first: int = _END_OF_CHAIN
    size: int = 0

    def to_bytes(self) -> bytes:
        """Return its 128 bytes; a black node of the tree, without times."""
        name = self.name.encode("utf-16-le") + b"\0\0"
        head = struct.pack("<64sHBB", name, len(name), self.kind, 1)
        links = struct.pack(
            "<III16sI16s", self.left, self.right, self.child, b"", 0, b""
        )
        return head + links + struct.pack("<IQ", self.first, self.size)


def build_compound_file(streams: Mapping[str, bytes]) -> bytes:
    """Return the bytes of a compound file.

    Parameters
    ----------
    streams
        Path -> content; `VBA/dir` is in the folder `VBA`.
    """
    root = _DirectoryEntry("Root Entry", _ROOT_KIND)
    for path, data in streams.items():
        *folders, name = path.split("/")
        folder_entry = root
        for folder in folders:
            same_name = (e for e in folder_entry.members if e.name == folder)
            subfolder = next(same_name, None) or _DirectoryEntry(folder, _FOLDER_KIND)
            if subfolder not in folder_entry.members:
                folder_entry.members.append(subfolder)
            folder_entry = subfolder
        folder_entry.members.append(
            _DirectoryEntry(name, _STREAM_KIND, data, size=len(data))
        )
    entries = _list_and_link_entries(root)
    small = [
        e for e in entries if e.kind == _STREAM_KIND and e.size < _SMALL_STREAM_LIMIT
    ]
    large = [
        e for e in entries if e.kind == _STREAM_KIND and e.size >= _SMALL_STREAM_LIMIT
    ]
    small_sectors = b""
    small_table = _SectorTable()
    for stream in small:
        count = -(-stream.size // _SMALL_SECTOR_BYTES)
        stream.first = small_table.add_chain(count) if stream.data else _END_OF_CHAIN
        small_sectors += _pad(stream.data, _SMALL_SECTOR_BYTES)
    return _lay_out_sectors(root, entries, large, small_sectors, small_table)


class _SectorTable:
    """A table of sectors: for each the number of the next sector of its stream, its chain.

    Attributes
    ----------
    next
        These numbers, in the order of the sectors; `_END_OF_CHAIN` for the last of a chain.
    """

    def __init__(self) -> None:
        self.next: list[int] = []

    def add_chain(self, count: int) -> int:
        """Add a chain of so many sectors, one after the other; return the number of the first."""
        start = len(self.next)
        self.next += [*range(start + 1, start + count), _END_OF_CHAIN]
        return start

    def to_bytes(self, sectors: int) -> bytes:
        """Return the table as bytes that fill a number of sectors; those left over are free."""
        free = [_FREE_SECTOR] * (sectors * _SECTOR_BYTES // 4 - len(self.next))
        return struct.pack(f"<{sectors * _SECTOR_BYTES // 4}I", *self.next, *free)


def _lay_out_sectors(
    root: _DirectoryEntry,
    entries: Sequence[_DirectoryEntry],
    large: Iterable[_DirectoryEntry],
    small_sectors: bytes,
    small_table: _SectorTable,
) -> bytes:
    """Return the bytes of a compound file ([MS-CFB]): header, sectors, table of sectors.

    Parameters
    ----------
    root, entries
        The root, and all entries in the order of the file; first sectors are set here.
    large
        Streams with sectors of their own.
    small_sectors, small_table
        The content of the other streams, and the table of the sectors it takes.
    """
    body = b""
    table = _SectorTable()

    def add_sectors(data: bytes) -> tuple[int, int]:
        """Add data to the body; return the number of its first sector, and how many there are."""
        nonlocal body
        sectors = -(-len(data) // _SECTOR_BYTES)
        body += _pad(data, _SECTOR_BYTES)
        return (table.add_chain(sectors), sectors) if sectors else (_END_OF_CHAIN, 0)

    for stream in large:
        stream.first, _ = add_sectors(stream.data)
    root.first = add_sectors(small_sectors)[0]
    root.size = len(small_sectors)
    small_table_bytes = small_table.to_bytes(
        -(-len(small_table.next) * 4 // _SECTOR_BYTES)
    )
    small_first, small_count = add_sectors(small_table_bytes)
    empty = struct.pack(
        "<64sHBBIII", b"", 0, 0, 0, _NO_ENTRY, _NO_ENTRY, _NO_ENTRY
    ).ljust(_ENTRY_BYTES, b"\0")
    entry_bytes = b"".join(entry.to_bytes() for entry in entries)
    directory, _ = add_sectors(
        entry_bytes + empty * (-len(entries) % (_SECTOR_BYTES // _ENTRY_BYTES))
    )
    # The table has four bytes for each sector, its own included, which follow the others.
    count = 1
    while (len(table.next) + count) * 4 > count * _SECTOR_BYTES:
        count += 1
    first = len(table.next)
    table.next += [_TABLE_SECTOR] * count
    # Version 3, bytes in little-endian order, sectors of 2 ** 9 bytes, small ones of 2 ** 6.
    header = _SIGNATURE + struct.pack(
        "<16sHHHHH6sIIIIIIIII",
        b"",
        0x3E,
        3,
        0xFFFE,
        9,
        6,
        b"",
        0,
        count,
        directory,
        0,
        _SMALL_STREAM_LIMIT,
        small_first,
        small_count,
        _END_OF_CHAIN,
        0,
    )
    table_sectors = range(first, first + count)
    header += struct.pack(
        f"<{_SECTORS_IN_HEADER}I",
        *table_sectors,
        *[_FREE_SECTOR] * (_SECTORS_IN_HEADER - count),
    )
    return header + body + table.to_bytes(count)


def _pad(data: bytes, size: int) -> bytes:
    """Return data filled up with zero bytes to a multiple of a size."""
    return data + b"\0" * (-len(data) % size)


def _list_and_link_entries(root: _DirectoryEntry) -> list[_DirectoryEntry]:
    """Return all entries of a compound file in its order; link those of each folder as a tree."""
    entries = [root]
    for (
        entry
    ) in entries:  # the list grows by the members of each, which are visited in turn
        # The order of the format: by length of the name, then by capitals.
        ordered = sorted(entry.members, key=lambda e: (len(e.name), e.name.upper()))
        start = len(entries)
        entries += ordered
        entry.child = _link_as_tree(ordered, start)
    return entries


def _link_as_tree(ordered: Sequence[_DirectoryEntry], start: int) -> int:
    """Link entries as a balanced tree, in place; return the number of the one at its top.

    `ordered` is sorted, and `start` the number of its first entry: the others follow.
    """
    if not ordered:
        return _NO_ENTRY
    middle = len(ordered) // 2
    top = ordered[middle]
    top.left = _link_as_tree(ordered[:middle], start)
    top.right = _link_as_tree(ordered[middle + 1 :], start + middle + 1)
    return start + middle
