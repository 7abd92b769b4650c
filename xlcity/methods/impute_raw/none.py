"""No imputation of raw values: gaps stay."""

from __future__ import annotations

from xlcity.methods.impute_raw.record import RawImputation

RAW_NONE = RawImputation(name="none", idle=True)
