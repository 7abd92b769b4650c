"""Checks of whole tables, columns and statements."""
