"""Kinds for category words that mean none, by an encoder that sees only colours: each share can be worked out by hand.

The fake's cosine of two equal colours is 1, of red and blue 0.5, and its logit scale 10. So of a red photo the share of
what is called red is 1 / (1 + exp(-5)) = 0.993, and that of what is called blue 0.007.
"""

from pathlib import Path

import pytest
from PIL import Image

from fashion_assets.catalog.recognition.proposals import (
    LEAST_LEAD,
    Example,
    Proposal,
    UnknownWord,
    clear_kind,
    propose_kinds,
)
from fashion_assets.models.clip.encoder import FakeEncoder
from fashion_assets.shop.kinds.kind import Place
from fashion_assets.shop.kinds.wordings import NO_KIND, KindWording
from fashion_assets_tests.factories.photo_files import save
from fashion_assets_tests.fakes.encoder import CountingEncoder

SHIRTS, SWEATERS = Place("Apparel", "Topwear", "Shirts"), Place("Apparel", "Topwear", "Sweaters")
JEANS, WATCHES = Place("Apparel", "Bottomwear", "Jeans"), Place("Accessories", "Watches", "Watches")
TOPWEAR = Place("Apparel", "Topwear")

RED_SHIRTS, BLUE_JEANS = KindWording(SHIRTS, ("red shirt",)), KindWording(JEANS, ("blue jeans",))
WORDINGS = (RED_SHIRTS, BLUE_JEANS)
RGB = {"red": (255, 0, 0), "blue": (0, 0, 255), "yellow": (255, 255, 0)}


@pytest.fixture
def photo(tmp_path):
    """A photo of a colour, with a white stripe: pictures of one colour show nothing."""

    def paint(color: str, name: str = "") -> Path:
        image = Image.new("RGB", (64, 320), RGB[color])
        image.paste((255, 255, 255), (0, 0, 64, 16))
        return save(image, tmp_path / f"{name or color}.png")

    return paint


def word(*examples: Example, known: tuple[Place, ...] = ()) -> UnknownWord:
    return UnknownWord("Zzz", 12, examples, known)


def kinds(*unknown: UnknownWord, wordings=WORDINGS, **more) -> list[str]:
    return [proposal.kind for proposal in propose_kinds(unknown, FakeEncoder(), wordings, **more)]


@pytest.mark.parametrize(
    ("reds", "blues", "proposed"),
    [
        (1, 0, ["Shirts"]),  # 0.993 / 2 - 0.007 / 2 = 0.493
        (2, 1, []),  # 1.993 / 4 - 1.007 / 4 = 0.247
        (3, 1, []),  # 2.987 / 5 - 1.013 / 5 = 0.395
        (4, 1, ["Shirts"]),  # 3.980 / 6 - 1.020 / 6 = 0.493
        (2, 2, []),
        (1, 4, ["Jeans"]),
    ],
)
def test_a_kind_is_proposed_if_the_products_together_show_it_clearly(reds, blues, proposed):
    names = [f"{number} red" for number in range(reds)] + [f"{number} blue" for number in range(blues)]
    assert kinds(word(*map(Example, names))) == proposed


@pytest.mark.parametrize(
    ("shares", "kind"),
    [
        ({SHIRTS: 0.75, JEANS: 0.25}, SHIRTS),
        ({SHIRTS: LEAST_LEAD, JEANS: 0.0}, SHIRTS),
        ({SHIRTS: 0.69, JEANS: 0.3}, None),
        ({SHIRTS: 0.45, SWEATERS: 0.3, JEANS: 0.25}, TOPWEAR),  # 0.75 against 0.25
        ({SHIRTS: 0.35, SWEATERS: 0.3, JEANS: 0.3}, None),
        ({SHIRTS: 0.6, SWEATERS: 0.3, JEANS: 0.0}, TOPWEAR),
        ({SHIRTS: 0.65, SWEATERS: 0.25, JEANS: 0.1}, SHIRTS),
        ({SHIRTS: 0.45, JEANS: 0.02, WATCHES: 0.04}, SHIRTS),
        ({SHIRTS: 0.2, NO_KIND: 0.8}, NO_KIND),
        ({SHIRTS: 1.0}, SHIRTS),
        ({SHIRTS: 0.0, JEANS: 0.0}, None),
    ],
)
def test_the_level_that_is_certain_is_chosen(shares, kind):
    assert clear_kind(shares) == kind


def test_a_sub_category_is_proposed_where_its_types_look_alike():
    wordings = (RED_SHIRTS, KindWording(SWEATERS, ("red sweater",)), BLUE_JEANS)
    assert kinds(word(Example("red")), wordings=wordings) == ["Topwear"]


def test_photos_alone_show_a_kind(photo):
    examples = [Example(None, photo("red", str(number))) for number in range(3)]
    (proposal,) = propose_kinds([word(*examples)], FakeEncoder(), WORDINGS)
    assert proposal == Proposal("Zzz", "Shirts", 12, ("photos",))


def test_names_and_photos_that_agree_are_both_evidence(photo):
    (proposal,) = propose_kinds([word(Example("red", photo("red")))], FakeEncoder(), WORDINGS)
    assert proposal.evidence == ("names", "photos")


def test_names_that_show_nothing_clearly_leave_it_to_the_photos(photo):
    (proposal,) = propose_kinds([word(Example("green", photo("red")))], FakeEncoder(), WORDINGS)
    assert (proposal.kind, proposal.evidence) == ("Shirts", ("photos",))


def test_names_and_photos_that_differ_give_no_proposal(photo):
    assert kinds(word(Example("blue", photo("red")))) == []


def test_names_and_photos_of_two_types_give_the_sub_category(photo):
    wordings = (RED_SHIRTS, KindWording(SWEATERS, ("blue sweater",)))
    assert kinds(word(Example("blue", photo("red"))), wordings=wordings) == ["Topwear"]


def test_names_that_the_model_does_not_read_are_not_looked_at(photo):
    encoder = CountingEncoder()
    examples = [Example("rouge", photo("red")), Example("blue", None)]
    proposals = propose_kinds([word(*examples)], encoder, WORDINGS, reads=lambda name: False)
    assert [(proposal.kind, proposal.evidence) for proposal in proposals] == [("Shirts", ("photos",))]
    assert encoder.texts == ["a photo of a red shirt", "a photo of a pair of blue jeans"]


def test_a_name_or_photo_counts_once_however_many_products_have_it(photo):
    encoder = CountingEncoder()
    propose_kinds([word(*[Example("red", photo("red"))] * 3)], encoder, WORDINGS)
    assert encoder.photos == 1 and encoder.texts.count("red") == 1


def test_what_looks_like_something_else_gets_no_kind(photo):
    wordings = (*WORDINGS, KindWording(NO_KIND, ("yellow lamp",)))
    assert kinds(word(Example("yellow")), wordings=wordings) == []
    assert kinds(word(Example("red", photo("yellow"))), wordings=wordings) == []


def test_without_anything_to_go_by_there_is_no_proposal(photo, tmp_path):
    blank = save(Image.new("RGB", (64, 64), RGB["red"]), tmp_path / "blank.png")
    (tmp_path / "broken.jpg").write_bytes(b"no photo")
    examples = [Example(), Example("", blank), Example(None, tmp_path / "broken.jpg"), Example(None, tmp_path / "none")]
    assert kinds(word(), word(*examples)) == []


@pytest.mark.parametrize(
    ("known", "proposed"),
    [
        ((), ["Shirts"]),
        ((SHIRTS,), ["Shirts"]),
        ((TOPWEAR,), ["Shirts"]),
        ((Place("Apparel"),), ["Shirts"]),
        ((SWEATERS,), ["Topwear"]),
        ((SHIRTS, SWEATERS), ["Topwear"]),
        ((JEANS,), []),
        ((SHIRTS, WATCHES), []),
    ],
)
def test_a_line_may_not_contradict_what_other_products_of_the_category_are(known, proposed):
    assert kinds(word(Example("red"), known=known)) == proposed


def test_a_sub_category_that_no_name_means_is_not_proposed():
    dress, jumpsuit = Place("Apparel", "Dress", "Dresses"), Place("Apparel", "Dress", "Jumpsuit")
    wordings = (KindWording(dress, ("red dress",)), KindWording(jumpsuit, ("red jumpsuit",)), BLUE_JEANS)
    assert kinds(word(Example("red")), wordings=wordings) == []


def test_each_word_has_a_proposal_of_its_own_and_counts_as_progress():
    moved = []
    unknown = [
        UnknownWord("A", 3, (Example("red"),)),
        UnknownWord("B", 2, (Example("green"),)),
        UnknownWord("C", 1, (Example("blue"),)),
    ]
    proposals = propose_kinds(
        unknown, FakeEncoder(), WORDINGS, progress=lambda done, total: moved.append((done, total))
    )
    assert [(proposal.words, proposal.kind, proposal.products) for proposal in proposals] == [
        ("A", "Shirts", 3),
        ("C", "Jeans", 1),
    ]
    assert moved == [(1, 3), (2, 3), (3, 3)]
