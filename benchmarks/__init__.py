"""Benchmarks: what the documents say about speed, measured side by side in one run."""
