"""From photos and descriptions to vectors: the table of all products' embeddings."""
