"""Code that is this report's own; its data stand beside it."""
