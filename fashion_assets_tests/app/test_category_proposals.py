"""Which model proposes kinds for category words, from what, and what is said where none does."""

from pathlib import Path

import pytest

from fashion_assets.app import category_proposals
from fashion_assets.app.category_proposals import proposed_kinds
from fashion_assets.app.own_catalog import InitOptions, understand
from fashion_assets.catalog.recognition.survey import Survey
from fashion_assets.demo.render import jpeg
from fashion_assets.demo.stand_ins import Listed, stand_in
from fashion_assets.settings import load_settings
from fashion_assets.shop.kinds.kind import Place
from fashion_assets_tests.factories.photo_files import product, save
from fashion_assets_tests.fakes.encoder import CountingEncoder

ENGLISH, MULTILINGUAL = "ViT-B-32/openai", "xlm-roberta-base-ViT-B-32/laion5b_s13b_b90k"
FRENCH = [
    "Modèle doux pour femmes",
    "Le beau modèle avec col",
    "Modèle bleu sans col",
    "Un modèle noir et une couleur",
]


@pytest.fixture
def surveyed(tmp_path, monkeypatch):
    """The survey of a table with such rows: sku, name, category, photo."""
    monkeypatch.chdir(tmp_path)

    def survey(*rows: str) -> Survey:
        table = tmp_path / "list.csv"
        table.write_text("sku,name,category,image\n" + "\n".join(rows), encoding="utf-8")
        columns = {"image_path": "image", "category": "category", "product_display_name": "name"}
        return understand(table, InitOptions(columns=columns), tmp_path).survey

    return survey


@pytest.fixture
def encoder(monkeypatch):
    """In place of models that are not here: it sees colours, and remembers what it is asked."""
    fake = CountingEncoder()
    monkeypatch.setattr(category_proposals, "_encoder", lambda settings: fake)
    return fake


@pytest.fixture
def no_model(monkeypatch):
    monkeypatch.setattr(category_proposals, "_encoder", lambda settings: pytest.fail("a model was loaded"))


def drawn(folder: Path, kind: str, sub: str, master: str, number: int) -> str:
    file = folder / f"{kind}-{number}.jpg".replace(" ", "")
    file.write_bytes(jpeg(stand_in(Listed(number, str(file), master, sub, kind, None))))
    return file.name


def test_the_demo_model_proposes_what_its_photos_show_if_it_is_asked(surveyed, tmp_path):
    shown = {
        "Zzz": ("Watches", "Watches", "Accessories"),
        "Xxx": ("Shirts", "Topwear", "Apparel"),
    }
    rows = [
        f"{words}-{number},Modell {number},{words},{drawn(tmp_path, *kind, number)}"
        for words, kind in shown.items()
        for number in range(3)
    ]
    proposed = proposed_kinds(surveyed(*rows), load_settings(device="cpu"), is_wanted=True)
    assert {proposal.words: proposal.kind for proposal in proposed.proposals} == {
        words: kind for words, (kind, _, _) in shown.items()
    }
    assert {proposal.evidence for proposal in proposed.proposals} == {("photos",)}
    assert {proposal.products for proposal in proposed.proposals} == {3}
    assert proposed.note is None


@pytest.mark.parametrize(
    ("settings", "is_wanted", "words"),
    [({}, None, "--propose"), ({}, False, None), ({"clip": ENGLISH}, False, None)],
)
def test_no_model_is_loaded_unless_it_is_wanted(surveyed, no_model, settings, is_wanted, words):
    survey = surveyed("A,Modell 1,Zzz,1.jpg", "B,Modell 2,Zzz,2.jpg")
    proposed = proposed_kinds(survey, load_settings(**settings), is_wanted)
    assert proposed.proposals == ()
    assert (words or "") in (proposed.note or "") and (proposed.note is None) == (words is None)


def test_the_demo_model_by_its_folder_is_the_demo_model_too(surveyed, no_model):
    from fashion_assets.demo.models import clip_folder

    proposed = proposed_kinds(surveyed("A,Modell 1,Zzz,1.jpg"), load_settings(clip=str(clip_folder())), None)
    assert "--propose" in str(proposed.note)


def test_without_words_that_mean_nothing_no_model_is_loaded(surveyed, no_model):
    proposed = proposed_kinds(surveyed("A,Modell 1,Shirts,1.jpg"), load_settings(), is_wanted=True)
    assert (proposed.proposals, proposed.note) == ((), None)


def test_things_that_people_do_not_wear_are_not_looked_at(surveyed, no_model):
    proposed = proposed_kinds(surveyed("A,Modell 1,Pet Supplies > Coats,1.jpg"), load_settings(clip=ENGLISH), None)
    assert (proposed.proposals, proposed.note) == ((), None)


def test_names_are_looked_at_if_the_model_reads_them(surveyed, encoder):
    survey = surveyed(*(f"{number},{name},Zzz," for number, name in enumerate(FRENCH, 1)))
    proposed = proposed_kinds(survey, load_settings(clip=MULTILINGUAL), None)
    assert {*FRENCH} < {*encoder.texts}
    assert proposed.proposals == () and "clearly enough" in str(proposed.note)


def test_names_in_a_language_that_the_model_does_not_read_are_left_out_and_that_is_said(surveyed, encoder, tmp_path):
    save(product(1), tmp_path / "1.jpg")
    survey = surveyed(*(f"{number},{name},Zzz,{number}.jpg" for number, name in enumerate(FRENCH, 1)))
    proposed = proposed_kinds(survey, load_settings(clip=ENGLISH), None)
    assert not {*FRENCH} & {*encoder.texts}
    assert proposed.note == f"The CLIP model '{ENGLISH}' does not read French: only photos count."


def test_with_neither_names_nor_photos_no_model_is_loaded_and_that_is_said(surveyed, no_model):
    survey = surveyed(*(f"{number},{name},Zzz,https://c.example/{number}.jpg" for number, name in enumerate(FRENCH, 1)))
    proposed = proposed_kinds(survey, load_settings(clip=ENGLISH), None)
    assert proposed.proposals == ()
    assert "does not read French" in str(proposed.note) and "none of these products has a photo" in str(proposed.note)


def test_without_names_and_photos_no_model_is_loaded_and_that_is_said(surveyed, no_model):
    proposed = proposed_kinds(surveyed("A,,Zzz,https://c.example/1.jpg"), load_settings(clip=MULTILINGUAL), None)
    assert proposed.note == "No kinds are proposed: none of these products has a name or a photo in the folder."


@pytest.mark.parametrize(
    ("settings", "words"),
    [({"clip": "no/such/model"}, "'no/such/model' is not a folder"), ({"clip": "ViT-B-32/nothing"}, "no weights")],
)
def test_a_model_that_cannot_be_loaded_is_a_sentence(surveyed, settings, words):
    proposed = proposed_kinds(surveyed("A,Red thing,Zzz,1.jpg"), load_settings(device="cpu", **settings), None)
    assert proposed.proposals == ()
    assert str(proposed.note).startswith("No kinds are proposed. ") and words in str(proposed.note)


def test_products_whose_names_say_a_kind_keep_a_line_from_saying_another(surveyed, monkeypatch):
    asked = []
    monkeypatch.setattr(category_proposals, "_encoder", lambda settings: None)
    monkeypatch.setattr(category_proposals, "propose_kinds", lambda unknown, *_: asked.extend(unknown) or [])
    survey = surveyed("A,Modell 1,Zzz,1.jpg", "B,Denim jeans,Zzz,2.jpg", "C,Modell 3,Yyy,3.jpg", "D,Modell 4,Zzz,4.jpg")
    proposed_kinds(survey, load_settings(clip=ENGLISH), None)
    assert [(word.words, word.products, len(word.examples), word.known) for word in asked] == [
        ("Zzz", 2, 2, (Place("Apparel", "Bottomwear", "Jeans"),)),
        ("Yyy", 1, 1, ()),
    ]
