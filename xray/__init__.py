"""Explain what a network says about a radiograph. Research and education only; never for diagnosis."""

__version__ = "0.1.0"

NOTICE = "For research and education only. Never for diagnosis."
