"""Vectors to answers: the LanceDB index and its versions, filters, queries, and the measurements behind a promotion."""
