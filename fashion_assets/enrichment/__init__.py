"""From attributes to descriptions: occasions, a refined season, and a text by which search finds products."""
