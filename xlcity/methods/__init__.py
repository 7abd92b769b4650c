"""The methods of each step, one module per method or close family, found by looking for them."""
