import json

import pytest

from fashion_assets.models.device import DevicePlan

CONFIG = {
    "model_cfg": {
        "embed_dim": 16,
        "vision_cfg": {
            "image_size": 32,
            "layers": 1,
            "width": 32,
            "head_width": 16,
            "patch_size": 8,
            "patch_dropout": 0.5,
        },
        "text_cfg": {"context_length": 12, "vocab_size": 49408, "width": 16, "heads": 2, "layers": 1},
    },
    "preprocess_cfg": {"mean": [0.5] * 3, "std": [0.5] * 3, "interpolation": "bicubic", "resize_mode": "shortest"},
}
"""A random model of 0.8 M parameters. Patch dropout makes train mode visible: two passes differ."""


@pytest.fixture
def cpu_plan():
    return DevicePlan(
        device="cpu", device_name="CPU", dtype="float32", memory_bytes=2**30, memory_share=0.9, micro_batch=3
    )


@pytest.fixture(scope="session")
def clip_folder(tmp_path_factory):
    """A complete open_clip folder with small random weights."""
    return write_clip_folder(tmp_path_factory.mktemp("models") / "tiny-clip", seed=0)


@pytest.fixture(scope="session")
def other_clip_folder(tmp_path_factory):
    """The same model with other weights."""
    return write_clip_folder(tmp_path_factory.mktemp("models") / "tiny-clip", seed=1)


def write_clip_folder(folder, seed):
    import open_clip
    import torch
    from safetensors.torch import save_file

    torch.manual_seed(seed)
    folder.mkdir()
    (folder / "open_clip_config.json").write_text(json.dumps(CONFIG))
    network = open_clip.create_model(f"local-dir:{folder}")
    save_file({name: weights.contiguous() for name, weights in network.state_dict().items()}, folder / WEIGHTS)
    return folder


WEIGHTS = "open_clip_model.safetensors"
