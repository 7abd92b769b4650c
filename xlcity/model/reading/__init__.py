"""Readers of frameworks, cities, data, links and lists from tables of a user's own."""
