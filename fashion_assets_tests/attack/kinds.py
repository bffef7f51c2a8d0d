"""The kinds of inputs that come from outside, and what takes each: with the same code as in a run."""

import json
import os
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import polars as pl

from fashion_assets.catalog.photo_facts import photo_facts
from fashion_assets.catalog.photo_files import PhotoFiles
from fashion_assets.catalog.reading import open_table
from fashion_assets.catalog.tables import PHOTOS
from fashion_assets.compute.cluster_settings import settings_of_cluster
from fashion_assets.errors import FashionError
from fashion_assets.extraction.backends.endpoint.connection import Endpoint
from fashion_assets.extraction.backends.endpoint.model import EndpointModel
from fashion_assets.extraction.questions import default_prompts_folder, load_questions
from fashion_assets.models.photos import open_photo
from fashion_assets.settings import load_settings
from fashion_assets.shop.file import load_shop_settings, shop_profile
from fashion_assets.storage.conforming import conform
from fashion_assets.storage.table import BATCH
from fashion_assets_tests.attack.indexes import damageable_index_files, index_files, take_index_files
from fashion_assets_tests.attack.inputs import ANSWERS, PROMPTS, SETTINGS, SHOP_FILES
from fashion_assets_tests.attack.stored import (
    among,
    database_files,
    each_file,
    table_files,
    take_database_files,
    take_table_files,
)
from fashion_assets_tests.factories.hostile_photos import HOSTILE_PHOTOS
from fashion_assets_tests.factories.hostile_tables import HOSTILE_TABLES
from fashion_assets_tests.factories.photo_files import product, save
from fashion_assets_tests.fakes.hostile_server import serving_hostile

SECRET = "S3CRET"
_MOST_PARTS = 5

Inputs = Mapping[str, Callable[[], bytes]]


@dataclass(frozen=True)
class Kind:
    """Makes `inputs` by name, and `attack` takes one, after it is changed and packed with what belongs to it.

    The inputs are not made when this module is imported: processes are forked from one that has, and has no threads.
    """

    inputs: Callable[[], Inputs]
    attack: Callable[[bytes, Path], None]
    pack: Callable[[str, bytes], bytes] = lambda _, content: content


def take_photo(content: bytes, folder: Path) -> None:
    """A photo among good ones: these stay good, and what is usable by its facts opens."""
    warnings.simplefilter("ignore")  # of Pillow, on damaged metadata
    save(product(1), folder / "good.jpg")
    (folder / "bad.jpg").write_bytes(content)
    names = ["good.jpg", "bad.jpg"]
    rows = pl.DataFrame({"product_id": [1, 2], BATCH: ["batch_00000"] * 2, "image_path": names})
    good, bad = photo_facts(rows, PhotoFiles(folder), conform(pl.DataFrame(), PHOTOS), workers=2).to_dicts()
    assert good["status"] == "ok"
    assert bad["problem"] if bad["status"] != "ok" else open_photo(folder / "bad.jpg", bad["sha256"])


def take_table(content: bytes, folder: Path) -> None:
    (folder / "source").write_bytes(content)
    table = open_table(folder / "source")
    for _, part in zip(range(_MOST_PARTS), table.parts(), strict=False):
        assert tuple(part.fields.columns) == table.columns


def take_prompt(content: bytes, folder: Path) -> None:
    (folder / "a.md").write_bytes(content)
    load_questions(folder)


def take_shop_file(content: bytes, folder: Path) -> None:
    (folder / "shop.toml").write_bytes(content)
    (folder / "language.toml").write_bytes(content)
    shop_profile(load_shop_settings(shop=folder / "shop.toml", home=folder / "home"))


def take_settings(content: bytes, folder: Path) -> None:
    """Variables as a JSON object; what is none is one variable's value."""
    try:
        variables = json.loads(content)
        variables = variables if isinstance(variables, dict) else {"FASHION_COLUMNS": str(variables)}
    except (ValueError, RecursionError):
        variables = {"FASHION_DATABRICKS_ENVIRONMENT": content.decode(errors="replace")}
    for name, value in variables.items():
        if str(name).startswith("FASHION_") and "\0" not in f"{name}{value}" and "=" not in str(name):
            os.environ[str(name).encode(errors="replace").decode()] = str(value).encode(errors="replace").decode()
    try:
        settings = load_settings()
        if settings.databricks_environment:
            settings_of_cluster(settings)
    except FashionError as error:
        assert SECRET not in f"{error} {error!r} {error.__cause__}"
        raise


def take_answer(content: bytes, folder: Path) -> None:
    question = next(question for question in load_questions(default_prompts_folder()) if "material" in question.keys)
    with serving_hostile(lambda: [content]) as server:
        model = EndpointModel(Endpoint(f"{server.address}/v1", "vlm", SECRET, 1, timeout_seconds=2, tries=1))
        try:
            answers = model.answer(["data:image/jpeg;base64,AAAA"] * 2, question)
        except FashionError as error:
            assert SECRET not in str(error)
            raise
        assert all(0 <= answer.prompt_tokens < 10**8 and 0 <= answer.answer_tokens < 10**8 for answer in answers)


def _ready(inputs: Mapping[str, bytes]) -> Callable[[], Inputs]:
    return lambda: {name: lambda content=content: content for name, content in inputs.items()}


KINDS: Mapping[str, Kind] = {
    "photos": Kind(lambda: HOSTILE_PHOTOS, take_photo),
    "tables": Kind(lambda: HOSTILE_TABLES, take_table),
    "shop files": Kind(_ready(SHOP_FILES), take_shop_file),
    "prompts": Kind(_ready(PROMPTS), take_prompt),
    "settings": Kind(_ready(SETTINGS), take_settings),
    "answers": Kind(_ready(ANSWERS), take_answer),
    "table files": Kind(partial(each_file, table_files), take_table_files, among(table_files)),
    "index files": Kind(partial(each_file, damageable_index_files), take_index_files, among(index_files)),
    "database files": Kind(partial(each_file, database_files), take_database_files, among(database_files)),
}
