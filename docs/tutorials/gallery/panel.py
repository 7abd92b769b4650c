"""Several editions in one frame: scores that can be compared, and how fast they grow."""

import pandas as pd

import xlcity as xc

rows = [
    ("Porto", 2020, 20.0, 60.0), ("Lyon", 2020, 32.0, 57.0), ("Turin", 2020, 26.0, 63.0),
    ("Porto", 2022, 21.0, 61.0), ("Lyon", 2022, 34.0, 58.0), ("Turin", 2022, 27.0, 66.0),
]  # fmt: skip
panel = pd.DataFrame(rows, columns=["unit", "year", "income", "jobs"]).set_index(
    ["unit", "year"]
)
framework = xc.Framework.read("code,parent\nCITY,\nincome,CITY\njobs,CITY\n")
index = xc.Index(framework, panel)
editions = index.editions(together=True)
print(editions.round(1))
print(index.growth().round(4))

# %% The same in COINr (R): a column Time makes a purse
# purse <- new_coin(iData, iMeta, split_to = "all")
# purse <- Normalise(purse, dset = "Raw", global = TRUE)
# purse <- Aggregate(purse, dset = "Normalised")
# get_trends(purse, dset = "Raw", uCodes = "Porto", iCode = "income", f_trend = "CAGR")

# %% scikit-criteria has no editions: each year is a problem of its own
# scores = {year: pipeline.evaluate(skcriteria.mkdm(values, [max, max])).e_.score
#           for year, values in panel.groupby("year")}
