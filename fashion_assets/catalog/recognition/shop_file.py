"""The first `shop.toml`: rules as a commented file that a person can go on with."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from fashion_assets.catalog.fetching.private_hosts import MOST_NAMED, allowing_line
from fashion_assets.catalog.recognition.guess import Guess
from fashion_assets.catalog.recognition.proposals import Proposal
from fashion_assets.shop.catalog_rules import CatalogRules, SearchRules

MOST_CATEGORIES = 200
"""Category words without a kind that are listed in the file, the most frequent and those with a proposal."""


@dataclass(frozen=True)
class ToConfirm:
    """What the file has as comments, for a person to decide on: category words that mean no kind, with their number of
    products; kinds that are proposed for some of them; hosts of a private network, with their number of products."""

    unmapped: Sequence[tuple[str, int]] = ()
    proposals: Sequence[Proposal] = ()
    refused_hosts: Mapping[str, int] = field(default_factory=dict)


def shop_file_text(guess: Guess, rules: CatalogRules, to_confirm: ToConfirm, folder: Path) -> str:
    """The text of a shop's file in `folder` for `rules`, which are those of `guess` or what a person made of them."""
    because = {(one.ours, one.theirs): one for one in guess.understood}
    lines = ["# What this shop's product table means. `fashion check` says what each line does.", ""]
    lines += ["[source]", f"table = {_text(_relative(rules.source.table, folder))}"]
    lines += [
        f"{name} = {_text(value)}"
        for name in ("preset", "encoding", "delimiter", "sheet", "quote", "escape")
        if (value := getattr(rules.source, name))
    ]
    if rules.columns:
        lines += ["", "[columns]  # ours = yours"]
        for ours, theirs in rules.columns.items():
            one = because.get((ours, theirs[0]))
            note = f"  # {'' if one.is_sure else 'not sure: '}{_in_comment(one.because)}" if one else ""
            lines.append(f"{ours} = {_names(theirs)}{note}")
    lines += ["", "[ids]"]
    if rules.ids.derived:
        lines.append("derived = true  # from name and first photo: a renamed product is a new product")
    elif rules.ids.product:
        lines.append(f"product = {_text(rules.ids.product)}")
    elif rules.source.preset:
        lines.append('# product = "SKU"  # the column that identifies what is sold, if it is not that of the preset')
    lines += _table("text", rules.text, "further columns to search: a name of your choice = yours")
    lines += _table("given", rules.given, "attributes that your columns state: they take precedence over the model")
    lines += _variants(rules)
    lines += ["", "[price]"]
    lines.append(f"decimal = {_text(rules.price.decimal)}" if rules.price.decimal else '# decimal = ","')
    lines.append(f"currency = {_text(rules.price.currency)}" if rules.price.currency else '# currency = "EUR"')
    lines += _photos(rules, folder)
    lines += _private_hosts(rules.photos.private_hosts, to_confirm.refused_hosts)
    lines += ["", "[exclude]  # column = values: what is never looked at"]
    lines += [f"{_key(name)} = {_names(values, is_list=True)}" for name, values in rules.exclude.items()]
    lines += ["", '[categories]  # your words = one of our kinds, as "Dresses" or "Topwear"']
    lines += [f"{_key(words)} = {_text(kind)}" for words, kind in rules.categories.items()]
    lines += _unmapped(to_confirm)
    lines += ["", "[language]", f"descriptions = {_text(rules.language.descriptions)}"]
    return "\n".join([*lines, *_search(rules.search), ""])


def _search(rules: SearchRules) -> list[str]:
    is_default = rules.least_effect == SearchRules().least_effect
    meaning = "a new index that loses more nDCG@10 than this, and more than chance, is not served"
    return ["", "[search]", f"{'# ' if is_default else ''}least_effect = {rules.least_effect:g}  # {meaning}"]


def _variants(rules: CatalogRules) -> list[str]:
    if not rules.variants.group and not rules.variants.visible and not rules.variants.hidden:
        return []
    lines = ["", "[variants]"]
    if rules.variants.group:
        lines.append(f"group = {_text(rules.variants.group)}")
    lines.append(f"visible = {_names(rules.variants.visible, is_list=True)}  # each value is a product of its own")
    lines.append(f"hidden = {_names(rules.variants.hidden, is_list=True)}  # sizes and the like")
    return lines


def _photos(rules: CatalogRules, folder: Path) -> list[str]:
    lines = ["", "[photos]"]
    if rules.photos.folder:
        lines.append(f"folder = {_text(_relative(rules.photos.folder, folder))}")
    if rules.photos.path:
        lines.append(f"path = {_text(rules.photos.path)}")
    if rules.photos.separator:
        lines.append(f"separator = {_text(rules.photos.separator)}")
    fetch = "true" if rules.photos.fetch else "false"
    lines.append(f"fetch = {fetch}  # whether web addresses are fetched, into a cache below FASHION_HOME")
    return lines + ([f"hosts = {_names(rules.photos.hosts, is_list=True)}"] if rules.photos.hosts else [])


def _private_hosts(named: Sequence[str], refused: Mapping[str, int]) -> list[str]:
    """The hosts that are allowed, or those that a person may allow."""
    others = ", ".join(f"{host} ({_products(count)})" for host, count in islice(refused.items(), MOST_NAMED))
    if named:
        return [f"private_hosts = {_names(named, is_list=True)}{f'  # not: {others}' if others else ''}"]
    if others:
        return [f"# {allowing_line(refused)}  # of your own network, if they are yours: {others}"]
    return []


def _unmapped(to_confirm: ToConfirm) -> list[str]:
    """A line for each category word without a kind; where one is proposed, taking the first `#` away confirms it."""
    proposals = {proposal.words: proposal for proposal in to_confirm.proposals}
    lines = []
    for number, (words, count) in enumerate(to_confirm.unmapped):
        proposal = proposals.get(words)
        if number >= MOST_CATEGORIES and proposal is None:
            continue
        kind = proposal.kind if proposal else ""
        why = f"; proposed by CLIP from {' and '.join(proposal.evidence)}" if proposal else ""
        lines.append(f"# {_key(words)} = {_text(kind)}  # {_products(count)}{why}")
    return lines


def _products(count: int) -> str:
    return f"{count:,} {'product' if count == 1 else 'products'}"


def _table(name: str, values: Mapping[str, Sequence[str]], comment: str) -> Iterable[str]:
    return (
        ["", f"[{name}]  # {comment}", *(f"{_key(key)} = {_names(theirs)}" for key, theirs in values.items())]
        if values
        else []
    )


def _names(names: Sequence[str], is_list: bool = False) -> str:
    return _text(names[0]) if len(names) == 1 and not is_list else f"[{', '.join(_text(name) for name in names)}]"


def _text(value: object) -> str:
    """A TOML basic string, which JSON's is but for DEL."""
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007F")


def _in_comment(text: str) -> str:
    """The text in one line, without what TOML allows in no comment."""
    return re.sub(r"[\x00-\x1f\x7f]+", " ", text)


def _key(name: str) -> str:
    is_bare = name.isascii() and name.replace("-", "").replace("_", "").isalnum()
    return name if is_bare else _text(name)


def _relative(path: Path | None, folder: Path) -> str:
    if path is None:
        return ""
    path, folder = path.absolute(), folder.absolute()
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else str(path)
