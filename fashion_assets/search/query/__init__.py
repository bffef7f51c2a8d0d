"""One search: a text, a photo or both to products, each with the reasons for its place."""
