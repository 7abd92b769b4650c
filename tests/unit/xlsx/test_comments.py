"""Comments on cells are what people said, whichever program saved them."""

import io

from openpyxl import Workbook
from openpyxl.comments import Comment

from xlcity.xlsx.cells import read_book
from xlcity.xlsx.editing.comments import read_comments
from xlcity.xlsx.editing.transplant import copy_sheets
from xlcity.xlsx.package import Package
from xlcity.xlsx.relations import Relations

THREADS = "http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments"
TYPES = "http://schemas.microsoft.com/office/2017/10/relationships/"


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


def book_of(sheet: str) -> Package:
    book = Workbook()
    book.active.title = sheet
    buffer = io.BytesIO()
    book.save(buffer)
    return Package.from_bytes(buffer.getvalue())


def with_thread(sheet: str, who: str, text: str) -> Package:
    """Return a workbook with a thread as Excel keeps it, without the note beside it."""
    package = book_of(sheet)
    page, main = (
        Relations.read_from(package, p)
        for p in ("xl/worksheets/sheet1.xml", "xl/workbook.xml")
    )
    thread = "xl/threadedComments/threadedComment1.xml"
    people = "xl/persons/person.xml"
    page.add(f"{TYPES}threadedComment", thread)
    main.add(f"{TYPES}person", people)
    body = (
        f'<threadedComment ref="B2" personId="{{{who}}}" id="{{1}}"><text>{text}</text>'
    )
    named = f'<person displayName="{who}" id="{{{who}}}"/>'
    return package.replace(
        {
            page.part: page.to_bytes(),
            main.part: main.to_bytes(),
            thread: (
                f"<ThreadedComments "
                f'xmlns="{THREADS}">{body}</threadedComment></ThreadedComments>'
            ).encode(),
            people: f'<personList xmlns="{THREADS}">{named}</personList>'.encode(),
        }
    )


def test_threads_of_a_sheet_that_is_copied_stay_with_who_wrote_in_them():
    target = book_of("Data")
    for sheet, who in (("Li 1", "Li"), ("Wang", "Wang"), ("Li 2", "Li")):
        source = with_thread(sheet, who, f"{who} on {sheet}")
        target = copy_sheets(source, target, {sheet: sheet})
    found = read_comments(target, read_book(target))
    assert [(one.text, one.author) for one in found.values()] == [
        ("Li on Li 1", "Li"),
        ("Wang on Wang", "Wang"),
        ("Li on Li 2", "Li"),
    ]
    people = next(text for part, text in target.parts.items() if "/persons/" in part)
    assert people.count(b"<person ") == 2


def notes(make, xml, threads="", people=""):
    """Return the comments of a sheet by cell, from the parts with notes, threads and people."""
    sheet = Relations("xl/worksheets/sheet1.xml")
    sheet.add("comments", "xl/comments1.xml")
    sheet.add(f"{TYPES}threadedComment", "xl/threads.xml")
    package = make("").replace(
        {
            sheet.part: sheet.to_bytes(),
            "xl/comments1.xml": f"<comments>{xml}</comments>".encode(),
            "xl/threads.xml": f"<ThreadedComments>{threads}</ThreadedComments>".encode(),
            "xl/persons/p.xml": f"<personList>{people}</personList>".encode(),
        }
    )
    found = read_comments(package, read_book(package))
    return {place: (one.text, one.author) for (_, place), one in found.items()}


def test_a_note_is_its_text_without_the_name_that_excel_puts_before_it(make):
    authors = "<authors><author>Li</author><author/></authors>"
    texts = (
        "<t>Li:\n</t><t>so</t>",
        "<t> Li: so\n</t>",
        "<t>:\nso</t>",
        "<t>Li:\nso</t>",
        "<t>Li:\nso</t>",
        "<t/>",
    )
    numbers = ("0", "0", "1", "2", "x", "0")
    listed = "".join(
        f'<comment ref="A{row}" authorId="{number}"><text><r>{text}</r></text></comment>'
        for row, (number, text) in enumerate(zip(numbers, texts, strict=True), 1)
    )
    assert notes(make, authors + listed) == {
        (1, 1): ("so", "Li"),
        (2, 1): ("Li: so", "Li"),
        (3, 1): (":\nso", ""),
        (4, 1): ("Li:\nso", ""),
        (5, 1): ("Li:\nso", ""),
        (6, 1): ("", "Li"),
    }


def test_a_thread_is_one_comment_by_its_first_writer(make):
    def said(cell, who, text):
        return (
            f'<threadedComment ref="{cell}" '
            f'personId="{who}"><text>{text}</text></threadedComment>'
        )

    threads = (
        said("A1", "1", "Is it?")
        + said("B1", "2", "Other")
        + said("A1", "2", "Yes.")
        + said("A1", "3", "No.")
    )
    people = '<person id="1" displayName="Li"/><person id="2" displayName="Wang"/>'
    note = '<comment ref="A1"><text><t>for old programs</t></text></comment>'
    assert notes(make, note, threads, people) == {
        (1, 1): ("Is it?\nWang: Yes.\nNo.", "Li"),
        (1, 2): ("Other", "Wang"),
    }
