"""Places of a chapter where its author writes, and what was written into them.

A place is a content control of Word whose tag is its name. It shows marked gaps, which say what
the author knows and the data do not, until the author writes there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from xlcity.figures.contents import Label
from xlcity.report.contents import Paragraph, Section, Sentence
from xlcity.report.texts import say

PREFACE = "preface"
METHOD = "method"
LIMITS = "limits"
#: What the names of the places of other sections begin with; what anchors of sections do.
_OF_AUTHOR = "author-"
_ANCHOR = "s-"
#: Anchors of the section before which there is a place for method, and of that on limits.
_AFTER_FRAMEWORK = f"{_ANCHOR}framework"
_ON_LIMITS = f"{_ANCHOR}appendix"
_ANNEX = f"{_ANCHOR}annex"
#: The fact that a marked gap states.
GAP = "author_gap"
_GAP = re.compile(r"【作者[:：][^】]*】|\[Author: [^\]]*\]")
#: What stands before sentences on invented or printed numbers.
_DATA_MARK = re.compile(r"^(?:［[^］]*］|\[(?!Author)[^\]]*\] ?)")
#: What Word shows in a place that was emptied has this style.
_PROMPT = "placeholder text"
#: What a place may hold besides text.
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MATHS = "{http://schemas.openxmlformats.org/officeDocument/2006/math}oMath"
_THINGS = (f"{W}drawing", f"{W}object", f"{W}pict", f"{W}tbl", _MATHS)


@dataclass(frozen=True, slots=True)
class Place:
    """A place of a chapter.

    Attributes
    ----------
    name
        Its tag in the document.
    title
        What Word shows above it.
    gaps
        The marked gaps that stand there until the author writes.
    """

    name: str
    title: Label
    gaps: tuple[Label, ...] = ()


@dataclass(frozen=True, slots=True)
class PlacesFound:
    """What became of the places of the chapter that lay in the folder of a report.

    Attributes
    ----------
    file
        The document that has them.
    taken
        Names of filled places whose text was taken over.
    left
        Names of filled places that the new chapter does not have: their text stands at its end.
    gaps
        How many marked gaps the new chapter has.
    lost
        Whether there was a chapter without any place, as LibreOffice saves it.
    """

    file: str
    taken: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    gaps: int = 0
    lost: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "file": self.file,
            "taken": [*self.taken],
            "left": [*self.left],
            "gaps": self.gaps,
        }


def is_gap(text: str) -> bool:
    """Tell whether a text is a marked gap and nothing else.

    >>> is_gap("【作者：原因？】"), is_gap("[Author: why?]"), is_gap("[Author: why?] Ports.")
    (True, True, False)
    """
    return bool(_GAP.fullmatch(_DATA_MARK.sub("", text.strip())))


def gap_sentence(key: str) -> Sentence:
    """Return a marked gap with a text of the catalogue."""
    return Sentence(GAP, "", say("gap", text=say(key)))


def with_places(sections: Sequence[Section]) -> list[Section]:
    """Return the sections of a chapter with places for preface, method and limits."""
    every = list(sections)
    anchors = [section.anchor for section in every]
    framework = anchors.index(_AFTER_FRAMEWORK) if _AFTER_FRAMEWORK in anchors else -1
    _add_place(every, METHOD, framework + 1)
    end = anchors.index(_ANNEX) + 1 if _ANNEX in anchors else len(every)
    _add_place(every, LIMITS, end)
    _add_place(every, PREFACE, 0)
    return every


def _add_place(sections: list[Section], name: str, number: int) -> None:
    """Give the section of a name a place, or put such a section at a number of the list."""
    gap = Paragraph([gap_sentence(f"gap.{name}")], is_gap=True)
    for n, section in enumerate(sections):
        if _name_of(section) == name:
            paragraphs = (*section.paragraphs, gap)
            sections[n] = replace(section, paragraphs=paragraphs)
            return
    title = say(f"section.{name}")
    sections.insert(number, Section(title, (gap,), (), _ANCHOR + name))


def _name_of(section: Section) -> str:
    """Return the name of the place that a section may have."""
    if section.anchor == _ON_LIMITS:
        return LIMITS
    name = section.anchor.removeprefix(_ANCHOR)
    return name if name in (PREFACE, METHOD, LIMITS) else _OF_AUTHOR + name


def place_of(section: Section) -> Place:
    """Return the place of a section, with the gaps that its statements have."""
    asked = (own for own in section.paragraphs if own.is_gap)
    sentences = chain.from_iterable(own.sentences for own in asked)
    gaps = tuple(sentence.text for sentence in sentences)
    return Place(_name_of(section), section.title, gaps)


def without_gaps(section: Section) -> Section:
    """Return a section without the gaps among its paragraphs."""
    return replace(section, paragraphs=section.said)


def read_places(document: Any) -> dict[str, Sequence[Any]]:
    """Return the tagged content controls of a document: name -> its paragraphs and tables.

    What nobody has written into has none.
    """
    prompts = {s.style_id for s in document.styles if s.name.casefold() == _PROMPT}
    places: dict[str, Sequence[Any]] = {}
    for control in document.element.body.iterchildren(f"{W}sdt"):
        tag = control.find(f"{W}sdtPr/{W}tag")
        content = control.find(f"{W}sdtContent")
        if tag is None or content is None:
            continue
        is_filled = _is_filled(content, prompts)
        places[tag.get(f"{W}val")] = list(content) if is_filled else []
    return places


def _is_filled(content: Any, prompts: set[str]) -> bool:
    """Tell whether an author wrote into a place: neither gaps nor Word's prompt stand there."""
    if any(next(content.iter(kind), None) is not None for kind in _THINGS):
        return True
    texts = (_text_of(paragraph, prompts) for paragraph in content.iter(f"{W}p"))
    return any(text and not is_gap(text) for text in texts)


def _text_of(paragraph: Any, prompts: set[str]) -> str:
    """Return the text of a paragraph without what Word prompts with."""
    runs = (run for run in paragraph.iter(f"{W}r") if run.style not in prompts)
    return "".join(run.text for run in runs).strip()


def count_gaps(content: Sequence[Any]) -> int:
    """Return how many marked gaps paragraphs and tables have."""
    texts = ("".join(part.itertext(f"{W}t")) for part in content)
    return sum(len(_GAP.findall(text)) for text in texts)
