"""Attributes to descriptions: occasions, a refined season, and a phrase that search can find products by."""
