"""Printed tables beside recomputed ones, as the spec of a report declares it."""
