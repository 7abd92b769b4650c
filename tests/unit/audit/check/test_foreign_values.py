"""What `check` says of the results of a workbook that is not a template."""

import io
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import openpyxl
import pytest
import xlsxwriter

from xlcity.audit.check import check
from xlcity.audit.check.check import check_workbook
from xlcity.errors import CellError, EngineError
from xlcity.recalc.compare import find_stale_values, is_same_result
from xlcity.recalc.workbook import recalculate
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.package import Package
from xlcity.xlsx.properties import ExternalLink, read_external_links


def bare(tmp_path, *formulas):
    """Write a workbook that stores no values: formulas in column B, numbers in A."""
    book = openpyxl.Workbook()
    for row, formula in enumerate(formulas, 1):
        book.active.cell(row, 1).value = row * 1.5
        book.active.cell(row, 2).value = formula
    path = tmp_path / "bare.xlsx"
    book.save(path)
    return path


def stored(tmp_path, formulas, **options):
    """Write a workbook that stores values: formula -> its value, in column B."""
    path = tmp_path / "stored.xlsx"
    book = xlsxwriter.Workbook(str(path), options)
    sheet = book.add_worksheet("Sheet")
    for row, (formula, value) in enumerate(formulas.items()):
        sheet.write(row, 0, (row + 1) * 1.5)
        sheet.write_formula(row, 1, formula, None, value)
    book.close()
    return path


def checks(checked):
    return {check.name: check for check in checked.checks}


def test_a_doubt_is_in_the_headline_and_fails(tmp_path):
    checked = check_workbook(bare(tmp_path, "=A1*2", '=INDIRECT("A"&1)'))
    assert checked.verdict == "fail"
    assert checked.summary == (
        "Check before relying on this workbook: no stored values, 1 result is in doubt."
    )
    doubt = checks(checked)["verified"]
    assert (doubt.status, doubt.cells) == ("fail", ("Sheet!B2",))
    assert "INDIRECT" in doubt.detail
    assert checks(checked)["stale"].detail == "no stored values: recalculate"


def test_where_no_engine_computes_sentence_and_check_count_the_same_results(
    tmp_path, monkeypatch
):
    def fail(*_args, **_options):
        raise EngineError("it took too long", "Give it more time.")

    path = tmp_path / "array.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("S")
        sheet.write_array_formula("B1:B3", "{=A1:A3*2}", None, 2)
        sheet.write_formula("C1", "=A1+1", None, 2)
    monkeypatch.setattr(check, "recalculate", fail)
    checked = check_workbook(path)
    assert checked.summary == (
        "Check before relying on this workbook: 4 results are in doubt."
    )
    doubt = checks(checked)["verified"]
    assert doubt.detail == "4 results are in doubt"
    assert doubt.cells == ("S!B1", "S!C1", "S!B2", "S!B3")


def test_a_stored_value_confirms_a_result_that_is_in_doubt(tmp_path):
    formulas = {"=A1*2": 3, '=INDIRECT("A"&1)': 1.5}
    checked = check_workbook(stored(tmp_path, formulas))
    assert (checked.verdict, checked.findings) == ("pass", ())
    assert checks(checked).keys() == {"stale", "rules"}
    assert checks(checked)["stale"].detail == "stored values are up to date"
    other = check_workbook(stored(tmp_path, {**formulas, '=INDIRECT("A"&1)': 7}))
    assert (other.verdict, other.findings) == ("fail", ())
    assert checks(other)["verified"].cells == ("Sheet!B2",)


@pytest.mark.libreoffice
def test_an_error_that_two_engines_give_is_one(tmp_path):
    checked = check_workbook(bare(tmp_path, "=A1*2", "=LN(-5)"))
    assert [f.rule for f in checked.findings] == ["E01", "E09"]
    assert checked.findings[0].cell == "B2"
    assert "verified" not in checks(checked)
    zero = check_workbook(stored(tmp_path, {"=A1*2": 3, "=LN(-5)": 0}))
    (finding,) = zero.findings
    assert (finding.rule, finding.cell, finding.severity) == ("E09", "B2", "error")


def test_the_rules_see_computed_values_but_those_in_doubt(tmp_path):
    path = bare(tmp_path, "=A1/0", '=INDIRECT("Z"&1)/0', "=A2*2")
    checked = check_workbook(path)
    (error,) = (finding for finding in checked.findings if finding.rule == "E01")
    assert error.areas == ("B1",)
    assert "Sheet!B2" in checks(checked)["verified"].cells


def test_an_error_stored_as_a_text_is_the_error(tmp_path):
    path = tmp_path / "text.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("Sheet")
    sheet.write_array_formula("B1:B1", "{=1/A1:A2}", None, "#DIV/0!")
    sheet.write("A1", 0)
    book.close()
    assert read_book(Package.read(path)).value("Sheet", 1, 2) == "#DIV/0!"
    assert [(f.rule, f.cell) for f in check_workbook(path).findings] == [("E01", "B1")]


@pytest.mark.parametrize(
    ("value", "fresh", "is_same"),
    [
        (1.0, True, True),
        (0.0, False, True),
        (True, 1.0, True),
        (2.0, True, False),
        ("#N/A", CellError.NA, True),
        (CellError.NA, "#N/A", True),
        (CellError.NA, CellError.REF, False),
        ("1", 1.0, False),
        (-0.0, 0.0, True),
        (0.3, 0.1 + 0.2, True),
        (0.333333333333333, 1 / 3, True),
        (0.3333, 1 / 3, False),
    ],
)
def test_programs_store_the_same_value_in_several_ways(value, fresh, is_same):
    assert is_same_result(value, fresh) is is_same


@pytest.mark.libreoffice
@pytest.mark.parametrize(
    ("formula", "value", "is_1904"),
    [
        ("=DATE(1900,1,15)", 15, False),
        ("=DATE(1900,2,28)+1", 60, False),
        ("=DATE(1900,3,1)", 61, False),
        ("=EDATE(31,1)", 60, False),
        ("=DATE(9999,12,31)+1", 2958466, False),
        ("=DATE(2020,1,1)", 42369, True),
        ("=YEAR(42369)", 2020, True),
        ("=WEEKDAY(42369)", 4, True),
    ],
)
def test_days_at_the_ends_of_the_calendar_are_not_stale(
    tmp_path, formula, value, is_1904
):
    path = stored(tmp_path, {formula: value}, date_1904=is_1904)
    assert check_workbook(path).findings == ()


@pytest.mark.libreoffice
def test_days_from_1904_are_computed_by_an_engine_that_counts_them(tmp_path):
    path = stored(tmp_path, {"=YEAR(42369)": 0, "=A2*2": 6}, date_1904=True)
    fresh = recalculate(Package.read(path))
    assert (fresh.engine, fresh.value("Sheet", 1, 2)) == ("libreoffice", 2020.0)
    alone = recalculate(Package.read(path), "formualizer")
    assert alone.doubtful == ("Sheet!B1",)
    assert alone.unverified == ("days counted from 1904",)


def test_values_rounded_as_displayed_are_not_called_stale(tmp_path):
    path = stored(tmp_path, {"=A1/7": 0.21, "=A2*2": 6})
    package = Package.read(path)
    main = package.text(package.workbook_part)
    rounded = main.replace("<calcPr", '<calcPr fullPrecision="0"')
    package.replace({package.workbook_part: rounded.encode()}).write(path)
    assert find_stale_values(
        read_book(Package.read(path)), recalculate(package).values
    ).cells
    checked = check_workbook(path)
    assert checked.findings == ()
    assert checks(checked)["verified"].cells == ("Sheet!B1",)


def test_links_are_numbered_as_formulas_number_them(tmp_path):
    book = openpyxl.Workbook()
    out = io.BytesIO()
    book.save(out)
    package = Package.from_bytes(out.getvalue())
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    relations = package.text("xl/_rels/workbook.xml.rels")
    for number in (1, 2):
        relations = relations.replace(
            "</Relationships>",
            f'<Relationship Id="rX{number}" Type="{kind}/externalLink" '
            f'Target="externalLinks/externalLink{number}.xml"/></Relationships>',
        )
    entries = "".join(
        f'<externalReference r:id="rX{n}" xmlns:r="{kind}"/>' for n in (2, 1)
    )
    text = package.text("xl/workbook.xml").replace(
        "<definedNames",
        f"<externalReferences>{entries}</externalReferences><definedNames",
    )
    assert entries in text
    parts = {
        "xl/_rels/workbook.xml.rels": relations,
        "xl/workbook.xml": text,
        "xl/externalLinks/externalLink1.xml": f'<externalLink xmlns="{main}">'
        f'<externalBook xmlns:r="{kind}" r:id="rId1"/></externalLink>',
        "xl/externalLinks/_rels/externalLink1.xml.rels": '<Relationships xmlns="http://'
        'schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
        f'Type="{kind}/externalLinkPath" Target="a.xlsx" TargetMode="External"/>'
        "</Relationships>",
        "xl/externalLinks/externalLink2.xml": f'<externalLink xmlns="{main}">'
        '<ddeLink ddeService="cmd" ddeTopic="/c calc"/></externalLink>',
    }
    linked = package.replace({name: part.encode() for name, part in parts.items()})
    assert read_external_links(linked) == [
        ExternalLink("cmd|/c calc", is_program=True),
        ExternalLink("a.xlsx"),
    ]


@pytest.mark.libreoffice
def test_nothing_is_fetched(tmp_path):
    asked = []

    class Server(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_error(404)

    with HTTPServer(("127.0.0.1", 0), Server) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/x"
        checked = check_workbook(bare(tmp_path, f'=_xlfn.WEBSERVICE("{address}")'))
        server.shutdown()
    assert asked == []
    assert "W33" in {finding.rule for finding in checked.findings}
    assert checked.verdict == "fail"


def test_the_text_of_a_formula_is_confirmed_however_it_is_spelled(tmp_path):
    formulas = {
        '=IF(TRUE,A1*2,"a b")': 3,
        "=_xlfn.FORMULATEXT(B1)": '=IF(TRUE, A1*2,"a b")',
    }
    checked = check_workbook(stored(tmp_path, formulas))
    assert (checked.verdict, checked.findings) == ("pass", ())
    other = {**formulas, "=_xlfn.FORMULATEXT(B1)": "=A1*3"}
    assert checks(check_workbook(stored(tmp_path, other)))["verified"].cells == (
        "Sheet!B2",
    )


@pytest.mark.libreoffice
def test_what_a_second_engine_gives_as_stored_is_not_in_doubt(tmp_path):
    # LibreOffice writes "p" for the P that Excel and formualizer write.
    book = {'=TEXT(0.6,"hh:mm:ss A/P")': "02:24:00 P", '=INDIRECT("A"&1)': 1.5}
    path = stored(tmp_path, book)
    fresh = recalculate(Package.read(path), "libreoffice")
    assert fresh.value("Sheet", 1, 2) == "02:24:00 p"
    checked = check_workbook(path, ["libreoffice"])
    assert (checked.verdict, checks(checked).keys()) == ("pass", {"stale", "rules"})
    other = stored(tmp_path, {'=TEXT(0.6,"hh:mm:ss A/P")': "02:25:00 P"})
    checked = check_workbook(other, ["libreoffice"])
    assert checks(checked)["verified"].cells == ("Sheet!B1",)


@pytest.mark.libreoffice
def test_what_reads_a_confirmed_result_is_confirmed_or_in_doubt(tmp_path):
    book = {
        '=TEXT(0.6,"hh:mm:ss A/P")': "02:24:00 P",
        '=IF(EXACT(RIGHT(B1),"P"),1,2)': 1,
        '=IF(EXACT(RIGHT(B1),"P"),3,4)': 4,
    }
    checked = check_workbook(stored(tmp_path, book), ["libreoffice"])
    assert checked.findings == ()
    assert checks(checked).keys() == {"stale", "rules"}
    wrong = {**book, '=IF(EXACT(RIGHT(B1),"P"),1,2)': 9}
    checked = check_workbook(stored(tmp_path, wrong), ["libreoffice"])
    assert checks(checked)["verified"].cells == ("Sheet!B2",)


@pytest.mark.libreoffice
@pytest.mark.parametrize(("difference", "verdict"), [(0.001, "pass"), (0.01, "fail")])
def test_a_circle_may_end_at_another_step(tmp_path, difference, verdict):
    total = 200.0  # of x = x / 2 + 100
    path = stored(tmp_path, {"=B1/2+100": total - difference, "=B1*3": 3 * total})
    package = Package.read(path)
    main = package.text(package.workbook_part).replace(
        "<calcPr", '<calcPr iterate="1" iterateCount="200" iterateDelta="1E-9"'
    )
    package.replace({package.workbook_part: main.encode()}).write(path)
    assert recalculate(Package.read(path)).value("Sheet", 1, 2) == pytest.approx(total)
    checked = check_workbook(path)
    assert checked.findings == ()
    assert checked.verdict == verdict
