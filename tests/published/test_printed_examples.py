"""The table of docs/explanation/printed-examples.md: what sources print, and what xlcity gives."""

from math import log

import numpy as np
import pytest

import xlcity as xc
from tests.helpers.contributing import PAGE
from xlcity.reports import load_report

pytestmark = pytest.mark.published
#: 16 indicators of COINr's example data (MIT licence), values as it has them.
ASEM = PAGE.parent / "tests" / "published" / "coinr_asem.csv"
#: Real income per head of 84 countries, from Penn World Table 10.0 (CC BY 4.0).
PWT = ASEM.with_name("pwt_income.csv")
DOCS = PAGE.parent / "docs"
OWN = DOCS / "how-to" / "data" / "own_methods.py"


def index(tmp_path, framework, rows, **methods):
    """Return an index of tables given as texts."""
    paths = tmp_path / "framework.csv", tmp_path / "data.csv"
    for path, text in zip(paths, (framework, rows), strict=True):
        path.write_text(text)
    return xc.Index(*paths, **methods)


def count_of(system, node=""):
    """Return how many children a node of a system of the literature has, the root by default."""
    tree = load_report(system).framework
    return len(tree.children(node or tree.root.code))


def themes(tmp_path):
    """Return the themes of the Global City Indicators."""
    return str(
        sum(count_of("global_city_indicators", node) for node in ("SERV", "QOL"))
    )


def groups(tmp_path):
    """Return the groups of Sustainable Seattle, and the indicators of the three that are named."""
    named = sum(
        count_of("sustainable_seattle", node) for node in ("ECY", "NAT", "SOCY")
    )
    return f"{count_of('sustainable_seattle')}; {named}"


def modified_z(tmp_path):
    """Return modified z-scores by a function of one's own."""
    rows = "unit,a\n" + "".join(
        f"u{row},{x}\n" for row, x in enumerate((10, 12, 12, 13, 12, 11, 14, 300))
    )
    scores = index(
        tmp_path, "code,parent\nT,\na,T\n", rows, normalise="robust_z"
    ).normalised["a"]
    return " ".join(f"{score:.4f}" for score in scores)


def human_development(tmp_path):
    """Return the income index and the human development index of one country."""
    framework = (
        "code,parent,goalpost_low,goalpost_high\nHDI,,,\nhealth,HDI,0,1\nknowledge,HDI,0,1\n"
        f"income,HDI,{log(100)},{log(75_000)}\n"
    )
    rows = f"unit,health,knowledge,income\nX,0.6971,0.3447,{log(3829)}\n"
    result = index(
        tmp_path, framework, rows, normalise="goalposts", aggregate="geometric"
    )
    income = result.normalised.loc["X", "income"]
    hdi = result.scores.loc["X", "HDI"]
    return f"{income / 100:.4f} {hdi / 100:.3f}"


#: How content 158 countries are, from 0 to 10: a value, and of how many. Data of the SDG Index 2018
#: (CC BY 4.0).
WELLBEING = """2.7 2.8 2.9 3.3x3 3.4 3.5x3 3.6 3.8x3 3.9x2 4.0x3 4.1x4 4.2x2 4.3x6 4.4x4 4.5x4 4.6x6
4.7x6 4.8x2 4.9x4 5.0 5.1x9 5.2x6 5.3x5 5.4 5.5 5.6x8 5.7x3 5.8x4 5.9x6 6.0x5 6.1x4 6.2x8 6.3x9
6.4x5 6.5 6.6x2 6.7 6.8 6.9x2 7.0x2 7.1x4 7.2 7.3x5 7.4 7.5x3 7.6x2 7.8"""


def bounds_by_rule(tmp_path):
    """Return the best and the worst value of an indicator that rules set, as two scores tell."""
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(
        '[[step]]\ndo = "normalise"\nmethod = "goalposts"\nlow = "p2.5"\n'
        'high = "mean of best 5"\n[[step]]\ndo = "aggregate"\nmethod = "arithmetic"\n'
    )
    counted = [(word + "x1").split("x")[:2] for word in WELLBEING.split()]
    values = [value for value, count in counted for _ in range(int(count))]
    assert len(values) == 158
    rows = "unit,a\n" + "".join(f"u{row},{value}\n" for row, value in enumerate(values))
    scores = index(tmp_path, "code,parent\nT,\na,T\n", rows, recipe=recipe).normalised[
        "a"
    ]
    low = values.index("4.3")
    high = values.index("7.3")
    points = (scores.iloc[high] - scores.iloc[low]) / (7.3 - 4.3)
    worst = 4.3 - scores.iloc[low] / points
    return f"{worst + 100 / points:.1f} {worst:.1f}"


def audit(tmp_path):
    """Return the statistical audit of three groups of COINr's ASEM data, and its correlations."""
    names = ASEM.read_text().partition("\n")[0].split(",")[1:]
    parents = {"Renew": "Environ", "Poverty": "Social", "LPI": "Physical"}
    parent = ""
    tree = "code,parent\nT,\nEnviron,T\nSocial,T\nPhysical,T\n"
    for name in names:
        parent = parents.get(name, parent)
        tree += f"{name},{parent}\n"
    assessment = index(tmp_path, tree, ASEM.read_text(), normalise="minmax").assess(n=4)
    pairs = {
        (p["a"], p["b"]): p["pearson"] for p in assessment.as_dict()["correlations"]
    }
    return assessment.audit, pairs


def audited_shape(tmp_path):
    """Return skewness and kurtosis of one indicator."""
    return " ".join(
        f"{x:.7f}" for x in audit(tmp_path)[0].loc["Flights", ["skew", "kurt"]]
    )


def audited_correlations(tmp_path):
    """Return the correlations of one indicator with three others of its group."""
    pairs = audit(tmp_path)[1]
    wanted = ("CO2", "MatCon"), ("PrimEner", "CO2"), ("Renew", "CO2")
    return " ".join(f"{pairs[pair]:.7f}" for pair in wanted)


def audited_component(tmp_path):
    """Return the share of the first principal component of one group."""
    return f"{audit(tmp_path)[0].loc['Social', 'component']:.4f}"


def followers_of_size(tmp_path):
    """Return COINr's indicators that correlate with one of its four denominators, and how."""
    text = ASEM.with_name("coinr_denominators.csv").read_text()
    names = text.partition("\n")[0].split(",")[1:]
    tree = "code,parent,type\nT,,\n" + "".join(f"{name},T,\n" for name in names[:-4])
    tree += "".join(f"{name},,Denominator\n" for name in names[-4:])
    sizes = (
        index(tmp_path, tree, text, normalise="minmax").assess(n=4).as_dict()["sizes"]
    )
    assert not any(size["divided"] for size in sizes)
    followers = {}
    for size in sizes:
        followers.setdefault(size["indicator"], []).append(f"{size['pearson']:.2f}")
    return " ".join(f"{name} {' '.join(followers[name])}" for name in sorted(followers))


def levels(tmp_path, cuts, values):
    """Return the colours of five cities by cut points, – without one."""
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(
        '[[step]]\ndo = "normalise"\nmethod = "none"\n[[step]]\ndo = "aggregate"\n'
        'method = "none"\n[[step]]\ndo = "rate"\nmethod = "cuts"\nof = "values"\n'
        f'cuts = {cuts}\nwords_en = ["red", "orange", "yellow", "green"]\n'
    )
    rows = "unit,a\n" + "".join(f"u{row},{value}\n" for row, value in enumerate(values))
    rated = index(tmp_path, "code,parent\nT,\na,T\n", rows, recipe=recipe).ratings()
    return " ".join(word or "–" for word in rated["a", "level"])


def levels_of_particulates(tmp_path):
    """Return the colours of PM2.5, of which less is better."""
    return levels(
        tmp_path, [25, 17.5, 10], [9.94610258166667, 17.5, 25, 26.29567719, "NA"]
    )


def levels_of_assemblies(tmp_path):
    """Return the colours of the share of women in assemblies."""
    return levels(tmp_path, [20, 30, 40], [40, 30.4, 20.7, 19.6, "NA"])


def line_by_size(tmp_path):
    """Return slope, intercept and R² of a line of scores by size."""
    y = (
        0.1,
        338.8,
        118.1,
        888.0,
        9.2,
        228.1,
        668.5,
        998.5,
        449.1,
        778.9,
        559.2,
        0.3,
        0.1,
        778.1,
        668.8,
        339.3,
        448.9,
        10.8,
        557.7,
        228.3,
        998.0,
        888.8,
        119.6,
        0.3,
        0.6,
        557.6,
        339.3,
        888.0,
        998.5,
        778.9,
        10.2,
        117.6,
        228.9,
        668.4,
        449.2,
        0.2,
    )
    x = (
        0.2,
        337.4,
        118.2,
        884.6,
        10.1,
        226.5,
        666.3,
        996.3,
        448.6,
        777.0,
        558.2,
        0.4,
        0.6,
        775.5,
        666.9,
        338.0,
        447.5,
        11.6,
        556.0,
        228.1,
        995.8,
        887.6,
        120.2,
        0.3,
        0.3,
        556.8,
        339.1,
        887.2,
        999.0,
        779.0,
        11.1,
        118.3,
        229.2,
        669.1,
        448.9,
        0.5,
    )
    rows = "unit,a,x\n" + "".join(
        f"u{n},{a},{b}\n" for n, (a, b) in enumerate(zip(y, x, strict=True))
    )
    tree = "code,parent,type\nT,,\na,T,\nx,,Denominator\n"
    line = index(tmp_path, tree, rows, normalise="none").by_size("x", log=False).attrs
    return f"{line['slope']:.12f} {line['intercept']:.12f} {line['r2']:.12f}"


def converging(tmp_path, first, last):
    """Return convergence of real income per head between two years."""
    header, *lines = PWT.read_text().splitlines()
    rows = [line for line in lines if line.split(",")[1] in (first, last)]
    built = index(
        tmp_path,
        "code,parent\nT,\nincome,T\n",
        "\n".join([header, *rows]),
        normalise="none",
    )
    (group,) = built.trajectories().convergence
    assert group.n == 84
    return group


def diverging_era(tmp_path):
    """Return slope and R2 of 1960 to 2000."""
    group = converging(tmp_path, "1960", "2000")
    return f"{group.beta:.5f} {group.r2:.4f}"


def converging_era(tmp_path):
    """Return slope, R2, speed and half-life of 2000 to 2019."""
    group = converging(tmp_path, "2000", "2019")
    return f"{group.beta:.5f} {group.r2:.4f} {group.speed:.5f} {group.half_life:.1f}"


def dispersion(tmp_path):
    """Return the standard deviations of the logarithms in 1960 and 2019."""
    group = converging(tmp_path, "1960", "2019")
    return " ".join(f"{deviation:.4f}" for deviation in group.sd_log.values())


def topsis(tmp_path):
    """Return TOPSIS scores of min-max scores, one criterion a cost."""
    framework = "code,parent,weight,direction\nT,,,\nx,T,0.3,1\ny,T,0.5,-1\nz,T,0.2,1\n"
    rows = "unit,x,y,z\na1,4,4,0.2\na2,1,5,0.5\na3,3,2,0.3\na4,4,3,0.5\n"
    scores = index(tmp_path, framework, rows, aggregate="topsis").scores["T"]
    return " ".join(f"{score:.3f}" for score in scores)


def promethee(tmp_path):
    """Return net flows of PROMETHEE II by the usual criterion."""
    framework = "code,parent,weight\nT,,\nx,T,0.5\ny,T,0.3\nz,T,0.2\n"
    rows = "unit,x,y,z\na,4,3,2\nb,3,2,4\nc,5,1,3\n"
    scores = index(
        tmp_path, framework, rows, normalise="none", aggregate="promethee"
    ).scores["T"]
    return " ".join(f"{score:.1f}" for score in scores)


def fills(tmp_path, names, table, impute):
    """Return unit -> the value in its gap, of rows of numbers and NA that are divided by |."""
    codes = names.split()
    rows = [row.split() for row in table.split("|")]
    tree = "code,parent\nT,\n" + "".join(f"{code},T\n" for code in codes)
    data = "".join(f"u{i},{','.join(row)}\n" for i, row in enumerate(rows))
    methods = {"normalise": "none", "impute": impute}
    filled = index(tmp_path, tree, f"unit,{','.join(codes)}\n{data}", **methods)
    gaps = [mark for mark in filled.as_dict()["marks"] if mark["kind"] == "imputed"]
    return {
        gap["unit"]: filled.normalised.loc[gap["unit"], gap["node"]] for gap in gaps
    }


def coefficients(table, filled):
    """Return the coefficients by which the values in gaps follow from the first two columns."""
    rows = table.split("|")
    design = [[1.0, *map(float, rows[int(unit[1:])].split()[:2])] for unit in filled]
    return np.linalg.lstsq(np.array(design), np.array([*filled.values()]))[0]


#: R's `nhanes` as the practical prints it, the rows that have a body mass index: age, bmi, chl.
NHANES = (
    "2 22.7 187|1 20.4 113|1 22.5 118|1 30.1 187|2 22.0 238|3 21.7 206|2 28.7 204|1 29.6 NA|"
    "3 27.2 284|2 26.3 199|1 35.3 218|3 25.5 NA|1 33.2 229|1 27.5 131|3 24.9 NA|2 27.4 186"
)
#: `cholesterol` of R's norm2, as its tests print it: days 2, 4 and 14 after a heart attack.
CHOLESTEROL = (
    "270 218 156|236 234 NA|210 214 242|142 116 NA|280 200 NA|272 276 256|160 146 142|220 182 216|"
    "226 238 248|242 288 NA|186 190 168|266 236 236|206 244 NA|318 258 200|294 240 264|282 294 NA|"
    "234 220 264|224 200 NA|276 220 188|282 186 182|360 352 294|310 202 214|280 218 NA|"
    "278 248 198|288 278 NA|288 248 256|244 270 280|236 242 204"
)
#: Ten rows that norm2's tests draw by `set.seed(1234)` and `rnorm`, to 8 decimals, with their two
#: gaps: Y1, Y2, Y3, X1. The tests print the first three, rounded to 5.
SIMULATED = (
    "-1.20706575 -0.47719270 0.13408822 1.10229755|"
    "0.27742924 -0.99838644 -0.49068590 -0.47559308|"
    "1.08444118 NA -0.44054787 -0.70944004|"
    "-2.34569770 0.06445882 0.45958944 -0.50125806|"
    "0.42912469 0.95949406 -0.69372025 -1.62909347|"
    "0.50605589 -0.11028549 -1.44820491 -1.16761926|"
    "-0.57473996 -0.51100951 NA -2.18003965|"
    "-0.54663186 -0.91119542 -1.02365572 -1.34099319|"
    "-0.56445200 -0.83717168 -0.01513830 -0.29429386|"
    "-0.89003783 2.41583518 -0.93594860 -0.46589754"
)


def regression_of_nhanes(tmp_path):
    """Return the coefficients of cholesterol on bmi and age, by the values in its gaps."""
    filled = fills(tmp_path, "age bmi chl", NHANES, "regression")
    constant, age, bmi = coefficients(NHANES, filled)
    return f"{constant:.3f} {bmi:.3f} {age:.3f}"


def regression_of_cholesterol(tmp_path):
    """Return the coefficients of the third day on the first two, by the values in its gaps."""
    filled = fills(tmp_path, "Y1 Y2 Y3", CHOLESTEROL, "regression")
    return " ".join(f"{x:.7f}" for x in coefficients(CHOLESTEROL, filled))


def em_mean(tmp_path):
    """Return the estimated mean of the third day: of its numbers and of the values in its gaps."""
    filled = fills(tmp_path, "Y1 Y2 Y3", CHOLESTEROL, "em")
    given = [float(row.split()[2]) for row in CHOLESTEROL.split("|") if "NA" not in row]
    return f"{(sum(given) + sum(filled.values())) / (len(given) + len(filled)):.4f}"


def em_predictions(tmp_path):
    """Return the values in two gaps of different columns."""
    filled = fills(tmp_path, "Y1 Y2 Y3 X1", SIMULATED, "em")
    return f"{filled['u2']:.5f} {filled['u6']:.5f}"


def neighbours(tmp_path):
    """Return the values in two gaps by the two nearest rows."""
    filled = fills(tmp_path, "a b c", "1 2 NA|3 4 3|NA 6 5|8 8 7", "neighbours:2")
    return f"{filled['u0']:.1f} {filled['u2']:.1f}"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("compute", "printed"),
    [
        (themes, "20"),
        (groups, "12; 30"),
        (modified_z, "-1.3490 0.0000 0.0000 0.6745 0.0000 -0.6745 1.3490 194.2560"),
        (human_development, "0.5506 0.510"),
        (bounds_by_rule, "7.6 3.3"),
        (audited_shape, "2.1032872 4.5088794"),
        (audited_correlations, "0.7222051 0.3268484 -0.5986338"),
        (audited_component, "0.5398"),
        (
            followers_of_size,
            "CultGood 0.71 0.85 FDI 0.74 0.85 Goods 0.80 PRemit 0.71 Research 0.78"
            " Services 0.77 StMob 0.73 0.84",
        ),
        (levels_of_particulates, "green yellow orange red –"),
        (levels_of_assemblies, "green yellow orange red –"),
        (line_by_size, "1.002116818020 -0.262323073774 0.999993745884"),
        (diverging_era, "0.00437 0.0436"),
        (converging_era, "-0.00352 0.0688 0.00365 190.1"),
        (dispersion, "0.9615 1.3280"),
        (topsis, "0.469 0.255 0.765 0.747"),
        (promethee, "0.1 -0.3 0.2"),
        (regression_of_nhanes, "-80.194 6.884 53.069"),
        (regression_of_cholesterol, "74.0236337 -0.1673990 0.8269102"),
        (em_mean, "222.2372"),
        (em_predictions, "-0.99847 -0.79955"),
        (neighbours, "4.0 5.5"),
    ],
)
@pytest.mark.parametrize("page", ["printed-examples.md", "printed-examples.zh.md"])
def test_table_of_the_page(compute, printed, page, tmp_path, monkeypatch):
    monkeypatch.setenv("XLCITY_FUNCTIONS", str(OWN))
    computed = compute(tmp_path)
    assert computed == printed
    text = (DOCS / "explanation" / page).read_text(encoding="utf-8")
    assert f"| {printed} | {computed} |" in text
