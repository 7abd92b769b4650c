"""Sheets that check: rules, counts, function calls, print."""
