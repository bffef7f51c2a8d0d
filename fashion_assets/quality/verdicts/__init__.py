"""The verdict on each batch, bound to its content, and the decisions of people to override it."""
