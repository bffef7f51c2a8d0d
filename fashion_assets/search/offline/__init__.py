"""How good the searches of one index version are, measured before any user sees it: queries, relevance, figures."""
