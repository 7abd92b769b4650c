"""A release: `python -m tools.dist FOLDER` (`make dist`)."""
