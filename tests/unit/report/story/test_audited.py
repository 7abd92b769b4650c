"""What a chapter says is never called false by the audit of texts; what was changed in it is."""

import re

import numpy as np
import pandas as pd
import pytest

from xlcity.api.audits import audit_text
from xlcity.api.index import Index
from xlcity.model.framework import Framework
from xlcity.report.chapter import chapter
from xlcity.reports import load_report

TREE = """code,parent,weight,direction,name_zh,name_en
X,,1,1,宜居指数,Liveability index
E,X,0.5,1,环境,Environment
M,X,0.5,1,出行,Mobility
e1,E,0.5,-1,烟尘,Smoke
e2,E,0.5,1,绿地率,Green space
m1,M,0.5,1,公交分担率,Bus share
m2,M,0.5,1,自行车道,Cycle paths
"""


@pytest.fixture(scope="module")
def index():
    rng = np.random.default_rng(5)
    usual = rng.normal(size=26)
    columns = {
        code: (50 + 10 * usual * sign + rng.normal(size=26) * 8).round(1)
        for code, sign in (("e1", -1), ("e2", 1), ("m1", 1), ("m2", 1))
    }
    names = [f"{chr(65 + n)}ville" for n in range(26)]
    frame = pd.DataFrame(columns, index=names)
    regions = [("north", "south", "east")[n % 3] for n in range(26)]
    return Index(Framework.read(TREE), frame.assign(Group_region=regions))


def text_of(index, lang):
    lines = []
    for section in chapter(index.source(), {}, {}):
        lines.append(f"# {section.title.text(lang)}")
        for own in section.paragraphs:
            title = own.title.text(lang)
            if title and not own.is_case:
                lines.append(f"## {title}")
            words = [sentence.text.text(lang) for sentence in own.sentences]
            if own.is_case:
                words.insert(0, title + ("。" if lang == "zh" else "."))
            lines.append(("" if lang == "zh" else " ").join(words))
    return "\n\n".join(lines)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_changed_number_is_false_and_no_other(index, lang, tmp_path):
    text = text_of(index, lang)
    path = tmp_path / "chapter.md"
    path.write_text(text, encoding="utf-8")
    audit = audit_text(path, index)
    assert audit.of("false") == []
    assert len(audit.true) > 40
    mean = f"{index.scores['X'].mean():.1f}"
    other = f"{float(mean) + 3:.1f}"
    changed = re.sub(
        rf"(26座城市平均|26 cities average ){mean}", rf"\g<1>{other}", text
    )
    assert changed != text
    path.write_text(changed, encoding="utf-8")
    false = audit_text(path, index).of("false")
    assert [other in finding.quote for finding in false] == [True]


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    "report", ["image2025", "vitality2014", "iecc2024", "bri2021", "gihi2023"]
)
def test_no_sentence_on_a_report_is_called_false(report, lang, tmp_path):
    index = Index(load_report(report))
    path = tmp_path / "chapter.md"
    path.write_text(text_of(index, lang), encoding="utf-8")
    assert audit_text(path, index).of("false") == []
