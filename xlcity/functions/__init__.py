"""The formula library: pure numpy, one module per step, and the registry.

The cores (`normalise`, `rescale`, `rank`, `aggregate`) take numbers and trust them; `entry` checks
cells and options before it calls one; `registry` says what there is.
"""
