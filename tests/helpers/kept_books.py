"""Small workbooks that together have nearly everything a template can have.

Each is built for the tests that keep what is drawn as text: few cities, few indicators, many
methods. Of the published reports there are parts that no framework of one's own has.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

import numpy as np

from tests.helpers.few_cities import of_cities
from xlcity.model.dataset import Dataset, Item, Link, State, Unit
from xlcity.model.framework import Framework
from xlcity.model.panel import Break, Panel
from xlcity.model.reading.data import empty_dataset
from xlcity.model.reading.tables import parse_csv
from xlcity.model.recipe_toml import read_recipe
from xlcity.reports import load_report
from xlcity.reports.report import Report, SourceException
from xlcity.workbook.spec import Remark, TemplateSpec
from xlcity.workbook.spec.from_report import own_spec, panel_spec, template_spec
from xlcity.workbook.tabs import with_pages


def part_of(report: Report, codes: str, cities: Collection[str]) -> Report:
    """Return a report with some nodes of its framework and some of its cities."""
    whole = report.framework
    kept = {*codes.split(), report.framework.root.code}
    framework = replace(
        whole,
        nodes=tuple(node for node in whole.nodes if node.code in kept),
        ingredients=tuple(part for part in whole.ingredients if part.of in kept),
        supplementary=tuple(
            s for s in whole.supplementary if {*s.parts} <= {*kept, ""}
        ),
    )
    steps = []
    for step in report.recipe.steps:
        still = tuple(code for code in step.codes if code in kept)
        if still or not step.codes:
            steps.append(replace(step, codes=still))
    recipe = replace(report.recipe, steps=tuple(steps), options=(), weights="relative")
    data = of_cities(report.dataset, cities)
    return replace(report, framework=framework, recipe=recipe, dataset=data)


def image() -> TemplateSpec:
    """Groups, subtables, tiers, printed tables, ratings of 0 to 5; in Chinese, all pages."""
    codes = "IMG_COM IMG_COM_SEARCH IMG_COM_SEARCH_GT IMG_COM_MEDIA IMG_COM_MEDIA_VOL IMG_INF"
    codes += " IMG_INF_MAIN IMG_INF_MAIN_RATE"
    report = part_of(
        load_report("image2025"), codes, ("beijing", "chengdu", "qingdao", "haikou")
    )
    return with_pages(replace(template_spec(report), spare_units=2), ["all"])


def hubs() -> TemplateSpec:
    """Two groups scored apart, networks as matrices, supplementary indices, parts."""
    report = load_report("gihi2023")
    main = [unit.id for unit in report.dataset.units if unit.population == "main"]
    mini = [unit.id for unit in report.dataset.units if unit.population == "mini"]
    codes = "A A1 01 02 B B1 09 C C1 17 18 C3 25"
    report = part_of(report, codes, (*main[:4], *mini[:2]))
    spec = replace(template_spec(report), spare_units=1)
    return with_pages(spec, ["intake", "disciplines", "review"])


def exchange() -> TemplateSpec:
    """Constructed indicators, lists of items, clipped z-scores, imputed scores, both languages."""
    codes = "A A1 A1.1 A1.3 A1.4 B B2 B2.2 B4 B4.3 C C1 C1.1 C1.2 C2 C2.1"
    cities = ("london", "hong_kong", "beijing", "amsterdam", "barcelona")
    report = part_of(load_report("iecc2024"), codes, cities)
    spec = replace(
        template_spec(report), spare_units=1, language="both", tab_language="en"
    )
    return with_pages(spec, ["size"])


TREE = """\
code,parent,weight,direction,name_zh,name_en,uom,uom_zh,definition,source,period,denominator,goalpost_low,goalpost_high,type
T,,1,1,总指数,Total,,,,,,,,,Aggregate
P,T,2,1,甲,Pillar P,,,,,,,,,Aggregate
Q,T,1,1,乙,Pillar Q,,,,,,,,,Aggregate
R,T,1,1,丙,Pillar R,,,,,,,,,Aggregate
S,T,1,1,丁,Pillar S,,,,,,,,,Aggregate
P1,P,1,1,指标一,Per area,km2,平方公里,what it means,Yearbook,2024,AREA,,,Indicator
P2,P,2,-1,指标二,Less is better,%,%,,,,,0,80,Indicator
P3,P,1,1,指标三,Skewed,,,,,,,,,Indicator
P4,P,1,1,指标四,Ranked,,,,,,,,,Indicator
Q1,Q,1,1,指标五,Far from the best,,,,,,,,,Indicator
Q2,Q,1,1,指标六,Far from a city,,,,,,,,,Indicator
Q3,Q,1,-1,指标七,Above the mean,,,,,,,,,Indicator
R1,R,1,1,指标八,Percentile,,,,,,,,,Indicator
R2,R,1,1,指标九,Points,,,,,,,,,Indicator
S1,S,1,1,指标十,Target,,,,,,,,,Indicator
S2,S,1,1,指标十一,Bands,,,,,,,,,Indicator
AREA,,,,面积,Area,km2,平方公里,,,,,,,Denominator
"""
METHODS = """
version = 2
id = "own"
weights = "relative"
blank = "missing"
"""


def _steps(*steps: str) -> str:
    """Return steps in the words of a recipe: what to do, the method, parameters, codes."""
    lines = []
    for words in steps:
        do, method, *rest = words.split(" ", 2)
        lines += [
            "[[step]]",
            f'do = "{do}"',
            f'method = "{method}"',
            *"".join(rest).split("; "),
        ]
    return "\n".join(lines)


def _units(count: int) -> tuple[Unit, ...]:
    names = ["北京", "上海", "广州", "深圳", "成都", "武汉"]
    return tuple(
        Unit(
            f"c{n}",
            names[n],
            f"City {n}",
            ("alias",) if n == 1 else (),
            "" if n == 5 else "main",
            {"size": ("large", "small", "")[n % 3]},
        )
        for n in range(count)
    )


def _data(codes: Collection[str], count: int = 6, seed: int = 4) -> Dataset:
    """Return values with a tie, confirmed gaps, a blank and an outlier."""
    rng = np.random.default_rng(seed)
    values = np.round(rng.uniform(5, 60, (count, len(codes))), 1)
    values[2], values[3, 0] = values[1], 900.5
    states = np.full(values.shape, State.VALUE, dtype=np.uint8)
    states[4, 1::4] = State.MISSING
    states[0, 3] = State.BLANK
    values[states != State.VALUE] = np.nan
    values[1, 0] = 20.5
    basis = np.full(values.shape, "", dtype="<U12")
    return Dataset(_units(count), tuple(codes), values, states, basis)


def _own(recipe: str, **given: object) -> TemplateSpec:
    framework = Framework.read(TREE)
    codes = [node.code for node in framework.indicators]
    codes += ["AREA"] * ('denominator = "AREA"' in recipe)
    return own_spec(framework, read_recipe(METHODS + recipe), _data(codes), **given)


#: Values with a status of their own, as `Sources` has them.
LINES = (
    SourceException(
        "c1",
        "P1",
        20.5,
        "derived",
        "2019",
        "https://example.org/a",
        "见年鉴",
        "see the yearbook",
        "Li",
        "Wang",
    ),
    SourceException("c3", "P2", None, "", "", "", "", "only a remark"),
)


PREPARED = (
    'denominate by codes = ["P1"]; denominator = "AREA"',
    "screen availability data = 0.5",
    'impute_raw mean codes = ["P2"]',
    'treat winsor codes = ["P3"]; points = 1',
    'treat log codes = ["P4"]; log = "ln1p"',
)


def methods() -> TemplateSpec:
    """A method of its own for every indicator and node, prepared values; calls beside formulas."""
    recipe = _steps(
        *PREPARED,
        "normalise minmax scale = 100",
        'normalise goalposts codes = ["P2"]',
        'normalise rank codes = ["P4"]; ties = "average"',
        'normalise dist2max codes = ["Q1"]; scale = 100',
        'normalise dist2ref codes = ["Q2"]; unit = "c1"',
        'normalise above_mean codes = ["Q3"]; threshold = 0.05',
        'normalise percentile codes = ["R1"]; scale = 100',
        'normalise borda codes = ["R2"]',
        'normalise dist2target codes = ["S1"]; target = 70; cap = "yes"',
        'normalise bands codes = ["S2"]; cuts = [20, 40]',
        'weight entropy codes = ["P"]',
        'aggregate arithmetic missing = "renormalise"; threshold = 0.4',
        'aggregate geometric codes = ["Q"]; missing = "na"',
        'aggregate copeland codes = ["R"]; missing = "na"',
        'aggregate minimum codes = ["S"]; missing = "na"',
        'rank competition ties = "ordinal"; digits = 6',
        "rate cuts cuts = [20, 40, 60]; trend = [0, 0.5, 1]; target = 100",
    )
    remarks = (
        Remark(
            "c1", "P1", "Index!F20", "Too high?", "Li", "2026-01-02", "No", "answered"
        ),
    )
    spec = _own(recipe, exceptions=LINES, remarks=remarks)
    return with_pages(spec, ["review", "ratings", "peers"])


def calls() -> TemplateSpec:
    """Cells that are calls of functions: z-scores, imputed, rescaled, derived weights; English."""
    recipe = _steps(
        "normalise zscore clip = 1.96; ddof = 0",
        'impute_scores dimension_mean level = "parent"',
        'weight pca codes = ["P"]',
        'aggregate arithmetic missing = "renormalise"',
        'rescale efficacy omega = 40; overall = "scaled"',
        "rank competition digits = 9",
    )
    return _own(recipe, language="en", tab_language="en", cells="functions")


def editions() -> TemplateSpec:
    """Editions before this one, gaps filled from them, trends; formulas alone."""
    recipe = _steps(
        "impute_raw latest",
        "normalise efficacy omega = 50",
        'aggregate arithmetic missing = "zero"',
        "rank competition digits = 9",
        "rate cuts cuts = [20, 40, 60]; trend = [0, 0.5, 1]",
    )
    spec = _own(recipe, cells="native")
    years = tuple(_data(spec.dataset.codes, seed=seed) for seed in (1, 2, 4))
    panel = Panel(
        ("2019", "2021", "2024"),
        (2019.0, 2021.0, 2024.0),
        years,
        (Break("P2", "2021", "new survey"),),
    )
    pages = (
        "whatif",
        "statistics",
        "correlation",
        "robustness",
        "trajectories",
        "ratings",
    )
    return with_pages(panel_spec(spec, panel), pages)


def derived() -> TemplateSpec:
    """Treatments, imputations, weights and means that few take; most by functions."""
    recipe = _steps(
        'impute_raw mean group = "size"',
        'impute_raw em codes = ["R1"]',
        'impute_raw median codes = ["R2"]',
        'treat winsor_log codes = ["P1"]; points = 1',
        'treat boxcox codes = ["P2"]; power = 0.5',
        'treat percentile codes = ["P3"]; low = 10; high = 90',
        'treat clip codes = ["P4"]; limit = 1; ddof = 1',
        'treat log codes = ["Q1"]; log = "gii"; when = "skewed"',
        "normalise zscore mean = 100; sd = 15",
        'normalise fracmax codes = ["Q2"]',
        'normalise rating codes = ["Q3"]; max = 60',
        'normalise goalposts codes = ["S1"]; low = 5; high = 60; base = 1',
        'normalise none codes = ["S2"]',
        'weight ahp codes = ["P"]; judgements = [2, 3, 1, 2, 0.5, 1]',
        'weight balance codes = ["Q"]; targets = [2, 1, 1]',
        'weight critic codes = ["R"]',
        'weight cv codes = ["S"]',
        'aggregate power missing = "renormalise"; power = 0.5',
        'aggregate harmonic codes = ["P"]; missing = "na"',
        'aggregate mpi codes = ["R"]; missing = "na"',
        'aggregate topsis codes = ["S"]; missing = "na"',
        "rescale linear factor = 2; shift = 1",
        'rescale zscore codes = ["T"]; mean = 50; sd = 10',
        "rank competition digits = 9",
    )
    return _own(recipe, exceptions=LINES)


NETWORK = """\
code,parent,weight,direction,name_zh,name_en
X,,1,1,联系指数,Ties
T,X,1,1,往来,Flows
E,X,1,1,中心度,Centrality
D,X,2,1,度,Degree
B,X,1,1,名单,On lists
R,X,1,1,人均,Per person
Z,X,1,-1,平均,Mean of z
"""
PARTS = """\
code,of,name_zh,name_en,uom
R.count,R,数量,Count,items
R.people,R,人口,People,persons
Z.a,Z,甲项,First,
Z.b,Z,乙项,Second,
"""


def _links(codes: str) -> dict[str, tuple[Link, ...]]:
    return {
        code: tuple(
            Link(f"c{a}", f"c{b}", float(a + 2 * b + number))
            for a in range(5)
            for b in range(a)
            if (a + b + number) % 3
        )
        for number, code in enumerate(codes)
    }


def routes() -> TemplateSpec:
    """Strengths of links inside groups of cities, and scores of pairs."""
    recipe = _steps(
        'construct link_strength codes = ["T", "D"]; group = "size"',
        'construct link_strength codes = ["E"]; flow = "symmetric"; count = "presence"',
        'normalise minmax bounds = "max"; constant = 0',
        'aggregate arithmetic missing = "renormalise"',
        "rank competition digits = 9",
        'pairs link_scores group = "size"',
        'pairs link_scores codes = ["E"]; count = "presence"',
    )
    framework = Framework.read("\n".join(NETWORK.splitlines()[:5]))
    data = empty_dataset(_units(5), ("T", "E", "D"))
    data = replace(data, links=_links("TED"))
    return own_spec(framework, read_recipe(METHODS + recipe), data)


def ties() -> TemplateSpec:
    """Links, their strengths and centralities, lists of items, parts."""
    recipe = _steps(
        'construct link_strength codes = ["T"]; group = "size"',
        'construct eigen_centrality codes = ["E"]; rounds = 12; flow = "symmetric"',
        'construct degree_centrality codes = ["D"]; share = "yes"',
        'construct bands codes = ["B"]; lists = ["qs", "arwu"]; uppers = [9, 99]; weights = [1, 2]',
        'construct ratio codes = ["R"]; numerator = "count"; denominator = "people"; scale = 1000',
        'construct zscore_index codes = ["Z"]; weights = [1, 2]; clip = 1.5',
        'normalise minmax bounds = "minmax"; constant = 0',
        "aggregate arithmetic",
        "rank competition digits = 9",
    )
    framework = Framework.read(NETWORK).with_ingredients(parse_csv(PARTS, "parts"))
    items = tuple(
        Item(
            f"c{n % 4}",
            f"University {n}",
            {"qs": str(7 * n + 1), "arwu": ("", "101–150")[n % 2]},
        )
        for n in range(6)
    )
    data = _data([part.code for part in framework.ingredients])
    data = replace(
        data.reindexed(data.units, (*"TEDBRZ", *data.codes)),
        links=_links("TED"),
        items={"B": items},
    )
    return own_spec(framework, read_recipe(METHODS + recipe), data)


#: Sheets that all books have in nearly the same way.
USUAL = "说明 城市 排行榜 来源"
#: Name of the kept text -> what is drawn, and sheets that another one has in nearly the same way.
BOOKS: dict[str, tuple[Callable[[], TemplateSpec], str]] = {
    "image": (image, ""),
    "hubs": (hubs, USUAL),
    "methods": (methods, USUAL),
    "exchange": (
        exchange,
        "Cities Framework Ranking Profile Items Sources Messages README",
    ),
    "ties": (ties, USUAL),
    "routes": (routes, USUAL),
    "derived": (derived, USUAL),
    "editions": (editions, USUAL),
    "calls": (calls, "Cities Data Sources Ranking Profile Messages Framework"),
}
#: Those that `rebuild` draws from nothing but what stands in them.
OWN = ("routes", "ties", "methods", "calls", "derived", "editions")
