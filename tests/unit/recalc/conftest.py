"""Small workbooks written by XlsxWriter, as the templates are."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter

Write = Callable[[xlsxwriter.Workbook], None]


def book_bytes(write: Write) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        write(book)
    return out.getvalue()


@pytest.fixture
def make_bytes() -> Callable[[Write], bytes]:
    return book_bytes


@pytest.fixture
def simple(tmp_path: Path) -> Callable[..., Path]:
    """Return a maker of a file with A1 = 2 and B1 = A1*21, and what else is asked."""

    def build(name: str = "book.xlsx", **formulas: str) -> Path:
        def write(book: xlsxwriter.Workbook) -> None:
            sheet = book.add_worksheet("S")
            sheet.write("A1", 2)
            sheet.write_formula("B1", "=A1*21", None, 0)
            for cell, formula in formulas.items():
                sheet.write_formula(cell, formula, None, 0)

        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(book_bytes(write))
        return path

    return build
