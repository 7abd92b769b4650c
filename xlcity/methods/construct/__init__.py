"""Methods of the step *construct*."""
