"""Sheets about the edition before."""
