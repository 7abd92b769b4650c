"""What a chapter says of an index: one module a family of findings, their wording as data."""
