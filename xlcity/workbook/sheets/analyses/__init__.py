"""Sheets that analyse scores: correlation, regression, clusters, regions."""
