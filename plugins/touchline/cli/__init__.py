"""The command line `touchline`."""

from touchline.cli.app import main

__all__ = ["main"]
