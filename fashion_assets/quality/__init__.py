"""Attributes to verdicts: rules as data, gates as asset checks, and the verdict that lets a batch go on or not."""
