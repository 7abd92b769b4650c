"""Methods of the step *treat*: outliers."""
