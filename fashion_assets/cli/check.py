"""`fashion check`: whether the shop's file holds, and what it does."""

from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from fashion_assets.cli.console import output, print_json
from fashion_assets.cli.understanding import print_survey, print_warning


def check(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Validate the shop's file against its table, and say what an ingest would give; nothing is written.

    Example: `fashion check`
    """
    from fashion_assets.app.own_catalog import check_shop, unmapped_categories
    from fashion_assets.app.shop import Shop

    checked = check_shop(Shop.open().settings)
    unmapped = unmapped_categories(checked.survey)
    if as_json:
        print_json(
            {
                "unmapped": dict(unmapped),
                "refused_hosts": checked.refused_hosts,
                "overridden": checked.overridden,
                "touched": checked.touched,
                "products": checked.survey.products,
            }
        )
        return
    for name in checked.overridden:
        output.print(f"[yellow]{escape(name)}[/] takes precedence over the shop's file.")
    if checked.touched:
        table = Table("line", "products", title="What the lines of the shop's file do", title_justify="left")
        for line, count in checked.touched.items():
            table.add_row(escape(line), f"{count:,}" if count else "[yellow]0[/]")
        output.print(table)
    print_survey(checked.survey, unmapped)
    print_warning(checked.refusal)
    print_warning(checked.language_warning)
