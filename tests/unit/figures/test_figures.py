"""Figures: every kind is drawn in both languages, nothing is cut or covered, bytes are the same."""

import io
import re
import sys
from itertools import combinations
from types import SimpleNamespace

import numpy as np
import pylopdf_fonts_zh_cn
import pytest
from matplotlib.font_manager import FontEntry
from PIL import Image

from xlcity.errors import UsageError
from xlcity.figures import contents as c
from xlcity.figures import draw_points, fonts
from xlcity.figures import figure as drawn
from xlcity.figures.figure import Figure, content_size, draw_alike
from xlcity.figures.fonts import FigureError, wrapped
from xlcity.figures.panels import number, numbers_alike
from xlcity.figures.point_names import NamePlace, _Choices, _settled, name_places
from xlcity.figures.style import figure_style

AXIS = c.Axis(c.Label("名次", "rank"), whole=True)
SHARE = c.Axis(c.Label("概率", "probability"), low=0.0, high=1.0, percent=True)
LONG = c.Label(
    "粤港澳大湾区（广州、深圳、香港、澳门及周边城市）",
    "Guangdong-Hong Kong-Macao Greater Bay Area",
)


def names(n):
    every = [c.Label(f"{at + 1}  呼和浩特", f"{at + 1}  Hohhot") for at in range(n)]
    return [*every[: n // 2], LONG, *every[n // 2 + 1 :]]


def test_small_numbers_beside_very_large_ones_are_in_the_unit_of_the_smaller():
    values = np.array([3e12, 1.24e10, 1e8])
    assert numbers_alike(values, "zh") == ["30,000亿", "124亿", "1亿"]


def intervals(n):
    at = np.arange(1.0, n + 1)
    median = c.BarSeries(c.Label("中位数", "median"), at, at - 1, at + 1)
    own = c.BarSeries(c.Label("现行", "own"), at)
    interval = c.Label("区间", "interval")
    return c.DotChart(names(n), [own, median], AXIS, interval, (0, 2, n // 2))


def dot_panels(n, across=1):
    """Rows of one dot in two tiers, and below them a row of all dots with its mean."""
    dots = [c.Dot(name, n - at, at % 3, at + 1) for at, name in enumerate(names(n))]
    rows = [c.DotRow(dot.name, [dot], end=c.Label(f"{dot.value}")) for dot in dots]
    rows[0] = c.DotRow(LONG, [dots[0]], is_strong=True)
    rest = [dot.with_shade(None) for dot in dots]
    rows.append(c.DotRow(c.Label("其余", "others"), rest, n / 2, dots[0].name))
    bands = [
        c.RowBand(2, c.Label("第一", "one"), c.Label("−1"), is_pale=True),
        c.RowBand(n - 1, c.Label("第二", "two")),
    ]
    panel = c.DotPanel(c.Label("得分", "score"), rows, n / 3, bands)
    legend = [(c.Label("东部", "East"), 0), (c.Label("其余", "others"), None)]
    line = c.Label("平均分", "mean")
    return c.DotPanels([panel] * across, AXIS, across, legend, line)


def heat_table(n):
    ranks = np.outer(np.arange(1.0, n + 1), np.ones(4))
    ranks[1, 2] = np.nan
    return c.HeatTable(
        names(n),
        [LONG, *names(3)],
        100 - ranks,
        ranks,
        [["98.5†"] * 4] * n,
        AXIS,
        [2, 4, n],
        names(4),
    )


def kinds(n=7):
    at = np.arange(1.0, n + 1)
    two = c.Label("一", "one"), c.Label("二", "two")
    series = [c.BarSeries(two[0], at, at - 0.5, at + 0.5), c.BarSeries(two[1], -at)]
    shares = np.outer(at, at) / n**2
    merges = np.array(
        [
            [at_ if at_ == 0 else n + at_ - 1, at_ + 1, at_ + 1.0, at_ + 2]
            for at_ in range(n - 1)
        ]
    )
    curve = c.Curve(two[0], at, at**2)
    return {
        "dot panels": dot_panels(n),
        "intervals": intervals(n),
        "bars": c.BarChart(names(n), series, AXIS, ends=["▲ 2"] * n),
        "stacked": c.BarChart(names(n), series, AXIS, stacked=True),
        "matrix": c.Matrix2D(names(n), names(n), shares, SHARE, True, [(0, 2)]),
        "heat table": heat_table(n),
        "bar pair": c.BarPair(
            c.BarChart(names(n), series, AXIS, stacked=True, ends=["2.0"] * n),
            c.BarChart(names(n), series[::-1], AXIS, stacked=True, ends=["0.1"] * n),
        ),
        "panels": c.BarPanels(names(n), series, [AXIS, AXIS]),
        "strips": c.StripChart(names(n), at / n, at / n, names(n), ["2†"] * n, series),
        "network": c.NetworkChart(names(n), shares, at),
        "map": c.ScatterChart(
            names(n),
            at * 20,
            at * 5,
            AXIS,
            AXIS,
            at,
            [0, *[1] * (n - 1)],
            two,
            ((30,), (9,)),
            True,
        ),
        "tree": c.TreeDiagram(names(n), [-1, 0, 0, *[1] * (n - 3)]),
        "lines": c.LineChart([curve, curve], AXIS, AXIS),
        "dots": c.DotChart(
            names(n), [c.BarSeries(two[0], at), c.BarSeries(two[1], at * 2)], AXIS
        ),
        "slopes": c.SlopeChart(names(n), [*two], np.column_stack([at, at[::-1]])),
        "dendrogram": c.Dendrogram(names(n), merges, AXIS, 3),
        "scatter": c.ScatterChart(names(n), at, at % 3, AXIS, AXIS),
        "histograms": c.HistogramChart(
            [c.Histogram(LONG, at * 1e6, [2e6])] * 5, two[0]
        ),
    }


def figure(content, synthetic=0):
    note = c.Label("每条横线为区间。", "Each line is an interval.")
    title = c.Label("指数：排名的区间", "Index: intervals of ranks")
    return Figure("x", title, content, note, c.Label("来源", "source"), synthetic)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "lang"),
    [*((kind, "zh") for kind in kinds()), ("intervals", "en"), ("matrix", "en")],
)
def test_every_kind_is_drawn_with_all_texts_inside(kind, lang):
    made = figure(kinds()[kind], synthetic=3)
    from matplotlib.text import Text

    with drawn.laid_out(made, lang) as picture:
        picture.draw_without_rendering()
        page = picture.bbox
        texts = [
            t for t in picture.findobj(Text) if t.get_visible() and t.get_text().strip()
        ]
        shown = [t.get_text() for t in texts]
        # Numbers of ticks beyond the ends of an axis have a place, but are not drawn.
        number = re.compile(r"[-−\d.,e%\s]+([万亿km]|bn)?")
        worded = [t for t in texts if not number.fullmatch(t.get_text())]
        outside = [
            t.get_text() for t in worded if not _is_inside(t.get_window_extent(), page)
        ]
    assert any(
        ("虚构数据：3" if lang == "zh" else "Synthetic data: 3") in text
        for text in shown
    )
    assert ("虚构数据" if lang == "zh" else "SYNTHETIC DATA") in shown
    assert outside == []


def test_a_tree_of_many_levels_has_them_all_on_the_page():
    tree = figure(
        c.TreeDiagram(names(16), [-1, 0, 0, 1, 1, 3, 3, 5, 5, 7, 7, 9, 9, 11, 11, 13])
    )
    with drawn.laid_out(tree, "en") as picture:
        boxes = [patch.get_window_extent() for patch in picture.axes[0].patches]
        page = picture.bbox
    assert len(boxes) == 16
    assert all(box.width > 0 and _is_inside(box, page) for box in boxes)


def test_a_long_name_of_the_whole_makes_no_box_of_a_leaf_higher():
    whole = c.Label(
        "国际交往中心城市指数", "International Exchange Centre Cities Index"
    )
    leaves = [c.Label(f"第{at}项", f"No. {at}") for at in range(6)]
    tree = figure(c.TreeDiagram([whole, *leaves], [-1, *[0] * 6]))
    for lang, lines in (("zh", 1), ("en", 3)):
        with drawn.laid_out(tree, lang) as picture:
            (axes,) = picture.findobj(lambda one: hasattr(one, "yaxis"))
            root, *boxes = sorted(
                axes.patches, key=lambda box: (box.get_x(), box.get_y())
            )
            assert next(text.get_text().count("\n") + 1 for text in axes.texts) == lines
            assert root.get_height() >= max(box.get_height() for box in boxes)
            assert boxes[0].get_height() < 0.8  # cm: a line and the room around it
            ends = [box.get_y() + box.get_height() for box in boxes]
            assert all(
                end < box.get_y() for end, box in zip(ends, boxes[1:], strict=False)
            )


def test_long_titles_take_no_room_of_the_rows():
    title = c.Label(
        "长" * 60, "Carrying capacity and long-term sustainable development " * 3
    )
    short = c.Label("短", "short")
    panels = [c.BarSeries(short, np.arange(9.0)), c.BarSeries(title, np.arange(9.0))]
    heights = [
        content_size(c.BarPanels(names(9), some, [AXIS] * 2), "en")[1]
        for some in (panels[:1] * 2, panels)
    ]
    assert heights[1] > heights[0] + 0.5


def test_panels_beside_each_other_are_all_bars_or_all_dots():
    # One that began at 0 stood beside one that did not: their lengths were not to be compared.
    far = c.BarSeries(LONG, np.arange(9.0))
    near = c.BarSeries(LONG, np.arange(9.0) + 90)
    for panels, bars in (([far, far], [9, 9]), ([far, near], [0, 0])):
        with drawn.laid_out(
            figure(c.BarPanels(names(9), panels, [AXIS] * 2)), "en"
        ) as picture:
            assert [len(axes.patches) for axes in picture.axes] == bars


def test_no_number_beside_a_dot_covers_a_part_of_it():
    near = c.BarSeries(LONG, np.arange(9.0) + 90)
    with drawn.laid_out(
        figure(c.BarPanels(names(9), [near] * 4, [AXIS] * 4)), "en"
    ) as picture:
        picture.draw_without_rendering()
        for axes in picture.axes:
            dots = axes.transData.transform(axes.lines[0].get_xydata())[:, 0]
            boxes = [text.get_bbox_patch().get_window_extent() for text in axes.texts]
            gaps = [box.x0 - dot for box, dot in zip(boxes, dots, strict=True)]
            assert (
                min(gaps) * 72 / picture.dpi > 4
            )  # points; half a dot with its edge is 2.3
            assert all(_is_inside(box, picture.bbox) for box in boxes)


def _is_inside(box, page):
    return (
        min(box.x0 - page.x0, page.x1 - box.x1, box.y0 - page.y0, page.y1 - box.y1) > -1
    )


@pytest.mark.parametrize(
    ("kind", "n"),
    [("intervals", 5), ("intervals", 51), ("intervals", 119), ("dendrogram", 119)],
)
def test_the_names_of_all_cities_are_legible(kind, n):
    made = figure(kinds(n)[kind])
    # Pictures that are higher than a page of a document are made smaller, and their letters too.
    assert content_size(made.content, "en")[1] < 26
    with drawn.laid_out(made, "zh") as picture:
        picture.draw_without_rendering()
        labels = [
            label
            for axes in picture.findobj(lambda one: hasattr(one, "yaxis"))
            for label in axes.get_yticklabels()
        ]
        texts = [label.get_text() for label in labels]
        boxes = [label.get_window_extent() for label in labels]
        sizes = {label.get_size() for label in labels}
    assert len(texts) == n
    assert not [pair for pair in combinations(boxes, 2) if pair[0].overlaps(pair[1])]
    assert min(sizes) >= figure_style().type["tiny"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "n", "lang"),
    [
        *((kind, 119, "en") for kind in ("stacked", "dendrogram", "network")),
        *((kind, 20, "en") for kind in ("panels", "slopes", "dots")),
        ("matrix", 30, "en"),
        ("tree", 45, "en"),
        ("tree", 45, "zh"),
        ("matrix", 4, "zh"),
    ],
)
def test_no_letter_is_smaller_than_six_points_on_paper(kind, n, lang):
    content = kinds(n)[kind]
    width, height = content_size(content, lang)
    # What is larger than a page of text is made smaller, with its letters.
    share = min(1.0, 16.4 / width, 21.5 / height)
    from matplotlib.text import Text

    with drawn.laid_out(Figure("x", LONG, content, LONG, LONG), lang) as picture:
        picture.draw_without_rendering()
        texts = [
            t for t in picture.findobj(Text) if t.get_visible() and t.get_text().strip()
        ]
    assert min(text.get_size() for text in texts) * share >= 5.95


@pytest.mark.parametrize("n", [30, 100])
def test_histograms_of_very_many_indicators_have_room(n):
    panels = [
        c.Histogram(c.Label(f"第{at}项", f"No. {at}"), np.arange(9.0))
        for at in range(n)
    ]
    with drawn.laid_out(figure(c.HistogramChart(panels, LONG)), "en") as picture:
        heights = [
            axes.get_window_extent().height / picture.dpi for axes in picture.get_axes()
        ]
    assert len(heights) >= n
    assert min(heights) > 0.4  # inches


def test_axes_write_numbers_as_their_size_needs():
    at = np.array([0.0, 2e4, 4e4])
    curve = c.LineChart([c.Curve(LONG, at / 20 + 2000, at)], AXIS, c.Axis(LONG))
    points = c.ScatterChart([LONG] * 3, at * 1e6, at * 1e8, c.Axis(LONG), c.Axis(LONG))
    for chart, lang, wanted in (
        (curve, "en", {"2000", "4000", "20,000"}),
        (c.HistogramChart([c.Histogram(LONG, at)], LONG), "zh", {"2万", "4万"}),
        (points, "zh", {"200亿", "2万亿"}),
        (points, "en", {"20bn", "2tn"}),
    ):
        with drawn.laid_out(Figure("x", LONG, chart, LONG, LONG), lang) as picture:
            picture.draw_without_rendering()
            (axes,) = picture.findobj(lambda one: hasattr(one, "yaxis"))
            ticks = {
                t.get_text() for t in [*axes.get_xticklabels(), *axes.get_yticklabels()]
            }
            assert wanted <= ticks
            assert axes.xaxis.get_offset_text().get_text() == ""


def test_words_break_at_hyphens_and_no_cell_shows_less_than_nothing():
    assert wrapped("Entrepreneurship-friendliness", 3.0, 8.0) == [
        "Entrepreneurship-",
        "friendliness",
    ]
    assert wrapped("international co-operation", 3.0, 8.0) == [
        "international",
        "co-operation",
    ]
    assert number(-0.001, c.Axis(LONG)) == "0.00"


def test_names_of_points_do_not_cover_each_other():
    spread = np.random.default_rng(1).normal(size=(2, 46))
    chart = c.ScatterChart(names(46), *spread, AXIS, AXIS)
    with drawn.laid_out(Figure("x", LONG, chart, LONG, LONG), "en") as picture:
        picture.draw_without_rendering()
        (axes,) = picture.findobj(lambda one: hasattr(one, "yaxis"))
        boxes = [
            t.get_window_extent()
            for t in axes.texts
            if t.get_visible() and t.get_text()
        ]
    assert len(boxes) > 30
    assert not [pair for pair in combinations(boxes, 2) if pair[0].overlaps(pair[1])]


def test_of_few_points_none_is_without_its_name():
    points = np.random.default_rng(2).uniform(20, 70, (22, 2))
    sizes = np.tile([70.0, 7.0], (22, 1))
    room = (0, 0, 450, 250)
    places = name_places(points, np.full(22, 2.0), sizes, room)
    assert None not in places
    # What is neither right nor left of its point has a line.
    assert all(one.has_line or one.upright == "center" for one in places)


def test_a_name_beside_a_point_is_nearest_to_that_point():
    points = np.random.default_rng(3).uniform(0, 400, (120, 2))
    radii = np.full(120, 3.0)
    size = np.array([45.0, 8.0])
    places = name_places(points, radii, np.tile(size, (120, 1)), (0, 0, 400, 400))
    shown = [at for at, place in enumerate(places) if place]
    assert 30 < len(shown) < 120
    assert not any(places[at].has_line for at in shown if at >= 20)
    before = {"left": 0, "bottom": 0, "center": 0.5, "right": 1, "top": 1}
    for at in shown:
        place = places[at]
        low = points[at] + (place.x, place.y)
        low = low - size * (before[place.across], before[place.upright])
        away = np.hypot(*np.maximum(np.maximum(low - points, points - low - size), 0).T)
        assert place.has_line or away.argmin() == at
    # Of few points each has its name.
    few = [(0.0, 0.0)] * 3 + [(30.0, 0.0)] * 3
    found = name_places(
        np.array(few) + 200, radii[:6], np.tile(size, (6, 1)), (0, 0, 400, 400)
    )
    assert all(found)


def test_rings_are_not_filled_and_legends_read_line_by_line():
    at = np.arange(1.0, 6)
    words = [c.Label(f"组{n}", f"group {n} " * 3) for n in range(5)]
    chart = c.ScatterChart(
        words,
        at,
        at,
        AXIS,
        AXIS,
        classes=[0] * 5,
        legend=words,
        rings=[True, *[False] * 4],
    )
    with drawn.laid_out(Figure("x", LONG, chart, LONG, LONG), "en") as picture:
        picture.draw_without_rendering()
        (axes,) = picture.findobj(lambda one: hasattr(one, "yaxis"))
        assert axes.collections[0].get_facecolor()[:, 3].tolist() == [0, 1, 1, 1, 1]
        legend = picture.subfigs[1].legends[0]
        boxes = [(t.get_window_extent(), t.get_text()) for t in legend.get_texts()]
    assert len({round(box.y0) for box, _ in boxes}) > 1
    read = [
        text
        for _, text in sorted(boxes, key=lambda one: (-round(one[0].y0), one[0].x0))
    ]
    assert read == [word.en.strip() for word in words]


def test_ranks_begin_at_one_and_curves_that_lie_at_zero_have_a_logarithmic_axis():
    at = np.arange(1.0, 31)
    ranks = c.Axis(LONG, low=1.0, whole=True)
    dots = c.DotChart([LONG] * 30, [c.BarSeries(LONG, at)] * 2, ranks)
    with drawn.laid_out(Figure("x", LONG, dots, LONG, LONG), "en") as picture:
        picture.draw_without_rendering()
        (axes,) = picture.findobj(lambda one: hasattr(one, "yaxis"))
        shown = [t.get_text() for t in axes.get_xticklabels()]
    assert (shown[0], "0" in shown) == ("1", False)
    curve = c.Curve(LONG, at, 10.0 ** at[::-1])
    curves = c.LineChart([curve] * 10, AXIS, c.Axis(LONG, log=True))
    with drawn.laid_out(Figure("x", LONG, curves, LONG, LONG), "en") as picture:
        picture.draw_without_rendering()
        (axes,) = picture.findobj(lambda one: hasattr(one, "yaxis"))
        assert axes.get_yscale() == "log"
        looks = {(line.get_color(), line.get_linestyle()) for line in axes.lines}
        legend = picture.subfigs[1].legends[0]
        # One long name leaves the others beside each other.
        assert legend.get_window_extent().height < 0.6 * picture.subfigs[1].bbox.height
    assert len(looks) == 10


def test_numbers_stand_in_cells_where_they_are_legible():
    for n, numbers in ((7, 49), (30, 0)):
        chart = kinds(n)["matrix"]
        # At the width of a page nothing is made smaller.
        assert content_size(chart, "en")[0] <= figure_style().size["width"]
        with drawn.laid_out(Figure("x", LONG, chart, LONG, LONG), "en") as picture:
            picture.draw_without_rendering()
            (axes, _) = picture.findobj(lambda one: hasattr(one, "yaxis"))
            assert len(axes.texts) == numbers


@pytest.mark.slow
@pytest.mark.parametrize("form", ["svg", "png", "pdf"])
def test_the_same_figure_has_the_same_bytes(form, tmp_path):
    made = figure(kinds(4)["bars"])
    first = made.draw("zh", form)
    again = made.draw("zh", form)
    assert first == again
    assert first[:4] == {"svg": b"<?xm", "png": b"\x89PNG", "pdf": b"%PDF"}[form]
    assert b"CreationDate" not in first
    assert b"<dc:date>" not in first
    assert made.save(tmp_path / f"x.{form}", "zh").read_bytes() == first


def test_without_a_chinese_font_only_chinese_figures_are_refused(
    monkeypatch, no_machine_fonts
):
    monkeypatch.setitem(sys.modules, "pylopdf_fonts_zh_cn", None)
    plain = c.LineChart(
        [c.Curve(c.Label("线", "line"), np.arange(3.0), np.arange(3.0))], AXIS, AXIS
    )
    assert figure(plain).draw("en", "svg")
    with pytest.raises(FigureError) as caught:
        figure(plain).draw("zh", "svg")
    (problem,) = caught.value.problems
    assert problem.code == "XC280"
    assert "no installed font" in problem.message
    assert "pip install 'xlcity[figures]'" in problem.hint
    assert "fonts-noto-cjk" in problem.hint


def test_the_font_of_the_package_is_taken_where_the_machine_has_none(no_machine_fonts):
    assert fonts.families("zh") == ["Noto Sans SC", "DejaVu Sans"]
    fonts.require_glyphs(["城市名次：太原、哈尔滨、呼和浩特"], "zh")
    with pytest.raises(FigureError, match="𠮷"):
        fonts.require_glyphs(["𠮷"], "zh")


def test_a_font_of_the_machine_wins_over_that_of_the_package(
    no_machine_fonts, monkeypatch
):
    from matplotlib import font_manager

    of_machine = FontEntry(str(pylopdf_fonts_zh_cn.serif_path()), name="SimSun")
    manager = font_manager.fontManager
    monkeypatch.setattr(manager, "ttflist", [*manager.ttflist, of_machine])
    assert fonts.families("zh") == ["SimSun", "DejaVu Sans"]


def test_a_font_that_was_removed_is_not_taken(no_machine_fonts, monkeypatch, tmp_path):
    """Matplotlib keeps its list of fonts from run to run."""
    from matplotlib import font_manager

    removed = FontEntry(str(tmp_path / "simhei.ttf"), name="SimHei")
    manager = font_manager.fontManager
    monkeypatch.setattr(manager, "ttflist", [*manager.ttflist, removed])
    assert fonts.families("zh") == ["Noto Sans SC", "DejaVu Sans"]


def test_without_matplotlib_the_remedy_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(FigureError) as caught:
        figure(intervals(5)).draw()
    (problem,) = caught.value.problems
    assert (problem.code, problem.hint) == ("XC281", "pip install 'xlcity[figures]'")


def test_unknown_words_are_refused():
    with pytest.raises(UsageError, match="unknown format 'gif'"):
        figure(intervals(5)).draw("en", "gif")
    with pytest.raises(UsageError, match="unknown language 'fr'"):
        figure(intervals(5)).draw("fr")


def test_lines_break_between_chinese_characters_and_not_before_punctuation():
    lines = wrapped("城市名次的区间，城市。City ranks", 2.0, 10.0)
    assert all(line[0] not in "，。" for line in lines)
    assert "".join(lines).replace(" ", "") == "城市名次的区间，城市。Cityranks"


def test_charts_of_profiles_are_drawn_as_low_as_they_are_shown():
    # Shown at 5.4 cm, labels of a higher picture had 3.8 points.
    (drawn,) = draw_alike([kinds(8)["strips"]], 3, "en")
    assert (
        Image.open(io.BytesIO(drawn)).height / figure_style().size["dpi"] * 2.54 < 5.6
    )


def test_only_chinese_figures_need_a_chinese_font(monkeypatch):
    monkeypatch.setattr(fonts, "families", lambda lang: ["DejaVu Sans"])
    fonts.require_drawing(["en"])
    with pytest.raises(FigureError, match="no installed font"):
        fonts.require_drawing(["en", "zh"])


def test_a_character_without_a_font_is_as_wide_as_the_type_is_high():
    assert fonts.ems("\U000f0000\U000f0001") == 2.0


def test_areas_of_points_are_proportional_to_what_they_show():
    def areas(sizes):
        at = np.arange(float(len(sizes)))
        return draw_points._areas(
            c.ScatterChart(names(len(sizes)), at, at, AXIS, AXIS, sizes)
        )

    most = draw_points._LARGEST
    found = areas(np.array([4e6, 1e6, np.nan, 0.0]))
    least = draw_points._DOT / 2
    assert found.tolist() == pytest.approx([most, most / 4, least, least])
    assert areas(np.zeros(2)).tolist() == [least] * 2


def test_a_name_that_chose_first_makes_room_for_the_next_one():
    def boxes(name, line):
        return np.array(
            [[name, name, name + 1, name + 1], *[[line, line, line + 1, line + 1]] * 12]
        )

    gone = np.full((13, 4), np.nan)
    here, there, only = (
        NamePlace(x, 0, "left", "bottom", True) for x in (1.0, 2.0, 3.0)
    )
    lines = boxes(0, 5.0), boxes(40, np.nan), gone
    choices = {
        0: _Choices([here, there, None], np.array([0.0, 10.0, 250.0]), np.array(lines)),
        # Its line crosses the first place of the other name.
        1: _Choices(
            [only, None], np.array([0.0, 250.0]), np.array([boxes(20, 5.0), gone])
        ),
    }
    costs, spots = _settled(choices, [0, 1], 2)
    assert (costs, spots) == ([10.0, 0.0], [there, only])


def test_fonts_installed_only_now_are_known(tmp_path, monkeypatch):
    """Those of ours that Matplotlib has not listed yet, and no others."""
    from matplotlib import font_manager

    part = figure_style().font["files"][0]
    listed, late, other = (
        tmp_path / name for name in (f"{part}-old.ttf", f"{part}-new.ttf", "x.ttf")
    )
    listed.touch()
    added = []
    manager = SimpleNamespace(
        ttflist=[SimpleNamespace(fname=str(listed), name="Old")], addfont=added.append
    )
    monkeypatch.setattr(font_manager, "fontManager", manager)
    monkeypatch.setattr(
        font_manager, "findSystemFonts", lambda: [*map(str, (late, other, listed))]
    )
    fonts._installed.cache_clear()
    try:
        assert fonts._installed() == {"Old"}
    finally:
        fonts._installed.cache_clear()
    assert added == [late]


@pytest.mark.parametrize("turned", [False, True])
def test_widths_are_those_of_plain_letters_whatever_font_is_listed_first(
    monkeypatch, turned
):
    """A family is listed with its bold, slanted and narrow fonts, in the order of the disk."""
    from matplotlib import font_manager

    variants = (
        ("bold", "normal", 700, "normal"),
        ("condensed", "normal", 400, "condensed"),
        ("plain", "normal", 400, "normal"),
        ("oblique", "oblique", 400, "normal"),
        ("other", "normal", 400, "normal"),
    )
    listed = [
        font_manager.FontEntry(
            fname=name,
            name="F" if name != "other" else "G",
            style=style,
            weight=weight,
            stretch=stretch,
        )
        for name, style, weight, stretch in variants
    ]
    manager = font_manager.fontManager
    monkeypatch.setattr(manager, "ttflist", listed[::-1] if turned else listed)
    monkeypatch.setattr(font_manager, "get_font", str)
    assert fonts._font("F") == "plain"
    assert fonts._font("H") is None
