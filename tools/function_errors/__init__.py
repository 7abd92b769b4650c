"""The largest relative error of each function against exact arithmetic, at sizes 1e-300 to 1e300.

`python -m tools.function_errors [TURNS]` prints the table. References are computed with fractions,
and with 60 digits where there is a root, a logarithm or an eigenvector. A result near 0 is
compared with the largest of its column: its last digits come from numbers of that size.
"""
