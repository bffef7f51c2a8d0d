"""`fashion review`: the page on which people correct products and label a random sample."""

import threading
import webbrowser
from typing import Annotated

import typer

from fashion_assets.app.ports import free_port
from fashion_assets.app.shop import Shop
from fashion_assets.cli.console import output

_SECONDS_TO_START = 1.0


def review(
    by: Annotated[str, typer.Option(help="Who reviews: the author of the corrections and labels.")],
    batch: Annotated[
        str | None,
        typer.Option(help="Only this batch's disagreements; the random audit always covers all products."),
    ] = None,
    port: Annotated[int | None, typer.Option(help="Port of the page. Default: the first free one from 3100.")] = None,
    host: Annotated[str, typer.Option(help="Address to serve on: 127.0.0.1 or localhost.")] = "127.0.0.1",
    open_browser: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
) -> None:
    """Serve a page to review products by keyboard: disagreements, the worst first, and a random audit.

    Corrections go to the table that `fashion corrections` reads and writes; `fashion accuracy` uses the labels of the
    audit.

    Examples: `fashion review --by NAME`, `fashion review --by NAME --batch batch_00001`
    """
    from fashion_assets.app.review import FIRST_PORT, require_author, require_loopback, serve

    require_author(by)
    require_loopback(host)
    session = Shop.open().review(by, batch)
    chosen = free_port(host, port, FIRST_PORT)
    address = f"http://{host}:{chosen}"
    output.print(f"The review page is at [bold]{address}[/] (stop it with Ctrl-C; everything is saved at once).")
    if open_browser:
        opener = threading.Timer(_SECONDS_TO_START, webbrowser.open, [address])
        opener.daemon = True
        opener.start()
    serve(session, host, chosen)
