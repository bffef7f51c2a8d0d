"""A double of Unity Catalog volumes: the Files API over a folder, which clusters see as `/Volumes`."""

import shutil
from pathlib import Path

from fashion_assets_tests.fakes.databricks.server import Refusal, Route

VOLUME = "/Volumes/shop/fashion/files"
FILES, FOLDERS = "/api/2.0/fs/files(/Volumes/.*)", "/api/2.0/fs/directories(/Volumes/.*)"


class Volumes:
    """`volume` exists; nothing can be written beside it."""

    def __init__(self, root: Path, volume: str):
        self.root, self.volume = root, volume
        self.path(volume).mkdir(parents=True)

    def path(self, name: str) -> Path:
        """The real path of `/Volumes/...`."""
        return self.root / name.lstrip("/")

    def routes(self) -> list[Route]:
        return [
            Route("PUT", FOLDERS, self.make_folder),
            Route("GET", FOLDERS, self.list_folder),
            Route("DELETE", FOLDERS, self.delete_folder),
            Route("HEAD", FILES, self.read),
            Route("GET", FILES, self.read),
            Route("PUT", FILES, self.write),
            Route("DELETE", FILES, self.delete),
        ]

    def make_folder(self, name: str, _) -> dict:
        if not f"{name}/".startswith(f"{self.volume}/"):
            raise Refusal(404, "NOT_FOUND", f"Volume '{name}' does not exist")
        self.path(name).mkdir(parents=True, exist_ok=True)
        return {}

    def list_folder(self, name: str, _) -> dict:
        files = sorted(self._existing(name).iterdir())
        return {"contents": [{"name": file.name, "is_directory": file.is_dir()} for file in files]}

    def delete_folder(self, name: str, _) -> dict:
        self._existing(name).rmdir()
        return {}

    def read(self, name: str, _) -> bytes:
        return self._existing(name).read_bytes()

    def write(self, name: str, content: bytes) -> dict:
        if not self.path(name).parent.is_dir():
            raise Refusal(404, "NOT_FOUND", f"The directory of '{name}' does not exist")
        self.path(name).write_bytes(content)
        return {}

    def delete(self, name: str, _) -> dict:
        self._existing(name).unlink()
        return {}

    def put(self, folder: Path, name: str) -> None:
        """Copy a folder into the volume, as `databricks fs cp -r` does."""
        shutil.copytree(folder, self.path(name), dirs_exist_ok=True)

    def _existing(self, name: str) -> Path:
        path = self.path(name)
        if not path.exists():
            raise Refusal(404, "NOT_FOUND", f"'{name}' does not exist")
        return path
