"""Search compared with exact NumPy, faiss and chromadb: the same vectors and queries, each in its own process."""
