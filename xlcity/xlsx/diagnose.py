"""Says in plain words why a file is not a workbook we can read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from xlcity.errors import WorkbookError
from xlcity.xlsx.limits import refusal

OLE_SIGNATURE = bytes.fromhex("D0CF11E0A1B11AE1")
_XML_2003 = b"urn:schemas-microsoft-com:office:spreadsheet"
_OPEN_DOCUMENT = b"urn:oasis:names:tc:opendocument"
_WEB_PAGE_STARTS = (b"<html", b"<!doctype html", b"<table", b"<meta")
_SAVE_AS = "Open it in Excel, WPS or LibreOffice and save it as .xlsx."
_COPY_AGAIN = "Copy or download it again."
_GIVE_WORKBOOK = "Give the workbook instead."
_DECRYPT = (
    "Open it with the password, remove it (File > Info > Protect) and save a copy."
)
_USE_AS_DATA = (
    "Name it .csv for `fill --data` or `new --data`; for a workbook, save it as .xlsx."
)


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

    return _first_that_applies(
        name,
        (not data, "the file is empty (0 bytes).", _COPY_AGAIN, "XC402"),
        (
            data.startswith(b"PK"),
            "the file is cut short or damaged.",
            _COPY_AGAIN,
            "XC403",
        ),
        (holds("EncryptedPackage"), "the workbook is encrypted.", _DECRYPT, "XC404"),
        (
            # WPS writes such data into .xls files as well, which any program opens.
            data.startswith(OLE_SIGNATURE)
            and (holds("ETExtData") or suffix == ".et")
            and suffix != ".xls",
            "this is a WPS spreadsheet (.et).",
            "Open it in WPS and save it as .xlsx; renaming does not convert it.",
        ),
        (
            holds("Workbook", "Book"),
            "this is an old binary workbook (.xls, or .et of WPS).",
            f"{_SAVE_AS[:-1]}; renaming does not convert it.",
        ),
        (
            data.startswith(OLE_SIGNATURE),
            "this is an old Office file, not a workbook.",
            _SAVE_AS,
        ),
        (
            head.startswith(b"%pdf"),
            "this is a PDF.",
            "Ask for the workbook it was printed from.",
        ),
        (_XML_2003 in head, "this is an XML Spreadsheet 2003.", _SAVE_AS),
        (
            _OPEN_DOCUMENT in head,
            "this is a flat OpenDocument spreadsheet (.fods).",
            _SAVE_AS,
        ),
        (is_web_page(data), "this is a web page, not a workbook.", _SAVE_AS),
        (
            b"\x00" not in data[:4096],
            "this is plain text, not a workbook.",
            _USE_AS_DATA,
        ),
        (True, "this is not a workbook.", _SAVE_AS),
    )


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
    return _first_that_applies(
        name,
        (holds("workbook.bin"), "this is a binary workbook (.xlsb).", _SAVE_AS),
        (is_open_document, "this is an OpenDocument spreadsheet (.ods).", _SAVE_AS),
        ("word/document.xml" in parts, "this is a Word document.", _GIVE_WORKBOOK),
        (is_presentation, "this is a PowerPoint presentation.", _GIVE_WORKBOOK),
        (
            holds(".iwa"),
            "this is an Apple Numbers file.",
            "Export it as Excel (.xlsx).",
        ),
        (
            holds(".xlsx"),
            "this is a zip archive with workbooks in it.",
            "Unpack it first.",
        ),
        (
            True,
            "this zip archive contains no workbook (no workbook part).",
            _COPY_AGAIN,
        ),
    )


def _first_that_applies(name: str | None, *kinds: tuple[Any, ...]) -> WorkbookError:
    """Return the error for the first kind of file that applies; `name` is the path of the file.

    Each of `kinds` says whether it applies, what the file is, what to do, and the code of the error
    if this is not XC401.
    """
    return next(
        refusal(what, hint, name, *code)
        for applies, what, hint, *code in kinds
        if applies
    )
