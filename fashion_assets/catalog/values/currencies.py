"""The currency that stands beside an amount."""

import re
from functools import lru_cache

from price_parser import parse_price

CODES = {
    "€": "EUR",
    "euro": "EUR",
    "euros": "EUR",
    "$": "USD",
    "us$": "USD",
    "dollar": "USD",
    "dollars": "USD",
    "£": "GBP",
    "₹": "INR",
    "₨": "INR",
    "rs": "INR",
    "re": "INR",
    "rupees": "INR",
    "fr": "CHF",
    "sfr": "CHF",
    "c$": "CAD",
    "ca$": "CAD",
    "a$": "AUD",
    "au$": "AUD",
    "nz$": "NZD",
    "hk$": "HKD",
    "s$": "SGD",
    "nt$": "TWD",
    "ntd": "TWD",
    "mx$": "MXN",
    "r$": "BRL",
    "r": "ZAR",
    "cn¥": "CNY",
    "rmb": "CNY",
    "元": "CNY",
    "円": "JPY",
    "₩": "KRW",
    "₪": "ILS",
    "₫": "VND",
    "₱": "PHP",
    "₺": "TRY",
    "tl": "TRY",
    "₴": "UAH",
    "₽": "RUB",
    "руб": "RUB",
    "zł": "PLN",
    "zl": "PLN",
    "kč": "CZK",
    "ft": "HUF",
    "lei": "RON",
    "лв": "BGN",
    "฿": "THB",
    "rp": "IDR",
    "rm": "MYR",
    "dkr": "DKK",
    "nkr": "NOK",
    "skr": "SEK",
    "ikr": "ISK",
    "s/": "PEN",
    "eur": "EUR",
    "usd": "USD",
    "gbp": "GBP",
    "chf": "CHF",
    "inr": "INR",
    "ر.س": "SAR",
    "د.إ": "AED",
    "د.ك": "KWD",
    "ر.ق": "QAR",
    "ر.ع": "OMR",
    "د.ب": "BHD",
    "ج.م": "EGP",
}
"""ISO 4217 codes by symbol or word in lower case, without spaces and full stops; `$`, `£` and `Rs.` by their commonest
meaning. What several countries share evenly (`kr`, `¥`) stays as written."""

SHARED = frozenset({"$", "£", "¥", "kr", "rs", "fr"})
"""Signs that a code beside them makes precise: `$65.00 CAD`."""


@lru_cache(maxsize=1_000)
def currency(text: str) -> str | None:
    """The ISO code where it is certain, else the sign as written; None if `text` is no currency.

    Signs and codes beyond CODES are those of price-parser, which must take all of the text for one.
    """
    bare = text.strip(" .:")
    key = _key(bare)
    if key in CODES:
        return CODES[key]
    if key in SHARED:
        return key
    if _is_listed(text.strip()) or _is_listed(bare):
        return bare
    parts = re.findall(r"[^\W\d_]+|[^\w\s.]+", bare)
    return joint_currency(parts[0], parts[1]) if len(parts) == 2 else None


def joint_currency(before: str, after: str) -> str | None:
    """The currency of an amount that has a text before it and one after it, either of which may be empty.

    None if one of them is no currency, or if they contradict each other.
    """
    if not before.strip() or not after.strip():
        return currency(before + after)
    first, second = currency(before), currency(after)
    if first is None or second is None:
        return None
    if _key(before) in SHARED:
        return second
    return first if first == second or _key(after) in SHARED else None


def _is_listed(text: str) -> bool:
    return bool(text) and parse_price(text).currency == text


def _key(text: str) -> str:
    return text.strip(" .:").replace(" ", "").casefold()
