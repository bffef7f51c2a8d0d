"""A number as a shop writes it, with thousands signs and a decimal sign, which one of the two may be either."""

import math
import re
from typing import Literal, NamedTuple

Sign = Literal[".", ","]
SIGNS: tuple[Sign, ...] = (".", ",")
Evidence = Literal[".", ",", ""]

ONLY_DECIMAL = "·"
"""Stands for decimal signs that never group digits; no other character may be made this one."""

_SCIENTIFIC = re.compile(r"\d+(?:([.,])\d+)?[eE][+-]?\d{1,3}")
_GROUPS = {
    ".": re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+"),
    ",": re.compile(r"[1-9]\d{0,2}(?:,\d{3})+|[1-9]\d?(?:,\d{2})+,\d{3}"),  # the second is Indian: 1,29,999
    "'": re.compile(r"[1-9]\d{0,2}(?:'\d{3})+"),
    " ": re.compile(r"[1-9]\d{0,2}(?: \d{3})+"),
}


class Amount(NamedTuple):
    """What a number is where the point is the decimal sign, and where the comma is.

    `evidence` is the decimal sign that its form proves (`49,90`, `1.299,00`, `1,299,000`), empty if it proves none
    (`1299`, or `1,299`, which is open: it is 1299 or 1.299).
    """

    if_point: float
    if_comma: float
    evidence: Evidence = ""

    @property
    def is_open(self) -> bool:
        return self.if_point != self.if_comma

    def by(self, decimal: Sign) -> float:
        return self.if_point if decimal == "." else self.if_comma

    def negated(self) -> "Amount":
        return Amount(-self.if_point or 0.0, -self.if_comma or 0.0, self.evidence)


def read_amount(text: str) -> Amount | None:
    """The number in ASCII digits with signs of `.,' ` and ONLY_DECIMAL; None if it is none, or infinite."""
    amount = _read(text)
    return amount if amount and math.isfinite(amount.if_point) and math.isfinite(amount.if_comma) else None


def lower(first: Amount, second: Amount) -> Amount:
    """The lower of two amounts, of which one may show how the other is to be read."""
    sign = first.evidence or second.evidence
    if not sign or sorted((first.evidence, second.evidence)) == sorted(SIGNS):
        return Amount(min(first.if_point, second.if_point), min(first.if_comma, second.if_comma))
    value = min(first.by(sign), second.by(sign))
    return Amount(value, value, sign)


def _read(text: str) -> Amount | None:
    signs: list[Sign] = [sign for sign in SIGNS if sign in text]
    if _SCIENTIFIC.fullmatch(text):
        return _certain(float(text.replace(",", ".")), signs[0] if signs else "")
    if ONLY_DECIMAL in text:
        return _certain(_with_decimals(text, ONLY_DECIMAL))
    if len(signs) == 2:
        last = max(signs, key=text.rindex)
        return _certain(_with_decimals(text, last), last)
    return _with_either_sign(text, signs[0]) if signs else _certain(_grouped(text))


def _with_either_sign(text: str, sign: Sign) -> Amount | None:
    decimal, grouped = _with_decimals(text, sign), _grouped(text)
    if decimal is None or grouped is None:
        other: Sign = "," if sign == "." else "."
        return _certain(decimal, sign) or _certain(grouped, other)
    return Amount(decimal, grouped) if sign == "." else Amount(grouped, decimal)


def _certain(value: float | None, evidence: Evidence = "") -> Amount | None:
    return None if value is None else Amount(value, value, evidence)


def _with_decimals(text: str, sign: str) -> float | None:
    """The number if `sign` separates its decimals, which may be any number of digits; `.75` has no whole part."""
    head, _, decimals = text.rpartition(sign)
    whole = _whole(head) if head else "0"
    if whole is None or sign in head or not decimals.isdigit():
        return None
    return float(f"{whole}.{decimals}")


def _grouped(text: str) -> float | None:
    whole = _whole(text)
    return None if whole is None else float(whole)


def _whole(text: str) -> str | None:
    """The digits of a whole number, which may be grouped by one kind of sign."""
    if text.isdigit():
        return text
    for sign, pattern in _GROUPS.items():
        if sign in text:
            return text.replace(sign, "") if pattern.fullmatch(text) else None
    return None
