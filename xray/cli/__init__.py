"""The command line, python -m xray COMMAND: one file per subject, which registers its commands with the app.

Each command imports what it needs when it runs, so that --help and other commands start quickly.
"""

from xray.cli import (
    analyze,
    audit,
    cohort,
    data,
    explain,
    export,
    gate,
    lungs,
    methods,
    neighbors,
    receive,
    report,
    send,
    serve,
    train,
    weights,
)
from xray.cli.common import app

__all__ = [
    "analyze",
    "app",
    "audit",
    "cohort",
    "data",
    "explain",
    "export",
    "gate",
    "lungs",
    "methods",
    "neighbors",
    "receive",
    "report",
    "send",
    "serve",
    "train",
    "weights",
]
