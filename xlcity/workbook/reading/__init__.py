"""Reads a template: framework, recipe, cities, data and results, found by contract names."""
