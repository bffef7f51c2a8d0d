"""What is known of the languages that CLIP models read, and the warning that follows from it."""

import pytest

from fashion_assets.models.clip.languages import MULTILINGUAL_MODELS, clip_reads, language_warning

GERMAN = ["Herren Hemd kariert", "Damen Kleid mit Gürtel", "Acme 7"]
ENGLISH_ONLY = [
    "demo",
    "/opt/fashion_assets/demo/weights/demo-clip",
    "demo-clip@0123456789ab",
    "ViT-B-32/laion2b_s34b_b79k",
    "ViT-B-32/openai",
    "hf-hub:laion/CLIP-ViT-B-32-laion2B-s34B-b79K",
    "ViT-B-32/laion400m_e32",
    "ViT-B-16-SigLIP/webli",
    "hf-hub:Marqo/marqo-fashionSigLIP",
    "hf-hub:patrickjohncyh/fashion-clip",
]
UNKNOWN = ["ViT-B-32/datacomp_xl_s13b_b90k", "/models/own", "hf-hub:shop/demonstration"]


@pytest.mark.parametrize("model", ENGLISH_ONLY)
def test_english_models_read_english_only(model):
    assert (clip_reads(model, "en"), clip_reads(model, "de"), clip_reads(model, "cyrillic")) == (True, False, False)


@pytest.mark.parametrize(
    "model", [*MULTILINGUAL_MODELS, "hf-hub:timm/ViT-B-16-SigLIP2", "ViT-H-14-worldwide/metaclip2"]
)
def test_multilingual_models_read_all(model):
    assert clip_reads(model, "en") and clip_reads(model, "de")


@pytest.mark.parametrize("model", UNKNOWN)
def test_of_others_nothing_is_said(model):
    assert clip_reads(model, "de") is None
    assert language_warning(model, GERMAN) is None


def test_the_warning_names_language_model_and_remedy():
    assert language_warning("ViT-B-32/openai", [*GERMAN, "Men Shirt blue"]) == (
        "Of the product names that show a language, 67% are in German, but the CLIP model 'ViT-B-32/openai' reads "
        "English only, so that searches by words find less; set FASHION_CLIP to a multilingual model such as "
        "`xlm-roberta-base-ViT-B-32/laion5b_s13b_b90k`, and run again."
    )
    assert "in Cyrillic letters, but" in (language_warning("demo", ["Платье красное"]) or "")


@pytest.mark.parametrize(
    ("model", "names"),
    [
        ("demo", ["Men Shirt blue"]),
        ("demo", ["Acme 7"]),
        ("demo", []),
        (MULTILINGUAL_MODELS[0], GERMAN),
    ],
)
def test_there_is_nothing_to_warn_of(model, names):
    assert language_warning(model, names) is None


def test_open_clip_publishes_the_models_of_the_remedy():
    import open_clip

    assert all(open_clip.get_pretrained_cfg(*model.split("/")) for model in MULTILINGUAL_MODELS)
