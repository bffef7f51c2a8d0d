"""The command line `fashion`: every command parses, calls the application (`app`) and prints."""

from fashion_assets.cli import app
from fashion_assets.cli.ending import end_process

__all__ = ["main"]


def main() -> None:
    """Entry point of the console script; does not return."""
    try:
        app.main()
    except SystemExit as end:
        if isinstance(end.code, str):  # a message, which Python prints
            raise
        end_process(end.code or 0)
