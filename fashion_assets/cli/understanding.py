"""How a table is understood, on the terminal: for `fashion init` and `fashion check`."""

from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from fashion_assets.cli.console import output

if TYPE_CHECKING:
    from fashion_assets.app.own_catalog import Understanding
    from fashion_assets.catalog.losses import Loss
    from fashion_assets.catalog.recognition.survey import Survey

MOST_UNMAPPED = 10
_PHOTO_STATES = {"an address": "at web addresses"}
_EXAMPLE_COLUMNS = ("shop_id", "product_display_name", "article_type", "base_color", "price", "photo")


def print_understanding(understanding: "Understanding") -> None:
    """What each column is taken for and why, then the survey."""
    table = Table(
        "ours", "yours", "because", title=f"How {understanding.table.name} is understood", title_justify="left"
    )
    for one in understanding.guess.understood:
        reason = escape(one.because) if one.is_sure else f"[yellow]not sure:[/] {escape(one.because)}"
        table.add_row(one.ours, escape(one.theirs), reason)
    output.print(table)
    if understanding.rules.ids.derived:
        output.print("[yellow]No column identifies products[/]: ids are made from name and first photo.")
    if understanding.guess.unused:
        output.print(f"Not used: {escape(', '.join(understanding.guess.unused))}.", highlight=False)
    print_survey(understanding.survey, understanding.unmapped)
    if understanding.rules.language.descriptions != "en":
        output.print(f"Descriptions will be in the language '{escape(understanding.rules.language.descriptions)}'.")
    print_warning(understanding.language_warning)


def print_warning(warning: str | None) -> None:
    """Print a warning, if there is one."""
    if warning:
        output.print(f"[yellow]{escape(warning)}[/]", highlight=False, soft_wrap=True)


def print_to_confirm(understanding: "Understanding") -> None:
    """What the file has as comments, for a person to decide on: hosts of a private network, and proposed kinds."""
    print_warning(understanding.refusal)
    proposals = understanding.proposed.proposals
    if proposals:
        output.print("Proposed by CLIP, and applied once you take the `#` before the line in \\[categories] away:")
    for proposal in proposals:
        evidence = " and ".join(proposal.evidence)
        output.print(f"  {proposal.words}: {proposal.kind}, from {evidence}", markup=False, highlight=False)
    print_warning(understanding.proposed.note)


def print_survey(survey: "Survey", unmapped: list[tuple[str, int]]) -> None:
    """What an ingest would give: rows, losses, categories, and examples with their photos' state."""
    for note in survey.notes:
        output.print(escape(note), highlight=False)
    variants = f" in {survey.variants:,} variants" if survey.variants > survey.products else ""
    output.print(f"{survey.rows:,} rows give {survey.products:,} products{variants}.", highlight=False)
    if survey.recovered:
        output.print(f"{survey.recovered:,} broken rows could be read all the same.", highlight=False)
    if survey.decimal:
        doubt = " [yellow](no price shows it for sure: check [price] decimal)[/]" if survey.is_decimal_ambiguous else ""
        output.print(f"Prices have the decimal sign '{survey.decimal}'{doubt}.", highlight=False)
    states = ", ".join(f"{count:,} {_PHOTO_STATES.get(state, state)}" for state, count in sorted(survey.photos.items()))
    output.print(f"Photos: {states}.", highlight=False)
    _print_losses("Would be quarantined", survey.quarantined)
    _print_losses("Left out", survey.excluded)
    _print_losses("Could not be read", survey.values)
    _print_categories(survey, unmapped)
    if not survey.examples.is_empty():
        examples = Table(*_EXAMPLE_COLUMNS, title="The first products", title_justify="left")
        for row in survey.examples.select(_EXAMPLE_COLUMNS).iter_rows():
            examples.add_row(*("" if value is None else escape(str(value)) for value in row))
        output.print(examples)


def _print_losses(title: str, losses: "tuple[Loss, ...]") -> None:
    for loss in losses:
        output.print(f"[yellow]{title}[/]: {escape(loss.in_words())}", highlight=False, soft_wrap=True)


def _print_categories(survey: "Survey", unmapped: list[tuple[str, int]]) -> None:
    mapped = sum(1 for (own, kind) in survey.categories if own and kind)
    if mapped or unmapped:
        output.print(f"Category words: {mapped:,} known, {len(unmapped):,} without a kind.", highlight=False)
    for words, count in unmapped[:MOST_UNMAPPED]:
        products = f"{count:,} {'product' if count == 1 else 'products'}"
        output.print(f"  {words} ({products}): add it to [categories] of the shop's file", markup=False)
