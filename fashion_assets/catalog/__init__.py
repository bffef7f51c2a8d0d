"""From source table and photos to clean products: nothing is dropped silently, each product stays in one batch."""
