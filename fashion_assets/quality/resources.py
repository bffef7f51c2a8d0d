"""Dagster resources: where quality reports go, and the labels that quality is measured against."""

from pathlib import Path

from dagster import ConfigurableResource
from pydantic import Field


class LabelsResource(ConfigurableResource):
    """Hand labels that come with the catalog; without them, the answers of the random audit count."""

    file: str | None = Field(None, description="CSV file of hand labels, where the catalog brings its own.")

    @property
    def path(self) -> Path | None:
        return Path(self.file) if self.file else None


class ReportsResource(ConfigurableResource):
    """The folder of the quality reports, and the labels that they measure accuracy against."""

    folder: str = Field(description="Folder that the quality reports are written to, one folder for each batch.")
    labels: str | None = Field(None, description="CSV file of hand labels, where the catalog brings its own.")

    def file(self, batch: str, run_id: str) -> Path:
        """The file of the report on one batch by one run."""
        return Path(self.folder) / batch / f"{run_id}.html"

    @property
    def labels_file(self) -> Path | None:
        return Path(self.labels) if self.labels else None
