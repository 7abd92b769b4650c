"""The text of a VBA module in a vbaProject.bin, as [MS-OVBA] 2.4.1 compresses it."""

from __future__ import annotations

#: A compressed container begins with 1 and a chunk's header; the text with its attributes.
_BEGIN = b"\x00Attribut"


def module_in(project: bytes, name: str) -> str:
    """Return the module of a name; its stream stands in one piece."""
    place = project.find(_BEGIN)
    while place >= 0:
        text = decompressed(project[place - 3 :])
        if text.startswith(f'Attribute VB_Name = "{name}"'):
            return text
        place = project.find(_BEGIN, place + 1)
    raise LookupError(name)


def decompressed(data: bytes) -> str:
    """Return the text of a compressed container."""
    assert data[0] == 1
    out = bytearray()
    at = 1
    while at + 2 <= len(data):
        header = int.from_bytes(data[at : at + 2], "little")
        if header >> 12 & 7 != 3:
            break  # behind the container
        end, at, start = at + (header & 0xFFF) + 3, at + 2, len(out)
        while at < end:
            flags, at = data[at], at + 1
            for bit in range(8):
                if at >= end:
                    break
                if not flags >> bit & 1:
                    out.append(data[at])
                    at += 1
                    continue
                token, at = int.from_bytes(data[at : at + 2], "little"), at + 2
                bits = max(4, (len(out) - start - 1).bit_length())
                length = (token & 0xFFFF >> bits) + 3
                offset = (token >> (16 - bits)) + 1
                for _ in range(length):
                    out.append(out[-offset])
    return out.decode("latin-1").replace("\r\n", "\n").rstrip("\0")
