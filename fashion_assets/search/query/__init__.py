"""One search: from a text, a photo or both to products, each with the reasons for its rank."""
