"""Methods of the step *impute_raw*: confirmed gaps among raw values."""
