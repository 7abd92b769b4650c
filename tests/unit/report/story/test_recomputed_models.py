"""Every number that chapters state of two model indices and of the five reports, recomputed.

`tests/helpers/plain_index` computes the two models and `recomputed_findings` what is stated, kind
by kind; of the reports, the scores of nodes are given.
"""

import csv
import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.plain_index import PlainIndex, PlainMethod, read_nodes
from tests.helpers.recomputed_changes import Findings, Known
from xlcity.api.index import Index
from xlcity.report.chapter import chapter
from xlcity.report.source import source_of
from xlcity.report.story import sections
from xlcity.report.story.basis import Basis
from xlcity.report.story.change import EditionChanges, tier_changes
from xlcity.report.story.overall import chapter_title
from xlcity.report.story.types import CityTypes, outside, types
from xlcity.report.story.writing import Writer
from xlcity.reports import load_report
from xlcity.reports.printed import earlier_ranks, printed_of

MODELS = Path(__file__).parent / "models"
METHODS = {
    "own1": PlainMethod("zscore", limit=2.5, has_imputed=True, is_rescaled=True),
    "own2": PlainMethod("goalposts", "geometric"),
}
TIERS = {"image2025": (20, 50, 106)}
DECIMALS = {"iecc2024": 1}
#: Numbers that are stated, at least: fewer would mean that findings are no longer seen.
LEAST = {"own1": 450, "own2": 330, "image2025": 300, "vitality2014": 190}
LEAST |= {"iecc2024": 230, "gihi2023": 230, "bri2021": 270}


def rows_of(path):
    with path.open(encoding="utf-8-sig") as file:
        return [*csv.DictReader(file)]


def column_of(rows, code):
    texts = [row.get(code) or "nan" for row in rows]
    return np.array([float(text.replace("NA", "nan")) for text in texts])


def edition(folder, rows):
    nodes = read_nodes(rows_of(folder / "framework.csv"))
    values = {code: column_of(rows, code) for code in nodes if code in rows[0]}
    plain = PlainIndex(nodes, values, METHODS[folder.name])
    names = {row["id"]: row["name_zh"] for row in rows_of(folder / "data.csv")}
    cities = [names[row["id"]] for row in rows]
    return Known(plain, plain.scores(), cities, 1, groups={}, kinds={})


def model(name):
    """Return a model index, and what is known of it without the package."""
    folder = MODELS / name
    index = Index(folder / "framework.csv", folder, recipe=folder / "recipe.toml")
    known = edition(folder, rows_of(folder / "data.csv"))
    if (folder / "previous.csv").exists():
        before = edition(folder, rows_of(folder / "previous.csv"))
        known = replace(known, before=before)
    return index.source(), known


def report(name):
    """Return a report, and what is known of it beside the chapter."""
    own = load_report(name)
    source = Index(own).source()
    result = source.result
    is_own = np.array([unit.population == source.population for unit in source.units])

    def columns(codes, block):
        return {c: np.where(is_own, block[:, n], np.nan) for n, c in enumerate(codes)}

    nodes = [
        {name: str(getattr(node, name) or "") for name in ("code", "parent", "weight")}
        | {"direction": str(node.direction), "name_zh": node.name_zh}
        for node in result.framework.nodes
    ]
    values = columns(result.leaf_codes, result.raw)
    given = columns(result.leaf_codes, result.normalised)
    plain = PlainIndex(read_nodes(nodes), values, PlainMethod("given"), given=given)
    known = Known(
        plain,
        columns(result.node_codes, result.scores),
        [unit.name_zh for unit in source.units],
        DECIMALS.get(name, 9),
        groups={},
        kinds={},
        declared=TIERS.get(name, ()),
        links=link_scores(source),
        differing=differing(own, source),
        printed=printed_ranks(own, source),
        published=published_shares(own),
        printed_values={
            (unit.name_zh, value.code): value.value
            for value in own.previous
            for unit in source.units
            if unit.id == value.unit and value.basis == "printed"
        },
        extra=modes(source, is_own),
        flows=flows(source, is_own),
        apart={
            code: np.where(is_own, np.nan, result.scores[:, n])
            for n, code in enumerate(result.node_codes)
        },
        counted=fields_among_the_first(source),
        fields=cited_papers(source),
    )
    return source, known


def published_shares(own):
    table = own.published.get("regression")
    rows = table.rows if table else ()
    return {row["node"]: float(row["r_square"]) for row in rows}


def modes(source, is_own):
    """Return the modes of development of gihi2023 by their Chinese names."""
    every = source.result.supplementary
    if every is None or "MA" not in every.codes:
        return {}
    names = {"MA": "科学中心", "MB": "创新高地", "MC": "创新生态"}
    return supplementary(every, names, is_own)


def flows(source, is_own):
    """Return the two flows of gihi2023 by their Chinese names."""
    every = source.result.supplementary
    if every is None or "AGG" not in every.codes:
        return {}
    return supplementary(every, {"AGG": "要素集聚", "RAD": "辐射带动"}, is_own)


def supplementary(every, names, is_own):
    columns = {names[c]: every.scores[:, every.codes.index(c)] for c in names}
    return {name: np.where(is_own, own, np.nan) for name, own in columns.items()}


def fields_among_the_first(source):
    """Return in how many fields each city of gihi2023 is among the first ten, by their ranks."""
    every = source.result.supplementary
    if every is None or "DTOP" not in every.codes:
        return np.zeros(0)
    fields = [n for n, code in enumerate(every.codes) if re.fullmatch(r"D\d+", code)]
    ranks = every.ranks[:, fields]
    return ((ranks > 0) & (ranks <= 10)).sum(axis=1)


def link_scores(source):
    """Return the scores of pairs of cities by both names."""
    pairs = source.result.pairs
    if pairs is None:
        return {}
    names = {unit.id: unit.name_zh for unit in source.units}
    column = pairs.node_codes.index(source.root)
    return {
        "—".join(names[unit] for unit in pair): score
        for pair, score in zip(pairs.pairs, pairs.scores[:, column], strict=True)
    }


def cited_papers(source):
    """Return the highly cited papers of each field of gihi2023."""
    data = source.result.dataset
    codes = [code for code in data.codes if re.fullmatch(r"D\d+\.hcp", code)]
    return [data.values[:, data.column(code)] for code in codes]


def logarithms(source, attribute):
    texts = [unit.attributes.get(attribute) or "nan" for unit in source.units]
    return np.log([float(text) for text in texts])


def printed_ranks(own, source):
    """Return the ranks of the previous edition and of this one that are printed."""
    earlier = [*earlier_ranks(own)]
    if not earlier:
        return None
    root = source.root
    rows = source.result.dataset.rows
    then = {rows[unit]: n for (unit, node), n in earlier[0][1].items() if node == root}
    now = {
        rows[unit]: rank
        for table in printed_of(own)
        if table.node == root
        for unit, rank in table.ranks.items()
    }
    return then, now


def differing(own, source):
    """Return how many scores and ranks of the printed tables are not the computed ones."""
    scores = 0
    ranks = 0
    result = source.result
    rows = result.dataset.rows
    for table in printed_of(own):
        for unit, text in table.scores.items():
            score = result.column(table.node)[rows[unit]]
            half = 0.5 * 10.0 ** -len(text.partition(".")[2])
            scores += bool(text) and abs(score - float(text)) > half + 1e-9
        for unit, rank in table.ranks.items():
            scored = result.rank(table.node)[rows[unit]]
            ranks += scored not in (0, rank)
    return scores, ranks


def name_groups(source, known):
    """Add the groups of cities by all names that they have."""
    units = source.units
    for kind in source.group_types:
        words = [unit.attributes.get(kind.attribute, "") for unit in units]
        known.kinds[kind.name_zh] = words
        for group in kind.groups:
            rows = frozenset(n for n, word in enumerate(words) if word == group.value)
            zh = group.name_zh or group.value
            names = (zh, f"{zh}城市", f"{zh}组城市", group.cities_zh, group.value)
            for name in names:
                known.groups.setdefault(name, rows)


def titles(source):
    """Yield all that titles may state, with the node that they are of."""
    basis = Basis(source)
    drafts = [
        (basis.root, own)
        for part in (sections.overall_drafts, sections.type_drafts)
        for own in part(basis)
    ]
    drafts += [(basis.root, own) for own in sections.change_drafts(basis)]
    drafts += [(basis.root, own) for own in sections.case_drafts(basis)]
    for code in basis.dimensions:
        every = sections.dimension_drafts(basis, code, with_none=True)
        drafts += [(code, own) for own in every]
    for node, draft in drafts:
        yield from ((node, title) for title in draft.titles if title)
    yield from ((basis.root, title) for title in chapter_title(basis))


def counted(found):
    """Return how many cities a sentence on types of cities is about."""
    own = found.values
    if found.key == "strong_between":
        return sum(one.values["n"] for one in own["each"])
    if found.key == "none_strong":
        return own["x"]
    rest = own.get("rest")
    return own["n"] + own.get("m", 0) + (rest.values["m"] if rest else 0)


TYPES = re.compile("all_round|strong_b|wings_|none_strong")


@pytest.mark.parametrize("name", [*LEAST])
def test_every_city_is_of_one_type(name):
    source, _ = model(name) if name in METHODS else report(name)
    basis = Basis(source)
    told = [found for found in types(basis) if TYPES.match(found.key)]
    assert sum(map(counted, told)) == len(CityTypes(basis).strengths)


@pytest.mark.parametrize("name", [*LEAST])
def test_what_is_so_of_a_group_is_said_once(name):
    source, _ = model(name) if name in METHODS else report(name)
    story = sections.Chapter(source)
    keys = []
    for code in story.basis.dimensions:
        for paragraph in story.dimension(code):
            for one in paragraph.sentences:
                if one.fact == "above_mean":
                    keys += [
                        (own.key.removesuffix("_also"), own.values["cities"].zh)
                        for own in one.values["groups"]
                        if "cities" in own.values
                    ]
    assert len(keys) == len({*keys})


@pytest.mark.parametrize("name", [*LEAST])
def test_every_number_is_that_of_the_table(name):
    source, known = model(name) if name in METHODS else report(name)
    name_groups(source, known)
    found = Findings(known)
    for section in chapter(source, {}, {}):
        for paragraph in section.paragraphs:
            for own in paragraph.sentences:
                texts = own.text.zh, own.text.en
                found.compare(own.fact, own.values, own.node, texts)
    for node, title in titles(source):
        found.compare(title.key, title.values, node, ())
    assert found.false == []
    assert found.unchecked == []
    assert found.count >= LEAST[name]


def test_a_variable_outside_the_index_is_told_of_by_its_name():
    own = load_report("vitality2014")
    units = [
        replace(unit, attributes={**unit.attributes, "gdp": str(9000 // (n + 1))})
        for n, unit in enumerate(own.dataset.units)
    ]
    source = Index(
        replace(own, dataset=replace(own.dataset, units=tuple(units)))
    ).source()
    known = replace(
        report("vitality2014")[1], outside={"GDP": logarithms(source, "gdp")}
    )
    found = Findings(known)
    (told,) = outside(Basis(source))
    writer = Writer("en", 1)
    text = writer.sentence(told)
    found.compare(told.key, told.values, known.root, [text])
    assert (found.false, found.unchecked, found.count) == ([], [], 2)
    assert text.startswith("GDP, in logarithms, accounts for ")


@pytest.fixture
def crossing(tmp_path):
    """Return a model index in which a city moves into the first of its declared tiers."""
    folder = tmp_path / "own1"
    shutil.copytree(MODELS / "own1", folder)
    lines = "tier,name_zh,rank_to\n1,第一方阵,5\n2,第二方阵,36\n"
    (folder / "tiers.csv").write_text(lines, encoding="utf-8")
    return Index(
        folder / "framework.csv", folder, recipe=folder / "recipe.toml"
    ).source()


def tier_move(source):
    (told,) = tier_changes(EditionChanges(Basis(source)))
    return Writer("zh", 1).sentence(told)


def test_who_crossed_the_border_of_a_declared_tier(crossing):
    assert tier_move(crossing) == "无锡升入第一方阵，深圳退出。"


def test_a_move_that_the_method_makes_is_told_as_such(crossing):
    """Where the former values, scored as now, stood on this side of the border already."""
    last = crossing.spec.last
    root = crossing.root
    at = {rank: unit for (unit, node), rank in last.ranks.items() if node == root}
    # Those who did cross it change places, and so do the first one and one far below.
    swapped = {1: 19, 19: 1, 4: 8, 8: 4}
    ranks = {**last.ranks, **{(at[n], root): to for n, to in swapped.items()}}
    spec = replace(crossing.spec, last=replace(last, ranks=ranks))
    told = tier_move(source_of(spec, crossing.result, None))
    names = {unit.id: unit.name_zh for unit in crossing.units}
    ending = "退出，变动主要由权重或方法调整引起。"
    assert told == f"{names[at[1]]}升入第一方阵，{names[at[19]]}{ending}"


def test_a_false_number_is_seen():
    source, known = model("own2")
    name_groups(source, known)
    found = Findings(known)
    values = {"n": 24, "m": known.mean(known.root) + 0.06, "k": 14}
    found.compare("mean", values, known.root, ["24 cities average 52.9; 14 are above"])
    found.compare("mean", {**values, "m": known.mean(known.root)}, known.root, ["51.8"])
    assert len(found.false) == 2
