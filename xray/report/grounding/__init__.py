"""Grounding: checks whether each sentence of a report is supported by the facts that it cites."""

from xray.report.grounding.check import grounded as grounded

__all__ = ["grounded"]
