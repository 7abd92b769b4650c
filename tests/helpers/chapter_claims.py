"""Reads chapters of reports and checks each statement in them against the values of the index.

Whatever no pattern reads is reported as unread, so that no superlative passes unseen.
"""

import re
from collections import Counter
from dataclasses import dataclass, field

import docx
import numpy as np
from docx.oxml.ns import qn
from index_truth import IndexTruth

HALF = 0.005 + 1e-9
#: What stands before sentences, and behind the last one of a paragraph.
BEFORE = re.compile(r"\[[A-Z][^\]]*\] ?|［[^］]*］")
BEHIND = re.compile(r"(?: \((?:Table|Figure)[^()]*\)|（见[^（）]*）)$")
X, N, MARK = r"([−-]?[\d.]+)([†‡]*)", r"(\d+)", "[†‡]*"


@dataclass
class Checked:
    """How many statements of a kind were read, which are false, and what nobody read."""

    read: Counter = field(default_factory=Counter)
    false: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)

    def __iadd__(self, other: "Checked") -> "Checked":
        self.read += other.read
        self.false += other.false
        self.unread += other.unread
        return self


def number(text: str) -> float:
    return float(text.replace("−", "-"))


def near(text: str, value: float, half: float = HALF) -> bool:
    return abs(number(text) - value) <= half


def half_unit(text: str) -> float:
    """Return half a unit of the last decimal of a number in print."""
    return 0.5 * 10.0 ** -len(text.partition(".")[2]) + 1e-9


def city_head(zh: bool) -> str:
    """Return the heading of the column of cities."""
    return "城市" if zh else "City"


def sections(path) -> list[tuple[str, str]]:
    """Return the paragraphs of a document with the headings above them."""
    found, heading = [], ""
    for paragraph in docx.Document(str(path)).paragraphs:
        if paragraph.style.name == "Heading 1":
            heading = paragraph.text
        elif paragraph.style.name == "Normal" and paragraph.text.strip():
            text = BEFORE.sub("", BEHIND.sub("", paragraph.text.strip()))
            found.append((heading, text))
    return found


def tables(path, gap: str = " ") -> list[tuple[str, list[list[str]]]]:
    """Return the tables of a document with the captions above them."""
    document, title, found = docx.Document(str(path)), "", []
    for block in document.element.body.iterchildren():
        if block.tag.endswith("}p"):
            paragraph = docx.text.paragraph.Paragraph(block, document)
            if paragraph.style.name == "Caption":
                title = re.sub(r"^(?:Table|表)\s\d+\s+", "", paragraph.text)
        elif block.tag.endswith("}tbl"):
            rows = [row.findall(qn("w:tc")) for row in block.iter(qn("w:tr"))]
            found.append((title, [[_words(cell, gap) for cell in row] for row in rows]))
    return found


def _words(cell, gap: str) -> str:
    """Return the text of a cell, with a gap for each end of a line."""
    parts = cell.iter(qn("w:t"), qn("w:br"))
    return "".join(gap if part.tag == qn("w:br") else part.text or "" for part in parts)


class ChapterClaims:
    """Checks the statements of one document in one language."""

    def __init__(self, truth: IndexTruth, lang: str) -> None:
        self.truth, self.zh = truth, lang == "zh"
        #: Scores have the decimals that ranks are made on, two where all decimals count.
        rank = truth.result.recipe.step_for("rank", truth.root)
        self.places = 2 if rank is None else int(rank.get("round_to", 2))
        #: Cities are compared with those that are scored with them.
        self.truths = {
            group: IndexTruth(truth.index, truth.report, group, truth.own_earlier, truth.before)
            for group in truth.result.populations
        }
        at = 0 if self.zh else 1
        unit_names = {u.id: (u.name_zh or u.name_en or u.id, u.name_en or u.id)[at]
                      for u in truth.every.values()}  # fmt: skip
        self.unit = {name: unit for unit, name in unit_names.items()}
        self.code = {}
        for node in truth.tree.nodes:
            name = (node.name_zh or node.name_en or node.code,
                    node.name_en or node.name_zh or node.code)[at]  # fmt: skip
            self.code.setdefault(name, []).append(node.code)
        self.group = {}
        for attribute, title, label, units in truth.groups:
            self.group.setdefault(label[at], []).append((attribute, title[at], units))

        def words(names) -> str:
            return "(?:" + "|".join(map(re.escape, sorted(names, key=len, reverse=True))) + ")"

        city, self.node_words = words(self.unit) + MARK, words(self.code)
        self.group_words = words(self.group) if self.group else "(?!)"
        node = f"({self.node_words})" if self.zh else f"(?:the )?({self.node_words})"
        join = "、" if self.zh else "(?:, | and )"
        self.words = {
            "node": node, "city": f"({city})", "cities": f"({city}(?:{join}{city})*)",
            "x": X, "n": N, "group": f"({self.group_words})",
            "year": "([^,.，。]+?)",
            "rest": "([^。]+?)" if self.zh else r"((?:\([^)]*\)|[^()])+?)",
            "of": r"(“[^”]+”(?:分组的.+?)?组|the group “[^”]+”(?: \(grouping “[^”]+”\))?)",
        }  # fmt: skip
        self.patterns = [
            (kind, re.compile(self._filled(pattern))) for kind, *both in PATTERNS
            for pattern in (both[at],)
        ]  # fmt: skip

    def _is_score(self, text: str, score: float) -> bool:
        """Tell whether a score in print is the one of the index, with as many decimals as due."""
        exact = len(text.partition(".")[2]) == self.places
        return exact and near(text, score, half_unit(text))

    def _filled(self, pattern: str) -> str:
        for name, word in self.words.items():
            pattern = pattern.replace(f"{{{name}}}", word)
        return pattern + (r"(?=\s|\S|$)" if self.zh else r"(?=\s|$)")

    def check(self, path) -> Checked:
        """Return what was read in a document, what is false and what was not read."""
        checked = Checked()
        for heading, text in sections(path):
            checked += self.check_text(heading, text)
        return checked

    def check_tables(self, path) -> Checked:
        """Return which weights, headings above scores and marks in tables are false."""
        checked = Checked()
        for title, rows in tables(path, "" if self.zh else " "):
            heads = rows[0]
            if ("对总分权重" if self.zh else "Effective weight") in heads:
                self._weights(title, rows, checked)
                continue
            self._named_scores(title, rows, checked)
            node = re.fullmatch(f"({self.node_words})(?:排名|: ranking)", title)
            if node:
                self._marked_ranking(self._codes(node[1]), title, rows, checked)
        return checked

    def _weights(self, title, rows, checked) -> None:
        at = rows[0].index("对总分权重" if self.zh else "Effective weight")
        expected = [self.truth.shares[leaf.code] for leaf in self.truth.tree.indicators]
        for row, share in zip(rows[1:], expected, strict=True):
            checked.read["weight"] += 1
            if not near(row[at], share, 0.00005 if len(row[at]) > 4 else HALF):
                checked.false.append(f"{title}: {row}, not {share}")

    def _named_scores(self, title, rows, checked) -> None:
        """Judge headings, and the names of nodes in the rows of a profile."""
        turned = {name for name, codes in self.code.items()
                  if all(map(self.truth.is_reverse, codes))}  # fmt: skip
        names = {cell.strip() for row in rows[:2] for cell in row}
        if ("平均值" if self.zh else "Mean") in rows[0]:
            names |= {row[0].strip() for row in rows}
        sign = "（逆向）" if self.zh else " (reversed)"
        checked.read["reversed name"] += sum(f"{name}{sign}" in names for name in turned)
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
        while text := text.strip():
            for kind, pattern in self.patterns:
                if (match := pattern.match(text)) is None:
                    continue
                checked.read[kind] += 1
                problem = getattr(self, f"_{kind}")(city, *match.groups())
                if problem:
                    checked.false.append(f"{heading}: {match[0]} [{problem}]")
                text = text[match.end() :]
                break
            else:
                checked.unread.append(f"{heading}: {text}")
                break
        return checked

    # Names and marks.

    def _codes(self, name: str) -> list[str]:
        return self.code[name]

    def _split(self, names: str) -> list[str]:
        return re.findall(self.words["city"], names)

    def _unit(self, name: str, code: str, wrong: list[str], *, moved: bool = False) -> str:
        unit = self.unit[re.sub(MARK + "$", "", name)]
        expected = self.truth.move_mark if moved else self.truth.gap
        if (mark := name[len(name.rstrip("†‡")) :]) != expected(unit, code):
            wrong.append(f"mark of {name}: {mark!r}")
        return unit

    def _of_any(self, node: str, judge) -> str:
        """Judge a statement by each node of a name; true if it is by one of them."""
        found = []
        for code in self._codes(node):
            wrong: list[str] = []
            judge(code, wrong)
            found.append("; ".join(wrong))
        return min(found, key=len)

    # Facts of a node.

    def _leaders(self, _, *words) -> str:
        node, k, names = words if self.zh else (words[1], words[0], words[2])

        def judge(code, wrong):
            units = [self._unit(name, code, wrong) for name in self._split(names)]
            ranks = self.truth.rank(code)
            shown = [ranks[unit] for unit in units]
            if shown != sorted(shown) or len(units) != int(k):
                wrong.append("order")
            if set(units) != set(ranks.index[ranks <= max(shown)]):
                wrong.append("who")

        return self._of_any(node, judge)

    def _first(self, _, *words) -> str:
        city, node, score, _mark, gap, _gap, second = self._by_language(words)

        def judge(code, wrong):
            unit = self._unit(city, code, wrong)
            ranks, scores = self.truth.rank(code), self.truth.score(code)
            seconds = [self._unit(name, code, wrong) for name in self._split(second)]
            if ranks[unit] != 1 or (ranks == 1).sum() > 1 or self.truth.gap(unit, code):
                wrong.append("first")
            if any(ranks[unit] != 2 for unit in seconds):
                wrong.append("second")
            if not self._is_score(score, scores[unit]):
                wrong.append("score")
            if abs(number(gap) - (number(score) - scores[seconds[0]])) > half_unit(score):
                wrong.append("gap")

        return self._of_any(node, judge)

    def _by_language(self, words):
        """Return the words of `first` in one order."""
        if self.zh:
            city, score, mark, node, second, gap, gap_mark = words
            return city, node, score, mark, gap, gap_mark, second
        return words

    def _first_on_gaps(self, _, *words) -> str:
        city, node, score, _mark, basis, rest = words
        if self.zh:
            city, score, _mark, node, basis, rest = words

        def judge(code, wrong):
            unit = self._unit(city, code, wrong)
            ranks, scores = self.truth.rank(code), self.truth.score(code)
            marks = self.truth.gap(unit, code)
            if ranks[unit] != 1 or not marks or not self._is_score(score, scores[unit]):
                wrong.append("first")
            leaves = [leaf.code for leaf in self.truth.tree.leaves_below(code)]
            lacking = sum(self.truth.gap(unit, leaf) == marks[0] for leaf in leaves)
            numbers = [int(n) for n in re.findall(r"\d+", basis)]
            told = {lacking} if self.zh else {lacking, len(leaves) - lacking}
            if numbers[0] not in told or (not self.zh and numbers[-1] != len(leaves)):
                wrong.append("basis")
            complete = [u for u in ranks.sort_values(kind="stable").index
                        if not self.truth.gap(u, code)]  # fmt: skip
            named = self._split(rest)
            if [self.unit[name] for name in named] != complete[:1]:
                wrong.append("complete")
            elif named and not near(re.findall(r"\d+\.\d\d", rest)[0], scores[complete[0]]):
                wrong.append("score of complete")

        return self._of_any(node, judge)

    def _missing(self, _) -> str:
        return ""

    _estimated = _missing

    def _above_mean(self, _, *words) -> str:
        n, node, mean, _mark, count, share, _ = words

        def judge(code, wrong):
            scores = self.truth.score(code)
            above = int((scores > scores.mean() + 1e-9).sum())
            if (len(scores), above) != (int(n), int(count)) or not near(mean, scores.mean()):
                wrong.append("mean")
            if not near(share, 100 * above / len(scores), 0.05 + 1e-9):
                wrong.append("share")

        return self._of_any(node, judge)

    def _range(self, _, *words) -> str:
        node, low, _a, worst, high, _b, best, sd, _c = words
        if self.zh:
            node, high, _a, best, low, _b, worst, sd, _c = words

        def judge(code, wrong):
            scores = self.truth.score(code)
            ends = (scores.idxmax(), high, best), (scores.idxmin(), low, worst)
            for unit, score, name in ends:
                if self._unit(name, code, wrong) != unit or not self._is_score(score, scores[unit]):
                    wrong.append(name)
            if not near(sd, scores.std(ddof=1)):
                wrong.append("sd")

        return self._of_any(node, judge)

    def _ties(self, _, *words) -> str:
        names, rank, node = words if not self.zh else (words[0], words[2], words[1])

        def judge(code, wrong):
            units = {self._unit(name, code, wrong) for name in self._split(names)}
            ranks = self.truth.rank(code)
            if units != set(ranks.index[ranks == int(rank)]):
                wrong.append("who")

        return self._of_any(node, judge)

    def _tier(self, _, *words) -> str:
        _tier, node, low, high, n, names = words
        if self.zh:
            names, n, node, _tier, low, high = words

        def judge(code, wrong):
            ranks = self.truth.rank(code)
            self._led(ranks[(ranks >= int(low)) & (ranks <= int(high))], n, names, code, wrong)

        return self._of_any(node, judge)

    def _led(self, inside, n, names, code, wrong) -> None:
        units = [self._unit(name, code, wrong) for name in self._split(names)]
        first = inside.sort_values(kind="stable")
        if len(inside) != int(n) or [inside[u] for u in units] != list(first[: len(units)]):
            wrong.append("who leads")

    def _group_tier(self, _, *words) -> str:
        of, _tier, node, low, high, n, names = words
        if self.zh:
            of, names, n, node, _tier, low, high = words

        def judge(code, wrong):
            ranks = self.truth.score(code).loc[self._members(of, code)]
            ranks = ranks.round(9).rank(ascending=False, method="min")
            self._led(ranks[(ranks >= int(low)) & (ranks <= int(high))], n, names, code, wrong)

        return self._of_any(node, judge)

    def _child_leaders(self, _, node, parts) -> str:
        def judge(code, wrong):
            children = [child.code for child in self.truth.tree.children(code)]
            for part in parts.split("；" if self.zh else "; "):
                problems = [self._child_leader(part, child) for child in children]
                if "" not in problems:
                    wrong.append(f"{part}: {[p for p in problems if p != 'not of it']}")

        return self._of_any(node, judge)

    def _child_leader(self, part: str, code: str) -> str:
        node = self.truth.tree[code]
        name = (node.name_zh or node.name_en) if self.zh else (node.name_en or node.name_zh)
        cities, name = self.words["cities"], re.escape(name)
        plain = f"{name}为{cities}" if self.zh else rf"{name} \({cities}\)"
        turned = f"{name}（逆向）为{cities}" if self.zh else rf"{name}, less is better \({cities}\)"
        lowest = f"{name}最低的为{cities}" if self.zh else rf"lowest {name} \({cities}\)"
        kinds = {"plain": plain, "turned": turned, "lowest": lowest}
        for kind, pattern in kinds.items():
            if match := re.fullmatch(pattern, part, 0 if self.zh else re.IGNORECASE):
                wrong: list[str] = []
                units = {self._unit(one, code, wrong) for one in self._split(match[1])}
                ranks = self.truth.rank(code)
                if units != set(ranks.index[ranks == 1]):
                    wrong.append("who is first")
                if (kind == "plain") == self.truth.is_reverse(code):
                    wrong.append("upside down")
                raw = self.truth.raw.get(code)
                if kind == "lowest" and set(raw.loc[[*units]]) != {raw.loc[self.truth.units].min()}:
                    wrong.append("not lowest")
                return "; ".join(wrong)
        return "not of it"

    def _closest(self, _, node, child, r) -> str:
        reverse = "（逆向）" if self.zh else " (less is better)"
        name = child.removesuffix(reverse).removeprefix("" if self.zh else "the score for ")

        def judge(code, wrong):
            strength = {}
            for one in self.truth.tree.children(code):
                both = self.truth.score(code).to_frame("a").join(self.truth.score(one.code))
                both = both.dropna()
                if len(both) > 2 and both.std().min() > 0:
                    strength[one.code] = float(np.corrcoef(both.to_numpy().T)[0, 1])
            best = max(strength, key=lambda one: abs(strength[one]))
            if best not in self._codes(name) or not near(r, strength[best]):
                wrong.append("strongest")
            if child.endswith(reverse) != self.truth.is_reverse(best):
                wrong.append("upside down")

        return self._of_any(node, judge)

    # Facts of groups.

    def _members(self, of: str, code: str) -> list[str]:
        title, label = "", of
        if match := re.fullmatch(r"“([^”]+)”分组的(.+)组", of):
            title, label = match.groups()
        elif match := re.fullmatch(r"“([^”]+)”组", of):
            label = match[1]
        elif match := re.fullmatch(r"the group “([^”]+)”(?: \(grouping “([^”]+)”\))?", of):
            label, title = match[1], match[2] or ""
        several = [units for _, own, units in self.group[label] if title in ("", own)]
        scored = self.truth.score(code).index
        found = {tuple(u for u in units if u in scored) for units in several}
        assert len(found) == 1, of
        return [*found.pop()]

    def _counted(self, title: str, parts: str, units) -> str:
        """Judge counts of groups of some cities."""
        told = {label: int(n) for label, n in re.findall(
            f"({self.group_words})" + ("" if self.zh else " ") + r"(\d+)", parts)}  # fmt: skip
        for label, n in told.items():
            sizes = [len(set(units) & set(of)) for _, own, of in self.group[label]
                     if own.casefold() == title.casefold()]  # fmt: skip
            if n not in sizes:
                return f"{label} {n}, not {sizes}"
        return "" if told and sum(told.values()) == len(units) else "sum"

    def _sizes(self, _, *words) -> str:
        n, title, parts = words if not self.zh else (words[1], words[0], words[2])
        return self._counted(title, parts, self.truth.units) or (
            "" if int(n) == len(self.truth.units) else "n"
        )

    def _composition(self, _, *words) -> str:
        k, node, title, parts = words
        if self.zh:
            title, node, k, parts = words

        def judge(code, wrong):
            ranks = self.truth.rank(code).sort_values(kind="stable")
            top = ranks.index[ranks <= ranks.iloc[int(k) - 1]]
            if len(top) != int(k) or (problem := self._counted(title, parts, top)):
                wrong.append(problem if len(top) == int(k) else "k")

        return self._of_any(node, judge)

    def _group_means(self, _, *words) -> str:
        title, node, *rest = words

        def judge(code, wrong):
            scores = self.truth.score(code)
            means = {
                label: scores.loc[[u for u in units if u in scores.index]]
                for label, several in self.group.items() for _, own, units in several
                if own.casefold() == title.casefold()
            }  # fmt: skip
            means = {label: of for label, of in means.items() if len(of)}
            order = sorted(means, key=lambda label: -means[label].mean())
            told = ((rest[:4], order[0]), (rest[4:], order[-1]))
            for (label, n, mean, mark), expected in told:
                of = means[label]
                marks = "".join(sorted(set("".join(self.truth.gap(u, code) for u in of.index))))
                if label != expected or len(of) != int(n) or not near(mean, of.mean()):
                    wrong.append(f"{label}, not {expected}")
                if marks != mark:
                    wrong.append(f"mark of {label}")

        return self._of_any(node, judge)

    def _group_leaders(self, _, of, node, parts) -> str:
        def judge(code, wrong):
            told = re.findall(
                self.words["city"] + (r"（第(\d+)位）" if self.zh else r" \((\d+)\)"), parts
            )
            units = [self._unit(name, code, wrong) for name, _ in told]
            ranks = self.truth.rank(code)
            inside = ranks.loc[self._members(of, code)].sort_values(kind="stable")
            if [int(rank) for _, rank in told] != list(inside[: len(told)]):
                wrong.append("first of the group")
            if not units or any(
                ranks[u] != int(rank) for u, (_, rank) in zip(units, told, strict=True)
            ):
                wrong.append("rank")

        return self._of_any(node, judge)

    def _top_pairs(self, _, *words) -> str:
        n, k, names = words if self.zh else (words[1], words[0], words[2])
        pairs = self.truth.result.pairs
        at = pairs.node_codes.index(self.truth.root)
        order = sorted(
            (rank, pair) for rank, pair in zip(pairs.ranks[:, at], pairs.pairs, strict=True) if rank
        )
        told = self._split(names)
        units = [self.unit[name] for name in told]
        shown = [frozenset(units[at : at + 2]) for at in range(0, len(units), 2)]
        first = {frozenset(pair) for rank, pair in order if rank <= order[len(shown) - 1][0]}
        right = (len(pairs.pairs), len(shown)) == (int(n), int(k)) and set(shown) <= first
        return "" if right else "pairs"

    # Facts of change.

    def _moves(self, code: str) -> dict[str, int]:
        moves = {unit: self.truth.change(unit, code) for unit in self.truth.score(code).index}
        return {unit: move for unit, move in moves.items() if move is not None}

    def _risers(self, _, *words, sign: int = 1) -> str:
        n, node, _year, parts = words
        if self.zh:
            _year, n, node, parts = words

        def judge(code, wrong):
            moves = self._moves(code)
            by = r"（(?:上升|下降)(\d+)位）" if self.zh else r" \((?:up|down) (\d+)\)"
            told = re.findall(self.words["city"] + by, parts)
            units = {self._unit(name, code, wrong, moved=True): sign * int(k) for name, k in told}
            if len(moves) != int(n):
                wrong.append(f"status: {len(moves)} cities can be compared")
            if any(moves.get(unit) != k for unit, k in units.items()):
                wrong.append("move")
            rest = [sign * move for unit, move in moves.items() if unit not in units]
            if max(rest, default=0) >= min(map(abs, units.values())):
                wrong.append("others moved as far")

        return self._of_any(node, judge)

    def _fallers(self, _, *words) -> str:
        return self._risers(_, *words, sign=-1)

    def _kept(self, _, *words) -> str:
        n, node, parts = words if not self.zh else (words[1], words[0], words[2])
        return self._of_any(
            node, lambda code, wrong: self._count(self._moves(code), n, parts, wrong)
        )

    def _kept_among(self, _, *words) -> str:
        n, parts, node = words if not self.zh else (words[0], words[2], words[1])

        def judge(code, wrong):
            units = [*self._moves(code)]
            now = [
                self.truth.now_in_print.get((u, code)) or self.truth.rank(code)[u] for u in units
            ]
            then = [self.truth.earlier[u, code] for u in units]
            moves = {
                unit: sum(x < b for x in then) - sum(x < a for x in now)
                for unit, a, b in zip(units, now, then, strict=True)
            }
            self._count(moves, n, parts, wrong)

        return self._of_any(node, judge)

    def _count(self, moves, n, parts, wrong) -> None:
        signs = Counter(int(np.sign(move)) for move in moves.values())
        words = {1: ("上升", "moved up"), -1: ("下降", "moved down"), 0: ("不变", "did not move")}
        told = {
            sign: int(match[1])
            for sign, both in words.items()
            if (match := re.search(rf"(\d+)座{both[0]}" if self.zh else rf"(\d+) {both[1]}", parts))
        }
        if int(n) != len(moves) or told != {k: v for k, v in signs.items() if v}:
            wrong.append(f"status or count: {len(moves)}, {dict(signs)}")

    def _new(self, _, *words) -> str:
        names, n = words if not self.zh else (words[1], words[0])
        units = [self.unit[name] for name in self._split(names)]
        known = [u for u in units if (u, self.truth.root) in self.truth.earlier]
        return "" if len(units) == int(n) and not known else f"known: {known}"

    # Facts of one city.

    def _place(self, city, name, *words) -> str:
        score, mark, node, rank, rank_mark, n, side, *_ = words
        if self.zh:
            node, score, mark, n, rank, rank_mark, side, *_ = words

        def judge(code, wrong):
            scores, ranks = self.truth.score(code), self.truth.rank(code)
            if self.unit[name] != city or not self._is_score(score, scores[city]):
                wrong.append("score")
            if int(rank) != ranks[city] or int(n) != len(scores):
                wrong.append("rank")
            if {mark, rank_mark} != {self.truth.gap(city, code)}:
                wrong.append("mark")
            away = [float(x) for x in re.findall(r"\d+\.\d\d", side)] or [0.0]
            way = -1 if "低" in side or "below" in side else 1
            # The mean is taken off the score as it is printed.
            if abs(way * away[0] - (scores[city] - scores.mean())) > half_unit(score) + HALF:
                wrong.append("mean")

        return self._of_any(node, judge)

    def _moved(self, city, *words) -> str:
        node, before, _year, way, by, mark = words
        if self.zh:
            node, _year, before, way, by, mark = words
        sign = 1 if way in ("上升", "up") else -1

        def judge(code, wrong):
            if (self.truth.change(city, code), self.truth.earlier.get((city, code))) != (
                sign * int(by), int(before),
            ):  # fmt: skip
                wrong.append(f"status or move: {self.truth.change(city, code)}")
            if mark != self.truth.move_mark(city, code):
                wrong.append("mark")

        return self._of_any(node, judge)

    def _unmoved(self, city, *words) -> str:
        node, before, *_ = words
        if self.zh:
            node, _year, before, *_ = words

        def judge(code, wrong):
            known = self.truth.change(city, code), self.truth.earlier.get((city, code))
            if known != (0, int(before)):
                wrong.append(f"status or move: {known}")

        return self._of_any(node, judge)

    def _among(self, city, n, parts) -> str:
        children = [child.code for child in self.truth.tree.children(self.truth.root)]
        ranks = {c: self.truth.rank(c).get(city) for c in children if len(self.truth.score(c))}
        ranks = {code: rank for code, rank in ranks.items() if rank is not None}
        words = {1: ("位列第一", "first in "), 3: ("进入前三", "among the first three in "),
                 5: ("进入前五", "among the first five in ")}  # fmt: skip
        for most, both in words.items():
            pattern = rf"(\d+)({MARK})个{both[0]}" if self.zh else rf"{both[1]}(\d+)({MARK})"
            if match := re.search(pattern, parts):
                inside = [code for code, rank in ranks.items() if rank <= most]
                marks = set("".join(self.truth.gap(city, code) for code in inside))
                if int(match[1]) != len(inside) or set(match[2]) != marks:
                    return f"{most}: {inside}"
        return ""

    def _in_group(self, city, of, *words) -> str:
        n, rank, mark = words if self.zh else (words[2], words[0], words[1])
        code = self.truth.root
        scores = self.truth.score(code).loc[self._members(of, code)]
        ranks = self.truth.rank(code)[scores.index].rank(method="min")
        right = (len(scores), int(ranks[city])) == (int(n), int(rank))
        return "" if right and mark == self.truth.gap(city, code) else "rank in group"

    def _lowest_nodes(self) -> list[str]:
        tree = self.truth.tree
        scored = [node.code for node in tree.nodes if len(self.truth.score(node.code))]
        return [
            code for code in scored if code != self.truth.root
            and not any(child.code in scored for child in tree.children(code))
        ]  # fmt: skip

    def _strengths(self, city, parts, best: bool = True) -> str:
        ranks = {code: self.truth.rank(code).get(city) for code in self._lowest_nodes()}
        ranks = {code: int(rank) for code, rank in ranks.items() if rank is not None}
        told, shown = {}, self.node_words
        pattern = rf"({shown})（(逆向，)?第(\d+)({MARK})位）"
        if not self.zh:
            pattern = rf"({shown}) \((\d+)({MARK})(; less is better)?\)"
        for match in re.finditer(pattern, parts):
            name, turned, rank, mark = match.groups()
            if not self.zh:
                name, rank, mark, turned = match.groups()
            codes = [c for c in self._codes(name) if ranks.get(c) == int(rank)]
            if not codes:
                return f"{name}: {rank}"
            if bool(turned) != self.truth.is_reverse(codes[0]):
                return f"{name}: upside down"
            if mark != self.truth.gap(city, codes[0]):
                return f"{name}: mark"
            told[codes[0]] = int(rank)
        rest = [rank for code, rank in ranks.items() if code not in told]
        if best:
            rest = [
                ranks[code] for code in ranks if code not in told and self._is_upper(city, code)
            ]
            if not all(self._is_upper(city, code) for code in told):
                return "not in the upper half"
            return "" if told and min(rest, default=999) >= max(told.values()) else "better ones"
        return "" if told and max(rest, default=0) <= min(told.values()) else "worse ones"

    def _is_upper(self, city, code) -> bool:
        ranks = self.truth.rank(code)
        return 2 * (ranks <= ranks[city]).sum() <= len(ranks)

    def _weaknesses(self, city, parts) -> str:
        return self._strengths(city, parts, best=False)

    def _grown(self, city, parts) -> str:
        data, truth = self.truth.result.dataset, self.truth
        before = truth.before
        pattern = rf"({self.node_words}) ?([+−][\d.]+)%（平均([+−][\d.]+)%）"
        if not self.zh:
            pattern = rf"({self.node_words}) ([+−][\d.]+)% \(mean ([+−][\d.]+)%\)"
        for name, own, mean in re.findall(pattern, parts):
            codes = [c for c in self._codes(name) if (city, c) in before]
            for code in codes:
                value, then = truth.raw.at[city, code], before[city, code]
                inputs = [code, *(p.code for p in truth.tree.ingredients_of(code))]
                status = {
                    data.basis[data.row(city), data.column(part)]
                    for part in inputs
                    if part in data.codes
                }
                pairs = [(truth.raw.at[u, code], before[u, code])
                         for u in truth.every if before.get((u, code), 0) > 0]  # fmt: skip
                average = 100 * float(np.nanmean([now / old - 1 for now, old in pairs]))
                if not near(own, 100 * (value / then - 1), 0.05 + 1e-9):
                    return f"{name}: {own}"
                if not near(mean, average, 0.05 + 1e-9) or number(own) < number(mean):
                    return f"{name}: mean {average}"
                if "synthetic" in status:
                    return f"{name}: status {status}"
            if not codes or truth.is_reverse(codes[0]):
                return f"{name}: no value before"
        return "" if re.search(pattern, parts) else "no growth"


#: Kind, pattern in Chinese and in English; {…} see `ChapterClaims.words`.
PATTERNS = (
    ("leaders", "{node}排名前{n}位的城市依次为{cities}。",
     "The top {n} cities in {node} are, in order, {cities}\\."),
    ("first", "{city}以{x}分居{node}首位，比第二位{cities}高{x}分。",
     "{city} ranks first in {node} with {x} points, {x} points above {cities} in second place\\."),
    ("first_on_gaps", "{city}以{x}分居{node}首位(（[^）]*）)(.*?)。",
     "{city} ranks first in {node} with {x} points ((?:on|with) [^;.]*)(; .*?|)\\."),
    ("missing", "†：至少一项指标缺失。", "†: at least one indicator is missing\\."),
    ("estimated", "‡：至少一项指标为估算值。", "‡: at least one indicator is estimated\\."),
    ("above_mean", "{n}座城市的{node}平均得分为{x}分，{n}座城市高于平均值，占{x}%。",
     "The mean score of the {n} cities in {node} is {x}; {n} of them, or {x}%, are above it\\."),
    ("range", "{node}得分最高为{x}分（{city}），最低为{x}分（{city}），标准差（n − 1）为{x}分。",
     "Scores in {node} range from {x} \\({city}\\) to {x} \\({city}\\), with a standard "
     "deviation \\(n − 1\\) of {x}\\."),
    ("group_tier", "在{of}中，{cities}等{n}座城市位列{node}第{n}梯队（组内第{n}至{n}位）。",
     "In {of}, tier {n} in {node} \\(ranks {n} to {n} inside the group\\) has {n} cities, led by "
     "{cities}\\."),
    ("tier", "{cities}等{n}座城市位列{node}第{n}梯队（第{n}至{n}位）。",
     "Tier {n} in {node} \\(ranks {n} to {n}\\) has {n} cities, led by {cities}\\."),
    ("ties", "{cities}在{node}中并列第{n}位。", "{cities} share rank {n} in {node}\\."),
    ("composition", "按{rest}划分，{node}前{n}位城市的构成为：{rest}。",
     "The top {n} cities in {node} by {rest}: {rest}\\."),
    ("sizes", "按{rest}划分，{n}座城市的构成为：{rest}。", "The {n} cities by {rest}: {rest}\\."),
    ("group_means", "按{rest}划分，{node}平均得分最高的是{group}（{n}座城市，{x}分），"
     "最低的是{group}（{n}座城市，{x}分）。",
     "By {rest}, the mean score in {node} is highest for {group} \\({n} cit(?:y|ies), {x} "
     "points\\) and lowest for {group} \\({n} cit(?:y|ies), {x} points\\)\\."),
    ("group_leaders", "在{of}中，{node}总名次靠前的是{rest}。",
     "In {of}, the highest overall ranks in {node} are those of {rest}\\."),
    ("risers", "与{year}相比，两届名次均已知的{n}座城市中，{node}名次上升最多的是{rest}。",
     "Of the {n} cities whose ranks in {node} are known for {year} too, the most places were "
     "gained by {rest}\\."),
    ("fallers", "与{year}相比，两届名次均已知的{n}座城市中，{node}名次下降最多的是{rest}。",
     "Of the {n} cities whose ranks in {node} are known for {year} too, the most places were lost "
     "by {rest}\\."),
    ("kept", "{node}两届名次均已知的{n}座城市中，{rest}。",
     "Of the {n} cities whose ranks in {node} are known in both editions, {rest}\\."),
    ("kept_among", "只在两届均参评的{n}座城市中重新排名，{node}名次{rest}。",
     "Ranked again among the {n} cities of both editions alone, {rest} in {node}\\."),
    ("new", "本届新增{n}座城市：{cities}。", "New in this edition: {cities} \\({n}\\)\\."),
    ("closest", "{node}得分与下级指标{rest}的得分相关最强（r = (−?[\\d.]+)）。",
     "Of the components of {node}, {rest} correlates most strongly with it "
     "\\(r = (−?[\\d.]+)\\)\\."),
    ("child_leaders", "{node}各下级指标的首位城市：{rest}。",
     "First in each component of {node}: {rest}\\."),
    ("top_pairs", "{n}对城市中，联系最强的前{n}对依次为{rest}。",
     "The {n} strongest links among {n} pairs of cities are, in order, {rest}\\."),
    ("place", "{city}的{node}得分为{x}分，在{n}座城市中位列第(\\d+)([†‡]*)位，"
     "(比平均值[高低][\\d.]+分|与平均值持平)。",
     "{city} scores {x} in {node}: rank (\\d+)([†‡]*) of {n} cities, "
     "([\\d.]+ points (?:above|below) the mean|level with the mean)\\."),
    ("moved", "{node}名次由{year}的第{n}位(上升|下降)(\\d+)位([†‡]*)。",
     "Its rank in {node} was {n} in {year}; it has moved (up|down) (\\d+) places?([†‡]*) since\\."),
    ("unmoved", "{node}名次与{year}相同，均为第(\\d+)([†‡]*)位。",
     "Its rank in {node} is (\\d+)([†‡]*), as in {year}\\."),
    ("among", "在{n}个下级指标中，{rest}。", "Of the {n} components, it is {rest}\\."),
    ("in_group", "在{of}的{n}座城市中列第(\\d+)([†‡]*)位。",
     "In {of}, it has rank (\\d+)([†‡]*) of {n} cities\\."),
    ("strengths", "名次最靠前的指标（并列城市计入后仍居前一半）：{rest}。",
     "Its best ranks \\(in the upper half, ties counted\\): {rest}\\."),
    ("weaknesses", "名次最靠后的指标：{rest}。", "Its lowest ranks: {rest}\\."),
    ("grown", "增长率高出样本平均最多的指标：{rest}。",
     "Its growth is furthest above the mean growth in: {rest}\\."),
)  # fmt: skip
