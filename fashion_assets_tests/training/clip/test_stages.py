"""Training of the demo CLIP: what a batch holds, what its loss wants, and that a few steps give a model that loads."""

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from fashion_assets.demo.attributes import sample_product
from fashion_assets.demo.models import SIDE, vlm_folder
from training.budget import Budget
from training.clip.batches import (
    SHORT_CAPTIONS,
    TRAIT_CODES,
    batch_numbers,
    describable,
    fits,
    photo_batches,
    trait_matrix,
)
from training.clip.captions import Caption
from training.training_set import TrainingSet

_UNCLEAR = (("material", "unknown"), ("pattern", "no clear pattern"))


@pytest.fixture(scope="module")
def data() -> TrainingSet:
    """Products with photos that say which product it is by their brightness."""
    products = [sample_product(100, index, "balanced") for index in range(200)]
    photos = np.arange(200, dtype=np.uint8)[:, None, None, None].repeat(SIDE, 1).repeat(SIDE, 2).repeat(3, 3)
    return TrainingSet(photos, products)


def shown(pixels: torch.Tensor) -> list[int]:
    return ((pixels[:, 0, 0, 0] + 1) * 127.5).round().int().tolist()


def test_a_photo_fits_its_own_captions(data: TrainingSet):
    pixels, batch = next(photo_batches(itertools.repeat(data), 32, seed=0))
    assert pixels.shape == (32, 3, SIDE, SIDE)
    assert len(batch.short) == 32 * SHORT_CAPTIONS and len(batch.long) == 32
    assert batch.short_fits.shape == (32 * SHORT_CAPTIONS, 32) and batch.long_fits.shape == (32, 32)
    assert batch.long_fits.diagonal().all()
    for part in batch.short_fits.split(32):
        assert part.diagonal().all()
    assert batch.short_fits.sum() > batch.long_fits.sum()  # less is said, so more photos fit


def test_what_cannot_be_described_stays_out(data: TrainingSet):
    cloudy, odd = (
        replace(data.products[n], clarity="clear", **{key: value}) for n, (key, value) in enumerate(_UNCLEAR)
    )
    kept = describable(TrainingSet(data.photos, [cloudy, odd, *data.products[2:]]))
    numbers = kept.photos[:, 0, 0, 0].tolist()
    expected = [n for n, product in enumerate(data.products) if n > 1 and product.clarity != "ruined"]
    assert numbers == expected and len(expected) < 198
    assert kept.products == [data.products[n] for n in expected]


def test_each_set_is_used_for_about_one_pass(data: TrainingSet):
    dark = TrainingSet(np.zeros_like(data.photos), data.products)
    batches = list(itertools.islice(photo_batches(iter([data, dark, data]), 64, seed=0), 9))
    is_dark = [max(shown(pixels)) == 0 for pixels, _ in batches]
    assert is_dark == [False] * 3 + [True] * 3 + [False] * 3


def test_about_half_of_the_batches_are_of_few_articles():
    articles = np.array([f"type {number % 27}" for number in range(2000)])
    rng = np.random.default_rng(0)
    batches = [batch_numbers(articles, 100, rng) for _ in range(200)]
    kinds = np.array([len(set(articles[batch])) for batch in batches])
    assert 0.35 < (kinds <= 8).mean() < 0.65
    assert kinds.min() >= 4 and kinds[kinds > 8].min() > 20
    assert all(len(set(batch)) == 100 for batch in batches)  # no photo twice


def test_a_batch_larger_than_its_articles_repeats_photos():
    batch = batch_numbers(np.array(["tie", "cap"]), 8, np.random.default_rng(0))
    assert len(batch) == 8 and set(batch) <= {0, 1}


def test_who_fits_a_caption_is_decided_by_what_it_mentions():
    products = [sample_product(5, index, "balanced") for index in range(60)]
    traits = trait_matrix(products)
    captions = [Caption("", frozenset({"colour"})), Caption("", frozenset({"colour", "article"}))]
    found = fits(captions, traits[[0, 0]], traits)
    same_colour = [product.colour == products[0].colour for product in products]
    both = [
        same and product.article == products[0].article for same, product in zip(same_colour, products, strict=True)
    ]
    assert found.tolist() == [same_colour, both]


def test_no_two_traits_share_a_code():
    codes = trait_matrix([sample_product(5, index, "balanced") for index in range(200)])
    assert codes.max() < TRAIT_CODES
    columns = [set(column.tolist()) for column in codes.T]
    assert sum(len(column) for column in columns) == len(set().union(*columns))


def test_the_loss_is_low_only_when_all_matches_are_above_all_others():
    from training.clip.loss import contrast

    matches = torch.tensor([[True, True, False, False]])
    good, tied = torch.tensor([[20.0, 10.0, 0.0, 0.0]]), torch.zeros(1, 4)
    bad = torch.tensor([[20.0, 0.0, 10.0, 0.0]])
    assert contrast(good, matches) < 1e-3  # that the matches differ does not matter
    assert contrast(tied, matches).item() == pytest.approx(np.log(3))  # one match against two others
    assert contrast(bad, matches) > 4
    assert contrast(bad, torch.ones(1, 4, dtype=torch.bool)) == 0  # all fit: nothing to learn


@pytest.fixture(scope="module")
def trained(data: TrainingSet, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from training.clip.stages import train_clip

    torch.set_num_threads(1)  # for steps this small, threads only wait for each other
    folder = tmp_path_factory.mktemp("weights") / "clip"
    train_clip(itertools.repeat(data), vlm_folder(), folder, Budget(2), seed=0, batch_size=8, reading_steps=2)
    return folder


def test_reading_is_learned_without_photos(trained: Path, data: TrainingSet):
    import open_clip

    from training.clip.batches import caption_batches
    from training.clip.loss import batch_loss
    from training.clip.reading import TraitTower, teach_reading

    model = open_clip.create_model(f"local-dir:{trained}").train()
    tokenizer = open_clip.get_tokenizer(f"local-dir:{trained}")
    vision = {name: weight.clone() for name, weight in model.visual.state_dict().items()}
    batch = next(caption_batches(data.products, 16, seed=1))
    tower = TraitTower(dimension=128)
    before = batch_loss(model, tokenizer, tower(batch.traits), batch).item()
    tower = teach_reading(model, tokenizer, data.products, Budget(30), seed=0, batch_size=16)
    assert batch_loss(model, tokenizer, tower(batch.traits), batch).item() < 0.8 * before
    assert all(torch.equal(weight, vision[name]) for name, weight in model.visual.state_dict().items())


def test_a_trained_clip_loads_as_its_users_load_it(trained: Path):
    from fashion_assets.models.clip.open_clip_encoder import load_encoder
    from fashion_assets.models.resources import GpuResource

    encoder = load_encoder(str(trained), GpuResource(device="cpu").plan())
    assert encoder.embed_texts(["red leather jacket"]).shape == (1, encoder.dimension)
    assert encoder.context_length == 77
    assert "leather" in (trained / "words.txt").read_text().split()


def test_texts_encoded_without_their_padding_are_the_same(trained: Path):
    import open_clip

    from training.clip.loss import encode_texts

    model = open_clip.create_model(f"local-dir:{trained}").eval()
    tokens = open_clip.get_tokenizer(f"local-dir:{trained}")(
        ["red shirt", "a photo of a blue denim jacket with a hood"]
    )
    with torch.inference_mode():
        assert torch.allclose(encode_texts(model, tokens), model.encode_text(tokens), atol=1e-5)


def test_long_descriptions_fit_into_the_context(trained: Path, data: TrainingSet):
    import open_clip

    from training.clip.captions import description_caption

    texts = [description_caption(product).text for product in data.products]
    tokens = open_clip.get_tokenizer(f"local-dir:{trained}")(texts)
    assert (tokens[:, -1] == 0).float().mean() > 0.98  # padding: there was room to spare
