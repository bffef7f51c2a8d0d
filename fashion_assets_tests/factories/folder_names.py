"""Names that people and programs give to folders, which an address, a pattern, YAML or SQL would read differently."""

WORST = ' Jörg\'s "shop" #1; 100% of {x} & $HOME, ~a=b:c <😀> '
"""All of it usable."""

USABLE = (
    WORST,
    "my shop",
    "Jo\u0308rg",  # decomposed: an o with a diaeresis of its own
    "商店",
    "a=b",
    "a@b`c+(d)!",
    "$HOME",
    "~",
    "{env: HOME}",
    "%",
    "..a",
    "s3:",
    "file:",
    "x" * 200,
)

NOT_FOR_DAGSTER = ("[client] shop", "my%20shop", "a%2Fb", "a?b", "a*b")
NOT_FOR_DELTA_LAKE = ("[client] shop", "a]b", "my%20shop", "a%2Fb", "a|b", "a^b", "a\\b", "a\nb", "a\tb", "a\x7fb")
UNUSABLE = tuple(dict.fromkeys((*NOT_FOR_DAGSTER, *NOT_FOR_DELTA_LAKE)))
