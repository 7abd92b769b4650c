"""`LeafRanks` and `Strengths`: ranks of the indicators, and each city's best and worst of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from xlcity.workbook.canvas import Book, Canvas
from xlcity.workbook.grid import Area, Block, cell
from xlcity.workbook.layout import (
    CODE,
    FIRST,
    ROW_FIXED_HIGH,
    ROW_FIXED_LOW,
    ROW_N,
    ROW_NAME,
    Layout,
)
from xlcity.workbook.sheets.calculate import block_header, key_digits, unit_columns, unit_names

RANKS, SHEET = "LeafRanks", "Strengths"
#: Best and worst indicators shown of each pillar.
EACH = 2
WIDTH, TEXT = 10, 21
#: Positions are far below one rank.
STEP = 1000

LABELS = (
    (
        "contents.LeafRanks",
        "底层指标名次（原始值，不缩尾），以及每个一级指标下最好、最差的两项",
        "Ranks of the indicators by raw values, and the best and worst of each pillar",
    ),
    ("leafranks.title", "底层指标名次", "Ranks of the indicators"),
    (
        "leafranks.note",
        "按原始值排名（不缩尾，逆向指标从小到大），数值相同名次相同。右侧为挑选最好、最差两项的中间量："
        "名次 ± 框架次序 / 1000，同名次按框架次序。",
        "Ranks by raw values (unclipped; ascending where less is better), equal values share the "
        "rank. On the right how the best and worst are picked: rank ± place in the framework / "
        "1000, so that ties go by framework order.",
    ),
    ("leafranks.place", "框架次序", "Place in the framework"),
    ("leafranks.keys", "排名键", "Rank key"),
    ("leafranks.ranks", "名次", "Rank"),
    ("leafranks.best", "从最好起", "From the best"),
    ("leafranks.worst", "从最差起", "From the worst"),
    ("leafranks.picks", "所选指标的次序", "Indicator picked"),
    ("contents.Strengths", "各城市的优势与短板", "Strengths and weaknesses of every city"),
    ("strengths.title", "优势与短板", "Strengths and weaknesses"),
    (
        "strengths.note",
        "每个一级指标下名次最好和最差的两项底层指标及名次；同名次按框架次序；缺失值不参与。",
        "The two best and the two worst indicators of each pillar with their ranks; ties by "
        "framework order; missing values are left out.",
    ),
    ("strengths.best", "优势", "Strength"),
    ("strengths.worst", "短板", "Weakness"),
)


@dataclass(frozen=True)
class LeafRanks:
    """Where ranks of indicators and the picks from them stand."""

    layout: Layout

    def _block(self, left: int, codes: tuple[str, ...]) -> Block:
        return Block(RANKS, left, codes, FIRST, self.layout.last)

    @cached_property
    def pillars(self) -> tuple[str, ...]:
        """Composites under the root."""
        framework = self.layout.spec.framework
        return tuple(
            child.code
            for child in framework.children(framework.root.code)
            if not framework.is_indicator(child.code)
        )

    @cached_property
    def ranks(self) -> Block:
        """Competition ranks."""
        return self._block(3, self.layout.indicators)

    @cached_property
    def keys(self) -> Block:
        """Raw values, rounded so that equal ones are equal in every program."""
        return self._block(self.ranks.right + 2, self.layout.indicators)

    @cached_property
    def best(self) -> Block:
        """Rank plus place."""
        return self._block(self.keys.right + 2, self.layout.indicators)

    @cached_property
    def worst(self) -> Block:
        """Rank less place."""
        return self._block(self.best.right + 2, self.layout.indicators)

    @cached_property
    def picks(self) -> Block:
        """Position inside the pillar of what was picked, as PILLAR|best|1."""
        codes = [
            f"{pillar}|{end}|{place}"
            for pillar in self.pillars
            for end in ("best", "worst")
            for place in range(1, EACH + 1)
        ]
        return self._block(self.worst.right + 2, tuple(codes))

    def leaves(self, pillar: str) -> tuple[str, ...]:
        """Return the indicators below a pillar."""
        return tuple(leaf.code for leaf in self.layout.spec.framework.leaves_below(pillar))


def draw_ranks(book: Book) -> None:
    """Draw `LeafRanks`."""
    canvas, layout, found = book.canvas(RANKS), book.layout, LeafRanks(book.layout)
    canvas.heading("leafranks", "leafranks.note", banner_column=7)
    canvas.widths([16, 20])
    unit_columns(book, canvas)
    canvas.thin(range(ROW_NAME + 1, CODE - 1))
    canvas.fit_names(ROW_NAME, layout.indicators, WIDTH)
    stubs = (
        (ROW_FIXED_LOW, "framework.direction"),
        (ROW_FIXED_HIGH, "leafranks.place"),
        (ROW_N, "stat.n"),
    )
    for row, key in stubs:
        canvas.sheet.set_row(row - 1, 16)
        canvas.blank(row, 1, "stub")
        canvas.label(row, 2, key, "stub")
    for block, key in (
        (found.ranks, "leafranks.ranks"),
        (found.keys, "leafranks.keys"),
        (found.best, "leafranks.best"),
        (found.worst, "leafranks.worst"),
        (found.picks, "leafranks.picks"),
    ):
        canvas.columns(block.left, block.right, WIDTH)
        canvas.columns(block.right + 1, block.right + 1, 2)
        canvas.label(CODE - 1, block.left, key, "section")
        if block is not found.picks:
            block_header(book, canvas, block)
    for place, code in enumerate(layout.indicators, 1):
        _indicator(book, canvas, found, code, place)
    for code in found.picks.codes:
        _pick(book, canvas, found, code)
    canvas.frame(ROW_NAME, 2)
    canvas.page(
        Area(RANKS, 1, 1, layout.last, found.picks.right),
        a3=True,
        split=(found.keys.left, found.best.left, found.worst.left, found.picks.left),
    )
    canvas.protect()


def _indicator(book: Book, canvas: Canvas, found: LeafRanks, code: str, place: int) -> None:
    layout = book.layout
    column = found.ranks.column(code)
    direction, at = (cell(row, column, "r") for row in (ROW_FIXED_LOW, ROW_FIXED_HIGH))
    canvas.formula(
        ROW_FIXED_LOW, column, layout.framework_cell(code, "direction"), "calculation_center", "0"
    )
    canvas.number(ROW_FIXED_HIGH, column, place, "calculation_center", "0")
    keys = found.keys.over(code, RANKS)
    canvas.formula(ROW_N, column, f"COUNT({keys})", "calculation_center", "0")
    for row in range(FIRST, layout.last + 1):
        raw = layout.raw.at(code, row, RANKS)
        key, rank = found.keys.at(code, row, RANKS), found.ranks.at(code, row, RANKS)
        canvas.formula(
            row,
            found.keys.column(code),
            f'IF(ISNUMBER({raw}),ROUND({raw},{key_digits(raw)}),"")',
            "calculation",
            "General",
        )
        canvas.formula(
            row,
            column,
            f'IF(ISNUMBER({key}),_xlfn.RANK.EQ({key},{keys},IF({direction}<0,1,0)),"")',
            "output_center",
            "0",
        )
        for block, sign in ((found.best, "+"), (found.worst, "-")):
            canvas.formula(
                row,
                block.column(code),
                f'IF(ISNUMBER({rank}),{rank}{sign}{at}/{STEP},"")',
                "calculation",
                "0.000",
            )


def _pick(book: Book, canvas: Canvas, found: LeafRanks, code: str) -> None:
    pillar, end, place = code.split("|")
    column = found.picks.column(code)
    block, function = (found.best, "SMALL") if end == "best" else (found.worst, "LARGE")
    name = book.layout.framework_cell(pillar, "display")
    said = f'{name}&" · "&{book.labels.ref(f"strengths.{end}")}&" {place}"'
    canvas.formula(ROW_NAME, column, said, "header", font_size=9)
    canvas.text(CODE, column, code, "stub_code")
    for row in range(FIRST, book.layout.last + 1):
        keys = block.rows_of(found.leaves(pillar), row, row).ref("c", RANKS)
        canvas.formula(
            row,
            column,
            f'IF(COUNT({keys})<{place},"",MATCH({function}({keys},{place}),{keys},0))',
            "calculation_center",
            "0",
        )


def draw(book: Book) -> None:
    """Draw `Strengths`: a city a row, what was picked in words."""
    canvas, layout, found = book.canvas(SHEET), book.layout, LeafRanks(book.layout)
    canvas.heading("strengths", "strengths.note", banner_column=4)
    canvas.widths([16, 20, *[TEXT] * len(found.picks.codes)])
    unit_names(book, canvas)
    for column, key in ((1, "data.id"), (2, "data.name")):
        canvas.label(ROW_NAME, column, key, "header")
    canvas.sheet.set_row(ROW_NAME - 1, 34)
    canvas.thin(range(ROW_NAME + 1, CODE + 1))
    for row in range(FIRST, layout.last + 1):
        canvas.sheet.set_row(row - 1, 36)
    for offset, code in enumerate(found.picks.codes):
        pillar, end, place = code.split("|")
        column = 3 + offset
        name = layout.framework_cell(pillar, "display")
        said = f'{name}&" · "&{book.labels.ref(f"strengths.{end}")}&" {place}"'
        canvas.formula(ROW_NAME, column, said, "header", font_size=9)
        leaves = found.leaves(pillar)
        names = found.ranks.rows_of(leaves, ROW_NAME, ROW_NAME).ref()
        for row in range(FIRST, layout.last + 1):
            pick = found.picks.at(code, row, SHEET)
            ranks = found.ranks.rows_of(leaves, row, row).ref("c")
            canvas.formula(
                row,
                column,
                f'IF(ISNUMBER({pick}),INDEX({names},{pick})&" · "&INDEX({ranks},{pick}),"")',
                "output" if end == "best" else "calculation",
                font_size=8,
                bold=False,
                text_wrap=True,
            )
    canvas.frame(ROW_NAME, 2)
    right = 2 + len(found.picks.codes)
    canvas.page(Area(SHEET, 1, 1, layout.last, right), a3=True)
    canvas.protect()
