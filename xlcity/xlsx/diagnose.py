"""Says in plain words why a file is not a workbook we can read."""

from __future__ import annotations

from pathlib import Path

from xlcity.errors import WorkbookError
from xlcity.xlsx.limits import refusal

_OLE = bytes.fromhex("D0CF11E0A1B11AE1")
_XML_2003 = b"urn:schemas-microsoft-com:office:spreadsheet"
_OPEN_DOCUMENT = b"urn:oasis:names:tc:opendocument"
_PAGES = (b"<html", b"<!doctype html", b"<table", b"<meta")
_SAVE_AS = "Open it in Excel, WPS or LibreOffice and save it as .xlsx."


def is_document(data: bytes) -> bool:
    """Return whether data that should be a text table are a spreadsheet, a PDF or a web page."""
    head = _read_head(data)
    marked = head.startswith(b"<?xml") and any(mark in head for mark in (_XML_2003, _OPEN_DOCUMENT))
    return marked or data.startswith((b"PK\x03\x04", _OLE)) or head.startswith((b"%pdf", *_PAGES))


def _read_head(data: bytes) -> bytes:
    """Return the first bytes of a file in small letters, without leading blanks."""
    return data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()


def not_a_zip_error(data: bytes, name: str | None) -> WorkbookError:
    """Return the error for data that is no zip, saying what it is instead."""
    if not data:
        return refusal("the file is empty (0 bytes).", "Copy or download it again.", name, "XC402")
    if data.startswith(_OLE):
        return _describe_compound_file(data, name)
    if data.startswith(b"PK"):
        return refusal(
            "the file is cut short or damaged.", "Copy or download it again.", name, "XC403"
        )
    head = _read_head(data)
    if head.startswith(b"%pdf"):
        return refusal("this is a PDF.", "Ask for the workbook it was printed from.", name)
    if _XML_2003 in head:
        return refusal("this is an XML Spreadsheet 2003.", _SAVE_AS, name)
    if _OPEN_DOCUMENT in head:
        return refusal("this is a flat OpenDocument spreadsheet (.fods).", _SAVE_AS, name)
    if head.startswith(_PAGES):
        return refusal("this is a web page with a workbook's name.", _SAVE_AS, name)
    if b"\x00" not in data[:4096]:
        return refusal(
            "this is plain text, not a workbook.",
            "A CSV goes to `fill --data` or `new --data`; for a workbook, save it as .xlsx.",
            name,
        )
    return refusal("this is not a workbook.", _SAVE_AS, name)


def _describe_compound_file(data: bytes, name: str | None) -> WorkbookError:
    """Return the error for a compound file: encrypted, of WPS, or of an old Office."""

    def holds(stream: str) -> bool:
        return stream.encode("utf-16-le") in data

    if holds("EncryptedPackage"):
        return refusal(
            "the workbook is encrypted with a password.",
            "Open it with the password, remove it (File > Info > Protect) and save a copy.",
            name,
            "XC404",
        )
    suffix = Path(name).suffix.lower() if name else ""
    if suffix == ".et" or holds("ETExtData"):
        return refusal(
            "this is a WPS spreadsheet (.et), despite its name.",
            "Open it in WPS and save it as .xlsx; renaming does not convert it.",
            name,
        )
    if holds("Workbook") or holds("Book"):
        return refusal(
            "this is an old binary workbook (.xls, or .et of WPS), despite its name.",
            "Open it in Excel, WPS or LibreOffice and save it as .xlsx; renaming does not "
            "convert it.",
            name,
        )
    return refusal("this is an old Office file, not a workbook.", _SAVE_AS, name)


def no_workbook_error(names: list[str], mimetype: bytes, name: str | None) -> WorkbookError:
    """Return the error for a zip, by its parts and its mimetype, that is not a workbook."""
    folded = {part.lower() for part in names}
    if any(part.endswith("workbook.bin") for part in folded):
        return refusal("this is a binary workbook (.xlsb).", _SAVE_AS, name)
    if b"opendocument.spreadsheet" in mimetype:
        return refusal("this is an OpenDocument spreadsheet (.ods).", _SAVE_AS, name)
    if "word/document.xml" in folded:
        return refusal("this is a Word document.", "Give the workbook instead.", name)
    if "ppt/presentation.xml" in folded:
        return refusal("this is a PowerPoint presentation.", "Give the workbook instead.", name)
    if any(part.endswith(".iwa") for part in folded):
        return refusal("this is an Apple Numbers file.", "Export it as Excel (.xlsx).", name)
    if any(part.endswith(".xlsx") for part in folded):
        return refusal("this is a zip archive with workbooks in it.", "Unpack it first.", name)
    return refusal(
        "this zip archive contains no workbook (no workbook part).",
        "Copy or download the workbook again.",
        name,
    )
