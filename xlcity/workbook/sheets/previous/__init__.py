"""Sheets about the previous edition."""
