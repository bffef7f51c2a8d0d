"""`fashion show`: everything that is known about one product, and where it came from."""

from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from fashion_assets.app.shop import Shop
from fashion_assets.cli.console import output, print_json


def show(
    product: Annotated[str, typer.Argument(help="The product's id in your shop, or the SKU of a variant.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show everything known about a product: source, photo, the model's answers, attributes, descriptions, vectors.

    At the end, who said each attribute: the shop's own table, a person who corrected it, or the model.

    Examples: `fashion show 10003`, `fashion show WS23113TLE`
    """
    record = Shop.open().show(product)
    if as_json:
        print_json(record)
        return
    for name, rows in record.tables.items():
        for row in rows:
            table = Table("column", "value", title=name, title_justify="left", show_header=False)
            for column, value in row.items():
                table.add_row(column, escape(str(value)))
            output.print(table)
    if record.values:
        table = Table(
            "attribute", "value", "said by", "model", title="what counts, and who said it", title_justify="left"
        )
        for value in record.values:
            table.add_row(value.attribute, *(escape(text or "") for text in (value.value, value.said_by, value.model)))
        output.print(table)
