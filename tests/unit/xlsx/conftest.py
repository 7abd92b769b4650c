"""Workbooks written by hand, so that a test controls every byte of a sheet."""

import io
import zipfile
from collections.abc import Callable
from xml.sax.saxutils import escape, quoteattr

import pytest

from xlcity.xlsx.package import Package

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
CONTENT_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
PACKAGE_REL = "http://schemas.openxmlformats.org/package/2006/relationships"


def relations(items: list[tuple[str, str, str]]) -> str:
    body = "".join(
        f'<Relationship Id="{rid}" Type="{REL}/{kind}" Target="{target}"/>'
        for rid, kind, target in items
    )
    return f'<Relationships xmlns="{PACKAGE_REL}">{body}</Relationships>'


def workbook_bytes(
    sheets: dict[str, str],
    *,
    strings: str = "",
    names: dict[str, str] | None = None,
    local_names: str = "",
    workbook_pr: str = "",
    extra: dict[str, str] | None = None,
    comment: bytes = b"",
) -> bytes:
    """Return an .xlsx file; a sheet is its <sheetData> content or a whole <worksheet>."""
    tabs = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{i}" r:id="rId{i}"/>'
        for i, name in enumerate(sheets, 1)
    )
    defined = "".join(
        f'<definedName name="{key}">{escape(text)}</definedName>'
        for key, text in (names or {}).items()
    )
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{CONTENT_TYPES}"/>',
        "_rels/.rels": relations([("rId1", "officeDocument", "xl/workbook.xml")]),
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{REL}">{workbook_pr}'
        f"<sheets>{tabs}</sheets>"
        f"<definedNames>{defined}{local_names}</definedNames></workbook>",
        "xl/_rels/workbook.xml.rels": relations(
            [
                (f"rId{i}", "worksheet", f"worksheets/sheet{i}.xml")
                for i in range(1, len(sheets) + 1)
            ]
            + [("rId99", "sharedStrings", "/xl/sharedStrings.xml")]
        ),
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{strings}</sst>',
    }
    for i, xml in enumerate(sheets.values(), 1):
        whole = "worksheet" in xml[:80]
        parts[f"xl/worksheets/sheet{i}.xml"] = (
            xml
            if whole
            else f'<worksheet xmlns="{MAIN}"><sheetData>{xml}</sheetData></worksheet>'
        )
    parts.update(extra or {})
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.comment = comment
        for i, (name, text) in enumerate(parts.items()):
            info = zipfile.ZipInfo(name, (2020, 1, 1 + i % 28, 10, 20, 30))
            # One stored part among deflated ones, as some writers have it.
            info.compress_type = zipfile.ZIP_STORED if i == 0 else zipfile.ZIP_DEFLATED
            archive.writestr(info, text)
    return out.getvalue()


@pytest.fixture
def make() -> Callable[..., Package]:
    def build(sheets: dict[str, str] | str, **options: object) -> Package:
        if isinstance(sheets, str):
            sheets = {"S": sheets}
        return Package.from_bytes(workbook_bytes(sheets, **options))

    return build


@pytest.fixture
def make_bytes() -> Callable[..., bytes]:
    return workbook_bytes
