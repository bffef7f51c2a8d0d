"""What people say about products: hand labels and corrections, and how often the model agrees with them."""
