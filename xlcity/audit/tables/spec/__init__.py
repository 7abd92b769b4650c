"""What printed tables hold: the spec, its rules and the numbers read by it."""
