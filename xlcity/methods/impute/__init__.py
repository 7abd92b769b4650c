"""Methods of the step *impute*."""
