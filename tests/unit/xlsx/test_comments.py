"""Comments on cells are what people said, whichever program saved them."""

import io

from openpyxl import Workbook
from openpyxl.comments import Comment

from xlcity.xlsx.cells import read_book
from xlcity.xlsx.editing.comments import read_comments
from xlcity.xlsx.package import Package


def test_a_thread_that_another_program_saved_is_what_people_said():
    """Programs without threads keep the sentence that Excel leaves for them in the note."""
    head = "[Threaded comment]\n\nRead more: https://go.microsoft.com/fwlink/?linkid=870924\n\n"
    book = Workbook()
    book.active["B2"].comment = Comment(
        f"{head}Comment:\n    is this so?\nReply:\n    yes: p. 3", "Li"
    )
    book.active["B3"].comment = Comment("a note: as usual\n    indented", "Li")
    buffer = io.BytesIO()
    book.save(buffer)
    package = Package.from_bytes(buffer.getvalue())
    found = read_comments(package, read_book(package))
    assert [(one.text, one.author) for one in found.values()] == [
        ("is this so?\nyes: p. 3", ""),
        ("a note: as usual\n    indented", "Li"),
    ]
