"""Source table and photos to clean products: nothing dropped silently, every product in one stable batch."""
