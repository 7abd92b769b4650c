"""Limits on the files that are read, checked before memory or time is spent on their content.

A workbook comes by e-mail from strangers; one that would harm the machine is refused with a
message. SECURITY.md lists the limits for users.
"""

from __future__ import annotations

import io
import os
import re
import struct
import zipfile
import zlib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from xlcity.data_files import require_regular
from xlcity.errors import Problem, Where, WorkbookError
from xlcity.messages import Message

#: Bytes of any file. The largest workbooks met have 60 MB.
MAX_FILE = 512 << 20
#: Bounds on what a workbook may unpack to. The largest sheets met unpack to some 300 MB at 1:20.
MAX_UNPACKED = 2 << 30
MAX_RATIO = 200
RATIO_MATTERS_FROM = 64 << 20
MAX_PARTS = 20_000
#: Bytes of memory that reading takes for each byte of a sheet and of the shared strings; measured
#: on sheets of numbers, texts and formulas.
MEMORY_PER_BYTE = 22
#: The same for other parts, pictures above all.
MEMORY_PER_OTHER = 5
#: Bytes of memory above which a run reports how much it takes.
MUCH_MEMORY = 1 << 30
#: Megabytes that xlcity may use, if the machine's free memory is not the limit.
MEMORY_VARIABLE = "XLCITY_MEMORY_MB"

#: Bytes of the largest parts that are kept for the next workbook, which often has the same.
_MOST_KEPT_BYTES = 4 << 20
_COMPRESSIONS = frozenset((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))
_FLAG_ENCRYPTED = 0x1
_XML_SUFFIXES = (".xml", ".rels", ".vml")
#: Names of the parts that are read into objects.
_SHEETS_OR_STRINGS = re.compile(r"worksheets/|sharedstrings", re.IGNORECASE)
_DECLARATION = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
#: What stands before the root element of plain XML, and its start: no declaration can follow.
_PLAIN_START = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*+(?>(?:<\?.*?\?>|<!--.*?-->)\s*+)*+<[^!?]", re.DOTALL
)
#: Bytes of a zip entry's local header before its name.
_LOCAL_HEADER_BYTES = 30


def refusal(
    message: str, hint: str, name: str | None, code: str = "XC401"
) -> WorkbookError:
    """Return the error for a file, by its path, that cannot be read."""
    return WorkbookError(message, hint, code, file=name)


def missing_files(code: str, *paths: object) -> list[Problem]:
    """Return a problem, with a code such as "XC320", for each path without a file.

    Values in `paths` that are not paths are left out.
    """
    given = (path for path in paths if isinstance(path, (str, Path)))
    return [
        Problem(
            code,
            Message("file.missing"),
            Message("hint.check_path"),
            Where(file=str(path)),
        )
        for path in given
        # Unlike that of `Path` it takes names that no system accepts.
        if not os.path.exists(path)  # noqa: PTH110
    ]


def read_file(path: str | Path) -> bytes:
    """Return the content of a file.

    Raises
    ------
    OSError
        If it cannot be read.
    WorkbookError
        If it is larger than any file that is read, or a device or a pipe, which may have no end.
    """
    require_regular(path)
    with Path(path).open("rb") as stream:
        size = os.fstat(stream.fileno()).st_size
        if size > MAX_FILE:
            message = Message("XC405.too_large", megabytes=MAX_FILE >> 20)
            raise refusal(message, Message("XC405.too_large.hint"), str(path), "XC405")
        return stream.read(size)


def unpack_parts(data: bytes, name: str | None) -> dict[str, bytes]:
    """Return the parts of a workbook by name, each no longer than the zip's directory says.

    Parameters
    ----------
    data
        The workbook.
    name
        Its path, for messages.

    Raises
    ------
    WorkbookError
        If it is encrypted, or would unpack to more than any workbook or more than fits in memory.
    BadZipFile, ValueError
        If it is damaged.
    """
    parts = {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        infos = archive.infolist()
        _require_plain_zip(infos, name)
        _require_size(infos, len(data), name)
        _require_memory(infos, name)
        for info in infos:
            archive.open(
                info
            ).close()  # compares the header before the part with the directory
            unpack = (
                _unpack if info.file_size <= _MOST_KEPT_BYTES else _unpack.__wrapped__
            )
            packed = read_packed(data, info)
            content = unpack(packed, info.compress_type, info.file_size, info.CRC)
            if info.filename.lower().endswith(_XML_SUFFIXES):
                _require_plain_xml(info.filename, content, name)
            parts[info.filename] = content
    return parts


def read_packed(data: bytes, info: zipfile.ZipInfo) -> bytes:
    """Return the content of an entry of a zip as it is stored there, compressed."""
    start = info.header_offset + _LOCAL_HEADER_BYTES
    start += sum(
        struct.unpack_from("<HH", data, start - 4)
    )  # lengths of its name, extra fields
    return data[start : start + info.compress_size]


@lru_cache(maxsize=64)
def _unpack(packed: bytes, compression: int, size: int, checksum: int) -> bytes:
    """Return the content of an entry of a zip; bytes beyond its size are left out."""
    content = packed[:size]
    if compression == zipfile.ZIP_DEFLATED:
        try:
            # A length of 0 would mean any.
            content = zlib.decompressobj(-zlib.MAX_WBITS).decompress(
                packed, max(1, size)
            )[:size]
        except zlib.error as error:
            raise zipfile.BadZipFile(str(error)) from error
    if zlib.crc32(content) != checksum:
        raise zipfile.BadZipFile("Bad CRC-32 of a part")
    return content


def _require_plain_zip(infos: list[zipfile.ZipInfo], name: str | None) -> None:
    """Refuse a zip with a part twice, a password or an unusual compression."""
    # Office takes names that differ in case for one.
    if len({info.filename.casefold() for info in infos}) < len(infos):
        raise refusal(
            Message("XC403.part_twice"), Message("hint.save_again"), name, "XC403"
        )
    if any(info.flag_bits & _FLAG_ENCRYPTED for info in infos):
        raise refusal(
            Message("XC404.archive"),
            Message("hint.unpack"),
            name,
            "XC404",
        )
    for info in infos:
        if info.compress_type not in _COMPRESSIONS:
            message = Message("XC403.packed_part", part=info.filename)
            raise refusal(message, Message("hint.save_again"), name, "XC403")


def _require_size(infos: list[zipfile.ZipInfo], packed: int, name: str | None) -> None:
    """Refuse a zip of `packed` bytes with too many parts or too large when unpacked."""
    unpacked = sum(info.file_size for info in infos)
    is_bomb = unpacked > RATIO_MATTERS_FROM and unpacked > MAX_RATIO * packed
    if unpacked > MAX_UNPACKED or is_bomb or len(infos) > MAX_PARTS:
        raise refusal(
            Message(
                "XC405.unpacks_too_large", megabytes=unpacked / 1e6, parts=len(infos)
            ),
            Message("XC405.unpacks_too_large.hint"),
            name,
            "XC405",
        )


def _require_memory(infos: list[zipfile.ZipInfo], name: str | None) -> None:
    """Refuse a workbook that needs more memory than is free."""
    needed = memory_needed((info.filename, info.file_size) for info in infos)
    free = memory_free()
    if free is not None and needed > free:
        raise refusal(
            Message("XC407.memory", needed=needed / 1e6, free=free / 1e6),
            Message("XC407.memory.hint", variable=MEMORY_VARIABLE),
            name,
            "XC407",
        )


def memory_needed(sizes: Iterable[tuple[str, int]]) -> int:
    """Return how many bytes of memory a workbook takes when it is read, roughly.

    Parameters
    ----------
    sizes
        The names of its parts, and the length of each unpacked.
    """
    return sum(
        size
        * (MEMORY_PER_BYTE if _SHEETS_OR_STRINGS.search(name) else MEMORY_PER_OTHER)
        for name, size in sizes
    )


def memory_free() -> int | None:
    """Return how many bytes of memory this process may use; None where that is not known."""
    megabytes = os.environ.get(MEMORY_VARIABLE, "")
    if megabytes.isdecimal():
        return int(megabytes) << 20
    try:
        text = Path("/proc/meminfo").read_text(encoding="ascii")
    except OSError:
        return None
    match = re.search(r"^MemAvailable:\s+(\d+) kB", text, re.MULTILINE)
    return None if match is None else int(match[1]) << 10


def memory_used() -> int:
    """Return how many bytes of memory this process has; 0 where the system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def _require_plain_xml(part: str, content: bytes, name: str | None) -> None:
    """Refuse declarations of document types and entities, which can fetch files or grow."""
    # In UTF-16 each letter has a zero byte beside it.
    text = content.replace(b"\0", b"") if b"\0" in content else content
    if not _PLAIN_START.match(text) and _DECLARATION.search(text):
        message = Message("XC403.document_type", part=part)
        raise refusal(message, Message("hint.save_again"), name, "XC403")
