"""Carries what people entered from one template into another: rebuild, merge, next edition."""
