"""What a shop decides about its catalog, as data: the taxonomy of visual attributes, and the limits of quality."""
