"""Failures to messages: which deserve one, where each goes, and what became of it."""
