"""`fashion journal`: what the model has answered, and compaction of the table that keeps it."""

from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from fashion_assets.app.journal import size_in_words
from fashion_assets.app.shop import Shop
from fashion_assets.cli.console import output, print_json

app = typer.Typer(no_args_is_help=True, help="Inspect the response journal, and compact it: `fashion journal stats`.")

_JSON = typer.Option("--json", help="Print JSON.")
_COLUMNS = ("version", "answers", "repeated", "tokens in", "out", "s each", "first", "last")


@app.command()
def stats(as_json: Annotated[bool, _JSON] = False) -> None:
    """Show answers, tokens and seconds by model, question and version, and the table's files.

    Example: `fashion journal stats`
    """
    statistics = Shop.open().journal.statistics()
    if as_json:
        print_json(statistics)
        return
    if statistics.answers.is_empty():
        output.print("The journal is empty: no model has answered anything yet.")
        return
    for (model,), rows in statistics.answers.group_by(["model_id"], maintain_order=True):
        table = Table(title=escape(str(model)), title_justify="left")
        table.add_column("question", no_wrap=True)
        for name in _COLUMNS:
            table.add_column(name)
        for row in rows.iter_rows(named=True):
            counts = [f"{row[name]:,}" for name in ("answers", "repeated", "tokens_in", "tokens_out")]
            times = [f"{row[name]:%Y-%m-%d %H:%M}" for name in ("first", "last")]
            question = (escape(row["question_id"]), escape(row["question_version"]))
            table.add_row(*question, *counts, f"{row['mean_seconds']:.3g}", *times)
        output.print(table)
    output.print(f"{size_in_words(statistics.files)}; `fashion journal compact` merges small files.")


@app.command()
def show(
    product: Annotated[str, typer.Argument(help="The product's id in your shop, or an SKU.")],
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """Show every answer about the product's photo, newest first, and which of them its row uses now.

    Example: `fashion journal show 10003`
    """
    answers = Shop.open().journal.answers(product)
    if as_json:
        print_json(answers)
        return
    if answers.is_empty():
        output.print(f"No model has answered any question about the photo of product {escape(product)}.")
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
    """Merge the journal's many small files: reading gets faster, and no answer is lost or repeated.

    Runs may continue meanwhile. Replaced files are deleted by a later compaction, when they are 7 days old.

    Example: `fashion journal compact`
    """
    compaction = Shop.open().journal.compact()
    if as_json:
        print_json(compaction)
    else:
        output.print(f"before: {size_in_words(compaction.before)}; after: {size_in_words(compaction.after)}")
