"""A ranking of a frame: min-max values, weighted means, ranks."""

import pandas as pd

import xlcity as xc

cities = pd.DataFrame(
    {
        "income": [21.0, 34.0, 27.0, 30.0],
        "jobs": [61.0, 58.0, 66.0, 60.0],
        "noise": [62, 70, 55, 58],
    },
    index=["Porto", "Lyon", "Turin", "Graz"],
)
tree = pd.DataFrame(
    {
        "code": ["CITY", "income", "jobs", "noise"],
        "parent": [None, "CITY", "CITY", "CITY"],
        "weight": [None, 2, 1, 1],
        "direction": [None, 1, 1, -1],
    }
)
index = xc.Index(xc.Framework.from_frame(tree), cities)
print(index.to_frame().round(2))

# %% The same in COINr (R)
# iData <- data.frame(uCode = c("Porto", "Lyon", "Turin", "Graz"), income = c(21, 34, 27, 30),
#                     jobs = c(61, 58, 66, 60), noise = c(62, 70, 55, 58))
# iMeta <- data.frame(iCode = c("income", "jobs", "noise", "CITY"), Level = c(1, 1, 1, 2),
#                     Parent = c("CITY", "CITY", "CITY", NA), Weight = c(2, 1, 1, 1),
#                     Direction = c(1, 1, -1, 1),
#                     Type = c("Indicator", "Indicator", "Indicator", "Aggregate"))
# coin <- new_coin(iData, iMeta)
# coin <- qNormalise(coin, dset = "Raw")
# coin <- Aggregate(coin, dset = "Normalised", f_ag = "a_amean")
# get_results(coin, dset = "Aggregated", tab_type = "Summ")

# %% The same in scikit-criteria
# problem = skcriteria.mkdm(cities, [max, max, min], weights=[2, 1, 1], alternatives=cities.index,
#                           criteria=cities.columns)
# pipeline = mkpipe(NegateMinimize(), MinMaxScaler("matrix"), SumScaler("weights"),
#                   WeightedSumModel())
# result = pipeline.evaluate(problem)
# result.to_series(), result.e_.score * 100
