"""The terminal: python -m xray COMMAND, one file per subject; each registers its commands with the app."""

from xray.cli import analyze, audit, cohort, explain, export, gate, report, serve, train, weights
from xray.cli.common import app

__all__ = [
    "analyze",
    "app",
    "audit",
    "cohort",
    "explain",
    "export",
    "gate",
    "report",
    "serve",
    "train",
    "weights",
]
