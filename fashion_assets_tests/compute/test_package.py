"""What is uploaded for the cluster: a wheel that pip can install, with equal bytes for equal code."""

import subprocess
import sys
import zipfile
from importlib.metadata import version
from io import BytesIO

import pytest
from packaging.requirements import Requirement

from fashion_assets.compute.package import build_package
from fashion_assets.demo.models import vlm_folder
from fashion_assets.extraction.questions import default_prompts_folder


@pytest.fixture(scope="module")
def package():
    return build_package(default_prompts_folder())


def test_pip_installs_the_wheel(package, tmp_path):
    (tmp_path / package.wheel).write_bytes(package.files[package.wheel])
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-compile", "--target", "site"]
    subprocess.run([*command, str(tmp_path / package.wheel)], cwd=tmp_path, check=True, capture_output=True)
    weights = (vlm_folder() / "model.safetensors").relative_to(vlm_folder().parents[3])
    assert (tmp_path / "site" / weights).read_bytes() == (vlm_folder() / "model.safetensors").read_bytes()


def test_the_wheel_pins_the_installed_libraries(package):
    wheel = zipfile.ZipFile(BytesIO(package.files[package.wheel]))
    (metadata,) = [name for name in wheel.namelist() if name.endswith("/METADATA")]
    lines = wheel.read(metadata).decode().splitlines()
    requirements = [Requirement(line.partition(": ")[2]) for line in lines if line.startswith("Requires-Dist")]
    assert {"polars", "deltalake", "torch", "dagster"} <= {requirement.name for requirement in requirements}
    assert "pytest" not in {requirement.name for requirement in requirements}
    assert all(requirement.specifier.contains(version(requirement.name)) for requirement in requirements)


def test_the_version_changes_with_a_prompt_and_with_nothing_else(package, tmp_path):
    build_package.cache_clear()
    assert build_package(default_prompts_folder()).version == package.version
    prompts = list(default_prompts_folder().glob("*.md"))
    for file in prompts:
        (tmp_path / file.name).write_bytes(file.read_bytes())
    assert build_package(tmp_path).version == package.version
    build_package.cache_clear()
    (tmp_path / prompts[0].name).write_text("another")
    assert build_package(tmp_path).version != package.version
