"""Exact NumPy, faiss and chromadb, each used as its manual says, with the graph parameters that the project uses.

`race.py` starts this file in the rivals' own environment, where the project cannot be imported.
"""

from __future__ import annotations

import numpy as np

from .contender import WANTED, Contender, InMemory, play

M, EF_CONSTRUCTION, EF = 16, 300, 200
"""As in `fashion_assets/search/`: neighbours of a node, breadth of the search while it is built, and after."""


class Exact(InMemory):
    """All products' cosines as one matrix product, of which the greatest are picked."""

    def build(self) -> None:
        """Nothing: it needs the vectors alone."""

    def open(self) -> None:
        super().open()
        self.vectors = np.load(self.data / "vectors.npy")

    def search(self, query: np.ndarray, conditions: dict[str, str]) -> list[int]:
        cosines = self.vectors @ query
        if conditions:
            cosines[~self.passing(conditions)] = -np.inf
        nearest = np.argpartition(-cosines, WANTED)[:WANTED]
        return nearest[np.argsort(-cosines[nearest])].tolist()


class Faiss(InMemory):
    """IndexHNSWFlat: full-precision vectors in memory, read from one file; filters as a bitmap of the ids."""

    def build(self) -> None:
        import faiss

        vectors = np.load(self.data / "vectors.npy")
        index = faiss.IndexHNSWFlat(vectors.shape[1], M, faiss.METRIC_INNER_PRODUCT)
        index.hnsw.efConstruction = EF_CONSTRUCTION
        index.add(vectors)
        self.home.mkdir(parents=True)
        faiss.write_index(index, str(self.home / "faiss.index"))

    def open(self) -> None:
        import faiss

        super().open()
        self.faiss, self.index = faiss, faiss.read_index(str(self.home / "faiss.index"))

    def search(self, query: np.ndarray, conditions: dict[str, str]) -> list[int]:
        allowed = None
        if conditions:
            allowed = self.faiss.IDSelectorBitmap(np.packbits(self.passing(conditions), bitorder="little"))
        parameters = self.faiss.SearchParametersHNSW(sel=allowed, efSearch=EF)
        return self.index.search(query[None], WANTED, params=parameters)[1][0].tolist()


class Chroma(Contender):
    """A persistent collection, filtered by `where`; only ids and distances are asked for."""

    def build(self) -> None:
        vectors = np.load(self.data / "vectors.npy")
        with np.load(self.data / "facts.npz") as stored:
            facts = {name: stored[name].tolist() for name in stored.files}
        client = self._client()
        hnsw = {"space": "cosine", "max_neighbors": M, "ef_construction": EF_CONSTRUCTION, "ef_search": EF}
        collection = client.create_collection("products", configuration={"hnsw": hnsw}, embedding_function=None)
        step = client.get_max_batch_size()
        for start in range(0, len(vectors), step):
            numbers = range(start, min(start + step, len(vectors)))
            collection.add(
                ids=[str(number) for number in numbers],
                embeddings=vectors[start : start + step],
                metadatas=[{name: of[number] for name, of in facts.items()} for number in numbers],
            )

    def open(self) -> None:
        self.collection = self._client().get_collection("products", embedding_function=None)

    def search(self, query: np.ndarray, conditions: dict[str, str]) -> list[int]:
        nearest = self.collection.query(
            query_embeddings=[query], n_results=WANTED, where=conditions or None, include=["distances"]
        )
        return [int(number) for number in nearest["ids"][0]]

    def _client(self):
        import chromadb

        return chromadb.PersistentClient(str(self.home), chromadb.Settings(anonymized_telemetry=False))


if __name__ == "__main__":
    play({"numpy": Exact, "faiss": Faiss, "chromadb": Chroma})
