"""Which columns of a source hold what: `Fields`, and those of the tables that the project knows by name.

A preset names the columns of a widespread export; what the shop's file names itself takes precedence. What the values
mean is decided in `offers.py` and in `values/`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from fashion_assets.catalog.tables import SOURCE_COLUMN_NAMES
from fashion_assets.errors import SettingsError
from fashion_assets.shop.catalog_rules import CatalogRules
from fashion_assets.shop.folding import fold

Columns = tuple[str, ...]
"""Columns of the source, the first of which that has a value counts; for photos and texts, all of them count."""

OUR_COLUMNS = (
    *SOURCE_COLUMN_NAMES,
    "category",
    "sale_price",
    "list_price",
    "age_group",
    "brand",
    "description",
    "tags",
    "size",
    "stock",
)
"""What may stand on the left in `[columns]` and FASHION_COLUMNS."""

FURTHER_TEXT = ("brand", "description", "tags")
"""Our columns that hold nothing but text to search."""

PATH_SEPARATOR = " > "


@dataclass(frozen=True)
class Fields:
    """The source's columns for each of ours.

    `columns` has the alternatives for each of our columns; `category` alternatives, each a path of columns from general
    to special. `group` is what the rows of one product have in common; `visible` and `hidden` are its options. `given`
    are columns that state an attribute, `text` further ones to search, by name. `photo_path` is the template of a
    photo's path where no column holds one. `exclude` has the values of columns whose products are left out. A source
    must have the `required` columns.
    """

    columns: Mapping[str, Columns]
    category: tuple[Columns, ...] = ()
    group: str | None = None
    visible: Columns = ()
    hidden: Columns = ()
    given: Mapping[str, Columns] = field(default_factory=dict)
    text: Mapping[str, Columns] = field(default_factory=dict)
    photo_path: str | None = None
    exclude: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    required: frozenset[str] = frozenset()

    @property
    def product_id(self) -> Columns:
        return self.columns.get("product_id", ())

    def named_columns(self) -> set[str]:
        """Every column of the source that is named."""
        alternatives = (*self.columns.values(), *self.category, *self.given.values(), *self.text.values())
        options = (self.visible, self.hidden, (self.group,) if self.group else ())
        return {name for names in (*alternatives, *options) for name in names} | set(self.exclude)


OURS = Fields(columns={name: (name,) for name in OUR_COLUMNS})

REFERENCE = Fields(
    columns={
        **OURS.columns,
        "product_id": ("id",),
        "product_display_name": ("productDisplayName",),
        "master_category": ("masterCategory",),
        "sub_category": ("subCategory",),
        "article_type": ("articleType",),
        "base_color": ("baseColour",),
    },
    photo_path="images/{id}.jpg",
)
"""The public reference catalog's names, where they differ from ours."""

GOOGLE = Fields(
    columns={
        "product_id": ("id",),
        "product_display_name": ("title",),
        "base_color": ("color",),
        "price": ("price",),
        "sale_price": ("sale_price",),
        "image_path": ("image_link", "additional_image_link"),
        "gender": ("gender",),
        "age_group": ("age_group",),
        "brand": ("brand",),
        "description": ("description",),
        "size": ("size",),
        "stock": ("availability",),
    },
    category=(("product_type",), ("google_product_category",)),
    group="item_group_id",
    visible=("color", "pattern"),
    hidden=("size",),
    given={"material": ("material",), "pattern": ("pattern",)},
)
"""Google Merchant Center's product data, as text or XML."""

ARTICLES = Fields(
    columns={
        "product_id": ("article_id",),
        "product_display_name": ("prod_name",),
        "base_color": ("colour_group_name",),
        "gender": ("index_group_name",),
        "description": ("detail_desc",),
    },
    category=(("product_group_name", "product_type_name"),),
    group="product_code",
    given={"pattern": ("graphical_appearance_name",)},
    text={"department": ("garment_group_name",)},
    photo_path="images/{article_id:.3}/{article_id}.jpg",
)
"""A fashion chain's article table: a row is a product in one colour."""

SHOPIFY = Fields(
    columns={
        "product_id": ("Variant SKU",),
        "product_display_name": ("Title",),
        "price": ("Variant Price",),
        "list_price": ("Variant Compare At Price",),
        "image_path": ("Variant Image", "Image Src"),
        "brand": ("Vendor",),
        "description": ("Body (HTML)",),
        "tags": ("Tags",),
        "stock": ("Variant Inventory Qty",),
    },
    category=(("Product Category",), ("Type",)),
    group="Handle",
    exclude={"Status": ("draft", "archived"), "Gift Card": ("true",), "Published": ("false",)},
    required=frozenset({"Handle"}),
)
"""Shopify's product export, after `shopify.py` has filled in what continuation rows leave out."""

WOOCOMMERCE = Fields(
    columns={
        "product_id": ("SKU", "ID"),
        "product_display_name": ("Name",),
        "price": ("Regular price",),
        "sale_price": ("Sale price",),
        "image_path": ("Images",),
        "brand": ("Brands",),
        "description": ("Short description", "Description"),
        "tags": ("Tags",),
        "stock": ("Stock", "In stock?"),
    },
    category=(("Categories",),),
    exclude={"Published": ("0", "-1")},
)
"""WooCommerce's product export, after `woocommerce.py` has joined variations with their products."""

PRESET_FIELDS = {
    "reference": REFERENCE,
    "google": GOOGLE,
    "articles": ARTICLES,
    "shopify": SHOPIFY,
    "woocommerce": WOOCOMMERCE,
}

WITH_OPTIONS = ("shopify", "woocommerce")
"""Presets whose variants differ by options that have a name in each row, instead of by columns."""


def fields_of(rules: CatalogRules) -> Fields:
    """The fields of the preset (none: our own names), with those that the shop's rules name.

    A column that is named must be in the source: otherwise a misspelt name would give a column of nulls.
    Raises SettingsError for a column of ours that does not exist.
    """
    base = PRESET_FIELDS[rules.source.preset] if rules.source.preset else OURS
    named: dict[str, Columns] = dict(rules.columns)
    if rules.ids.product:
        named["product_id"] = (rules.ids.product,)
    _refuse_unknown(named)
    category = named.pop("category", None)
    required = {*base.required} | {
        name for names in (*named.values(), *rules.text.values(), *rules.given.values()) for name in names
    }
    required |= {*(category or ()), *rules.exclude, *([rules.variants.group] if rules.variants.group else [])}
    if rules.source.preset not in WITH_OPTIONS:
        required |= {*rules.variants.visible, *rules.variants.hidden}
    return replace(
        base,
        columns={**base.columns, **named},
        category=((category,) if category else base.category),
        group=rules.variants.group or base.group,
        visible=rules.variants.visible or base.visible,
        hidden=rules.variants.hidden or base.hidden,
        given={**base.given, **rules.given},
        text={**base.text, **rules.text},
        photo_path=rules.photos.path or base.photo_path,
        exclude={**base.exclude, **rules.exclude},
        required=frozenset(required),
    )


def _refuse_unknown(named: Mapping[str, Columns]) -> None:
    unknown = sorted(named.keys() - set(OUR_COLUMNS))
    if unknown:
        raise SettingsError(
            value=f"FASHION_COLUMNS or [columns] of the shop's file names the column {', '.join(map(repr, unknown))}",
            rule=f"the names on its left must be ours: {', '.join(OUR_COLUMNS)}",
            remedy="correct the name, or leave it out",
        )


def in_header(fields: Fields, header: Sequence[str], also: Mapping[str, str] = MappingProxyType({})) -> Fields:
    """`fields` with the names as this header spells them (case, accents), without columns that it does not have.

    `also` are further names of columns, each with the header's name for it.
    """
    others = {fold(name).strip(): column for name, column in also.items()}
    spelled = others | {fold(name).strip(): name for name in reversed(header)} | {name: name for name in header}

    def present(names: Sequence[str]) -> Columns:
        kept = [spelled.get(name) or spelled.get(fold(name).strip()) for name in names]
        return tuple(dict.fromkeys(name for name in kept if name))

    def by_ours(mapping: Mapping[str, Columns]) -> dict[str, Columns]:
        return {ours: names for ours, theirs in mapping.items() if (names := present(theirs))}

    group = present([fields.group] if fields.group else [])
    return replace(
        fields,
        columns=by_ours(fields.columns),
        category=tuple(names for path in fields.category if (names := present(path))),
        group=group[0] if group else None,
        visible=present(fields.visible),
        hidden=present(fields.hidden),
        given=by_ours(fields.given),
        text=by_ours(fields.text),
        exclude={present([name])[0]: values for name, values in fields.exclude.items() if present([name])},
    )
