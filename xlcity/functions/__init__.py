"""The formula library: pure numpy, one module per step of the work, and the registry."""
