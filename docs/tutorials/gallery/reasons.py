"""Why a city has its rank: parts of its score, a figure, and the workbook with its formulas."""

from pathlib import Path

import pandas as pd

import xlcity as xc

cities = pd.DataFrame(
    {
        "income": [21.0, 34.0, 27.0, 30.0],
        "jobs": [61.0, 58.0, None, 60.0],
        "noise": [62, 70, 55, 58],
    },
    index=["Porto", "Lyon", "Turin", "Graz"],
)
framework = xc.Framework.read(
    "code,parent,direction\nCITY,,\nPEOPLE,CITY,\nincome,PEOPLE,1\njobs,PEOPLE,1\nnoise,CITY,-1\n"
)
index = xc.Index(framework, cities, missing=[float("nan")])
print(index.trace("Turin"))
print(index.contributions("Graz").round(1).to_dict())
Path("ranking.svg").write_bytes(index.plot("ranking").draw("en", "svg"))
print(index.to_workbook("reasons.xlsx", language="en").name)

# %% The same in COINr (R)
# get_str_weak(coin, dset = "Aggregated", usel = "Graz")
# plot_bar(coin, dset = "Aggregated", iCode = "CITY", stack_children = TRUE)
# export_to_excel(coin, fname = "reasons.xlsx")  # values without formulas

# %% scikit-criteria keeps the last step's numbers, and plots the matrix
# result.e_.score
# problem.plot.heatmap()
