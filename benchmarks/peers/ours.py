"""The project as a contender: the Dagster jobs of `fashion demo`, from a product table to the index that is served."""

from .calls import PHOTOS, QUESTIONS, TEXTS, note_calls
from .contender import ENRICHED, PHOTO, TEXT, Contender, Results, play

VECTORS = {PHOTO: "image_embedding", TEXT: "text_embedding", ENRICHED: "text_embedding_enriched"}


class Ours(Contender):
    """With all that the others do not do: quarantine, pilot, gates, consistency, reports, search quality, history."""

    def run(self) -> None:
        from fashion_assets.app.run import run_pipeline

        _note_calls()
        with self._shop() as shop, shop.pipeline() as pipeline:
            outcomes = run_pipeline(pipeline, pilot_first=True)
        blocked = [f"{outcome.batch}: {'; '.join(outcome.reasons)}" for outcome in outcomes if outcome.is_blocked]
        if blocked:
            raise RuntimeError(f"The quality gates stopped {blocked}, so that less was done than by the others.")

    def results(self) -> Results:
        import polars as pl

        from fashion_assets.catalog.tables import PRODUCTS
        from fashion_assets.extraction.tables import RESPONSE_JOURNAL
        from fashion_assets.search.index.versions import open_live

        with self._shop() as shop:
            products = shop.store.read(PRODUCTS, columns=["product_id", "photo_sha256"])
            journal = shop.store.read(RESPONSE_JOURNAL, columns=["photo_sha256", "question_id", "answer_text"])
            served = pl.DataFrame(
                open_live(shop.settings.index_uri).to_arrow().select(["product_id", *VECTORS.values()])
            )
        answers: dict[int, dict[str, str]] = {product: {} for product in products["product_id"]}
        for product, question, text in (
            products.join(journal, on="photo_sha256").select("product_id", "question_id", "answer_text").iter_rows()
        ):
            answers[product][question] = text
        vectors = {
            kind: dict(served.select("product_id", column).drop_nulls().iter_rows()) for kind, column in VECTORS.items()
        }
        return Results(answers, vectors)

    def _shop(self):
        from fashion_assets.app.shop import Shop
        from fashion_assets.settings import DEMO, load_settings

        return Shop.open(
            load_settings(
                profile="local",
                home=self.home,
                source=self.catalog / "catalog.csv",
                preset="reference",
                photos=self.catalog / "images",
                vlm=DEMO,
                clip=DEMO,
            )
        )


def _note_calls() -> None:
    """Note the calls of every model that the resources load; nothing is loaded for that."""
    from fashion_assets.extraction.backends.transformers.resources import TransformersVlm
    from fashion_assets.models.clip.resources import ClipResource

    _note(TransformersVlm, answer=QUESTIONS)
    _note(ClipResource, embed_photos=PHOTOS, embed_texts=TEXTS)


def _note(resource: type, **kinds: str) -> None:
    """Note the calls of these methods of what `resource` loads."""
    load = resource.load

    def noted(self, *arguments, **options):
        model = load(self, *arguments, **options)
        for method, kind in kinds.items():
            note_calls(model, method, kind)
        return model

    resource.load = noted


if __name__ == "__main__":
    play(Ours)
