"""An index of your own, from a table to a checked workbook: run it cell by cell, or as a whole."""

from pathlib import Path

import pandas as pd

import xlcity as xc

# %% Your own table: a row per city, a column per indicator.
folder = Path("notebook")
folder.mkdir(exist_ok=True)
(folder / "cities.csv").write_text(
    "unit,jobs,noise\nPorto,61,62\nLyon,58,70\nTurin,,55\n"
)
(folder / "tree.csv").write_text(
    "code,parent,direction\nCITY,,\njobs,CITY,1\nnoise,CITY,-1\n"
)
framework = xc.Framework.read(folder / "tree.csv")
data = xc.read_data(folder / "cities.csv", framework)

# %% The ranking, and how a score came about.
index = xc.Index(
    framework, data, normalise={"noise": "rank"}, weights={"jobs": 2, "noise": 1}
)
print(index.to_frame(), index.trace("Turin"), index.contributions("Lyon"), sep="\n")

# %% The same as a workbook: written, changed, checked and compared.
path = index.to_workbook(folder / "city.xlsx", language="en")
book = xc.Workbook.open(path)
book.fill(pd.DataFrame({"jobs": [50.0]}, index=["Turin"]))
verdict = book.check()
print(verdict.summary, verdict.checks[["name", "status"]], sep="\n")
for move in xc.Workbook.open(path).diff(book).ranks:
    print(move.unit, move.node, move.rank_before, "->", move.rank_after)
book.save(folder / "city-2.xlsx")
