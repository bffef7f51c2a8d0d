"""Where the quality reports go, and the labels that they measure by, as a Dagster resource."""

from pathlib import Path

from dagster import ConfigurableResource
from pydantic import Field


class ReportsResource(ConfigurableResource):
    """The folder of the quality reports, and the labels that they measure accuracy with."""

    folder: str = Field(description="Folder that the quality reports are written to, one folder for each batch.")
    labels: str | None = Field(None, description="CSV file of hand labels, where the catalog brings its own.")

    def file(self, batch: str, run_id: str) -> Path:
        """Where the report of one run on a batch belongs."""
        return Path(self.folder) / batch / f"{run_id}.html"

    @property
    def labels_file(self) -> Path | None:
        return Path(self.labels) if self.labels else None
