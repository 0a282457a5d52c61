"""Checks of explanations. They register themselves when this package is imported."""

from xray.evidence import agreement as agreement
from xray.evidence import deletion_insertion as deletion_insertion
from xray.evidence import location as location
from xray.evidence import randomization as randomization
from xray.evidence import road as road
from xray.evidence import shortcut as shortcut
from xray.evidence import stability as stability
from xray.evidence.context import Candidate, CheckContext, FilmContext, Limit, Reading, check_context
from xray.evidence.registry import CHECKS, MARKS, Question, outcome
from xray.evidence.run import check, checks, checks_of
from xray.evidence.verdict import verdict_of

__all__ = [
    "CHECKS",
    "MARKS",
    "Candidate",
    "CheckContext",
    "FilmContext",
    "Limit",
    "Question",
    "Reading",
    "check",
    "check_context",
    "checks",
    "checks_of",
    "outcome",
    "verdict_of",
]
