"""XML as a tree whose names keep their prefixes, so that it is written as it was read.

ElementTree replaces prefixes by addresses and writes prefixes of its own; attributes such as
``mc:Ignorable`` name prefixes, and Excel refuses a part in which these are gone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree import ElementTree as ET

#: Letters that stand for the colon in names, and behind ``xmlns``, while the tree is edited.
_COLON_SIGN = "\u3021"
_DEFAULT_SIGN = "\u3022"
_XML_START = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_TAG = re.compile(r"""<(?![!?])(?:[^<>"']++|"[^"]*"|'[^']*')*+>""")
_STRING_OR_COLON = re.compile(r"""("[^"]*"|'[^']*')|(:)|(?<=\sxmlns)(?==)""")


def read_markup(xml: str) -> ET.Element:
    """Return the root of an XML text whose names keep their prefixes, spelled as by `named`."""

    def replace_sign(match: re.Match[str]) -> str:
        """Return what stands for a match of `_STRING_OR_COLON` while the tree is edited.

        A quoted text (group 1) stays; a colon of a name (group 2) and the empty place behind a
        bare ``xmlns`` become letters, which the parser takes for part of the name.
        """
        return match[1] or (_COLON_SIGN if match[2] else _DEFAULT_SIGN)

    return ET.fromstring(
        _TAG.sub(lambda tag: _STRING_OR_COLON.sub(replace_sign, tag[0]), xml)
    )


def write_markup(root: ET.Element) -> str:
    """Return the XML text of a root of `read_markup`."""
    text = ET.tostring(root, "unicode")
    return text.replace(_DEFAULT_SIGN, "").replace(_COLON_SIGN, ":")


def markup_to_bytes(root: ET.Element) -> bytes:
    """Return the part whose root `read_markup` returned, with the XML declaration before it."""
    return f"{_XML_START}{write_markup(root)}".encode()


def named(name: str) -> str:
    """Return a name with a prefix, such as ``r:id``, as names in the tree are spelled."""
    return name.replace(":", _COLON_SIGN)


def prefix_of(element: ET.Element) -> str:
    """Return the namespace prefix of an element's tag, as `named` spells it; "" for none."""
    return element.tag[: element.tag.find(_COLON_SIGN) + 1]


def child_in_order(parent: ET.Element, tag: str, order: Sequence[str]) -> ET.Element:
    """Return a child of an element, made in its place among its siblings if it is not there.

    Parameters
    ----------
    parent
        The element; its children have the prefix that it has.
    tag
        The child, without prefix.
    order
        The children in the order of the format, as far as they follow each other.
    """
    prefix = prefix_of(parent)
    child = parent.find(prefix + tag)
    if child is None:
        child = ET.Element(prefix + tag)
        later = {prefix + name for name in order[order.index(tag) + 1 :]}
        indices = (index for index, e in enumerate(parent) if e.tag in later)
        parent.insert(next(indices, len(parent)), child)
    return child


def prefixed(element: ET.Element, prefix: str) -> ET.Element:
    """Give the tags of an element and all in it a prefix, spelled as by `named`, or none ("").

    The same element is returned.
    """
    for inner in element.iter():
        inner.tag = prefix + inner.tag.rpartition(_COLON_SIGN)[2]
    return element
