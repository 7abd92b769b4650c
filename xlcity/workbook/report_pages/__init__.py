"""The sheets that a report has of its own, by the report's id."""
