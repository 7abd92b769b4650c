"""Reads a manuscript: Word, Markdown or plain text, as sentences with their places."""

from __future__ import annotations

import io
import re
import statistics
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from xml.etree import ElementTree

from xlcity.audit.text.names import normalised
from xlcity.errors import DataError, XlcityError
from xlcity.messages import Message
from xlcity.model.reading.tables import decode_text
from xlcity.xlsx.limits import read_file

#: What can be read.
SUFFIXES = (".docx", ".md", ".txt")
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
#: The most that a document may unpack to.
_MOST = 200_000_000
_ENDS = re.compile(
    r"(?<=[。！？!?])(?![”’」）])|(?:(?<=[a-z0-9)%][.])|(?<=[a-z0-9)%][.][\"”]))\s+(?=[A-Z\"“])"
)
_CLOSED = re.compile(r"[。！？；：:!?.;][”’」）)\"']?$")
_MARKDOWN = re.compile(r"^\s{0,3}(?:#{1,6}\s+|[-*+]\s+|\d+\.\s+|>\s?)|[*_`]{1,3}")
#: Numbers of a chart or a table that run into the text.
_CELLS = re.compile(r"(?:\d+(?:\.\d+)?%?\s+){3,}\d+(?:\.\d+)?")
#: What begins a paragraph in Markdown.
_MARK = re.compile(r"\s{0,3}(#|[-*+]\s|\d+\.\s|>)")
#: Lines of so many characters are of text; shorter ones tell nothing of its width.
_FEWEST_SIGNS = 12
#: Headings have fewer characters.
_LONGEST_HEADING = 45
#: A line of text that is shorter than this share of the usual line ends its paragraph.
_SHORT = 0.72


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph or one of its sentences, with the paragraph's first line (its number in Word)."""

    line: int
    text: str
    heading: bool = False


def read_manuscript(path: str | Path) -> list[Passage]:
    """Return the sentences of a manuscript.

    Raises
    ------
    DataError
        If there is no such file, it has another format, or it has no text.
    """
    source = Path(path)
    suffix = source.suffix.lower()
    if suffix not in SUFFIXES:
        message = Message("XC370.no_manuscript")
        raise _error(source, message, Message("hint.use_docx"))
    try:
        data = read_file(source)
    except OSError as error:
        message = (
            Message("file.missing")
            if not source.exists()
            else Message("XC370.unreadable")
        )
        raise _error(source, message, Message("hint.check_path")) from error
    if suffix == ".docx":
        paragraphs = _docx(source, data)
    else:
        paragraphs = _joined(_decoded(source, data).splitlines(), marks=suffix == ".md")
    sentences = [*_sentences(paragraphs)]
    if not sentences:
        raise _error(source, Message("XC370.no_text"), Message("hint.check_file"))
    return sentences


def _error(source: Path, message: str, hint: str) -> DataError:
    return DataError(message, hint, "XC370", file=str(source))


def _decoded(source: Path, data: bytes) -> str:
    try:
        return decode_text(data, str(source))
    except XlcityError as error:
        raise _error(
            source, Message("XC370.no_text_file"), Message("hint.save_as_utf8")
        ) from error


def _docx(source: Path, data: bytes) -> Iterator[Passage]:
    """Yield the paragraphs of a Word document; deleted text is not part of it."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            part = file.getinfo("word/document.xml")
            if part.file_size > _MOST:
                raise _error(source, Message("XC370.too_large"), Message("hint.split"))
            content = file.read(part)
        # An entity may unpack to any size; Word writes none.
        body = ElementTree.fromstring(b"" if b"<!ENTITY" in content else content)
    except (
        zipfile.BadZipFile,
        KeyError,
        ElementTree.ParseError,
        OSError,
        RuntimeError,
        zlib.error,
    ) as error:
        message = Message("XC370.no_word_document")
        raise _error(source, message, Message("hint.save_again_as_docx")) from error
    for number, paragraph in enumerate(body.iter(f"{_W}p"), 1):
        style = paragraph.find(f"{_W}pPr/{_W}pStyle")
        name = style.get(f"{_W}val", "") if style is not None else ""
        words = [
            (node.text or "") if node.tag == f"{_W}t" else " "
            for node in paragraph.iter()
            if node.tag in (f"{_W}t", f"{_W}tab", f"{_W}br")
        ]
        heading = name.lower().startswith(("heading", "标题", "title"))
        yield Passage(number, "".join(words), heading)


def _joined(lines: Sequence[str], *, marks: bool) -> Iterator[Passage]:
    """Yield paragraphs: lines that were broken at the edge of a page are put together."""
    stripped = [_strip_line(line, marks=marks) for line in lines]
    usual = _usual_length(stripped)
    start = 0
    goes_on = False
    parts: list[str] = []
    for number, (line, raw) in enumerate(zip(stripped, lines, strict=True), 1):
        if not line:
            # Text layers of PDF files have an empty line after every line.
            goes_on = goes_on and _runs_on(parts[-1], usual)
            continue
        is_marked = marks and bool(_MARK.match(raw))
        if not goes_on or is_marked or "\t" in line:
            yield from _paragraph(start, parts)
            start = number
            parts = []
        parts.append(line)
        is_heading = _is_heading(raw, marks=marks)
        goes_on = not is_heading and _may_go_on(parts, usual)
    yield from _paragraph(start, parts)


def _strip_line(line: str, *, marks: bool) -> str:
    """Return a line without marks of Markdown, where it may have these, and spaces at its ends."""
    return (_MARKDOWN.sub("", line) if marks else line).strip()


def _is_heading(line: str, *, marks: bool) -> bool:
    return marks and line.lstrip().startswith("#")


def _usual_length(lines: Iterable[str]) -> float:
    """Return how long the lines of a text are that are no rows of a table, and not short."""
    texts = [line for line in lines if "\t" not in line]
    lengths = [len(line) for line in texts if len(line) > _FEWEST_SIGNS]
    return statistics.median(lengths) if lengths else 0


def _may_go_on(parts: Sequence[str], usual: float) -> bool:
    """Tell whether the next line may belong to the paragraph of some lines."""
    line = parts[-1]
    if "\t" in line:
        return False
    is_long = len(line) >= usual * _SHORT and not _CLOSED.search(line)
    return _runs_on(line, usual) or (len(parts) > 1 and is_long)


def _runs_on(line: str, usual: float) -> bool:
    """Tell whether the sentence at the end of a line goes on below it."""
    if _CLOSED.search(line):
        return len(line) >= usual and not line.endswith(("。", "."))
    is_long = len(line) >= max(_FEWEST_SIGNS, usual * _SHORT)
    return is_long or line.endswith(("，", "、", ",", "—"))


def _paragraph(start: int, parts: Sequence[str]) -> Iterator[Passage]:
    """Yield the paragraph of some lines, if there are any."""
    if not parts:
        return
    text = parts[0]
    for part in parts[1:]:
        edges = text[-1:] + part[:1]
        is_spaced = edges.isascii() and not text.endswith("-")
        text += f" {part}" if is_spaced else part
    is_open = not _CLOSED.search(text) and "\t" not in text
    is_short = len(parts) == 1 and len(text) < _LONGEST_HEADING
    yield Passage(start, text, heading=is_short and is_open)


def _sentences(paragraphs: Iterable[Passage]) -> Iterator[Passage]:
    """Yield the sentences of paragraphs; one with tabs is a row of a table."""
    for paragraph in paragraphs:
        if "\t" not in paragraph.text:
            for part in sentences_of(paragraph.text):
                yield replace(paragraph, text=part)


def sentences_of(text: str) -> Iterator[str]:
    """Yield the sentences of a paragraph."""
    for sentence in _ENDS.split(normalised(text)):
        yield from filter(None, map(str.strip, _CELLS.split(sentence)))
