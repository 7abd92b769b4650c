"""Recalculates files: targets, processes, clusters, the record of a run."""
