"""Methods of the step *fill*."""
