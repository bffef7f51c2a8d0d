"""Search beside exact NumPy, faiss and chromadb: the same vectors and queries, each contender in its own process."""
