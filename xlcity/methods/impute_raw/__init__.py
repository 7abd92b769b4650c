"""Methods of the step *impute_raw*."""
