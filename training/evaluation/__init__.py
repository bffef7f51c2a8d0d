"""Scores of the demo models on products that no training saw, and the model cards that hold them."""
