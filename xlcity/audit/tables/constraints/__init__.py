"""Identities that printed numbers must meet."""
