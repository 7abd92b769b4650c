"""Methods of the step *normalise*."""
