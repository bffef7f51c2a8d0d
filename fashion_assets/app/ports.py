"""The port that a page is served on."""

import socket

from fashion_assets.errors import OptionError

PORTS_TO_TRY = 50


def free_port(host: str, requested: int | None, first: int) -> int:
    """The requested port, or the first free one from `first`; raises OptionError when it is not free, or none is."""
    for port in [requested] if requested else range(first, first + PORTS_TO_TRY):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                continue
            return port
    raise OptionError(
        value=(
            f"Port {requested} on {host} is taken"
            if requested
            else f"No port from {first} to {first + PORTS_TO_TRY - 1} is free on {host}"
        ),
        rule="the page needs a free one",
        remedy=f"give {'another one' if requested else 'one'} with --port",
    )
