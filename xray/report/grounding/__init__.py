"""Checks whether each sentence of a report is supported by the facts that it cites."""
