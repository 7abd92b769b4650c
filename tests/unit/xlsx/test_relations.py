"""Entries that are added to the relationships of a part and to the list of content types."""

from xml.etree import ElementTree as ET

from xlcity.xlsx.package import Package
from xlcity.xlsx.relations import ContentTypes, Relations

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/a.xml" ContentType="kind/a"/></Types>'
)


def entries(listed: Relations | ContentTypes) -> list[tuple[str, ...]]:
    """Return the entries of a part as it is written: the values of their attributes."""
    return [tuple(entry.attrib.values()) for entry in ET.fromstring(listed.to_bytes())]


def test_relationships_get_ids_that_are_free_and_targets_beside_their_part():
    relations = Relations("xl/worksheets/sheet1.xml")
    assert relations.part == "xl/worksheets/_rels/sheet1.xml.rels"
    assert entries(relations) == []
    ids = [
        relations.add("comments", "xl/comments1.xml"),
        relations.add("drawing", "xl/worksheets/d.xml"),
        relations.add("hyperlink", "https://x.org/a", external=True),
        relations.add("http://other.org/kind", "xl/media/a.png"),
        relations.add("comments", "xl/worksheets/deep/c.xml"),
    ]
    assert ids == ["rId1", "rId2", "rId3", "rId4", "rId5"]
    assert entries(relations) == [
        ("rId1", f"{OFFICE}/comments", "../comments1.xml"),
        ("rId2", f"{OFFICE}/drawing", "d.xml"),
        ("rId3", f"{OFFICE}/hyperlink", "https://x.org/a", "External"),
        ("rId4", "http://other.org/kind", "../media/a.png"),
        ("rId5", f"{OFFICE}/comments", "deep/c.xml"),
    ]
    relations.remove("comments")
    assert [entry[0] for entry in entries(relations)] == ["rId2", "rId3", "rId4"]
    relations.remove("rId2")
    relations.remove("none")
    assert [entry[0] for entry in entries(relations)] == ["rId3", "rId4"]
    assert relations.add("drawing", "xl/worksheets/e.xml") == "rId1"
    assert relations.add("drawing", "xl/worksheets/f.xml") == "rId2"
    package = Package({relations.part: relations.to_bytes()})
    read = Relations.read_from(package, "xl/worksheets/sheet1.xml")
    assert entries(read) == entries(relations)
    assert entries(Relations.read_from(package, "xl/worksheets/sheet2.xml")) == []


def test_a_part_and_an_extension_are_listed_once():
    types = ContentTypes(TYPES)
    listed = entries(types)
    types.override("xl/A.xml", "kind/other")
    types.add_default("XML", "kind/other")
    assert entries(types) == listed
    types.override("xl/b.xml", "kind/b")
    types.add_default("png", "image/png")
    assert entries(types)[2:] == [("/xl/b.xml", "kind/b"), ("png", "image/png")]
    types.remove("xl/a.xml")
    types.remove("xl/absent.xml")
    assert [entry[0] for entry in entries(types)] == ["xml", "/xl/b.xml", "png"]


def test_the_type_of_a_copy_is_that_of_its_part():
    source = ContentTypes(TYPES)
    target = ContentTypes(TYPES.replace("/xl/a.xml", "/xl/other.xml"))
    source.add_default("png", "image/png")
    target.copy_type(source, "xl/a.xml", "xl/new.xml")
    target.copy_type(source, "xl/media/x.png", "xl/media/y.png")
    target.copy_type(source, "xl/media/x.gif", "xl/media/y.gif")
    assert entries(target) == [
        ("xml", "application/xml"),
        ("/xl/other.xml", "kind/a"),
        ("/xl/new.xml", "kind/a"),
        ("png", "image/png"),
    ]
