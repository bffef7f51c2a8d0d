"""Pixeltable: a table with computed columns and embedding indexes, which inserts update.

A media column cannot be updated, so a product with another photo is deleted and inserted again. Pixeltable does not see
that a file has changed: the script keeps each photo's hash, as the project does, and compares.

There are two ways to call the models: as the project does, and as Pixeltable's manual shows.
"""

import os
from dataclasses import asdict

from .catalog import ListedProduct, read_catalog
from .contender import ENRICHED, PHOTO, TEXT, Contender, Results, play
from .questions import read_questions

TABLE = "products"


class WithPixeltable(Contender):
    """The photo itself is a column; text and answers give the enriched text; all three have an HNSW index.

    One column has all answers, so that the project's code is called once for a photo.
    """

    def run(self) -> None:
        table = self._table()
        stored = table.select(table.product_id, table.name, table.text, table.photo_sha256).collect()
        before = {row["product_id"]: row for row in stored}
        listed = {product.product_id: product for product in read_catalog(self.catalog)}
        replaced = [
            product_id
            for product_id, row in before.items()
            if product_id not in listed or listed[product_id].photo_sha256 != row["photo_sha256"]
        ]
        if replaced:
            table.delete(table.product_id.isin(replaced))
        kept = before.keys() - set(replaced)
        renamed = [
            {"product_id": product_id, "name": product.name, "text": product.text}
            for product_id, product in listed.items()
            if product_id in kept and product.text != before[product_id]["text"]
        ]
        if renamed:
            table.batch_update(renamed)
        new = [_row(product) for product_id, product in listed.items() if product_id not in kept]
        if new:
            table.insert(new)

    def results(self) -> Results:
        table = self._table()
        rows = table.select(
            table.product_id,
            answers=self._answers(table),
            photo_vector=table.photo.embedding(),
            text_vector=table.text.embedding(),
            enriched_vector=table.enriched.embedding(),
        ).collect()
        vectors = {kind: {row["product_id"]: row[f"{kind}_vector"] for row in rows} for kind in (PHOTO, TEXT, ENRICHED)}
        return Results({row["product_id"]: row["answers"] for row in rows}, vectors)

    def _table(self):
        os.environ["PIXELTABLE_HOME"] = str(self.home / "pixeltable")
        import pixeltable as pxt

        if TABLE in pxt.list_tables():
            return pxt.get_table(TABLE)
        columns = {
            "product_id": pxt.Required[pxt.Int],
            "name": pxt.String,
            "master_category": pxt.String,
            "sub_category": pxt.String,
            "text": pxt.String,
            "photo": pxt.Image,
            "photo_sha256": pxt.String,
        }
        table = pxt.create_table(TABLE, columns, primary_key="product_id")
        self._compute(table)
        return table

    def _compute(self, table) -> None:
        """Add what is computed from the columns."""
        from .pixeltable_functions import answers, embed_photo, embed_text, enriched

        table.add_computed_column(answers=answers(table.photo, table.master_category, table.sub_category))
        table.add_computed_column(enriched=enriched(table.text, table.answers))
        _add_indexes(table, embed_photo, embed_text)

    def _answers(self, table):
        """The expression of a product's answers by question id."""
        return table.answers


class AsInManual(WithPixeltable):
    """A column for each question, which calls the models' libraries."""

    def _compute(self, table) -> None:
        from .pixeltable_functions import enriched, plain_answer, plain_embed_photo, plain_embed_text

        for question in read_questions(self.catalog):
            answer = plain_answer(table.photo, table.master_category, table.sub_category, question=asdict(question))
            table.add_computed_column(**{question.id: answer})
        table.add_computed_column(enriched=enriched(table.text, self._answers(table)))
        _add_indexes(table, plain_embed_photo, plain_embed_text)

    def _answers(self, table):
        from .pixeltable_functions import by_question

        questions = [question.id for question in read_questions(self.catalog)]
        return by_question(questions, [getattr(table, question) for question in questions])


def _add_indexes(table, embed_photo, embed_text) -> None:
    table.add_embedding_index("photo", image_embed=embed_photo, precision="fp32")
    table.add_embedding_index("text", string_embed=embed_text, precision="fp32")
    table.add_embedding_index("enriched", string_embed=embed_text, precision="fp32")


def _row(product: ListedProduct) -> dict[str, object]:
    return {
        "product_id": product.product_id,
        "name": product.name,
        **product.categories,
        "text": product.text,
        "photo": str(product.photo),
        "photo_sha256": product.photo_sha256,
    }


if __name__ == "__main__":
    play(WithPixeltable, manual=AsInManual)
