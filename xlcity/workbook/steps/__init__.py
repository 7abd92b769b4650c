"""Native formula and UDF call of each step, side by side.

A step has three forms that must agree: the Python function of the library, the native formula
that a reviewer reads, and the call of the function over whole columns. The latter two are here,
a module per step.
"""
