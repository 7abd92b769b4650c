"""Reads chapters of reports and checks each statement in them against the values of the index.

Whatever no pattern reads is reported as unread, so that no superlative passes unseen.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

import docx
import numpy as np
from docx.oxml.ns import qn

from tests.helpers.index_truth import IndexTruth
from tests.helpers.table_claims import (
    half_unit,
    judge_correlations,
    judge_profile,
    judge_ranking,
)

HALF = 0.005 + 1e-9
#: What stands before sentences, and behind the last one of a paragraph.
BEFORE = re.compile(r"\[[A-Z][^\]]*\] ?|［[^］]*］")
BEHIND = re.compile(r"(?: \((?:Table|Figure)[^()]*\)|（见[^（）]*）)$")
MARK = "[†‡]*"
UNITS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
#: Words for numbers below a hundred, the longer ones first, and for ranks.
COUNTS = {word: number for number, word in enumerate(UNITS)}
COUNTS |= {
    f"{ten}{'-' * (n > 0)}{UNITS[n] * (n > 0)}": 10 * at + n
    for at, ten in enumerate(TENS, 2)
    for n in range(10)
}
COUNTS = dict(sorted(COUNTS.items(), key=lambda pair: -len(pair[0])))
PLACES = [
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
]

#: What the cities of groups are called that have no form of their own.
FORMS = {
    f"{side}{way}": f"{side}{way}ern cities"
    for side in ("", "north", "south")
    for way in ("north", "south", "east", "west")
}
FORMS |= {
    "central": "cities in the central region",
    "asia": "Asian cities",
    "europe": "European cities",
    "africa": "African cities",
    "north america": "North American cities",
    "south america": "South American cities",
    "cities with independent planning": "cities with independent planning",
}
FORMS_ZH = {
    "asia": "亚洲",
    "europe": "欧洲",
    "africa": "非洲",
    "oceania": "大洋洲",
    "north america": "北美洲",
    "south america": "南美洲",
    "capitals": "首都",
    "municipalities": "直辖市",
    "provincial capitals": "省会城市",
}

#: What Chinese calls extremes: of what is high, counted, long and large.
MOST_ZH = ("最高", "最多", "最长", "最大")
LEAST_ZH = ("最低", "最少", "最短", "最小")


def scale_of(name: str) -> int:
    """Return which of these words suit a quantity."""
    if re.search("(?:时间|长度|里程)$", name):
        return 2
    if re.search("(?:面积|规模)$", name):
        return 3
    return int(bool(re.search("(?:(?<![指系分])数|数量|人次)$", name)))


#: Words of statements that are distances between scores, and those that are bounds.
DISTANCES = ("gap", "points", "total", "side")
BOUNDS = ("within", "low", "high")
#: Statements that are bounds as a whole: no more than a place, at least 90 %, anywhere from … to.
BOUND_KINDS = ("steady", "steady_among", "settled", "unsettled")


class Said(NamedTuple):
    """A statement as it stands: below which heading, of what kind, and what is false in it."""

    heading: str
    kind: str
    text: str
    problem: str
    distances: int
    bounds: int


@dataclass
class Checked:
    """How many statements of a kind were read, which are false, and what nobody read.

    `said` are those of running text; `apart` the headings of tables whose numbers nobody judges.
    """

    read: Counter = field(default_factory=Counter)
    false: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    apart: list[str] = field(default_factory=list)

    def __iadd__(self, other: "Checked") -> "Checked":
        self.read += other.read
        self.false += other.false
        self.unread += other.unread
        self.said += other.said
        self.apart += other.apart
        return self


def number(text: str) -> float:
    return float(text.rstrip("†‡").replace("−", "-"))


def whole(text: str) -> int:
    """Return a number or a rank that may be a word."""
    word = text.rstrip("†‡").lower()
    if word in PLACES:
        return PLACES.index(word) + 1
    return COUNTS[word] if word in COUNTS else int(re.match(r"\d+", word)[0])


def mark_of(text: str) -> str:
    """Return the marks of gaps behind a number."""
    return text[len(text.rstrip("†‡")) :]


def decimals_of(truth: IndexTruth) -> int:
    """Return the decimals of scores: those of ranks, else what tells cities apart."""
    rank = truth.result.recipe.step_for("rank", truth.root)
    rounded = None if rank is None else rank.get("round_to", None)
    if rounded is not None and int(rounded) >= 0:
        return int(rounded)
    scores = truth.score(truth.root)
    width = scores.max() - scores.min()
    if width > 1000:
        return 0
    return next(
        (n for n in range(1, 6) if 10.0**-n <= width / (len(scores) - 1) / 2), 6
    )


def near(text: str, value: float, half: float = HALF) -> bool:
    return abs(number(text) - value) <= half


def city_head(zh: bool) -> str:
    """Return the heading of the column of cities."""
    return "城市" if zh else "City"


def sections(path) -> list[tuple[str, str]]:
    """Return the paragraphs of a document with the headings above them."""
    found = []
    heading = ""
    for paragraph in docx.Document(str(path)).paragraphs:
        if paragraph.style.name == "Heading 1":
            heading = paragraph.text
        elif paragraph.style.name == "Normal" and paragraph.text.strip():
            text = BEFORE.sub("", BEHIND.sub("", paragraph.text.strip()))
            text = re.sub(r"(\d)([位分])([†‡]+)", r"\1\3\2", text).replace(
                "\u00a0", " "
            )
            found.append((heading, text))
    return found


def tables(path, gap: str = " ") -> list[tuple[str, list[list[str]]]]:
    """Return the tables of a document with the captions above them."""
    document = docx.Document(str(path))
    title = ""
    found = []
    for block in document.element.body.iterchildren():
        if block.tag.endswith("}p"):
            paragraph = docx.text.paragraph.Paragraph(block, document)
            if paragraph.style.name == "Caption":
                title = re.sub(
                    r"^(?:Table|表)[\s\ufeff]+\d+[\s\ufeff]+", "", paragraph.text
                )
        elif block.tag.endswith("}tbl"):
            rows = [row.findall(qn("w:tc")) for row in block.iter(qn("w:tr"))]
            # The last row is the note.
            cells = [
                [_words(cell, gap) for cell in row] for row in rows if len(row) > 1
            ]
            found.append((title, cells))
    return found


def _words(cell, gap: str) -> str:
    """Return the text of a cell, with a gap for each end of a line."""
    parts = cell.iter(qn("w:t"), qn("w:br"))
    return "".join(gap if part.tag == qn("w:br") else part.text or "" for part in parts)


def _said(heading: str, kind: str, match: re.Match[str], problem: str) -> Said:
    """Return a statement with the numbers of distances and bounds in it."""
    words = {
        name for name, text in match.groupdict().items() if re.search(r"\d", text or "")
    }
    bounds = len(words.intersection(BOUNDS)) + (kind in BOUND_KINDS)
    # Ranks that are written as words are bounds, too.
    if kind in ("even", "range", "range_one"):
        bounds = 2 - (kind == "range_one")
    distances = len(words.intersection(DISTANCES))
    return Said(heading, kind, match[0].strip(), problem, distances, bounds)


class ChapterClaims:
    """Checks the statements of one document in one language."""

    def __init__(self, truth: IndexTruth, lang: str) -> None:
        self.truth = truth
        self.zh = lang == "zh"
        #: Scores have the decimals that ranks are made on, two where all decimals count.
        self.places = decimals_of(truth)
        #: Cities are compared with those that are scored with them.
        self.truths = {
            group: IndexTruth(
                truth.index,
                truth.report,
                group,
                truth.own_earlier,
                truth.before,
                truth._previous,
                truth.simulated,
            )
            for group in truth.result.populations
        }
        at = 0 if self.zh else 1
        unit_names = {
            u.id: (u.name_zh or u.name_en or u.id, u.name_en or u.id)[at]
            for u in truth.every.values()
        }
        self.unit = {name: unit for unit, name in unit_names.items()}
        self.code = {}
        for node in truth.tree.nodes:
            name = (
                node.name_zh or node.name_en or node.code,
                node.name_en or node.name_zh or node.code,
            )[at]
            self.code.setdefault(name, []).append(node.code)
            stem = re.sub(r" ?[(（][^()（）]*[)）]$", "", name)
            kind = re.sub(r"(?<=.)(?:领域| domain)$", "", name)
            for short in {stem, kind} - {name}:
                self.code.setdefault(short, []).append(node.code)
        self.group = {}
        for attribute, title, label, units in truth.groups:
            self.group.setdefault(label[at], []).append((attribute, title[at], units))

        def words(names) -> str:
            return (
                "(?:"
                + "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
                + ")"
            )

        root = truth.tree.root.code
        self.code["本指数" if self.zh else "Index"] = [root]
        self.lower = {name.lower(): codes for name, codes in self.code.items()}
        self.forms = {}
        for attribute, _, label, units in truth.groups:
            self.forms.setdefault(self._form(attribute, label), []).append(units)
        city = words(self.unit) + MARK
        self.node_words = words(self.code)
        join = "、" if self.zh else "(?:, | and )"
        node = (
            f"{self.node_words}(?:维度|方面)?"
            if self.zh
            else f"(?:the )?{self.node_words}(?: dimension)?"
        )
        count = r"\d+" if self.zh else rf"(?:\d+|{'|'.join(COUNTS)})"
        place = r"\d+" if self.zh else rf"(?:\d+(?:st|nd|rd|th)|{'|'.join(PLACES)})"
        self.words = {
            "node": node,
            "nodes": f"{node}(?:{join}{node})*",
            "city": city,
            "cities": f"{city}(?:{join}{city})*",
            "x": r"−?\d+(?:\.\d+)?[†‡]*",
            "n": count,
            "r": f"{place}[†‡]*",
            "group": words(self.forms) if self.forms else "(?!)",
            "rest": "[^。]+?" if self.zh else r"(?:\([^)]*\)|[^()])+?",
            "any": ".*?",
        }
        self.patterns = [
            (kind, re.compile(self._filled(both[at]), re.IGNORECASE))
            for kind, *both in PATTERNS
        ]

    def _form(self, attribute, label) -> str:
        """Return what the cities of a group are called in running text."""
        is_declared = False
        for row in self.truth.group_forms:
            form = row["cities_zh" if self.zh else "cities_en"]
            if (row["group_type"], row["name_zh"]) == (attribute, label[0]):
                is_declared = True
                if form:
                    return form
        name = label[0 if self.zh else 1]
        if self.zh:
            known = FORMS_ZH.get(name.lower(), name)
            if known.endswith(("城市", "市")):
                return known
            # Names of the west of China, and no others, are known in Chinese alone.
            is_known = known != name or (len(name) == 2 and name[-1] in "部北南")
            is_known = is_known or is_declared
            return f"{known}城市" if is_known else f"{name}组城市"
        if name.lower() in FORMS:
            return FORMS[name.lower()]
        if name.lower().endswith(("cities", "capitals", "municipalities")):
            return name.lower()
        if not is_declared:
            return f"cities of group {name}"
        return f"{name} cities" if name.islower() else f"cities in {name}"

    def _is_score(self, text: str, score: float) -> bool:
        """Tell whether a score in print is the one of the index, with as many decimals as due."""
        plain = text.rstrip("†‡")
        exact = len(plain.partition(".")[2]) == self.places
        return exact and near(plain, score, half_unit(plain))

    def _filled(self, pattern: str) -> str:
        pattern = re.sub(
            r"\{(\w+)=(\w+)\}", lambda m: f"(?P<{m[1]}>{self.words[m[2]]})", pattern
        )
        return pattern + ("" if self.zh else r"(?=\s|$)")

    def check(self, path) -> Checked:
        """Return what was read in a document, what is false and what was not read."""
        checked = Checked()
        for heading, text in sections(path):
            checked += self.check_text(heading, text)
        return checked

    def check_tables(self, path) -> Checked:
        """Return which weights, headings above scores and marks in tables are false."""
        checked = Checked()
        first = ""
        for title, rows in tables(path, "" if self.zh else " "):
            if re.search(r"[(（](?:continued|续)[)）]$", title):
                title = first
            first = title
            heads = rows[0]
            if ("对总分权重" if self.zh else "Effective weight") in heads:
                self._weights(title, rows, checked)
                continue
            self._named_scores(title, rows, checked)
            if codes := self._ranked_codes(title):
                self._marked_ranking(codes, title, rows, checked)
                judge_ranking(self, codes, title, rows, checked)
            elif codes := self._group_codes(title):
                judge_ranking(self, codes, title, rows, checked)
            elif ("平均值" if self.zh else "Mean") in rows[0]:
                judge_profile(self, title, rows, checked)
            elif title in ("得分之间的相关", "Correlation of scores"):
                judge_correlations(self, title, rows, checked)
            else:
                checked.apart.append(f"{title}: {' | '.join(rows[0])}")
        return checked

    def _ranked_codes(self, title: str) -> list[str]:
        """Return the nodes that the title of a ranking may mean; none of another table."""
        title = re.sub(r"(?: \([^()]*\)|（[^（）]*）)$", "", title)
        if self.zh and title == "综合排名":
            return [self.truth.tree.root.code]
        node = re.fullmatch(
            f"(?:Ranking of cities in )?(?:the )?({self.node_words})(?: dimension)?(?:排名)?",
            title,
        )
        return self._codes(node[1]) if node else []

    def _group_codes(self, title: str) -> list[str]:
        """Return the nodes that the title of a ranking of a group of cities may mean."""
        if not self.zh:
            name, ranked, _ = title.partition(": ranking of ")
            name = "Index" if name == "Overall" else name
        else:
            ends = [n for n in (*self.code, "综合") if title.endswith(f"{n}排名")]
            name = max(ends, key=len, default="")
            ranked = name
            name = "本指数" if name == "综合" else name
        return self.lower.get(name.lower(), []) if ranked else []

    def _weights(self, title, rows, checked) -> None:
        at = rows[0].index("对总分权重" if self.zh else "Effective weight")
        expected = [self.truth.shares[leaf.code] for leaf in self.truth.tree.indicators]
        for row, share in zip(rows[1:], expected, strict=True):
            checked.read["weight"] += 1
            over = re.fullmatch(r"(\d+)/(\d+)", row[at])
            told = (
                int(over[1]) / int(over[2])
                if over
                else number(row[at].rstrip("%")) / 100
            )
            if abs(told - share) > (1e-9 if over else 0.00005 + 1e-9):
                checked.false.append(f"{title}: {row}, not {share}")

    def _named_scores(self, title, rows, checked) -> None:
        """Judge headings, and the names of nodes in the rows of a profile."""
        turned = {
            name
            for name, codes in self.code.items()
            if all(map(self.truth.is_reverse, codes))
        }
        names = {cell.strip() for row in rows[:2] for cell in row}
        if ("平均值" if self.zh else "Mean") in rows[0]:
            names |= {row[0].strip() for row in rows}
        sign = "（逆向）" if self.zh else " (reversed)"
        checked.read["reversed name"] += sum(
            f"{name}{sign}" in names for name in turned
        )
        checked.false += [f"{title}: {name} upside down" for name in names & turned]

    def _marked_ranking(self, codes, title, rows, checked) -> None:
        heads = rows[0]
        numbers = {"名次", "得分"} if self.zh else {"Rank", "Score"}
        block = heads[: len(heads) // max(heads.count(city_head(self.zh)), 1)]
        for row in rows[1:]:
            for start in range(0, len(heads), len(block)):
                cells = dict(zip(block, row[start : start + len(block)], strict=True))
                if (unit := self.unit.get(cells[city_head(self.zh)])) is None:
                    continue
                for head in numbers & cells.keys():
                    checked.read["marked number"] += 1
                    mark = cells[head][len(cells[head].rstrip("†‡")) :]
                    if mark not in {self.truth.gap(unit, code) for code in codes}:
                        checked.false.append(f"{title}: {unit} {cells[head]}")

    def population(self, city: str | None) -> str:
        """Return the group of cities that is written about."""
        return self.truth.every[city].population if city else next(iter(self.truths))

    def check_text(self, heading: str, text: str) -> Checked:
        """Return the same of the text below a heading."""
        checked = Checked()
        city = self.unit.get(heading)
        self.truth = self.truths[self.population(city)]
        about = self.code.get(heading, [self.truth.root])
        while text := text.strip():
            for kind, pattern in self.patterns:
                if (match := pattern.match(text)) is None:
                    continue
                checked.read[kind] += 1
                self.here = about
                words = {
                    k: v
                    for k, v in match.groupdict().items()
                    if k not in ("one", "two")
                }
                problem = getattr(self, f"_{kind}")(city, **words)
                checked.said.append(_said(heading, kind, match, problem))
                if problem:
                    checked.false.append(f"{heading}: {match[0]} [{problem}]")
                text = text[match.end() :]
                break
            else:
                checked.unread.append(f"{heading}: {text}")
                break
        return checked

    def check_title(self, figure_id: str, title: str) -> Checked:
        """Return the same of the title of a figure, which may be a message."""
        checked = Checked()
        population = next(iter(self.truths))
        self.truth = self.truths[population]
        kind, _, name = figure_id.partition("-")
        if kind not in ("bars", "children", "slopes", "means", "rank"):
            return checked
        self.here = [
            name if name in {n.code for n in self.truth.tree.nodes} else self.truth.root
        ]
        self.attribute = name
        for fact, *both in MESSAGES:
            if match := re.fullmatch(
                self._filled(both[not self.zh]), title, re.IGNORECASE
            ):
                words = {k: v for k, v in match.groupdict().items() if v is not None}
                checked.read[fact] += 1
                if problem := getattr(self, f"_{fact}")(**words):
                    checked.false.append(f"{figure_id}: {title} [{problem}]")
                return checked
        if re.search(MESSAGE_WORDS, title):
            checked.unread.append(f"{figure_id}: {title}")
        return checked

    # Messages of figures.

    def _title_leads(self, city, gap, node=None) -> str:
        self._named(node)

        def judge(code, wrong):
            scores = self.truth.score(code).sort_values(ascending=False)
            lead = scores.iloc[0] - scores.iloc[1]
            if (
                self._unit(city, code, wrong) != scores.index[0]
                or lead < scores.std(ddof=1) / 2
            ):
                wrong.append("no clear lead")
            if not near(gap, lead, half_unit(gap)):
                wrong.append("gap")

        return self._here(judge)

    def _title_close(self, first, last, gap, node=None) -> str:
        self._named(node)

        def judge(code, wrong):
            scores = self.truth.score(code)
            ranks = self.truth.rank(code)
            run = scores[ranks.between(whole(first), whole(last))]
            if len(run) < 5 or run.max() - run.min() > scores.std(ddof=1) / 4 + 1e-9:
                wrong.append("not close")
            if not near(gap, run.max() - run.min(), half_unit(gap)):
                wrong.append("gap")

        return self._here(judge)

    def _title_parts(self, city, kind="", node=None) -> str:
        self._named(node)

        def judge(code, wrong):
            self._leads(city, self._children(code), wrong)
            self._gap_of(city, self._children(code), wrong)

        return self._here(judge)

    def _title_groups(self, group) -> str:
        codes = [self.truth.root, *self._children(self.truth.root)]
        kinds = [
            [u for u in units if u in self.truth.score(self.truth.root)]
            for attribute, *_, units in self.truth.groups
            if attribute == self.attribute
        ]
        fits = [units for units in self._groups(group) if len(units) >= 3]
        ok = any(
            all(
                self.truth.score(code).reindex(units).mean() + 1e-9
                >= max(
                    self.truth.score(code).reindex(other).mean()
                    for other in kinds
                    if other and not {*other} & {*units}
                )
                for code in codes
            )
            for units in fits
        )
        return "" if ok else "another group has a higher mean"

    def _title_rose(self, city, last, node=None) -> str:
        self._named(node)
        (code,), wrong = self.here, []
        moves = {unit: then - now for unit, (then, now) in self._ranks(code).items()}
        most = max(moves.values())
        unit = self._unit(city, code, wrong, moved=True)
        if [u for u, move in moves.items() if move == most] != [unit] or most < 2:
            wrong.append("who rose most")
        return "; ".join(wrong)

    def _title_apart(self, first, last, node=None) -> str:
        self._named(node)
        ranks = self.truth.rank(self.truth.root)
        units = ranks.index[ranks.between(whole(first), whole(last))]
        ends = self.truth.simulated[units].quantile([0.05, 0.95]).round()
        ok = (ends.iloc[0] <= whole(first)).all() and (
            ends.iloc[1] >= whole(last)
        ).all()
        return "" if ok and len(units) > 1 else f"{ends}"

    # Names, numbers and marks.

    def _codes(self, name: str) -> list[str]:
        plain = name.lower().removeprefix("" if self.zh else "the ")
        short = re.sub(r"(?: dimension|维度|方面)$", "", plain)
        return (
            self.lower.get(name.lower()) or self.lower.get(plain) or self.lower[short]
        )

    def _split(self, names: str) -> list[str]:
        return re.findall(self.words["city"], names)

    def _unit(
        self, name: str, code: str, wrong: list[str], *, moved: bool = False
    ) -> str:
        unit = self.unit[re.sub(MARK + "$", "", name)]
        expected = self.truth.move_mark if moved else self.truth.gap
        if mark_of(name) != expected(unit, code):
            wrong.append(f"mark of {name}")
        return unit

    def _units(
        self, names: str, code: str, wrong: list[str], *, moved: bool = False
    ) -> list[str]:
        return [
            self._unit(name, code, wrong, moved=moved) for name in self._split(names)
        ]

    def _here(self, judge) -> str:
        """Judge a statement by each node that the heading may mean; true if by one of them."""
        found = []
        for code in self.here:
            wrong: list[str] = []
            judge(code, wrong)
            found.append("; ".join(wrong))
        return min(found, key=len)

    def _named(self, name: str | None) -> None:
        """Take a node that a sentence names as the one it is about."""
        if name:
            codes = [code for code in self._codes(name) if code in self.here]
            self.here = codes or self._codes(name)

    def _scored(self, name: str, score: str, code: str, wrong: list[str]) -> str:
        unit = self._unit(name, code, wrong)
        if not self._is_score(score, self.truth.score(code)[unit]):
            wrong.append(f"score of {name}")
        return unit

    def _groups(self, form: str) -> list[list[str]]:
        """Return the cities of each group that is called so."""
        several = [
            units
            for name, of in self.forms.items()
            for units in of
            if name.lower() == form.lower()
        ]
        scored = self.truth.score(self.truth.root).index
        return [[unit for unit in units if unit in scored] for units in several]

    # Facts of a node.

    def _joint(self, _, cities, score, node=None) -> str:
        self._named(node)

        def judge(code, wrong):
            ranks = self.truth.rank(code)
            units = self._units(cities, code, wrong)
            if {*units} != {*ranks.index[ranks == ranks.min()]} or len(units) > 3:
                wrong.append("who")
            if not self._is_score(score, self.truth.score(code)[units[0]]):
                wrong.append("score")

        return self._here(judge)

    def _on_gaps(self, _, city, score, basis, rest, node=None) -> str:
        self._named(node)

        def judge(code, wrong):
            unit = self._scored(city, score, code, wrong)
            ranks = self.truth.rank(code)
            marks = self.truth.gap(unit, code)
            if ranks[unit] != 1 or not marks:
                wrong.append("first")
            leaves = [leaf.code for leaf in self.truth.tree.leaves_below(code)]
            lacking = sum(self.truth.gap(unit, leaf) == marks[:1] for leaf in leaves)
            numbers = [
                whole(n)
                for n in re.findall(rf"(?<![a-z]){self.words['n']}(?![a-z])", basis)
            ]
            told = {lacking} if self.zh else {lacking, len(leaves) - lacking}
            if numbers[0] not in told or (not self.zh and numbers[-1] != len(leaves)):
                wrong.append("basis")
            complete = [
                u
                for u in ranks.sort_values(kind="stable").index
                if not self.truth.gap(u, code)
            ]
            named = self._split(rest)
            if [self.unit[name] for name in named] != complete[:1]:
                wrong.append("complete")
            elif named and not self._is_score(
                re.findall(r"\d+(?:\.\d+)?", rest)[0],
                self.truth.score(code)[complete[0]],
            ):
                wrong.append("score of complete")

        return self._here(judge)

    def _lead(self, _, city, score, second, gap=None, node=None) -> str:
        self._named(node)

        def judge(code, wrong):
            unit = self._scored(city, score, code, wrong)
            scores = self.truth.score(code)
            ranks = self.truth.rank(code)
            order = scores.sort_values(ascending=False)
            seconds = self._units(second, code, wrong)
            if ranks[unit] != 1 or (ranks == 1).sum() > 1 or self.truth.gap(unit, code):
                wrong.append("first")
            if {*seconds} != {*ranks.index[ranks == ranks[ranks > 1].min()]}:
                wrong.append("second")
            if gap is not None:
                if not near(gap, order.iloc[0] - order.iloc[1], half_unit(gap)):
                    wrong.append(f"gap of {[*order.iloc[:2]]}")
            elif order.iloc[0] - order.iloc[1] > 2 * half_unit(score):
                wrong.append("not level")

        return self._here(judge)

    def _clear(self, _, points=None, part=None, behind=None, **words) -> str:
        def judge(code, wrong):
            scores = self.truth.score(code).sort_values(ascending=False)
            if scores.iloc[0] - scores.iloc[1] < scores.std(ddof=1) / 2 - 1e-9:
                wrong.append("not clear")

        problem = self._lead(_, **words)
        rests = self._rests(_, part, behind, points) if part else ""
        return problem or rests or self._here(judge)

    _close = _level = _lead

    def _followed(self, _, city, score, others, node=None) -> str:
        self._named(node)

        def judge(code, wrong):
            unit = self._scored(city, score, code, wrong)
            ranks = self.truth.rank(code)
            if ranks[unit] != 1 or (ranks == 1).sum() > 1 or self.truth.gap(unit, code):
                wrong.append("first")
            units = self._units(others, code, wrong)
            scores = re.findall(r"(\d+(?:\.\d+)?)(?:分| each\)|\))", others)
            scores = scores * len(units) if len(scores) < len(units) else scores
            if not all(
                self._is_score(shown, self.truth.score(code)[unit])
                for unit, shown in zip(units, scores, strict=True)
            ):
                wrong.append("scores")
            shown = [ranks[u] for u in units]
            if shown != sorted(shown) or {*units} != {
                *ranks.index[ranks <= max(shown)]
            } - {unit}:
                wrong.append("who follows")

        return self._here(judge)

    def _parts(self, code: str, unit: str) -> dict[str, float]:
        """Return the points that the nodes below add to a score."""
        children = self.truth.tree.children(code)
        scored = [child for child in children if unit in self.truth.score(child.code)]
        total = sum(child.weight for child in scored)
        return {
            child.code: child.weight / total * self.truth.score(child.code)[unit]
            for child in scored
        }

    def _rests(
        self, _, part, behind, points=None, first=None, second=None, gap=None
    ) -> str:
        ends = [name for name in (first, second) if name]

        def judge(code, wrong):
            scores = self.truth.score(code).sort_values(ascending=False)
            order = scores.index[:2]
            if [self._unit(name, code, wrong) for name in ends] != [*order][
                2 - len(ends) :
            ]:
                wrong.append("who leads")
            lead = scores.iloc[0] - scores.iloc[1]
            if gap and not near(gap, lead, half_unit(gap)):
                wrong.append("gap")
            high, low = (self._parts(code, unit) for unit in order)
            effects = {child: high[child] - low[child] for child in high}
            best = max(effects, key=effects.get)
            if (
                best not in self._codes(part)
                or effects[best] < sum(effects.values()) / 2
            ):
                wrong.append("part")
            if points and not near(points, effects[best], half_unit(points)):
                wrong.append("points")
            worst = min(effects, key=effects.get)
            if bool(behind) != (effects[worst] < 0):
                wrong.append("behind")
            if behind:
                (name,) = re.findall(self.words["node"], behind, re.IGNORECASE)[:1]
                cities = [
                    self.unit[re.sub(MARK + "$", "", one)]
                    for one in self._split(behind)
                ]
                if worst not in self._codes(name) or cities != [order[1]]:
                    wrong.append("who is ahead")

        return self._here(judge)

    _rests_alone = _rests_gap = _rests

    def _top_five(self, _, cities, places="") -> str:
        def judge(code, wrong):
            units = self._units(cities, code, wrong)
            ranks = self.truth.rank(code)
            if [ranks[unit] for unit in units] != [*range(6 - len(units), 6)]:
                wrong.append("places")
            if places and re.findall(r"\d+", places) != [str(6 - len(units)), "5"]:
                wrong.append("places")

        return self._here(judge)

    def _children(self, code: str) -> list[str]:
        children = self.truth.tree.children(code)
        return [child.code for child in children if len(self.truth.score(child.code))]

    def _leads(self, city: str, codes, wrong) -> None:
        """Judge that some cities, and no others, are first in some nodes."""
        for code in codes:
            ranks = self.truth.rank(code)
            units = {
                self.unit[re.sub(MARK + "$", "", name)] for name in self._split(city)
            }
            if units != {*ranks.index[ranks == ranks.min()]}:
                wrong.append(f"who is first in {code}")

    def _gap_of(self, name: str, codes, wrong) -> None:
        unit = self.unit[re.sub(MARK + "$", "", name)]
        if mark_of(name) != "".join(
            sorted({*"".join(self.truth.gap(unit, c) for c in codes)})
        ):
            wrong.append(f"mark of {name}")

    def _all_led(self, _, city, n, kind, node=None) -> str:
        def judge(code, wrong):
            children = self._children(code)
            self._leads(city, children, wrong)
            self._gap_of(city, children, wrong)
            if whole(n) != len(children) or not self._is_kind(kind, code):
                wrong.append("n")

        return self._here(judge)

    def _is_kind(self, kind: str, code: str) -> bool:
        leaves = all(map(self.truth.tree.is_indicator, self._children(code)))
        names = [self.truth.tree[child].name_en for child in self._children(code)]
        domains = all(name.endswith("domain") for name in names)
        word = 2 if leaves else 1 if code != self.truth.root else 3 if domains else 0
        return kind in (
            ("维度", "分项", "指标", "领域")[word],
            ("dimensions", "components", "indicators", "domains")[word],
        )

    def _led(self, _, parts, by="") -> str:
        cities = self.words["cities"]
        nodes = self.words["nodes"]
        kinds = (
            (
                rf"({cities})?在?({nodes})(均?)(并列首位|并列最[低短少小]|最[低短少小多高长大]|居首)",
            )
            if self.zh
            else (
                rf"(?:({cities}) )?(is first in|is first for"
                r"|ha(?:s|ve) the (?:lowest|shortest|fewest)|share first place in"
                r"|are joint first for|in|for) "
                rf"({nodes})",
            )
        )

        def judge(code, wrong):
            rest = parts
            last = None
            while rest:
                match = re.match(kinds[0], rest, re.IGNORECASE)
                if match is None:
                    wrong.append(f"unread: {rest}")
                    return
                city = last = match[1] or last
                names, word = (match[2], match[4]) if self.zh else (match[3], match[2])
                if city is None:
                    wrong.append(f"nobody: {rest}")
                    return
                told = [
                    next(
                        (c for c in self._codes(name) if c in self._children(code)), ""
                    )
                    for name in re.findall(self.words["node"], names, re.IGNORECASE)
                ]
                if "" in told:
                    wrong.append(f"not below {code}: {names}")
                    return
                self._leads(city, told, wrong)
                for name in self._split(city):
                    self._gap_of(name, told, wrong)
                if self.zh and bool(match[3]) != (len(told) > 1):
                    wrong.append(f"均: {names}")
                several = len(self._split(city)) > 1
                joint = word.startswith(("并列", "have the", "share", "are joint"))
                lowest = word.endswith((*LEAST_ZH, "lowest", "shortest", "fewest"))
                if word in MOST_ZH:
                    raw = self.truth.raw[told[0]]
                    top = raw.loc[self.unit[re.sub(MARK + "$", "", city)]]
                    if top < raw.loc[self.truth.units].max():
                        wrong.append("not most")
                if self.zh and word[-2:] in MOST_ZH + LEAST_ZH:
                    scales = {scale_of(name) for name in names.split("、")}
                    scale = scales.pop() if len(scales) == 1 else 0
                    if word[-2:] not in (MOST_ZH[scale], LEAST_ZH[scale]):
                        wrong.append("another word for the extreme")
                if several != joint or any(
                    self.truth.is_reverse(c) != lowest for c in told
                ):
                    wrong.append("upside down")
                if lowest:
                    raw = self.truth.raw[told[0]]
                    units = [
                        self.unit[re.sub(MARK + "$", "", one)]
                        for one in self._split(city)
                    ]
                    if set(raw.loc[units]) != {raw.loc[self.truth.units].min()}:
                        wrong.append("not lowest")
                rest = re.sub(
                    r"^(?:，|, and |, | and |; and |; )", "", rest[match.end() :]
                )

        return self._here(judge)

    def _none_led(self, _, city, kind) -> str:
        def judge(code, wrong):
            unit = self._unit(city, code, wrong)
            if self.truth.rank(code)[unit] != 1 or not self._is_kind(kind, code):
                wrong.append("not first")
            if any(self.truth.rank(c).get(unit) == 1 for c in self._children(code)):
                wrong.append("first in a part")

        return self._here(judge)

    def _above_mean(self, _, n, mean, k=None, share=None) -> str:
        def judge(code, wrong):
            scores = self.truth.score(code)
            above = int((scores > scores.mean() + 1e-9).sum())
            if whole(n) != len(scores) or not self._is_score(mean, scores.mean()):
                wrong.append("mean")
            if k is not None and whole(k) != above:
                wrong.append("count")
            if share and not near(share, 100 * above / len(scores), half_unit(share)):
                wrong.append("share")
            if k is None and abs(above / len(scores) - 0.5) > 0.01:
                wrong.append("not half")

        return self._here(judge)

    def _few_above(self, _, **words) -> str:
        scores = self.truth.score(self.truth.root)
        many = (scores > scores.mean() + 1e-9).mean() > 0.4 + 1e-9
        return "not few" if many else self._above_mean(_, **words)

    _half_above = _above_mean

    def _middle(self, _, low, high) -> str:
        def judge(code, wrong):
            ends = self.truth.score(code).quantile([0.25, 0.75])
            if not (
                self._is_score(low, ends[0.25]) and self._is_score(high, ends[0.75])
            ):
                wrong.append("quartiles")

        return self._here(judge)

    def _drop(self, _, gap, within, i, j, last, city=None, next=None) -> str:
        def judge(code, wrong):
            order = self.truth.score(code).sort_values(ascending=False)
            above = whole(i) - 1
            end = whole(last)
            named = [self._unit(name, code, wrong) for name in (city, next) if name]
            if whole(j) != above + 2 or named not in (
                [],
                [*order.index[above : above + 2]],
            ):
                wrong.append("places")
            steps = -order.diff().iloc[1:]
            if steps.iloc[above] < 3 * steps.median():
                wrong.append("no drop")
            if not near(gap, steps.iloc[above], half_unit(gap)):
                wrong.append("gap")
            below = order.iloc[above + 1 : end]
            # A bound holds as it is printed, and is the least that does.
            room = number(within) - (below.iloc[0] - below.iloc[-1])
            if not -1e-9 <= room < 2 * half_unit(within):
                wrong.append("within")

        return self._here(judge)

    def _ties(self, _, cities, rank) -> str:
        def judge(code, wrong):
            units = {*self._units(cities, code, wrong)}
            ranks = self.truth.rank(code)
            if units != {*ranks.index[ranks == whole(rank)]}:
                wrong.append("who")

        return self._here(judge)

    def _r(self, a: str, b: str) -> float:
        both = (
            self.truth.score(a)
            .to_frame("a")
            .join(self.truth.score(b).rename("b"))
            .dropna()
        )
        if len(both) <= 2 or both.std().min() == 0:
            return 0.0
        return float(np.corrcoef(both.to_numpy().T)[0, 1])

    def _plain(self, name: str) -> tuple[list[str], bool]:
        """Return the codes of a node above its scores, and whether it is called reversed."""
        sign = "（逆向）" if self.zh else " (reversed)"
        return self._codes(name.removesuffix(sign)), name.endswith(sign)

    def _unrelated(self, _, a, b, r) -> str:
        (first, turned), (second, other_turned) = self._plain(a), self._plain(b)

        def judge(code, wrong):
            children = self._children(code)
            pair = [
                next(c for c in codes if c in children) for codes in (first, second)
            ]
            if not near(r, self._r(*pair)) or abs(self._r(*pair)) >= 0.2:
                wrong.append("r")
            if [turned, other_turned] != [self.truth.is_reverse(c) for c in pair]:
                wrong.append("upside down")

        return self._here(judge)

    def _covers(self, unit, first, last, n, wrong) -> None:
        """Judge that few simulations rank a city before the first or behind the last of ranks."""
        ranks = self.truth.simulated[unit].dropna()
        if n is not None and whole(n) != len(ranks):
            wrong.append("simulations")
        if max((ranks < first).mean(), (ranks > last).mean()) > 0.05 + 1e-9:
            wrong.append(f"{unit}: {ranks.value_counts().to_dict()}")

    def _settled(self, _, n, city) -> str:
        code = self.truth.root
        wrong = []
        unit = self._unit(city, code, wrong)
        self._covers(unit, 1, 1, n, wrong)
        return "; ".join(
            wrong if self.truth.rank(code)[unit] == 1 else [*wrong, "not first"]
        )

    def _unsettled(self, _, cities, n, first, last) -> str:
        code = self.truth.root
        wrong = []
        ends = (whole(first), whole(last))
        ranks = self.truth.rank(code)
        units = self._units(cities, code, wrong)
        if {*units} != {*ranks.index[ranks.between(*ends)]} or len(units) < 2:
            wrong.append("who")
        for unit in units:
            low, high = (
                self.truth.simulated[unit].dropna().quantile([0.05, 0.95]).round()
            )
            if whole(n) != len(self.truth.simulated) or low > ends[0] or high < ends[1]:
                wrong.append(f"{unit}: {low} to {high}")
        return "; ".join(wrong)

    def _range(self, city, low, high, n=None) -> str:
        wrong: list[str] = []
        self._covers(city, whole(low), whole(high), n, wrong)
        return "; ".join(wrong)

    def _range_one(self, city, low, n=None) -> str:
        return self._range(city, low, low, n)

    # Facts of groups.

    def _sizes(self, _, n, k, group=None, first=None, second=None, rest=None) -> str:
        names = [name for name in (group, first, second) if name]
        short = "城市" if self.zh else ""
        numbers = [whole(k), int(rest)] if rest else [whole(k)]
        if whole(n) != len(self.truth.units):
            return "n"
        for name, size in zip(names, numbers, strict=True):
            forms = [
                form
                for form in self.forms
                if form.removesuffix(short).lower() == name.lower()
            ]
            if not any(
                len(units) == size for form in forms for units in self._groups(form)
            ):
                return f"{name} are not {size}"
        return ""

    def _top(self, top: str) -> list[str]:
        ranks = self.truth.rank(self.truth.root)
        return [
            *ranks.index[
                ranks <= whole(top)
                if whole(top) in {*ranks}
                else ranks <= ranks[ranks < whole(top)].max()
            ]
        ]

    def _half(self) -> str:
        """Return how many cities are in the upper half."""
        return str(len(self.truth.units) // 2)

    def _over(self, _, k, group, top=None, n=None, per="", half=None) -> str:
        top = top or self._half()
        if per and (per == "座") != group.endswith(("城市", "都市")):
            return "measure word"
        first = {*self._top(top)}
        fits = [
            units
            for units in self._groups(group)
            if len(first & {*units}) == whole(k)
            and (n is None or len(units) == whole(n))
        ]
        shares = [
            whole(k) / len(first) / (len(units) / len(self.truth.units))
            for units in fits
        ]
        return (
            ""
            if len(first) == whole(top) and max(shares, default=0) >= 1.5
            else "count"
        )

    def _all_in(self, _, n, group, top=None, per="", half=None) -> str:
        return self._over(_, n, group, top, n, per)

    def _upper(self, _, n, group, per="") -> str:
        ranks = self.truth.rank(self.truth.root)
        fits = [units for units in self._groups(group) if len(units) == whole(n)]
        ok = any(
            all(2 * (ranks <= ranks[u]).sum() <= len(ranks) for u in units)
            for units in fits
        )
        return "" if ok else "not all"

    def _none_in(self, _, group, city, rank, top=None, n=None, half=None) -> str:
        wrong, top = list[str](), top or self._half()
        unit = self._unit(city, self.truth.root, wrong)
        first = {*self._top(top)}
        ranks = self.truth.rank(self.truth.root)
        ok = any(
            not first & {*units}
            and ranks[units].idxmin() == unit
            and (n is None or len(units) == whole(n))
            for units in self._groups(group)
        )
        if not ok or ranks[unit] != whole(rank):
            wrong.append("some are")
        return "; ".join(wrong)

    def _group_mean(self, _, group, mean, gap=None, without="") -> str:
        code = self.truth.root
        wrong = []
        scores = self.truth.score(code)
        fits = [
            units
            for units in self._groups(group)
            if self._is_score(mean, scores[units].mean())
        ]
        if not fits:
            return "mean"
        units = fits[0]
        above = scores[units].mean() - scores.mean()
        if gap and abs(number(gap) - above) > 2 * half_unit(gap):
            wrong.append("gap")
        if (gap is None) != (round(scores.mean(), self.places) == 0):
            wrong.append("overall")
        marks = "".join(sorted({*"".join(self.truth.gap(u, code) for u in units)}))
        if mark_of(mean) != marks:
            wrong.append("mark")
        if without:
            first = scores[units].idxmax()
            (name,), (rest,) = (
                self._split(without),
                re.findall(r"\d+(?:\.\d+)?", without),
            )
            rest_mean = scores[[u for u in units if u != first]].mean()
            if self._unit(name, code, wrong) != first or not self._is_score(
                rest, rest_mean
            ):
                wrong.append("without")
        means = [
            scores[u].mean()
            for form in self.forms
            for u in self._groups(form)
            if len(u) >= 3
        ]
        return "; ".join(wrong) if means else "no group"

    _group_mean_zero = _group_mean

    def _group_first(self, _, parts) -> str:
        code = self.truth.root
        wrong = []
        ranks = self.truth.rank(code)
        pattern = (
            rf"(?P<group>{self.words['group']})中(?P<city>{self.words['city']})最靠前（第(?P<rank>\d+)位）"
            if self.zh
            else rf"(?P<city>{self.words['city']})(?: ranks highest)? among the "
            rf"(?P<group>{self.words['group']}) \((?P<rank>\d+)\w\w(?: overall)?\)"
        )
        told = [*re.finditer(pattern, parts, re.IGNORECASE)]
        if len(told) != parts.count("（第" if self.zh else " among the "):
            return "unread"
        for match in told:
            unit = self._unit(match["city"], code, wrong)
            firsts = [ranks[units].min() for units in self._groups(match["group"])]
            if ranks[unit] != int(match["rank"]) or ranks[unit] not in firsts:
                wrong.append(match[0])
        return "; ".join(wrong)

    def _top_pair(self, _, n, pairs, others="") -> str:
        scored = self.truth.result.pairs
        at = scored.node_codes.index(self.truth.root)
        order = sorted(
            (rank, pair)
            for rank, pair in zip(scored.ranks[:, at], scored.pairs, strict=True)
            if rank
        )
        units = [self.unit[name] for name in self._split(pairs + others)]
        shown = [frozenset(units[at : at + 2]) for at in range(0, len(units), 2)]
        first = {
            frozenset(pair) for rank, pair in order if rank <= order[len(shown) - 1][0]
        }
        right = (
            len(scored.pairs) == whole(n) and set(shown) <= first and len(shown) == 3
        )
        return "" if right else "pairs"

    # Facts of change.

    def _ranks(self, node: str = "") -> dict[str, tuple[int, int]]:
        """Return the ranks then and now of the cities that can be compared."""
        truth = self.truth
        code = node or self.truth.root
        known = {}
        for unit in truth.score(code).index:
            if (move := truth.change(unit, code)) is not None:
                then = truth.earlier[unit, code]
                known[unit] = then, then - move
        if truth.report is None and len(known) < len(truth.score(code)):
            columns = [[pair[at] for pair in known.values()] for at in (0, 1)]
            known = {
                unit: tuple(
                    1 + sum(x < own for x in column)
                    for own, column in zip(pair, columns, strict=True)
                )
                for unit, pair in known.items()
            }
        return known

    def _entries(self, _, cities) -> str:
        units = [
            self.unit[re.sub(MARK + "$", "", name)] for name in self._split(cities)
        ]
        known = [u for u in units if (u, self.truth.root) in self.truth.earlier]
        return f"known: {known}" if known else ""

    def _entry(self, _, city, rank) -> str:
        right = self.truth.rank(self.truth.root)[
            self.unit[re.sub(MARK + "$", "", city)]
        ]
        return self._entries(_, city) or ("" if right == whole(rank) else "rank")

    def _many_entries(self, _, n, city, rank) -> str:
        return self._entry(_, city, rank)

    def _left(self, _, city, rank, last) -> str:
        then = self.truth.earlier.get((self.unit[city], self.truth.root))
        known = {unit for unit, code in self.truth.earlier if code == self.truth.root}
        gone = known - {
            unit.id for unit in self.truth.every.values() if unit.population
        }
        return (
            "" if then == whole(rank) and self.unit[city] in gone else f"gone: {gone}"
        )

    def _moves(self, _, n, parts, last="") -> str:
        code = self.truth.root
        wrong = []
        ranks = self._ranks()
        moves = {unit: then - now for unit, (then, now) in ranks.items()}
        if whole(n) != len(moves):
            wrong.append(f"status: {len(moves)} cities can be compared")
        pattern = (
            rf"({self.words['cities']})(升|降)幅最大，均?[上下][升降](\d+)位(?:（由第(\d+)位[升降]至第(\d+)位）)?"
            if self.zh
            else rf"({self.words['cities']}) (rose furthest|fell furthest) "
            rf"\((?:({self.words['n']}) places?(?: each)?|from (\d+)\w\w to (\d+)\w\w)\)"
        )
        told = [*re.finditer(pattern, parts)]
        if len(told) != parts.count("幅最大" if self.zh else "("):
            wrong.append("unread")
        for match in told:
            names, way, by, before, now = match.groups()
            sign = 1 if way in ("升", "rose furthest") else -1
            units = self._units(names, code, wrong, moved=True)
            most = max(sign * move for move in moves.values())
            if {*units} != {
                u for u, move in moves.items() if sign * move == most
            } or most <= 0:
                wrong.append("who moved most")
            if by and whole(by) != most:
                wrong.append("by")
            if before and ranks[units[0]] != (int(before), int(now)):
                wrong.append("ranks")
        return "; ".join(wrong)

    def _is_among(self) -> bool:
        """Tell whether cities came or went, so that moves are those among the others."""
        truth = self.truth
        before = {unit for unit, code in truth.earlier if code == truth.root}
        return truth.report is None and before != {*truth.score(truth.root).index}

    def _moves_among(self, _, **words) -> str:
        return self._moves(_, **words) if self._is_among() else "among all"

    def _moves_some(self, _, known, **words) -> str:
        """Judge moves among the cities whose former rank is known, which are not all."""
        scored = self.truth.score(self.truth.root)
        if len(self._ranks()) == len(scored):
            return "all are known"
        is_printed = known in ("已公布", "was published")
        if is_printed != (self.truth.report is not None):
            return "from where"
        return self._moves(_, **words)

    def _cause(self, _, city, total, points, part, filled="") -> str:
        if number(points) >= number(total):
            return "as much as the whole"
        return self._causes(city, total, {part: points}, filled)

    def _cause_alone(self, _, city, total, part, filled="") -> str:
        return self._causes(city, total, {part: ""}, filled)

    def _cause_fall(self, _, city, total, points, part, filled="") -> str:
        if number(points) >= number(total):
            return "as much as the whole"
        return self._causes(city, total, {part: points}, filled, fall=True)

    def _cause_fall_alone(self, _, city, total, part, filled="") -> str:
        return self._causes(city, total, {part: ""}, filled, fall=True)

    def _filled_only_fall(self, _, city, total, points, part, last="") -> str:
        text = f"{points}分{part}" if self.zh else f"{points} reflect {part}"
        return self._causes(city, total, {}, text, fall=True)

    def _causes(self, city, total, told, filled, *, fall=False) -> str:
        """Judge what a gain rests on by the values of both editions, scored anew."""
        truth = self.truth
        wrong = []
        unit = self._unit(city, truth.root, wrong)
        then = truth.previous
        gain = truth.score(truth.root)[unit] - then.scores.at[unit, truth.root]
        way = -1 if fall else 1
        gain *= way
        if not near(total, gain, half_unit(total)):
            wrong.append("total")
        shares = truth.shares
        both = [
            leaf
            for leaf in truth.result.leaf_codes
            if np.isfinite(truth.raw.at[unit, leaf] + then.raw.at[unit, leaf])
        ]
        have = sum(
            shares[leaf]
            for leaf in truth.result.leaf_codes
            if np.isfinite(truth.raw.at[unit, leaf])
        )
        if abs(have - 1) > 1e-9:
            return "rests on a gap now"
        now = truth.normalised.loc[unit] - then.normalised.loc[unit]
        effects = {leaf: way * shares[leaf] * now[leaf] for leaf in both}
        for name, points in told.items():
            codes, turned = self._plain(name)
            best = max(effects, key=effects.get)
            # What is stated without a number adds as much as the whole, or more.
            effect = min(effects[best], gain if not points else np.inf)
            stated = points or total
            if best not in codes or not near(stated, effect, half_unit(stated)):
                wrong.append(f"{name}: {effects}")
            if turned != truth.is_reverse(best):
                wrong.append("upside down")
        lacking = [leaf for leaf in truth.result.leaf_codes if leaf not in both]
        if filled:
            names = re.findall(self.words["node"], filled, re.IGNORECASE)
            numbers = re.findall(r"\d+(?:\.\d+)?(?=分| reflect)", filled)
            rest = gain - sum(effects.values())
            if {c for n in names for c in self._codes(n)} != {*lacking}:
                wrong.append("not lacking")
            if not near(numbers[0], rest, half_unit(numbers[0])):
                wrong.append("filled")
        return "; ".join(wrong)

    def _filled_only(self, _, city, total, points, part, last="") -> str:
        text = f"{points}分{part}" if self.zh else f"{points} reflect {part}"
        return self._causes(city, total, {}, text)

    def _same_top(self, _, last) -> str:
        code = self.truth.root
        ranks = self.truth.rank(code)
        then = {
            u for (u, c), rank in self.truth.earlier.items() if c == code and rank <= 10
        }
        now = {*ranks.index[ranks <= 10]}
        return "" if now == then and len(now) == 10 else "other cities"

    def _counts(self, _, parts, same=None) -> str:
        ranks = self._ranks()
        is_chosen = len(ranks) < 0.8 * len(self.truth.score(self.truth.root))
        if self.truth.report is not None and is_chosen:
            return "counted among those that print names"
        if same:
            first = [(then, now) for then, now in ranks.values() if now <= whole(same)]
            if len(first) != whole(same) or any(then != now for then, now in first):
                return "not the same"
        signs = Counter(int(np.sign(then - now)) for then, now in ranks.values())
        words = {1: ("上升", "rose"), -1: ("下降", "fell"), 0: ("持平", "kept")}
        told = {
            sign: whole(match[1])
            for sign, both in words.items()
            if (
                match := re.search(
                    rf"(\d+)座(?:名次)?{both[0]}"
                    if self.zh
                    else rf"({self.words['n']}) {both[1]}",
                    parts,
                    re.IGNORECASE,
                )
            )
        }
        if told != {k: v for k, v in signs.items() if v}:
            return f"status or count: {dict(signs)}"
        return ""

    def _steady(self, _, n, last="") -> str:
        moves = [then - now for then, now in self._ranks().values()]
        return "" if len(moves) == whole(n) and max(map(abs, moves)) <= 1 else "moves"

    def _steady_among(self, _, **words) -> str:
        is_among = len(self._ranks()) < len(self.truth.score(self.truth.root))
        return self._steady(_, **words) if is_among else "among all"

    # Facts of one city.

    def _place(self, city, name, score, n, rank, moved, side, group, joint="") -> str:
        code = self.truth.root
        wrong = []
        scores = self.truth.score(code)
        ranks = self.truth.rank(code)
        if self._unit(name, code, wrong) != city or not self._is_score(
            score, scores[city]
        ):
            wrong.append("score")
        joint, rank = joint or "并列" in rank, rank.removeprefix("并列")
        shown = (
            1 if rank == "首位" else whole(rank.removeprefix("第").removesuffix("位"))
        )
        if shown != ranks[city] or whole(n) != len(scores):
            wrong.append("rank")
        if bool(joint) != (shown == 1 and (ranks == 1).sum() > 1):
            wrong.append("joint")
        away = [float(x) for x in re.findall(r"\d+(?:\.\d+)?", side)] or [0.0]
        if not side:
            away = [float(score.rstrip("†‡").replace("−", "-"))]
            if abs(scores.mean()) > half_unit(score.rstrip("†‡")):
                wrong.append("no mean")
        way = -1 if "低" in side or "below" in side else 1
        gap = scores[city] - scores.mean()
        half = half_unit(score.rstrip("†‡"))
        if abs(way * away[0] - gap) > half:
            wrong.append("mean")
        if moved:
            among = "两届均参评" in moved or "of both editions" in moved
            then, now = self._ranks().get(city, (0, 0))
            change = then - now
            numbers = [int(x) for x in re.findall(r"(\d+)(?:st|nd|rd|th|位)", moved)]
            kept = "持平" in moved or ", as in" in moved or "unchanged" in moved
            up = "上升" in moved or ", up" in moved
            expected = [] if kept else [abs(change)] if self.zh else [then]
            if among and not self.zh and not kept:
                numbers = [whole(re.search(r"(?:up|down) (\S+) place", moved)[1])]
                expected = [abs(change)]
            if not then or numbers != expected or among != self._is_among():
                wrong.append("status or move")
            elif (change == 0) != kept or (change > 0) != up:
                wrong.append("way")
        if group:
            match = re.search(self.words["group"], group, re.IGNORECASE)
            fits = [units for units in self._groups(match[0]) if city in units]
            own = [int(ranks[units].rank(method="min")[city]) for units in fits]
            told = [
                whole(x)
                for x in re.findall(
                    rf"\b{self.words['r']}", group.replace(match[0], "")
                )
            ]
            if self.zh:
                told = [int(x) for x in re.findall(r"\d+", group.replace(match[0], ""))]
                told = [1, *told] if "首位" in group else told[::-1]
            sizes = [[rank, len(units)] for rank, units in zip(own, fits, strict=True)]
            counted = [
                whole(x) for x in re.findall(rf"the ({self.words['n']}) ", group)
            ]
            told = told if self.zh else [told[0], *counted]
            if told not in sizes:
                wrong.append(f"in group: {told}, not {sizes}")
        return "; ".join(wrong)

    def _printed_move(self, city, now, before=None, last="") -> str:
        code = self.truth.root
        then = whole(before) if before else whole(now)
        known = (
            self.truth.now_in_print.get((city, code)),
            self.truth.earlier.get((city, code)),
        )
        return "" if known == (whole(now), then) else f"printed: {known}"

    _printed_same = _printed_move

    def _ranks_of(self, city) -> dict[str, int]:
        ranks = {
            c: self.truth.rank(c).get(city) for c in self._children(self.truth.root)
        }
        return {code: int(rank) for code, rank in ranks.items() if rank is not None}

    def _city_parts(self, city, parts, by="") -> str:
        ranks = self._ranks_of(city)
        nodes = self.words["nodes"]
        sign = r"(?:（逆向）)?" if self.zh else r"(?: \(reversed\))?"
        pattern = (
            rf"({nodes}{sign}均?)列(第\d+{MARK}位|(?:并列)?首位{MARK})"
            if self.zh
            else rf"((?:joint )?{self.words['r']}) in ({nodes}{sign})"
        )
        told = [*re.finditer(pattern, parts, re.IGNORECASE)]
        left = re.sub(pattern, "", parts, flags=re.IGNORECASE)
        if not told or re.sub(r"，|, and |, | and |; and |; ", "", left):
            return f"unread: {left}"
        for match in told:
            names, rank = match.groups() if self.zh else match.groups()[::-1]
            joint = "并列" in rank or "joint" in rank
            rank = rank.removeprefix("并列").removeprefix("joint ")
            plain = rank.removeprefix("第").removesuffix("位")
            shown = 1 if rank.startswith("首位") else whole(plain)
            several = re.findall(self.words["node"], names, re.IGNORECASE)
            if self.zh and names.endswith("均") != (len(several) > 1):
                return f"均: {names}"
            for name in several:
                codes = [c for c in self._codes(name) if ranks.get(c) == shown]
                marks = mark_of(rank) or mark_of(plain)
                if not codes or marks != self.truth.gap(city, codes[0]):
                    return f"{name}: {ranks}"
                if joint != (shown == 1 and (self.truth.rank(codes[0]) == 1).sum() > 1):
                    return f"{name}: joint"
                reverse = ("（逆向）" if self.zh else " (reversed)") in names
                if reverse != self.truth.is_reverse(codes[0]):
                    return f"{name}: upside down"
        return ""

    def _even(self, city, kind, low, high, n=None, marks="") -> str:
        ranks = self._ranks_of(city)
        gaps = {*"".join(self.truth.gap(city, code) for code in ranks)}
        ends = (min(ranks.values()), max(ranks.values())) == (whole(low), whole(high))
        ok = ends and self._is_kind(kind, self.truth.root) and {*marks} == gaps
        parts = len(self._children(self.truth.root))
        is_whole = len(ranks) == parts and (n is None or whole(n) == parts)
        return "" if ok and is_whole else f"ends: {ranks}"

    def _lowest_nodes(self) -> list[str]:
        tree = self.truth.tree
        scored = [node.code for node in tree.nodes if len(self.truth.score(node.code))]
        below = self._children(self.truth.root)
        return [
            code
            for code in scored
            if code not in (self.truth.root, *below)
            and not any(child.code in scored for child in tree.children(code))
        ]

    def _parts_ends(self, city, best, worst, by="") -> str:
        """Judge the nodes of the two best ranks and of the lowest one, all of them."""
        ranks = self._ranks_of(city)
        far = sorted({*ranks.values()})
        pattern = (
            rf"({self.words['node']})(?:（逆向）)?（(?:并列)?(首位|第\d+){MARK}位?）"
            if self.zh
            else rf"({self.words['node']})(?: \(reversed\))? \((?:joint )?(\d+)\w\w{MARK}\)"
        )
        for text, ends in ((best, far[:2]), (worst, far[-1:])):
            told = {
                (n, 1 if r == "首位" else int(r.removeprefix("第")))
                for n, r in re.findall(pattern, text, re.IGNORECASE)
            }
            codes = {c for n, r in told for c in self._codes(n) if ranks.get(c) == r}
            if codes != {c for c in ranks if ranks[c] in ends} or len(told) != len(
                codes
            ):
                return f"{text}: {ranks}"
        return "" if len(far) > 4 else "few ranks"

    def _both(self, city, strong="", weak="", n=None) -> str:
        if n is not None and whole(n) != len(self.truth.rank(self.truth.root)):
            return "n"
        ranks = {code: self.truth.rank(code).get(city) for code in self._lowest_nodes()}
        ranks = {code: int(rank) for code, rank in ranks.items() if rank is not None}
        upper = {code for code in ranks if self._half(city, code, 1)}
        lower = {code for code in ranks if self._half(city, code, -1)}
        if bool(strong) != bool(upper) or bool(weak) != bool(lower):
            return "half left out"
        for parts, half, best in ((strong, upper, True), (weak, lower, False)):
            if parts and (problem := self._extremes(city, parts, ranks, half, best)):
                return problem
        return ""

    _strengths = _weaknesses = _both

    def _apart(self, parts) -> str:
        """Return names that share a rank, each with this rank."""
        pattern = rf"({self.words['nodes']})（均为((?:并列)?第[^位]*位)）"
        if not self.zh:
            pattern = rf"({self.words['nodes']}) \((all|both) ([^)]*)\)"

        def each(match) -> str:
            names = re.findall(self.node_words, match[1], re.IGNORECASE)
            if len(names) < 2 or (
                not self.zh and (len(names) == 2) != (match[2] == "both")
            ):
                return ""
            gap = ("（{}）", "、") if self.zh else (" ({})", ", ")
            return gap[1].join(
                name + gap[0].format(match[match.lastindex]) for name in names
            )

        return re.sub(pattern, each, parts, flags=re.IGNORECASE)

    def _extremes(self, city, parts, ranks, half, best) -> str:
        shown = self.node_words
        told = {}
        pattern = rf"(?P<name>{shown})（(?P<turned>逆向，)?(?P<joint>并列)?第"
        pattern += rf"(?P<rank>\d+)(?P<mark>{MARK})位）"
        if not self.zh:
            pattern = (
                rf"(?P<name>{shown}) \((?P<joint>joint )?(?P<rank>\d+)(?:st|nd|rd|th)"
                rf"(?P<mark>{MARK})(?P<turned>; lower is better)?\)"
            )
        for match in re.finditer(pattern, self._apart(parts), re.IGNORECASE):
            codes = [
                c
                for c in self._codes(match["name"])
                if ranks.get(c) == int(match["rank"]) and c in half and c not in told
            ]
            if not codes:
                return f"{match[0]}: not in that half"
            if bool(match["turned"]) != self.truth.is_reverse(codes[0]):
                return f"{match[0]}: upside down"
            if match["mark"] != self.truth.gap(city, codes[0]):
                return f"{match[0]}: mark"
            everyone = [*self.truth.rank(codes[0])]
            is_joint = (
                min(everyone) == ranks[codes[0]] and everyone.count(min(everyone)) > 1
            )
            if bool(match["joint"]) != is_joint:
                return f"{match[0]}: shared"
            told[codes[0]] = int(match["rank"])
        rest = [ranks[code] for code in half if code not in told]
        if best:
            return (
                ""
                if told and min(rest, default=999) >= max(told.values())
                else "better ones"
            )
        return (
            "" if told and max(rest, default=0) <= min(told.values()) else "worse ones"
        )

    def _half(self, city, code, sign) -> bool:
        ranks = sign * self.truth.rank(code)
        return 2 * (ranks <= ranks[city]).sum() <= len(ranks)

    def _grown(
        self, city, name, mean, own=None, before=None, now=None, last="", way=1
    ) -> str:
        """Judge growth, or a loss where `way` is -1: no base is far below the others."""
        data = self.truth.result.dataset
        truth = self.truth
        codes = [c for c in self._codes(name) if (city, c) in truth.before]
        for code in codes:
            value = truth.raw.at[city, code]
            then = truth.before[city, code]
            inputs = [code, *(p.code for p in truth.tree.ingredients_of(code))]
            status = {
                data.basis[data.row(city), data.column(part)]
                for part in inputs
                if part in data.codes
            }
            pairs = [
                (truth.raw.at[u, code], truth.before[u, code])
                for u in truth.every
                if (u, code) in truth.before and not truth.gap(u, code)
            ]
            is_share = truth.tree[code].uom.startswith("%")
            least = float(np.median([b for _, b in pairs])) / 10
            if not is_share:
                pairs = [(x, b) for x, b in pairs if b > max(least, 0)]
                if then <= least:
                    return f"{name}: {then} is next to nothing"
            moves = [x - b if is_share else 100 * (x / b - 1) for x, b in pairs]
            expected = value - then if is_share else 100 * (value / then - 1)
            average = float(np.nanmean(moves))
            is_right = own is None or near(own, way * expected, 0.05 + 1e-9)
            if not is_right or way * expected < 5 or bool(before) != is_share:
                return f"{name}: {expected}"
            is_beyond = way * expected > way * average
            if not near(mean, average, 0.05 + 1e-9) or not is_beyond:
                return f"{name}: mean {average}"
            if before and not (
                near(before, then, 0.05 + 1e-9) and near(now, value, 0.05 + 1e-9)
            ):
                return f"{name}: from {then} to {value}"
            if "synthetic" in status or truth.gap(city, code) or truth.is_reverse(code):
                return f"{name}: status {status}"
        return "" if codes else "no growth"

    _grown_share = _grown

    def _shrunk(self, city, **words) -> str:
        return self._grown(city, **words, way=-1)

    _shrunk_share = _shrunk

    def _missing(self, _) -> str:
        return ""

    _estimated = _missing


_OF = "(?:{node=node}|综合)", "(?:{node=node}|Overall): "
#: Messages of figures: kind, pattern in Chinese and in English; words that only these have.
MESSAGES = (
    (
        "title_leads",
        "{city=city}" + _OF[0] + "得分领先{gap=x}分",
        _OF[1] + "{city=city} leads by {gap=x} points",
    ),
    (
        "title_close",
        _OF[0] + "名次第{first=n}至{last=n}位的城市首尾相差{gap=x}分",
        _OF[1] + "{gap=x} points between ranks {first=n} and {last=n}",
    ),
    (
        "title_parts",
        "{city=city}" + _OF[0] + "各(?P<kind>维度|分项|指标|领域)均居首",
        _OF[1]
        + "{city=city} ranks first in every (?P<kind>dimension|component|indicator|domain)",
    ),
    (
        "title_groups",
        "{group=group}各(?:维度|领域)平均得分最高",
        "The {group=group} have the highest mean in every (?:dimension|domain)",
    ),
    (
        "title_rose",
        "与{last=any}相比，{city=city}" + _OF[0] + "名次升幅最大",
        _OF[1] + "{city=city} has risen most since {last=any}",
    ),
    (
        "title_apart",
        _OF[0] + "名次第{first=n}至{last=n}位的城市难分先后",
        _OF[1] + "the order of the cities ranked {first=n} to {last=n} is uncertain",
    ),
)
MESSAGE_WORDS = (
    r"领先|居首|首尾相差|最高|升幅|难分| leads? | points between | risen "
    r"|highest mean|first in every | uncertain"
)
_TOP_ZH = "(?:前{top=n}位|(?P<half>前半段))"
_TOP = r"(?:top {top=n}|(?P<half>upper half of the ranking))"
_RUNS = "在{n=n}次不确定性模拟中，"
_AT = r"(?:总体看，|{node=node}(?:方面)?，)?"
_BY = (
    r"(?P<by>分(?:维度|项|指标|领域)看)，",
    "(?P<by>By (?:dimension|component|indicator), |)",
)
_AMONG = "(?:{n=n}座城市中，)?", "(?:Among the {n=n} cities, )?"
_KIND = (
    "(?P<kind>维度|分项|指标|领域)",
    "(?P<kind>dimensions|components|indicators|domains)",
)
_MOVED = (
    r"(?P<moved>，(?:在两届均参评的城市中)?"
    r"(?:与(?!平均值)[^，]+?持平|较[^，]+?[上下][升降]\d+位)|)",
    r"(?P<moved>, as in [^,]+,|, (?:up|down) from \d+\w\w in [^,]+,"
    r"|, (?:unchanged|(?:up|down) \S+ places?) since [^,]+ among the cities of both editions,|)",
)
#: Kind, pattern in Chinese and in English; {NAME=WORD} see `ChapterClaims.words`.
PATTERNS = (
    (
        "joint",
        _AT + "{cities=cities}同为{score=x}分，并列首位。",
        r"{cities=cities} share first place in {node=node} with {score=x} points\.",
    ),
    (
        "on_gaps",
        _AT + "{city=city}居首（{score=x}分，(?P<basis>[^）]*)）(?P<rest>.*?)。",
        r"{city=city} ranks first in {node=node} \({score=x}\), (?P<basis>(?:but )?with [^;.]*)"
        r"(?P<rest>; .*?|)\.",
    ),
    (
        "clear",
        _AT + "{city=city}以{score=x}分居首，领先{second=cities}{gap=x}分"
        "(?:，其中{points=x}分来自{part=node}(?P<behind>；[^。]*)?)?。",
        r"{city=city} ranks first in {node=node} with {score=x} points, {gap=x} ahead of "
        r"{second=cities}(?:, of which {part=node} accounts for {points=x}(?P<behind>; [^.]*)?)?\.",
    ),
    (
        "close",
        _AT + "{city=city}以{score=x}分位列第一，仅比{second=cities}高{gap=x}分。",
        r"{city=city} ranks first in {node=node} with {score=x} points, only {gap=x} ahead of "
        r"{second=cities}\.",
    ),
    (
        "level",
        _AT + "{city=city}以{score=x}分位列第一，略高于{second=cities}。",
        r"{city=city} ranks first in {node=node} with {score=x} points, just ahead of "
        r"{second=cities}\.",
    ),
    (
        "followed",
        _AT + "{city=city}居首（{score=x}分），其次为{others=rest}。",
        (
            r"{city=city} ranks first in {node=node} with "
            r"{score=x} points, followed by {others=rest}\."
        ),
    ),
    (
        "rests",
        "{first=city}领先{second=city}{gap=x}分，其中{points=x}分来自{part=node}"
        "(?P<behind>；[^。]*)?。",
        r"Of its lead of {gap=x} points over {second=city}, {points=x} come from {part=node}"
        r"(?P<behind>; [^.]*)?\.",
    ),
    (
        "rests_alone",
        "{first=city}领先{second=city}，主要源于{part=node}(?P<behind>；[^。]*)?。",
        r"{first=city} owes its lead over {second=city} mainly to {part=node}"
        r"(?P<behind>; [^.]*)?\.",
    ),
    (
        "rests_gap",
        "差距主要源于{part=node}(?P<behind>；[^。]*)?。",
        r"The lead rests mainly on {part=node}(?P<behind>; [^.]*)?\.",
    ),
    (
        "top_five",
        "{cities=cities}分列第(?P<places>4、5|3至5)位。",
        r"{cities=cities} complete the top five\.",
    ),
    (
        "all_led",
        _AT + f"{{city=city}}包揽全部{{n=n}}个{_KIND[0]}的首位。",
        rf"{{city=city}} ranks first in all {{n=n}} {_KIND[1]}\.",
    ),
    (
        "even",
        f"各{_KIND[0]}均列第{{low=n}}(?:至|或第){{high=n}}位(?P<marks>{MARK})。",
        rf"It ranks (?:between )?{{low=r}} (?:and|or) {{high=r}} in all {{n=n}} {_KIND[1]}"
        rf"(?P<marks>{MARK})\.",
    ),
    (
        "parts_ends",
        _BY[0] + "{best=rest}名次较高，{worst=rest}名次最低。",
        rf"{_BY[1]}it does best in {{best=rest}} and worst in {{worst=rest}}\.",
    ),
    (
        "led",
        _BY[0] + "(?P<parts>[^。]*?(?:居首|最[低短少小多高长大]|(?<!列)并列首位))。",
        rf"{_BY[1]}"
        r"(?P<parts>{one=cities} "
        r"(?:is first|are joint first|share first place|ha(?:s|ve) the (?:lowest|shortest|fewest)) "
        r"(?:\([^)]*\)|[^()])+?)\.",
    ),
    (
        "none_led",
        f"{{city=city}}总分居首，但各{_KIND[0]}均非第一。",
        rf"{{city=city}} ranks first overall without being first in any of the {_KIND[1]}\.",
    ),
    (
        "few_above",
        "{n=n}座城市平均{mean=x}分，仅{k=n}座高于平均水平。",
        r"Only {k=n} of the {n=n} cities exceeds? the average of {mean=x} points\.",
    ),
    (
        "above_mean",
        "{n=n}座城市平均得分{mean=x}分，{k=n}座(?:（{share=x}%）)?高于平均水平。",
        r"The {n=n} cities average {mean=x} points; "
        r"{k=n} of them(?: \({share=x}%\))? are above the "
        r"average\.",
    ),
    (
        "half_above",
        "{n=n}座城市平均得分{mean=x}分，约半数高于平均水平。",
        r"The {n=n} cities average {mean=x} points, and about half of them are above the average\.",
    ),
    (
        "middle",
        "得分居中的一半城市在{low=x}～{high=x}分之间。",
        r"The middle half of the cities score between {low=x} and {high=x} points\.",
    ),
    (
        "drop",
        "第{i=n}、{j=n}位相差{gap=x}分，第\\d+至{last=n}位彼此相差不超过{within=x}分。",
        r"{city=city}, in {i=r} place, is {gap=x} points "
        r"ahead of {next=city}; the cities in {j=r} to "
        r"{last=r} place lie within {within=x} points of one another\.",
    ),
    (
        "ties",
        "{cities=cities}并列第{rank=r}位。",
        "{cities=cities} share {rank=r} place\\.",
    ),
    (
        "unrelated",
        "{a=rest}与{b=rest}得分无明显关联（r = {r=x}）。",
        r"Scores in {a=rest} and {b=rest} show no clear relation \(r = {r=x}\)\.",
    ),
    (
        "settled",
        _RUNS + "90%以上的结果为{city=city}居首。",
        r"{city=city} comes first in at least 90% of {n=n} simulations of the Index\.",
    ),
    (
        "unsettled",
        "{cities=cities}的先后难以分辨："
        + _RUNS
        + "每座城市都可能列第{first=n}至{last=n}位。",
        r"The order of {cities=cities} is uncertain: in {n=n} simulations of the Index, each of "
        r"them may rank anywhere from {first=r} to {last=r}\.",
    ),
    (
        "range",
        _RUNS + "{one=city}的名次有90%落在第{low=n}(?:至|或第){high=n}位。",
        r"In 90% of {n=n} simulations of the Index, it ranks (?:between )?{low=r} (?:and|or) "
        r"{high=r}\.",
    ),
    (
        "range_one",
        _RUNS + "{one=city}的名次有90%以上为第{low=n}位。",
        r"It keeps {low=r} place in at least 90% of {n=n} simulations of the Index\.",
    ),
    (
        "sizes",
        "{n=n}座城市中，(?P<first>[^，。\\d]+?){k=n}座、(?P<second>[^，。\\d]+?){rest=n}座。",
        r"(?:In all, )?{k=n} of the {n=n} are (?P<group>[^.]+?)\.",
    ),
    (
        "over",
        "参评的{n=n}(?P<per>[座个]){group=group}中，有{k=n}(?P=per)进入"
        + _TOP_ZH
        + "。",
        r"{k=n} of the {n=n} {group=group} are in the " + _TOP + r"\.",
    ),
    (
        "all_in",
        "{n=n}(?P<per>[座个]){group=group}均进入" + _TOP_ZH + "。",
        r"All {n=n} {group=group} are in the " + _TOP + r"\.",
    ),
    (
        "upper",
        "{n=n}(?P<per>[座个]){group=group}均排在前半段。",
        r"All {n=n} {group=group} are in the upper half of the ranking\.",
    ),
    (
        "none_in",
        "{group=group}无一进入" + _TOP_ZH + "，最靠前的{city=city}列第{rank=r}位。",
        r"None of the {n=n} {group=group} is in the "
        + _TOP
        + r"; the highest-placed is "
        r"{city=city} \({rank=r}\)\.",
    ),
    (
        "group_mean",
        "{group=group}平均{mean=x}分，比总体平均高{gap=x}分(?P<without>；不计[^。]*)?。",
        r"The {group=group} average {mean=x} points"
        r"(?P<without> \(\d+(?:\.\d+)? without {one=city}\))?, {gap=x} above the overall mean\.",
    ),
    (
        "group_mean_zero",
        "{group=group}平均{mean=x}分，总体平均为0分(?P<without>；不计[^。]*)?。",
        r"The {group=group} average {mean=x} points"
        r"(?P<without> \(\d+(?:\.\d+)? without {one=city}\))?; the overall mean is 0\.",
    ),
    (
        "group_first",
        "(?P<parts>{one=group}中{two=city}最靠前（第[^。]*?）)。",
        r"(?P<parts>{one=city} ranks highest among the [^.]*?\))\.",
    ),
    (
        "entry",
        "{city=city}首次参评，列第{rank=r}位。",
        r"{city=city} enters the ranking in {rank=r} place\.",
    ),
    (
        "entries",
        "{cities=cities}为首次参评。",
        r"{cities=cities} are assessed for the first time\.",
    ),
    (
        "many_entries",
        "首次参评的{n=n}座城市中，{city=city}最靠前（第{rank=r}位）。",
        r"Of the {n=n} cities assessed for the first time, {city=city} ranks highest "
        r"\({rank=r}\)\.",
    ),
    (
        "left",
        "{city=city}（{last=rest}第{rank=n}位）本届未参评。",
        r"{city=city}, {rank=r} in {last=rest}, is no longer assessed\.",
    ),
    (
        "moves_among",
        "与{last=any}相比，可比的{n=n}座城市单独排位后，{parts=rest}。",
        r"Of the {n=n} cities in both editions, ranked among themselves, {parts=rest}\.",
    ),
    (
        "counts",
        "这些城市中，(?P<parts>\\d+座名次[^。]*?)(?:，前{same=n}位未变)?。",
        r"Of these cities, (?P<parts>{two=n} "
        r"(?:rose|fell|kept)[^;.]*)(?:; the first {same=n} are unchanged)?\.",
    ),
    (
        "same_top",
        "进入前10位的城市与{last=rest}相同。",
        r"The top ten are the same cities as in {last=rest}\.",
    ),
    (
        "moves_some",
        "{last=any}名次(?P<known>已公布|已知)的{n=n}座城市中，{parts=rest}。",
        r"Among the {n=n} cities whose rank in {last=any} "
        r"(?P<known>was published|is known), {parts=rest}\.",
    ),
    (
        "moves",
        "与{last=any}相比，可比的{n=n}座城市中，{parts=rest}。",
        r"Of the {n=n} cities with ranks in both editions, {parts=rest}\.",
    ),
    (
        "cause",
        "{city=city}得分提高{total=x}分，其中(?P<part>[^，。]+?)贡献{points=x}分"
        "(?P<filled>，[^。]*)?。",
        r"{city=city} gained {total=x} points, {points=x} of them in (?:the )?"
        r"(?P<part>(?:\([^)]*\)|[^();])+?)(?P<filled>; another .*?)?\.",
    ),
    (
        "cause_alone",
        "{city=city}得分提高{total=x}分，主要源于(?P<part>[^，。]+?)"
        "(?P<filled>，[^。]*)?。",
        r"{city=city} gained {total=x} points, mainly in (?:the )?"
        r"(?P<part>(?:\([^)]*\)|[^();])+?)(?P<filled>; another .*?)?\.",
    ),
    (
        "cause_fall",
        "{city=city}得分下降{total=x}分，其中{points=x}分来自(?P<part>[^，。]+?)"
        "(?P<filled>，[^。]*)?。",
        r"{city=city} lost {total=x} points, {points=x} of them in (?:the )?"
        r"(?P<part>(?:\([^)]*\)|[^();])+?)(?P<filled>; another .*?)?\.",
    ),
    (
        "cause_fall_alone",
        "{city=city}得分下降{total=x}分，主要源于(?P<part>[^，。]+?)"
        "(?P<filled>，[^。]*)?。",
        r"{city=city} lost {total=x} points, mainly in (?:the )?"
        r"(?P<part>(?:\([^)]*\)|[^();])+?)(?P<filled>; another .*?)?\.",
    ),
    (
        "filled_only_fall",
        "{city=city}得分下降{total=x}分，其中{points=x}分源于{part=rest}"
        "（{last=any}缺失，本届有实际数据）。",
        r"{city=city} lost {total=x} points, of which {points=x} reflect {part=rest}, "
        r"missing in {last=rest}\.",
    ),
    (
        "filled_only",
        "{city=city}得分提高{total=x}分，其中{points=x}分源于{part=rest}"
        "（{last=any}缺失，本届有实际数据）。",
        r"{city=city} gained {total=x} points, of which {points=x} reflect {part=rest}, "
        r"missing in {last=rest}\.",
    ),
    (
        "steady",
        "与{last=any}相比，可比的{n=n}座城市名次变动均不超过1位。",
        r"None of the {n=n} cities with ranks in both editions moved by more than one place\.",
    ),
    (
        "steady_among",
        "与{last=any}相比，可比的{n=n}座城市单独排位后，名次变动均不超过1位。",
        r"None of the {n=n} cities in both editions, "
        r"ranked among themselves, moved by more than one "
        r"place\.",
    ),
    (
        "top_pair",
        "{n=n}对城市中，(?P<pairs>.*?)。",
        r"The (?P<pairs>{one=city}–{two=city}) link is the strongest of the {n=n}, followed by "
        r"(?P<others>.*?)\.",
    ),
    (
        "place",
        "{name=city}得分为{score=x}，在{n=n}座城市中列"
        rf"(?P<rank>第\d+位|(?:并列)?首位){_MOVED[0]}"
        r"(?P<side>，比平均分高[\d.]+分|，比平均分低[\d.]+分|，与平均值持平|)(?P<group>，在[^。]*?)?。",
        rf"{{name=city}} ranks (?P<joint>joint )?{{rank=r}} of {{n=n}}{_MOVED[1]} with a score of "
        r"{score=x}"
        r"(?P<side>, [\d.]+ (?:above|below) the mean|, level with the mean|)"
        r"(?P<group>, and [^.]*?)?\.",
    ),
    (
        "printed_move",
        "{one=city}列第{now=r}位，{last=rest}为第{before=r}位。",
        r"The published index ranks it {now=r}; in {last=rest} it ranked {before=r}\.",
    ),
    (
        "printed_same",
        "{one=city}列第{now=r}位，与{last=rest}持平。",
        r"The published index ranks it {now=r}, as in {last=rest}\.",
    ),
    (
        "city_parts",
        _BY[0] + "(?P<parts>[^。]*?列[^。]*?位)。",
        rf"{_BY[1]}it ranks "
        r"(?P<parts>(?:joint )?{one=r} in (?:\([^)]*\)|[^()])+?)\.",
    ),
    (
        "both",
        _AMONG[0] + "相对靠前的指标："
        "(?P<strong>[^。；]*)；相对靠后的指标：(?P<weak>[^。]*)。",
        _AMONG[1] + r"it does best on (?P<strong>.*?); it does worst on {weak=rest}\.",
    ),
    (
        "strengths",
        _AMONG[0] + "相对靠前的指标：(?P<strong>[^。；]*)。",
        _AMONG[1] + r"it does best on {strong=rest}\.",
    ),
    (
        "weaknesses",
        _AMONG[0] + "相对靠后的指标：(?P<weak>[^。；]*)。",
        _AMONG[1] + r"it does worst on {weak=rest}\.",
    ),
    (
        "grown_share",
        "{name=node}由{last=any}的{before=x}%升至{now=x}%"
        "（两届均有数据的城市平均为\\+?{mean=x}个百分点）。",
        r"(?:The figure for )?{name=node} rose from {before=x}% in {last=any} to {now=x}% "
        r"\(average of the cities with both figures: \+?{mean=x} percentage points\)\.",
    ),
    (
        "grown",
        "{name=node}较{last=any}增长{own=x}%（数据可比的城市平均为\\+?{mean=x}%）。",
        r"(?:The figure for )?{name=node} rose by {own=x}% since {last=any} "
        r"\(average of the cities with comparable figures: \+?{mean=x}%\)\.",
    ),
    (
        "shrunk_share",
        "{name=node}由{last=any}的{before=x}%降至{now=x}%"
        "（两届均有数据的城市平均为\\+?{mean=x}个百分点）。",
        r"(?:The figure for )?{name=node} fell from {before=x}% in {last=any} to {now=x}% "
        r"\(average of the cities with both figures: \+?{mean=x} percentage points\)\.",
    ),
    (
        "shrunk",
        "{name=node}较{last=any}下降{own=x}%（数据可比的城市平均为\\+?{mean=x}%）。",
        r"(?:The figure for )?{name=node} fell by {own=x}% since {last=any} "
        r"\(average of the cities with comparable figures: \+?{mean=x}%\)\.",
    ),
    ("missing", "†：至少一项指标缺失。", "†: at least one indicator is missing\\."),
    (
        "estimated",
        "‡：至少一项指标为估算值。",
        "‡: at least one indicator is estimated\\.",
    ),
)
