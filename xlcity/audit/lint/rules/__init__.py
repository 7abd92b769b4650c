"""The rules of the lint; each module declares its own."""
