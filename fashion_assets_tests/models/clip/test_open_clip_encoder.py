import json
import shutil
import socket
from dataclasses import replace
from typing import Any

import numpy as np
import open_clip
import pytest
import torch
from PIL import Image

from fashion_assets.errors import ModelError
from fashion_assets.models.clip.open_clip_encoder import encoder_id, load_encoder
from fashion_assets.models.clip.text_tower import text_lengths


@pytest.fixture(scope="module")
def noise():
    rng = np.random.default_rng(0)
    return [Image.fromarray(rng.integers(0, 255, (60, 45, 3), dtype=np.uint8)) for _ in range(7)]


@pytest.fixture
def encoder(clip_folder, cpu_plan):
    return load_encoder(str(clip_folder), cpu_plan)


def assert_refused(model, plan, *words):
    with pytest.raises(ModelError) as caught:
        load_encoder(str(model), plan)
    message = str(caught.value)
    assert all(word in message for word in words), message
    assert "\n" not in message


def test_vectors_are_unit_float32_of_the_models_dimension(encoder, noise):
    assert (encoder.dimension, encoder.context_length) == (16, 12)
    for vectors in (encoder.embed_photos(noise), encoder.embed_texts(["red shirt", "", "a b c"])):
        assert vectors.dtype == np.float32 and vectors.shape[1] == 16
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_the_logit_scale_is_the_models_own(encoder):
    assert encoder.logit_scale == pytest.approx(1 / 0.07)  # open_clip's before training


def test_nothing_in_nothing_out(encoder):
    assert encoder.embed_photos([]).shape == encoder.embed_texts([]).shape == (0, 16)


def test_micro_batches_change_no_vector(encoder, noise):
    together = encoder.embed_photos(noise)
    alone = np.concatenate([encoder.embed_photos([photo]) for photo in noise])
    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_the_model_is_not_in_train_mode(encoder, noise):
    np.testing.assert_array_equal(encoder.embed_photos(noise[:2]), encoder.embed_photos(noise[:2]))


def test_photos_are_letterboxed_not_cropped(encoder):
    """Shorter sides are padded: a mark at the top of a tall photo, which a centre crop would lose, is seen."""
    plain = Image.new("RGB", (30, 90), "white")
    marked = plain.copy()
    marked.paste("black", (0, 0, 30, 20))
    vectors = encoder.embed_photos([plain, marked])
    assert np.abs(vectors[0] - vectors[1]).max() > 1e-3


def test_texts_are_cut_at_the_context_length(encoder):
    words = ["red", "cotton", "shirt", "for", "men"] * 4
    short, long = encoder.embed_texts([" ".join(words), " ".join([*words, "blue", "silk"])])
    np.testing.assert_allclose(short, long, atol=1e-6)


def test_texts_without_their_padding_have_the_vectors_that_open_clip_gives_them(clip_folder, encoder):
    texts = ["red", "a red cotton shirt for men and women", "", "blue silk", "red " * 30, "blue"]
    network: Any = open_clip.create_model(f"local-dir:{clip_folder}").eval()
    with torch.inference_mode():
        padded = network.encode_text(open_clip.get_tokenizer(f"local-dir:{clip_folder}")(texts), normalize=True)
    np.testing.assert_allclose(encoder.embed_texts(texts), padded.numpy(), atol=1e-5)


def test_short_texts_pass_through_the_tower_without_padding(encoder):
    lengths = []
    transformer = encoder._network.transformer
    transformer.register_forward_pre_hook(lambda module, arguments: lengths.append(arguments[0].shape[1]))
    encoder.embed_texts(["red cotton shirt", "blue", "red", "red shirt", "red " * 30])
    assert lengths == [4, 12], "three texts a micro-batch, shortest first: start, up to two words and end; then all 12"


@pytest.mark.parametrize("changed", [{"no_causal_mask": True}, {"pool_type": "last"}])
def test_towers_that_see_their_padding_get_it(changed):
    config = open_clip.CLIPTextCfg(context_length=12, vocab_size=49408, width=16, heads=2, layers=1, **changed)
    photos = open_clip.CLIPVisionCfg(image_size=32, layers=1, width=32, head_width=16, patch_size=8)
    network = open_clip.CLIP(16, photos, config)
    assert text_lengths(network, open_clip.tokenize(["red"], context_length=12)).tolist() == [12]


def test_other_weights_have_another_id(clip_folder, other_clip_folder, encoder):
    assert encoder.model_id == encoder_id(str(clip_folder))
    assert encoder.model_id.startswith("tiny-clip@")
    assert encoder_id(str(other_clip_folder)) != encoder.model_id


def test_named_models_are_their_own_id():
    assert encoder_id("ViT-B-32/laion2b_s34b_b79k") == "ViT-B-32/laion2b_s34b_b79k"
    assert encoder_id("hf-hub:Marqo/marqo-fashionCLIP") == "hf-hub:Marqo/marqo-fashionCLIP"


def test_a_folder_is_loaded_without_a_network(clip_folder, cpu_plan, monkeypatch):
    tried = []

    def refuse(*address):
        tried.append(address)
        raise OSError("no network in tests")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    load_encoder(str(clip_folder), cpu_plan)
    assert tried == []


def test_out_of_memory_halves_the_micro_batch_permanently(encoder, noise, monkeypatch):
    sizes, real = [], encoder._network.encode_image

    def encode_two_at_most(pixels):
        sizes.append(len(pixels))
        if len(pixels) > 1:
            raise torch.OutOfMemoryError("no room")
        return real(pixels)

    expected = encoder.embed_photos(noise)
    monkeypatch.setattr(encoder._network, "encode_image", encode_two_at_most)
    np.testing.assert_allclose(encoder.embed_photos(noise), expected, atol=1e-5)
    assert sizes == [3, 1, 1, 1, 1, 1, 1, 1]
    encoder.embed_photos(noise[:2])
    assert sizes[-2:] == [1, 1]


def test_an_item_that_never_fits_is_a_clear_error(encoder, noise, monkeypatch):
    def encode(pixels):
        raise torch.OutOfMemoryError("no room")

    monkeypatch.setattr(encoder._network, "encode_image", encode)
    with pytest.raises(ModelError, match=r"tiny-clip@.*single item.*FASHION_DEVICE=cpu"):
        encoder.embed_photos(noise[:1])


def test_half_precision_gives_nearly_the_same_vectors(clip_folder, cpu_plan, encoder, noise):
    half = load_encoder(str(clip_folder), replace(cpu_plan, dtype="bfloat16"))
    cosines = (half.embed_photos(noise) * encoder.embed_photos(noise)).sum(axis=1)
    assert half.embed_photos(noise).dtype == np.float32 and cosines.min() > 0.99


@pytest.mark.parametrize("missing", ["open_clip_model.safetensors", "open_clip_config.json"])
def test_an_incomplete_folder_is_refused(clip_folder, cpu_plan, tmp_path, missing):
    folder = shutil.copytree(clip_folder, tmp_path / "broken")
    (folder / missing).unlink()
    assert_refused(folder, cpu_plan, str(folder), missing)


def test_weights_that_do_not_fit_the_config_are_refused(clip_folder, cpu_plan, tmp_path):
    folder = shutil.copytree(clip_folder, tmp_path / "broken")
    config = json.loads((folder / "open_clip_config.json").read_text())
    config["model_cfg"]["embed_dim"] = 20
    (folder / "open_clip_config.json").write_text(json.dumps(config))
    assert_refused(folder, cpu_plan, str(folder), "do not fit", "open_clip_config.json")


@pytest.mark.parametrize("text", ["{", "[]", "{}"])
def test_a_config_that_describes_no_model_is_refused(clip_folder, cpu_plan, tmp_path, text):
    folder = shutil.copytree(clip_folder, tmp_path / "broken")
    (folder / "open_clip_config.json").write_text(text)
    assert_refused(folder, cpu_plan, "open_clip_config.json", "does not describe a model", "model_cfg.text_cfg")


def test_a_folder_whose_text_tower_is_on_the_hub_is_refused_rather_than_fetched(clip_folder, cpu_plan, tmp_path):
    folder = shutil.copytree(clip_folder, tmp_path / "broken")
    config = json.loads((folder / "open_clip_config.json").read_text())
    config["model_cfg"]["text_cfg"]["hf_model_name"] = "roberta-base"
    (folder / "open_clip_config.json").write_text(json.dumps(config))
    assert_refused(folder, cpu_plan, "roberta-base", "without a network", "`hf-hub:` id")


@pytest.mark.parametrize("model", ["no/such/folder", "ViT-B-32", "/laion2b", ""])
def test_an_invalid_model_name_is_refused(cpu_plan, model, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert_refused(model, cpu_plan, f"'{model}'", "FASHION_CLIP", "`demo`")


def test_an_unknown_tag_lists_the_known_ones(cpu_plan):
    assert_refused("ViT-B-32/nonesuch", cpu_plan, "'nonesuch'", "'ViT-B-32'", "laion2b_s34b_b79k")


NAMED = {
    "ViT-B-32/laion2b_s34b_b79k": ("laion/CLIP-ViT-B-32-laion2B-s34B-b79K", ("open_clip_model.safetensors",)),
    "hf-hub:Marqo/marqo-fashionCLIP": (
        "Marqo/marqo-fashionCLIP",
        ("open_clip_config.json", "open_clip_pytorch_model.bin"),
    ),
}
"""A named model, where it is on the hub, and the files that are enough to load it without the hub."""


@pytest.fixture
def hub_cache(tmp_path, monkeypatch):
    """An empty Hugging Face cache; returns a function that puts files into it."""
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))

    def cache(hub_id, files):
        folder = tmp_path / f"models--{hub_id.replace('/', '--')}"
        snapshot = folder / "snapshots" / ("a" * 40)
        snapshot.mkdir(parents=True)
        (folder / "refs").mkdir()
        (folder / "refs" / "main").write_text("a" * 40)
        for name in files:
            (snapshot / name).touch()

    return cache


@pytest.fixture
def asked(monkeypatch):
    """The requests to an unreachable hub: the ids of quick checks, and `open_clip` for its own slow attempts."""
    asked = []

    def unreachable(self, model, **_):
        asked.append(model)
        raise OSError("Name or service not known")

    def slow(*_, **__):
        asked.append("open_clip")
        raise RuntimeError("Failed to download weights:\nname or service not known")

    monkeypatch.setattr("huggingface_hub.HfApi.model_info", unreachable)
    monkeypatch.setattr(open_clip, "create_model_from_pretrained", slow)
    return asked


@pytest.mark.parametrize("model", NAMED)
def test_without_the_hub_a_model_that_is_not_cached_is_refused_at_once(cpu_plan, model, hub_cache, asked):
    hub_id, _ = NAMED[model]
    assert_refused(model, cpu_plan, hub_id, "neither a folder nor in the local", "FASHION_CLIP", "`demo`")
    assert asked == [hub_id]


@pytest.mark.parametrize("model", NAMED)
def test_a_half_cached_model_is_refused_at_once_too(cpu_plan, model, hub_cache, asked):
    hub_id, files = NAMED[model]
    hub_cache(hub_id, files[:-1])
    assert_refused(model, cpu_plan, hub_id, "FASHION_CLIP")
    assert asked == [hub_id]


@pytest.mark.parametrize("model", NAMED)
def test_a_cached_model_is_not_requested_from_the_hub(cpu_plan, model, hub_cache, asked):
    hub_cache(*NAMED[model])
    assert_refused(model, cpu_plan, model, "downloaded once", "hub cannot be reached", "FASHION_CLIP=demo", "network")
    assert asked == ["open_clip"]


def test_an_id_that_no_hub_can_have_is_refused(cpu_plan, asked, hub_cache):
    assert_refused("hf-hub:a/b/c", cpu_plan, "a/b/c", "FASHION_CLIP")
