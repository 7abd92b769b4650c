"""Methods of the step *impute_scores*."""
