"""Methods of the step *weight*: weights that are given, or follow from scores or judgements."""
