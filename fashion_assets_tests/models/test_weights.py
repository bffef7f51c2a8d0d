"""What the local Hugging Face cache holds counts only when the download was finished."""

import json

import pytest

from fashion_assets.errors import ModelError
from fashion_assets.models.weights import cached_snapshot, hub_identity, require_hub


@pytest.fixture
def snapshot(tmp_path, monkeypatch):
    """A snapshot folder in which only the configuration has arrived."""
    folder = tmp_path / "models--shop--model" / "snapshots" / "0123456789abcdef"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    monkeypatch.setattr("huggingface_hub.try_to_load_from_cache", lambda model, file: str(folder / file))
    return folder


def test_an_interrupted_download_is_not_taken_for_the_model(snapshot):
    assert cached_snapshot("shop/model") is None
    assert hub_identity("shop/model") == "shop/model"


def test_a_finished_download_is_the_model_at_its_revision(snapshot):
    (snapshot / "model.safetensors").write_bytes(b"")
    assert cached_snapshot("shop/model") == snapshot
    assert hub_identity("shop/model") == "shop/model@0123456789ab"


def test_every_shard_must_have_arrived(snapshot):
    shards = {"weight_map": {"a": "1.safetensors", "b": "2.safetensors"}}
    (snapshot / "model.safetensors.index.json").write_text(json.dumps(shards))
    (snapshot / "1.safetensors").write_bytes(b"")
    assert cached_snapshot("shop/model") is None
    (snapshot / "2.safetensors").write_bytes(b"")
    assert cached_snapshot("shop/model") == snapshot


def test_an_unreachable_hub_is_said_at_once():
    with pytest.raises(ModelError, match=r"'shop/model' is neither a folder nor in the local .* set FASHION_X to"):
        require_hub("shop/model", "FASHION_X")
