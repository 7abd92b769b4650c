"""Sheets that people type into."""
