"""Says in plain words why a file is not a workbook we can read."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from xlcity.errors import WorkbookError
from xlcity.messages import Message
from xlcity.xlsx.limits import refusal

OLE_SIGNATURE = bytes.fromhex("D0CF11E0A1B11AE1")
_XML_2003 = b"urn:schemas-microsoft-com:office:spreadsheet"
_OPEN_DOCUMENT = b"urn:oasis:names:tc:opendocument"
_WEB_PAGE_STARTS = (b"<html", b"<!doctype html", b"<table", b"<meta")


class _Kind(NamedTuple):
    """A kind of file: whether one is of it, what it is, what to do, and the code of the error."""

    applies: bool
    what: Message
    hint: Message
    code: str = "XC401"


def is_document(data: bytes) -> bool:
    """Return whether the bytes of a file are a spreadsheet or a PDF.

    Such files are given by mistake where a text table (CSV) is expected.
    """
    head = _read_head(data)
    is_spreadsheet_xml = head.startswith(b"<?xml") and (
        _XML_2003 in head or _OPEN_DOCUMENT in head
    )
    return (
        is_spreadsheet_xml
        or data.startswith((b"PK\x03\x04", OLE_SIGNATURE))
        or head.startswith(b"%pdf")
    )


def is_web_page(data: bytes) -> bool:
    """Return whether a file is a web page, whatever its name."""
    return _read_head(data).startswith(_WEB_PAGE_STARTS)


def _read_head(data: bytes) -> bytes:
    """Return the first 4096 bytes of a file in small letters, without leading blanks."""
    return data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()


def not_a_zip_error(data: bytes, name: str | None) -> WorkbookError:
    """Return the error for data that is no zip, saying what it is instead."""
    head = _read_head(data)
    suffix = Path(name).suffix.lower() if name else ""

    def holds(*streams: str) -> bool:
        """Return whether it is an old or encrypted Office file with one of these streams."""
        return data.startswith(OLE_SIGNATURE) and any(
            s.encode("utf-16-le") in data for s in streams
        )

    kinds = (
        _Kind(
            not data,
            Message("XC402.empty"),
            Message("hint.copy_download_again"),
            code="XC402",
        ),
        _Kind(
            data.startswith(b"PK"),
            Message("XC403.cut_short"),
            Message("hint.copy_download_again"),
            code="XC403",
        ),
        _Kind(
            holds("EncryptedPackage"),
            Message("XC404.encrypted"),
            Message("hint.open_password_remove_file"),
            code="XC404",
        ),
        _Kind(
            # WPS writes such data into .xls files as well, which any program opens.
            data.startswith(OLE_SIGNATURE)
            and (holds("ETExtData") or suffix == ".et")
            and suffix != ".xls",
            Message("XC401.wps"),
            Message("XC401.wps.hint"),
        ),
        _Kind(
            holds("Workbook", "Book"),
            Message("XC401.old_binary"),
            Message("hint.save_as_xlsx_not_renamed"),
        ),
        _Kind(
            data.startswith(OLE_SIGNATURE),
            Message("XC401.old_office"),
            Message("hint.save_as_xlsx"),
        ),
        _Kind(
            head.startswith(b"%pdf"),
            Message("XC401.pdf"),
            Message("XC401.pdf.hint"),
        ),
        _Kind(
            _XML_2003 in head,
            Message("XC401.xml_spreadsheet"),
            Message("hint.save_as_xlsx"),
        ),
        _Kind(
            _OPEN_DOCUMENT in head,
            Message("XC401.flat_opendocument"),
            Message("hint.save_as_xlsx"),
        ),
        _Kind(
            is_web_page(data), Message("XC401.web_page"), Message("hint.save_as_xlsx")
        ),
        _Kind(
            b"\x00" not in data[:4096],
            Message("XC401.plain_text"),
            Message("hint.name_csv_fill_data"),
        ),
        _Kind(True, Message("XC401.no_workbook"), Message("hint.save_as_xlsx")),
    )
    return _first_that_applies(kinds, name)


def no_workbook_error(
    names: list[str], mimetype: bytes, name: str | None
) -> WorkbookError:
    """Return the error for a zip, by its parts and its mimetype, that is not a workbook."""
    parts = {part.lower() for part in names}

    def holds(ending: str) -> bool:
        """Return whether the name of a part ends so."""
        return any(part.endswith(ending) for part in parts)

    is_open_document = b"opendocument.spreadsheet" in mimetype
    is_presentation = "ppt/presentation.xml" in parts
    kinds = (
        _Kind(
            holds("workbook.bin"), Message("XC401.binary"), Message("hint.save_as_xlsx")
        ),
        _Kind(
            is_open_document,
            Message("XC401.opendocument"),
            Message("hint.save_as_xlsx"),
        ),
        _Kind(
            "word/document.xml" in parts,
            Message("XC401.word"),
            Message("hint.give_workbook_instead"),
        ),
        _Kind(
            is_presentation,
            Message("XC401.powerpoint"),
            Message("hint.give_workbook_instead"),
        ),
        _Kind(
            holds(".iwa"),
            Message("XC401.numbers"),
            Message("XC401.numbers.hint"),
        ),
        _Kind(
            holds(".xlsx"),
            Message("XC401.zip_of_workbooks"),
            Message("hint.unpack"),
        ),
        _Kind(
            True,
            Message("XC401.other_zip"),
            Message("hint.copy_download_again"),
        ),
    )
    return _first_that_applies(kinds, name)


def _first_that_applies(kinds: Iterable[_Kind], name: str | None) -> WorkbookError:
    """Return the error for the first kind of file that applies; `name` is the path of the file."""
    kind = next(kind for kind in kinds if kind.applies)
    return refusal(kind.what, kind.hint, name, kind.code)
