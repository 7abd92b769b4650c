"""No treatment: values stay as they are."""

from __future__ import annotations

from xlcity.methods.record import Word
from xlcity.methods.treat.record import Treatment

NONE = Treatment(name="none", words=(Word("none"),), idle=True)
