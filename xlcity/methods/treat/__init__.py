"""Methods of the step *treat*."""
