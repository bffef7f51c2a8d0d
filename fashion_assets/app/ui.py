"""What the Dagster UI needs before it is served: an ingested catalog, its batches as partitions, and an address."""

from dataclasses import dataclass
from pathlib import Path

from fashion_assets.app.catalog import ensure_catalog
from fashion_assets.app.pipeline import Pipeline
from fashion_assets.orchestration.dagster_home import ensure_dagster_home
from fashion_assets.settings import Settings

FIRST_PORT = 3000


@dataclass(frozen=True)
class UserInterface:
    """The Dagster home that the UI serves; `is_first_look` says that the catalog was ingested just now."""

    dagster_home: Path
    is_first_look: bool

    @property
    def workspace(self) -> Path:
        """The file that names the code location."""
        return self.dagster_home / "workspace.yaml"


def prepare_ui(settings: Settings) -> UserInterface:
    """Register every batch as a partition; ingest the catalog if that was never done."""
    ensure_catalog(settings)
    with Pipeline(settings) as pipeline:
        is_first_look = not pipeline.register_batches()
        if is_first_look:
            pipeline.ingest()
    return UserInterface(ensure_dagster_home(settings.dagster_home), is_first_look)


def address_for_alerts(settings: Settings, host: str, port: int) -> dict[str, str]:
    """The environment that makes links in alerts lead to this UI, unless the settings name another address."""
    return {} if "ui_url" in settings.model_fields_set else {"FASHION_UI_URL": f"http://{host}:{port}"}
