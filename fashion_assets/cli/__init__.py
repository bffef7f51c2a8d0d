"""The command line `fashion`: every command parses, calls the application (`app`) and prints."""

from fashion_assets.cli.app import main

__all__ = ["main"]
