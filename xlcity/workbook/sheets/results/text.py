"""`Text`: sentences about the node chosen on `Ranking` and the city chosen on `Profile`.

The same sentences as a report has; each number in them is the number of a cell.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.grid import Area, cell
from xlcity.workbook.drawing.titled_sheet import titled_sheet
from xlcity.workbook.sheets.calculation.calculate import upper_edge, whole_key
from xlcity.workbook.sheets.results import profile, ranking, tiers
from xlcity.workbook.sheets.results.groups import ALL
from xlcity.workbook.sheets.table import Column, RowCells, Table, item_table

SHEET = "Text"
#: The patterns that it uses.
FACTS = (
    "leaders", "first", "above_mean", "range", "ties", "tier", "composition", "place",
    "place.above", "place.below", "place.equal", "strengths", "weaknesses",
    "part.place", "part.count", "part.more",
)  # fmt: skip
HEADER = 5
#: Places whose cities are named, places whose groups are counted, places to which ties are stated.
LEADERS, COMPOSED, TIED = 10, 20, 20
#: Cities of a tier that are named.
NAMED = 3
#: Width of the sentences, and columns of the numbers in them and of the names in order.
WIDTH, NUMBERS, NAMES = 120, 5, 8


class Joints(NamedTuple):
    """What stands between names, before the last of several, and before a further sentence."""

    between: str
    last: str
    gap: str


#: By the language of the book.
JOINTS = {
    "zh": Joints('"、"', '"、"', '""'),
    "en": Joints('", "', '" and "', '" "'),
    "both": Joints('"、"', '"、"', '" "'),
}


@dataclass(frozen=True, slots=True)
class Fact:
    """A sentence: its pattern, when it can be stated, the words in it, and where they are from."""

    name: str
    condition: str
    words: Mapping[str, str]
    source: str = "Ranking"
    key: str = ""


class Numbers:
    """The numbers of sentences, a cell each, beside them."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas, self._row = canvas, HEADER

    def put(self, name: str, formula: str, number: str = "General") -> str:
        """Write a number and return its address."""
        self._name(name)
        self._canvas.formula(self._row, NUMBERS + 1, formula, "id", number, font_size=8)
        return cell(self._row, NUMBERS + 1, "rc")

    def constant(self, number: int) -> str:
        """Write how many are named at most, and return its address."""
        self._name("most")
        self._canvas.number(self._row, NUMBERS + 1, number, "id", "0", font_size=8)
        return cell(self._row, NUMBERS + 1, "rc")

    def _name(self, name: str) -> None:
        self._row += 1
        self._canvas.text(self._row, NUMBERS, name, "id", font_size=8)


def draw(book: Book) -> None:
    """Draw the sheet."""
    canvas = titled_sheet(book, SHEET, [26, WIDTH, 12, 2, 14, 14, 2, 20, 20, 20], 2)
    canvas.heads(HEADER, ("text.fact", "text.sentence", "text.from"))
    canvas.heads(HEADER, ("text.numbers",), NUMBERS)
    numbers = Numbers(canvas)
    mark = numbers.put("mark", f'IF(xl_synthetic>0,{book.labels.ref("text.synthetic")},"")')
    facts = [*_of_node(book, canvas, numbers), *_of_city(book, numbers)]
    for row, fact in enumerate(facts, HEADER + 1):
        canvas.label(row, 1, fact.key or f"text.name.{fact.name}", "stub")
        stated = _stated(book, numbers, fact, mark)
        canvas.formula(row, 2, stated, "output", text_wrap=True, bold=False)
        canvas.link(row, 3, fact.source, f"{fact.source.lower()}.title")
        canvas.sheet.set_row(row - 1, 48)
    canvas.finish(HEADER + len(facts), 3, HEADER)


def _stated(book: Book, numbers: Numbers, fact: Fact, mark: str) -> str:
    """Return the formula of a sentence: its pattern with its words, "" where it has no data."""
    if fact.name == "ties":
        return f'IF({fact.condition},{mark}&{fact.words["names"]},"")'
    known = numbers.put(fact.name, fact.condition)
    # What is more than a cell has a cell of its own: a sentence stays short.
    words = {
        name: numbers.put(name, word) if "(" in word else word for name, word in fact.words.items()
    }
    return f'IF({known},{mark}&{_filled(book.labels.ref(f"sentence.{fact.name}"), words)},"")'


def _filled(pattern: str, words: Mapping[str, str]) -> str:
    """Return the formula of a pattern with its words."""
    for name, word in words.items():
        pattern = f'SUBSTITUTE({pattern},"{{{name}}}",{word})'
    return pattern


def _of_node(book: Book, canvas: Canvas, numbers: Numbers) -> Iterator[Fact]:
    """Yield what is said of the cities in order of the chosen node."""
    layout, node = book.layout, numbers.put("node", _with_article(book, ranking.CHOSEN))
    ranks, names, scores = (
        ranking.listed(layout, name).ref() for name in ("rank", "name", "score")
    )
    n = numbers.put("n", f"COUNT({scores})")
    named, counted, tied = (numbers.constant(number) for number in (LEADERS, COMPOSED, TIED))
    depth = numbers.put("depth", f"MIN({named},{n}-1)")
    listing = _listing(book, canvas, depth, tied, node)
    last = {
        name: f"INDEX({listing.area(name).ref('rc', SHEET)},{layout.slots})"
        for name in ("leaders", "ties")
    }

    def at(area: str, place: str) -> str:
        return f"INDEX({area},{place})"

    k = numbers.put("k", f'COUNTIF({ranks},"<="&{depth})')
    yield Fact("leaders", f"{depth}>2", {"node": node, "k": k, "names": last["leaders"]})
    first, second, low = (
        numbers.put(name, f'IF({n}<2,"",{at(scores, place)})', "0.00")
        for name, place in (("high", "1"), ("second", "2"), ("low", n))
    )
    gap = numbers.put("gap", f'IF({n}<2,"",ROUND({first},2)-ROUND({second},2))', "0.00")
    words = {"city": at(names, "1"), "second": at(names, "2"), "node": node}
    numbered = {"score": _two(first), "gap": _two(gap)}
    two = f"{at(ranks, '2')}=2"
    if book.spec.consecutive_ranks:
        two = f"{whole_key(book, first)}<>{whole_key(book, second)}"
    yield Fact("first", f"IF({n}<2,FALSE,{two})", words | numbered)
    mean = numbers.put("mean", f'IF({n}<3,"",AVERAGE({scores}))', "0.00")
    above = numbers.put("above", f'IF({n}<3,0,COUNTIF({scores},">"&{upper_edge(mean)}))')
    share = numbers.put("share", f"ROUND({above}/MAX({n},1),3)", "0.0%")
    words = {"n": n, "node": node, "mean": _two(mean), "count": above}
    yield Fact(
        "above_mean", f"{n}>2", words | {"share": f'SUBSTITUTE(TEXT({share},"0.0%"),"%","")'}
    )
    sd = numbers.put("sd", f'IF({n}<3,"",SQRT(DEVSQ({scores})/({n}-1)))', "0.00")
    ends = {"high": _two(first), "low": _two(low), "sd": _two(sd)}
    words = {"node": node, "high_city": at(names, "1"), "low_city": at(names, f"MAX({n},1)")}
    alone = f"AND({at(ranks, '2')}>1,{at(ranks, n)}>{at(ranks, f'{n}-1')})"
    if book.spec.consecutive_ranks:
        other = numbers.put("last but one", f'IF({n}<3,"",{at(scores, f"{n}-1")})', "0.00")
        alone = f"AND({two},{whole_key(book, low)}<>{whole_key(book, other)})"
    yield Fact("range", f"IF({n}<3,FALSE,{alone})", words | ends)
    # Its sentences, one after the other.
    yield Fact("ties", f'{last["ties"]}<>""', {"names": last["ties"]})
    yield from _tiers(book, numbers, node)
    yield from _compositions(book, numbers, n, counted, node)


def _tiers(book: Book, numbers: Numbers, node: str) -> Iterator[Fact]:
    """Yield the first cities of each tier of all cities, by the ends typed on a `Tiers` drawn."""
    joints = JOINTS[book.spec.language]
    ranks, names = (ranking.listed(book.layout, name).ref() for name in ("rank", "name"))
    rules = [rule for rule in book.spec.tiers if rule.group_type == ALL]
    rules.sort(key=lambda one: one.tier)
    ends = [f"{rule.rank_to}" for rule in rules[:-1]]
    if rules and "groups" in book.spec.chosen_pages:
        ends = tiers.ends(book.layout, ALL, len(ends))
    for place, rule in enumerate(rules):
        low = numbers.put("low", f"{ends[place - 1]}+1" if place else "1")
        high = numbers.put("high", ends[place] if place < len(ends) else f"{rule.rank_to}")
        count = numbers.put("cities", f'COUNTIFS({ranks},">="&{low},{ranks},"<="&{high})')
        before = numbers.put("before", f'COUNTIF({ranks},"<"&{low})')
        one, two, three = (f"INDEX({names},{before}+{at})" for at in (1, 2, 3))
        listed = f'IF({count}>{NAMED},{one}&{joints.between}&{two}&{joints.last}&{three},"")'
        words = {"tier": f"{rule.tier}", "n": count, "node": node, "low": low, "high": high}
        yield Fact("tier", f"{count}>{NAMED}", words | {"names": numbers.put("names", listed)})


def _two(number: str) -> str:
    return f'IF(ISNUMBER({number}),TEXT(ROUND({number},2),"0.00"),"")'


def _with_article(book: Book, node: str) -> str:
    """Return the formula of a name as the book's language writes it in a sentence."""
    if book.spec.language != "en":
        return node
    return f'IF(ISNUMBER(SEARCH("index",{node})),"the ","")&{node}'


def _listing(book: Book, canvas: Canvas, depth: str, tied: str, node: str) -> Table:
    """Write the names of the first cities one after the other, and those that share a place."""
    layout, joints = book.layout, JOINTS[book.spec.language]
    ranks, names = (ranking.listed(layout, name) for name in ("rank", "name"))

    def at(area: Area, row: int) -> str:
        return Area(area.sheet, row, area.c1, row, area.c1).ref("c")

    def before(line: RowCells, name: str) -> str:
        return cell(line.row - 1, listing.column(name), "c") if line.slot else '""'

    def leaders(line: RowCells) -> str:
        rank, name = (at(area, area.r1 + line.slot) for area in (ranks, names))
        known, more = before(line, "leaders"), at(ranks, ranks.r1 + line.slot + 1)
        if not line.slot:
            return f'IF({rank}="","",IF({rank}<={depth},{name},""))'
        # The last name is that before a blank or a place beyond the depth.
        sign = f"IF(IF(ISNUMBER({more}),{more}<={depth},FALSE),{joints.between},{joints.last})"
        return f'IF({rank}="",{known},IF({rank}<={depth},{known}&{sign}&{name},{known}))'

    def shared(line: RowCells) -> str:
        row = ranks.r1 + line.slot
        if not line.slot:
            return at(names, row)
        rank, name = at(ranks, row), at(names, row)
        sign = f"IF({rank}={at(ranks, row + 1)},{joints.between},{joints.last})"
        both = f"{before(line, 'shared')}&{sign}&{name}"
        return f'IF({rank}="","",IF({rank}={at(ranks, row - 1)},{both},{name}))'

    def ties(line: RowCells) -> str:
        row, known = ranks.r1 + line.slot, before(line, "ties")
        if not line.slot:
            return '""'
        rank = at(ranks, row)
        tie = f"IF(ISNUMBER({rank}),AND({rank}<={tied},{rank}={at(ranks, row - 1)}),FALSE)"
        ends = f"{rank}<>{at(ranks, row + 1)}"
        both = f'{known}&IF({known}="","",{joints.gap})&{line.sentence}'
        return f"IF({tie},IF({ends},{both},{known}),{known})"

    def sentence(line: RowCells) -> str:
        rank = at(ranks, ranks.r1 + line.slot)
        words = {"names": line.shared, "rank": rank, "node": node}
        return f'IF({rank}="","",{_filled(book.labels.ref("sentence.ties"), words)})'

    columns = (
        Column("leaders", "text.leaders", leaders, "id", helper=True),
        Column("shared", "text.shared", shared, "id", helper=True),
        Column("sentence", "", sentence, "id", helper=True),
        Column("ties", "text.ties", ties, "id", helper=True),
    )
    listing = item_table(canvas, HEADER, range(layout.slots), columns, left=NAMES)
    return listing.draw()


def _joined(book: Book, known: str, more: str) -> str:
    """Return a text with one more name behind it."""
    between = JOINTS[book.spec.language].between
    return f'{known}&IF({known}="","",{between})&{more}' if known != '""' else more


def _compositions(book: Book, numbers: Numbers, n: str, counted: str, node: str) -> Iterator[Fact]:
    """Yield from which groups the first cities are."""
    layout, ref = book.layout, book.labels.ref
    ranks = ranking.listed(layout, "rank").ref()
    most = numbers.put("first", f"MIN({counted},INT({n}/2))")
    top = numbers.put("of them", f'COUNTIF({ranks},"<="&{most})')
    for place, kind in enumerate(book.spec.group_types[:2]):
        attribute, known = kind.attribute, '""'
        groups = ranking.listed(layout, f"group{place}").ref()
        counts = []
        for group in kind.groups:
            name = ref(f"group.{attribute}.{group.value}")
            inside = f'COUNTIFS({groups},{name},{ranks},"<="&{most})'
            count = numbers.put(group.value, inside)
            part = _filled(ref("sentence.part.count"), {"name": name, "n": count})
            joined = _joined(book, known, part)
            known = numbers.put("text", f"IF({count}=0,{known},{joined})")
            counts.append(count)
        if len(counts) > 1:
            all_of = f"{'+'.join(counts)}={top}"
            whole = f"AND({most}>2,{all_of},MAX({','.join(counts)})<{top})"
            kind_name = ref(f"attribute.{attribute}.inside")
            words = {"type": kind_name, "node": node, "k": top}
            yield Fact("composition", whole, words | {"parts": known}, key=f"attribute.{attribute}")


def _of_city(book: Book, numbers: Numbers) -> Iterator[Fact]:
    """Yield what is said of the chosen city."""
    layout, ref = book.layout, book.labels.ref
    city = f"Profile!{cell(profile.CITY_ROW, 3, 'rc')}"
    if not book.spec.apart:
        root, row = book.spec.framework.root.code, profile.NODES_HEADER + 1
        score, rank, mean = (f"Profile!{cell(row, column, 'rc')}" for column in (2, 3, 5))
        cities = numbers.put("cities", f"COUNT({layout.scores.over(root, SHEET, 'rc')})")
        known = f"COUNT({score},{rank},{mean})=3"
        away = f"IF({known},ROUND({score},2)-ROUND({mean},2),0)"
        gap = numbers.put("from mean", away, "0.00")
        above, below, equal = (ref(f"sentence.place.{s}") for s in ("above", "below", "equal"))
        side = _filled(
            f"IF({gap}>0,{above},IF({gap}<0,{below},{equal}))", {"gap": _two(f"ABS({gap})")}
        )
        name = numbers.put("node", _with_article(book, layout.framework_cell(root, "display")))
        words = {
            "city": city, "node": name, "score": _two(score),
            "n": cities, "rank": rank, "side": side,
        }  # fmt: skip
        yield Fact("place", known, words, "Profile")
    yield from _extremes(book, numbers)


def _extremes(book: Book, numbers: Numbers) -> Iterator[Fact]:
    """Yield the indicators with the best and the lowest ranks: fewer where there are few."""
    layout, ref = book.layout, book.labels.ref
    most = min(profile.STRENGTHS, len(layout.indicators) // profile.STRENGTHS)
    if most < 2:
        return
    for fact, rows in profile.extremes(layout).items():
        known = '""'
        for row in rows[:most]:
            name, rank = (f"Profile!{cell(row, column, 'rc')}" for column in (1, 2))
            part = _filled(ref("sentence.part.place"), {"name": name, "rank": rank})
            part = numbers.put(fact, f'IF(ISNUMBER({rank}),{part},"")')
            joined = _joined(book, known, part)
            if known != '""':
                joined = f'IF({part}="",{known},{joined})'
            known = numbers.put("text", joined)
        # More indicators may share the last rank that is named.
        keys, last = profile.keys(layout, fact), f"Profile!{cell(rows[most - 1], 2, 'rc')}"
        beyond = f'"<"&{last}+1' if fact == "strengths" else f'">="&{last}'
        shared = f"COUNTIF({keys},{beyond})>{most}"
        more = _filled(ref("sentence.part.more"), {"parts": known})
        said = numbers.put("more", f"IF(IF(ISNUMBER({last}),{shared},FALSE),{more},{known})")
        first = f"Profile!{cell(rows[0], 2, 'rc')}"
        yield Fact(fact, f"ISNUMBER({first})", {"parts": said}, "Profile")
