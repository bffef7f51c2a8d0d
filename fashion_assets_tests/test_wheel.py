"""A wheel has all that the package needs, prompts and demo weights with it, and not what trained these."""

import io
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from fashion_assets.compute.package import build_package
from fashion_assets.demo.models import clip_folder, vlm_folder
from fashion_assets.extraction.questions import load_questions, prompts_version


@pytest.fixture(scope="module")
def installed(repository, tmp_path_factory):
    """A folder with the unpacked wheel, as `pip install` would leave it in site-packages."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=repository, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(folder / "site-packages")
    return folder / "site-packages"


def test_prompts_are_found_from_an_installed_wheel(installed, repository, tmp_path):
    script = (
        "from fashion_assets.extraction.questions import *;"
        "print(default_prompts_folder()); print(prompts_version(load_questions(default_prompts_folder())))"
    )
    found = subprocess.run(
        [sys.executable, "-c", script],
        env={"PYTHONPATH": str(installed), "PATH": ""},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    folder, version = found.stdout.split()
    assert folder == str(installed / "fashion_assets" / "_prompts")
    assert version == prompts_version(load_questions(repository / "prompts"))


@pytest.mark.parametrize("name", ["report.html.j2", "report.css"])
def test_the_report_template_is_in_the_wheel(name, installed):
    assert (installed / "fashion_assets" / "quality" / "report" / name).is_file()


@pytest.mark.parametrize("name", ["dagster.yaml", "workspace.yaml"])
def test_the_files_of_dagsters_home_are_in_the_wheel(name, installed):
    assert (installed / "fashion_assets" / "orchestration" / "templates" / name).is_file()


@pytest.mark.parametrize("weights", [vlm_folder() / "model.safetensors", clip_folder() / "open_clip_model.safetensors"])
def test_demo_weights_are_in_the_wheel(weights, installed, repository):
    assert (installed / weights.relative_to(repository)).is_file()


def test_nothing_but_the_package_is_in_the_wheel(installed):
    """Neither training nor tests nor benchmarks."""
    assert {path.name.partition("-")[0] for path in installed.iterdir()} == {"fashion_assets"}


def test_the_wheel_has_types(installed):
    assert (installed / "fashion_assets" / "py.typed").is_file()


def test_no_trainer_is_in_the_wheel(installed):
    """Training imports torch; rendering, naming and listing the demo's products do not."""
    modules = sorted((installed / "fashion_assets" / "demo").rglob("*.py"))
    assert modules
    assert [module.name for module in modules if re.search(r"^\s*(import|from) torch", module.read_text(), re.M)] == []


def test_the_clusters_wheel_has_weights_and_types_and_nothing_but_the_package(repository):
    package = build_package(repository / "prompts")
    names = zipfile.ZipFile(io.BytesIO(package.files[package.wheel])).namelist()
    assert "fashion_assets/py.typed" in names
    assert str((vlm_folder() / "model.safetensors").relative_to(repository)) in names
    assert {Path(name).parts[0].partition("-")[0] for name in names} == {"fashion_assets"}
