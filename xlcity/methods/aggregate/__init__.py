"""Methods of the step *aggregate*, a module a method or a tight family."""
