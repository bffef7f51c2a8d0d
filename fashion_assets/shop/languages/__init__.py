"""The languages that descriptions are worded in and queries are read in: one file each, all of the same form."""
