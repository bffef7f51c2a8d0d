"""Finding out what the columns of an unknown table mean, for a first file of the shop."""
