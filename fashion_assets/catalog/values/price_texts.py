"""One price as a shop writes it: an amount with a currency, a range of two, or words for "free".

Strict: every part of the text must be understood, so that "2 for 30", "50 %", "0x10" and "30 ml" are no prices.
"""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from fashion_assets.catalog.values.amounts import ONLY_DECIMAL, Amount, lower, read_amount
from fashion_assets.catalog.values.currencies import joint_currency
from fashion_assets.shop.folding import fold

FREE = frozenset(
    ("free", "free of charge", "for free", "gratis", "kostenlos", "umsonst", "gratuit", "gratuito", "za darmo")
)

LONGEST = 120
"""Characters of a text that may be a price."""

_SAME = {
    "'": "’‘´`ʼ′＇\u066c",  # the last is the Arabic thousands sign
    ONLY_DECIMAL: "\u066b·",  # the Arabic decimal sign; the raised point of British prices
    ".": "．。",
    ",": "，،",
    "-": "−‐‑‒–—―﹣－",
    "~": "～〜",
    "(": "（",
    ")": "）",
    "$": "＄",
    "£": "￡",
    "¥": "￥",
    "+": "＋",
    ":": "：",
}
_PLAIN_SIGNS = str.maketrans({char: sign for sign, chars in _SAME.items() for char in chars})

_NO_LETTER = r"(?![^\W\d_])"
_LABEL = re.compile(
    rf"(?:(?:sale |special |regular |unit )?price|preis|prix|m\.?r\.?p|rrp|uvp|now|jetzt|nur|only){_NO_LETTER}[.:]*\s*",
    re.IGNORECASE,
)
_FROM = re.compile(
    r"(?:from|starting (?:at|from)|starts (?:at|from)|as low as|ab|[àa] partir de|dès|desde|a partire da|da|vanaf|"
    rf"od|från|fra|от){_NO_LETTER}\s*:?\s*",
    re.IGNORECASE,
)
_BETWEEN = re.compile(rf"(?:between|zwischen|entre|tra){_NO_LETTER}\s*", re.IGNORECASE)
_AND_MORE = re.compile(r"\s*(?:\+|\bonwards?|\band (?:up|above|more)|\bupwards?)$", re.IGNORECASE)
_TAX = re.compile(
    r"\s*[(,]?\s*\b(?:(?:incl|inc|inkl|including|inclusive|excl|ex|exkl|excluding|exclusive|plus|zzgl)\b\.?\s*"
    r"(?:of )?(?:all )?(?:\d{1,2}\s*%\s*)?(?:vat|tax(?:es)?|gst|mwst|ust|iva|tva|btw|moms)|ttc|ht)\b\.?\s*\)?$",
    re.IGNORECASE,
)
_EURO_AS_SIGN = re.compile(r"([\d .,']*\d)€(\d\d)")
"""French prices such as `12€50`."""

_TO = re.compile(r"\s*(?:[-~]|\b(?:to|bis|à|a|hasta|tot|do)\b)\s*", re.IGNORECASE)
_AND = re.compile(r"\s*\b(?:and|und|et|y|e|to)\b\s*", re.IGNORECASE)

_NUMBER = re.compile(rf"(?:(?<![^\W\d_])[.,{ONLY_DECIMAL}])?\d(?:[\d.,{ONLY_DECIMAL}' ]*\d)?(?:[eE][+-]?\d{{1,3}})?")
_HEAD = re.compile(r"(?P<open>\()?\s*(?P<minus>[-+])?\s*(?P<currency>[^\d()+-]*?)\s*(?P<minus_after>-)?\s*")
_TAIL = re.compile(r"(?:(?P<sign>[.,:])-{1,2}|/-|[.,])?\s*(?P<currency>[^\d()+-]*?)\s*(?P<minus>-)?\s*(?P<close>\))?")
"""A dash after a sign stands for no cents, as in `49.-`, `49,--`, `499:-` and `1,499/-`."""


class PriceText(NamedTuple):
    """`amount` is negative for a negative price; `currency` is an ISO code, the sign as written, or None."""

    amount: Amount
    currency: str | None
    is_range: bool = False


@lru_cache(maxsize=20_000)
def read_price(text: str) -> PriceText | None:
    """The price in a text, of a range the lowest; None if the text is no price."""
    if len(text) > LONGEST:
        return None
    plain = _plain(text)
    if fold(plain) in FREE:
        return PriceText(Amount(0.0, 0.0), None)
    plain = _TAX.sub("", plain.rstrip("* "))
    plain = _without(_LABEL, plain)
    lowest = _AND_MORE.sub("", _without(_FROM, plain))
    between = _without(_BETWEEN, plain)
    if between != plain:
        return _range(between, _AND)
    if price := _single(lowest):
        return price._replace(is_range=lowest != plain)
    return _range(lowest, _TO)


def _plain(text: str) -> str:
    """The text in ASCII digits and one spelling of each sign, without invisible marks, and with single spaces."""
    if not text.isascii():
        text = "".join(
            str(unicodedata.decimal(char, char))
            for char in text.translate(_PLAIN_SIGNS)
            if unicodedata.category(char) != "Cf"
        )
    return " ".join(text.split())


def _without(prefix: re.Pattern[str], text: str) -> str:
    match = prefix.match(text)
    return text[match.end() :] if match else text


def _range(text: str, separator: re.Pattern[str]) -> PriceText | None:
    for match in separator.finditer(text):
        first, second = _single(text[: match.start()]), _single(text[match.end() :])
        if first is None or second is None or second.amount.if_point < 0:
            continue
        currency = joint_currency(first.currency or "", second.currency or "")
        if currency is None and (first.currency or second.currency):
            return None
        return PriceText(lower(first.amount, second.amount), currency, is_range=True)
    return None


def _single(text: str) -> PriceText | None:
    if euros := _EURO_AS_SIGN.fullmatch(text):
        text = f"{euros[1]}{ONLY_DECIMAL}{euros[2]} €"
    number = _NUMBER.search(text)
    if number is None:
        return None
    head, tail = _HEAD.fullmatch(text[: number.start()]), _TAIL.fullmatch(text[number.end() :])
    if head is None or tail is None or bool(head["open"]) != bool(tail["close"]):
        return None
    amount = read_amount(number[0])
    if tail["sign"] == "," or (tail["sign"] == "." and "," in number[0]):  # `49.-` is written where commas decide, too
        amount = read_amount(f"{number[0]}{tail['sign']}00") or amount
    if amount is None:
        return None
    if tail["minus"] and not re.search(r"[.,]\d\d$", number[0]):  # `5.00-` is accountants' minus, `49-` may be no cents
        return None
    currency = joint_currency(head["currency"], tail["currency"])
    if currency is None and (head["currency"] or tail["currency"]):
        return None
    minuses = [head["minus"] == "-", bool(head["minus_after"]), bool(tail["minus"]), bool(head["open"])]
    return None if sum(minuses) > 1 else PriceText(amount.negated() if any(minuses) else amount, currency)
