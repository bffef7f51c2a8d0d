"""What a shop decides about its catalog, as data: today the taxonomy of visual attributes."""
