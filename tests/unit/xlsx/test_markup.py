"""XML as a tree that is written as it was read."""

from xlcity.xlsx.markup import named, read_markup, write_markup


def test_signs_in_attributes_hide_no_prefix():
    """Excel gives an id to every link, as it does to validations that ask something."""
    inner = (
        """<link at="'README'!A1" xr:uid="{1}" /><rule """
        """ask="Sure? a &lt; b > c" xr:uid='{2}' />"""
    )
    xml = f'<x:sheet xmlns:x="m" xmlns:xr="r"><!-- a:b? --><x:links>{inner}</x:links></x:sheet>'
    root = read_markup(xml)
    assert [element.get(named("xr:uid")) for element in root[0]] == ["{1}", "{2}"]
    written = write_markup(root)
    assert inner.replace("b > c", "b &gt; c").replace("'{2}'", '"{2}"') in written
    assert written.startswith('<x:sheet xmlns:x="m" xmlns:xr="r"><x:links>')
