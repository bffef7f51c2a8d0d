"""The command line `fashion`: thin commands over the pipeline, the tables and the index."""

from fashion_assets.cli.app import main

__all__ = ["main"]
