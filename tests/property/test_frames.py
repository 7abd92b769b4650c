"""A frame is read as its CSV file is: 200 random tables of every form and kind of label."""

import numpy as np
import pandas as pd
import pytest

import xlcity as xc

FRAMEWORK = xc.Framework.read(
    "code,parent,direction,uom,valid_low,valid_high,no_data\n"
    "X,,,,,,\nA,X,1,EUR,,,\nshare,X,1,%,0,100,\nnoise,X,-1,dB,10,,-999\n"
)
CODES = ["A", "share", "noise"]
NAMES = ["Lyon", "Porto", "西安", "São Paulo", "合肥", "Turin", "x-1", "O’Hara"]
#: Kind of label -> labels of `count` cities. No decimal is whole: 19.0 is the city 19 in a frame,
#: while pandas writes "19.0".
LABELS = {
    "text": lambda rng, count: rng.permutation(NAMES)[:count],
    "whole": lambda rng, count: rng.permutation(99)[:count],
    "large": lambda _rng, count: 10**16 + np.arange(count) + 1,
    "decimal": lambda rng, count: rng.permutation(99)[:count] + 0.25,
    "mixed": lambda rng, count: np.array([7, "Lyon", 2.5, True, "8"], dtype=object)[
        :count
    ],
    "category": lambda rng, count: pd.Categorical(rng.permutation(NAMES)[:count]),
    "nullable": lambda rng, count: pd.array(rng.permutation(99)[:count], dtype="Int64"),
    "string": lambda rng, count: pd.array(
        rng.permutation(NAMES)[:count], dtype="string"
    ),
    "date": lambda _rng, count: pd.date_range("2020-02-01", periods=count),
    "period": lambda _rng, count: pd.period_range("2020", periods=count, freq="Y"),
}
#: What a column of one type holds, and what only a column of objects does.
KINDS = ("float64", "int64", "Float64", "Int16", "object")
TEXTS = ["NA", "", "12", "３０", "1,234", "45%", " 7 ", "about 70", None, 3, 0.25]


def random_column(rng, count):
    """Return values of any type; some of no use, so that messages are compared, too."""
    kind = rng.choice(KINDS)
    if kind == "object":
        mostly = [float(x) for x in rng.normal(40, 30, count).round(3)]
        return pd.array(
            [
                rng.choice(np.array(TEXTS, dtype=object)) if rng.random() < 0.2 else x
                for x in mostly
            ],
            dtype=object,
        )
    values = rng.normal(40, 30, count)
    if "nt" in kind:
        return pd.array(values.round().astype(int), dtype=kind)
    values[rng.random(count) < 0.2] = np.nan
    values[rng.random(count) < 0.1] = rng.choice([-999, 0.5, np.inf, 1e300])
    return pd.array(values, dtype=kind)


def random_frame(rng):
    """Return a wide, long or panel table, labelled in some way, and the same as a flat table."""
    count = int(rng.integers(2, 6))
    cities = pd.Series(LABELS[rng.choice([*LABELS])](rng, count), name="unit")
    frame = pd.DataFrame({code: random_column(rng, count) for code in CODES})
    frame = frame[rng.permutation(CODES)[: int(rng.integers(1, 4))].tolist()]
    frame.insert(0, "unit", cities)
    form = rng.choice(["wide", "long", "panel", "years across"])
    if form == "long":
        frame = frame.melt("unit", var_name="code", value_name="value").sample(
            frac=0.8, random_state=int(rng.integers(99))
        )
    elif form != "wide":
        later = frame.assign(A=random_column(rng, count))
        frame = pd.concat([frame.assign(year=2020), later.assign(year=2021)])
    keys = ["unit", *(key for key in ("code", "year") if key in frame)]
    if form == "years across":
        across = frame.set_index(keys).rename_axis("code", axis=1).unstack("year")  # noqa: PD010
        return across, across.stack([0, 1]).rename("value").reset_index()  # noqa: PD013
    labels = rng.choice(["columns", "index", "levels"])
    if labels == "levels":
        return frame.set_index(keys), frame
    return (
        frame.set_index("unit").rename_axis(None) if labels == "index" else frame
    ), frame


def outcome(source):
    """Return all that was read, or all that is wrong, without files and rows."""
    try:
        data = xc.read_data(source, FRAMEWORK)
    except xc.XlcityError as error:
        return sorted(
            (p.code, str(p.where.unit), str(p.where.indicator)) for p in error.problems
        )
    datasets = data.panel.datasets if data.panel else [data.dataset]
    notes = data.notes
    return (
        data.panel and (data.panel.editions, data.panel.times),
        [
            (each.units, each.codes, each.digest(), each.basis.tolist())
            for each in datasets
        ],
        sorted(
            (cell.unit, cell.code, cell.value, cell.state, cell.basis)
            for cell in notes.cells
            if cell.value == cell.value
        ),
        len(notes.cells),
        sorted(notes.blanks),
        # Numbers are the labels of a frame that its caller chose; in a file they are doubted.
        sorted(
            (p.code, p.message, str(p.where.unit))
            for p in notes.doubtful
            if p.code != "XC346"
        ),
        sorted((str(c.where.unit), c.result, c.note) for c in notes.converted),
        notes.unused,
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "seed",
    [*range(60), *(pytest.param(n, marks=pytest.mark.long) for n in range(60, 200))],
)
def test_a_random_frame_reads_as_its_file_does(seed, tmp_path):
    frame, flat = random_frame(np.random.default_rng(seed))
    flat.to_csv(tmp_path / "data.csv", index=False)
    assert outcome(frame) == outcome(tmp_path / "data.csv")


@pytest.mark.slow
def test_the_random_tables_are_of_every_kind():
    """Both data and refusals, panels, blanks and conversions are among what is compared."""
    outcomes = [
        outcome(random_frame(np.random.default_rng(seed))[0]) for seed in range(200)
    ]
    read = [each for each in outcomes if isinstance(each, tuple)]
    assert len(read) > 40
    assert len(read) < 190
    for part in (0, 2, 4, 5, 6):
        assert sum(bool(each[part]) for each in read) > 3, part
