"""The controlled vocabulary of visual attributes: values, attributes, and the taxonomy that holds them in order.

Prompt texts, JSON schemas, the parser, table columns, CLIP labels, descriptions, name words, query words and accuracy
are functions of a `Taxonomy`; the values are data (`shipped_taxonomy.py`). A value declares its own properties, so that
no other module lists values by them.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from fashion_assets.errors import SettingsError

NOTHING_WORDS = frozenset(
    {"none", "none visible", "no details", "nothing", "n/a", "not visible", "not applicable", "no", "unknown", ""}
)
"""Words that mean an empty list where the answer should be a list."""


@dataclass(frozen=True)
class Value:
    """One value of an attribute, with the other words that mean it in an answer.

    `phrase` is its wording in descriptions: None for its name, "" to leave it out. `clip_wordings` are texts that CLIP
    compares with a photo, instead of the attribute's templates. `name_words` is a regular expression of whole
    lower-case words that, in a product's name, allow only this value. `occasions` are where one would wear it.
    """

    name: str
    aliases: tuple[str, ...] = ()
    says_nothing: bool = False
    """It carries no information ("unknown", "not applicable"): descriptions omit it, and no query means it."""
    is_not_applicable: bool = False
    """The question does not apply to the product; such a value also says nothing."""
    is_sure: bool = False
    """Of a confidence: high enough to use the value that it rates."""
    from_probability: float = 0.0
    """Of a confidence: the smallest probability (0..1) that maps to it, in back ends that only give probabilities."""
    phrase: str | None = None
    clip_wordings: tuple[str, ...] = ()
    name_words: str = ""
    occasions: tuple[str, ...] = ()

    @property
    def bare_name(self) -> str:
        """The name as it is written after "with": "pockets" for "has pockets"."""
        return self.name.removeprefix("has ")

    @property
    def description(self) -> str:
        """The wording in descriptions; "" where they omit the value."""
        if self.says_nothing:
            return ""
        return self.bare_name if self.phrase is None else self.phrase


@dataclass(frozen=True)
class Vocabulary:
    """A closed list of values. Raises SettingsError if one word would mean two of them."""

    members: tuple[Value, ...]

    def __post_init__(self):
        _refuse_shared([(member.name, {_folded(member.name)}) for member in self.members])
        _refuse_shared([(member.name, set(map(_folded, member.aliases))) for member in self.members])

    def __iter__(self) -> Iterator[Value]:
        return iter(self.members)

    def __len__(self) -> int:
        return len(self.members)

    def values(self) -> list[str]:
        """The canonical names, in order."""
        return [member.name for member in self.members]

    def find(self, text: str) -> str | None:
        """The value that `text` means, by its name or else an alias, ignoring case, hyphens and spacing; else None."""
        return self._meanings.get(_folded(text))

    @cached_property
    def by_name(self) -> Mapping[str, Value]:
        return {member.name: member for member in self.members}

    @cached_property
    def _meanings(self) -> Mapping[str, str]:
        """Folded word to name. A name wins over another value's alias: adding "suede" needs no change to leather."""
        aliases = {_folded(alias): member.name for member in self.members for alias in member.aliases}
        return aliases | {_folded(member.name): member.name for member in self.members}


@dataclass(frozen=True)
class NameWord:
    """A regular expression of whole words, in lower case, and the values of an attribute that it allows."""

    words: str
    values: tuple[str, ...]

    def admits(self, text: str) -> bool:
        """Whether the text is one of the words."""
        return re.fullmatch(self.words, text.lower()) is not None


@dataclass(frozen=True)
class Attribute:
    """One attribute: its key in the JSON answers and its column in the tables.

    `question` is the id of the shipped prompt that asks for it. A list holds up to `most_items` (None: all values).
    `default` is the column's value for a product whose extraction failed or that was not asked the question. A product
    with a forced answer for an `is_essential` attribute counts as failed.
    """

    key: str
    column: str
    vocabulary: Vocabulary
    question: str
    is_list: bool = False
    most_items: int | None = None
    default: str | None = None
    is_essential: bool = False
    confidence_of: str | None = None
    """The key of the attribute whose answer this one rates; a rating cannot be seen in a photo."""
    is_matter_of_taste: bool = False
    """Of a list: listed items must be right, but an item that is left out is not an error."""
    placement: Literal["before", "after"] | None = None
    """Where descriptions put its phrase: before the article ("striped shirt") or after it ("with a collar")."""
    title: str | None = None
    """What reports call it; None: its key."""
    clip_templates: tuple[str, ...] = ()
    """Texts with `{value}`, and optionally `{product}`, that CLIP compares with a photo; none: CLIP is not used."""
    clip_contrast: tuple[str, ...] = ()
    """Of a list: texts for a product without the item. An item is present if its own texts fit better."""
    shared_name_words: tuple[NameWord, ...] = ()
    """Words in names that allow several values, or that must come before the values' own words: the rules' version
    depends on the order."""

    def __post_init__(self):
        names = [name for shared in self.shared_name_words for name in shared.values]
        for name in (*names, *([self.default] if self.default else [])):
            self.value(name)

    @property
    def max_items(self) -> int:
        """The most items that the list may hold; 0 for a single value."""
        return (self.most_items or len(self.vocabulary)) if self.is_list else 0

    def value(self, name: str) -> Value:
        """The value with that canonical name; raises SettingsError if there is none."""
        value = self.vocabulary.by_name.get(name)
        if value is None:
            raise SettingsError(
                value=f"The attribute '{self.key}' has no value '{name}'",
                rule=f"it must be one of {', '.join(self.vocabulary.values())}",
                remedy="add it to the taxonomy, or use one of these",
            )
        return value

    @property
    def cannot_tell(self) -> str | None:
        """The value for "cannot be determined" ("unknown"); None if there is none."""
        return next((v.name for v in self.vocabulary if v.says_nothing and not v.is_not_applicable), None)

    @property
    def not_applicable(self) -> str | None:
        """The value for "the question does not apply"; None if there is none."""
        return next((v.name for v in self.vocabulary if v.is_not_applicable), None)

    @property
    def silent_values(self) -> list[str]:
        """The values that say nothing."""
        return [value.name for value in self.vocabulary if value.says_nothing]

    @property
    def sure_values(self) -> list[str]:
        """Of a confidence: the values that are high enough."""
        return [value.name for value in self.vocabulary if value.is_sure]

    @property
    def name_words(self) -> tuple[NameWord, ...]:
        """The words in a product's name that tell its value."""
        of_values = (NameWord(value.name_words, (value.name,)) for value in self.vocabulary if value.name_words)
        return (*self.shared_name_words, *of_values)


@dataclass(frozen=True)
class Taxonomy:
    """All attributes, in the order of tables and reports."""

    attributes: tuple[Attribute, ...]

    def __post_init__(self):
        for names in ([a.key for a in self.attributes], [a.column for a in self.attributes]):
            repeated = {name for name in names if names.count(name) > 1}
            if repeated:
                raise SettingsError(
                    value=f"The attribute '{min(repeated)}' is declared twice",
                    rule="keys and columns must be unique",
                    remedy="rename one",
                )
        for attribute in self.attributes:
            if attribute.confidence_of:
                self[attribute.confidence_of]

    def __iter__(self) -> Iterator[Attribute]:
        return iter(self.attributes)

    def __getitem__(self, key: str) -> Attribute:
        """The attribute with that key; raises SettingsError if there is none."""
        attribute = self.by_key.get(key)
        if attribute is None:
            raise SettingsError(
                value=f"There is no attribute '{key}'",
                rule=f"it must be one of {', '.join(self.by_key)}",
                remedy="add it to the taxonomy, or use one of these",
            )
        return attribute

    @cached_property
    def by_key(self) -> Mapping[str, Attribute]:
        return {attribute.key: attribute for attribute in self.attributes}

    @cached_property
    def by_column(self) -> Mapping[str, Attribute]:
        return {attribute.column: attribute for attribute in self.attributes}

    @cached_property
    def visible(self) -> tuple[Attribute, ...]:
        """What a person can see in a photo: all attributes but the confidences."""
        return tuple(attribute for attribute in self.attributes if attribute.confidence_of is None)

    @property
    def essential(self) -> tuple[Attribute, ...]:
        """The attributes without which a product is not described."""
        return tuple(attribute for attribute in self.attributes if attribute.is_essential)

    @cached_property
    def single_valued(self) -> tuple[Attribute, ...]:
        """The visible attributes with one value; search boosts and CLIP's second opinions use them."""
        return tuple(attribute for attribute in self.visible if not attribute.is_list)

    @cached_property
    def silent_values(self) -> frozenset[str]:
        """All values that say nothing, of any attribute."""
        return frozenset(value for attribute in self.attributes for value in attribute.silent_values)

    def confidence_in(self, key: str) -> Attribute | None:
        """The attribute that rates the answers for `key`; None if there is none."""
        return next((a for a in self.attributes if a.confidence_of == key), None)

    def asked_with(self, attribute: Attribute) -> tuple[Attribute, ...]:
        """The other attributes of the same question."""
        return tuple(a for a in self.attributes if a.question == attribute.question and a != attribute)

    def with_value(self, key: str, value: Value) -> "Taxonomy":
        """The taxonomy with one more value, before those that say nothing."""
        attribute = self[key]
        informative = [member for member in attribute.vocabulary if not member.says_nothing]
        silent = [member for member in attribute.vocabulary if member.says_nothing]
        bigger = replace(attribute, vocabulary=Vocabulary((*informative, value, *silent)))
        return Taxonomy(tuple(bigger if a.key == key else a for a in self.attributes))


def _refuse_shared(words: list[tuple[str, set[str]]]) -> None:
    """Raise SettingsError if a word belongs to two values."""
    owner: dict[str, str] = {}
    for value, of_value in words:
        for word in sorted(of_value):
            if word in owner:
                raise SettingsError(
                    value=f"The word '{word}' means '{owner[word]}' and '{value}'",
                    rule="a word may mean one value of an attribute only",
                    remedy="remove it from one of them",
                )
            owner[word] = value


def _folded(text: str) -> str:
    return re.sub(r"[\s_\-]+", " ", text.strip().strip(".").lower())
