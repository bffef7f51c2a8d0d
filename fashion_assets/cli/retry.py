"""`fashion retry`: ask about failed products again, alone."""

import dataclasses
import json
from collections import Counter
from collections.abc import Iterable
from typing import Annotated

import typer
from rich.table import Table

from fashion_assets.app.pipeline import Pipeline
from fashion_assets.app.retry import RetriedBatch, resources_to_retry_with, retry_failed
from fashion_assets.cli.console import errors, output, progress_shown
from fashion_assets.cli.run import print_outcomes
from fashion_assets.settings import load_settings


def retry(
    failed: Annotated[bool, typer.Option("--failed", help="Retry the products that failed (the default).")] = True,
    batch: Annotated[
        list[str] | None, typer.Option("--batch", help="Only in this batch; may be repeated. By default in all.")
    ] = None,
    with_: Annotated[
        list[str] | None,
        typer.Option(
            "--with",
            metavar="NAME=VALUE",
            help="Ask with this setting instead, as `FASHION_VLM=...`, or with those of a file; may be repeated.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Ask about failed products again, and bring descriptions, vectors and the index in step with what was mended.

    Other products stay as they are. The same model with the same prompts fails in the same way on what it has
    answered: `--with` asks another one, or otherwise. What that mends is kept by later runs of the batch, as long as
    its normal model and prompts stay. Products whose photo was missing or unreadable at the last ingest need
    `fashion run`, which looks for new photos.

    Examples: `fashion retry --failed`, `fashion retry --failed --batch batch_00003 --with FASHION_IMAGE_SPLITTING=true`
    """
    settings = load_settings()
    with Pipeline(settings, resources_to_retry_with(settings, with_ or [])) as pipeline, progress_shown():
        retried = list(_telling(retry_failed(pipeline, batch)))
        if any(each.mended for each in retried):
            pipeline.refresh_index()
    outcomes = [each.outcome for each in retried if each.outcome is not None]
    if as_json:
        output.print_json(json.dumps([dataclasses.asdict(each) for each in retried]))
    else:
        print_retried(retried, is_asked_otherwise=bool(with_))
        if outcomes:
            print_outcomes(outcomes)
    if any(outcome.is_blocked for outcome in outcomes):
        raise typer.Exit(1)


def print_retried(retried: list[RetriedBatch], is_asked_otherwise: bool) -> None:
    """Failed products by code before and after, and why some were not asked about again."""
    if not retried:
        output.print("No product has failed; there is nothing to retry.")
        return
    before, after = _total(each.before for each in retried), _total(each.after for each in retried)
    table = Table("failed with", "products before", "after", title="Failed products", title_justify="left")
    for code in [*before, *(code for code in after if code not in before)]:
        table.add_row(code, str(before.get(code, 0)), str(after.get(code, 0)))
    output.print(table)
    failed = sum(each.outlook.failed for each in retried)
    mended = sum(each.mended for each in retried)
    output.print(f"{mended} of {failed} failed products in {len(retried)} batches were mended.")
    without_photo = sum(each.outlook.without_photo for each in retried)
    if without_photo:
        output.print(f"{without_photo} have no usable photo; `fashion run` looks whether there are new ones.")
    fail_again = sum(each.outlook.fail_again for each in retried)
    if fail_again:
        remedy = "other ones" if is_asked_otherwise else "`--with FASHION_VLM=...` or `--with FASHION_PROMPTS=...`"
        output.print(
            f"{fail_again} fail in the same way again, because these answers of this model are in the journal; "
            f"ask otherwise, with {remedy}."
        )


def _telling(retried: Iterable[RetriedBatch]) -> Iterable[RetriedBatch]:
    """The same, with a line of news for each."""
    for each in retried:
        end = "left as it is" if each.outcome is None else f"{each.mended} mended"
        errors.print(f"{each.batch}: {each.outlook.failed} failed products, {end}")
        yield each


def _total(counts: Iterable[dict[str, int]]) -> Counter:
    return sum((Counter(each) for each in counts), Counter())
