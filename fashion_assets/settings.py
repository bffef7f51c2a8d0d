"""Every setting of the project, read once from the environment (`FASHION_*`) or a `.env` file.

This is the only module that reads the environment. The meaning of a profile is defined here, by its defaults; no other
module checks the profile. Settings of a single back end are a `SettingsGroup` next to it. The others are not nested,
because their names, which must not change, have no common prefix by concern (FASHION_DEVICE, FASHION_DTYPE).
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import Field, PrivateAttr, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from fashion_assets.errors import SettingsError

DEMO = "demo"
"""The value of FASHION_VLM and FASHION_CLIP that means the shipped demo models."""

_NAME = r"^[\w-]+$"
_PREFIX = "FASHION_"
Read = TypeVar("Read", bound=BaseSettings)


class SettingsGroup(BaseSettings):
    """Settings that are declared next to what they configure, each a field with a description."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", env_ignore_empty=True, frozen=True)


class Settings(BaseSettings):
    """The settings, with the profile's defaults filled in."""

    model_config = SettingsConfigDict(env_prefix=_PREFIX, env_file=".env", extra="ignore", env_ignore_empty=True)
    _given: dict[str, object] = PrivateAttr(default_factory=dict)

    profile: Literal["demo", "local", "databricks"] = Field(
        "demo",
        description="`demo`: a rendered catalog and the shipped demo models; `local`: your catalog and models; "
        "`databricks`: as `local`, and the searches are in Databricks Vector Search as well; with "
        "FASHION_DATABRICKS_VOLUME the models run on Databricks clusters.",
    )
    home: Path = Field(Path(".fashion"), description="Folder for everything that the project writes.")
    tables: str | None = Field(
        None,
        description="Folder or object-store URI of the tables: `s3://bucket/tables`. Default: below FASHION_HOME.",
    )
    index: str | None = Field(
        None,
        description="Folder or object-store URI of the search index: `s3://bucket/index`. Default: below FASHION_HOME.",
    )
    source: Path | None = Field(
        None, description="Product table: a CSV or Parquet file, or a Delta table's folder. `demo` renders its own."
    )
    preset: Literal["reference"] | None = Field(
        None, description="Column mapping by name: `reference` is the public reference catalog's."
    )
    columns: Annotated[dict[str, str], NoDecode] = Field(
        default_factory=dict,
        description='Column mapping as JSON, ours to yours: `{"product_id": "sku", "product_display_name": "title"}`.',
    )
    photos: Path | None = Field(
        None, description="Folder that photo paths are relative to. Default: the folder of FASHION_SOURCE."
    )
    photo_path: str | None = Field(
        None, description="Path of a product's photo below FASHION_PHOTOS if no column holds it: `images/{id}.jpg`."
    )
    allow_mass_withdrawal: bool = Field(
        False, description="Accept a source that has lost more than half of the products at once."
    )
    vlm: str | None = Field(
        None,
        description="Vision-language model: a SmolVLM/Idefics3 id or folder, or `demo`; `clip` has CLIP score the "
        "allowed values instead; NAME or NAME:MODEL is a back end that another package registers.",
    )
    clip: str | None = Field(
        None, description="CLIP model: an open_clip name as `ViT-B-32/laion2b_s34b_b79k`, a folder, or `demo`."
    )
    prompts: Path | None = Field(None, description="Folder of prompt files. Default: the shipped `prompts/`.")
    device: Literal["auto", "cuda", "mps", "cpu"] = Field("auto", description="Where the models run.")
    dtype: Literal["auto", "float32", "float16", "bfloat16"] = Field(
        "auto", description="Number format of the models. `auto`: bfloat16 or float16 on a GPU, float32 on a CPU."
    )
    memory_share: float = Field(0.9, gt=0, le=1, description="Largest share of the GPU's memory to use.")
    micro_batch: int | None = Field(
        None, ge=1, le=1024, description="Photos per forward pass of a model. Default: what the memory allows."
    )
    price_per_hour: float | None = Field(
        None, ge=0, description="Cost of an hour of the machine, in any currency: runs then report their cost."
    )
    hybrid_image_weight: float = Field(
        0.5, ge=0, le=1, description="Share of the photo in hybrid embeddings; the rest is the text's."
    )
    alerts: SecretStr | None = Field(
        None,
        description="Where alerts go: apprise URLs (webhook, Slack, e-mail, ...), separated by commas or spaces. "
        "Default: they are recorded and not sent.",
    )
    alert_on: Literal["errors", "warnings"] = Field(
        "errors", description="Which failed checks are alerts: errors and regressions, or all `warnings` too."
    )
    ui_url: str = Field(
        "http://127.0.0.1:3000",
        description="Address of the Dagster UI, for links in alerts. Default: that of `fashion ui`, if it is running.",
    )
    databricks_catalog: str | None = Field(
        None, pattern=_NAME, description="Unity Catalog catalog of the tables and indexes; `databricks` needs one."
    )
    databricks_schema: str | None = Field(
        None, pattern=_NAME, description="Schema of the tables and indexes in that catalog; `databricks` needs one."
    )
    databricks_endpoint: str = Field(
        "fashion_assets", pattern=_NAME, description="Vector Search endpoint; it is created if it does not exist."
    )
    databricks_timeout: float = Field(
        60, gt=0, description="Minutes that Vector Search may take to sync, or a cluster to start."
    )
    databricks_volume: str | None = Field(
        None,
        pattern=r"^/Volumes(/[\w-]+){3,}$",
        description="Folder in a Unity Catalog volume, `/Volumes/catalog/schema/volume`: batches are then computed on "
        "GPU clusters, with code and prompts from there. Default: on this machine.",
    )
    databricks_folders: Annotated[dict[str, str], NoDecode] = Field(
        default_factory=dict,
        description="Paths on clusters of this machine's folders of photos and models, as JSON: "
        '`{"/data/shop": "/Volumes/shop/fashion/files"}`.',
    )
    databricks_runtime: str = Field(
        "15.4.x-gpu-ml-scala2.12", description="The clusters' Databricks ML runtime: 15.4 LTS or newer, with GPU."
    )
    databricks_node_type: str = Field("g5.xlarge", description="Type of a cluster's single machine, with a GPU.")
    databricks_spot: bool = Field(True, description="Use spot capacity, and on-demand capacity if there is none.")
    databricks_instance_profile: str | None = Field(
        None, description="AWS instance profile that lets clusters read and write FASHION_TABLES."
    )
    databricks_environment: Annotated[dict[str, str], NoDecode] = Field(
        default_factory=dict,
        description="More environment variables of clusters, as JSON; secrets by reference: "
        '`{"AWS_REGION": "eu-west-1", "HF_TOKEN": "{{secrets/fashion/hf}}"}`.',
    )
    databricks_batches_per_run: int = Field(
        5, ge=1, le=1000, description="Most batches that one job run computes: starting a cluster takes minutes."
    )
    databricks_tries: int = Field(
        3,
        ge=1,
        le=20,
        description="Attempts in total for a job run that Databricks lost, as with a spot machine.",
    )
    databricks_run_hours: float = Field(12, gt=0, description="Hours after which Databricks ends a job run.")
    demo_products: int = Field(1200, ge=50, le=1_000_000, description="Number of products in the demo catalog.")
    demo_seed: int = Field(0, ge=0, description="Seed of the demo catalog.")

    @field_validator("columns", "databricks_folders", "databricks_environment", mode="before")
    @classmethod
    def _read_columns(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except json.JSONDecodeError as error:
            raise ValueError(f"it must be JSON ({error})") from error

    @model_validator(mode="after")
    def _fill_in_profile_defaults(self) -> "Settings":
        if self.profile == "demo":
            if self.source is not None:
                raise SettingsError(
                    value=f"FASHION_SOURCE is '{self.source}'",
                    rule="the profile `demo` renders its own catalog",
                    remedy="set FASHION_PROFILE=local to use your own",
                )
            self.source = self.home.absolute() / "demo" / "catalog.csv"
            self.preset = self.preset or "reference"
        for name, value in self.databricks_environment.items():
            if re.search("KEY|SECRET|TOKEN|PASSWORD", name.upper()) and not value.startswith("{{secrets/"):
                raise SettingsError(
                    value=f"FASHION_DATABRICKS_ENVIRONMENT gives the value of {name}",
                    rule="the workspace would show it",
                    remedy="put it into a secret scope, and set {{secrets/SCOPE/KEY}} instead",
                )
        if self.profile == "databricks":
            for name in ("databricks_catalog", "databricks_schema"):
                if getattr(self, name) is None:
                    raise SettingsError(
                        value=f"FASHION_{name.upper()} is not set",
                        rule="the profile `databricks` needs the location of its tables and indexes in Unity Catalog",
                        remedy="set it, or set FASHION_PROFILE=local",
                    )
            if self.databricks_volume and "://" not in (self.tables or ""):
                raise SettingsError(
                    value=f"FASHION_TABLES is {self.tables!r}",
                    rule="clusters and this machine can share tables only in an object store",
                    remedy="set a URI such as s3://bucket/fashion",
                )
        self.vlm = self.vlm or (DEMO if self.profile == "demo" else "HuggingFaceTB/SmolVLM-Instruct")
        self.clip = self.clip or (DEMO if self.profile == "demo" else "ViT-B-32/laion2b_s34b_b79k")
        return self

    def require_source(self) -> Path:
        """The product table; raises SettingsError if none is set."""
        if self.source is None:
            raise SettingsError(
                value="FASHION_SOURCE is not set",
                rule=f"the profile `{self.profile}` has no catalog of its own",
                remedy="set it to a CSV, Parquet or Delta table, or set FASHION_PROFILE=demo",
            )
        return self.source

    @property
    def given(self) -> Mapping[str, object]:
        """The overrides passed to `load_settings`, by setting: they take precedence over the environment."""
        return self._given

    @property
    def photos_root(self) -> Path:
        """The folder that photo paths start from; the reference preset's paths start with `images/` themselves."""
        root = self.photos or (self.source.parent if self.source else Path())
        is_images = self.preset == "reference" and self.photo_path is None and root.name == "images"
        return root.parent if is_images else root

    @property
    def tables_uri(self) -> str:
        return _location(self.tables, self.home / "tables")

    @property
    def index_uri(self) -> str:
        return _location(self.index, self.home / "index")

    @property
    def reports_folder(self) -> Path:
        return self.home.absolute() / "reports"

    @property
    def dagster_home(self) -> Path:
        return self.home.absolute() / "dagster"

    @property
    def alerts_lock(self) -> Path:
        """The lock file of the process that sends alerts."""
        return self.home.absolute() / "alerts.lock"

    @property
    def has_delta_sync_indexes(self) -> bool:
        """Whether the indexes are in Databricks Vector Search as well."""
        return self.profile == "databricks"

    @property
    def computes_on_databricks(self) -> bool:
        """Whether batches are computed on clusters, if the back end supports that."""
        return self.profile == "databricks" and self.databricks_volume is not None

    @property
    def is_demo_catalog(self) -> bool:
        """Whether the catalog is the rendered demo catalog."""
        return self.profile == "demo"

    @property
    def own_labels(self) -> Path | None:
        """The labels that come with the catalog: the demo catalog's ground truth, which is rendered with it."""
        return self.require_source().with_name("labels.csv") if self.is_demo_catalog else None


def _location(named: str | None, default: Path) -> str:
    """A URI unchanged, or the absolute path of a folder."""
    return named if named and "://" in named else str(Path(named or default).absolute())


def load_settings(**overrides: object) -> Settings:
    """The settings of this process; raises SettingsError with one sentence per invalid value."""
    settings = read_settings(Settings, _PREFIX, overrides)
    settings._given = {_PREFIX + name.upper(): value for name, value in overrides.items()}
    return settings


def read_settings(model: type[Read], prefix: str, given: Mapping[str, Any]) -> Read:
    """Settings from `given`, by field, and from environment variables whose names start with `prefix`.

    Raises SettingsError with one sentence per invalid value.
    """
    try:
        return model(_env_prefix=prefix, **given)
    except ValidationError as error:
        first, *further = (_settings_error(problem, prefix) for problem in error.errors())
        first.further = tuple(further)
        raise first from error


def _settings_error(problem: Mapping[str, Any], prefix: str) -> SettingsError:
    name = str(problem["loc"][0]) if problem["loc"] else ""
    setting = name if name.startswith(_PREFIX) else prefix + name.upper()
    message = problem["msg"].removeprefix("Value error, ")
    return SettingsError(
        value=f"{setting if name else 'The settings'} is {problem['input']!r}",
        rule=message[:1].lower() + message[1:],
        remedy="correct it as docs/settings.md describes",
    )
