"""Whether an explanation can be believed: checks register themselves here, in the order of the trust card."""

from xray.evidence import agreement as agreement
from xray.evidence import deletion_insertion as deletion_insertion
from xray.evidence import location as location
from xray.evidence import randomization as randomization
from xray.evidence import road as road
from xray.evidence import shortcut as shortcut
from xray.evidence import stability as stability
from xray.evidence.context import Candidate, Subject, subject
from xray.evidence.of_case import checks_of
from xray.evidence.registry import CHECKS, Question, Reading
from xray.evidence.run import check, checks

__all__ = ["CHECKS", "Candidate", "Question", "Reading", "Subject", "check", "checks", "checks_of", "subject"]
