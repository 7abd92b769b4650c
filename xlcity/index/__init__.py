"""Computes an index from framework, recipe and dataset, without any spreadsheet."""
