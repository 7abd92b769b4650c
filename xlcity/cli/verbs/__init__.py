"""What people can have done: a function per verb, found by `xlcity.api.verb`."""
