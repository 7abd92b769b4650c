"""The published reports, each a folder of data."""
