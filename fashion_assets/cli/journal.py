"""`fashion journal`: what the model has answered, and housekeeping of the table that keeps it."""

import json
from typing import Annotated

import polars as pl
import typer
from rich.markup import escape
from rich.table import Table

from fashion_assets.automation.resources import build_resources
from fashion_assets.catalog.tables import BATCH_ASSIGNMENTS, INGESTED_PRODUCTS
from fashion_assets.cli.console import output
from fashion_assets.errors import UnknownProduct
from fashion_assets.extraction.journal_report import answers_about, journal_statistics
from fashion_assets.extraction.questions import Question
from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES, RESPONSE_JOURNAL
from fashion_assets.settings import load_settings
from fashion_assets.storage.reader import TableFiles
from fashion_assets.storage.store import TableStore
from fashion_assets.storage.table import BATCH

app = typer.Typer(no_args_is_help=True, help="Look into the response journal, and compact it: `fashion journal stats`.")

_JSON = typer.Option("--json", help="Print JSON.")


@app.command()
def stats(as_json: Annotated[bool, _JSON] = False) -> None:
    """Show answers, tokens and seconds by model, question and version, and the table's files.

    Example: `fashion journal stats`
    """
    store = _store()
    found, files = journal_statistics(store), store.files(RESPONSE_JOURNAL)
    if as_json:
        rows = json.loads(json.dumps(found.to_dicts(), default=str))
        output.print_json(json.dumps({"answers": rows, "files": files.count, "bytes": files.bytes}))
        return
    if found.is_empty():
        output.print("The journal is empty: no model has answered anything yet.")
        return
    columns = ("version", "answers", "repeated", "tokens in", "out", "s each", "first", "last")
    for (model,), rows in found.group_by(["model_id"], maintain_order=True):
        table = Table(title=escape(str(model)), title_justify="left")
        table.add_column("question", no_wrap=True)
        for name in columns:
            table.add_column(name)
        for row in rows.iter_rows(named=True):
            counts = [f"{row[name]:,}" for name in ("answers", "repeated", "tokens_in", "tokens_out")]
            times = [f"{row[name]:%Y-%m-%d %H:%M}" for name in ("first", "last")]
            question = (escape(row["question_id"]), escape(row["question_version"]))
            table.add_row(*question, *counts, f"{row['mean_seconds']:.3g}", *times)
        output.print(table)
    output.print(f"{size_in_words(files)}; `fashion journal compact` writes small files together.")


@app.command()
def show(
    product_id: Annotated[int, typer.Argument(help="The product's id.")], as_json: Annotated[bool, _JSON] = False
) -> None:
    """Show every answer about the product's photo, newest first, and which of them its row uses now.

    Example: `fashion journal show 10003`
    """
    settings = load_settings()
    resources = build_resources(settings)
    questions = resources.prompts.questions(resources.shop.taxonomy)
    answers = answers_about_product(TableStore(settings.tables_uri), product_id, questions)
    if as_json:
        output.print_json(json.dumps(answers.to_dicts(), default=str))
        return
    if answers.is_empty():
        output.print(f"No model has answered anything about the photo of product {product_id}.")
    for answer in answers.iter_rows(named=True):
        title = f"{answer['question_id']}, version {answer['question_version']}"
        title += " (used by the product's row)" if answer["is_used"] else " (not used now)"
        table = Table("", "", title=escape(title), title_justify="left", show_header=False)
        for name, value in answer.items():
            if name not in ("is_used", "question_id", "question_version"):
                table.add_row(name, escape(str(value)))
        output.print(table)


@app.command()
def compact(as_json: Annotated[bool, _JSON] = False) -> None:
    """Write the journal's many small files together: reading gets faster, and no answer is lost or repeated.

    Runs may go on meanwhile. Replaced files are deleted when they are 7 days old, at the next compaction.

    Example: `fashion journal compact`
    """
    store = _store()
    before = store.files(RESPONSE_JOURNAL)
    after = store.compact(RESPONSE_JOURNAL)
    if as_json:
        output.print_json(json.dumps({"files_before": before.count, "files_after": after.count, "bytes": after.bytes}))
    else:
        output.print(f"before: {size_in_words(before)}; after: {size_in_words(after)}")


def answers_about_product(store: TableStore, product_id: int, questions: list[Question]) -> pl.DataFrame:
    """Every answer about the photo that the product has now, and of its row; raises UnknownProduct when unknown."""
    assigned = store.read(BATCH_ASSIGNMENTS, columns=[BATCH], among={"product_id": [product_id]})
    if assigned.is_empty():
        raise UnknownProduct(
            value=f"There is no product {product_id}",
            rule="the journal is read by a product that the ingest took",
            remedy="if it is in the source, see in `fashion status` whether rows were quarantined",
        )
    rows = store.read(EXTRACTED_ATTRIBUTES, assigned[BATCH][0]).filter(product_id=product_id).to_dicts()
    now = store.read(INGESTED_PRODUCTS, assigned[BATCH][0]).filter(product_id=product_id)
    photos = [photo for photo in (*now["photo_sha256"], *(row["photo_sha256"] for row in rows)) if photo]
    return answers_about(store, photos, rows[0] if rows else None, questions)


def size_in_words(files: TableFiles) -> str:
    return f"{files.count:,} {'file' if files.count == 1 else 'files'}, {files.bytes / 1e6:,.1f} MB"


def _store() -> TableStore:
    return TableStore(load_settings().tables_uri)
