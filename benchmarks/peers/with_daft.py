"""Daft with LanceDB: a pipeline in Daft, whose results a script keeps in two Lance tables.

Daft keeps nothing between runs, and recomputes everything in the next one. What a careful user adds is added here: the
answers and the vector of a photo are kept under its hash, and anti-joins leave only what is missing. A run that is
killed before its table is written has kept nothing of it.

There are two ways to call the models: as the project does, and as Daft's manual shows.
"""

import json
from functools import cached_property
from typing import Any

from .catalog import read_catalog
from .contender import ENRICHED, PHOTO, TEXT, Contender, Results, play
from .questions import read_questions

PHOTOS, PRODUCTS = "photos", "products"
ANSWERS = "answers"
VECTORS = {kind: f"{kind}_vector" for kind in (PHOTO, TEXT, ENRICHED)}


class WithDaft(Contender):
    """Vectors are searched without an index, as the project does with so few."""

    def run(self) -> None:
        import daft
        import lancedb

        database = lancedb.connect(self.home / "lancedb")
        listed = daft.from_pylist(
            [
                {
                    "product_id": product.product_id,
                    "name": product.name,
                    **product.categories,
                    "text": product.text,
                    "photo": str(product.photo),
                    "photo_sha256": product.photo_sha256,
                }
                for product in read_catalog(self.catalog)
            ]
        )
        self._describe_photos(database, listed)
        self._describe_products(database, listed)

    def _describe_photos(self, database, listed) -> None:
        """Ask about and embed the photos that are not in the table."""
        missing = _missing(database, PHOTOS, listed.distinct("photo_sha256"), ["photo_sha256"])
        if missing is None:
            return
        missing = missing.with_column("file", missing["photo"].download())
        described = [column.alias(name) for name, column in self._facts(missing).items()]
        _keep(database, PHOTOS, missing.select("photo_sha256", *described), "photo_sha256")

    def _describe_products(self, database, listed) -> None:
        """Embed the texts of the products whose text or photo has changed, and join them with their photos' results."""
        missing = _missing(database, PRODUCTS, listed, ["product_id", "text", "photo_sha256"])
        if missing is not None:
            import daft

            from .daft_functions import enriched_texts

            photos = self._with_answers(daft.from_arrow(database.open_table(PHOTOS).to_arrow()))
            described = missing.exclude("photo").join(photos, on="photo_sha256")
            described = described.with_column("enriched_text", enriched_texts(described["text"], described[ANSWERS]))
            vectors_of = self._vectors_of_texts()
            described = described.with_column(VECTORS[TEXT], vectors_of(described["text"]))
            described = described.with_column(VECTORS[ENRICHED], vectors_of(described["enriched_text"]))
            _keep(database, PRODUCTS, described, "product_id")

    def _facts(self, photos) -> dict[str, Any]:
        """What is kept of each photo: columns by name."""
        from .daft_functions import answers_of, vectors_of_photos

        answers = answers_of(photos["file"], photos["master_category"], photos["sub_category"])
        return {ANSWERS: answers, VECTORS[PHOTO]: vectors_of_photos(photos["file"])}

    def _with_answers(self, photos):
        """The kept photos, with their answers as JSON by question id."""
        return photos

    def _vectors_of_texts(self):
        """The function of a column of texts that embeds them."""
        from .daft_functions import vectors_of_texts

        return vectors_of_texts

    def results(self) -> Results:
        import lancedb

        rows = lancedb.connect(self.home / "lancedb").open_table(PRODUCTS).to_arrow().to_pylist()
        vectors = {kind: {row["product_id"]: row[column] for row in rows} for kind, column in VECTORS.items()}
        return Results({row["product_id"]: json.loads(row[ANSWERS]) for row in rows}, vectors)


class AsInManual(WithDaft):
    """A column for each question; classes hold the models, and call the models' libraries."""

    def _facts(self, photos) -> dict[str, Any]:
        from .daft_functions import Vlm

        vlm, photo = Vlm(), (photos["file"], photos["master_category"], photos["sub_category"])
        answers = {question.id: vlm.answers_to(*photo, question) for question in read_questions(self.catalog)}
        return {**answers, VECTORS[PHOTO]: self._clip.vectors_of_photos(photos["file"])}

    def _with_answers(self, photos):
        # Not where they are asked: Daft 0.7.26 gives the first result for all calls of a method within one expression.
        from daft.functions import to_struct

        from .daft_functions import as_json

        questions = [question.id for question in read_questions(self.catalog)]
        answers = as_json(to_struct(*(photos[question] for question in questions)))
        return photos.with_column(ANSWERS, answers).exclude(*questions)

    def _vectors_of_texts(self):
        return self._clip.vectors_of_texts

    @cached_property
    def _clip(self):
        from .daft_functions import Clip

        return Clip()


def _missing(database, table: str, rows, keys: list[str]):
    """The `rows` whose `keys` are not in the table; None if there is none."""
    import daft

    if table in database.list_tables().tables:
        stored = daft.from_arrow(database.open_table(table).search().select(keys).to_arrow())
        rows = rows.join(stored, on=keys, how="anti").collect()
    return rows if rows.count_rows() else None


def _keep(database, table: str, rows, key: str) -> None:
    """Write the rows: replace those with the same key, add the others."""
    computed = rows.to_arrow()
    if table in database.list_tables().tables:
        merge = database.open_table(table).merge_insert(key)
        merge.when_matched_update_all().when_not_matched_insert_all().execute(computed)
    else:
        database.create_table(table, computed)


if __name__ == "__main__":
    play(WithDaft, manual=AsInManual)
