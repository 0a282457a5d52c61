"""Predictions for radiographs, explanations of them, and checks of the explanations.

For research and education only; never for diagnosis.
"""

__version__ = "0.1.0"

NOTICE = "For research and education only. Never for diagnosis."
