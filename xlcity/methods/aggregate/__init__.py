"""Methods of the step *aggregate*."""
