"""Photos and descriptions to vectors: the table of every product's embeddings."""
