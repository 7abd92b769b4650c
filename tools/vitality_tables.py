"""Correlations, regressions and clusters of vitality2014, printed and recomputed, as tables."""

from __future__ import annotations

from xlcity.assess import correlate
from xlcity.assess.regression import coefficient_of_sum
from xlcity.audit.tables.reproduction.run import comparisons_of
from xlcity.index.compute import compute
from xlcity.reports import load_report

DOMAINS = ("S", "C", "E", "P")


def vitality_tables(lang: str) -> str:
    """Return the section of the page in a language."""
    zh = lang == "zh"
    report = load_report("vitality2014")
    result = compute(report.framework, report.recipe, report.dataset)
    names = {node.code: (node.name_zh if zh else node.name_en) for node in report.framework.nodes}
    found = correlate(result, DOMAINS)
    printed = {(r["row_node"], r["col_node"]): r for r in report.published["correlations"].rows}
    lines = [
        "## 相关、回归与分类：公布与复算"
        if zh
        else ("## Correlation, regression and classes: printed and recomputed"),
        "",
        "| 相关系数 | 公布 | 复算 | 差 |"
        if zh
        else "| correlation | printed | recomputed | difference |",
        "|---|---|---|---|",
    ]
    for at, one in enumerate(DOMAINS):
        for other in DOMAINS[at + 1 :]:
            row, (r, _, _) = printed[one, other], found.at(one, other)
            pair = f"{names[one]} – {names[other]}"
            shown = f"{row['r']}{row['flag']}", f"{r:.3f}{found.flag(one, other)}"
            lines.append(
                f"| {pair} | {' | '.join(shown)} | {round(r - float(row['r']), 3) + 0.0:+.3f} |"
            )
    lines += ["", _correlation_note(zh), ""]
    lines += [
        "| 对 GDP 的回归 | 公布的系数 | 公布的 r² | 系数的平方 |"
        if zh
        else ("| regression on GDP | printed coefficient | printed r² | its square |"),
        "|---|---|---|---|",
    ]
    rows = {row["node"]: row for row in report.published["regression"].rows}
    for code, row in rows.items():
        r = float(row["coefficient"])
        lines.append(f"| {names[code]} | {row['coefficient']} | {row['r_square']} | {r * r:.3f} |")
    weights = {child.code: child.weight for child in report.framework.children("VIT")}
    implied = coefficient_of_sum(
        {code: float(rows[code]["coefficient"]) for code in DOMAINS},
        {code: result.column(code) for code in DOMAINS},
        weights,
    )
    lines += ["", _regression_note(zh, rows["VIT"]["coefficient"], implied), ""]
    lines += [
        "| 聚类方法 | 与公布的分类相符的提及 |"
        if zh
        else "| linkage | mentions in the printed class |",
        "|---|---|",
    ]
    for made in comparisons_of(report):
        if made.what.startswith("classes-"):
            linkage, same = made.what.removeprefix("classes-"), made.cells - len(made.outside)
            lines.append(f"| {linkage} | {same} / {made.cells} |")
    return "\n".join([*lines, "", _class_note(zh)])


def _correlation_note(zh: bool) -> str:
    if zh:
        return (
            "三位小数都相符的只有文化与经贸这一对。另五对都含社会或政治领域，而不可能由名次得出的五个"
            "得分、名次的错位也都在这两个领域（见[重现](reproducing-vitality2014.zh.md)）。因此公布的"
            "相关系数所用的社会、政治得分与公布的不同。逐一改变任一城市的一个得分（取遍所有可能的值），"
            "都不能使社会或政治领域的系数同时相符，所以不同的不止一个值。斯皮尔曼、肯德尔系数也不相符。"
        )
    return (
        "Only the pair without the social and the political domain agrees to its three decimals. "
        "The five others have one of these two, and so have the five scores that no ranks can "
        "give and the slips of ranks ([reproduction](reproducing-vitality2014.md)). So the printed "
        "correlations rest on social and political scores other than the printed ones. No change "
        "of one score of one city, to any possible value, gives the printed coefficients of either "
        "domain: more than one value differs. Spearman's and Kendall's coefficients do not fit "
        "either."
    )


def _regression_note(zh: bool, printed: str, implied: float) -> str:
    if zh:
        return (
            "r² 都是系数的平方（综合一项的末位差在系数的舍入误差之内）。"
            "GDP 没有公布，回归本身无法复算；"
            f"由各领域系数和公布得分推出的综合系数为 {implied:.3f}，公布值为 {printed}。"
            "如果回归同样使用了与公布值不同的领域得分，这一差异就可以解释。"
        )
    return (
        "Each r² is the square of its coefficient, that of the total within the rounding of the "
        "coefficient. GDP is not printed, so the regressions cannot be run again. The coefficients "
        f"of the domains and the printed scores imply {implied:.3f} for the total; printed is "
        f"{printed}. Domain scores other than the printed ones would explain this difference too."
    )


def _class_note(zh: bool) -> str:
    if zh:
        return (
            "报告写的是平均联接，公布的分类却与 Ward 法（欧氏距离）完全相符。社会、政治得分的差异"
            "不足以改变分类。"
        )
    return (
        "The caption names average linkage, but the printed classes are those of Ward's method "
        "with Euclidean distance. The differences of social and political scores do not change "
        "them."
    )
