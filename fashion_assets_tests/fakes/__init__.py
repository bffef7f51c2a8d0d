"""Servers, models and shops that stand in for real ones, behind the same seams."""
