"""Reports: facts of a Case, narrators that write sentences from them, and the check of every sentence."""

from xray.report.facts import facts
from xray.report.grounding import grounded
from xray.report.narrators import NARRATORS, SENT, Access, Narrator, narrator
from xray.report.types import Fact, Report, Section, Sentence
from xray.report.write import report

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
