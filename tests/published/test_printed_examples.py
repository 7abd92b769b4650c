"""The table of docs/explanation/printed-examples.md: what sources print, and what xlcity gives."""

from math import log

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
    return str(sum(count_of("global_city_indicators", node) for node in ("SERV", "QOL")))


def groups(tmp_path):
    """Return the groups of Sustainable Seattle, and the indicators of the three that are named."""
    named = sum(count_of("sustainable_seattle", node) for node in ("ECY", "NAT", "SOCY"))
    return f"{count_of('sustainable_seattle')}; {named}"


def modified_z(tmp_path):
    """Return modified z-scores by a function of one's own."""
    rows = "unit,a\n" + "".join(
        f"u{row},{x}\n" for row, x in enumerate((10, 12, 12, 13, 12, 11, 14, 300))
    )
    scores = index(tmp_path, "code,parent\nT,\na,T\n", rows, normalise="robust_z").normalised["a"]
    return " ".join(f"{score:.4f}" for score in scores)


def human_development(tmp_path):
    """Return the income index and the human development index of one country."""
    framework = (
        "code,parent,goalpost_low,goalpost_high\nHDI,,,\nhealth,HDI,0,1\nknowledge,HDI,0,1\n"
        f"income,HDI,{log(100)},{log(75_000)}\n"
    )
    rows = f"unit,health,knowledge,income\nX,0.6971,0.3447,{log(3829)}\n"
    result = index(tmp_path, framework, rows, normalise="goalposts", aggregate="geometric")
    income, hdi = result.normalised.loc["X", "income"], result.scores.loc["X", "HDI"]
    return f"{income / 100:.4f} {hdi / 100:.3f}"


def audit(tmp_path):
    """Return the statistical audit of three groups of COINr's ASEM data, and its correlations."""
    names = ASEM.read_text().partition("\n")[0].split(",")[1:]
    parents = {"Renew": "Environ", "Poverty": "Social", "LPI": "Physical"}
    parent, tree = "", "code,parent\nT,\nEnviron,T\nSocial,T\nPhysical,T\n"
    for name in names:
        parent = parents.get(name, parent)
        tree += f"{name},{parent}\n"
    assessment = index(tmp_path, tree, ASEM.read_text(), normalise="minmax").assess(n=4)
    pairs = {(p["a"], p["b"]): p["pearson"] for p in assessment.as_dict()["correlations"]}
    return assessment.audit, pairs


def audited_shape(tmp_path):
    """Return skewness and kurtosis of one indicator."""
    return " ".join(f"{x:.7f}" for x in audit(tmp_path)[0].loc["Flights", ["skew", "kurt"]])


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
    sizes = index(tmp_path, tree, text, normalise="minmax").assess(n=4).as_dict()["sizes"]
    assert not any(size["divided"] for size in sizes)
    followers = {}
    for size in sizes:
        followers.setdefault(size["indicator"], []).append(f"{size['pearson']:.2f}")
    return " ".join(f"{name} {' '.join(followers[name])}" for name in sorted(followers))


def converging(tmp_path, first, last):
    """Return convergence of real income per head between two years."""
    header, *lines = PWT.read_text().splitlines()
    rows = [line for line in lines if line.split(",")[1] in (first, last)]
    built = index(tmp_path, "code,parent\nT,\nincome,T\n", "\n".join([header, *rows]),
                  normalise="none")  # fmt: skip
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
    scores = index(tmp_path, framework, rows, normalise="none", aggregate="promethee").scores["T"]
    return " ".join(f"{score:.1f}" for score in scores)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("compute", "printed"),
    [
        (themes, "20"),
        (groups, "12; 30"),
        (modified_z, "-1.3490 0.0000 0.0000 0.6745 0.0000 -0.6745 1.3490 194.2560"),
        (human_development, "0.5506 0.510"),
        (audited_shape, "2.1032872 4.5088794"),
        (audited_correlations, "0.7222051 0.3268484 -0.5986338"),
        (audited_component, "0.5398"),
        (
            followers_of_size,
            "CultGood 0.71 0.85 FDI 0.74 0.85 Goods 0.80 PRemit 0.71 Research 0.78"
            " Services 0.77 StMob 0.73 0.84",
        ),
        (diverging_era, "0.00437 0.0436"),
        (converging_era, "-0.00352 0.0688 0.00365 190.1"),
        (dispersion, "0.9615 1.3280"),
        (topsis, "0.469 0.255 0.765 0.747"),
        (promethee, "0.1 -0.3 0.2"),
    ],
)
@pytest.mark.parametrize("page", ["printed-examples.md", "printed-examples.zh.md"])
def test_table_of_the_page(compute, printed, page, tmp_path, monkeypatch):
    monkeypatch.setenv("XLCITY_FUNCTIONS", str(OWN))
    computed = compute(tmp_path)
    assert computed == printed
    text = (DOCS / "explanation" / page).read_text(encoding="utf-8")
    assert f"| {printed} | {computed} |" in text
