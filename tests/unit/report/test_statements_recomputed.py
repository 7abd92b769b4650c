"""All statements of chapters and profiles, recomputed from the values; 200 of them are frozen.

`python -m tests.helpers.judged_chapters` prints the same summary.
"""

import re
from collections import defaultdict

import pytest

from tests.helpers.chapter_claims import ChapterClaims
from tests.helpers.index_truth import IndexTruth
from tests.helpers.judged_chapters import (
    DRAWN,
    OWN,
    OWN_INDICES,
    REPORTS,
    Judged,
    drawn,
    judge,
    made_index,
    summary,
)
from xlcity.api.index import Index
from xlcity.reports import load_report


def frozen(path):
    """Return the statements that were drawn: index -> language, heading and text of each."""
    found = defaultdict(list)
    for line in path.read_text(encoding="utf-8").splitlines():
        name, document, heading, text = line.split("\t")
        found[name].append((document.rpartition(".")[2], heading, text))
    return found


def truth_of(name, folder):
    """Return what is true of a report, or of an index of one's own."""
    if name in OWN_INDICES:
        tree, methods = OWN[OWN_INDICES.index(name)]
        return made_index(folder, tree, **methods)[1]
    report = load_report(name)
    return IndexTruth(Index(report), report)


@pytest.mark.long
def test_all_statements_bounds_and_distances_are_true(require_kept):
    documents: list[Judged] = judge([*REPORTS, *OWN_INDICES])
    require_kept("judged", summary(documents))
    lines = [
        f"{one.index}\t{one.document}\t{said.heading}\t{said.text}"
        for one, said in drawn(documents)
    ]
    require_kept("drawn_statements", "\n".join(lines))
    assert [text for one in documents for text in one.checked.false] == []
    assert [text for one in documents for text in one.checked.unread] == []


@pytest.mark.slow
@pytest.mark.parametrize("name", [*REPORTS, *OWN_INDICES[:2]])
def test_frozen_statements_are_true_and_no_other_number_is(tmp_path, request, name):
    statements = frozen(request.path.with_name("kept") / "drawn_statements.txt")
    assert sum(map(len, statements.values())) == DRAWN
    assert statements.keys() <= {*REPORTS, *OWN_INDICES}
    truth = truth_of(name, tmp_path)
    readers = {lang: ChapterClaims(truth, lang) for lang in ("zh", "en")}
    for lang, heading, text in statements[name]:
        checked = readers[lang].check_text(heading, text)
        assert (checked.false, checked.unread) == ([], []), text
        # A number in the name of an indicator, PM2.5, is none that is stated.
        for number in re.finditer(r"(?<![A-Za-z\d.])\d+\.\d+", text):
            other = f"{float(number[0]) + 3:.{len(number[0].partition('.')[2])}f}"
            lie = text[: number.start()] + other + text[number.end() :]
            found = readers[lang].check_text(heading, lie)
            assert found.false + found.unread, lie
