"""An engine that translates formulas to Python, each shape once."""
