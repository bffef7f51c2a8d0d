"""Attributes to verdicts: rules as data, gates as asset checks, and the verdict that stops a batch or not."""
