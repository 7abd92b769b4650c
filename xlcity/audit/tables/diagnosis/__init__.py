"""From broken identities to causes, misprints and findings."""
