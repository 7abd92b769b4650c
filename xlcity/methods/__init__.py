"""The methods of each step, a module for each step or close family, found by looking for them."""
