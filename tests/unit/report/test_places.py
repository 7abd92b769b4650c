"""What an author writes into a chapter survives the next one; fields of manuscripts are filled."""

import io
import zipfile

import docx
import pytest
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn

from xlcity.api.audits import audit_text
from xlcity.api.index import Index
from xlcity.errors import DataError, UsageError
from xlcity.figures.contents import Label
from xlcity.report.contents import Paragraph, Section, Sentence
from xlcity.report.docx_file import DocxFile
from xlcity.report.places import GAP, with_places

WHY = Label(
    "【作者：北欧城市高23.7分，原因？】", "[Author: Nordic cities are 23.7 ahead. Why?]"
)
SAID = Label("北京居首。", "Beijing leads.")


def sections_of(*anchors):
    said = Paragraph([Sentence("leads", "X", SAID)])
    asked = Paragraph([Sentence(GAP, "X", WHY)], is_gap=True)
    return [Section(Label(name, name), (said, asked), (), name) for name in anchors]


def chapter_of(folder, *anchors, lang="en", template=None):
    """Write a chapter into a folder, over what lies there, and return it."""
    path = folder / "chapter.docx"
    file = DocxFile(Label("标题", "Title"), lang, template)
    if path.exists():
        file.take_over(path)
    file.fill(with_places(sections_of(*anchors)), {}, {})
    path.write_bytes(file.to_bytes())
    return file.places


def control_of(document, name):
    """Return the content of a place."""
    (tag,) = document.element.body.xpath(f'.//w:sdt/w:sdtPr/w:tag[@w:val="{name}"]')
    return tag.getparent().getparent().find(qn("w:sdtContent"))


def write_into(folder, texts):
    """Type plain texts into places, as Word does."""
    document = docx.Document(folder / "chapter.docx")
    for name, text in texts.items():
        content = control_of(document, name)
        content.clear()
        content.append(
            parse_xml(f"<w:p {nsdecls('w')}><w:r><w:t>{text}</w:t></w:r></w:p>")
        )
    document.save(folder / "chapter.docx")


def texts_of(folder):
    """Return the texts of all places."""
    document = docx.Document(folder / "chapter.docx")
    return {
        tag.get(qn("w:val")): [
            "".join(t.text for t in p.iter(qn("w:t")))
            for p in tag.getparent().getparent().iter(qn("w:p"))
        ]
        for tag in document.element.body.iter(qn("w:tag"))
    }


def test_gaps_are_marked_in_a_style_of_their_own_and_counted(tmp_path):
    places = chapter_of(tmp_path, "s-X", "s-change", lang="zh")
    assert places.gaps == 5
    document = docx.Document(tmp_path / "chapter.docx")
    assert [*texts_of(tmp_path)] == [
        "preface",
        "method",
        "author-X",
        "author-change",
        "limits",
    ]
    assert texts_of(tmp_path)["author-X"] == [WHY.zh]
    marked = [
        r for r in document.element.body.iter(qn("w:r")) if r.style == "xlcitygap"
    ]
    assert [run.text for run in marked][-1] == "（本章有5处待作者补充。）"
    assert len(marked) == 6
    # The statements beside it are paragraphs of their own.
    assert [p.text for p in document.paragraphs].count(SAID.zh) == 2


def test_five_places_that_an_author_filled_survive_a_new_edition(tmp_path):
    anchors = ("s-X", "s-change")
    chapter_of(tmp_path, *anchors)
    written = {name: f"Text of {name}." for name in texts_of(tmp_path)}
    assert len(written) == 5
    write_into(tmp_path, written)
    places = chapter_of(tmp_path, "s-new", *anchors)
    assert {*places.taken} == {*written}
    assert (places.left, places.gaps) == ((), 1)
    texts = texts_of(tmp_path)
    assert {name: texts[name] for name in written} == {
        k: [v] for k, v in written.items()
    }
    # The same again changes no byte.
    content = (tmp_path / "chapter.docx").read_bytes()
    chapter_of(tmp_path, "s-new", *anchors)
    assert (tmp_path / "chapter.docx").read_bytes() == content


def test_text_whose_place_is_gone_stands_at_the_end_until_there_is_one(tmp_path):
    chapter_of(tmp_path, "s-X", "s-change")
    write_into(tmp_path, {"author-change": "Ports grew."})
    places = chapter_of(tmp_path, "s-X")
    assert (places.taken, places.left) == ((), ("author-change",))
    document = docx.Document(tmp_path / "chapter.docx")
    headings = [p.text for p in document.paragraphs if p.style.name == "Heading 1"]
    assert headings[-1] == "Text whose place is no longer there"
    assert texts_of(tmp_path)["author-change"] == ["Ports grew."]
    places = chapter_of(tmp_path, "s-X", "s-change")
    assert (places.taken, places.left) == (("author-change",), ())


def test_a_place_with_nothing_but_gaps_or_words_prompt_is_empty(tmp_path):
    chapter_of(tmp_path, "s-X")
    empty = (tmp_path / "chapter.docx").read_bytes()
    document = docx.Document(tmp_path / "chapter.docx")
    document.styles.add_style(
        "Placeholder Text", docx.enum.style.WD_STYLE_TYPE.CHARACTER
    )
    content = control_of(document, "preface")
    content.clear()
    prompt = '<w:rPr><w:rStyle w:val="PlaceholderText"/></w:rPr><w:t>Click here.</w:t>'
    content.append(parse_xml(f"<w:p {nsdecls('w')}><w:r>{prompt}</w:r></w:p>"))
    document.save(tmp_path / "chapter.docx")
    assert chapter_of(tmp_path, "s-X").taken == ()
    assert (tmp_path / "chapter.docx").read_bytes() == empty


def rich_content(document):
    """Return what an author may write: styles, a list, a link, a picture, a note, a table."""
    styles = document.styles
    quote = styles.add_style("House quote", docx.enum.style.WD_STYLE_TYPE.PARAGRAPH)
    quote.base_style = styles["Normal"]
    quote.font.italic = True
    paragraph = document.add_paragraph("Said by many", style="House quote")
    paragraph.runs[0].bold = True
    listed = document.add_paragraph("First", style="List Bullet")
    properties = listed._p.get_or_add_pPr().get_or_add_numPr()
    properties.get_or_add_numId().val = 3
    properties.get_or_add_ilvl().val = 0
    picture = document.add_paragraph()
    picture.add_run().add_picture(io.BytesIO(png()))
    link = document.part.relate_to(
        "https://example.org", RELATIONSHIP_TYPE.HYPERLINK, is_external=True
    )
    linked = document.add_paragraph()
    linked._p.append(
        parse_xml(
            f'<w:hyperlink {nsdecls("w", "r")} r:id="{link}">'
            "<w:r><w:t>Source</w:t></w:r></w:hyperlink>"
        )
    )
    table = document.add_table(1, 1, style="Light Grid")
    table.cell(0, 0).text = "cell"
    return [paragraph._p, listed._p, picture._p, linked._p, table._tbl]


def png():
    from PIL import Image

    target = io.BytesIO()
    Image.new("RGB", (2, 2), "red").save(target, "png")
    return target.getvalue()


@pytest.mark.parametrize("has_template", [False, True])
def test_paragraphs_keep_formats_lists_links_pictures_and_tables(
    tmp_path, has_template
):
    template = None
    if has_template:
        template = tmp_path / "house.docx"
        house = docx.Document()
        house.styles["Normal"].font.name = "Georgia"
        house.save(template)
    chapter_of(tmp_path, "s-X")
    document = docx.Document(tmp_path / "chapter.docx")
    content = control_of(document, "preface")
    content.clear()
    content.extend(rich_content(document))
    document.save(tmp_path / "chapter.docx")
    for _ in range(2):
        chapter_of(tmp_path, "s-X", template=template)
        document = docx.Document(tmp_path / "chapter.docx")
        content = control_of(document, "preface")
        first, listed, picture, linked, *_ = content
        assert document.styles["House quote"].font.italic
        assert first.style == document.styles["House quote"].style_id
        assert first.xpath("w:r/w:rPr/w:b")
        assert listed.pPr.numPr.numId.val
        (image,) = picture.xpath(".//@r:embed")
        assert document.part.rels[image].target_part.blob == png()
        (link,) = linked.xpath(".//@r:id")
        assert document.part.rels[link].target_ref == "https://example.org"
        assert content[-1].tag == qn("w:tbl")
    names = zipfile.ZipFile(tmp_path / "chapter.docx").namelist()
    assert len([name for name in names if "media" in name]) == 1
    assert len(names) == len({*names})


def test_what_is_no_word_document_is_not_written_over(tmp_path):
    (tmp_path / "chapter.docx").write_bytes(b"text")
    with pytest.raises(DataError, match="not a Word document"):
        chapter_of(tmp_path, "s-X")


def field_paragraph(*runs):
    inner = "".join(f"<w:r><w:rPr><w:i/></w:rPr><w:t>{run}</w:t></w:r>" for run in runs)
    return parse_xml(f"<w:p {nsdecls('w')}>{inner}</w:p>")


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """An index of one's own."""
    folder = tmp_path_factory.mktemp("own")
    (folder / "tree.csv").write_text(TREE, encoding="utf-8")
    (folder / "data.csv").write_text(CITIES, encoding="utf-8")
    return Index(folder / "tree.csv", folder / "data.csv")


TREE = """code,parent,weight,direction,name_zh,name_en,uom,uom_zh
X,,1,,活力,Vitality,,
A,X,0.5,,经济,Economy,,
B,X,0.5,,社会,Society,,
a1,A,1,,产值,Output,bn yuan,亿元
b1,B,1,-1,通勤时间,Commuting,min,分钟
"""
CITIES = """unit,name_zh,name_en,a1,b1
st-paul,圣保罗,St. Paul,10.25,30
lyon,里昂,Lyon,20,25
porto,波尔图,Porto,30.5,40
"""


def manuscript(path):
    """Write a manuscript with fields in every place that has text."""
    document = docx.Document()
    body = document.element.body
    body.insert(
        0, field_paragraph("Lyon: {{ sco", "re.ly", "on }} points, rank {{rank.lyon}}.")
    )
    document.add_paragraph("{{ value.St. Paul.a1 }}; {{ value.里昂.b1 }}; {{ mean }}")
    document.add_paragraph(
        "{{ score.atlantis }} and {{ rank.lyon.nothing }}, {{ name.porto }}"
    )
    # Cities are ranked in nodes above indicators: of these there is a mean score.
    document.add_paragraph("{{ mean.A }}, {{ mean.a1 }}, {{ average.a1 }}")
    document.add_table(1, 1).cell(0, 0).text = "{{ rank.porto.A }}"
    document.sections[0].header.paragraphs[0].text = "{{ index }} {{ cities }}"
    document.save(path)


def test_fields_are_filled_wherever_they_stand(own, tmp_path):
    manuscript(tmp_path / "article.docx")
    before = (tmp_path / "article.docx").read_bytes()
    made = own.report(tmp_path / "out", "en", fill=tmp_path / "article.docx")
    assert (tmp_path / "article.docx").read_bytes() == before
    assert [file.file for file in made.files] == ["article.docx"]
    document = docx.Document(tmp_path / "out/article.docx")
    texts = [p.text for p in document.paragraphs]
    scores = own.scores["X"]
    ranks = own.ranks["X"]
    assert texts[0] == f"Lyon: {scores['lyon']:.1f} points, rank {ranks['lyon']}."
    # The first of the runs has the number; all keep their format.
    assert [run.italic for run in document.paragraphs[0].runs] == [True] * 3
    assert texts[1] == f"10.25 bn yuan; 25 min; {scores.mean():.1f}"
    assert texts[2] == "{{ score.atlantis }} and {{ rank.lyon.nothing }}, Porto"
    mean = own.scores["A"].mean()
    assert texts[3] == f"{mean:.1f}, {{{{ mean.a1 }}}}, 20.25 bn yuan"
    assert document.tables[0].cell(0, 0).text == "1"
    assert document.sections[0].header.paragraphs[0].text == "Vitality 3"
    fields = made.as_dict()["fields"]
    unknown = ["{{ score.atlantis }}", "{{ rank.lyon.nothing }}", "{{ mean.a1 }}"]
    assert fields["unknown"] == unknown
    assert fields["filled"] == 11


def test_numbers_of_fields_are_checked_again(own, tmp_path):
    document = docx.Document()
    document.add_paragraph("里昂得分为{{ score.lyon }}分，列第{{ rank.里昂 }}位。")
    document.save(tmp_path / "文稿.docx")
    own.report(tmp_path / "out", "zh", fill=tmp_path / "文稿.docx")
    filled = tmp_path / "out" / "文稿.docx"
    audit = audit_text(filled, own)
    assert audit.checked >= 2
    assert not audit.findings
    document = docx.Document(filled)
    run = document.paragraphs[0].runs[0]
    run.text = run.text.replace("第", "第1")
    document.save(filled)
    assert audit_text(filled, own).findings


def test_a_manuscript_is_not_written_over(own, tmp_path):
    manuscript(tmp_path / "article.docx")
    with pytest.raises(UsageError, match="article"):
        own.report(tmp_path, "en", fill=tmp_path / "article.docx")
    (tmp_path / "text.docx").write_bytes(b"text")
    with pytest.raises(DataError, match="not a Word document"):
        own.report(tmp_path / "out", "en", fill=tmp_path / "text.docx")
