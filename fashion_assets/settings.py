"""Every setting of the project, read once from the environment (`FASHION_*`) or a `.env` file.

No other module reads the environment or checks the profile. Settings of a single back end are a `SettingsGroup` next
to it; the others are not nested, because their names, which must not change, have no common prefix by concern.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import unquote

from pydantic import Field, PrivateAttr, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from fashion_assets.errors import SettingsError
from fashion_assets.fashion_error import shorten, without_credentials

DEMO = "demo"
"""The value of FASHION_VLM and FASHION_CLIP that means the shipped demo models."""
_NAME, _PREFIX = r"^[\w-]+$", "FASHION_"
_FILE_URI = re.compile("file://(?:localhost)?(/.*)", re.DOTALL)
Read = TypeVar("Read", bound=BaseSettings)
_READ = SettingsConfigDict(env_file=".env", extra="ignore", env_ignore_empty=True, hide_input_in_errors=True)


class SettingsGroup(BaseSettings):
    """Settings that are declared next to what they configure, each a field with a description."""

    model_config = _READ | SettingsConfigDict(frozen=True)


class Settings(BaseSettings):
    """The settings, with the profile's defaults filled in."""

    model_config = _READ | SettingsConfigDict(env_prefix=_PREFIX)
    _given: dict[str, object] = PrivateAttr(default_factory=dict)
    _fetches_photos: bool = False
    _is_demo_catalog: bool = False
    _stated: frozenset[str] = frozenset()

    profile: Literal["demo", "local", "databricks"] = Field(
        "demo",
        description="`demo`: the shipped demo models, and a rendered catalog unless the shop's file names yours; "
        "`local`: your catalog and models; `databricks`: as `local`, with Databricks Vector Search and clusters.",
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
    shop: Path | None = Field(
        None, description="The shop's file, which `fashion init` writes. Default: `shop.toml` in the current folder."
    )
    source: Path | None = Field(
        None,
        description="Product table: a file, or a folder of Parquet files or a Delta table. `demo` renders its own.",
    )
    preset: Literal["reference", "shopify", "google", "woocommerce", "articles"] | None = Field(
        None, description="Shape of the table by name: `reference` is the public reference catalog's."
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
    allow_mass_withdrawal: bool = Field(False, description="Accept a source that lost over half of its products.")
    vlm: str | None = Field(
        None,
        description="Vision-language model: a SmolVLM/Idefics3 id or folder, or `demo`; `clip`: CLIP scores the "
        "allowed values instead; NAME or NAME:MODEL: a back end that another package registers.",
    )
    clip: str | None = Field(None, description="CLIP model: an open_clip name (`ViT-B-32/openai`), a folder or `demo`.")
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
    hybrid_image_weight: float = Field(0.5, ge=0, le=1, description="Share of the photo in hybrid embeddings.")
    alerts: SecretStr | None = Field(None, description="Where alerts go: apprise URLs. Default: they are kept only.")
    alert_on: Literal["errors", "warnings"] = Field("errors", description="Whether warnings are alerts too.")
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
        description="Folder in a volume, `/Volumes/catalog/schema/volume`: batches are then computed on GPU clusters.",
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
        3, ge=1, le=20, description="Attempts in total for a job run that Databricks lost, as with a spot machine."
    )
    databricks_run_hours: float = Field(12, gt=0, description="Hours after which Databricks ends a job run.")
    demo_products: int = Field(1200, ge=50, le=1_000_000, description="Number of products in the demo catalog.")
    demo_seed: int = Field(0, ge=0, description="Seed of the demo catalog.")

    @field_validator("columns", "databricks_folders", "databricks_environment", mode="before")
    @classmethod
    def _read_columns(cls, value: object) -> object:
        try:
            return json.loads(value) if isinstance(value, str) else value
        except (json.JSONDecodeError, RecursionError) as error:
            raise ValueError(f"it must be JSON ({error})") from None  # the error has the text, and tracebacks show it

    @field_validator("tables", "index")
    @classmethod
    def _check_file_uri(cls, value: str | None) -> str | None:
        if value is not None and without_credentials(value) != value:
            raise ValueError("it must have no key or password before an @: logs and the UI show the address")
        if value is not None and value.startswith("file://") and not _FILE_URI.fullmatch(value):
            raise ValueError("a file:// URI must name a folder of this machine from its root, as file:///folder")
        return value

    @model_validator(mode="after")
    def _fill_in_profile_defaults(self) -> "Settings":
        self._stated = frozenset(self.model_fields_set)
        self._is_demo_catalog = self.profile == "demo"
        if self._is_demo_catalog and self.source is not None:
            raise SettingsError(
                value=f"FASHION_SOURCE is '{self.source}'",
                rule="the profile `demo` renders its own catalog",
                remedy="set FASHION_PROFILE=local to use your own, or name it in the shop's file",
            )
        if self._is_demo_catalog:
            self.source, self.preset = self.home.absolute() / "demo" / "catalog.csv", self.preset or "reference"
        self.vlm = self.vlm or (DEMO if self.profile == "demo" else "HuggingFaceTB/SmolVLM-Instruct")
        self.clip = self.clip or (DEMO if self.profile == "demo" else "ViT-B-32/laion2b_s34b_b79k")
        return self

    @property
    def shop_file(self) -> Path | None:
        """The shop's file, if there is one; one that is named need not exist, which is then a mistake."""
        return self.shop or (Path("shop.toml") if Path("shop.toml").is_file() else None)

    def take_catalog(self, source: Path, preset: Any, photos: Path | None, fetches_photos: bool) -> None:
        """The catalog that the shop's file describes, as far as the environment does not say otherwise."""
        if self.source is None or self._is_demo_catalog:
            self.source, self._is_demo_catalog = source, False
            self.preset = self.preset if "preset" in self._stated else preset
        self.photos = self.photos or photos
        self._fetches_photos = fetches_photos

    def require_source(self) -> Path:
        """The product table; raises SettingsError if none is set."""
        if self.source is None:
            raise SettingsError(
                value="FASHION_SOURCE is not set",
                rule=f"the profile `{self.profile}` has no catalog of its own",
                remedy="set it to your product table, run `fashion init TABLE`, or set FASHION_PROFILE=demo",
            )
        return self.source

    @property
    def stated(self) -> frozenset[str]:
        """The fields that the environment or `load_settings` states, without defaults and the shop's file."""
        return self._stated

    @property
    def given(self) -> Mapping[str, object]:
        """The overrides passed to `load_settings`."""
        return self._given

    @property
    def photos_root(self) -> Path:
        """The folder that photo paths start from, below FASHION_HOME if photos are fetched."""
        return self.home.absolute() / "photos" if self._fetches_photos else self.source_photos_root

    @property
    def source_photos_root(self) -> Path:
        """The folder of the source's own paths; the reference preset's paths start with `images/` themselves."""
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
        return self._is_demo_catalog

    @property
    def own_labels(self) -> Path | None:
        """The labels that come with the catalog: the demo catalog's ground truth, which is rendered with it."""
        return self.require_source().with_name("labels.csv") if self.is_demo_catalog else None


def _location(named: str | None, default: Path) -> str:
    """The URI of an object store, or the absolute path of a folder."""
    if named and (folder := _FILE_URI.fullmatch(named)):
        return str(Path(unquote(folder[1])))
    return named if named and re.match(r"\w+://", named) else str(Path(named or default).absolute())


def load_settings(**overrides: object) -> Settings:
    """The settings of this process; raises SettingsError with one sentence per invalid value."""
    settings = read_settings(Settings, _PREFIX, overrides)
    settings._given = {_PREFIX + name.upper(): value for name, value in overrides.items()}
    return settings


def read_settings(model: type[Read], prefix: str, given: Mapping[str, Any]) -> Read:
    """Settings from `given`, by field, and variables with `prefix`; raises SettingsError, a sentence per bad value."""
    try:
        return model(_env_prefix=prefix, **given)
    except ValidationError as error:
        first, *further = (_settings_error(problem, prefix, model) for problem in error.errors())
        first.further = tuple(further)
        raise first from error


def _settings_error(problem: Mapping[str, Any], prefix: str, model: type[BaseSettings]) -> SettingsError:
    name = str(problem["loc"][0]) if problem["loc"] else ""
    setting = name if name.startswith(_PREFIX) else prefix + name.upper()
    message = problem["msg"].removeprefix("Value error, ")
    is_secret = name == "databricks_environment" or "SecretStr" in str(model.model_fields.get(name))
    state = "cannot be used" if is_secret else f"is {shorten(repr(problem['input']), 200)}"
    return SettingsError(
        value=f"{setting if name else 'The settings'} {state}",
        rule=message[:1].lower() + message[1:],
        remedy="correct it as docs/settings.md describes",
    )
