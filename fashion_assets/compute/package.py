"""What is uploaded for the cluster: this code as a wheel, the prompts, and the submitted file, under one version.

The wheel is built from the installed package itself, so that a checkout and an installation can both upload what they
run. It pins the library versions that are installed here, so that the cluster computes the same rows.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import distribution, version
from pathlib import Path
from typing import TYPE_CHECKING

from fashion_assets.compute.workspace import workspace_errors

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient

_DISTRIBUTION = "fashion-assets"
_ENTRY_FILE = "run_batches.py"
_ENTRY = "from fashion_assets.app.cluster import main\n\nmain()\n"
_VERSION_CHARACTERS = 16
_WHEEL = b"Wheel-Version: 1.0\nGenerator: fashion_assets\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time of all files in the zip, so that equal content gives equal bytes."""


@dataclass(frozen=True)
class Package:
    """The `files` by their path below the version's folder; `wheel` is the path of the wheel."""

    wheel: str
    files: Mapping[str, bytes]

    @property
    def version(self) -> str:
        """Hash of all files."""
        digest = hashlib.sha256()
        for name, content in sorted(self.files.items()):
            digest.update(f"{name}\n".encode() + hashlib.sha256(content).digest())
        return digest.hexdigest()[:_VERSION_CHARACTERS]


@dataclass(frozen=True)
class Uploaded:
    """The paths of a package in the volume."""

    wheel: str
    prompts: str
    entry_file: str


@lru_cache(maxsize=2)
def build_package(prompts: Path) -> Package:
    """The package of this code and of the prompt files in `prompts`; once per process."""
    name, wheel = _build_wheel()
    texts = {f"prompts/{file.name}": file.read_bytes() for file in sorted(prompts.glob("*.md"))}
    return Package(name, {name: wheel, _ENTRY_FILE: _ENTRY.encode(), **texts})


def upload(client: WorkspaceClient, package: Package, volume: str) -> Uploaded:
    """Upload the files of the package that the volume does not have yet.

    Raises WorkspaceError if the volume does not exist or may not be written.
    """
    from databricks.sdk.errors import NotFound
    from databricks.sdk.service.files import FilesAPI

    # One request per file: the client's own upload of large files also needs access to the cloud's storage.
    files = FilesAPI(client.api_client)
    folder = f"{volume}/versions/{package.version}"
    with workspace_errors(f"write to the volume '{volume}' (FASHION_DATABRICKS_VOLUME)"):
        for name, content in package.files.items():
            path = f"{folder}/{name}"
            try:
                files.get_metadata(path)
            except NotFound:
                files.create_directory(path.rpartition("/")[0])
                files.upload(path, io.BytesIO(content), overwrite=True)
    return Uploaded(f"{folder}/{package.wheel}", f"{folder}/prompts", f"{folder}/{_ENTRY_FILE}")


def _build_wheel() -> tuple[str, bytes]:
    # By hand: `wheel.wheelfile` writes the current time into every wheel, but equal code must give equal bytes.
    package = Path(__file__).resolve().parents[1]
    code_version = version(_DISTRIBUTION)
    stem = f"{_DISTRIBUTION.replace('-', '_')}-{code_version}"
    files = {
        str(Path(package.name) / file.relative_to(package)): file.read_bytes()
        for file in sorted(package.rglob("*"))
        if file.is_file() and "__pycache__" not in file.parts
    }
    about = f"{stem}.dist-info"
    files[f"{about}/METADATA"] = _metadata(code_version).encode()
    files[f"{about}/WHEEL"] = _WHEEL
    files[f"{about}/RECORD"] = _record(files, f"{about}/RECORD").encode()
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as wheel:
        for name, data in files.items():
            wheel.writestr(zipfile.ZipInfo(name, _EPOCH), data, zipfile.ZIP_DEFLATED)
    return f"{stem}-py3-none-any.whl", content.getvalue()


def _metadata(code_version: str) -> str:
    from packaging.requirements import Requirement

    requirements = [Requirement(text) for text in distribution(_DISTRIBUTION).requires or []]
    pins = [
        # `+cpu` is only this machine's build.
        f"Requires-Dist: {requirement.name}=={version(requirement.name).partition('+')[0]}\n"
        for requirement in requirements
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""})
    ]
    header = f"Metadata-Version: 2.1\nName: {_DISTRIBUTION}\nVersion: {code_version}\nRequires-Python: >=3.11\n"
    return header + "".join(pins)


def _record(files: Mapping[str, bytes], own_name: str) -> str:
    lines = [
        f"{name},sha256={urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b'=').decode()},{len(data)}"
        for name, data in files.items()
    ]
    return "\n".join([*lines, f"{own_name},,"]) + "\n"
