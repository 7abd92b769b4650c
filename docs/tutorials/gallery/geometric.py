"""Another method in a word: indicators from 1 to 100, a weighted geometric mean."""

import pandas as pd

import xlcity as xc

cities = pd.DataFrame(
    {"income": [21.0, 34.0, 27.0, 30.0], "jobs": [61.0, 58.0, 66.0, 60.0]},
    index=["Porto", "Lyon", "Turin", "Graz"],
)
framework = xc.Framework.read(
    "code,parent,weight\nCITY,,\nincome,CITY,2\njobs,CITY,1\n"
)
weights = pd.Series({"income": 2, "jobs": 1})
index = xc.Index(
    framework, cities, normalise="minmax:1:100", aggregate="geometric", weights=weights
)
print(index.scores.round(2))
print(index.ranks["CITY"].sort_values())

# %% The same in COINr (R), from a coin with these cities
# coin <- qNormalise(coin, dset = "Raw", f_n_para = list(l_u = c(1, 100)))
# coin <- Aggregate(coin, dset = "Normalised", f_ag = "a_gmean")

# %% The same in scikit-criteria, whose weighted product gives the logarithm of the mean
# problem = skcriteria.mkdm(cities, [max, max], weights=[2, 1])
# pipeline = mkpipe(MinMaxScaler("matrix", criteria_range=(1, 100)), SumScaler("weights"),
#                   WeightedProductModel())
# 10 ** pipeline.evaluate(problem).e_.score
