"""The taxonomy that ships with the project: the one place where a value is written down.

Adding a value takes one line: its name, other words for it, and its properties. The text of a question, and the
products that it applies to, are in the prompt files.
"""

from fashion_assets.shop.taxonomy import Attribute, NameWord, Taxonomy, Value, Vocabulary

_OF_A_PRODUCT = ("a photo of a {value} {product}",)
_WITHOUT_ITEM = ("a photo of a {product}",)
_GARMENTS = ("{value} t-shirt", "{value} shirt", "{value} jacket", "{value} dress")
_WITHOUT_TOP = ("pants", "shorts", "skirt")


def shipped_taxonomy() -> Taxonomy:
    """The attributes of the specification, section 2, in the order of the tables."""
    return Taxonomy(
        (
            _material(),
            _pattern(),
            _confidence(),
            _formality(),
            _style_keywords(),
            _details(),
            _collar(),
            _sleeves(),
            _fit(),
        )
    )


def _material() -> Attribute:
    return Attribute(
        "material",
        "material",
        Vocabulary(
            (
                Value("leather", ("faux leather", "suede", "patent leather", "leatherette", "nubuck")),
                Value("denim", ("jean", "denim fabric")),
                Value("knit fabric", ("knit", "knitted", "jersey", "knitted fabric", "wool", "cotton knit", "fleece")),
                Value(
                    "woven fabric",
                    ("woven", "cotton", "linen", "silk", "satin", "chiffon", "fabric", "cloth"),
                    name_words="woven|linen|chambray|poplin",
                ),
                Value(
                    "synthetic",
                    ("athletic fabric", "polyester", "nylon", "plastic", "rubber", "mesh", "spandex", "lycra"),
                    name_words="synthetic|polyester|nylon",
                ),
                Value("metal", ("metallic", "steel", "stainless steel", "gold", "silver"), name_words="steel|metal"),
                Value("canvas", ("canvas fabric",), name_words="canvas"),
                Value(
                    "unknown",
                    ("unclear", "not visible", "cannot determine", "none", "n/a", "other"),
                    says_nothing=True,
                ),
            )
        ),
        question="material_and_pattern",
        default="unknown",
        is_essential=True,
        placement="before",
        clip_templates=_OF_A_PRODUCT,
        shared_name_words=(
            NameWord("leather", ("leather",)),
            NameWord("denim|jeans?", ("denim",)),
            NameWord("knit|knits|knitted", ("knit fabric",)),
            NameWord("cotton", ("knit fabric", "woven fabric")),
        ),
    )


def _pattern() -> Attribute:
    return Attribute(
        "pattern",
        "pattern",
        Vocabulary(
            (
                Value("solid color", ("solid", "plain", "solid colour", "single color"), phrase="plain"),
                Value("striped", ("stripes", "stripe", "pinstripe")),
                Value("floral print", ("floral", "flowers", "flower print"), phrase="floral"),
                Value("geometric", ("geometric print", "geometric pattern", "chevron", "argyle")),
                Value("polka dots", ("polka dot", "dots", "dotted", "spotted"), phrase="polka dot"),
                Value("checkered", ("checked", "checks", "plaid", "tartan", "gingham", "check")),
                Value("abstract print", ("abstract", "graphic print", "camouflage", "tie dye")),
                Value("no clear pattern", ("no pattern", "none", "unknown", "unclear", "n/a"), says_nothing=True),
            )
        ),
        question="material_and_pattern",
        default="no clear pattern",
        is_essential=True,
        placement="before",
        clip_templates=_OF_A_PRODUCT,
        shared_name_words=(
            NameWord("solid|solids|plain", ("solid color",)),
            NameWord("striped?|stripes", ("striped",)),
            NameWord("check|checks|checked|checkered|plaid|tartan|gingham", ("checkered",)),
            NameWord("floral|flowers?", ("floral print",)),
            NameWord("polka|dots|dotted", ("polka dots",)),
            NameWord("geometric", ("geometric",)),
            NameWord("camo|camouflage|abstract", ("abstract print",)),
            NameWord("printed", ("floral print", "geometric", "polka dots", "abstract print", "no clear pattern")),
        ),
    )


def _confidence() -> Attribute:
    return Attribute(
        "confidence",
        "confidence_material",
        Vocabulary(
            (
                Value("high", ("very high", "sure"), is_sure=True, from_probability=0.7),
                Value("medium", ("moderate", "mid"), is_sure=True, from_probability=0.45),
                Value("low", ("very low", "unsure")),
            )
        ),
        question="material_and_pattern",
        default="low",
        confidence_of="material",
    )


def _formality() -> Attribute:
    return Attribute(
        "formality",
        "formality",
        Vocabulary(
            (
                Value("formal", ("black tie", "dressy"), occasions=("office", "business meeting", "formal event")),
                Value("business casual", ("smart casual", "semi formal"), occasions=("office", "dinner")),
                Value("casual", ("everyday", "informal"), occasions=("weekend", "everyday")),
                Value("athletic", ("sporty", "sportswear", "activewear", "sports"), occasions=("gym", "training")),
            )
        ),
        question="style_and_formality",
        is_essential=True,
        clip_templates=_OF_A_PRODUCT,
    )


def _style_keywords() -> Attribute:
    return Attribute(
        "style_keywords",
        "style_keywords",
        Vocabulary(
            (
                Value("athletic", ("active",)),
                Value("sporty", ("sport", "sports"), occasions=("outdoor",)),
                Value("vintage", ("retro",)),
                Value("modern", ("contemporary",)),
                Value("minimalist", ("minimal", "simple")),
                Value("bohemian", ("boho",), occasions=("festival",)),
                Value("streetwear", ("street", "urban"), occasions=("city",)),
                Value("professional", ("business", "office"), occasions=("business meeting",)),
                Value("elegant", ("classy", "chic"), occasions=("party",)),
            )
        ),
        question="style_and_formality",
        is_list=True,
        most_items=3,
        is_matter_of_taste=True,
        title="style",
        clip_templates=_OF_A_PRODUCT,
        clip_contrast=_WITHOUT_ITEM,
    )


def _details() -> Attribute:
    values = Vocabulary(
        (
            Value("has pockets", ("pockets", "pocket")),
            Value("has buttons", ("buttons", "button")),
            Value("has zipper", ("zipper", "zip", "zippers")),
            Value("has hood", ("hood", "hooded")),
            Value("has drawstrings", ("drawstrings", "drawstring")),
            Value("has logo", ("logo", "brand logo")),
        )
    )
    return Attribute(
        "details",
        "visual_details",
        values,
        question="style_and_formality",
        is_list=True,
        placement="after",
        clip_templates=("a photo of a {product} with {value}",),
        clip_contrast=_WITHOUT_ITEM,
    )


def _collar() -> Attribute:
    return Attribute(
        "collar",
        "collar_type",
        Vocabulary(
            (
                Value("crew neck", ("crew", "round neck", "crewneck"), phrase="a crew neck"),
                Value("v-neck", ("v neck", "vneck"), phrase="a v-neck"),
                Value(
                    "collar",
                    ("collared", "point collar", "polo collar", "shirt collar", "button down collar"),
                    phrase="a collar",
                ),
                Value("hooded", ("hood",), phrase="a hood"),
                Value(
                    "turtleneck",
                    ("turtle neck", "high neck", "mock neck", "roll neck"),
                    phrase="a turtleneck",
                ),
                Value("scoop neck", ("scoop", "scoopneck", "u neck"), phrase="a scoop neck"),
                Value("no collar", ("none", "collarless"), phrase=""),
                Value(
                    "not applicable",
                    ("n/a", "na"),
                    says_nothing=True,
                    is_not_applicable=True,
                    clip_wordings=_WITHOUT_TOP,
                ),
            )
        ),
        question="garment_details",
        placement="after",
        clip_templates=_GARMENTS,
        shared_name_words=(
            NameWord("v[ -]?neck", ("v-neck",)),
            NameWord("(?:round|crew)[ -]?neck", ("crew neck",)),
            NameWord("scoop[ -]?neck", ("scoop neck",)),
            NameWord("turtle[ -]?neck", ("turtleneck",)),
            NameWord("hooded|hoodie|hoody", ("hooded",)),
        ),
    )


def _sleeves() -> Attribute:
    return Attribute(
        "sleeves",
        "sleeve_length",
        Vocabulary(
            (
                Value("short sleeve", ("short sleeves", "short", "half sleeve"), phrase="short sleeves"),
                Value("long sleeve", ("long sleeves", "long", "full sleeve"), phrase="long sleeves"),
                Value("sleeveless", ("no sleeves", "without sleeves"), phrase="no sleeves"),
                Value(
                    "three-quarter sleeve",
                    ("three quarter sleeves", "3/4 sleeve", "3/4 sleeves"),
                    phrase="three-quarter sleeves",
                ),
                Value(
                    "not applicable",
                    ("n/a", "na", "none"),
                    says_nothing=True,
                    is_not_applicable=True,
                    clip_wordings=_WITHOUT_TOP,
                ),
            )
        ),
        question="garment_details",
        placement="after",
        clip_templates=_GARMENTS,
        shared_name_words=(
            NameWord("sleeveless", ("sleeveless",)),
            NameWord("(?:full|long)[ -]?sleeved?s?", ("long sleeve",)),
            NameWord("(?:half|short)[ -]?sleeved?s?", ("short sleeve",)),
        ),
    )


def _fit() -> Attribute:
    return Attribute(
        "fit",
        "fit_type",
        Vocabulary(
            (
                Value("fitted", ("slim", "slim fit", "tight", "skinny")),
                Value("regular", ("regular fit", "standard", "straight"), phrase=""),
                Value("loose", ("relaxed", "loose fit", "baggy")),
                Value("oversized", ("oversize", "boxy")),
                Value(
                    "cannot determine",
                    ("unknown", "not applicable", "n/a", "unclear", "none"),
                    says_nothing=True,
                ),
            )
        ),
        question="garment_details",
        default="cannot determine",
        placement="before",
        clip_templates=_GARMENTS,
        shared_name_words=(
            NameWord("slim|skinny|fitted", ("fitted",)),
            NameWord("relaxed|loose", ("loose", "oversized")),
        ),
    )
