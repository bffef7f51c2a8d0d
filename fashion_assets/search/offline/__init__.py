"""Offline evaluation: the quality of an index version, measured before users see it, by queries and relevance."""
