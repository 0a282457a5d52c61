"""Entry point of `python -m xray`."""

from xray.cli import app

app()
