"""Reports: what tables, sentences, documents and pages say is what the index says."""

import csv
import html.parser
import io
import json
import re
import zipfile
from collections import Counter
from dataclasses import replace

import docx
import numpy as np
import openpyxl
import pytest

from tests.helpers.report_parts import makers_of, tables_of
from xlcity.api.index import Index, Reportable
from xlcity.cli import main
from xlcity.errors import DataError, UsageError
from xlcity.figures.draw_lines import shifts
from xlcity.index import compute
from xlcity.model.recipe import Step
from xlcity.report.chapter import chapter, profile_table
from xlcity.report.contents import NOTHING
from xlcity.report.declared import inventory, with_series
from xlcity.report.earlier_editions import BEFORE
from xlcity.report.items import MOST, chosen_ids, report_items, waiting_for
from xlcity.report.make import OUTPUTS, ReportMaker, ReportOptions
from xlcity.report.story.sections import Chapter
from xlcity.reports import report_ids

FRAMEWORK = """code,parent,weight,name_zh,name_en
X,,1,活力,Vitality
A,X,0.6,经济,Economy
B,X,0.4,社会,Society
a1,A,0.5,产值,Output
a2,A,0.5,专利,Patents
b1,B,0.7,学校,Schools
b2,B,0.3,医院,Hospitals
"""
NAMES = ["Lyon", "Porto", "Turin", "Ghent", "Graz", "Brno", "Cork", "Bergen", "Tartu"]
DATA = "unit,name_zh,name_en,Group_region,a1,a2,b1,b2\n" + "".join(
    f"{name.lower()},市{at},{name},{'north' if at % 3 else 'south'},"
    f"{at * at + 3},{(at * 7) % 11 + 1},{30 - at},{(at * 5) % 9}\n"
    for at, name in enumerate(NAMES)
)
CITIES = ["lyon", "porto"]


class Given(Reportable):
    """What has a source already."""

    def __init__(self, source):
        self._source = source

    def source(self):
        return self._source


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    folder = tmp_path_factory.mktemp("own")
    (folder / "tree.csv").write_text(FRAMEWORK, encoding="utf-8")
    (folder / "data.csv").write_text(DATA, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def source(tables):
    return Index(tables / "tree.csv", tables / "data.csv").source()


@pytest.fixture(scope="module")
def made(source):
    only = ["chapter", "html", "tables", "bars-X"]
    options = ReportOptions(("en",), only, CITIES)
    maker = ReportMaker(source, options)
    return {one.file: one for one in maker.make().files}


def test_a_ranking_has_the_scores_and_ranks_of_the_index(source):
    table = tables_of(source)["ranking-X"]
    ranks = source.result.rank("X")
    scores = source.result.column("X")
    for unit, row in zip(table.units, table.rows, strict=True):
        at = source.result.dataset.rows[unit]
        assert (row[0], row[2]) == (ranks[at], scores[at])
        assert row[3] == source.result.column("A")[at]
    assert [row[0] for row in table.rows] == sorted(ranks.tolist())


@pytest.mark.slow
def test_captions_count_and_references_have_targets(made):
    document = docx.Document(io.BytesIO(made["chapter.en.docx"].content))
    assert "PAGE" in document.sections[0].footer._element.xml
    xml = document.element.xml
    marks = re.findall(r'w:bookmarkStart [^>]*w:name="(\w+)"', xml)
    targets = re.findall(r"REF (\w+) ", xml)
    assert len(marks) == len(set(marks)) > 10
    assert targets
    assert set(targets) <= set(marks)
    # The contents are there before Word updates them, each entry a link to its heading.
    headings = [p for p in document.paragraphs if p.style.name == "Heading 1"]
    anchors = [
        re.search(r'bookmarkStart [^>]*w:name="(_Toc\d+)"', p._p.xml)[1]
        for p in headings
    ]
    # So are the lists of tables and figures, to their captions.
    listed = re.findall(r'w:anchor="(\w+)"', xml)
    assert listed[: len(anchors)] == anchors
    assert {*listed[len(anchors) :]} == {
        mark for mark in marks if mark.startswith("xl_")
    }
    assert headings[0].text in (p.text.split("\t")[0] for p in document.paragraphs[:4])
    # Word puts pages in where nothing else did.
    assert re.findall(r"PAGEREF (\w+) ", xml) == listed
    assert 'w:eastAsia="zh-CN"' in document.styles.element.xml
    captions = [p.text for p in document.paragraphs if p.style.name == "Caption"]
    for word in ("Table", "Figure"):
        found = [int(c.split()[1]) for c in captions if c.startswith(word)]
        assert found == list(range(1, len(found) + 1))
    ranking = next(t for t in document.tables if t.cell(0, 0).text == "Rank")
    # Headings of the nodes below stand over their scores and ranks.
    assert ranking.cell(0, 3).text == "Economy"
    assert ranking.cell(2, 1).text in NAMES


def test_charts_of_the_chapter_have_the_scores_of_the_index(source, made):
    file = zipfile.ZipFile(io.BytesIO(made["chapter.en.docx"].content))
    books = [name for name in file.namelist() if name.startswith("word/embeddings/")]
    sheets = [
        openpyxl.load_workbook(io.BytesIO(file.read(name)))["data"] for name in books
    ]
    # The first figure is that of the overall scores.
    columns = [[row[1].value for row in one.iter_rows(min_row=2)] for one in sheets]
    scores = sorted(source.result.column("X").tolist(), reverse=True)
    assert columns[0] == pytest.approx(scores)
    # Strips are pictures.
    (profiles,) = (
        ReportMaker(source, ReportOptions(("en",), ["profiles"], CITIES[:1]))
        .make()
        .files
    )
    names = zipfile.ZipFile(io.BytesIO(profiles.content)).namelist()
    assert [
        name for name in names if name.startswith(("word/media/", "word/charts/"))
    ] == ["word/media/picture1.png"]
    with pytest.raises(UsageError, match="german"):
        Given(source).report("out", "german")


def test_no_picture_is_compared_with_those_before_it(source, monkeypatch):
    """For two thousand profiles that took two minutes."""
    monkeypatch.setattr(
        "docx.parts.image.ImagePart.sha1", property(lambda _: pytest.fail("read"))
    )
    ReportMaker(source, ReportOptions(("en",), ["profiles"], CITIES)).make()


def test_a_house_template_keeps_its_styles_page_and_header(source, tmp_path):
    template = docx.Document()
    # LibreOffice writes names of styles with capitals, which Word does not.
    template.styles["Heading 1"].element.name_val = "Heading 1"
    template.sections[0].header.paragraphs[0].text = "House"
    template.sections[0].page_width = 6_000_750
    template.add_paragraph("old")
    template.save(tmp_path / "house.docx")
    options = ReportOptions(("en",), ["profiles"], CITIES[:1], tmp_path / "house.docx")
    document = docx.Document(
        io.BytesIO(ReportMaker(source, options).make().files[0].content)
    )
    assert document.sections[0].header.paragraphs[0].text == "House"
    assert document.sections[0].page_width == 6_000_750
    texts = {p.text: p.style.name for p in document.paragraphs}
    assert texts["Lyon"] == "Heading 1"
    assert "old" not in texts


class Page(html.parser.HTMLParser):
    """Gathers ids and links, and checks that tags are closed in order."""

    def __init__(self):
        super().__init__()
        self.ids = []
        self.links = []
        self.open = []

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.ids += [found["id"]] if "id" in found else []
        self.links += [found[key] for key in ("href", "src") if key in found]
        if tag not in ("meta", "input", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_the_page_needs_nothing_from_elsewhere(made):
    page = Page()
    page.feed(made["report.en.html"].content.decode())
    assert not page.open
    assert not [name for name, count in Counter(page.ids).items() if count > 1]
    inside = {link[1:] for link in page.links if link.startswith("#")}
    # The script shows a city; only those that have a profile are links.
    cities = {f"city-{unit}" for unit in CITIES}
    assert {link for link in inside if link.startswith("city-")} == cities
    assert inside - cities <= set(page.ids)
    others = [link for link in page.links if not link.startswith(("#", "data:"))]
    assert not others
    text = made["report.en.html"].content.decode()
    assert '<a href="#city-lyon">Lyon</a>' in text
    data = json.loads(re.search(r'id="data">(.*?)</script>', text)[1])
    assert {city["id"] for city in data["cities"]} == {*CITIES}


def test_figures_of_a_page_are_pictures_that_say_what_they_show(made):
    text = made["report.en.html"].content.decode()
    figures = re.findall(
        r'<img class="chart" alt="([^"]+)" src="data:image/webp;', text
    )
    assert len(figures) == 8
    titles = {alternative.partition(". ")[0] for alternative in figures}
    assert "The southern cities have the highest mean in every dimension" in titles
    assert all(": lowest " in alternative for alternative in figures)


def test_files_are_the_same_each_time(source, made):
    options = ReportOptions(("en",), ["chapter", "tables", "bars-X"], CITIES)
    maker = ReportMaker(source, options)
    again = {one.file: one.content for one in maker.make().files}
    assert {
        "chapter.en.docx",
        "tables.en.xlsx",
        "figures/bars-X.en.svg",
    } <= again.keys()
    assert [
        name for name, content in again.items() if made[name].content != content
    ] == []


def test_invented_values_mark_tables_sentences_and_pages(source):
    data = source.result.dataset
    basis = np.full(
        data.basis.shape, "synthetic", dtype=data.basis.dtype.str.replace("0", "9")
    )
    result = replace(source.result, dataset=replace(data, basis=basis))
    invented = replace(source, result=result)
    assert all(
        table.synthetic
        for table in tables_of(invented).values()
        if table.id not in ("framework", "cities")
    )
    said = [s for own in Chapter(invented).overall() for s in own.sentences]
    assert all(one.text.en.startswith("[Synthetic data]") for one in said)
    assert all(one.text.zh.startswith("［虚构数据］") for one in said)
    made = ReportMaker(invented, ReportOptions(("zh",), ["ranking-X"])).make().files[0]
    rows = [*csv.reader(made.content.decode("utf-8-sig").splitlines())]
    assert rows[0][-1] == "虚构数据"
    assert all("虚构" in row[-1] for row in rows[1:])


def test_unknown_names_are_refused_together(source):
    with pytest.raises(UsageError, match="ranking-Y") as caught:
        ReportMaker(source, ReportOptions(only=["ranking-Y"], cities=["lion"]))
    assert [p.hint for p in caught.value.problems] == [
        "Did you mean ranking-X?",
        "Did you mean lyon?",
    ]


def test_what_is_named_and_has_no_data_is_refused_with_what_it_needs(
    source, tables, tmp_path
):
    named = ["bars-X", "slopes-X", "rank-intervals", "pairs"]
    with pytest.raises(DataError) as caught:
        ReportMaker(source, ReportOptions(only=named)).make()
    assert [p.code for p in caught.value.problems] == ["XC294"] * 3
    needs = [p.message.partition(" needs ")[0::2] for p in caught.value.problems]
    assert [name for name, _ in needs] == named[1:]
    assert all("data that this index" not in need for _, need in needs)
    data = "unit,a1,a2,b1,b2\n" + "".join(
        f"c{n},{n},{n % 7},{n % 5},{n % 3}\n" for n in range(241)
    )
    (tmp_path / "data.csv").write_text(data)
    words = ["--framework", tables / "tree.csv", "--data", tmp_path / "data.csv"]
    words += ["-o", tmp_path / "out", "--only", "dendrogram"]
    assert main(["report", *map(str, words)]) == 3
    assert not (tmp_path / "out").exists()


def test_without_any_score_nothing_is_written(source, tmp_path):
    """As from a next edition's workbook that nobody has filled yet."""
    empty = replace(source.result, scores=np.full_like(source.result.scores, np.nan))
    with pytest.raises(DataError, match="no city has an overall score"):
        Given(replace(source, result=empty)).report(tmp_path / "out")
    # A report begins with the first group.
    data = source.result.dataset
    units = tuple(
        replace(u, population=("main", "mini")[n > 0]) for n, u in enumerate(data.units)
    )
    scores = source.result.scores.copy()
    scores[0] = np.nan
    split = replace(source.result, scores=scores, dataset=replace(data, units=units))
    with pytest.raises(
        DataError, match="no city of the group 'main' has an overall score"
    ):
        Given(replace(source, result=split)).report(tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_the_verb_lists_files_and_what_waits(tables, tmp_path, capsys, monkeypatch):
    words = [
        "--framework",
        tables / "tree.csv",
        "--data",
        tables / "data.csv",
        "-o",
        tmp_path,
    ]
    words += ["--lang", "both", "--only", "ranking-A", "correlation-table", "--json"]
    assert main(["report", *map(str, words)]) == 0
    document = json.loads(capsys.readouterr().out)
    assert {(one["id"], one["kind"]) for one in document["files"]} == {
        ("ranking-A", "table"),
        ("correlation-table", "table"),
    }
    assert all((tmp_path / one["file"]).is_file() for one in document["files"])
    assert [one["id"] for one in document["waiting"]] == ["changes"]
    # What is missing stands in the reader's language, whatever that of the report.
    monkeypatch.setenv("XLCITY_LANG", "zh")
    assert main(["report", *map(str, words[:-1])]) == 0
    assert "changes  往届名次" in capsys.readouterr().out
    style = tmp_path / "style.toml"
    style.write_text("[colour]\nmian = '#000000'\n", encoding="utf-8")
    assert main(["report", *map(str, words), "--style", str(style)]) == 2
    assert "XC282" in capsys.readouterr().out


def test_a_chinese_chapter_needs_no_font_of_the_machine(
    tables, tmp_path, capsys, no_machine_fonts
):
    own = ["--framework", tables / "tree.csv", "--data", tables / "data.csv"]
    words = ["report", *own, "--only", "chapter", "-o", tmp_path, "--lang", "zh"]
    assert main([*map(str, words)]) == 0, capsys.readouterr().err
    (file,) = tmp_path.rglob("*.docx")
    pictures = [name for name in zipfile.ZipFile(file).namelist() if "media/" in name]
    assert pictures


@pytest.mark.slow
@pytest.mark.parametrize(
    "report_id", ["vitality2014", "image2025", "bri2021", "iecc2024", "gihi2023"]
)
def test_a_chapter_has_what_print_had_and_no_more_than_forty(report_id):
    from xlcity.reports import load_report

    made = Index(load_report(report_id)).source()
    items = report_items(made)
    chosen = {
        name: item for name in chosen_ids(made, items) if (item := items[name].make())
    }
    assert len(chosen) <= MOST
    shown = {
        one.id for section in chapter(made, items, chosen, ()) for one in section.items
    }
    waiting = {one.id for one in waiting_for(made, chosen.__contains__)}
    for one in inventory(report_id):
        is_shown = one.made in shown or one.made in OUTPUTS
        assert is_shown or one.id in waiting, one.id
    # Beside it only what print has otherwise, and the ranks that its text compares.
    others = {"print-differences", "changes"}
    assert shown <= {one.made for one in inventory(report_id)} | others


def test_the_chapter_of_an_own_index_has_its_framework_ranking_nodes_and_groups(source):
    items = report_items(source)
    assert chosen_ids(source, items) == [
        "framework",
        "ranking-X",
        "bars-X",
        "contributions",
        "leaders-X",
        "rank-intervals",
        "quadrant",
        "heat-map",
        "slopes-X",
        "ranking-A",
        "leaders-A",
        "ranking-B",
        "leaders-B",
        "groups-Group_region",
        "means-Group_region",
        "parts-Group_region",
        "map",
        "changes",
        "pairs",
        "print-differences",
    ]
    only, *_ = ReportMaker(source, ReportOptions(("en",), ["heat-map"])).make().files
    assert (only.id, only.kind) == ("heat-map", "figure")


@pytest.mark.parametrize(
    "report_id", ["vitality2014", "image2025", "bri2021", "iecc2024", "gihi2023"]
)
def test_what_the_inventory_names_is_made(report_id):
    from xlcity.reports import load_report

    made = Index(load_report(report_id)).source()
    known = {*OUTPUTS, *report_items(made)}
    rows = inventory(report_id)
    assert len(rows) > 12
    assert [
        one.id
        for one in rows
        if one.made and not one.made.startswith("sheet ") and one.made not in known
    ] == []


def test_the_inventory_is_complete_in_itself():
    rows = [printed for report_id in report_ids() for printed in inventory(report_id)]
    assert len({one.id for one in rows}) == len(rows) > 140
    for one in rows:
        assert one.status in ("yes", "part", "no")
        assert one.title.zh
        assert one.title.en
        lacking = one.status != "yes" or bool(one.series)
        assert bool(one.needs.en) == bool(one.needs.zh) == lacking
        assert bool(one.made) == (one.status != "no")


@pytest.mark.slow
def test_declared_figures_and_tables_show_the_numbers_of_the_index(tmp_path):
    from xlcity.reports import load_report

    made = Index(load_report("vitality2014")).source()
    makers = makers_of(made)
    regions = makers["c12"]()
    # The order is that of the printed charts, which is not that of the ranks.
    printed = {
        "c12": "大连 哈尔滨 沈阳 长春",
        "c13": "北京 天津 呼和浩特 太原 石家庄 秦皇岛",
        "c14": "上海 杭州 南京 济南 福州 合肥",
        "c15": "青岛 宁波 烟台 厦门 威海 温州 连云港 南通",
        "c16": "武汉 长沙 郑州 南昌",
        "c17": "广州 海口 深圳 南宁 珠海 湛江 汕头 北海",
        "c18": "重庆 昆明 成都 贵阳 拉萨",
        "c19": "西安 乌鲁木齐 银川 兰州 西宁",
    }
    assert "Ward's method" in makers["c9"]().note.en
    assert "Colours separate 5 classes." in makers["c9"]().note.en
    assert "order of the published figure" in regions.note.en
    for name, cities in printed.items():
        assert " ".join(one.zh for one in makers[name]().content.rows) == cities
    rows = [
        made.result.dataset.rows[u]
        for u in ("dalian", "harbin", "shenyang", "changchun")
    ]
    for series, code in zip(regions.content.series, "SCEP", strict=True):
        assert series.values.tolist() == made.result.column(code)[rows].tolist()
    assert regions.synthetic == 0
    capitals = makers["c10"]().content.series[1]
    east = [
        at
        for at, unit in enumerate(made.units)
        if unit.attributes["east_west"] == "east"
        and unit.attributes["capital"] == "capital"
    ]
    assert capitals.values[0] == pytest.approx(made.result.column("S")[east].mean())
    assert capitals.label.en == f"East, capitals and municipalities ({len(east)})"
    tables = tables_of(made)
    # Nobody printed the output of the cities.
    assert "c8" not in tables
    assert [one.head.en for one in tables["ranking-VIT"].fields] == ["City", "Rank"]
    file = tmp_path / "gdp.csv"
    lines = [f"{unit.id},gdp,2013,{at}\n" for at, unit in enumerate(made.units)]
    file.write_text("unit,series,key,value\n" + "".join(lines), encoding="utf-8")
    given = with_series(made, file)
    known = tables_of(given)
    assert known["c8"].synthetic == 0
    waiting = [
        {
            one.id
            for one in waiting_for(
                source, lambda name, own=source: name in tables_of(own)
            )
        }
        for source in (made, given)
    ]
    assert waiting[0] - waiting[1] == {"vitality2014-c8"}
    file.write_text("unit,series,key,value\nbejing,gpd,2013,many\n", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        with_series(made, file)
    assert [problem.code for problem in caught.value.problems] == ["XC292"] * 3
    assert caught.value.problems[0].hint == "Did you mean beijing?"
    # A short line, a key that is not there, a value twice, one that is infinite.
    file.write_text(
        "unit,series,key,value\nbeijing,gdp\nbeijing,gdp,1813,5\n"
        "beijing,gdp,2013,５\nbeijing,gdp,2013,6\nshanghai,gdp,2013,inf\n",
        encoding="utf-8",
    )
    with pytest.raises(DataError) as caught:
        with_series(made, file)
    places = [problem.where.cell for problem in caught.value.problems if problem.where]
    assert places == ["row 2", "row 3", "row 5", "row 6"]
    file.write_text("unit,value\n", encoding="utf-8")
    with pytest.raises(DataError, match="columns are missing: series, key"):
        with_series(made, file)


def test_growth_is_of_what_is_better_the_more_and_has_a_zero(source):
    units = source.units
    result = source.result
    before = {(unit.id, code): 2.0 for unit in units for code in result.leaf_codes}
    then = replace(source, outside={BEFORE: before})
    assert set(then.editions.growth) == {"a1", "a2", "b1", "b2"}
    assert then.editions.growth["a1"][0] == 100 * (3 / 2 - 1)
    growth = then.editions.growth_of(0)
    assert max(growth, key=lambda one: one.own - one.mean).code == "b1"
    # Crime that rises is no progress; an index of z-scores begins anywhere.
    nodes = [
        replace(node, direction=-1) if node.code == "b1" else node
        for node in result.framework.nodes
    ]
    made = Step("construct", "zscore_index", codes=("a2",))
    recipe = replace(result.recipe, steps=(made, *result.recipe.steps))
    changed = replace(
        result, framework=replace(result.framework, nodes=tuple(nodes)), recipe=recipe
    )
    assert set(replace(then, result=changed).editions.growth) == {"a1", "b2"}


@pytest.mark.parametrize(
    ("on_page", "lang"), [(False, "en"), (True, "en"), (True, "zh")]
)
def test_what_is_said_of_a_report_is_words_on_the_page(monkeypatch, on_page, lang):
    from xlcity.api.texts import ON_PAGE
    from xlcity.cli.verbs.publish import _written
    from xlcity.figures.contents import Label
    from xlcity.report.items import Waiting
    from xlcity.report.make import MadeReport, ReportFile

    monkeypatch.setenv("XLCITY_LANG", lang)
    if on_page:
        monkeypatch.setenv(ON_PAGE, "1")
    files = [("chapter.zh.docx", "docx"), *((f"t{n}.csv", "table") for n in range(2))]
    made = MadeReport(
        tuple(ReportFile(name, kind, name, "", b"") for name, kind in files),
        tuple(
            Waiting(f"iecc2024-c{n}", Label("十年的数值", "values of ten years"))
            for n in (1, 2)
        ),
        "book",
    )
    said = "\n".join(_written(made))
    if on_page:
        assert not re.search("docx|csv|iecc2024", said)
        needs = {"en": "values of ten years", "zh": "十年的数值"}[lang]
        assert said.count(needs) == 1
    else:
        assert "1 document in Word, 2 tables" in said
        assert "  chapter.zh.docx" in said
        assert "iecc2024-c2  values of ten years" in said


@pytest.mark.parametrize("ties", ["min", "max", "dense", "ordinal"])
def test_every_rank_of_a_report_follows_the_recipes_rule_for_ties(ties, tmp_path):
    places = {
        "min": [1, 1, 3, 4],
        "max": [2, 2, 3, 4],
        "dense": [1, 1, 2, 3],
        "ordinal": [1, 2, 3, 4],
    }[ties]
    (tmp_path / "tree.csv").write_text("code,parent\nX,\nA,X\nB,X\na1,A\nb1,B\n")
    rows = "e,s,1,2\np,s,9,7\nq,n,5,3\nr,s,9,7\nt,s,5,5\n"
    (tmp_path / "data.csv").write_text("unit,Group_region,a1,b1\n" + rows)
    source = Index(tmp_path / "tree.csv", tmp_path / "data.csv").source()
    old = source.result
    steps = [step for step in old.recipe.steps if step.do != "rank"]
    steps.append(Step("rank", "competition", {"ties": ties}))
    recipe = replace(old.recipe, steps=tuple(steps))
    source = replace(source, result=compute(old.framework, recipe, old.dataset))
    assert source.result.rank("X")[[1, 3]].tolist() == places[:2]
    assert [source.rank(row, "a1") for row in (1, 3)] == places[:2]
    tables = tables_of(source)
    assert [row[0] for row in tables["group-X-Group_region-s"].rows] == places
    ends = {"ordinal": "in the order of the data.", "max": "the last of their ranks."}
    assert ends.get(ties, "share a rank") in tables["ranking-X"].note.en
    story = Chapter(source)
    said = {s.fact: s.text.en for own in story.overall() for s in own.sentences}
    # Two cities have the highest score, whatever their ranks are.
    assert not any(fact.startswith("leads") for fact in said)
    assert said["leaders_joint"] == "p and r share first place (100.0)."
    (own,) = story.city(3)
    place = {1: "first", 2: "second"}[places[1]]
    assert own.sentences[0].text.en.startswith(f"r is joint {place} overall")


def test_groups_of_one_name_but_other_cities_are_told_apart():
    from xlcity.reports import load_report

    made = Index(load_report("vitality2014")).source()
    row = next(at for at in range(len(made.units)) if made.city(at).en == "Dalian")
    titles = [
        title
        for one in tables_of(made).values()
        if "eastern cities (" in (title := one.title.en)
    ]
    assert len(titles) == len(set(titles)) == 2
    note = profile_table(made, row).note
    assert "全部46座城市" in note.zh
    assert "all 46 cities" in note.en
    # Who is East is said, and that some cities are neither; nothing is printed twice.
    tables = tables_of(made)
    note = tables["groups-east_west"].note
    assert "Cities in none of the groups: 9 of 46" in note.en
    assert "名单" in note.zh
    assert tables["ranking-S"].title.en == "Ranking of cities in the Social domain"
    assert "—" in tables["cities"].note.en
    shown = chosen_ids(made, report_items(made))
    content = {name: tables[name] for name in [*shown, *tables] if name in tables}
    annex = [name for name in tables if name not in shown]
    sections = chapter(made, report_items(made), content, annex)
    items = [one for section in sections for one in section.items]
    contents = [repr((one.fields, one.rows)) for one in items]
    assert len(contents) == len(set(contents)) < len(tables)
    said = [(one.node, one.text) for own in sections for one in own.statements()]
    assert len(said) == len(set(said))
    # Cities that are on neither of the lists count as East in an attribute of no finding.
    assert not any(
        "assumed" in section.title.en for section in sections if section.paragraphs
    )
    # Nobody printed the output of the cities, and none is invented.
    assert "c8" not in tables
    assert tables["correlation-table"].rows[0][1].en == "1.000"


def test_tables_and_figures_say_what_their_ranks_are_of():
    from xlcity.reports import load_report

    made = Index(load_report("iecc2024")).source()
    assert made.rank_decimals(made.root) == 1
    growth = [g for row in range(len(made.units)) for g in made.editions.growth_of(row)]
    assert any(own.own < 0 for own in growth)
    # Ranks are of rounded scores: those that share one are in the order of their scores.
    for code in made.main_nodes:
        rows = made.order(code, "main")
        pairs = [(made.rank(row, code), -made.scores(code)[row]) for row in rows]
        assert pairs == sorted(pairs)
    # Those of indicators are not; unlike values beyond the limits of z-scores are equal there.
    notes = {name: one.note.en for name, one in tables_of(made).items()}
    assert "Ranks are of scores rounded to 0.1" in notes["ranking-A"]
    assert "Ranks in Liveability are of scores rounded to 0.1" in notes["ranking-A1"]
    assert "limited to ±1.96" in notes["ranking-A2"]
    assert "limited to" not in notes["ranking-A"] + notes["ranking-A"]
    assert "Only 37 of the 43 cities are compared (continuing cities)" in notes["t3"]
    figures = makers_of(made)
    assert figures["f6"]().title.en == "Top 20 cities by continent"
    rows = figures["bars-A"]().content.series[0].values
    assert [f"{score:.6f}" for score in rows] == [
        f"{made.scores('A')[row]:.6f}" for row in made.order("A", "main")
    ]
    # At most half of the lines that move are strong.
    moved, most = shifts(figures["slopes-IECC"]().content.ranks)
    assert 0 < most.sum() <= (moved > 0).sum() / 2
    # z-scores are said to be some, and have no mean.
    table = profile_table(made, 0)
    assert "z-scores" in table.note.en
    means = {row[0].en.strip(): row[-1] for row in table.rows}
    assert means["Crime-rate index (reversed)"] == NOTHING
    assert means["Attractiveness"] == pytest.approx(np.mean(made.scores("A")))
    assert [one.head.en for one in table.fields] == [
        "Indicator",
        "Score",
        "Rank",
        "Mean",
    ]
