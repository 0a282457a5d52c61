"""Narrators, which write the sentences of a report, one file each."""

# isort: off
from xray.report.narrators import template as template
from xray.report.narrators import gemini as gemini
from xray.report.narrators import openai_compatible as openai_compatible

# isort: on
from xray.report.narrators.registry import NARRATORS, SENT, Access, Narrator, narrator

__all__ = ["NARRATORS", "SENT", "Access", "Narrator", "narrator"]
