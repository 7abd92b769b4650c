"""City indices computed and audited inside spreadsheets."""

__version__ = "0.1.0"
