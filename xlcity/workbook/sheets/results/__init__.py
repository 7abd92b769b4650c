"""Sheets that show results."""
