"""The loaded demo model, once for all tests of the training code."""

import pytest

from fashion_assets.demo.models import vlm_folder
from fashion_assets.extraction.backends.transformers.model import TransformersModel
from training.evaluation.vlm import load_vlm


@pytest.fixture(scope="session")
def demo_vlm() -> TransformersModel:
    return load_vlm(vlm_folder())
