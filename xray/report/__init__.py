"""Reports: text that says only what was measured, or is marked as a language model's own."""

from xray.report import gemini as gemini
from xray.report import openai_compatible as openai_compatible
from xray.report import template as template
from xray.report.facts import facts
from xray.report.grounding import grounded
from xray.report.narrators import NARRATORS, SENT, Access, Narrator, narrator, report
from xray.report.types import Fact, Report, Section, Sentence

__all__ = [
    "NARRATORS",
    "SENT",
    "Access",
    "Fact",
    "Narrator",
    "Report",
    "Section",
    "Sentence",
    "facts",
    "grounded",
    "narrator",
    "report",
]
