"""Writes a compound file ([MS-CFB], version 3), as a VBA project is one."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

_SIGNATURE = bytes.fromhex("d0cf11e0a1b11ae1")
_SECTOR, _SMALL, _ENTRY = 512, 64, 128
#: Streams below this size share sectors.
_CUTOFF = 4096
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_NONE = 0xFFFFFFFF
_STORAGE, _STREAM, _ROOT = 1, 2, 5
#: Sectors of the table that the header names itself: enough for 6.8 MB.
_IN_HEADER = 109


@dataclass(eq=False)
class _Entry:
    """An entry of the directory: the root, a folder, or a stream."""

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
        """Return its 128 bytes; black, without times."""
        name = self.name.encode("utf-16-le") + b"\0\0"
        head = struct.pack("<64sHBB", name, len(name), self.kind, 1)
        links = struct.pack("<III16sI16s", self.left, self.right, self.child, b"", 0, b"")
        return head + links + struct.pack("<IQ", self.first, self.size)


def compound_file(streams: Mapping[str, bytes]) -> bytes:
    """Return a file with streams.

    Parameters
    ----------
    streams
        Path -> content; `VBA/dir` lies in the folder `VBA`.
    """
    root = _Entry("Root Entry", _ROOT)
    for path, data in streams.items():
        *folders, name = path.split("/")
        at = root
        for folder in folders:
            known = (e for e in at.inside if e.name == folder)
            place = next(known, None) or _Entry(folder, _STORAGE)
            if place not in at.inside:
                at.inside.append(place)
            at = place
        at.inside.append(_Entry(name, _STREAM, data, size=len(data)))
    entries = _numbered(root)
    small = [e for e in entries if e.kind == _STREAM and e.size < _CUTOFF]
    large = [e for e in entries if e.kind == _STREAM and e.size >= _CUTOFF]
    shared, chains = b"", _Chains()
    for entry in small:
        entry.first = chains.add(-(-entry.size // _SMALL)) if entry.data else _END
        shared += _padded(entry.data, _SMALL)
    return _file(root, entries, large, shared, chains)


class _Chains:
    """A table of sectors: each names the one after it."""

    def __init__(self) -> None:
        self.next: list[int] = []

    def add(self, count: int) -> int:
        """Add a chain of so many sectors and return the first."""
        start = len(self.next)
        self.next += [*range(start + 1, start + count), _END]
        return start

    def to_bytes(self, sectors: int) -> bytes:
        """Return the table in so many sectors."""
        free = [_FREE] * (sectors * _SECTOR // 4 - len(self.next))
        return struct.pack(f"<{sectors * _SECTOR // 4}I", *self.next, *free)


def _file(
    root: _Entry, entries: Sequence[_Entry], large: Iterable[_Entry], shared: bytes, small: _Chains
) -> bytes:
    body, fat = b"", _Chains()

    def put(data: bytes) -> tuple[int, int]:
        nonlocal body
        sectors = -(-len(data) // _SECTOR)
        body += _padded(data, _SECTOR)
        return (fat.add(sectors), sectors) if sectors else (_END, 0)

    for entry in large:
        entry.first, _ = put(entry.data)
    root.first, root.size = put(shared)[0], len(shared)
    mini = -(-len(small.next) * 4 // _SECTOR)
    mini_first, mini_count = put(small.to_bytes(mini))
    empty = struct.pack("<64sHBBIII", b"", 0, 0, 0, _NONE, _NONE, _NONE).ljust(_ENTRY, b"\0")
    listed = b"".join(entry.to_bytes() for entry in entries)
    directory, _ = put(listed + empty * (-len(entries) % (_SECTOR // _ENTRY)))
    count = 1
    while (len(fat.next) + count) * 4 > count * _SECTOR:
        count += 1
    first = len(fat.next)
    fat.next += [_FAT] * count
    places = [*range(first, first + count)]
    header = _SIGNATURE + struct.pack(
        "<16sHHHHH6sIIIIIIIII", b"", 0x3E, 3, 0xFFFE, 9, 6, b"", 0, count, directory, 0, _CUTOFF,
        mini_first, mini_count, _END, 0,
    )  # fmt: skip
    header += struct.pack(f"<{_IN_HEADER}I", *places, *[_FREE] * (_IN_HEADER - count))
    return header + body + fat.to_bytes(count)


def _padded(data: bytes, size: int) -> bytes:
    return data + b"\0" * (-len(data) % size)


def _numbered(root: _Entry) -> list[_Entry]:
    """Return the entries in the order of the file, each folder's as a balanced tree."""
    entries = [root]
    for entry in entries:
        # Shorter names come first, then capitals count: so a reader finds its way.
        ordered = sorted(entry.inside, key=lambda e: (len(e.name), e.name.upper()))
        start = len(entries)
        entries += ordered
        entry.child = _tree(ordered, start)
    return entries


def _tree(ordered: Sequence[_Entry], start: int) -> int:
    """Link sorted entries, the first of which has the number `start`; return the top's number."""
    if not ordered:
        return _NONE
    middle = len(ordered) // 2
    top = ordered[middle]
    top.left = _tree(ordered[:middle], start)
    top.right = _tree(ordered[middle + 1 :], start + middle + 1)
    return start + middle
