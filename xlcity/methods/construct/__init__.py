"""Methods of the step *construct*: indicators made from ingredients or from lists."""
