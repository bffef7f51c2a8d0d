"""`fashion retry`: infer again for the products that failed, and for those only."""

from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from fashion_assets.app.shop import Shop
from fashion_assets.cli.console import output, print_json, progress_shown
from fashion_assets.cli.exit_codes import ExitCode
from fashion_assets.cli.run import print_outcomes

if TYPE_CHECKING:
    from fashion_assets.app.retry import RetryResult


def retry(
    failed: Annotated[bool, typer.Option("--failed", help="Retry the products that failed (the default).")] = True,
    batch: Annotated[
        list[str] | None, typer.Option("--batch", help="Only in this batch; may be repeated. Default: all batches.")
    ] = None,
    with_: Annotated[
        list[str] | None,
        typer.Option(
            "--with",
            metavar="NAME=VALUE",
            help="Change this setting, as `FASHION_VLM=...`, or those of a file; may be repeated.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Infer again for the products that failed, and update descriptions, vectors and the index of those that are fixed.

    Other products stay as they are. The same model with the same prompts would fail in the same way on what it has
    answered; `--with` names another model, prompts or settings. Later runs of the batch keep what was fixed, as long as
    its normal model and prompts stay the same. Products whose photo was missing or unreadable at the last ingest need
    `fashion run`, which looks for new photos.

    Examples: `fashion retry --failed`, `fashion retry --failed --batch batch_00003 --with FASHION_IMAGE_SPLITTING=true`
    """
    with Shop.open() as shop, progress_shown():
        result = shop.retry_failed(batch, with_ or ())
    if as_json:
        print_json(result)
    else:
        print_retried(result, has_other_settings=bool(with_))
        if result.outcomes:
            print_outcomes(result.outcomes)
    if any(outcome.is_blocked for outcome in result.outcomes):
        raise typer.Exit(ExitCode.STOPPED)


def print_retried(result: "RetryResult", has_other_settings: bool) -> None:
    """Print failed products by code before and after, and why some were not retried."""
    if not result.batches:
        output.print("No product has failed; there is nothing to retry.")
        return
    table = Table("failed with", "products before", "after", title="Failed products", title_justify="left")
    for code in dict.fromkeys((*result.before, *result.after)):
        table.add_row(code, str(result.before.get(code, 0)), str(result.after.get(code, 0)))
    output.print(table)
    output.print(f"{result.recovered} of {result.failed} failed products in {len(result.batches)} batches were fixed.")
    if result.without_photo:
        output.print(f"{result.without_photo} have no usable photo; `fashion run` looks for new photos.")
    if result.fail_again:
        remedy = "other settings" if has_other_settings else "`--with FASHION_VLM=...` or `--with FASHION_PROMPTS=...`"
        output.print(
            f"{result.fail_again} would fail in the same way, because the answers of this model are in the journal; "
            f"retry with {remedy}."
        )
