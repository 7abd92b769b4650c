"""`Text`: sentences about the node chosen on `Ranking` and the city chosen on `Profile`.

Plain ones that formulas can fill; each number in them is the number of a cell.
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
    """Texts between names, before the last of several, and before a further sentence."""

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
    """A sentence: its pattern, its condition, the words in it, and the sheet they are from."""

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
        """Write a limit of how many are named, and return its address."""
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
    facts = [*_node_facts(book, canvas, numbers), *_city_facts(book, numbers)]
    for row, fact in enumerate(facts, HEADER + 1):
        canvas.label(row, 1, fact.key or f"text.name.{fact.name}", "stub")
        stated = _state_fact(book, numbers, fact, mark)
        canvas.formula(row, 2, stated, "output", text_wrap=True, bold=False)
        canvas.link(row, 3, fact.source, book.labels.text(f"{fact.source.lower()}.title"))
        canvas.sheet.set_row(row - 1, 48)
    canvas.finish(HEADER + len(facts), 3, HEADER)


def _state_fact(book: Book, numbers: Numbers, fact: Fact, mark: str) -> str:
    """Return the formula of a sentence: its pattern with its words, "" where it has no data."""
    if fact.name == "ties":
        return f'IF({fact.condition},{mark}&{fact.words["names"]},"")'
    has_data = numbers.put(fact.name, fact.condition)
    # A word with a function gets a cell of its own, so that formulas of sentences stay short.
    words = {
        name: numbers.put(name, word) if "(" in word else word for name, word in fact.words.items()
    }
    return (
        f'IF({has_data},{mark}&{_fill_pattern(book.labels.ref(f"sentence.{fact.name}"), words)},"")'
    )


def _fill_pattern(pattern: str, words: Mapping[str, str]) -> str:
    """Return the formula of a pattern with its words."""
    for name, word in words.items():
        pattern = f'SUBSTITUTE({pattern},"{{{name}}}",{word})'
    return pattern


def _node_facts(book: Book, canvas: Canvas, numbers: Numbers) -> Iterator[Fact]:
    """Yield the facts about the cities in order of the chosen node."""
    layout, node = book.layout, numbers.put("node", _with_article(book, ranking.CHOSEN))
    ranks, names, scores = (
        ranking.listed_column(layout, name).ref() for name in ("rank", "name", "score")
    )
    n = numbers.put("n", f"COUNT({scores})")
    named, counted, tied = (numbers.constant(number) for number in (LEADERS, COMPOSED, TIED))
    depth = numbers.put("depth", f"MIN({named},{n}-1)")
    listing = _draw_listing(book, canvas, depth, tied, node)
    last = {
        name: f"INDEX({listing.area(name).ref('rc', SHEET)},{layout.slots})"
        for name in ("leaders", "ties")
    }

    def cell_at(area: str, position: str) -> str:
        return f"INDEX({area},{position})"

    k = numbers.put("k", f'COUNTIF({ranks},"<="&{depth})')
    yield Fact("leaders", f"{depth}>2", {"node": node, "k": k, "names": last["leaders"]})
    first, second, low = (
        numbers.put(name, f'IF({n}<2,"",{cell_at(scores, position)})', "0.00")
        for name, position in (("high", "1"), ("second", "2"), ("low", n))
    )
    gap = numbers.put("gap", f'IF({n}<2,"",ROUND({first},2)-ROUND({second},2))', "0.00")
    words = {"city": cell_at(names, "1"), "second": cell_at(names, "2"), "node": node}
    numbered = {"score": _two_decimals(first), "gap": _two_decimals(gap)}
    two_leaders = f"{cell_at(ranks, '2')}=2"
    if book.spec.consecutive_ranks:
        two_leaders = f"{whole_key(book, first)}<>{whole_key(book, second)}"
    yield Fact("first", f"IF({n}<2,FALSE,{two_leaders})", words | numbered)
    mean = numbers.put("mean", f'IF({n}<3,"",AVERAGE({scores}))', "0.00")
    above = numbers.put("above", f'IF({n}<3,0,COUNTIF({scores},">"&{upper_edge(mean)}))')
    share = numbers.put("share", f"ROUND({above}/MAX({n},1),3)", "0.0%")
    words = {"n": n, "node": node, "mean": _two_decimals(mean), "count": above}
    yield Fact(
        "above_mean", f"{n}>2", words | {"share": f'SUBSTITUTE(TEXT({share},"0.0%"),"%","")'}
    )
    sd = numbers.put("sd", f'IF({n}<3,"",SQRT(DEVSQ({scores})/({n}-1)))', "0.00")
    ends = {"high": _two_decimals(first), "low": _two_decimals(low), "sd": _two_decimals(sd)}
    words = {
        "node": node,
        "high_city": cell_at(names, "1"),
        "low_city": cell_at(names, f"MAX({n},1)"),
    }
    alone = f"AND({cell_at(ranks, '2')}>1,{cell_at(ranks, n)}>{cell_at(ranks, f'{n}-1')})"
    if book.spec.consecutive_ranks:
        other = numbers.put("last but one", f'IF({n}<3,"",{cell_at(scores, f"{n}-1")})', "0.00")
        alone = f"AND({two_leaders},{whole_key(book, low)}<>{whole_key(book, other)})"
    yield Fact("range", f"IF({n}<3,FALSE,{alone})", words | ends)
    # Its sentences, one after the other.
    yield Fact("ties", f'{last["ties"]}<>""', {"names": last["ties"]})
    yield from _tier_facts(book, numbers, node)
    yield from _composition_facts(book, numbers, n, counted, node)


def _tier_facts(book: Book, numbers: Numbers, node: str) -> Iterator[Fact]:
    """Yield the first cities of each tier of all cities, by the ends typed on a `Tiers` drawn."""
    joints = JOINTS[book.spec.language]
    ranks, names = (ranking.listed_column(book.layout, name).ref() for name in ("rank", "name"))
    rules = [rule for rule in book.spec.tiers if rule.group_type == ALL]
    rules.sort(key=lambda rule: rule.tier)
    ends = [f"{rule.rank_to}" for rule in rules[:-1]]
    if rules and "groups" in book.spec.chosen_pages:
        ends = tiers.end_addresses(book.layout, ALL, len(ends))
    for index, rule in enumerate(rules):
        low = numbers.put("low", f"{ends[index - 1]}+1" if index else "1")
        high = numbers.put("high", ends[index] if index < len(ends) else f"{rule.rank_to}")
        count = numbers.put("cities", f'COUNTIFS({ranks},">="&{low},{ranks},"<="&{high})')
        before = numbers.put("before", f'COUNTIF({ranks},"<"&{low})')
        first, second, third = (f"INDEX({names},{before}+{position})" for position in (1, 2, 3))
        listed = f'IF({count}>{NAMED},{first}&{joints.between}&{second}&{joints.last}&{third},"")'
        words = {"tier": f"{rule.tier}", "n": count, "node": node, "low": low, "high": high}
        yield Fact("tier", f"{count}>{NAMED}", words | {"names": numbers.put("names", listed)})


def _two_decimals(number: str) -> str:
    return f'IF(ISNUMBER({number}),TEXT(ROUND({number},2),"0.00"),"")'


def _with_article(book: Book, node: str) -> str:
    """Return the formula of a name as the book's language writes it in a sentence."""
    if book.spec.language != "en":
        return node
    return f'IF(ISNUMBER(SEARCH("index",{node})),"the ","")&{node}'


def _draw_listing(book: Book, canvas: Canvas, depth: str, tied: str, node: str) -> Table:
    """Write the names of the first cities one after the other, and those that share a place."""
    layout, joints = book.layout, JOINTS[book.spec.language]
    ranks, names = (ranking.listed_column(layout, name) for name in ("rank", "name"))

    def cell_in(area: Area, row: int) -> str:
        return Area(area.sheet, row, area.c1, row, area.c1).ref("c")

    def cell_above(cells: RowCells, name: str) -> str:
        return cell(cells.row - 1, listing.column(name), "c") if cells.slot else '""'

    def leaders(cells: RowCells) -> str:
        rank, name = (cell_in(area, area.r1 + cells.slot) for area in (ranks, names))
        if not cells.slot:
            return f'IF({rank}="","",IF({rank}<={depth},{name},""))'
        so_far, next_rank = cell_above(cells, "leaders"), cell_in(ranks, ranks.r1 + cells.slot + 1)
        # The last name is that before a blank or a rank beyond the depth.
        has_next = f"IF(ISNUMBER({next_rank}),{next_rank}<={depth},FALSE)"
        sign = f"IF({has_next},{joints.between},{joints.last})"
        return f'IF({rank}="",{so_far},IF({rank}<={depth},{so_far}&{sign}&{name},{so_far}))'

    def shared(cells: RowCells) -> str:
        row = ranks.r1 + cells.slot
        if not cells.slot:
            return cell_in(names, row)
        rank, name = cell_in(ranks, row), cell_in(names, row)
        sign = f"IF({rank}={cell_in(ranks, row + 1)},{joints.between},{joints.last})"
        both = f"{cell_above(cells, 'shared')}&{sign}&{name}"
        return f'IF({rank}="","",IF({rank}={cell_in(ranks, row - 1)},{both},{name}))'

    def ties(cells: RowCells) -> str:
        if not cells.slot:
            return '""'
        row, so_far = ranks.r1 + cells.slot, cell_above(cells, "ties")
        rank = cell_in(ranks, row)
        tie = f"IF(ISNUMBER({rank}),AND({rank}<={tied},{rank}={cell_in(ranks, row - 1)}),FALSE)"
        ends = f"{rank}<>{cell_in(ranks, row + 1)}"
        both = f'{so_far}&IF({so_far}="","",{joints.gap})&{cells.sentence}'
        return f"IF({tie},IF({ends},{both},{so_far}),{so_far})"

    def sentence(cells: RowCells) -> str:
        rank = cell_in(ranks, ranks.r1 + cells.slot)
        words = {"names": cells.shared, "rank": rank, "node": node}
        return f'IF({rank}="","",{_fill_pattern(book.labels.ref("sentence.ties"), words)})'

    columns = (
        Column("leaders", "text.leaders", leaders, "id", helper=True),
        Column("shared", "text.shared", shared, "id", helper=True),
        Column("sentence", "", sentence, "id", helper=True),
        Column("ties", "text.ties", ties, "id", helper=True),
    )
    listing = item_table(canvas, HEADER, range(layout.slots), columns, left=NAMES)
    return listing.draw()


def _join_text(book: Book, text: str, name: str) -> str:
    """Return the formula of a text with a further name behind it."""
    between = JOINTS[book.spec.language].between
    return f'{text}&IF({text}="","",{between})&{name}' if text != '""' else name


def _composition_facts(
    book: Book, numbers: Numbers, n: str, counted: str, node: str
) -> Iterator[Fact]:
    """Yield the facts about the groups of the first cities."""
    layout, ref = book.layout, book.labels.ref
    ranks = ranking.listed_column(layout, "rank").ref()
    most = numbers.put("first", f"MIN({counted},INT({n}/2))")
    top = numbers.put("of them", f'COUNTIF({ranks},"<="&{most})')
    for index, kind in enumerate(book.spec.group_types[:2]):
        attribute, parts = kind.attribute, '""'
        groups = ranking.listed_column(layout, f"group{index}").ref()
        counts = []
        for group in kind.groups:
            name = ref(f"group.{attribute}.{group.value}")
            inside = f'COUNTIFS({groups},{name},{ranks},"<="&{most})'
            count = numbers.put(group.value, inside)
            part = _fill_pattern(ref("sentence.part.count"), {"name": name, "n": count})
            joined = _join_text(book, parts, part)
            parts = numbers.put("text", f"IF({count}=0,{parts},{joined})")
            counts.append(count)
        if len(counts) > 1:
            all_counted = f"{'+'.join(counts)}={top}"
            is_stated = f"AND({most}>2,{all_counted},MAX({','.join(counts)})<{top})"
            kind_name = ref(f"attribute.{attribute}.inside")
            words = {"type": kind_name, "node": node, "k": top}
            yield Fact(
                "composition", is_stated, words | {"parts": parts}, key=f"attribute.{attribute}"
            )


def _city_facts(book: Book, numbers: Numbers) -> Iterator[Fact]:
    """Yield the facts about the chosen city."""
    layout, ref = book.layout, book.labels.ref
    city = f"Profile!{cell(profile.CITY_ROW, 3, 'rc')}"
    if not book.spec.apart:
        root, row = book.spec.framework.root.code, profile.NODES_HEADER + 1
        score, rank, mean = (f"Profile!{cell(row, column, 'rc')}" for column in (2, 3, 5))
        cities = numbers.put("cities", f"COUNT({layout.scores.over(root, SHEET, 'rc')})")
        has_data = f"COUNT({score},{rank},{mean})=3"
        distance = f"IF({has_data},ROUND({score},2)-ROUND({mean},2),0)"
        gap = numbers.put("from mean", distance, "0.00")
        above, below, equal = (ref(f"sentence.place.{s}") for s in ("above", "below", "equal"))
        side = _fill_pattern(
            f"IF({gap}>0,{above},IF({gap}<0,{below},{equal}))",
            {"gap": _two_decimals(f"ABS({gap})")},
        )
        name = numbers.put("node", _with_article(book, layout.framework_cell(root, "display")))
        words = {
            "city": city, "node": name, "score": _two_decimals(score),
            "n": cities, "rank": rank, "side": side,
        }  # fmt: skip
        yield Fact("place", has_data, words, "Profile")
    yield from _extreme_facts(book, numbers)


def _extreme_facts(book: Book, numbers: Numbers) -> Iterator[Fact]:
    """Yield the indicators with the best and the lowest ranks: fewer where there are few."""
    layout, ref = book.layout, book.labels.ref
    most = min(profile.STRENGTHS, len(layout.indicators) // profile.STRENGTHS)
    if most < 2:
        return
    for fact, rows in profile.extreme_rows(layout).items():
        parts = '""'
        for row in rows[:most]:
            name, rank = (f"Profile!{cell(row, column, 'rc')}" for column in (1, 2))
            part = _fill_pattern(ref("sentence.part.place"), {"name": name, "rank": rank})
            part = numbers.put(fact, f'IF(ISNUMBER({rank}),{part},"")')
            joined = _join_text(book, parts, part)
            if parts != '""':
                joined = f'IF({part}="",{parts},{joined})'
            parts = numbers.put("text", joined)
        # More indicators may share the last rank that is named.
        keys, last = profile.extreme_keys(layout, fact), f"Profile!{cell(rows[most - 1], 2, 'rc')}"
        beyond = f'"<"&{last}+1' if fact == "strengths" else f'">="&{last}'
        shared = f"COUNTIF({keys},{beyond})>{most}"
        with_others = _fill_pattern(ref("sentence.part.more"), {"parts": parts})
        sentence = numbers.put(
            "more", f"IF(IF(ISNUMBER({last}),{shared},FALSE),{with_others},{parts})"
        )
        first = f"Profile!{cell(rows[0], 2, 'rc')}"
        yield Fact(fact, f"ISNUMBER({first})", {"parts": sentence}, "Profile")
