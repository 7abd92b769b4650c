"""Our own engine: formulas become Python functions."""

from xlcity.recalc.engines.compiled.engine import Compiled as Compiled
