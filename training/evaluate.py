"""Score the demo models on products that no training saw: the tables of their model cards.

With the default number of products it takes about four minutes on two cores. Examples:
`python -m training.evaluate --products 200`, `python -m training.evaluate --off-domain ~/photos`,
`python -m training.evaluate --weights demo-weights`
"""

import argparse
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from fashion_assets.demo.models import SHIPPED_WEIGHTS
from fashion_assets.errors import FashionError
from training.evaluation.score_tables import clip_table, vlm_tables
from training.evaluation.scores import PRODUCTS, DemoScores, evaluate

_PIPE_WIDTH = 120
"""Columns of a file or a pipe, which has no width of its own; at rich's default of 80, tables break words."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the scores; exits with 2 and one sentence when an option names no models or no photos."""
    parser = argparse.ArgumentParser(
        prog="python -m training.evaluate", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--products",
        type=int,
        default=PRODUCTS,
        help="of the balanced mix (%(default)s); other scores use up to 500",
    )
    parser.add_argument(
        "--off-domain", type=Path, help="folder of real photos, to see how confident the model is about them"
    )
    parser.add_argument(
        "--weights", type=Path, default=SHIPPED_WEIGHTS, help="folder of both models, as `make demo-models` writes it"
    )
    options = parser.parse_args(arguments)
    if options.products < 1:
        parser.error(f"--products is {options.products}, but at least one product is needed; give a number from 1.")
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        scores = evaluate(options.products, off_domain=options.off_domain, weights=options.weights)
    except FashionError as error:
        parser.error(str(error))
    print_scores(scores, Console(width=None if sys.stdout.isatty() else _PIPE_WIDTH))


def print_scores(scores: DemoScores, console: Console) -> None:
    """Print every table of the model cards."""
    for table in (*vlm_tables(scores), clip_table(scores.clip)):
        console.print(f"\n[bold]{table.title}[/bold]\n{table.note}", highlight=False)
        drawn = Table(*table.columns)
        for row in table.rows:
            drawn.add_row(*row)
        console.print(drawn)


if __name__ == "__main__":
    main()
