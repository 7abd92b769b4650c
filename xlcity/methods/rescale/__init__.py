"""Methods of the step *rescale*."""
