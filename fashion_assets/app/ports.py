"""Which port a page is served on."""

import socket

from fashion_assets.errors import SettingsError

PORTS_TO_TRY = 50


def free_port(host: str, wanted: int | None, first: int) -> int:
    """The wanted port, or the first free one from `first`; raises SettingsError when there is none."""
    for port in [wanted] if wanted else range(first, first + PORTS_TO_TRY):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                continue
            return port
    raise SettingsError(
        f"Port {wanted} on {host} is taken; give another one with --port."
        if wanted
        else f"No port from {first} to {first + PORTS_TO_TRY - 1} is free on {host}; give one with --port."
    )
