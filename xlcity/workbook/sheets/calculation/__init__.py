"""Sheets that lead from inputs to scores and ranks."""
