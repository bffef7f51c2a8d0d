"""Products by the names that people use for them: the shop's own ids, SKUs of variants, and the tables' keys."""

from collections.abc import Callable, Iterable

import polars as pl
from rapidfuzz import process

from fashion_assets.catalog.tables import BATCH_ASSIGNMENTS, PRODUCT_VARIANTS
from fashion_assets.errors import UnknownProduct
from fashion_assets.shop.folding import fold
from fashion_assets.storage.reader import TableReader

_NEAREST = 3
_LEAST_SIMILARITY = 70
"""Of 100, for a name to be suggested."""


class ProductNames:
    """Every name of the products that have ever been ingested, by the key that it stands for; read once."""

    def __init__(self, store: TableReader):
        assigned = store.read(BATCH_ASSIGNMENTS, columns=["product_id", "shop_id"])
        key = pl.col("product_id")
        named = assigned.select(name=pl.coalesce("shop_id", key.cast(pl.String)), product_id=key)
        variants = store.read(PRODUCT_VARIANTS, columns=["sku", "product_id"]).select(name="sku", product_id=key)
        self._shop_ids = dict(named.select("product_id", "name").iter_rows())
        self._keys = {**dict(variants.iter_rows()), **dict(named.iter_rows())}
        self._folded = {fold(name).strip(): product for name, product in self._keys.items()}

    def shop_id(self, product_id: int) -> str:
        """The shop's own id of a product; the key itself for one that was never ingested."""
        return self._shop_ids.get(product_id, str(product_id))

    def find(self, name: str | int) -> int | None:
        """The key of the product that is called so, as written, or else whatever the case; None if there is none."""
        text = str(name).strip()
        if text in self._keys:
            return self._keys[text]
        if fold(text) in self._folded:
            return self._folded[fold(text)]
        number = int(text) if text.lstrip("-").isascii() and text.lstrip("-").isdigit() else None
        return number if number in self._shop_ids else None

    def require(self, name: str | int) -> int:
        """The key of the product that is called so; raises UnknownProduct, which names the nearest ones."""
        product = self.find(name)
        if product is not None:
            return product
        nearest = self.nearest(str(name))
        raise UnknownProduct(
            value=f"There is no product '{name}'",
            rule="it must be the shop's own id or an SKU of an ingested product",
            remedy=(f"did you mean {' or '.join(repr(one) for one in nearest)}? " if nearest else "")
            + "if it is in the source, `fashion quarantine` says why it was left out",
        )

    def nearest(self, name: str) -> list[str]:
        """The names that are most like this one, whatever the case and accents."""
        matches = process.extract(
            name, list(self._keys), processor=fold, limit=_NEAREST, score_cutoff=_LEAST_SIMILARITY
        )
        return [match[0] for match in matches]


def shop_ids(store: TableReader, products: Iterable[int]) -> dict[int, str]:
    """The shop's own ids of a few products, by key; the key itself for one that was never ingested."""
    keys = list(dict.fromkeys(products))
    assigned = (
        store.read(BATCH_ASSIGNMENTS, columns=["product_id", "shop_id"], among={"product_id": keys}) if keys else None
    )
    named = {} if assigned is None else dict(assigned.drop_nulls("shop_id").iter_rows())
    return {key: named.get(key, str(key)) for key in keys}


def key_finder(store: TableReader) -> Callable[[str], int | None]:
    """Finds keys for files that people fill in: any name of a product, or a whole number that may be ingested later."""
    names = ProductNames(store)

    def key_of(text: str) -> int | None:
        known = names.find(text)
        is_key = text.isascii() and text.isdecimal() and text == str(int(text))  # "007" is another id than "7"
        return int(text) if known is None and is_key else known

    return key_of
