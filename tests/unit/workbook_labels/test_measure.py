"""Room that texts take: the estimate must err on the wide side, and grow with the text."""

import pytest

from xlcity.workbook.drawing.measure import height, lines, width


def test_a_chinese_letter_is_about_two_latin_ones():
    assert width("城市") == pytest.approx(2 * 1.95)
    assert width("ab") == pytest.approx(2 * 1.08)


def test_smaller_type_takes_less_room():
    assert width("abc", 5) == pytest.approx(width("abc", 10) / 2)


@pytest.mark.parametrize(
    ("text", "column", "expected"),
    [
        ("", 10, 1),
        ("one", 10, 1),
        ("one two three", 9, 2),  # "one two " is 8 letters, 8 x 1.08 = 8.6 > 9 - 1
        ("a\nb", 10, 2),
        ("城市城市城市", 7, 2),  # 3 a line: 3 x 1.95 = 5.85 <= 7 - 1
        ("Incomprehensibilities", 9, 3),  # 21 x 1.08 = 22.7 over lines of 8
    ],
)
def test_lines(text, column, expected):
    assert lines(text, column) == expected


def test_words_are_not_broken_while_they_fit():
    assert lines("seven letters", 9) == 2
    assert lines("seven letters", 16) == 1


def test_a_row_is_as_high_as_its_longest_text():
    one, two = height([("a", 10.0)]), height([("a", 10.0), ("a\nb\nc", 10.0)])
    assert one == pytest.approx(10 * 1.36 + 4.0)
    assert two == pytest.approx(3 * 10 * 1.36 + 4.0)


def test_a_row_is_never_lower_than_asked():
    assert height([], least=30.0) == 30.0
