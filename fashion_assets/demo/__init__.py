"""The embedded default: a rendered catalog with known truth, and small models trained on it, so that nothing is needed."""
