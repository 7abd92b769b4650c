"""How certain ranks are: methods and weights vary, and what that does is seen."""

import pandas as pd

import xlcity as xc

cities = pd.DataFrame(
    {"income": [21.0, 34.0, 27.0, 30.0], "jobs": [61.0, 58.0, 66.0, 60.0]},
    index=["Porto", "Lyon", "Turin", "Graz"],
)
framework = xc.Framework.read("code,parent\nCITY,\nincome,CITY\njobs,CITY\n")
index = xc.Index(framework, cities)
assessment = index.assess(
    n=200,
    seed=1,
    vary=[
        "normalise=minmax,zscore",
        "aggregate=arithmetic,geometric",
        "weights=noise:25%",
    ],
)
print(assessment.units[["rank", "median", "low", "high"]])
print({left.node: left.mean_shift for left in assessment.leave_one_out})

# %% The same in COINr (R)
# specs <- list(
#   Weights = list(Address = "$Log$Aggregate$w", Distribution = get_noisy_weights(
#     coin$Meta$Weights$Original, noise_specs = data.frame(Level = 1, NoiseFactor = 0.25),
#     Nrep = 100), Type = "discrete"),
#   Aggregation = list(Address = "$Log$Aggregate$f_ag", Distribution = c("a_amean", "a_gmean"),
#     Type = "discrete"))
# get_sensitivity(coin, SA_specs = specs, N = 200, SA_type = "UA", dset = "Aggregated",
#                 iCode = "CITY")
# remove_elements(coin, Level = 1, dset = "Aggregated", iCode = "CITY")

# %% scikit-criteria compares pipelines, and asks what moves when an alternative gets worse
# ranks = skcriteria.cmp.mkrank_cmp(*(each.evaluate(problem) for each in pipelines))
# RankInvariantChecker(pipelines[0], repeat=100).evaluate(problem)
