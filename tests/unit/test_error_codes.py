"""Every code that the source uses stands in the table of error codes, and no other."""

import re
from pathlib import Path

import xlcity
from xlcity.errors import XlcityError

HOME = Path(xlcity.__file__).parent
PAGE = HOME.parent / "docs" / "reference" / "error-codes.md"


def used_codes():
    return {
        code
        for path in HOME.rglob("*.py")
        for code in re.findall(r'"(XC\d{3})[".]', path.read_text(encoding="utf-8"))
    }


def listed_codes():
    rows = re.findall(
        r"^\| (XC\d{3}) \| (.+) \| (.+) \|$", PAGE.read_text("utf-8"), re.MULTILINE
    )
    return [
        code for code, english, chinese in rows if english.strip() and chinese.strip()
    ]


def test_the_table_lists_every_code_once_and_in_order():
    listed = listed_codes()
    assert len(used_codes()) > 50
    assert sorted(used_codes() - set(listed)) == []
    assert sorted(set(listed) - used_codes()) == []
    assert listed == sorted(set(listed))


def test_codes_of_error_classes_differ():
    def below(kind):
        yield kind
        for child in kind.__subclasses__():
            yield from below(child)

    codes = [kind.code for kind in below(XlcityError)]
    assert len(codes) == len(set(codes))
