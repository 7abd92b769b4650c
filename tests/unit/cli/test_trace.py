"""`trace` as text: a line a step, indented below what reads it."""

from tests.helpers.cli import run
from tests.helpers.own import own_bytes


def test_the_text_shows_values_arithmetic_and_sources_below_what_reads_them(tmp_path, capsys):
    book = tmp_path / "own.xlsx"
    book.write_bytes(own_bytes(udf=False))
    code, text, _ = run(capsys, "trace", book, "city03", "X", "--depth", "4")
    assert code == 0
    lines = text.splitlines()
    assert lines[0] == (
        "city03 · X Index · score = 44.1192 = (44.6682 + 43.5702) / (1 + 1)  [Index!V19]"
    )
    assert lines[1].startswith("  city03 · A Pillar A · score = 44.6682 = (39.9513 + ")
    assert lines[2].startswith("    city03 · A0 Indicator A0 · normalised = 39.9513 = ")
    typed = "city03 · A0 Indicator A0 · data = 42.1809  [Data!D13] (entered) ← entered by a user"
    assert f"        {typed}" in lines
    # A range is as many cells, without one value; what was shown before is not repeated.
    assert f"{' ' * 10}15 cells · A0 · raw value  [Index!F16:F30]" in lines
    assert f"{' ' * 6}A0 Indicator A0 · Low (scores 0) · minmax ↑ = 22.8884  [Index!M12] …" in lines
    assert lines[-1].startswith("=IF(COUNT(T19:U19)")
