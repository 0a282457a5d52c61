"""What no fact supports: a side of the patient, advice, a diagnosis, a comparison with earlier films."""

from __future__ import annotations

import re
from collections.abc import Iterator

from xray.report.grounding.positions import names_patient_side

READ = (  # what a reader does with a report: no advice on a patient
    r"(?:keep|note|remember|bear|conclude|read|infer|interpret|mistake|confuse)|"
    r"be\s(?:kept|noted|remembered|borne|concluded|read|inferred|interpreted|mistaken|confused|understood|"
    r"regarded|taken|used)"
)
ADVICE = re.compile(
    r"\b(?:treat(?!ed\sas\b)\w*|therap\w*|recommend\w*|advi[sc]e\w*|prescri\w*|antibiotic\w*|biops\w*|"
    r"surger\w*|"
    rf"(?:should|must)(?!\s(?:not\s)?(?:(?:also|always|only|never)\s)?(?:{READ}))|"
    r"further\s(?:test|imaging|work-?up|examination|investigation)\w*|"
    r"suffer\w*|patient\s(?:has|had)|follow-up|urgent\w*|refer\w*(?!\s(?:only\s)?to\s(?:the\simage|"
    r"(?:the\s)?sides))|hospital\w*)\b",
    re.IGNORECASE,
)
LOCATES = re.compile(
    r"(?<!not )\b(?:show|tell|indicate|reveal)s?\swhere\s(?:a|the|any)\s"
    r"(?:disease|finding|lesion|abnormality)\b",
    re.IGNORECASE,
)
HISTORY = re.compile(
    r"\bcompared\s(?:with|to)\s(?:the\s|an?\s)?(?:earlier|prior|previous|former|last)\b|\bno\schange\b|"
    r"\bsince\sthe\slast\b",
    re.IGNORECASE,
)


def forbidden(text: str, allowed: str) -> Iterator[str]:
    """Flags for what no report may contain.

    Args:
        text: A sentence without names of findings, which may contain a side.
        allowed: Text of the cited facts, whose own words are no advice.
    """
    if names_patient_side(text):
        yield "It names a side of the patient; the facts give sides of the image only."
    if (found := ADVICE.search(text)) and not re.search(rf"\b{re.escape(found.group())}\b", allowed, re.I):
        yield "It gives advice or makes a diagnosis; the model does neither."
    if LOCATES.search(text):
        yield "A map shows where the model looked, not where a disease is."
    if HISTORY.search(text):
        yield "It compares with earlier films, which are not known."
