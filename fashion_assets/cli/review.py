"""`fashion review`: the page on which people correct products and label a random sample."""

import threading
import webbrowser
from typing import Annotated

import typer

from fashion_assets.cli.console import output
from fashion_assets.cli.ports import free_port
from fashion_assets.errors import NotComputed, OptionError, UnknownBatch
from fashion_assets.extraction.questions import default_prompts_folder, load_questions
from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES
from fashion_assets.quality.review import LOOPBACK_NAMES
from fashion_assets.settings import Settings, load_settings
from fashion_assets.storage.store import TableStore

FIRST_PORT = 3100
_SECONDS_TO_START = 1.0


def review(
    by: Annotated[str, typer.Option(help="Who reviews: the author of the corrections and labels.")],
    batch: Annotated[
        str | None, typer.Option(help="Only this batch's disagreements; the random audit is always of all products.")
    ] = None,
    port: Annotated[int | None, typer.Option(help="Port of the page; by default the first free one from 3100.")] = None,
    host: Annotated[str, typer.Option(help="Address to serve on: 127.0.0.1 or localhost.")] = "127.0.0.1",
    open_browser: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
) -> None:
    """Serve a page to review products by keyboard: the disagreements, worst first, and a random audit.

    Corrections go into the table that `fashion corrections` reads and writes; the audit's labels are what
    `fashion accuracy` measures by.

    Examples: `fashion review --by NAME`, `fashion review --by NAME --batch batch_00001`
    """
    if not by.strip():
        raise OptionError(
            value="--by is empty",
            rule="corrections and labels need an author",
            remedy="give a name that colleagues know",
        )
    if host not in LOOPBACK_NAMES:
        raise OptionError(
            value=f"--host is '{host}'",
            rule="the page has no accounts and is served to this machine only",
            remedy=f"use one of {', '.join(LOOPBACK_NAMES)}, and an SSH tunnel from elsewhere",
        )
    settings = load_settings()
    store = TableStore(settings.tables_uri)
    _require_products(store, batch)
    chosen = free_port(host, port, FIRST_PORT)
    address = f"http://{host}:{chosen}"
    output.print(f"The review page is at [bold]{address}[/] (stop it with Ctrl-C; everything is saved at once).")
    if open_browser:
        opener = threading.Timer(_SECONDS_TO_START, webbrowser.open, [address])
        opener.daemon = True
        opener.start()
    _serve(settings, store, by.strip(), batch, host, chosen)


def _require_products(store: TableStore, batch: str | None) -> None:
    batches = store.batches(EXTRACTED_ATTRIBUTES)
    if not batches:
        raise NotComputed(
            value="No product has been looked at yet",
            rule="a review shows answers about photos",
            remedy="run `fashion run` first",
        )
    if batch is not None and batch not in batches:
        raise UnknownBatch(
            value=f"--batch is '{batch}', of which nothing was extracted",
            rule="a review shows answers about photos",
            remedy=f"use one of {', '.join(batches)}",
        )


def _serve(settings: Settings, store: TableStore, author: str, batch: str | None, host: str, port: int) -> None:
    import uvicorn

    from fashion_assets.quality.review.app import build_app
    from fashion_assets.quality.review.session import ReviewSession

    questions = load_questions(settings.prompts or default_prompts_folder())
    session = ReviewSession(store, settings.photos_root, questions, author, batch)
    uvicorn.run(build_app(session), host=host, port=port, log_level="warning")
