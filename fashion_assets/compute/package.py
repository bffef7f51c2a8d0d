"""What travels to the cluster: this code as a wheel, the prompts, and the file that is submitted, under one version.

The wheel is made of the installed package itself, so that a checkout and an installation both can send what they run.
It asks for the very versions of the libraries that are installed here: rows must come out the same there.
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
"""In zips: equal content, equal bytes."""


@dataclass(frozen=True)
class Package:
    """The `files` by their path below the version's folder; `wheel` is that of the wheel."""

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
    """Where a package lies in the volume."""

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
    """Make sure that the volume has the package, each file sent only if it is not there.

    Raises WorkspaceError when the volume is not there or may not be written.
    """
    from databricks.sdk.errors import NotFound
    from databricks.sdk.service.files import FilesAPI

    # In one request each: the client's own way with large files needs access to the cloud's storage as well.
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
    # By hand: `wheel.wheelfile` puts the present time into every wheel, and equal code must be equal bytes.
    package = Path(__file__).resolve().parents[1]
    own = version(_DISTRIBUTION)
    stem = f"{_DISTRIBUTION.replace('-', '_')}-{own}"
    files = {
        str(Path(package.name) / file.relative_to(package)): file.read_bytes()
        for file in sorted(package.rglob("*"))
        if file.is_file() and "__pycache__" not in file.parts
    }
    about = f"{stem}.dist-info"
    files[f"{about}/METADATA"] = _metadata(own).encode()
    files[f"{about}/WHEEL"] = _WHEEL
    files[f"{about}/RECORD"] = _record(files, f"{about}/RECORD").encode()
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as wheel:
        for name, data in files.items():
            wheel.writestr(zipfile.ZipInfo(name, _EPOCH), data, zipfile.ZIP_DEFLATED)
    return f"{stem}-py3-none-any.whl", content.getvalue()


def _metadata(own: str) -> str:
    from packaging.requirements import Requirement

    wanted = [Requirement(text) for text in distribution(_DISTRIBUTION).requires or []]
    pins = [
        f"Requires-Dist: {one.name}=={version(one.name).partition('+')[0]}\n"  # `+cpu` is this machine's own build
        for one in wanted
        if one.marker is None or one.marker.evaluate({"extra": ""})
    ]
    return f"Metadata-Version: 2.1\nName: {_DISTRIBUTION}\nVersion: {own}\nRequires-Python: >=3.11\n{''.join(pins)}"


def _record(files: Mapping[str, bytes], own_name: str) -> str:
    lines = [
        f"{name},sha256={urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b'=').decode()},{len(data)}"
        for name, data in files.items()
    ]
    return "\n".join([*lines, f"{own_name},,"]) + "\n"
