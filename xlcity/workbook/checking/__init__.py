"""Checks of a workbook: contract, seal, fresh values, the index beside its cells."""
