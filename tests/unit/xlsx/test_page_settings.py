"""How a sheet is seen, protected and printed: what is read, and how it is told in words."""

from xml.etree import ElementTree as ET

import pytest

from xlcity.xlsx.page_settings import (
    FOOTER,
    HEADER,
    MARGINS,
    PROTECTION,
    RANGES,
    SCALE,
    SOME_PAGES,
    describe_page,
    misleading_settings,
    read_breaks,
    read_settings,
    setting_text,
)


def sheet(inner: str) -> ET.Element:
    return ET.fromstring(f'<worksheet xmlns="m">{inner}</worksheet>')


@pytest.mark.parametrize(
    ("inner", "settings"),
    [
        ("", {}),
        # Defaults, and other spellings of them, are no settings.
        ('<pageSetup orientation="default" paperSize="1" blackAndWhite="false"/>', {}),
        (
            '<pageMargins left="0.70" right=".7" top="0.750" bottom="0.7501" header="9"/>',
            {},
        ),
        (
            '<pageSetup orientation="landscape"/>',
            {"orientation": (("orientation", "landscape"),)},
        ),
        (
            '<pageMargins left="1" right="0.716" top="0.75" bottom="0.75"/>',
            {MARGINS: (("left", "1"), ("right", "0.72"))},
        ),
        (
            '<sheetViews><sheetView showZeros="false" zoomScale="75"/></sheetViews>',
            {"zoom": (("zoomScale", "75"),), "zeros": (("showZeros", "0"),)},
        ),
        # What has no effect without another setting.
        ('<sheetProtection sort="0" password="ab12"/>', {}),
        (
            '<sheetProtection sheet="true" sort="0" password="ab12"/>',
            {PROTECTION: (("sheet", "1"), ("sort", "0"), ("password", "AB12"))},
        ),
        ('<pageSetup firstPageNumber="3"/>', {}),
        (
            '<pageSetup firstPageNumber="3" useFirstPageNumber="1"/>',
            {
                "first page number": (
                    ("firstPageNumber", "3"),
                    ("useFirstPageNumber", "1"),
                )
            },
        ),
        ('<pageSetup scale="60" fitToWidth="2"/>', {SCALE: (("scale", "60"),)}),
        (
            '<sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'
            '<pageSetup scale="60" fitToWidth="2"/>',
            {SCALE: (("fitToPage", "1"), ("fitToWidth", "2"))},
        ),
        (
            '<pageMargins header="0.1" footer="0.2"/>'
            "<headerFooter><oddHeader>&amp;9 Text</oddHeader></headerFooter>",
            {MARGINS: (("header", "0.1"),), HEADER: (("oddHeader", "&9Text"),)},
        ),
        (
            '<headerFooter differentFirst="1"><oddFooter>f</oddFooter>'
            "<firstHeader>&amp;9 12</firstHeader></headerFooter>",
            {
                FOOTER: (("oddFooter", "f"),),
                SOME_PAGES: (("differentFirst", "1"), ("firstHeader", "&9 12")),
            },
        ),
        (
            '<protectedRanges><protectedRange name="mine" sqref="B2:B9"/></protectedRanges>',
            {RANGES: (("mine", "B2:B9"),)},
        ),
    ],
)
def test_settings_are_what_differs_from_the_defaults_and_has_an_effect(inner, settings):
    assert read_settings(sheet(inner)) == settings


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        (PROTECTION, (), "off"),
        (PROTECTION, (("sheet", "1"),), "on"),
        (
            PROTECTION,
            (("sheet", "1"), ("objects", "1"), ("sort", "0"), ("autoFilter", "0")),
            "on, sort allowed, autoFilter allowed",
        ),
        (PROTECTION, (("sheet", "1"), ("hashValue", "x")), "on, with a password"),
        (SCALE, (), "scale 100, fitToWidth 1, fitToHeight 1"),
        (SCALE, (("scale", "60"),), "60"),
        (
            SCALE,
            (("fitToPage", "1"), ("fitToHeight", "0")),
            "fitToPage 1, fitToHeight 0",
        ),
        ("zoom", (("zoomScale", "75"),), "75"),
        ("zoom", (), "100"),
        ("print quality", (("draft", "1"),), "blackAndWhite 0, draft 1"),
        (HEADER, (("oddHeader", "&9"),), "&9"),
        (RANGES, (), "none"),
        (RANGES, (("a", "A1"), ("b", "B1")), "a A1, b B1"),
    ],
)
def test_a_setting_in_words_has_its_defaults_and_no_password(kind, value, text):
    assert setting_text(kind, value) == text


def test_settings_that_mislead_are_told_even_where_they_are_absent():
    told = dict(
        misleading_settings(
            read_settings(
                sheet(
                    '<sheetViews><sheetView rightToLeft="1" showRowColHeaders="0" zoomScale="75"/>'
                    '</sheetViews><pageSetup draft="1"/>'
                )
            )
        )
    )
    assert {name: text for name, text in told.items() if text} == {
        "right to left": "yes",
        "row and column headings": "no",
        "print quality": "blackAndWhite 0, draft 1",
    }
    assert {name for name, text in told.items() if not text} == {
        "printed grid lines and headings",
        "order of pages",
        "first page number",
        "printed comments and errors",
    }


def test_the_page_in_words():
    breaks = (
        '<rowBreaks><brk id="10" man="1"/><brk id="12"/><brk id="20" man="true"/></rowBreaks>'
        '<colBreaks><brk id="5" man="1"/></colBreaks>'
    )
    assert read_breaks(sheet(breaks)) == ([10, 20], [5])
    assert read_breaks(sheet("")) == ([], [])
    names = ("orientation", "paper", SCALE, MARGINS, "page breaks")
    for inner, texts in (
        ("", ("", "", "", "", "")),
        (
            f'<pageMargins left="0.123" top="1"/><pageSetup orientation="landscape" paperSize="9"/>'
            f"{breaks}",
            ("landscape", "A4", "", "0.12, 0.00, 1.00, 0.00", "10, 20, E"),
        ),
        (
            '<pageSetup orientation="portrait" paperSize="77" scale="60"/>',
            ("", "77", "60 %", "", ""),
        ),
        (
            '<sheetPr><pageSetUpPr fitToPage="1"/></sheetPr><pageSetup fitToHeight="0"/>',
            ("", "", "fit to pages: 1 × 0", "", ""),
        ),
        ('<pageSetup scale="100" paperSize="0"/>', ("", "", "", "", "")),
    ):
        assert describe_page(sheet(inner)) == dict(zip(names, texts, strict=True))
