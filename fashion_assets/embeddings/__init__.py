"""Photos and descriptions to vectors: CLIP encoders, and the table of every product's embeddings."""
