"""Audit of a workbook: lint, trace, comparison, seal."""
