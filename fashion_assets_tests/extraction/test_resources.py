"""Which back end the settings choose, and what may be seen of it."""

import pytest

from fashion_assets.automation.resources import build_resources
from fashion_assets.extraction.backends.endpoint.resources import EndpointVlm
from fashion_assets.extraction.backends.transformers.resources import TransformersVlm
from fashion_assets.extraction.backends.zero_shot.resources import ZeroShotVlm
from fashion_assets.settings import load_settings

ENDPOINT = {"profile": "local", "endpoint": "http://localhost:1/v1", "vlm": "a/model", "endpoint_key": "sesame"}


@pytest.mark.parametrize(
    ("settings", "back_end", "model_id"),
    [
        ({}, TransformersVlm, "demo-vlm@"),
        ({"vlm": "demo", "image_splitting": True}, TransformersVlm, "+tiles"),
        ({"vlm": "clip"}, ZeroShotVlm, "clip:demo-clip@"),
        (ENDPOINT, EndpointVlm, "a/model@localhost:1"),
    ],
)
def test_the_settings_choose_the_back_end(settings, back_end, model_id):
    vlm = build_resources(load_settings(**settings)).vlm
    assert type(vlm) is back_end
    assert model_id in vlm.identity().model_id


def test_no_back_end_needs_loading_to_be_known():
    identities = [build_resources(load_settings(**s)).vlm.identity() for s in ({}, {"vlm": "clip"}, ENDPOINT)]
    assert len(set(identities)) == 3


def test_a_loaded_model_has_the_identity_that_was_predicted():
    for settings in ({}, {"vlm": "clip"}, ENDPOINT):
        vlm = build_resources(load_settings(**settings)).vlm
        assert vlm.load().identity == vlm.identity()


def test_resources_for_one_endpoint_keep_their_own_keys():
    old, new = (build_resources(load_settings(**ENDPOINT | {"endpoint_key": key})).vlm for key in ("old", "new"))
    assert (old._endpoint.secret, new._endpoint.secret) == ("old", "new")


def test_the_endpoints_key_reaches_the_endpoint_and_no_configuration():
    vlm = build_resources(load_settings(**ENDPOINT)).vlm.process_config_and_initialize()
    assert vlm._endpoint.secret == "sesame"
    assert (
        "sesame" not in f"{vlm!r} {vlm.model_dump()} {vlm.describe()} {vlm._endpoint!r} {load_settings(**ENDPOINT)!r}"
    )
