"""What each engine is known to compute as Excel does."""
