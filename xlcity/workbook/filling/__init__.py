"""Decides which input cells of a template change: values, lists, links."""
