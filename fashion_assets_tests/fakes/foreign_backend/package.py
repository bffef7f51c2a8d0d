"""Packages with entry points, as pip would have installed them."""

import sys
from pathlib import Path

import pytest

from fashion_assets.extraction.backends import registry


def install(folder: Path, module: str, source: str, entry_points: dict[str, str], patch: pytest.MonkeyPatch) -> None:
    """Put a package of one module into `folder`, which Python then imports from until the test is over."""
    metadata = folder / f"{module}-1.0.dist-info"
    metadata.mkdir(parents=True)
    (folder / f"{module}.py").write_text(source)
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module.replace('_', '-')}\nVersion: 1.0\n")
    lines = [f"[{registry.GROUP}]", *(f"{name} = {target}" for name, target in entry_points.items())]
    (metadata / "entry_points.txt").write_text("\n".join(lines) + "\n")
    if str(folder) not in sys.path:
        patch.syspath_prepend(folder)
    patch.delitem(sys.modules, module, raising=False)
    registry.registered.cache_clear()
