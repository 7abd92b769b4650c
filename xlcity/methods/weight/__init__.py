"""Methods of the step *weight*."""
