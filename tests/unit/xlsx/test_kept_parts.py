"""What the small functions answer for lists of awkward inputs, kept as text."""

import itertools
from collections.abc import Callable, Iterable

from tests.helpers.kept import shown
from xlcity.xlsx import address, appearance, diagnose, text
from xlcity.xlsx.features import areas_text, parse_areas, subtract_rectangles
from xlcity.xlsx.formulas import number_texts
from xlcity.xlsx.formulas.formula import changed_part, find_calls
from xlcity.xlsx.formulas.syntax import parse
from xlcity.xlsx.formulas.tokens import normalise_formula
from xlcity.xlsx.save import safe_name
from xlcity.xlsx.styles import normalise_format

NUMBERS = (
    0.0,
    -0.0,
    1.0,
    -1.5,
    0.1 + 0.2,
    1 / 3,
    -2 / 3e6,
    1e14 + 0.5,
    999999999999999.0,
    1e15,
    -1e15,
    1e15 + 2,
    123456789012345678.0,
    1e20,
    1e21,
    1.5e21,
    1e300,
    1e-4,
    1.25e-5,
    1e-18,
    1e-19,
    1.5e-17,
    1e-20,
    1e-300,
    99.99999999999999,
    0.5,
)
TEXTS = (
    "",
    "a",
    " a",
    "a\n",
    "12",
    "-12.5",
    "+3",
    "1,234",
    "12%",
    "1e5",
    "1E",
    "3 Jan 2020",
    "2020-01-02",
    "2020-01-02T12:00:00Z",
    "12:30",
    "12:30:15",
    "12月3日",
    "TRUE",
    " false ",
    "A1",
    "R1C1",
    "it's",
    "Sheet 1",
    "1st",
    "a.b",
    "nul",
    "con.txt",
    "..",
    "a/b",
    "x" * 200,
    "文" * 60,
    "a\u202eb",
    "<a&b>",
    "&lt;&#65;&#x42;&amp;&quot;",
    "<![CDATA[a&b]]>",
    "_x000D_",
    "_x005F_x0041_",
    "\x01",
    'say "x"',
    "both ' and \"",
    "#n/a",
    "#SPILL!",
    "#DIV/0!",
    "٣",
    "1_000",
    "½",
    "12 a.m.",
    "$5",
    "(3)",
)
ADDRESSES = (
    "A1",
    "$A$1",
    "XFD1048576",
    "XFE1",
    "A1048577",
    "A0",
    "a1",
    "AA10",
    "A",
    "1",
    "A1:B2",
    "B2:A1",
    "A:B",
    "1:2",
    "S!A1",
    "'S 1'!A1:B2",
    "'it''s'!$A$1",
    "=S!A1",
    "S!A1,S!B2",
    "S!#REF!",
    "[1]S!A1",
    "'a'b'!A1",
    "",
)
FORMULAS = (
    "SUM(A1)+1",
    "MAX(B1,2)+1",
    "A1+B1",
    "A1+B1+2",
    "B1+A1",
    "IF(A1,SUM(B1:B3)/2,0)",
    "IF(A1,AVERAGE(B1:B3),0)",
    "SUM(B1:B3)/2",
    "SUM($B1:B$3)/3",
    "sum(b1:b3)/2",
    'A1&"x, (y"',
    "-(A1-2)^-1%",
    "((A1))",
    "ROUND(SUM(A1,IF(B1>2,C1,D1)),2)",
    "ROUND(SUM(A1,IF(B1>=2,C1)),2)",
    "'S 1'!A1*[2]T!B2",
    "{1,2;3,4}",
    "SUM(A1:INDEX(B:B,3))",
    "A1:B2 B1:C3",
    "t[#This Row]",
    "_xlfn.XLOOKUP(A1,B:B,C:C)",
    "1E5+.5+1.50+1E15",
    "NOT(TRUE)",
    "IF(FALSE(),1,TRUE( ))",
    "name+other_name",
    "",
    "SUM(",
)
FORMATS = (
    "General",
    "0.00",
    ";;;",
    '0"x"',
    '"a";"b"',
    "[Red]0;-0",
    "@",
    "yyyy\\-mm\\-dd",
    "0;;",
    '[>5]"";0',
    "#,##0_);(#,##0)",
    "0.0%",
    '""',
    "0;-0;;@",
)
AREAS = (
    (1, 1, 3, 3),
    (2, 2, 2, 2),
    (3, 3, 5, 5),
    (4, 1, 6, 2),
    (1, 4, 9, 4),
    (2, 1, 2, 9),
    (1, 1, 9, 9),
    (3, 1, 3, 3),
)
HEADS = (
    b"",
    b"PK\x03\x04",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    b"%PDF-1",
    b" \n%pdf",
    b"<?xml version='1.0'?><office:document",
    b"<html>",
    b"<!DOCTYPE html>",
    b"a,b\n1,2\n",
    b"a\x00b",
    b"\xef\xbb\xbf<?xml?>urn:schemas-microsoft-com:office:spreadsheet",
    *(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + name.encode("utf-16-le")
        for name in (
            "EncryptedPackage",
            "ETExtData",
            "Workbook",
            "Book",
            "WordDocument",
        )
    ),
)
ARCHIVES = (
    ["xl/workbook.bin"],
    ["word/document.xml"],
    ["ppt/presentation.xml"],
    ["a.iwa"],
    ["in/a.xlsx"],
    ["b.txt"],
)


def answer(function: Callable[..., object], *arguments: object) -> str:
    """Return what a function gives, or what it refuses."""
    try:
        given = function(*arguments)
    except (ValueError, TypeError, IndexError) as refusal:
        return f"{type(refusal).__name__}: {refusal}"
    return shown(given)


def table(functions: Iterable[Callable[..., object]], inputs: Iterable[object]):
    """Yield a line for each input: what the functions give."""
    functions = tuple(functions)
    yield " | ".join(of.__name__ for of in functions)
    for given in inputs:
        yield f"{given!r:.60}: {' | '.join(answer(of, given) for of in functions)}"


def described(error: object) -> str:
    """Return an error with its code and its remedy."""
    return (
        f"{error.problems[0].code} {error.problems[0].message} {error.problems[0].hint}"
    )


def lines():
    yield "== numbers"
    yield from table(
        (
            text.number_text,
            number_texts.joined_number,
            number_texts.in_15_digits,
            text.normal_value,
        ),
        NUMBERS,
    )
    near = [a for a in NUMBERS for a in (a, a * (1 + 5e-15), a * (1 + 2e-14))]
    pairs = [
        pair
        for pair in itertools.product(near, near)
        if number_texts.differ_by_rounding(*pair)
    ]
    yield f"differ by rounding: {pairs}"
    yield "== texts"
    yield from table(
        (
            number_texts.is_decimal,
            number_texts.reads_otherwise,
            safe_name,
            text.xml_text,
            text.cell_text,
            text.unescaped,
            text.escape_xml,
            text.in_quotes,
            text.escape_cell_text,
            text.space_kept,
            text.error_value,
            text.date_serial,
            address.quote_sheet,
        ),
        TEXTS,
    )
    dates = [
        f"{answer(lambda t: text.date_serial(t, date1904=True), given)}"
        for given in TEXTS
    ]
    yield f"since 1904: {' '.join(dates)}"
    yield "== addresses"
    yield from table(
        (
            address.parse_cell,
            address.parse_range,
            address.split_sheet,
            address.parse_area,
            parse_areas,
        ),
        ADDRESSES,
    )
    letters = {
        number: address.column_letters(number)
        for number in (1, 26, 27, 52, 702, 703, 16384)
    }
    yield f"columns {letters} {[address.column_number(name) for name in letters.values()]}"
    yield f"runs {address.find_runs([7, 2, 3, 4, 4, 9, 10])} {address.find_runs([])}"
    yield "== areas"
    ranges = [address.Range("S", *area) for area in AREAS] + [
        address.Range("T", 1, 1, 2, 2)
    ]
    for one in ranges:
        inside = [other.contains(one) for other in ranges]
        common = [one.meets(other) for other in ranges]
        held = [
            one.holds("S", place)
            for place in itertools.product(range(1, 6), range(1, 6))
        ]
        yield f"{one} {one.rows} x {one.columns} in {inside} meets {common} holds {held}"
        yield f"  {address.ranges_text(one.positions)}"
    for one, other in itertools.permutations(AREAS, 2):
        yield f"{one} without {other}: {subtract_rectangles(one, [other])}"
    yield f"{areas_text(AREAS)} {subtract_rectangles(AREAS[6], list(AREAS[:4]))}"
    shape = [(1, 1), (1, 2), (2, 1), (2, 2), (3, 1), (5, 5), (5, 7), (6, 5)]
    yield address.ranges_text(shape)
    yield "== formulas"
    for given in FORMULAS:
        formula = normalise_formula(given, 5, 4)
        yield f"={given}: {formula.key} {formula.names}"
        yield f"  {sorted(formula.functions)} {shown([*find_calls(given)])}"
        yield f"  {answer(parse, formula.tokens)}"
    for before, after in itertools.permutations(FORMULAS[:16], 2):
        yield f"{before} -> {after}: {changed_part(before, after)}"
    yield "== formats"
    yield from table(
        (normalise_format, appearance.hides_numbers, appearance.hides_in), FORMATS
    )
    yield "== other files"
    for data in HEADS:
        error = diagnose.not_a_zip_error(data, "a.et")
        yield f"{data[:30]!r} {diagnose.is_document(data)} {described(error)}"
    for names in ARCHIVES:
        yield f"{names} {described(diagnose.no_workbook_error(names, b'', 'a.xlsx'))}"
    ods = diagnose.no_workbook_error(
        ["b"], b"application/vnd.oasis.opendocument.spreadsheet", None
    )
    yield described(ods)


def test_what_functions_answer_is_what_is_kept(require_kept):
    require_kept("answers", "\n".join([*lines(), ""]))
