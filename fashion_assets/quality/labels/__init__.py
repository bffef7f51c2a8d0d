"""Labels and corrections by people, and how often the model agrees with them."""
