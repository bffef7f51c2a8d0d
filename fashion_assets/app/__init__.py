"""What the product does, for every skin: notebooks, command line, pages and services call this."""
