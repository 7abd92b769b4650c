"""Writes the pages "what is robust and what is not" of the five reports, with their pictures.

`python -m tools.robustness_pages docs/explanation`. Only printed numbers and
what follows from them count as evidence; invented values are never drawn.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from tools.vitality_tables import vitality_tables
from xlcity.api.assessment import Assessment
from xlcity.api.assessment_figures import AssessmentFigures
from xlcity.api.index import Index
from xlcity.assess.uncertainty import SURE
from xlcity.figures.contents import Label
from xlcity.model.framework import Framework
from xlcity.reports import load_report
from xlcity.reports.report import Report

REPLICATES, SEED = 1000, 0
IDS = ("image2025", "iecc2024", "bri2021", "gihi2023", "vitality2014")
#: Pictures are as wide as a page on the screen.
_SCALE, _COLOURS = 0.75, 64
_MOST_NAMED = 12
#: Weights that may move by this share of themselves count as not decisive.
_FIRM = 0.05


@dataclass(frozen=True)
class Evidence:
    """An index made of printed numbers, what varies in it, and what a reader must know of it."""

    index: Index
    vary: Sequence[str]
    basis: Label
    printed: Mapping[str, int]


def evidence(report_id: str) -> Evidence:
    """Return what the page of a report rests on."""
    report = load_report(report_id)
    vary: tuple[str, ...]
    if report_id == "image2025":
        basis = Label(
            "六项指标的数值由公布的二级得分反推，合成后得到公布的得分和名次。没有虚构值。",
            "The values of the six indicators are derived from the printed second-level scores, "
            "and give the printed scores and ranks. No value is invented.",
        )
        vary = ("normalise=own,zscore,rank", "weights=noise:25%", "omit=indicators")
        return Evidence(Index(report), vary, basis, _printed(report, "total", "rank_total"))
    if report_id == "vitality2014":
        basis = Label(
            "四个领域的得分为公布值（两位小数），17 项指标的数值没有公布，"
            "因此无法检验指标层面的选择。"
            "没有虚构值。太原与珠海的先后在公布得分的舍入误差之内。",
            "The scores of the four domains are printed (two decimals). The values of the 17 "
            "indicators are not, so choices at their level cannot be tested. No value is invented. "
            "The order of Taiyuan and Zhuhai lies within the rounding of the printed scores.",
        )
        vary = ("weights=noise:25%", "omit=pillars")
        rows = [row for row in report.published["ranks"].rows if row["node"] == "VIT"]
        printed = {row["city_id"]: int(row["rank_printed"]) for row in rows}
        return Evidence(Index(report), vary, basis, printed)
    if report_id == "gihi2023":
        return _of_scores(report)
    return _of_ranks(report)


def _printed(report: Report, table: str, column: str) -> dict[str, int]:
    rows = report.published[table].rows
    name = column if column in rows[0] else "rank"
    return {row["city_id"]: int(row[name]) for row in rows if row[name]}


def _tree(report: Report, codes: Sequence[str], direction: int) -> Framework:
    """Return the part of the tree above the codes, which become its indicators."""
    tree = report.framework
    kept = {node.code for code in codes for node in tree.path(code)}
    lines = ["code,parent,weight,direction,name_zh,name_en"]
    for node in tree.tree_order:
        if node.code in kept:
            sign = direction if node.code in codes else 1
            cells = (node.code, node.parent or "", repr(node.weight), str(sign))
            lines.append(",".join((*cells, f'"{node.name_zh}"', f'"{node.name_en}"')))
    return Framework.read("\n".join(lines) + "\n")


def _of_scores(report: Report) -> Evidence:
    """Return the evidence of gihi2023: the printed scores of the second level."""
    cells: dict[str, dict[str, float]] = {}
    codes: list[str] = []
    for table, node in (("science", "A"), ("innovation", "B"), ("ecosystem", "C")):
        children = [child.code for child in report.framework.children(node)]
        codes += children
        for row in report.published[table].rows:
            scores = {code: float(row[f"score_{code.lower()}"]) for code in children}
            cells.setdefault(row["city_id"], {}).update(scores)
    frame = pd.DataFrame.from_dict(cells, orient="index")[codes].dropna()
    basis = Label(
        f"只用公布的表：{len(frame)} 座城市的 {len(codes)} 个二级得分。指标数值多为虚构，这里不用；"
        "三级及以下的选择因此无法检验。微型中心未公布二级得分，不在其列。",
        f"Printed tables only: {len(codes)} second-level scores of {len(frame)} cities. Most "
        "values of the indicators are invented and are not used, so choices below that level "
        "cannot be tested. Mini hubs have no printed second-level scores and are left out.",
    )
    vary = ("normalise=own,minmax,zscore,rank", "weights=noise:25%", "omit=indicators")
    index = Index(_tree(report, codes, 1), _with_names(report, frame), normalise="none")
    return Evidence(index, vary, basis, _printed(report, "total_scores", "rank_total"))


def _of_ranks(report: Report) -> Evidence:
    """Return the evidence of a report that prints ranks and no scores."""
    tree, root = report.framework, report.framework.root.code
    rows = report.published["ranks"].rows
    ranks: dict[str, dict[str, float]] = {}
    for row in rows:
        ranks.setdefault(row["node"], {})[row["city_id"]] = float(row["rank"])
    codes = [c for c in ranks if c != root and not any(k.code in ranks for k in tree.children(c))]
    frame = pd.DataFrame({code: ranks[code] for code in codes}).dropna()
    basis = Label(
        f"只用公布的表：{len(frame)} 座城市在 {len(codes)} 个下级节点上的名次。报告没有公布得分，"
        "名次的差距不等于得分的差距，所以这里的总名次只是近似。虚构值不用。",
        f"Printed tables only: the ranks of {len(frame)} cities in {len(codes)} nodes. No scores "
        "are printed, and a gap of ranks is not a gap of scores, so the total order here is an "
        "approximation. No invented value is used.",
    )
    vary = ("normalise=own,zscore", "weights=noise:25%", "omit=indicators")
    index = Index(_tree(report, codes, -1), _with_names(report, frame))
    return Evidence(index, vary, basis, {u: int(r) for u, r in ranks[root].items()})


def _with_names(report: Report, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with the names of the cities, which the index reads."""
    units = {unit.id: unit for unit in report.dataset.units}
    found = frame.reset_index(names="unit")
    found.insert(1, "name_zh", [units[unit].name_zh for unit in found["unit"]])
    found.insert(2, "name_en", [units[unit].name_en for unit in found["unit"]])
    return found


class Page(AssessmentFigures):
    """The page of one report."""

    def __init__(self, report_id: str) -> None:
        self.id = report_id
        self.evidence = evidence(report_id)
        made = self.evidence.index.assess(REPLICATES, SEED, vary=self.evidence.vary)
        super().__init__(made, made.plan.base.populations[0])
        self.table = made.units.loc[[self.units[row].id for row in self.rows.tolist()]]

    @property
    def assessment(self) -> Assessment:
        """The assessment that the page shows."""
        return self.found

    def text(self, lang: str) -> str:
        """Return the page in a language."""
        zh = lang == "zh"
        other = f"robustness-{self.id}.md" if zh else f"robustness-{self.id}.zh.md"
        title = (
            f"# {self.id} 的排名：什么稳健，什么不稳健"
            if zh
            else (f"# {self.id}: what is robust and what is not")
        )
        parts = [
            title,
            f"[English]({other})" if zh else f"[中文]({other})",
            self._opening(lang),
            self._evidence(lang),
            self._picture(lang),
            ("## 稳健的结论\n\n" if zh else "## What is robust\n\n") + _items(self._robust(lang)),
            ("## 不稳健的结论\n\n" if zh else "## What is not\n\n") + _items(self._open(lang)),
            ("## 取决于什么\n\n" if zh else "## What it depends on\n\n")
            + _items(self._causes(lang)),
        ]
        if self.id == "vitality2014":
            parts.append(vitality_tables(lang))
        parts.append(self._all_cities(lang))
        return "\n\n".join(parts) + "\n"

    def _opening(self, lang: str) -> str:
        vary = " ".join(self.evidence.vary)
        if lang == "zh":
            return (
                f"本页说明哪些名次在方法改变后仍然成立。{REPLICATES:,} 次模拟同时改变"
                f"（`{vary}`），种子 {SEED}。由 `python -m tools.robustness_pages` 生成；"
                "各个数的含义见[评估排名是否稳健](../how-to/assess-robustness.zh.md#各个数的含义)。"
            )
        return (
            "Which ranks still hold when the method changes. "
            f"{REPLICATES:,} replicates vary all at once (`{vary}`), seed {SEED}. Made by "
            "`python -m tools.robustness_pages`; [what each number means]"
            "(../how-to/assess-robustness.md#what-each-number-means)."
        )

    def _evidence(self, lang: str) -> str:
        own = self.table["rank"]
        both = [unit for unit in own.index if unit in self.evidence.printed]
        # Among the same cities: a table may print fewer of them than the report ranks.
        printed = pd.Series(self.evidence.printed)[both].rank(method="min")
        gaps = (own[both].rank(method="min") - printed).abs()
        same, basis = int((gaps == 0).sum()), self.evidence.basis.text(lang)
        if lang == "zh":
            return (
                f"**依据。** {basis}据此得到的名次与公布名次（同一批城市中）：{len(both)} 座城市中 "
                f"{same} 座相同，平均相差 {gaps.mean():.2f} 位，最多 {gaps.max():.0f} 位。"
            )
        return (
            f"**Evidence.** {basis} Compared with the printed ranks among the same {len(both)} "
            f"cities: {same} are equal; the mean difference is {gaps.mean():.2f} ranks, the "
            f"largest {gaps.max():.0f}."
        )

    def _picture(self, lang: str) -> str:
        figure = self.assessment.figure("rank-intervals")
        title = figure.title.text(lang)
        return f"![{title}](robustness/{self.id}.{lang}.png)\n\n{figure.note.text(lang)}"

    def _sizes(self) -> list[int]:
        return [k for k in self.assessment.top_sizes if 2 * k <= len(self.rows) and k != 5]

    def _robust(self, lang: str) -> list[str]:
        zh, found = lang == "zh", []
        for k in self._sizes():
            sure = self._cities(self.table[f"top {k}"] >= SURE, lang)
            if sure:
                place = _place(k, zh)
                found.append(
                    f"至少 {SURE:.0%} 的模拟中{place}：{sure}。"
                    if zh
                    else f"{place[0].upper()}{place[1:]} in at least {SURE:.0%} of the "
                    f"replicates: {sure}."
                )
        if not found:
            none = "没有一座城市在 95% 的模拟中保持在前列。"
            found.append(none if zh else "No city stays at the top in 95 % of the replicates.")
        return found + self._margins(zh, firm=True)

    def _margins(self, zh: bool, firm: bool) -> list[str]:
        """Return sentences on the changes of weights that leave the first k as they are."""
        found = []
        for k in self._sizes():
            share = self.assessment.top_margins[k]
            if share >= 1 or (share >= _FIRM) is not firm:
                continue
            who = f"前 {k} 位的城市" if zh else f"the first {k} cities"
            if k == 1:
                who = "首位" if zh else "the first place"
            if firm:
                found.append(
                    f"各权重的变动不超过自身的 {share:.1%} 时，{who}不变。"
                    if zh
                    else f"No change of weights by up to {share:.1%} of themselves alters {who}."
                )
            else:
                found.append(
                    f"权重变动稍超过自身的 {share:.1%}，{who}就可能改变。"
                    if zh
                    else f"Changes of weights by little more than {share:.1%} of themselves can "
                    f"alter {who}."
                )
        return found

    def _open(self, lang: str) -> list[str]:
        zh = lang == "zh"
        found = self._margins(zh, firm=False)
        for k in self._sizes():
            share = self.table[f"top {k}"]
            open_ones = self._cities((share > 1 - SURE) & (share < SURE), lang)
            if open_ones:
                place = _place(k, zh)
                head = f"是否{place}没有定论：" if zh else f"Open whether {place}: "
                found.append(f"{head}{open_ones}{'。' if zh else '.'}")
        groups = [g for g in self.assessment.uncertainty.groups if len(g) > 1]
        inside = sum(map(len, groups))
        width = self.table["high"] - self.table["low"]
        wide = self._cities(width >= width.nlargest(5).min(), lang)
        if zh:
            found.append(
                f"{len(self.rows)} 座城市中 {inside} 座与相邻城市分不出先后，共 {len(groups)} 组"
                f"（组内首位高于末位的概率不足 {SURE:.0%}）。"
            )
            found.append(f"区间宽度的中位数为 {width.median():.0f} 位；最宽的是：{wide}。")
        else:
            found.append(
                f"{inside} of the {len(self.rows)} cities cannot be told apart from neighbours, in "
                f"{len(groups)} groups (the first is above the last in under {SURE:.0%})."
            )
            found.append(
                f"The median width of an interval is {width.median():.0f} ranks; "
                f"the widest: {wide}."
            )
        return found

    def _causes(self, lang: str) -> list[str]:
        zh, found = lang == "zh", []
        shares = self.assessment.sobol
        if shares is not None:
            parts = [
                f"{self.choice(choice.name).text(lang)} {first:.0%} / {total:.0%}"
                for choice, first, total in zip(
                    self.plan.choices, shares.first, shares.total, strict=True
                )
            ]
            text = (
                "平均名次变动的方差（一阶 / 总效应）："
                if zh
                else ("Variance of the mean shift of ranks (first order / total): ")
            )
            found.append(text + ("；" if zh else "; ").join(parts) + ("。" if zh else "."))
        out = sorted(self.assessment.leave_one_out, key=lambda one: -one.mean_shift)
        for one in [o for o in out if np.isfinite(self.result.column(o.node)).any()][:3]:
            name = self.node(one.node).text(lang)
            found.append(
                f"去掉{name}：名次平均变动 {one.mean_shift:.1f} 位，最多 {one.max_shift} 位。"
                if zh
                else f"Without {name}: ranks shift by {one.mean_shift:.1f} on average, "
                f"by {one.max_shift} at most."
            )
        return found

    def _cities(self, chosen: pd.Series[bool], lang: str) -> str:
        names = [
            self.city(row).text(lang)
            for row, one in zip(self.rows.tolist(), chosen.tolist(), strict=True)
            if one
        ]
        shown = ("、" if lang == "zh" else ", ").join(names[:_MOST_NAMED])
        more = len(names) - _MOST_NAMED
        if more <= 0:
            return shown
        return f"{shown}等 {len(names)} 座" if lang == "zh" else f"{shown} and {more} more"

    def _all_cities(self, lang: str) -> str:
        zh = lang == "zh"
        sizes = [k for k in self._sizes() if k in (1, 10)]
        head = ["名次", "城市", "中位数", "5%—95%"] if zh else ["rank", "city", "median", "5-95 %"]
        head += [f"前 {k} 位" if zh else f"top {k}" for k in sizes]
        lines = ["## 全部城市" if zh else "## All cities", ""]
        lines += [_row(head), "|" + "---|" * len(head)]
        for row, (_, of) in zip(self.rows.tolist(), self.table.iterrows(), strict=True):
            cells = [f"{of['rank']:.0f}", self.city(row).text(lang), f"{of['median']:g}"]
            cells.append(f"{of['low']:.0f}-{of['high']:.0f}")
            lines.append(_row([*cells, *(f"{of[f'top {k}']:.0%}" for k in sizes)]))
        return "\n".join(lines)

    def picture(self, lang: str) -> bytes:
        """Return the picture, small enough for a page."""
        from PIL import Image

        figure, basis = self.assessment.figure("rank-intervals"), self.evidence.basis
        # The picture says by itself what its ranks rest on.
        source = Label(f"{basis.zh}{figure.source.zh}", f"{basis.en} {figure.source.en}")
        full = Image.open(io.BytesIO(replace(figure, source=source).draw(lang, "png")))
        size = round(full.width * _SCALE), round(full.height * _SCALE)
        small = full.convert("RGB").resize(size, Image.Resampling.LANCZOS).quantize(_COLOURS)
        target = io.BytesIO()
        small.save(target, "PNG", optimize=True)
        return target.getvalue()


def _place(k: int, zh: bool) -> str:
    if k == 1:
        return "居首位" if zh else "in the first place"
    return f"居前 {k} 位" if zh else f"among the first {k}"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _items(lines: Sequence[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def pages(report_id: str) -> dict[str, bytes]:
    """Return the pages and pictures of a report, by file name below docs/explanation."""
    page = Page(report_id)
    found = {
        f"robustness-{report_id}.md": page.text("en").encode("utf-8"),
        f"robustness-{report_id}.zh.md": page.text("zh").encode("utf-8"),
    }
    pictures = {f"robustness/{report_id}.{lang}.png": page.picture(lang) for lang in ("en", "zh")}
    return {**found, **pictures}


def main(folder: Path) -> None:
    """Write all pages."""
    (folder / "robustness").mkdir(parents=True, exist_ok=True)
    for report_id in IDS:
        for name, content in pages(report_id).items():
            (folder / name).write_bytes(content)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
